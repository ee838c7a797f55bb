//! Writing a run: rows in ascending order of their internal keys.

use std::path::PathBuf;
use std::sync::Arc;

use super::file::{Footer, Identity, Index, SortedRun};
use super::filter::{self, RunFilter};
use crate::block::{BlockBuilder, BlockHeader};
use crate::block_files::sync_names;
use crate::disk::{Disk, DiskFile};
use crate::error::{Error, Result};
use crate::key;
use crate::options::Compression;
use crate::row::Row;
use crate::rows::ROW_OVERHEAD_BYTES;

/// What is written goes to the kernel in pieces of about this size.
const BUFFER_BYTES: usize = 256 << 10;

/// A run on its way to its file; without [`SortedRunWriter::finish`] nothing is left of it.
pub(crate) struct SortedRunWriter {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    temporary: PathBuf,
    file: Arc<dyn DiskFile>,
    identity: Identity,
    builder: BlockBuilder,
    /// Bytes of rows after which a block ends.
    block_bytes: usize,
    compression: Compression,
    pending_bytes: usize,
    low: Vec<u8>,
    index: Index,
    hashes: Vec<u64>,
    buffer: Vec<u8>,
    written: u64,
    rows: u64,
    is_finished: bool,
}

impl SortedRunWriter {
    pub(super) fn create(
        disk: &Arc<dyn Disk>,
        path: PathBuf,
        identity: Identity,
        block_bytes: usize,
        compression: Compression,
    ) -> Result<Self> {
        let temporary = path.with_extension("run.tmp");
        let file = disk.create(&temporary).map_err(|error| failed(&path, error))?;
        Ok(Self {
            disk: disk.clone(),
            path,
            temporary,
            file,
            identity,
            builder: BlockBuilder::new(),
            block_bytes,
            compression,
            pending_bytes: 0,
            low: Vec::new(),
            index: Index::default(),
            hashes: Vec::new(),
            buffer: identity.encode().to_vec(),
            written: 0,
            rows: 0,
            is_finished: false,
        })
    }

    /// Adds a row, whose key is an internal key above the one before.
    pub fn push(&mut self, row: &Row<'_>) -> Result<()> {
        let bytes = row.size() + ROW_OVERHEAD_BYTES;
        if self.pending_bytes > 0 && self.pending_bytes + bytes > self.block_bytes {
            let fence = key::separator(self.builder.last_key().unwrap_or_default(), row.key).to_vec();
            self.end_block(Some(fence))?;
        }
        self.pending_bytes += bytes;
        self.rows += 1;
        self.hashes.push(filter::hash(row.key));
        self.builder.push(row)
    }

    fn end_block(&mut self, fence: Option<Vec<u8>>) -> Result<()> {
        let number = self.identity.number;
        let header = BlockHeader {
            space: key::SPACE_RUNS,
            namespace: number,
            low: &self.low,
            fence: fence.as_deref(),
            checkpoint: self.identity.through,
        };
        let stored = self.builder.finish(&header, self.compression)?;
        self.buffer.extend_from_slice(&stored);
        let sled_key = key::block_key(key::SPACE_RUNS, number, fence.as_deref());
        self.index.push(&sled_key, self.written + self.buffer.len() as u64);
        self.pending_bytes = 0;
        self.low = fence.unwrap_or_default();
        if self.buffer.len() >= BUFFER_BYTES { self.write_out() } else { Ok(()) }
    }

    fn write_out(&mut self) -> Result<()> {
        self.file.write_all(&self.buffer).map_err(|error| failed(&self.path, error))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Writes what is left, makes it durable under its name and opens it.
    pub fn finish(mut self) -> Result<SortedRun> {
        if self.pending_bytes > 0 {
            self.end_block(None)?;
        }
        let index = self.index.encode();
        let filter = RunFilter::build(&mut self.hashes);
        let crc = crc32c::crc32c_append(crc32c::crc32c(&index), filter.as_bytes());
        let footer = Footer {
            index_bytes: index.len() as u64,
            filter_bytes: filter.as_bytes().len() as u64,
            rows: self.rows,
            blocks: self.index.len() as u32, // a run has the rows of a memtable at most
            crc,
        };
        for part in [&index, filter.as_bytes(), &footer.encode()] {
            self.buffer.extend_from_slice(part);
        }
        self.write_out()?;
        let folder = self.path.parent().unwrap_or(&self.path).to_path_buf();
        let named = self.file.sync_data().and_then(|()| self.disk.rename(&self.temporary, &self.path));
        named.map_err(|error| failed(&self.path, error))?;
        sync_names(&*self.disk, &folder)?;
        self.is_finished = true;
        let file = self.disk.open_at(&self.path).map_err(|error| failed(&self.path, error))?;
        let parts = (std::mem::take(&mut self.index), filter);
        Ok(SortedRun::written(self.path.clone(), file, self.identity, parts, (self.rows, self.written)))
    }
}

impl Drop for SortedRunWriter {
    fn drop(&mut self) {
        if !self.is_finished {
            // What cannot be removed is replaced by the next run of that number.
            let _ = self.disk.remove(&self.temporary);
        }
    }
}

fn failed(path: &std::path::Path, error: std::io::Error) -> Error {
    Error::io(format!("writing {}", path.display()), error)
}
