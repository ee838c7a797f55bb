//! Projections: the adjacency of a graph in memory, kept current with commits.
//!
//! There is one for each graph and property that weighs edges, shared by all threads of the process, beside the store as
//! its [`Derived`]. It is built from a snapshot when it is first asked for. Later it takes in what the commits since have
//! changed, which a [`Watch`] of the engine tells; when too much was changed to be told, it is built anew. A snapshot
//! older than a projection that has changed since gets one of its own.
//!
//! Its bytes are lent from the memory budget. When they are not there, projections give way that were used longest ago;
//! one that nobody used for five minutes goes by itself.

mod build;
mod current;
mod members;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sledstore_algorithm::Csr;
use sledstore_engine::{Derived, Error, ErrorCode, Loan, Read, Result, Seq, Snapshot, Store, Watch};
use sledstore_graph::Graph;

pub use build::{Phase, Report};

use build::TypeNumbers;
pub(crate) use build::aborted;

/// Bytes of changed keys that are kept for a graph, some 25,000 changes of edges: building anew costs little more then.
const WATCH_BYTES: usize = 1 << 20;
/// A projection that was not used for so long goes.
const UNUSED_FOR: Duration = Duration::from_secs(300);
/// How often somebody who waits for a projection is asked whether to go on.
const WAIT: Duration = Duration::from_millis(20);

/// The adjacency of a graph at one moment.
pub struct Projection {
    csr: Csr,
    types: TypeNumbers,
    members: members::Cache,
    /// Shared with those it was made from: they have most of their bytes in common.
    loan: Arc<Mutex<Loan>>,
}

/// The projections of a graph, by the property that weighs edges.
#[derive(Default)]
struct Projections {
    watch: Mutex<Option<Arc<Watch>>>,
    slots: Mutex<HashMap<Option<String>, Arc<Slot>>>,
}

struct Slot {
    used: Mutex<Instant>,
    current: Mutex<Option<Current>>,
}

struct Current {
    seq: Seq,
    projection: Arc<Projection>,
}

impl Default for Slot {
    fn default() -> Self {
        Self { used: Mutex::new(Instant::now()), current: Mutex::default() }
    }
}

impl Derived for Projections {
    fn tidy(&self) {
        let mut slots = self.slots.lock();
        slots.retain(|_, slot| {
            let unused = slot.used.lock().elapsed() > UNUSED_FOR;
            // Whoever has it locked is using it.
            let Some(mut current) = slot.current.try_lock() else { return true };
            let lost = current.as_ref().is_some_and(|current| !self.knows_after(current.seq));
            if unused || lost {
                *current = None;
            }
            !unused
        });
        if slots.is_empty() {
            *self.watch.lock() = None;
        }
    }
}

impl Projection {
    /// The projection of a graph at a snapshot, with edges weighed by a property or, where they have no such number, as 1.
    ///
    /// # Errors
    /// `TOO_LARGE` when the memory budget has no room for it, `ABORTED` when `report` says so, `NAMESPACE_DROPPED`, and
    /// what a read can meet.
    pub fn at(graph: &Graph, snapshot: &Snapshot, weight: Option<&str>, report: Report<'_>) -> Result<Arc<Self>> {
        let projections = graph.store().derived(graph.namespace(), Projections::default)?;
        let slot = projections.slot(weight);
        let mut current = loop {
            if let Some(current) = slot.current.try_lock_for(WAIT) {
                break current;
            }
            if !report(Phase::Load, 0, None) {
                return Err(aborted());
            }
        };
        let seq = snapshot.seq();
        let watch = projections.watch(graph)?;
        if let Some(known) = current.take() {
            let (earlier, later) = (known.seq.min(seq), known.seq.max(seq));
            match watch.between(earlier, later) {
                Some(keys) if keys.is_empty() => {
                    let projection = known.projection.clone();
                    *current = Some(Current { seq: later, ..known });
                    projections.forget(&watch, later);
                    return Ok(projection);
                }
                Some(keys) if known.seq < seq => {
                    let projection = Arc::new(known.projection.caught_up(graph, snapshot, weight, &keys)?);
                    *current = Some(Current { seq, projection: projection.clone() });
                    projections.forget(&watch, seq);
                    return Ok(projection);
                }
                _ if known.seq > seq => {
                    *current = Some(known);
                    drop(current);
                    return Self::of(graph, snapshot, weight, report).map(Arc::new);
                }
                _ => {}
            }
        }
        let projection = Arc::new(Self::of(graph, snapshot, weight, report)?);
        *current = Some(Current { seq, projection: projection.clone() });
        Ok(projection)
    }

