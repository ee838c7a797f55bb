//! Computes expressions of the intermediate representation for rows.
//!
//! [`Expression::compile`] makes a tree of an [`ir::Expr`](crate::ir::Expr) once: functions are found, constant lists and
//! maps built, variables of comprehensions numbered. Evaluating it borrows what is in the row, the parameters and the
//! entities; only results that are new values are allocated, and scalars never are.
//!
//! | module | holds |
//! |---|---|
//! | `compile` | from expressions to the tree |
//! | `run` | what each form of the tree gives |
//! | `logic` | truth of three values, comparisons, CASE |
//! | `operator` | infix operators, `=~` |
//! | `access` | properties, indexes, slices, labels, maps |
//! | `collection` | comprehensions, quantifiers, reduce |
//!
//! # What holds
//!
//! - V1 The tree is no deeper than its expression, which [`DEPTH_MAX`](crate::syntax::DEPTH_MAX) bounds: recursion ends.
//! - V2 A value is measured before it is made, and a list while it grows, against the limit of a value and the query's.
//! - V3 Every loop over elements asks [`Graph::proceed`] before each, so that a limit of time or the caller can end it.
//! - V4 An error that has no place is given that of the innermost expression it arose in.

mod access;
mod collection;
mod compile;
mod logic;
mod operator;
mod run;

use std::borrow::Cow;

use crate::error::{CypherError, Detail, Kind};
use crate::function::{Context, Integers};
use crate::ir::{Pattern, PatternResult, Slot, Span, Subquery, SubqueryKind};
use crate::meter::Meter;
use crate::value::Value;
use compile::Op;

type Result<T> = std::result::Result<T, CypherError>;

static NULL: Value = Value::Null;

/// An expression, ready to be computed for many rows.
#[derive(Debug)]
pub struct Expression {
    op: Op,
    span: Span,
}

/// Takes the plans of what stands inside of expressions, when they are compiled. The numbers it gives come back in
/// [`Graph::nested`].
pub trait Nested {
    /// Of a pattern predicate, a pattern comprehension or `shortestPath(…)`.
    ///
    /// # Errors
    /// Where it cannot be planned.
    fn pattern(&mut self, pattern: &Pattern, result: &PatternResult) -> Result<usize>;

    /// Of `EXISTS { … }`, `COUNT { … }` and `COLLECT { … }`.
    ///
    /// # Errors
    /// Where it cannot be planned.
    fn subquery(&mut self, kind: SubqueryKind, query: &Subquery) -> Result<usize>;
}

/// What expressions need of the graph and of the query that they stand in.
pub trait Graph {
    /// The value of a pattern or subquery for a row, by the number that [`Nested`] gave it.
    ///
    /// # Errors
    /// Those of running it.
    fn nested(&self, number: usize, scope: Scope<'_>) -> Result<Value>;

    /// Whether properties and labels of a node or relationship may be read.
    ///
    /// # Errors
    /// `DeletedEntityAccess` for one that the query deleted.
    fn check_entity(&self, entity: &Value) -> Result<()> {
        let _ = entity;
        Ok(())
    }

    /// Asked before each element of a loop.
    ///
    /// # Errors
    /// `TimeLimit` or `Aborted`, to end the loop.
    fn proceed(&self) -> Result<()> {
        Ok(())
    }
}

/// No graph: what needs one is refused when it is compiled.
impl Nested for () {
    fn pattern(&mut self, _: &Pattern, _: &PatternResult) -> Result<usize> {
        Err(needs_graph())
    }

    fn subquery(&mut self, _: SubqueryKind, _: &Subquery) -> Result<usize> {
        Err(needs_graph())
    }
}

impl Graph for () {
    fn nested(&self, _: usize, _: Scope<'_>) -> Result<Value> {
        Err(needs_graph())
    }
}

fn needs_graph() -> CypherError {
    let message = "a pattern or subquery stands where there is no graph";
    CypherError::runtime(Kind::SemanticError, Detail::InvalidClauseComposition, message)
}

/// What is the same for all rows of a query.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// In the order of [`Bound::parameters`](crate::ir::Bound::parameters).
    pub parameters: &'a [Value],
    /// What functions see.
    pub context: &'a Context<'a>,
    /// What the graph is asked.
    pub graph: &'a dyn Graph,
}

/// What an expression sees: a row, by slots, and the variables of the expressions around it.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    row: &'a [Value],
    locals: Option<&'a Local<'a>>,
    environment: &'a Environment<'a>,
}

/// A variable of a comprehension, a quantifier or reduce.
struct Local<'a> {
    slot: Slot,
    value: &'a Value,
    outer: Option<&'a Self>,
}

