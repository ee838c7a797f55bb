//! Rows, one after the other in one vector.

use crate::value::Value;

/// Most rows that a step gives at once.
pub(super) const ROWS_MAX: usize = 1_024;
/// Rows that a step gives first: a query that needs few does not wait for many.
pub(super) const ROWS_FIRST: usize = 16;

/// Rows of the same width, which is at least one.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    width: usize,
    values: Vec<Value>,
}

impl Batch {
    pub(crate) fn new(width: usize) -> Self {
        Self { width: width.max(1), values: Vec::new() }
    }

    /// One row of nulls.
    pub(crate) fn start(width: usize) -> Self {
        Self { width: width.max(1), values: vec![Value::Null; width.max(1)] }
    }

    pub(crate) fn of_row(row: &[Value]) -> Self {
        Self { width: row.len().max(1), values: row.to_vec() }
    }

    /// How many values a row has.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A row; empty behind the last one.
    #[must_use]
    pub fn row(&self, at: usize) -> &[Value] {
        let start = at.saturating_mul(self.width);
        self.values.get(start..start.saturating_add(self.width)).unwrap_or_default()
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = &[Value]> {
        self.values.chunks_exact(self.width.max(1))
    }

    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [Value]> {
        self.values.chunks_exact_mut(self.width.max(1))
    }

    /// Appends a copy of a row, and gives it to be changed.
    pub(crate) fn push(&mut self, row: &[Value]) -> &mut [Value] {
        let start = self.values.len();
        self.values.extend_from_slice(row);
        self.values.resize(start.saturating_add(self.width), Value::Null);
        self.values.get_mut(start..).unwrap_or_default()
    }

    /// Appends a row of values, as many as it is wide.
    pub(crate) fn push_values(&mut self, row: impl IntoIterator<Item = Value>) {
        let end = self.values.len().saturating_add(self.width);
        self.values.extend(row);
        self.values.resize(end, Value::Null);
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.width = other.width;
        self.values.append(&mut other.values);
    }

    pub(crate) fn clear(&mut self) {
        self.values.clear();
    }

    /// Keeps the first rows.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows.saturating_mul(self.width));
    }

    /// Leaves out the first rows.
    pub(crate) fn skip(&mut self, rows: usize) {
        let values = rows.saturating_mul(self.width).min(self.values.len());
        self.values.drain(..values);
    }

    /// Keeps the rows for which `keep` holds; the first error ends it.
    pub(crate) fn retain<E>(&mut self, mut keep: impl FnMut(&mut [Value]) -> Result<bool, E>) -> Result<(), E> {
        let (mut kept, width) = (0, self.width);
        for at in 0..self.len() {
            let Some(row) = self.values.get_mut(at * width..(at + 1) * width) else { break };
            if !keep(row)? {
                continue;
            }
            if kept != at {
                for column in 0..width {
                    self.values.swap(kept * width + column, at * width + column);
                }
            }
            kept += 1;
        }
        self.truncate(kept);
        Ok(())
    }

    /// Bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.values.iter().map(Value::bytes).fold(0, usize::saturating_add)
    }
}

pub(crate) fn bytes_of(row: &[Value]) -> usize {
    row.iter().map(Value::bytes).fold(0, usize::saturating_add)
}
