//! The tables of functions.

use super::{AggregateFunction, Function, Takes};
use crate::ir::{Aggregate, Type};

/// Ordered by name.
#[rustfmt::skip] // one function a line
pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "abs", min: 1, max: 1, takes: &[Takes::Number], gives: first },
    Function { name: "acos", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "asin", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "atan", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "atan2", min: 2, max: 2, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "btrim", min: 1, max: 2, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "ceil", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "ceiling", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "char_length", min: 1, max: 1, takes: &[Takes::String], gives: |_| Type::Integer },
    Function { name: "character_length", min: 1, max: 1, takes: &[Takes::String], gives: |_| Type::Integer },
    Function { name: "coalesce", min: 1, max: usize::MAX, takes: &[Takes::Any], gives: either },
    Function { name: "cos", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "cosh", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "cot", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "coth", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "date", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::Date },
    Function { name: "date.realtime", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::Date },
    Function { name: "date.statement", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::Date },
    Function { name: "date.transaction", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::Date },
    Function { name: "date.truncate", min: 1, max: 3, takes: &[Takes::String, Takes::Any, Takes::Map], gives: |_| Type::Date },
    Function { name: "datetime", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::DateTime },
    Function { name: "datetime.fromepoch", min: 1, max: 2, takes: &[Takes::Number], gives: |_| Type::DateTime },
    Function { name: "datetime.fromepochmillis", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::DateTime },
    Function { name: "datetime.realtime", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::DateTime },
    Function { name: "datetime.statement", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::DateTime },
    Function { name: "datetime.transaction", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::DateTime },
    Function { name: "datetime.truncate", min: 1, max: 3, takes: &[Takes::String, Takes::Any, Takes::Map], gives: |_| Type::DateTime },
    Function { name: "degrees", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "distance", min: 2, max: 2, takes: &[Takes::Point], gives: |_| Type::Float },
    Function { name: "duration", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::Duration },
    Function { name: "duration.between", min: 2, max: 2, takes: &[Takes::Any], gives: |_| Type::Duration },
    Function { name: "duration.indays", min: 2, max: 2, takes: &[Takes::Any], gives: |_| Type::Duration },
    Function { name: "duration.inmonths", min: 2, max: 2, takes: &[Takes::Any], gives: |_| Type::Duration },
    Function { name: "duration.inseconds", min: 2, max: 2, takes: &[Takes::Any], gives: |_| Type::Duration },
    Function { name: "e", min: 0, max: 0, takes: &[], gives: |_| Type::Float },
    Function { name: "elementid", min: 1, max: 1, takes: &[Takes::NodeOrRelationship], gives: |_| Type::String },
    Function { name: "endnode", min: 1, max: 1, takes: &[Takes::Relationship], gives: |_| Type::Node },
    Function { name: "exists", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::Boolean },
    Function { name: "exp", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "floor", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "haversin", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "head", min: 1, max: 1, takes: &[Takes::List], gives: element },
    Function { name: "id", min: 1, max: 1, takes: &[Takes::NodeOrRelationship], gives: |_| Type::Integer },
    Function { name: "isempty", min: 1, max: 1, takes: &[Takes::ListStringOrMap], gives: |_| Type::Boolean },
    Function { name: "isnan", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Boolean },
    Function { name: "keys", min: 1, max: 1, takes: &[Takes::HasProperties], gives: |_| Type::list_of(Type::String) },
    Function { name: "labels", min: 1, max: 1, takes: &[Takes::Node], gives: |_| Type::list_of(Type::String) },
    Function { name: "last", min: 1, max: 1, takes: &[Takes::List], gives: element },
    Function { name: "left", min: 2, max: 2, takes: &[Takes::String, Takes::Integer], gives: |_| Type::String },
    Function { name: "length", min: 1, max: 1, takes: &[Takes::Path], gives: |_| Type::Integer },
    Function { name: "ln", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "localdatetime", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::LocalDateTime },
    Function { name: "localdatetime.realtime", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::LocalDateTime },
    Function { name: "localdatetime.statement", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::LocalDateTime },
    Function { name: "localdatetime.transaction", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::LocalDateTime },
    Function { name: "localdatetime.truncate", min: 1, max: 3, takes: &[Takes::String, Takes::Any, Takes::Map], gives: |_| Type::LocalDateTime },
    Function { name: "localtime", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::LocalTime },
    Function { name: "localtime.realtime", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::LocalTime },
    Function { name: "localtime.statement", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::LocalTime },
    Function { name: "localtime.transaction", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::LocalTime },
    Function { name: "localtime.truncate", min: 1, max: 3, takes: &[Takes::String, Takes::Any, Takes::Map], gives: |_| Type::LocalTime },
    Function { name: "log", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "log10", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "lower", min: 1, max: 1, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "ltrim", min: 1, max: 2, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "nodes", min: 1, max: 1, takes: &[Takes::Path], gives: |_| Type::list_of(Type::Node) },
    Function { name: "nullif", min: 2, max: 2, takes: &[Takes::Any], gives: first },
    Function { name: "pi", min: 0, max: 0, takes: &[], gives: |_| Type::Float },
    Function { name: "point", min: 1, max: 1, takes: &[Takes::Map], gives: |_| Type::Point },
    Function { name: "point.distance", min: 2, max: 2, takes: &[Takes::Point], gives: |_| Type::Float },
    Function { name: "point.withinbbox", min: 3, max: 3, takes: &[Takes::Point], gives: |_| Type::Boolean },
    Function { name: "properties", min: 1, max: 1, takes: &[Takes::HasProperties], gives: |_| Type::Map },
    Function { name: "radians", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "rand", min: 0, max: 0, takes: &[], gives: |_| Type::Float },
    Function { name: "randomuuid", min: 0, max: 0, takes: &[], gives: |_| Type::String },
    Function { name: "range", min: 2, max: 3, takes: &[Takes::Any], gives: |_| Type::list_of(Type::Integer) },
    Function { name: "relationships", min: 1, max: 1, takes: &[Takes::Path], gives: |_| Type::list_of(Type::Relationship) },
    Function { name: "rels", min: 1, max: 1, takes: &[Takes::Path], gives: |_| Type::list_of(Type::Relationship) },
    Function { name: "replace", min: 3, max: 3, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "reverse", min: 1, max: 1, takes: &[Takes::ListOrString], gives: first },
    Function { name: "right", min: 2, max: 2, takes: &[Takes::String, Takes::Integer], gives: |_| Type::String },
    Function { name: "round", min: 1, max: 3, takes: &[Takes::Number, Takes::Integer, Takes::String], gives: |_| Type::Float },
    Function { name: "rtrim", min: 1, max: 2, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "sign", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Integer },
    Function { name: "sin", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "sinh", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "size", min: 1, max: 1, takes: &[Takes::ListOrString], gives: |_| Type::Integer },
    Function { name: "split", min: 2, max: 2, takes: &[Takes::String, Takes::Any], gives: |_| Type::list_of(Type::String) },
    Function { name: "sqrt", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "startnode", min: 1, max: 1, takes: &[Takes::Relationship], gives: |_| Type::Node },
    Function { name: "substring", min: 2, max: 3, takes: &[Takes::String, Takes::Integer], gives: |_| Type::String },
    Function { name: "tail", min: 1, max: 1, takes: &[Takes::List], gives: first },
    Function { name: "tan", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "tanh", min: 1, max: 1, takes: &[Takes::Number], gives: |_| Type::Float },
    Function { name: "time", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::Time },
    Function { name: "time.realtime", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::Time },
    Function { name: "time.statement", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::Time },
    Function { name: "time.transaction", min: 0, max: 1, takes: &[Takes::Any], gives: |_| Type::Time },
    Function { name: "time.truncate", min: 1, max: 3, takes: &[Takes::String, Takes::Any, Takes::Map], gives: |_| Type::Time },
    Function { name: "timestamp", min: 0, max: 0, takes: &[], gives: |_| Type::Integer },
    Function { name: "toboolean", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::Boolean },
    Function { name: "tobooleanlist", min: 1, max: 1, takes: &[Takes::List], gives: |_| Type::list_of(Type::Boolean) },
    Function { name: "tobooleanornull", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::Boolean },
    Function { name: "tofloat", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::Float },
    Function { name: "tofloatlist", min: 1, max: 1, takes: &[Takes::List], gives: |_| Type::list_of(Type::Float) },
    Function { name: "tofloatornull", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::Float },
    Function { name: "tointeger", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::Integer },
    Function { name: "tointegerlist", min: 1, max: 1, takes: &[Takes::List], gives: |_| Type::list_of(Type::Integer) },
    Function { name: "tointegerornull", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::Integer },
    Function { name: "tolower", min: 1, max: 1, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "tostring", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::String },
    Function { name: "tostringlist", min: 1, max: 1, takes: &[Takes::List], gives: |_| Type::list_of(Type::String) },
    Function { name: "tostringornull", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::String },
    Function { name: "toupper", min: 1, max: 1, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "trim", min: 1, max: 2, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "type", min: 1, max: 1, takes: &[Takes::Relationship], gives: |_| Type::String },
    Function { name: "upper", min: 1, max: 1, takes: &[Takes::String], gives: |_| Type::String },
    Function { name: "valuetype", min: 1, max: 1, takes: &[Takes::Any], gives: |_| Type::String },
];

