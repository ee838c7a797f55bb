//! One immutable file that holds a store as it was at one seq (E27): sorted blocks, an index of their keys, filters of
//! the rows' keys. It is written aside and gets its name when it is complete; it is read through a map of the file, by
//! any number of processes.
//!
//! `header ‖ blocks ‖ index ‖ keys ‖ filters ‖ filter table ‖ footer`; docs/internals/format.md has the fields. The blocks
//! and their keys are those of a store's backend, so everything that reads a store reads such a file. One that is published
//! without compression has each large value in one piece, of which its blocks are made when somebody reads them.

mod backend;
mod filter;
mod format;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod salvage;
mod whole;
mod write;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sledstore_sys::FileMap;

use crate::backend::Bytes;
use crate::block::verify_stored;
use crate::error::{Error, Result};
use crate::key::{self, SLED_KEY_BYTES_MAX};
use crate::namespace::NamespaceId;
use crate::options::ENTRY_BYTES_MAX;

pub(crate) use self::backend::SnapshotBackend;
use self::filter::Filters;
pub(crate) use self::format::Header;
use self::format::{FOOTER_BYTES, Footer, HEADER_BYTES, INDEX_ENTRY_BYTES, Part};
pub(crate) use self::salvage::salvage;
pub(crate) use self::write::SnapshotFileWriter;

/// A file that was opened and whose index was checked; blocks are checked when they are read.
pub(crate) struct SnapshotFile {
    path: PathBuf,
    /// For further maps: another file may have the name by then.
    file: File,
    map: Arc<FileMap>,
    header: Header,
    footer: Footer,
    filters: Filters,
    checked: whole::Checked,
}

impl SnapshotFile {
    /// Opens a file; reads its header, footer and index, and no block.
    pub fn open(path: &Path) -> Result<Self> {
        let fail = |error| Error::io(format!("opening {}", path.display()), error);
        // Before it is opened: a pipe would never answer.
        let metadata = std::fs::metadata(path).map_err(fail)?;
        if !metadata.is_file() {
            return Err(format::not_one(path));
        }
        let file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if !metadata.is_file() || metadata.len() < (HEADER_BYTES + FOOTER_BYTES) as u64 {
            return Err(format::not_one(path));
        }
        let map = FileMap::open(&file).map_err(fail)?;
        let header = Header::parse(path, &map[..HEADER_BYTES])?;
        let footer = Footer::parse(path, &map[map.len() - FOOTER_BYTES..], map.len())?;
        for part in [&footer.meta, &footer.index, &footer.keys, &footer.filter_table] {
            part.check(path, &map)?;
        }
        let filters = Filters::parse(path, &map[footer.filter_table.range()], &footer.filters)?;
        let checked = whole::Checked::new(if header.has_whole_values { footer.entries } else { 0 });
        let path = path.to_path_buf();
        let file = Self { path, file, map: Arc::new(map), header, footer, filters, checked };
        file.check_entries()?;
        Ok(file)
    }

    /// A search needs keys that ascend, and whoever walks others would never end; a restored store takes no entry that none
    /// of its own could be (E14, E16).
    fn check_entries(&self) -> Result<()> {
        let mut last = None;
        for index in 0..self.len() {
            let (key, place) = (self.key(index)?, self.place(index)?);
            // Blocks have checksums of their own, the others one together.
            if (place.start >= self.footer.meta.from) != (key.first() == Some(&key::SPACE_META)) {
                return Err(self.damaged("an entry lies among those of another kind"));
            }
            if last >= Some(key) {
                return Err(self.damaged("its keys do not ascend"));
            }
            if key.len() > SLED_KEY_BYTES_MAX || key.len() + place.len() > ENTRY_BYTES_MAX {
                return Err(self.damaged("an entry is larger than any can be"));
            }
            last = Some(key);
        }
        Ok(())
    }

    /// What it was made from.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The order-independent hash over all blocks (E15).
    pub fn hash(&self) -> u64 {
        self.footer.hash
    }

    /// Number of entries: blocks, and the store's own.
    pub fn len(&self) -> usize {
        self.footer.entries
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.map.len() as u64
    }

