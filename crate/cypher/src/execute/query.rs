//! Parts of a query, one after the other, as the rows of its columns.

use std::collections::HashSet;
use std::time::Duration;

use super::batch::Batch;
use super::pipeline::{Pipeline, Result};
use super::runtime::{Cx, slot};
use crate::ir::Slot;
use crate::plan::operator::QueryPlan;
use crate::value::Value;
use crate::value::order::Key;

/// A running query.
pub(crate) struct Running<'p> {
    parts: Vec<(Pipeline<'p>, &'p [Slot])>,
    distinct: bool,
    union: Option<(usize, usize)>,
    at: usize,
    argument: Vec<Value>,
    seen: HashSet<Vec<Key>>,
    /// Bytes of `seen`.
    held: usize,
}

impl<'p> Running<'p> {
    pub fn new(plan: &'p QueryPlan) -> Self {
        let parts = plan.parts.iter().map(|(pipeline, columns)| (Pipeline::new(pipeline), columns.as_slice()));
        Self {
            parts: parts.collect(),
            distinct: plan.distinct,
            union: plan.union,
            at: 0,
            argument: Vec::new(),
            seen: HashSet::new(),
            held: 0,
        }
    }

    /// Begins with a row.
    pub fn start(&mut self, cx: Cx<'_, '_>, row: &[Value]) {
        self.at = 0;
        self.forget(cx);
        self.argument.clear();
        self.argument.extend_from_slice(row);
        if let Some((first, _)) = self.parts.first_mut() {
            first.start(cx, row);
        }
    }

    /// The next rows, of the columns alone; none is empty.
    pub fn next(&mut self, cx: Cx<'_, '_>) -> Result<Option<Batch>> {
        while let Some((pipeline, columns)) = self.parts.get_mut(self.at) {
            match pipeline.next(cx)? {
                Some(rows) => {
                    if let Some((union, _)) = self.union {
                        cx.runtime.count(union, rows.len(), Duration::ZERO);
                    }
                    let rows = if self.distinct {
                        new_rows(cx, &rows, columns, &mut self.seen, &mut self.held)?
                    } else {
                        columns_of(&rows, columns)
                    };
                    if let (Some((_, distinct)), true) = (self.union, self.distinct) {
                        cx.runtime.count(distinct, rows.len(), Duration::ZERO);
                    }
                    if !rows.is_empty() {
                        return Ok(Some(rows));
                    }
                }
                None => {
                    self.at += 1;
                    if let Some((next, _)) = self.parts.get_mut(self.at) {
                        next.start(cx, &self.argument);
                    }
                }
            }
        }
        self.forget(cx);
        Ok(None)
    }

    fn forget(&mut self, cx: Cx<'_, '_>) {
        self.seen.clear();
        cx.runtime.release(std::mem::take(&mut self.held));
    }
}

fn columns_of(rows: &Batch, columns: &[Slot]) -> Batch {
    let mut given = Batch::new(columns.len());
    for row in rows.rows() {
        given.push_values(columns.iter().map(|of| slot(row, *of).clone()));
    }
    given
}

/// The rows that were not seen before.
fn new_rows(
    cx: Cx<'_, '_>,
    rows: &Batch,
    columns: &[Slot],
    seen: &mut HashSet<Vec<Key>>,
    held: &mut usize,
) -> Result<Batch> {
    let mut given = Batch::new(columns.len());
    for row in rows.rows() {
        cx.proceed()?;
        let keys = cx.keys(columns, row)?;
        let bytes = keys.iter().map(|key| key.0.bytes()).fold(size_of::<Vec<Key>>(), usize::saturating_add);
        if seen.insert(keys) {
            *held = held.saturating_add(bytes);
            cx.runtime.hold(bytes)?;
            given.push_values(columns.iter().map(|of| slot(row, *of).clone()));
        }
    }
    Ok(given)
}
