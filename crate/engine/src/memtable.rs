//! The memtable: a multi-version ordered map of what is journaled and not yet in blocks.
//!
//! Rows lie in an append-only arena; a B+-tree orders them by internal key ascending, then seq descending; range
//! tombstones stand beside it. One writer at a time and many readers share a lock that is held for one row, or for
//! one page. Callbacks run under it and must not call into the same memtable.

mod arena;
mod keys;
mod page;
mod ranges;
#[cfg(test)]
mod tests;
mod tree;

use parking_lot::RwLock;

use crate::error::Result;
pub(crate) use crate::row::RowKind;
use arena::Arena;
pub(crate) use page::{MemPage, PageLimits};
pub(crate) use ranges::RangeTombstone;
use ranges::Ranges;
use tree::Tree;

/// One version of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemRow<'a> {
    /// Internal key: space, namespace, key.
    pub(crate) key: &'a [u8],
    /// The commit that wrote it.
    pub(crate) seq: u64,
    /// What `value` is.
    pub(crate) kind: RowKind,
    /// Milliseconds since the epoch from which the row counts as absent; the memtable itself does not look at it.
    pub(crate) expires_at: Option<u64>,
    /// Empty for a tombstone.
    pub(crate) value: &'a [u8],
}

/// What a memtable knows of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A value or a manifest.
    Row(MemRow<'a>),
    /// A tombstone or a range tombstone is the newest: older places need not be asked.
    Deleted {
        /// The commit that deleted the key.
        seq: u64,
    },
    /// Nothing: ask older places.
    Absent,
}

/// A multi-version ordered map with one writer at a time and many readers.
///
/// - E6: what was inserted with a seq of at most `at` is what a read at `at` sees; nothing is removed or changed,
///   but for a row written twice in one commit, where the last wins.
/// - E7: precedence is by seq alone. A row and a range tombstone of one commit: the row wins, so a commit that
///   clears a range after it put a key in it must leave that put out.
/// - Seqs never descend from one insert to the next (E2), which `changed_since` relies on.
/// - E17: [`Memtable::bytes`] is everything held.
pub(crate) struct Memtable {
    state: RwLock<State>,
}

struct State {
    arena: Arena,
    tree: Tree,
    ranges: Ranges,
    /// Lowest and highest seq of rows and range tombstones.
    seqs: Option<(u64, u64)>,
}

impl State {
    fn note_seq(&mut self, seq: u64) {
        let (low, high) = self.seqs.unwrap_or((seq, seq));
        debug_assert!(high <= seq, "commits are inserted in order");
        self.seqs = Some((low.min(seq), high.max(seq)));
    }

    /// The newest version of at most `at`, tombstones too.
    fn version(&self, key: &[u8], at: u64) -> Option<MemRow<'_>> {
        self.tree.newest(key, at, &self.arena).map(|record| self.arena.row(record))
    }

    fn covering(&self, key: &[u8], at: u64) -> Option<u64> {
        if self.ranges.is_empty() { None } else { self.ranges.covering(key, at) }
    }

    /// The first group of the append order that may hold rows newer than `since`.
    fn first_group_since(&self, since: u64) -> usize {
        let (mut low, mut high) = (0, self.arena.groups());
        while low < high {
            let middle = (low + high) / 2;
            if self.arena.group_seq(middle) <= since { low = middle + 1 } else { high = middle }
        }
        low.saturating_sub(1)
    }
}

impl Memtable {
    /// An empty memtable that will take about so many bytes; it may take more.
    pub(crate) fn new(capacity_hint: usize) -> Self {
        let state =
            State { arena: Arena::new(capacity_hint), tree: Tree::new(), ranges: Ranges::default(), seqs: None };
        Self { state: RwLock::new(state) }
    }

    /// Adds a version, or replaces the version of the same key and seq. Fails, changing nothing, with
    /// `KEY_TOO_LARGE` above 65,535 bytes, `VALUE_TOO_LARGE` from 4 GiB on, and `TOO_LARGE` when 65,536 chunks are
    /// full, at about 4 GiB or later.
    pub(crate) fn insert(
        &self,
        key: &[u8],
        seq: u64,
        kind: RowKind,
        expires_at: Option<u64>,
        value: &[u8],
    ) -> Result<()> {
        let mut state = self.state.write();
        let State { arena, tree, .. } = &mut *state;
        let record = arena.append(&MemRow { key, seq, kind, expires_at, value })?;
        tree.insert(record, key, seq, arena);
        state.note_seq(seq);
        Ok(())
    }

