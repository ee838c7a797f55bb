//! A statement from its request to its rows.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use sledstore_engine::{Durability, Error, ErrorCode, Snapshot, Transaction};
use sledstore_graph::Graph;

use super::access::{InTransaction, ReadOnly, View};
use super::cache::{Pin, Plans, Stamped};
use super::command::{self, Ends};
use super::decode::Undecodable;
use super::error::failure;
use super::graph::GraphStorage;
use super::request::Request;
use super::rows::Part;
use crate::execute::{self, Execution, Limits, Prepared, Settings};
use crate::function::Clock;
use crate::ir::Mode;
use crate::meter;
use crate::plan::Plan;
use crate::procedure::Registry;
use crate::storage::{Failure, Result, Storage};
use crate::value::temporal::{Offset, Zone};
use crate::vocabulary::Vocabulary;

/// Bytes of a part behind which the next one begins; the first ones are shorter, so that a reader has something soon.
const PART_BYTES: usize = 128 << 10;
const PART_BYTES_FIRST: usize = 4 << 10;
/// How long rows wait for others of their part, about.
const PART_TIME: Duration = Duration::from_millis(20);

/// Takes the parts of a result; answers whether more are wanted.
pub type Sink<'s> = &'s mut dyn FnMut(Vec<u8>) -> bool;

/// A graph that statements are run over, with their plans. Cheap to clone, to be shared by threads.
#[derive(Clone)]
pub struct Session {
    graph: Graph,
    plans: Arc<Plans>,
    procedures: Arc<Registry>,
}

/// A statement on its way.
struct Statement<'r> {
    request: &'r Request<'r>,
    plan: &'r Plan,
    /// What it writes is held against it.
    vocabulary: Option<&'r Vocabulary>,
    abort: &'r Arc<AtomicBool>,
    procedures: &'r Registry,
    /// Whether the parts are kept until the last one is there: then they count as what the query holds.
    keeps: bool,
    /// When its time began, of an earlier attempt perhaps.
    began: Instant,
}

impl Session {
    /// A session over a graph, with the built-in procedures.
    #[must_use]
    pub fn new(graph: Graph) -> Self {
        Self::with_procedures(graph, Arc::default())
    }

    /// A session over a graph with procedures that others may share.
    #[must_use]
    pub fn with_procedures(graph: Graph, procedures: Arc<Registry>) -> Self {
        Self { graph, plans: Arc::default(), procedures }
    }

    /// Plans a statement, whose plan is kept as long as what this gives is there; it is run as any other.
    ///
    /// # Errors
    /// Those that the language has before a statement is run, and those of the store.
    pub fn prepare(&self, request: &Request<'_>) -> Result<Pin> {
        let snapshot = self.graph.store().snapshot().map_err(failure)?;
        let pin = Pin::new(&self.plans, request.text);
        let (view, abort) = (View::Snapshot(&snapshot), Arc::default());
        let ends = ends(request, &abort, Instant::now());
        self.plans.get(&self.graph, &self.procedures, view, request.asked(), None, &|| ends.check())?;
        Ok(pin)
    }

    /// Runs a statement by itself: one that reads at `at` or at the newest state, one that changes something as one
    /// commit at `level`, again after a conflict. Parts reach the sink when nothing can undo them any more.
    ///
    /// # Errors
    /// Those of the language and of the store; `READ_ONLY` where a change is asked for at a snapshot.
    pub fn run(
        &self,
        request: &Request<'_>,
        at: Option<&Snapshot>,
        level: Durability,
        abort: &Arc<AtomicBool>,
        sink: Sink<'_>,
    ) -> Result<()> {
        self.start(request, at, level, abort, false, sink)
    }

