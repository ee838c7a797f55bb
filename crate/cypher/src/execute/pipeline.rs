//! Steps in a row, and how rows go through them.
//!
//! No step calls the one before it: the pipeline asks the last one, goes back towards the first while steps starve, and
//! forward again with what they give. A pattern of a thousand relationships therefore needs no deep stack.

use std::time::Instant;

use super::batch::{Batch, ROWS_FIRST, ROWS_MAX};
use super::runtime::Cx;
use crate::error::CypherError;
use crate::ir::Span;
use crate::plan::operator::{self, StepPlan};
use crate::value::Value;

pub(crate) type Result<T> = std::result::Result<T, CypherError>;

/// What a step gives when it is asked.
pub(super) enum Next {
    /// Rows; there may be more.
    Rows(Batch),
    /// Nothing, before it is given rows or told that there are none.
    Starved,
    /// Nothing any more.
    Done,
}

pub(super) trait Step {
    /// Takes rows. Called when it starved.
    fn give(&mut self, rows: Batch);
    /// There are no more rows.
    fn end(&mut self);
    /// What it makes of the rows. Done again once it was done; not starved once it was told the end.
    fn next(&mut self, cx: Cx<'_, '_>) -> Result<Next>;
    /// Begins anew, with the row that the pipeline begins with.
    fn reset(&mut self, cx: Cx<'_, '_>, argument: &[Value]);
}

/// A running pipeline.
pub(crate) struct Pipeline<'p> {
    steps: Vec<Level<'p>>,
    source: Option<Batch>,
}

struct Level<'p> {
    step: Box<dyn Step + 'p>,
    plan: &'p StepPlan,
    /// Bytes of the values that expressions made for the rows it gave last.
    made: usize,
}

impl Level<'_> {
    fn next(&mut self, cx: Cx<'_, '_>) -> Result<Next> {
        let meter = &cx.runtime.meter;
        // Steps behind it starved: what it gave is gone, or is held by one that counts it.
        let outer = meter.step_began(std::mem::take(&mut self.made));
        let next = if cx.runtime.profile.is_some() {
            profiled(self.plan.id, self.step.as_mut(), cx)
        } else {
            self.step.next(cx)
        };
        self.made = meter.step_ended(outer);
        next.map_err(|mut error| {
            error.span = error.span.or_else(|| self.plan.place.map(Span::range));
            error
        })
    }
}

impl<'p> Pipeline<'p> {
    pub fn new(plan: &'p operator::Pipeline) -> Self {
        let level = |plan: &'p StepPlan| Level { step: super::build::step(&plan.operator), plan, made: 0 };
        Self { steps: plan.steps.iter().map(level).collect(), source: None }
    }

    /// Begins with a row.
    pub fn start(&mut self, cx: Cx<'_, '_>, row: &[Value]) {
        for level in &mut self.steps {
            cx.runtime.release(std::mem::take(&mut level.made));
            level.step.reset(cx, row);
        }
        self.source = Some(Batch::of_row(row));
    }

    /// The next rows; none is empty.
    pub fn next(&mut self, cx: Cx<'_, '_>) -> Result<Option<Batch>> {
        let Some(last) = self.steps.len().checked_sub(1) else { return Ok(self.source.take()) };
        let mut level = last;
        while let Some(at) = self.steps.get_mut(level) {
            match at.next(cx)? {
                Next::Rows(rows) if rows.is_empty() => {}
                Next::Rows(rows) if level == last => return Ok(Some(rows)),
                Next::Rows(rows) => {
                    level += 1;
                    if let Some(above) = self.steps.get_mut(level) {
                        above.step.give(rows);
                    }
                }
                Next::Starved if level > 0 => level -= 1,
                Next::Starved => match self.source.take() {
                    Some(rows) => at.step.give(rows),
                    None => at.step.end(),
                },
                Next::Done if level == last => return Ok(None),
                Next::Done => {
                    level += 1;
                    if let Some(above) = self.steps.get_mut(level) {
                        above.step.end();
                    }
                }
            }
        }
        Ok(None)
    }

    /// Runs to the end, for what it does.
    pub fn drain(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        while self.next(cx)?.is_some() {
            cx.proceed()?;
        }
        Ok(())
    }
}

fn profiled(id: usize, step: &mut dyn Step, cx: Cx<'_, '_>) -> Result<Next> {
    let began = Instant::now();
    let next = step.next(cx)?;
    let rows = if let Next::Rows(rows) = &next { rows.len() } else { 0 };
    cx.runtime.count(id, rows, began.elapsed());
    Ok(next)
}

/// What makes a batch of a batch.
pub(super) trait Batchwise {
    fn batch(&mut self, cx: Cx<'_, '_>, rows: Batch) -> Result<Batch>;
    fn reset(&mut self, _: Cx<'_, '_>) {}
}

