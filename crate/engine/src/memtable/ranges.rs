//! Range tombstones: which of them covers a key, and how new it is.

use std::ops::Range;
use std::sync::Arc;

/// Newest tombstones that are looked through one by one, before they are indexed.
const TAIL_MAX: usize = 16;
/// The two counts in front of an `Arc`'s bytes.
const ARC_BYTES: usize = 2 * size_of::<usize>();

/// Every key in `[start, end)` is deleted for readers at `seq` and later, unless a row is as new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RangeTombstone {
    /// Inclusive.
    pub(crate) start: Arc<[u8]>,
    /// Exclusive.
    pub(crate) end: Arc<[u8]>,
    /// The commit that cleared the range.
    pub(crate) seq: u64,
}

impl RangeTombstone {
    /// Whether the key lies in the range.
    pub(crate) fn covers(&self, key: &[u8]) -> bool {
        *self.start <= *key && *key < *self.end
    }
}

/// All tombstones in commit order. The newest few are searched one by one; the others stand in segment trees over
/// runs of 16, 32, 64 …, merged as a binary counter carries, so n tombstones cost O(n log² n) to add, O(log² n)
/// to ask and O(n log n) bytes, however they overlap.
#[derive(Default)]
pub(super) struct Ranges {
    all: Vec<RangeTombstone>,
    /// Adjacent runs of `all` from its start, each longer than the next.
    runs: Vec<Run>,
    key_bytes: usize,
}

impl Ranges {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// In commit order.
    pub(super) fn all(&self) -> &[RangeTombstone] {
        &self.all
    }

    /// Those newer than `since`, newest first.
    pub(super) fn newer_than(&self, since: u64) -> impl Iterator<Item = &RangeTombstone> {
        self.all.iter().rev().take_while(move |tombstone| tombstone.seq > since)
    }

    /// Adds a tombstone; seqs never descend.
    pub(super) fn push(&mut self, start: &[u8], end: &[u8], seq: u64) {
        debug_assert!(self.all.last().is_none_or(|last| last.seq <= seq));
        self.key_bytes += start.len() + end.len() + 2 * ARC_BYTES;
        self.all.push(RangeTombstone { start: start.into(), end: end.into(), seq });
        let indexed = self.indexed();
        if self.all.len() - indexed < TAIL_MAX {
            return;
        }
        let mut from = indexed;
        while let Some(run) = self.runs.last()
            && run.rows.len() <= self.all.len() - from
        {
            from = run.rows.start;
            self.runs.pop();
        }
        self.runs.push(Run::build(&self.all, from..self.all.len()));
    }

    fn indexed(&self) -> usize {
        self.runs.last().map_or(0, |run| run.rows.end)
    }

    /// The newest seq of at most `at` whose range covers the key.
    pub(super) fn covering(&self, key: &[u8], at: u64) -> Option<u64> {
        let tail =
            self.all[self.indexed()..].iter().rev().find(|tombstone| tombstone.seq <= at && tombstone.covers(key));
        match tail {
            Some(tombstone) => Some(tombstone.seq),
            None => self.runs.iter().rev().find_map(|run| run.covering(&self.all, key, at)),
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.key_bytes
            + self.all.capacity() * size_of::<RangeTombstone>()
            + self.runs.capacity() * size_of::<Run>()
            + self.runs.iter().map(Run::bytes).sum::<usize>()
    }
}

/// A segment tree over the intervals between the bounds of a run of tombstones.
struct Run {
    rows: Range<usize>,
    /// Distinct bounds ascending, each named by `2 × index of its tombstone + (1 if it is the end)`.
    bounds: Vec<u32>,
    /// `seqs[starts[n]..starts[n + 1]]`, ascending, cover the whole of node n.
    starts: Vec<u32>,
    seqs: Vec<u64>,
}

impl Run {
    fn build(all: &[RangeTombstone], rows: Range<usize>) -> Self {
        let mut bounds: Vec<u32> = (rows.start as u32 * 2..rows.end as u32 * 2).collect();
        bounds.sort_unstable_by_key(|name| bound(all, *name));
        bounds.dedup_by_key(|name| bound(all, *name));
        bounds.shrink_to_fit();
        let intervals = bounds.len() - 1;
        let position = |key: &[u8]| bounds.partition_point(|name| bound(all, *name) < key);
        let mut starts = vec![0u32; 2 * intervals + 1];
        for tombstone in &all[rows.clone()] {
            for_nodes(position(&tombstone.start), position(&tombstone.end), intervals, |node| starts[node + 1] += 1);
        }
        for node in 1..starts.len() {
            starts[node] += starts[node - 1];
        }
        let mut seqs = vec![0; starts[2 * intervals] as usize];
        let mut free = starts.clone();
        for tombstone in &all[rows.clone()] {
            for_nodes(position(&tombstone.start), position(&tombstone.end), intervals, |node| {
                seqs[free[node] as usize] = tombstone.seq;
                free[node] += 1;
            });
        }
        Self { rows, bounds, starts, seqs }
    }

    fn covering(&self, all: &[RangeTombstone], key: &[u8], at: u64) -> Option<u64> {
        let intervals = self.bounds.len() - 1;
        let interval = self.bounds.partition_point(|name| bound(all, *name) <= key).checked_sub(1)?;
        if interval == intervals {
            return None;
        }
        let mut newest = None;
        let mut node = interval + intervals;
        while node > 0 {
            let seqs = &self.seqs[self.starts[node] as usize..self.starts[node + 1] as usize];
            let visible = seqs.partition_point(|seq| *seq <= at);
            newest = newest.max(seqs[..visible].last().copied());
            node /= 2;
        }
        newest
    }

    fn bytes(&self) -> usize {
        (self.bounds.capacity() + self.starts.capacity()) * size_of::<u32>() + self.seqs.capacity() * size_of::<u64>()
    }
}

fn bound(all: &[RangeTombstone], name: u32) -> &[u8] {
    let tombstone = &all[name as usize / 2];
    if name.is_multiple_of(2) { &tombstone.start } else { &tombstone.end }
}

/// The nodes of a bottom-up segment tree that together cover the intervals `[from, to)`.
fn for_nodes(from: usize, to: usize, intervals: usize, mut visit: impl FnMut(usize)) {
    let (mut left, mut right) = (from + intervals, to + intervals);
    while left < right {
        if left % 2 == 1 {
            visit(left);
            left += 1;
        }
        if right % 2 == 1 {
            right -= 1;
            visit(right);
        }
        left /= 2;
        right /= 2;
    }
}
