//! The sorted keys of one tree node, searched by 4-byte heads.

use std::cmp::Ordering;

use super::arena::{Arena, RecordId};

/// Entries of a node: fewer levels, so fewer cache misses, than 64; 192 is no better. Fits a `u8`.
pub(super) const FANOUT: usize = 128;
/// Longest common prefix that a node leaves out of its heads.
const PREFIX_BYTES_MAX: usize = 32;
/// When the heads of a fresh half agree in so many bytes, they are taken again further right.
const TIGHTEN_COMMON_BYTES: u32 = 2;
const HEAD_BYTES: usize = size_of::<u32>();

/// Entries ordered by key ascending, then seq descending.
///
/// Invariants: every key begins with `prefix[..skip]`; `heads[i]` is the 4 bytes of key i that follow it, big-endian
/// and zero-padded, so heads ascend (not strictly) and only entries with equal heads need a look at the record.
/// What keys share (space, namespace, leading zeros) is thus left out however many namespaces a table holds, and
/// 4 bytes tell the entries of one node apart. Heads from `len` on are `u32::MAX`.
pub(super) struct Keys {
    len: u8,
    skip: u8,
    prefix: [u8; PREFIX_BYTES_MAX],
    heads: [u32; FANOUT],
    records: [RecordId; FANOUT],
}

/// Where a key belongs among the entries of a node.
pub(super) struct Place {
    pub(super) index: usize,
    /// The entry at `index` has the head of the sought key; where it has not, its key differs.
    pub(super) same_head: bool,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self {
            len: 0,
            skip: 0,
            prefix: [0; PREFIX_BYTES_MAX],
            heads: [u32::MAX; FANOUT],
            records: [RecordId::default(); FANOUT],
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.len() == FANOUT
    }

    #[inline]
    pub(super) fn record(&self, index: usize) -> RecordId {
        self.records[..self.len()][index]
    }

    /// Points the entry at another record of the same key and seq.
    pub(super) fn replace(&mut self, index: usize, record: RecordId) {
        self.records[index] = record;
    }

    /// The first entry not before `(key, seq)`; with `after`, the first one behind it.
    #[inline]
    pub(super) fn place(&self, key: &[u8], seq: u64, after: bool, arena: &Arena) -> Place {
        let skip = usize::from(self.skip);
        match key[..skip.min(key.len())].cmp(&self.prefix[..skip]) {
            Ordering::Less => return Place { index: 0, same_head: false },
            Ordering::Greater => return Place { index: self.len(), same_head: false },
            Ordering::Equal => {}
        }
        let head = head_of(key, skip);
        // Counting needs no branches and reads all cache lines at once, where halving would wait for one after another.
        let first = self.heads.iter().fold(0u32, |count, other| count.wrapping_add(u32::from(*other < head))) as usize;
        let run = self.heads[first..self.len()].iter().take_while(|other| **other == head).count();
        if run == 0 {
            return Place { index: first, same_head: false };
        }
        let before = self.records[first..first + run].partition_point(|record| {
            let (other_key, other_seq) = arena.key_and_seq(*record);
            match other_key[skip..].cmp(&key[skip..]) {
                Ordering::Less => true,
                Ordering::Greater => false,
                Ordering::Equal => other_seq > seq || (after && other_seq == seq),
            }
        });
        Place { index: first + before, same_head: before < run }
    }

    /// Puts an entry at the place that [`Keys::place`] named; the node must not be full.
    pub(super) fn insert(&mut self, index: usize, key: &[u8], record: RecordId) {
        debug_assert!(!self.is_full());
        let len = self.len();
        if len == 0 {
            let skip = key.len().min(PREFIX_BYTES_MAX);
            self.skip = skip as u8;
            self.prefix[..skip].copy_from_slice(&key[..skip]);
        } else {
            let common = common_prefix(key, &self.prefix[..usize::from(self.skip)]);
            if common < usize::from(self.skip) {
                self.shorten_prefix(common);
            }
        }
        self.heads.copy_within(index..len, index + 1);
        self.records.copy_within(index..len, index + 1);
        self.heads[index] = head_of(key, usize::from(self.skip));
        self.records[index] = record;
        self.len += 1;
    }

    /// Moves bytes of the prefix back into the heads; no record is read.
    fn shorten_prefix(&mut self, skip: usize) {
        let moved = usize::from(self.skip) - skip;
        let front = head_of(&self.prefix[..usize::from(self.skip)], skip);
        for head in &mut self.heads[..usize::from(self.len)] {
            *head = if moved >= HEAD_BYTES { front } else { front | *head >> (8 * moved) };
        }
        self.skip = skip as u8;
    }

    /// Splits off the entries from `at` on.
    pub(super) fn split_off(&mut self, at: usize, arena: &Arena) -> Self {
        let mut right = Self::new();
        let moved = self.len() - at;
        right.skip = self.skip;
        right.prefix = self.prefix;
        right.len = moved as u8;
        right.heads[..moved].copy_from_slice(&self.heads[at..at + moved]);
        right.records[..moved].copy_from_slice(&self.records[at..at + moved]);
        self.heads[at..].fill(u32::MAX);
        self.len = at as u8;
        self.tighten(arena);
        right.tighten(arena);
        right
    }

    /// Removes the last entry.
    pub(super) fn pop(&mut self) -> Option<RecordId> {
        self.len = self.len.checked_sub(1)?;
        self.heads[self.len()] = u32::MAX;
        Some(self.records[self.len()])
    }

    /// Lengthens the prefix where the heads tell too little apart.
    fn tighten(&mut self, arena: &Arena) {
        let len = self.len();
        if len < 2 || (self.heads[0] ^ self.heads[len - 1]).leading_zeros() < 8 * TIGHTEN_COMMON_BYTES {
            return;
        }
        let first = arena.key_and_seq(self.records[0]).0;
        let last = arena.key_and_seq(self.records[len - 1]).0;
        let skip = common_prefix(first, last).min(PREFIX_BYTES_MAX);
        if skip <= usize::from(self.skip) {
            return;
        }
        self.skip = skip as u8;
        self.prefix[..skip].copy_from_slice(&first[..skip]);
        for (head, record) in self.heads[..len].iter_mut().zip(&self.records) {
            *head = head_of(arena.key_and_seq(*record).0, skip);
        }
    }

    /// Checks order, prefix and heads against the records.
    #[cfg(test)]
    pub(super) fn check(&self, arena: &Arena) {
        let skip = usize::from(self.skip);
        for (index, record) in self.records[..self.len()].iter().enumerate() {
            let (key, seq) = arena.key_and_seq(*record);
            assert_eq!(key[..skip], self.prefix[..skip]);
            assert_eq!(self.heads[index], head_of(key, skip));
            assert!(self.heads[self.len()..].iter().all(|head| *head == u32::MAX));
            if index > 0 {
                let (left_key, left_seq) = arena.key_and_seq(self.records[index - 1]);
                assert!(left_key < key || (left_key == key && left_seq > seq));
            }
        }
    }
}

/// The 4 bytes of `key` from `skip` on, big-endian, zero-padded.
#[inline]
fn head_of(key: &[u8], skip: usize) -> u32 {
    let rest = &key[skip..];
    match rest.first_chunk() {
        Some(head) => u32::from_be_bytes(*head),
        None => {
            let mut head = [0; HEAD_BYTES];
            head[..rest.len()].copy_from_slice(rest);
            u32::from_be_bytes(head)
        }
    }
}

fn common_prefix(left: &[u8], right: &[u8]) -> usize {
    left.iter().zip(right).take_while(|(a, b)| a == b).count()
}
