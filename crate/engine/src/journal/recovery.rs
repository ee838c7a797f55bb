//! Reads the journal back at open, tells a torn end from damage, and leaves everything it kept durable.
//!
//! Segments are read by `(epoch, first seq)`. A segment can hold seqs up to the one before the lowest first seq of all
//! later segments, and must reach it (*complete*). Only the newest segment has an open end.
//!
//! **Torn or damaged (E10).** The first bad record of the newest segment is a torn write if its seq is above all that
//! is known durable, pending and applied; it and what follows is cut off. What is known durable stands in the headers
//! of groups before *and behind* it: a bad record that a later group knew durable is damage. In any other segment a
//! bad record is damage, for the next one was linked only when all before it was durable (E12). What stands behind its
//! last seq is nothing, unless a group of the segment is among it.
//!
//! **A missing newest segment.** When a segment is linked, the one before it gets an end. A newest segment that has one
//! is not the newest there was. In a rotation the end is not synced, so a power cut soon after may take it; then a
//! missing segment cannot be known. At open it is synced.
//!
//! **One seq in two epochs.** After a lossy crash the next epoch starts at the seq after the last one recovered, and
//! gives lost numbers again. The lost records were cut, and the cut made durable, before the new epoch's segment was
//! linked; should the disk bring them back nevertheless, the higher epoch wins: from its first seq on, records of
//! lower epochs are ignored. It wins only over records never known durable, and only if it carries on the chain of the
//! last record before it; else the answer is `CORRUPTION`.

use std::path::{Path, PathBuf};

use super::Start;
use super::reader::{Frame, SegmentReader};
use super::record::RecordRef;
use super::segment::{self, SegmentInfo, UNLINKED_SUFFIX, place};
use crate::disk::Disk;
use crate::error::{Error, ErrorCode, Result};

/// What the store knows before it reads the journal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The store's id.
    pub store_id: u128,
    /// Last seq whose rows are all in the blocks; records up to it are not handed out.
    pub applied_seq: u64,
    /// Last seq of the checkpoint begun last: it was durable in the journal (E15).
    pub pending_seq: u64,
}

/// What recovery hands out, in order of seq.
pub(crate) enum Event<'a> {
    /// The records that follow come from this segment.
    Segment(&'a SegmentInfo),
    /// A record above `applied_seq`.
    Record(RecordRef<'a>),
}

/// A torn end that was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The segment's file.
    pub file: PathBuf,
    /// Its new length.
    pub offset: u64,
    /// Bytes cut off.
    pub bytes: u64,
}

/// The journal as recovery found it. All of it is durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// Last seq.
    pub last_seq: u64,
    /// Highest seq that the files knew durable before recovery synced them.
    pub durable_known: u64,
    /// Highest epoch of any segment; 0 without one.
    pub epoch_max: u32,
    /// Hash of the last record.
    pub chain: u64,
    /// Timestamp of the last record.
    pub last_timestamp: u64,
    /// What was cut.
    pub cut: Option<Cut>,
    /// Segments present, oldest first.
    pub segments: Vec<SegmentInfo>,
    /// Number of records handed out.
    pub records: u64,
    /// Names of segments that were never linked.
    unlinked: Vec<String>,
    /// Seed of the checksums of the newest segment.
    salt: u32,
}

impl Recovered {
    /// Where the next epoch begins.
    pub(crate) fn start(&self, store_id: u128, buffer_bytes: usize) -> Result<Start> {
        let epoch = self.epoch_max.checked_add(1).ok_or_else(|| {
            Error::new(ErrorCode::Unsupported, "the store was opened 4,294,967,295 times; export it into a new one")
        })?;
        Ok(Start {
            store_id,
            epoch,
            next_seq: self.last_seq + 1,
            chain: self.chain,
            last_timestamp: self.last_timestamp,
            buffer_bytes,
            segments: self.segments.clone(),
            salt: self.salt,
        })
    }

