//! MERGE: every match of a pattern, or what is created where there is none.

use super::batch::Batch;
use super::create::create;
use super::pipeline::{Pipeline, Result, Rowwise};
use super::refresh::refresh;
use super::runtime::Cx;
use super::set::apply;
use crate::plan::operator::MergePlan;
use crate::value::Value;

pub(super) struct Merging<'p> {
    plan: &'p MergePlan,
    pipeline: Pipeline<'p>,
    found: Batch,
    at: usize,
    row: Vec<Value>,
}

impl<'p> Merging<'p> {
    pub fn new(plan: &'p MergePlan) -> Self {
        Self { plan, pipeline: Pipeline::new(&plan.pipeline), found: Batch::default(), at: 0, row: Vec::new() }
    }
}

impl Rowwise for Merging<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.at = 0;
        self.row.clear();
        self.row.extend_from_slice(row);
        refresh(cx, &mut self.row)?;
        self.found = Batch::new(row.len());
        self.pipeline.start(cx, &self.row);
        while let Some(rows) = self.pipeline.next(cx)? {
            self.found.append(rows);
        }
        if self.found.is_empty() {
            create(cx, &self.plan.creation, &mut self.row)?;
            apply(cx, &self.plan.on_create, &mut self.row)?;
            self.found.push(&self.row);
            return Ok(());
        }
        for row in self.found.rows_mut() {
            apply(cx, &self.plan.on_match, row)?;
        }
        Ok(())
    }

    fn more(&mut self, _: Cx<'_, '_>, _: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            if self.at >= self.found.len() {
                return Ok(true);
            }
            out.push(self.found.row(self.at));
            self.at += 1;
        }
        Ok(false)
    }
}
