//! Pages: runs of rows copied out under one short hold of the lock, and the walks that fill them.

use std::ops::Bound;

use super::tree::Cursor;
use super::{MemRow, Memtable, RowKind, State};

/// Entries examined before the lock is offered to a waiting writer.
const EXAMINED_MAX: usize = 1_024;
/// Versions of one key stepped over before the tree is searched instead.
const STEPS_MAX: usize = 6;

/// Where a page ends; the first row is always taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageLimits {
    /// Most rows.
    pub(crate) rows: usize,
    /// No row is added once keys and values sum to so many bytes.
    pub(crate) bytes: usize,
}

struct RowPlace {
    offset: usize,
    key_bytes: u32,
    value_bytes: u32,
    seq: u64,
    expires_at: Option<u64>,
    kind: RowKind,
}

/// Rows copied out of a memtable; used again page after page, so that a scan does not allocate a row.
#[derive(Default)]
pub(crate) struct MemPage {
    bytes: Vec<u8>,
    rows: Vec<RowPlace>,
    more: bool,
}

impl MemPage {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether rows of the asked range follow behind the last one.
    pub(crate) fn more(&self) -> bool {
        self.more
    }

    /// A row by its position in the order of the walk; panics when `index` is not below `len()`.
    pub(crate) fn row(&self, index: usize) -> MemRow<'_> {
        let RowPlace { offset, key_bytes, value_bytes, seq, expires_at, kind } = self.rows[index];
        let middle = offset + key_bytes as usize;
        let key = &self.bytes[offset..middle];
        MemRow { key, seq, kind, expires_at, value: &self.bytes[middle..middle + value_bytes as usize] }
    }

    /// The rows in the order of the walk.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = MemRow<'_>> {
        (0..self.len()).map(|index| self.row(index))
    }

    /// Bytes held.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes.capacity() + self.rows.capacity() * size_of::<RowPlace>()
    }

    /// Empties the page and keeps its buffers.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
        self.more = false;
    }

    /// Adds the row, or notes that it follows when the page is full.
    pub(crate) fn take(&mut self, row: &MemRow<'_>, limits: PageLimits) -> bool {
        if !self.rows.is_empty() && (self.rows.len() >= limits.rows || self.bytes.len() >= limits.bytes) {
            self.more = true;
            return false;
        }
        let offset = self.bytes.len();
        self.bytes.extend_from_slice(row.key);
        self.bytes.extend_from_slice(row.value);
        self.rows.push(RowPlace {
            offset,
            key_bytes: row.key.len() as u32,
            value_bytes: row.value.len() as u32,
            seq: row.seq,
            expires_at: row.expires_at,
            kind: row.kind,
        });
        true
    }
}

impl Memtable {
    /// Fills `out` with the newest version of at most `at` of every key between `from` (low) and `to` (high), keys
    /// ascending, or descending with `reverse`. Tombstones are rows of it; range tombstones are not applied. To go
    /// on, ask again with the last key as the excluded bound.
    pub(crate) fn page(
        &self,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
        reverse: bool,
        at: u64,
        limits: PageLimits,
        out: &mut MemPage,
    ) {
        out.clear();
        let mut state = self.state.read();
        let mut next = if reverse { state.last_below(to) } else { state.first_above(from) };
        let mut examined = 0;
        while let Some(mut cursor) = next {
            examined += 1;
            if examined % EXAMINED_MAX == 0 {
                // Rows at `at` and below are complete, so what a writer adds meanwhile is not for this page.
                let record = state.tree.record(cursor);
                parking_lot::RwLockReadGuard::bump(&mut state);
                cursor = state.find_again(record);
            }
            let row = state.row(cursor);
            let inside = if reverse { is_above(row.key, from) } else { is_below(row.key, to) };
            if !inside {
                return;
            }
            let (visible, following) = if reverse { state.visible_back(cursor, at) } else { state.visible(cursor, at) };
            if let Some(visible) = visible
                && !out.take(&state.row(visible), limits)
            {
                return;
            }
            next = following;
        }
    }

