//! Sorted bulk load: ordinary commits of a good size, made durable once at the end.

use crate::batch::Batch;
use crate::error::{Error, ErrorCode, Result};
use crate::namespace::NamespaceId;
use crate::options::Durability;
use crate::store::Store;

/// Bytes of one commit: large enough that its fixed cost vanishes, small enough that a load of long rows stays smooth.
const COMMIT_BYTES: usize = 256 << 10;

/// A load of ascending rows; nothing is atomic across its commits.
pub struct BulkLoad<'a> {
    store: &'a Store,
    namespace: NamespaceId,
    batch: Batch,
    last: Option<Vec<u8>>,
    rows: u64,
}

impl Store {
    /// Begins a load of rows in strictly ascending key order.
    ///
    /// # Errors
    /// `CLOSED`.
    pub fn bulk_load(&self, namespace: NamespaceId) -> Result<BulkLoad<'_>> {
        self.check_open()?;
        Ok(BulkLoad { store: self, namespace, batch: Batch::new(), last: None, rows: 0 })
    }
}

impl BulkLoad<'_> {
    /// Adds a row.
    ///
    /// # Errors
    /// `NOT_SORTED` when the key is not above the one before it, and what a write can meet. Rows of earlier commits
    /// stay.
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        if let Some(last) = &mut self.last {
            if key <= last.as_slice() {
                return Err(Error::new(
                    ErrorCode::NotSorted,
                    format!("row {} of the load is not above the row before it; sort the rows by key", self.rows),
                ));
            }
            last.clear();
            last.extend_from_slice(key);
        } else {
            self.last = Some(key.to_vec());
        }
        self.batch.put(self.namespace, key, value)?;
        self.rows += 1;
        if self.batch.as_bytes().len() >= COMMIT_BYTES.min(self.store.options().batch_bytes_max() / 2) {
            self.store.apply(&self.batch)?;
            self.batch.reset();
        }
        Ok(())
    }

    /// Commits what is left and waits until everything is durable at `level`; gives the number of rows.
    ///
    /// # Errors
    /// What a write can meet.
    pub fn finish(self, level: Durability) -> Result<u64> {
        if !self.batch.is_empty() {
            self.store.apply(&self.batch)?;
        }
        self.store.wait(self.store.newest_seq(), level)?;
        Ok(self.rows)
    }
}
