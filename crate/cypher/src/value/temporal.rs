//! Dates and times: the proleptic Gregorian calendar in years of ±999,999,999, to the nanosecond.

mod between;
mod calendar;
mod construct;
mod display;
mod parse;
mod scan;
mod shift;
mod truncate;
mod zone;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

pub use between::{Between, between};
pub use calendar::{Date, days_in_month};
pub use construct::{Defaults, date, datetime, datetime_of_epoch, local_datetime, local_time, time};
pub(crate) use display::write_fraction;
pub use parse::{parse_date, parse_datetime, parse_local_datetime, parse_local_time, parse_time};
pub(crate) use scan::{Scanner, unreadable};
pub use truncate::{Instant, Unit, truncate};
pub use zone::{Offset, Zone};

use crate::error::{CypherError, Detail, Kind};

/// Nanoseconds in a day.
pub(crate) const DAY_NANOSECONDS: i64 = 86_400 * SECOND_NANOSECONDS;
/// Nanoseconds in a second.
pub(crate) const SECOND_NANOSECONDS: i64 = 1_000_000_000;

/// A time of day, as nanoseconds from midnight, below a day's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(i64);

/// A time of day at an offset from UTC. Ordered by the time in UTC, then by the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    /// The time where it is.
    pub local: LocalTime,
    /// How far that is ahead of UTC.
    pub offset: Offset,
}

/// A day and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime {
    /// The day.
    pub date: Date,
    /// The time of day.
    pub time: LocalTime,
}

/// A moment, at an offset from UTC or in a named time zone. Ordered by the moment, then by the offset, then by the name.
#[derive(Clone, Debug)]
pub struct DateTime {
    local: LocalDateTime,
    offset: Offset,
    zone: Option<Zone>,
}

impl LocalTime {
    /// A time of hour, minute, second and nanosecond; `None` where one is out of its range.
    pub fn new(hour: i64, minute: i64, second: i64, nanosecond: i64) -> Option<Self> {
        let fits = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..SECOND_NANOSECONDS).contains(&nanosecond);
        fits.then(|| Self(((hour * 60 + minute) * 60 + second) * SECOND_NANOSECONDS + nanosecond))
    }

    /// The time that many nanoseconds from a midnight, however many days away.
    pub fn wrapped(nanoseconds: i128) -> Self {
        Self(nanoseconds.rem_euclid(DAY_NANOSECONDS.into()) as i64)
    }

    /// Nanoseconds from midnight.
    pub fn nanoseconds(self) -> i64 {
        self.0
    }

    /// Hour of the day.
    pub fn hour(self) -> i64 {
        self.0 / (3600 * SECOND_NANOSECONDS)
    }

    /// Minute of the hour.
    pub fn minute(self) -> i64 {
        self.0 / (60 * SECOND_NANOSECONDS) % 60
    }

    /// Second of the minute.
    pub fn second(self) -> i64 {
        self.0 / SECOND_NANOSECONDS % 60
    }

    /// Nanosecond of the second.
    pub fn nanosecond(self) -> i64 {
        self.0 % SECOND_NANOSECONDS
    }
}

impl Time {
    /// Nanoseconds from midnight in UTC, below zero or beyond a day where the day differs there.
    pub(crate) fn utc(&self) -> i64 {
        self.local.0 - i64::from(self.offset.seconds()) * SECOND_NANOSECONDS
    }

