//! Offsets from UTC and named time zones.
//!
//! The rules of the zones come from the IANA data that `jiff` carries, which ends at year 9999: beyond ±9990 a moment has
//! the offset of a moment whole cycles of 400 years nearer, whose days fall on the same days of the week.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::calendar::CYCLE_DAYS;
use super::{LocalDateTime, SECOND_NANOSECONDS, invalid};
use crate::error::CypherError;

/// Farthest an offset may lie from UTC.
const OFFSET_SECONDS_MAX: i32 = 18 * 3600;
/// Years within which `jiff` is asked.
const YEARS: i64 = 9_990;

/// How far a local time is ahead of UTC, in seconds, at most 18 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(i32);

/// A time zone: an offset alone, or a name with rules.
#[derive(Clone, Debug)]
pub struct Zone(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Fixed(Offset),
    Named(Named),
}

/// The rules of a named zone.
#[derive(Clone, Debug)]
pub(super) struct Named(TimeZone);

impl Offset {
    /// UTC itself.
    pub const UTC: Self = Self(0);

    /// An offset; `None` beyond 18 hours.
    pub fn new(seconds: i32) -> Option<Self> {
        (-OFFSET_SECONDS_MAX..=OFFSET_SECONDS_MAX).contains(&seconds).then_some(Self(seconds))
    }

    /// Seconds ahead of UTC.
    pub fn seconds(self) -> i32 {
        self.0
    }
}

impl From<Offset> for Zone {
    fn from(offset: Offset) -> Self {
        Self(Kind::Fixed(offset))
    }
}

impl Zone {
    /// The zone with a name of the IANA, in any case of letters, or at an offset as a time ends with.
    pub fn parse(text: &str) -> Result<Self, CypherError> {
        let mut scanner = super::Scanner::new(text);
        if let Some(offset) = scanner.offset().filter(|_| scanner.is_at_end()) {
            return Ok(offset.into());
        }
        let zone = TimeZone::get(text).ok().filter(|zone| zone.iana_name().is_some());
        zone.map(|zone| Self(Kind::Named(Named(zone)))).ok_or_else(|| {
            invalid(format!("there is no time zone {text}; it is a name as Europe/Stockholm, or +01:00"))
        })
    }

    /// Its name, or empty for an offset.
    pub fn name(&self) -> &str {
        self.named().and_then(|named| named.0.iana_name()).unwrap_or_default()
    }

    pub(super) fn named(&self) -> Option<&Named> {
        match &self.0 {
            Kind::Fixed(_) => None,
            Kind::Named(named) => Some(named),
        }
    }

    /// The offset of a zone without a name; UTC for one with.
    pub(super) fn fixed(&self) -> Offset {
        match &self.0 {
            Kind::Fixed(offset) => *offset,
            Kind::Named(_) => Offset::UTC,
        }
    }

    /// Its offset at a moment of UTC.
    pub fn offset_at(&self, utc: LocalDateTime) -> Offset {
        self.named().map_or(self.fixed(), |named| named.offset_at(utc))
    }
}

impl Named {
    /// The offset at a moment of UTC.
    pub fn offset_at(&self, utc: LocalDateTime) -> Offset {
        let near = nearer(utc);
        let seconds = near.nanoseconds().div_euclid(SECOND_NANOSECONDS.into());
        let moment = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        moment.map_or(Offset::UTC, |moment| Offset(self.0.to_offset(moment).seconds()))
    }

    /// A local time that there is, and its offset: the earlier where clocks are set back, and one as much later where
    /// they are set forward over it.
    pub fn resolve(&self, local: LocalDateTime) -> Result<(LocalDateTime, Offset), CypherError> {
        Ok(match self.offsets(local) {
            None => (local, Offset::UTC),
            Some(AmbiguousOffset::Unambiguous { offset }) => (local, Offset(offset.seconds())),
            Some(AmbiguousOffset::Fold { before, .. }) => (local, Offset(before.seconds())),
            Some(AmbiguousOffset::Gap { before, after }) => {
                let forward = i64::from(after.seconds()) - i64::from(before.seconds());
                (local.plus_seconds(forward)?, Offset(after.seconds()))
            }
        })
    }

    /// Whether a local time has an offset.
    pub fn has(&self, local: LocalDateTime, offset: Offset) -> bool {
        match self.offsets(local) {
            None => offset == Offset::UTC,
            Some(AmbiguousOffset::Unambiguous { offset: only }) => offset.0 == only.seconds(),
            Some(AmbiguousOffset::Fold { before, after }) => [before.seconds(), after.seconds()].contains(&offset.0),
            Some(AmbiguousOffset::Gap { .. }) => false,
        }
    }

    fn offsets(&self, local: LocalDateTime) -> Option<AmbiguousOffset> {
        let near = nearer(local);
        let (year, month, day) = near.date.civil();
        let small = |number: i64| i8::try_from(number).ok();
        let civil = civil::DateTime::new(
            i16::try_from(year).ok()?,
            small(month)?,
            small(day)?,
            small(near.time.hour())?,
            small(near.time.minute())?,
            small(near.time.second())?,
            i32::try_from(near.time.nanosecond()).ok()?,
        );
        Some(self.0.to_ambiguous_timestamp(civil.ok()?).offset())
    }
}

/// The moment moved by whole cycles of 400 years to within `YEARS`.
fn nearer(local: LocalDateTime) -> LocalDateTime {
    let beyond = local.date.year().abs() - YEARS;
    if beyond <= 0 {
        return local;
    }
    let days = (beyond + 399) / 400 * CYCLE_DAYS * -local.date.year().signum();
    LocalDateTime { date: local.date.plus_days(days).unwrap_or(local.date), ..local }
}

#[cfg(test)]
mod tests {
    use super::super::{DateTime, LocalTime};
    use super::*;
    use crate::value::temporal::Date;

    fn local(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> LocalDateTime {
        LocalDateTime { date: Date::new(year, month, day).unwrap(), time: LocalTime::new(hour, minute, 0, 0).unwrap() }
    }

    #[test]
    fn clocks_that_are_set() {
        let stockholm = Zone::parse("europe/stockholm").unwrap();
        let back = DateTime::in_zone(local(2017, 10, 29, 2, 30), stockholm.clone()).unwrap();
        assert_eq!(back.to_string(), "2017-10-29T02:30+02:00[Europe/Stockholm]");
        let forward = DateTime::in_zone(local(2017, 3, 26, 2, 30), stockholm).unwrap();
        assert_eq!(forward.to_string(), "2017-03-26T03:30+02:00[Europe/Stockholm]");
    }

    #[test]
    fn rules_go_on_beyond_the_data() {
        let stockholm = Zone::parse("Europe/Stockholm").unwrap();
        let summer = DateTime::in_zone(local(999_999_999, 7, 1, 12, 0), stockholm.clone()).unwrap();
        assert_eq!(summer.offset().seconds(), 7200);
        assert_eq!(summer.moved_to(&Offset::UTC.into()).unwrap().moved_to(&stockholm).unwrap(), summer);
        let old = DateTime::in_zone(local(-999_999_999, 7, 1, 12, 0), stockholm).unwrap();
        assert_eq!(old.offset().seconds(), 53 * 60 + 28);
    }

    #[test]
    fn a_zone_that_is_not_there() {
        assert!(Zone::parse("Europe/Nowhere").is_err());
        assert!(Zone::parse("+19:00").is_err());
        assert!(Zone::parse("+01:60").is_err());
        assert!(Zone::parse("+01:00:60").is_err());
        assert!(Zone::parse("").is_err());
    }
}
