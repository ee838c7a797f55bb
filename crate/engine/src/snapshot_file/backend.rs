//! A snapshot file as the place where blocks rest: it is only read.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sledstore_sys::PrivateFileMap;

use super::SnapshotFile;
#[cfg(test)]
use crate::backend::EntrySink;
use crate::backend::{Backend, Bytes};
use crate::error::{Error, ErrorCode, Result};
use crate::large::Manifest;
use crate::namespace::NamespaceId;

/// Serves the entries of one file.
pub(crate) struct SnapshotBackend {
    file: SnapshotFile,
    reads: AtomicU64,
    closed: AtomicBool,
}

impl SnapshotBackend {
    pub fn new(file: SnapshotFile) -> Self {
        Self { file, reads: AtomicU64::new(0), closed: AtomicBool::new(false) }
    }

    fn count_read(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            let what = format!("{} is closed; open it again", self.file.path.display());
            return Err(Error::new(ErrorCode::Closed, what));
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// The store refuses writes before they come here.
    fn refuse<T>(&self) -> Result<T> {
        Err(Error::internal(format_args!("{} was to be written to", self.file.path.display())))
    }
}

impl Backend for SnapshotBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.count_read()?;
        match self.file.search(key)? {
            Ok(index) => Ok(Some(self.file.stored(index)?.1)),
            Err(_) => Ok(None),
        }
    }

    fn first_above(&self, key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
        self.count_read()?;
        let index = self.file.search(key)?.map_or_else(|above| above, |equal| equal + 1);
        if index == self.file.len() {
            return Ok(None);
        }
        let (key, value) = self.file.stored(index)?;
        Ok(Some((key.into(), value)))
    }

    #[cfg(test)]
    fn for_each(&self, from: &[u8], to: Option<&[u8]>, sink: &mut EntrySink<'_>) -> Result<()> {
        let first = self.file.search(from)?.unwrap_or_else(|above| above);
        for index in first..self.file.len() {
            let (key, value) = self.file.stored(index)?;
            if to.is_some_and(|to| key >= to) || !sink(key, &value)? {
                break;
            }
        }
        Ok(())
    }

    fn may_hold(&self, namespace: NamespaceId, key: &[u8]) -> bool {
        self.file.may_hold(namespace, key)
    }

    fn whole_value(&self, namespace: NamespaceId, manifest: &Manifest) -> Result<Option<Bytes>> {
        self.count_read()?;
        self.file.whole_value(namespace, manifest)
    }

    fn map_privately(&self) -> Result<Option<PrivateFileMap>> {
        self.file.map_privately().map(Some)
    }

    fn insert(&self, _key: &[u8], _value: &[u8]) -> Result<()> {
        self.refuse()
    }

    fn remove(&self, _key: &[u8]) -> Result<()> {
        self.refuse()
    }

    fn flush_buffers(&self) -> Result<()> {
        self.refuse()
    }

    fn flush(&self) -> Result<()> {
        self.refuse()
    }

    fn size_on_disk(&self) -> Result<u64> {
        Ok(self.file.bytes())
    }

    fn memory_bytes(&self) -> usize {
        0 // the pages are the system's
    }

    fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        Ok(())
    }
}
