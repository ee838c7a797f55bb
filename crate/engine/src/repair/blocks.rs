//! The blocks that are left, as runs of rows and the gaps between them (E13, E14).

use std::collections::BTreeMap;

use super::{Effect, Lost};
use crate::block::{Block, stored_hash};
use crate::key;
use crate::meta;
use crate::sled_log::pages::{Damage, Entries, Place};
use crate::store_file::CheckpointFile;

/// Name of the file the blocks are in, inside a store's folder.
pub(super) const BLOCKS_FILE: &str = "sled/db";

/// Entries of a file, each of them held against its checksum.
pub(super) struct Blocks<'a> {
    pub file_name: &'a str,
    pub file: &'a [u8],
    pub entries: Entries,
    /// Whether they are all there and as the last checkpoint left them.
    pub is_certain: bool,
    /// Last seq that is in them; none where that is not known.
    pub applied: Option<u64>,
    /// Whether they should be, and are not: then some are damaged, or of an earlier time.
    is_refuted: bool,
}

/// Rows between two fences.
pub(super) struct Run {
    pub block: Block,
    /// Rows below are another block's.
    pub low: Vec<u8>,
}

impl<'a> Blocks<'a> {
    pub fn new(file_name: &'a str, file: &'a [u8], mut entries: Entries, completed: Option<&CheckpointFile>) -> Self {
        let mut sum = 0_u64;
        let mut damaged = Vec::new();
        for (sled_key, place) in &entries.places {
            if sled_key.first() == Some(&key::SPACE_META) {
                continue;
            }
            let stored = entries.log.bytes(file, place.value.clone());
            sum = sum.wrapping_add(stored_hash(sled_key, &stored).unwrap_or(0));
            if Block::decode(sled_key, &stored).is_err() {
                damaged.push((sled_key.clone(), place.value.clone()));
            }
        }
        let has_damaged = !damaged.is_empty();
        for (sled_key, bytes) in damaged {
            entries.places.remove(&sled_key);
            let above = [&sled_key[..], &[0]].concat();
            entries.damage.push(Damage { bytes, keys: Some((sled_key, above)) });
        }
        let mut blocks = Self { file_name, file, entries, is_certain: false, applied: None, is_refuted: false };
        let applied = blocks.meta(meta::APPLIED);
        let pending = blocks.meta(meta::PENDING);
        blocks.applied = applied.map(|(seq, _)| seq);
        // Between two checkpoints the sum over all blocks is known.
        let expected = completed
            .filter(|completed| applied == pending && applied == Some((completed.applied, completed.number)))
            .map(|completed| completed.hash);
        blocks.is_certain = expected == Some(sum) && !has_damaged;
        blocks.is_refuted = expected.is_some_and(|hash| hash != sum);
        blocks
    }

    /// Whether blocks may be of an earlier time without a sign of it.
    pub fn has_unknown(&self) -> bool {
        !self.is_certain && (self.entries.has_unknown || self.is_refuted)
    }

    /// What a row of the store's own says, if it can be read and nothing may have replaced it.
    fn meta(&self, sled_key: [u8; 2]) -> Option<(u64, u64)> {
        let place = self.entries.places.get(&sled_key[..]).filter(|place| !place.may_be_old)?;
        meta::parse_pair(&self.entries.log.bytes(self.file, place.value.clone())).ok()
    }

    /// Rows that a namespace is said to have; none where nothing is said.
    pub fn rows_said(&self, namespace: u32) -> Option<u64> {
        let place = self.entries.places.get(&meta::size_key(namespace))?;
        meta::parse_pair(&self.entries.log.bytes(self.file, place.value.clone())).ok().map(|(rows, _)| rows)
    }

    /// The namespaces that have base blocks.
    pub fn namespaces(&self) -> Vec<u32> {
        let mut found = Vec::new();
        for sled_key in self.entries.places.keys() {
            if let Some((key::SPACE_BASE, namespace, _)) = key::split_block_key(sled_key)
                && found.last() != Some(&namespace)
            {
                found.push(namespace);
            }
        }
        found
    }

    /// Number of base blocks.
    pub fn len(&self) -> u64 {
        self.entries.places.keys().filter(|key| key.first() == Some(&key::SPACE_BASE)).count() as u64
    }

    /// Visits a namespace's base blocks in order, and gives what is missing or may be old between them.
    pub fn walk<E>(
        &self,
        namespace: u32,
        name: Option<&str>,
        visit: &mut dyn FnMut(Run) -> Result<(), E>,
    ) -> Result<Vec<Lost>, E> {
        let mut lost = Vec::new();
        let mut fence = Some(Vec::new());
        let mut is_empty = true;
        for (sled_key, place) in self.of(key::SPACE_BASE, namespace) {
            let stored = self.entries.log.bytes(self.file, place.value.clone());
            let Ok(block) = Block::decode(sled_key, &stored) else { continue };
            is_empty = false;
            let header = block.header();
            let before = fence.take().unwrap_or_default();
            if header.low > before.as_slice() {
                lost.push(self.lost(namespace, name, (before.clone(), Some(header.low.to_vec())), Effect::Missing));
            }
            let low = before.max(header.low.to_vec());
            fence = header.fence.map(<[u8]>::to_vec);
            if place.may_be_old && !self.is_certain && !self.entries.has_unknown {
                lost.push(self.lost(namespace, name, (low.clone(), fence.clone()), Effect::Older));
            }
            visit(Run { block, low })?;
        }
        let is_gone = is_empty && !self.is_certain && self.may_have_lost_all(namespace);
        if let Some(from) = fence.filter(|_| !is_empty || is_gone) {
            lost.push(self.lost(namespace, name, (from, None), Effect::Missing));
        }
        Ok(lost)
    }