    /// As [`Session::run`], for a sink that keeps all parts, which count against the limit of memory.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn run_whole(
        &self,
        request: &Request<'_>,
        at: Option<&Snapshot>,
        level: Durability,
        abort: &Arc<AtomicBool>,
        sink: Sink<'_>,
    ) -> Result<()> {
        self.start(request, at, level, abort, true, sink)
    }

    fn start(
        &self,
        request: &Request<'_>,
        at: Option<&Snapshot>,
        level: Durability,
        abort: &Arc<AtomicBool>,
        keeps: bool,
        sink: Sink<'_>,
    ) -> Result<()> {
        let own = match at {
            Some(_) => None,
            None => Some(self.graph.store().snapshot().map_err(failure)?),
        };
        let Some(snapshot) = at.or(own.as_ref()) else { return Ok(()) };
        let began = Instant::now();
        let ends = ends(request, abort, began);
        let view = View::Snapshot(snapshot);
        let planned = self.plans.get(&self.graph, &self.procedures, view, request.asked(), None, &|| ends.check())?;
        let plan = match &*planned.0 {
            Prepared::Command(command) => {
                if at.is_some() && command::changes(command) {
                    return Err(failure(read_only()));
                }
                sink(command::run(&self.graph, command, level, &Ends::of(request, abort))?);
                return Ok(());
            }
            Prepared::Query(plan) => plan,
        };
        if plan.mode == Mode::Explain {
            sink(explained(plan));
            return Ok(());
        }
        if !plan.writes {
            let statement = self.statement(request, (plan, &planned.2), (abort, began), keeps);
            return statement.run(&mut GraphStorage::new(&self.graph, ReadOnly::of(snapshot)), sink);
        }
        if at.is_some() {
            return Err(failure(read_only()));
        }
        drop(own);
        let parts = self.commit(request, planned, level, (abort, began))?;
        for part in parts {
            if !sink(part) {
                break;
            }
        }
        Ok(())
    }

    fn statement<'r>(
        &'r self,
        request: &'r Request<'r>,
        (plan, vocabulary): (&'r Plan, &'r Option<Arc<Vocabulary>>),
        (abort, began): (&'r Arc<AtomicBool>, Instant),
        keeps: bool,
    ) -> Statement<'r> {
        let vocabulary = vocabulary.as_deref();
        Statement { request, plan, vocabulary, abort, procedures: &self.procedures, keeps, began }
    }

    fn commit(
        &self,
        request: &Request<'_>,
        mut planned: Stamped,
        level: Durability,
        (abort, began): (&Arc<AtomicBool>, Instant),
    ) -> Result<Vec<Vec<u8>>> {
        let (mut failed, ends) = (None, ends(request, abort, began));
        let committed = self.graph.store().transact(level, |tx| {
            failed = None;
            // Indexes may have changed since the attempt before.
            let (view, before) = (View::Transaction(tx), Some(&planned));
            let again = self.plans.get(&self.graph, &self.procedures, view, request.asked(), before, &|| ends.check());
            let ran = again.and_then(|again| {
                planned = again;
                let Prepared::Query(plan) = &*planned.0 else { return Err(failure(no_command())) };
                self.in_writer(&self.statement(request, (plan, &planned.2), (abort, began), true), tx)
            });
            ran.map_err(|failure| match failure {
                Failure::Storage(error) => match error.downcast::<Error>() {
                    Ok(error) => *error,
                    Err(error) => {
                        failed = Some(Failure::Storage(error));
                        stopped()
                    }
                },
                cypher => {
                    failed = Some(cypher);
                    stopped()
                }
            })
        });
        committed.map_err(|error| {
            failed.unwrap_or_else(|| match &*planned.0 {
                Prepared::Query(plan) => plan.placed(failure(error)),
                Prepared::Command(_) => failure(error),
            })
        })
    }

    fn in_writer(&self, statement: &Statement<'_>, tx: &mut Transaction) -> Result<Vec<Vec<u8>>> {
        let mut storage = GraphStorage::new(&self.graph, InTransaction::new(tx));
        if statement.vocabulary.is_some() {
            storage = storage.noting();
        }
        let mut parts = Vec::new();
        statement.run(&mut storage, &mut |part| {
            parts.push(part);
            true
        })?;
        let checked = statement.vocabulary.map_or(Ok(()), |vocabulary| storage.check_written(vocabulary));
        let (tx, changes) = storage.into_access().into_parts();
        let finished = checked.and_then(|()| self.graph.finish(tx, changes).map_err(failure));
        finished.map_err(|failure| statement.plan.placed(failure))?;
        Ok(parts)
    }

    /// Runs a statement inside a transaction. One that fails while it changes something leaves the transaction with a
    /// part of it: `true` beside the error says so, and the transaction must be given up.
    ///
    /// # Errors
    /// Those of the language and of the store.
    pub fn run_in(
        &self,
        request: &Request<'_>,
        tx: &mut Transaction,
        abort: &Arc<AtomicBool>,
    ) -> std::result::Result<Vec<Vec<u8>>, (Failure, bool)> {
        let whole = |failure| (failure, false);
        let began = Instant::now();
        let (view, ends) = (View::Transaction(tx), ends(request, abort, began));
        let planned = self
            .plans
            .get(&self.graph, &self.procedures, view, request.asked(), None, &|| ends.check())
            .map_err(whole)?;
        let plan = match &*planned.0 {
            Prepared::Query(plan) => plan,
            Prepared::Command(_) => return Err(whole(failure(no_command()))),
        };
        if plan.mode == Mode::Explain {
            return Ok(vec![explained(plan)]);
        }
        let statement = self.statement(request, (plan, &planned.2), (abort, began), true);
        self.in_writer(&statement, tx).map_err(|failure| (failure, plan.writes))
    }
}

