//! The shortest ways between nodes, by breadth.
//!
//! Where one length is enough, each node is entered at its least distance alone, with every relationship that leads
//! there: the ways are read back from that. Otherwise the ways themselves are made longer, one step at a time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::batch::Batch;
use super::expand::{arrive, arrives, is_used};
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use super::select::{Chosen, wanted};
use super::variable::{fits_each, relationship_list};
use crate::ir::PathMode;
use crate::plan::operator::{self, Variable};
use crate::storage::Edge;
use crate::value::Value;

/// How a node was reached at its least distance.
struct Reach {
    depth: u64,
    parents: Vec<(u64, u64)>,
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
    at: usize,
    edges: Vec<Edge>,
    scratch: Vec<Value>,
}

impl<'p> Shortest<'p> {
    pub const fn new(plan: &'p operator::Shortest) -> Self {
        Self { plan, found: Vec::new(), at: 0, edges: Vec::new(), scratch: Vec::new() }
    }

    /// The relationships of a node that a way may take.
    fn look(&mut self, cx: Cx<'_, '_>, row: &[Value], kinds: Option<&[u32]>, node: u64) -> Result<Vec<Edge>> {
        let walk = &self.plan.walk;
        self.edges.clear();
        let edges = &mut self.edges;
        cx.runtime.read(|storage| storage.edges(node, walk.direction, kinds, edges))?;
        let mut kept = Vec::with_capacity(self.edges.len());
        for edge in self.edges.iter().copied() {
            cx.proceed()?;
            if !is_used(edge.id, row, &walk.unique) && fits_each(cx, walk, row, edge, &mut self.scratch)? {
                kept.push(edge);
            }
        }
        Ok(kept)
    }

    fn by_distance(&mut self, cx: Cx<'_, '_>, row: &[Value], from: u64, every: bool) -> Result<()> {
        let walk = &self.plan.walk;
        let target = walk.to.solved.then(|| id_of(slot(row, walk.to.node.slot))).flatten();
        let kinds = cx.kinds(&walk.types)?;
        let mut reached = HashMap::from([(from, Reach { depth: 0, parents: Vec::new() })]);
        let mut order = vec![from];
        let mut begin = 0;
        for depth in 1..=walk.max.unwrap_or(u64::MAX) {
            let level = order.get(begin..).unwrap_or_default().to_vec();
            begin = order.len();
            if level.is_empty() || target.is_some_and(|target| reached.contains_key(&target)) {
                break;
            }
            for node in level {
                for edge in self.look(cx, row, kinds.as_deref(), node)? {
                    match reached.entry(edge.node) {
                        Entry::Vacant(entry) => {
                            cx.runtime.hold(size_of::<Reach>())?;
                            entry.insert(Reach { depth, parents: vec![(node, edge.id)] });
                            order.push(edge.node);
                        }
                        Entry::Occupied(mut entry) if every && entry.get().depth == depth => {
                            entry.get_mut().parents.push((node, edge.id));
                        }
                        Entry::Occupied(_) => {}
                    }
                }
            }
        }
        cx.runtime.release(order.len().saturating_sub(1).saturating_mul(size_of::<Reach>()));
        for node in order {
            let deep = reached.get(&node).is_some_and(|reach| reach.depth >= walk.min);
            if deep && target.is_none_or(|target| target == node) && arrives(cx, &walk.to, row, node)? {
                self.read_back(cx, &reached, node, every)?;
            }
        }
        Ok(())
    }

    /// The ways to a node, or one of them.
    fn read_back(&mut self, cx: Cx<'_, '_>, reached: &HashMap<u64, Reach>, end: u64, every: bool) -> Result<()> {
        let mut waiting: Vec<(u64, Vec<u64>)> = vec![(end, Vec::new())];
        while let Some((node, behind)) = waiting.pop() {
            cx.proceed()?;
            let parents = reached.get(&node).map(|reach| reach.parents.as_slice()).unwrap_or_default();
            if parents.is_empty() {
                let edges = behind.into_iter().rev().collect();
                self.found.push((end, edges));
                continue;
            }
            for (parent, edge) in parents.iter().take(if every { usize::MAX } else { 1 }) {
                let mut edges = behind.clone();
                edges.push(*edge);
                waiting.push((*parent, edges));
            }
        }
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
                self.found.push((node, edges_of(&ways, at)));
            }
            if walk.max.is_none_or(|max| depth < max) {
                for edge in self.look(cx, row, kinds.as_deref(), node)? {
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
        self.found.clear();
        self.at = 0;
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
}
