//! CREATE, and what values may be properties.

use std::sync::Arc;

use super::batch::Batch;
use super::path::path;
use super::pipeline::{Batchwise, Result};
use super::runtime::{Cx, id_of, set, slot};
use super::scan::no_entity;
use crate::error::{CypherError, Detail, Kind};
use crate::evaluate::Expression;
use crate::plan::operator::{CreatePlan, Created, Target};
use crate::storage::NameKind;
use crate::value::Value;

pub(super) struct Creating<'p>(pub &'p CreatePlan);

impl Batchwise for Creating<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        for row in rows.rows_mut() {
            cx.proceed()?;
            create(cx, self.0, row)?;
        }
        Ok(rows)
    }
}

/// Creates for a row, and gives its slots what was created.
pub(super) fn create(cx: Cx<'_, '_>, plan: &CreatePlan, row: &mut [Value]) -> Result<()> {
    for element in &plan.elements {
        match element {
            Created::Node { node, labels, properties } => {
                let properties = created_properties(cx, properties.as_ref(), plan.merged, row)?;
                let labels = labels.iter().map(|label| cx.runtime.interned(*label)).collect::<Result<Vec<_>>>()?;
                let id = cx.runtime.write(|storage| storage.create_node(&labels, &properties))?;
                let mut effects = cx.runtime.effects.borrow_mut();
                effects.nodes_created += 1;
                effects.labels_added += labels.len() as u64;
                effects.properties_set += properties.len() as u64;
                drop(effects);
                set(row, node.slot, cx.node(*node, id)?);
            }
            Created::Relationship { relationship, source, target, kind, properties } => {
                let (source, target) = (end(cx, row, *source)?, end(cx, row, *target)?);
                let properties = created_properties(cx, properties.as_ref(), plan.merged, row)?;
                let kind = cx.runtime.interned(*kind)?;
                let id = cx.runtime.write(|storage| storage.create_relationship(kind, source, target, &properties))?;
                let mut effects = cx.runtime.effects.borrow_mut();
                effects.relationships_created += 1;
                effects.properties_set += properties.len() as u64;
                drop(effects);
                set(row, relationship.slot, cx.relationship(*relationship, id)?);
            }
        }
    }
    for made in &plan.paths {
        if let Some(path) = path(cx, row, made.start, &made.pieces)? {
            set(row, made.slot, Value::Path(Arc::new(path)));
        }
    }
    Ok(())
}

/// The node that a relationship is created at.
fn end(cx: Cx<'_, '_>, row: &[Value], of: Target) -> Result<u64> {
    let value = slot(row, of.slot);
    match value {
        Value::Integer(_) if of.whole => Err(no_entity("a node", value)),
        Value::Node(_) | Value::Integer(_) => {
            crate::evaluate::Graph::check_entity(cx.runtime, value)?;
            id_of(value).ok_or_else(|| no_entity("a node", value))
        }
        Value::Null => {
            let message = "a relationship is created between two nodes, and one of them is null";
            Err(CypherError::runtime(Kind::SemanticError, Detail::InvalidArgumentValue, message))
        }
        other => Err(no_entity("a node", other)),
    }
}

fn created_properties(
    cx: Cx<'_, '_>,
    properties: Option<&Expression>,
    merged: bool,
    row: &[Value],
) -> Result<Vec<(u32, Value)>> {
    let Some(properties) = properties else { return Ok(Vec::new()) };
    let value = cx.value(properties, row)?;
    numbered(cx, &value, merged).map_err(|error| properties.placed(error))
}

/// Properties by the numbers of their keys, without nulls.
fn numbered(cx: Cx<'_, '_>, value: &Value, merged: bool) -> Result<Vec<(u32, Value)>> {
    let map = match value {
        Value::Map(map) => map,
        Value::Null => return Ok(Vec::new()),
        other => return Err(no_entity("a map of properties", other)),
    };
    if merged && let Some((key, _)) = map.entries().iter().find(|(_, value)| value.is_null()) {
        let message = format!("MERGE cannot look for `{key}` that is null");
        return Err(CypherError::runtime(Kind::SemanticError, Detail::MergeReadOwnWrites, message));
    }
    let mut properties = Vec::with_capacity(map.len());
    for (key, value) in map.entries().iter().filter(|(_, value)| !value.is_null()) {
        check_property(key, value)?;
        properties.push((key_number(cx, key)?, value.clone()));
    }
    Ok(properties)
}

pub(super) fn key_number(cx: Cx<'_, '_>, key: &str) -> Result<u32> {
    match cx.runtime.read(|storage| storage.number(NameKind::Key, key))? {
        Some(number) => Ok(number),
        None => cx.runtime.write(|storage| storage.intern(NameKind::Key, key)),
    }
}

/// Scalars can be properties, bytes and vectors included, and lists of them.
pub(super) fn check_property(key: &str, value: &Value) -> Result<()> {
    let scalar = |value: &Value| {
        !matches!(
            value,
            Value::Null | Value::List(_) | Value::Map(_) | Value::Node(_) | Value::Relationship(_) | Value::Path(_)
        )
    };
    let fits = match value {
        Value::Null => true,
        Value::List(list) => list.values().iter().all(scalar),
        other => scalar(other),
    };
    if fits {
        return Ok(());
    }
    let message = format!("`{key}` cannot hold a {}: a property is a scalar, or a list of scalars", value.type_name());
    Err(CypherError::runtime(Kind::TypeError, Detail::InvalidPropertyType, message))
}