    /// The same moment of the day at another offset.
    pub fn at_offset(&self, offset: Offset) -> Self {
        let nanoseconds = i128::from(self.utc()) + i128::from(offset.seconds()) * i128::from(SECOND_NANOSECONDS);
        Self { local: LocalTime::wrapped(nanoseconds), offset }
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.utc().cmp(&other.utc()).then(self.offset.cmp(&other.offset))
    }
}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl LocalDateTime {
    /// Nanoseconds from 1970-01-01T00:00, as if that were UTC.
    pub(crate) fn nanoseconds(&self) -> i128 {
        i128::from(self.date.day()) * i128::from(DAY_NANOSECONDS) + i128::from(self.time.0)
    }

    /// The day and time that many nanoseconds from 1970-01-01T00:00.
    pub(crate) fn from_nanoseconds(nanoseconds: i128) -> Result<Self, CypherError> {
        let day = nanoseconds.div_euclid(DAY_NANOSECONDS.into());
        let date = i64::try_from(day).ok().and_then(Date::from_day).ok_or_else(|| out_of_range("a date"))?;
        Ok(Self { date, time: LocalTime::wrapped(nanoseconds) })
    }

    /// Moved by seconds.
    pub(crate) fn plus_seconds(&self, seconds: i64) -> Result<Self, CypherError> {
        Self::from_nanoseconds(self.nanoseconds() + i128::from(seconds) * i128::from(SECOND_NANOSECONDS))
    }
}

impl DateTime {
    /// The moment with that local time at an offset.
    pub fn at_offset(local: LocalDateTime, offset: Offset) -> Self {
        Self { local, offset, zone: None }
    }

    /// The moment with that local time in a zone; where clocks are set back the earlier one, and where they are set
    /// forward over that time, as much later.
    pub fn in_zone(local: LocalDateTime, zone: Zone) -> Result<Self, CypherError> {
        let Some(named) = zone.named() else { return Ok(Self::at_offset(local, zone.fixed())) };
        let (local, offset) = named.resolve(local)?;
        Ok(Self { local, offset, zone: Some(zone) })
    }

    /// The moment with that local time in a zone at one of the offsets it has then; `None` where it has not.
    pub(crate) fn in_zone_at(local: LocalDateTime, zone: Zone, offset: Offset) -> Option<Self> {
        match zone.named() {
            None => (zone.fixed() == offset).then(|| Self::at_offset(local, offset)),
            Some(named) => named.has(local, offset).then_some(Self { local, offset, zone: Some(zone) }),
        }
    }

    /// A moment of UTC, in a zone.
    pub fn of_utc(utc: LocalDateTime, zone: &Zone) -> Result<Self, CypherError> {
        let (offset, zone) = match zone.named() {
            None => (zone.fixed(), None),
            Some(named) => (named.offset_at(utc), Some(zone.clone())),
        };
        Ok(Self { local: utc.plus_seconds(offset.seconds().into())?, offset, zone })
    }

    /// The same moment in another zone.
    pub fn moved_to(&self, zone: &Zone) -> Result<Self, CypherError> {
        Self::of_utc(self.local.plus_seconds(-i64::from(self.offset.seconds()))?, zone)
    }

    /// The day and time where it is.
    pub fn local(&self) -> LocalDateTime {
        self.local
    }

    /// How far that is ahead of UTC then.
    pub fn offset(&self) -> Offset {
        self.offset
    }

    /// Its zone: a named one, or its offset.
    pub fn zone(&self) -> Zone {
        self.zone.clone().unwrap_or_else(|| Zone::from(self.offset))
    }

    /// The name of its zone; `None` at an offset alone.
    pub fn zone_name(&self) -> Option<&str> {
        self.zone.as_ref().map(Zone::name)
    }

    /// Nanoseconds from 1970-01-01T00:00Z.
    pub(crate) fn instant(&self) -> i128 {
        self.local.nanoseconds() - i128::from(self.offset.seconds()) * i128::from(SECOND_NANOSECONDS)
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        let names = || self.zone_name().cmp(&other.zone_name());
        self.instant().cmp(&other.instant()).then(self.offset.cmp(&other.offset)).then_with(names)
    }
}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for DateTime {}

impl Hash for DateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant().hash(state);
        self.offset.hash(state);
        self.zone_name().hash(state);
    }
}

/// The error of a component, or of a result, that lies outside what is possible.
pub(crate) fn out_of_range(what: &str) -> CypherError {
    CypherError::runtime(Kind::ArgumentError, Detail::NumberOutOfRange, format!("{what} lies outside what is possible"))
}

/// The error of components that do not go together.
pub(crate) fn invalid(message: impl Into<String>) -> CypherError {
    CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message)
}
