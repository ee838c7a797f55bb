//! What one JavaScript environment (the main thread, or a worker) owns, and how it ends.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sledstore_cypher::store::{Pin, Session};
use sledstore_engine::{
    Batch, Error, ErrorCode, LargeReader, LargeWriter, NamespaceId, Result, Seq, Snapshot, Stamps, Store, Transaction,
};
use sledstore_graph::Graph;
use sledstore_vector::VectorIndex;

use crate::binding_bulk::BulkLoad;
use crate::binding_graph_load::GraphLoad;
use crate::binding_procedure::Procedures;
use crate::error::{caught, of_panic, stale};
use crate::handle::HandleTable;
use crate::page::ScanParts;
use crate::raw::Buffers;
use crate::stream::Stream;
use crate::task::Completions;

/// A store as one environment has it open.
pub(crate) struct StoreEntry {
    pub engine: Store,
    /// Tells the objects of one store from those of another in the handle table.
    pub id: u64,
    /// The newest commit made here; what a durability request waits for.
    pub last_seq: Cell<Seq>,
    /// Bytes committed here since they were last known to be in the kernel, about.
    pub unwritten_bytes: Cell<usize>,
    /// Handles of its namespaces by number, so that opening one again gives the same handle.
    pub namespaces: RefCell<HashMap<u32, i32>>,
}

/// A namespace of an open store.
pub(crate) struct NamespaceEntry {
    pub store: Rc<StoreEntry>,
    pub id: NamespaceId,
    stamps: OnceCell<Arc<Stamps>>,
}

impl NamespaceEntry {
    pub fn new(store: Rc<StoreEntry>, id: NamespaceId) -> Self {
        Self { store, id, stamps: OnceCell::new() }
    }

    /// Those of this environment: no two share memory that both may write to.
    pub fn stamps(&self) -> Result<&Arc<Stamps>> {
        if let Some(stamps) = self.stamps.get() {
            return Ok(stamps);
        }
        let stamps = self.store.engine.stamps(self.id)?;
        Ok(self.stamps.get_or_init(|| stamps))
    }
}

/// An unfinished scan.
pub(crate) struct ScanEntry {
    pub store: Rc<StoreEntry>,
    pub parts: ScanParts,
}