impl Statement<'_> {
    fn run(&self, storage: &mut dyn Storage, sink: Sink<'_>) -> Result<()> {
        let Self { request, plan, abort, procedures, keeps, began, .. } = *self;
        let profile = plan.mode == Mode::Profile;
        let time = request.limits.time.map(|time| time.saturating_sub(began.elapsed()));
        let limits = Limits { abort: Some(abort.clone()), time, ..request.limits.clone() };
        let (clock, zone) = (Clock::starting_now()?, Zone::from(Offset::UTC));
        let settings = Settings { procedures, clock, zone, limits, profile };
        let mut execution = Execution::start(plan, |name| request.parameter(name), storage, settings)?;
        let columns = plan.columns.len();
        let mut part = Part::new(Some(&plan.columns));
        let (mut enough, mut began) = (PART_BYTES_FIRST, Instant::now());
        while let Some(batch) = execution.next_batch()? {
            for (at, row) in batch.rows().enumerate() {
                part.push_row(row.iter().take(columns));
                // Within a batch parts end by their bytes alone: rows may share what each of them is written with.
                let is_last = at.saturating_add(1) == batch.len();
                if part.len() < enough && !(is_last && began.elapsed() >= PART_TIME) {
                    continue;
                }
                (enough, began) = (enough.saturating_mul(4).min(PART_BYTES), Instant::now());
                execution.proceed()?;
                if keeps {
                    execution.hold(part.len())?;
                }
                if !sink(std::mem::replace(&mut part, Part::new(None)).unfinished()) {
                    return Ok(());
                }
            }
        }
        if keeps {
            execution.hold(part.len())?;
        }
        execution.proceed()?;
        let counters = execution.counters();
        sink(part.last(&execution.effects(), profile.then_some((plan, &counters))));
        Ok(())
    }
}

/// What ends a statement that began at a moment.
fn ends(request: &Request<'_>, abort: &Arc<AtomicBool>, began: Instant) -> meter::Ends {
    meter::Ends::of(request.limits.time, Some(abort), began)
}

fn explained(plan: &Plan) -> Vec<u8> {
    Part::new(Some(&plan.columns)).last(&execute::Effects::default(), Some((plan, &[])))
}

impl From<Undecodable> for Failure {
    fn from(undecodable: Undecodable) -> Self {
        match undecodable {
            Undecodable::Value(error) => error.into(),
            Undecodable::Bytes => failure(Error::new(ErrorCode::InvalidArgument, "the bytes are no request")),
        }
    }
}

/// Ends a transaction whose error stands beside it.
fn stopped() -> Error {
    Error::new(ErrorCode::Aborted, "the query failed")
}

fn read_only() -> Error {
    Error::new(ErrorCode::ReadOnly, "a query that changes something was run at a snapshot; run it on the graph")
}

fn no_command() -> Error {
    let message = "indexes and constraints are not changed inside a transaction; run the command on the graph";
    Error::new(ErrorCode::InvalidArgument, message)
}
