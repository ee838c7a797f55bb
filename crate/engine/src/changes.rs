//! What a drained memtable changed, as far as open transactions are validated against it: keys without values (E5).

use crate::key;
use crate::memtable::{Memtable, RangeTombstone};
use crate::merge::Versions;
use crate::store::Seq;

/// Keys with the seq of their newest change, ascending, and cleared ranges. Without the values a full memtable always
/// fits where one memtable may be kept.
pub(crate) struct Changes {
    /// Internal keys in a row.
    keys: Vec<u8>,
    rows: Vec<ChangedRow>,
    cleared: Vec<RangeTombstone>,
    newest: Seq,
    bytes: usize,
}

struct ChangedRow {
    /// Where its key ends in `keys`; it starts where the one before it ends.
    end: u32,
    seq: Seq,
}

impl Changes {
    /// Everything a transaction could have read: neither chunks nor the catalogue, which the engine alone reads.
    /// `None` when that takes more than `bytes_max`.
    pub fn of(memtable: &Memtable, bytes_max: usize) -> Option<Self> {
        let mut changes = Self { keys: Vec::new(), rows: Vec::new(), cleared: Vec::new(), newest: 0, bytes: 0 };
        let mut from = Vec::new();
        key::push_internal_key(&mut from, key::SPACE_BASE, 1, &[]);
        let mut versions = Versions::from(memtable, key::SPACE_BASE, &from);
        while let Some(row) = versions.peek() {
            // The newest version comes first.
            if changes.rows.is_empty() || changes.key(changes.rows.len() - 1) != row.key {
                changes.keys.extend_from_slice(row.key);
                let end = u32::try_from(changes.keys.len()).ok()?;
                changes.rows.push(ChangedRow { end, seq: row.seq });
                changes.newest = changes.newest.max(row.seq);
            }
            if changes.keys.capacity() + changes.rows.capacity() * size_of::<ChangedRow>() > 2 * bytes_max {
                return None;
            }
            versions.advance();
        }
        changes.cleared = memtable.range_tombstones();
        changes.cleared.retain(|range| *range.start >= *from && range.start.first() == Some(&key::SPACE_BASE));
        changes.newest = changes.cleared.iter().map(|range| range.seq).fold(changes.newest, Seq::max);
        changes.keys.shrink_to_fit();
        changes.rows.shrink_to_fit();
        changes.cleared.shrink_to_fit();
        changes.bytes = changes.count_bytes();
        (changes.bytes <= bytes_max).then_some(changes)
    }

    fn count_bytes(&self) -> usize {
        let ranges: usize = self.cleared.iter().map(|range| range.start.len() + range.end.len() + 32).sum();
        size_of::<Self>()
            + self.keys.capacity()
            + self.rows.capacity() * size_of::<ChangedRow>()
            + self.cleared.capacity() * size_of::<RangeTombstone>()
            + ranges
    }

    /// Seq of the newest change; 0 when there is none.
    pub fn newest(&self) -> Seq {
        self.newest
    }

    /// Bytes held (E17).
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn key(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.rows[index - 1].end as usize };
        &self.keys[start..self.rows[index].end as usize]
    }

    /// The first row at or above `key`.
    fn position(&self, key: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.rows.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.key(middle) < key { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Whether the key was changed after `since`, by whatever kind of row or cleared range.
    pub fn changed_key(&self, key: &[u8], since: Seq) -> bool {
        let index = self.position(key);
        let row = index < self.rows.len() && self.key(index) == key && self.rows[index].seq > since;
        row || self.cleared.iter().any(|range| range.seq > since && range.covers(key))
    }

    /// Whether anything in `[start, end)` was changed after `since`.
    pub fn changed_in_range(&self, start: &[u8], end: &[u8], since: Seq) -> bool {
        let rows = self.position(start)..self.position(end);
        let overlaps = |range: &RangeTombstone| *range.start < *end && *start < *range.end;
        start < end
            && (self.rows.get(rows).is_some_and(|rows| rows.iter().any(|row| row.seq > since))
                || self.cleared.iter().any(|range| range.seq > since && overlaps(range)))
    }
}
