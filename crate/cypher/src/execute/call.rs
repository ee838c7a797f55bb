//! CALL of procedures.

use std::mem::take;

use super::batch::Batch;
use super::pipeline::{Result, Rowwise};
use super::refresh::refresh;
use super::rows::count;
use super::runtime::{Cx, gone_error, set};
use crate::error::{CypherError, Detail, Kind};
use crate::evaluate::Expression;
use crate::ir::Type;
use crate::plan::operator::Call;
use crate::procedure::{Argument, Column, Invocation, Output, Rows, Signature, fitting};
use crate::storage;
use crate::value::{Map, Value};

pub(super) struct Calling<'p> {
    plan: &'p Call,
    rows: Option<Box<dyn Rows>>,
    /// What was pulled and not passed on.
    pulled: Batch,
    at: usize,
    held: usize,
    found: bool,
}

impl<'p> Calling<'p> {
    pub fn new(plan: &'p Call) -> Self {
        Self { plan, rows: None, pulled: Batch::default(), at: 0, held: 0, found: false }
    }

    fn signature(&self) -> &'p Signature {
        &self.plan.procedure.signature
    }

    /// Lets a body run; what it counts is given back when the call is over, and its errors have the place of the call.
    fn run<T>(&mut self, cx: Cx<'_, '_>, body: impl FnOnce(&mut Invocation<'_>) -> storage::Result<T>) -> Result<T> {
        let mut invocation = Invocation::new(cx.runtime, self.signature().mode);
        let result = body(&mut invocation);
        self.held = self.held.saturating_add(invocation.held());
        cx.runtime.kept(result).map_err(|error| self.placed(error))
    }

    fn placed(&self, error: CypherError) -> CypherError {
        CypherError { span: error.span.or_else(|| Some(self.plan.place.range())), ..error }
    }

    fn arguments(&self, cx: Cx<'_, '_>, row: &[Value]) -> Result<Vec<Value>> {
        let mut arguments = Vec::with_capacity(self.signature().arguments.len());
        for (at, argument) in self.signature().arguments.iter().enumerate() {
            let value = match self.plan.arguments.get(at) {
                Some(written) => cx.value(written, row)?,
                None => argument.default.clone().unwrap_or(Value::Null),
            };
            let given = value.type_name();
            let fitting = fitting(value, &argument.ty, argument.nullable);
            arguments.push(fitting.ok_or_else(|| self.placed(self.unfit(argument, given)))?);
        }
        Ok(arguments)
    }

    fn unfit(&self, Argument { name, ty, nullable, .. }: &Argument, given: &str) -> CypherError {
        let or_null = if *nullable { " or null" } else { "" };
        let message = format!("`{}` takes {name} of type {ty}{or_null}, not {given}", self.signature().name);
        CypherError::runtime(Kind::TypeError, Detail::InvalidArgumentType, message)
    }

    /// Pulls rows where all that were pulled are passed on; gives whether there are none.
    fn refill(&mut self, cx: Cx<'_, '_>, most: usize) -> Result<bool> {
        while self.at >= self.pulled.len() {
            let Some(mut rows) = self.rows.take() else { return Ok(true) };
            cx.proceed()?;
            let mut out = Output::new(self.signature().columns.len(), most);
            let done = self.run(cx, |run| rows.pull(run, &mut out))?;
            self.rows = Some(rows).filter(|_| !done);
            self.pulled = out.rows;
            self.at = 0;
        }
        Ok(false)
    }

    /// The slots that take something of a row that was pulled.
    fn fill(&self, cx: Cx<'_, '_>, made: &mut [Value]) -> Result<()> {
        let pulled = self.pulled.row(self.at);
        for (place, slot) in &self.plan.yields {
            let (Some(column), Some(value)) = (self.signature().columns.get(*place), pulled.get(*place)) else {
                continue;
            };
            set(made, *slot, self.given(cx, column, value)?);
        }
        Ok(())
    }

    fn given(&self, cx: Cx<'_, '_>, column: &Column, value: &Value) -> Result<Value> {
        let value = entities(cx, value, &column.ty).map_err(|error| self.placed(error))?;
        let given = value.type_name();
        fitting(value, &column.ty, column.nullable).ok_or_else(|| {
            let (name, Column { name: column, ty, .. }) = (&self.signature().name, column);
            let message = format!("`{name}` has given {given} in its column {column} of type {ty}");
            self.placed(CypherError::runtime(Kind::ProcedureError, Detail::InvalidArgumentType, message))
        })
    }

    fn end(&mut self, cx: Cx<'_, '_>) {
        self.rows = None;
        self.pulled = Batch::default();
        self.at = 0;
        cx.runtime.release(take(&mut self.held));
    }
}

