//! The journal: the store's only write-ahead log and its change log. Payloads are opaque.
//!
//! A store's `journal` folder holds segments, one a memtable. A segment is a header and then groups; a group is what
//! one write() took to the kernel: a header that tells the seq known durable at that time, and whole records.
//!
//! - E1: every record has one seq; seqs are dense across segments and epochs. The epoch is raised at every open, so
//!   that `(epoch, seq)` names a record for good, even when a crash lost a seq and it was given again.
//! - E9: a record carries its checksum and the hash of the record before it, across segments and epochs.
//! - E12: a segment is linked only when all before it is durable. So only the newest segment can have a torn end. The
//!   one before is told, so that a missing newest segment is noticed.
//! - E11: after the first failed write or fsync nothing is tried again; what is durable stays so.

mod clock;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod group;
mod null;
mod reader;
mod record;
mod recovery;
mod salvage;
mod segment;
#[cfg(test)]
pub(crate) mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use record::RecordKind;
#[cfg(test)]
pub(crate) use recovery::Cut;
pub(crate) use recovery::{Event, Known, Recovered, oldest_seq, recover};
pub(crate) use salvage::{Salvaged, SalvagedRecord};
pub(crate) use segment::SegmentInfo;

use crate::disk::Disk;
#[cfg(test)]
use crate::error::Error;
use crate::error::Result;
use crate::options::Durability;
use crate::writer as writer_mutex;
use null::NullJournal;
use segment::SegmentHeader;
use writer::FileJournal;

/// Where a journal begins to write; see [`Recovered::start`].
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// The store the segments belong to.
    pub store_id: u128,
    /// Higher than that of every segment present.
    pub epoch: u32,
    /// Seq of the first record to come.
    pub next_seq: u64,
    /// Hash of the last record; 0 before the first.
    pub chain: u64,
    /// Timestamp of the last record; later ones are greater.
    pub last_timestamp: u64,
    /// Budget for what is buffered.
    pub buffer_bytes: usize,
    /// Segments present, oldest first.
    pub segments: Vec<SegmentInfo>,
    /// Seed of the checksums of the newest of them.
    pub salt: u32,
}

/// What `append` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    /// The record's timestamp: milliseconds since 1970 shifted left by 16, plus a counter.
    pub timestamp: u64,
    /// The buffer has reached its bound: call [`Journal::flush`] once no lock is held.
    pub buffer_full: bool,
}

/// The journal of an open store. One thread at a time appends and switches; any number wait, flush and trim.
pub(crate) struct Journal {
    kind: Kind,
}

enum Kind {
    File(Box<FileJournal>),
    Null(NullJournal),
}

impl Journal {
    /// Starts a new segment of a new epoch in `folder`. Everything recovered before must be durable, which
    /// [`Recovered::settle`] sees to. Costs three fsyncs.
    pub(crate) fn create(disk: Arc<dyn Disk>, folder: impl Into<PathBuf>, start: Start) -> Result<Self> {
        Ok(Self { kind: Kind::File(Box::new(FileJournal::create(disk, folder.into(), start)?)) })
    }

    /// Links the first segment of a store that is being created, which makes its folder a journal's. Everything before
    /// `info` is in the blocks already.
    pub(crate) fn create_first(disk: &dyn Disk, folder: &Path, store_id: u128, info: SegmentInfo) -> Result<()> {
        writer::start_folder(disk, folder)?;
        segment::link(disk, folder, &SegmentHeader { store_id, info, chain: 0, timestamp: 0 }).map(drop)
    }

    /// Whether a file may be what [`Journal::create_first`] left when it was cut off, or before `STORE` was there.
    pub(crate) fn is_first_leftover(name: &str, bytes: u64) -> bool {
        let first = SegmentInfo::FIRST.file_name();
        name.strip_suffix(".new").unwrap_or(name) == first && bytes <= segment::HEADER_BYTES as u64
    }

    /// A journal that keeps nothing, for stores in memory: every wait is over at once.
    pub(crate) fn none() -> Self {
        Self { kind: Kind::Null(NullJournal::new()) }
    }

    /// Buffers a record; no I/O. `seq` is the last one plus one.
    pub(crate) fn append(&self, kind: RecordKind, seq: u64, payload: &[u8]) -> Result<Appended> {
        self.append_parts(kind, seq, &[payload])
    }

    /// Buffers a record whose payload is `parts` in a row; no I/O. `seq` is the last one plus one.
    pub(crate) fn append_parts(&self, kind: RecordKind, seq: u64, parts: &[&[u8]]) -> Result<Appended> {
        match &self.kind {
            Kind::File(journal) => journal.append(kind, seq, parts),
            Kind::Null(journal) => journal.append(seq),
        }
    }

    /// Returns when `seq` has reached `level` (E4), doing the write or fdatasync for everybody if nobody else does.
    /// On a poisoned or closed journal it succeeds only for what is durable. Blocks; hold no lock.
    pub(crate) fn wait(&self, seq: u64, level: Durability) -> Result<()> {
        writer_mutex::assert_free("a wait for the journal");
        match &self.kind {
            Kind::File(journal) => journal.wait(seq, level),
            Kind::Null(_) => Ok(()),
        }
    }

