//! The lane that changes a graph by openCypher, under indexes and constraints of every kind; some of them are dropped and
//! built again while it does.

pub mod beside;
mod check;
mod content;
mod schema;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;

use rand::Rng;
use sledstore_cypher::execute::Limits;
use sledstore_cypher::storage::Failure;
use sledstore_cypher::store::{Request, Session};
use sledstore_cypher::{CypherError, Detail};
use sledstore_engine::{
    Durability, Error, NamespaceId, NamespaceOptions, Result, Seq, Snapshot, Store, Transaction, Write,
};
use sledstore_graph::{Graph, IndexInfo};

use crate::content::Content as Bytes;
use crate::lane::Lane;
use crate::progress::Progress;
use crate::work::{Work, contradiction, transact};
use content::{Change, Content, Statement};
use schema::{BUILT, KEPT};

/// Numbers that a step may give away.
const NUMBERS_A_STEP: i64 = 16;
/// Rows that steps write beside the graph, in turn.
const ROWS: u64 = 8;
/// Sets what is drawn about indexes apart from what is drawn about rows.
const INDEXES: u64 = 0x1d8e_4e27_c47d_124f;

/// The lane of queries.
pub struct QueryLane {
    seed: u64,
    progress: Progress,
    /// What a step writes besides.
    rows: NamespaceId,
    graph: Graph,
    session: Session,
    /// The indexes that were there when the graph was opened.
    found: Vec<IndexInfo>,
    content: Content,
    /// Steps taken so far.
    steps: u64,
}

/// The index that a step builds, and whether it is kept from being whole until the step is committed.
struct Building {
    name: &'static str,
    waits: bool,
}

/// The changes of a step, and the content after it.
fn step(seed: u64, before: &Content, number: u64) -> (Vec<Change>, Content) {
    let mut random = Lane::Query.random(seed, number);
    let mut after = before.clone();
    let changes = (0..random.random_range(1..=3))
        .map(|at| {
            let change = after.draw(&mut random, number as i64 * NUMBERS_A_STEP + at * 4);
            after.apply(&change);
            change
        })
        .collect();
    (changes, after)
}

fn builds(seed: u64, number: u64) -> Option<Building> {
    let mut random = Lane::Query.random(seed ^ INDEXES, number);
    let name = BUILT[random.random_range(0..BUILT.len())];
    random.random_ratio(1, 4).then(|| Building { name, waits: random.random_ratio(2, 3) })
}

impl QueryLane {
    pub fn begin(store: &Store, seed: u64) -> Result<Self> {
        let graph = Graph::open(store, "queried")?;
        let lane = Self {
            seed,
            progress: Progress::open(store, Lane::Query)?,
            rows: store.namespace("query rows", &NamespaceOptions::default())?.id,
            session: Session::new(graph.clone()),
            found: graph.all_indexes(store)?,
            graph,
            content: Content::default(),
            steps: 0,
        };
        for (_, command) in KEPT {
            lane.run(&(command, Vec::new()), None, store.options().durability)?;
        }
        Ok(lane)
    }

    fn row(&self, number: u64) -> Bytes {
        Bytes { tag: self.seed ^ number, bytes: 20 + number as usize * 31 % 200 }
    }

    /// Runs a statement by itself.
    fn run(&self, (text, parameters): &Statement, at: Option<&Snapshot>, level: Durability) -> Result<Vec<Vec<u8>>> {
        let mut parts = Vec::new();
        let ran = self.session.run(&request(text, parameters), at, level, &Arc::default(), &mut |part| {
            parts.push(part);
            true
        });
        ran.map_err(of_failure)?;
        Ok(parts)
    }

