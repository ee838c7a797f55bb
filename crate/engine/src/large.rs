//! Large values: chunks in a key space of their own behind a manifest row (E16).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::admission::Admission;
use crate::batch::{Batch, Operation, OperationKind, Parts};
use crate::cache::Wanted;
use crate::error::{Error, ErrorCode, Result};
use crate::key;
use crate::memtable::{Found, Memtable};
use crate::merge::Versions;
use crate::meta;
use crate::namespace::{NamespaceId, row};
use crate::options::{CHUNK_BYTES, VALUE_BYTES_MAX, VALUE_INLINE_BYTES_MAX, VALUE_STREAMED_ABOVE};
use crate::rewrite::BlockWriter;
use crate::row::{Row, RowKind};
use crate::rows::Rows;
use crate::snapshot::{LiveSeqs, Pin};
use crate::store::{Inner, Seq};

const MANIFEST_BYTES: usize = 28;
/// Set in the first part of the id of a streamed value: its number counts within an epoch, not within a commit.
const STREAMED: u64 = 1 << 63;
/// Chunks of one part record.
const CHUNKS_PER_PART: usize = VALUE_STREAMED_ABOVE / CHUNK_BYTES;

/// Names the chunks of one value; never used twice in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ValueId {
    /// The commit that stored it, or the epoch of its stream.
    pub origin: u64,
    /// Its number there.
    pub number: u32,
}

impl ValueId {
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.origin.to_be_bytes());
        bytes[8..].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (origin, rest) = bytes.split_first_chunk::<8>()?;
        let number = u32::from_be_bytes(rest.try_into().ok()?);
        Some(Self { origin: u64::from_be_bytes(*origin), number })
    }
}

/// Where a large value's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub id: ValueId,
    pub length: u64,
    /// CRC32C of the whole value.
    pub checksum: u32,
    pub chunk_bytes: u32,
}

impl Manifest {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MANIFEST_BYTES);
        bytes.extend_from_slice(&self.id.to_bytes());
        bytes.extend_from_slice(&self.length.to_le_bytes());
        bytes.extend_from_slice(&self.checksum.to_le_bytes());
        bytes.extend_from_slice(&self.chunk_bytes.to_le_bytes());
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let damaged = || Error::corruption("manifest of a large value", "it cannot be read");
        if bytes.len() != MANIFEST_BYTES {
            return Err(damaged());
        }
        let id = ValueId::from_bytes(&bytes[..12]).ok_or_else(damaged)?;
        let length = u64::from_le_bytes(bytes[12..20].try_into().map_err(|_| damaged())?);
        let checksum = u32::from_le_bytes(bytes[20..24].try_into().map_err(|_| damaged())?);
        let chunk_bytes = u32::from_le_bytes(bytes[24..28].try_into().map_err(|_| damaged())?);
        if chunk_bytes == 0 || length > VALUE_BYTES_MAX {
            return Err(damaged());
        }
        Ok(Self { id, length, checksum, chunk_bytes })
    }

    /// Key of the row of a chunk.
    pub fn chunk_key(&self, chunk: u32) -> [u8; key::CHUNK_KEY_BYTES] {
        key::chunk_key(self.id.origin, self.id.number, chunk)
    }

    pub fn chunks(&self) -> u32 {
        u32::try_from(self.length.div_ceil(u64::from(self.chunk_bytes))).unwrap_or(u32::MAX)
    }
}

/// Writes one large value, part by part; nothing is visible until its manifest is committed.
pub struct LargeWriter {
    inner: Arc<Inner>,
    namespace: NamespaceId,
    id: ValueId,
    pending: Vec<u8>,
    chunks: u32,
    length: u64,
    checksum: u32,
    finished: bool,
}

impl LargeWriter {
    pub(crate) fn begin(inner: &Arc<Inner>, namespace: NamespaceId) -> Result<Self> {
        let number = inner.next_value_number.fetch_add(1, Ordering::Relaxed);
        let id = ValueId { origin: STREAMED | inner.epoch, number };
        let mut batch = Batch::new();
        // Read back at open: a value whose manifest never came is dropped then.
        let value = namespace.get().to_le_bytes();
        batch.put(NamespaceId::CATALOGUE, &row::pending_value(&id.to_bytes()), &value)?;
        inner.apply(&batch, Admission::Block)?;
        let (inner, pending) = (inner.clone(), Vec::new());
        Ok(Self { inner, namespace, id, pending, chunks: 0, length: 0, checksum: 0, finished: false })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// `VALUE_TOO_LARGE` past 256 MiB; whatever a write can meet.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.length += bytes.len() as u64;
        if self.length > VALUE_BYTES_MAX {
            return Err(Error::new(
                ErrorCode::ValueTooLarge,
                "the encoded value is longer than 256 MiB; split it over several keys",
            ));
        }
        self.checksum = crc32c::crc32c_append(self.checksum, bytes);
        while !bytes.is_empty() {
            let take = (CHUNKS_PER_PART * CHUNK_BYTES - self.pending.len()).min(bytes.len());
            self.pending.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if self.pending.len() == CHUNKS_PER_PART * CHUNK_BYTES {
                self.flush_part()?;
            }
        }
        Ok(())
    }