    /// Writes everything buffered, and links a segment that is due: for the ticker, the exit hook, and whoever found
    /// the buffer full. No fsync unless a segment is due.
    pub(crate) fn flush(&self) -> Result<()> {
        writer_mutex::assert_free("a write of the journal");
        match &self.kind {
            Kind::File(journal) => journal.flush(),
            Kind::Null(_) => Ok(()),
        }
    }

    /// `flush`, and if all is quiet, one more group header that tells what became durable since the last one, so that
    /// later damage to it is not taken for a torn write. For the ticker.
    pub(crate) fn flush_background(&self) -> Result<()> {
        writer_mutex::assert_free("a write of the journal");
        match &self.kind {
            Kind::File(journal) => journal.flush().and_then(|()| journal.mark()),
            Kind::Null(_) => Ok(()),
        }
    }

    /// Ends the active segment: `first_seq`, the last seq plus one, begins the next. Only memory, so it may stand under
    /// the engine's writer mutex; the next writer does the I/O (E12), best a `flush` by the thread that drains the
    /// frozen memtable. Does nothing while the active segment has no record.
    pub(crate) fn switch_segment(&self, first_seq: u64) -> Result<()> {
        match &self.kind {
            Kind::File(journal) => journal.switch_segment(first_seq),
            Kind::Null(_) => Ok(()),
        }
    }

    /// Deletes segments whose records all are at or below `up_to_seq`, never the active one; gives their number. The
    /// caller stays one checkpoint behind (E15).
    pub(crate) fn trim(&self, up_to_seq: u64) -> Result<usize> {
        writer_mutex::assert_free("a trim of the journal");
        match &self.kind {
            Kind::File(journal) => journal.trim(up_to_seq),
            Kind::Null(_) => Ok(0),
        }
    }

    /// Makes everything durable, says so in the file, and refuses what comes later with `CLOSED`.
    pub(crate) fn close(&self) -> Result<()> {
        writer_mutex::assert_free("the close of the journal");
        match &self.kind {
            Kind::File(journal) => journal.close(),
            Kind::Null(_) => Ok(()),
        }
    }

    /// Reads every segment as recovery would, from the first seq that is still there, and changes nothing; `None`
    /// where there are no files. Checkpoints must not trim meanwhile. Errors: as [`recover`].
    pub(crate) fn check(&self, applied_seq: u64) -> Result<Option<Recovered>> {
        writer_mutex::assert_free("a read of the journal");
        match &self.kind {
            Kind::File(journal) => journal.check(applied_seq).map(Some),
            Kind::Null(_) => Ok(None),
        }
    }

    /// Last seq the kernel has.
    pub(crate) fn written_seq(&self) -> u64 {
        match &self.kind {
            Kind::File(journal) => journal.written_seq(),
            Kind::Null(journal) => journal.last_seq(),
        }
    }

    /// Last seq that survives a power cut.
    pub(crate) fn durable_seq(&self) -> u64 {
        match &self.kind {
            Kind::File(journal) => journal.durable_seq(),
            Kind::Null(journal) => journal.last_seq(),
        }
    }

    /// Bytes appended and not yet taken to be written.
    pub(crate) fn buffered_bytes(&self) -> usize {
        match &self.kind {
            Kind::File(journal) => journal.buffered_bytes(),
            Kind::Null(_) => 0,
        }
    }

    /// Bytes its buffers take.
    pub(crate) fn memory_bytes(&self) -> usize {
        match &self.kind {
            Kind::File(journal) => journal.memory_bytes(),
            Kind::Null(_) => 0,
        }
    }

    /// Bytes written and not yet synced. A switch must sync them while writers wait, so a background
    /// `wait(written_seq(), Full)` every few MiB keeps that short.
    pub(crate) fn unsynced_bytes(&self) -> u64 {
        match &self.kind {
            Kind::File(journal) => journal.unsynced_bytes(),
            Kind::Null(_) => 0,
        }
    }

    /// The epoch of this opening (E1).
    #[cfg(test)]
    pub(crate) fn epoch(&self) -> u32 {
        match &self.kind {
            Kind::File(journal) => journal.epoch(),
            Kind::Null(_) => 1,
        }
    }

    /// Seq of the first record of this open; 0 for a store in memory.
    #[cfg(test)]
    pub(crate) fn begins_at(&self) -> u64 {
        match &self.kind {
            Kind::File(journal) => journal.begins_at(),
            Kind::Null(_) => 0,
        }
    }

    /// Linked segments, oldest first, the active one last.
    #[cfg(test)]
    pub(crate) fn segments(&self) -> Vec<SegmentInfo> {
        match &self.kind {
            Kind::File(journal) => journal.segments(),
            Kind::Null(_) => Vec::new(),
        }
    }

    /// Why the journal refuses to go on, if it does (E11).
    #[cfg(test)]
    pub(crate) fn failure(&self) -> Option<Error> {
        match &self.kind {
            Kind::File(journal) => journal.failure(),
            Kind::Null(_) => None,
        }
    }
}