/// Everything a handle can name.
pub(crate) enum Object {
    Store(Rc<StoreEntry>),
    Namespace(NamespaceEntry),
    Snapshot(Rc<StoreEntry>, Arc<Snapshot>),
    Transaction(Rc<StoreEntry>, Box<Transaction>),
    Scan(Box<ScanEntry>),
    ValueWriter(Rc<StoreEntry>, Box<LargeWriter>),
    ValueReader(Rc<StoreEntry>, Box<LargeReader>),
    BulkLoad(Rc<StoreEntry>, BulkLoad),
    GraphLoad(Rc<StoreEntry>, GraphLoad),
    Graph(Rc<StoreEntry>, Graph),
    Vectors(Rc<StoreEntry>, VectorIndex),
    Stream(Rc<StoreEntry>, Stream),
    /// A statement whose plan is kept.
    Prepared(Rc<StoreEntry>, #[expect(dead_code, reason = "the plan is kept until it is dropped")] Pin),
    /// Something whose content a job has at the moment.
    Away(Rc<StoreEntry>),
}

impl Object {
    /// The store it was opened from.
    pub fn store(&self) -> &Rc<StoreEntry> {
        match self {
            Self::Store(store)
            | Self::Snapshot(store, _)
            | Self::Transaction(store, _)
            | Self::ValueWriter(store, _)
            | Self::ValueReader(store, _)
            | Self::BulkLoad(store, _)
            | Self::GraphLoad(store, _)
            | Self::Graph(store, _)
            | Self::Vectors(store, _)
            | Self::Stream(store, _)
            | Self::Prepared(store, _)
            | Self::Away(store) => store,
            Self::Namespace(namespace) => &namespace.store,
            Self::Scan(scan) => &scan.store,
        }
    }
}

/// Live native objects of an environment, by kind.
#[derive(Default, Clone, Copy)]
pub(crate) struct LiveCounts {
    pub stores: u32,
    pub namespaces: u32,
    pub snapshots: u32,
    pub transactions: u32,
    pub scans: u32,
    pub streams: u32,
}

/// The state of one JavaScript environment; lives on its thread.
pub(crate) struct Environment {
    /// N2: buffers that JavaScript allocated for this environment and nobody else sees.
    pub buffers: Buffers,
    pub handles: HandleTable<Object>,
    /// Why the last call of this environment failed.
    pub error: Option<Error>,
    /// A value or page that was too long for its buffer, until JavaScript takes it.
    pub parked: Option<Vec<u8>>,
    /// Reused by single puts and deletes, so that they allocate nothing.
    pub scratch: Batch,
    /// Calls of raw functions so far; the tests count crossings with it.
    pub crossings: u64,
    pub completions: Option<Arc<Completions>>,
    /// Jobs whose answer has not come; the event loop is kept alive while there are any.
    pub outstanding: u32,
    /// Jobs that can be ended early.
    pub cancels: HashMap<u32, Arc<AtomicBool>>,
    /// Those of them that end with a store, by its id.
    pub of_stores: HashMap<u32, u64>,
    /// Graphs with their plans, by store and namespace.
    pub sessions: HashMap<(u64, u32), Session>,
    /// What JavaScript registered for queries to call.
    pub procedures: Procedures,
    /// Whether this is the main thread, whose end is the end of the process; known when that comes.
    pub is_main_thread: bool,
    next_job: u32,
}

static NEXT_STORE_ID: AtomicU64 = AtomicU64::new(1);

thread_local! {
    // One thread can hold several environments of this addon (a module loaded twice), told apart by their address.
    static ENVIRONMENTS: RefCell<Vec<(usize, Rc<RefCell<Environment>>)>> = const { RefCell::new(Vec::new()) };
}

/// Registers the state of the environment at `address`.
pub(crate) fn create(address: usize) -> Rc<RefCell<Environment>> {
    let environment = Rc::new(RefCell::new(Environment {
        buffers: Buffers::default(),
        handles: HandleTable::new(),
        error: None,
        parked: None,
        scratch: Batch::new(),
        crossings: 0,
        completions: None,
        outstanding: 0,
        cancels: HashMap::new(),
        of_stores: HashMap::new(),
        sessions: HashMap::new(),
        procedures: Procedures::default(),
        is_main_thread: false,
        next_job: 1,
    }));
    ENVIRONMENTS.with_borrow_mut(|all| {
        all.retain(|(other, _)| *other != address);
        all.push((address, environment.clone()));
    });
    environment
}

/// Runs `f` with the environment of a cold call.
pub(crate) fn with<T>(env: napi::Env, f: impl FnOnce(&mut Environment) -> Result<T>) -> Result<T> {
    at(env.raw() as usize, f)
}

/// Runs `f` with the environment at `address`, on its thread.
pub(crate) fn at<T>(address: usize, f: impl FnOnce(&mut Environment) -> Result<T>) -> Result<T> {
    let environment = found(address)?;
    let mut environment = environment.try_borrow_mut().map_err(|_| nested())?;
    f(&mut environment)
}

fn found(address: usize) -> Result<Rc<RefCell<Environment>>> {
    let found = ENVIRONMENTS.with_borrow(|all| all.iter().find(|(other, _)| *other == address).map(|(_, e)| e.clone()));
    found.ok_or_else(|| Error::new(ErrorCode::Closed, "this thread's environment is ending"))
}

fn nested() -> Error {
    Error::internal("a native call was made from inside another")
}

/// The environment's end: nothing acknowledged may be lost (E25), nothing of other threads is touched.
pub(crate) fn end(address: usize) {
    let found = ENVIRONMENTS.with_borrow_mut(|all| {
        let at = all.iter().position(|(other, _)| *other == address)?;
        Some(all.swap_remove(at).1)
    });
    let Some(environment) = found else { return };
    let Ok(mut environment) = environment.try_borrow_mut() else { return };
    environment.write_out();
    environment.procedures.end();
    environment.completions = None;
    environment.cancels.values().for_each(|cancel| cancel.store(true, Ordering::Relaxed));
    // Sessions hold their stores as handles do.
    let objects = (std::mem::take(&mut environment.sessions), environment.handles.remove_where(|_| true));
    if environment.is_main_thread {
        // The process ends: closing the store now would make it wait for a checkpoint, and recovery does the same.
        std::mem::forget(objects);
        return;
    }
    // Dropping runs engine code; a panic in it must not unwind into the hook's caller.
    let _ = caught(|| {
        drop(objects);
        Ok(())
    });
}

impl Environment {
    /// Hands what the journals still buffer to the kernel.
    pub fn write_out(&self) {
        for object in self.handles.iter() {
            if let Object::Store(store) = object {
                let _ = caught(|| store.engine.write_buffered());
            }
        }
    }

