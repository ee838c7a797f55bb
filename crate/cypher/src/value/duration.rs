//! Durations: months, days and seconds, kept apart, since none of them is a fixed number of another.

mod parse;

use std::cmp::Ordering;
use std::fmt;

pub use parse::parse;

use super::arithmetic::{division_by_zero, overflow};
use super::number::{exact_integer, truncated};
use super::{Map, Value};
use crate::error::{CypherError, Detail, Kind};

/// Nanoseconds in a second, and parts that a fraction is counted in.
pub(crate) const BILLION: i128 = 1_000_000_000;
/// Seconds in the average month, 30.436875 days: what a fraction of a month turns into.
const MONTH_SECONDS: i128 = 2_629_746;
const DAY_SECONDS: i128 = 86_400;

/// A length of time. Equal to another when all four parts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Duration {
    /// Months; a year is twelve.
    pub months: i64,
    /// Days; a week is seven.
    pub days: i64,
    /// Seconds, rounded down.
    pub seconds: i64,
    /// Nanoseconds above `seconds`, below a billion.
    pub nanoseconds: u32,
}

/// A number of units, with its fraction in billionths; both have the sign.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amount {
    pub whole: i128,
    pub billionths: i128,
}

impl Amount {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(integer) => Some(Self { whole: (*integer).into(), billionths: 0 }),
            Value::Float(float) => {
                let whole = truncated(*float)?;
                let billionths = ((float - float.trunc()) * 1e9).round() as i128;
                Some(Self { whole: whole.into(), billionths })
            }
            _ => None,
        }
    }

    /// So many of a unit that is `size` smaller ones.
    fn in_smaller(self, size: i128) -> Self {
        let parts = self.billionths * size;
        Self { whole: self.whole * size + parts / BILLION, billionths: parts % BILLION }
    }

    fn plus(self, other: Self) -> Self {
        Self { whole: self.whole + other.whole, billionths: self.billionths + other.billionths }
    }
}

impl Duration {
    /// A duration of whole parts; nanoseconds beyond a second are carried.
    pub fn new(months: i64, days: i64, seconds: i64, nanoseconds: i128) -> Result<Self, CypherError> {
        let seconds = i128::from(seconds) + nanoseconds.div_euclid(BILLION);
        Ok(Self {
            months,
            days,
            seconds: i64::try_from(seconds).map_err(|_| overflow("a duration"))?,
            nanoseconds: nanoseconds.rem_euclid(BILLION) as u32,
        })
    }

    /// Fractions of a month become days and seconds, fractions of a day seconds.
    pub(super) fn from_amounts(months: Amount, days: Amount, seconds: Amount) -> Result<Self, CypherError> {
        // Billionths of a month or day are as many nanoseconds as it has seconds.
        let months = months.in_smaller(1);
        let below_days = months.billionths * MONTH_SECONDS + days.billionths * DAY_SECONDS;
        let day = DAY_SECONDS * BILLION;
        let part = |part: i128| i64::try_from(part).map_err(|_| overflow("a duration"));
        let days = part(days.whole + below_days / day)?;
        Self::new(part(months.whole)?, days, part(seconds.whole)?, seconds.billionths + below_days % day)
    }

