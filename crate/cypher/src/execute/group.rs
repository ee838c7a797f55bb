//! Groups of nodes by properties, straight from where the storage keeps these: no row is made for a node.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::batch::{Batch, ROWS_MAX, bytes_of};
use super::degree::Degrees;
use super::pipeline::{Gathering, Result};
use super::rows::count;
use super::runtime::{Cx, set};
use crate::function::Accumulator;
use crate::ir::Slot;
use crate::plan::operator::{Measure, NodeGrouping, Source};
use crate::storage::{self, Encoded, Storage};
use crate::value::Value;
use crate::value::order::Key;

/// What a node without a property has in its place.
const NULL: u32 = 0;
/// A value that no other node has, and that is read when it is given.
const OWN: u32 = u32::MAX;

/// The values of one property, each with a number of its own.
struct Column {
    /// By number.
    values: Vec<Value>,
    /// Whether nodes are grouped by it.
    is_key: bool,
    /// Whether no two nodes have the same text, and only groups are given it.
    is_unique: bool,
    /// Of a key by number: that of the first value which is equivalent.
    classes: Vec<u32>,
    first: HashMap<Key, u32, RandomState>,
    /// Of a key: numbers by the encoded value.
    by_bytes: HashMap<Box<[u8]>, u32, RandomState>,
    /// By the storage's number.
    by_code: Vec<u32>,
    /// How many values stay for the next nodes.
    kept: usize,
}

impl Column {
    fn new(is_key: bool, is_unique: bool) -> Self {
        Self {
            values: vec![Value::Null],
            is_key,
            is_unique,
            classes: vec![NULL],
            first: HashMap::default(),
            by_bytes: HashMap::default(),
            by_code: Vec::new(),
            kept: 1,
        }
    }

    /// The number of a value, and the bytes that are kept of it from now on.
    fn number(&mut self, storage: &dyn Storage, encoded: Encoded<'_>) -> storage::Result<(u32, usize)> {
        if self.is_unique && encoded.is_text() {
            return Ok((OWN, 0));
        }
        let code = encoded.code.map(usize::from);
        if let Some(number) = code.and_then(|code| self.by_code.get(code)).filter(|number| **number != NULL) {
            return Ok((*number, 0));
        }
        let known = if self.is_key { self.by_bytes.get(encoded.bytes).copied() } else { None };
        let (number, bytes) = match known {
            Some(number) => (number, 0),
            None => self.add(storage.decoded(encoded.bytes)?, encoded.bytes),
        };
        if let Some(code) = code {
            if self.by_code.len() <= code {
                self.by_code.resize(code + 1, NULL);
            }
            self.by_code[code] = number;
        }
        let stays = self.is_key || code.is_some();
        if stays {
            self.kept = self.values.len();
        }
        Ok((number, if stays { bytes } else { 0 }))
    }

    fn add(&mut self, value: Value, encoded: &[u8]) -> (u32, usize) {
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let mut bytes = value.bytes();
        if self.is_key {
            bytes = bytes.saturating_mul(2).saturating_add(encoded.len());
            self.by_bytes.insert(encoded.into(), number);
            self.classes.push(*self.first.entry(Key(value.clone())).or_insert(number));
        }
        self.values.push(value);
        (number, bytes)
    }

    /// What equivalent values share.
    fn class(&self, number: u32) -> u32 {
        self.classes.get(number as usize).copied().unwrap_or(number)
    }

    fn value(&self, number: u32) -> &Value {
        self.values.get(number as usize).unwrap_or(&Value::Null)
    }

    /// Lets go of what only the last nodes had.
    fn forget(&mut self) {
        self.values.truncate(self.kept);
    }
}

/// What is known of a group.
#[derive(Clone)]
enum Tally {
    Count(u64),
    Of(Accumulator),
}

