//! Relationships in a row, depth first.

use super::batch::Batch;
use super::expand::{arrive, arrives, is_used};
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use crate::evaluate::Expression;
use crate::ir::{PathMode, Slot};
use crate::plan::operator::{Target, Variable};
use crate::storage::Edge;
use crate::value::Value;

/// The relationships of one node on the way, and how many of them were tried.
struct Level {
    edges: Vec<Edge>,
    at: usize,
}

pub(super) struct Walking<'p> {
    plan: &'p Variable,
    kinds: Option<Vec<u32>>,
    /// The nodes of the way, the first included.
    nodes: Vec<u64>,
    /// The relationships of the way.
    taken: Vec<u64>,
    levels: Vec<Level>,
    spare: Vec<Vec<Edge>>,
    /// Whether the way as it is waits to be given.
    fresh: bool,
    scratch: Vec<Value>,
}

impl<'p> Walking<'p> {
    pub const fn new(plan: &'p Variable) -> Self {
        Self {
            plan,
            kinds: None,
            nodes: Vec::new(),
            taken: Vec::new(),
            levels: Vec::new(),
            spare: Vec::new(),
            fresh: false,
            scratch: Vec::new(),
        }
    }

    /// Looks at the relationships of the node the way has come to.
    fn open(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        let mut edges = self.spare.pop().unwrap_or_default();
        edges.clear();
        let may_go_on = self.plan.max.is_none_or(|max| (self.taken.len() as u64) < max);
        if let (true, Some(&node)) = (may_go_on && !self.is_closed(), self.nodes.last()) {
            let kinds = self.kinds.as_deref();
            cx.runtime.read(|storage| storage.edges(node, self.plan.direction, kinds, &mut edges))?;
        }
        self.levels.push(Level { edges, at: 0 });
        Ok(())
    }

    /// Whether a simple path has come back to where it began.
    fn is_closed(&self) -> bool {
        self.plan.mode == PathMode::Simple && self.nodes.len() > 1 && self.nodes.first() == self.nodes.last()
    }

    /// Whether an edge may follow.
    fn admits(&mut self, cx: Cx<'_, '_>, row: &[Value], edge: Edge) -> Result<bool> {
        let repeats = match self.plan.mode {
            PathMode::Walk => false,
            PathMode::Trail => self.taken.contains(&edge.id),
            PathMode::Acyclic => self.nodes.contains(&edge.node),
            PathMode::Simple => self.nodes.get(1..).is_some_and(|nodes| nodes.contains(&edge.node)),
        };
        if repeats || self.taken.contains(&edge.id) && self.plan.mode != PathMode::Walk {
            return Ok(false);
        }
        if is_used(edge.id, row, &self.plan.unique) {
            return Ok(false);
        }
        fits_each(cx, self.plan, row, edge, &mut self.scratch)
    }

    fn emit(&self, cx: Cx<'_, '_>, row: &[Value], out: &mut Batch) -> Result<()> {
        let plan = self.plan;
        let (Some(&last), true) = (self.nodes.last(), self.taken.len() as u64 >= plan.min) else { return Ok(()) };
        if !arrives(cx, &plan.to, row, last)? {
            return Ok(());
        }
        let list = relationship_list(cx, plan.relationships, &self.taken, plan.reversed)?;
        let made = out.push(row);
        set(made, plan.relationships.slot, list);
        arrive(cx, &plan.to, made, last)
    }
}

/// The list that a slot of relationships in a row holds, from the beginning of the pattern.
pub(super) fn relationship_list(cx: Cx<'_, '_>, target: Target, taken: &[u64], reversed: bool) -> Result<Value> {
    let relationship = |id: &u64| cx.relationship(target, *id);
    let values: Result<Vec<_>> = if reversed {
        taken.iter().rev().map(relationship).collect()
    } else {
        taken.iter().map(relationship).collect()
    };
    Value::list(values?)
}

/// Whether an edge has the type and fulfils the predicates of each.
pub(super) fn fits_each(
    cx: Cx<'_, '_>,
    plan: &Variable,
    row: &[Value],
    edge: Edge,
    scratch: &mut Vec<Value>,
) -> Result<bool> {
    if !cx.fits_type(edge.kind, plan.types.test.as_ref())? {
        return Ok(false);
    }
    if plan.each.is_empty() {
        return Ok(true);
    }
    scratch.clear();
    scratch.extend_from_slice(row);
    all_true(cx, &plan.each, Value::Relationship(cx.whole_relationship(edge.id)?), scratch)
}

/// Whether predicates are true of a value, which each is given in a slot of its own.
pub(super) fn all_true(
    cx: Cx<'_, '_>,
    predicates: &[(Slot, Expression)],
    of: Value,
    scratch: &mut [Value],
) -> Result<bool> {
    for (slot, predicate) in predicates {
        set(scratch, *slot, of.clone());
        if !predicate.is_true(cx.scope(scratch))? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Rowwise for Walking<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        while let Some(level) = self.levels.pop() {
            self.spare.push(level.edges);
        }
        self.nodes.clear();
        self.taken.clear();
        self.fresh = false;
        let Some(node) = id_of(slot(row, self.plan.from)) else { return Ok(()) };
        self.kinds = cx.kinds(&self.plan.types)?;
        self.nodes.push(node);
        self.fresh = true;
        self.open(cx)
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            if std::mem::take(&mut self.fresh) {
                self.emit(cx, row, out)?;
                continue;
            }
            let Some(level) = self.levels.last_mut() else { return Ok(true) };
            let Some(edge) = level.edges.get(level.at).copied() else {
                if let Some(level) = self.levels.pop() {
                    self.spare.push(level.edges);
                }
                self.nodes.pop();
                self.taken.pop();
                continue;
            };
            level.at += 1;
            cx.proceed()?;
            if !self.admits(cx, row, edge)? {
                continue;
            }
            self.nodes.push(edge.node);
            self.taken.push(edge.id);
            self.fresh = true;
            self.open(cx)?;
        }
        Ok(false)
    }
}

/// The node at the other end of a relationship that is walked from a node.
pub(super) const fn other_end(start: u64, end: u64, from: u64) -> u64 {
    if start == from { end } else { start }
}