    /// Deletes every key in `[start, end)`; an empty range is nothing.
    pub(crate) fn insert_range_tombstone(&self, start: &[u8], end: &[u8], seq: u64) {
        if start >= end {
            return;
        }
        let mut state = self.state.write();
        state.ranges.push(start, end, seq);
        state.note_seq(seq);
    }

    /// Hands what a read at `at` sees of the key to `f`, with the value in place.
    pub(crate) fn get<R>(&self, key: &[u8], at: u64, f: impl FnOnce(Found<'_>) -> R) -> R {
        let state = self.state.read();
        let found = match (state.version(key, at), state.covering(key, at)) {
            (Some(row), Some(seq)) if seq > row.seq => Found::Deleted { seq },
            (Some(MemRow { kind: RowKind::Tombstone, seq, .. }), _) => Found::Deleted { seq },
            (Some(row), _) => Found::Row(row),
            (None, Some(seq)) => Found::Deleted { seq },
            (None, None) => Found::Absent,
        };
        f(found)
    }

    /// Seq of the last change to the key, by whatever kind of row or range tombstone.
    pub(crate) fn newest_seq(&self, key: &[u8]) -> Option<u64> {
        let state = self.state.read();
        let row = state.version(key, u64::MAX).map(|row| row.seq);
        row.max(state.covering(key, u64::MAX))
    }

    /// Whether any change newer than `since` touches `[start, end)`. Costs the rows in the range or the rows since,
    /// whichever are fewer.
    pub(crate) fn changed_in_range(&self, start: &[u8], end: &[u8], since: u64) -> bool {
        let state = self.state.read();
        if start >= end || state.seqs.is_none_or(|(_, high)| high <= since) {
            return false;
        }
        if state.ranges.newer_than(since).any(|range| *range.start < *end && *start < *range.end) {
            return true;
        }
        let groups = state.first_group_since(since)..state.arena.groups();
        let mut next = state.first_above(std::ops::Bound::Included(start));
        for _ in 0..groups.len() * arena::GROUP_ROWS_MAX {
            let Some(cursor) = next else { return false };
            let (key, seq) = state.arena.key_and_seq(state.tree.record(cursor));
            if key >= end {
                return false;
            }
            if seq > since {
                return true;
            }
            next = state.tree.next(cursor);
        }
        groups
            .rev()
            .flat_map(|group| state.arena.group_newest_first(group))
            .take_while(|(_, seq)| *seq > since)
            .any(|(key, _)| start <= key && key < end)
    }

    /// Visits the internal keys of the rows newer than `since`, newest first, then the range tombstones newer than
    /// `since`, newest first, until a callback returns `false`; returns whether none did. A key comes once for each
    /// of its changes. Rows inserted meanwhile may be left out.
    pub(crate) fn changed_since(
        &self,
        since: u64,
        row: &mut dyn FnMut(&[u8]) -> bool,
        range: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> bool {
        let mut state = self.state.read();
        for group in (state.first_group_since(since)..state.arena.groups()).rev() {
            for (key, seq) in state.arena.group_newest_first(group) {
                if seq > since && !row(key) {
                    return false;
                }
            }
            parking_lot::RwLockReadGuard::bump(&mut state);
        }
        state.ranges.newer_than(since).all(|tombstone| range(&tombstone.start, &tombstone.end))
    }

    /// Every range tombstone, in commit order.
    pub(crate) fn range_tombstones(&self) -> Vec<RangeTombstone> {
        self.state.read().ranges.all().to_vec()
    }

    /// Whether any range was cleared.
    pub(crate) fn has_range_tombstones(&self) -> bool {
        !self.state.read().ranges.is_empty()
    }

    /// The newest range tombstone of at most `at` that covers the key.
    pub(crate) fn range_tombstone_over(&self, key: &[u8], at: u64) -> Option<u64> {
        self.state.read().covering(key, at)
    }

    /// Number of rows, every version counted; range tombstones are not.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.state.read().tree.rows()
    }

    /// Whether there is neither a row nor a range tombstone.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.read().seqs.is_none()
    }

    /// Bytes held: arena, tree, append order and range tombstones, with their slack.
    pub(crate) fn bytes(&self) -> usize {
        let state = self.state.read();
        size_of::<Self>() + state.arena.bytes() + state.tree.bytes() + state.ranges.bytes()
    }

    /// Highest seq inserted.
    pub(crate) fn max_seq(&self) -> Option<u64> {
        self.state.read().seqs.map(|(_, high)| high)
    }

    /// Lowest seq inserted.
    #[cfg(test)]
    pub(crate) fn min_seq(&self) -> Option<u64> {
        self.state.read().seqs.map(|(low, _)| low)
    }

    /// Checks the tree against its records.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        let state = self.state.read();
        state.tree.check(&state.arena);
    }
}
