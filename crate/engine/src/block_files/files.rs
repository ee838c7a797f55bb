//! The files of a store's `blocks` folder: their names, reading them, appending to the newest.
//!
//! A file is `magic(8) ‖ number(8)` and then records: `magic(4) ‖ key length(4) ‖ block length(4) ‖ key ‖ block`, integers
//! little-endian. The block's own checksum covers its key (E13); the record's head is for who reads a file without sled.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use super::ledger::RECORD_HEAD_BYTES;
use super::place::Place;
use crate::disk::{Disk, DiskFile, ReadAt};
use crate::error::{Error, Result};

const FILE_MAGIC: [u8; 8] = *b"SLEDBLK1";
pub(super) const RECORD_MAGIC: [u8; 4] = *b"\xb1ck\x01";
/// Bytes before a file's first record.
pub(super) const FILE_HEAD_BYTES: u64 = 16;
const EXTENSION: &str = ".blocks";

/// What is appended goes to the kernel in pieces of this size.
pub(super) const BUFFER_BYTES: usize = 256 << 10;

pub(super) fn file_name(number: u64) -> String {
    format!("{number:016x}{EXTENSION}")
}

/// The number of a file of this folder; `None` for any other name.
pub(super) fn parse_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION).filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

/// Makes the names in a folder of the store durable, and the folder's own: it may be new.
pub(crate) fn sync_names(disk: &dyn Disk, folder: &Path) -> Result<()> {
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        disk.sync_folder(folder).map_err(|error| Error::io(format!("syncing {}", folder.display()), error))?;
    }
    Ok(())
}

/// The file that grows.
struct Newest {
    number: u64,
    file: Arc<dyn DiskFile>,
    /// Where `buffer` goes.
    written: u64,
    buffer: Vec<u8>,
    /// Whether anything was written since it was last synced.
    is_dirty: bool,
}

/// What was written and is not synced.
#[derive(Default)]
struct Unsynced {
    /// By number, with the bytes each has now.
    files: BTreeMap<u64, (Arc<dyn DiskFile>, u64)>,
    names: bool,
}

/// All files, one of which may grow.
pub(super) struct Files {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    newest: Mutex<Option<Newest>>,
    unsynced: Mutex<Unsynced>,
    open: RwLock<HashMap<u64, Arc<dyn ReadAt>>>,
}

