//! The operators `+ - * / % ^` and the sign.
//!
//! Null makes null. Integers that leave 64 bits are an error, floats go to infinity as IEEE 754 has them.

use std::sync::Arc;

use super::duration::Duration;
use super::{Value, check_bytes};
use crate::error::{CypherError, Detail, Kind};

/// `a + b`: numbers, strings (also with what has a text), lists (also with an element), durations, and a duration with
/// an instant.
pub fn add(a: &Value, b: &Value) -> Result<Value, CypherError> {
    Ok(match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Value::Null,
        (Value::Integer(a), Value::Integer(b)) => integer(a.checked_add(*b), "+")?,
        (Value::List(a), Value::List(b)) => concatenated(a.values(), b.values())?,
        (Value::List(a), b) => concatenated(a.values(), std::slice::from_ref(b))?,
        (a, Value::List(b)) => concatenated(std::slice::from_ref(a), b.values())?,
        (Value::String(_), b) if has_text(b) => joined(a, b)?,
        (a, Value::String(_)) if has_text(a) => joined(a, b)?,
        (Value::Duration(a), Value::Duration(b)) => a.plus(b)?.into(),
        (Value::Duration(duration), instant) | (instant, Value::Duration(duration)) => {
            moved(instant, duration)?.ok_or_else(|| mismatch("+", a, b))?
        }
        _ => float(a, b, |a, b| a + b).ok_or_else(|| mismatch("+", a, b))?,
    })
}

/// `a - b`: numbers, durations, and a duration from an instant.
pub fn subtract(a: &Value, b: &Value) -> Result<Value, CypherError> {
    Ok(match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Value::Null,
        (Value::Integer(a), Value::Integer(b)) => integer(a.checked_sub(*b), "-")?,
        (Value::Duration(a), Value::Duration(b)) => a.plus(&b.negated()?)?.into(),
        (instant, Value::Duration(duration)) => {
            moved(instant, &duration.negated()?)?.ok_or_else(|| mismatch("-", a, b))?
        }
        _ => float(a, b, |a, b| a - b).ok_or_else(|| mismatch("-", a, b))?,
    })
}

/// `a * b`: numbers, and a duration with a number.
pub fn multiply(a: &Value, b: &Value) -> Result<Value, CypherError> {
    Ok(match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Value::Null,
        (Value::Integer(a), Value::Integer(b)) => integer(a.checked_mul(*b), "*")?,
        (Value::Duration(duration), Value::Integer(factor)) | (Value::Integer(factor), Value::Duration(duration)) => {
            duration.times(*factor)?.into()
        }
        (Value::Duration(duration), Value::Float(factor)) | (Value::Float(factor), Value::Duration(duration)) => {
            duration.times_float(*factor)?.into()
        }
        _ => float(a, b, |a, b| a * b).ok_or_else(|| mismatch("*", a, b))?,
    })
}

/// `a / b`: of integers the quotient without its fraction, of numbers else a float; and a duration by a number.
pub fn divide(a: &Value, b: &Value) -> Result<Value, CypherError> {
    Ok(match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Value::Null,
        (Value::Integer(_) | Value::Duration(_), Value::Integer(0)) => return Err(division_by_zero()),
        (Value::Integer(a), Value::Integer(b)) => integer(a.checked_div(*b), "/")?,
        (Value::Duration(duration), Value::Integer(divisor)) => duration.divided(*divisor)?.into(),
        (Value::Duration(duration), Value::Float(divisor)) => duration.divided_float(*divisor)?.into(),
        _ => float(a, b, |a, b| a / b).ok_or_else(|| mismatch("/", a, b))?,
    })
}

/// `a % b`: what division leaves, with the sign of `a`.
pub fn remainder(a: &Value, b: &Value) -> Result<Value, CypherError> {
    Ok(match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Value::Null,
        (Value::Integer(_), Value::Integer(0)) => return Err(division_by_zero()),
        // The one remainder that overflows is 0: i64::MIN % -1.
        (Value::Integer(a), Value::Integer(b)) => Value::Integer(a.checked_rem(*b).unwrap_or(0)),
        _ => float(a, b, |a, b| a % b).ok_or_else(|| mismatch("%", a, b))?,
    })
}

