//! Infix operators besides comparisons.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Result, mismatch};
use crate::error::{CypherError, Detail, Kind};
use crate::ir::BinaryOp;
use crate::meter::Meter;
use crate::value::{Value, arithmetic, compare};

/// Bytes that a compiled regular expression may take. Matching takes time in proportion to them and to the text.
const REGEX_BYTES_MAX: usize = 1 << 20;

pub(super) fn binary(op: BinaryOp, left: &Value, right: &Value, meter: &Meter) -> Result<Value> {
    let extent = left.extent().saturating_add(right.extent());
    if extent > 0 {
        if matches!(op, BinaryOp::Add | BinaryOp::Concat) {
            meter.reserve(extent)?;
        }
        meter.work(left)?;
        meter.work(right)?;
    }
    match op {
        BinaryOp::Add => arithmetic::add(left, right),
        BinaryOp::Subtract => arithmetic::subtract(left, right),
        BinaryOp::Multiply => arithmetic::multiply(left, right),
        BinaryOp::Divide => arithmetic::divide(left, right),
        BinaryOp::Remainder => arithmetic::remainder(left, right),
        BinaryOp::Power => arithmetic::power(left, right),
        BinaryOp::Concat => concatenated(left, right),
        BinaryOp::In => match right {
            Value::List(list) => Ok(compare::is_in(left, list).into()),
            Value::Null => Ok(Value::Null),
            other => Err(mismatch("a list", other)),
        },
        BinaryOp::StartsWith => Ok(texts(left, right, |text, part| text.starts_with(part))),
        BinaryOp::EndsWith => Ok(texts(left, right, |text, part| text.ends_with(part))),
        BinaryOp::Contains => Ok(texts(left, right, |text, part| text.contains(part))),
        BinaryOp::Matches => Regex::default().matches(left, right),
    }
}

/// `a || b`: two strings or two lists.
fn concatenated(left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Null, _)
        | (_, Value::Null)
        | (Value::String(_), Value::String(_))
        | (Value::List(_), Value::List(_)) => arithmetic::add(left, right),
        (Value::String(_), other) => Err(mismatch("a string", other)),
        (Value::List(_), other) => Err(mismatch("a list", other)),
        (other, _) => Err(mismatch("a string or a list", other)),
    }
}

/// Null where one is no string.
fn texts(left: &Value, right: &Value, holds: impl FnOnce(&str, &str) -> bool) -> Value {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Value::Boolean(holds(left, right)),
        _ => Value::Null,
    }
}

/// The pattern of a `=~`, compiled when it is first met and again only when a row has another one.
#[derive(Debug, Default)]
pub(super) struct Regex(Mutex<Option<Compiled>>);

#[derive(Debug)]
struct Compiled {
    pattern: Arc<str>,
    regex: Arc<regex_lite::Regex>,
}

impl Regex {
    /// Whether the whole text matches; null where one is no string.
    pub fn matches(&self, text: &Value, pattern: &Value) -> Result<Value> {
        let (Value::String(text), Value::String(pattern)) = (text, pattern) else { return Ok(Value::Null) };
        let regex = self.of(pattern)?;
        Ok(Value::Boolean(regex.is_match(text)))
    }

    fn of(&self, pattern: &Arc<str>) -> Result<Arc<regex_lite::Regex>> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = last.as_ref().filter(|compiled| compiled.pattern == *pattern) {
            return Ok(compiled.regex.clone());
        }
        let regex = Arc::new(whole(pattern)?);
        *last = Some(Compiled { pattern: pattern.clone(), regex: regex.clone() });
        Ok(regex)
    }
}

fn whole(pattern: &str) -> Result<regex_lite::Regex> {
    // By itself first: `a)(b` becomes valid inside of parentheses.
    built(pattern)?;
    built(&format!(r"\A(?:{pattern})\z"))
}

fn built(pattern: &str) -> Result<regex_lite::Regex> {
    regex_lite::RegexBuilder::new(pattern).size_limit(REGEX_BYTES_MAX).build().map_err(|error| {
        let message = format!("this is no regular expression: {error}");
        CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message)
    })
}
