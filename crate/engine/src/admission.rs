//! Back-pressure: when a write is let in (E18).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::stats::Counter;
use crate::store::Inner;
use crate::tables::FROZEN_MAX;
use crate::writer::WriterGuard;

/// How a write meets full memtables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Blocks until there is room.
    Block,
    /// May overshoot by half a memtable; its answer is held back instead (E18).
    Overshoot,
    /// The checkpoint's own small commits: they must not wait for a checkpoint.
    Unbounded,
}

/// Batches that fit beside no other waiting for empty memtables. Meanwhile nobody else is let in, or a stream of small
/// writes would keep them out for ever.
#[derive(Default)]
pub(crate) struct LargeBatches(AtomicUsize);

impl LargeBatches {
    fn wait(&self) -> LargeBatch<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        LargeBatch(self)
    }

    fn any(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

struct LargeBatch<'a>(&'a LargeBatches);

impl Drop for LargeBatch<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Inner {
    /// The writer mutex, once memtables have room for a batch of `bytes`.
    pub(crate) fn lock_admitted(&self, bytes: usize, admission: Admission) -> Result<WriterGuard<'_>> {
        let is_large = bytes > self.shares().memtable_bytes;
        let _waiting = is_large.then(|| self.large_batches.wait());
        loop {
            if !self.has_room_for(bytes, admission) {
                self.wait_for_room(bytes, admission)?;
            }
            let writer = self.lock_writer();
            // Somebody else's batch may have taken the room meanwhile.
            if self.has_room_for(bytes, admission) {
                return Ok(writer);
            }
        }
    }

    /// Holds an answer back until a synchronous writer would be let in (E18).
    pub fn wait_until_admitted(&self) -> Result<()> {
        if self.has_room() { Ok(()) } else { self.wait_for_room(0, Admission::Block) }
    }

    /// Whether a synchronous writer would be let in at once.
    pub fn has_room(&self) -> bool {
        self.has_room_for(0, Admission::Block)
    }

    /// E18: three memtables in all, or three and a half, and of them at most two frozen. A batch that does not fit at
    /// all is let in when it finds the memtables empty.
    fn has_room_for(&self, bytes: usize, admission: Admission) -> bool {
        let one = self.shares().memtable_bytes;
        let overshoot = match admission {
            Admission::Block => 0,
            Admission::Overshoot => one / 2,
            Admission::Unbounded => return true,
        };
        if bytes <= one && self.large_batches.any() {
            return false;
        }
        let tables = self.tables.load();
        if tables.active.memtable.is_empty() && tables.frozen.is_empty() {
            return true;
        }
        let active = tables.active.memtable.bytes();
        let frozen: usize = tables.frozen.iter().map(|table| table.memtable.bytes()).sum();
        let is_full = tables.frozen.len() >= FROZEN_MAX && active >= one + overshoot;
        !is_full && active + frozen + bytes <= (FROZEN_MAX + 1) * one + overshoot
    }

    fn wait_for_room(&self, bytes: usize, admission: Admission) -> Result<()> {
        let start = Instant::now();
        self.counters.add(Counter::Stalls, 1);
        while !self.has_room_for(bytes, admission) {
            self.check_writable()?;
            self.freeze_for_room()?;
            let mut guard = self.room.lock();
            if !self.has_room_for(bytes, admission) {
                self.background.wake_checkpoint();
                self.room_made.wait_for(&mut guard, Duration::from_millis(100));
            }
        }
        self.counters.add(Counter::StallMicros, start.elapsed().as_micros() as u64);
        Ok(())
    }

    /// What the active memtable holds makes room only when it is drained, too.
    fn freeze_for_room(&self) -> Result<()> {
        if !self.tables.load().frozen.is_empty() {
            return Ok(());
        }
        let writer = self.lock_writer();
        if self.tables.load().frozen.is_empty() { self.freeze(&writer) } else { Ok(()) }
    }

    /// E17: whoever lets the journal's buffer grow to its share writes it out, so that no stream of writes that nobody
    /// waits for grows it further. The caller holds no lock.
    pub(crate) fn drain_journal_buffer(&self) -> Result<()> {
        if self.journal.buffered_bytes() > self.plan.journal_buffer_bytes / 2 {
            self.journal.flush().map_err(|error| self.poison(error))?;
        }
        Ok(())
    }
}
