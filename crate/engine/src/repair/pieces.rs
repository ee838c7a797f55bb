//! Which block counts for which keys, when it is not sure that all that sled says is true.
//!
//! Blocks stay in their files after others have replaced them, in the same or in other bounds. So of each key the block
//! counts that the last checkpoint wrote, of those of one checkpoint the last in its file; and what sled's sound pages
//! lead to counts before anything else.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::block::{stored_hash, stored_header};
use crate::key;
use crate::order::sort_sometimes;

/// Where the bytes of a block are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// In the file that holds entries.
    Entries(Range<usize>),
    /// In a block file.
    File(u64, Range<usize>),
    /// In one of the two, with one wrong bit, which is set right here.
    Mended(Vec<u8>),
}

/// A sound block.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub key: Vec<u8>,
    pub at: At,
    low: Vec<u8>,
    checkpoint: u64,
    /// Its place in the order of writes of one checkpoint.
    written: (u64, usize),
    hash: u64,
    /// Whether sled says that it counts, and nothing may have replaced it.
    pub is_trusted: bool,
}

impl Candidate {
    /// A block that agrees with its checksum.
    pub fn new(key: &[u8], stored: &[u8], at: At, written: (u64, usize), is_trusted: bool) -> Option<Self> {
        let header = stored_header(key, stored).ok()?;
        let (low, checkpoint) = (header.block.low.to_vec(), header.block.checkpoint);
        let hash = stored_hash(key, stored).ok()?;
        Some(Self { key: key.to_vec(), at, low, checkpoint, written, hash, is_trusted })
    }

    fn fence(&self) -> Option<&[u8]> {
        key::split_block_key(&self.key).and_then(|(_, _, fence)| fence)
    }
}

/// A block as far as it counts: from a key on, up to its exclusive end.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub key: Vec<u8>,
    pub at: At,
    pub high: Option<Vec<u8>>,
    pub may_be_old: bool,
}

/// All of a store, by space, namespace and low key; none overlap.
#[derive(Default)]
pub(super) struct Pieces {
    pub by_low: BTreeMap<(u8, u32, Vec<u8>), Piece>,
    /// Sum of the checksums of the blocks that count.
    pub hash: u64,
}

impl Pieces {
    /// Lays the candidates over the keys. Without `trusts` sled's word is worth no more than a block that is found.
    pub fn lay(candidates: &[Candidate], trusts: bool) -> Self {
        let mut pieces = Self::default();
        let is_first = |candidate: &&Candidate| candidate.is_trusted && trusts;
        let mut first: Vec<_> = candidates.iter().filter(is_first).collect();
        sort_sometimes(&mut first, |a, b| a.key.cmp(&b.key));
        for candidate in first {
            pieces.add(candidate, false);
            // E14: of a split that was cut off the right part may be covered whole, and is a block all the same.
            pieces.hash = pieces.hash.wrapping_add(candidate.hash);
        }
        let mut others: Vec<_> = candidates.iter().filter(|candidate| !is_first(candidate)).collect();
        sort_sometimes(&mut others, |a, b| (b.checkpoint, b.written).cmp(&(a.checkpoint, a.written)));
        for candidate in others {
            if pieces.add(candidate, true) {
                pieces.hash = pieces.hash.wrapping_add(candidate.hash);
            }
        }
        pieces
    }

    /// Adds a block where none is yet; whether there is any such place.
    fn add(&mut self, candidate: &Candidate, may_be_old: bool) -> bool {
        let Some((space, namespace, _)) = key::split_block_key(&candidate.key) else { return false };
        let gaps = self.gaps(space, namespace, &candidate.low, candidate.fence());
        let is_added = !gaps.is_empty();
        for (low, high) in gaps {
            let piece = Piece { key: candidate.key.clone(), at: candidate.at.clone(), high, may_be_old };
            self.by_low.insert((space, namespace, low), piece);
        }
        is_added
    }

    /// Stretches of keys without a block.
    fn gaps(&self, space: u8, namespace: u32, low: &[u8], fence: Option<&[u8]>) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let mut from = low.to_vec();
        let start = (space, namespace, Vec::new());
        if let Some((_, before)) = self.by_low.range(start..=(space, namespace, low.to_vec())).next_back() {
            match &before.high {
                Some(high) => from = from.max(high.clone()),
                None => return Vec::new(),
            }
        }
        let mut gaps = Vec::new();
        let is_below = |key: &[u8]| fence.is_none_or(|fence| key < fence);
        for ((of_space, of, next), piece) in self.by_low.range((space, namespace, from.clone())..) {
            if (*of_space, *of) != (space, namespace) || !is_below(next) {
                break;
            }
            if from < *next {
                gaps.push((from, Some(next.clone())));
            }
            match &piece.high {
                Some(high) => from = high.clone(),
                None => return gaps,
            }
        }
        if is_below(&from) {
            gaps.push((from, fence.map(<[u8]>::to_vec)));
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(low: &str, fence: &str, checkpoint: u64, is_trusted: bool) -> Candidate {
        let fence = Some(fence.as_bytes()).filter(|fence| !fence.is_empty());
        Candidate {
            key: key::block_key(key::SPACE_BASE, 7, fence),
            at: At::File(checkpoint, 0..1),
            low: low.as_bytes().to_vec(),
            checkpoint,
            written: (0, 0),
            hash: 1 << checkpoint,
            is_trusted,
        }
    }

    fn laid(candidates: &[Candidate], trusts: bool) -> (Vec<(String, String, u64)>, u64) {
        let pieces = Pieces::lay(candidates, trusts);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let number = |piece: &Piece| match piece.at {
            At::File(number, _) => number,
            _ => 0,
        };
        let of = |((_, _, low), piece): (&(u8, u32, Vec<u8>), &Piece)| {
            (text(low), text(piece.high.as_deref().unwrap_or_default()), number(piece))
        };
        (pieces.by_low.iter().map(of).collect(), pieces.hash)
    }

    fn piece(low: &str, high: &str, number: u64) -> (String, String, u64) {
        (low.into(), high.into(), number)
    }

    #[test]
    fn the_newest_counts() {
        // Two were merged into one, which then was split elsewhere.
        let blocks =
            [block("", "g", 1, false), block("g", "", 2, false), block("", "", 3, false), block("", "c", 4, false)];
        assert_eq!(laid(&blocks, true), (vec![piece("", "c", 4), piece("c", "", 3)], (1 << 3) + (1 << 4)));
    }

    #[test]
    fn an_old_one_shows_where_newer_ones_are_lost() {
        let blocks = [block("", "", 1, false), block("c", "g", 5, false), block("m", "p", 4, false)];
        let right =
            vec![piece("", "c", 1), piece("c", "g", 5), piece("g", "m", 1), piece("m", "p", 4), piece("p", "", 1)];
        assert_eq!(laid(&blocks, true).0, right);
    }

    #[test]
    fn what_sled_says_counts_first() {
        let blocks = [block("", "g", 2, true), block("e", "", 9, false)];
        assert_eq!(laid(&blocks, true).0, [piece("", "g", 2), piece("g", "", 9)]);
        assert_eq!(laid(&blocks, false).0, [piece("", "e", 2), piece("e", "", 9)]);
    }
}
