//! The walk over all blocks: E7, E8, E13, E14, E16, E24, E28.

use std::collections::{BTreeMap, BTreeSet};

use super::Walk;
use super::unreadable::{self, Next};
use crate::backend::Bytes;
use crate::block::{self, Block};
use crate::checkpoint::Size;
use crate::error::Result;
use crate::key;
use crate::large::Manifest;
use crate::namespace::NamespaceId;
use crate::options::{ENTRY_BYTES_MAX, KEY_BYTES_MAX};
use crate::row::RowKind;

/// Blocks between two reports of progress.
const BLOCKS_A_REPORT: u64 = 256;

/// Sums over the blocks themselves.
#[derive(Default)]
pub(super) struct Counted {
    pub hash: u64,
    pub sizes: BTreeMap<u32, Size>,
    /// Namespaces with rows that expire.
    pub expiring: BTreeSet<u32>,
    /// Whether a block could not be read: what is missing then says nothing about the rest.
    pub is_incomplete: bool,
    /// Whether sled could not read some, so that not even their checksums are known.
    pub has_unread: bool,
}

/// Where the walk through one namespace's blocks of one space is.
struct Tiling {
    namespace: u32,
    /// The fence of the block before: the low key the next one must have. None where that could not be read.
    fence: Option<Vec<u8>>,
    /// Whether the sentinel was seen.
    ended: bool,
}

/// How a block is named in findings.
pub(super) fn place_of(sled_key: &[u8]) -> String {
    match key::split_block_key(sled_key) {
        Some((space, namespace, fence)) => {
            let fence = fence.map_or("the end".to_owned(), |fence| format!("\"{}\"", fence.escape_ascii()));
            format!("block of space {}, namespace {namespace}, up to {fence}", space.escape_ascii())
        }
        None => format!("sled entry {}", sled_key.escape_ascii()),
    }
}

