//! Instants from maps of components, from text and from other instants.

use super::calendar::days_in_month;
use super::{
    Date, DateTime, LocalDateTime, LocalTime, Offset, SECOND_NANOSECONDS, Time, Zone, invalid, out_of_range,
    parse_date, parse_datetime, parse_local_datetime, parse_local_time, parse_time,
};
use crate::error::{CypherError, Detail, Kind};
use crate::value::{Map, Value};

const DATE_KEYS: &[&str] =
    &["year", "month", "day", "week", "dayOfWeek", "ordinalDay", "quarter", "dayOfQuarter", "date"];
const TIME_KEYS: &[&str] = &["hour", "minute", "second", "millisecond", "microsecond", "nanosecond", "time"];
const DATETIME_KEYS: &[&str] = &["datetime"];
const ZONE_KEYS: &[&str] = &["timezone"];
const EPOCH_KEYS: &[&str] = &["epochSeconds", "epochMillis"];

/// What an instant is completed with.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The zone of what names none.
    pub zone: Zone,
    /// The moment in UTC at which a time of day in a named zone takes its offset.
    pub now: LocalDateTime,
}

/// Which components of a time stand, though others are given for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Nothing,
    Milliseconds,
    Microseconds,
}

/// The date that `date(value)` makes.
pub fn date(value: &Value) -> Result<Date, CypherError> {
    match value {
        Value::String(text) => parse_date(text),
        Value::Map(map) => {
            check_keys(map, &[DATE_KEYS, DATETIME_KEYS])?;
            date_from(map, base_date(map)?)
        }
        other => date_part(other).ok_or_else(|| no_source("date", other)),
    }
}

/// The time of day that `localtime(value)` makes.
pub fn local_time(value: &Value) -> Result<LocalTime, CypherError> {
    match value {
        Value::String(text) => parse_local_time(text),
        Value::Map(map) => {
            check_keys(map, &[TIME_KEYS, DATETIME_KEYS])?;
            time_from(map, required_time(map)?.map(|(time, _)| time), Kept::Nothing)
        }
        other => time_part(other).map(|(time, _)| time).ok_or_else(|| no_source("local time", other)),
    }
}

/// The time of day that `time(value)` makes.
pub fn time(value: &Value, defaults: &Defaults) -> Result<Time, CypherError> {
    let offset = |zone: &Zone| zone.offset_at(defaults.now);
    match value {
        Value::String(text) => parse_time(text, offset(&defaults.zone)),
        Value::Map(map) => {
            check_keys(map, &[TIME_KEYS, DATETIME_KEYS, ZONE_KEYS])?;
            let base = required_time(map)?;
            let local = time_from(map, base.as_ref().map(|(time, _)| *time), Kept::Nothing)?;
            let of_base = base.and_then(|(_, zone)| zone).map(|(_, offset)| offset);
            let asked = asked_zone(map)?.map(|zone| offset(&zone));
            Ok(match (of_base, asked) {
                (Some(of_base), Some(asked)) => Time { local, offset: of_base }.at_offset(asked),
                (of_base, asked) => Time { local, offset: asked.or(of_base).unwrap_or_else(|| offset(&defaults.zone)) },
            })
        }
        other => {
            let (local, zone) = time_part(other).ok_or_else(|| no_source("time", other))?;
            Ok(Time { local, offset: zone.map_or_else(|| offset(&defaults.zone), |(_, offset)| offset) })
        }
    }
}

/// The date and time that `localdatetime(value)` makes.
pub fn local_datetime(value: &Value) -> Result<LocalDateTime, CypherError> {
    match value {
        Value::String(text) => parse_local_datetime(text),
        Value::Map(map) => {
            check_keys(map, &[DATE_KEYS, TIME_KEYS, DATETIME_KEYS])?;
            let time = base_time(map)?.map(|(time, _)| time);
            Ok(LocalDateTime { date: date_from(map, base_date(map)?)?, time: time_from(map, time, Kept::Nothing)? })
        }
        other => {
            let date = date_part(other).ok_or_else(|| no_source("local date and time", other))?;
            Ok(LocalDateTime { date, time: time_part(other).map(|(time, _)| time).unwrap_or_default() })
        }
    }
}

