//! Appending, group commit and rotation on files.
//!
//! Two roles exist, each held by one thread at a time: the *writer* (`State::writing`) and the *syncer*
//! (`State::syncing`). Who waits for something that is not there yet takes the role that is free, does the work for
//! everybody, and wakes the others. I/O happens only inside a role and outside the lock, so appends never wait for
//! I/O, and writes for `os` go on while somebody's fdatasync runs.
//!
//! - Only the writer changes `State::file`, and it writes to it only between rotations.
//! - All fdatasyncs go through the syncer's role, for the kernel reports a write-back error once a descriptor: two
//!   at once could split failure and success between them.
//! - The writer may wait for the syncer's role; the syncer never waits for the writer's. So they cannot block each
//!   other.

use std::collections::VecDeque;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::clock::Clock;
use super::group::Group;
use super::record::{FrameHead, GROUP, PAYLOAD_BYTES_MAX, RecordKind};
use super::recovery::{self, Recovered};
use super::segment::{self, SegmentHeader, SegmentInfo};
use super::{Appended, Start};
use crate::disk::{Disk, DiskFile};
use crate::error::{Error, ErrorCode, Result};
use crate::options::Durability;

/// The journal of a store on disk.
pub(super) struct FileJournal {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    store_id: u128,
    epoch: u32,
    /// Seq of the first record of this open.
    #[cfg(test)]
    begins_at: u64,
    /// A group larger than this should be written by whoever made it so: a quarter of the budget, for there are two
    /// buffers, and a growing one may be twice as long as what it holds.
    group_bytes_max: usize,
    state: Mutex<State>,
    written_changed: Condvar,
    durable_changed: Condvar,
    /// Copies of the state's fields for reading without its lock.
    written: AtomicU64,
    durable: AtomicU64,
    failed: AtomicBool,
    /// Linked segments, oldest first; the last one is active and never trimmed.
    segments: Mutex<Vec<SegmentInfo>>,
}

struct State {
    /// Records after `written`, of the segment that starts at `segment_first`.
    group: Group,
    spare: Vec<u8>,
    /// Segments ended by `switch_segment` and not yet followed by a linked one, oldest first. While there is any,
    /// `group` belongs to a segment that has no file yet.
    ended: VecDeque<Ended>,
    salt: u32,
    segment_first: u64,
    /// Last seq appended. `durable <= written <= last_seq`.
    last_seq: u64,
    chain: u64,
    clock: Clock,
    /// E12: everything before this file's first record is durable.
    file: Arc<dyn DiskFile>,
    /// Seed of the checksums in `file`; `salt` is that of `group`.
    file_salt: u32,
    written: u64,
    durable: u64,
    /// The durable seq that the file already tells of.
    marked: u64,
    unsynced_bytes: u64,
    /// Bytes of the group that is being written.
    writing_bytes: usize,
    writing: bool,
    syncing: bool,
    /// E11: set once, by the first failure (or by close); `written` and `durable` stay from then on.
    failed: Option<Error>,
}

/// The rest of an ended segment, and the header of the one after it.
struct Ended {
    group: Group,
    next: SegmentHeader,
    /// Whether the file is to tell even after a power cut that another follows it: so it is at every open.
    tells_durably: bool,
}

impl FileJournal {
    pub(super) fn create(disk: Arc<dyn Disk>, folder: PathBuf, start: Start) -> Result<Self> {
        start_folder(&*disk, &folder)?;
        let header = SegmentHeader {
            store_id: start.store_id,
            info: SegmentInfo { epoch: start.epoch, first_seq: start.next_seq },
            chain: start.chain,
            timestamp: start.last_timestamp,
        };
        let mut segments = start.segments;
        let mut ended = VecDeque::new();
        let salt = header.salt();
        let (file, file_salt) = match segments.last() {
            // Opening waits for no disk: the first writer, or the next tick of the background, links the segment.
            Some(before) => {
                let path = before.path(&folder);
                let file =
                    disk.open_write(&path).map_err(|error| Error::io(format!("opening {}", path.display()), error))?;
                ended.push_back(Ended { group: Group::default(), next: header, tells_durably: true });
                (file, start.salt)
            }
            None => {
                let file = segment::link(&*disk, &folder, &header)?;
                segments.push(header.info);
                (file, salt)
            }
        };
        let last_seq = start.next_seq.saturating_sub(1);
        let state = State {
            group: Group::default(),
            spare: Vec::new(),
            ended,
            salt,
            file_salt,
            segment_first: start.next_seq,
            last_seq,
            chain: start.chain,
            clock: Clock::new(start.last_timestamp),
            file,
            written: last_seq,
            durable: last_seq,
            marked: last_seq,
            unsynced_bytes: 0,
            writing_bytes: 0,
            writing: false,
            syncing: false,
            failed: None,
        };
        Ok(Self {
            disk,
            folder,
            store_id: start.store_id,
            epoch: start.epoch,
            #[cfg(test)]
            begins_at: start.next_seq,
            group_bytes_max: start.buffer_bytes / 4,
            state: Mutex::new(state),
            written_changed: Condvar::new(),
            durable_changed: Condvar::new(),
            written: AtomicU64::new(last_seq),
            durable: AtomicU64::new(last_seq),
            failed: AtomicBool::new(false),
            segments: Mutex::new(segments),
        })
    }

