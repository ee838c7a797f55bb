//! Parts of a query, one after the other, as the rows of its columns.

use std::collections::HashSet;

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
    at: usize,
    argument: Vec<Value>,
    seen: HashSet<Vec<Key>>,
}

impl<'p> Running<'p> {
    pub fn new(plan: &'p QueryPlan) -> Self {
        let parts = plan.parts.iter().map(|(pipeline, columns)| (Pipeline::new(pipeline), columns.as_slice()));
        Self { parts: parts.collect(), distinct: plan.distinct, at: 0, argument: Vec::new(), seen: HashSet::new() }
    }

    /// Begins with a row.
    pub fn start(&mut self, cx: Cx<'_, '_>, row: &[Value]) {
        self.at = 0;
        self.seen.clear();
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
                    let rows = columns_of(&rows, columns, self.distinct.then_some(&mut self.seen));
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
        Ok(None)
    }
}

fn columns_of(rows: &Batch, columns: &[Slot], mut seen: Option<&mut HashSet<Vec<Key>>>) -> Batch {
    let mut given = Batch::new(columns.len());
    for row in rows.rows() {
        if let Some(seen) = &mut seen
            && !seen.insert(columns.iter().map(|of| Key(slot(row, *of).clone())).collect())
        {
            continue;
        }
        given.push_values(columns.iter().map(|of| slot(row, *of).clone()));
    }
    given
}
