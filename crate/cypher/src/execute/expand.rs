//! One relationship further, and the ends of relationships that are known.

use super::batch::Batch;
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use super::scan::no_entity;
use crate::ir::{Direction, Slot};
use crate::plan::operator::{End, Expand, Known};
use crate::storage::Edge;
use crate::value::Value;

/// Whether a relationship stands for one of these slots.
pub(super) fn is_used(id: u64, row: &[Value], slots: &[Slot]) -> bool {
    slots.iter().any(|other| holds(slot(row, *other), id))
}

fn holds(value: &Value, id: u64) -> bool {
    match value {
        Value::List(list) => list.values().iter().any(|value| holds(value, id)),
        Value::Node(_) => false,
        value => id_of(value) == Some(id),
    }
}

/// Whether a node is one that an end may be.
pub(super) fn arrives(cx: Cx<'_, '_>, end: &End, row: &[Value], node: u64) -> Result<bool> {
    if end.solved { Ok(id_of(slot(row, end.node.slot)) == Some(node)) } else { cx.fits(node, end.labels.as_ref()) }
}

/// Gives an end its node, where it is not known before.
pub(super) fn arrive(cx: Cx<'_, '_>, end: &End, row: &mut [Value], node: u64) -> Result<()> {
    if !end.solved {
        set(row, end.node.slot, cx.node(end.node, node)?);
    }
    Ok(())
}

pub(super) struct Expanding<'p> {
    plan: &'p Expand,
    edges: Vec<Edge>,
    at: usize,
}

impl<'p> Expanding<'p> {
    pub const fn new(plan: &'p Expand) -> Self {
        Self { plan, edges: Vec::new(), at: 0 }
    }
}

/// Finds the relationships of an expansion, of which not all need fit.
pub(super) fn look(cx: Cx<'_, '_>, plan: &Expand, row: &[Value], edges: &mut Vec<Edge>) -> Result<()> {
    edges.clear();
    let Some(mut node) = id_of(slot(row, plan.from)) else { return Ok(()) };
    let mut direction = plan.direction;
    let kinds = cx.kinds(&plan.types)?;
    let kinds = kinds.as_deref();
    if !plan.to.solved {
        return cx.runtime.read(|storage| storage.edges(node, direction, kinds, edges));
    }
    // From the end with fewer relationships; which one, an edge tells either way.
    let Some(other) = id_of(slot(row, plan.to.node.slot)) else { return Ok(()) };
    let turned = crate::plan::turned(direction);
    let (here, there) = cx
        .runtime
        .read(|storage| Ok((storage.degree(node, direction, kinds)?, storage.degree(other, turned, kinds)?)))?;
    let target = if there < here {
        direction = turned;
        std::mem::replace(&mut node, other)
    } else {
        other
    };
    cx.runtime.read(|storage| storage.edges(node, direction, kinds, edges))?;
    edges.retain(|edge| edge.node == target);
    Ok(())
}

/// Whether a relationship that was found fits, and the node it leads to.
pub(super) fn fits(cx: Cx<'_, '_>, plan: &Expand, row: &[Value], edge: Edge) -> Result<bool> {
    cx.proceed()?;
    Ok(!is_used(edge.id, row, &plan.unique)
        && cx.fits_type(edge.kind, plan.types.test.as_ref())?
        && (plan.to.solved || cx.fits(edge.node, plan.to.labels.as_ref())?))
}

impl Rowwise for Expanding<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.at = 0;
        look(cx, self.plan, row, &mut self.edges)
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        let plan = self.plan;
        while out.len() < most {
            let Some(edge) = self.edges.get(self.at).copied() else { return Ok(true) };
            self.at += 1;
            if !fits(cx, plan, row, edge)? {
                continue;
            }
            let relationship = cx.relationship(plan.relationship, edge.id)?;
            let made = out.push(row);
            set(made, plan.relationship.slot, relationship);
            arrive(cx, &plan.to, made, edge.node)?;
        }
        Ok(false)
    }
}