    pub(super) fn append(&self, kind: RecordKind, seq: u64, parts: &[&[u8]]) -> Result<Appended> {
        let length = parts.iter().fold(0usize, |sum, part| sum.saturating_add(part.len()));
        if length > PAYLOAD_BYTES_MAX {
            let message = format!("a journal record of {length} bytes; split the batch or use bulk load");
            return Err(Error::new(ErrorCode::TooLarge, message));
        }
        let mut guard = self.state.lock();
        let state = &mut *guard;
        state.check()?;
        state.check_next(seq)?;
        let timestamp = state.clock.tick();
        let head = FrameHead { kind: kind as u8, seq, timestamp, chain: state.chain };
        state.chain = state.group.push(state.salt, head, parts);
        state.last_seq = seq;
        Ok(Appended { timestamp, buffer_full: state.buffered_bytes() > self.group_bytes_max })
    }

    pub(super) fn wait(&self, seq: u64, level: Durability) -> Result<()> {
        let reached = match level {
            Durability::None => u64::MAX,
            Durability::Os => self.written.load(Ordering::Acquire),
            Durability::Full => self.durable.load(Ordering::Acquire),
        };
        if seq <= reached && !self.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut state = self.state.lock();
        loop {
            if state.durable >= seq {
                return Ok(()); // true whatever failed since
            }
            state.check()?;
            if level == Durability::None || (level == Durability::Os && state.written >= seq) {
                return Ok(());
            }
            if level == Durability::Full && state.syncing {
                // What this sync misses goes into one group with all else that waits for its end.
                self.durable_changed.wait(&mut state);
            } else if state.written >= seq {
                self.sync(&mut state)?;
            } else if state.last_seq < seq {
                return Err(Error::internal(format!("waiting for seq {seq}, the last one is {}", state.last_seq)));
            } else if state.writing {
                self.written_changed.wait(&mut state);
            } else {
                self.write(&mut state)?;
            }
        }
    }

    /// Writes all that is buffered, and links segments that are due.
    pub(super) fn flush(&self) -> Result<()> {
        let mut state = self.state.lock();
        let target = state.last_seq;
        loop {
            state.check()?;
            if state.written >= target && state.ended.is_empty() {
                return Ok(());
            }
            if state.writing {
                self.written_changed.wait(&mut state);
            } else {
                self.write(&mut state)?;
            }
        }
    }

