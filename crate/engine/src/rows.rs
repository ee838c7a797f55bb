//! A growing, flat list of rows on their way from one place to another.

use crate::block::RowRef;
use crate::row::{Row, RowKind};

#[derive(Clone, Copy)]
struct Entry {
    key_from: usize,
    value_from: usize,
    value_to: usize,
    seq: u64,
    kind: RowKind,
    expires_at: Option<u64>,
    end_seq: Option<u64>,
}

/// Rows in ascending key order, bytes in one buffer.
#[derive(Default, Clone)]
pub(crate) struct Rows {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// What a row costs in a block besides its key and value, roughly.
pub(crate) const ROW_OVERHEAD_BYTES: usize = 6;

impl Rows {
    pub fn push(&mut self, row: &Row<'_>) {
        let key_from = self.bytes.len();
        self.bytes.extend_from_slice(row.key);
        let value_from = self.bytes.len();
        self.bytes.extend_from_slice(row.value);
        let value_to = self.bytes.len();
        let (seq, kind, expires_at, end_seq) = (row.seq, row.kind, row.expires_at, row.end_seq);
        self.entries.push(Entry { key_from, value_from, value_to, seq, kind, expires_at, end_seq });
    }

    /// Adds a row of a block, whose key is in parts.
    pub fn push_ref(&mut self, row: &RowRef<'_>) {
        let key_from = self.bytes.len();
        row.key.append_to(&mut self.bytes);
        let value_from = self.bytes.len();
        self.bytes.extend_from_slice(row.value);
        let value_to = self.bytes.len();
        let (seq, kind, expires_at, end_seq) = (row.seq, row.kind, row.expires_at, row.end_seq);
        self.entries.push(Entry { key_from, value_from, value_to, seq, kind, expires_at, end_seq });
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of the rows as a block would hold them, roughly.
    pub fn block_bytes(&self) -> usize {
        self.bytes.len() + ROW_OVERHEAD_BYTES * self.entries.len()
    }

    pub fn row(&self, index: usize) -> Row<'_> {
        let entry = &self.entries[index];
        Row {
            key: &self.bytes[entry.key_from..entry.value_from],
            value: &self.bytes[entry.value_from..entry.value_to],
            seq: entry.seq,
            kind: entry.kind,
            expires_at: entry.expires_at,
            end_seq: entry.end_seq,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|index| self.row(index))
    }

    /// Bytes of keys and values in front of a row.
    pub fn bytes_before(&self, index: usize) -> usize {
        self.entries.get(index).map_or(self.bytes.len(), |entry| entry.key_from)
    }

    /// Removes the first rows and keeps the buffers.
    pub fn remove_first(&mut self, count: usize) {
        let bytes = self.bytes_before(count);
        self.bytes.drain(..bytes);
        self.entries.drain(..count);
        for entry in &mut self.entries {
            entry.key_from -= bytes;
            entry.value_from -= bytes;
            entry.value_to -= bytes;
        }
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    /// Bytes held.
    pub fn capacity_bytes(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    /// Sorts by key; rows pushed later win over earlier ones of the same key.
    pub fn sort(&mut self) {
        let bytes = &self.bytes;
        self.entries.sort_by(|a, b| bytes[a.key_from..a.value_from].cmp(&bytes[b.key_from..b.value_from]));
        let mut kept: Vec<Entry> = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let same = kept
                .last()
                .is_some_and(|last| bytes[last.key_from..last.value_from] == bytes[entry.key_from..entry.value_from]);
            if same {
                kept.pop();
            }
            kept.push(*entry);
        }
        self.entries = kept;
    }
}
