//! A store: the public handle and everything it holds together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};

use crate::admission::{Admission, LargeBatches};
use crate::backend::Backend;
use crate::background::Background;
use crate::batch::Batch;
use crate::cache::BlockCache;
use crate::checkpoint::Checkpoint;
use crate::clock::Clock;
use crate::derived::DerivedSet;
use crate::error::{Error, Result};
use crate::journal::Journal;
use crate::large::{LargeReader, LargeWriter};
use crate::lifecycle::Lease;
use crate::lock::StoreLock;
use crate::namespace::{Catalogue, Namespace, NamespaceId, NamespaceOptions};
use crate::options::{Durability, MemoryPlan, Options};
use crate::poison::ErrorListener;
use crate::range::KeyRange;
use crate::read::{PageIn, ReadOutcome, paged};
use crate::scan::{Scan, ScanOptions};
use crate::snapshot::{PinKind, Readers};
use crate::sorted_run::RunFiles;
use crate::stats::{Counters, Recovery};
use crate::store_file::Format;
use crate::tables::Tables;
use crate::transaction::Transaction;
use crate::writer::WriterMutex;

/// Position of a commit; dense within a store (E1).
pub type Seq = u64;

/// No seq, number of a checkpoint or count of bytes comes near it, and JavaScript counts exactly so far. A file that names more is damaged; so arithmetic on
/// what was read cannot overflow.
pub(crate) const COUNT_MAX: u64 = (1 << 53) - 1;

/// The state of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Takes reads and writes.
    Open = 0,
    /// A failure ended all writing; reads go on (E11).
    Poisoned = 1,
    /// `close` is under way.
    Closing = 2,
    /// Closed.
    Closed = 3,
}

/// One engine per canonical path and process (E25).
pub(crate) struct Inner {
    /// Canonical folder; none for a store in memory and for a snapshot file.
    pub folder: Option<PathBuf>,
    /// E27: the snapshot file that it reads and never writes.
    pub snapshot_file: Option<PathBuf>,
    pub options: Options,
    pub plan: MemoryPlan,
    pub format: Format,
    /// Raised at every open (E1).
    pub epoch: u64,
    pub backend: Box<dyn Backend>,
    pub cache: BlockCache,
    pub journal: Journal,
    pub writer: WriterMutex,
    /// E2: the newest seq a read may see.
    pub visible: AtomicU64,
    /// E8: one atomically swapped list of memtables.
    pub tables: ArcSwap<Tables>,
    pub readers: Readers,
    pub catalogue: Catalogue,
    /// Serializes changes of the catalogue.
    pub catalogue_changes: Mutex<()>,
    pub checkpoint: Checkpoint,
    /// Where sorted runs go; none for a store without a folder.
    pub run_files: Option<RunFiles>,
    pub background: Background,
    pub large_batches: LargeBatches,
    pub room: Mutex<()>,
    pub room_made: Condvar,
    /// E11: the first failure.
    pub poisoned: OnceLock<Error>,
    pub error_listeners: Mutex<Vec<ErrorListener>>,
    pub next_value_number: AtomicU32,
    pub status: AtomicU8,
    pub counters: Counters,
    pub derived: DerivedSet,
    pub recovery: Recovery,
    pub lock: Mutex<Option<StoreLock>>,
    /// Every memtable that may become a sorted run does.
    #[cfg(test)]
    pub spills_always: std::sync::atomic::AtomicBool,
}

impl Inner {
    pub fn status(&self) -> Status {
        match self.status.load(Ordering::Acquire) {
            0 if self.poisoned.get().is_some() => Status::Poisoned,
            0 | 1 => Status::Open,
            2 => Status::Closing,
            _ => Status::Closed,
        }
    }

    /// E28: what expiry is judged by.
    pub fn clock(&self) -> &Clock {
        &self.options.clock
    }

