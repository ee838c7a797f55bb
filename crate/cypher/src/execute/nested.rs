//! Pipelines and queries that are run for each row.

use super::batch::Batch;
use super::pipeline::{Batchwise, Pipeline, Result, Rowwise};
use super::query::Running;
use super::refresh::refresh;
use super::runtime::{Cx, set};
use crate::evaluate::{Expression, mismatch};
use crate::ir::Slot;
use crate::plan::operator::{self, Apply};
use crate::value::Value;

/// Rows that were given, and how many of them were passed on.
#[derive(Default)]
struct Waiting {
    rows: Batch,
    at: usize,
}

impl Waiting {
    fn clear(&mut self) {
        self.rows.clear();
        self.at = 0;
    }

    fn fill(&mut self, rows: Batch) {
        self.rows = rows;
        self.at = 0;
    }

    fn next(&mut self) -> Option<&[Value]> {
        if self.at >= self.rows.len() {
            return None;
        }
        self.at += 1;
        Some(self.rows.row(self.at - 1))
    }
}

/// Keeps a row for which nothing is found.
pub(super) struct Optional<'p> {
    pipeline: Pipeline<'p>,
    slots: &'p [Slot],
    waiting: Waiting,
    found: bool,
}

impl<'p> Optional<'p> {
    pub fn new(plan: &'p operator::Pipeline, slots: &'p [Slot]) -> Self {
        Self { pipeline: Pipeline::new(plan), slots, waiting: Waiting::default(), found: false }
    }
}

impl Rowwise for Optional<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.waiting.clear();
        self.found = false;
        self.pipeline.start(cx, row);
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            if let Some(found) = self.waiting.next() {
                out.push(found);
                continue;
            }
            match self.pipeline.next(cx)? {
                Some(rows) => {
                    self.found = true;
                    self.waiting.fill(rows);
                }
                None => {
                    if !self.found {
                        let made = out.push(row);
                        self.slots.iter().for_each(|slot| set(made, *slot, Value::Null));
                    }
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Keeps rows for which something is found, or nothing.
pub(super) struct Existing<'p> {
    pipeline: Pipeline<'p>,
    negated: bool,
}

impl<'p> Existing<'p> {
    pub fn new(plan: &'p operator::Pipeline, negated: bool) -> Self {
        Self { pipeline: Pipeline::new(plan), negated }
    }
}

impl Batchwise for Existing<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        rows.retain(|row| {
            cx.proceed()?;
            self.pipeline.start(cx, row);
            Ok(self.pipeline.next(cx)?.is_some() != self.negated)
        })?;
        Ok(rows)
    }
}

/// A subquery for each row.
pub(super) struct Applying<'p> {
    plan: &'p Apply,
    query: Running<'p>,
    waiting: Waiting,
    found: bool,
    row: Vec<Value>,
}

impl<'p> Applying<'p> {
    pub fn new(plan: &'p Apply) -> Self {
        Self { plan, query: Running::new(&plan.query), waiting: Waiting::default(), found: false, row: Vec::new() }
    }
}

impl Rowwise for Applying<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.waiting.clear();
        self.found = false;
        self.row.clear();
        self.row.extend_from_slice(row);
        refresh(cx, &mut self.row)?;
        self.query.start(cx, &self.row);
        if self.plan.columns.is_empty() {
            while self.query.next(cx)?.is_some() {
                cx.proceed()?;
            }
            refresh(cx, &mut self.row)?;
        }
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, _: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        if self.plan.columns.is_empty() {
            out.push(&self.row);
            return Ok(true);
        }
        while out.len() < most {
            if let Some(found) = self.waiting.next() {
                let made = out.push(&self.row);
                for (slot, value) in self.plan.columns.iter().zip(found) {
                    set(made, *slot, value.clone());
                }
                continue;
            }
            match self.query.next(cx)? {
                Some(rows) => {
                    self.found = true;
                    self.waiting.fill(rows);
                }
                None => {
                    if self.plan.optional && !self.found {
                        let made = out.push(&self.row);
                        self.plan.columns.iter().for_each(|slot| set(made, *slot, Value::Null));
                    }
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Updates for each element of a list.
pub(super) struct Foreach<'p> {
    slot: Slot,
    list: &'p Expression,
    pipeline: Pipeline<'p>,
}

impl<'p> Foreach<'p> {
    pub fn new(slot: Slot, list: &'p Expression, plan: &'p operator::Pipeline) -> Self {
        Self { slot, list, pipeline: Pipeline::new(plan) }
    }
}

impl Batchwise for Foreach<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        for row in rows.rows_mut() {
            refresh(cx, row)?;
            let values = match cx.value(self.list, row)? {
                Value::Null => continue,
                Value::List(list) => list,
                other => return Err(self.list.placed(mismatch("a list", &other))),
            };
            let held = size_of_val(values.values());
            cx.runtime.hold(held)?;
            let mut inner = row.to_vec();
            for value in values.values() {
                cx.proceed()?;
                set(&mut inner, self.slot, value.clone());
                refresh(cx, &mut inner)?;
                self.pipeline.start(cx, &inner);
                self.pipeline.drain(cx)?;
            }
            cx.runtime.release(held);
        }
        Ok(rows)
    }
}
