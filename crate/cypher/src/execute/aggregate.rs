//! Groups of rows, rows that differ, and counts that the storage knows.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::batch::{Batch, ROWS_MAX, bytes_of};
use super::pipeline::{Batchwise, Gathering, Result};
use super::runtime::{Cx, set};
use crate::function::Accumulator;
use crate::ir::Slot;
use crate::plan::operator::{Aggregation, Count, Grouping};
use crate::value::Value;
use crate::value::order::Key;

/// What an aggregation knows of one group.
struct State {
    accumulator: Accumulator,
    seen: Option<HashSet<Key, RandomState>>,
}

struct Group {
    row: Vec<Value>,
    states: Vec<State>,
}

pub(super) struct Aggregating<'p> {
    plan: &'p Grouping,
    places: HashMap<Vec<Key>, usize, RandomState>,
    groups: Vec<Group>,
    held: usize,
    key: Vec<Key>,
}

impl<'p> Aggregating<'p> {
    pub fn new(plan: &'p Grouping) -> Self {
        Self { plan, places: HashMap::default(), groups: Vec::new(), held: 0, key: Vec::new() }
    }

    fn hold(&mut self, cx: Cx<'_, '_>, bytes: usize) -> Result<()> {
        self.held = self.held.saturating_add(bytes);
        cx.runtime.hold(bytes)
    }

    /// The place of a row's group, which is made where it is the first.
    fn group(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<usize> {
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        for (_, expression) in &self.plan.keys {
            key.push(cx.key(expression, row)?);
        }
        if let Some(place) = self.places.get(&key) {
            let place = *place;
            self.key = key;
            return Ok(place);
        }
        let place = self.groups.len();
        let mut first = row.to_vec();
        for ((slot, _), Key(value)) in self.plan.keys.iter().zip(&key) {
            set(&mut first, *slot, value.clone());
        }
        self.hold(cx, bytes_of(&first))?;
        self.groups.push(Group { row: first, states: states(&self.plan.aggregates) });
        self.places.insert(key, place);
        Ok(place)
    }

    fn update(&mut self, cx: Cx<'_, '_>, place: usize, row: &[Value]) -> Result<()> {
        let Some(group) = self.groups.get_mut(place) else { return Ok(()) };
        for (aggregation, state) in self.plan.aggregates.iter().zip(&mut group.states) {
            let meter = &cx.runtime.meter;
            let grown = match aggregation.arguments.as_slice() {
                [] => {
                    state.accumulator.update(&[])?;
                    0
                }
                [only] => {
                    let made = meter.made();
                    let value = only.get(cx.scope(row))?;
                    meter.work(&value)?;
                    let grown = state.update(std::slice::from_ref(&*value)).map_err(|error| only.placed(error))?;
                    meter.settle(made, 0)?;
                    grown
                }
                [first, ..] => {
                    let values = aggregation.arguments.iter().map(|argument| cx.value(argument, row));
                    let values = values.collect::<Result<Vec<_>>>()?;
                    state.update(&values).map_err(|error| first.placed(error))?
                }
            };
            if grown > 0 {
                self.held = self.held.saturating_add(grown);
                cx.runtime.hold(grown)?;
            }
        }
        Ok(())
    }
}

fn states(aggregates: &[Aggregation]) -> Vec<State> {
    let state = |aggregation: &Aggregation| State {
        accumulator: aggregation.function.start(),
        seen: aggregation.distinct.then(HashSet::default),
    };
    aggregates.iter().map(state).collect()
}

impl State {
    /// Takes in a row's arguments; gives how many bytes it grew by.
    fn update(&mut self, arguments: &[Value]) -> Result<usize> {
        let mut grown = 0;
        if let (Some(seen), Some(value)) = (&mut self.seen, arguments.first()) {
            if !value.is_null() && !seen.insert(Key(value.clone())) {
                return Ok(0);
            }
            grown = value.bytes();
        }
        let before = self.accumulator.bytes();
        self.accumulator.update(arguments)?;
        Ok(grown.saturating_add(self.accumulator.bytes().saturating_sub(before)))
    }
}

impl Gathering for Aggregating<'_> {
    fn take(&mut self, cx: Cx<'_, '_>, rows: Batch) -> Result<()> {
        for row in rows.rows() {
            cx.proceed()?;
            let place = if self.plan.keys.is_empty() { 0 } else { self.group(cx, row)? };
            self.update(cx, place, row)?;
        }
        Ok(())
    }