    /// A projection that is not kept: of a transaction, which reads every edge by it.
    ///
    /// # Errors
    /// As [`Projection::at`].
    pub fn of(graph: &Graph, reader: &impl Read, weight: Option<&str>, report: Report<'_>) -> Result<Self> {
        let (nodes, edges) = (graph.count_nodes(reader, None)?, graph.count_edges(reader)?);
        let mut loan = borrow(graph, build::bytes_of(nodes, edges, weight.is_some()))?;
        let (csr, types) = build::build(graph, reader, weight, edges, report)?;
        grow(graph, &mut loan, csr.bytes())?;
        Ok(Self { csr, types, members: members::Cache::default(), loan: Arc::new(Mutex::new(loan)) })
    }

    /// The adjacency.
    pub fn csr(&self) -> &Csr {
        &self.csr
    }

    /// Bytes it takes of the memory budget.
    pub fn bytes(&self) -> usize {
        self.csr.bytes() + self.members.bytes()
    }
}

impl Projections {
    fn slot(&self, weight: Option<&str>) -> Arc<Slot> {
        let slot = self.slots.lock().entry(weight.map(str::to_owned)).or_default().clone();
        *slot.used.lock() = Instant::now();
        slot
    }

    fn watch(&self, graph: &Graph) -> Result<Arc<Watch>> {
        let mut watch = self.watch.lock();
        if let Some(watch) = &*watch {
            return Ok(watch.clone());
        }
        let new = Arc::new(graph.watch(WATCH_BYTES)?);
        *watch = Some(new.clone());
        Ok(new)
    }

    fn knows_after(&self, seq: Seq) -> bool {
        self.watch.lock().as_ref().is_some_and(|watch| watch.knows_after(seq))
    }

    /// Lets the watch forget what every projection has taken in, once it holds much; the caller's own stands at `seq`. Until
    /// then a snapshot that is a little older still learns that nothing was changed since.
    fn forget(&self, watch: &Watch, seq: Seq) {
        if watch.bytes() < WATCH_BYTES / 2 {
            return;
        }
        let (mut oldest, mut in_use) = (seq, 0);
        for slot in self.slots.lock().values() {
            match slot.current.try_lock() {
                Some(current) => oldest = current.as_ref().map_or(oldest, |current| oldest.min(current.seq)),
                None => in_use += 1,
            }
        }
        // The caller's own is one of them; another is just being brought up to some seq.
        if in_use < 2 {
            watch.forget(oldest);
        }
    }

    /// Puts the projection that was used longest ago in `found`, if it was used before that one.
    fn find_oldest(&self, found: &mut Option<(Instant, Arc<Slot>)>) {
        for slot in self.slots.lock().values() {
            let used = *slot.used.lock();
            let kept = slot.current.try_lock().is_some_and(|current| current.is_some());
            if kept && found.as_ref().is_none_or(|(oldest, _)| used < *oldest) {
                *found = Some((used, slot.clone()));
            }
        }
    }
}

/// Takes memory for a projection, which others may have to give back.
fn borrow(graph: &Graph, bytes: usize) -> Result<Loan> {
    loop {
        if let Some(loan) = graph.store().lend(bytes) {
            return Ok(loan);
        }
        make_room(graph, bytes)?;
    }
}

/// The same for one that has changed.
fn grow(graph: &Graph, loan: &mut Loan, bytes: usize) -> Result<()> {
    while !loan.resize(bytes) {
        make_room(graph, bytes)?;
    }
    Ok(())
}

fn make_room(graph: &Graph, bytes: usize) -> Result<()> {
    if drop_oldest(graph.store()) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::TooLarge,
        format!(
            "the adjacency of graph \"{}\" takes about {bytes} bytes of memory, and the budget leaves {} to all; open the \
             store with a larger memoryBudget",
            graph.name(),
            graph.store().lent_bytes_max()
        ),
    ))
}

fn drop_oldest(store: &Store) -> bool {
    let mut oldest = None;
    store.all_derived::<Projections>().iter().for_each(|projections| projections.find_oldest(&mut oldest));
    let Some((_, slot)) = oldest else { return false };
    slot.current.try_lock().is_some_and(|mut current| current.take().is_some())
}
