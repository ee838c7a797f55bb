//! The journal of a store in memory: numbers and timestamps, and nothing kept.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::Appended;
use super::clock::Clock;
use crate::error::{Error, Result};

/// Everything appended counts as durable.
pub(super) struct NullJournal {
    last_seq: AtomicU64,
    clock: Mutex<Clock>,
}

impl NullJournal {
    pub(super) fn new() -> Self {
        Self { last_seq: AtomicU64::new(0), clock: Mutex::new(Clock::new(0)) }
    }

    pub(super) fn append(&self, seq: u64) -> Result<Appended> {
        let mut clock = self.clock.lock();
        let last_seq = self.last_seq.load(Ordering::Acquire);
        if seq != last_seq + 1 {
            return Err(Error::internal(format!("the journal was given seq {seq} after {last_seq}")));
        }
        self.last_seq.store(seq, Ordering::Release);
        Ok(Appended { timestamp: clock.tick(), buffer_full: false })
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq.load(Ordering::Acquire)
    }
}