/// The moment that `datetime(value)` makes.
pub fn datetime(value: &Value, defaults: &Defaults) -> Result<DateTime, CypherError> {
    match value {
        Value::String(text) => parse_datetime(text, &defaults.zone),
        Value::Map(map) => {
            check_keys(map, &[DATE_KEYS, TIME_KEYS, DATETIME_KEYS, ZONE_KEYS, EPOCH_KEYS])?;
            datetime_from(map, defaults)
        }
        Value::DateTime(datetime) => Ok((**datetime).clone()),
        other => {
            let date = date_part(other).ok_or_else(|| no_source("date and time", other))?;
            let time = time_part(other).map(|(time, _)| time).unwrap_or_default();
            DateTime::in_zone(LocalDateTime { date, time }, defaults.zone.clone())
        }
    }
}

/// The moment so many seconds and nanoseconds after 1970-01-01T00:00Z.
pub fn datetime_of_epoch(seconds: i64, nanoseconds: i64, zone: &Zone) -> Result<DateTime, CypherError> {
    let nanoseconds = i128::from(seconds) * i128::from(SECOND_NANOSECONDS) + i128::from(nanoseconds);
    DateTime::of_utc(LocalDateTime::from_nanoseconds(nanoseconds)?, zone)
}

fn datetime_from(map: &Map, defaults: &Defaults) -> Result<DateTime, CypherError> {
    let asked = asked_zone(map)?;
    let epoch = (number(map, "epochSeconds")?, number(map, "epochMillis")?);
    if epoch != (None, None) {
        check_keys(map, &[EPOCH_KEYS, ZONE_KEYS, &["nanosecond"]])?;
        let nanosecond = number(map, "nanosecond")?.unwrap_or(0);
        let (seconds, nanoseconds) = match epoch {
            (Some(seconds), None) => (seconds, nanosecond),
            (None, Some(millis)) => (millis.div_euclid(1_000), millis.rem_euclid(1_000) * 1_000_000 + nanosecond),
            _ => return Err(invalid("epochSeconds and epochMillis do not go together")),
        };
        if !(0..SECOND_NANOSECONDS).contains(&nanosecond) {
            return Err(out_of_range("nanosecond"));
        }
        return datetime_of_epoch(seconds, nanoseconds, &asked.unwrap_or_else(|| defaults.zone.clone()));
    }
    let base = base_time(map)?;
    let time = time_from(map, base.as_ref().map(|(time, _)| *time), Kept::Nothing)?;
    let local = LocalDateTime { date: date_from(map, base_date(map)?)?, time };
    match (base.and_then(|(_, zone)| zone), asked) {
        (Some((zone, offset)), Some(asked)) => placed(local, zone, offset)?.moved_to(&asked),
        (Some((zone, offset)), None) => placed(local, zone, offset),
        (None, asked) => DateTime::in_zone(local, asked.unwrap_or_else(|| defaults.zone.clone())),
    }
}

/// A local time in a zone, at `offset` where the zone has it then.
pub(super) fn placed(local: LocalDateTime, zone: Zone, offset: Offset) -> Result<DateTime, CypherError> {
    match DateTime::in_zone_at(local, zone.clone(), offset) {
        Some(datetime) => Ok(datetime),
        None => DateTime::in_zone(local, zone),
    }
}

/// The date of what has one.
pub(super) fn date_part(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::LocalDateTime(datetime) => Some(datetime.date),
        Value::DateTime(datetime) => Some(datetime.local().date),
        _ => None,
    }
}

/// The time of day of what has one, with the zone it has and the offset there.
pub(super) fn time_part(value: &Value) -> Option<(LocalTime, Option<(Zone, Offset)>)> {
    match value {
        Value::LocalTime(time) => Some((*time, None)),
        Value::Time(time) => Some((time.local, Some((time.offset.into(), time.offset)))),
        Value::LocalDateTime(datetime) => Some((datetime.time, None)),
        Value::DateTime(datetime) => Some((datetime.local().time, Some((datetime.zone(), datetime.offset())))),
        _ => None,
    }
}

/// The date that a map begins with.
fn base_date(map: &Map) -> Result<Option<Date>, CypherError> {
    let base = one_of(map, "date", "datetime")?;
    base.map(|base| date_part(base).ok_or_else(|| no_source("date", base))).transpose()
}

