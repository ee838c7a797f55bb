//! Frames: how one record, and one group's header, lies in a segment file.
//!
//! All integers are little-endian:
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 4 | CRC32C of everything after it, seeded with the segment's salt |
//! | 4 | 4 | length of the payload |
//! | 8 | 1 | type |
//! | 9 | 8 | seq |
//! | 17 | 8 | timestamp |
//! | 25 | 8 | chain: XXH3-64 of the whole record before this one |
//! | 33 | | payload |
//!
//! A group's header is a frame of type [`GROUP`]: its seq is that of the group's first record, its payload the seq
//! known durable when the group was written. It carries the chain, but the chain does not run through it, because
//! it is made when the group is written, after the group's records were chained.

use twox_hash::XxHash3_64;

/// Bytes of a frame before its payload.
pub(super) const FRAME_BYTES: usize = 33;
/// Type of a group's header.
pub(super) const GROUP: u8 = b'G';
/// Type of a segment's end: as a group's header, and a later segment is linked (E12).
pub(super) const END: u8 = b'E';
/// Bytes of a group's header, and of an end.
pub(super) const GROUP_BYTES: usize = FRAME_BYTES + 8;
/// Longest payload a frame can name.
pub(super) const PAYLOAD_BYTES_MAX: usize = u32::MAX as usize - FRAME_BYTES;

/// What a record holds; the journal itself does not look inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum RecordKind {
    /// A commit.
    Commit = 1,
}

impl RecordKind {
    /// The kind of a stored type; `None` for one that a newer version wrote.
    pub(super) fn from_u8(value: u8) -> Option<Self> {
        match value {
            1 => Some(Self::Commit),
            _ => None,
        }
    }
}

/// A record as recovery hands it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordRef<'a> {
    /// What it holds.
    pub kind: RecordKind,
    /// Its sequence number.
    pub seq: u64,
    /// When it was appended: milliseconds since 1970 shifted left by 16, plus a counter.
    pub timestamp: u64,
    /// The bytes given to `append`.
    pub payload: &'a [u8],
}

/// The fields in front of a payload, checksum left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHead {
    pub kind: u8,
    pub seq: u64,
    pub timestamp: u64,
    pub chain: u64,
}

impl FrameHead {
    pub(super) fn encode(self, length: usize) -> [u8; FRAME_BYTES] {
        let mut bytes = [0; FRAME_BYTES];
        bytes[4..8].copy_from_slice(&(length as u32).to_le_bytes());
        bytes[8] = self.kind;
        bytes[9..17].copy_from_slice(&self.seq.to_le_bytes());
        bytes[17..25].copy_from_slice(&self.timestamp.to_le_bytes());
        bytes[25..33].copy_from_slice(&self.chain.to_le_bytes());
        bytes
    }

    /// Reads the head of a frame and its payload's length. `bytes` holds at least [`FRAME_BYTES`].
    pub(super) fn decode(bytes: &[u8]) -> (Self, usize) {
        let head = Self {
            kind: bytes[8],
            seq: read_u64(bytes, 9),
            timestamp: read_u64(bytes, 17),
            chain: read_u64(bytes, 25),
        };
        (head, read_u32(bytes, 4) as usize)
    }
}

/// Appends a record to `bytes`; its payload is `parts` in a row, at most [`PAYLOAD_BYTES_MAX`] together. Gives the
/// record's hash, which the next one carries.
pub(super) fn push_record(bytes: &mut Vec<u8>, salt: u32, head: FrameHead, parts: &[&[u8]]) -> u64 {
    let length = parts.iter().map(|part| part.len()).sum();
    debug_assert!(length <= PAYLOAD_BYTES_MAX);
    let start = bytes.len();
    bytes.reserve(FRAME_BYTES + length);
    bytes.extend_from_slice(&head.encode(length));
    for part in parts {
        bytes.extend_from_slice(part);
    }
    let crc = crc32c::crc32c_append(salt, &bytes[start + 4..]);
    bytes[start..start + 4].copy_from_slice(&crc.to_le_bytes());
    hash(&bytes[start..])
}

/// A group's header, or a segment's end.
pub(super) fn encode_group(salt: u32, head: FrameHead, durable: u64) -> [u8; GROUP_BYTES] {
    let mut bytes = [0; GROUP_BYTES];
    bytes[..FRAME_BYTES].copy_from_slice(&head.encode(8));
    bytes[FRAME_BYTES..].copy_from_slice(&durable.to_le_bytes());
    let crc = crc32c::crc32c_append(salt, &bytes[4..]);
    bytes[..4].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// The durable seq of a group's header or a segment's end, if `bytes` begins with a whole and undamaged one of this segment.
pub(super) fn group_at(bytes: &[u8], salt: u32) -> Option<u64> {
    let bytes = bytes.get(..GROUP_BYTES)?;
    if ![GROUP, END].contains(&bytes[8]) || read_u32(bytes, 4) != 8 || !crc_matches(bytes, salt) {
        return None;
    }
    Some(read_u64(bytes, FRAME_BYTES))
}

/// Whether a whole frame agrees with its checksum.
pub(super) fn crc_matches(frame: &[u8], salt: u32) -> bool {
    crc32c::crc32c_append(salt, &frame[4..]) == read_u32(frame, 0)
}

/// Hash of a whole record: the chain's next link.
pub(super) fn hash(record: &[u8]) -> u64 {
    XxHash3_64::oneshot(record)
}

pub(super) fn read_u32(bytes: &[u8], at: usize) -> u32 {
    let mut field = [0; 4];
    field.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(field)
}

pub(super) fn read_u64(bytes: &[u8], at: usize) -> u64 {
    let mut field = [0; 8];
    field.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(field)
}