    /// How messages name the store.
    pub fn place(&self) -> String {
        let path = self.folder.as_ref().or(self.snapshot_file.as_ref());
        path.map_or_else(|| "memory".to_owned(), |path| path.display().to_string())
    }
}

/// Reads at one sequence number: the newest at the call for a store, a fixed one for a snapshot or transaction.
pub trait Read {
    /// Calls `f` with the value of `key`, without copying it where it lies in memory.
    ///
    /// # Errors
    /// `NAMESPACE_DROPPED`, `CLOSED`, `CORRUPTION`.
    fn get_with<R>(&self, namespace: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>>;

    /// The rows of a range, in key order.
    ///
    /// # Errors
    /// As [`Read::get_with`].
    fn scan(&self, namespace: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan>;

    /// The value of `key`.
    ///
    /// # Errors
    /// As [`Read::get_with`].
    fn get(&self, namespace: NamespaceId, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.get_with(namespace, key, <[u8]>::to_vec)
    }

    /// Whether `key` has a value, which is not read when it is a large one.
    ///
    /// # Errors
    /// As [`Read::get_with`].
    fn contains(&self, namespace: NamespaceId, key: &[u8]) -> Result<bool>;

    /// The seq whose rows it sees now, and no others; `None` for a transaction, which sees its own writes.
    fn seq_seen(&self) -> Option<Seq>;
}

/// Buffers writes of one atomic commit.
pub trait Write {
    /// Stores `value` under `key`.
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`, `VALUE_TOO_LARGE`, `TOO_LARGE`.
    fn put(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8]) -> Result<()>;

    /// Stores `value` under `key` until `expires_at`, in milliseconds since 1970 (see [`Store::expiry_in`]).
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`, `VALUE_TOO_LARGE`, `TOO_LARGE`.
    fn put_expiring(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8], expires_at: u64) -> Result<()>;

    /// Removes `key`.
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`, `TOO_LARGE`.
    fn delete(&mut self, namespace: NamespaceId, key: &[u8]) -> Result<()>;

    /// Removes every key of `range`.
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`, `TOO_LARGE`.
    fn clear(&mut self, namespace: NamespaceId, range: &KeyRange) -> Result<()>;
}

impl Write for Batch {
    fn put(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8]) -> Result<()> {
        Batch::put(self, namespace, key, value)
    }

    fn put_expiring(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8], expires_at: u64) -> Result<()> {
        Batch::put_expiring(self, namespace, key, value, expires_at)
    }

    fn delete(&mut self, namespace: NamespaceId, key: &[u8]) -> Result<()> {
        Batch::delete(self, namespace, key)
    }

    fn clear(&mut self, namespace: NamespaceId, range: &KeyRange) -> Result<()> {
        Batch::clear(self, namespace, range)
    }
}

/// An open store. Clones share one lease: closing one closes them all; another `open` of the path has its own.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
    pub(crate) lease: Arc<Lease>,
}

impl Store {
    /// Opens the store in a folder, creating it when there is none.
    ///
    /// # Errors
    /// `LOCKED`, `NOT_A_STORE`, `FORMAT_TOO_NEW`, `OPTIONS_MISMATCH`, `CORRUPTION`, `DISK_FULL`, `PERMISSION_DENIED`,
    /// `INSECURE_FOLDER`.
    pub fn open(folder: &Path, options: &Options) -> Result<Self> {
        crate::lifecycle::open_shared(folder, options)
    }

    /// Opens a store that lives in memory only.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that contradict each other.
    pub fn memory(options: &Options) -> Result<Self> {
        options.validate()?;
        Ok(crate::lifecycle::lease(crate::open::open_memory(options)?))
    }

    /// Opens a file that [`Store::publish`] has written. It is read like a store and never written to: every write is
    /// `READ_ONLY`. Any number of processes may have it open.
    ///
    /// # Errors
    /// `NOT_A_STORE`, `FORMAT_TOO_NEW`, `CORRUPTION`, `PERMISSION_DENIED`, `IO_FAILED`.
    pub fn open_snapshot(file: &Path, options: &Options) -> Result<Self> {
        options.validate()?;
        Ok(crate::lifecycle::lease(crate::open::open_snapshot(file, options)?))
    }