    /// Whether a namespace without blocks may have had some.
    fn may_have_lost_all(&self, namespace: u32) -> bool {
        let last = key::block_key(key::SPACE_BASE, namespace, None);
        let has_damage = self.entries.damage.iter().any(|damage| damage.may_hold(&last));
        self.rows_said(namespace).map_or(has_damage, |rows| rows > 0)
    }

    fn of(&self, space: u8, namespace: u32) -> impl Iterator<Item = (&Vec<u8>, &Place)> {
        let mut from = Vec::new();
        key::push_internal_key(&mut from, space, namespace, &[]);
        self.entries.places.range(from..key::internal_end(space, namespace))
    }

    fn lost(&self, namespace: u32, name: Option<&str>, keys: (Vec<u8>, Option<Vec<u8>>), effect: Effect) -> Lost {
        let sled_keys = (
            key::block_key(key::SPACE_BASE, namespace, Some(&keys.0)),
            key::block_key(key::SPACE_BASE, namespace, keys.1.as_deref()),
        );
        let overlaps = |damage: &&Damage| damage.overlaps(&sled_keys.0, &sled_keys.1);
        let bytes = self.entries.damage.iter().filter(|damage| damage.keys.is_some()).find(overlaps);
        let what = match effect {
            Effect::Older => "what replaced these rows cannot be read",
            _ => "the blocks of these rows cannot be read",
        };
        let lost = Lost { namespace: name.map(str::to_owned), keys, ..Lost::anywhere(self.file_name, effect, what) };
        match bytes {
            Some(damage) => lost.at(&damage.bytes),
            None => lost,
        }
    }

    /// Damage of which no row is known, given what was found to be lost.
    pub fn unplaced(&self, lost: &[Lost]) -> Vec<Lost> {
        if self.is_certain {
            return Vec::new();
        }
        let at = |damage: &Damage, effect, what: &str| Lost::anywhere(self.file_name, effect, what).at(&damage.bytes);
        let mut found = Vec::new();
        for damage in &self.entries.damage {
            let bytes = Some((damage.bytes.start as u64, damage.bytes.len() as u64));
            if damage.keys.is_none() {
                found.push(at(
                    damage,
                    Effect::Older,
                    "what was written here cannot be told; what it replaced may be there",
                ));
            } else if !lost.iter().any(|lost| lost.bytes == bytes) {
                found.push(at(damage, Effect::None, "it is damaged, and no row was found to be missing for it"));
            }
        }
        let is_explained =
            lost.iter().chain(&found).any(|lost| lost.file == self.file_name && lost.effect != Effect::None);
        if self.is_refuted && !is_explained {
            let what = "the blocks are not those that the last checkpoint left; some may be older";
            found.push(Lost::anywhere(self.file_name, Effect::Older, what));
        }
        found
    }

    /// A chunk of a large value.
    pub fn chunk(&self, namespace: u32, chunk_key: &[u8], out: &mut Vec<u8>) -> bool {
        let seek = key::block_seek_key(key::SPACE_CHUNKS, namespace, chunk_key);
        let above = (std::ops::Bound::Excluded(seek), std::ops::Bound::Unbounded);
        let Some((sled_key, place)) = self.entries.places.range(above).next() else { return false };
        let in_place =
            key::split_block_key(sled_key).is_some_and(|(space, of, _)| (space, of) == (key::SPACE_CHUNKS, namespace));
        let stored = self.entries.log.bytes(self.file, place.value.clone());
        let Some(block) = Block::decode(sled_key, &stored).ok().filter(|_| in_place) else { return false };
        match block.search(chunk_key) {
            Ok(index) => out.extend_from_slice(block.row(index).value),
            Err(_) => return false,
        }
        true
    }
}

impl Damage {
    fn may_hold(&self, sled_key: &[u8]) -> bool {
        self.overlaps(sled_key, &[sled_key, &[0]].concat())
    }

    fn overlaps(&self, from: &[u8], to: &[u8]) -> bool {
        self.keys.as_ref().is_none_or(|(low, high)| low.as_slice() <= to && (high.is_empty() || from < high.as_slice()))
    }
}

/// Rows by key of a namespace, small enough to be held: the catalogue's.
pub(super) fn rows_of(blocks: &Blocks<'_>, namespace: u32) -> (BTreeMap<Vec<u8>, Vec<u8>>, Vec<Lost>) {
    let mut rows = BTreeMap::new();
    let walked: Result<_, std::convert::Infallible> = blocks.walk(namespace, None, &mut |run| {
        let first = run.block.search(&run.low).unwrap_or_else(|index| index);
        for index in first..run.block.len() {
            rows.insert(run.block.key_of(index).to_vec(), run.block.row(index).value.to_vec());
        }
        Ok(())
    });
    (rows, walked.unwrap_or_else(|never| match never {}))
}
