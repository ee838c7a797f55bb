//! A page's body: what it covers, and where its entries lie.

use std::ops::Range;

use super::varint;

/// A leaf, as far as it can be read. All ranges are of the bytes it was parsed from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Inclusive lower bound of its keys.
    pub low: Vec<u8>,
    /// Exclusive upper bound; empty for the last leaf.
    pub high: Vec<u8>,
    pub prefix_bytes: usize,
    /// Whole keys.
    pub keys: Vec<Vec<u8>>,
    /// As many as could be read.
    pub values: Vec<Range<usize>>,
    /// Where the values begin.
    pub values_from: usize,
}

impl Leaf {
    /// Whether a key lies within its bounds.
    pub fn may_have(&self, key: &[u8]) -> bool {
        key >= self.low.as_slice() && (self.high.is_empty() || key < self.high.as_slice())
    }
}

/// What a message that holds a whole page says.
pub(crate) enum Node {
    Leaf(Leaf),
    /// It leads to other pages.
    Index,
}

/// What a link does to its page's entries; its key lacks the page's prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Set {
        key: Range<usize>,
        value: Range<usize>,
    },
    Remove {
        key: Range<usize>,
    },
    /// Of the page's place among others.
    None,
}

/// Keys of one leaf; sled splits far below, and a damaged number must not make many.
const KEYS_MAX: usize = 4_096;

fn take(body: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let length = usize::try_from(varint(body, at)?).ok()?;
    let range = *at..at.checked_add(length)?;
    (range.end <= body.len()).then_some(())?;
    *at = range.end;
    Some(range)
}

impl Node {
    /// Reads a body; of a leaf whose values cannot all be read, those up to the first that cannot.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut at = 0;
        varint(body, &mut at)?; // the next page
        varint(body, &mut at)?; // a page that is being merged into this one
        let (merging, prefix_bytes) = (*body.get(at)?, usize::from(*body.get(at + 1)?));
        at += 2;
        let (low, high) = (take(body, &mut at)?, take(body, &mut at)?);
        let kind = *body.get(at)?;
        at += 1;
        if merging > 1 || kind > 1 || prefix_bytes > low.len() {
            return None;
        }
        if kind == 1 {
            return Some(Self::Index);
        }
        let (low, high) = (body[low].to_vec(), body[high].to_vec());
        let count = usize::try_from(varint(body, &mut at)?).ok().filter(|&count| count <= KEYS_MAX)?;
        let mut keys = Vec::with_capacity(count);
        for _ in 0..count {
            let suffix = take(body, &mut at)?;
            keys.push([&low[..prefix_bytes], &body[suffix]].concat());
        }
        let values_from = at;
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            let Some(value) = take(body, &mut at) else { break };
            values.push(value);
        }
        Some(Self::Leaf(Leaf { low, high, prefix_bytes, keys, values, values_from }))
    }
}

impl Change {
    /// Reads a link's body.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut at = 1;
        let change = match body.first()? {
            0 => Self::Set { key: take(body, &mut at)?, value: take(body, &mut at)? },
            1 => Self::Remove { key: take(body, &mut at)? },
            2..=4 => return Some(Self::None),
            _ => return None,
        };
        (at == body.len()).then_some(change)
    }
}

/// The length-prefixed value that begins at `at`, if there may be one.
pub(crate) fn value_at(body: &[u8], mut at: usize) -> Option<Range<usize>> {
    take(body, &mut at)
}
