//! The bytes an index holds for a value: equal values have equal bytes, and byte order is the language's order.
//!
//! No form is the prefix of another, so that forms may stand one behind the other. Integers and floats share one order,
//! which is why this is not the engine's tuple codec: there a large integer sorts behind every float. Maps, vectors,
//! NaN, and lists with any of them or with lists or nulls, have no form; see [`push_part`] for where one is needed.
//!
//! Source of the order: openCypher CIP2016-06-14, "Define comparability and equality as well as orderability and
//! equivalence"; durations go by their average length, a month being 30.436875 days.

use rmpv::ValueRef;

use crate::extension::Extension;
use crate::property::Number;

/// Kinds of indexed values, in their order; no form begins with zero, which ends lists.
pub(crate) mod tag {
    pub const LIST: u8 = 1;
    pub const POINT: u8 = 2;
    pub const DATETIME: u8 = 3;
    pub const LOCAL_DATETIME: u8 = 4;
    pub const DATE: u8 = 5;
    pub const TIME: u8 = 6;
    pub const LOCAL_TIME: u8 = 7;
    pub const DURATION: u8 = 8;
    pub const STRING: u8 = 9;
    pub const BYTES: u8 = 10;
    pub const FALSE: u8 = 11;
    pub const TRUE: u8 = 12;
    pub const NUMBER: u8 = 13;
    /// A property that is not there, behind the first of several.
    pub const MISSING: u8 = 14;
    /// A value without a form.
    pub const OTHER: u8 = 15;
}

/// Seconds in the average month.
const MONTH_SECONDS: i128 = 2_629_746;
const DAY_SECONDS: i128 = 86_400;

/// The form of a value; `None` when it has none.
pub(crate) fn encode_value(value: &ValueRef<'_>) -> Option<Vec<u8>> {
    let mut encoded = Vec::new();
    push_value(&mut encoded, value).then_some(encoded)
}

/// Appends the form of a property of several; answers whether it is one that uniqueness looks at.
pub(crate) fn push_part(encoded: &mut Vec<u8>, value: Option<&ValueRef<'_>>) -> bool {
    let Some(value) = value else {
        encoded.push(tag::MISSING);
        return false;
    };
    let before = encoded.len();
    let has_form = push_value(encoded, value);
    if !has_form {
        encoded.truncate(before);
        encoded.push(tag::OTHER);
    }
    has_form
}

/// The first and the last kind of the values that are compared with one whose form begins with `first`; `None` for lists
/// and points, which are looked for by equality alone.
pub(crate) fn comparable_kinds(first: u8) -> Option<(u8, u8)> {
    match first {
        tag::LIST | tag::POINT => None,
        tag::FALSE | tag::TRUE => Some((tag::FALSE, tag::TRUE)),
        other => Some((other, other)),
    }
}

/// The form of every string that begins with `text`, cut where they part.
pub(crate) fn string_prefix(text: &str) -> Vec<u8> {
    let mut encoded = vec![tag::STRING];
    push_escaped(&mut encoded, text.as_bytes());
    encoded
}

/// Answers false, and has appended something or nothing, when the value has no form.
fn push_value(encoded: &mut Vec<u8>, value: &ValueRef<'_>) -> bool {
    if let ValueRef::Array(items) = value {
        encoded.push(tag::LIST);
        let whole = items.iter().all(|item| !matches!(item, ValueRef::Array(_)) && push_value(encoded, item));
        encoded.push(0);
        return whole;
    }
    if let Some(number) = Number::of(value) {
        return push_number(encoded, number);
    }
    match value {
        ValueRef::Boolean(value) => encoded.push(if *value { tag::TRUE } else { tag::FALSE }),
        ValueRef::String(text) => push_bytes(encoded, tag::STRING, text.as_bytes()),
        ValueRef::Binary(bytes) => push_bytes(encoded, tag::BYTES, bytes),
        ValueRef::Ext(number, bytes) => {
            return Extension::parse(*number, bytes).is_some_and(|value| push_extension(encoded, &value));
        }
        _ => return false,
    }
    true
}

