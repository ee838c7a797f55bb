//! What a damaged journal still holds: every record that agrees with its checksum, whatever lies between.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use sledstore_sys::FileMap;

use super::reader::read_error;
use super::record::{self, END, FRAME_BYTES, FrameHead, GROUP, GROUP_BYTES, RecordKind, read_u32, read_u64};
use super::segment::{self, HEADER_BYTES, SegmentInfo};
use crate::error::Result;
use crate::order::sort_sometimes;
use crate::sled_log::mend::{CRC32C, WrongBit, wrong_bit};

/// A record that was found.
pub(crate) struct SalvagedRecord {
    pub seq: u64,
    /// Among [`Salvaged::segments`].
    segment: usize,
    payload: Range<usize>,
    /// One byte of the payload as it was before one of its bits changed.
    mended: Option<(usize, u8)>,
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
    /// Highest seq that was durable by what groups say, or because a segment follows it.
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
            // E12: it got its name when all before it was durable.
            found.durable = found.durable.max(infos[at].first_seq.saturating_sub(1));
            let map = map(&infos[at].path(folder))?;
            if let Some(bytes) = &map {
                Pass::new(&infos[at], at, limit, bytes).read_into(&mut found);
            }
            found.segments.push((infos[at].clone(), map));
        }
        sort_sometimes(&mut found.records, |a, b| (a.seq, a.segment).cmp(&(b.seq, b.segment)));
        // Of one seq in two epochs the higher counts; lower ones end below it, but for what nobody knew durable.
        found.records.reverse();
        found.records.dedup_by_key(|record| record.seq);
        found.records.reverse();
        Ok(found)
    }

    /// A record's payload.
    pub fn payload(&self, record: &SalvagedRecord) -> Cow<'_, [u8]> {
        let map = self.segments.get(record.segment).and_then(|(_, map)| map.as_deref());
        let mut payload = Cow::Borrowed(map.and_then(|bytes| bytes.get(record.payload.clone())).unwrap_or_default());
        if let Some((at, byte)) = record.mended {
            payload.to_mut()[at] = byte;
        }
        payload
    }

    /// Highest epoch of any segment.
    pub fn epoch_max(&self) -> Option<u32> {
        self.segments.iter().map(|(info, _)| info.epoch).max()
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

/// A frame as it stands, or with one wrong bit set right.
struct Frame {
    head: FrameHead,
    length: usize,
    /// Of a group: what it knows durable.
    durable: Option<u64>,
    mended: Option<(usize, u8)>,
    crc: u32,
}

impl Frame {
    /// Its hash as a record, in bytes that begin with it.
    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut record = self.crc.to_le_bytes().to_vec();
        record.extend_from_slice(&self.head.encode(self.length)[record.len()..]);
        record.extend_from_slice(&bytes[FRAME_BYTES..FRAME_BYTES + self.length]);
        if let Some((at, byte)) = self.mended {
            record[FRAME_BYTES + at] = byte;
        }
        record::hash(&record)
    }
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
        let mut at = HEADER_BYTES.min(self.bytes.len());
        let mut last_seq = self.info.first_seq.saturating_sub(1);
        let (salt, is_sound) = self.read_header();
        if !is_sound {
            // Nothing says what was behind a header that is cut off.
            let above = (self.bytes.len() >= HEADER_BYTES).then_some(self.info.first_seq);
            found.bad.push(self.stretch(0..at, (last_seq, above)));
        }
        self.salt = salt.unwrap_or_default();
        let mut is_ended = false;
        while at < self.bytes.len() {
            let Some(frame) = salt.and_then(|_| self.frame(at).or_else(|| self.mended(at))) else {
                let next = salt.and_then(|_| self.resume(at + 1));
                let above = next.and_then(|next| self.frame(next)).map(|frame| frame.head.seq);
                found.bad.push(self.stretch(at..next.unwrap_or(self.bytes.len()), (last_seq, above)));
                let Some(next) = next else { break };
                at = next;
                continue;
            };
            let total = FRAME_BYTES + frame.length;
            let (seq, mended) = (frame.head.seq, frame.mended);
            if let Some(durable) = frame.durable {
                is_ended |= frame.head.kind == END;
                found.durable = found.durable.max(durable.min(self.limit));
            } else if seq <= self.limit {
                let payload = at + FRAME_BYTES..at + total;
                found.records.push(SalvagedRecord { seq, segment: self.index, payload, mended });
                last_seq = seq;
            }
            at += total;
        }
        // Segments are read in order, so what the newest one says stays.
        found.lacks_newest = is_ended;
    }

    /// The salt of the segment's frames, and whether its header is sound. The header's checksum is the salt: where the two
    /// differ, one of them may be right; else the frames tell it.
    fn read_header(&self) -> (Option<u32>, bool) {
        let Some(header) = self.bytes.get(..HEADER_BYTES) else { return (None, false) };
        let (body, crc) = header.split_at(HEADER_BYTES - 4);
        let (stated, found) = (read_u32(crc, 0), crc32c::crc32c(body));
        if stated == found {
            return (Some(stated), true);
        }
        let fits = |salt: &u32| self.frame_with(HEADER_BYTES, *salt).is_some();
        ([stated, found].into_iter().find(fits).or_else(|| self.find_salt()), false)
    }

    fn stretch(&self, bytes: Range<usize>, seqs: (u64, Option<u64>)) -> BadStretch {
        BadStretch { file: self.info.file_name(), bytes, seqs }
    }

    /// The frame at a place, if it agrees with its checksum.
    fn frame(&self, at: usize) -> Option<Frame> {
        self.frame_with(at, self.salt)
    }

    fn frame_with(&self, at: usize, salt: u32) -> Option<Frame> {
        let bytes = self.bytes.get(at..)?;
        let (head, length) = self.plausible(bytes, bytes.len())?;
        let frame = &bytes[..FRAME_BYTES + length];
        let durable = record::group_at(frame, salt);
        record::crc_matches(frame, salt).then(|| Frame { head, length, durable, mended: None, crc: read_u32(frame, 0) })
    }

    /// Head and length of a payload, as far as a frame of this segment may have them, in a file with so many bytes left.
    fn plausible(&self, bytes: &[u8], left: usize) -> Option<(FrameHead, usize)> {
        let (head, length) = FrameHead::decode(bytes.get(..FRAME_BYTES)?);
        let is_group = [GROUP, END].contains(&head.kind);
        let is_kind = if is_group { length == 8 } else { RecordKind::from_u8(head.kind).is_some() };
        // Every record takes bytes, so a file has no more seqs than those.
        let seqs = self.info.first_seq..=self.info.first_seq.saturating_add(self.bytes.len() as u64);
        (is_kind && length <= left - FRAME_BYTES && seqs.contains(&head.seq)).then_some((head, length))
    }

    /// The frame at a place with one wrong bit.
    fn mended(&self, at: usize) -> Option<Frame> {
        let bytes = self.bytes.get(at..)?;
        let frame = self.mended_body(bytes).or_else(|| self.mended_head(bytes))?;
        // The next frame carries the hash of a record before it.
        let next = self.frame(at + FRAME_BYTES + frame.length);
        let is_believed = frame.durable.is_some() || next.is_none_or(|next| next.head.chain == frame.hash(bytes));
        is_believed.then_some(frame)
    }

    fn mended_body(&self, bytes: &[u8]) -> Option<Frame> {
        let (head, length) = self.plausible(bytes, bytes.len())?;
        let covered = &bytes[4..FRAME_BYTES + length];
        let found = crc32c::crc32c_append(self.salt, covered);
        let wrong = wrong_bit(CRC32C, covered.len(), read_u32(bytes, 0), found)?;
        let payload_at = FRAME_BYTES - 4;
        let mended = match wrong {
            WrongBit::Checksum => None,
            WrongBit::At { byte, mask } if byte >= payload_at => Some((byte - payload_at, covered[byte] ^ mask)),
            WrongBit::At { .. } => return None,
        };
        let mut payload = covered[payload_at..].to_vec();
        if let Some((at, byte)) = mended {
            payload[at] = byte;
        }
        let is_group = [GROUP, END].contains(&head.kind);
        let stated = crc32c::crc32c_append(crc32c::crc32c_append(self.salt, &covered[..payload_at]), &payload);
        Some(Frame { head, length, durable: is_group.then(|| read_u64(&payload, 0)), mended, crc: stated })
    }

    fn mended_head(&self, bytes: &[u8]) -> Option<Frame> {
        let mut head = *bytes.first_chunk::<FRAME_BYTES>()?;
        for bit in 4 * 8..FRAME_BYTES * 8 {
            head[bit / 8] ^= 1 << (bit % 8);
            if let Some((found, length)) = self.plausible(&head, bytes.len()) {
                let payload = &bytes[FRAME_BYTES..FRAME_BYTES + length];
                let crc = crc32c::crc32c_append(crc32c::crc32c_append(self.salt, &head[4..]), payload);
                if crc == read_u32(bytes, 0) {
                    let is_group = [GROUP, END].contains(&found.kind);
                    let durable = is_group.then(|| read_u64(payload, 0));
                    return Some(Frame { head: found, length, durable, mended: None, crc });
                }
            }
            head[bit / 8] ^= 1 << (bit % 8);
        }
        None
    }

    fn resume(&self, from: usize) -> Option<usize> {
        (from..self.bytes.len()).find(|&at| self.frame(at).is_some())
    }

    /// The salt that a group and the frame behind it share.
    fn find_salt(&self) -> Option<u32> {
        let undo = Undo::new();
        (0..self.bytes.len()).find_map(|at| {
            let bytes = self.bytes.get(at..at + GROUP_BYTES)?;
            self.plausible(bytes, bytes.len()).filter(|(head, _)| [GROUP, END].contains(&head.kind))?;
            let salt = undo.seed(read_u32(bytes, 0), &bytes[4..]);
            self.frame_with(at + GROUP_BYTES, salt).map(|_| salt)
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