    /// Whether [`Recovered::settle`] has something to cut or to remove.
    pub(crate) fn is_to_change(&self) -> bool {
        self.cut.is_some() || !self.unlinked.is_empty()
    }

    /// Cuts, removes files that were never linked, and makes the rest durable, so that the next segment may be linked
    /// (E12): after a killed process the newest one may be in the kernel only.
    pub(crate) fn settle(&self, disk: &dyn Disk, folder: &Path) -> Result<()> {
        if self.unlinked.is_empty() && self.segments.is_empty() {
            return Ok(());
        }
        let attempt = || {
            for name in &self.unlinked {
                disk.remove(&folder.join(name))?;
            }
            if let Some(newest) = self.segments.last() {
                let file = disk.open_write(&newest.path(folder))?;
                if let Some(cut) = &self.cut {
                    file.truncate(cut.offset)?;
                }
                file.sync_all()?;
            }
            disk.sync_folder(folder)
        };
        attempt().map_err(|error| Error::io(format!("settling {}", folder.display()), error))
    }

    /// E10: `CORRUPTION` if the journal ends before a seq that was durable in it.
    pub(crate) fn check_reaches(&self, folder: &Path, seq: u64) -> Result<()> {
        if self.last_seq >= seq {
            return Ok(());
        }
        let place = match &self.cut {
            Some(cut) => place(&cut.file, cut.offset),
            None => folder.display().to_string(),
        };
        Err(Error::corruption(place, format!("the journal ends at seq {}, and seq {seq} was durable", self.last_seq)))
    }
}

/// Reads the journal in `folder`, handing `sink` everything above `known.applied_seq`. Nothing on disk changes before
/// [`Recovered::settle`]. Errors: `CORRUPTION`, `FORMAT_TOO_NEW`, those of I/O, and those of `sink`, which end it.
pub(crate) fn recover(
    disk: &dyn Disk,
    folder: &Path,
    known: &Known,
    sink: &mut dyn FnMut(Event<'_>) -> Result<()>,
) -> Result<Recovered> {
    let (segments, unlinked) = list(disk, folder)?;
    let epoch_max = segments.last().map_or(0, |last| last.epoch);
    let found = Recovered { epoch_max, segments, unlinked, ..Recovered::default() };
    let mut recovery = Recovery { disk, folder, known, sink, found, may_be_trimmed: known.applied_seq };
    recovery.read_all()?;
    Ok(recovery.found)
}

/// First seq of the oldest segment; `None` without one.
pub(crate) fn oldest_seq(disk: &dyn Disk, folder: &Path) -> Result<Option<u64>> {
    Ok(list(disk, folder)?.0.first().map(|oldest| oldest.first_seq))
}

/// The segments, oldest first, and the names of those that were never linked.
fn list(disk: &dyn Disk, folder: &Path) -> Result<(Vec<SegmentInfo>, Vec<String>)> {
    let mut names = disk.list(folder).map_err(|error| Error::io(format!("listing {}", folder.display()), error))?;
    let mut segments: Vec<_> = names.iter().filter_map(|name| SegmentInfo::parse(name)).collect();
    segments.sort_unstable();
    names.retain(|name| name.ends_with(UNLINKED_SUFFIX));
    Ok((segments, names))
}

/// Reads all segments present, those wholly applied too, and changes nothing. The newest may be written meanwhile.
pub(super) fn check(disk: &dyn Disk, folder: &Path, store_id: u128, applied_seq: u64) -> Result<Recovered> {
    let (segments, _) = list(disk, folder)?;
    let first_seq = segments.first().map_or(1, |first| first.first_seq);
    if first_seq > applied_seq.saturating_add(1) {
        let what = format!("it starts at seq {first_seq}, only {applied_seq} is applied");
        return Err(Error::corruption(folder.display(), what));
    }
    let known = Known { store_id, applied_seq: first_seq.saturating_sub(1), pending_seq: 0 };
    let found = Recovered { segments, ..Recovered::default() };
    let mut recovery =
        Recovery { disk, folder, known: &known, sink: &mut |_| Ok(()), found, may_be_trimmed: applied_seq };
    recovery.read_all()?;
    Ok(recovery.found)
}

struct Recovery<'a> {
    disk: &'a dyn Disk,
    folder: &'a Path,
    known: &'a Known,
    sink: &'a mut dyn FnMut(Event<'_>) -> Result<()>,
    found: Recovered,
    /// Nobody needs seqs up to this one: what held them may be gone.
    may_be_trimmed: u64,
}