/// The options of a search with a limit that is no higher than what is wanted.
fn at_most(cx: Cx<'_, '_>, most: &[Expression], options: &Map) -> Result<Map> {
    let mut wanted = 0_usize;
    for expression in most {
        wanted = wanted.saturating_add(count(cx, expression)?);
    }
    let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
    let limit = options.entries().iter().find(|(name, _)| **name == *"limit").map(|(_, value)| value);
    match limit {
        None | Some(Value::Null) => {}
        Some(Value::Integer(limit)) if *limit > wanted => {}
        Some(_) => return Ok(options.clone()),
    }
    let others = options.entries().iter().filter(|(name, _)| **name != *"limit").cloned();
    Map::new(others.chain([("limit".into(), Value::Integer(wanted))]))
}

/// Entities in the place of their ids, where the type says that they are wanted.
fn entities(cx: Cx<'_, '_>, value: &Value, ty: &Type) -> Result<Value> {
    Ok(match (value, ty) {
        (Value::Integer(id), Type::Node) => {
            let node = cx.runtime.read(|storage| storage.node(id.cast_unsigned()))?;
            Value::Node(node.ok_or_else(gone_error)?)
        }
        (Value::Integer(id), Type::Relationship) => Value::Relationship(cx.whole_relationship(id.cast_unsigned())?),
        (Value::List(list), Type::List(element)) if holds_entities(element) => {
            let values = list.values().iter().map(|value| entities(cx, value, element));
            Value::list(values.collect::<Result<Vec<_>>>()?)?
        }
        _ => value.clone(),
    })
}

fn holds_entities(ty: &Type) -> bool {
    match ty {
        Type::Node | Type::Relationship => true,
        Type::List(element) => holds_entities(element),
        _ => false,
    }
}

impl Rowwise for Calling<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.end(cx);
        self.found = false;
        let mut arguments = self.arguments(cx, row)?;
        if let ([_, _, Value::Map(options)], false) = (arguments.as_mut_slice(), self.plan.most.is_empty()) {
            *options = at_most(cx, &self.plan.most, options)?;
        }
        let body = self.plan.procedure.body();
        let rows = self.run(cx, |run| body.call(&arguments, run))?;
        self.rows = Some(rows);
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        if self.signature().columns.is_empty() {
            self.end(cx);
            refresh(cx, out.push(row))?;
            return Ok(true);
        }
        while out.len() < most {
            if self.refill(cx, most)? {
                self.end(cx);
                if self.plan.optional && !self.found {
                    let made = out.push(row);
                    self.plan.yields.iter().for_each(|(_, slot)| set(made, *slot, Value::Null));
                }
                return Ok(true);
            }
            let made = out.push(row);
            self.fill(cx, made)?;
            self.at += 1;
            let keep = match &self.plan.filter {
                Some(filter) => filter.is_true(cx.scope(made))?,
                None => true,
            };
            if keep {
                self.found = true;
            } else {
                out.truncate(out.len().saturating_sub(1));
            }
        }
        Ok(false)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.end(cx);
    }
}
