//! Values as MessagePack: what properties hold with the extensions of the graph, and in results nodes, relationships
//! and paths, each an extension whose bytes are MessagePack again.
//!
//! | number | type | MessagePack one after the other |
//! |---|---|---|
//! | 32 | node | id, list of labels, map of properties |
//! | 33 | relationship | id, type, id of its start, id of its end, map of properties |
//! | 34 | path | list: node, then each relationship and the node behind it |
//! | 35 | time, duration, point | its text, then the extension it has in properties |

use sledstore_graph::Extension;

use crate::value::temporal::DateTime;
use crate::value::{Map, Node, Path, Relationship, Value};

const NODE: i8 = 32;
const RELATIONSHIP: i8 = 33;
const PATH: i8 = 34;
pub(super) const SHOWN: i8 = 35;
const BILLION: i128 = 1_000_000_000;

/// Appends a value as properties and parameters have it. Values nest no deeper than the stack allows.
pub fn encode(value: &Value, into: &mut Vec<u8>) {
    push(value, false, into);
}

/// Appends a value as results have it: with the text of what JavaScript has no type for.
pub fn encode_shown(value: &Value, into: &mut Vec<u8>) {
    push(value, true, into);
}

fn push(value: &Value, shown: bool, into: &mut Vec<u8>) {
    match value {
        Value::Null => into.push(0xc0),
        Value::Boolean(false) => into.push(0xc2),
        Value::Boolean(true) => into.push(0xc3),
        Value::Integer(integer) => push_integer(*integer, into),
        Value::Float(float) => {
            into.push(0xcb);
            into.extend_from_slice(&float.to_be_bytes());
        }
        Value::String(text) => push_text(text, into),
        Value::List(list) => {
            push_list_head(list.len(), into);
            list.values().iter().for_each(|value| push(value, shown, into));
        }
        Value::Map(map) => push_map(map, shown, into),
        Value::Bytes(bytes) => {
            push_head(bytes.len(), 0xc4, into);
            into.extend_from_slice(bytes);
        }
        Value::Node(node) => nested(NODE, into, |into| push_node(node, shown, into)),
        Value::Relationship(relationship) => {
            nested(RELATIONSHIP, into, |into| push_relationship(relationship, shown, into))
        }
        Value::Path(path) => nested(PATH, into, |into| push_path(path, shown, into)),
        other if shown && !matches!(other, Value::Vector(_)) => nested(SHOWN, into, |into| {
            push_text(&other.text(), into);
            push_scalar(other, into);
        }),
        other => push_scalar(other, into),
    }
}

/// What has an extension of the graph.
fn push_scalar(value: &Value, into: &mut Vec<u8>) {
    let split = |nanoseconds: i128| {
        let seconds = i64::try_from(nanoseconds.div_euclid(BILLION)).unwrap_or(i64::MAX);
        (seconds, u32::try_from(nanoseconds.rem_euclid(BILLION)).unwrap_or(0))
    };
    let mut components = Vec::new();
    let extension = match value {
        Value::Date(date) => Extension::Date { days: date.day() },
        Value::LocalTime(time) => Extension::LocalTime { nanoseconds: time.nanoseconds() },
        Value::Time(time) => {
            Extension::Time { nanoseconds: time.local.nanoseconds(), offset_seconds: time.offset.seconds() }
        }
        Value::LocalDateTime(datetime) => {
            let (seconds, nanoseconds) = split(datetime.nanoseconds());
            Extension::LocalDateTime { seconds, nanoseconds }
        }
        Value::DateTime(datetime) => {
            let (seconds, nanoseconds) = split(DateTime::instant(datetime));
            let zone = datetime.zone_name().unwrap_or_default();
            Extension::DateTime { seconds, nanoseconds, offset_seconds: datetime.offset().seconds(), zone }
        }
        Value::Duration(duration) => Extension::Duration {
            months: duration.months,
            days: duration.days,
            seconds: duration.seconds,
            nanoseconds: duration.nanoseconds,
        },
        Value::Point(point) => {
            let (x, y, z) = point.coordinates();
            Extension::Point { srid: i32::try_from(point.crs().srid()).unwrap_or(0), x, y, z }
        }
        Value::Vector(vector) => {
            components.extend(vector.iter().flat_map(|component| component.to_le_bytes()));
            Extension::Vector { components: &components }
        }
        _ => return into.push(0xc0),
    };
    nested(extension.number(), into, |into| extension.push_bytes(into));
}

