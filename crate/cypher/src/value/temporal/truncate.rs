//! Instants cut off below a unit.

use super::construct::{
    Kept, asked_zone, check_overrides, date_from, date_part, no_source, placed, time_from, time_part,
};
use super::{DAY_NANOSECONDS, Date, DateTime, Defaults, LocalDateTime, LocalTime, SECOND_NANOSECONDS, Time, invalid};
use crate::error::CypherError;
use crate::value::{Map, Value};

/// A unit to cut off below, from the largest down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // their names say it
pub enum Unit {
    Millennium,
    Century,
    Decade,
    Year,
    WeekYear,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
}

/// A type of instant, by which the functions named after it know what to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // their names say it
pub enum Instant {
    Date,
    LocalTime,
    Time,
    LocalDateTime,
    DateTime,
}

impl Unit {
    /// The unit of a name, in any case of letters.
    pub fn parse(name: &str) -> Result<Self, CypherError> {
        const UNITS: [(&str, Unit); 14] = [
            ("millennium", Unit::Millennium),
            ("century", Unit::Century),
            ("decade", Unit::Decade),
            ("year", Unit::Year),
            ("weekYear", Unit::WeekYear),
            ("quarter", Unit::Quarter),
            ("month", Unit::Month),
            ("week", Unit::Week),
            ("day", Unit::Day),
            ("hour", Unit::Hour),
            ("minute", Unit::Minute),
            ("second", Unit::Second),
            ("millisecond", Unit::Millisecond),
            ("microsecond", Unit::Microsecond),
        ];
        let found = UNITS.into_iter().find(|(unit, _)| unit.eq_ignore_ascii_case(name));
        found.map(|(_, unit)| unit).ok_or_else(|| invalid(format!("there is no unit {name}; month is one")))
    }

    /// The first day of the unit that a day lies in.
    fn first_day(self, date: Date) -> Option<Date> {
        let (year, month, _) = date.civil();
        let of_years = |years: i64| Date::new(year.div_euclid(years) * years, 1, 1);
        match self {
            Self::Millennium => of_years(1_000),
            Self::Century => of_years(100),
            Self::Decade => of_years(10),
            Self::Year => of_years(1),
            Self::WeekYear => Date::of_week(date.week_year(), 1, 1),
            Self::Quarter => Date::new(year, (month - 1) / 3 * 3 + 1, 1),
            Self::Month => Date::new(year, month, 1),
            Self::Week => date.plus_days(1 - date.weekday()),
            _ => Some(date),
        }
    }

    /// The beginning of the unit that a time of day lies in.
    fn first_time(self, time: LocalTime) -> LocalTime {
        let unit = match self {
            Self::Hour => 3600 * SECOND_NANOSECONDS,
            Self::Minute => 60 * SECOND_NANOSECONDS,
            Self::Second => SECOND_NANOSECONDS,
            Self::Millisecond => 1_000_000,
            Self::Microsecond => 1_000,
            _ => DAY_NANOSECONDS,
        };
        LocalTime::wrapped((time.nanoseconds() - time.nanoseconds() % unit).into())
    }
}

/// The instant that `type.truncate(unit, value, overrides)` makes. A time zone among the overrides takes the place of
/// the value's own, and the local time stays.
pub fn truncate(
    instant: Instant,
    unit: Unit,
    value: &Value,
    overrides: &Map,
    defaults: &Defaults,
) -> Result<Value, CypherError> {
    let has_date = !matches!(instant, Instant::LocalTime | Instant::Time);
    let has_time = instant != Instant::Date;
    check_overrides(overrides, has_date, has_time, matches!(instant, Instant::Time | Instant::DateTime))?;
    if (!has_time && unit > Unit::Day) || (!has_date && unit < Unit::Day) {
        return Err(invalid(format!("{instant:?} has no unit {unit:?}")));
    }
    let time = || -> Result<LocalTime, CypherError> {
        let kept = match unit {
            Unit::Millisecond => Kept::Milliseconds,
            Unit::Microsecond => Kept::Microseconds,
            _ => Kept::Nothing,
        };
        let time = match time_part(value) {
            Some((time, _)) => unit.first_time(time),
            None if unit <= Unit::Day && has_date => LocalTime::default(),
            None => return Err(no_source("time", value)),
        };
        time_from(overrides, Some(time), kept)
    };
    let date = || -> Result<Date, CypherError> {
        let date = date_part(value).ok_or_else(|| no_source("date", value))?;
        let first = unit.first_day(date).ok_or_else(|| super::out_of_range("a date"))?;
        date_from(overrides, Some(first))
    };
    let zone = time_part(value).and_then(|(_, zone)| zone);
    let asked = asked_zone(overrides)?;
    Ok(match instant {
        Instant::Date => Value::Date(date()?),
        Instant::LocalTime => Value::LocalTime(time()?),
        Instant::LocalDateTime => Value::LocalDateTime(LocalDateTime { date: date()?, time: time()? }),
        Instant::Time => {
            let asked = asked.map(|zone| zone.offset_at(defaults.now));
            let offset = asked.or(zone.map(|(_, offset)| offset));
            let offset = offset.unwrap_or_else(|| defaults.zone.offset_at(defaults.now));
            Value::Time(Time { local: time()?, offset })
        }
        Instant::DateTime => {
            let local = LocalDateTime { date: date()?, time: time()? };
            let moment = match (asked, zone) {
                (None, Some((own, offset))) => placed(local, own, offset),
                (asked, _) => DateTime::in_zone(local, asked.unwrap_or_else(|| defaults.zone.clone())),
            };
            moment?.into()
        }
    })
}
