//! What the steps of a running query share: the storage, names, limits, counters, and what was changed.

use std::cell::{Cell, Ref, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pipeline::{Pipeline, Result};
use super::query::Running;
use super::{Effects, Limits};
use crate::error::{CypherError, Detail, Kind};
use crate::evaluate::{Environment, Expression, Graph, Scope};
use crate::function::Nodes;
use crate::ir::{Slot, SubqueryKind};
use crate::meter::{Ends, Growing, Meter};
use crate::plan::Plan;
use crate::plan::operator::{LabelTest, Name, NestedPlan, Target, Types};
use crate::procedure::Procedures;
use crate::storage::{self, Failure, Place, Storage};
use crate::value::order::Key;
use crate::value::{Node, Relationship, Value};

/// Nodes that are asked for a label by themselves before it is looked whether every node has it.
const NODES_ASKED: usize = 64;

/// What a query holds of a node or relationship that it changed, besides its state.
pub(super) const ENTITY_BYTES: usize = 32;

/// What is the same for all steps of a running query.
pub(crate) struct Runtime<'p> {
    storage: RefCell<&'p mut dyn Storage>,
    plan: &'p Plan,
    names: Vec<Cell<Option<u32>>>,
    /// Whether every node has the label of a name, and how many nodes were asked for it before that was looked at.
    universal: Vec<(Cell<Option<bool>>, Cell<usize>)>,
    nested: Vec<RefCell<Option<NestedRun<'p>>>>,
    failure: RefCell<Option<Box<dyn std::error::Error + Send + Sync>>>,
    pub deleted: RefCell<Deleted>,
    pub changed: RefCell<Changed>,
    pub effects: RefCell<Effects>,
    pub procedures: &'p dyn Procedures,
    pub files: Vec<PathBuf>,
    pub meter: Meter,
    pub profile: Option<RefCell<Vec<(u64, Duration)>>>,
}

