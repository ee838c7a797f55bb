//! What a damaged snapshot file still holds: the blocks its index leads to, and those that are found without it, for
//! each tells where the one before it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use super::format::{FOOTER_BYTES, Footer, HEADER_BYTES, Header, INDEX_ENTRY_BYTES};
use crate::block::verify_stored;
use crate::key;
use crate::options::{Compression, ENTRY_BYTES_MAX};
use crate::order::map_of;
use crate::publish::RESTORED_NUMBER;
use crate::sled_log::mend::{CRC32C, WrongBit, wrong_bit};
use crate::sled_log::pages::{Damage, Entries, Place, low_of, may_be_block};
use crate::store_file::CheckpointFile;

/// Numbers of namespaces that are tried for a block whose neighbors are gone.
const NAMESPACES_TRIED: u32 = 64;

/// What is left of a file.
pub(crate) struct Salvaged {
    pub compression: Option<Compression>,
    pub epoch: Option<u64>,
    pub completed: Option<CheckpointFile>,
    pub entries: Entries,
    /// Parts of the file that are damaged and hold no rows.
    pub bad: Vec<Range<usize>>,
}

/// Reads a file; none where it is nothing that was published.
pub(crate) fn salvage(path: &Path, file: &[u8]) -> Option<Salvaged> {
    let end = file.len().saturating_sub(FOOTER_BYTES).max(HEADER_BYTES);
    if file.len() < HEADER_BYTES {
        return None;
    }
    let mut bad = Vec::new();
    let mut part = |range: Range<usize>| {
        let (bytes, is_sound) = mended(&file[range.clone()]);
        if !is_sound {
            bad.push(range);
        }
        bytes
    };
    let header = Header::parse(path, &part(0..HEADER_BYTES)).ok();
    let footer = Footer::parse(path, &part(end..file.len()), file.len()).ok();
    let mut found = Found { file, places: BTreeMap::new() };
    let blocks = HEADER_BYTES..footer.map_or(end, |footer| footer.meta.from);
    if let Some(footer) = &footer {
        let parts = [&footer.meta, &footer.index, &footer.keys, &footer.filters, &footer.filter_table];
        let is_sound = parts.map(|part| crc32c::crc32c(&file[part.range()]) == part.crc);
        found.by_index(footer, is_sound[..3] == [true; 3]);
        bad.extend(parts.iter().zip(is_sound).filter(|(_, is_sound)| !is_sound).map(|(part, _)| part.range()));
    }
    found.by_walk(&blocks);
    if header.is_none() && footer.is_none() && found.places.is_empty() {
        return None;
    }
    let completed = header.zip(footer).map(|(header, footer)| CheckpointFile {
        applied: header.seq,
        number: RESTORED_NUMBER,
        hash: footer.hash,
    });
    let mut damage = found.damage(&blocks);
    if footer.is_none() {
        // Nothing says how many entries there were.
        let last = found.places.keys().next_back().cloned().unwrap_or_default();
        damage.push(Damage { bytes: blocks.end..file.len(), keys: Some((last, Vec::new())) });
    }
    let places = map_of(found.places.into_iter().map(|(key, value)| (key, Place { value, may_be_old: false })));
    let entries = Entries { places, damage, ..Entries::default() };
    let (compression, epoch) = (header.map(|header| header.compression), header.map(|header| header.epoch));
    Some(Salvaged { compression, epoch, completed, entries, bad })
}

/// Whether a block of a published file may begin here: one checkpoint wrote all, and no row has a seq.
fn may_be_published(bytes: &[u8]) -> bool {
    let written = [RESTORED_NUMBER.to_le_bytes(), [0; 8]].concat();
    may_be_block(bytes) && bytes[18..34] == written
}

/// Bytes that end with their checksum, with one wrong bit set right; and whether none was.
fn mended(sealed: &[u8]) -> (Vec<u8>, bool) {
    let mut bytes = sealed.to_vec();
    let Some((body, crc)) = sealed.split_last_chunk::<4>() else { return (bytes, false) };
    let (stated, found) = (u32::from_le_bytes(*crc), crc32c::crc32c(body));
    if stated == found {
        return (bytes, true);
    }
    match wrong_bit(CRC32C, body.len(), stated, found) {
        Some(WrongBit::At { byte, mask }) => bytes[byte] ^= mask,
        Some(WrongBit::Checksum) => bytes[body.len()..].copy_from_slice(&found.to_le_bytes()),
        None => {}
    }
    (bytes, false)
}

/// Bytes that no entry takes, and the keys of the entries before and behind them.
type Stretch = (Range<usize>, Option<Vec<u8>>, Option<Vec<u8>>);

struct Found<'a> {
    file: &'a [u8],
    places: BTreeMap<Vec<u8>, Range<usize>>,
}

