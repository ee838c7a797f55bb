//! Writing a snapshot file: blocks as they come, index and filters on the side, all under another name until the end.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::filter;
use super::format::{Footer, Header, Part};
use crate::error::{Error, Result};
use crate::namespace::NamespaceId;

const BUFFER_BYTES: usize = 256 << 10;

/// A snapshot file on its way; dropped before [`SnapshotFileWriter::finish`], nothing of it stays.
pub(crate) struct SnapshotFileWriter {
    path: PathBuf,
    blocks: Stream,
    index: Stream,
    keys: Stream,
    filters: Stream,
    filter_table: Vec<u8>,
    entries: usize,
    rows: u64,
    hash: u64,
    /// Hashes of rows since the last filter, and its first entry.
    row_hashes: Vec<u64>,
    filter_from: usize,
}

impl SnapshotFileWriter {
    /// Begins a file that will be at `path`, whose folder must exist.
    pub fn create(path: &Path, header: &Header) -> Result<Self> {
        let stream = |what: &str| Stream::create(path, what);
        let mut writer = Self {
            path: path.to_path_buf(),
            blocks: stream("blocks")?,
            index: stream("index")?,
            keys: stream("keys")?,
            filters: stream("filters")?,
            filter_table: Vec::new(),
            entries: 0,
            rows: 0,
            hash: 0,
            row_hashes: Vec::new(),
            filter_from: 0,
        };
        writer.blocks.write(&header.encode())?;
        Ok(writer)
    }

    /// Adds an entry above all before it. A block has a hash that counts (E15).
    pub fn add(&mut self, key: &[u8], value: &[u8], hash: Option<u64>) -> Result<()> {
        self.add_index()?;
        self.keys.write(key)?;
        self.blocks.write(value)?;
        self.entries += 1;
        self.hash = self.hash.wrapping_add(hash.unwrap_or(0));
        if self.row_hashes.len() >= filter::FILTER_ROWS {
            self.end_filter()?;
        }
        Ok(())
    }

    fn add_index(&mut self) -> Result<()> {
        self.index.write(&self.blocks.bytes.to_le_bytes())?;
        self.index.write(&self.keys.bytes.to_le_bytes())
    }

    /// Notes a row of the base block that is added next.
    pub fn add_row(&mut self, namespace: NamespaceId, key: &[u8]) {
        self.row_hashes.push(filter::hash(namespace, key));
        self.rows += 1;
    }

    fn end_filter(&mut self) -> Result<()> {
        if !self.row_hashes.is_empty() {
            let from = usize::try_from(self.filters.bytes).unwrap_or(usize::MAX);
            let (record, fingerprints) = filter::build(self.filter_from, from, &mut self.row_hashes);
            self.filter_table.extend_from_slice(&record);
            self.filters.write(&fingerprints)?;
        }
        self.filter_from = self.entries;
        Ok(())
    }

    /// Rows noted so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Puts the parts together, makes the file durable and gives it its name; gives its length.
    pub fn finish(mut self) -> Result<u64> {
        self.add_index()?;
        self.end_filter()?;
        let mut footer = Footer {
            entries: self.entries,
            rows: self.rows,
            hash: self.hash,
            index: Part::default(),
            keys: Part::default(),
            filters: Part::default(),
            filter_table: Part::default(),
        };
        footer.index = self.blocks.append(&mut self.index)?;
        footer.keys = self.blocks.append(&mut self.keys)?;
        footer.filters = self.blocks.append(&mut self.filters)?;
        let from = self.blocks.position();
        self.blocks.write(&self.filter_table)?;
        let to = self.blocks.position();
        footer.filter_table = Part { from, to, crc: crc32c::crc32c(&self.filter_table) };
        self.blocks.write(&footer.encode())?;
        self.blocks.publish(&self.path)
    }
}

/// A file beside the one to come; removed when it is dropped.
struct Stream {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    crc: u32,
}

impl Stream {
    fn create(path: &Path, what: &str) -> Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}-{}.{what}.tmp", std::process::id(), next_number()));
        let path = path.with_file_name(name);
        let file = sledstore_sys::private_file().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(|error| failed(&path, error))?;
        Ok(Self { path, file: BufWriter::with_capacity(BUFFER_BYTES, file), bytes: 0, crc: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| failed(&self.path, error))?;
        self.bytes += bytes.len() as u64;
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        Ok(())
    }

    fn position(&self) -> usize {
        usize::try_from(self.bytes).unwrap_or(usize::MAX)
    }

    /// Appends the whole of another stream.
    fn append(&mut self, other: &mut Self) -> Result<Part> {
        let from = self.position();
        other.file.flush().and_then(|()| other.file.get_mut().rewind()).map_err(|error| failed(&other.path, error))?;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let read = other.file.get_mut().read(&mut buffer).map_err(|error| failed(&other.path, error))?;
            if read == 0 {
                return Ok(Part { from, to: self.position(), crc: other.crc });
            }
            self.write(&buffer[..read])?;
        }
    }

    /// Durable first, then under its name, then the name durable.
    fn publish(&mut self, path: &Path) -> Result<u64> {
        let named = self.file.flush().and_then(|()| sledstore_sys::full_sync(self.file.get_ref()));
        named.and_then(|()| fs::rename(&self.path, path)).map_err(|error| failed(path, error))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sledstore_sys::sync_folder(folder).map_err(|error| failed(folder, error))?;
        Ok(self.bytes)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Of a published file the name is gone already. What cannot be removed is left: nothing reads it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Tells files apart that one process publishes at once.
fn next_number() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::io(format!("writing {}", path.display()), error)
}