    fn finish(&mut self, _: Cx<'_, '_>) -> Result<()> {
        self.places.clear();
        self.groups.reverse();
        Ok(())
    }

    fn result(&mut self, cx: Cx<'_, '_>) -> Result<Batch> {
        let mut rows = Batch::default();
        while rows.len() < ROWS_MAX {
            let Some(group) = self.groups.pop() else { break };
            if rows.is_empty() {
                rows = Batch::new(group.row.len());
            }
            let made = rows.push(&group.row);
            for (aggregation, state) in self.plan.aggregates.iter().zip(group.states) {
                set(made, aggregation.slot, state.accumulator.finish()?);
            }
        }
        if rows.is_empty() {
            cx.runtime.release(std::mem::take(&mut self.held));
        }
        Ok(rows)
    }

    /// Without keys there is one group, even of no rows; it keeps what the pipeline began with.
    fn reset(&mut self, cx: Cx<'_, '_>, argument: &[Value]) {
        self.places.clear();
        self.groups.clear();
        cx.runtime.release(std::mem::take(&mut self.held));
        if self.plan.keys.is_empty() {
            self.groups.push(Group { row: argument.to_vec(), states: states(&self.plan.aggregates) });
        }
    }
}

/// Rows that differ in some slots; the first of those that do not.
pub(super) struct Distinct<'p> {
    slots: &'p [Slot],
    seen: HashSet<Vec<Key>, RandomState>,
    held: usize,
}

impl<'p> Distinct<'p> {
    pub fn new(slots: &'p [Slot]) -> Self {
        Self { slots, seen: HashSet::default(), held: 0 }
    }
}

impl Batchwise for Distinct<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        rows.retain(|row| {
            cx.proceed()?;
            let key = cx.keys(self.slots, row)?;
            let bytes = key.iter().map(|Key(value)| value.bytes()).fold(0, usize::saturating_add);
            let new = self.seen.insert(key);
            if new {
                self.held = self.held.saturating_add(bytes);
                cx.runtime.hold(bytes)?;
            }
            Ok(new)
        })?;
        Ok(rows)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.seen.clear();
        cx.runtime.release(std::mem::take(&mut self.held));
    }
}

/// One row with a number that the storage knows.
pub(super) struct Counting<'p> {
    pub slot: Slot,
    pub count: &'p Count,
}

impl Batchwise for Counting<'_> {
    fn batch(&mut self, cx: Cx<'_, '_>, mut rows: Batch) -> Result<Batch> {
        let count = match self.count {
            Count::Nodes(None) => cx.runtime.read(|storage| storage.node_count(None))?,
            Count::Nodes(Some(label)) => match cx.runtime.number(*label)? {
                Some(label) => cx.runtime.read(|storage| storage.node_count(Some(label)))?,
                None => 0,
            },
            Count::Relationships(None) => cx.runtime.read(|storage| storage.relationship_count(None))?,
            Count::Relationships(Some(names)) => {
                let mut kinds = Vec::with_capacity(names.len());
                for name in names {
                    kinds.extend(cx.runtime.number(*name)?);
                }
                kinds.sort_unstable();
                kinds.dedup();
                let mut count = 0_u64;
                for kind in kinds {
                    count = count.saturating_add(cx.runtime.read(|storage| storage.relationship_count(Some(kind)))?);
                }
                count
            }
        };
        for row in rows.rows_mut() {
            set(row, self.slot, Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
        }
        Ok(rows)
    }
}