/// By the names that the language writes.
pub(super) const AGGREGATES: &[(&str, AggregateFunction)] = &[
    ("count", of(Aggregate::Count, Takes::Any, |_| Type::Integer)),
    ("sum", of(Aggregate::Sum, Takes::Any, same)),
    ("avg", of(Aggregate::Avg, Takes::Any, average)),
    ("min", of(Aggregate::Min, Takes::Any, same)),
    ("max", of(Aggregate::Max, Takes::Any, same)),
    ("collect", of(Aggregate::Collect, Takes::Any, |ty| Type::list_of(ty.clone()))),
    ("stDev", of(Aggregate::StDev, Takes::Number, |_| Type::Float)),
    ("stDevP", of(Aggregate::StDevP, Takes::Number, |_| Type::Float)),
    (
        "percentileCont",
        AggregateFunction { arguments: 2, ..of(Aggregate::PercentileCont, Takes::Number, |_| Type::Float) },
    ),
    ("percentileDisc", AggregateFunction { arguments: 2, ..of(Aggregate::PercentileDisc, Takes::Number, same) }),
];

const fn of(function: Aggregate, takes: Takes, gives: fn(&Type) -> Type) -> AggregateFunction {
    AggregateFunction { function, arguments: 1, takes, gives }
}

fn same(ty: &Type) -> Type {
    ty.clone()
}

fn average(ty: &Type) -> Type {
    if ty.is_numeric() { Type::Float } else { ty.clone() }
}

fn first(types: &[Type]) -> Type {
    types.first().cloned().unwrap_or(Type::Any)
}

fn element(types: &[Type]) -> Type {
    types.first().map_or(Type::Any, Type::element)
}

fn either(types: &[Type]) -> Type {
    types.iter().cloned().reduce(Type::or).unwrap_or(Type::Any)
}