fn push_extension(encoded: &mut Vec<u8>, value: &Extension<'_>) -> bool {
    match value.as_datetime() {
        Extension::Date { days } => {
            encoded.push(tag::DATE);
            push_i64(encoded, days);
        }
        Extension::LocalTime { nanoseconds } => {
            encoded.push(tag::LOCAL_TIME);
            push_i64(encoded, nanoseconds);
        }
        Extension::Time { nanoseconds, offset_seconds } => {
            encoded.push(tag::TIME);
            push_i64(encoded, nanoseconds - i64::from(offset_seconds) * 1_000_000_000);
            push_i32(encoded, offset_seconds);
        }
        Extension::LocalDateTime { seconds, nanoseconds } => {
            encoded.push(tag::LOCAL_DATETIME);
            push_i64(encoded, seconds);
            encoded.extend_from_slice(&nanoseconds.to_be_bytes());
        }
        Extension::DateTime { seconds, nanoseconds, offset_seconds, zone } => {
            encoded.push(tag::DATETIME);
            push_i64(encoded, seconds);
            encoded.extend_from_slice(&nanoseconds.to_be_bytes());
            push_i32(encoded, offset_seconds);
            encoded.extend_from_slice(zone.as_bytes());
            encoded.push(0);
        }
        Extension::Duration { months, days, seconds, nanoseconds } => {
            let length = i128::from(months) * MONTH_SECONDS + i128::from(days) * DAY_SECONDS + i128::from(seconds);
            encoded.push(tag::DURATION);
            encoded.extend_from_slice(&(length.cast_unsigned() ^ 1 << 127).to_be_bytes());
            encoded.extend_from_slice(&nanoseconds.to_be_bytes());
            push_i64(encoded, months);
            push_i64(encoded, days);
        }
        Extension::Point { srid, x, y, z } => {
            encoded.push(tag::POINT);
            push_i32(encoded, srid);
            for coordinate in [Some(x), Some(y), z].into_iter().flatten() {
                encoded.extend_from_slice(&ordered_bits(coordinate).to_be_bytes());
            }
        }
        Extension::Vector { .. } | Extension::Timestamp { .. } => return false,
    }
    true
}

fn push_i64(encoded: &mut Vec<u8>, number: i64) {
    encoded.extend_from_slice(&(number.cast_unsigned() ^ 1 << 63).to_be_bytes());
}

fn push_i32(encoded: &mut Vec<u8>, number: i32) {
    encoded.extend_from_slice(&(number.cast_unsigned() ^ 1 << 31).to_be_bytes());
}

/// Bits in the order of the floats; the two zeros are equal.
fn ordered_bits(float: f64) -> u64 {
    let bits = (float + 0.0).to_bits(); // -0.0 + 0.0 is 0.0
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The nearest float in ordered bits, then how far the number lies from it, so that 64-bit integers keep their order
/// among the floats. Half the gap between floats below 2^63 is 512.
fn push_number(encoded: &mut Vec<u8>, number: Number) -> bool {
    let (nearest, distance) = match number {
        Number::Float(float) if float.is_nan() => return false,
        Number::Float(float) => (float, 0),
        Number::Integer(integer) => {
            let nearest = integer as f64;
            (nearest, i128::from(integer) - nearest as i128)
        }
    };
    encoded.push(tag::NUMBER);
    encoded.extend_from_slice(&ordered_bits(nearest).to_be_bytes());
    encoded.extend_from_slice(&((distance + 512) as u16).to_be_bytes());
    true
}

fn push_bytes(encoded: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    encoded.push(tag);
    push_escaped(encoded, bytes);
    encoded.extend_from_slice(&[0, 1]);
}

/// A zero byte inside is followed by 0xFF, and the end is a zero byte followed by 1.
fn push_escaped(encoded: &mut Vec<u8>, bytes: &[u8]) {
    encoded.reserve(bytes.len() + 2);
    for &byte in bytes {
        encoded.push(byte);
        if byte == 0 {
            encoded.push(0xFF);
        }
    }
}

/// How many bytes the form of a value takes at the front of `bytes`.
pub(crate) fn value_length(bytes: &[u8]) -> Option<usize> {
    let length = match *bytes.first()? {
        tag::FALSE | tag::TRUE | tag::MISSING | tag::OTHER => 1,
        tag::DATE | tag::LOCAL_TIME => 9,
        tag::NUMBER => 11,
        tag::LOCAL_DATETIME | tag::TIME => 13,
        tag::DURATION => 37,
        tag::POINT => match bytes.get(1..5)? {
            [0x80, 0, 0x1C, 0x23] | [0x80, 0, 0x10, 0xE6] => 21,
            _ => 29,
        },
        tag::DATETIME => 17 + bytes.get(17..)?.iter().position(|&byte| byte == 0)? + 1,
        tag::LIST => {
            let mut at = 1;
            loop {
                match bytes.get(at)? {
                    0 => break at + 1,
                    &tag::LIST => return None,
                    _ => at += value_length(&bytes[at..])?,
                }
            }
        }
        tag::BYTES | tag::STRING => {
            let mut at = 1;
            loop {
                at += bytes.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
                match bytes.get(at)? {
                    0xFF => at += 1,
                    _ => break at + 1,
                }
            }
        }
        _ => return None,
    };
    (length <= bytes.len()).then_some(length)
}
