//! Queries at new and old snapshots while a lane writes, builds and drops indexes, and checkpoints run: each must answer
//! what its snapshot holds, whatever is kept in memory of another moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_cypher::store::Session;
use sledstore_cypher::value::Value;
use sledstore_engine::{Durability, ErrorCode, Result, Snapshot, Store, Transaction};
use sledstore_graph::Graph;

use super::content::Content;
use super::{QueryLane, check, of_failure, request, step};
use crate::work::Work;

/// Old snapshots that a reader comes back to.
const KEPT: usize = 6;
/// Nodes of a graph that is dropped.
const NODES: u64 = 60;

/// What came of it.
#[derive(Debug, Default)]
pub struct Ran {
    /// What a reader found that its snapshot does not hold.
    pub wrong: Vec<String>,
    /// Snapshots that were read as a whole.
    pub read: u64,
    /// Of them, those for which edges were in memory.
    pub gathered: u64,
}

impl Ran {
    fn add(&mut self, other: Self) {
        self.wrong.extend(other.wrong);
        self.read += other.read;
        self.gathered += other.gathered;
    }
}

/// Lets a lane take `steps` steps, and `readers` threads read beside it.
///
/// # Errors
/// The first that the lane or a reader meets.
pub fn read_beside(store: &Store, seed: u64, steps: u64, readers: u64) -> Result<Ran> {
    let mut lane = QueryLane::begin(store, seed)?;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..readers)
            .map(|number| {
                let (lane, done) = (lane.reader(), &done);
                let random = SmallRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(number));
                scope.spawn(move || {
                    Reader { lane, contents: vec![Content::default()], kept: Vec::new(), random }.run(store, done)
                })
            })
            .collect();
        let checkpoints = scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                store.checkpoint()?;
                std::thread::sleep(Duration::from_millis(2));
            }
            Ok(())
        });
        let written = (0..steps).try_for_each(|number| lane.perform(store, number, Durability::None).map(drop));
        done.store(true, Ordering::Release);
        let mut ran = Ran::default();
        let mut outcome = written;
        for thread in threads {
            match thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                Ok(found) => ran.add(found),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        let checkpointed = checkpoints.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        outcome.and(checkpointed).map(|()| ran)
    })
}

struct Reader {
    lane: QueryLane,
    /// What there is after no step, one, two, …
    contents: Vec<Content>,
    kept: Vec<Snapshot>,
    random: SmallRng,
}

impl Reader {
    fn run(mut self, store: &Store, done: &AtomicBool) -> Result<Ran> {
        let mut ran = Ran::default();
        while !done.load(Ordering::Acquire) {
            if self.kept.len() == KEPT {
                self.kept.swap_remove(self.random.random_range(0..KEPT));
            }
            self.kept.push(store.snapshot()?);
            let mut at = self.kept.len() - 1;
            if self.random.random() {
                at = self.random.random_range(0..self.kept.len());
            }
            self.read(at, &mut ran)?;
        }
        Ok(ran)
    }

    fn read(&mut self, at: usize, ran: &mut Ran) -> Result<()> {
        let snapshot = &self.kept[at];
        let steps = self.lane.progress.read(snapshot)?;
        for number in self.contents.len() as u64..=steps {
            let after = step(self.lane.seed, &self.contents[number as usize - 1], number - 1).1;
            self.contents.push(after);
        }
        let content = &self.contents[steps as usize];
        let found = check::differences(&self.lane, snapshot, content, steps)?;
        let place = format!("at seq {} after {steps} steps", snapshot.seq());
        ran.wrong.extend(found.into_iter().map(|what| format!("{place}: {what}")));
        ran.read += 1;
        ran.gathered += u64::from(self.lane.graph.resident_edges(snapshot)?.is_some());
        Ok(())
    }
}

impl QueryLane {
    /// The same graph, whose queries have their plans in common.
    fn reader(&self) -> Self {
        Self {
            graph: self.graph.clone(),
            session: self.session.clone(),
            content: Content::default(),
            found: Vec::new(),
            ..*self
        }
    }
}

/// Makes graphs, fills each by one commit and drops it, `times` one after the other, while threads read them: a ring of
/// nodes is there as a whole, or the answer says that it was dropped.
///
/// # Errors
/// The first that the writer or a reader meets.
pub fn read_beside_drops(store: &Store, times: u64, readers: u64) -> Result<Ran> {
    let newest = Mutex::new(None);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..readers).map(|_| scope.spawn(|| read_rings(store, &newest, &done))).collect();
        let mut outcome = (0..times).try_for_each(|_| {
            let graph = Graph::open(store, "dropped")?;
            store.transact(Durability::None, |tx| ring(&graph, tx))?;
            *lock(&newest) = Some(Session::new(graph));
            std::thread::sleep(Duration::from_millis(3));
            Graph::drop(store, "dropped").map(drop)
        });
        done.store(true, Ordering::Release);
        let mut ran = Ran::default();
        for thread in threads {
            match thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                Ok(found) => ran.add(found),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome.map(|()| ran)
    })
}

fn lock(newest: &Mutex<Option<Session>>) -> MutexGuard<'_, Option<Session>> {
    newest.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ring(graph: &Graph, tx: &mut Transaction) -> Result<()> {
    let nodes = (0..NODES).map(|_| graph.add_node(tx, &["Item"], &[])).collect::<Result<Vec<_>>>()?;
    for (at, &node) in nodes.iter().enumerate() {
        graph.add_edge(tx, "LINKS", node, nodes[(at + 1) % nodes.len()], &[])?;
    }
    Ok(())
}

fn read_rings(store: &Store, newest: &Mutex<Option<Session>>, done: &AtomicBool) -> Result<Ran> {
    let mut ran = Ran::default();
    while !done.load(Ordering::Acquire) {
        let Some(session) = lock(newest).clone() else { continue };
        // Behind the commit that filled the graph.
        let snapshot = store.snapshot()?;
        for (text, expected) in [
            ("MATCH (n:Item) RETURN count(*)", NODES),
            ("MATCH (a:Item)-->(b)-->(c:Item) WHERE a <> c RETURN count(*)", NODES),
            ("CALL algo.components() YIELD component RETURN count(DISTINCT component)", 1),
        ] {
            let mut parts = Vec::new();
            let outcome =
                session.run(&request(text, &[]), Some(&snapshot), Durability::None, &Arc::default(), &mut |part| {
                    parts.push(part);
                    true
                });
            match outcome.map_err(of_failure) {
                Ok(()) => {
                    let (found, expected) = (check::decode(&parts), vec![vec![Value::Integer(expected as i64)]]);
                    if format!("{found:?}") != format!("{:?}", Some(expected)) {
                        ran.wrong.push(format!("{text} at seq {}: {found:?}", snapshot.seq()));
                    }
                    ran.read += 1;
                }
                Err(error) if error.code() == ErrorCode::NamespaceDropped => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(ran)
}
