//! What expressions give.
//!
//! A value is 24 bytes, and its clone copies at most a counter. Values nest by lists and maps, which know how deep they
//! are and how large they would be if every shared part were written out; neither passes a limit, so walking a value
//! recursively ends, on the stack and in time. The relations between values are in `compare` and `order`.

pub mod arithmetic;
pub mod compare;
mod component;
mod container;
mod display;
pub mod duration;
mod entity;
pub mod number;
pub mod order;
pub mod point;
pub mod temporal;

use std::sync::Arc;

pub use component::component;
pub use container::{List, Map};
pub use entity::{Node, Path, Relationship, Step};

use crate::error::{CypherError, Detail, Kind};
use duration::Duration;
use point::Point;
use temporal::{Date, DateTime, LocalDateTime, LocalTime, Time};

/// Deepest nesting of lists and maps.
pub const DEPTH_MAX: u16 = 128;
/// Bytes that a value may take when every shared part of it is counted wherever it occurs.
pub const VALUE_BYTES_MAX: usize = 512 << 20;

/// A value of the language.
#[derive(Clone, Debug)]
pub enum Value {
    /// No value, or an unknown one.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A 64-bit integer.
    Integer(i64),
    /// An IEEE 754 double.
    Float(f64),
    /// Unicode text.
    String(Arc<str>),
    /// Values in order.
    List(List),
    /// Values by key.
    Map(Map),
    /// A node, as it was when it was read.
    Node(Arc<Node>),
    /// A relationship, as it was when it was read.
    Relationship(Arc<Relationship>),
    /// Nodes, with relationships between them.
    Path(Arc<Path>),
    /// A day.
    Date(Date),
    /// A time of day anywhere.
    LocalTime(LocalTime),
    /// A time of day at an offset from UTC.
    Time(Time),
    /// A day and a time of day anywhere.
    LocalDateTime(LocalDateTime),
    /// A moment, in a time zone.
    DateTime(Arc<DateTime>),
    /// Months, days and seconds.
    Duration(Arc<Duration>),
    /// A place in one of four coordinate systems.
    Point(Arc<Point>),
    /// Bytes, which come in and go out by parameters and properties alone.
    Bytes(Arc<[u8]>),
    /// The components of a vector.
    Vector(Arc<[f32]>),
}

impl Value {
    /// A string.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A list, refused where it passes the limits of a value.
    pub fn list(values: Vec<Self>) -> Result<Self, CypherError> {
        List::new(values).map(Self::List)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The name of its type, as messages and `valueType` give it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Boolean(_) => "BOOLEAN",
            Self::Integer(_) => "INTEGER",
            Self::Float(_) => "FLOAT",
            Self::String(_) => "STRING",
            Self::List(_) => "LIST",
            Self::Map(_) => "MAP",
            Self::Node(_) => "NODE",
            Self::Relationship(_) => "RELATIONSHIP",
            Self::Path(_) => "PATH",
            Self::Date(_) => "DATE",
            Self::LocalTime(_) => "LOCAL TIME",
            Self::Time(_) => "ZONED TIME",
            Self::LocalDateTime(_) => "LOCAL DATETIME",
            Self::DateTime(_) => "ZONED DATETIME",
            Self::Duration(_) => "DURATION",
            Self::Point(_) => "POINT",
            Self::Bytes(_) => "BYTES",
            Self::Vector(_) => "VECTOR",
        }
    }

    /// Bytes it takes, shared parts counted wherever they occur. Constant time but for paths.
    pub fn bytes(&self) -> usize {
        let beside = match self {
            Self::String(text) => text.len(),
            Self::List(list) => list.bytes(),
            Self::Map(map) => map.bytes(),
            Self::Node(node) => node.bytes(),
            Self::Relationship(relationship) => relationship.bytes(),
            Self::Path(path) => path.bytes(),
            Self::DateTime(_) => size_of::<DateTime>(),
            Self::Duration(_) => size_of::<Duration>(),
            Self::Point(_) => size_of::<Point>(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Vector(components) => components.len().saturating_mul(4),
            _ => 0,
        };
        beside.saturating_add(size_of::<Self>())
    }

    /// Bytes to go through where it is compared or computed with; 0 for what is done with at once.
    #[inline]
    pub(crate) fn extent(&self) -> usize {
        match self {
            Self::String(text) => text.len(),
            Self::List(list) => list.bytes(),
            Self::Map(map) => map.bytes(),
            Self::Path(path) => path.steps.len().saturating_mul(size_of::<Step>()),
            Self::Bytes(bytes) => bytes.len(),
            Self::Vector(components) => components.len().saturating_mul(4),
            _ => 0,
        }
    }

    /// How many lists and maps stand in each other.
    fn depth(&self) -> u16 {
        match self {
            Self::List(list) => list.depth(),
            Self::Map(map) => map.depth(),
            Self::Node(node) => node.properties.depth(),
            Self::Relationship(relationship) => relationship.properties.depth(),
            Self::Path(path) => path.depth(),
            _ => 0,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl From<Duration> for Value {
    fn from(value: Duration) -> Self {
        Self::Duration(Arc::new(value))
    }
}

impl From<DateTime> for Value {
    fn from(value: DateTime) -> Self {
        Self::DateTime(Arc::new(value))
    }
}

/// A truth value of three: null is unknown.
impl From<Option<bool>> for Value {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Null, Self::Boolean)
    }
}

/// The error of a value that grew past [`VALUE_BYTES_MAX`].
pub(crate) fn too_large(bytes: usize) -> CypherError {
    CypherError::runtime(
        Kind::Ended,
        Detail::MemoryLimit,
        format!("a value of {bytes} bytes is larger than a value may be ({VALUE_BYTES_MAX} bytes)"),
    )
}

/// Refuses a string or container before it is built.
pub(crate) fn check_bytes(bytes: usize) -> Result<(), CypherError> {
    if bytes > VALUE_BYTES_MAX { Err(too_large(bytes)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_small() {
        assert_eq!(size_of::<Value>(), 24);
    }

    #[test]
    fn nesting_ends() {
        let mut value = Value::Integer(1);
        for _ in 0..DEPTH_MAX {
            value = Value::list(vec![value]).unwrap();
        }
        let error = Value::list(vec![value]).unwrap_err();
        assert_eq!((error.kind, error.detail), (Kind::ArgumentError, Detail::InvalidArgumentValue));
    }

    #[test]
    fn shared_parts_count_wherever_they_occur() {
        let mut value = Value::list(vec![Value::Integer(1)]).unwrap();
        let error = loop {
            assert!(value.bytes() <= VALUE_BYTES_MAX + size_of::<Value>());
            match Value::list(vec![value.clone(), value]) {
                Ok(doubled) => value = doubled,
                Err(error) => break error,
            }
        };
        assert_eq!((error.kind, error.detail), (Kind::Ended, Detail::MemoryLimit));
    }
}