impl Files {
    pub fn new(disk: Arc<dyn Disk>, folder: PathBuf) -> Self {
        Self { disk, folder, newest: Mutex::default(), unsynced: Mutex::default(), open: RwLock::default() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn path(&self, number: u64) -> PathBuf {
        self.folder.join(file_name(number))
    }

    /// Numbers and bytes of the files that are there.
    pub fn list(&self) -> Result<Vec<(u64, u64)>> {
        let fail = |error| Error::io(format!("reading {}", self.folder.display()), error);
        let names = self.disk.list(&self.folder).map_err(fail)?;
        let numbers = names.iter().filter_map(|name| parse_name(name));
        numbers.map(|number| Ok((number, self.reader(number).and_then(|file| file.length()).map_err(fail)?))).collect()
    }

    /// The number of the file that grows, if there is one.
    pub fn newest(&self) -> Option<u64> {
        self.newest.lock().as_ref().map(|newest| newest.number)
    }

    /// Bytes of memory held.
    pub fn memory_bytes(&self) -> usize {
        self.newest.lock().as_ref().map_or(0, |newest| newest.buffer.capacity())
    }

    fn reader(&self, number: u64) -> io::Result<Arc<dyn ReadAt>> {
        if let Some(file) = self.open.read().get(&number) {
            return Ok(file.clone());
        }
        let file = self.disk.open_at(&self.path(number))?;
        Ok(self.open.write().entry(number).or_insert(file).clone())
    }

    /// Reads a block. `None` when its file is gone: then sled has another place for it by now.
    pub fn read(&self, place: Place) -> Result<Option<Vec<u8>>> {
        if let Some(bytes) = self.read_buffered(place) {
            return Ok(Some(bytes));
        }
        let mut bytes = vec![0; place.bytes as usize];
        let read = self.reader(place.file).and_then(|file| file.read_exact_at(&mut bytes, u64::from(place.offset)));
        match read {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Error::corruption(
                self.path(place.file).display(),
                "it ends before a block that sled has a place of",
            )),
            Err(error) => Err(Error::io(format!("reading {}", self.path(place.file).display()), error)),
        }
    }

    /// A block that the kernel does not have yet.
    fn read_buffered(&self, place: Place) -> Option<Vec<u8>> {
        let newest = self.newest.lock();
        let newest = newest.as_ref().filter(|newest| newest.number == place.file && place.end() > newest.written)?;
        // A record never lies on both sides: what is handed to the kernel ends with one.
        let from = usize::try_from(u64::from(place.offset).checked_sub(newest.written)?).ok()?;
        newest.buffer.get(from..from + place.bytes as usize).map(<[u8]>::to_vec)
    }

    /// Goes on in a file that an earlier open wrote. What a crash left behind its last whole record is never asked for.
    pub fn resume(&self, number: u64, bytes: u64) -> Result<()> {
        let path = self.path(number);
        let file =
            self.disk.open_write(&path).map_err(|error| Error::io(format!("opening {}", path.display()), error))?;
        *self.newest.lock() = Some(Newest { number, file, written: bytes, buffer: Vec::new(), is_dirty: false });
        // Its name may not be durable: the process that made it may have been killed.
        self.unsynced.lock().names = true;
        Ok(())
    }

    /// Appends a block; what it displaces from the buffer goes to the kernel. `file_bytes_max` is where a file ends,
    /// `next` the number of the file after it.
    pub fn append(&self, key: &[u8], block: &[u8], file_bytes_max: u64, next: impl FnOnce() -> u64) -> Result<Place> {
        let mut newest = self.newest.lock();
        let record = RECORD_HEAD_BYTES + key.len() + block.len();
        let is_full = |newest: &Newest| newest.written + (newest.buffer.len() + record) as u64 > file_bytes_max;
        if newest.as_ref().is_none_or(is_full) {
            if let Some(full) = newest.as_mut() {
                self.write_out(full)?;
            }
            *newest = Some(self.create(next())?);
        }
        let Some(newest) = newest.as_mut() else { return Err(Error::internal("no block file is there to append to")) };
        if newest.buffer.len() + record > BUFFER_BYTES {
            self.write_out(newest)?;
        }
        let end = newest.written + newest.buffer.len() as u64;
        let too_long = |_| Error::internal("a block file is longer than its places reach");
        let offset = u32::try_from(end + (RECORD_HEAD_BYTES + key.len()) as u64).map_err(too_long)?;
        let (key_bytes, bytes) =
            (u32::try_from(key.len()).map_err(too_long)?, u32::try_from(block.len()).map_err(too_long)?);
        newest.buffer.extend_from_slice(&RECORD_MAGIC);
        newest.buffer.extend_from_slice(&key_bytes.to_le_bytes());
        newest.buffer.extend_from_slice(&bytes.to_le_bytes());
        newest.buffer.extend_from_slice(key);
        newest.buffer.extend_from_slice(block);
        Ok(Place { file: newest.number, offset, bytes })
    }

    fn create(&self, number: u64) -> Result<Newest> {
        let path = self.path(number);
        let fail = |error| Error::io(format!("creating {}", path.display()), error);
        let file = self.disk.create(&path).map_err(fail)?;
        file.write_all(&[FILE_MAGIC, number.to_le_bytes()].concat()).map_err(fail)?;
        self.unsynced.lock().names = true;
        Ok(Newest { number, file, written: FILE_HEAD_BYTES, buffer: Vec::with_capacity(BUFFER_BYTES), is_dirty: true })
    }

    fn write_out(&self, newest: &mut Newest) -> Result<()> {
        let path = self.path(newest.number);
        if !newest.buffer.is_empty() {
            newest
                .file
                .write_all(&newest.buffer)
                .map_err(|error| Error::io(format!("writing {}", path.display()), error))?;
            newest.written += newest.buffer.len() as u64;
            newest.buffer.clear();
            newest.is_dirty = true;
        }
        if std::mem::take(&mut newest.is_dirty) {
            self.unsynced.lock().files.insert(newest.number, (newest.file.clone(), newest.written));
        }
        Ok(())
    }

    /// Makes all that was appended durable, names included; gives the bytes of each file that grew.
    pub fn sync(&self) -> Result<Vec<(u64, u64)>> {
        if let Some(newest) = self.newest.lock().as_mut() {
            self.write_out(newest)?;
            newest.buffer = Vec::new();
        }
        // Readers may go on meanwhile.
        let Unsynced { files, names } = std::mem::take(&mut *self.unsynced.lock());
        for (&number, (file, _)) in &files {
            file.sync_data().map_err(|error| Error::io(format!("syncing {}", self.path(number).display()), error))?;
        }
        if names {
            sync_names(&*self.disk, &self.folder)?;
        }
        Ok(files.into_iter().map(|(number, (_, bytes))| (number, bytes)).collect())
    }

    /// Removes a file that nobody asks for. One that stays is found, and goes, after the next open.
    pub fn remove(&self, number: u64) {
        self.open.write().remove(&number);
        let _ = self.disk.remove(&self.path(number));
    }
}