type TimeInZone = (LocalTime, Option<(Zone, Offset)>);

/// The time of day that a map begins with.
fn base_time(map: &Map) -> Result<Option<TimeInZone>, CypherError> {
    let base = one_of(map, "time", "datetime")?;
    base.map(|base| time_part(base).ok_or_else(|| no_source("time", base))).transpose()
}

/// The time of day that a map begins with; an error where there is neither that nor an hour.
fn required_time(map: &Map) -> Result<Option<TimeInZone>, CypherError> {
    let base = base_time(map)?;
    if base.is_none() && map.get("hour").is_none() { Err(invalid("hour must be given")) } else { Ok(base) }
}

fn one_of<'a>(map: &'a Map, a: &str, b: &str) -> Result<Option<&'a Value>, CypherError> {
    match (map.get(a), map.get(b)) {
        (Some(_), Some(_)) => Err(invalid(format!("{a} and {b} do not go together"))),
        (a, b) => Ok(a.or(b)),
    }
}

/// The zone that a map asks for.
pub(super) fn asked_zone(map: &Map) -> Result<Option<Zone>, CypherError> {
    match map.get("timezone") {
        None => Ok(None),
        Some(Value::String(name)) => Zone::parse(name).map(Some),
        Some(other) => Err(no_source("time zone", other)),
    }
}

/// The date of a map's components, where others come from `base`.
pub(super) fn date_from(map: &Map, base: Option<Date>) -> Result<Date, CypherError> {
    let of_week = (number(map, "week")?, number(map, "dayOfWeek")?);
    let of_quarter = (number(map, "quarter")?, number(map, "dayOfQuarter")?);
    let of_month = (number(map, "month")?, number(map, "day")?);
    let ordinal = number(map, "ordinalDay")?;
    let groups = [of_week, of_quarter, of_month, (ordinal, None)];
    if groups.iter().filter(|group| **group != (None, None)).count() > 1 {
        return Err(invalid("a date is given by month and day, by week, by quarter or by ordinalDay"));
    }
    let year =
        number(map, "year")?.or(base.map(|base| if of_week == (None, None) { base.year() } else { base.week_year() }));
    let year = year.ok_or_else(|| invalid("year must be given"))?;
    let found = if of_week != (None, None) {
        let (week, day) = pair(of_week, ["week", "dayOfWeek"], base.map(|base| (base.week(), base.weekday())))?;
        Date::of_week(year, week, day)
    } else if of_quarter != (None, None) {
        let inherited = base.map(|base| (base.quarter(), base.day_of_quarter()));
        let (quarter, day) = pair(of_quarter, ["quarter", "dayOfQuarter"], inherited)?;
        // A day that was not asked for fits itself to the quarter.
        let shorter =
            || of_quarter.1.is_none().then(|| (90..day).rev().find_map(|day| Date::of_quarter(year, quarter, day)));
        Date::of_quarter(year, quarter, day).or_else(|| shorter().flatten())
    } else if let Some(day) = ordinal {
        Date::of_year(year, day)
    } else {
        let inherited = base.map(|base| (base.month(), base.day_of_month()));
        let (month, day) = pair(of_month, ["month", "day"], inherited)?;
        let day = if of_month.1.is_none() { day.min(days_in_month(year, month)) } else { day };
        Date::new(year, month, day)
    };
    found.ok_or_else(|| out_of_range("a component of the date"))
}

/// Two components, of which the second needs the first; both may come from elsewhere, or are 1.
fn pair(
    given: (Option<i64>, Option<i64>),
    names: [&str; 2],
    inherited: Option<(i64, i64)>,
) -> Result<(i64, i64), CypherError> {
    match (given, inherited) {
        ((None, Some(_)), None) => Err(invalid(format!("{} needs {}", names[1], names[0]))),
        ((first, second), inherited) => {
            let (one, two) = inherited.unwrap_or((1, 1));
            Ok((first.unwrap_or(one), second.unwrap_or(two)))
        }
    }
}

