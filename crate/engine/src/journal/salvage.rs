//! What a damaged journal still holds: every record that agrees with its checksum, whatever lies between.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use sledstore_sys::FileMap;

use super::reader::read_error;
use super::record::{self, END, FRAME_BYTES, FrameHead, GROUP, GROUP_BYTES, RecordKind, read_u32};
use super::segment::{self, HEADER_BYTES, SegmentInfo};
use crate::error::Result;
use crate::sled_log::mend::CRC32C;

/// A record that was found.
pub(crate) struct SalvagedRecord {
    pub seq: u64,
    /// Among [`Salvaged::segments`].
    segment: usize,
    payload: Range<usize>,
}

/// A stretch of a segment that cannot be read.
pub(crate) struct BadStretch {
    /// The file's name.
    pub file: String,
    pub bytes: Range<usize>,
    /// Seqs of the records around it, which may have been in it, both exclusive; none above is known at the end.
    pub seqs: (u64, Option<u64>),
}

/// What is left of a journal.
#[derive(Default)]
pub(crate) struct Salvaged {
    segments: Vec<(SegmentInfo, Option<FileMap>)>,
    /// Ascending by seq, each seq once.
    pub records: Vec<SalvagedRecord>,
    pub bad: Vec<BadStretch>,
    /// Highest seq that a group knew durable.
    pub durable: u64,
    /// Whether the newest segment says that another one follows.
    pub lacks_newest: bool,
}

impl Salvaged {
    /// Reads all segments of a folder, which may be missing.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut found = Self::default();
        let names = match fs::read_dir(folder) {
            Ok(entries) => entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect(),
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(read_error(folder, error)),
        };
        let mut infos: Vec<_> = names.iter().filter_map(|name: &String| SegmentInfo::parse(name)).collect();
        infos.sort_unstable();
        for at in 0..infos.len() {
            let limit = segment::last_seq(&infos, at);
            let map = map(&infos[at].path(folder))?;
            if let Some(bytes) = &map {
                Pass::new(&infos[at], at, limit, bytes).read_into(&mut found);
            }
            found.segments.push((infos[at].clone(), map));
        }
        found.records.sort_by_key(|record| (record.seq, record.segment));
        // Of one seq in two epochs the higher counts; lower ones end below it, but for what nobody knew durable.
        found.records.reverse();
        found.records.dedup_by_key(|record| record.seq);
        found.records.reverse();
        Ok(found)
    }

    /// A record's payload.
    pub fn payload(&self, record: &SalvagedRecord) -> &[u8] {
        let map = self.segments.get(record.segment).and_then(|(_, map)| map.as_deref());
        map.and_then(|bytes| bytes.get(record.payload.clone())).unwrap_or_default()
    }

    /// First seq of the oldest segment.
    pub fn first_seq(&self) -> Option<u64> {
        self.segments.first().map(|(info, _)| info.first_seq)
    }
}

/// The bytes of a file; none where it is empty, or no file.
fn map(path: &Path) -> Result<Option<FileMap>> {
    let file = File::open(path).map_err(|error| read_error(path, error))?;
    let metadata = file.metadata().map_err(|error| read_error(path, error))?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Ok(None);
    }
    FileMap::open(&file).map(Some).map_err(|error| read_error(path, error))
}

/// One pass over a segment.
struct Pass<'a> {
    info: &'a SegmentInfo,
    index: usize,
    /// Last seq that counts.
    limit: u64,
    bytes: &'a [u8],
    salt: u32,
}

impl<'a> Pass<'a> {
    fn new(info: &'a SegmentInfo, index: usize, limit: u64, bytes: &'a [u8]) -> Self {
        Self { info, index, limit, bytes, salt: 0 }
    }

