//! The blocks that are left, as runs of rows and the gaps between them (E13, E14).

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::pieces::{At, Candidate, Piece, Pieces};
use super::{Effect, Lost};
use crate::block::{Block, mended, stored_hash, verify_stored};
use crate::block_files::BLOCKS_FOLDER;
use crate::block_files::salvage::SalvagedFiles;
use crate::key;
use crate::meta;
use crate::sled_log::pages::Entries;
use crate::store_file::CheckpointFile;
use sledstore_sys::FileMap;

/// Name of sled's file, inside a store's folder.
pub(super) const SLED_FILE: &str = "sled/db";
/// Damaged blocks in which one wrong bit is looked for.
const MENDED_MAX: usize = 64;

/// Where blocks are read from.
#[derive(Default)]
pub(super) struct Source {
    /// Name of the file with the entries, inside a store's folder; empty for a snapshot file.
    pub name: String,
    pub file: Option<FileMap>,
    pub entries: Entries,
    pub block_files: SalvagedFiles<FileMap>,
}

/// A stretch of a file that cannot be read, and the entries that may have been in it; any at all where none are named.
struct Damage {
    file: String,
    bytes: std::ops::Range<usize>,
    keys: Option<(Vec<u8>, Vec<u8>)>,
}

/// Blocks that agree with their checksums, each as far as it counts.
pub(super) struct Blocks<'a> {
    pub file_name: &'a str,
    source: &'a Source,
    pieces: Pieces,
    damage: Vec<Damage>,
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
    /// Rows below are another block's,
    pub low: Vec<u8>,
    /// and so are those from here on.
    pub high: Option<Vec<u8>>,
}

impl Run {
    /// Positions of the rows that count.
    pub fn rows(&self) -> std::ops::Range<usize> {
        let position = |key: &[u8]| self.block.search(key).unwrap_or_else(|index| index);
        position(&self.low)..self.high.as_deref().map_or(self.block.len(), position)
    }
}

impl Source {
    fn file(&self) -> &[u8] {
        self.file.as_deref().unwrap_or_default()
    }

    fn bytes<'b>(&'b self, at: &'b At) -> Option<Cow<'b, [u8]>> {
        match at {
            At::Entries(range) => Some(self.entries.log.bytes(self.file(), range.clone())),
            At::File(number, range) => self.block_files.bytes(&(*number, range.clone())).map(Cow::Borrowed),
            At::Mended(bytes) => Some(Cow::Borrowed(bytes)),
        }
    }

    fn name_of(&self, at: &At) -> String {
        match at {
            At::File(number, _) => SalvagedFiles::<FileMap>::name(*number),
            _ => self.name.clone(),
        }
    }

    /// Where the block of an entry is.
    fn block_at(&self, sled_key: &[u8], value: std::ops::Range<usize>) -> At {
        match SalvagedFiles::<FileMap>::place(sled_key, &self.entries.log.bytes(self.file(), value.clone())) {
            Some((number, range)) => At::File(number, range),
            None => At::Entries(value),
        }
    }
}

/// What sled's entries lead to.
#[derive(Default)]
struct Named {
    candidates: Vec<Candidate>,
    damage: Vec<Damage>,
    /// Sum of the checksums as they stand in the blocks, damaged ones too.
    sum: u64,
}

impl Named {
    fn read(source: &Source) -> Self {
        let mut named = Self::default();
        let mut mended_left = MENDED_MAX;
        for (sled_key, place) in &source.entries.places {
            if sled_key.first() == Some(&key::SPACE_META) {
                continue;
            }
            let at = source.block_at(sled_key, place.value.clone());
            let stored = source.bytes(&at);
            named.sum = named
                .sum
                .wrapping_add(stored.as_ref().and_then(|stored| stored_hash(sled_key, stored).ok()).unwrap_or(0));
            if let Some(candidate) = candidate(sled_key, &at, stored, !place.may_be_old, &mut mended_left) {
                named.candidates.push(candidate);
                continue;
            }
            let above = [&sled_key[..], &[0]].concat();
            let bytes = match &at {
                At::File(_, range) | At::Entries(range) => range.clone(),
                At::Mended(_) => continue,
            };
            named.damage.push(Damage { file: source.name_of(&at), bytes, keys: Some((sled_key.clone(), above)) });
        }
        named
    }
}

