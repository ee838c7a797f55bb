//! SET and REMOVE.

use super::batch::Batch;
use super::create::{check_property, key_number};
use super::pipeline::{Batchwise, Result};
use super::refresh::refresh;
use super::runtime::{Cx, ENTITY_BYTES, gone_error, slot};
use super::scan::no_entity;
use crate::plan::operator::{Name, SetPlan};
use crate::storage::Entity;
use crate::value::{Map, Value};

pub(super) struct Setting<'p>(pub &'p [SetPlan]);

impl Batchwise for Setting<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        for row in rows.rows_mut() {
            cx.proceed()?;
            apply(cx, self.0, row)?;
        }
        Ok(rows)
    }
}

/// Changes for a row, one after the other; the row is given what became of its entities.
pub(super) fn apply(cx: Cx<'_, '_>, items: &[SetPlan], row: &mut [Value]) -> Result<()> {
    for item in items {
        refresh(cx, row)?;
        match item {
            SetPlan::Property { target, key, value } => {
                let of = cx.value(target, row)?;
                let given = cx.value(value, row)?;
                let Some(entity) = entity(cx, &of).map_err(|error| target.placed(error))? else { continue };
                let key_number = cx.runtime.interned(*key)?;
                set_property(cx, entity, key_number, name_of(cx, *key), &given).map_err(|error| value.placed(error))?;
            }
            SetPlan::RemoveProperty { target, key } => {
                let of = cx.value(target, row)?;
                let Some(entity) = entity(cx, &of).map_err(|error| target.placed(error))? else { continue };
                if let Some(key) = cx.runtime.number(*key)? {
                    set_property(cx, entity, key, "", &Value::Null)?;
                }
            }
            SetPlan::Properties { target, value, replace } => {
                let given = cx.value(value, row)?;
                set_properties(cx, slot(row, *target), &given, *replace).map_err(|error| value.placed(error))?;
            }
            SetPlan::Labels { target, labels } => set_labels(cx, slot(row, *target), labels, true)?,
            SetPlan::RemoveLabels { target, labels } => set_labels(cx, slot(row, *target), labels, false)?,
        }
    }
    refresh(cx, row)
}

fn name_of<'a>(cx: Cx<'a, '_>, name: Name) -> &'a str {
    cx.runtime.name(name)
}

/// The entity that is changed; `None` for null.
fn entity(cx: Cx<'_, '_>, value: &Value) -> Result<Option<Entity>> {
    let deleted = cx.runtime.deleted.borrow();
    match value {
        Value::Null => Ok(None),
        Value::Node(node) if deleted.nodes.contains(&node.id) => Err(gone_error()),
        Value::Relationship(relationship) if deleted.relationships.contains(&relationship.id) => Err(gone_error()),
        Value::Node(node) => Ok(Some(Entity::Node(node.id))),
        Value::Relationship(relationship) => Ok(Some(Entity::Relationship(relationship.id))),
        other => Err(no_entity("a node or a relationship", other)),
    }
}

fn set_property(cx: Cx<'_, '_>, entity: Entity, key: u32, name: &str, value: &Value) -> Result<()> {
    check_property(name, value)?;
    let was = cx.runtime.write(|storage| storage.set_property(entity, key, value))?;
    if was || !value.is_null() {
        let mut effects = cx.runtime.effects.borrow_mut();
        let counter = if value.is_null() { &mut effects.properties_removed } else { &mut effects.properties_set };
        *counter += 1;
    }
    changed(cx, entity)
}

/// Rows that hold the entity are to be given it anew.
fn changed(cx: Cx<'_, '_>, entity: Entity) -> Result<()> {
    let mut changed = cx.runtime.changed.borrow_mut();
    let known = match entity {
        Entity::Node(id) => changed.nodes.insert(id, None).is_some(),
        Entity::Relationship(id) => changed.relationships.insert(id, None).is_some(),
    };
    if known { Ok(()) } else { cx.runtime.hold(ENTITY_BYTES) }
}

fn set_properties(cx: Cx<'_, '_>, target: &Value, value: &Value, replace: bool) -> Result<()> {
    let Some(entity) = entity(cx, target)? else { return Ok(()) };
    let map = match value {
        Value::Map(map) => map.clone(),
        Value::Node(node) => node.properties.clone(),
        Value::Relationship(relationship) => relationship.properties.clone(),
        Value::Null => Map::empty(),
        other => return Err(no_entity("a map of properties", other)),
    };
    if replace {
        for (key, _) in properties(target).entries().iter().filter(|(key, _)| map.get(key).is_none()) {
            set_property(cx, entity, key_number(cx, key)?, key, &Value::Null)?;
        }
    }
    for (key, value) in map.entries() {
        set_property(cx, entity, key_number(cx, key)?, key, value)?;
    }
    Ok(())
}

fn properties(of: &Value) -> Map {
    match of {
        Value::Node(node) => node.properties.clone(),
        Value::Relationship(relationship) => relationship.properties.clone(),
        _ => Map::empty(),
    }
}

fn set_labels(cx: Cx<'_, '_>, target: &Value, labels: &[Name], add: bool) -> Result<()> {
    let Some(entity) = entity(cx, target)? else { return Ok(()) };
    let Entity::Node(node) = entity else { return Err(no_entity("a node", target)) };
    for label in labels {
        if add {
            let label = cx.runtime.interned(*label)?;
            let new = cx.runtime.write(|storage| storage.add_label(node, label))?;
            cx.runtime.effects.borrow_mut().labels_added += u64::from(new);
        } else if let Some(label) = cx.runtime.number(*label)? {
            let was = cx.runtime.write(|storage| storage.remove_label(node, label))?;
            cx.runtime.effects.borrow_mut().labels_removed += u64::from(was);
        }
    }
    changed(cx, entity)
}