    fn read_into(&mut self, found: &mut Salvaged) {
        let stated = self.bytes.get(..HEADER_BYTES).map(|header| read_u32(header, HEADER_BYTES - 4));
        let is_sound = stated.is_some_and(|stated| crc32c::crc32c(&self.bytes[..HEADER_BYTES - 4]) == stated);
        let mut at = HEADER_BYTES.min(self.bytes.len());
        let mut last_seq = self.info.first_seq.saturating_sub(1);
        // Where the header is damaged, its checksum, which is the salt, may be whole; or frames tell it.
        let salt = stated.filter(|&salt| is_sound || self.frame(at, salt).is_some()).or_else(|| self.find_salt());
        if !is_sound {
            found.bad.push(self.stretch(0..at, (last_seq, Some(self.info.first_seq))));
        }
        self.salt = salt.unwrap_or_default();
        let mut is_ended = false;
        while at < self.bytes.len() {
            let Some((head, length)) = salt.and_then(|salt| self.frame(at, salt)) else {
                let next = salt.and_then(|salt| self.resume(at + 1, salt));
                let above = next.and_then(|next| self.frame(next, self.salt)).map(|(head, _)| head.seq);
                found.bad.push(self.stretch(at..next.unwrap_or(self.bytes.len()), (last_seq, above)));
                let Some(next) = next else { break };
                at = next;
                continue;
            };
            let total = FRAME_BYTES + length;
            if let Some(durable) = record::group_at(&self.bytes[at..at + total], self.salt) {
                is_ended |= head.kind == END;
                found.durable = found.durable.max(durable.min(self.limit));
            } else if head.seq <= self.limit {
                let payload = at + FRAME_BYTES..at + total;
                found.records.push(SalvagedRecord { seq: head.seq, segment: self.index, payload });
                last_seq = head.seq;
            }
            at += total;
        }
        // Segments are read in order, so what the newest one says stays.
        found.lacks_newest = is_ended;
    }

    fn stretch(&self, bytes: Range<usize>, seqs: (u64, Option<u64>)) -> BadStretch {
        BadStretch { file: self.info.file_name(), bytes, seqs }
    }

    /// The frame at a place, if it agrees with its checksum.
    fn frame(&self, at: usize, salt: u32) -> Option<(FrameHead, usize)> {
        let bytes = self.bytes.get(at..)?;
        let (head, length) = self.plausible(bytes)?;
        let frame = bytes.get(..FRAME_BYTES + length)?;
        record::crc_matches(frame, salt).then_some((head, length))
    }

    fn plausible(&self, bytes: &[u8]) -> Option<(FrameHead, usize)> {
        let (head, length) = FrameHead::decode(bytes.get(..FRAME_BYTES)?);
        let is_group = [GROUP, END].contains(&head.kind);
        let is_kind = if is_group { length == 8 } else { RecordKind::from_u8(head.kind).is_some() };
        // Every record takes bytes, so a file has no more seqs than those.
        let seqs = self.info.first_seq..=self.info.first_seq.saturating_add(self.bytes.len() as u64);
        (is_kind && length <= bytes.len() - FRAME_BYTES && seqs.contains(&head.seq)).then_some((head, length))
    }

    fn resume(&self, from: usize, salt: u32) -> Option<usize> {
        (from..self.bytes.len()).find(|&at| self.frame(at, salt).is_some())
    }

    /// The salt that a group and the frame behind it share.
    fn find_salt(&self) -> Option<u32> {
        let undo = Undo::new();
        (0..self.bytes.len()).find_map(|at| {
            let bytes = self.bytes.get(at..at + GROUP_BYTES)?;
            self.plausible(bytes).filter(|(head, _)| [GROUP, END].contains(&head.kind))?;
            let salt = undo.seed(read_u32(bytes, 0), &bytes[4..]);
            self.frame(at + GROUP_BYTES, salt).map(|_| salt)
        })
    }
}

/// CRC32C backwards.
struct Undo {
    table: [u32; 256],
    /// By an entry's highest byte, which no two share.
    index: [u8; 256],
}

impl Undo {
    fn new() -> Self {
        let mut undo = Self { table: [0; 256], index: [0; 256] };
        for byte in 0..=u8::MAX {
            let entry = (0..8).fold(u32::from(byte), |crc, _| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ CRC32C });
            undo.table[usize::from(byte)] = entry;
            undo.index[(entry >> 24) as usize] = byte;
        }
        undo
    }

    /// What the checksum was seeded with.
    fn seed(&self, crc: u32, bytes: &[u8]) -> u32 {
        let start = bytes.iter().rev().fold(!crc, |crc, &byte| {
            let index = self.index[(crc >> 24) as usize];
            (crc ^ self.table[usize::from(index)]) << 8 | u32::from(index ^ byte)
        });
        !start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_found_from_its_checksum() {
        for seed in [0, 1, 0xdead_beef, u32::MAX] {
            let bytes = b"what the checksum is over";
            assert_eq!(Undo::new().seed(crc32c::crc32c_append(seed, bytes), bytes), seed);
        }
    }
}
