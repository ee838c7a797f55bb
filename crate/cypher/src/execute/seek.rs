//! What an index gives.

use std::ops::Bound;

use super::batch::Batch;
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, set};
use crate::evaluate::Expression;
use crate::plan::operator::{RelationshipSeek, Seek, Sought, SoughtNext};
use crate::storage::{self, Next};
use crate::value::Value;
use crate::value::number::exact_integer;

/// Appends the ids that a row seeks, each once, to be given back with `forget`. Null equals nothing and lies nowhere.
pub(super) fn sought(cx: Cx<'_, '_>, seek: &Seek, row: &[Value], ids: &mut Vec<u64>) -> Result<()> {
    if let ([Sought::Value(value)], SoughtNext::Any) = (seek.equal.as_slice(), &seek.next) {
        return match cx.value(value, row)? {
            Value::Null => Ok(()),
            value => cx.runtime.seek(seek.index, storage::Seek::equal(&[value]), ids),
        };
    }
    let mut choices = Vec::with_capacity(seek.equal.len());
    for sought in &seek.equal {
        let mut values = match sought {
            Sought::Value(value) => vec![cx.value(value, row)?],
            Sought::OneOf(list) => match cx.value(list, row)? {
                Value::List(list) => list.values().to_vec(),
                _ => Vec::new(),
            },
        };
        values.retain(|value| !value.is_null());
        choices.push(values);
    }
    if choices.iter().any(Vec::is_empty) {
        return Ok(());
    }
    let prefix;
    let bounds;
    let next = match &seek.next {
        SoughtNext::Any => Next::Any,
        SoughtNext::Range { low, high } => {
            bounds = (bound(cx, low.as_ref(), row)?, bound(cx, high.as_ref(), row)?);
            if is_null(&bounds.0) || is_null(&bounds.1) {
                return Ok(());
            }
            Next::Range(bounds.0.as_ref(), bounds.1.as_ref())
        }
        SoughtNext::Prefix(text) => {
            prefix = cx.value(text, row)?;
            let Value::String(text) = &prefix else { return Ok(()) };
            Next::Prefix(text)
        }
    };
    each_combination(&choices, |equal| {
        cx.proceed()?;
        cx.runtime.seek(seek.index, storage::Seek { equal, next }, ids)
    })?;
    if choices.iter().any(|values| values.len() > 1) {
        ids.sort_unstable();
        let found = ids.len();
        ids.dedup();
        cx.runtime.forget_some(found - ids.len());
    }
    Ok(())
}

/// Appends the nodes that have an id a row seeks, each once.
pub(super) fn present(cx: Cx<'_, '_>, sought: &Sought, row: &[Value], ids: &mut Vec<u64>) -> Result<()> {
    let value;
    let values = match sought {
        Sought::Value(one) => {
            value = cx.value(one, row)?;
            std::slice::from_ref(&value)
        }
        Sought::OneOf(list) => {
            value = cx.value(list, row)?;
            let Value::List(list) = &value else { return Ok(()) };
            list.values()
        }
    };
    for value in values {
        cx.proceed()?;
        let integer = match value {
            Value::Integer(integer) => Some(*integer),
            Value::Float(float) => exact_integer(*float),
            _ => None,
        };
        let Some(id) = integer.and_then(|integer| u64::try_from(integer).ok()) else { continue };
        if cx.runtime.read(|storage| storage.has_node(id))? {
            cx.runtime.hold_id()?;
            ids.push(id);
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    cx.runtime.forget_some(count.saturating_sub(ids.len()));
    Ok(())
}

/// Calls `visit` with one value of each list, in every way.
fn each_combination(choices: &[Vec<Value>], mut visit: impl FnMut(&[Value]) -> Result<()>) -> Result<()> {
    let mut places = vec![0; choices.len()];
    loop {
        let chosen = choices.iter().zip(&places).filter_map(|(values, place)| values.get(*place).cloned());
        visit(&chosen.collect::<Vec<_>>())?;
        let mut turned = false;
        for (place, values) in places.iter_mut().zip(choices).rev() {
            *place += 1;
            if *place < values.len() {
                turned = true;
                break;
            }
            *place = 0;
        }
        if !turned {
            return Ok(());
        }
    }
}

fn bound(cx: Cx<'_, '_>, bound: Option<&(Expression, bool)>, row: &[Value]) -> Result<Bound<Value>> {
    match bound {
        None => Ok(Bound::Unbounded),
        Some((value, true)) => cx.value(value, row).map(Bound::Included),
        Some((value, false)) => cx.value(value, row).map(Bound::Excluded),
    }
}

fn is_null(bound: &Bound<Value>) -> bool {
    matches!(bound, Bound::Included(value) | Bound::Excluded(value) if value.is_null())
}

/// Relationships out of an index.
pub(super) struct SeekingRelationships<'p> {
    plan: &'p RelationshipSeek,
    ids: Vec<u64>,
    at: usize,
}

impl<'p> SeekingRelationships<'p> {
    pub const fn new(plan: &'p RelationshipSeek) -> Self {
        Self { plan, ids: Vec::new(), at: 0 }
    }
}

impl Rowwise for SeekingRelationships<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.reset(cx);
        sought(cx, &self.plan.seek, row, &mut self.ids)
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        let target = self.plan.relationship;
        while out.len() < most {
            let Some(&id) = self.ids.get(self.at) else {
                self.reset(cx);
                return Ok(true);
            };
            self.at += 1;
            cx.proceed()?;
            let relationship = cx.relationship(target, id)?;
            set(out.push(row), target.slot, relationship);
        }
        Ok(false)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        cx.runtime.forget(&mut self.ids);
        self.at = 0;
    }
}
