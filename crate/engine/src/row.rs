//! A row as memtables and blocks hold it.

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum RowKind {
    /// A value.
    Value = 0,
    /// The manifest of a large value: where its chunks are.
    Manifest = 1,
    /// A removed key; in memtables only.
    Tombstone = 2,
}

/// A borrowed row with its whole key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub key: &'a [u8],
    /// E7: every row carries the seq of its commit.
    pub seq: u64,
    pub kind: RowKind,
    /// Milliseconds since the epoch.
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
}
