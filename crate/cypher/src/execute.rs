//! Runs plans over a storage.
//!
//! Rows go through the steps of a plan in batches of up to a thousand, when the caller asks for them; a query that
//! changes the graph runs to its end before it gives the first.
//!
//! | module | holds |
//! |---|---|
//! | `pipeline` | steps in a row, and how rows go through them |
//! | `runtime` | what the steps of a running query share |
//! | `query`, `nested` | unions, subqueries, FOREACH |
//! | `call`, `host` | procedures, and what they reach of the query |
//! | `scan`, `expand`, `degree`, `intersect`, `variable`, `reach`, `shortest`, `repeat`, `select`, `join`, `path` | patterns |
//! | `seek`, `ends` | indexes |
//! | `rows`, `aggregate`, `group`, `sort` | projections |
//! | `load` | files |
//! | `create`, `merge`, `set`, `delete`, `refresh` | changes |
//!
//! # What holds
//!
//! - R1 A step asks whether it may proceed for every row it looks at, so that a limit of time or the caller can end it.
//! - R2 A step that keeps rows, or ids beyond a batch, counts their bytes against the limit of memory; so does a result
//!   that is kept ([`Execution::hold`]).
//! - R3 A failure of the storage ends the query and comes out as it was.

mod aggregate;
mod batch;
mod build;
mod call;
mod create;
mod degree;
mod delete;
mod ends;
mod expand;
mod group;
mod host;
mod intersect;
mod join;
mod load;
mod merge;
mod nested;
mod path;
mod pipeline;
mod query;
mod reach;
mod refresh;
mod repeat;
mod rows;
mod runtime;
mod scan;
mod seek;
mod select;
mod set;
mod shortest;
mod sort;
mod variable;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use batch::Batch;

use crate::bind::{self, Statement};
use crate::error::CypherError;
use crate::evaluate::Environment;
use crate::function::{Clock, Context};
use crate::ir::Span;
use crate::plan::{self, Plan};
use crate::procedure::Procedures;
use crate::storage::{Result, Storage};
use crate::syntax::{Command, Proceed};
use crate::value::Value;
use crate::value::temporal::Zone;
use crate::vocabulary::Vocabulary;
use query::Running;
use runtime::{Cx, Runtime};

/// A statement that may be run.
#[derive(Debug)]
pub enum Prepared {
    /// A query, planned.
    Query(Plan),
    /// A command about indexes and constraints.
    Command(Command),
}

/// Makes a plan of a text. It may be kept and run again while the indexes stay.
///
/// # Errors
/// What the language refuses before it runs, and those of the storage.
pub fn prepare(text: &str, procedures: &dyn Procedures, storage: &dyn Storage) -> Result<Prepared> {
    prepare_typed(text, procedures, storage, None)
}

/// As [`prepare`], of a text over a graph with a schema.
///
/// # Errors
/// As [`prepare`], and names that the schema does not have.
pub fn prepare_typed(
    text: &str,
    procedures: &dyn Procedures,
    storage: &dyn Storage,
    vocabulary: Option<&Vocabulary>,
) -> Result<Prepared> {
    prepare_within(text, procedures, storage, vocabulary, &|| Ok(()))
}

/// As [`prepare_typed`], as long as `proceed` does not fail.
pub(crate) fn prepare_within(
    text: &str,
    procedures: &dyn Procedures,
    storage: &dyn Storage,
    vocabulary: Option<&Vocabulary>,
    proceed: Proceed<'_>,
) -> Result<Prepared> {
    Ok(match bind::prepare_within(text, procedures, vocabulary, proceed)? {
        Statement::Query(bound) => Prepared::Query(plan::plan_within(&bound, text, storage, proceed)?),
        Statement::Command(command) => Prepared::Command(command),
    })
}

/// What a query changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the name says it
pub struct Effects {
    pub nodes_created: u64,
    pub nodes_deleted: u64,
    pub relationships_created: u64,
    pub relationships_deleted: u64,
    pub properties_set: u64,
    pub properties_removed: u64,
    pub labels_added: u64,
    pub labels_removed: u64,
}

/// What a query may take.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Bytes that it keeps.
    pub memory_bytes: Option<usize>,
    /// How long it may take.
    pub time: Option<Duration>,
    /// Ends it when it is set.
    pub abort: Option<Arc<AtomicBool>>,
    /// Folders whose files LOAD CSV may read.
    pub files: Vec<PathBuf>,
}