/// The block of an entry, if it agrees with its checksum or would with one bit set right.
fn candidate(
    sled_key: &[u8],
    at: &At,
    stored: Option<Cow<'_, [u8]>>,
    is_trusted: bool,
    mended_left: &mut usize,
) -> Option<Candidate> {
    let stored = stored?;
    let written = match at {
        At::File(number, range) => (*number, range.start),
        _ => (0, 0),
    };
    if verify_stored(sled_key, &stored).is_ok() {
        return Candidate::new(sled_key, &stored, at.clone(), written, is_trusted);
    }
    // Entries of a log have checksums of their own, which tell at once.
    *mended_left = mended_left.checked_sub(1).filter(|_| matches!(at, At::File(..)))?;
    let bytes = mended(sled_key, &stored)?;
    Candidate::new(sled_key, &bytes, At::Mended(bytes.clone()), written, is_trusted)
}

impl<'a> Blocks<'a> {
    pub fn new(source: &'a Source, completed: Option<&CheckpointFile>) -> Self {
        let Named { candidates, damage, sum } = Named::read(source);
        let has_damaged = !damage.is_empty();
        let of_entries = source.entries.damage.iter().map(|damage| Damage {
            file: source.name.clone(),
            bytes: damage.bytes.clone(),
            keys: damage.keys.clone(),
        });
        let damage = of_entries.chain(damage).collect();
        let pieces = Pieces::lay(&candidates, true);
        let file_name = source.name.as_str();
        let mut blocks =
            Self { file_name, source, pieces, damage, is_certain: false, applied: None, is_refuted: false };
        let applied = blocks.meta(meta::APPLIED);
        let pending = blocks.meta(meta::PENDING);
        blocks.applied = applied.map(|(seq, _)| seq);
        // Between two checkpoints the sum over all blocks is known.
        let expected = completed
            .filter(|completed| applied == pending && applied == Some((completed.applied, completed.number)))
            .map(|completed| completed.hash);
        blocks.is_certain = expected == Some(sum) && !has_damaged;
        blocks.is_refuted = expected.is_some_and(|hash| hash != sum);
        let completed = completed.filter(|completed| completed.number > 0);
        let is_behind = completed.is_some_and(|completed| applied.is_some_and(|(_, number)| number < completed.number));
        let is_gone = source.file.is_none() || (applied.is_none() && completed.is_some());
        let is_doubtful = is_gone || blocks.is_refuted || !blocks.damage.is_empty();
        if (is_doubtful || is_behind) && !blocks.is_certain && !source.block_files.is_empty() {
            blocks.search(candidates, completed, is_doubtful);
        }
        blocks
    }

    /// Looks for blocks without sled. They are those of the last checkpoint if their checksums sum up to what it left; if
    /// they do not, they are taken where sled's word `is_doubtful`.
    fn search(&mut self, mut candidates: Vec<Candidate>, completed: Option<&CheckpointFile>, is_doubtful: bool) {
        let records = self.source.block_files.records();
        candidates.extend(records.into_iter().filter_map(|record| {
            let (number, range) = record.at;
            let (written, at) = ((number, range.start), At::File(number, range));
            Candidate::new(&record.key, &self.source.bytes(&at)?, at.clone(), written, false)
        }));
        let is_right = |pieces: &Pieces| completed.is_some_and(|completed| completed.hash == pieces.hash);
        let found = [true, false].into_iter().map(|trusts| Pieces::lay(&candidates, trusts)).find(is_right);
        if let Some(found) = found {
            self.pieces = found;
        } else if is_doubtful {
            // Of a namespace without damage sled has said all, also where that is nothing.
            candidates.retain(|candidate| candidate.is_trusted || self.may_lack_in(&candidate.key));
            self.pieces = Pieces::lay(&candidates, true);
        }
        if let Some(completed) = completed.filter(|_| is_right(&self.pieces)) {
            (self.is_certain, self.is_refuted, self.applied) = (true, false, Some(completed.applied));
        }
    }

    /// Whether sled's word may not be all there is to say of a block's namespace.
    fn may_lack_in(&self, sled_key: &[u8]) -> bool {
        let Some((space, namespace, _)) = key::split_block_key(sled_key) else { return false };
        let bound = |fence| key::block_key(space, namespace, fence);
        let (first, last) = (bound(Some(&[][..])), bound(None));
        self.applied.is_none()
            || self.is_refuted
            || self.source.entries.has_unknown
            || self.damage.iter().any(|damage| damage.overlaps(&first, &last))
    }

