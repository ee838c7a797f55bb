//! The nodes at the ends of relationships in a row, each once, by breadth.

use std::collections::HashSet;

use super::batch::Batch;
use super::expand::{arrive, arrives, is_used};
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, id_of, slot};
use super::variable::fits_each;
use crate::plan::operator::Variable;
use crate::storage::Edge;
use crate::value::Value;

pub(super) struct Reaching<'p> {
    plan: &'p Variable,
    seen: HashSet<u64>,
    /// What was reached, in that order; the first ones at the fewest relationships.
    found: Vec<u64>,
    at: usize,
    edges: Vec<Edge>,
    scratch: Vec<Value>,
    held: usize,
}

impl<'p> Reaching<'p> {
    pub fn new(plan: &'p Variable) -> Self {
        Self { plan, seen: HashSet::new(), found: Vec::new(), at: 0, edges: Vec::new(), scratch: Vec::new(), held: 0 }
    }

    fn reach(&mut self, cx: Cx<'_, '_>, node: u64) -> Result<()> {
        if self.seen.insert(node) {
            // Once in the set, and once in the list.
            let bytes = 2 * size_of::<u64>();
            self.held = self.held.saturating_add(bytes);
            cx.runtime.hold(bytes)?;
            self.found.push(node);
        }
        Ok(())
    }

    fn widen(&mut self, cx: Cx<'_, '_>, row: &[Value], node: u64, kinds: Option<&[u32]>) -> Result<()> {
        let mut edges = std::mem::take(&mut self.edges);
        edges.clear();
        cx.runtime.read(|storage| storage.edges(node, self.plan.direction, kinds, &mut edges))?;
        for edge in &edges {
            cx.proceed()?;
            if !self.seen.contains(&edge.node)
                && !is_used(edge.id, row, &self.plan.unique)
                && fits_each(cx, self.plan, row, *edge, &mut self.scratch)?
            {
                self.reach(cx, edge.node)?;
            }
        }
        self.edges = edges;
        Ok(())
    }

    fn release(&mut self, cx: Cx<'_, '_>) {
        self.seen.clear();
        self.found.clear();
        self.at = 0;
        cx.runtime.release(std::mem::take(&mut self.held));
    }
}

impl Rowwise for Reaching<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.release(cx);
        let Some(start) = id_of(slot(row, self.plan.from)) else { return Ok(()) };
        let kinds = cx.kinds(&self.plan.types)?;
        if self.plan.min == 0 {
            self.reach(cx, start)?;
        }
        let mut depth = 0_u64;
        let mut level = 0..0;
        while self.plan.max.is_none_or(|max| depth < max) {
            let end = self.found.len();
            if depth == 0 {
                self.widen(cx, row, start, kinds.as_deref())?;
            } else {
                for at in level.clone() {
                    // Whoever comes back to the start finds nothing new there.
                    match self.found.get(at) {
                        Some(&node) if node != start => self.widen(cx, row, node, kinds.as_deref())?,
                        _ => {}
                    }
                }
            }
            level = end..self.found.len();
            depth = depth.saturating_add(1);
            if level.is_empty() {
                break;
            }
        }
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            let Some(&node) = self.found.get(self.at) else {
                self.release(cx);
                return Ok(true);
            };
            self.at += 1;
            if arrives(cx, &self.plan.to, row, node)? {
                arrive(cx, &self.plan.to, out.push(row), node)?;
            }
        }
        Ok(false)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.release(cx);
    }
}