/// A step of something batchwise.
pub(super) struct Each<T> {
    inner: T,
    waiting: Option<Batch>,
    ended: bool,
}

impl<T> Each<T> {
    pub const fn new(inner: T) -> Self {
        Self { inner, waiting: None, ended: false }
    }
}

impl<T: Batchwise> Step for Each<T> {
    fn give(&mut self, rows: Batch) {
        self.waiting = Some(rows);
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn next(&mut self, cx: Cx<'_, '_>) -> Result<Next> {
        match self.waiting.take() {
            Some(rows) => {
                let rows = self.inner.batch(cx, rows)?;
                Ok(Next::Rows(rows))
            }
            None if self.ended => Ok(Next::Done),
            None => Ok(Next::Starved),
        }
    }

    fn reset(&mut self, cx: Cx<'_, '_>, _: &[Value]) {
        self.waiting = None;
        self.ended = false;
        self.inner.reset(cx);
    }
}

/// What makes any number of rows of a row.
pub(super) trait Rowwise {
    /// A row comes.
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()>;
    /// Appends rows made of it, until `most` are there; gives whether there are no more.
    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool>;
    /// Whether the batch is passed on, though it has fewer rows than were asked for.
    fn is_full(&self) -> bool {
        false
    }
    fn reset(&mut self, _: Cx<'_, '_>) {}
}

/// A step of something rowwise.
pub(super) struct Flat<T> {
    inner: T,
    input: Batch,
    at: usize,
    open: bool,
    ended: bool,
    most: usize,
}

impl<T> Flat<T> {
    pub fn new(inner: T) -> Self {
        Self { inner, input: Batch::default(), at: 0, open: false, ended: false, most: ROWS_FIRST }
    }
}

impl<T: Rowwise> Step for Flat<T> {
    fn give(&mut self, rows: Batch) {
        self.input = rows;
        self.at = 0;
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn next(&mut self, cx: Cx<'_, '_>) -> Result<Next> {
        let mut out = Batch::new(self.input.width());
        while self.at < self.input.len() {
            cx.proceed()?;
            let row = self.input.row(self.at);
            if !self.open {
                self.inner.begin(cx, row)?;
                self.open = true;
            }
            if self.inner.more(cx, row, self.most, &mut out)? {
                self.open = false;
                self.at += 1;
            }
            if out.len() >= self.most {
                self.most = (self.most * 4).min(ROWS_MAX);
                return Ok(Next::Rows(out));
            }
            if self.inner.is_full() {
                return Ok(Next::Rows(out));
            }
        }
        if !out.is_empty() {
            return Ok(Next::Rows(out));
        }
        Ok(if self.ended { Next::Done } else { Next::Starved })
    }

    fn reset(&mut self, cx: Cx<'_, '_>, _: &[Value]) {
        self.input.clear();
        self.at = 0;
        self.open = false;
        self.ended = false;
        self.most = ROWS_FIRST;
        self.inner.reset(cx);
    }
}

/// What needs all rows before it gives the first.
pub(super) trait Gathering {
    fn take(&mut self, cx: Cx<'_, '_>, rows: Batch) -> Result<()>;
    /// All rows were taken.
    fn finish(&mut self, cx: Cx<'_, '_>) -> Result<()>;
    /// The next rows of the result; empty when there are no more.
    fn result(&mut self, cx: Cx<'_, '_>) -> Result<Batch>;
    fn reset(&mut self, cx: Cx<'_, '_>, argument: &[Value]);
}

/// A step of something gathering.
pub(super) struct Gather<T> {
    inner: T,
    waiting: Option<Batch>,
    ended: bool,
    finished: bool,
}

impl<T> Gather<T> {
    pub const fn new(inner: T) -> Self {
        Self { inner, waiting: None, ended: false, finished: false }
    }
}

impl<T: Gathering> Step for Gather<T> {
    fn give(&mut self, rows: Batch) {
        self.waiting = Some(rows);
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn next(&mut self, cx: Cx<'_, '_>) -> Result<Next> {
        if let Some(rows) = self.waiting.take() {
            self.inner.take(cx, rows)?;
        }
        if !self.ended {
            return Ok(Next::Starved);
        }
        if !self.finished {
            self.finished = true;
            self.inner.finish(cx)?;
        }
        let rows = self.inner.result(cx)?;
        Ok(if rows.is_empty() { Next::Done } else { Next::Rows(rows) })
    }

    fn reset(&mut self, cx: Cx<'_, '_>, argument: &[Value]) {
        self.waiting = None;
        self.ended = false;
        self.finished = false;
        self.inner.reset(cx, argument);
    }
}
