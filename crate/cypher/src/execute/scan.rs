//! Nodes: all, of a label, or of an index; and whether what is known is a node.

use super::batch::Batch;
use super::pipeline::{Batchwise, Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use super::seek::Finder;
use crate::error::{CypherError, Detail, Kind};
use crate::ir::Slot;
use crate::plan::EntityKind;
use crate::plan::operator::{LabelTest, Name, Scan};
use crate::storage::Entity;
use crate::value::Value;

pub(super) struct Scanning<'p> {
    plan: &'p Scan,
    finder: Finder<'p>,
    ids: Vec<u64>,
    at: usize,
}

impl<'p> Scanning<'p> {
    pub fn new(plan: &'p Scan) -> Self {
        Self { plan, finder: Finder::new(&plan.source), ids: Vec::new(), at: 0 }
    }
}

impl Rowwise for Scanning<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.reset(cx);
        self.finder.begin(cx, row)
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            let Some(&id) = self.ids.get(self.at) else {
                self.ids.clear();
                self.at = 0;
                if !self.finder.fill(cx, row, most, &mut self.ids)? && self.ids.is_empty() {
                    return Ok(true);
                }
                continue;
            };
            self.at += 1;
            cx.proceed()?;
            if cx.fits(id, self.plan.labels.as_ref())? {
                let node = cx.node(self.plan.node, id)?;
                set(out.push(row), self.plan.node.slot, node);
            }
        }
        Ok(false)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.finder.end(cx);
        self.ids.clear();
        self.at = 0;
    }
}

/// That a slot holds a node.
pub(super) struct Checking<'p> {
    pub slot: Slot,
    pub labels: Option<&'p LabelTest>,
    pub raw: bool,
}

impl Batchwise for Checking<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        rows.retain(|row| {
            let id = match slot(row, self.slot) {
                Value::Null => return Ok(false),
                value @ Value::Node(_) => id_of(value),
                value @ Value::Integer(_) if self.raw => id_of(value),
                other => return Err(no_entity("a node", other)),
            };
            id.map_or(Ok(false), |id| cx.fits(id, self.labels))
        })?;
        Ok(rows)
    }
}

/// Properties of what a slot holds the id of.
pub(super) struct Reading<'p> {
    pub of: Slot,
    pub kind: EntityKind,
    pub keys: &'p [(Name, Slot)],
}

impl Batchwise for Reading<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        let (mut numbers, mut slots) = (Vec::with_capacity(self.keys.len()), Vec::with_capacity(self.keys.len()));
        for (name, slot) in self.keys {
            if let Some(number) = cx.runtime.number(*name)? {
                numbers.push(number);
                slots.push(*slot);
            }
        }
        match self.kind {
            EntityKind::Node => self.read_nodes(cx, &mut rows, &numbers, &slots)?,
            EntityKind::Relationship => self.read_relationships(cx, &mut rows, &numbers, &slots)?,
        }
        Ok(rows)
    }
}

impl Reading<'_> {
    fn read_nodes(&self, cx: Cx<'_, '_>, rows: &mut Batch, numbers: &[u32], slots: &[Slot]) -> Result<()> {
        let ids: Vec<u64> = rows.rows().filter_map(|row| id_of(slot(row, self.of))).collect();
        let mut values = Vec::with_capacity(ids.len().saturating_mul(slots.len()));
        cx.runtime.read(|storage| storage.properties_of_nodes(&ids, numbers, &mut values))?;
        let mut values = values.into_iter();
        for row in rows.rows_mut() {
            if id_of(slot(row, self.of)).is_none() {
                continue;
            }
            for slot in slots {
                set(row, *slot, values.next().unwrap_or(Value::Null));
            }
        }
        Ok(())
    }

    fn read_relationships(&self, cx: Cx<'_, '_>, rows: &mut Batch, numbers: &[u32], slots: &[Slot]) -> Result<()> {
        let mut values = Vec::with_capacity(slots.len());
        for row in rows.rows_mut() {
            let Some(id) = id_of(slot(row, self.of)) else { continue };
            cx.runtime.read(|storage| storage.properties(Entity::Relationship(id), numbers, &mut values))?;
            for (slot, value) in slots.iter().zip(values.drain(..)) {
                set(row, *slot, value);
            }
        }
        Ok(())
    }
}

pub(super) fn no_entity(wanted: &str, value: &Value) -> CypherError {
    let message = format!("{wanted} is needed here, not a {}", value.type_name());
    CypherError::runtime(Kind::TypeError, Detail::InvalidArgumentType, message)
}
