//! What a damaged run still holds: the blocks its index leads to, and those that are found without it, for each tells
//! where the one before it ends.

use std::ops::Range;

use super::file::{FOOTER_BYTES, Footer, HEADER_BYTES, Identity};
use super::{RUNS_FOLDER, parse_name};
use crate::block::{Block, mended, verify_stored};
use crate::key;
use crate::options::ENTRY_BYTES_MAX;
use crate::order::sort_sometimes;
use crate::sled_log::mend::{CRC32C, WrongBit, wrong_bit};
use crate::sled_log::pages::{low_of, may_be_block};
use crate::store::Seq;

/// Where a block has the number of its checkpoint: of a run's, the last seq of the run.
const CHECKPOINT_AT: Range<usize> = 18..26;
/// Damaged blocks of a run in which one wrong bit is looked for.
const MENDED_MAX: usize = 16;

/// What is left of a run.
pub(crate) struct SalvagedRun {
    /// Inside the store's folder.
    pub file: String,
    /// It stands for the seqs above this one, where that can be read,
    pub after: Option<Seq>,
    /// up to this one.
    pub through: Option<Seq>,
    /// In the order of their keys.
    pub blocks: Vec<Block>,
    pub lost: Vec<LostRows>,
}

/// Rows that cannot be read, between two internal keys; an upper one of none is the end.
pub(crate) struct LostRows {
    pub bytes: Range<usize>,
    pub keys: (Vec<u8>, Option<Vec<u8>>),
}

/// A block that was found: where it lies, its key, and its bytes if they had to be mended.
struct Found {
    bytes: Range<usize>,
    key: Vec<u8>,
    mended: Option<Vec<u8>>,
}

impl SalvagedRun {
    /// Reads a file of the `runs` folder; none for any other name.
    pub fn read(name: &str, file: &[u8]) -> Option<Self> {
        let number = parse_name(name)?;
        let identity = file.first_chunk().and_then(|header| Identity::decode(&header_mended(header)));
        let at = file.len().saturating_sub(FOOTER_BYTES);
        let footer = file[at..].first_chunk().and_then(|footer| Footer::decode(&footer_mended(footer)));
        let parts = footer.as_ref().and_then(|footer| {
            let index_at = at.checked_sub(usize::try_from(footer.index_bytes + footer.filter_bytes).ok()?)?;
            (index_at >= HEADER_BYTES).then_some((index_at, footer))
        });
        let blocks_end = parts.map(|(index_at, _)| index_at);
        let mut found = Vec::new();
        if let Some((index_at, footer)) = parts {
            let index = index_mended(&file[index_at..at], footer);
            found = by_index(file, index_at, &index[..footer.index_bytes as usize], number);
        }
        let stated = |at: usize| Some(u64::from_le_bytes(*file.get(at..)?.get(CHECKPOINT_AT)?.first_chunk()?));
        let of_first = || stated(found.first().map_or(HEADER_BYTES, |block| block.bytes.start));
        let through = identity.map(|identity| identity.through).or_else(of_first);
        let walk =
            Walk { file, number, through, blocks_end: blocks_end.unwrap_or(at.max(HEADER_BYTES).min(file.len())) };
        walk.fill(&mut found, blocks_end.is_some());
        let lost = walk.lost(&found, blocks_end.is_some());
        let decoded = found.iter().filter_map(|found| {
            Block::decode(&found.key, found.mended.as_deref().unwrap_or(&file[found.bytes.clone()])).ok()
        });
        Some(Self {
            file: format!("{RUNS_FOLDER}/{name}"),
            after: identity.map(|identity| identity.after),
            through,
            blocks: decoded.collect(),
            lost,
        })
    }

    /// Whether all of its rows are there.
    pub fn is_whole(&self) -> bool {
        self.lost.is_empty()
    }
}

fn set_right(bytes: &mut [u8], length: usize, stated: u32, found: u32) {
    if stated != found
        && let Some(WrongBit::At { byte, mask }) = wrong_bit(CRC32C, length, stated, found)
    {
        bytes[byte] ^= mask;
    }
}

/// Bytes that end with their checksum, with one wrong bit set right in either.
fn sealed_mended(bytes: &mut [u8]) {
    let Some((body, crc)) = bytes.split_last_chunk_mut::<4>() else { return };
    let stated = u32::from_le_bytes(*crc);
    let length = body.len();
    set_right(body, length, stated, crc32c::crc32c(body));
    if (stated ^ crc32c::crc32c(body)).is_power_of_two() {
        *crc = crc32c::crc32c(body).to_le_bytes();
    }
}

fn header_mended(header: &[u8; HEADER_BYTES]) -> [u8; HEADER_BYTES] {
    let mut header = *header;
    sealed_mended(&mut header);
    header
}

/// The magic behind the checksum says nothing that is not known.
fn footer_mended(footer: &[u8; FOOTER_BYTES]) -> [u8; FOOTER_BYTES] {
    let mut footer = *footer;
    sealed_mended(&mut footer[..36]);
    footer[36..].copy_from_slice(&super::file::FOOTER_MAGIC);
    footer
}

fn index_mended(parts: &[u8], footer: &Footer) -> Vec<u8> {
    let mut bytes = parts.to_vec();
    let found = crc32c::crc32c(parts);
    set_right(&mut bytes, parts.len(), footer.crc, found);
    bytes
}

