//! A run's file: `header ‖ blocks ‖ index ‖ filter ‖ footer`, integers little-endian.
//!
//! The header is `SLEDRUN1 ‖ store id (16) ‖ number (4) ‖ after (8) ‖ through (8) ‖ CRC32C (4)`. The index has for each block
//! where it ends in the file (8), the length of its key (2), and its key. The footer is `index bytes (8) ‖ filter bytes
//! (8) ‖ rows (8) ‖ blocks (4) ‖ CRC32C of index and filter (4) ‖ CRC32C of the footer before (4) ‖ SLEDREND`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::filter::{self, RunFilter};
use crate::disk::{Disk, ReadAt};
use crate::error::{Error, ErrorCode, Result};
use crate::key;
use crate::store::Seq;

pub(super) const HEADER_BYTES: usize = 48;
pub(super) const FOOTER_BYTES: usize = 44;
const HEADER_MAGIC: [u8; 8] = *b"SLEDRUN1";
pub(super) const FOOTER_MAGIC: [u8; 8] = *b"SLEDREND";
/// No index or filter is longer; what a damaged footer says is not allocated.
const PART_BYTES_MAX: u64 = 1 << 30;

/// What a run's file is called, whose it is and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub store_id: u128,
    pub number: u32,
    pub after: Seq,
    pub through: Seq,
}

impl Identity {
    pub fn encode(self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[..8].copy_from_slice(&HEADER_MAGIC);
        out[8..24].copy_from_slice(&self.store_id.to_le_bytes());
        out[24..28].copy_from_slice(&self.number.to_le_bytes());
        out[28..36].copy_from_slice(&self.after.to_le_bytes());
        out[36..44].copy_from_slice(&self.through.to_le_bytes());
        let crc = crc32c::crc32c(&out[..44]);
        out[44..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let crc = u32::from_le_bytes(*bytes[44..].first_chunk()?);
        if bytes[..8] != HEADER_MAGIC || crc32c::crc32c(&bytes[..44]) != crc {
            return None;
        }
        Some(Self {
            store_id: u128::from_le_bytes(*bytes[8..].first_chunk()?),
            number: u32::from_le_bytes(*bytes[24..].first_chunk()?),
            after: u64::from_le_bytes(*bytes[28..].first_chunk()?),
            through: u64::from_le_bytes(*bytes[36..].first_chunk()?),
        })
    }
}

/// Where the parts behind the blocks lie.
pub(super) struct Footer {
    pub index_bytes: u64,
    pub filter_bytes: u64,
    pub rows: u64,
    pub blocks: u32,
    pub crc: u32,
}

impl Footer {
    pub fn encode(&self) -> [u8; FOOTER_BYTES] {
        let mut out = [0; FOOTER_BYTES];
        out[..8].copy_from_slice(&self.index_bytes.to_le_bytes());
        out[8..16].copy_from_slice(&self.filter_bytes.to_le_bytes());
        out[16..24].copy_from_slice(&self.rows.to_le_bytes());
        out[24..28].copy_from_slice(&self.blocks.to_le_bytes());
        out[28..32].copy_from_slice(&self.crc.to_le_bytes());
        let crc = crc32c::crc32c(&out[..32]);
        out[32..36].copy_from_slice(&crc.to_le_bytes());
        out[36..].copy_from_slice(&FOOTER_MAGIC);
        out
    }

    pub fn decode(bytes: &[u8; FOOTER_BYTES]) -> Option<Self> {
        let crc = u32::from_le_bytes(*bytes[32..].first_chunk()?);
        let wide = |at: usize| Some(u64::from_le_bytes(*bytes[at..].first_chunk()?));
        let number = |at: usize| Some(u32::from_le_bytes(*bytes[at..].first_chunk()?));
        let is_sound = bytes[36..] == FOOTER_MAGIC && crc32c::crc32c(&bytes[..32]) == crc;
        let footer = Self {
            index_bytes: wide(0)?,
            filter_bytes: wide(8)?,
            rows: wide(16)?,
            blocks: number(24)?,
            crc: number(28)?,
        };
        let is_possible = footer.index_bytes <= PART_BYTES_MAX && footer.filter_bytes <= PART_BYTES_MAX;
        (is_sound && is_possible).then_some(footer)
    }
}

/// Where blocks lie and which keys they end at.
#[derive(Default)]
pub(super) struct Index {
    /// The blocks' keys, back to back.
    keys: Vec<u8>,
    /// For each block where it ends in the file, and where its key ends in `keys`.
    ends: Vec<(u64, u32)>,
}

impl Index {
    pub fn push(&mut self, sled_key: &[u8], end: u64) {
        self.keys.extend_from_slice(sled_key);
        self.ends.push((end, self.keys.len() as u32)); // a run has the bytes of a memtable at most
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn key(&self, at: usize) -> &[u8] {
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before].1 as usize);
        &self.keys[from..self.ends[at].1 as usize]
    }

    fn range(&self, at: usize) -> (u64, u64) {
        (at.checked_sub(1).map_or(HEADER_BYTES as u64, |before| self.ends[before].0), self.ends[at].0)
    }