    fn flush_part(&mut self) -> Result<()> {
        let mut batch = Batch::new();
        for chunk in self.pending.chunks(CHUNK_BYTES) {
            let key = key::chunk_key(self.id.origin, self.id.number, self.chunks);
            batch.put_chunk(self.namespace, &key, chunk)?;
            self.chunks += 1;
        }
        self.pending.clear();
        if !batch.is_empty() {
            self.inner.apply(&batch, Admission::Block)?;
        }
        Ok(())
    }

    /// Adds the manifest under `key` to a batch; the value is there once that batch is committed.
    pub(crate) fn finish_into(&mut self, batch: &mut Batch, key: &[u8], expires_at: Option<u64>) -> Result<()> {
        self.flush_part()?;
        let (id, length, checksum) = (self.id, self.length, self.checksum);
        let manifest = Manifest { id, length, checksum, chunk_bytes: CHUNK_BYTES as u32 };
        batch.put_manifest(self.namespace, key, &manifest.encode(), expires_at)?;
        batch.delete(NamespaceId::CATALOGUE, &row::pending_value(&self.id.to_bytes()))
    }

    /// The batch with the manifest was committed.
    pub(crate) fn settle(&mut self) {
        self.finished = true;
    }
}

impl Drop for LargeWriter {
    fn drop(&mut self) {
        if !self.finished {
            self.inner.checkpoint.abandon(self.namespace, self.id, self.inner.visible.load(Ordering::SeqCst));
        }
    }
}

/// Reads one large value, chunk by chunk, as it was when the reader was made.
pub struct LargeReader {
    inner: Arc<Inner>,
    namespace: NamespaceId,
    manifest: Manifest,
    next: u32,
    checksum: u32,
    pin: Pin,
}

impl LargeReader {
    pub(crate) fn new(inner: Arc<Inner>, namespace: NamespaceId, manifest: Manifest, pin: Pin) -> Self {
        Self { inner, namespace, manifest, next: 0, checksum: 0, pin }
    }

    /// Length of the whole value in bytes.
    pub fn length(&self) -> u64 {
        self.manifest.length
    }

    /// Appends the next chunk to `out`; `false` at the end.
    ///
    /// # Errors
    /// `CORRUPTION` when a chunk is missing or the whole does not fit its checksum.
    pub fn next_chunk(&mut self, out: &mut Vec<u8>) -> Result<bool> {
        if self.next == self.manifest.chunks() {
            return Ok(false);
        }
        let from = out.len();
        self.inner.read_chunk(self.namespace, &self.manifest, self.next, out)?;
        self.checksum = crc32c::crc32c_append(self.checksum, &out[from..]);
        self.next += 1;
        if self.next == self.manifest.chunks() && self.checksum != self.manifest.checksum {
            return Err(Error::corruption("large value", "its chunks do not fit its checksum"));
        }
        Ok(true)
    }
}

impl Drop for LargeReader {
    fn drop(&mut self) {
        self.inner.readers.unpin(&self.pin);
    }
}

impl Inner {
    /// Streams the large values of a batch out and gives the batch with their manifests.
    pub fn stream_large_values(self: &Arc<Self>, parts: Parts<'_>) -> Result<(Batch, Vec<LargeWriter>)> {
        let mut small = Batch::new();
        let mut writers = Vec::new();
        let mut rest = parts.operations();
        while let Some(operation) = rest.next() {
            let is_put = matches!(operation.kind, OperationKind::Put | OperationKind::PutExpiring);
            if is_put && operation.value.len() > VALUE_STREAMED_ABOVE {
                let replaces = |later: Operation<'_>| {
                    let is_range = matches!(later.kind, OperationKind::Clear | OperationKind::ClearToEnd);
                    !is_range && (later.namespace, later.key) == (operation.namespace, operation.key)
                };
                if rest.clone().any(replaces) {
                    continue; // the batch itself replaces it, and its chunks would belong to nobody
                }
                let mut writer = LargeWriter::begin(self, operation.namespace)?;
                writer.write(operation.value)?;
                writer.finish_into(&mut small, operation.key, operation.expires_at)?;
                writers.push(writer);
            } else {
                small.push_operation(&operation)?;
            }
        }
        Ok((small, writers))
    }

    /// Reads a whole large value.
    pub fn read_large(&self, namespace: NamespaceId, manifest: &Manifest) -> Result<Vec<u8>> {
        let mut value = Vec::with_capacity(manifest.length as usize);
        for chunk in 0..manifest.chunks() {
            self.read_chunk(namespace, manifest, chunk, &mut value)?;
        }
        if crc32c::crc32c(&value) != manifest.checksum || value.len() as u64 != manifest.length {
            return Err(Error::corruption("large value", "its chunks do not fit its checksum"));
        }
        Ok(value)
    }

    /// Chunks have no versions: their ids are never used again, so the newest place that has one is right.
    pub fn read_chunk(&self, namespace: NamespaceId, manifest: &Manifest, chunk: u32, out: &mut Vec<u8>) -> Result<()> {
        let chunk_key = manifest.chunk_key(chunk);
        let mut internal = Vec::with_capacity(key::KEY_HEAD_BYTES + chunk_key.len());
        key::push_internal_key(&mut internal, key::SPACE_CHUNKS, namespace.get(), &chunk_key);
        let tables = self.tables.load();
        for table in tables.newest_first() {
            let found = table.memtable.get(&internal, Seq::MAX, |found| match found {
                Found::Row(row) => {
                    out.extend_from_slice(row.value);
                    true
                }
                _ => false,
            });
            if found {
                return Ok(());
            }
        }
        let missing = || Error::corruption("large value", format!("chunk {chunk} of {} is missing", manifest.chunks()));
        let block = self.block_for(key::SPACE_CHUNKS, namespace, &chunk_key, Wanted::Row)?.ok_or_else(missing)?;
        let mut found = false;
        block.find(&chunk_key, &mut |row| {
            out.extend_from_slice(row.value);
            found = true;
        })?;
        if found { Ok(()) } else { Err(missing()) }
    }
}

