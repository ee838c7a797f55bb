//! Instants moved by durations.
//!
//! Months come first and end on the last day of a month that is too short, then days, then seconds. A date takes the
//! whole days of the seconds, a time of day nothing but the seconds.

use super::{DAY_NANOSECONDS, Date, DateTime, LocalDateTime, LocalTime, Time, out_of_range};
use crate::error::CypherError;
use crate::value::duration::{BILLION, Duration};

/// The seconds of a duration in nanoseconds.
fn nanoseconds(duration: &Duration) -> i128 {
    i128::from(duration.seconds) * BILLION + i128::from(duration.nanoseconds)
}

/// A date moved by the months and days of a duration.
fn moved(date: Date, duration: &Duration) -> Result<Date, CypherError> {
    let moved = date.plus_months(duration.months).and_then(|date| date.plus_days(duration.days));
    moved.ok_or_else(|| out_of_range("a date"))
}

impl Date {
    /// The day that much later.
    pub fn plus(self, duration: &Duration) -> Result<Self, CypherError> {
        let days = nanoseconds(duration) / i128::from(DAY_NANOSECONDS);
        let days = i64::try_from(days).map_err(|_| out_of_range("a date"))?;
        moved(self, duration)?.plus_days(days).ok_or_else(|| out_of_range("a date"))
    }
}

impl LocalTime {
    /// The time that much later, on whatever day.
    pub fn plus(self, duration: &Duration) -> Self {
        Self::wrapped(i128::from(self.nanoseconds()) + nanoseconds(duration))
    }
}

impl Time {
    /// The time that much later, on whatever day.
    pub fn plus(&self, duration: &Duration) -> Self {
        Self { local: self.local.plus(duration), offset: self.offset }
    }
}

impl LocalDateTime {
    /// The date and time that much later.
    pub fn plus(&self, duration: &Duration) -> Result<Self, CypherError> {
        let moved = Self { date: moved(self.date, duration)?, time: self.time };
        Self::from_nanoseconds(moved.nanoseconds() + nanoseconds(duration))
    }
}

impl DateTime {
    /// The moment that much later: months and days on the calendar of its zone, seconds as they pass.
    pub fn plus(&self, duration: &Duration) -> Result<Self, CypherError> {
        let zone = self.zone();
        let date = moved(self.local().date, duration)?;
        let local = LocalDateTime { date, time: self.local().time };
        // A moment that was not moved keeps its offset, which may be the later of two.
        let moved = match Self::in_zone_at(local, zone.clone(), self.offset()) {
            Some(moved) => moved,
            None => Self::in_zone(local, zone.clone())?,
        };
        Self::of_utc(LocalDateTime::from_nanoseconds(moved.instant() + nanoseconds(duration))?, &zone)
    }
}
