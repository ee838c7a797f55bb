//! What one JavaScript environment (the main thread, or a worker) owns, and how it ends.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::{Batch, Durability, Error, ErrorCode, NamespaceId, Result, Scan, Seq, Snapshot, Store, Transaction};
use crate::error::stale;
use crate::handle::HandleTable;
use crate::raw::Buffers;
use crate::task::{Completions, Syncer};

/// A store as one environment has it open.
pub(crate) struct StoreEntry {
    pub engine: Store,
    /// Tells the objects of one store from those of another in the handle table.
    pub id: u64,
    /// The newest commit made here; what a durability request waits for.
    pub last_seq: Cell<Seq>,
    pub syncer: RefCell<Option<Syncer>>,
}

/// A namespace of an open store.
pub(crate) struct NamespaceEntry {
    pub store: Rc<StoreEntry>,
    pub id: NamespaceId,
}

/// Rows of a scan that did not fit their page wait here for the next one.
pub(crate) struct ScanEntry {
    pub store: Rc<StoreEntry>,
    pub scan: Scan,
    pub spill: Vec<u8>,
    pub spilled_rows: usize,
    pub finished: bool,
    pub flags: i32,
}

/// Everything a handle can name.
pub(crate) enum Object {
    Store(Rc<StoreEntry>),
    Namespace(NamespaceEntry),
    Snapshot(Rc<StoreEntry>, Arc<Snapshot>),
    Transaction(Rc<StoreEntry>, Box<Transaction>),
    Scan(Box<ScanEntry>),
}

impl Object {
    fn store(&self) -> &Rc<StoreEntry> {
        match self {
            Self::Store(store) | Self::Snapshot(store, _) | Self::Transaction(store, _) => store,
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
}

/// The state of one JavaScript environment; lives on its thread.
pub(crate) struct Environment {
    /// N2: buffers that JavaScript allocated for this environment and nobody else sees.
    pub buffers: Buffers,
    pub handles: HandleTable<Object>,
    /// Details of the last hot call that answered -3.
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
    let address = env.raw() as usize;
    let found = ENVIRONMENTS.with_borrow(|all| all.iter().find(|(other, _)| *other == address).map(|(_, e)| e.clone()));
    let environment = found.ok_or_else(|| Error::new(ErrorCode::Closed, "this thread's environment is ending"))?;
    let mut environment =
        environment.try_borrow_mut().map_err(|_| Error::internal("a native call was made from inside another"))?;
    f(&mut environment)
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
    environment.completions = None;
    let objects = environment.handles.remove_where(|_| true);
    // Dropping can run engine code; a panic in it must not unwind into the hook's caller.
    let _ = crate::error::caught(|| {
        drop(objects);
        Ok(())
    });
}

impl Environment {
    /// Hands what the journals still buffer to the kernel.
    pub fn write_out(&self) {
        for object in self.handles.iter() {
            if let Object::Store(store) = object {
                let _ = crate::error::caught(|| store.engine.wait(store.last_seq.get(), Durability::Os));
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
        let entry = StoreEntry { engine, id, last_seq: Cell::new(0), syncer: RefCell::new(None) };
        self.insert(Object::Store(Rc::new(entry)))
    }

    pub fn store(&self, handle: i32) -> Result<&Rc<StoreEntry>> {
        match self.handles.get(handle) {
            Some(Object::Store(store)) => Ok(store),
            _ => Err(stale("store")),
        }
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
        drop(self.handles.remove_where(|object| object.store().id == store.id));
        Ok(store)
    }

    pub fn live_counts(&self) -> LiveCounts {
        let mut counts = LiveCounts::default();
        for object in self.handles.iter() {
            let count = match object {
                Object::Store(_) => &mut counts.stores,
                Object::Namespace(_) => &mut counts.namespaces,
                Object::Snapshot(..) => &mut counts.snapshots,
                Object::Transaction(..) => &mut counts.transactions,
                Object::Scan(_) => &mut counts.scans,
            };
            *count += 1;
        }
        counts
    }

    /// A number for a job, within 30 bits.
    pub fn next_job(&mut self) -> u32 {
        let job = self.next_job;
        self.next_job = if job == (1 << 30) - 1 { 1 } else { job + 1 };
        job
    }
}
