//! What is read out of values: properties, elements, slices, labels.

use std::borrow::Cow;
use std::sync::Arc;

use super::compile::ProjectedItem;
use super::{Expression, NULL, Result, Scope, mismatch};
use crate::error::{CypherError, Detail, Kind};
use crate::ir::Labels;
use crate::value::{Map, Value, component};

/// `value.key`. What a map, node or relationship does not have is null; instants, durations and points have components
/// of fixed names, and another name is an error.
pub(super) fn property<'a>(value: Cow<'a, Value>, key: &str, scope: Scope<'_>) -> Result<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => match entries(value, scope)? {
            Some(entries) => Ok(Cow::Borrowed(entries.get(key).unwrap_or(&NULL))),
            None => of_component(value, key).map(Cow::Owned),
        },
        Cow::Owned(value) => match entries(&value, scope)? {
            Some(entries) => Ok(Cow::Owned(entries.get(key).cloned().unwrap_or(Value::Null))),
            None => of_component(&value, key).map(Cow::Owned),
        },
    }
}

/// The keys and values of a map, node or relationship.
fn entries<'v>(value: &'v Value, scope: Scope<'_>) -> Result<Option<&'v Map>> {
    Ok(match value {
        Value::Map(map) => Some(map),
        Value::Node(node) => {
            scope.environment.graph.check_entity(value)?;
            Some(&node.properties)
        }
        Value::Relationship(relationship) => {
            scope.environment.graph.check_entity(value)?;
            Some(&relationship.properties)
        }
        _ => None,
    })
}

#[inline(never)]
fn of_component(value: &Value, key: &str) -> Result<Value> {
    let has_components = match value {
        Value::Null => return Ok(Value::Null),
        Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_)
        | Value::Point(_) => true,
        _ => false,
    };
    if !has_components {
        return Err(CypherError::runtime(
            Kind::TypeError,
            Detail::PropertyAccessOnNonMap,
            format!("a {} has no properties", value.type_name()),
        ));
    }
    component(value, key)?.ok_or_else(|| {
        CypherError::runtime(
            Kind::ArgumentError,
            Detail::InvalidArgumentValue,
            format!("a {} has no component `{key}`", value.type_name()),
        )
    })
}

/// `of[index]`.
#[inline(never)]
pub(super) fn index<'a>(of: &'a Expression, index: &'a Expression, scope: Scope<'a>) -> Result<Cow<'a, Value>> {
    let (of, index) = (of.get(scope)?, index.get(scope)?);
    if of.is_null() || index.is_null() {
        return Ok(Cow::Borrowed(&NULL));
    }
    match (of, &*index) {
        (Cow::Borrowed(Value::List(list)), Value::Integer(place)) => {
            Ok(Cow::Borrowed(list.at(*place).unwrap_or(&NULL)))
        }
        (Cow::Owned(Value::List(list)), Value::Integer(place)) => {
            Ok(Cow::Owned(list.at(*place).cloned().unwrap_or(Value::Null)))
        }
        (of, Value::String(key)) if has_keys(&of) => property(of, key, scope),
        (of, index) => Err(no_index(&of, index)),
    }
}

const fn has_keys(value: &Value) -> bool {
    matches!(value, Value::Map(_) | Value::Node(_) | Value::Relationship(_))
}

fn no_index(of: &Value, index: &Value) -> CypherError {
    let (detail, message) = if matches!(of, Value::List(_)) {
        (Detail::ListElementAccessByNonInteger, format!("a list has places by number, not by {}", index.type_name()))
    } else if has_keys(of) {
        (Detail::MapElementAccessByNonString, format!("keys are strings, not of type {}", index.type_name()))
    } else {
        (Detail::InvalidArgumentType, format!("a {} has no elements", of.type_name()))
    };
    CypherError::runtime(Kind::TypeError, detail, message)
}

/// `of[from..to]`; null where one of them is.
pub(super) fn slice(
    of: &Expression,
    from: Option<&Expression>,
    to: Option<&Expression>,
    scope: Scope<'_>,
) -> Result<Value> {
    let of = of.get(scope)?;
    let bound = |bound: Option<&Expression>| bound.map(|bound| bound.value(scope)).transpose();
    let (from, to) = (bound(from)?, bound(to)?);
    if of.is_null() || from.iter().chain(&to).any(Value::is_null) {
        return Ok(Value::Null);
    }
    let Value::List(list) = &*of else { return Err(mismatch("a list", &of)) };
    let place = |bound: Option<Value>| match bound {
        None => Ok(None),
        Some(Value::Integer(place)) => Ok(Some(place)),
        Some(other) => Err(mismatch("an integer", &other)),
    };
    let (from, to) = (place(from)?, place(to)?);
    scope.meter().reserve(list.slice_bytes(from, to))?;
    list.slice(from, to).map(Value::List)
}

/// `of:A:B`.
pub(super) fn has_labels(of: &Value, labels: &Labels, scope: Scope<'_>) -> Result<Value> {
    match of {
        Value::Null => Ok(Value::Null),
        Value::Node(node) => {
            scope.environment.graph.check_entity(of)?;
            Ok(Value::Boolean(fits(labels, &node.labels)))
        }
        Value::Relationship(relationship) => Ok(Value::Boolean(fits(labels, std::slice::from_ref(&relationship.kind)))),
        other => Err(mismatch("a node or a relationship", other)),
    }
}

fn fits(labels: &Labels, of: &[Arc<str>]) -> bool {
    match labels {
        Labels::Name(name) => of.iter().any(|label| **label == **name),
        Labels::Any => !of.is_empty(),
        Labels::Not(labels) => !fits(labels, of),
        Labels::And(all) => all.iter().all(|labels| fits(labels, of)),
        Labels::Or(some) => some.iter().any(|labels| fits(labels, of)),
    }
}

/// `of {.*, .key, other: x}`.
pub(super) fn map_projection(of: &Expression, items: &[ProjectedItem], scope: Scope<'_>) -> Result<Value> {
    let of = of.get(scope)?;
    if of.is_null() {
        return Ok(Value::Null);
    }
    let Some(read) = entries(&of, scope)? else { return Err(mismatch("a map, a node or a relationship", &of)) };
    let mut projected: Vec<(Arc<str>, Value)> = Vec::new();
    for item in items {
        match item {
            ProjectedItem::All => projected.extend(read.entries().iter().cloned()),
            ProjectedItem::Property(key) => {
                projected.push((key.clone(), read.get(key).cloned().unwrap_or(Value::Null)));
            }
            ProjectedItem::Entry(key, value) => projected.push((key.clone(), value.value(scope)?)),
        }
    }
    Map::new(projected).map(Value::Map)
}
