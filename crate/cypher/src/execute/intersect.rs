//! Nodes that relationships of two known nodes lead to, by the intersection of their neighbors.

use super::batch::Batch;
use super::expand::{arrive, fits, is_used, look};
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use crate::plan::operator::{Expand, Intersect};
use crate::storage::Edge;
use crate::value::Value;

/// The relationships of one of the two nodes, in the order of their other ends. Rows that follow each other often share it.
#[derive(Default)]
struct Side {
    node: Option<u64>,
    edges: Vec<Edge>,
}

impl Side {
    fn open(&mut self, cx: Cx<'_, '_>, plan: &Expand, row: &[Value]) -> Result<()> {
        let node = id_of(slot(row, plan.from));
        if node.is_some() && self.node == node {
            return Ok(());
        }
        self.node = None;
        look(cx, plan, row, &mut self.edges)?;
        if !self.edges.is_sorted_by_key(|edge| edge.node) {
            self.edges.sort_unstable_by_key(|edge| (edge.node, edge.id));
        }
        self.node = node;
        Ok(())
    }
}

pub(super) struct Intersecting<'p> {
    plan: &'p Intersect,
    left: Side,
    right: Side,
    /// The relationship on the left, and the first on the right that leads as far, with how many of these were looked at.
    at: (usize, usize, usize),
    counted: bool,
}

impl<'p> Intersecting<'p> {
    pub fn new(plan: &'p Intersect) -> Self {
        Self { plan, left: Side::default(), right: Side::default(), at: (0, 0, 0), counted: false }
    }

    /// The next pair that leads to one node.
    fn pair(&mut self, cx: Cx<'_, '_>) -> Result<Option<(Edge, Edge)>> {
        let (left, mut begin, mut along) = self.at;
        let mut at = left;
        while let Some(edge) = self.left.edges.get(at) {
            while self.right.edges.get(begin).is_some_and(|other| other.node < edge.node) {
                begin += 1;
            }
            match self.right.edges.get(begin.saturating_add(along)).filter(|other| other.node == edge.node) {
                Some(other) => {
                    self.at = (at, begin, along + 1);
                    return Ok(Some((*edge, *other)));
                }
                None => (at, along) = (at + 1, 0),
            }
            cx.proceed()?;
        }
        self.at = (at, begin, along);
        Ok(None)
    }

    fn fits(&self, cx: Cx<'_, '_>, row: &[Value], (left, right): (Edge, Edge)) -> Result<bool> {
        let plan = self.plan;
        if plan.distinct && left.id == right.id || is_used(right.id, row, &plan.right.unique) {
            return Ok(false);
        }
        Ok(cx.fits_type(right.kind, plan.right.types.test.as_ref())? && fits(cx, &plan.left, row, left)?)
    }
}

impl Rowwise for Intersecting<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.at = (0, 0, 0);
        self.counted = false;
        self.left.open(cx, &self.plan.left, row)?;
        self.right.open(cx, &self.plan.right, row)
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        let plan = self.plan;
        if let Some(slot) = plan.count {
            let mut count = 0_i64;
            while let Some(pair) = self.pair(cx)? {
                count = count.saturating_add(i64::from(self.fits(cx, row, pair)?));
            }
            if count > 0 && !std::mem::replace(&mut self.counted, true) {
                set(out.push(row), slot, Value::Integer(count));
            }
            return Ok(true);
        }
        while out.len() < most {
            let Some(pair) = self.pair(cx)? else { return Ok(true) };
            if !self.fits(cx, row, pair)? {
                continue;
            }
            let (left, right) = pair;
            let relationships = (
                cx.relationship(plan.left.relationship, left.id)?,
                cx.relationship(plan.right.relationship, right.id)?,
            );
            let made = out.push(row);
            set(made, plan.left.relationship.slot, relationships.0);
            set(made, plan.right.relationship.slot, relationships.1);
            arrive(cx, &plan.left.to, made, left.node)?;
        }
        Ok(false)
    }

    fn reset(&mut self, _: Cx<'_, '_>) {
        self.left.node = None;
        self.right.node = None;
    }
}