/// From relationships to their ends.
pub(super) struct Ends<'p> {
    plan: &'p Known,
    /// Pairs of a first and a last node.
    ends: Vec<(u64, u64)>,
    at: usize,
}

impl<'p> Ends<'p> {
    pub const fn new(plan: &'p Known) -> Self {
        Self { plan, ends: Vec::new(), at: 0 }
    }

    /// The ways through a list of relationships, one after the other.
    fn walk(&mut self, cx: Cx<'_, '_>, row: &[Value], values: &[Value]) -> Result<()> {
        let mut walks: Vec<(u64, u64)> = Vec::new();
        let mut seen: Vec<u64> = Vec::with_capacity(values.len());
        for (at, value) in values.iter().enumerate() {
            let Some(id) = relationship_id(value, self.plan.relationship.whole)? else { return Ok(()) };
            if is_used(id, row, &self.plan.unique) || seen.contains(&id) {
                return Ok(());
            }
            seen.push(id);
            let Some(found) = cx.runtime.read(|storage| storage.relationship(id))? else { return Ok(()) };
            if !self.has_type(cx, &found.kind)? {
                return Ok(());
            }
            let mut ways = Vec::new();
            if self.plan.direction != Direction::In {
                ways.push((found.start, found.end));
            }
            if self.plan.direction != Direction::Out
                && (self.plan.direction == Direction::In || found.start != found.end)
            {
                ways.push((found.end, found.start));
            }
            walks = if at == 0 {
                ways
            } else {
                let next = |(first, last): &(u64, u64)| {
                    let (first, last) = (*first, *last);
                    ways.iter().filter(move |(from, _)| *from == last).map(move |(_, to)| (first, *to))
                };
                walks.iter().flat_map(next).collect()
            };
        }
        self.ends = walks;
        Ok(())
    }

    fn has_type(&self, cx: Cx<'_, '_>, kind: &str) -> Result<bool> {
        let number = cx.runtime.read(|storage| storage.number(crate::storage::NameKind::Type, kind))?;
        let Some(number) = number else { return Ok(false) };
        let kinds = cx.kinds(&self.plan.types)?;
        Ok(kinds.is_none_or(|kinds| kinds.contains(&number)) && cx.fits_type(number, self.plan.types.test.as_ref())?)
    }

    /// No relationship leads from where it begins to there.
    fn stay(&mut self, row: &[Value]) {
        let (from, to) = (&self.plan.from, &self.plan.to);
        let known = if from.solved { slot(row, from.node.slot) } else { slot(row, to.node.slot) };
        if let Some(node) = id_of(known).filter(|_| from.solved || to.solved) {
            self.ends.push((node, node));
        }
    }
}

impl Rowwise for Ends<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.ends.clear();
        self.at = 0;
        match (slot(row, self.plan.relationship.slot), self.plan.length) {
            (Value::Null, _) => Ok(()),
            (Value::List(list), Some((min, max))) => {
                let count = list.len() as u64;
                if count < min || max.is_some_and(|max| count > max) {
                    return Ok(());
                }
                if list.is_empty() {
                    self.stay(row);
                }
                self.walk(cx, row, list.values())
            }
            (other, Some(_)) => Err(no_entity("a list of relationships", other)),
            (value, None) => self.walk(cx, row, std::slice::from_ref(value)),
        }
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        let (from, to) = (&self.plan.from, &self.plan.to);
        while out.len() < most {
            let Some((first, last)) = self.ends.get(self.at).copied() else { return Ok(true) };
            self.at += 1;
            if !arrives(cx, from, row, first)? || !arrives(cx, to, row, last)? {
                continue;
            }
            if from.node.slot == to.node.slot && first != last {
                continue;
            }
            let made = out.push(row);
            arrive(cx, from, made, first)?;
            arrive(cx, to, made, last)?;
        }
        Ok(false)
    }
}

fn relationship_id(value: &Value, whole: bool) -> Result<Option<u64>> {
    match value {
        Value::Null => Ok(None),
        Value::Relationship(_) => Ok(id_of(value)),
        Value::Integer(_) if !whole => Ok(id_of(value)),
        other => Err(no_entity("a relationship", other)),
    }
}