    pub fn insert(&mut self, object: Object) -> Result<i32> {
        self.handles.insert(object).map_err(|_| {
            Error::new(
                ErrorCode::TooLarge,
                "too many open snapshots, scans, transactions and namespaces in this thread; close what is not needed",
            )
        })
    }

    pub fn insert_store(&mut self, engine: Store) -> Result<i32> {
        let id = NEXT_STORE_ID.fetch_add(1, Ordering::Relaxed);
        let entry = StoreEntry {
            engine,
            id,
            last_seq: Cell::new(0),
            unwritten_bytes: Cell::new(0),
            namespaces: RefCell::default(),
        };
        self.insert(Object::Store(Rc::new(entry)))
    }

    pub fn store(&self, handle: i32) -> Result<&Rc<StoreEntry>> {
        match self.handles.get(handle) {
            Some(Object::Store(store)) => Ok(store),
            _ => Err(stale("store")),
        }
    }

    /// An open store by its id, for jobs that come back with something of it.
    pub fn store_by_id(&self, id: u64) -> Result<Rc<StoreEntry>> {
        let stores = self.handles.iter().filter_map(|object| match object {
            Object::Store(store) if store.id == id => Some(store.clone()),
            _ => None,
        });
        stores.last().ok_or_else(|| Error::new(ErrorCode::Closed, "the store is closed; open it again"))
    }

    #[inline]
    pub fn namespace(&self, handle: i32) -> Result<&NamespaceEntry> {
        match self.handles.get(handle) {
            Some(Object::Namespace(namespace)) => Ok(namespace),
            _ => Err(stale("namespace")),
        }
    }

    /// Takes a store and everything opened from it out of the table.
    pub fn remove_store(&mut self, handle: i32) -> Result<Rc<StoreEntry>> {
        let store = self.store(handle)?.clone();
        for (job, _) in self.of_stores.iter().filter(|(_, of)| **of == store.id) {
            if let Some(cancel) = self.cancels.get(job) {
                cancel.store(true, Ordering::Relaxed);
            }
        }
        self.sessions.retain(|(id, _), _| *id != store.id);
        self.procedures.forget(store.id);
        drop(self.handles.remove_where(|object| object.store().id == store.id));
        Ok(store)
    }

    /// Lets go of the plans of graphs that were dropped, by whichever thread.
    pub fn forget_dropped(&mut self, store: &StoreEntry) {
        let live: HashSet<u32> = store.engine.namespaces().iter().map(|namespace| namespace.id.get()).collect();
        self.sessions.retain(|(id, namespace), _| *id != store.id || live.contains(namespace));
    }

    pub fn live_counts(&self) -> LiveCounts {
        let mut counts = LiveCounts::default();
        for object in self.handles.iter() {
            let count = match object {
                Object::Store(_) => &mut counts.stores,
                Object::Namespace(_) | Object::Graph(..) | Object::Vectors(..) => &mut counts.namespaces,
                Object::Snapshot(..) => &mut counts.snapshots,
                Object::Transaction(..) => &mut counts.transactions,
                Object::Scan(_) => &mut counts.scans,
                _ => &mut counts.streams,
            };
            *count += 1;
        }
        counts
    }

    /// Runs a native entry's body; a panic becomes an `INTERNAL` error, after which no store of this environment writes
    /// any more (N6).
    #[inline]
    pub fn guarded<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        match catch_unwind(AssertUnwindSafe(|| body(self))) {
            Ok(result) => result,
            Err(payload) => {
                let error = of_panic(&*payload);
                self.poison(&error);
                Err(error)
            }
        }
    }

    fn poison(&self, cause: &Error) {
        for object in self.handles.iter() {
            if let Object::Store(store) = object {
                let _ = caught(|| {
                    store.engine.poison(cause.clone());
                    Ok(())
                });
            }
        }
    }

    /// A number for a job, within 30 bits.
    pub fn next_job(&mut self) -> u32 {
        let job = self.next_job;
        self.next_job = if job == (1 << 30) - 1 { 1 } else { job + 1 };
        job
    }
}
