//! Large values in one piece. An entry whose number in the index has [`IS_CHUNK`] set is a block of one chunk (E16), of which
//! the file has only the chunk's bytes; behind its key stand the row's key and the chunk's CRC32C. The chunks of a value
//! follow each other without a gap. So a value can be read where it lies, and what reads blocks gets blocks: made from the
//! chunk, byte by byte those whose hash the file was published with.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use sledstore_sys::PrivateFileMap;

use super::SnapshotFile;
use crate::backend::Bytes;
use crate::block::{BlockBuilder, BlockHeader};
use crate::error::{Error, Result};
use crate::key;
use crate::large::{Manifest, chunk_row};
use crate::namespace::NamespaceId;
use crate::options::Compression;
use crate::publish::RESTORED_NUMBER;

/// Set in the number that says where an entry begins; no file is so long.
pub(super) const IS_CHUNK: u64 = 1 << 63;
/// What follows the key of such an entry.
pub(super) const TRAILER_BYTES: usize = key::CHUNK_KEY_BYTES + size_of::<u32>();

/// Row key and CRC32C of a chunk.
pub(super) fn trailer(row_key: &[u8], chunk: &[u8]) -> Result<[u8; TRAILER_BYTES]> {
    let mut trailer = [0; TRAILER_BYTES];
    let (key, crc) = trailer.split_at_mut(key::CHUNK_KEY_BYTES);
    if row_key.len() != key.len() {
        return Err(Error::internal("a row among the chunks has another key"));
    }
    key.copy_from_slice(row_key);
    crc.copy_from_slice(&crc32c::crc32c(chunk).to_le_bytes());
    Ok(trailer)
}

/// What the file says of a chunk.
#[derive(Clone, Copy)]
pub(super) struct Chunk<'a> {
    row_key: &'a [u8],
    crc: u32,
}

/// The values, by the entry of their first chunk, that were compared with their checksum since the file was opened.
pub(super) struct Checked(Box<[AtomicU64]>);

impl Checked {
    pub fn new(entries: usize) -> Self {
        Self((0..entries.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    fn has(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (index % 64)) != 0)
    }

    fn note(&self, index: usize) {
        if let Some(word) = self.0.get(index / 64) {
            word.fetch_or(1 << (index % 64), Ordering::Relaxed);
        }
    }
}

impl SnapshotFile {
    pub(super) fn is_chunk(&self, index: usize) -> Result<bool> {
        Ok(self.header.has_whole_values && self.index_number(index, 0)? & IS_CHUNK != 0)
    }

    pub(super) fn chunk(&self, index: usize) -> Result<Option<Chunk<'_>>> {
        if !self.is_chunk(index)? {
            return Ok(None);
        }
        let key = self.key_and_trailer(index)?;
        let trailer = key.last_chunk::<TRAILER_BYTES>().ok_or_else(|| self.damaged("an entry's key is too short"))?;
        let (row_key, crc) = trailer.split_at(key::CHUNK_KEY_BYTES);
        Ok(crc.first_chunk().map(|crc| Chunk { row_key, crc: u32::from_le_bytes(*crc) }))
    }

    /// The block of a chunk, as it would lie in a store.
    pub(super) fn block_of(&self, index: usize, key: &[u8], chunk: Chunk<'_>, place: Range<usize>) -> Result<Bytes> {
        let damaged = |what: &str| Error::corruption(format!("{}, block {index}", self.path.display()), what);
        let bytes = &self.map[place];
        if crc32c::crc32c(bytes) != chunk.crc {
            return Err(damaged("the checksum of a chunk is wrong"));
        }
        let place = |key| key::split_block_key(key).ok_or_else(|| damaged("its key is no block's"));
        let (space, namespace, fence) = place(key)?;
        // E14: a block begins where its left neighbor ends.
        let left = if index == 0 { None } else { Some(self.key(index - 1)?) };
        let low = match left.map(place) {
            Some(Ok((s, n, Some(fence)))) if (s, n) == (space, namespace) => fence,
            _ => &[],
        };
        let header = BlockHeader { space, namespace, low, fence, checkpoint: RESTORED_NUMBER };
        // What is too long for a block is no chunk.
        let mut builder = BlockBuilder::new();
        builder.push(&chunk_row(chunk.row_key, 0, bytes)).map_err(|_| damaged("it is too long"))?;
        Ok(std::sync::Arc::<[u8]>::from(builder.finish(&header, Compression::None)?).into())
    }

    /// A value that lies in one piece, compared with its checksum the first time.
    pub(super) fn whole_value(&self, namespace: NamespaceId, manifest: &Manifest) -> Result<Option<Bytes>> {
        if !self.header.has_whole_values {
            return Ok(None);
        }
        let row_key = key::chunk_key(manifest.id.origin, manifest.id.number, 0);
        let seek = key::block_seek_key(key::SPACE_CHUNKS, namespace.get(), &row_key);
        let index = self.search(&seek)?.map_or_else(|above| above, |equal| equal + 1);
        if index == self.len() || self.chunk(index)?.is_none_or(|chunk| chunk.row_key != row_key) {
            return Ok(None);
        }
        let start = self.place(index)?.start;
        let end = usize::try_from(manifest.length).ok().and_then(|length| start.checked_add(length));
        let damaged = |what| Error::corruption(format!("{}, block {index}", self.path.display()), what);
        let end = end.filter(|end| *end <= self.footer.index.from).ok_or_else(|| damaged("its value is cut off"))?;
        if !self.checked.has(index) {
            if crc32c::crc32c(&self.map[start..end]) != manifest.checksum {
                return Err(damaged("the large value that begins there does not fit its checksum"));
            }
            self.checked.note(index);
        }
        Ok(Some(Bytes::mapped(&self.map, start..end)))
    }

    /// Another map of the same file.
    pub(super) fn map_privately(&self) -> Result<PrivateFileMap> {
        PrivateFileMap::open(&self.file).map_err(|error| Error::io(format!("mapping {}", self.path.display()), error))
    }
}