    /// The state of the store.
    pub fn status(&self) -> Status {
        if self.lease.is_released() { Status::Closed } else { self.inner.status() }
    }

    /// Whether it is a published snapshot, to which nothing can be written.
    pub fn is_read_only(&self) -> bool {
        self.inner.snapshot_file.is_some()
    }

    /// The canonical folder; none for a store in memory.
    pub fn folder(&self) -> Option<&Path> {
        self.inner.folder.as_deref()
    }

    /// Whether every user of the system may write to its folder, which `allow_insecure_folder` let pass.
    ///
    /// # Errors
    /// `IO_FAILED`, `PERMISSION_DENIED`.
    pub fn is_in_insecure_folder(&self) -> Result<bool> {
        self.folder().map_or(Ok(false), crate::folder::is_insecure)
    }

    /// The options it was opened with.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    pub(crate) fn check_open(&self) -> Result<()> {
        if self.lease.is_released() { Err(self.inner.closed()) } else { Ok(()) }
    }

    /// Applies a batch: visible when this returns, durable after [`Store::wait`] for its seq.
    ///
    /// # Errors
    /// `TOO_LARGE`, `NAMESPACE_DROPPED`, `STORAGE_FAILED`, `CLOSED`.
    pub fn apply(&self, batch: &Batch) -> Result<Seq> {
        self.check_open()?;
        self.inner.apply(batch, Admission::Block)
    }

    /// As [`Store::apply`], but lets the memtable overshoot by half instead of blocking at once; the caller holds
    /// its own answer back until [`Store::request`] answers (E18).
    ///
    /// # Errors
    /// As [`Store::apply`].
    pub fn apply_overshooting(&self, batch: &Batch) -> Result<Seq> {
        self.check_open()?;
        self.inner.apply(batch, Admission::Overshoot)
    }

    /// Blocks until a commit is durable at `level`.
    ///
    /// # Errors
    /// `STORAGE_FAILED`; `INVALID_ARGUMENT` for a seq that no commit has yet.
    pub fn wait(&self, seq: Seq, level: Durability) -> Result<()> {
        self.inner.wait(seq, level)
    }

    /// Calls `answer` from the engine's own thread once a commit is durable at `level` and writers are let in.
    pub fn request(&self, seq: Seq, level: Durability, answer: impl FnOnce(Result<()>) + Send + 'static) {
        // A seq that nobody waits for rightly must not fail the others of its group.
        match self.inner.check_given(seq) {
            Ok(()) => self.inner.background.request(seq, level, Box::new(answer)),
            Err(error) => answer(Err(error)),
        }
    }

    /// Whether writers are let in; when not, an answer to an overshooting write is to be held back (E18).
    pub fn has_room(&self) -> bool {
        self.inner.has_room()
    }

    /// Applies a batch and waits until it is durable.
    ///
    /// # Errors
    /// As [`Store::apply`] and [`Store::wait`].
    pub fn commit(&self, batch: &Batch, level: Durability) -> Result<Seq> {
        let seq = self.apply(batch)?;
        self.wait(seq, level)?;
        Ok(seq)
    }

    /// The epoch, which is raised at every open (E1): what carries another one was begun before.
    pub fn epoch(&self) -> u64 {
        self.inner.epoch
    }

    /// When what lives for `ttl_ms` from now expires, in milliseconds since 1970 (E28).
    pub fn expiry_in(&self, ttl_ms: u64) -> u64 {
        self.inner.clock().now_ms().saturating_add(ttl_ms)
    }

    /// The newest visible seq.
    pub fn visible_seq(&self) -> Seq {
        self.inner.visible.load(Ordering::SeqCst)
    }

    /// The newest seq that a commit was given: what to wait for after a call that does not tell its own. Not the visible
    /// one, which a failure puts back, so that a wait for it would be answered without the commit.
    pub fn newest_seq(&self) -> Seq {
        self.inner.lock_writer().next_seq - 1
    }

    /// Everything applied so far is durable when this returns.
    ///
    /// # Errors
    /// `STORAGE_FAILED`.
    pub fn flush(&self) -> Result<()> {
        self.check_open()?;
        self.inner.check_writable()?;
        self.inner.wait(self.newest_seq(), Durability::Full)
    }

    /// Hands what the journal still buffers to the kernel; called when the process is about to end.
    ///
    /// # Errors
    /// `STORAGE_FAILED`.
    pub fn write_buffered(&self) -> Result<()> {
        self.inner.journal.flush_background()
    }

    /// Reads without paging in: `None` means that the answer needs sled (N4).
    ///
    /// # Errors
    /// As [`Read::get_with`].
    pub fn get_cached<R>(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<Option<R>>> {
        self.check_open()?;
        Ok(match self.inner.read_latest(namespace, key, PageIn::Refused, f)? {
            ReadOutcome::Found(value) => Some(Some(value)),
            ReadOutcome::Missing => Some(None),
            ReadOutcome::NeedsPageIn => None,
        })
    }

    /// Reads of sled made by the calling thread so far; lets a test prove that an asynchronous call makes none.
    #[doc(hidden)]
    pub fn backend_reads_of_this_thread() -> u64 {
        crate::backend::reads_of_this_thread()
    }

    /// A snapshot of the newest visible state.
    ///
    /// # Errors
    /// `CLOSED`.
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.check_open()?;
        self.inner.check_readable()?;
        Ok(Snapshot::new(&self.inner))
    }

    /// Begins a transaction; nothing is locked until it commits.
    ///
    /// # Errors
    /// `CLOSED`, `STORAGE_FAILED`.
    pub fn begin(&self) -> Result<Transaction> {
        self.check_open()?;
        Transaction::begin(&self.inner)
    }

    /// Stores `new` (or removes the key) if the key holds `expected` (or nothing); gives whether it did.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn compare_and_set(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
        level: Durability,
    ) -> Result<bool> {
        self.transact(level, |transaction| {
            let same = transaction.get_with(namespace, key, |value| Some(value) == expected)?;
            if !same.unwrap_or(expected.is_none()) {
                return Ok(false);
            }
            match new {
                Some(value) => transaction.put(namespace, key, value)?,
                None => transaction.delete(namespace, key)?,
            }
            Ok(true)
        })
    }

    /// Begins a large value; see [`Store::finish_large`].
    ///
    /// # Errors
    /// As [`Store::apply`].
    pub fn large_writer(&self, namespace: NamespaceId) -> Result<LargeWriter> {
        self.check_open()?;
        LargeWriter::begin(&self.inner, namespace)
    }

    /// Commits a large value under `key`, until `expires_at` if that is given.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn finish_large(
        &self,
        mut writer: LargeWriter,
        key: &[u8],
        expires_at: Option<u64>,
        level: Durability,
    ) -> Result<Seq> {
        let mut batch = Batch::new();
        writer.finish_into(&mut batch, key, expires_at)?;
        let seq = self.apply(&batch)?;
        writer.settle();
        self.wait(seq, level)?;
        Ok(seq)
    }

    /// Opens a large value for reading; nothing for a missing or a small one.
    ///
    /// # Errors
    /// As [`Read::get_with`].
    pub fn large_reader(&self, namespace: NamespaceId, key: &[u8]) -> Result<Option<LargeReader>> {
        self.check_open()?;
        let pin = self.inner.readers.pin(&self.inner.visible, PinKind::Snapshot);
        match self.inner.manifest_at(namespace, key, pin.moment()) {
            Ok(Some(manifest)) => Ok(Some(LargeReader::new(self.inner.clone(), namespace, manifest, pin))),
            other => {
                self.inner.readers.unpin(&pin);
                other.map(|_| None)
            }
        }
    }

    /// The namespace of a name, created if there is none.
    ///
    /// # Errors
    /// `NAMESPACE_MISMATCH`, `INVALID_ARGUMENT`, and whatever a write can meet.
    pub fn namespace(&self, name: &str, options: &NamespaceOptions) -> Result<Arc<Namespace>> {
        self.check_open()?;
        self.inner.open_namespace(name, options)
    }

    /// Every namespace, by name.
    pub fn namespaces(&self) -> Vec<Arc<Namespace>> {
        self.inner.catalogue.list()
    }

    /// Gives a namespace another name; open handles stay valid.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NAMESPACE_EXISTS`, and whatever a write can meet.
    pub fn rename_namespace(&self, from: &str, to: &str) -> Result<()> {
        self.check_open()?;
        self.inner.rename_namespace(from, to)
    }

    /// Drops a namespace at once; its space is reclaimed in the background. Gives whether there was one.
    ///
    /// # Errors
    /// Whatever a write can meet.
    pub fn drop_namespace(&self, name: &str) -> Result<bool> {
        self.check_open()?;
        self.inner.drop_namespace(name)
    }

    /// Rows and bytes of a namespace, approximately: exact for what is checkpointed, nothing for what is not yet.
    pub fn approximate_size(&self, namespace: NamespaceId) -> (u64, u64) {
        let size = self.inner.checkpoint.size(namespace);
        (size.rows, size.bytes)
    }
}