pub(super) struct GroupingNodes<'p> {
    plan: &'p NodeGrouping,
    argument: Vec<Value>,
    columns: Vec<Column>,
    degrees: Option<Degrees<'p>>,
    /// Place of a group from 1 on, by the number of the only key.
    by_number: Vec<u32>,
    /// Place of a group by the numbers of several keys.
    by_numbers: HashMap<Box<[u32]>, u32, RandomState>,
    /// The numbers of the keys of each group, one group after the other; as the tallies.
    members: Vec<u32>,
    tallies: Vec<Tally>,
    groups: usize,
    /// Of unique keys the node of each group.
    nodes: Vec<u64>,
    /// The groups that are wanted, where not all are.
    wanted: Option<Vec<usize>>,
    given: usize,
    held: usize,
    ids: Vec<u64>,
    cells: Vec<u32>,
}

impl<'p> GroupingNodes<'p> {
    pub fn new(plan: &'p NodeGrouping) -> Self {
        let is_key = |property: usize| plan.keys.iter().any(|(_, key)| *key == property);
        let is_measured = |property: usize| {
            plan.measures.iter().any(|(_, measure)| matches!(measure, Measure::Property(_, of) if *of == property))
        };
        let is_unique = |property: usize| plan.unique && is_key(property) && !is_measured(property);
        Self {
            plan,
            argument: Vec::new(),
            columns: (0..plan.properties.len())
                .map(|property| Column::new(is_key(property), is_unique(property)))
                .collect(),
            degrees: plan.degree.as_ref().map(|expand| Degrees::new(expand, plan.node)),
            by_number: Vec::new(),
            by_numbers: HashMap::default(),
            members: Vec::new(),
            tallies: Vec::new(),
            groups: 0,
            nodes: Vec::new(),
            wanted: None,
            given: 0,
            held: 0,
            ids: Vec::new(),
            cells: Vec::new(),
        }
    }

    fn hold(&mut self, cx: Cx<'_, '_>, bytes: usize) -> Result<()> {
        self.held = self.held.saturating_add(bytes);
        cx.runtime.hold(bytes)
    }

    /// Groups all nodes.
    fn group_all(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        let label = match &self.plan.source {
            Source::Label(name) => match cx.runtime.number(*name)? {
                Some(number) => Some(number),
                None => return Ok(()),
            },
            _ => None,
        };
        // A property whose name has no number is on no node.
        let numbers = self.plan.properties.iter().map(|name| cx.runtime.number(*name)).collect::<Result<Vec<_>>>()?;
        let known: Vec<usize> = (0..numbers.len()).filter(|at| numbers[*at].is_some()).collect();
        let numbers: Vec<u32> = numbers.into_iter().flatten().collect();
        if let Some(degrees) = &mut self.degrees {
            degrees.prepare(cx, ROWS_MAX)?;
        }
        let mut row = self.argument.clone();
        let mut after = None;
        loop {
            self.ids.clear();
            let ids = &mut self.ids;
            cx.runtime.read(|storage| storage.nodes(label, after, ROWS_MAX, ids))?;
            after = self.ids.last().copied();
            self.read(cx, &numbers, &known)?;
            self.group_nodes(cx, &mut row)?;
            if self.ids.len() < ROWS_MAX {
                return Ok(());
            }
        }
    }

    /// The number of each property of the nodes at hand.
    fn read(&mut self, cx: Cx<'_, '_>, numbers: &[u32], known: &[usize]) -> Result<()> {
        let width = self.columns.len();
        self.cells.clear();
        self.cells.resize(self.ids.len().saturating_mul(width), NULL);
        let (columns, cells, ids) = (&mut self.columns, &mut self.cells, &self.ids);
        columns.iter_mut().for_each(Column::forget);
        let mut added = 0_usize;
        cx.runtime.read(|storage| {
            storage.encoded_of_nodes(ids, numbers, &mut |node, key, encoded| {
                let Some(property) = known.get(key).copied() else { return Ok(()) };
                let (Some(column), Some(cell)) =
                    (columns.get_mut(property), cells.get_mut(node.saturating_mul(width).saturating_add(property)))
                else {
                    return Ok(());
                };
                let bytes;
                (*cell, bytes) = column.number(storage, encoded)?;
                added = added.saturating_add(bytes);
                Ok(())
            })
        })?;
        if added > 0 { self.hold(cx, added) } else { Ok(()) }
    }

