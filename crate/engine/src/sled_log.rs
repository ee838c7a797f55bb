//! sled's log, read without sled: its file as messages, for what sled itself does not open, or passes over in silence.
//!
//! The file (of sled 0.34.7) is segments of [`SEGMENT_BYTES`]. A segment is a header and messages; its number is its
//! log sequence number divided by its size, and every message carries it. All integers are little-endian:
//!
//! | segment's header | | message | |
//! |---|---|---|---|
//! | CRC-32 of the rest, inverted | 4 | CRC-32 of body and the rest of the head, inverted | 4 |
//! | its log sequence number, inverted but its sign | 8 | kind | 1 |
//! | one known stable, in the same way | 8 | length of the body, number of the segment, page | varints |
//!
//! A page is the last message that holds it whole, and the links behind that; see [`pages`].

pub(crate) mod mend;
pub(crate) mod node;
pub(crate) mod pages;
mod snapshot;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use self::mend::{CRC32, WrongBit, wrong_bit};
use crate::options::SEGMENT_BYTES;
use crate::order::sort_sometimes;

const SEGMENT_HEADER_BYTES: usize = 20;
/// Longest head of a message; a segment has none that begins closer to its end.
const HEAD_BYTES_MAX: usize = 32;
/// Bytes of a head before its varints.
const HEAD_START_BYTES: usize = 5;
const INVERTED: u64 = 0x7fff_ffff_ffff_ffff;

/// What a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A write that was given up, a batch's end, a counter, sled's own names: nothing of a store.
    Other,
    /// Nothing follows in its segment.
    Cap,
    /// The page is gone.
    Free,
    /// A whole page.
    Node,
    /// A change of a page.
    Link,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            1 | 3 | 5 | 6 => Self::Other,
            2 => Self::Cap,
            4 => Self::Free,
            8 => Self::Node,
            10 => Self::Link,
            // Zero stands in bytes never written. What is kept outside the log never is in a store (E16).
            _ => return None,
        })
    }
}

/// A message, or what is left of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Its place in the order of all messages.
    pub lsn: u64,
    pub page: u64,
    pub kind: Kind,
    /// Where in the file it begins.
    pub from: usize,
    /// Where in the file its body lies.
    pub body: Range<usize>,
    /// Whether it has a head that says so; else its body goes as far as nothing can be told, and other messages may be in it.
    pub has_head: bool,
    /// Whether it agrees with its checksum.
    pub is_sound: bool,
}

/// A stretch of a segment in which no message can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hole {
    pub bytes: Range<usize>,
    /// As a message's; none where the segment's number is lost with it.
    pub lsn: Option<u64>,
}

/// The log as a file has it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// In the order they were written.
    pub messages: Vec<Message>,
    pub holes: Vec<Hole>,
    /// Highest log sequence number that a segment's header says is on disk.
    pub stable: u64,
    /// What single bytes of the file were before one of their bits changed.
    mended: BTreeMap<usize, u8>,
}

impl Log {
    /// Reads a whole file; nothing in it is trusted.
    pub fn read(file: &[u8]) -> Self {
        let mut log = Self::default();
        for from in (0..file.len()).step_by(SEGMENT_BYTES) {
            let end = file.len().min(from + SEGMENT_BYTES);
            Segment::new(file, from, end).read_into(&mut log);
        }
        sort_sometimes(&mut log.messages, |a, b| a.lsn.cmp(&b.lsn));
        // What follows the last message is what was there before, or nothing.
        let newest = log.messages.last().map(|message| message.lsn);
        log.holes.retain(|hole| hole.lsn.is_none() || hole.lsn < newest);
        log
    }

    /// Bytes of the file as they were written, where that is known.
    pub fn bytes<'a>(&self, file: &'a [u8], range: Range<usize>) -> Cow<'a, [u8]> {
        let mut bytes = Cow::Borrowed(&file[range.clone()]);
        for (&at, &byte) in self.mended.range(range.clone()) {
            bytes.to_mut()[at - range.start] = byte;
        }
        bytes
    }
}

/// A message's head.
#[derive(Clone, Copy, Debug)]
struct Head {
    crc: u32,
    kind: Kind,
    length: usize,
    segment: u64,
    page: u64,
    bytes: usize,
}

impl Head {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (crc, rest) = bytes.split_first_chunk::<4>()?;
        let kind = Kind::of(*rest.first()?)?;
        let mut at = HEAD_START_BYTES;
        let length = usize::try_from(varint(bytes, &mut at)?).ok()?;
        let segment = varint(bytes, &mut at)?;
        let page = varint(bytes, &mut at)?;
        let is_fitting = length <= SEGMENT_BYTES && (page > 1 || !matches!(kind, Kind::Node | Kind::Link | Kind::Free));
        is_fitting.then_some(Self { crc: u32::from_le_bytes(*crc), kind, length, segment, page, bytes: at })
    }
}

/// One of sled's numbers.
pub(crate) fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let first = *bytes.get(*at)?;
    let next = |offset: usize| bytes.get(*at + offset).map(|&byte| u64::from(byte));
    let (number, length) = match first {
        0..=240 => (u64::from(first), 1),
        241..=248 => (240 + 256 * (u64::from(first) - 241) + next(1)?, 2),
        249 => (2_288 + 256 * next(1)? + next(2)?, 3),
        _ => {
            let bytes = bytes.get(*at + 1..*at + usize::from(first) - 246)?;
            let mut wide = [0; 8];
            wide[..bytes.len()].copy_from_slice(bytes);
            (u64::from_le_bytes(wide), bytes.len() + 1)
        }
    };
    *at += length;
    Some(number)
}

