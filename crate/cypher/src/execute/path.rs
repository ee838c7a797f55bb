//! Paths as values.

use std::collections::HashSet;

use super::batch::Batch;
use super::pipeline::{Batchwise, Result};
use super::runtime::{Cx, id_of, set, slot};
use super::variable::other_end;
use crate::function::Nodes;
use crate::ir::{PathMode, Slot};
use crate::plan::operator::{Path, Piece};
use crate::value::{self, Step, Value};
use std::sync::Arc;

pub(super) struct Paths<'p>(pub &'p Path);

impl Batchwise for Paths<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        for row in rows.rows_mut() {
            if let Some(path) = path(cx, row, self.0.start, &self.0.pieces)? {
                set(row, self.0.slot, Value::Path(Arc::new(path)));
            }
        }
        Ok(rows)
    }
}

/// The path that begins at a slot; `None` where a part of it is null.
pub(super) fn path(cx: Cx<'_, '_>, row: &[Value], start: Slot, pieces: &[Piece]) -> Result<Option<value::Path>> {
    let start = match slot(row, start) {
        Value::Node(node) => node.clone(),
        value => match id_of(value) {
            Some(id) => cx.runtime.node(id)?,
            None => return Ok(None),
        },
    };
    let mut path = value::Path { start, steps: Vec::new() };
    for piece in pieces {
        let (Piece::Relationships(from) | Piece::Trace(from)) = piece;
        match slot(row, *from) {
            Value::Null => return Ok(None),
            Value::List(list) => list.values().iter().try_for_each(|value| walk(cx, &mut path, value))?,
            value => walk(cx, &mut path, value)?,
        }
    }
    Ok(Some(path))
}

/// Appends a relationship and the node it leads to; a node that is named anyway says nothing new.
fn walk(cx: Cx<'_, '_>, path: &mut value::Path, value: &Value) -> Result<()> {
    let relationship = match value {
        Value::Relationship(relationship) => relationship.clone(),
        Value::Node(_) => return Ok(()),
        other => match id_of(other) {
            Some(id) => cx.whole_relationship(id)?,
            None => return Ok(()),
        },
    };
    let from = path.steps.last().map_or(path.start.id, |step| step.node.id);
    let node = cx.runtime.node(other_end(relationship.start, relationship.end, from))?;
    path.steps.push(Step { relationship, node });
    Ok(())
}

/// That no node comes twice along a path.
pub(super) struct DistinctNodes<'p> {
    pub path: &'p Path,
    pub mode: PathMode,
}

impl Batchwise for DistinctNodes<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        rows.retain(|row| {
            let Some(path) = path(cx, row, self.path.start, &self.path.pieces)? else { return Ok(true) };
            let mut ids: Vec<u64> = path.nodes().map(|node| node.id).collect();
            if self.mode == PathMode::Simple && ids.len() > 1 && ids.first() == ids.last() {
                ids.pop();
            }
            let count = ids.len();
            Ok(ids.into_iter().collect::<HashSet<_>>().len() == count)
        })?;
        Ok(rows)
    }
}