    fn group_nodes(&mut self, cx: Cx<'_, '_>, row: &mut [Value]) -> Result<()> {
        let width = self.columns.len();
        for at in 0..self.ids.len() {
            cx.proceed()?;
            let count = match (&mut self.degrees, self.ids.get(at)) {
                (Some(degrees), Some(id)) => {
                    set(row, self.plan.node, Value::Integer(id.cast_signed()));
                    degrees.count(cx, row)?
                }
                _ => 1,
            };
            if count > 0 {
                let first = at.saturating_mul(width);
                let place = self.place(cx, at, first)?;
                self.update(cx, place, first, count)?;
            }
        }
        Ok(())
    }

    fn cell(&self, first: usize, property: usize) -> u32 {
        self.cells.get(first.saturating_add(property)).copied().unwrap_or(NULL)
    }

    /// The place of the group of a node whose cells begin at `first`; it is made where it is the first.
    fn place(&mut self, cx: Cx<'_, '_>, at: usize, first: usize) -> Result<usize> {
        let next = u32::try_from(self.groups).unwrap_or(u32::MAX);
        let place = if let [(_, property)] = self.plan.keys.as_slice() {
            let number = self.cell(first, *property);
            if number == OWN {
                self.begin(cx, at, first)?;
                return Ok(next as usize);
            }
            let number = self.columns.get(*property).map_or(number, |column| column.class(number)) as usize;
            if self.by_number.len() <= number {
                self.by_number.resize(number + 1, 0);
            }
            if self.by_number[number] == 0 {
                self.by_number[number] = next.saturating_add(1);
            }
            self.by_number[number] - 1
        } else {
            let class = |(_, property): &(Slot, usize)| {
                let number = self.cell(first, *property);
                self.columns.get(*property).map_or(number, |column| column.class(number))
            };
            let numbers: Box<[u32]> = self.plan.keys.iter().map(class).collect();
            *self.by_numbers.entry(numbers).or_insert(next)
        };
        if place == next {
            self.begin(cx, at, first)?;
        }
        Ok(place as usize)
    }

    /// Makes the group of a node.
    fn begin(&mut self, cx: Cx<'_, '_>, at: usize, first: usize) -> Result<()> {
        for (_, property) in &self.plan.keys {
            let number = self.cell(first, *property);
            self.members.push(number);
        }
        if self.plan.unique {
            self.nodes.push(self.ids.get(at).copied().unwrap_or_default());
        }
        let start = |(_, measure): &(_, Measure)| match measure {
            Measure::Count => Tally::Count(0),
            Measure::Property(function, _) => Tally::Of(function.start()),
        };
        self.tallies.extend(self.plan.measures.iter().map(start));
        self.groups += 1;
        self.hold(cx, self.plan.measures.len().saturating_add(1).saturating_mul(size_of::<Tally>()))
    }

    fn update(&mut self, cx: Cx<'_, '_>, place: usize, first: usize, count: u64) -> Result<()> {
        let tallies = self.tallies.iter_mut().skip(place.saturating_mul(self.plan.measures.len()));
        let mut grown = 0_usize;
        for (tally, (_, measure)) in tallies.zip(&self.plan.measures) {
            match (tally, measure) {
                (Tally::Count(counted), _) => *counted = counted.saturating_add(count),
                (Tally::Of(accumulator), Measure::Property(_, property)) => {
                    let number = self.cells.get(first.saturating_add(*property)).copied().unwrap_or(NULL);
                    let Some(column) = self.columns.get(*property) else { continue };
                    let before = accumulator.bytes();
                    accumulator.update(std::slice::from_ref(column.value(number)))?;
                    grown = grown.saturating_add(accumulator.bytes().saturating_sub(before));
                }
                (Tally::Of(_), Measure::Count) => {}
            }
        }
        if grown > 0 { self.hold(cx, grown) } else { Ok(()) }
    }