/// An extension with the bytes that `push` appends.
fn nested(number: i8, into: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) {
    let start = into.len();
    into.extend_from_slice(&[0xc9, 0, 0, 0, 0, number.cast_unsigned()]);
    let content = into.len();
    push(into);
    let length = u32::try_from(into.len() - content).unwrap_or(u32::MAX);
    if let Some(place) = into.get_mut(start + 1..start + 5) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

fn push_node(node: &Node, shown: bool, into: &mut Vec<u8>) {
    push_id(node.id, into);
    push_list_head(node.labels.len(), into);
    node.labels.iter().for_each(|label| push_text(label, into));
    push_map(&node.properties, shown, into);
}

fn push_relationship(relationship: &Relationship, shown: bool, into: &mut Vec<u8>) {
    push_id(relationship.id, into);
    push_text(&relationship.kind, into);
    push_id(relationship.start, into);
    push_id(relationship.end, into);
    push_map(&relationship.properties, shown, into);
}

fn push_path(path: &Path, shown: bool, into: &mut Vec<u8>) {
    push_list_head(path.len().saturating_mul(2).saturating_add(1), into);
    nested(NODE, into, |into| push_node(&path.start, shown, into));
    for step in &path.steps {
        nested(RELATIONSHIP, into, |into| push_relationship(&step.relationship, shown, into));
        nested(NODE, into, |into| push_node(&step.node, shown, into));
    }
}

fn push_map(map: &Map, shown: bool, into: &mut Vec<u8>) {
    push_map_head(map.len(), into);
    for (key, value) in map.entries() {
        push_text(key, into);
        push(value, shown, into);
    }
}

pub(super) fn push_id(id: u64, into: &mut Vec<u8>) {
    push_integer(i64::try_from(id).unwrap_or(i64::MAX), into);
}

fn push_integer(integer: i64, into: &mut Vec<u8>) {
    if let Ok(small) = i8::try_from(integer)
        && small >= -32
    {
        into.push(small.cast_unsigned());
    } else if let Ok(medium) = i32::try_from(integer) {
        into.push(0xd2);
        into.extend_from_slice(&medium.to_be_bytes());
    } else {
        into.push(0xd3);
        into.extend_from_slice(&integer.to_be_bytes());
    }
}

pub(super) fn push_text(text: &str, into: &mut Vec<u8>) {
    match u8::try_from(text.len()) {
        Ok(length) if length < 32 => into.push(0xa0 | length),
        _ => push_head(text.len(), 0xd9, into),
    }
    into.extend_from_slice(text.as_bytes());
}

pub(super) fn push_list_head(length: usize, into: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(length) if length < 16 => into.push(0x90 | length),
        _ => push_wide_head(length, 0xdc, into),
    }
}

pub(super) fn push_map_head(length: usize, into: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(length) if length < 16 => into.push(0x80 | length),
        _ => push_wide_head(length, 0xde, into),
    }
}

/// A length in one, two or four bytes behind the marker of that size.
fn push_head(length: usize, marker: u8, into: &mut Vec<u8>) {
    if let Ok(length) = u8::try_from(length) {
        into.extend_from_slice(&[marker, length]);
    } else {
        push_wide_head(length, marker.saturating_add(1), into);
    }
}

/// A length in two or four bytes; no value is longer than the latter can tell.
fn push_wide_head(length: usize, marker: u8, into: &mut Vec<u8>) {
    if let Ok(length) = u16::try_from(length) {
        into.push(marker);
        into.extend_from_slice(&length.to_be_bytes());
    } else {
        into.push(marker.saturating_add(1));
        into.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
}
