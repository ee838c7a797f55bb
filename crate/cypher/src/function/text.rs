//! Strings, counted in Unicode code points.

use super::{Context, Scalar, count, out_of_range, wrong};
use crate::error::CypherError;
use crate::value::{Value, check_bytes};

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("toUpper", (1, 1), |context, values| cased(context, "toUpper", values, str::to_uppercase)),
    Scalar::new("upper", (1, 1), |context, values| cased(context, "upper", values, str::to_uppercase)),
    Scalar::new("toLower", (1, 1), |context, values| cased(context, "toLower", values, str::to_lowercase)),
    Scalar::new("lower", (1, 1), |context, values| cased(context, "lower", values, str::to_lowercase)),
    Scalar::new("trim", (1, 2), |context, values| trim(context, "trim", values, (true, true))),
    Scalar::new("bTrim", (1, 2), |context, values| trim(context, "bTrim", values, (true, true))),
    Scalar::new("lTrim", (1, 2), |context, values| trim(context, "lTrim", values, (true, false))),
    Scalar::new("rTrim", (1, 2), |context, values| trim(context, "rTrim", values, (false, true))),
    Scalar::new("left", (2, 2), |context, values| {
        let [Value::String(text), Value::Integer(length)] = values else { return Err(wrong("left", values)) };
        part(context, text, 0, Some(length_of("left", *length)?))
    }),
    Scalar::new("right", (2, 2), |context, values| {
        let [Value::String(text), Value::Integer(length)] = values else { return Err(wrong("right", values)) };
        let skipped = text.chars().count().saturating_sub(length_of("right", *length)?);
        part(context, text, skipped, None)
    }),
    Scalar::new("substring", (2, 3), |context, values| match values {
        [Value::String(text), Value::Integer(start)] => part(context, text, length_of("substring", *start)?, None),
        [Value::String(text), Value::Integer(start), Value::Integer(length)] => {
            part(context, text, length_of("substring", *start)?, Some(length_of("substring", *length)?))
        }
        _ => Err(wrong("substring", values)),
    }),
    Scalar::new("replace", (3, 3), replace),
    Scalar::new("split", (2, 2), split),
    Scalar::new("char_length", (1, 1), |_, values| length("char_length", values)),
    Scalar::new("character_length", (1, 1), |_, values| length("character_length", values)),
];

/// Bytes of a text that are changed at once, about.
const PIECE_BYTES: usize = 1 << 16;

/// In pieces, between which the query can be ended. A sigma is written by what stands around it, so that a text with one
/// is no pieces.
fn cased(
    context: &Context<'_>,
    name: &str,
    values: &[Value],
    change: fn(&str) -> String,
) -> Result<Value, CypherError> {
    let [Value::String(text)] = values else { return Err(wrong(name, values)) };
    if text.len() <= PIECE_BYTES || text.contains('Σ') {
        context.meter.reserve(text.len())?;
        return Ok(change(text).into());
    }
    context.meter.reserve(text.len())?;
    let (mut changed, mut rest) = (String::with_capacity(text.len()), &**text);
    while !rest.is_empty() {
        context.meter.check()?;
        // A character has at most four bytes.
        let cut = (PIECE_BYTES..PIECE_BYTES + 4).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(cut);
        changed.push_str(&change(piece));
        check_bytes(changed.len())?;
        rest = behind;
    }
    Ok(changed.into())
}

/// With each place of a text that equals another one written as a third.
fn replace(context: &Context<'_>, values: &[Value]) -> Result<Value, CypherError> {
    let [Value::String(text), Value::String(from), Value::String(to)] = values else {
        return Err(wrong("replace", values));
    };
    let found = places(context, text, from)?;
    let kept = text.len().saturating_sub(found.saturating_mul(from.len()));
    let length = kept.saturating_add(found.saturating_mul(to.len()));
    context.meter.reserve(length)?;
    let (mut made, mut end) = (String::with_capacity(length), 0);
    for (at, part) in text.match_indices(&**from) {
        context.meter.proceed()?;
        made.push_str(text.get(end..at).unwrap_or_default());
        made.push_str(to);
        end = at.saturating_add(part.len());
    }
    made.push_str(text.get(end..).unwrap_or_default());
    Ok(made.into())
}

/// How often a text is found in another one.
fn places(context: &Context<'_>, text: &str, sought: &str) -> Result<usize, CypherError> {
    let mut found = 0;
    for _ in text.matches(sought) {
        context.meter.proceed()?;
        found += 1;
    }
    Ok(found)
}

fn length(name: &str, values: &[Value]) -> Result<Value, CypherError> {
    match values {
        [Value::String(text)] => Ok(count(text.chars().count())),
        _ => Err(wrong(name, values)),
    }
}

/// Without white space at its ends, or without any of the given code points.
fn trim(
    context: &Context<'_>,
    name: &str,
    values: &[Value],
    (left, right): (bool, bool),
) -> Result<Value, CypherError> {
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
    context.meter.reserve(rest.len())?;
    Ok(rest.into())
}

fn length_of(name: &str, length: i64) -> Result<usize, CypherError> {
    usize::try_from(length).map_err(|_| out_of_range(format!("{name} takes no negative number, and {length} is one")))
}

fn part(context: &Context<'_>, text: &str, skipped: usize, length: Option<usize>) -> Result<Value, CypherError> {
    let behind = |text: &str, letters| text.char_indices().nth(letters).map_or(text.len(), |(at, _)| at);
    let rest = text.get(behind(text, skipped)..).unwrap_or_default();
    let part = length.map_or(rest, |length| rest.get(..behind(rest, length)).unwrap_or_default());
    context.meter.reserve(part.len())?;
    Ok(part.into())
}

/// The parts between delimiters, of which there may be several; single code points where the delimiter is empty.
fn split(context: &Context<'_>, values: &[Value]) -> Result<Value, CypherError> {
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
    let mut most = delimiters.len();
    for delimiter in &delimiters {
        most = most.saturating_add(places(context, text, delimiter)?);
    }
    context.meter.reserve(text.len().saturating_add(most.saturating_mul(size_of::<Value>())))?;
    let mut parts = Vec::new();
    let mut push = |part: Value| {
        parts.push(part);
        context.meter.proceed()
    };
    match delimiters.as_slice() {
        [""] if !text.is_empty() => text.chars().try_for_each(|letter| push(letter.to_string().into()))?,
        [delimiter] if !delimiter.is_empty() => text.split(delimiter).map(Value::from).try_for_each(push)?,
        _ => split_at_any(text, &delimiters, &mut push)?,
    }
    Value::list(parts)
}

/// The parts between any of the delimiters, the first of which that fits counts; empty ones never fit.
fn split_at_any(
    text: &str,
    delimiters: &[&str],
    push: &mut dyn FnMut(Value) -> Result<(), CypherError>,
) -> Result<(), CypherError> {
    let mut from = 0;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let fits = |delimiter: &&&str| !delimiter.is_empty() && rest.starts_with(**delimiter);
        let at = text.len() - rest.len();
        let length = match delimiters.iter().find(fits) {
            Some(delimiter) => {
                push(text.get(from..at).unwrap_or_default().into())?;
                from = at + delimiter.len();
                delimiter.len()
            }
            None => letter.len_utf8(),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    push(text.get(from..).unwrap_or_default().into())
}