enum NestedRun<'p> {
    Pattern(Pipeline<'p>),
    Query(Running<'p>),
}

/// What the query deleted.
#[derive(Default)]
pub(crate) struct Deleted {
    pub nodes: HashSet<u64>,
    pub relationships: HashSet<u64>,
}

/// What the query changed, with its present state where it was read again.
#[derive(Default)]
pub(crate) struct Changed {
    pub nodes: HashMap<u64, Option<Arc<Node>>>,
    pub relationships: HashMap<u64, Option<Arc<Relationship>>>,
}

/// What a step is given: the runtime, and what expressions see.
#[derive(Clone, Copy)]
pub(crate) struct Cx<'a, 'p> {
    pub runtime: &'a Runtime<'p>,
    pub environment: &'a Environment<'a>,
}

impl<'p> Runtime<'p> {
    pub fn new(
        plan: &'p Plan,
        storage: &'p mut dyn Storage,
        procedures: &'p dyn Procedures,
        limits: &Limits,
        profile: bool,
    ) -> Self {
        Self {
            storage: RefCell::new(storage),
            plan,
            names: plan.names.iter().map(|_| Cell::new(None)).collect(),
            universal: plan.names.iter().map(|_| <(Cell<Option<bool>>, Cell<usize>)>::default()).collect(),
            nested: plan.nested.iter().map(|_| RefCell::new(None)).collect(),
            failure: RefCell::default(),
            deleted: RefCell::default(),
            changed: RefCell::default(),
            effects: RefCell::default(),
            procedures,
            files: limits.files.clone(),
            meter: Meter::new(Ends::of(limits.time, limits.abort.as_ref(), Instant::now()), limits.memory_bytes),
            profile: profile.then(|| RefCell::new(vec![(0, Duration::ZERO); plan.steps])),
        }
    }

    pub fn count(&self, id: usize, rows: usize, time: Duration) {
        if let Some(profile) = &self.profile
            && let Some((counted, spent)) = profile.borrow_mut().get_mut(id)
        {
            *counted = counted.saturating_add(rows as u64);
            *spent = spent.saturating_add(time);
        }
    }

    /// The failure of the storage that an error stands for.
    pub fn failed(&self, error: CypherError) -> Failure {
        match self.failure.borrow_mut().take() {
            Some(failure) => Failure::Storage(failure),
            None => Failure::Cypher(error),
        }
    }

    /// Keeps a failure of the storage, which expressions cannot carry.
    pub fn kept<T>(&self, result: storage::Result<T>) -> Result<T> {
        result.map_err(|failure| match failure {
            Failure::Cypher(error) => error,
            Failure::Storage(error) => {
                let message = error.to_string();
                *self.failure.borrow_mut() = Some(error);
                CypherError::runtime(Kind::Ended, Detail::Aborted, message)
            }
        })
    }

    pub fn read<T>(&self, read: impl FnOnce(&dyn Storage) -> storage::Result<T>) -> Result<T> {
        self.kept(read(&**self.storage.borrow()))
    }

    /// The storage, to be read as long as nothing is written.
    pub fn storage_ref(&self) -> Ref<'_, dyn Storage + '_> {
        Ref::map(self.storage.borrow(), |storage| &**storage as &dyn Storage)
    }

    pub fn with_storage<T>(&self, write: impl FnOnce(&mut dyn Storage) -> storage::Result<T>) -> storage::Result<T> {
        write(&mut **self.storage.borrow_mut())
    }

    pub fn write<T>(&self, write: impl FnOnce(&mut dyn Storage) -> storage::Result<T>) -> Result<T> {
        self.kept(self.with_storage(write))
    }

    /// The text of a name.
    pub fn name(&self, name: Name) -> &str {
        self.plan.names.get(name.0).map_or("", |(_, text)| text)
    }

    /// The number of a name; `None` while nothing has it.
    pub fn number(&self, name: Name) -> Result<Option<u32>> {
        let (Some(cell), Some((kind, text))) = (self.names.get(name.0), self.plan.names.get(name.0)) else {
            return Ok(None);
        };
        if cell.get().is_none() {
            cell.set(self.read(|storage| storage.number(*kind, text))?);
        }
        Ok(cell.get())
    }

    /// Whether the label of a name is known to be on every node, when so many more are to be asked for it.
    fn is_universal(&self, name: Name, nodes: usize) -> Result<bool> {
        let Some((cell, asked)) = self.universal.get(name.0).filter(|_| !self.plan.writes) else { return Ok(false) };
        if let Some(known) = cell.get() {
            return Ok(known);
        }
        asked.set(asked.get().saturating_add(nodes));
        if asked.get() < NODES_ASKED {
            return Ok(false);
        }
        let known = match self.number(name)? {
            Some(number) => self.read(|storage| storage.is_on_every_node(number))?,
            None => false,
        };
        cell.set(Some(known));
        Ok(known)
    }

    /// The number of a name that is about to be written.
    pub fn interned(&self, name: Name) -> Result<u32> {
        match (self.number(name)?, self.plan.names.get(name.0)) {
            (Some(number), _) => Ok(number),
            (None, Some((kind, text))) => self.write(|storage| storage.intern(*kind, text)),
            (None, None) => Ok(0),
        }
    }

    /// Counts bytes that are held.
    pub fn hold(&self, bytes: usize) -> Result<()> {
        self.meter.hold(bytes)
    }

    pub fn release(&self, bytes: usize) {
        self.meter.release(bytes);
    }

    /// Before the first that an index gives; `None` where it cannot tell.
    pub fn seek(&self, index: u32, seek: storage::Seek<'_>) -> Result<Option<Place>> {
        self.read(|storage| storage.seek(index, seek, &|| Ok(self.check_limits()?)))
    }

    pub fn check_limits(&self) -> Result<()> {
        self.meter.check()
    }

    fn pattern(&self, pipeline: &mut Pipeline<'p>, plan: &NestedPlan, cx: Cx<'_, 'p>) -> Result<Value> {
        let (value, first) = match plan {
            NestedPlan::Each(_, value) => (value, false),
            NestedPlan::First(_, value) => (value, true),
            _ => return Ok(Value::Boolean(pipeline.next(cx)?.is_some())),
        };
        let mut values = Growing::new(&self.meter);
        while let Some(rows) = pipeline.next(cx)? {
            for row in rows.rows() {
                let value = value.value(cx.scope(row))?;
                if first {
                    return Ok(value);
                }
                values.push(value)?;
            }
        }
        if first { Ok(Value::Null) } else { values.list() }
    }

    fn query(&self, query: &mut Running<'p>, kind: SubqueryKind, cx: Cx<'_, 'p>) -> Result<Value> {
        if kind == SubqueryKind::Exists {
            return Ok(Value::Boolean(query.next(cx)?.is_some()));
        }
        let (mut count, mut values) = (0_i64, Growing::new(&self.meter));
        while let Some(rows) = query.next(cx)? {
            count = count.saturating_add(i64::try_from(rows.len()).unwrap_or(i64::MAX));
            if kind == SubqueryKind::Collect {
                rows.rows().filter_map(|row| row.first().cloned()).try_for_each(|value| values.push(value))?;
            }
        }
        if kind == SubqueryKind::Count { Ok(Value::Integer(count)) } else { values.list() }
    }
}

/// The sum of the numbers in the only column.
fn sum(query: &mut Running<'_>, cx: Cx<'_, '_>) -> Result<Value> {
    let mut sum = 0_i64;
    while let Some(rows) = query.next(cx)? {
        for row in rows.rows() {
            if let Some(Value::Integer(count)) = row.first() {
                sum = sum.saturating_add(*count);
            }
        }
    }
    Ok(Value::Integer(sum))
}

impl Graph for Runtime<'_> {
    fn nested(&self, number: usize, scope: Scope<'_>) -> Result<Value> {
        let (Some(cell), Some(plan)) = (self.nested.get(number), self.plan.nested.get(number)) else {
            return Ok(Value::Null);
        };
        let cx = Cx { runtime: self, environment: scope.environment() };
        let mut row = scope.row().to_vec();
        row.resize(self.plan.width, Value::Null);
        scope.write_locals(&mut row);
        // Taken out while it runs, so that an expression inside of it that is the same one has a run of its own.
        let taken = cell.borrow_mut().take();
        let mut run = taken.unwrap_or_else(|| match plan {
            NestedPlan::Exists(pipeline) | NestedPlan::Each(pipeline, _) | NestedPlan::First(pipeline, _) => {
                NestedRun::Pattern(Pipeline::new(pipeline))
            }
            NestedPlan::Subquery { query, .. } | NestedPlan::Sum(query) => NestedRun::Query(Running::new(query)),
        });
        let value = match (&mut run, plan) {
            (NestedRun::Query(query), NestedPlan::Subquery { kind, .. }) => {
                query.start(cx, &row);
                self.query(query, *kind, cx)
            }
            (NestedRun::Pattern(pipeline), plan) => {
                pipeline.start(cx, &row);
                self.pattern(pipeline, plan, cx)
            }
            (NestedRun::Query(query), _) => {
                query.start(cx, &row);
                sum(query, cx)
            }
        };
        *cell.borrow_mut() = Some(run);
        value
    }

    fn check_entity(&self, entity: &Value) -> Result<()> {
        let deleted = self.deleted.borrow();
        let gone = match entity {
            Value::Node(node) => deleted.nodes.contains(&node.id),
            Value::Relationship(relationship) => deleted.relationships.contains(&relationship.id),
            _ => false,
        };
        if gone { Err(gone_error()) } else { Ok(()) }
    }

    fn proceed(&self) -> Result<()> {
        self.meter.proceed()
    }
}

