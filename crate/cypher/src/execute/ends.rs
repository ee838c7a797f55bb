//! The least and greatest values of properties, from the ends of indexes.

use super::batch::{Batch, ROWS_MAX};
use super::pipeline::{Batchwise, Result};
use super::runtime::{Cx, set};
use super::seek::properties;
use crate::plan::operator::IndexEnd;
use crate::storage::{Next, Seek};
use crate::value::Value;
use crate::value::order::order;

pub(super) struct Ends<'p>(pub &'p [IndexEnd]);

impl Batchwise for Ends<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        for row in rows.rows_mut() {
            for end in self.0 {
                let value = value(cx, end)?;
                set(row, end.slot, value);
            }
        }
        Ok(rows)
    }
}

/// Of values that are equivalent, the one of the first node.
fn value(cx: Cx<'_, '_>, end: &IndexEnd) -> Result<Value> {
    let of = |equal: &[Value], next, reverse| {
        let place = cx.runtime.seek(end.index, Seek { equal, next, reverse })?;
        let mut ids = Vec::new();
        if let Some(mut place) = place {
            cx.runtime.read(|storage| storage.advance(&mut place, 1, &mut ids))?;
        }
        properties(cx, end.property, &ids)
    };
    let mut found = of(&[], Next::Formed, end.greatest)?;
    if end.greatest && !found.is_empty() {
        found = of(&found, Next::Any, false)?;
    }
    let mut found = found.pop().unwrap_or(Value::Null);
    let Some(mut others) = cx.runtime.seek(end.index, Seek { equal: &[], next: Next::Other, reverse: false })? else {
        return Ok(found);
    };
    loop {
        let mut ids = Vec::new();
        let more = cx.runtime.read(|storage| storage.advance(&mut others, ROWS_MAX, &mut ids))?;
        cx.runtime.check_limits()?;
        for other in properties(cx, end.property, &ids)? {
            let order = if end.greatest { order(&found, &other) } else { order(&other, &found) };
            if found.is_null() || order.is_lt() {
                found = other;
            }
        }
        if !more {
            return Ok(found);
        }
    }
}
