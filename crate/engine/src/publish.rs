//! `publish`: the store at one seq as a file that is only read (E27), written while writers go on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::block::{BlockBuilder, BlockHeader, stored_hash};
use crate::checkpoint::Size;
use crate::error::{Error, ErrorCode, Result};
use crate::expiries::Expiries;
use crate::key;
use crate::large::{Manifest, ValueId, chunk_row};
use crate::meta::{self, Applied};
use crate::namespace::{NamespaceId, decode_row, row};
use crate::options::{CHUNK_BYTES, Compression, Durability, VALUE_INLINE_BYTES_MAX};
use crate::progress::Progress;
use crate::range::KeyRange;
use crate::read::{PageIn, paged};
use crate::reclaim;
use crate::row::{Row, RowKind};
use crate::rows::ROW_OVERHEAD_BYTES;
use crate::scan::{Scan, ScanOptions};
use crate::snapshot::{Pin, PinKind};
use crate::snapshot_file::{Header, SnapshotFileWriter};
use crate::store::{Inner, Seq, Store};

/// Number of the one checkpoint that a snapshot file looks like.
pub(crate) const RESTORED_NUMBER: u64 = 1;

/// Tells the ids of values that a memtable still holds whole from those that checkpoints give.
const PUBLISHED_VALUE: u32 = 1 << 31;

/// How [`Store::publish_with`] writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct PublishOptions {
    /// Of the file's blocks; that of the store when there is none. Without compression each large value lies in one piece,
    /// where [`Store::get_or_locate`] finds it.
    pub compression: Option<Compression>,
}

/// What [`Store::publish`] has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Everything up to this seq is in it.
    pub seq: Seq,
    /// Rows of all namespaces, the catalogue's included.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

impl Store {
    /// Writes the store as it is now to a file that [`Store::open_snapshot`] reads. Writers go on meanwhile; what the
    /// file holds is durable in the store first. A file that is there is replaced when the new one is complete, and whoever
    /// has it open goes on reading the old one. `progress` is called now and then, in rows; its `false` ends the work, with
    /// nothing left behind.
    ///
    /// # Errors
    /// `ABORTED` when `progress` asked for it, `DISK_FULL`, `PERMISSION_DENIED`, `IO_FAILED`, `STORAGE_FAILED`,
    /// `CORRUPTION`, `CLOSED`.
    pub fn publish(&self, path: &Path, progress: &mut dyn FnMut(Progress) -> bool) -> Result<Published> {
        self.publish_with(path, &PublishOptions::default(), progress)
    }

    /// As [`Store::publish`].
    ///
    /// # Errors
    /// As [`Store::publish`].
    pub fn publish_with(
        &self,
        path: &Path,
        options: &PublishOptions,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Published> {
        self.write_snapshot_file(path, options, false, progress)
    }

    /// As [`Store::publish`]; what `is_new` is read back before it gets its name.
    pub(crate) fn write_snapshot_file(
        &self,
        path: &Path,
        options: &PublishOptions,
        is_new: bool,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Published> {
        self.check_open()?;
        self.inner.check_readable()?;
        let pin = self.inner.readers.pin(&self.inner.visible, PinKind::Snapshot);
        let published = Publication::write(&self.inner, &pin, path, (options, is_new), progress);
        self.inner.readers.unpin(&pin);
        published
    }
}

/// One run of `publish`.
struct Publication<'a> {
    inner: &'a Arc<Inner>,
    pin: &'a Pin,
    packer: Packer,
    large: Vec<LargeValue>,
    sizes: BTreeMap<u32, Size>,
    expiries: BTreeMap<u32, Expiries>,
    progress: &'a mut dyn FnMut(Progress) -> bool,
    rows_expected: u64,
}

/// A value whose chunks are still to be written; sorted, they are in the order of the file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct LargeValue {
    namespace: u32,
    id: ValueId,
    source: LargeSource,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum LargeSource {
    /// In chunks already: length and length of a chunk.
    Chunked { length: u64, chunk_bytes: u32 },
    /// Whole in a memtable, under this key.
    Whole(Vec<u8>),
}

impl<'a> Publication<'a> {
    fn write(
        inner: &'a Arc<Inner>,
        pin: &'a Pin,
        path: &Path,
        (options, is_new): (&PublishOptions, bool),
        progress: &'a mut dyn FnMut(Progress) -> bool,
    ) -> Result<Published> {
        // E3: a file never holds what a crash of the store may still take back.
        if inner.folder.is_some() {
            inner.wait(pin.seq, Durability::Full)?;
        }
        // E28: the moment's own time, by which its readers judge what has expired.
        let created_ms = pin.time_ms;
        let (store_id, compression) = (inner.format.store_id, inner.format.compression);
        let of_blocks = options.compression.unwrap_or(compression);
        let has_whole_values = of_blocks == Compression::None;
        let epoch = inner.epoch;
        let header = Header { store_id, epoch, seq: pin.seq, created_ms, compression, has_whole_values };
        let packer = Packer::new(SnapshotFileWriter::create(path, &header)?, inner.plan.block_bytes, of_blocks);
        let rows_expected = inner.checkpoint.base_rows();
        let (large, sizes, expiries) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let mut publication = Self { inner, pin, packer, large, sizes, expiries, progress, rows_expected };
        publication.tell_progress()?;
        let namespaces = publication.write_catalogue()?;
        for namespace in namespaces {
            publication.write_namespace(namespace)?;
        }
        publication.write_chunks()?;
        publication.write_meta()?;
        let rows = publication.packer.file.rows();
        let bytes = publication.packer.file.finish(is_new)?;
        (publication.progress)(Progress { done: rows, total: rows });
        Ok(Published { seq: pin.seq, rows, bytes })
    }