    /// Leaves out the groups that cannot be among the first.
    fn choose(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        let Some(top) = &self.plan.top else { return Ok(()) };
        let counts = top.most.iter().map(|expression| count(cx, expression)).collect::<Result<Vec<_>>>()?;
        let most = counts.into_iter().fold(0, usize::saturating_add);
        if most >= self.groups {
            return Ok(());
        }
        let (step, measure) = (self.plan.measures.len(), top.measure);
        let counted = |tally: &Tally| if let Tally::Count(count) = tally { *count } else { 0 };
        let all: Vec<u64> = self.tallies.iter().skip(measure).step_by(step.max(1)).map(counted).collect();
        let mut sorted = all.clone();
        let Some(last) = most.checked_sub(1) else {
            self.wanted = Some(Vec::new());
            return Ok(());
        };
        let bound = *if top.largest {
            sorted.select_nth_unstable_by(last, |left, right| right.cmp(left)).1
        } else {
            sorted.select_nth_unstable(last).1
        };
        let is_wanted = |count: u64| if top.largest { count >= bound } else { count <= bound };
        self.wanted = Some((0..all.len()).filter(|group| is_wanted(all[*group])).collect());
        Ok(())
    }

    /// Values that no other node has, of the nodes of some groups.
    fn own_values(&self, cx: Cx<'_, '_>, groups: &[usize]) -> Result<Vec<Value>> {
        let mut values = Vec::new();
        let [(_, property)] = self.plan.keys.as_slice() else { return Ok(values) };
        let is_left_out = self.columns.get(*property).is_some_and(|column| column.is_unique);
        let Some(name) = self.plan.properties.get(*property).filter(|_| is_left_out) else { return Ok(values) };
        let nodes: Vec<u64> = groups.iter().map(|group| self.nodes.get(*group).copied().unwrap_or_default()).collect();
        if let Some(number) = cx.runtime.number(*name)? {
            cx.runtime.read(|storage| storage.properties_of_nodes(&nodes, &[number], &mut values))?;
        }
        Ok(values)
    }

    /// The row of a group.
    fn row(&self, group: usize, own: Option<&Value>, made: &mut [Value]) -> Result<()> {
        let (keys, measures) = (&self.plan.keys, &self.plan.measures);
        let numbers = self.members.iter().skip(group.saturating_mul(keys.len()));
        for ((slot, property), number) in keys.iter().zip(numbers) {
            if *number == OWN {
                set(made, *slot, own.cloned().unwrap_or(Value::Null));
                continue;
            }
            let value = self.columns.get(*property).map(|column| column.value(*number).clone());
            set(made, *slot, value.unwrap_or(Value::Null));
        }
        let tallies = self.tallies.iter().skip(group.saturating_mul(measures.len()));
        for ((slot, _), tally) in measures.iter().zip(tallies) {
            let value = match tally {
                Tally::Count(count) => Value::Integer(i64::try_from(*count).unwrap_or(i64::MAX)),
                Tally::Of(accumulator) => accumulator.clone().finish()?,
            };
            set(made, *slot, value);
        }
        Ok(())
    }
}

impl Gathering for GroupingNodes<'_> {
    fn take(&mut self, cx: Cx<'_, '_>, rows: Batch) -> Result<()> {
        for row in rows.rows() {
            self.argument = row.to_vec();
            self.hold(cx, bytes_of(row))?;
            self.group_all(cx)?;
        }
        Ok(())
    }

    fn finish(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        self.choose(cx)?;
        self.by_number = Vec::new();
        self.by_numbers = HashMap::default();
        Ok(())
    }

    fn result(&mut self, cx: Cx<'_, '_>) -> Result<Batch> {
        let mut rows = Batch::new(self.argument.len());
        let all = self.wanted.as_ref().map_or(self.groups, Vec::len);
        let end = all.min(self.given.saturating_add(ROWS_MAX));
        let group = |at: usize| self.wanted.as_ref().map_or(Some(at), |wanted| wanted.get(at).copied());
        let groups: Vec<usize> = (self.given..end).filter_map(group).collect();
        let own = self.own_values(cx, &groups)?;
        for (at, group) in groups.into_iter().enumerate() {
            let made = rows.push(&self.argument);
            self.row(group, own.get(at), made)?;
        }
        self.given = end;
        if rows.is_empty() {
            cx.runtime.release(std::mem::take(&mut self.held));
        }
        Ok(rows)
    }

    fn reset(&mut self, cx: Cx<'_, '_>, _: &[Value]) {
        cx.runtime.release(std::mem::take(&mut self.held));
        *self = Self::new(self.plan);
    }
}