impl<'a> Scope<'a> {
    /// What the query may take.
    const fn meter(self) -> &'a Meter {
        self.environment.context.meter
    }

    /// A row, which has a value at the index of each slot that is filled.
    #[must_use]
    pub const fn new(row: &'a [Value], environment: &'a Environment<'a>) -> Self {
        Self { row, locals: None, environment }
    }

    /// The value of a slot, be it of the row or of an expression around; null where it is not filled.
    #[must_use]
    pub fn slot(self, slot: Slot) -> &'a Value {
        let mut locals = self.locals;
        while let Some(local) = locals {
            if local.slot == slot {
                return local.value;
            }
            locals = local.outer;
        }
        self.of_row(slot)
    }

    /// Writes the variables of the expressions around into a row, where a nested plan reads them.
    pub fn write_locals(self, row: &mut [Value]) {
        let mut locals = self.locals;
        while let Some(local) = locals {
            if let Some(place) = row.get_mut(local.slot.index()) {
                *place = local.value.clone();
            }
            locals = local.outer;
        }
    }

    /// The row, without variables of expressions.
    #[must_use]
    pub const fn row(self) -> &'a [Value] {
        self.row
    }

    /// What is the same for all rows.
    #[must_use]
    pub const fn environment(self) -> &'a Environment<'a> {
        self.environment
    }

    fn of_row(self, slot: Slot) -> &'a Value {
        self.row.get(slot.index()).unwrap_or(&NULL)
    }

    /// The variable that is `out` further out than the innermost one.
    fn local(self, out: usize) -> &'a Value {
        let mut locals = self.locals;
        for _ in 0..out {
            locals = locals.and_then(|local| local.outer);
        }
        locals.map_or(&NULL, |local| local.value)
    }
}

impl Expression {
    /// The value for a row, borrowed where it is there already.
    ///
    /// # Errors
    /// Those of the language at run time, with the place of the expression that failed.
    pub fn get<'a>(&'a self, scope: Scope<'a>) -> Result<Cow<'a, Value>> {
        if matches!(self.op, Op::Slot(_) | Op::Local(_) | Op::Constant(_) | Op::Parameter(_)) {
            return self.op.run(scope); // makes nothing
        }
        let meter = scope.meter();
        let made = meter.made();
        let value = self.op.run(scope).map_err(|error| self.placed(error))?;
        if meter.made() != made {
            let bytes = if let Cow::Owned(value) = &value { value.bytes() } else { 0 };
            meter.settle(made, bytes).map_err(|error| self.placed(error))?;
        }
        Ok(value)
    }

    /// The value for a row.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub fn value(&self, scope: Scope<'_>) -> Result<Value> {
        self.get(scope).map(Cow::into_owned)
    }

    /// The value as one of three truths, `None` being null.
    ///
    /// # Errors
    /// Those of [`get`](Self::get), and a `TypeError` where it is neither true, false nor null.
    pub fn truth(&self, scope: Scope<'_>) -> Result<Option<bool>> {
        match &*self.get(scope)? {
            Value::Boolean(truth) => Ok(Some(*truth)),
            Value::Null => Ok(None),
            other => Err(self.placed(mismatch("a truth value", other))),
        }
    }

    /// The integers of a call of `range` one by one, none of them for null; `None` where it is no such call.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub(crate) fn integers(&self, scope: Scope<'_>) -> Result<Option<Integers>> {
        let Op::Function { function, arguments, .. } = &self.op else { return Ok(None) };
        if function.name != "range" {
            return Ok(None);
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(argument.value(scope)?);
        }
        if values.iter().any(Value::is_null) {
            values = vec![Value::Integer(1), Value::Integer(0)];
        }
        Integers::new(&values).map(Some).map_err(|error| self.placed(error))
    }

    /// Whether a row is kept by WHERE.
    ///
    /// # Errors
    /// Those of [`truth`](Self::truth).
    pub fn is_true(&self, scope: Scope<'_>) -> Result<bool> {
        Ok(self.truth(scope)? == Some(true))
    }

    /// The error, with the place of this expression where it has none.
    pub(crate) fn placed(&self, mut error: CypherError) -> CypherError {
        error.span.get_or_insert_with(|| self.span.range());
        error
    }
}

/// The error of a value that has another type than is needed.
pub(crate) fn mismatch(needed: &str, value: &Value) -> CypherError {
    let message = format!("{needed} is needed here, not a {}", value.type_name());
    CypherError::runtime(Kind::TypeError, Detail::InvalidArgumentType, message)
}
