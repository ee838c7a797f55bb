//! What instants, durations and points are made of, by name.

use super::Value;
use super::arithmetic::overflow;
use super::temporal::{Date, DateTime, LocalTime, Offset, SECOND_NANOSECONDS};
use crate::error::CypherError;

/// A component of an instant, duration or point, as `date.year` reads it; `None` where the value has none of that name.
/// An error where it does not fit into an integer.
pub fn component(value: &Value, name: &str) -> Result<Option<Value>, CypherError> {
    Ok(match value {
        Value::Date(date) => of_date(*date, name),
        Value::LocalTime(time) => of_time(*time, name),
        Value::Time(time) => of_time(time.local, name).or_else(|| of_offset(time.offset, name)),
        Value::LocalDateTime(datetime) => of_date(datetime.date, name).or_else(|| of_time(datetime.time, name)),
        Value::DateTime(datetime) => return of_datetime(datetime, name),
        Value::Duration(duration) => return duration.component(name),
        Value::Point(point) => point.component(name),
        _ => None,
    })
}

fn of_date(date: Date, name: &str) -> Option<Value> {
    Some(Value::Integer(match name {
        "year" => date.year(),
        "quarter" => date.quarter(),
        "month" => date.month(),
        "week" => date.week(),
        "weekYear" => date.week_year(),
        "day" => date.day_of_month(),
        "ordinalDay" => date.day_of_year(),
        "weekDay" | "dayOfWeek" => date.weekday(),
        "dayOfQuarter" => date.day_of_quarter(),
        _ => return None,
    }))
}

fn of_time(time: LocalTime, name: &str) -> Option<Value> {
    Some(Value::Integer(match name {
        "hour" => time.hour(),
        "minute" => time.minute(),
        "second" => time.second(),
        "millisecond" => time.nanosecond() / 1_000_000,
        "microsecond" => time.nanosecond() / 1_000,
        "nanosecond" => time.nanosecond(),
        _ => return None,
    }))
}

fn of_offset(offset: Offset, name: &str) -> Option<Value> {
    Some(match name {
        "timezone" | "offset" => offset.to_string().into(),
        "offsetMinutes" => Value::Integer(i64::from(offset.seconds()) / 60),
        "offsetSeconds" => Value::Integer(offset.seconds().into()),
        _ => return None,
    })
}

fn of_datetime(datetime: &DateTime, name: &str) -> Result<Option<Value>, CypherError> {
    let since_epoch = |unit: i64| {
        let units = i64::try_from(datetime.instant().div_euclid(unit.into()));
        units.map(|units| Some(Value::Integer(units))).map_err(|_| overflow(name))
    };
    match name {
        "timezone" if datetime.zone_name().is_some() => Ok(datetime.zone_name().map(Value::from)),
        "epochSeconds" => since_epoch(SECOND_NANOSECONDS),
        "epochMillis" => since_epoch(SECOND_NANOSECONDS / 1_000),
        _ => {
            let local = datetime.local();
            let of_local = of_date(local.date, name).or_else(|| of_time(local.time, name));
            Ok(of_local.or_else(|| of_offset(datetime.offset(), name)))
        }
    }
}
