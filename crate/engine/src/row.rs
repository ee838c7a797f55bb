//! A row as memtables and blocks hold it.

use crate::snapshot::Lifetime;

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum RowKind {
    /// A value.
    Value = 0,
    /// The manifest of a large value: where its chunks are.
    Manifest = 1,
    /// A removed key; in memtables only.
    Tombstone = 2,
}

impl RowKind {
    /// The kind stored as `byte`; what no kind is stored as reads as a tombstone.
    pub fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::Value,
            1 => Self::Manifest,
            _ => Self::Tombstone,
        }
    }
}

/// A borrowed row with its whole key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub key: &'a [u8],
    /// E7: every row carries the seq of its commit.
    pub seq: u64,
    pub kind: RowKind,
    /// E28: milliseconds since the epoch from which it counts as absent.
    pub expires_at: Option<u64>,
    /// E8: the seq that ended this version; history only.
    pub end_seq: Option<u64>,
    pub value: &'a [u8],
}

impl Row<'_> {
    /// Bytes of key and value.
    pub fn size(&self) -> usize {
        self.key.len() + self.value.len()
    }

    /// From when it can be seen.
    pub fn lifetime(&self) -> Lifetime {
        Lifetime { seq: self.seq, kind: self.kind, expires_at: self.expires_at }
    }
}

impl<'a> crate::block::RowRef<'a> {
    /// The row with its key in one piece.
    pub fn with_key(self, key: &'a [u8]) -> Row<'a> {
        let (seq, kind, expires_at, end_seq) = (self.seq, self.kind, self.expires_at, self.end_seq);
        Row { key, seq, kind, expires_at, end_seq, value: self.value }
    }

    /// From when it can be seen.
    pub fn lifetime(&self) -> Lifetime {
        Lifetime { seq: self.seq, kind: self.kind, expires_at: self.expires_at }
    }
}

impl<'a> crate::memtable::MemRow<'a> {
    /// The row as other places take it; its key is an internal key.
    pub fn as_row(self) -> Row<'a> {
        let (seq, kind, expires_at) = (self.seq, self.kind, self.expires_at);
        Row { key: self.key, seq, kind, expires_at, end_seq: None, value: self.value }
    }
}
