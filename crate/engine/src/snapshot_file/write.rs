//! Writing a snapshot file: blocks as they come, index and filters on the side, all under another name until the end. What
//! a process that ended meanwhile has left of such files goes when the next one begins.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::format::{Footer, Header, Part};
use super::{SnapshotFile, filter, whole};
use crate::error::{Error, Result};
use crate::folder;
use crate::key;
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
    /// The store's own entries, which come behind all blocks.
    meta: Option<Part>,
    /// Hashes of rows since the last filter, and its first entry.
    row_hashes: Vec<u64>,
    filter_from: usize,
}

impl SnapshotFileWriter {
    /// Begins a file that will be at `path`, whose folder must exist.
    pub fn create(path: &Path, header: &Header) -> Result<Self> {
        remove_leftovers(path);
        let [blocks, index, keys, filters] = PARTS.map(|part| Stream::create(path, part));
        let mut writer = Self {
            path: path.to_path_buf(),
            blocks: blocks?,
            index: index?,
            keys: keys?,
            filters: filters?,
            filter_table: Vec::new(),
            entries: 0,
            rows: 0,
            hash: 0,
            meta: None,
            row_hashes: Vec::new(),
            filter_from: 0,
        };
        writer.blocks.write(&header.encode())?;
        Ok(writer)
    }

    /// Adds an entry above all before it. A block has a hash that counts (E15).
    pub fn add(&mut self, key: &[u8], value: &[u8], hash: Option<u64>) -> Result<()> {
        self.add_index()?;
        if key.first() == Some(&key::SPACE_META) {
            let from = self.blocks.position();
            let meta = self.meta.get_or_insert(Part { from, to: from, crc: 0 });
            (meta.to, meta.crc) = (from + value.len(), crc32c::crc32c_append(meta.crc, value));
        }
        self.keys.write(key)?;
        self.blocks.write(value)?;
        self.entries += 1;
        self.hash = self.hash.wrapping_add(hash.unwrap_or(0));
        if self.row_hashes.len() >= filter::FILTER_ROWS {
            self.end_filter()?;
        }
        Ok(())
    }

    /// Adds a block of one chunk above all entries before it, by what it is made of. Chunks that follow each other in the
    /// file are one piece.
    pub fn add_chunk(&mut self, key: &[u8], row_key: &[u8], chunk: &[u8], hash: u64) -> Result<()> {
        self.add_index_of(whole::IS_CHUNK)?;
        self.keys.write(key)?;
        self.keys.write(&whole::trailer(row_key, chunk)?)?;
        self.blocks.write(chunk)?;
        self.entries += 1;
        self.hash = self.hash.wrapping_add(hash);
        Ok(())
    }

    fn add_index(&mut self) -> Result<()> {
        self.add_index_of(0)
    }

    fn add_index_of(&mut self, kind: u64) -> Result<()> {
        self.index.write(&(self.blocks.bytes | kind).to_le_bytes())?;
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

    /// Puts the parts together, makes the file durable and gives it its name; gives its length. What `is_new` is read back
    /// before it has its name, and does not keep it after a failure.
    pub fn finish(mut self, is_new: bool) -> Result<u64> {
        self.add_index()?;
        self.end_filter()?;
        let end = self.blocks.position();
        let mut footer = Footer {
            entries: self.entries,
            rows: self.rows,
            hash: self.hash,
            meta: self.meta.unwrap_or(Part { from: end, to: end, crc: 0 }),
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
        self.blocks.make_durable()?;
        if is_new {
            SnapshotFile::open(&self.blocks.path)?.verify(&mut |_| Ok(()))?;
        }
        self.blocks.name(&self.path, is_new)
    }
}

/// How the names of the files end in which the parts lie.
const PARTS: [&str; 4] = [".blocks.tmp", ".index.tmp", ".keys.tmp", ".filters.tmp"];

/// A file beside the one to come; locked as long as it is written, and removed when it is dropped.
struct Stream {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    crc: u32,
}

impl Stream {
    fn create(path: &Path, ending: &str) -> Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}{ending}", folder::unique()));
        let path = path.with_file_name(name);
        let file = sledstore_sys::private_file().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(|error| failed(&path, error))?;
        // Where there are no locks, leftovers stay.
        let _ = file.try_lock();
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
            match other.file.get_mut().read(&mut buffer) {
                Ok(0) => return Ok(Part { from, to: self.position(), crc: other.crc }),
                Ok(read) => self.write(&buffer[..read])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(&other.path, error)),
            }
        }
    }

    fn make_durable(&mut self) -> Result<()> {
        let durable = self.file.flush().and_then(|()| sledstore_sys::full_sync(self.file.get_ref()));
        durable.map_err(|error| failed(&self.path, error))
    }

    /// What is durable gets its name, and then the name is made durable.
    fn name(&mut self, path: &Path, is_new: bool) -> Result<u64> {
        fs::rename(&self.path, path).map_err(|error| failed(path, error))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sledstore_sys::sync_folder(folder).map_err(|error| {
            if is_new {
                // Back to where it goes from; a file that replaced another one is the only one there is.
                let _ = fs::rename(path, &self.path);
            }
            failed(folder, error)
        })?;
        Ok(self.bytes)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Of a published file the name is gone already. What cannot be removed is left: nothing reads it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes what was left of files to come at `path`: those that nobody has locked. What cannot be removed stays for the
/// next time.
fn remove_leftovers(path: &Path) {
    for leftover in folder::siblings(path, &PARTS) {
        let file = File::options().write(true).open(&leftover);
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(&leftover);
        }
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::io(format!("writing {}", path.display()), error)
}
