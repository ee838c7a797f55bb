//! What is known of a value before it is computed.

use std::fmt;

/// The static type of an expression. A value of every type may be null as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Nothing is known.
    Any,
    /// It is null.
    Null,
    /// True or false.
    Boolean,
    /// 64-bit.
    Integer,
    /// 64-bit.
    Float,
    /// An integer or a float.
    Number,
    /// Text.
    String,
    /// Keys with values.
    Map,
    /// A node of the graph.
    Node,
    /// A relationship of the graph.
    Relationship,
    /// Nodes and relationships, one after the other.
    Path,
    /// Values of one type; of `Any` where they differ or are unknown.
    List(Box<Type>),
    /// A day.
    Date,
    /// A time of day with an offset.
    Time,
    /// A time of day.
    LocalTime,
    /// A day and a time of day with a zone.
    DateTime,
    /// A day and a time of day.
    LocalDateTime,
    /// Months, days, seconds and nanoseconds.
    Duration,
    /// Coordinates.
    Point,
}

impl Type {
    /// A list of values of which nothing is known.
    #[must_use]
    pub fn list() -> Self {
        Self::List(Box::new(Self::Any))
    }

    /// A list of values of one type.
    #[must_use]
    pub fn list_of(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// Whether nothing keeps a value of this type from being one of `other`.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any | Self::Null, _) | (_, Self::Any | Self::Null) => true,
            (Self::List(left), Self::List(right)) => left.may_be(right),
            (Self::Number, Self::Integer | Self::Float) | (Self::Integer | Self::Float, Self::Number) => true,
            (left, right) => left == right,
        }
    }

    /// The type of what is of this type or of `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Null, ty) | (ty, Self::Null) => ty,
            (left, right) if left == right => left,
            (left, right) if left.is_numeric() && right.is_numeric() => Self::Number,
            (Self::List(left), Self::List(right)) => Self::list_of(left.or(*right)),
            _ => Self::Any,
        }
    }

    /// Whether it is an integer, a float, or one of both.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        matches!(self, Self::Integer | Self::Float | Self::Number)
    }

    /// Whether it is a date, a time, or both.
    #[must_use]
    pub fn is_instant(&self) -> bool {
        matches!(self, Self::Date | Self::Time | Self::LocalTime | Self::DateTime | Self::LocalDateTime)
    }

    /// The type of an element, for a list.
    #[must_use]
    pub fn element(&self) -> Self {
        match self {
            Self::List(element) => (**element).clone(),
            _ => Self::Any,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("ANY"),
            Self::Null => f.write_str("NULL"),
            Self::Boolean => f.write_str("BOOLEAN"),
            Self::Integer => f.write_str("INTEGER"),
            Self::Float => f.write_str("FLOAT"),
            Self::Number => f.write_str("NUMBER"),
            Self::String => f.write_str("STRING"),
            Self::Map => f.write_str("MAP"),
            Self::Node => f.write_str("NODE"),
            Self::Relationship => f.write_str("RELATIONSHIP"),
            Self::Path => f.write_str("PATH"),
            Self::List(element) => write!(f, "LIST<{element}>"),
            Self::Date => f.write_str("DATE"),
            Self::Time => f.write_str("TIME"),
            Self::LocalTime => f.write_str("LOCAL TIME"),
            Self::DateTime => f.write_str("DATETIME"),
            Self::LocalDateTime => f.write_str("LOCAL DATETIME"),
            Self::Duration => f.write_str("DURATION"),
            Self::Point => f.write_str("POINT"),
        }
    }
}
