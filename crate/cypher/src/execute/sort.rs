//! ORDER BY; with a LIMIT behind it, only the rows that can be among the first are kept.

use std::cmp::Ordering;

use super::batch::{Batch, ROWS_MAX, bytes_of};
use super::pipeline::{Gathering, Result};
use super::rows::count;
use super::runtime::Cx;
use crate::plan::operator::Sort;
use crate::value::Value;
use crate::value::order::order;

/// Rows that are sorted at once.
const PART_ROWS: usize = 1 << 15;

/// Rows that are not sorted before there are so many, where few are wanted.
const CUT_ROWS_MIN: usize = 64;

/// Keys that are larger are compared one by one.
const KEY_BYTES_MAX: usize = 64 << 10;

struct Sorted {
    keys: Vec<Value>,
    row: Vec<Value>,
}

pub(super) struct Sorting<'p> {
    plan: &'p Sort,
    rows: Vec<Sorted>,
    held: usize,
    most: Option<usize>,
    /// The keys of the last row that was among the first when they were sorted: what does not come before it is not.
    bound: Option<Vec<Value>>,
    /// Those of the row at hand.
    keys: Vec<Value>,
}

impl<'p> Sorting<'p> {
    pub const fn new(plan: &'p Sort) -> Self {
        Self { plan, rows: Vec::new(), held: 0, most: None, bound: None, keys: Vec::new() }
    }

    /// Sorts parts first, so that the query can be ended between them: the whole is then merged in a part of the time.
    fn sort(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        let keys = &self.plan.keys;
        if self.rows.iter().any(|row| row.keys.iter().any(|key| key.extent() > KEY_BYTES_MAX)) {
            self.rows = merged(cx, std::mem::take(&mut self.rows), keys)?;
            return Ok(());
        }
        for part in self.rows.chunks_mut(PART_ROWS) {
            cx.runtime.check_limits()?;
            sort_rows(part, keys);
        }
        if self.rows.len() > PART_ROWS {
            sort_rows(&mut self.rows, keys);
        }
        Ok(())
    }

    /// Lets go of rows that are not among the first.
    fn cut(&mut self, cx: Cx<'_, '_>, most: usize) -> Result<()> {
        self.sort(cx)?;
        let freed = self.rows.iter().skip(most).map(bytes).fold(0, usize::saturating_add);
        self.rows.truncate(most);
        self.held = self.held.saturating_sub(freed);
        cx.runtime.release(freed);
        self.bound = most.checked_sub(1).and_then(|last| self.rows.get(last)).map(|last| last.keys.clone());
        Ok(())
    }
}

fn bytes(sorted: &Sorted) -> usize {
    bytes_of(&sorted.row).saturating_add(bytes_of(&sorted.keys))
}

fn sort_rows(rows: &mut [Sorted], keys: &[(crate::evaluate::Expression, bool)]) {
    rows.sort_by(|left, right| compare(keys, &left.keys, &right.keys));
}

/// Sorts rows as [`sort_rows`] does, so that the query can be ended between any two comparisons: of large keys each takes
/// its time.
fn merged(cx: Cx<'_, '_>, mut left: Vec<Sorted>, keys: &[(crate::evaluate::Expression, bool)]) -> Result<Vec<Sorted>> {
    if left.len() < 2 {
        return Ok(left);
    }
    let right = left.split_off(left.len() / 2);
    let mut all = Vec::with_capacity(left.len() + right.len());
    let mut left = merged(cx, left, keys)?.into_iter().peekable();
    let mut right = merged(cx, right, keys)?.into_iter().peekable();
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        cx.proceed()?;
        first.keys.iter().try_for_each(|key| cx.runtime.meter.work(key))?;
        let next = if compare(keys, &first.keys, &second.keys).is_le() { left.next() } else { right.next() };
        all.extend(next);
    }
    all.extend(left);
    all.extend(right);
    Ok(all)
}

fn compare(keys: &[(crate::evaluate::Expression, bool)], left: &[Value], right: &[Value]) -> Ordering {
    for ((left, right), (_, descending)) in left.iter().zip(right).zip(keys) {
        let ordering = if *descending { order(right, left) } else { order(left, right) };
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}

impl Gathering for Sorting<'_> {
    fn take(&mut self, cx: Cx<'_, '_>, rows: Batch) -> Result<()> {
        let most = match self.most {
            Some(most) => most,
            None if self.plan.most.is_empty() => usize::MAX,
            None => {
                let counts = self.plan.most.iter().map(|expression| count(cx, expression));
                counts.collect::<Result<Vec<_>>>()?.into_iter().fold(0, usize::saturating_add)
            }
        };
        self.most = Some(most);
        for row in rows.rows() {
            cx.proceed()?;
            self.keys.clear();
            for (key, _) in &self.plan.keys {
                self.keys.push(cx.key(key, row)?.0);
            }
            if self.bound.as_ref().is_some_and(|bound| compare(&self.plan.keys, &self.keys, bound).is_ge()) {
                continue;
            }
            let sorted = Sorted { keys: std::mem::take(&mut self.keys), row: row.to_vec() };
            let bytes = bytes(&sorted);
            self.held = self.held.saturating_add(bytes);
            cx.runtime.hold(bytes)?;
            self.rows.push(sorted);
            if self.rows.len() >= most.saturating_mul(2).max(CUT_ROWS_MIN) {
                self.cut(cx, most)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        let most = self.most.unwrap_or(usize::MAX);
        self.cut(cx, most)?;
        self.rows.reverse();
        Ok(())
    }

    fn result(&mut self, cx: Cx<'_, '_>) -> Result<Batch> {
        let mut rows = Batch::default();
        while rows.len() < ROWS_MAX {
            let Some(sorted) = self.rows.pop() else { break };
            if rows.is_empty() {
                rows = Batch::new(sorted.row.len());
            }
            rows.push_values(sorted.row);
        }
        if rows.is_empty() {
            cx.runtime.release(std::mem::take(&mut self.held));
        }
        Ok(rows)
    }

    fn reset(&mut self, cx: Cx<'_, '_>, _: &[Value]) {
        self.rows.clear();
        cx.runtime.release(std::mem::take(&mut self.held));
        self.most = None;
        self.bound = None;
    }
}