/// The time of day of a map's components, where others come from `base`.
pub(super) fn time_from(map: &Map, base: Option<LocalTime>, kept: Kept) -> Result<LocalTime, CypherError> {
    let (hour, minute, second) = (number(map, "hour")?, number(map, "minute")?, number(map, "second")?);
    let nanosecond = subsecond(map, base.map(LocalTime::nanosecond), kept)?;
    if base.is_none() {
        let parts = [("hour", hour), ("minute", minute), ("second", second), ("a fraction of a second", nanosecond)];
        for (larger, smaller) in parts.iter().zip(parts.iter().skip(1)) {
            if larger.1.is_none() && smaller.1.is_some() {
                return Err(invalid(format!("{} needs {}", smaller.0, larger.0)));
            }
        }
    }
    let base = base.unwrap_or_default();
    LocalTime::new(
        hour.unwrap_or(base.hour()),
        minute.unwrap_or(base.minute()),
        second.unwrap_or(base.second()),
        nanosecond.unwrap_or(base.nanosecond()),
    )
    .ok_or_else(|| out_of_range("a component of the time"))
}

/// The nanosecond of the second, of which smaller units than the largest that is given count within it.
fn subsecond(map: &Map, base: Option<i64>, kept: Kept) -> Result<Option<i64>, CypherError> {
    let given = (number(map, "millisecond")?, number(map, "microsecond")?, number(map, "nanosecond")?);
    if given == (None, None, None) {
        return Ok(None);
    }
    let base = base.unwrap_or(0);
    let (mut millisecond, mut microsecond, nanosecond) = given;
    if kept != Kept::Nothing {
        millisecond = millisecond.or(Some(base / 1_000_000));
    }
    if kept == Kept::Microseconds {
        microsecond = microsecond.or(Some(base / 1_000 % 1_000));
    }
    let microsecond_end = if millisecond.is_some() { 1_000 } else { 1_000_000 };
    let nanosecond_end = match (millisecond, microsecond) {
        (_, Some(_)) => 1_000,
        (Some(_), None) => 1_000_000,
        (None, None) => SECOND_NANOSECONDS,
    };
    let part = |part: Option<i64>, end: i64, what: &str| {
        let part = part.unwrap_or(0);
        if (0..end).contains(&part) { Ok(part) } else { Err(out_of_range(what)) }
    };
    Ok(Some(
        part(millisecond, 1_000, "millisecond")? * 1_000_000
            + part(microsecond, microsecond_end, "microsecond")? * 1_000
            + part(nanosecond, nanosecond_end, "nanosecond")?,
    ))
}

/// An integer component; `None` where it is not given.
fn number(map: &Map, key: &str) -> Result<Option<i64>, CypherError> {
    match map.get(key) {
        None => Ok(None),
        Some(Value::Integer(integer)) => Ok(Some(*integer)),
        Some(other) => Err(CypherError::runtime(
            Kind::TypeError,
            Detail::InvalidArgumentType,
            format!("{key} is a {}, not an integer", other.type_name()),
        )),
    }
}

/// Refuses a component that an instant does not have.
pub(super) fn check_keys(map: &Map, allowed: &[&[&str]]) -> Result<(), CypherError> {
    let unknown = map.entries().iter().find(|(key, _)| !allowed.iter().any(|keys| keys.contains(&&**key)));
    unknown.map_or(Ok(()), |(key, _)| Err(invalid(format!("there is no component {key} here"))))
}

/// The keys of `truncate`'s map: components, and no instants.
pub(super) fn check_overrides(map: &Map, has_date: bool, has_time: bool, has_zone: bool) -> Result<(), CypherError> {
    let keys = |has: bool, keys: &'static [&'static str]| if has { keys } else { &[] };
    check_keys(map, &[keys(has_date, DATE_KEYS), keys(has_time, TIME_KEYS), keys(has_zone, ZONE_KEYS)])?;
    if map.get("date").is_some() || map.get("time").is_some() {
        return Err(invalid("truncate takes components, and no date or time, to set"));
    }
    Ok(())
}

pub(super) fn no_source(what: &str, value: &Value) -> CypherError {
    CypherError::runtime(
        Kind::TypeError,
        Detail::InvalidArgumentType,
        format!("a {what} cannot be made of a {}", value.type_name()),
    )
}