    /// The first block whose key is above `seek`.
    fn above(&self, seek: &[u8]) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            if self.key(middle) <= seek { from = middle + 1 } else { to = middle }
        }
        from
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.keys.len() + 10 * self.len());
        for at in 0..self.len() {
            out.extend_from_slice(&self.ends[at].0.to_le_bytes());
            out.extend_from_slice(&(self.key(at).len() as u16).to_le_bytes()); // at most SLED_KEY_BYTES_MAX
            out.extend_from_slice(self.key(at));
        }
        out
    }

    fn decode(mut bytes: &[u8], blocks: u32, number: u32, blocks_end: u64) -> Option<Self> {
        let mut index = Self::default();
        let mut end_before = HEADER_BYTES as u64;
        while !bytes.is_empty() {
            let (end, rest) = bytes.split_first_chunk::<8>()?;
            let (length, rest) = rest.split_first_chunk::<2>()?;
            let (sled_key, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
            let end = u64::from_le_bytes(*end);
            let (space, of, _) = key::split_block_key(sled_key)?;
            let ascends = index.len().checked_sub(1).is_none_or(|last| index.key(last) < sled_key);
            if (space, of) != (key::SPACE_RUNS, number) || !ascends || end <= end_before || end > blocks_end {
                return None;
            }
            index.push(sled_key, end);
            end_before = end;
            bytes = rest;
        }
        (index.len() == blocks as usize && end_before == blocks_end).then_some(index)
    }

    fn memory_bytes(&self) -> usize {
        self.keys.capacity() + self.ends.capacity() * size_of::<(u64, u32)>()
    }
}

/// A run, open for reading.
pub(crate) struct SortedRun {
    path: PathBuf,
    file: Arc<dyn ReadAt>,
    identity: Identity,
    index: Index,
    filter: RunFilter,
    rows: u64,
    bytes: u64,
}

impl SortedRun {
    /// What a writer has just written.
    pub(super) fn written(
        path: PathBuf,
        file: Arc<dyn ReadAt>,
        identity: Identity,
        (index, filter): (Index, RunFilter),
        (rows, bytes): (u64, u64),
    ) -> Self {
        Self { path, file, identity, index, filter, rows, bytes }
    }

    /// Opens a file of the `runs` folder and checks all of it but its blocks, each of which is checked when it is read.
    ///
    /// Errors: `CORRUPTION`, `IO_FAILED`, `PERMISSION_DENIED`.
    pub(super) fn open(disk: &dyn Disk, path: &Path, store_id: u128, number: u32) -> Result<Self> {
        let fail = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Error::corruption(path.display(), "it is cut off"),
            _ => Error::io(format!("reading {}", path.display()), error),
        };
        let damaged = |what: &str| Error::corruption(path.display(), what);
        let file = disk.open_at(path).map_err(fail)?;
        let bytes = file.length().map_err(fail)?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0).map_err(fail)?;
        let identity = Identity::decode(&header).ok_or_else(|| damaged("its header is damaged"))?;
        if (identity.store_id, identity.number) != (store_id, number) || identity.after >= identity.through {
            return Err(damaged("it belongs to another store, or has another number"));
        }
        let footer_at = bytes.checked_sub(FOOTER_BYTES as u64).ok_or_else(|| damaged("it is cut off"))?;
        let mut footer = [0; FOOTER_BYTES];
        file.read_exact_at(&mut footer, footer_at).map_err(fail)?;
        let footer = Footer::decode(&footer).ok_or_else(|| damaged("its footer is damaged"))?;
        let parts = footer.index_bytes + footer.filter_bytes;
        let blocks_end = footer_at.checked_sub(parts).filter(|&end| end >= HEADER_BYTES as u64);
        let blocks_end = blocks_end.ok_or_else(|| damaged("its footer is damaged"))?;
        let mut index = vec![0; parts as usize]; // bounded by the file
        file.read_exact_at(&mut index, blocks_end).map_err(fail)?;
        if crc32c::crc32c(&index) != footer.crc {
            return Err(damaged("its index is damaged"));
        }
        let filter = index.split_off(footer.index_bytes as usize);
        let index = Index::decode(&index, footer.blocks, number, blocks_end);
        let index = index.ok_or_else(|| damaged("its index is damaged"))?;
        let filter = RunFilter::parse(filter).ok_or_else(|| damaged("its filter is damaged"))?;
        Ok(Self { path: path.to_owned(), file, identity, index, filter, rows: footer.rows, bytes })
    }

    pub fn number(&self) -> u32 {
        self.identity.number
    }

    /// It stands for the seqs above this one,
    pub fn after(&self) -> Seq {
        self.identity.after
    }

    /// up to this one.
    pub fn through(&self) -> Seq {
        self.identity.through
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Blocks in the file.
    pub fn blocks(&self) -> usize {
        self.index.len()
    }

    /// Bytes of memory held.
    pub fn memory_bytes(&self) -> usize {
        self.index.memory_bytes() + self.filter.as_bytes().len()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a row may have this internal key; `false` is certain.
    pub fn may_hold(&self, internal_key: &[u8]) -> bool {
        self.filter.may_hold(filter::hash(internal_key))
    }

    /// The block that an internal key belongs to; `None` behind the last one.
    pub fn block_of(&self, internal_key: &[u8]) -> Option<usize> {
        let at = self.index.above(&key::block_seek_key(key::SPACE_RUNS, self.number(), internal_key));
        (at < self.blocks()).then_some(at)
    }

    /// The key of a block.
    pub fn sled_key(&self, at: usize) -> &[u8] {
        self.index.key(at)
    }

    /// Reads a block as it is stored.
    pub fn read(&self, at: usize) -> Result<Vec<u8>> {
        let (from, to) = self.index.range(at);
        let mut stored = vec![0; (to - from) as usize]; // within the file, which was compared with the index
        self.file.read_exact_at(&mut stored, from).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                Error::corruption(self.path.display(), "it ends before a block of its index")
            }
            _ => Error::io(format!("reading {}", self.path.display()), error),
        })?;
        Ok(stored)
    }

    /// An error that names the file.
    pub fn damaged(&self, error: Error) -> Error {
        match error.code() {
            ErrorCode::Corruption => Error::corruption(self.path.display(), error.what()),
            _ => error,
        }
    }
}
