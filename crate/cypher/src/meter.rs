//! What a running query may take: time, the caller's will, and bytes.
//!
//! Two sorts of bytes are held. What a step keeps it counts itself, by [`Meter::hold`] and [`Meter::release`]. The values
//! that expressions make are counted here: a value reserves its bytes before it is made, and when an expression is done
//! its own value stays counted and what it was made of does not ([`Meter::settle`]). What the values of a batch take is
//! let go of when the step that made them is asked for the next one, for those behind it are done with the batch then.
//!
//! # What holds
//!
//! - M1 `made` is a part of `held`.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{CypherError, Detail, Kind};
use crate::value::{Value, check_bytes};

type Result<T> = std::result::Result<T, CypherError>;

/// The clock is asked once in so many elements.
const TICKS: u32 = 64;
/// And once in so many bytes that are gone through.
const WORK_BYTES: usize = 1 << 20;
/// Values that are smaller are not counted: there are no more of them than there are places in a batch.
const COUNTED_BYTES_MIN: usize = 1 << 10;

/// What ends a query before it is done.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    deadline: Option<Instant>,
    abort: Option<Arc<AtomicBool>>,
}

impl Ends {
    /// The ends of what began at a moment.
    pub fn of(time: Option<Duration>, abort: Option<&Arc<AtomicBool>>, began: Instant) -> Self {
        Self { deadline: time.and_then(|time| began.checked_add(time)), abort: abort.cloned() }
    }

    pub fn check(&self) -> Result<()> {
        if self.abort.as_ref().is_some_and(|abort| abort.load(Ordering::Relaxed)) {
            return Err(CypherError::runtime(Kind::Ended, Detail::Aborted, "the query was aborted"));
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(CypherError::runtime(Kind::Ended, Detail::TimeLimit, "the query took longer than it may"));
        }
        Ok(())
    }
}

/// What a query took so far, and when it has to end.
#[derive(Debug)]
pub struct Meter {
    ends: Ends,
    ticks: Cell<u32>,
    work: Cell<usize>,
    held: Cell<usize>,
    held_max: usize,
    /// Bytes of the values that expressions made since the step at hand began. // M1
    made: Cell<usize>,
}

impl Default for Meter {
    /// A meter of a query that may take whatever it needs.
    fn default() -> Self {
        Self::new(Ends::default(), None)
    }
}

impl Meter {
    pub(crate) fn new(ends: Ends, bytes_max: Option<usize>) -> Self {
        let held_max = bytes_max.unwrap_or(usize::MAX);
        Self { ends, ticks: Cell::new(0), work: Cell::new(0), held: Cell::new(0), held_max, made: Cell::new(0) }
    }

    /// Whether it has to end.
    ///
    /// # Errors
    /// `TimeLimit` or `Aborted`.
    pub fn check(&self) -> Result<()> {
        self.ends.check()
    }

    /// Asked before each element of a loop.
    ///
    /// # Errors
    /// Those of [`check`](Self::check), every so many elements.
    pub fn proceed(&self) -> Result<()> {
        let ticks = self.ticks.get().wrapping_add(1);
        self.ticks.set(ticks);
        if ticks.is_multiple_of(TICKS) { self.check() } else { Ok(()) }
    }

    /// Asked before a value is gone through, which is no loop of ours perhaps.
    ///
    /// # Errors
    /// Those of [`check`](Self::check), every so many bytes.
    pub fn work(&self, value: &Value) -> Result<()> {
        let bytes = value.extent();
        if bytes < COUNTED_BYTES_MIN {
            return Ok(());
        }
        let work = self.work.get().saturating_add(bytes);
        let due = work >= WORK_BYTES;
        self.work.set(if due { 0 } else { work });
        if due { self.check() } else { Ok(()) }
    }

    /// Counts bytes that are held.
    ///
    /// # Errors
    /// `MemoryLimit`.
    pub fn hold(&self, bytes: usize) -> Result<()> {
        let held = self.held.get().saturating_add(bytes);
        self.held.set(held);
        if held <= self.held_max {
            return Ok(());
        }
        let message = format!("the query holds {held} bytes, more than it may ({})", self.held_max);
        Err(CypherError::runtime(Kind::Ended, Detail::MemoryLimit, message))
    }

    /// Lets go of bytes that were held.
    pub fn release(&self, bytes: usize) {
        self.held.set(self.held.get().saturating_sub(bytes));
    }

    /// Bytes of the values that were made and are still counted: what [`settle`](Self::settle) goes back to.
    #[inline]
    pub fn made(&self) -> usize {
        self.made.get()
    }

    /// Counts the bytes of a value that is about to be made.
    ///
    /// # Errors
    /// `MemoryLimit`, and that of a value larger than one may be; `TimeLimit` and `Aborted` as [`work`](Self::work).
    pub fn reserve(&self, bytes: usize) -> Result<()> {
        if bytes < COUNTED_BYTES_MIN {
            return Ok(());
        }
        check_bytes(bytes)?;
        self.made.set(self.made.get().saturating_add(bytes));
        self.hold(bytes)?;
        if bytes >= WORK_BYTES { self.check() } else { Ok(()) }
    }

    /// Of what was made since `made` a value of so many bytes is left.
    ///
    /// # Errors
    /// `MemoryLimit`.
    pub fn settle(&self, made: usize, bytes: usize) -> Result<()> {
        let left = if bytes < COUNTED_BYTES_MIN { made } else { made.saturating_add(bytes) };
        let before = self.made.replace(left);
        if left > before {
            return self.hold(left - before);
        }
        self.release(before - left);
        Ok(())
    }

    /// A step begins, and lets go of what it made before; gives what [`step_ended`](Self::step_ended) takes.
    pub(crate) fn step_began(&self, made_before: usize) -> usize {
        self.release(made_before);
        self.made.replace(0)
    }

    /// A step ended; gives what it made, which stays counted.
    pub(crate) fn step_ended(&self, outer: usize) -> usize {
        self.made.replace(outer)
    }
}

/// Values of a list that is being made, measured as they come.
pub(crate) struct Growing<'m> {
    meter: &'m Meter,
    made: usize,
    values: Vec<Value>,
    bytes: usize,
}

impl<'m> Growing<'m> {
    pub fn new(meter: &'m Meter) -> Self {
        Self { meter, made: meter.made(), values: Vec::new(), bytes: 0 }
    }

    /// Takes a value in; what else was made of late is done with.
    pub fn push(&mut self, value: Value) -> Result<()> {
        self.bytes = self.bytes.saturating_add(value.bytes());
        check_bytes(self.bytes)?;
        self.meter.settle(self.made, self.bytes)?;
        self.values.push(value);
        Ok(())
    }

    pub fn list(self) -> Result<Value> {
        Value::list(self.values)
    }
}
