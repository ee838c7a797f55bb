//! The time that expiry is judged by (E28).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Gives milliseconds since 1970, which never go back: a row that was once too old stays so while the store is open.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    System {
        start: Instant,
        /// Microseconds since 1970 at `start`. Only raised: a system clock that is set forward, or runs on while the machine
        /// sleeps, is followed; one that is set back is not.
        origin: AtomicU64,
    },
    Manual(AtomicU64),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(Kind::System { start: Instant::now(), origin: AtomicU64::new(0) }))
    }

    /// A clock that stands at `now_ms` until it is set; for tests.
    pub fn manual(now_ms: u64) -> Self {
        Self(Arc::new(Kind::Manual(AtomicU64::new(now_ms))))
    }

    /// Sets a manual clock forward; does nothing to the system's.
    pub fn set(&self, now_ms: u64) {
        if let Kind::Manual(now) = &*self.0 {
            now.fetch_max(now_ms, Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        match &*self.0 {
            Kind::Manual(now) => now.load(Ordering::SeqCst),
            Kind::System { start, origin } => {
                let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64);
                time_after(origin, wall, start.elapsed().as_micros() as u64) / 1_000
            }
        }
    }
}

/// Microseconds since 1970, `elapsed` after the start of a clock, when the system says `wall`.
fn time_after(origin: &AtomicU64, wall: u64, elapsed: u64) -> u64 {
    let seen = wall.saturating_sub(elapsed);
    let mut known = origin.load(Ordering::SeqCst);
    if seen > known {
        known = origin.fetch_max(seen, Ordering::SeqCst).max(seen);
    }
    known + elapsed
}

impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        match (&*self.0, &*other.0) {
            (Kind::System { .. }, Kind::System { .. }) => true,
            _ => Arc::ptr_eq(&self.0, &other.0),
        }
    }
}

impl Eq for Clock {}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_clock_that_is_set_back_is_not_followed() {
        let origin = AtomicU64::new(0);
        assert_eq!(time_after(&origin, 1_000_000, 0), 1_000_000);
        assert_eq!(time_after(&origin, 1_000_500, 500), 1_000_500);
        assert_eq!(time_after(&origin, 700_000, 1_000), 1_001_000, "set back by some seconds");
        assert_eq!(time_after(&origin, 9_000_000, 2_000), 9_000_000, "set forward");
        assert_eq!(time_after(&origin, 1_003_000, 3_000), 9_001_000);
    }

    #[test]
    fn a_manual_clock_stands_still_and_goes_forward_only() {
        let clock = Clock::manual(5);
        clock.set(9);
        clock.set(7);
        assert_eq!((clock.now_ms(), clock.now_ms()), (9, 9));
    }
}
