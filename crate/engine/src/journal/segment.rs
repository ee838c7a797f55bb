//! Segment files: their names, their headers, and how one is linked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::record::{self, END, FrameHead, GROUP_BYTES, read_u32, read_u64};
use crate::disk::{Disk, DiskFile};
use crate::error::{Error, ErrorCode, Result};
use crate::store::COUNT_MAX;

const MAGIC: &[u8; 8] = b"SLEDJRNL";
const FORMAT: u32 = 1;
/// Bytes of a segment's header.
pub(super) const HEADER_BYTES: usize = 64;
const CRC_AT: usize = HEADER_BYTES - 4;

const SUFFIX: &str = ".journal";
/// Ends the name of a segment whose header is not yet durable; recovery removes such files.
pub(super) const UNLINKED_SUFFIX: &str = ".journal.new";

/// A segment file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SegmentInfo {
    /// The opening of the store that wrote it.
    pub epoch: u32,
    /// Seq of its first record, once it has one.
    pub first_seq: u64,
}

impl SegmentInfo {
    /// The first one of a store that is created empty.
    pub const FIRST: Self = Self { epoch: 1, first_seq: 1 };

    /// `<epoch>-<first seq>.journal`, in hexadecimal, so that names sort as segments do.
    pub(crate) fn file_name(&self) -> String {
        format!("{:08x}-{:016x}{SUFFIX}", self.epoch, self.first_seq)
    }

    /// Where it lies.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(self.file_name())
    }

    /// The segment of a file name; `None` for any other file.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (epoch, first_seq) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        let epoch = u32::from_str_radix(epoch, 16).ok()?;
        let first_seq = u64::from_str_radix(first_seq, 16).ok()?;
        let info = Self { epoch, first_seq };
        (info.file_name() == name).then_some(info)
    }
}

/// What a segment says of itself in its first [`HEADER_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub store_id: u128,
    pub info: SegmentInfo,
    /// Hash of the record before the first one.
    pub chain: u64,
    /// Timestamp of the record before the first one.
    pub timestamp: u64,
}

/// Why a header could not be read.
pub(super) enum BadHeader {
    /// Too short, or at odds with its checksum.
    Torn,
    /// Whole, but not what it should be.
    Foreign(Error),
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[12..28].copy_from_slice(&self.store_id.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.info.epoch.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.info.first_seq.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.chain.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.timestamp.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..CRC_AT]);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Seed of the checksums of this segment's frames, so that a frame of any other segment, wherever it turns up
    /// (as a user's value, too), is not taken for one of this.
    pub(super) fn salt(&self) -> u32 {
        read_u32(&self.encode(), CRC_AT)
    }

    /// Reads the header of the file that `info` names and holds it against the name and the store.
    pub(super) fn decode(
        bytes: &[u8],
        store_id: u128,
        info: &SegmentInfo,
        path: &Path,
    ) -> std::result::Result<Self, BadHeader> {
        let Some(bytes) = bytes.get(..HEADER_BYTES) else { return Err(BadHeader::Torn) };
        let foreign = |what: &str| Err(BadHeader::Foreign(Error::corruption(place(path, 0), what)));
        if crc32c::crc32c(&bytes[..CRC_AT]) != read_u32(bytes, CRC_AT) || &bytes[..8] != MAGIC {
            return Err(BadHeader::Torn);
        }
        let format = read_u32(bytes, 8);
        if format > FORMAT {
            return Err(BadHeader::Foreign(Error::new(
                ErrorCode::FormatTooNew,
                format!("{}: journal format {format} is newer than {FORMAT}; update SledStore", path.display()),
            )));
        }
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[12..28]);
        let found = Self {
            store_id: u128::from_le_bytes(id),
            info: SegmentInfo { epoch: read_u32(bytes, 28), first_seq: read_u64(bytes, 32) },
            chain: read_u64(bytes, 40),
            timestamp: read_u64(bytes, 48),
        };
        if found.store_id != store_id {
            return foreign("the segment belongs to another store");
        }
        if found.info.first_seq > COUNT_MAX {
            return foreign("the segment's first seq is one that no store comes to");
        }
        if found.info != *info {
            return foreign("the segment's header contradicts its name");
        }
        if found.info.epoch == u32::MAX {
            return foreign("the segment's epoch is the last there can be");
        }
        Ok(found)
    }
}

/// Creates and links a segment: its name appears only when its header is durable, so a linked segment with a torn
/// header is damage. E12: the caller has made the segment before it durable.
pub(super) fn link(disk: &dyn Disk, folder: &Path, header: &SegmentHeader) -> Result<Arc<dyn DiskFile>> {
    let path = header.info.path(folder);
    let unlinked = path.with_extension("journal.new");
    let attempt = || {
        let file = disk.create(&unlinked)?;
        file.write_all(&header.encode())?;
        file.sync_all()?;
        disk.rename(&unlinked, &path)?;
        disk.sync_folder(folder)?;
        Ok(file)
    };
    attempt().map_err(|error| {
        // A store that fails to open stays as it was.
        let _ = disk.remove(&unlinked);
        Error::io(format!("starting journal segment {}", path.display()), error)
    })
}

/// What is written to a segment, whose salt this is, when the segment of `next` was linked behind it.
pub(super) fn end(salt: u32, next: &SegmentHeader) -> [u8; GROUP_BYTES] {
    let head = FrameHead { kind: END, seq: next.info.first_seq, timestamp: next.timestamp, chain: next.chain };
    record::encode_group(salt, head, next.info.first_seq.saturating_sub(1))
}

/// Last seq that the segment at `at` can hold: a later segment starts after it. Epochs are positions' first half, so a
/// segment of a higher epoch ends those of all lower ones, wherever it starts.
pub(super) fn last_seq(segments: &[SegmentInfo], at: usize) -> u64 {
    let next = segments[at + 1..].iter().map(|later| later.first_seq).min();
    next.map_or(u64::MAX, |first_seq| first_seq.saturating_sub(1))
}

/// Names a byte of a segment in errors.
pub(super) fn place(path: &Path, offset: u64) -> String {
    format!("{} at offset {offset}", path.display())
}
