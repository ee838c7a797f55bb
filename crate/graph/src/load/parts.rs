//! Rows on their way into the commit of a load, in batches that do not move as more come.

use std::sync::atomic::{AtomicUsize, Ordering};

use sledstore_engine::{Batch, NamespaceId, Result};

use super::too_large;

/// Bytes of a batch, about.
const PART_BYTES: usize = 1 << 20;
/// What an operation takes besides its key and value, at most.
const HEAD_BYTES: usize = 32;

/// How much all rows of a load may take together, whichever thread makes them.
pub(super) struct Room {
    taken: AtomicUsize,
    limit: usize,
}

impl Room {
    pub fn new(limit: usize) -> Self {
        Self { taken: AtomicUsize::new(0), limit }
    }

    fn take(&self, part: &Batch) -> Result<()> {
        let bytes = part.as_bytes().len();
        let before = self.taken.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.limit { Err(too_large(self.limit)) } else { Ok(()) }
    }
}

/// Rows, best put in the order of their keys, for a memtable takes those sooner.
pub(super) struct Parts<'a> {
    room: &'a Room,
    namespace: NamespaceId,
    full: Vec<Batch>,
    last: Batch,
}

impl<'a> Parts<'a> {
    pub fn new(namespace: NamespaceId, room: &'a Room) -> Self {
        Self { room, namespace, full: Vec::new(), last: Batch::new() }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// `TOO_LARGE`, `KEY_TOO_LARGE`, `VALUE_TOO_LARGE`.
    pub fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        if self.last.as_bytes().len() + HEAD_BYTES + key.len() + value.len() > PART_BYTES {
            let full = std::mem::replace(&mut self.last, Batch::with_capacity(PART_BYTES));
            self.room.take(&full)?;
            self.full.push(full);
        }
        self.last.put(self.namespace, key, value)
    }

    /// The keys and values so far.
    pub fn rows(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let operations = self.full.iter().chain([&self.last]).flat_map(Batch::operations);
        operations.map(|operation| (operation.key, operation.value))
    }

    /// Ends the rows.
    ///
    /// # Errors
    /// `TOO_LARGE`.
    pub fn into_batches(mut self) -> Result<Vec<Batch>> {
        self.room.take(&self.last)?;
        self.full.push(self.last);
        Ok(self.full)
    }
}
