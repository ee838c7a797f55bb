//! Append-only storage of records in chunks, and the order in which they were appended.

use std::ops::Deref;

use sledstore_sys::Pages;

use super::{MemRow, RowKind};
use crate::error::{Error, ErrorCode, Result};

/// Offsets inside a chunk are counted in units of this many bytes, so that 16 bits reach a whole chunk.
const UNIT_BYTES: usize = 4;
const CHUNK_BYTES_MIN: usize = 4 << 10;
/// 65,536 units.
const CHUNK_BYTES_MAX: usize = 256 << 10;
const CHUNKS_MAX: usize = 1 << 16;
/// Chunks from here on are pages of their own, so that a memtable that goes leaves nothing behind in the allocator.
const CHUNK_PAGES_MIN: usize = 128 << 10;
/// seq (8), length of the value (4), length of the key (2), kind and flags (1).
const HEADER_BYTES: usize = 15;
const FLAG_EXPIRES: u8 = 0x80;
/// Rows of one group of the append order.
pub(super) const GROUP_ROWS_MAX: usize = 32;

/// Names a record for the life of its arena: chunk number (16 bits), offset in units (16 bits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RecordId(u32);

/// Consecutive records of one chunk, in append order.
#[derive(Clone, Copy)]
struct Group {
    first: RecordId,
    rows: u32,
}

/// Bytes that grow up to their capacity and do not move.
enum Chunk {
    Heap(Vec<u8>),
    Pages(Pages),
}

impl Chunk {
    fn with_capacity(capacity: usize) -> Self {
        let pages = (capacity >= CHUNK_PAGES_MIN).then(|| Pages::with_capacity(capacity));
        match pages {
            Some(Ok(pages)) => Self::Pages(pages),
            // Where the system refuses them, the allocator answers for it.
            _ => Self::Heap(Vec::with_capacity(capacity)),
        }
    }

    fn capacity(&self) -> usize {
        match self {
            Self::Heap(bytes) => bytes.capacity(),
            Self::Pages(pages) => pages.capacity(),
        }
    }

    fn extend_from_slice(&mut self, bytes: &[u8]) {
        match self {
            Self::Heap(own) => own.extend_from_slice(bytes),
            Self::Pages(pages) => pages.extend_from_slice(bytes),
        }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Pages(pages) => pages,
        }
    }
}

/// Records lie at fixed places and are never moved or removed; the arena goes as a whole with its memtable.
pub(super) struct Arena {
    chunks: Vec<Chunk>,
    /// The chunk that takes small records; a record larger than a quarter of a chunk gets a chunk of its own.
    current: usize,
    /// Sum of the chunks' capacities.
    chunk_bytes: usize,
    first_chunk_bytes: usize,
    /// Every record, in the order of the appends; 32 rows share an entry because a chunk can be walked forwards.
    groups: Vec<Group>,
}

impl Arena {
    pub(super) fn new(capacity_hint: usize) -> Self {
        let first_chunk_bytes = (capacity_hint / 64).clamp(CHUNK_BYTES_MIN, CHUNK_BYTES_MAX);
        Self { chunks: Vec::new(), current: 0, chunk_bytes: 0, first_chunk_bytes, groups: Vec::new() }
    }

    /// Copies a row in. Fails, changing nothing, when a length does not fit the record or the arena is full.
    pub(super) fn append(&mut self, row: &MemRow<'_>) -> Result<RecordId> {
        let key_length = u16::try_from(row.key.len()).map_err(|_| {
            Error::new(ErrorCode::KeyTooLarge, format!("a key of {} bytes does not fit a memtable", row.key.len()))
        })?;
        let value_length = u32::try_from(row.value.len()).map_err(|_| {
            Error::new(
                ErrorCode::ValueTooLarge,
                format!("a value of {} bytes does not fit a memtable", row.value.len()),
            )
        })?;
        let mut header = [0; HEADER_BYTES + 8];
        header[..8].copy_from_slice(&row.seq.to_le_bytes());
        header[8..12].copy_from_slice(&value_length.to_le_bytes());
        header[12..14].copy_from_slice(&key_length.to_le_bytes());
        header[14] = row.kind as u8;
        let mut header_bytes = HEADER_BYTES;
        if let Some(expires_at) = row.expires_at {
            header[14] |= FLAG_EXPIRES;
            header[HEADER_BYTES..].copy_from_slice(&expires_at.to_le_bytes());
            header_bytes += 8;
        }
        let bytes = (header_bytes + row.key.len() + row.value.len()).next_multiple_of(UNIT_BYTES);
        let number = self.chunk_with_room(bytes)?;
        let chunk = &mut self.chunks[number];
        let offset = chunk.len();
        chunk.extend_from_slice(&header[..header_bytes]);
        chunk.extend_from_slice(row.key);
        chunk.extend_from_slice(row.value);
        let padding = offset + bytes - chunk.len();
        chunk.extend_from_slice(&[0; UNIT_BYTES][..padding]);
        let id = RecordId((number as u32) << 16 | (offset / UNIT_BYTES) as u32);
        self.note(id);
        Ok(id)
    }