impl Nodes for Runtime<'_> {
    fn node(&self, id: u64) -> std::result::Result<Arc<Node>, CypherError> {
        self.read(|storage| storage.node(id))?.ok_or_else(gone_error)
    }
}

pub(super) fn gone_error() -> CypherError {
    CypherError::runtime(Kind::EntityNotFound, Detail::DeletedEntityAccess, "the query deleted what is read here")
}

impl<'a> Cx<'a, '_> {
    pub fn scope<'s>(self, row: &'s [Value]) -> Scope<'s>
    where
        'a: 's,
    {
        Scope::new(row, self.environment)
    }

    pub fn proceed(self) -> Result<()> {
        self.runtime.proceed()
    }

    /// A value to be compared with others.
    pub fn key(self, expression: &Expression, row: &[Value]) -> Result<Key> {
        let value = self.value(expression, row)?;
        self.runtime.meter.work(&value)?;
        Ok(Key(value))
    }

    /// The values of slots, to be compared with others.
    pub fn keys(self, slots: &[Slot], row: &[Value]) -> Result<Vec<Key>> {
        let mut keys = Vec::with_capacity(slots.len());
        for of in slots {
            let value = slot(row, *of);
            self.runtime.meter.work(value)?;
            keys.push(Key(value.clone()));
        }
        Ok(keys)
    }

    /// A value that the caller counts, or soon drops.
    pub fn value(self, expression: &Expression, row: &[Value]) -> Result<Value> {
        let made = self.runtime.meter.made();
        let value = expression.value(self.scope(row))?;
        self.runtime.meter.settle(made, 0)?;
        Ok(value)
    }

    /// A node as its slot holds it.
    pub fn node(self, target: Target, id: u64) -> Result<Value> {
        if !target.whole {
            return Ok(id_value(id));
        }
        self.runtime.node(id).map(Value::Node)
    }

    /// A relationship as its slot holds it.
    pub fn relationship(self, target: Target, id: u64) -> Result<Value> {
        if !target.whole {
            return Ok(id_value(id));
        }
        self.whole_relationship(id).map(Value::Relationship)
    }

    pub fn whole_relationship(self, id: u64) -> Result<Arc<Relationship>> {
        self.runtime.read(|storage| storage.relationship(id))?.ok_or_else(gone_error)
    }

    /// Whether every node is known to have the labels that so many are to be asked for.
    pub fn every_node_fits(self, labels: &LabelTest, nodes: usize) -> Result<bool> {
        match labels {
            LabelTest::Name(name) => self.runtime.is_universal(*name, nodes),
            _ => Ok(false),
        }
    }

    /// Whether a node has the labels that are asked for.
    pub fn fits(self, node: u64, labels: Option<&LabelTest>) -> Result<bool> {
        let Some(labels) = labels else { return Ok(true) };
        self.holds(labels, &mut |name| match name {
            None => self.runtime.read(|storage| storage.has_labels(node)),
            Some(name) if self.runtime.is_universal(name, 1)? => Ok(true),
            Some(name) => match self.runtime.number(name)? {
                Some(number) => self.runtime.read(|storage| storage.has_label(node, number)),
                None => Ok(false),
            },
        })
    }

    /// Whether a relationship has a type that is asked for, besides the names.
    pub fn fits_type(self, kind: u32, test: Option<&LabelTest>) -> Result<bool> {
        let Some(test) = test else { return Ok(true) };
        self.holds(test, &mut |name| match name {
            None => Ok(true),
            Some(name) => Ok(self.runtime.number(name)? == Some(kind)),
        })
    }

    fn holds(self, test: &LabelTest, has: &mut dyn FnMut(Option<Name>) -> Result<bool>) -> Result<bool> {
        Ok(match test {
            LabelTest::Name(name) => has(Some(*name))?,
            LabelTest::Any => has(None)?,
            LabelTest::Not(inner) => !self.holds(inner, has)?,
            LabelTest::And(all) => {
                for test in all {
                    if !self.holds(test, has)? {
                        return Ok(false);
                    }
                }
                true
            }
            LabelTest::Or(some) => {
                for test in some {
                    if self.holds(test, has)? {
                        return Ok(true);
                    }
                }
                false
            }
        })
    }

    /// The numbers of types; `None` where all fit.
    pub fn kinds(self, types: &Types) -> Result<Option<Vec<u32>>> {
        let Some(names) = &types.names else { return Ok(None) };
        let mut numbers = Vec::with_capacity(names.len());
        for name in names {
            numbers.extend(self.runtime.number(*name)?);
        }
        Ok(Some(numbers))
    }
}

fn id_value(id: u64) -> Value {
    Value::Integer(id.cast_signed())
}

/// The id of a node or relationship, however its slot holds it.
pub(super) fn id_of(value: &Value) -> Option<u64> {
    match value {
        Value::Node(node) => Some(node.id),
        Value::Relationship(relationship) => Some(relationship.id),
        Value::Integer(id) => Some(id.cast_unsigned()),
        _ => None,
    }
}

/// The value of a slot.
pub(super) fn slot(row: &[Value], slot: Slot) -> &Value {
    static NULL: Value = Value::Null;
    row.get(slot.index()).unwrap_or(&NULL)
}

/// Gives a slot a value.
pub(super) fn set(row: &mut [Value], slot: Slot, value: Value) {
    if let Some(place) = row.get_mut(slot.index()) {
        *place = value;
    }
}