impl Recovery<'_> {
    fn read_all(&mut self) -> Result<()> {
        let segments = self.found.segments.clone();
        let needed = self.known.applied_seq.max(self.known.pending_seq);
        let Some(newest) = segments.len().checked_sub(1) else {
            if needed > 0 {
                return Err(Error::corruption(self.folder.display(), format!("no journal, though seq {needed} was")));
            }
            return Ok(());
        };
        let (mut is_first, mut is_behind_gap) = (true, false);
        for (at, info) in segments.iter().enumerate() {
            let limit = segment::last_seq(&segments, at);
            if at < newest && limit <= self.known.applied_seq {
                if limit < info.first_seq {
                    self.check_superseded(info, limit)?;
                }
                continue;
            }
            let Some(mut reader) = SegmentReader::open(self.disk, self.folder, info, self.known.store_id)? else {
                // E12: a segment gets its name when its header is durable, so this is no torn write.
                let what = "the segment's header is damaged";
                return Err(Error::corruption(place(&info.path(self.folder), 0), what));
            };
            if !is_behind_gap || info.first_seq > self.may_be_trimmed.saturating_add(1) {
                self.check_start(info, &reader, is_first)?;
            }
            is_first = false;
            if at == newest {
                self.read_newest(info, &mut reader)?;
            } else {
                is_behind_gap = !self.read_complete(info, &mut reader, limit)?;
            }
        }
        Ok(())
    }

    /// A later segment starts where this one does, or before: then nothing in it may have been known durable.
    fn check_superseded(&self, info: &SegmentInfo, limit: u64) -> Result<()> {
        let Some(mut reader) = SegmentReader::open(self.disk, self.folder, info, self.known.store_id)? else {
            return Ok(());
        };
        while let Frame::Record(_) | Frame::Group = reader.next()? {}
        if reader.durable() > limit {
            return Err(overtaken(&reader, limit));
        }
        Ok(())
    }

    /// A segment starts where the one before it ended; the first one read, at or before what is applied.
    fn check_start(&self, info: &SegmentInfo, reader: &SegmentReader, is_first: bool) -> Result<()> {
        let damaged = |what: String| Err(Error::corruption(place(reader.path(), 0), what));
        let (first_seq, applied_seq) = (info.first_seq, self.known.applied_seq);
        if is_first {
            if first_seq > applied_seq.saturating_add(1) {
                let lost = applied_seq + 1;
                return damaged(format!("the journal starts at seq {first_seq}, the one before {lost} is missing"));
            }
            return Ok(());
        }
        if first_seq != self.found.last_seq + 1 {
            return damaged(format!("the segment starts at seq {first_seq} and not behind {}", self.found.last_seq));
        }
        if reader.chain() != self.found.chain {
            return damaged("the segment does not carry on the chain of the one before".into());
        }
        Ok(())
    }

    /// Reads a segment that a later one follows: it holds every seq up to `limit`. False if it ends before, and what
    /// followed it was trimmed: a power cut may take back a removal and keep the one after it.
    fn read_complete(&mut self, info: &SegmentInfo, reader: &mut SegmentReader, limit: u64) -> Result<bool> {
        let mut is_announced = false;
        self.keep(reader);
        loop {
            let offset = reader.offset();
            let last_seq = reader.last_seq();
            let bad = match reader.next()? {
                Frame::Group => continue,
                Frame::Record(record) if record.seq <= limit => {
                    self.deliver(info, record, &mut is_announced)?;
                    self.keep(reader);
                    continue;
                }
                Frame::Record(_) => continue, // a lower epoch's leftover; what it knew durable is checked below
                Frame::End if last_seq >= limit => break,
                Frame::End if limit <= self.may_be_trimmed => return Ok(false),
                Frame::End => "records are missing at the file's end",
                Frame::Bad(what) if last_seq >= limit => {
                    if !reader.find_groups()? || !self.is_followed_in_epoch(info) {
                        break;
                    }
                    what
                }
                Frame::Bad(what) if limit <= self.may_be_trimmed => {
                    if !reader.find_groups()? {
                        return Ok(false);
                    }
                    what
                }
                Frame::Bad(what) => what,
            };
            return Err(Error::corruption(place(reader.path(), offset), bad));
        }
        let is_leftover = reader.last_seq() > limit;
        if reader.durable() > limit || (is_leftover && self.is_followed_in_epoch(info)) {
            return Err(overtaken(reader, limit));
        }
        Ok(true)
    }

    /// Reads the newest segment; its end may be torn.
    fn read_newest(&mut self, info: &SegmentInfo, reader: &mut SegmentReader) -> Result<()> {
        let mut is_announced = false;
        let (offset, bad) = loop {
            let offset = reader.offset();
            match reader.next()? {
                Frame::Group => {}
                Frame::Record(record) => self.deliver(info, record, &mut is_announced)?,
                Frame::End => break (offset, None),
                Frame::Bad(what) => break (offset, Some(what)),
            }
        };
        let is_durable = reader.find_durable()?;
        self.keep(reader);
        let needed = self.known.applied_seq.max(self.known.pending_seq);
        if is_durable || reader.last_seq() < needed {
            let what = bad.unwrap_or("records are missing at the file's end");
            let next = reader.last_seq() + 1;
            return Err(Error::corruption(place(reader.path(), offset), format!("{what} (seq {next} was durable)")));
        }
        if reader.is_ended() && !self.has_later(info)? {
            let what = format!("the segment after it, from seq {} on, is missing", reader.last_seq() + 1);
            return Err(Error::corruption(reader.path().display(), what));
        }
        self.found.salt = reader.salt();
        if bad.is_some() {
            let file = reader.path().to_path_buf();
            self.found.cut = Some(Cut { file, offset, bytes: reader.file_bytes() - offset });
        }
        Ok(())
    }

    fn deliver(&mut self, info: &SegmentInfo, record: RecordRef<'_>, is_announced: &mut bool) -> Result<()> {
        if record.seq <= self.known.applied_seq {
            return Ok(());
        }
        if !std::mem::replace(is_announced, true) {
            (self.sink)(Event::Segment(info))?;
        }
        self.found.records += 1;
        (self.sink)(Event::Record(record))
    }

    /// Takes over the reader's place.
    fn keep(&mut self, reader: &SegmentReader) {
        self.found.last_seq = reader.last_seq();
        self.found.chain = reader.chain();
        self.found.last_timestamp = self.found.last_timestamp.max(reader.last_timestamp());
        self.found.durable_known = self.found.durable_known.max(reader.durable());
    }

    /// Asks the folder again: a journal that is checked while it is written may have got one meanwhile.
    fn has_later(&self, info: &SegmentInfo) -> Result<bool> {
        Ok(list(self.disk, self.folder)?.0.last() > Some(info))
    }

    fn is_followed_in_epoch(&self, info: &SegmentInfo) -> bool {
        self.found.segments.iter().any(|other| other.epoch == info.epoch && other.first_seq > info.first_seq)
    }
}

fn overtaken(reader: &SegmentReader, limit: u64) -> Error {
    let seq = reader.durable().max(reader.last_seq());
    let what = format!("the segment holds seq {seq}, but a later one starts at {}", limit.saturating_add(1));
    Error::corruption(reader.path().display(), what)
}