/// What a query is run with, besides its parameters.
pub struct Settings<'p> {
    /// The procedures it was prepared with.
    pub procedures: &'p dyn Procedures,
    /// The moments it reads.
    pub clock: Clock,
    /// The zone of what names none.
    pub zone: Zone,
    /// What it may take.
    pub limits: Limits,
    /// Whether rows and time are counted for each step.
    pub profile: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// How many rows it gave.
    pub rows: u64,
    /// How long it took; for a step with steps nested in it, theirs as well.
    pub time: Duration,
}

/// A running query: gives its rows in batches.
pub struct Execution<'p> {
    plan: &'p Plan,
    running: Running<'p>,
    runtime: Runtime<'p>,
    parameters: Vec<Value>,
    clock: Clock,
    zone: Zone,
    ready: VecDeque<Batch>,
    begun: bool,
    done: bool,
}

impl<'p> Execution<'p> {
    /// Begins to run a plan with parameters by name. One that writes is run to its end.
    ///
    /// # Errors
    /// A parameter that is missing; and for a query that writes, those of running it: what it wrote until then is the
    /// caller's to take back.
    pub fn start(
        plan: &'p Plan,
        parameter: impl Fn(&str) -> Option<Value>,
        storage: &'p mut dyn Storage,
        settings: Settings<'p>,
    ) -> Result<Self> {
        let mut parameters = Vec::with_capacity(plan.parameters.len());
        for (at, name) in plan.parameters.iter().enumerate() {
            let place = plan.parameter_places.get(at);
            parameters.push(parameter(name).ok_or_else(|| missing(name, place.copied()))?);
        }
        let runtime = Runtime::new(plan, storage, settings.procedures, &settings.limits, settings.profile);
        let running = Running::new(&plan.query);
        let mut execution = Self {
            plan,
            running,
            runtime,
            parameters,
            clock: settings.clock,
            zone: settings.zone,
            ready: VecDeque::new(),
            begun: false,
            done: false,
        };
        if plan.writes {
            while let Some(rows) = execution.pull()? {
                if !plan.columns.is_empty() {
                    execution.runtime.hold(rows.bytes())?;
                    execution.ready.push_back(rows);
                }
            }
        }
        Ok(execution)
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &'p [String] {
        &self.plan.columns
    }

    /// The next rows, each with a value for each column; `None` when there are no more. A query without columns has no
    /// rows.
    ///
    /// # Errors
    /// Those of the language at run time, and of the storage.
    pub fn next_batch(&mut self) -> Result<Option<Batch>> {
        if let Some(rows) = self.ready.pop_front() {
            self.runtime.release(rows.bytes());
            return Ok(Some(rows));
        }
        while let Some(rows) = self.pull()? {
            if !self.plan.columns.is_empty() {
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }

    fn pull(&mut self) -> Result<Option<Batch>> {
        if self.done {
            return Ok(None);
        }
        let context =
            Context { clock: self.clock, zone: self.zone.clone(), nodes: &self.runtime, meter: &self.runtime.meter };
        let environment = Environment { parameters: &self.parameters, context: &context, graph: &self.runtime };
        let cx = Cx { runtime: &self.runtime, environment: &environment };
        if !std::mem::replace(&mut self.begun, true) {
            self.running.start(cx, Batch::start(self.plan.width).row(0));
        }
        let rows = self.running.next(cx).and_then(|rows| {
            // What took long may have been the last that was done.
            self.runtime.check_limits()?;
            Ok(rows)
        });
        let rows = rows.map_err(|error| self.runtime.failed(error));
        self.done = !matches!(rows, Ok(Some(_)));
        rows
    }

    /// Whether it may go on.
    ///
    /// # Errors
    /// Those of its limits, and that of the caller's end.
    pub fn proceed(&self) -> Result<()> {
        Ok(self.runtime.check_limits()?)
    }

    /// Counts bytes of the result that the caller keeps against the limit of memory.
    ///
    /// # Errors
    /// That limit.
    pub fn hold(&self, bytes: usize) -> Result<()> {
        self.runtime.hold(bytes).map_err(|error| {
            let message = format!("{}; read its rows from a stream, or ask for fewer", error.message);
            CypherError { message, ..error }.into()
        })
    }

    /// What it changed so far.
    #[must_use]
    pub fn effects(&self) -> Effects {
        *self.runtime.effects.borrow()
    }

    /// What each step did, by its number; nothing where it was not asked for.
    #[must_use]
    pub fn counters(&self) -> Vec<Counters> {
        let Some(profile) = &self.runtime.profile else { return Vec::new() };
        profile.borrow().iter().map(|(rows, time)| Counters { rows: *rows, time: *time }).collect()
    }
}

fn missing(name: &str, place: Option<Span>) -> CypherError {
    CypherError::compile(
        crate::Kind::ParameterMissing,
        crate::Detail::MissingParameter,
        format!("the parameter ${name} is not given"),
        place.map(Span::range),
    )
}
