//! What functions take and give, as far as it is known before anything runs.

mod table;

use crate::ir::{Aggregate, Type};

/// What a function takes in one place. Null and what is of unknown type goes everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the name says it
pub enum Takes {
    Any,
    Boolean,
    Number,
    Integer,
    String,
    List,
    ListOrString,
    ListStringOrMap,
    Map,
    Node,
    Relationship,
    Path,
    NodeOrRelationship,
    HasProperties,
    Point,
}

/// A scalar function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Lower case, parts joined by dots.
    pub name: &'static str,
    /// The least number of arguments.
    pub min: usize,
    /// The greatest.
    pub max: usize,
    /// By the place of the argument; the last one holds for all behind it.
    pub takes: &'static [Takes],
    /// The type of what it gives, by those of its arguments.
    pub gives: fn(&[Type]) -> Type,
}

/// An aggregate function.
#[derive(Clone, Copy, Debug)]
pub struct AggregateFunction {
    /// Which.
    pub function: Aggregate,
    /// How many arguments it has.
    pub arguments: usize,
    /// What it takes first.
    pub takes: Takes,
    /// The type of what it gives, by that of its first argument.
    pub gives: fn(&Type) -> Type,
}

impl Takes {
    /// Whether a value of a type may be taken.
    #[must_use]
    pub fn admits(self, ty: &Type) -> bool {
        match ty {
            Type::Any | Type::Null => return true,
            _ => {}
        }
        match self {
            Self::Any => true,
            Self::Boolean => *ty == Type::Boolean,
            Self::Number => ty.is_numeric(),
            Self::Integer => matches!(ty, Type::Integer | Type::Number),
            Self::String => *ty == Type::String,
            Self::List => matches!(ty, Type::List(_)),
            Self::ListOrString => matches!(ty, Type::List(_) | Type::String),
            Self::ListStringOrMap => matches!(ty, Type::List(_) | Type::String | Type::Map),
            Self::Map => *ty == Type::Map,
            Self::Node => *ty == Type::Node,
            Self::Relationship => *ty == Type::Relationship,
            Self::Path => *ty == Type::Path,
            Self::NodeOrRelationship => matches!(ty, Type::Node | Type::Relationship),
            Self::HasProperties => matches!(ty, Type::Node | Type::Relationship | Type::Map),
            Self::Point => *ty == Type::Point,
        }
    }

    /// For messages.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Integer => "an integer",
            Self::String => "a string",
            Self::List => "a list",
            Self::ListOrString => "a list or a string",
            Self::ListStringOrMap => "a list, a string or a map",
            Self::Map => "a map",
            Self::Node => "a node",
            Self::Relationship => "a relationship",
            Self::Path => "a path",
            Self::NodeOrRelationship => "a node or a relationship",
            Self::HasProperties => "a node, a relationship or a map",
            Self::Point => "a point",
        }
    }
}

/// The scalar function of a name, in any case.
#[must_use]
pub fn function(name: &str) -> Option<&'static Function> {
    let name = name.to_ascii_lowercase();
    table::FUNCTIONS.binary_search_by(|function| function.name.cmp(&name)).ok().map(|at| &table::FUNCTIONS[at])
}

/// The aggregate function of a name, in any case.
#[must_use]
pub fn aggregate(name: &str) -> Option<&'static AggregateFunction> {
    let known = table::AGGREGATES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, function)| function)
}

/// Every scalar function, ordered by name.
#[must_use]
pub fn functions() -> &'static [Function] {
    table::FUNCTIONS
}

/// Every aggregate function, with its name.
#[must_use]
pub fn aggregates() -> &'static [(&'static str, AggregateFunction)] {
    table::AGGREGATES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_ordered_so_that_they_are_found() {
        for pair in table::FUNCTIONS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} stands before {}", pair[0].name, pair[1].name);
        }
        for function in functions() {
            assert_eq!(function.name, function.name.to_ascii_lowercase());
            assert!(
                function.min <= function.max && (function.max == 0 || !function.takes.is_empty()),
                "{}",
                function.name
            );
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(function("toUpper").map(|f| f.name), Some("toupper"));
        assert_eq!(function("duration.inDays").map(|f| f.name), Some("duration.indays"));
        assert!(function("count").is_none());
        assert_eq!(aggregate("stDevP").map(|f| f.function), Some(Aggregate::StDevP));
        assert!(aggregate("size").is_none());
    }
}