impl Walk<'_> {
    /// Base rows first, then history, so that every manifest is known when the chunks come.
    pub fn check_blocks(&mut self) -> Result<()> {
        for space in [key::SPACE_BASE, key::SPACE_HISTORY, key::SPACE_CHUNKS] {
            self.check_space(space)?;
        }
        self.check_foreign_entries();
        Ok(())
    }

    fn check_space(&mut self, space: u8) -> Result<()> {
        let mut tiling: Option<Tiling> = None;
        let mut position = vec![space];
        loop {
            let (entry, is_behind_damage) = self.next_entry(&position);
            if let Some(tiling) = tiling.as_mut().filter(|_| is_behind_damage) {
                (tiling.fence, tiling.ended) = (None, true);
            }
            let Some((sled_key, stored)) = entry.filter(|(sled_key, _)| sled_key.first() == Some(&space)) else {
                break;
            };
            self.check_entry(&sled_key, &stored, &mut tiling, is_behind_damage);
            if self.report.blocks.is_multiple_of(BLOCKS_A_REPORT) {
                self.tell_progress()?;
            }
            position = sled_key;
        }
        self.end_tiling(space, tiling.as_ref());
        Ok(())
    }

    /// The next entry that can be read, and whether some before it cannot.
    fn next_entry(&mut self, position: &[u8]) -> (Option<(Vec<u8>, Bytes)>, bool) {
        let mut position = position.to_vec();
        let mut is_behind_damage = false;
        loop {
            let error = match self.inner.backend.first_above(&position) {
                Ok(entry) => return (entry.map(|(sled_key, stored)| (sled_key.to_vec(), stored)), is_behind_damage),
                Err(error) => error,
            };
            (self.counted.is_incomplete, self.counted.has_unread, is_behind_damage) = (true, true, true);
            // sled tells which block it is, and its file cannot be read.
            if let Ok(Some(sled_key)) = self.inner.backend.key_above(&position) {
                if sled_key.first() != position.first() {
                    return (None, is_behind_damage);
                }
                self.walked.add_damaged();
                self.report.blocks += 1;
                self.note_unreadable("E13", place_of(&sled_key), error);
                if self.failed.is_some() {
                    return (None, true);
                }
                position = sled_key.to_vec();
                continue;
            }
            self.note_unreadable("E21", format!("what follows the {}", place_of(&position)), error);
            if self.failed.is_some() {
                return (None, true);
            }
            return match unreadable::resume(&*self.inner.backend, &position) {
                Next::Entry(sled_key, stored) => (Some((sled_key, stored)), true),
                Next::End => (None, true),
            };
        }
    }

    fn check_entry(&mut self, sled_key: &[u8], stored: &[u8], tiling: &mut Option<Tiling>, is_behind_damage: bool) {
        let place = place_of(sled_key);
        let Some((space, namespace, fence)) = key::split_block_key(sled_key) else {
            self.report.damage("E14", place, "its key is no block's");
            return;
        };
        if sled_key.len() + stored.len() > ENTRY_BYTES_MAX {
            let bytes = sled_key.len() + stored.len();
            self.report.damage("E16", &place, format!("it has {bytes} bytes; the limit is {ENTRY_BYTES_MAX}"));
        }
        self.report.blocks += 1;
        self.report.bytes += (sled_key.len() + stored.len()) as u64;
        if tiling.as_ref().is_none_or(|tiling| tiling.namespace != namespace) {
            self.end_tiling(space, tiling.as_ref());
            self.check_namespace(namespace, &place);
            *tiling = Some(Tiling { namespace, fence: (!is_behind_damage).then(Vec::new), ended: false });
        }
        match Block::decode(sled_key, stored) {
            Ok(block) => {
                let left_fence = tiling.as_ref().and_then(|tiling| tiling.fence.as_deref());
                self.check_block(&block, &place, left_fence);
            }
            Err(error) => {
                // Its checksum still stands where it was, so the sum over all blocks is not disturbed by it.
                self.counted.hash = self.counted.hash.wrapping_add(block::stored_hash(sled_key, stored).unwrap_or(0));
                self.counted.is_incomplete = true;
                self.walked.add_damaged();
                self.note_unreadable("E13", &place, self.inner.damaged_block(sled_key, error));
            }
        }
        if let Some(tiling) = tiling {
            tiling.ended = fence.is_none();
            tiling.fence = Some(fence.unwrap_or_default().to_vec());
        }
    }

    /// E14: the last block of a namespace is the sentinel.
    fn end_tiling(&mut self, space: u8, tiling: Option<&Tiling>) {
        // The first blocks of a namespace come before its last one; a checkpoint can be cut off in between.
        if let Some(tiling) = tiling.filter(|tiling| !tiling.ended && self.is_settled) {
            let place = place_of(&key::block_key(space, tiling.namespace, tiling.fence.as_deref()));
            self.report.damage("E14", place, "no block follows it, not even the last one of its namespace");
        }
    }

    fn check_namespace(&mut self, namespace: u32, place: &str) {
        let is_known = self.namespaces.as_ref().is_none_or(|known| known.contains(&namespace));
        if !is_known {
            self.report.waste("E24", place, format!("the catalogue knows no namespace {namespace}"));
        }
    }

    fn check_block(&mut self, block: &Block, place: &str, left_fence: Option<&[u8]>) {
        let header = block.header();
        let left_fence = left_fence.unwrap_or(header.low);
        self.counted.hash = self.counted.hash.wrapping_add(block.content_hash());
        self.report.rows += block.len() as u64;
        // A purge that was interrupted is taken up before anybody looks there.
        let may_have_gaps = !self.is_settled
            && (header.space == key::SPACE_HISTORY
                || !self.inner.catalogue.is_live(NamespaceId::new(header.namespace)));
        if header.low > left_fence && !may_have_gaps {
            let low = header.low.escape_ascii();
            self.report.damage("E14", place, format!("it begins at \"{low}\", the block before it ends below that"));
        } else if header.low < left_fence && self.is_settled {
            let low = header.low.escape_ascii();
            self.report.damage("E14", place, format!("it begins at \"{low}\", inside the block before it"));
        }
        if header.checkpoint > self.run.number && self.is_settled {
            let number = header.checkpoint;
            self.report.damage("E13", place, format!("checkpoint {number} wrote it, the last was {}", self.run.number));
        }
        let bytes = (0..block.len()).map(|index| block.key_of(index).len() + block.row(index).value.len());
        let row_bytes = bytes.sum::<usize>();
        self.walked.add(block, row_bytes);
        if header.space == key::SPACE_BASE {
            let size = self.counted.sizes.entry(header.namespace).or_default();
            size.rows += block.len() as u64;
            size.bytes += row_bytes as u64;
        }
        // E14: rows that the left neighbor covers do not count.
        let first = if self.is_settled { 0 } else { block.search(left_fence).unwrap_or_else(|index| index) };
        for index in first..block.len() {
            self.check_row(block, index, place);
        }
    }

    fn check_row(&mut self, block: &Block, index: usize, place: &str) {
        let header = block.header();
        let key = block.key_of(index).to_vec();
        let row = block.row(index);
        let named = || format!("{place}, row \"{}\"", key.escape_ascii());
        if key.as_slice() < header.low || header.fence.is_some_and(|fence| key.as_slice() >= fence) {
            self.report.damage("E14", named(), "it lies outside its block's bounds");
        }
        if row.seq > self.newest_seq {
            let newest = self.newest_seq;
            self.report.damage("E7", named(), format!("its seq {} is above {newest}, the last applied", row.seq));
        }
        if header.space == key::SPACE_HISTORY {
            self.check_history_row(&key, &row, &named());
        } else if row.end_seq.is_some() {
            self.report.damage("E8", named(), "it has an end, and is not in history");
        } else if header.space == key::SPACE_BASE && key.len() > KEY_BYTES_MAX {
            self.report.damage("E14", named(), format!("its key is longer than {KEY_BYTES_MAX} bytes"));
        }
        self.check_expiry(header.space, header.namespace, &row, named);
        if header.space == key::SPACE_CHUNKS {
            self.check_chunk(header.namespace, &key, row.value, &named());
        } else if row.kind == RowKind::Manifest {
            match Manifest::decode(row.value) {
                Ok(manifest) => self.values.expect(header.namespace, manifest, named()),
                Err(_) => self.report.damage("E16", named(), "its manifest cannot be read"),
            }
        }
    }

    /// E28: neither the catalogue nor chunks expire.
    fn check_expiry(&mut self, space: u8, namespace: u32, row: &block::RowRef<'_>, place: impl Fn() -> String) {
        if row.expires_at.is_none() {
            return;
        }
        if space == key::SPACE_CHUNKS || namespace == NamespaceId::CATALOGUE.get() {
            self.report.damage("E28", place(), "it expires, and others need it longer");
        } else if space == key::SPACE_BASE {
            self.counted.expiring.insert(namespace);
        }
    }

    /// E8: a version in history names its key and seq, and ended after it began.
    fn check_history_row(&mut self, row_key: &[u8], row: &block::RowRef<'_>, place: &str) {
        let mut user_key = Vec::new();
        match key::read_history_key(row_key, &mut user_key) {
            Err(_) => self.report.damage("E8", place, "its key cannot be read"),
            Ok(seq) if seq != row.seq => {
                self.report.damage("E8", place, format!("its key says seq {seq}, the row {}", row.seq));
            }
            Ok(seq) if row.end_seq.is_none_or(|end| end <= seq) => {
                self.report.damage("E8", place, format!("its end {:?} is not above its seq {seq}", row.end_seq));
            }
            Ok(_) => {}
        }
    }

    /// Entries that belong to no space.
    fn check_foreign_entries(&mut self) {
        let mut position = Vec::new();
        // What sled cannot read was named by the walk through its space.
        while let Ok(Some((sled_key, _))) = self.inner.backend.first_above(&position) {
            let space = sled_key.first().copied().unwrap_or_default();
            if [key::SPACE_BASE, key::SPACE_HISTORY, key::SPACE_CHUNKS, key::SPACE_META].contains(&space) {
                // Above every key of the space.
                position = vec![0xff; key::SLED_KEY_BYTES_MAX + 1];
                position[0] = space;
            } else {
                self.report.damage("E14", place_of(&sled_key), "it belongs to no key space");
                position = sled_key.to_vec();
            }
        }
    }
}
