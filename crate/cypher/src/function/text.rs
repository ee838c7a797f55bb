//! Strings, counted in Unicode code points.

use super::{Scalar, count, out_of_range, wrong};
use crate::error::CypherError;
use crate::value::{Value, check_bytes};

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("toUpper", (1, 1), |_, values| map("toUpper", values, str::to_uppercase)),
    Scalar::new("upper", (1, 1), |_, values| map("upper", values, str::to_uppercase)),
    Scalar::new("toLower", (1, 1), |_, values| map("toLower", values, str::to_lowercase)),
    Scalar::new("lower", (1, 1), |_, values| map("lower", values, str::to_lowercase)),
    Scalar::new("trim", (1, 2), |_, values| trim("trim", values, (true, true))),
    Scalar::new("bTrim", (1, 2), |_, values| trim("bTrim", values, (true, true))),
    Scalar::new("lTrim", (1, 2), |_, values| trim("lTrim", values, (true, false))),
    Scalar::new("rTrim", (1, 2), |_, values| trim("rTrim", values, (false, true))),
    Scalar::new("left", (2, 2), |_, values| {
        let [Value::String(text), Value::Integer(length)] = values else { return Err(wrong("left", values)) };
        Ok(part(text, 0, Some(length_of("left", *length)?)))
    }),
    Scalar::new("right", (2, 2), |_, values| {
        let [Value::String(text), Value::Integer(length)] = values else { return Err(wrong("right", values)) };
        let skipped = text.chars().count().saturating_sub(length_of("right", *length)?);
        Ok(part(text, skipped, None))
    }),
    Scalar::new("substring", (2, 3), |_, values| match values {
        [Value::String(text), Value::Integer(start)] => Ok(part(text, length_of("substring", *start)?, None)),
        [Value::String(text), Value::Integer(start), Value::Integer(length)] => {
            Ok(part(text, length_of("substring", *start)?, Some(length_of("substring", *length)?)))
        }
        _ => Err(wrong("substring", values)),
    }),
    Scalar::new("replace", (3, 3), |_, values| {
        let [Value::String(text), Value::String(from), Value::String(to)] = values else {
            return Err(wrong("replace", values));
        };
        let found = text.matches(&**from).count();
        check_bytes(text.len().saturating_add(found.saturating_mul(to.len())))?;
        Ok(text.replace(&**from, to).into())
    }),
    Scalar::new("split", (2, 2), |_, values| split(values)),
    Scalar::new("char_length", (1, 1), |_, values| length("char_length", values)),
    Scalar::new("character_length", (1, 1), |_, values| length("character_length", values)),
];

fn map(name: &str, values: &[Value], change: fn(&str) -> String) -> Result<Value, CypherError> {
    match values {
        [Value::String(text)] => Ok(change(text).into()),
        _ => Err(wrong(name, values)),
    }
}

fn length(name: &str, values: &[Value]) -> Result<Value, CypherError> {
    match values {
        [Value::String(text)] => Ok(count(text.chars().count())),
        _ => Err(wrong(name, values)),
    }
}

/// Without white space at its ends, or without any of the given code points.
fn trim(name: &str, values: &[Value], (left, right): (bool, bool)) -> Result<Value, CypherError> {
    let (text, unwanted) = match values {
        [Value::String(text)] => (text, None),
        [Value::String(text), Value::String(unwanted)] => (text, Some(unwanted)),
        _ => return Err(wrong(name, values)),
    };
    let is_unwanted = |letter: char| unwanted.map_or(letter.is_whitespace(), |unwanted| unwanted.contains(letter));
    let mut rest: &str = text;
    if left {
        rest = rest.trim_start_matches(is_unwanted);
    }
    if right {
        rest = rest.trim_end_matches(is_unwanted);
    }
    Ok(rest.into())
}

fn length_of(name: &str, length: i64) -> Result<usize, CypherError> {
    usize::try_from(length).map_err(|_| out_of_range(format!("{name} takes no negative number, and {length} is one")))
}

fn part(text: &str, skipped: usize, length: Option<usize>) -> Value {
    let letters = text.chars().skip(skipped);
    match length {
        Some(length) => letters.take(length).collect::<String>().into(),
        None => letters.collect::<String>().into(),
    }
}

/// The parts between delimiters, of which there may be several; single code points where the delimiter is empty.
fn split(values: &[Value]) -> Result<Value, CypherError> {
    let [Value::String(text), delimiters] = values else { return Err(wrong("split", values)) };
    let delimiters: Vec<&str> = match delimiters {
        Value::String(delimiter) => vec![delimiter],
        Value::List(list) => {
            let texts =
                list.values().iter().map(|value| if let Value::String(text) = value { Some(&**text) } else { None });
            texts.collect::<Option<_>>().ok_or_else(|| wrong("split", values))?
        }
        _ => return Err(wrong("split", values)),
    };
    let most: usize = delimiters.iter().map(|delimiter| text.matches(delimiter).count() + 1).sum();
    check_bytes(text.len().saturating_add(most.saturating_mul(size_of::<Value>())))?;
    let parts: Vec<Value> = match delimiters.as_slice() {
        [""] if !text.is_empty() => text.chars().map(|letter| letter.to_string().into()).collect(),
        [delimiter] if !delimiter.is_empty() => text.split(delimiter).map(Value::from).collect(),
        _ => split_at_any(text, &delimiters),
    };
    Value::list(parts)
}

/// The parts between any of the delimiters, the first of which that fits counts; empty ones never fit.
fn split_at_any(text: &str, delimiters: &[&str]) -> Vec<Value> {
    let (mut parts, mut from) = (Vec::new(), 0);
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let fits = |delimiter: &&&str| !delimiter.is_empty() && rest.starts_with(**delimiter);
        let at = text.len() - rest.len();
        let length = match delimiters.iter().find(fits) {
            Some(delimiter) => {
                parts.push(text.get(from..at).unwrap_or_default().into());
                from = at + delimiter.len();
                delimiter.len()
            }
            None => letter.len_utf8(),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    parts.push(text.get(from..).unwrap_or_default().into());
    parts
}
