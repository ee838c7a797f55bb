//! Header and footer of a snapshot file; every number is little-endian.

use std::ops::Range;
use std::path::Path;

use crate::error::{Error, ErrorCode, Result};
use crate::options::Compression;
use crate::store::{COUNT_MAX, Seq};

const MAGIC: &[u8; 8] = b"SLEDSNAP";
const END_MAGIC: &[u8; 8] = b"SLEDSEND";
/// Of a file whose large values lie in chunks, as in a store.
const FORMAT: u32 = 1;
/// Of one that has them whole.
const FORMAT_WHOLE: u32 = 2;
/// As the first, with blocks whose rows are compressed in groups.
const FORMAT_GROUPED: u32 = 3;

pub(super) const HEADER_BYTES: usize = 64;
pub(super) const FOOTER_BYTES: usize = 128;
/// Where the value begins, and where the key does.
pub(super) const INDEX_ENTRY_BYTES: usize = 16;
const CRC_BYTES: usize = 4;

/// What a snapshot file was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Of the store.
    pub store_id: u128,
    pub epoch: u64,
    /// Everything up to this seq is in it, and nothing above.
    pub seq: Seq,
    /// Milliseconds since 1970.
    pub created_ms: u64,
    /// Of the store, and so of one that is made from it; each block says its own.
    pub compression: Compression,
    /// Whether each large value lies in one piece, see [`super::whole`].
    pub has_whole_values: bool,
}

impl Header {
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        let format = match self.compression {
            _ if self.has_whole_values => FORMAT_WHOLE,
            Compression::Lz4 => FORMAT_GROUPED,
            _ => FORMAT,
        };
        bytes[8..12].copy_from_slice(&format.to_le_bytes());
        bytes[12..28].copy_from_slice(&self.store_id.to_le_bytes());
        bytes[28..36].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[36..44].copy_from_slice(&self.seq.to_le_bytes());
        bytes[44..52].copy_from_slice(&self.created_ms.to_le_bytes());
        bytes[52] = self.compression as u8;
        seal(&mut bytes);
        bytes
    }

    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        if !bytes.starts_with(MAGIC) {
            return Err(not_one(path));
        }
        let damaged = || Error::corruption(path.display(), "its header is damaged");
        // First, for a damaged number is no newer format: the checksum stands there in every one.
        if !is_sealed(bytes) {
            return Err(damaged());
        }
        let mut fields = Fields(&bytes[MAGIC.len()..]);
        let format = fields.take().map_or(0, u32::from_le_bytes);
        if format > FORMAT_GROUPED {
            let what = format!("{} was published by a newer SledStore; update the package", path.display());
            return Err(Error::new(ErrorCode::FormatTooNew, what));
        }
        let mut parse = || {
            Some(Self {
                store_id: fields.take().map(u128::from_le_bytes)?,
                epoch: fields.take().map(u64::from_le_bytes)?,
                seq: fields.take().map(u64::from_le_bytes)?,
                created_ms: fields.take().map(u64::from_le_bytes)?,
                compression: Compression::from_number(fields.take().map(u8::from_le_bytes)?)?,
                has_whole_values: format == FORMAT_WHOLE,
            })
        };
        parse().filter(Self::is_possible).ok_or_else(damaged)
    }

    /// Both go on counting in a store made from the file.
    fn is_possible(&self) -> bool {
        self.seq <= COUNT_MAX && self.epoch < u64::from(u32::MAX)
    }
}

/// A stretch of the file and its CRC32C.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub from: usize,
    pub to: usize,
    pub crc: u32,
}

impl Part {
    pub fn range(&self) -> Range<usize> {
        self.from..self.to
    }
}

/// Where everything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Footer {
    pub entries: usize,
    pub rows: u64,
    /// The sum of the blocks' hashes.
    pub hash: u64,
    /// The store's own entries, between the blocks and the index.
    pub meta: Part,
    pub index: Part,
    pub keys: Part,
    pub filters: Part,
    pub filter_table: Part,
}

impl Footer {
    pub fn encode(&self) -> [u8; FOOTER_BYTES] {
        let mut bytes = [0; FOOTER_BYTES];
        bytes[..8].copy_from_slice(END_MAGIC);
        let mut at = 8;
        let mut put = |field: &[u8]| {
            bytes[at..at + field.len()].copy_from_slice(field);
            at += field.len();
        };
        for number in [self.entries as u64, self.rows, self.hash] {
            put(&number.to_le_bytes());
        }
        for part in [&self.index, &self.keys, &self.filters, &self.filter_table] {
            put(&(part.from as u64).to_le_bytes());
            put(&(part.to as u64).to_le_bytes());
            put(&part.crc.to_le_bytes());
        }
        put(&(self.meta.from as u64).to_le_bytes());
        put(&self.meta.crc.to_le_bytes());
        seal(&mut bytes);
        bytes
    }

    /// Reads the last bytes of a file of `file_bytes`; every range lies within it then.
    pub fn parse(path: &Path, bytes: &[u8], file_bytes: usize) -> Result<Self> {
        let damaged = || Error::corruption(path.display(), "its end is damaged or missing");
        if !bytes.starts_with(END_MAGIC) || !is_sealed(bytes) {
            return Err(damaged());
        }
        Self::read(bytes).filter(|footer| footer.fits(file_bytes)).ok_or_else(damaged)
    }

    /// What it says, which nothing has checked.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes.get(END_MAGIC.len()..)?);
        let (entries, rows) = (fields.number()?, fields.take().map(u64::from_le_bytes)?);
        let hash = fields.take().map(u64::from_le_bytes)?;
        let (index, keys, filters, filter_table) = (fields.part()?, fields.part()?, fields.part()?, fields.part()?);
        let meta = Part { from: fields.number()?, to: index.from, crc: fields.take().map(u32::from_le_bytes)? };
        Some(Self { entries, rows, hash, meta, index, keys, filters, filter_table })
    }

    /// Nothing a file says of itself is trusted.
    fn fits(&self, file_bytes: usize) -> bool {
        let parts = [self.meta, self.index, self.keys, self.filters, self.filter_table];
        let mut at = HEADER_BYTES;
        let ascend = parts.iter().all(|part| {
            let fits = at <= part.from && part.from <= part.to;
            at = part.to;
            fits
        });
        let index_bytes = self.entries.checked_add(1).and_then(|entries| entries.checked_mul(INDEX_ENTRY_BYTES));
        ascend && at.checked_add(FOOTER_BYTES) == Some(file_bytes) && index_bytes == Some(self.index.range().len())
    }
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    fn number(&mut self) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.take()?)).ok()
    }

    fn part(&mut self) -> Option<Part> {
        Some(Part { from: self.number()?, to: self.number()?, crc: self.take().map(u32::from_le_bytes)? })
    }
}

/// Writes the CRC32C of all before it into the last bytes.
pub(super) fn seal(bytes: &mut [u8]) {
    let (body, crc) = bytes.split_at_mut(bytes.len() - CRC_BYTES);
    crc.copy_from_slice(&crc32c::crc32c(body).to_le_bytes());
}

fn is_sealed(bytes: &[u8]) -> bool {
    let (body, crc) = bytes.split_at(bytes.len() - CRC_BYTES);
    crc == crc32c::crc32c(body).to_le_bytes()
}

pub(super) fn not_one(path: &Path) -> Error {
    let what = format!("{} is no published snapshot; name a file that publish or backup has written", path.display());
    Error::new(ErrorCode::NotAStore, what)
}
