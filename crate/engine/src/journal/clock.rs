//! Timestamps of records: a hybrid logical clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Gives ever greater timestamps: milliseconds since 1970 shifted left by 16, plus a counter that runs while the wall
/// clock stands still or goes back.
pub(super) struct Clock {
    last: u64,
}

impl Clock {
    /// A clock that goes on from `last`.
    pub(super) fn new(last: u64) -> Self {
        Self { last }
    }

    /// The latest timestamp given.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// The next timestamp, greater than every one before.
    pub(super) fn tick(&mut self) -> u64 {
        // A wall clock before 1970 counts as 1970: the counter still runs.
        let wall_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        self.last = (wall_ms << 16).max(self.last.saturating_add(1));
        self.last
    }
}