    /// Key and value of an entry, which must be below [`SnapshotFile::len`].
    pub fn stored(&self, index: usize) -> Result<(&[u8], Bytes)> {
        let place = self.place(index)?;
        let key = self.key(index)?;
        let value = match self.chunk(index)? {
            Some(chunk) => self.block_of(index, key, chunk, place)?,
            None => Bytes::mapped(&self.map, place),
        };
        Ok((key, value))
    }

    /// Where the bytes of an entry are.
    fn place(&self, index: usize) -> Result<Range<usize>> {
        let place = self.value_start(index)?..self.value_start(index + 1)?;
        if place.start > place.end || place.end > self.footer.index.from {
            return Err(self.damaged("an entry lies outside the blocks"));
        }
        Ok(place)
    }

    /// The first entry whose key is above `key`, or one that is not below it.
    fn search(&self, key: &[u8]) -> Result<std::result::Result<usize, usize>> {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.key(middle)?.cmp(key) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Ok(Ok(middle)),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        Ok(Err(from))
    }

    fn key(&self, index: usize) -> Result<&[u8]> {
        let key = self.key_and_trailer(index)?;
        let bytes = if self.is_chunk(index)? { key.len().checked_sub(whole::TRAILER_BYTES) } else { Some(key.len()) };
        bytes.map(|bytes| &key[..bytes]).ok_or_else(|| self.damaged("an entry's key is too short"))
    }

    fn key_and_trailer(&self, index: usize) -> Result<&[u8]> {
        let keys = &self.map[self.footer.keys.range()];
        let number =
            |index| usize::try_from(self.index_number(index, 1)?).map_err(|_| self.damaged("a key lies nowhere"));
        keys.get(number(index)?..number(index + 1)?).ok_or_else(|| self.damaged("an entry's key lies outside the keys"))
    }

    /// One of the two numbers of an entry of the index: where the value begins, where the key does.
    fn index_number(&self, index: usize, which: usize) -> Result<u64> {
        let at = index * INDEX_ENTRY_BYTES + which * size_of::<u64>();
        let bytes = self.map[self.footer.index.range()].get(at..).and_then(<[u8]>::first_chunk);
        bytes.map(|bytes| u64::from_le_bytes(*bytes)).ok_or_else(|| self.damaged("the index is cut off"))
    }

    fn value_start(&self, index: usize) -> Result<usize> {
        let number = self.index_number(index, 0)?;
        let number = if self.header.has_whole_values { number & !whole::IS_CHUNK } else { number };
        usize::try_from(number).map_err(|_| self.damaged("an entry lies nowhere"))
    }

    /// Whether the newest version of a key may be in it; `false` is certain.
    fn may_hold(&self, namespace: NamespaceId, key: &[u8]) -> bool {
        let Ok(position) = self.search(&key::block_seek_key(key::SPACE_BASE, namespace.get(), key)) else {
            return true;
        };
        let index = position.map_or_else(|above| above, |equal| equal + 1);
        self.filters.may_hold(&self.map[self.footer.filters.range()], index, filter::hash(namespace, key))
    }

    /// Reads every block and compares the sum of their hashes; `step` is called after each and ends the work with an
    /// error.
    pub fn verify(&self, step: &mut dyn FnMut(usize) -> Result<()>) -> Result<()> {
        let mut hash = 0_u64;
        for index in 0..self.len() {
            let (key, value) = self.stored(index)?;
            if key::split_block_key(key).is_some_and(|(space, ..)| space != key::SPACE_META) {
                verify_stored(key, &value)?;
                hash = hash.wrapping_add(crate::block::stored_hash(key, &value)?);
            }
            step(index + 1)?;
        }
        if hash != self.footer.hash {
            return Err(self.damaged("its blocks are not those it was published with"));
        }
        self.footer.filters.check(&self.path, &self.map)
    }

    fn damaged(&self, what: &str) -> Error {
        Error::corruption(self.path.display(), what)
    }
}

impl Part {
    /// Compares the checksum of a part of the file.
    fn check(&self, path: &Path, map: &[u8]) -> Result<()> {
        if crc32c::crc32c(&map[self.range()]) == self.crc {
            return Ok(());
        }
        Err(Error::corruption(path.display(), format!("the checksum of bytes {} to {} is wrong", self.from, self.to)))
    }
}
