//! From what a query means to the steps that answer it.
//!
//! A query becomes pipelines: lists of steps, each of which takes rows from the one before it. A pattern becomes scans,
//! expansions and filters, whose order the storage's statistics decide; patterns and subqueries inside of expressions
//! become pipelines that the expression runs for a row.
//!
//! | module | holds |
//! |---|---|
//! | `operator` | what a step does, as data |
//! | `usage` | which variables must be read whole, and which are no more than ids |
//! | `property` | properties that are read without the entity |
//! | `query`, `projection`, `update` | clauses |
//! | `pattern`, `start`, `route` | the order of a pattern's steps |
//! | `choice` | among which paths a choice is made |
//! | `seek` | what predicates seek in an index |
//! | `order` | what an index gives in order |
//! | `implied` | predicates that constraints make true |
//! | `counting`, `grouping` | what need not be enumerated |
//! | `barrier` | where all rows must be read before the first is passed on |
//! | `describe` | plans as text |
//!
//! # What holds
//!
//! - P1 A slot that holds a node or relationship by its id alone is read by steps of patterns, by counting and by
//!   equality of rows, and by nothing else.
//! - P2 Nothing that a write changes is read by a step before it once the write began, nor by one behind it before the
//!   write ended: a barrier stands between.
//! - P3 A plan gives the same rows whatever the statistics were.

mod barrier;
mod choice;
mod counting;
mod describe;
mod grouping;
mod implied;
pub(crate) mod operator;
mod order;
mod pattern;
mod projection;
mod property;
mod query;
mod route;
mod seek;
mod start;
mod update;
mod usage;

use std::collections::{HashMap, HashSet};

use crate::error::CypherError;
use crate::evaluate::{Expression, Nested};
use crate::ir::{Bound, Expr, Labels, Mode, Pattern, PatternResult, Slot, Span, Subquery, SubqueryKind};
use crate::storage::{self, Failure, Index, NameKind, Storage};
use crate::syntax::Proceed;

pub use describe::Described;
use operator::{LabelTest, Name, NestedPlan, Operator, QueryPlan, StepPlan, Target, Types};
use property::Properties;
pub(crate) use usage::EntityKind;
use usage::Usage;

/// A direction as seen from the other end.
pub(crate) const fn turned(direction: crate::ir::Direction) -> crate::ir::Direction {
    route::turned(direction, true)
}

pub(crate) type Result<T> = std::result::Result<T, CypherError>;

/// A query, ready to be run with parameters as often as wanted. It fits the indexes that the storage had.
#[derive(Debug)]
pub struct Plan {
    /// What is wanted of it.
    pub mode: Mode,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// Where each of them is first used.
    pub(crate) parameter_places: Vec<Span>,
    /// Whether it changes the graph.
    pub writes: bool,
    /// The first clause that does: where an error is that comes when all was done.
    pub(crate) write_place: Option<Span>,
    pub(crate) query: QueryPlan,
    pub(crate) nested: Vec<NestedPlan>,
    pub(crate) names: Vec<(NameKind, String)>,
    /// How many slots a row has: at least one.
    pub(crate) width: usize,
    pub(crate) steps: usize,
}

/// Plans a statement, of which `text` is the text.
///
/// # Errors
/// Those of the storage when it is asked for statistics, and of expressions that cannot be compiled.
pub fn plan(bound: &Bound, text: &str, storage: &dyn Storage) -> storage::Result<Plan> {
    plan_within(bound, text, storage, &|| Ok(()))
}

/// As [`plan`], as long as `proceed` does not fail.
pub(crate) fn plan_within(
    bound: &Bound,
    text: &str,
    storage: &dyn Storage,
    proceed: Proceed<'_>,
) -> storage::Result<Plan> {
    let indexes = storage.indexes()?;
    let simplified = implied::simplified(bound, &indexes);
    let bound = simplified.as_ref().unwrap_or(bound);
    let usage = Usage::of(bound);
    let mut planner = Planner {
        properties: Properties::of(&usage, bound.slots.len()),
        text,
        storage,
        proceed,
        indexes,
        usage,
        slots: 0,
        names: Vec::new(),
        name_of: HashMap::new(),
        nested: Vec::new(),
        inside: Vec::new(),
        steps: 0,
        present: HashSet::new(),
        bound,
        place: None,
    };
    planner.slots = bound.slots.len().saturating_add(planner.properties.len());
    let query = planner.query(&bound.query, 1.0)?;
    Ok(Plan {
        mode: bound.mode,
        columns: bound.query.columns.clone(),
        parameters: bound.parameters.clone(),
        parameter_places: bound.parameter_places.clone(),
        write_place: bound.write_place,
        writes: bound.query.writes,
        query,
        width: planner.slots.max(1),
        nested: planner.nested,
        names: planner.names,
        steps: planner.steps,
    })
}

impl Plan {
    /// An error that came when all was done, with the place of what wrote.
    pub(crate) fn placed(&self, mut failure: Failure) -> Failure {
        if let Failure::Cypher(error) = &mut failure {
            error.span = error.span.take().or_else(|| self.write_place.map(Span::range));
        }
        failure
    }
}