    /// Fills `out` with every version of every key, in the order (key ascending, seq descending), beginning at or
    /// behind a `(key, seq)`: `Included((key, u64::MAX))` is the newest version of the key.
    pub(crate) fn page_versions(
        &self,
        from: Bound<(&[u8], u64)>,
        to: Bound<&[u8]>,
        limits: PageLimits,
        out: &mut MemPage,
    ) {
        out.clear();
        let state = self.state.read();
        let mut next = match from {
            Bound::Included((key, seq)) => state.tree.seek(key, seq, false, &state.arena),
            Bound::Excluded((key, seq)) => state.tree.seek(key, seq, true, &state.arena),
            Bound::Unbounded => state.tree.first(),
        };
        while let Some(cursor) = next {
            let row = state.row(cursor);
            if !is_below(row.key, to) || !out.take(&row, limits) {
                return;
            }
            next = state.tree.next(cursor);
        }
    }
}

impl State {
    fn row(&self, cursor: Cursor) -> MemRow<'_> {
        self.arena.row(self.tree.record(cursor))
    }

    fn key(&self, cursor: Cursor) -> &[u8] {
        self.arena.key_and_seq(self.tree.record(cursor)).0
    }

    fn find_again(&self, record: super::arena::RecordId) -> Cursor {
        let (key, seq) = self.arena.key_and_seq(record);
        self.tree.seek(key, seq, false, &self.arena).expect("entries are never removed")
    }

    /// The first entry of the range that begins at `from`.
    pub(super) fn first_above(&self, from: Bound<&[u8]>) -> Option<Cursor> {
        match from {
            Bound::Included(key) => self.tree.seek(key, u64::MAX, false, &self.arena),
            Bound::Excluded(key) => self.tree.seek(key, 0, true, &self.arena),
            Bound::Unbounded => self.tree.first(),
        }
    }

    /// The last entry of the range that ends at `to`.
    fn last_below(&self, to: Bound<&[u8]>) -> Option<Cursor> {
        let end = match to {
            Bound::Included(key) => self.tree.seek(key, 0, true, &self.arena),
            Bound::Excluded(key) => self.tree.seek(key, u64::MAX, false, &self.arena),
            Bound::Unbounded => None,
        };
        match end {
            Some(end) => self.tree.previous(end),
            None => self.tree.last(),
        }
    }

    /// From the newest version of a key: the version visible at `at`, and the newest version of the next key.
    fn visible(&self, cursor: Cursor, at: u64) -> (Option<Cursor>, Option<Cursor>) {
        let (key, seq) = self.arena.key_and_seq(self.tree.record(cursor));
        let mut visible = (seq <= at).then_some(cursor);
        let mut last = cursor;
        for _ in 0..STEPS_MAX {
            let Some(next) = self.tree.next(last) else { return (visible, None) };
            let (next_key, next_seq) = self.arena.key_and_seq(self.tree.record(next));
            if next_key != key {
                return (visible, Some(next));
            }
            if visible.is_none() && next_seq <= at {
                visible = Some(next);
            }
            last = next;
        }
        (visible.or_else(|| self.seek_version(key, at)), self.tree.seek(key, 0, true, &self.arena))
    }

    /// From the oldest version of a key: the version visible at `at`, and the oldest version of the key in front.
    fn visible_back(&self, cursor: Cursor, at: u64) -> (Option<Cursor>, Option<Cursor>) {
        let (key, seq) = self.arena.key_and_seq(self.tree.record(cursor));
        let mut visible = (seq <= at).then_some(cursor);
        let mut first = cursor;
        for _ in 0..STEPS_MAX {
            let Some(previous) = self.tree.previous(first) else { return (visible, None) };
            let (previous_key, previous_seq) = self.arena.key_and_seq(self.tree.record(previous));
            if previous_key != key {
                return (visible, Some(previous));
            }
            if previous_seq <= at {
                visible = Some(previous);
            }
            first = previous;
        }
        let newest = self.tree.seek(key, u64::MAX, false, &self.arena);
        (self.seek_version(key, at), newest.and_then(|newest| self.tree.previous(newest)))
    }

    fn seek_version(&self, key: &[u8], at: u64) -> Option<Cursor> {
        let cursor = self.tree.seek(key, at, false, &self.arena)?;
        (self.key(cursor) == key).then_some(cursor)
    }
}

fn is_above(key: &[u8], from: Bound<&[u8]>) -> bool {
    match from {
        Bound::Included(low) => key >= low,
        Bound::Excluded(low) => key > low,
        Bound::Unbounded => true,
    }
}

pub(super) fn is_below(key: &[u8], to: Bound<&[u8]>) -> bool {
    match to {
        Bound::Included(high) => key <= high,
        Bound::Excluded(high) => key < high,
        Bound::Unbounded => true,
    }
}
