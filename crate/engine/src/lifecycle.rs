//! One engine per canonical path and process, and how it ends (E25).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::backend::Backend;
use crate::checkpoint::Drain;
use crate::error::{Error, ErrorCode, Result};
use crate::open;
use crate::options::{Durability, Options};
use crate::stats::Counter;
use crate::store::{Inner, Status, Store};

/// Block bytes written in a session from which sled's log is worth a snapshot when it ends.
const LOG_BYTES_BEFORE_SNAPSHOT: u64 = 8 << 20;

/// How long `close` waits for reads that are under way.
const READS_END_WITHIN: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Shared {
    inner: Weak<Inner>,
    leases: Arc<Mutex<usize>>,
}

static REGISTRY: Mutex<Option<HashMap<PathBuf, Shared>>> = Mutex::new(None);

/// One `open` of a store; the last one to be released closes it.
pub(crate) struct Lease {
    inner: Weak<Inner>,
    open_leases: Arc<Mutex<usize>>,
    released: AtomicBool,
}

impl Lease {
    pub fn is_released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }

    /// Gives the lease back; the last one shuts the engine down.
    pub fn release(&self) -> Result<()> {
        if self.released.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let last = {
            let mut open = self.open_leases.lock();
            *open -= 1;
            *open == 0
        };
        match self.inner.upgrade() {
            Some(inner) if last => inner.shut_down(),
            _ => Ok(()),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Whoever wants to know how closing went calls `close`.
        let _ = self.release();
    }
}

/// A first lease on a fresh engine.
pub(crate) fn lease(inner: Arc<Inner>) -> Store {
    let lease =
        Lease { inner: Arc::downgrade(&inner), open_leases: Arc::new(Mutex::new(1)), released: AtomicBool::new(false) };
    Store { inner, lease: Arc::new(lease) }
}

/// Opens a folder, or shares the engine that has it open already.
pub(crate) fn open_shared(folder: &Path, options: &Options) -> Result<Store> {
    options.validate()?;
    let folder = crate::folder::prepare(folder, options)?;
    // Held while opening: of two threads that open one path, the second shares what the first opened.
    let mut registry = REGISTRY.lock();
    let stores = registry.get_or_insert_with(HashMap::new);
    if let Some(shared) = stores.get(&folder)
        && let Some(inner) = shared.inner.upgrade()
    {
        let mut open = shared.leases.lock();
        if *open > 0 && inner.status() != Status::Poisoned {
            open::check_same_options(&inner, options)?;
            *open += 1;
            drop(open);
            let (inner_weak, open_leases) = (Arc::downgrade(&inner), shared.leases.clone());
            let lease = Lease { inner: inner_weak, open_leases, released: AtomicBool::new(false) };
            return Ok(Store { inner, lease: Arc::new(lease) });
        }
        drop(open);
        wait_for_end(&inner)?;
    }
    let inner = open::open_folder(&folder, options)?;
    let store = lease(inner);
    let leases = store.lease.open_leases.clone();
    stores.insert(folder, Shared { inner: Arc::downgrade(&store.inner), leases });
    Ok(store)
}

/// An engine that is closing still holds the lock; a poisoned one gives it back here.
fn wait_for_end(inner: &Arc<Inner>) -> Result<()> {
    if inner.status() == Status::Poisoned {
        // It answers with the failure, which whoever wrote has heard of; what counts is that the path is free.
        let _ = inner.shut_down();
    }
    let end = Instant::now() + READS_END_WITHIN;
    while inner.status() != Status::Closed {
        if Instant::now() > end {
            return Err(Error::new(
                ErrorCode::Locked,
                format!("the store at {} is still closing in this process; try again", inner.place()),
            ));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

impl Store {
    /// Closes this lease. The last lease of an engine ends its transactions and iterators, checkpoints, syncs and
    /// frees the lock.
    ///
    /// # Errors
    /// `STORAGE_FAILED` when the store was poisoned or the last checkpoint failed; it is closed all the same.
    pub fn close(&self) -> Result<()> {
        self.lease.release()
    }
}

impl Inner {
    /// Ends the engine; safe to call twice.
    pub fn shut_down(self: &Arc<Self>) -> Result<()> {
        let poisoned = self.poisoned.get().cloned();
        {
            let _writer = self.lock_writer();
            if self.status.swap(Status::Closing as u8, Ordering::AcqRel) >= Status::Closing as u8 {
                return Ok(());
            }
        }
        self.room_made.notify_all();
        self.wait_for_reads();
        self.background.stop();
        let outcome = match poisoned {
            Some(cause) => Err(crate::poison::storage_failed(&cause)),
            None => self.last_checkpoint(),
        };
        let outcome = outcome.and_then(|()| self.journal.close());
        let closed = self.backend.close().and_then(|()| self.rewrite_sled_snapshot(outcome.is_ok()));
        self.cache.clear();
        self.derived.clear();
        *self.lock.lock() = None;
        self.status.store(Status::Closed as u8, Ordering::Release);
        outcome.and(closed)
    }

    /// sled writes its snapshot only while it opens, and the next open replays its log from there: so after a session
    /// that wrote much it is opened once more, and the next open is quick (E17).
    fn rewrite_sled_snapshot(&self, sound: bool) -> Result<()> {
        let Some(folder) = self.folder.as_ref().filter(|_| sound) else { return Ok(()) };
        if self.counters.get(Counter::BlockBytesWritten) < LOG_BYTES_BEFORE_SNAPSHOT {
            return Ok(());
        }
        open::open_sled(folder, &self.plan)?.close()
    }

    fn wait_for_reads(&self) {
        let end = Instant::now() + READS_END_WITHIN;
        while self.readers.any_announced() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Drains every memtable, so that the next open replays nothing.
    fn last_checkpoint(self: &Arc<Self>) -> Result<()> {
        let visible = self.visible.load(Ordering::SeqCst);
        self.journal.wait(visible, Durability::Full).map_err(|error| self.poison(error))?;
        {
            let writer = self.lock_writer();
            self.freeze(&writer)?;
        }
        while self.checkpoint_once(Drain::Anything).map_err(|error| self.poison(error))? {}
        Ok(())
    }
}
