//! The shortest ways between nodes, by breadth.
//!
//! Where one length is enough, each node is entered at its least distance alone, with every relationship that leads
//! there: the ways are read back from that. Between two nodes that are known, both sides are widened, the smaller one
//! first, until they meet. Otherwise the ways themselves are made longer, one step at a time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::batch::Batch;
use super::expand::{arrive, arrives, is_used};
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use super::select::{Chosen, wanted};
use super::variable::{fits_each, relationship_list};
use crate::ir::{Direction, PathMode};
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
    held: usize,
    at: usize,
    edges: Vec<Edge>,
    scratch: Vec<Value>,
}

impl<'p> Shortest<'p> {
    pub const fn new(plan: &'p operator::Shortest) -> Self {
        Self { plan, found: Vec::new(), held: 0, at: 0, edges: Vec::new(), scratch: Vec::new() }
    }

    fn clear(&mut self, cx: Cx<'_, '_>) {
        self.found.clear();
        cx.runtime.release(std::mem::take(&mut self.held));
        self.at = 0;
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
        self.edges.clear();
        let edges = &mut self.edges;
        cx.runtime.read(|storage| storage.edges(node, direction, kinds, edges))?;
        let mut kept = Vec::with_capacity(self.edges.len());
        for edge in self.edges.iter().copied() {
            cx.proceed()?;
            if !is_used(edge.id, row, &walk.unique) && fits_each(cx, walk, row, edge, &mut self.scratch)? {
                kept.push(edge);
            }
        }
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

    fn by_distance(&mut self, cx: Cx<'_, '_>, row: &[Value], from: u64, every: bool) -> Result<()> {
        let walk = &self.plan.walk;
        let target = walk.to.solved.then(|| id_of(slot(row, walk.to.node.slot))).flatten();
        let kinds = cx.kinds(&walk.types)?;
        if let Some(target) = target.filter(|target| *target != from) {
            return self.between(cx, row, kinds.as_deref(), (from, target), every);
        }
        let mut side = Side::new(from, walk.direction);
        while target.is_none() && !side.level().is_empty() && walk.max.is_none_or(|max| side.depth < max) {
            self.widen(cx, row, kinds.as_deref(), &mut side, every)?;
        }
        for node in &side.order {
            let deep = side.reached.get(node).is_some_and(|reach| reach.depth >= walk.min);
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
            && walk.max.is_none_or(|max| near.depth.saturating_add(far.depth) < max)
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

    fn by_length(&mut self, cx: Cx<'_, '_>, row: &[Value], from: u64, count: u64, groups: bool) -> Result<()> {
        let walk = &self.plan.walk;
        let kinds = cx.kinds(&walk.types)?;
        let mut chosen = Chosen::new(count, groups);
        let mut ways = vec![Way { before: None, edge: 0, node: from, depth: 0 }];
        let mut held = 0;
        let mut at = 0;
        while let Some(&Way { node, depth, .. }) = ways.get(at) {
            if walk.to.solved && chosen.is_complete(depth) {
                break;
            }
            if depth >= walk.min && arrives(cx, &walk.to, row, node)? && chosen.admits((from, node), depth) {
                let way = edges_of(&ways, at);
                hold_way(cx, &way, &mut self.held)?;
                self.found.push((node, way));
            }
            if walk.max.is_none_or(|max| depth < max) {
                for edge in self.look(cx, row, kinds.as_deref(), node, walk.direction)? {
                    if may_follow(walk, &ways, at, edge) {
                        held += size_of::<Way>();
                        cx.runtime.hold(size_of::<Way>())?;
                        ways.push(Way { before: Some(at), edge: edge.id, node: edge.node, depth: depth + 1 });
                    }
                }
            }
            at += 1;
        }
        cx.runtime.release(held);
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
        let back =
            walk.to.node.slot == walk.from || !walk.to.solved || id_of(slot(row, walk.to.node.slot)) == Some(from);
        if count == 1 && walk.min <= 1 && (walk.min == 0 || (walk.to.solved && !back)) {
            self.by_distance(cx, row, from, groups)
        } else {
            self.by_length(cx, row, from, count, groups)
        }
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        let walk = &self.plan.walk;
        while out.len() < most {
            let Some((node, edges)) = self.found.get(self.at) else { return Ok(true) };
            self.at += 1;
            let relationships = if self.plan.single {
                match edges.first() {
                    Some(edge) => cx.relationship(walk.relationships, *edge)?,
                    None => Value::Null,
                }
            } else {
                relationship_list(cx, walk.relationships, edges, walk.reversed)?
            };
            let made = out.push(row);
            set(made, walk.relationships.slot, relationships);
            arrive(cx, &walk.to, made, *node)?;
        }
        Ok(false)
    }
    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.clear(cx);
    }
}