    /// Whether blocks may be of an earlier time without a sign of it.
    pub fn has_unknown(&self) -> bool {
        !self.is_certain && (self.source.entries.has_unknown || self.is_refuted)
    }

    /// What a row of the store's own says, if it can be read and nothing may have replaced it.
    fn meta(&self, sled_key: [u8; 2]) -> Option<(u64, u64)> {
        let place = self.source.entries.places.get(&sled_key[..]).filter(|place| !place.may_be_old)?;
        meta::parse_pair(&self.source.entries.log.bytes(self.source.file(), place.value.clone())).ok()
    }

    /// Rows that a namespace is said to have; none where nothing is said.
    pub fn rows_said(&self, namespace: u32) -> Option<u64> {
        let place = self.source.entries.places.get(&meta::size_key(namespace))?;
        let stored = self.source.entries.log.bytes(self.source.file(), place.value.clone());
        meta::parse_pair(&stored).ok().map(|(rows, _)| rows)
    }

    /// The namespaces that have base blocks.
    pub fn namespaces(&self) -> Vec<u32> {
        let base = self.pieces.by_low.keys().filter(|(space, ..)| *space == key::SPACE_BASE);
        let mut found: Vec<u32> = base.map(|(_, namespace, _)| *namespace).collect();
        found.dedup();
        found
    }

    /// Number of base blocks.
    pub fn len(&self) -> u64 {
        self.pieces.by_low.keys().filter(|(space, ..)| *space == key::SPACE_BASE).count() as u64
    }

    /// Visits a namespace's base blocks in order, and gives what is missing or may be old between them.
    pub fn walk<E>(
        &self,
        namespace: u32,
        name: Option<&str>,
        visit: &mut dyn FnMut(Run) -> Result<(), E>,
    ) -> Result<Vec<Lost>, E> {
        let mut lost: Vec<Lost> = Vec::new();
        let mut fence = Some(Vec::new());
        let mut is_empty = true;
        for (low, piece) in self.of(key::SPACE_BASE, namespace) {
            let Some(block) = self.block(piece) else { continue };
            is_empty = false;
            let before = fence.take().unwrap_or_default();
            if *low > before {
                lost.push(self.lost(namespace, name, (before, Some(low.clone())), Effect::Missing));
            }
            fence = piece.high.clone();
            if piece.may_be_old && !self.is_certain && !self.source.entries.has_unknown {
                let older = self.lost(namespace, name, (low.clone(), fence.clone()), Effect::Older);
                match lost.last_mut().filter(|last| last.goes_on_in(&older)) {
                    Some(last) => last.keys.1 = older.keys.1,
                    None => lost.push(older),
                }
            }
            visit(Run { block, low: low.clone(), high: fence.clone() })?;
        }
        let is_gone = is_empty && !self.is_certain && self.may_have_lost_all(namespace);
        if let Some(from) = fence.filter(|_| !is_empty || is_gone) {
            lost.push(self.lost(namespace, name, (from, None), Effect::Missing));
        }
        Ok(lost)
    }

    fn block(&self, piece: &Piece) -> Option<Block> {
        Block::decode(&piece.key, &self.source.bytes(&piece.at)?).ok()
    }

    /// Whether a namespace without blocks may have had some.
    fn may_have_lost_all(&self, namespace: u32) -> bool {
        let last = key::block_key(key::SPACE_BASE, namespace, None);
        let has_damage = self.damage.iter().any(|damage| damage.may_hold(&last));
        self.rows_said(namespace).map_or(has_damage, |rows| rows > 0)
    }

    fn of(&self, space: u8, namespace: u32) -> impl Iterator<Item = (&Vec<u8>, &Piece)> {
        let all = self.pieces.by_low.range((space, namespace, Vec::new())..);
        all.take_while(move |((of_space, of, _), _)| (*of_space, *of) == (space, namespace))
            .map(|((.., low), piece)| (low, piece))
    }