    /// Names and the next id; what is being dropped is not there any more. Gives the namespaces by id.
    fn write_catalogue(&mut self) -> Result<Vec<NamespaceId>> {
        let mut namespaces = Vec::new();
        let mut size = Size::default();
        self.packer.begin(key::SPACE_BASE, NamespaceId::CATALOGUE);
        let mut scan = self.scan(NamespaceId::CATALOGUE)?;
        let packer = &mut self.packer;
        while scan.next_rows(&mut |row| {
            let (tag, name) = row.key.split_at_checked(1).unwrap_or_default();
            if tag == row::NAMES {
                namespaces.push(decode_row(name, row.value)?.id);
            } else if tag != row::NEXT_ID {
                return Ok(());
            }
            size.add(row);
            packer.push(row)
        })? {}
        self.packer.end()?;
        self.sizes.insert(NamespaceId::CATALOGUE.get(), size);
        namespaces.sort_unstable_by_key(|namespace| namespace.get());
        Ok(namespaces)
    }

    fn write_namespace(&mut self, namespace: NamespaceId) -> Result<()> {
        let mut size = Size::default();
        self.packer.begin(key::SPACE_BASE, namespace);
        let mut scan = self.scan(namespace)?;
        loop {
            let (packer, large, expiries) = (&mut self.packer, &mut self.large, &mut self.expiries);
            let more = scan.next_rows(&mut |row| {
                let stored = large_row(namespace, row, large)?;
                let row =
                    stored.as_ref().map_or(*row, |manifest| Row { kind: RowKind::Manifest, value: manifest, ..*row });
                size.add(&row);
                reclaim::count(expiries, namespace.get(), &row, self.pin.time_ms)?;
                packer.push(&row)
            })?;
            if !more {
                break;
            }
            self.tell_progress()?;
        }
        self.packer.end()?;
        self.sizes.insert(namespace.get(), size);
        Ok(())
    }

    fn scan(&self, namespace: NamespaceId) -> Result<Scan> {
        let pin = self.inner.readers.pin_again(self.pin);
        Scan::new(self.inner, pin, namespace, &KeyRange::all(), ScanOptions::default())
    }

    fn write_chunks(&mut self) -> Result<()> {
        let mut large = std::mem::take(&mut self.large);
        large.sort_unstable();
        let mut at = None;
        for value in large {
            if at != Some(value.namespace) {
                self.packer.end_if_begun()?;
                self.packer.begin(key::SPACE_CHUNKS, NamespaceId::new(value.namespace));
                at = Some(value.namespace);
            }
            self.write_value(&value)?;
            self.tell_progress()?;
        }
        self.packer.end_if_begun()
    }

    fn write_value(&mut self, value: &LargeValue) -> Result<()> {
        let (namespace, id) = (NamespaceId::new(value.namespace), value.id);
        let chunk_key = |chunk: u32| key::chunk_key(id.origin, id.number, chunk);
        match &value.source {
            LargeSource::Chunked { length, chunk_bytes } => {
                let manifest = Manifest { id, length: *length, checksum: 0, chunk_bytes: *chunk_bytes };
                let mut bytes = Vec::new();
                for chunk in 0..manifest.chunks() {
                    bytes.clear();
                    self.inner.read_chunk(namespace, &manifest, chunk, &mut bytes)?;
                    self.packer.push(&chunk_row(&chunk_key(chunk), 0, &bytes))?;
                }
            }
            LargeSource::Whole(key) => {
                let found = self.inner.read_at(namespace, key, self.pin.moment(), PageIn::Allowed, <[u8]>::to_vec)?;
                let bytes = paged(found)?.ok_or_else(|| Error::internal("a value that is read at one seq is gone"))?;
                for (chunk, part) in bytes.chunks(CHUNK_BYTES).enumerate() {
                    self.packer.push(&chunk_row(&chunk_key(chunk as u32), 0, part))?;
                }
            }
        }
        Ok(())
    }

    /// What a completed checkpoint leaves, in the order of the keys.
    fn write_meta(&mut self) -> Result<()> {
        let applied = Applied { seq: self.pin.seq, number: RESTORED_NUMBER };
        let live_bytes = self.packer.block_bytes_written;
        for (key, value) in meta::completed(&applied, live_bytes, &self.sizes, &self.expiries) {
            self.packer.file.add(&key, &value, None)?;
        }
        Ok(())
    }

