//! The duration from one instant to another.

use super::construct::{date_part, no_source, placed, time_part};
use super::{DAY_NANOSECONDS, Date, DateTime, LocalDateTime, LocalTime, Offset, Zone, out_of_range};
use crate::error::CypherError;
use crate::value::Value;
use crate::value::duration::Duration;

/// What a duration is given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Whole months, then whole days, then seconds.
    Parts,
    /// Whole months alone.
    Months,
    /// Whole days alone.
    Days,
    /// Seconds alone.
    Seconds,
}

/// The duration from `a` to `b`. What one lacks it has from the other: a date, a time zone; a time of day is midnight
/// where it lacks. Without two dates there are neither months nor days between them.
pub fn between(unit: Between, a: &Value, b: &Value) -> Result<Duration, CypherError> {
    let (from, to) = (Side::of(a)?, Side::of(b)?);
    let dated = from.date.is_some() && to.date.is_some();
    let (from, to) = (from.completed(&to)?, to.completed(&from)?);
    // Days are counted on the calendar of where the first is.
    let to = to.moved_to(&from.zone())?;
    let seconds = |from: &DateTime| to.instant() - from.instant();
    match unit {
        Between::Seconds => Duration::new(0, 0, 0, seconds(&from)),
        Between::Parts if !dated => Duration::new(0, 0, 0, seconds(&from)),
        _ if !dated => Ok(Duration::default()),
        Between::Days => Duration::new(0, days(from.local(), to.local())?, 0, 0),
        Between::Months => Duration::new(months(from.local(), to.local())?, 0, 0, 0),
        Between::Parts => {
            let months = months(from.local(), to.local())?;
            let date = from.local().date.plus_months(months).ok_or_else(|| out_of_range("a date"))?;
            let after_months = LocalDateTime { date, time: from.local().time };
            let days = days(after_months, to.local())?;
            let date = date.plus_days(days).ok_or_else(|| out_of_range("a date"))?;
            let after_days = placed(LocalDateTime { date, ..after_months }, from.zone(), from.offset())?;
            Duration::new(months, days, 0, seconds(&after_days))
        }
    }
}

/// What is known of an instant.
struct Side {
    date: Option<Date>,
    time: LocalTime,
    zone: Option<(Zone, Offset)>,
}

impl Side {
    fn of(value: &Value) -> Result<Self, CypherError> {
        let (date, time) = (date_part(value), time_part(value));
        if date.is_none() && time.is_none() {
            return Err(no_source("duration between instants", value));
        }
        let (time, zone) = time.unwrap_or_default();
        Ok(Self { date, time, zone })
    }

    fn completed(&self, other: &Self) -> Result<DateTime, CypherError> {
        let epoch = LocalDateTime::from_nanoseconds(0)?.date;
        let date = self.date.or(other.date).unwrap_or(epoch);
        let zone = self.zone.clone().or_else(|| other.zone.clone());
        let (zone, offset) = zone.unwrap_or_else(|| (Offset::UTC.into(), Offset::UTC));
        placed(LocalDateTime { date, time: self.time }, zone, offset)
    }
}

/// Whole days from one local time to another.
fn days(from: LocalDateTime, to: LocalDateTime) -> Result<i64, CypherError> {
    let days = (to.nanoseconds() - from.nanoseconds()) / i128::from(DAY_NANOSECONDS);
    i64::try_from(days).map_err(|_| out_of_range("a duration"))
}

/// Whole months from one local time to another: a month is whole when its day is reached, and the time on that day.
fn months(from: LocalDateTime, to: LocalDateTime) -> Result<i64, CypherError> {
    let short = match (from.date.cmp(&to.date), from.time.cmp(&to.time)) {
        (std::cmp::Ordering::Less, std::cmp::Ordering::Greater) => -1,
        (std::cmp::Ordering::Greater, std::cmp::Ordering::Less) => 1,
        _ => 0,
    };
    let to = to.date.plus_days(short).ok_or_else(|| out_of_range("a date"))?;
    let count = |date: Date| {
        let (year, month, day) = date.civil();
        // 32 is above every day, so that the quotient counts months whose day was reached.
        (year * 12 + month) * 32 + day
    };
    Ok((count(to) - count(from.date)) / 32)
}