/// Entries of an index up to the first that makes no sense, each with its block if that agrees with its checksum, or does
/// with one bit set right.
fn by_index(file: &[u8], blocks_end: usize, mut index: &[u8], number: u32) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = HEADER_BYTES;
    let mut mended_left = MENDED_MAX;
    while let Some((end, rest)) = index.split_first_chunk::<8>() {
        let Some((length, rest)) = rest.split_first_chunk::<2>() else { break };
        let Some((key, rest)) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length))) else { break };
        let Ok(end) = usize::try_from(u64::from_le_bytes(*end)) else { break };
        let is_key = key::split_block_key(key).is_some_and(|(space, of, _)| (space, of) == (key::SPACE_RUNS, number));
        if !is_key || end <= from || end > blocks_end || end - from > ENTRY_BYTES_MAX {
            break;
        }
        let (bytes, key) = (from..end, key.to_vec());
        if verify_stored(&key, &file[bytes.clone()]).is_ok() {
            found.push(Found { bytes, key, mended: None });
        } else if mended_left > 0 {
            mended_left -= 1;
            let block = mended(&key, &file[bytes.clone()]);
            found.extend(block.map(|block| Found { bytes, key, mended: Some(block) }));
        }
        (from, index) = (end, rest);
    }
    found
}

struct Walk<'a> {
    file: &'a [u8],
    number: u32,
    through: Option<Seq>,
    blocks_end: usize,
}

impl Walk<'_> {
    /// Whether a block of this run may begin here.
    fn may_begin(&self, at: usize) -> bool {
        let Some(bytes) = self.file.get(at..self.blocks_end) else { return false };
        let through = self.through.map(u64::to_le_bytes);
        through.is_some_and(|through| bytes.get(CHECKPOINT_AT) == Some(&through[..])) && may_be_block(bytes)
    }

    /// Stretches between the blocks that were found.
    fn stretches(&self, found: &[Found]) -> Vec<Range<usize>> {
        let mut at = HEADER_BYTES.min(self.blocks_end);
        let mut stretches = Vec::new();
        for block in found {
            if block.bytes.start > at {
                stretches.push(at..block.bytes.start);
            }
            at = block.bytes.end;
        }
        if at < self.blocks_end {
            stretches.push(at..self.blocks_end);
        }
        stretches
    }

    /// Adds the blocks of the stretches between those that were found.
    fn fill(&self, found: &mut Vec<Found>, is_end_known: bool) {
        for stretch in self.stretches(found) {
            let starts: Vec<usize> = stretch.clone().filter(|&at| self.may_begin(at)).collect();
            let mut at = stretch.start;
            for &start in &starts {
                if start < at {
                    continue;
                }
                if let Some(block) = self.block_at(start, &stretch, &starts, is_end_known) {
                    at = block.bytes.end;
                    found.push(block);
                }
            }
        }
        sort_sometimes(found, |a, b| a.bytes.start.cmp(&b.bytes.start));
    }

    /// The block that begins at a place: it ends where another begins, or where all end.
    fn block_at(&self, from: usize, stretch: &Range<usize>, starts: &[usize], is_end_known: bool) -> Option<Found> {
        let limit = self.blocks_end.min(from + ENTRY_BYTES_MAX);
        let ends = starts.iter().copied().filter(|&end| end > from).chain([stretch.end]).filter(|&end| end <= limit);
        let key_at = |end: usize| {
            let fence = if end < self.blocks_end { low_of(&self.file[end..]) } else { None };
            key::block_key(key::SPACE_RUNS, self.number, fence)
        };
        let is_sound = |key: &[u8], end: usize| verify_stored(key, &self.file[from..end]).is_ok();
        let by_next = ends.map(|end| (end, key_at(end))).find(|(end, key)| is_sound(key, *end));
        let by_itself = || {
            let last = key::block_key(key::SPACE_RUNS, self.number, None);
            (from + 1..=limit).find(|&end| is_sound(&last, end)).map(|end| (end, last))
        };
        let (end, key) = by_next.or_else(|| if is_end_known { None } else { by_itself() })?;
        Some(Found { bytes: from..end, key, mended: None })
    }

    /// What is not there: stretches of the file, and the keys between the blocks around them.
    fn lost(&self, found: &[Found], is_end_known: bool) -> Vec<LostRows> {
        let mut lost = Vec::new();
        let mut fence = Some(Vec::new());
        let mut at = HEADER_BYTES;
        for block in found {
            let low = low_of(block.mended.as_deref().unwrap_or(&self.file[block.bytes.clone()])).unwrap_or_default();
            if fence.as_deref().is_none_or(|fence| fence < low) {
                let keys = (fence.unwrap_or_default(), Some(low.to_vec()));
                lost.push(LostRows { bytes: at..block.bytes.start, keys });
            }
            fence = key::split_block_key(&block.key).and_then(|(_, _, fence)| fence).map(<[u8]>::to_vec);
            at = block.bytes.end;
        }
        if let Some(from) = fence {
            let end = if is_end_known { self.blocks_end } else { self.file.len() };
            lost.push(LostRows { bytes: at.min(end)..end, keys: (from, None) });
        }
        lost
    }
}