    /// Tells the file what is durable, if nothing else is about to.
    pub(super) fn mark(&self) -> Result<()> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        state.check()?;
        let idle = !state.writing && state.group.is_empty() && state.ended.is_empty();
        if !idle || state.durable <= state.marked {
            return Ok(());
        }
        let next =
            FrameHead { kind: GROUP, seq: state.last_seq + 1, timestamp: state.clock.last(), chain: state.chain };
        state.group.make_mark(state.salt, next);
        self.write(&mut guard)
    }

    /// E2: only memory. The seqs from `first_seq` on go to a new segment, which the next writer links.
    pub(super) fn switch_segment(&self, first_seq: u64) -> Result<()> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        state.check()?;
        state.check_next(first_seq)?;
        if first_seq == state.segment_first {
            return Ok(()); // nothing was appended: the segment is new already
        }
        let next = SegmentHeader {
            store_id: self.store_id,
            info: SegmentInfo { epoch: self.epoch, first_seq },
            chain: state.chain,
            timestamp: state.clock.last(),
        };
        state.salt = next.salt();
        state.segment_first = first_seq;
        let group = mem::replace(&mut state.group, Group::reuse(mem::take(&mut state.spare)));
        state.ended.push_back(Ended { group, next, tells_durably: false });
        Ok(())
    }

    pub(super) fn close(&self) -> Result<()> {
        self.flush()?;
        let last_seq = self.state.lock().last_seq;
        self.wait(last_seq, Durability::Full)?;
        self.mark()?;
        let mut state = self.state.lock();
        while state.syncing {
            self.durable_changed.wait(&mut state);
        }
        state.check()?;
        if state.unsynced_bytes > 0 {
            self.sync(&mut state)?;
        }
        self.stop(&mut state, Error::new(ErrorCode::Closed, "the store is closed; open it again"));
        Ok(())
    }

    /// E15: deletes segments whose records are all at or below `up_to_seq`, and those that never got one; never the
    /// active segment. Gives the number deleted.
    pub(super) fn trim(&self, up_to_seq: u64) -> Result<usize> {
        self.state.lock().check()?;
        let mut count = 0;
        // The file goes while no lock is held, for whoever links a segment holds the state's.
        while let Some(info) = self.first_trimmable(up_to_seq) {
            let path = info.path(&self.folder);
            match self.disk.remove(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(format!("removing {}", path.display()), error));
                }
                _ => self.segments.lock().retain(|other| *other != info),
            }
            count += 1;
        }
        Ok(count)
    }

    fn first_trimmable(&self, up_to_seq: u64) -> Option<SegmentInfo> {
        let segments = self.segments.lock();
        let older = segments.len().saturating_sub(1);
        let is_trimmable = |at: &usize| {
            let last_seq = segment::last_seq(&segments, *at);
            last_seq <= up_to_seq || last_seq < segments[*at].first_seq
        };
        (0..older).find(is_trimmable).map(|at| segments[at].clone())
    }

    pub(super) fn check(&self, applied_seq: u64) -> Result<Recovered> {
        recovery::check(&*self.disk, &self.folder, self.store_id, applied_seq)
    }

    #[cfg(test)]
    pub(super) fn segments(&self) -> Vec<SegmentInfo> {
        self.segments.lock().clone()
    }

    #[cfg(test)]
    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    #[cfg(test)]
    pub(super) fn begins_at(&self) -> u64 {
        self.begins_at
    }

    pub(super) fn written_seq(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    pub(super) fn durable_seq(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub(super) fn buffered_bytes(&self) -> usize {
        self.state.lock().buffered_bytes()
    }

    /// Everything its buffers hold, what is being written and what is kept for the next group too (E17).
    pub(super) fn memory_bytes(&self) -> usize {
        let state = self.state.lock();
        state.buffered_bytes() + state.writing_bytes + state.spare.capacity()
    }

    pub(super) fn unsynced_bytes(&self) -> u64 {
        self.state.lock().unsynced_bytes
    }

    #[cfg(test)]
    pub(super) fn failure(&self) -> Option<Error> {
        self.state.lock().failed.clone()
    }
}

/// Creates the journal's folder if it is missing.
pub(super) fn start_folder(disk: &dyn Disk, folder: &Path) -> Result<()> {
    let created = disk.create_folder(folder).and_then(|new| match folder.parent() {
        Some(parent) if new => disk.sync_folder(parent),
        _ => Ok(()),
    });
    created.map_err(|error| Error::io(format!("creating {}", folder.display()), error))
}

/// The two roles.
impl FileJournal {
    /// Takes the writer's role, which must be free, and writes everything that was buffered.
    fn write(&self, state: &mut MutexGuard<'_, State>) -> Result<()> {
        debug_assert!(!state.writing);
        state.writing = true;
        let result = self.write_groups(state);
        state.writing = false;
        self.written_changed.notify_all();
        result
    }

    fn write_groups(&self, state: &mut MutexGuard<'_, State>) -> Result<()> {
        while let Some(ended) = state.ended.pop_front() {
            self.write_group(state, ended.group)?;
            self.written_changed.notify_all();
            self.start_segment(state, ended.next, ended.tells_durably)?;
        }
        let spare = mem::take(&mut state.spare);
        let group = mem::replace(&mut state.group, Group::reuse(spare));
        self.write_group(state, group)
    }

    /// One write() call.
    fn write_group(&self, state: &mut MutexGuard<'_, State>, mut group: Group) -> Result<()> {
        if !group.is_empty() {
            state.check()?;
            group.seal(state.durable);
            let marked = state.durable;
            let file = Arc::clone(&state.file);
            state.writing_bytes = group.bytes().len();
            let written = MutexGuard::unlocked(state, || {
                file.write_all(group.bytes()).map_err(|error| self.io_error("writing", error))
            });
            state.writing_bytes = 0;
            self.settle(state, written)?;
            state.marked = marked;
            state.unsynced_bytes += group.bytes().len() as u64;
            state.written = group.last_seq();
            self.written.store(state.written, Ordering::Release);
        }
        state.spare = group.into_buffer(2 * self.group_bytes_max);
        Ok(())
    }

    /// E12: the old segment is durable before the new one is linked, and the new one is linked before its first byte
    /// is written. The caller has the writer's role.
    fn start_segment(
        &self,
        state: &mut MutexGuard<'_, State>,
        header: SegmentHeader,
        tells_durably: bool,
    ) -> Result<()> {
        while state.syncing {
            self.durable_changed.wait(state);
        }
        self.sync(state)?;
        debug_assert_eq!(state.durable + 1, header.info.first_seq, "E12");
        let linked = MutexGuard::unlocked(state, || segment::link(&*self.disk, &self.folder, &header));
        let file = self.settle(state, linked)?;
        let before = mem::replace(&mut state.file, file);
        let end = segment::end(mem::replace(&mut state.file_salt, header.salt()), &header);
        state.marked = state.durable;
        state.unsynced_bytes = 0;
        self.segments.lock().push(header.info);
        let ended = MutexGuard::unlocked(state, || {
            before.write_all(&end)?;
            // In between it costs no fsync: what it tells is lost only if the power goes, too.
            if tells_durably { before.sync_data() } else { Ok(()) }
        });
        self.settle(state, ended.map_err(|error| self.io_error("ending the segment before", error)))
    }

    /// Takes the syncer's role, which must be free, and makes everything written so far durable: what came before
    /// `State::file` is so already.
    fn sync(&self, state: &mut MutexGuard<'_, State>) -> Result<()> {
        debug_assert!(!state.syncing);
        state.check()?;
        state.syncing = true;
        let written = state.written;
        let unsynced_bytes = state.unsynced_bytes;
        let file = Arc::clone(&state.file);
        let synced = MutexGuard::unlocked(state, || file.sync_data().map_err(|error| self.io_error("syncing", error)));
        state.syncing = false;
        let result = self.settle(state, synced);
        if result.is_ok() {
            state.unsynced_bytes -= unsynced_bytes;
            state.durable = written;
            self.durable.store(written, Ordering::Release);
        }
        self.durable_changed.notify_all();
        result
    }

    /// E11: passes an outcome on, and poisons the journal if it is the first failure.
    fn settle<T>(&self, state: &mut MutexGuard<'_, State>, result: Result<T>) -> Result<T> {
        match result {
            // Somebody else failed meanwhile: from then on nothing advances.
            Ok(value) => state.check().map(|()| value),
            Err(cause) => {
                state.check()?;
                let message = format!("the journal failed: {}; close the store and open it again", cause.what());
                let poison = Error::new(ErrorCode::StorageFailed, message).with_source(cause);
                self.stop(state, poison.clone());
                Err(poison)
            }
        }
    }

    fn io_error(&self, doing: &str, error: std::io::Error) -> Error {
        let path = self.segments.lock().last().map_or_else(|| self.folder.clone(), |info| info.path(&self.folder));
        Error::io(format!("{doing} {}", path.display()), error)
    }

    fn stop(&self, state: &mut MutexGuard<'_, State>, error: Error) {
        state.failed = Some(error);
        self.failed.store(true, Ordering::Release);
        self.written_changed.notify_all();
        self.durable_changed.notify_all();
    }
}

impl State {
    fn check(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// E1: seqs are dense.
    fn check_next(&self, seq: u64) -> Result<()> {
        if seq == self.last_seq + 1 {
            return Ok(());
        }
        Err(Error::internal(format!("the journal was given seq {seq} after {}", self.last_seq)))
    }

    fn buffered_bytes(&self) -> usize {
        self.group.bytes().len() + self.ended.iter().map(|ended| ended.group.bytes().len()).sum::<usize>()
    }
}