    fn lost(&self, namespace: u32, name: Option<&str>, keys: (Vec<u8>, Option<Vec<u8>>), effect: Effect) -> Lost {
        let sled_keys = (
            key::block_key(key::SPACE_BASE, namespace, Some(&keys.0)),
            key::block_key(key::SPACE_BASE, namespace, keys.1.as_deref()),
        );
        let overlaps = |damage: &&Damage| damage.overlaps(&sled_keys.0, &sled_keys.1);
        let damage = self.damage.iter().filter(|damage| damage.keys.is_some()).find(overlaps);
        let what = match effect {
            Effect::Older => "what replaced these rows cannot be read",
            _ => "the blocks of these rows cannot be read",
        };
        let file = damage.map_or(self.file_name, |damage| damage.file.as_str());
        let lost = Lost { namespace: name.map(str::to_owned), keys, ..Lost::anywhere(file, effect, what) };
        match damage {
            Some(damage) => lost.at(&damage.bytes),
            None => lost,
        }
    }

    /// Rows that are missing for a chunk, with the damage that took it where that is known.
    pub fn lost_chunk(&self, namespace: u32, chunk_key: &[u8], what: &str) -> Lost {
        let seek = key::block_seek_key(key::SPACE_CHUNKS, namespace, chunk_key);
        let is_in = |damage: &&Damage| damage.keys.is_some() && damage.may_hold(&seek);
        // Of a block alone its own key is known, the first above the chunk's.
        let of_block = |damage: &&Damage| damage.keys.as_ref().is_some_and(|(low, _)| *low > seek);
        let above = self.damage.iter().filter(of_block).min_by(|a, b| a.keys.cmp(&b.keys));
        match self.damage.iter().find(is_in).or(above) {
            Some(damage) => Lost::anywhere(damage.file.as_str(), Effect::Missing, what).at(&damage.bytes),
            None => Lost::anywhere(self.file_name, Effect::Missing, what),
        }
    }

    /// Damage of which no row is known, given what was found to be lost.
    pub fn unplaced(&self, lost: &[Lost]) -> Vec<Lost> {
        if self.is_certain {
            return Vec::new();
        }
        let at =
            |damage: &Damage, effect, what: &str| Lost::anywhere(damage.file.as_str(), effect, what).at(&damage.bytes);
        let mut found = Vec::new();
        for damage in &self.damage {
            let bytes = Some((damage.bytes.start as u64, damage.bytes.len() as u64));
            if damage.keys.is_none() {
                found.push(at(
                    damage,
                    Effect::Older,
                    "what was written here cannot be told; what it replaced may be there",
                ));
            } else if !lost.iter().any(|lost| lost.bytes == bytes && lost.file == damage.file) {
                found.push(at(damage, Effect::None, "it is damaged, and no row was found to be missing for it"));
            }
        }
        let is_explained =
            lost.iter().chain(&found).any(|lost| self.is_of_blocks(&lost.file) && lost.effect != Effect::None);
        if self.is_refuted && !is_explained {
            let what = "the blocks are not those that the last checkpoint left; some may be older";
            found.push(Lost::anywhere(self.file_name, Effect::Older, what));
        }
        found
    }

    fn is_of_blocks(&self, file: &str) -> bool {
        file == self.file_name || file.starts_with(BLOCKS_FOLDER)
    }

    /// A chunk of a large value.
    pub fn chunk(&self, namespace: u32, chunk_key: &[u8], out: &mut Vec<u8>) -> bool {
        let place = (key::SPACE_CHUNKS, namespace, chunk_key.to_vec());
        let before = self.pieces.by_low.range(..=place).next_back();
        let in_place = before.filter(|((space, of, _), _)| (*space, *of) == (key::SPACE_CHUNKS, namespace));
        let Some(block) = in_place.and_then(|(_, piece)| self.block(piece)) else { return false };
        match block.search(chunk_key) {
            Ok(index) => out.extend_from_slice(block.row(index).value),
            Err(_) => return false,
        }
        true
    }
}

impl Lost {
    /// Whether another one is of the same damage and goes on where this one ends.
    fn goes_on_in(&self, other: &Self) -> bool {
        let same = |lost: &Self| (lost.file.clone(), lost.bytes, lost.effect, lost.namespace.clone());
        same(self) == same(other) && self.keys.1.as_ref() == Some(&other.keys.0)
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
        for index in run.rows() {
            rows.insert(run.block.key_of(index).to_vec(), run.block.row(index).value.to_vec());
        }
        Ok(())
    });
    (rows, walked.unwrap_or_else(|never| match never {}))
}