/// `a ^ b`, a float always.
pub fn power(a: &Value, b: &Value) -> Result<Value, CypherError> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    float(a, b, f64::powf).ok_or_else(|| mismatch("^", a, b))
}

/// `-a`.
pub fn negate(a: &Value) -> Result<Value, CypherError> {
    Ok(match a {
        Value::Null => Value::Null,
        Value::Integer(a) => integer(a.checked_neg(), "-")?,
        Value::Float(a) => Value::Float(-a),
        Value::Duration(a) => a.negated()?.into(),
        other => return Err(no_number("-", other)),
    })
}

/// `+a`.
pub fn plus(a: &Value) -> Result<Value, CypherError> {
    match a {
        Value::Null | Value::Integer(_) | Value::Float(_) | Value::Duration(_) => Ok(a.clone()),
        other => Err(no_number("+", other)),
    }
}

/// The error of an integer that leaves 64 bits.
pub(crate) fn overflow(what: &str) -> CypherError {
    CypherError::runtime(
        Kind::ArithmeticError,
        Detail::IntegerOverflow,
        format!("the result of {what} lies outside the integers of 64 bits"),
    )
}

pub(crate) fn division_by_zero() -> CypherError {
    CypherError::runtime(Kind::ArithmeticError, Detail::DivisionByZero, "division by zero has no result")
}

fn integer(result: Option<i64>, operator: &str) -> Result<Value, CypherError> {
    result.map(Value::Integer).ok_or_else(|| overflow(operator))
}

/// Applies an operator to two numbers as floats; `None` where one is no number.
fn float(a: &Value, b: &Value, operator: impl FnOnce(f64, f64) -> f64) -> Option<Value> {
    Some(Value::Float(operator(as_float(a)?, as_float(b)?)))
}

/// A number as a float.
pub(crate) fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(integer) => Some(*integer as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

fn concatenated(a: &[Value], b: &[Value]) -> Result<Value, CypherError> {
    check_bytes(a.len().saturating_add(b.len()).saturating_mul(size_of::<Value>()))?;
    Value::list(a.iter().chain(b).cloned().collect())
}

/// Whether a value has a text of its own, so that a string can be continued with it.
pub(crate) fn has_text(value: &Value) -> bool {
    !matches!(
        value,
        Value::Null
            | Value::List(_)
            | Value::Map(_)
            | Value::Node(_)
            | Value::Relationship(_)
            | Value::Path(_)
            | Value::Bytes(_)
            | Value::Vector(_)
    )
}

fn joined(a: &Value, b: &Value) -> Result<Value, CypherError> {
    let (a, b) = (a.text(), b.text());
    check_bytes(a.len().saturating_add(b.len()))?;
    let mut text = String::with_capacity(a.len() + b.len());
    text.push_str(&a);
    text.push_str(&b);
    Ok(Value::String(Arc::from(text)))
}

/// An instant moved by a duration; `None` where it is no instant.
fn moved(instant: &Value, duration: &Duration) -> Result<Option<Value>, CypherError> {
    Ok(Some(match instant {
        Value::Date(date) => Value::Date(date.plus(duration)?),
        Value::LocalTime(time) => Value::LocalTime(time.plus(duration)),
        Value::Time(time) => Value::Time(time.plus(duration)),
        Value::LocalDateTime(datetime) => Value::LocalDateTime(datetime.plus(duration)?),
        Value::DateTime(datetime) => datetime.plus(duration)?.into(),
        _ => return Ok(None),
    }))
}

fn mismatch(operator: &str, a: &Value, b: &Value) -> CypherError {
    CypherError::runtime(
        Kind::TypeError,
        Detail::InvalidArgumentType,
        format!("{operator} takes no {} and {}", a.type_name(), b.type_name()),
    )
}

fn no_number(operator: &str, value: &Value) -> CypherError {
    CypherError::runtime(
        Kind::TypeError,
        Detail::InvalidArgumentType,
        format!("{operator} takes a number, not a {}", value.type_name()),
    )
}