pub(crate) struct Planner<'a> {
    text: &'a str,
    storage: &'a dyn Storage,
    /// Fails when no plan is wanted any more.
    proceed: Proceed<'a>,
    indexes: Vec<Index>,
    usage: Usage,
    properties: Properties,
    slots: usize,
    names: Vec<(NameKind, String)>,
    name_of: HashMap<(NameKind, String), Name>,
    nested: Vec<NestedPlan>,
    /// Those of them that stand inside of what was compiled since the last step.
    inside: Vec<usize>,
    steps: usize,
    /// Properties that are there in whatever a slot holds, or the row is gone.
    present: HashSet<(Slot, String)>,
    bound: &'a Bound,
    /// The clause that is being planned.
    place: Option<Span>,
}

impl Planner<'_> {
    fn name(&mut self, kind: NameKind, name: &str) -> Name {
        if let Some(known) = self.name_of.get(&(kind, name.to_owned())) {
            return *known;
        }
        let number = Name(self.names.len());
        self.names.push((kind, name.to_owned()));
        self.name_of.insert((kind, name.to_owned()), number);
        number
    }

    /// A slot that no variable has.
    fn new_slot(&mut self) -> Slot {
        let slot = Slot(u32::try_from(self.slots).unwrap_or(u32::MAX));
        self.slots = self.slots.saturating_add(1);
        slot
    }

    fn target(&self, slot: Slot) -> Target {
        Target { slot, whole: self.usage.is_whole(slot) }
    }

    fn compile(&mut self, expr: &Expr) -> Result<Expression> {
        match self.properties.replaced(expr) {
            Some(expr) => Expression::compile(&expr, self),
            None => Expression::compile(expr, self),
        }
    }

    fn compile_all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) -> Result<Vec<Expression>> {
        exprs.into_iter().map(|expr| self.compile(expr)).collect()
    }

    fn step(&mut self, operator: Operator, rows: f64, details: String) -> StepPlan {
        let id = self.steps;
        self.steps += 1;
        let nested = std::mem::take(&mut self.inside);
        StepPlan { id, rows, operator, details, place: self.place, nested }
    }

    fn label_test(&mut self, labels: &Labels, kind: NameKind) -> LabelTest {
        match labels {
            Labels::Name(name) => LabelTest::Name(self.name(kind, name)),
            Labels::Any => LabelTest::Any,
            Labels::Not(inner) => LabelTest::Not(Box::new(self.label_test(inner, kind))),
            Labels::And(all) => LabelTest::And(all.iter().map(|labels| self.label_test(labels, kind)).collect()),
            Labels::Or(some) => LabelTest::Or(some.iter().map(|labels| self.label_test(labels, kind)).collect()),
        }
    }

    fn types(&mut self, types: Option<&Labels>) -> Types {
        let Some(types) = types else { return Types { names: None, test: None } };
        match types.alternatives() {
            Some(names) => {
                let names = names.into_iter().map(|name| self.name(NameKind::Type, name)).collect();
                Types { names: Some(names), test: None }
            }
            None => Types { names: None, test: Some(self.label_test(types, NameKind::Type)) },
        }
    }

    /// A variable as plans show it.
    fn shown(&self, slot: Slot) -> String {
        let name = self.bound.slots.get(slot.index()).and_then(|info| info.name.clone());
        name.unwrap_or_default()
    }

    fn written(&self, expr: &Expr) -> &str {
        self.text.get(expr.span.range()).unwrap_or_default()
    }

    fn written_all<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>, between: &str) -> String {
        exprs.into_iter().map(|expr| self.written(expr)).collect::<Vec<_>>().join(between)
    }
}

impl Planner<'_> {
    /// Keeps a plan that stands inside of an expression; `outside` are those beside it.
    fn keep(&mut self, plan: NestedPlan, outside: Vec<usize>) -> usize {
        let number = self.nested.len();
        self.nested.push(plan);
        let inner = std::mem::replace(&mut self.inside, outside);
        self.inside.push(number);
        self.inside.extend(inner);
        number
    }
}

impl Nested for Planner<'_> {
    fn pattern(&mut self, pattern: &Pattern, result: &PatternResult) -> Result<usize> {
        let outside = std::mem::take(&mut self.inside);
        let pipeline = self.nested_pattern(pattern)?;
        let plan = match result {
            PatternResult::Exists => NestedPlan::Exists(pipeline),
            PatternResult::Each(value) => NestedPlan::Each(pipeline, self.compile(value)?),
            PatternResult::First(value) => NestedPlan::First(pipeline, self.compile(value)?),
        };
        Ok(self.keep(plan, outside))
    }

    fn subquery(&mut self, kind: SubqueryKind, query: &Subquery) -> Result<usize> {
        let outside = std::mem::take(&mut self.inside);
        let mut query = self.query(&query.query, 1.0)?;
        if let (SubqueryKind::Count, false, [(pipeline, columns)]) = (kind, query.distinct, query.parts.as_mut_slice())
            && let Some(slot) = self.degree(&mut pipeline.steps)
        {
            *columns = vec![slot];
            return Ok(self.keep(NestedPlan::Sum(query), outside));
        }
        Ok(self.keep(NestedPlan::Subquery { kind, query }, outside))
    }
}
