//! How an algorithm asks whether to go on.

use crate::error::{Error, Result};

/// How far an algorithm has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Steps done, about one for each edge that was looked at.
    pub done: u64,
    /// All steps, when they are known beforehand.
    pub total: Option<u64>,
}

/// Asked now and then; `false` ends the algorithm with [`Error::Stopped`].
pub type Proceed<'a> = &'a mut dyn FnMut(Progress) -> bool;

/// Steps between two questions: some 100 µs.
const STEPS: u64 = 1 << 15;

/// Counts steps and asks when enough of them are done.
pub(crate) struct Meter<'a> {
    proceed: Proceed<'a>,
    done: u64,
    asked: u64,
    total: Option<u64>,
}

impl<'a> Meter<'a> {
    /// Asks once, so that what is over already does not begin.
    pub fn start(proceed: Proceed<'a>, total: Option<u64>) -> Result<Self> {
        let mut meter = Self { proceed, done: 0, asked: 0, total };
        meter.ask()?;
        Ok(meter)
    }

    #[inline]
    pub fn step(&mut self, steps: usize) -> Result<()> {
        self.done = self.done.saturating_add(steps as u64);
        if self.done - self.asked >= STEPS { self.ask() } else { Ok(()) }
    }

    #[cold]
    pub fn ask(&mut self) -> Result<()> {
        self.asked = self.done;
        if (self.proceed)(Progress { done: self.done, total: self.total }) { Ok(()) } else { Err(Error::Stopped) }
    }
}
