//! Dates, times and durations.

use super::{Clock, Context, Scalar, Stability, out_of_range, wrong};
use crate::error::CypherError;
use crate::value::duration::{self, Duration};
use crate::value::temporal::{self, Between, DateTime, Instant, LocalDateTime, Time, Unit, Zone};
use crate::value::{Map, Value};

/// Which clock is read.
#[derive(Clone, Copy)]
enum Reading {
    Transaction,
    Statement,
    Realtime,
}

/// The five functions of a type of instant.
macro_rules! instant {
    ($instant:expr, $name:literal) => {
        [
            Scalar::new($name, (0, 1), |context, values| make($instant, context, values)).with(Stability::Statement),
            Scalar::new(concat!($name, ".transaction"), (0, 1), |context, values| {
                read($instant, Reading::Transaction, context, values)
            })
            .with(Stability::Statement),
            Scalar::new(concat!($name, ".statement"), (0, 1), |context, values| {
                read($instant, Reading::Statement, context, values)
            })
            .with(Stability::Statement),
            Scalar::new(concat!($name, ".realtime"), (0, 1), |context, values| {
                read($instant, Reading::Realtime, context, values)
            })
            .with(Stability::Never),
            Scalar::new(concat!($name, ".truncate"), (1, 3), |context, values| truncate($instant, context, values))
                .with(Stability::Statement),
        ]
    };
}

pub(super) const INSTANTS: &[Scalar] = [
    instant!(Instant::Date, "date"),
    instant!(Instant::LocalTime, "localtime"),
    instant!(Instant::Time, "time"),
    instant!(Instant::LocalDateTime, "localdatetime"),
    instant!(Instant::DateTime, "datetime"),
]
.as_flattened();

pub(super) const DURATIONS: &[Scalar] = &[
    Scalar::new("datetime.fromEpoch", (1, 2), |context, values| match values {
        [Value::Integer(seconds)] => Ok(temporal::datetime_of_epoch(*seconds, 0, &context.zone)?.into()),
        [Value::Integer(seconds), Value::Integer(nanoseconds)] => {
            if !(0..1_000_000_000).contains(nanoseconds) {
                return Err(out_of_range("nanoseconds lie between 0 and 999999999"));
            }
            Ok(temporal::datetime_of_epoch(*seconds, *nanoseconds, &context.zone)?.into())
        }
        _ => Err(wrong("datetime.fromEpoch", values)),
    })
    .with(Stability::Statement),
    Scalar::new("datetime.fromEpochMillis", (1, 1), |context, values| match values {
        [Value::Integer(millis)] => {
            let (seconds, rest) = (millis.div_euclid(1_000), millis.rem_euclid(1_000));
            Ok(temporal::datetime_of_epoch(seconds, rest * 1_000_000, &context.zone)?.into())
        }
        _ => Err(wrong("datetime.fromEpochMillis", values)),
    })
    .with(Stability::Statement),
    Scalar::new("duration", (1, 1), |_, values| match values {
        [Value::String(text)] => Ok(duration::parse(text)?.into()),
        [Value::Map(map)] => Ok(Duration::from_map(map)?.map_or(Value::Null, Value::from)),
        [Value::Duration(duration)] => Ok(Value::Duration(duration.clone())),
        _ => Err(wrong("duration", values)),
    }),
    Scalar::new("duration.between", (2, 2), |_, values| between(Between::Parts, values)),
    Scalar::new("duration.inMonths", (2, 2), |_, values| between(Between::Months, values)),
    Scalar::new("duration.inDays", (2, 2), |_, values| between(Between::Days, values)),
    Scalar::new("duration.inSeconds", (2, 2), |_, values| between(Between::Seconds, values)),
];

/// `date(value)` and its like; without a value the moment the statement began.
fn make(instant: Instant, context: &Context<'_>, values: &[Value]) -> Result<Value, CypherError> {
    let value = match values {
        [] => return at(instant, context.clock.statement, &context.zone),
        [Value::Map(map)] if map.entries().iter().any(|(_, value)| value.is_null()) => return Ok(Value::Null),
        [Value::Map(map)] if map.len() == 1 && map.get("timezone").is_some() => {
            return at(instant, context.clock.statement, &zone(map.get("timezone"), context)?);
        }
        [value] => value,
        _ => return Err(wrong("an instant", values)),
    };
    Ok(match instant {
        Instant::Date => Value::Date(temporal::date(value)?),
        Instant::LocalTime => Value::LocalTime(temporal::local_time(value)?),
        Instant::Time => Value::Time(temporal::time(value, &context.defaults())?),
        Instant::LocalDateTime => Value::LocalDateTime(temporal::local_datetime(value)?),
        Instant::DateTime => temporal::datetime(value, &context.defaults())?.into(),
    })
}

/// `date.statement(zone)` and its like.
fn read(instant: Instant, reading: Reading, context: &Context<'_>, values: &[Value]) -> Result<Value, CypherError> {
    let utc = match reading {
        Reading::Transaction => context.clock.transaction,
        Reading::Statement => context.clock.statement,
        Reading::Realtime => Clock::now()?,
    };
    at(instant, utc, &zone(values.first(), context)?)
}

fn zone(name: Option<&Value>, context: &Context<'_>) -> Result<Zone, CypherError> {
    match name {
        None => Ok(context.zone.clone()),
        Some(Value::String(name)) => Zone::parse(name),
        Some(other) => Err(wrong("a time zone", std::slice::from_ref(other))),
    }
}

/// What a clock in a zone shows at a moment of UTC.
fn at(instant: Instant, utc: LocalDateTime, zone: &Zone) -> Result<Value, CypherError> {
    let datetime = DateTime::of_utc(utc, zone)?;
    let local = datetime.local();
    Ok(match instant {
        Instant::Date => Value::Date(local.date),
        Instant::LocalTime => Value::LocalTime(local.time),
        Instant::Time => Value::Time(Time { local: local.time, offset: datetime.offset() }),
        Instant::LocalDateTime => Value::LocalDateTime(local),
        Instant::DateTime => datetime.into(),
    })
}

/// `date.truncate(unit, value, overrides)` and its like; without a value the moment the statement began.
fn truncate(instant: Instant, context: &Context<'_>, values: &[Value]) -> Result<Value, CypherError> {
    let (unit, value, overrides) = match values {
        [Value::String(unit)] => (unit, at(Instant::DateTime, context.clock.statement, &context.zone)?, Map::empty()),
        [Value::String(unit), value] => (unit, value.clone(), Map::empty()),
        [_, _, Value::Map(overrides)] if overrides.entries().iter().any(|(_, value)| value.is_null()) => {
            return Ok(Value::Null);
        }
        [Value::String(unit), value, Value::Map(overrides)] => (unit, value.clone(), overrides.clone()),
        _ => return Err(wrong("truncate", values)),
    };
    temporal::truncate(instant, Unit::parse(unit)?, &value, &overrides, &context.defaults())
}

fn between(unit: Between, values: &[Value]) -> Result<Value, CypherError> {
    match values {
        [from, to] => Ok(temporal::between(unit, from, to)?.into()),
        _ => Err(wrong("duration.between", values)),
    }
}
