//! The shortest ways between nodes, by breadth.
//!
//! Where one length is enough, each node is entered at its least distance alone, with every relationship that leads
//! there: the ways are read back from that. Between two nodes that are known, both sides are widened, the smaller one
//! first, until they meet. Otherwise the ways themselves are made longer, one step at a time.
//!
//! What is asked of every relationship and node is asked where a way would take it. What is asked of whole ways is asked
//! in the order of their lengths, until enough of them fit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::batch::Batch;
use super::expand::{arrive, arrives, is_used};
use super::path::path;
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use super::select::{Chosen, wanted};
use super::variable::{all_true, fits_each, relationship_list};
use crate::function::Nodes;
use crate::ir::{CompareOp, Direction, PathMode};
use crate::plan::operator::{self, Variable};
use crate::storage::Edge;
use crate::value::Value;

/// How a node was reached at its least distance.
struct Reach {
    depth: u64,
    parents: Vec<(u64, u64)>,
}

/// What was reached from one node.
struct Side {
    reached: HashMap<u64, Reach>,
    /// In the order they were reached.
    order: Vec<u64>,
    /// Where the last level begins.
    begin: usize,
    depth: u64,
    direction: Direction,
}

impl Side {
    fn new(from: u64, direction: Direction) -> Self {
        let reached = HashMap::from([(from, Reach { depth: 0, parents: Vec::new() })]);
        Self { reached, order: vec![from], begin: 0, depth: 0, direction }
    }

    fn level(&self) -> &[u64] {
        self.order.get(self.begin..).unwrap_or_default()
    }

    /// The ways from a node back to where the side began, or one of them, as relationships; `held` counts their bytes.
    fn ways(&self, cx: Cx<'_, '_>, end: u64, every: bool, held: &mut usize) -> Result<Vec<Vec<u64>>> {
        let mut ways = Vec::new();
        let mut waiting: Vec<(u64, Vec<u64>)> = vec![(end, Vec::new())];
        while let Some((node, way)) = waiting.pop() {
            cx.proceed()?;
            let parents = self.reached.get(&node).map(|reach| reach.parents.as_slice()).unwrap_or_default();
            if parents.is_empty() {
                ways.push(way);
                continue;
            }
            for (parent, edge) in parents.iter().take(if every { usize::MAX } else { 1 }) {
                let mut longer = way.clone();
                longer.push(*edge);
                hold_way(cx, &longer, held)?;
                waiting.push((*parent, longer));
            }
        }
        Ok(ways)
    }

    fn release(&self, cx: Cx<'_, '_>) {
        cx.runtime.release(self.order.len().saturating_sub(1).saturating_mul(size_of::<Reach>()));
    }
}

/// Counts the bytes of a way.
fn hold_way(cx: Cx<'_, '_>, way: &[u64], held: &mut usize) -> Result<()> {
    let bytes = size_of::<(u64, Vec<u64>)>().saturating_add(size_of_val(way));
    *held = held.saturating_add(bytes);
    cx.runtime.hold(bytes)
}

/// A way, as the step behind another one.
struct Way {
    before: Option<usize>,
    edge: u64,
    node: u64,
    depth: u64,
}

pub(super) struct Shortest<'p> {
    plan: &'p operator::Shortest,
    /// The ways found: where each leads, and its relationships.
    found: Vec<(u64, Vec<u64>)>,
    /// How many relationships a way of the row at hand has.
    lengths: (u64, Option<u64>),
    held: usize,
    at: usize,
    edges: Vec<Edge>,
    scratch: Vec<Value>,
}

impl<'p> Shortest<'p> {
    pub const fn new(plan: &'p operator::Shortest) -> Self {
        let lengths = (plan.walk.min, plan.walk.max);
        Self { plan, found: Vec::new(), lengths, held: 0, at: 0, edges: Vec::new(), scratch: Vec::new() }
    }

    fn clear(&mut self, cx: Cx<'_, '_>) {
        self.found.clear();
        cx.runtime.release(std::mem::take(&mut self.held));
        self.at = 0;
    }