/// The values of a memtable that the checkpoint stores as chunks, with their manifests.
#[derive(Default)]
pub(crate) struct ChunkedValues {
    by_row: BTreeMap<(u32, Vec<u8>, Seq), Vec<u8>>,
}

impl ChunkedValues {
    /// Finds the long values that outlive the checkpoint and writes their chunks, ahead of every block that will
    /// carry a manifest.
    pub fn write(writer: &mut BlockWriter<'_>, memtable: &Memtable, live: &LiveSeqs) -> Result<Self> {
        let mut chunked = Self::default();
        let mut numbers: BTreeMap<Seq, u32> = BTreeMap::new();
        let mut versions = Versions::of_space(memtable, key::SPACE_BASE);
        let mut previous: Option<(Vec<u8>, Seq)> = None;
        let mut chunks: BTreeMap<u32, Rows> = BTreeMap::new();
        while let Some(row) = versions.peek() {
            let newer = previous.as_ref().filter(|(key, _)| key == row.key).map(|&(_, seq)| seq);
            if row.kind == RowKind::Value && row.value.len() > VALUE_INLINE_BYTES_MAX {
                // Numbers count all long values of a commit, kept or not, so that a repeated checkpoint gives the
                // same ids.
                let number = numbers.entry(row.seq).or_default();
                let id = ValueId { origin: row.seq, number: *number };
                *number += 1;
                if live.keeps(&row.lifetime(), newer) {
                    chunked.add(&row, id, &mut chunks);
                } else if writer.redo()
                    && let Some((_, namespace, _)) = key::split_internal_key(row.key)
                {
                    // The interrupted checkpoint may have written its chunks for a reader that is gone, or in time.
                    meta::write_dropped_value(&*writer.inner.backend, NamespaceId::new(namespace), id)?;
                }
            }
            previous = Some((row.key.to_vec(), row.seq));
            versions.advance();
        }
        for (namespace, mut rows) in chunks {
            rows.sort();
            writer.merge_rows(key::SPACE_CHUNKS, NamespaceId::new(namespace), &rows)?;
        }
        Ok(chunked)
    }

    fn add(&mut self, row: &Row<'_>, id: ValueId, chunks: &mut BTreeMap<u32, Rows>) {
        let Some((_, namespace, user_key)) = key::split_internal_key(row.key) else { return };
        let (length, checksum) = (row.value.len() as u64, crc32c::crc32c(row.value));
        let manifest = Manifest { id, length, checksum, chunk_bytes: CHUNK_BYTES as u32 };
        let rows = chunks.entry(namespace).or_default();
        for (number, chunk) in row.value.chunks(CHUNK_BYTES).enumerate() {
            rows.push(&chunk_row(&key::chunk_key(id.origin, id.number, number as u32), row.seq, chunk));
        }
        self.by_row.insert((namespace, user_key.to_vec(), row.seq), manifest.encode());
    }

    /// The manifest a version is stored as, if it is one of the chunked ones.
    pub fn stored_form(&self, namespace: NamespaceId, key: &[u8], seq: Seq, value: &[u8]) -> Option<&[u8]> {
        if value.len() <= VALUE_INLINE_BYTES_MAX || self.by_row.is_empty() {
            return None;
        }
        self.by_row.get(&(namespace.get(), key.to_vec(), seq)).map(Vec::as_slice)
    }
}

pub(crate) fn chunk_row<'a>(key: &'a [u8], seq: Seq, value: &'a [u8]) -> Row<'a> {
    Row { key, seq, kind: RowKind::Value, expires_at: None, end_seq: None, value }
}
