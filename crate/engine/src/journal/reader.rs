//! Reads one segment's frames in order, with a buffer that grows only to the longest record.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::record::{self, END, FRAME_BYTES, FrameHead, GROUP, GROUP_BYTES, RecordKind, RecordRef};
use super::segment::{BadHeader, HEADER_BYTES, SegmentHeader, SegmentInfo};
use crate::disk::Disk;
use crate::error::{Error, ErrorCode, Result};

const READ_BYTES: usize = 64 << 10;

/// What stands at the reader's place.
pub(super) enum Frame<'a> {
    /// A whole record, the next of the chain.
    Record(RecordRef<'a>),
    /// A group's header, or the segment's end.
    Group,
    /// The file's end.
    End,
    /// Neither; the reader stays there.
    Bad(&'static str),
}

/// A pass over one segment.
pub(super) struct SegmentReader {
    path: PathBuf,
    window: Window,
    salt: u32,
    /// Bytes of the frame handed out last, passed over by the next call.
    passed: usize,
    next_seq: u64,
    chain: u64,
    last_timestamp: u64,
    durable: u64,
    is_ended: bool,
}

impl SegmentReader {
    /// Opens a segment and checks its header. `Ok(None)` when the header is torn.
    pub(super) fn open(disk: &dyn Disk, folder: &Path, info: &SegmentInfo, store_id: u128) -> Result<Option<Self>> {
        let path = info.path(folder);
        let (stream, length) = disk.open_read(&path).map_err(|error| read_error(&path, error))?;
        let mut window = Window { stream, length, bytes: Vec::new(), start: 0, offset: 0 };
        window.fill(HEADER_BYTES).map_err(|error| read_error(&path, error))?;
        let header = match SegmentHeader::decode(window.bytes(), store_id, info, &path) {
            Ok(header) => header,
            Err(BadHeader::Torn) => return Ok(None),
            Err(BadHeader::Foreign(error)) => return Err(error),
        };
        Ok(Some(Self {
            path,
            window,
            salt: header.salt(),
            passed: HEADER_BYTES,
            next_seq: header.info.first_seq,
            chain: header.chain,
            last_timestamp: header.timestamp,
            durable: header.info.first_seq.saturating_sub(1), // E12
            is_ended: false,
        }))
    }

    /// The next frame.
    pub(super) fn next(&mut self) -> Result<Frame<'_>> {
        self.window.pass(std::mem::take(&mut self.passed));
        let have = self.fill(FRAME_BYTES)?;
        if have == 0 {
            return Ok(Frame::End);
        }
        if have < FRAME_BYTES {
            return Ok(Frame::Bad("the file ends inside a record's head"));
        }
        let (head, length) = FrameHead::decode(self.window.bytes());
        let total = FRAME_BYTES + length;
        // Asked before the buffer grows: a damaged length must not make it.
        if total as u64 > self.window.remaining() || self.fill(total)? < total {
            return Ok(Frame::Bad("the file ends inside a record"));
        }
        if !record::crc_matches(&self.window.bytes()[..total], self.salt) {
            return Ok(Frame::Bad("a record contradicts its checksum"));
        }
        if head.seq != self.next_seq {
            return Ok(Frame::Bad("a record's sequence number does not follow the one before"));
        }
        if head.chain != self.chain {
            return Ok(Frame::Bad("a record does not carry the hash of the one before"));
        }
        self.passed = total;
        let frame = &self.window.bytes()[..total];
        if [GROUP, END].contains(&head.kind) {
            self.is_ended |= head.kind == END;
            self.durable = self.durable.max(record::group_at(frame, self.salt).unwrap_or(0));
            return Ok(Frame::Group);
        }
        let Some(kind) = RecordKind::from_u8(head.kind) else {
            let message = format!("{}: record type {} is unknown; update SledStore", self.path.display(), head.kind);
            return Err(Error::new(ErrorCode::FormatTooNew, message));
        };
        self.next_seq += 1;
        self.chain = record::hash(frame);
        self.last_timestamp = head.timestamp;
        let payload = &frame[FRAME_BYTES..];
        Ok(Frame::Record(RecordRef { kind, seq: head.seq, timestamp: head.timestamp, payload }))
    }

    /// Looks from a bad record on to the file's end for a group's header that knows a seq at or above the bad one
    /// durable. Then it is damage; else it is a torn write.
    pub(super) fn find_durable(&mut self) -> Result<bool> {
        self.find_groups()?;
        Ok(self.durable >= self.next_seq)
    }

    /// Whether a group of the segment stands behind the reader's place. What was written in order and has none behind it
    /// is its end, torn or followed by bytes that nobody wrote: after a power cut a file may be longer than what was written
    /// to it, for e2fsck makes its length that of its blocks.
    pub(super) fn find_groups(&mut self) -> Result<bool> {
        let mut is_found = false;
        loop {
            let have = self.fill(READ_BYTES)?;
            if have < GROUP_BYTES {
                return Ok(is_found);
            }
            let last = have - GROUP_BYTES;
            for at in 0..=last {
                if let Some(durable) = record::group_at(&self.window.bytes()[at..], self.salt) {
                    self.durable = self.durable.max(durable);
                    is_found = true;
                }
            }
            self.window.pass(last + 1);
        }
    }

    /// Whether the segment says that a later one was linked.
    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    fn fill(&mut self, need: usize) -> Result<usize> {
        self.window.fill(need).map_err(|error| read_error(&self.path, error))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file when it was opened.
    pub(super) fn file_bytes(&self) -> u64 {
        self.window.length
    }

    /// Where the next frame starts.
    pub(super) fn offset(&self) -> u64 {
        self.window.offset + self.passed as u64
    }

    /// Seed of the checksums of the segment's frames.
    pub(super) fn salt(&self) -> u32 {
        self.salt
    }

    /// Seq of the last record read, or the one before the segment's first.
    pub(super) fn last_seq(&self) -> u64 {
        self.next_seq.saturating_sub(1)
    }

    /// Hash of the last record read, or the one the segment starts from.
    pub(super) fn chain(&self) -> u64 {
        self.chain
    }

    /// Timestamp of the last record read, or the one the segment starts from.
    pub(super) fn last_timestamp(&self) -> u64 {
        self.last_timestamp
    }

    /// Highest seq that anything read so far knows durable.
    pub(super) fn durable(&self) -> u64 {
        self.durable
    }
}

pub(super) fn read_error(path: &Path, error: io::Error) -> Error {
    Error::io(format!("reading {}", path.display()), error)
}

/// A stretch of a stream.
struct Window {
    stream: Box<dyn Read + Send>,
    length: u64,
    bytes: Vec<u8>,
    /// Start of the stretch in `bytes`.
    start: usize,
    /// Start of the stretch in the file.
    offset: u64,
}

impl Window {
    fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Bytes from the stretch's start to the file's end.
    fn remaining(&self) -> u64 {
        self.length.saturating_sub(self.offset)
    }

    /// Reads on until the stretch has `need` bytes or the stream ends; gives the bytes it has.
    fn fill(&mut self, need: usize) -> io::Result<usize> {
        if self.bytes().len() >= need {
            return Ok(self.bytes().len());
        }
        self.bytes.drain(..self.start);
        self.start = 0;
        if self.bytes.capacity() > 4 * READ_BYTES {
            self.bytes.shrink_to(need.max(READ_BYTES)); // a huge record is behind us
        }
        let wanted = need.max(READ_BYTES) - self.bytes.len();
        self.bytes.reserve_exact(wanted);
        Read::take(&mut self.stream, wanted as u64).read_to_end(&mut self.bytes)?;
        Ok(self.bytes.len())
    }

    fn pass(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
    }
}