    /// A chunk that can take `bytes` more, made if need be.
    fn chunk_with_room(&mut self, bytes: usize) -> Result<usize> {
        if let Some(chunk) = self.chunks.get(self.current)
            && chunk.len() + bytes <= chunk.capacity().min(CHUNK_BYTES_MAX)
        {
            return Ok(self.current);
        }
        if self.chunks.len() == CHUNKS_MAX {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("a memtable of {} bytes is full; write smaller batches", self.chunk_bytes),
            ));
        }
        // A chunk in proportion to what is held: little slack in a small table, few chunks in a large one.
        let usual = (self.chunk_bytes / 8).clamp(self.first_chunk_bytes, CHUNK_BYTES_MAX);
        let number = self.chunks.len();
        let alone = bytes > usual / 4;
        let chunk = Chunk::with_capacity(if alone { bytes } else { usual });
        self.chunk_bytes += chunk.capacity();
        self.chunks.push(chunk);
        if !alone {
            self.current = number;
        }
        Ok(number)
    }

    fn note(&mut self, id: RecordId) {
        match self.groups.last_mut() {
            Some(group) if (group.rows as usize) < GROUP_ROWS_MAX && group.first.0 >> 16 == id.0 >> 16 => {
                group.rows += 1
            }
            _ => self.groups.push(Group { first: id, rows: 1 }),
        }
    }

    fn bytes_from(&self, id: RecordId) -> &[u8] {
        &self.chunks[(id.0 >> 16) as usize][(id.0 & 0xffff) as usize * UNIT_BYTES..]
    }

    /// Key and sequence number alone, which is what comparing needs.
    #[inline]
    pub(super) fn key_and_seq(&self, id: RecordId) -> (&[u8], u64) {
        let bytes = self.bytes_from(id);
        let (header, rest) = split_header(bytes);
        let start = if header[14] & FLAG_EXPIRES == 0 { 0 } else { 8 };
        (&rest[start..start + key_length(header)], seq(header))
    }

    /// The whole row.
    pub(super) fn row(&self, id: RecordId) -> MemRow<'_> {
        self.row_and_bytes(id).0
    }

    fn row_and_bytes(&self, id: RecordId) -> (MemRow<'_>, usize) {
        let (header, rest) = split_header(self.bytes_from(id));
        let (expires_at, rest) = match rest.split_first_chunk::<8>() {
            Some((expires_at, rest)) if header[14] & FLAG_EXPIRES != 0 => (Some(u64::from_le_bytes(*expires_at)), rest),
            _ => (None, rest),
        };
        let (key, rest) = rest.split_at(key_length(header));
        let value = &rest[..u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize];
        let kind = RowKind::from_byte(header[14] & !FLAG_EXPIRES);
        let bytes = HEADER_BYTES + if expires_at.is_some() { 8 } else { 0 } + key.len() + value.len();
        (MemRow { key, seq: seq(header), kind, expires_at, value }, bytes.next_multiple_of(UNIT_BYTES))
    }

    /// Number of groups of the append order; a higher group was appended later.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Sequence number of a group's first row.
    pub(super) fn group_seq(&self, group: usize) -> u64 {
        self.key_and_seq(self.groups[group].first).1
    }

    /// A group's key and sequence number pairs, newest first.
    pub(super) fn group_newest_first(&self, group: usize) -> impl Iterator<Item = (&[u8], u64)> {
        let Group { first, rows } = self.groups[group];
        let mut ids = [RecordId::default(); GROUP_ROWS_MAX];
        let mut id = first;
        for (index, slot) in ids[..rows as usize].iter_mut().enumerate() {
            *slot = id;
            if index + 1 < rows as usize {
                id = RecordId(id.0 + (self.row_and_bytes(id).1 / UNIT_BYTES) as u32);
            }
        }
        (0..rows as usize).rev().map(move |index| self.key_and_seq(ids[index]))
    }

    /// Bytes held: chunks with their slack, and the append order.
    pub(super) fn bytes(&self) -> usize {
        self.chunk_bytes + self.chunks.capacity() * size_of::<Chunk>() + self.groups.capacity() * size_of::<Group>()
    }
}

#[inline]
fn split_header(bytes: &[u8]) -> (&[u8; HEADER_BYTES], &[u8]) {
    bytes.split_first_chunk().expect("a record id points at a whole record")
}

#[inline]
fn seq(header: &[u8; HEADER_BYTES]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *header;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

#[inline]
fn key_length(header: &[u8; HEADER_BYTES]) -> usize {
    u16::from_le_bytes([header[12], header[13]]) as usize
}
