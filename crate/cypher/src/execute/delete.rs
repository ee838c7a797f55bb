//! DELETE: what all rows name goes at once, relationships before nodes.

use std::collections::VecDeque;

use super::batch::Batch;
use super::pipeline::{Gathering, Result};
use super::refresh::refresh;
use super::runtime::{Cx, ENTITY_BYTES};
use super::scan::no_entity;
use crate::error::{CypherError, Detail, Kind};
use crate::evaluate::Expression;
use crate::storage::Direction;
use crate::value::Value;

pub(super) struct Deleting<'p> {
    values: &'p [Expression],
    detach: bool,
    /// Whether nothing takes the rows.
    last: bool,
    nodes: Vec<u64>,
    relationships: Vec<u64>,
    batches: VecDeque<Batch>,
}

impl<'p> Deleting<'p> {
    pub const fn new(values: &'p [Expression], detach: bool, last: bool) -> Self {
        Self { values, detach, last, nodes: Vec::new(), relationships: Vec::new(), batches: VecDeque::new() }
    }

    fn note(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Null => {}
            Value::Node(node) => self.nodes.push(node.id),
            Value::Relationship(relationship) => self.relationships.push(relationship.id),
            Value::Path(path) => {
                self.nodes.extend(path.nodes().map(|node| node.id));
                self.relationships.extend(path.relationships().map(|relationship| relationship.id));
            }
            other => return Err(no_entity("a node, a relationship or a path", other)),
        }
        Ok(())
    }

    fn delete_relationship(cx: Cx<'_, '_>, id: u64) -> Result<()> {
        if cx.runtime.deleted.borrow_mut().relationships.insert(id) {
            cx.runtime.write(|storage| storage.delete_relationship(id))?;
            cx.runtime.effects.borrow_mut().relationships_deleted += 1;
            cx.runtime.hold(ENTITY_BYTES)?;
        }
        Ok(())
    }

    fn delete_node(&self, cx: Cx<'_, '_>, id: u64) -> Result<()> {
        if cx.runtime.deleted.borrow().nodes.contains(&id) {
            return Ok(());
        }
        if self.detach {
            let mut edges = Vec::new();
            cx.runtime.read(|storage| storage.edges(id, Direction::Both, None, &mut edges))?;
            edges.into_iter().try_for_each(|edge| Self::delete_relationship(cx, edge.id))?;
        } else if cx.runtime.read(|storage| storage.degree(id, Direction::Both, None))? > 0 {
            let message =
                "a node that still has relationships cannot be deleted; use DETACH DELETE, or delete them first";
            return Err(CypherError::runtime(Kind::ConstraintVerificationFailed, Detail::DeleteConnectedNode, message));
        }
        cx.runtime.write(|storage| storage.delete_node(id))?;
        cx.runtime.deleted.borrow_mut().nodes.insert(id);
        cx.runtime.effects.borrow_mut().nodes_deleted += 1;
        cx.runtime.hold(ENTITY_BYTES)
    }
}

impl Gathering for Deleting<'_> {
    fn take(&mut self, cx: Cx<'_, '_>, rows: Batch) -> Result<()> {
        for row in rows.rows() {
            cx.proceed()?;
            for value in self.values {
                let given = cx.value(value, row)?;
                self.note(&given).map_err(|error| value.placed(error))?;
            }
        }
        if !self.last {
            cx.runtime.hold(rows.bytes())?;
            self.batches.push_back(rows);
        }
        Ok(())
    }

    fn finish(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        for id in std::mem::take(&mut self.relationships) {
            cx.proceed()?;
            Self::delete_relationship(cx, id)?;
        }
        for id in std::mem::take(&mut self.nodes) {
            cx.proceed()?;
            self.delete_node(cx, id)?;
        }
        Ok(())
    }

    fn result(&mut self, cx: Cx<'_, '_>) -> Result<Batch> {
        let mut rows = self.batches.pop_front().unwrap_or_default();
        cx.runtime.release(rows.bytes());
        for row in rows.rows_mut() {
            refresh(cx, row)?;
        }
        Ok(rows)
    }

    fn reset(&mut self, _: Cx<'_, '_>, _: &[Value]) {
        self.nodes.clear();
        self.relationships.clear();
        self.batches.clear();
    }
}