    fn write(&self, changes: &[Change], transaction: &mut Transaction, number: u64) -> Result<()> {
        let abort = Arc::new(AtomicBool::new(false));
        for change in changes {
            let (text, parameters) = change.statement()?;
            let ran = self.session.run_in(&request(text, &parameters), transaction, &abort);
            ran.map_err(|(failure, _)| of_failure(failure))?;
        }
        transaction.put(self.rows, &(number % ROWS).to_be_bytes(), &self.row(number).to_vec())?;
        self.progress.write(transaction, number)
    }

    /// An item with a number that another has is refused, and nothing of the statement stays.
    fn be_refused(&self, level: Durability) -> Result<()> {
        let Some(item) = self.content.items.keys().next() else { return Ok(()) };
        let parameters = vec![("u", (*item).into())];
        let refused = request("CREATE (:Item {u: -1}) CREATE (:Item {u: $u})", &parameters);
        match self.session.run(&refused, None, level, &Arc::default(), &mut |_| true) {
            Err(Failure::Cypher(error)) if error.detail == Detail::UniqueViolation => Ok(()),
            Err(failure) => Err(of_failure(failure)),
            Ok(()) => Err(contradiction(format_args!("two items have number {item}"))),
        }
    }

    fn commit(&self, store: &Store, changes: &[Change], number: u64, level: Durability) -> Result<Seq> {
        transact(store, level, |transaction| self.write(changes, transaction, number))
    }

    /// Commits while another thread builds an index.
    fn commit_beside(
        &self,
        building: &Building,
        store: &Store,
        changes: &[Change],
        number: u64,
        level: Durability,
    ) -> Result<Seq> {
        let Building { name, waits } = *building;
        store.transact(level, |transaction| {
            transaction.delete(self.rows, name.as_bytes())?;
            self.graph.drop_named_index(transaction, name)
        })?;
        std::thread::scope(|scope| {
            let (committed, is_committed) = channel::<()>();
            let builder = scope.spawn(move || {
                schema::build(&self.graph, name, level, &mut |_, _| {
                    if waits {
                        // Nothing is sent: it ends when the commit has.
                        let _ = is_committed.recv();
                    }
                    true
                })
            });
            let seq = self.commit(store, changes, number, level);
            drop(committed);
            let built = builder.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let seq = seq?;
            built?;
            // Whoever finds this row finds the index, too.
            store.transact(level, |transaction| transaction.put(self.rows, name.as_bytes(), &[]))?;
            Ok(seq)
        })
    }
}

fn request<'r>(text: &'r str, parameters: &[(&'r str, sledstore_cypher::value::Value)]) -> Request<'r> {
    Request { text, parameters: parameters.to_vec(), limits: Limits::default(), schema: None }
}

fn of_failure(failure: Failure) -> Error {
    match failure {
        Failure::Storage(error) => error.downcast::<Error>().map_or_else(contradiction, |error| *error),
        Failure::Cypher(error) => of_cypher(error),
    }
}

/// No statement of the lane is one that the language refuses.
fn of_cypher(error: CypherError) -> Error {
    contradiction(error)
}

impl Work for QueryLane {
    fn perform(&mut self, store: &Store, number: u64, level: Durability) -> Result<Seq> {
        let (changes, after) = step(self.seed, &self.content, number);
        if number % 8 == 5 {
            self.be_refused(level)?;
        }
        let seq = match builds(self.seed, number) {
            Some(building) => self.commit_beside(&building, store, &changes, number, level)?,
            None => self.commit(store, &changes, number, level)?,
        };
        (self.content, self.steps) = (after, number + 1);
        Ok(seq)
    }

    fn replay(&mut self, number: u64) {
        (self.content, self.steps) = (step(self.seed, &self.content, number).1, number + 1);
    }

    fn builds(&self, number: u64) -> bool {
        builds(self.seed, number).is_some()
    }

    fn differences(&self, store: &Store) -> Result<Vec<String>> {
        let snapshot = store.snapshot()?;
        let mut differences = check::indexes(self, &snapshot)?;
        differences.extend(check::differences(self, &snapshot, &self.content, self.steps)?);
        Ok(differences)
    }
}
