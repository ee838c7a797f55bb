//! Ternary equality and comparability: what `=` and `<` give.
//!
//! Both are of three values: `None` is unknown, which the language calls null. How ORDER BY and DISTINCT see values is
//! another matter: see `order`.

use std::cmp::Ordering;

use super::number::compare_mixed;
use super::{List, Map, Value};

/// `a = b`: unknown when either is null or nests a null that decides it. Numbers are equal when they stand for the same
/// number, NaN equals nothing, values of different types are not equal, and entities are equal by id.
pub fn equals(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Integer(a), Value::Integer(b)) => Some(a == b),
        (Value::String(a), Value::String(b)) => Some(a == b),
        (Value::List(a), Value::List(b)) => lists_equal(a, b),
        (Value::Map(a), Value::Map(b)) => maps_equal(a, b),
        (Value::Node(a), Value::Node(b)) => Some(a.id == b.id),
        (Value::Relationship(a), Value::Relationship(b)) => Some(a.id == b.id),
        (Value::Path(a), Value::Path(b)) => Some(a.len() == b.len() && a.ids().eq(b.ids())),
        (Value::Duration(a), Value::Duration(b)) => Some(a == b),
        (Value::Point(a), Value::Point(b)) => Some(a == b),
        (Value::Vector(a), Value::Vector(b)) => Some(a == b),
        _ => Some(compare(a, b) == Comparison::Ordered(Ordering::Equal)),
    }
}

/// What is known of the order of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Null: one is null, or they cannot be compared.
    Unknown,
    /// Neither less, equal nor greater: one is NaN and the other a number.
    Unordered,
    /// They can be compared.
    Ordered(Ordering),
}

impl Comparison {
    /// The answer to an operator that holds for the orders `holds` accepts.
    fn answer(self, holds: impl FnOnce(Ordering) -> bool) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Unordered => Some(false),
            Self::Ordered(order) => Some(holds(order)),
        }
    }
}

/// Comparability. Numbers, strings, booleans, bytes, instants of the same temporal type and lists of comparable values
/// can be compared; everything else is unknown. Times are compared by the moment they are in UTC, then by their zone.
pub fn compare(a: &Value, b: &Value) -> Comparison {
    let order = match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Integer(a), Value::Float(b)) => return of_numbers(compare_mixed(*a, *b)),
        (Value::Float(a), Value::Integer(b)) => return of_numbers(compare_mixed(*b, *a).map(Ordering::reverse)),
        (Value::Float(a), Value::Float(b)) => return of_numbers(a.partial_cmp(b)),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.cmp(b), // UTF-8 orders as code points do
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::LocalTime(a), Value::LocalTime(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::LocalDateTime(a), Value::LocalDateTime(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => return compare_lists(a, b),
        _ => return Comparison::Unknown,
    };
    Comparison::Ordered(order)
}

/// `a < b`.
pub fn less(a: &Value, b: &Value) -> Option<bool> {
    compare(a, b).answer(Ordering::is_lt)
}

/// `a <= b`.
pub fn less_or_equal(a: &Value, b: &Value) -> Option<bool> {
    compare(a, b).answer(Ordering::is_le)
}

/// `value IN list`: true when it equals one, unknown when it may, else false.
pub fn is_in(value: &Value, list: &List) -> Option<bool> {
    let mut unknown = false;
    for other in list.values() {
        match equals(value, other) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(false) }
}

fn of_numbers(order: Option<Ordering>) -> Comparison {
    order.map_or(Comparison::Unordered, Comparison::Ordered)
}

fn compare_lists(a: &List, b: &List) -> Comparison {
    for (a, b) in a.values().iter().zip(b.values()) {
        match compare(a, b) {
            Comparison::Ordered(Ordering::Equal) => {}
            decided => return decided,
        }
    }
    Comparison::Ordered(a.len().cmp(&b.len()))
}

fn lists_equal(a: &List, b: &List) -> Option<bool> {
    if a.len() != b.len() {
        return Some(false);
    }
    all_equal(a.values().iter().zip(b.values()))
}

fn maps_equal(a: &Map, b: &Map) -> Option<bool> {
    let pairs = || a.entries().iter().zip(b.entries());
    if a.len() != b.len() || pairs().any(|(a, b)| a.0 != b.0) {
        return Some(false);
    }
    all_equal(pairs().map(|(a, b)| (&a.1, &b.1)))
}

/// One false makes it false, else one unknown makes it unknown.
fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut result = Some(true);
    for (a, b) in pairs {
        match equals(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}