    fn tell_progress(&mut self) -> Result<()> {
        let done = self.packer.file.rows();
        if (self.progress)(Progress { done, total: self.rows_expected.max(done) }) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Aborted, "publishing was ended; nothing is left of it"))
    }
}

/// Notes a large value, and gives its manifest if the row has the value itself.
fn large_row(namespace: NamespaceId, row: &Row<'_>, large: &mut Vec<LargeValue>) -> Result<Option<Vec<u8>>> {
    let namespace = namespace.get();
    if row.kind == RowKind::Manifest {
        let Manifest { id, length, chunk_bytes, .. } = Manifest::decode(row.value)?;
        large.push(LargeValue { namespace, id, source: LargeSource::Chunked { length, chunk_bytes } });
        return Ok(None);
    }
    if row.value.len() <= VALUE_INLINE_BYTES_MAX {
        return Ok(None);
    }
    let number = u32::try_from(large.len()).ok().and_then(|number| number.checked_add(PUBLISHED_VALUE));
    let number = number.ok_or_else(|| Error::internal("too many large values for one snapshot file"))?;
    let id = ValueId { origin: row.seq, number };
    large.push(LargeValue { namespace, id, source: LargeSource::Whole(row.key.to_vec()) });
    let (length, checksum) = (row.value.len() as u64, crc32c::crc32c(row.value));
    Ok(Some(Manifest { id, length, checksum, chunk_bytes: CHUNK_BYTES as u32 }.encode()))
}

/// Cuts ascending rows into blocks.
struct Packer {
    file: SnapshotFileWriter,
    builder: BlockBuilder,
    block_bytes: usize,
    compression: Compression,
    /// Space and namespace of the rows that come.
    place: Option<(u8, NamespaceId)>,
    /// Inclusive lower end of the block at hand.
    low: Vec<u8>,
    pending_bytes: usize,
    /// Of the row at hand, where large values lie in one piece.
    chunk: Vec<u8>,
    /// Bytes of all blocks and their keys.
    block_bytes_written: u64,
}

impl Packer {
    fn new(file: SnapshotFileWriter, block_bytes: usize, compression: Compression) -> Self {
        let (builder, low, chunk) = (BlockBuilder::new(), Vec::new(), Vec::new());
        let (pending_bytes, block_bytes_written) = (0, 0);
        Self { file, builder, block_bytes, compression, place: None, low, pending_bytes, chunk, block_bytes_written }
    }

    fn begin(&mut self, space: u8, namespace: NamespaceId) {
        self.place = Some((space, namespace));
        self.low.clear();
    }

    /// Adds a row. Nobody can ask the file for an older version, so it needs no seq (E7).
    fn push(&mut self, row: &Row<'_>) -> Result<()> {
        let bytes = row.size() + ROW_OVERHEAD_BYTES;
        let is_whole = self.packs_whole_values();
        if self.pending_bytes > 0 && (is_whole || self.pending_bytes + bytes > self.block_bytes) {
            let last = self.builder.last_key().unwrap_or_default();
            let fence = key::separator(last, row.key).to_vec();
            self.write_block(Some(&fence))?;
            self.low = fence;
        }
        if let Some((key::SPACE_BASE, namespace)) = self.place {
            self.file.add_row(namespace, row.key);
        }
        if is_whole {
            self.chunk.clear();
            self.chunk.extend_from_slice(row.value);
        }
        self.pending_bytes += bytes;
        self.builder.push(&Row { seq: 0, end_seq: None, ..*row })
    }

    /// Whether the rows at hand are chunks that lie in one piece: a block has one, and the file only its bytes.
    fn packs_whole_values(&self) -> bool {
        self.compression == Compression::None && matches!(self.place, Some((key::SPACE_CHUNKS, _)))
    }

    /// Writes the last block of a namespace; one without rows has none.
    fn end(&mut self) -> Result<()> {
        if self.pending_bytes > 0 {
            self.write_block(None)?;
        }
        self.place = None;
        Ok(())
    }

    fn end_if_begun(&mut self) -> Result<()> {
        if self.place.is_some() { self.end() } else { Ok(()) }
    }

    fn write_block(&mut self, fence: Option<&[u8]>) -> Result<()> {
        let Some((space, namespace)) = self.place else {
            return Err(Error::internal("rows came before their namespace"));
        };
        let header =
            BlockHeader { space, namespace: namespace.get(), low: &self.low, fence, checkpoint: RESTORED_NUMBER };
        let row_key = if self.packs_whole_values() { self.builder.last_key().map(<[u8]>::to_vec) } else { None };
        let stored = self.builder.finish(&header, self.compression)?;
        let sled_key = key::block_key(space, namespace.get(), fence);
        self.block_bytes_written += (sled_key.len() + stored.len()) as u64;
        self.pending_bytes = 0;
        let hash = stored_hash(&sled_key, &stored)?;
        match row_key {
            Some(row_key) => self.file.add_chunk(&sled_key, &row_key, &self.chunk, hash),
            None => self.file.add(&sled_key, &stored, Some(hash)),
        }
    }
}

impl Size {
    fn add(&mut self, row: &Row<'_>) {
        self.rows += 1;
        self.bytes += (row.key.len() + row.value.len()) as u64;
    }
}
