//! Orderability and equivalence: how ORDER BY, min and max, DISTINCT and grouping see values.
//!
//! The order is total over all values. Types come in this order: map, node, relationship, list, vector, path, point, date
//! and time types, duration, string, bytes, boolean, number, null; NaN comes after every number. Two values are equivalent
//! when neither comes first, so null is equivalent to null and NaN to NaN, and equivalent values have equal hashes.
//! Source: openCypher CIP2016-06-14, "Define comparability and equality as well as orderability and equivalence".

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::number::{compare_mixed, exact_integer};
use super::{List, Map, Value};

/// A value that orders, equals and hashes by orderability and equivalence, as a key of maps and sorts.
#[derive(Clone, Debug)]
pub struct Key(pub Value);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        equivalent(&self.0, &other.0)
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        order(&self.0, &other.0)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.0, state);
    }
}

/// Equivalence: whether DISTINCT and grouping take them for one.
pub fn equivalent(a: &Value, b: &Value) -> bool {
    order(a, b).is_eq()
}

/// Orderability, ascending.
pub fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Integer(a), Value::Float(b)) => compare_mixed(*a, *b).unwrap_or(Ordering::Less),
        (Value::Float(a), Value::Integer(b)) => compare_mixed(*b, *a).map_or(Ordering::Greater, Ordering::reverse),
        (Value::Float(a), Value::Float(b)) => order_floats(*a, *b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Node(a), Value::Node(b)) => a.id.cmp(&b.id),
        (Value::Relationship(a), Value::Relationship(b)) => a.id.cmp(&b.id),
        (Value::Path(a), Value::Path(b)) => a.ids().cmp(b.ids()),
        (Value::List(a), Value::List(b)) => order_lists(a, b),
        (Value::Map(a), Value::Map(b)) => order_maps(a, b),
        (Value::Vector(a), Value::Vector(b)) => {
            let pairs = a.iter().zip(b.iter()).map(|(a, b)| order_floats((*a).into(), (*b).into()));
            first_difference(pairs).then(a.len().cmp(&b.len()))
        }
        (Value::Point(a), Value::Point(b)) => a.order(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::LocalTime(a), Value::LocalTime(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::LocalDateTime(a), Value::LocalDateTime(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.order(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Feeds a hash that equivalent values share.
pub fn hash<H: Hasher>(value: &Value, state: &mut H) {
    rank(value).hash(state);
    match value {
        Value::Null => {}
        Value::Boolean(boolean) => boolean.hash(state),
        Value::Integer(integer) => integer.hash(state),
        Value::Float(float) => hash_float(*float, state),
        Value::String(text) => text.hash(state),
        Value::Bytes(bytes) => bytes.hash(state),
        Value::Node(node) => node.id.hash(state),
        Value::Relationship(relationship) => relationship.id.hash(state),
        Value::Path(path) => path.ids().for_each(|id| id.hash(state)),
        Value::List(list) => {
            list.len().hash(state);
            list.values().iter().for_each(|value| hash(value, state));
        }
        Value::Map(map) => {
            map.len().hash(state);
            for (key, value) in map.entries() {
                key.hash(state);
                hash(value, state);
            }
        }
        Value::Vector(components) => components.iter().for_each(|component| hash_float((*component).into(), state)),
        Value::Point(point) => point.hash_with(state, hash_float),
        Value::Date(date) => date.hash(state),
        Value::LocalTime(time) => time.hash(state),
        Value::Time(time) => time.hash(state),
        Value::LocalDateTime(datetime) => datetime.hash(state),
        Value::DateTime(datetime) => datetime.hash(state),
        Value::Duration(duration) => duration.hash(state),
    }
}

/// Floats in order, zeros alike, NaN last.
pub fn order_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// A float hashes as the integer it stands for, and every NaN alike.
fn hash_float<H: Hasher>(float: f64, state: &mut H) {
    if let Some(integer) = exact_integer(float) {
        integer.hash(state);
    } else if float.is_nan() {
        f64::NAN.to_bits().hash(state);
    } else {
        float.to_bits().hash(state);
    }
}

/// The place of a type among the others.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Map(_) => 0,
        Value::Node(_) => 1,
        Value::Relationship(_) => 2,
        Value::List(_) => 3,
        Value::Vector(_) => 4,
        Value::Path(_) => 5,
        Value::Point(_) => 6,
        Value::DateTime(_) => 7,
        Value::LocalDateTime(_) => 8,
        Value::Date(_) => 9,
        Value::Time(_) => 10,
        Value::LocalTime(_) => 11,
        Value::Duration(_) => 12,
        Value::String(_) => 13,
        Value::Bytes(_) => 14,
        Value::Boolean(_) => 15,
        Value::Integer(_) | Value::Float(_) => 16,
        Value::Null => 17,
    }
}

/// By the first value that differs, then by length.
fn order_lists(a: &List, b: &List) -> Ordering {
    let pairs = a.values().iter().zip(b.values()).map(|(a, b)| order(a, b));
    first_difference(pairs).then(a.len().cmp(&b.len()))
}

/// By the number of keys, then by the keys, then by the values.
fn order_maps(a: &Map, b: &Map) -> Ordering {
    let pairs = || a.entries().iter().zip(b.entries());
    a.len()
        .cmp(&b.len())
        .then_with(|| first_difference(pairs().map(|(a, b)| a.0.cmp(&b.0))))
        .then_with(|| first_difference(pairs().map(|(a, b)| order(&a.1, &b.1))))
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
