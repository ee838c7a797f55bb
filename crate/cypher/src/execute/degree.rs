//! How many relationships there are, without a row for each.

use super::batch::{Batch, ROWS_MAX};
use super::expand::{fits, look};
use super::pipeline::{Batchwise, Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use super::seek::Finder;
use crate::ir::{Direction, Slot};
use crate::plan::operator::{Expand, Product};
use crate::storage::{Edge, Side};
use crate::value::Value;

/// Whether all relationships of some nodes count, so that the storage knows their number.
fn counts_all(cx: Cx<'_, '_>, expand: &Expand, nodes: usize) -> Result<bool> {
    if expand.to.solved || expand.types.test.is_some() || !expand.unique.is_empty() {
        return Ok(false);
    }
    expand.to.labels.as_ref().map_or(Ok(true), |labels| cx.every_node_fits(labels, nodes))
}

fn degree(cx: Cx<'_, '_>, expand: &Expand, row: &[Value], kinds: &Known) -> Result<u64> {
    let Some(node) = id_of(slot(row, expand.from)) else { return Ok(0) };
    cx.runtime.read(|storage| storage.degree(node, expand.direction, kinds.as_deref()))
}

/// The numbers of the types of an expansion; `None` where all fit. A write may make another known.
type Known = Option<Vec<u32>>;

fn number(count: u64) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// How many rows an expansion would make of each.
pub(super) struct Degrees<'p> {
    expand: &'p Expand,
    slot: Slot,
    edges: Vec<Edge>,
    /// Where the storage knows the number.
    kinds: Option<Known>,
}

impl<'p> Degrees<'p> {
    pub const fn new(expand: &'p Expand, slot: Slot) -> Self {
        Self { expand, slot, edges: Vec::new(), kinds: None }
    }

    /// Looks at how the rows that come are counted.
    pub fn prepare(&mut self, cx: Cx<'_, '_>, rows: usize) -> Result<()> {
        self.kinds = counts_all(cx, self.expand, rows)?.then(|| cx.kinds(&self.expand.types)).transpose()?;
        Ok(())
    }

    pub fn count(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<u64> {
        if let Some(kinds) = &self.kinds {
            return degree(cx, self.expand, row, kinds);
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
        self.prepare(cx, rows.len())?;
        rows.retain(|row| {
            cx.proceed()?;
            let count = self.count(cx, row)?;
            set(row, of, number(count));
            Ok(count > 0)
        })?;
        Ok(rows)
    }
}

/// How many pairs of relationships nodes have: a row with the sum for each so many of them.
pub(super) struct Products<'p> {
    plan: &'p Product,
    finder: Finder<'p>,
    ids: Vec<u64>,
    /// The row that comes, with a node in it.
    row: Vec<Value>,
    left: Vec<Edge>,
    right: Vec<Edge>,
    /// Where all relationships count.
    kinds: Option<(Known, Known)>,
}

impl<'p> Products<'p> {
    pub fn new(plan: &'p Product) -> Self {
        let (ids, row, left, right) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { plan, finder: Finder::new(&plan.scan.source), ids, row, left, right, kinds: None }
    }

    /// The pairs of those nodes that have the labels that are asked for.
    fn sum(&mut self, cx: Cx<'_, '_>) -> Result<u64> {
        let Product { scan, left, right, distinct, .. } = self.plan;
        if scan.labels.is_some() {
            let mut kept = Vec::with_capacity(self.ids.len());
            for id in self.ids.drain(..) {
                if cx.fits(id, scan.labels.as_ref())? {
                    kept.push(id);
                }
            }
            self.ids = kept;
        }
        self.kinds = None;
        if counts_all(cx, left, self.ids.len())? && counts_all(cx, right, self.ids.len())? {
            let (lefts, rights) = (cx.kinds(&left.types)?, cx.kinds(&right.types)?);
            let side = |expand: &Expand, types| Side { direction: expand.direction, types };
            let sides = (side(left, lefts.as_deref()), side(right, rights.as_deref()));
            if let Some(sum) = cx.runtime.read(|storage| storage.pairs(&self.ids, sides.0, sides.1, *distinct))? {
                return Ok(sum);
            }
            self.kinds = Some((lefts, rights));
        }
        let mut sum = 0_u64;
        for id in std::mem::take(&mut self.ids) {
            cx.proceed()?;
            set(&mut self.row, scan.node.slot, cx.node(scan.node, id)?);
            sum = sum.saturating_add(self.count(cx)?);
        }
        Ok(sum)
    }

    fn count(&mut self, cx: Cx<'_, '_>) -> Result<u64> {
        let Product { left, right, distinct, .. } = self.plan;
        if let Some((kinds, others)) = self.kinds.as_ref().filter(|_| !distinct || self.shares_loops_alone()) {
            let (lefts, rights) = (degree(cx, left, &self.row, kinds)?, degree(cx, right, &self.row, others)?);
            let pairs = lefts.saturating_mul(rights);
            if pairs == 0 || !distinct {
                return Ok(pairs);
            }
            // A loop is among both, and sooner found among the fewer.
            let (fewer, others) = if rights < lefts { (right, kinds) } else { (left, others) };
            look(cx, fewer, &self.row, &mut self.left)?;
            let node = id_of(slot(&self.row, left.from));
            let is_shared = |edge: &&Edge| {
                Some(edge.node) == node && others.as_ref().is_none_or(|others| others.contains(&edge.kind))
            };
            return Ok(pairs.saturating_sub(self.left.iter().filter(is_shared).count() as u64));
        }
        fitting(cx, left, &self.row, &mut self.left)?;
        if self.left.is_empty() {
            return Ok(0);
        }
        fitting(cx, right, &self.row, &mut self.right)?;
        let pairs = (self.left.len() as u64).saturating_mul(self.right.len() as u64);
        Ok(if *distinct { pairs.saturating_sub(self.common()) } else { pairs })
    }

    /// Whether no relationship but a loop is on both sides.
    fn shares_loops_alone(&self) -> bool {
        let (left, right) = (self.plan.left.direction, self.plan.right.direction);
        left != Direction::Both && right != Direction::Both && left != right
    }

    /// How many relationships are on both sides.
    fn common(&mut self) -> u64 {
        let left = &self.plan.left;
        if self.shares_loops_alone() {
            // One that leaves a node and enters it is a loop.
            let node = id_of(slot(&self.row, left.from));
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

impl Rowwise for Products<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.reset(cx);
        self.row = row.to_vec();
        self.finder.begin(cx, row)
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            // A thousand nodes are counted at once, in no loop of ours.
            cx.runtime.check_limits()?;
            let more = self.finder.fill(cx, row, ROWS_MAX, &mut self.ids)?;
            let sum = self.sum(cx)?;
            self.ids.clear();
            if sum > 0 {
                set(out.push(row), self.plan.slot, number(sum));
            }
            if !more {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.finder.end(cx);
        self.ids.clear();
    }
}