    /// The duration that `duration({...})` makes.
    pub fn from_map(map: &Map) -> Result<Option<Self>, CypherError> {
        let (mut months, mut days, mut seconds) = (Amount::default(), Amount::default(), Amount::default());
        for (key, value) in map.entries() {
            if value.is_null() {
                return Ok(None);
            }
            let amount = Amount::of(value).ok_or_else(|| no_amount(key, value))?;
            let (part, size) = match &**key {
                "years" => (&mut months, 12),
                "quarters" => (&mut months, 3),
                "months" => (&mut months, 1),
                "weeks" => (&mut days, 7),
                "days" => (&mut days, 1),
                "hours" => (&mut seconds, 3600),
                "minutes" => (&mut seconds, 60),
                "seconds" => (&mut seconds, 1),
                "milliseconds" | "microseconds" | "nanoseconds" => {
                    let size = match &**key {
                        "milliseconds" => 1_000_000,
                        "microseconds" => 1_000,
                        _ => 1,
                    };
                    let nanoseconds = amount.in_smaller(size).whole;
                    let amount = Amount { whole: nanoseconds / BILLION, billionths: nanoseconds % BILLION };
                    seconds = seconds.plus(amount);
                    continue;
                }
                other => {
                    let message = format!("a duration has no component {other}");
                    return Err(CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message));
                }
            };
            *part = part.plus(amount.in_smaller(size));
        }
        Self::from_amounts(months, days, seconds).map(Some)
    }

    /// A component by name; `None` where there is none of that name, and an error where it does not fit.
    pub fn component(&self, name: &str) -> Result<Option<Value>, CypherError> {
        let (months, days, seconds) = (self.months, self.days, self.seconds);
        let nanoseconds = i64::from(self.nanoseconds);
        let small = |per_second: i64| {
            let whole = seconds.checked_mul(per_second);
            let small = whole.and_then(|whole| whole.checked_add(nanoseconds / (1_000_000_000 / per_second)));
            small.ok_or_else(|| overflow(name))
        };
        Ok(Some(Value::Integer(match name {
            "years" => months / 12,
            "quarters" => months / 3,
            "months" => months,
            "weeks" => days / 7,
            "days" => days,
            "hours" => seconds / 3600,
            "minutes" => seconds / 60,
            "seconds" => seconds,
            "milliseconds" => small(1_000)?,
            "microseconds" => small(1_000_000)?,
            "nanoseconds" => small(1_000_000_000)?,
            "quartersOfYear" => months / 3 % 4,
            "monthsOfQuarter" => months % 3,
            "monthsOfYear" => months % 12,
            "daysOfWeek" => days % 7,
            "minutesOfHour" => seconds / 60 % 60,
            "secondsOfMinute" => seconds % 60,
            "millisecondsOfSecond" => nanoseconds / 1_000_000,
            "microsecondsOfSecond" => nanoseconds / 1_000,
            "nanosecondsOfSecond" => nanoseconds,
            _ => return Ok(None),
        })))
    }

    /// Part by part.
    pub fn plus(&self, other: &Self) -> Result<Self, CypherError> {
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or_else(|| overflow("a duration"));
        let nanoseconds = i128::from(self.nanoseconds) + i128::from(other.nanoseconds);
        let seconds = sum(self.seconds, other.seconds)?;
        Self::new(sum(self.months, other.months)?, sum(self.days, other.days)?, seconds, nanoseconds)
    }

    /// Each part with the other sign.
    pub fn negated(&self) -> Result<Self, CypherError> {
        self.times(-1)
    }

    /// Part by part.
    pub fn times(&self, factor: i64) -> Result<Self, CypherError> {
        self.scaled(|part| Amount { whole: part * i128::from(factor), billionths: 0 })
    }

    /// Part by part; fractions go to the smaller parts.
    pub fn times_float(&self, factor: f64) -> Result<Self, CypherError> {
        let whole = truncated(factor).ok_or_else(|| overflow("a duration"))?;
        // 2^63 parts of a fraction hold its 53 bits, and times 64 bits they fit into 127.
        let unit = 1_i128 << 63;
        let fraction = ((factor - factor.trunc()) * unit as f64) as i128;
        self.scaled(|part| {
            let parts = part * fraction;
            Amount { whole: part * i128::from(whole) + parts / unit, billionths: parts % unit * BILLION / unit }
        })
    }

    /// Part by part; fractions go to the smaller parts. The divisor is not 0.
    pub fn divided(&self, divisor: i64) -> Result<Self, CypherError> {
        let divisor = i128::from(divisor);
        if divisor == 0 {
            return Err(division_by_zero());
        }
        self.scaled(|part| Amount { whole: part / divisor, billionths: part % divisor * BILLION / divisor })
    }

    /// Part by part; fractions go to the smaller parts.
    pub fn divided_float(&self, divisor: f64) -> Result<Self, CypherError> {
        if divisor == 0.0 {
            return Err(division_by_zero());
        }
        match exact_integer(divisor) {
            Some(integer) => self.divided(integer),
            None => self.times_float(1.0 / divisor),
        }
    }

    fn scaled(&self, scale: impl Fn(i128) -> Amount) -> Result<Self, CypherError> {
        let mut seconds = scale(self.seconds.into());
        seconds.billionths += scale(self.nanoseconds.into()).whole;
        Self::from_amounts(scale(self.months.into()), scale(self.days.into()), seconds)
    }

    /// By average length, then by months, then by days.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let length = |duration: &Self| {
            let seconds = i128::from(duration.months) * MONTH_SECONDS + i128::from(duration.days) * DAY_SECONDS;
            (seconds + i128::from(duration.seconds), duration.nanoseconds, duration.months, duration.days)
        };
        length(self).cmp(&length(other))
    }
}

/// ISO 8601, each part with its own sign: `P1Y2M10DT2H0.5S`, `P1DT-0.001S`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("PT0S");
        }
        f.write_str("P")?;
        let part = |f: &mut fmt::Formatter<'_>, number: i128, unit: char| {
            if number == 0 { Ok(()) } else { write!(f, "{number}{unit}") }
        };
        part(f, (self.months / 12).into(), 'Y')?;
        part(f, (self.months % 12).into(), 'M')?;
        part(f, self.days.into(), 'D')?;
        let nanoseconds = i128::from(self.seconds) * BILLION + i128::from(self.nanoseconds);
        if nanoseconds == 0 {
            return Ok(());
        }
        f.write_str("T")?;
        let seconds = nanoseconds / BILLION;
        part(f, seconds / 3600, 'H')?;
        part(f, seconds / 60 % 60, 'M')?;
        let rest = nanoseconds % (60 * BILLION);
        if rest != 0 {
            let sign = if rest < 0 { "-" } else { "" };
            write!(f, "{sign}{}", (rest / BILLION).abs())?;
            super::temporal::write_fraction(f, (rest % BILLION).unsigned_abs() as u32)?;
            f.write_str("S")?;
        }
        Ok(())
    }
}

fn no_amount(key: &str, value: &Value) -> CypherError {
    let message = match value {
        Value::Float(float) => format!("{float} {key} are no duration"),
        other => format!("{key} is a {}, not a number", other.type_name()),
    };
    CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message)
}