impl Read for Store {
    fn get_with<R>(&self, namespace: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        self.check_open()?;
        paged(self.inner.read_latest(namespace, key, PageIn::Allowed, f)?)
    }

    fn contains(&self, namespace: NamespaceId, key: &[u8]) -> Result<bool> {
        self.check_open()?;
        self.inner.exists_latest(namespace, key)
    }

    fn scan(&self, namespace: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan> {
        self.check_open()?;
        let pin = self.inner.readers.pin(&self.inner.visible, PinKind::Snapshot);
        Scan::new(&self.inner, pin, namespace, range, options)
    }

    fn seq_seen(&self) -> Option<Seq> {
        Some(self.visible_seq())
    }
}

/// A state of the store that does not change, neither by writes nor by time; holds old versions until it is dropped.
pub struct Snapshot {
    inner: Arc<Inner>,
    pin: crate::snapshot::Pin,
}

impl Snapshot {
    fn new(inner: &Arc<Inner>) -> Self {
        Self { inner: inner.clone(), pin: inner.readers.pin(&inner.visible, PinKind::Snapshot) }
    }

    /// The seq it reads at.
    pub fn seq(&self) -> Seq {
        self.pin.seq
    }

    /// As [`Store::get_cached`], at the snapshot's seq.
    ///
    /// # Errors
    /// As [`Read::get_with`].
    pub fn get_cached<R>(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<Option<R>>> {
        Ok(match self.inner.read_at(namespace, key, self.pin.moment(), PageIn::Refused, f)? {
            ReadOutcome::Found(value) => Some(Some(value)),
            ReadOutcome::Missing => Some(None),
            ReadOutcome::NeedsPageIn => None,
        })
    }
}

impl Read for Snapshot {
    fn get_with<R>(&self, namespace: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        paged(self.inner.read_at(namespace, key, self.pin.moment(), PageIn::Allowed, f)?)
    }

    fn contains(&self, namespace: NamespaceId, key: &[u8]) -> Result<bool> {
        self.inner.exists_at(namespace, key, self.pin.moment())
    }

    fn scan(&self, namespace: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan> {
        Scan::new(&self.inner, self.inner.readers.pin_again(&self.pin), namespace, range, options)
    }

    fn seq_seen(&self) -> Option<Seq> {
        Some(self.pin.seq)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.inner.readers.unpin(&self.pin);
    }
}
