//! Rows hold entities as they were read. When the query changes one, its rows are given it anew.

use std::sync::Arc;

use super::pipeline::Result;
use super::runtime::Cx;
use crate::value::{Map, Node, Path, Relationship, Step, Value};

/// Gives a row's entities as they are now.
pub(super) fn refresh(cx: Cx<'_, '_>, row: &mut [Value]) -> Result<()> {
    {
        let changed = cx.runtime.changed.borrow();
        if changed.nodes.is_empty() && changed.relationships.is_empty() {
            return Ok(());
        }
    }
    for value in row {
        if let Some(fresh) = fresh(cx, value)? {
            *value = fresh;
        }
    }
    Ok(())
}

/// The value with changed entities read again; `None` where it holds none.
fn fresh(cx: Cx<'_, '_>, value: &Value) -> Result<Option<Value>> {
    Ok(match value {
        Value::Node(node) => fresh_node(cx, node)?.map(Value::Node),
        Value::Relationship(relationship) => fresh_relationship(cx, relationship)?.map(Value::Relationship),
        Value::List(list) => {
            let mut values: Option<Vec<Value>> = None;
            for (at, value) in list.values().iter().enumerate() {
                if let Some(fresh) = fresh(cx, value)?
                    && let Some(place) = values.get_or_insert_with(|| list.values().to_vec()).get_mut(at)
                {
                    *place = fresh;
                }
            }
            values.map(Value::list).transpose()?
        }
        Value::Map(map) => {
            let mut entries: Option<Vec<(Arc<str>, Value)>> = None;
            for (at, (_, value)) in map.entries().iter().enumerate() {
                if let Some(fresh) = fresh(cx, value)?
                    && let Some((_, place)) = entries.get_or_insert_with(|| map.entries().to_vec()).get_mut(at)
                {
                    *place = fresh;
                }
            }
            entries.map(Map::new).transpose()?.map(Value::Map)
        }
        Value::Path(path) => fresh_path(cx, path)?.map(|path| Value::Path(Arc::new(path))),
        _ => None,
    })
}

fn fresh_path(cx: Cx<'_, '_>, path: &Path) -> Result<Option<Path>> {
    let mut changed = false;
    let start = fresh_node(cx, &path.start)?.inspect(|_| changed = true).unwrap_or_else(|| path.start.clone());
    let mut steps = Vec::with_capacity(path.steps.len());
    for step in &path.steps {
        let relationship = fresh_relationship(cx, &step.relationship)?.inspect(|_| changed = true);
        let node = fresh_node(cx, &step.node)?.inspect(|_| changed = true);
        steps.push(Step {
            relationship: relationship.unwrap_or_else(|| step.relationship.clone()),
            node: node.unwrap_or_else(|| step.node.clone()),
        });
    }
    Ok(changed.then_some(Path { start, steps }))
}

/// A changed node, read once after each change; `None` where it did not change, or is gone.
fn fresh_node(cx: Cx<'_, '_>, node: &Arc<Node>) -> Result<Option<Arc<Node>>> {
    let known = match cx.runtime.changed.borrow().nodes.get(&node.id) {
        None => return Ok(None),
        Some(known) => known.clone(),
    };
    if let Some(known) = known {
        return Ok((!Arc::ptr_eq(&known, node)).then_some(known));
    }
    let read = cx.runtime.read(|storage| storage.node(node.id))?;
    cx.runtime.changed.borrow_mut().nodes.insert(node.id, read.clone());
    Ok(read)
}

fn fresh_relationship(cx: Cx<'_, '_>, relationship: &Arc<Relationship>) -> Result<Option<Arc<Relationship>>> {
    let known = match cx.runtime.changed.borrow().relationships.get(&relationship.id) {
        None => return Ok(None),
        Some(known) => known.clone(),
    };
    if let Some(known) = known {
        return Ok((!Arc::ptr_eq(&known, relationship)).then_some(known));
    }
    let read = cx.runtime.read(|storage| storage.relationship(relationship.id))?;
    cx.runtime.changed.borrow_mut().relationships.insert(relationship.id, read.clone());
    Ok(read)
}