    /// The least and the greatest length by the row; `None` where no way has one.
    fn lengths(&self, cx: Cx<'_, '_>, row: &[Value]) -> Result<Option<(u64, Option<u64>)>> {
        let (mut min, mut max) = (i128::from(self.plan.walk.min), self.plan.walk.max.map(i128::from));
        for (op, than) in &self.plan.among.lengths {
            let (floor, ceil) = match cx.value(than, row)? {
                Value::Integer(than) => (i128::from(than), i128::from(than)),
                Value::Float(than) if !than.is_nan() => (than.floor() as i128, than.ceil() as i128),
                _ => return Ok(None),
            };
            let (least, most) = match op {
                CompareOp::Less => (None, Some(ceil.saturating_sub(1))),
                CompareOp::LessEqual => (None, Some(floor)),
                CompareOp::Greater => (Some(floor.saturating_add(1)), None),
                CompareOp::GreaterEqual => (Some(ceil), None),
                _ => (Some(ceil), Some(floor)),
            };
            min = min.max(least.unwrap_or(min));
            max = most.map_or(max, |most| Some(max.map_or(most, |max| max.min(most))));
        }
        let max = max.map(u64::try_from).transpose();
        Ok(match (u64::try_from(min), max) {
            (Ok(min), Ok(max)) if max.is_none_or(|max| min <= max) => Some((min, max)),
            _ => None,
        })
    }