fn message_crc(head: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(body);
    hasher.update(&head[4..]);
    !hasher.finalize()
}

struct Segment<'a> {
    file: &'a [u8],
    from: usize,
    end: usize,
    number: Option<u64>,
    stable: u64,
}

impl<'a> Segment<'a> {
    fn new(file: &'a [u8], from: usize, end: usize) -> Self {
        let mut segment = Self { file, from, end, number: None, stable: 0 };
        if let Some(header) = file[from..end].first_chunk::<SEGMENT_HEADER_BYTES>() {
            let field = |at: usize| header[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            let crc = header.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            if !crc32fast::hash(&header[4..]) == crc {
                segment.number = Some((field(4) ^ INVERTED) / SEGMENT_BYTES as u64);
                segment.stable = field(12) ^ INVERTED;
            }
        }
        segment
    }

    fn read_into(&mut self, log: &mut Log) {
        log.stable = log.stable.max(self.stable);
        let mut at = self.from + SEGMENT_HEADER_BYTES;
        if self.number.is_none() {
            let Some(first) = self.resume(at) else { return };
            self.number = Head::parse(&self.file[first..self.end]).map(|head| head.segment);
        }
        while self.end.saturating_sub(at) >= HEAD_BYTES_MAX {
            let found = self.sound(at).or_else(|| self.mended_head(at)).or_else(|| self.mended(at, log));
            if let Some(message) = found.or_else(|| self.damaged(at)) {
                at = message.body.end;
                let is_last = message.kind == Kind::Cap;
                log.messages.push(message);
                if is_last {
                    break;
                }
                continue;
            }
            if self.file[at..self.end].iter().all(|&byte| byte == 0) {
                break;
            }
            let next = self.resume(at + 1);
            let lsn = self.number.map(|number| number * SEGMENT_BYTES as u64 + (at - self.from) as u64);
            log.holes.push(Hole { bytes: at..next.unwrap_or(self.end), lsn });
            let Some(next) = next else { break };
            at = next;
        }
    }

    /// A head that may be one of this segment, and its body.
    fn head(&self, at: usize) -> Option<(Head, Range<usize>)> {
        let head = Head::parse(&self.file[at..self.end])?;
        let body = at + head.bytes..at + head.bytes + head.length;
        let is_ours = self.number.is_none_or(|number| number == head.segment);
        (is_ours && body.end <= self.end).then_some((head, body))
    }

    fn message(&self, at: usize, head: &Head, body: Range<usize>, is_sound: bool) -> Message {
        let lsn = head.segment * SEGMENT_BYTES as u64 + (at - self.from) as u64;
        Message { lsn, page: head.page, kind: head.kind, from: at, body, has_head: true, is_sound }
    }

    fn sound(&self, at: usize) -> Option<Message> {
        let (head, body) = self.head(at)?;
        let is_sound = message_crc(&self.file[at..body.start], &self.file[body.clone()]) == head.crc;
        is_sound.then(|| self.message(at, &head, body, true))
    }

    /// A message with one wrong bit in its checksum or its body.
    fn mended(&self, at: usize, log: &mut Log) -> Option<Message> {
        let (head, body) = self.head(at)?;
        let found = message_crc(&self.file[at..body.start], &self.file[body.clone()]);
        let covered = head.length + head.bytes - 4;
        match wrong_bit(CRC32, covered, head.crc, found)? {
            WrongBit::Checksum => {}
            // The body comes first, then the head.
            WrongBit::At { byte, mask } if byte < head.length => {
                let byte = body.start + byte;
                log.mended.insert(byte, self.file[byte] ^ mask);
            }
            WrongBit::At { .. } => return None,
        }
        Some(self.message(at, &head, body, true))
    }

    /// A message whose head has one wrong bit: with it set right, the checksum is.
    fn mended_head(&self, at: usize) -> Option<Message> {
        let mut bytes: Vec<u8> = self.file[at..].iter().take(HEAD_BYTES_MAX).copied().collect();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Some(head) = Head::parse(&bytes).filter(|head| bit < head.bytes * 8) {
                let body = at + head.bytes..at + head.bytes + head.length;
                let is_sound = Some(head.segment) == self.number
                    && body.end <= self.end
                    && message_crc(&bytes[..head.bytes], &self.file[body.clone()]) == head.crc;
                if is_sound {
                    return Some(self.message(at, &head, body, true));
                }
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        None
    }

    /// A message with a damaged body: its head agrees with what follows it.
    fn damaged(&self, at: usize) -> Option<Message> {
        let (head, body) = self.head(at)?;
        // Zeros may have begun inside the head.
        let is_whole = self.file[body.start - 1] != 0;
        let next = body.end;
        let ends = self.end - next < HEAD_BYTES_MAX || self.file[next..self.end].iter().all(|&byte| byte == 0);
        (is_whole && (ends || self.sound(next).is_some())).then(|| self.message(at, &head, body, false))
    }

    /// The next place where a message stands.
    fn resume(&self, from: usize) -> Option<usize> {
        (from..self.end.saturating_sub(HEAD_BYTES_MAX)).find(|&at| self.sound(at).is_some())
    }
}
