//! How many relationships there are, without a row for each.

use super::batch::Batch;
use super::expand::{fits, look};
use super::pipeline::{Batchwise, Result};
use super::runtime::{Cx, id_of, set, slot};
use crate::ir::{Direction, Slot};
use crate::plan::operator::{Expand, Product};
use crate::storage::Edge;
use crate::value::Value;

/// Whether all relationships of a node count, so that the storage knows their number.
fn counts_all(expand: &Expand) -> bool {
    !expand.to.solved && expand.to.labels.is_none() && expand.types.test.is_none() && expand.unique.is_empty()
}

fn degree(cx: Cx<'_, '_>, expand: &Expand, row: &[Value]) -> Result<u64> {
    let Some(node) = id_of(slot(row, expand.from)) else { return Ok(0) };
    let kinds = cx.kinds(&expand.types)?;
    cx.runtime.read(|storage| storage.degree(node, expand.direction, kinds.as_deref()))
}

fn number(count: u64) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// How many rows an expansion would make of each.
pub(super) struct Degrees<'p> {
    expand: &'p Expand,
    slot: Slot,
    edges: Vec<Edge>,
}

impl<'p> Degrees<'p> {
    pub const fn new(expand: &'p Expand, slot: Slot) -> Self {
        Self { expand, slot, edges: Vec::new() }
    }

    fn count(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<u64> {
        if counts_all(self.expand) {
            return degree(cx, self.expand, row);
        }
        look(cx, self.expand, row, &mut self.edges)?;
        let mut count = 0_u64;
        for edge in &self.edges {
            count = count.saturating_add(u64::from(fits(cx, self.expand, row, *edge)?));
        }
        Ok(count)
    }
}

impl Batchwise for Degrees<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        let of = self.slot;
        rows.retain(|row| {
            cx.proceed()?;
            let count = self.count(cx, row)?;
            set(row, of, number(count));
            Ok(count > 0)
        })?;
        Ok(rows)
    }
}

/// How many pairs of relationships a node has.
pub(super) struct Products<'p> {
    plan: &'p Product,
    left: Vec<Edge>,
    right: Vec<Edge>,
}

impl<'p> Products<'p> {
    pub const fn new(plan: &'p Product) -> Self {
        Self { plan, left: Vec::new(), right: Vec::new() }
    }

    fn count(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<u64> {
        let Product { left, right, distinct, .. } = self.plan;
        if !distinct && counts_all(left) && counts_all(right) {
            return Ok(degree(cx, left, row)?.saturating_mul(degree(cx, right, row)?));
        }
        fitting(cx, left, row, &mut self.left)?;
        if self.left.is_empty() {
            return Ok(0);
        }
        fitting(cx, right, row, &mut self.right)?;
        let pairs = (self.left.len() as u64).saturating_mul(self.right.len() as u64);
        Ok(if *distinct { pairs.saturating_sub(self.common(row)) } else { pairs })
    }

    /// How many relationships are on both sides.
    fn common(&mut self, row: &[Value]) -> u64 {
        let Product { left, right, .. } = self.plan;
        if left.direction != Direction::Both && right.direction != Direction::Both && left.direction != right.direction
        {
            // One that leaves a node and enters it is a loop.
            let node = id_of(slot(row, left.from));
            self.left.retain(|edge| Some(edge.node) == node);
            self.right.retain(|edge| Some(edge.node) == node);
        }
        self.right.sort_unstable_by_key(|edge| edge.id);
        let is_right = |edge: &&Edge| self.right.binary_search_by_key(&edge.id, |other| other.id).is_ok();
        self.left.iter().filter(is_right).count() as u64
    }
}

fn fitting(cx: Cx<'_, '_>, expand: &Expand, row: &[Value], edges: &mut Vec<Edge>) -> Result<()> {
    look(cx, expand, row, edges)?;
    let mut outcome = Ok(());
    edges.retain(|edge| match fits(cx, expand, row, *edge) {
        Ok(fits) => fits,
        Err(error) => {
            outcome = Err(error);
            false
        }
    });
    outcome
}

impl Batchwise for Products<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        let of = self.plan.slot;
        rows.retain(|row| {
            cx.proceed()?;
            let count = self.count(cx, row)?;
            set(row, of, number(count));
            Ok(count > 0)
        })?;
        Ok(rows)
    }
}