    /// Whether a way may pass a node.
    fn passes(&mut self, cx: Cx<'_, '_>, row: &[Value], node: u64) -> Result<bool> {
        let predicates = &self.plan.among.nodes;
        if predicates.is_empty() {
            return Ok(true);
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(row);
        all_true(cx, predicates, Value::Node(cx.runtime.node(node)?), &mut self.scratch)
    }

    /// Gives a row a way.
    fn give(&self, cx: Cx<'_, '_>, row: &mut [Value], node: u64, edges: &[u64]) -> Result<()> {
        let walk = &self.plan.walk;
        let relationships = if self.plan.single {
            edges.first().map_or(Ok(Value::Null), |edge| cx.relationship(walk.relationships, *edge))?
        } else {
            relationship_list(cx, walk.relationships, edges, walk.reversed)?
        };
        set(row, walk.relationships.slot, relationships);
        arrive(cx, &walk.to, row, node)
    }

    /// Whether what is asked of whole ways is true of one.
    fn fits(&mut self, cx: Cx<'_, '_>, row: &[Value], node: u64, edges: &[u64]) -> Result<bool> {
        let among = &self.plan.among;
        if among.whole.is_empty() {
            return Ok(true);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch.extend_from_slice(row);
        self.give(cx, &mut scratch, node, edges)?;
        if let Some(plan) = &among.path {
            let found = path(cx, &scratch, plan.start, &plan.pieces)?;
            set(&mut scratch, plan.slot, found.map_or(Value::Null, |path| Value::Path(Arc::new(path))));
        }
        let mut fits = true;
        for predicate in &among.whole {
            fits = fits && predicate.is_true(cx.scope(&scratch))?;
        }
        self.scratch = scratch;
        Ok(fits)
    }

    /// The relationships of a node that a way may take.
    fn look(
        &mut self,
        cx: Cx<'_, '_>,
        row: &[Value],
        kinds: Option<&[u32]>,
        node: u64,
        direction: Direction,
    ) -> Result<Vec<Edge>> {
        let walk = &self.plan.walk;
        let mut edges = std::mem::take(&mut self.edges);
        edges.clear();
        cx.runtime.read(|storage| storage.edges(node, direction, kinds, &mut edges))?;
        let mut kept = Vec::with_capacity(edges.len());
        for edge in edges.iter().copied() {
            cx.proceed()?;
            if !is_used(edge.id, row, &walk.unique)
                && fits_each(cx, walk, row, edge, &mut self.scratch)?
                && self.passes(cx, row, edge.node)?
            {
                kept.push(edge);
            }
        }
        self.edges = edges;
        Ok(kept)
    }

    /// One step further from every node of the last level.
    fn widen(
        &mut self,
        cx: Cx<'_, '_>,
        row: &[Value],
        kinds: Option<&[u32]>,
        side: &mut Side,
        every: bool,
    ) -> Result<()> {
        let level = side.level().to_vec();
        side.begin = side.order.len();
        side.depth = side.depth.saturating_add(1);
        for node in level {
            for edge in self.look(cx, row, kinds, node, side.direction)? {
                match side.reached.entry(edge.node) {
                    Entry::Vacant(entry) => {
                        cx.runtime.hold(size_of::<Reach>())?;
                        entry.insert(Reach { depth: side.depth, parents: vec![(node, edge.id)] });
                        side.order.push(edge.node);
                    }
                    Entry::Occupied(mut entry) if every && entry.get().depth == side.depth => {
                        entry.get_mut().parents.push((node, edge.id));
                    }
                    Entry::Occupied(_) => {}
                }
            }
        }
        Ok(())
    }

    fn by_distance(
        &mut self,
        cx: Cx<'_, '_>,
        row: &[Value],
        (from, target): (u64, Option<u64>),
        every: bool,
    ) -> Result<()> {
        let walk = &self.plan.walk;
        let kinds = cx.kinds(&walk.types)?;
        if let Some(target) = target.filter(|target| *target != from) {
            return self.between(cx, row, kinds.as_deref(), (from, target), every);
        }
        let (min, max) = self.lengths;
        let mut side = Side::new(from, walk.direction);
        while target.is_none() && !side.level().is_empty() && max.is_none_or(|max| side.depth < max) {
            self.widen(cx, row, kinds.as_deref(), &mut side, every)?;
        }
        for node in &side.order {
            let deep = side.reached.get(node).is_some_and(|reach| reach.depth >= min);
            if deep && arrives(cx, &walk.to, row, *node)? {
                for mut way in side.ways(cx, *node, every, &mut self.held)? {
                    way.reverse();
                    self.found.push((*node, way));
                }
            }
        }
        side.release(cx);
        Ok(())
    }

    /// From both ends. When a level of one side meets the other one, every node that both have reached by then lies
    /// in the last level of both, and the sum of their depths is the distance.
    fn between(
        &mut self,
        cx: Cx<'_, '_>,
        row: &[Value],
        kinds: Option<&[u32]>,
        (from, target): (u64, u64),
        every: bool,
    ) -> Result<()> {
        let walk = &self.plan.walk;
        let mut near = Side::new(from, walk.direction);
        let mut far = Side::new(target, crate::plan::turned(walk.direction));
        while !near.level().is_empty()
            && !far.level().is_empty()
            && self.lengths.1.is_none_or(|max| near.depth.saturating_add(far.depth) < max)
        {
            let (side, other) =
                if near.level().len() <= far.level().len() { (&mut near, &far) } else { (&mut far, &near) };
            self.widen(cx, row, kinds, side, every)?;
            let met: Vec<u64> = side.level().iter().copied().filter(|node| other.reached.contains_key(node)).collect();
            for node in &met {
                let seconds = far.ways(cx, *node, every, &mut self.held)?;
                for first in near.ways(cx, *node, every, &mut self.held)? {
                    for second in &seconds {
                        cx.proceed()?;
                        let way: Vec<u64> = first.iter().rev().chain(second).copied().collect();
                        hold_way(cx, &way, &mut self.held)?;
                        self.found.push((target, way));
                    }
                }
                if !every {
                    break;
                }
            }
            if !met.is_empty() {
                break;
            }
        }
        near.release(cx);
        far.release(cx);
        Ok(())
    }

    /// The nodes from which a way leads to one, each with the least number of relationships.
    fn leading(&mut self, cx: Cx<'_, '_>, row: &[Value], kinds: Option<&[u32]>, target: u64) -> Result<Side> {
        let mut side = Side::new(target, crate::plan::turned(self.plan.walk.direction));
        while !side.level().is_empty() && self.lengths.1.is_none_or(|max| side.depth < max) {
            self.widen(cx, row, kinds, &mut side, false)?;
        }
        Ok(side)
    }

    fn by_length(
        &mut self,
        cx: Cx<'_, '_>,
        row: &[Value],
        (from, target): (u64, Option<u64>),
        count: u64,
        groups: bool,
    ) -> Result<()> {
        let walk = &self.plan.walk;
        let (min, max) = self.lengths;
        let kinds = cx.kinds(&walk.types)?;
        // Where many ways may be gone through, none is followed that cannot end at the target.
        let leading = match target {
            Some(target) if min > 0 || !self.plan.among.whole.is_empty() => {
                Some(self.leading(cx, row, kinds.as_deref(), target)?)
            }
            _ => None,
        };
        let leads = |node: u64, depth: u64| {
            let left = leading.as_ref().map(|side| side.reached.get(&node).map(|reach| reach.depth));
            left.is_none_or(|left| left.is_some_and(|left| max.is_none_or(|max| depth.saturating_add(left) <= max)))
        };
        let mut chosen = Chosen::new(count, groups);
        let mut ways = vec![Way { before: None, edge: 0, node: from, depth: 0 }];
        let mut held = 0;
        let mut at = 0;
        while let Some(&Way { node, depth, .. }) = ways.get(at) {
            if target.is_some() && chosen.is_complete(depth) {
                break;
            }
            if depth >= min
                && target.is_none_or(|target| target == node)
                && arrives(cx, &walk.to, row, node)?
                && chosen.wants((from, node), depth)
            {
                let way = edges_of(&ways, at);
                if self.fits(cx, row, node, &way)? {
                    chosen.admits((from, node), depth);
                    hold_way(cx, &way, &mut self.held)?;
                    self.found.push((node, way));
                }
            }
            if max.is_none_or(|max| depth < max) {
                for edge in self.look(cx, row, kinds.as_deref(), node, walk.direction)? {
                    if leads(edge.node, depth + 1) && may_follow(walk, &ways, at, edge) {
                        held += size_of::<Way>();
                        cx.runtime.hold(size_of::<Way>())?;
                        ways.push(Way { before: Some(at), edge: edge.id, node: edge.node, depth: depth + 1 });
                    }
                }
            }
            at += 1;
        }
        cx.runtime.release(held);
        if let Some(side) = leading {
            side.release(cx);
        }
        Ok(())
    }
}

fn steps(ways: &[Way], at: usize) -> impl Iterator<Item = &Way> {
    std::iter::successors(ways.get(at), |way| way.before.and_then(|before| ways.get(before)))
}

fn edges_of(ways: &[Way], at: usize) -> Vec<u64> {
    let mut edges: Vec<u64> = steps(ways, at).filter(|way| way.before.is_some()).map(|way| way.edge).collect();
    edges.reverse();
    edges
}

fn may_follow(walk: &Variable, ways: &[Way], at: usize, edge: Edge) -> bool {
    let taken = || steps(ways, at).any(|way| way.before.is_some() && way.edge == edge.id);
    match walk.mode {
        PathMode::Walk => true,
        PathMode::Trail => !taken(),
        PathMode::Acyclic => !steps(ways, at).any(|way| way.node == edge.node),
        PathMode::Simple => {
            let closed = ways.get(at).is_some_and(|way| way.before.is_some() && way.node == ways[0].node);
            !closed && !taken() && !steps(ways, at).any(|way| way.before.is_some() && way.node == edge.node)
        }
    }
}

impl Rowwise for Shortest<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.clear(cx);
        let walk = &self.plan.walk;
        let Some(from) = id_of(slot(row, walk.from)) else { return Ok(()) };
        let (count, groups) = wanted(cx, &self.plan.selection, row)?;
        let Some(lengths) = self.lengths(cx, row)? else { return Ok(()) };
        self.lengths = lengths;
        let target = match walk.to.solved {
            true => match id_of(slot(row, walk.to.node.slot)) {
                Some(target) => Some(target),
                None => return Ok(()),
            },
            false if walk.to.node.slot == walk.from => Some(from),
            false => None,
        };
        if !self.passes(cx, row, from)? {
            return Ok(());
        }
        if let Some(target) = target.filter(|target| *target != from)
            && !self.passes(cx, row, target)?
        {
            return Ok(());
        }
        let min = self.lengths.0;
        if count > 1 || min > 1 || !self.plan.among.whole.is_empty() {
            return self.by_length(cx, row, (from, target), count, groups);
        }
        if min == 0 || target != Some(from) {
            self.by_distance(cx, row, (from, target), groups)?;
        }
        // What leads back is no least distance.
        if min > 0 && target.is_none_or(|target| target == from) && arrives(cx, &walk.to, row, from)? {
            self.by_length(cx, row, (from, Some(from)), count, groups)?;
        }
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            let Some((node, edges)) = self.found.get(self.at) else { return Ok(true) };
            self.at += 1;
            self.give(cx, out.push(row), *node, edges)?;
        }
        Ok(false)
    }
    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.clear(cx);
    }
}