impl Found<'_> {
    /// Entries of the index; of a damaged one those that lead to blocks. The store's own count only where nothing that leads to
    /// them, and none of them, is damaged.
    fn by_index(&mut self, footer: &Footer, has_meta: bool) {
        let number = |at: usize| {
            let bytes = self.file[footer.index.range()].get(at..)?.first_chunk()?;
            usize::try_from(u64::from_le_bytes(*bytes)).ok()
        };
        let keys = &self.file[footer.keys.range()];
        for entry in 0..footer.entries {
            let (this, next) = (entry * INDEX_ENTRY_BYTES, (entry + 1) * INDEX_ENTRY_BYTES);
            let numbers = number(this).zip(number(next)).zip(number(this + 8).zip(number(next + 8)));
            let Some(((from, to), (key_from, key_to))) = numbers else { continue };
            let Some(key) = keys.get(key_from..key_to) else { continue };
            let is_inside = from >= HEADER_BYTES && to <= footer.index.from;
            let Some(value) = self.file.get(from..to).filter(|_| is_inside) else { continue };
            let is_meta = key.first() == Some(&key::SPACE_META);
            let is_right = if is_meta { has_meta } else { verify_stored(key, value).is_ok() };
            if is_right {
                self.places.insert(key.to_vec(), from..to);
            }
        }
    }

    /// Stretches that no entry takes, with the keys of the entries around them.
    fn stretches(&self, blocks: &Range<usize>) -> Vec<Stretch> {
        let mut taken: Vec<_> = self.places.iter().map(|(key, range)| (range.start, range.end, key)).collect();
        taken.sort_unstable();
        let (mut at, mut before) = (blocks.start, None);
        let mut found = Vec::new();
        for (from, to, key) in taken {
            if from > at {
                found.push((at..from, before.clone(), Some(key.clone())));
            }
            at = at.max(to);
            before = Some(key.clone());
        }
        if at < blocks.end {
            found.push((at..blocks.end, before, None));
        }
        found
    }

    fn by_walk(&mut self, blocks: &Range<usize>) {
        for (stretch, before, behind) in self.stretches(blocks) {
            let namespaces = self.places.keys().filter_map(|key| key::split_block_key(key).map(|(_, id, _)| id));
            let tried: BTreeSet<u32> = namespaces.chain(0..NAMESPACES_TRIED).collect();
            let mut context = before.as_deref().and_then(key::split_block_key).map(|(space, id, _)| (space, id));
            let mut at = stretch.start;
            while at < stretch.end {
                let next = self.block_at(at, &stretch, behind.as_deref(), context, &tried);
                let Some((key, end)) = next else {
                    at += 1;
                    continue;
                };
                context = key::split_block_key(&key).map(|(space, id, _)| (space, id));
                self.places.insert(key, at..end);
                at = end;
            }
        }
    }

    /// The block that begins at a place, if one does: its key, and where it ends.
    fn block_at(
        &self,
        at: usize,
        stretch: &Range<usize>,
        behind: Option<&[u8]>,
        context: Option<(u8, u32)>,
        tried: &BTreeSet<u32>,
    ) -> Option<(Vec<u8>, usize)> {
        may_be_published(&self.file[at..stretch.end]).then_some(())?;
        let others =
            [key::SPACE_BASE, key::SPACE_CHUNKS].into_iter().flat_map(|space| tried.iter().map(move |&id| (space, id)));
        let places: Vec<_> = context.into_iter().chain(others).collect();
        let ends = at + 1..stretch.end.min(at + ENTRY_BYTES_MAX) + 1;
        for end in ends.clone().filter(|&end| end == stretch.end || may_be_published(&self.file[end..stretch.end])) {
            // Where a block begins, the one before it ends; the first of a namespace begins with nothing.
            let fence = if end < stretch.end {
                low_of(&self.file[end..])
            } else {
                behind.filter(|key| key::split_block_key(key).is_some()).and_then(|_| low_of(&self.file[end..]))
            };
            let fence = fence.filter(|fence| !fence.is_empty());
            let stored = &self.file[at..end];
            let keys = places.iter().map(|&(space, id)| key::block_key(space, id, fence));
            if let Some(key) = keys.into_iter().find(|key| verify_stored(key, stored).is_ok()) {
                return Some((key, end));
            }
        }
        if behind.is_some() {
            return None;
        }
        // The last block of all: what follows is none.
        let keys: Vec<_> = places.iter().map(|&(space, id)| key::block_key(space, id, None)).collect();
        ends.flat_map(|end| keys.iter().map(move |key| (key, end)))
            .find(|(key, end)| verify_stored(key, &self.file[at..*end]).is_ok())
            .map(|(key, end)| (key.clone(), end))
    }

    /// What is still not read.
    fn damage(&self, blocks: &Range<usize>) -> Vec<Damage> {
        let stretches = self.stretches(blocks).into_iter();
        stretches
            .map(|(bytes, before, behind)| Damage {
                bytes,
                keys: Some((before.unwrap_or_default(), behind.unwrap_or_default())),
            })
            .collect()
    }
}
