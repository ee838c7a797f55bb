//! Steps over rows that need nothing of the graph: filters, projections, limits, UNWIND.

use super::batch::{Batch, ROWS_MAX};
use super::pipeline::{Batchwise, Gathering, Next, Result, Rowwise, Step};
use super::refresh::refresh;
use super::runtime::{Cx, set};
use crate::error::{CypherError, Detail, Kind};
use crate::evaluate::Expression;
use crate::function::Integers;
use crate::ir::Slot;
use crate::plan::operator::Projection;
use crate::value::{List, Value};

pub(super) struct Filtering<'p>(pub &'p [Expression]);

impl Batchwise for Filtering<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        rows.retain(|row| {
            cx.proceed()?;
            for predicate in self.0 {
                if !predicate.is_true(cx.scope(row))? {
                    return Ok(false);
                }
            }
            Ok(true)
        })?;
        Ok(rows)
    }
}

pub(super) struct Projecting<'p>(pub &'p Projection);

impl Batchwise for Projecting<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        for row in rows.rows_mut() {
            cx.proceed()?;
            for (slot, value) in &self.0.items {
                // It stays counted as long as the rows that this step gives.
                let value = value.value(cx.scope(row))?;
                set(row, *slot, value);
            }
        }
        Ok(rows)
    }
}

/// How many rows a SKIP or LIMIT says.
pub(super) fn count(cx: Cx<'_, '_>, expression: &Expression) -> Result<usize> {
    let refused = |detail, value: &Value| {
        let message = format!("SKIP and LIMIT take a number of rows, not {value}");
        Err(expression.placed(CypherError::runtime(Kind::SyntaxError, detail, message)))
    };
    let value = cx.value(expression, &[])?;
    match value {
        Value::Integer(count) if count >= 0 => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
        other @ Value::Integer(_) => refused(Detail::NegativeIntegerArgument, &other),
        other => refused(Detail::InvalidArgumentType, &other),
    }
}

pub(super) struct Skipping<'p> {
    count: &'p Expression,
    left: Option<usize>,
}

impl<'p> Skipping<'p> {
    pub const fn new(count: &'p Expression) -> Self {
        Self { count, left: None }
    }
}

impl Batchwise for Skipping<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        let left = match self.left {
            Some(left) => left,
            None => count(cx, self.count)?,
        };
        let skipped = left.min(rows.len());
        self.left = Some(left - skipped);
        if skipped > 0 {
            rows.skip(skipped);
        }
        Ok(rows)
    }

    fn reset(&mut self, _: Cx<'_, '_>) {
        self.left = None;
    }
}

/// Ends when it gave its rows, unless what is before it must be finished.
pub(super) struct Limiting<'p> {
    count: &'p Expression,
    exhaust: bool,
    left: Option<usize>,
    waiting: Option<Batch>,
    ended: bool,
}

impl<'p> Limiting<'p> {
    pub const fn new(count: &'p Expression, exhaust: bool) -> Self {
        Self { count, exhaust, left: None, waiting: None, ended: false }
    }
}

impl Step for Limiting<'_> {
    fn give(&mut self, rows: Batch) {
        self.waiting = Some(rows);
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn next(&mut self, cx: Cx<'_, '_>) -> Result<Next> {
        let left = match self.left {
            Some(left) => left,
            None => count(cx, self.count)?,
        };
        self.left = Some(left);
        match self.waiting.take() {
            Some(mut rows) if left > 0 => {
                rows.truncate(left);
                self.left = Some(left - rows.len());
                Ok(Next::Rows(rows))
            }
            _ if self.ended || (left == 0 && !self.exhaust) => Ok(Next::Done),
            _ => Ok(Next::Starved),
        }
    }

    fn reset(&mut self, _: Cx<'_, '_>, _: &[Value]) {
        self.left = None;
        self.waiting = None;
        self.ended = false;
    }
}

pub(super) struct Unwinding<'p> {
    list: &'p Expression,
    slot: Slot,
    values: Option<List>,
    held: usize,
    single: Option<Value>,
    /// What `range` gives is never a list.
    integers: Option<Integers>,
    at: usize,
}

impl<'p> Unwinding<'p> {
    pub const fn new(list: &'p Expression, slot: Slot) -> Self {
        Self { list, slot, values: None, held: 0, single: None, integers: None, at: 0 }
    }
}

impl Rowwise for Unwinding<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.reset(cx);
        self.integers = self.list.integers(cx.scope(row))?;
        if self.integers.is_some() {
            return Ok(());
        }
        let value = cx.value(self.list, row)?;
        self.held = value.bytes();
        cx.runtime.hold(self.held)?;
        match value {
            Value::Null => {}
            Value::List(list) => self.values = Some(list),
            other => self.single = Some(other),
        }
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        if let Some(value) = self.single.take() {
            set(out.push(row), self.slot, value);
        }
        if let Some(integers) = &mut self.integers {
            while out.len() < most {
                let Some(value) = integers.next() else { return Ok(true) };
                cx.proceed()?;
                set(out.push(row), self.slot, value);
            }
            return Ok(false);
        }
        let Some(list) = &self.values else { return Ok(true) };
        while out.len() < most {
            let Some(value) = list.values().get(self.at) else { return Ok(true) };
            cx.proceed()?;
            set(out.push(row), self.slot, value.clone());
            self.at += 1;
        }
        Ok(false)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        (self.values, self.single, self.integers, self.at) = (None, None, None, 0);
        cx.runtime.release(std::mem::take(&mut self.held));
    }
}

/// All rows, before the first is given; entities in them are as the query left them.
#[derive(Default)]
pub(super) struct Eager {
    batches: std::collections::VecDeque<Batch>,
    held: usize,
}

impl Gathering for Eager {
    fn take(&mut self, cx: Cx<'_, '_>, rows: Batch) -> Result<()> {
        let bytes = rows.bytes();
        cx.runtime.hold(bytes)?;
        self.held = self.held.saturating_add(bytes);
        match self.batches.back_mut() {
            Some(last) if last.len() < ROWS_MAX / 2 => last.append(rows),
            _ => self.batches.push_back(rows),
        }
        Ok(())
    }

    fn finish(&mut self, _: Cx<'_, '_>) -> Result<()> {
        Ok(())
    }

    fn result(&mut self, cx: Cx<'_, '_>) -> Result<Batch> {
        let Some(mut rows) = self.batches.pop_front() else {
            cx.runtime.release(std::mem::take(&mut self.held));
            return Ok(Batch::default());
        };
        for row in rows.rows_mut() {
            refresh(cx, row)?;
        }
        Ok(rows)
    }

    fn reset(&mut self, cx: Cx<'_, '_>, _: &[Value]) {
        self.batches.clear();
        cx.runtime.release(std::mem::take(&mut self.held));
    }
}
