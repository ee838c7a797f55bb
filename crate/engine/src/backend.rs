//! Where blocks rest: the small trait the engine sees, and the only file that knows sled (E23).
//!
//! sled is used as a plain ordered map and for nothing else (E21): one tree, `insert`, `remove`, `get` and the forward
//! `range`. Everything it may do wrong ends here as an [`Error`]: a panic, a lost fsync, a call that never returns.

use std::cell::Cell;
use std::fs::File;
use std::io::ErrorKind;
use std::ops::{Bound, Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use sledstore_sys::{FileMap, PrivateFileMap, ahead_of_new_threads};

use crate::backend_files::{
    limit_sizes, make_files_private, prepare_conf, prepare_folder, remove_unfinished, require_readable,
};
use crate::backend_guard::{Health, Helper, catch, guarded, require_free_space};
use crate::block_files::Index;
use crate::error::{Error, ErrorCode, Result};
use crate::large::Manifest;
use crate::namespace::NamespaceId;
use crate::options::{ENTRY_BYTES_MAX, SEGMENT_BYTES};
use crate::sled_options::{EMPTY_BYTES, LEAF_BYTES, SHARDS};
use crate::writer;

pub(crate) use crate::sled_options::SledOptions;

/// Where sled would keep what is too large for its log, inside its folder; nothing ever is (E16).
pub(crate) const BLOBS_FOLDER: &str = "blobs";
/// Longest key of an entry (E14); the length above which an index node of sled could outgrow a segment's quarter.
pub(crate) const SLED_KEY_BYTES_MAX: usize = 1_600;

/// Bytes of an entry's key or value: counted, not copied, when they are handed on.
#[derive(Clone, Debug)]
pub(crate) struct Bytes(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Sled(sled::IVec),
    Shared(Arc<[u8]>),
    Read(Arc<Vec<u8>>),
    Part(Arc<Vec<u8>>, Range<usize>),
    Mapped(Arc<FileMap>, Range<usize>),
}

impl Bytes {
    /// A part of a mapped file, which must lie within it.
    pub(crate) fn mapped(map: &Arc<FileMap>, range: Range<usize>) -> Self {
        Self(Inner::Mapped(map.clone(), range))
    }

    /// A part of what was read in one piece, which must lie within it.
    pub(crate) fn part(read: &Arc<Vec<u8>>, range: Range<usize>) -> Self {
        Self(Inner::Part(read.clone(), range))
    }

    /// Where in a mapped file they are.
    pub(crate) fn place(&self) -> Option<Range<usize>> {
        match &self.0 {
            Inner::Mapped(_, range) => Some(range.clone()),
            _ => None,
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Inner::Sled(bytes) => bytes,
            Inner::Shared(bytes) => bytes,
            Inner::Read(bytes) => bytes,
            Inner::Part(bytes, range) => &bytes[range.clone()],
            Inner::Mapped(map, range) => &map[range.clone()],
        }
    }
}

impl From<sled::IVec> for Bytes {
    fn from(bytes: sled::IVec) -> Self {
        Self(Inner::Sled(bytes))
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(Inner::Shared(bytes.into()))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Inner::Read(Arc::new(bytes)))
    }
}

impl From<Arc<[u8]>> for Bytes {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self(Inner::Shared(bytes))
    }
}

/// Called with each entry of a range; answers whether to go on.
#[cfg(test)]
pub(crate) type EntrySink<'a> = dyn FnMut(&[u8], &[u8]) -> Result<bool> + 'a;

/// An ordered map of entries that survives a crash as some prefix of the writes made since the last [`Backend::flush`].
pub(crate) trait Backend: Send + Sync {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>>;
    /// The first entry whose key is strictly above `key`.
    fn first_above(&self, key: &[u8]) -> Result<Option<(Bytes, Bytes)>>;
    /// The first entries whose keys are strictly above `key`, `count` at most; for who reads them one after the other.
    fn entries_above(&self, key: &[u8], count: usize) -> Result<Vec<(Bytes, Bytes)>> {
        let mut entries: Vec<(Bytes, Bytes)> = Vec::with_capacity(count);
        while entries.len() < count {
            let above = entries.last().map_or(key, |(last, _)| last);
            let Some(entry) = self.first_above(above)? else { break };
            entries.push(entry);
        }
        Ok(entries)
    }
    /// The key of the first entry strictly above `key`, whether or not its value can be read, if that can be told.
    fn key_above(&self, key: &[u8]) -> Result<Option<Bytes>> {
        Ok(self.first_above(key)?.map(|(key, _)| key))
    }
    /// In which file an entry's value lies, and where, for people; none where all lie in one.
    fn file_of(&self, _key: &[u8]) -> Option<String> {
        None
    }
    /// Visits the entries of `[from, to)` in ascending order, up to the last one where `to` is `None`.
    #[cfg(test)]
    fn for_each(&self, from: &[u8], to: Option<&[u8]>, sink: &mut EntrySink<'_>) -> Result<()>;
    /// Whether there may be a base row with this key; `false` is certain, and comes only from what has filters (E27).
    fn may_hold(&self, _namespace: NamespaceId, _key: &[u8]) -> bool {
        true
    }
    /// A large value that lies in one piece, checked against its manifest; only a published file has such (E27).
    fn whole_value(&self, _namespace: NamespaceId, _manifest: &Manifest) -> Result<Option<Bytes>> {
        Ok(None)
    }
    /// Another map of the file in which [`Bytes::place`] is a place.
    fn map_privately(&self) -> Result<Option<PrivateFileMap>> {
        Ok(None)
    }
    /// Writes an entry. The first failure poisons the backend: every later write is refused (E11).
    fn insert(&self, key: &[u8], value: &[u8]) -> Result<()>;
    /// Removes an entry, if there is one; fails as [`Backend::insert`] does.
    fn remove(&self, key: &[u8]) -> Result<()>;
    /// Empties the write buffers, which know no back-pressure, and promises no durability; for every few MiB written.
    fn flush_buffers(&self) -> Result<()>;
    /// Gives back what writes have left behind; before a checkpoint is marked as applied.
    fn reclaim(&self) -> Result<()> {
        Ok(())
    }
    /// Makes all writes so far durable. A failure poisons the backend and is never tried again (E11).
    fn flush(&self) -> Result<()>;
    /// Bytes of sled's files.
    fn size_on_disk(&self) -> Result<u64>;
    /// What contradicts itself in how blocks are kept; `verify` asks while no checkpoint runs.
    fn audit(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
    /// Bytes of the files beside sled that hold blocks.
    fn block_file_bytes(&self) -> u64 {
        0
    }
    /// Estimate of the memory held, its floor included (E17).
    fn memory_bytes(&self) -> usize;
    /// Reads made so far.
    fn reads(&self) -> u64;
    /// Ends all use; later calls answer `CLOSED`, a second close does nothing. Answers `LOCKED` if the files cannot be
    /// opened again in this process.
    fn close(&self) -> Result<()>;
}

thread_local! {
    static READS_OF_THREAD: Cell<u64> = const { Cell::new(0) };
}

/// Reads that went to sled from the calling thread: lets a test prove that a read was answered by a cache.
pub(crate) fn reads_of_this_thread() -> u64 {
    READS_OF_THREAD.get()
}

/// How often an open is tried while another handle of this process lets go of sled's lock.
const LOCK_TRIES: u32 = 10;

/// The real store of blocks.
pub(crate) struct SledBackend {
    folder: PathBuf,
    /// `None` once closed. Readers hold it shared, so that close waits for them.
    db: RwLock<Option<sled::Db>>,
    /// E15: opened before sled, because the kernel reports a write-back error once to each descriptor, and sled's
    /// flusher swallows the one that its own descriptor gets.
    file: Arc<File>,
    health: Arc<Health>,
    /// E22: sled's flush and drop can wait for ever after an error; they run here, with a deadline.
    helper: Helper,
    /// E21: one inserting thread at a time.
    writer: Mutex<()>,
    options: SledOptions,
    reads: AtomicU64,
    disk_bytes: AtomicU64,
    has_synced_names: AtomicBool,
}

impl SledBackend {
    /// Opens sled in `folder` (the folder `sled` inside the store's), creating it if it is missing, with all guards of
    /// E19 and E20. Nothing is ever deleted but what sled left unfinished.
    ///
    /// Errors: `UNSUPPORTED` without a working fsync, `DISK_FULL`, `LOCKED`, `CORRUPTION`, `IO_FAILED`,
    /// `PERMISSION_DENIED`.
    pub(crate) fn open(folder: &Path, options: SledOptions) -> Result<Self> {
        if !sledstore_sys::fsync_override_active() {
            let message = "this build cannot make sled's writes durable (its sync_file_range is bound to the C \
                           library's); install a build made for this platform";
            return Err(Error::new(ErrorCode::Unsupported, message));
        }
        prepare_folder(folder)?;
        remove_unfinished(folder)?;
        prepare_conf(folder)?;
        require_free_space(folder)?;
        limit_sizes(folder)?;
        require_readable(folder)?;
        let path = folder.join("db");
        let file = sledstore_sys::private_file().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(|error| Error::io(format!("open {}", path.display()), error))?;
        let health = Health::register(folder);
        let helper = Helper::start()?;
        let db = open_sled(folder, options)?;
        // From here on a failure drops the backend, and with it sled, on the helper thread.
        let backend = Self {
            folder: folder.to_owned(),
            db: RwLock::new(Some(db)),
            file: Arc::new(file),
            health,
            helper,
            writer: Mutex::new(()),
            options,
            reads: AtomicU64::new(0),
            disk_bytes: AtomicU64::new(0),
            has_synced_names: AtomicBool::new(false),
        };
        make_files_private(folder)?;
        backend.size_on_disk()?;
        Ok(backend)
    }

    /// E19: sled never syncs its folder, its `conf` or the rename of its snapshots. With the first flush it is done, for
    /// nothing is let go before that, and opening need not wait for the disk. A failure poisons.
    fn sync_names(&self) -> Result<()> {
        if self.has_synced_names.load(Ordering::Acquire) {
            return Ok(());
        }
        self.try_sync_names().inspect_err(|error| self.health.fail(error.to_string()))?;
        self.has_synced_names.store(true, Ordering::Release);
        Ok(())
    }

    fn try_sync_names(&self) -> Result<()> {
        let failed = |path: &Path, error| Error::io(format!("sync {}", path.display()), error);
        let conf = self.folder.join("conf");
        let open = sledstore_sys::private_file().read(true).write(true).open(&conf);
        open.and_then(|file| sledstore_sys::full_sync(&file)).map_err(|error| failed(&conf, error))?;
        let parent = self.folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        for folder in [self.folder.as_path(), parent.unwrap_or(Path::new("."))] {
            sledstore_sys::sync_folder(folder).map_err(|error| failed(folder, error))?;
        }
        Ok(())
    }

    fn closed(&self) -> Error {
        Error::new(ErrorCode::Closed, format!("the store of {} is closed; open it again", self.folder.display()))
    }

    fn count_reads(&self, entries: usize) {
        self.reads.fetch_add(entries as u64, Ordering::Relaxed);
        READS_OF_THREAD.set(READS_OF_THREAD.get() + entries as u64);
    }

    /// Runs a read with panics caught.
    fn read<R>(&self, what: &str, f: impl FnOnce(&sled::Db) -> sled::Result<R>) -> Result<R> {
        writer::assert_free(what);
        self.health.check_read()?;
        self.count_reads(1);
        // Recursive, so that a sink of `for_each` may read while a close waits.
        let slot = self.db.read_recursive();
        let db = slot.as_ref().ok_or_else(|| self.closed())?;
        // A read changes nothing: what it panics over is what the files say.
        let outcome = catch(|| f(db)).map_err(|panic| {
            self.health.fail(format!("{what} failed: {panic}"));
            Error::corruption(self.folder.display(), "sled panicked over its files").with_source(panic)
        })?;
        outcome.map_err(|error| self.read_failed(what, error))
    }

    /// Runs a write with panics caught; any failure poisons (E11).
    fn write<R>(&self, what: &str, f: impl FnOnce(&sled::Db) -> sled::Result<R>) -> Result<R> {
        writer::assert_free(what);
        self.health.check_write()?;
        let _one_writer = self.writer.lock();
        let slot = self.db.read_recursive();
        let db = slot.as_ref().ok_or_else(|| self.closed())?;
        guarded(&self.health, what, || f(db))?.map_err(|error| write_failed(&self.health, &self.folder, what, error))
    }

    /// E14, E16: a longer entry would become a blob, which sled never fsyncs.
    fn check_entry(&self, key: &[u8], value: &[u8]) -> Result<()> {
        if key.len() > SLED_KEY_BYTES_MAX || key.len() + value.len() > ENTRY_BYTES_MAX {
            return Err(Error::internal(format!("an entry of {} + {} bytes", key.len(), value.len())));
        }
        Ok(())
    }

    fn read_failed(&self, what: &str, error: sled::Error) -> Error {
        if self.health.check_write().is_err() && !matches!(error, sled::Error::Corruption { .. }) {
            // E11: sled answers reads with the failure of a write.
            return self.health.error().with_source(error);
        }
        match error {
            sled::Error::Io(error) => Error::io(format!("{what} in {}", self.folder.display()), error),
            sled::Error::Corruption { .. } => Error::corruption(self.folder.display(), error),
            other => Error::new(
                ErrorCode::StorageFailed,
                format!("{what} in {} failed: {other}; close the store and open it again", self.folder.display()),
            )
            .with_source(other),
        }
    }

    /// See [`SledOptions::touches`]. A store that cannot outgrow the cache, or its floor of a leaf a shard, needs none.
    fn touch(&self, db: &sled::Db, key: &[u8]) -> sled::Result<()> {
        let held_anyway = self.options.cache_bytes.max(SHARDS * LEAF_BYTES);
        if self.disk_bytes.load(Ordering::Relaxed) > held_anyway as u64 {
            for _ in 0..self.options.touches() {
                db.contains_key(key)?;
            }
        }
        Ok(())
    }

    /// Flushes sled on the helper thread, then the own descriptor if `durable`.
    fn flush_on_helper(&self, durable: bool) -> Result<()> {
        writer::assert_free("flush");
        self.health.check_write()?;
        let db = self.db.read_recursive().clone().ok_or_else(|| self.closed())?;
        let (file, health, folder) = (self.file.clone(), self.health.clone(), self.folder.clone());
        let job = move || {
            let flushed = guarded(&health, "flush", || db.flush())?;
            flushed.map_err(|error| write_failed(&health, &folder, "flush", error))?;
            // An I/O thread may have failed on a buffer that this flush did not wait for.
            let pending = guarded(&health, "flush", || db.context.global_error())?;
            pending.map_err(|error| write_failed(&health, &folder, "flush", error))?;
            guarded(&health, "flush", release_write_buffers)?;
            if durable {
                let synced = sledstore_sys::full_sync(&file);
                synced.map_err(|error| write_failed(&health, &folder, "fsync", sled::Error::Io(error)))?;
            }
            Ok(())
        };
        self.helper.run(&self.health, "flush", self.options.deadline, job)?;
        self.size_on_disk().map(drop)
    }

    /// Waits until the descriptors of the dropped sled are gone, which its I/O threads can hold a moment longer.
    fn wait_for_lock(&self) -> Result<()> {
        let path = self.folder.join("db");
        for attempt in 0..LOCK_TRIES {
            // A handle of its own: closing it gives the lock back on every system.
            match sledstore_sys::private_file().read(true).write(true).open(&path) {
                Ok(probe) if probe.try_lock().is_ok() => return Ok(()),
                Ok(_) => std::thread::sleep(back_off(attempt)),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(Error::io(format!("open {}", path.display()), error)),
            }
        }
        Err(self.stuck_lock())
    }

    fn stuck_lock(&self) -> Error {
        Error::new(
            ErrorCode::Locked,
            format!("{} is still held by this process; restart the process to open it again", self.folder.display()),
        )
    }
}

impl Backend for SledBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.read("get", |db| {
            let value = db.get(key)?;
            self.touch(db, key)?;
            Ok(value.map(Bytes::from))
        })
    }

    fn first_above(&self, key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
        self.read("range", |db| {
            let above: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Excluded(key), Bound::Unbounded);
            let Some(entry) = db.range::<&[u8], _>(above).next() else { return Ok(None) };
            let (key, value) = entry?;
            self.touch(db, &key)?;
            Ok(Some((key.into(), value.into())))
        })
    }

    fn entries_above(&self, key: &[u8], count: usize) -> Result<Vec<(Bytes, Bytes)>> {
        self.read("range", |db| {
            let above: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Excluded(key), Bound::Unbounded);
            let mut entries: Vec<(Bytes, Bytes)> = Vec::with_capacity(count);
            for entry in db.range::<&[u8], _>(above).take(count) {
                let (key, value) = entry?;
                entries.push((key.into(), value.into()));
            }
            if let Some((last, _)) = entries.last() {
                self.touch(db, last)?;
            }
            self.count_reads(entries.len().saturating_sub(1));
            Ok(entries)
        })
    }

    #[cfg(test)]
    fn for_each(&self, from: &[u8], to: Option<&[u8]>, sink: &mut EntrySink<'_>) -> Result<()> {
        let range = (Bound::Included(from), to.map_or(Bound::Unbounded, Bound::Excluded));
        let mut entries = self.read("range", |db| Ok(db.range::<&[u8], _>(range)))?;
        for count in 1_u64.. {
            let next = self.read("range", |db| {
                let next = entries.next().transpose()?;
                if let Some((key, _)) = next.as_ref().filter(|_| count % 16 == 0) {
                    self.touch(db, key)?;
                }
                Ok(next)
            })?;
            let Some((key, value)) = next else { break };
            if !sink(&key, &value)? {
                break;
            }
        }
        Ok(())
    }

    fn insert(&self, key: &[u8], value: &[u8]) -> Result<()> {
        self.replace(key, Some(value)).map(drop)
    }

    fn remove(&self, key: &[u8]) -> Result<()> {
        self.replace(key, None).map(drop)
    }

    fn flush_buffers(&self) -> Result<()> {
        self.flush_on_helper(false)
    }

    fn flush(&self) -> Result<()> {
        self.flush_on_helper(true)?;
        self.sync_names()
    }

    fn size_on_disk(&self) -> Result<u64> {
        let length = self.file.metadata().map_err(|error| Error::io("read the size of sled's file", error))?.len();
        self.disk_bytes.store(length, Ordering::Relaxed);
        Ok(length)
    }

    fn memory_bytes(&self) -> usize {
        let disk_bytes = usize::try_from(self.disk_bytes.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        EMPTY_BYTES + 2 * SEGMENT_BYTES + self.options.resident_bytes().min(disk_bytes)
    }

    fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn close(&self) -> Result<()> {
        let Some(mut slot) = self.db.try_write_for(self.options.deadline) else {
            self.health.lose("a read of sled did not return");
            return Err(self.stuck_lock());
        };
        let Some(db) = slot.take() else { return Ok(()) };
        drop(slot);
        // E22: never dropped on a thread that may be unwinding.
        let health = self.health.clone();
        // It panics where its last fsync fails, which is no fault of its code either.
        let job = move || guarded(&health, "close", || drop(db));
        self.helper.run(&self.health, "close", self.options.deadline, job)?;
        // All is durable, and the next open sets what is not set now.
        let _ = make_files_private(&self.folder);
        self.wait_for_lock()
    }
}

impl Index for SledBackend {
    fn replace(&self, key: &[u8], value: Option<&[u8]>) -> Result<Option<Bytes>> {
        let old = match value {
            Some(value) => {
                self.check_entry(key, value)?;
                self.write("insert", |db| db.insert(key, value))
            }
            None => self.write("remove", |db| db.remove(key)),
        };
        old.map(|old| old.map(Bytes::from))
    }
}

impl Drop for SledBackend {
    fn drop(&mut self) {
        // Whoever wants the error calls close.
        let _ = self.close();
    }
}

/// Poisons the backend and says why.
fn write_failed(health: &Health, folder: &Path, what: &str, error: sled::Error) -> Error {
    health.fail(format!("{what} failed: {error}"));
    match error {
        // E21: an insert may rewrite a segment it reclaims, and so meet an unrelated bad page.
        sled::Error::Corruption { .. } => Error::corruption(folder.display(), error),
        other => health.error().with_source(other),
    }
}

/// Hands on what the calling thread has retired in sled. A flush retires a write buffer of 2 MiB, and a thread that
/// does little else would keep the last 62 of them: 44 MB after 22 flushes, measured.
fn release_write_buffers() {
    // Memory is freed when the epoch has advanced twice; each call advances it once.
    for _ in 0..4 {
        sled::crossbeam_pin().flush();
    }
}

fn back_off(attempt: u32) -> Duration {
    Duration::from_millis(5 << attempt.min(6))
}

/// E19: opens sled with panics caught, and tries again while a handle of this process that is going away holds the
/// lock. A dead process never does: the kernel frees its locks.
fn open_sled(folder: &Path, options: SledOptions) -> Result<sled::Db> {
    // Compression stays off because blocks are compressed already. The flusher stays on because it alone reclaims
    // segments. The segment size is what keeps entries from becoming blobs (E16); smaller ones save little memory:
    // with 400 entries of 3 KB sled holds 3.9 MB at 2 MiB, 3.8 at 1 MiB, 3.4 at 512 KiB; empty 1.0 MB at each, half of
    // it code, whether the cache has 256 KiB, 1 MiB or 8 MiB.
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(options.cache_bytes as u64)
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(Some(500))
        .use_compression(false);
    let place = folder.display();
    for attempt in 0..LOCK_TRIES {
        // sled starts seven threads before it lets the first of them go on, and until then each of them spins: on two
        // processors that took 8 to 20 ms from the one that starts them.
        match catch(|| ahead_of_new_threads(|| config.open())) {
            Ok(Ok(db)) => return Ok(db),
            Ok(Err(sled::Error::Io(error))) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(back_off(attempt));
            }
            Ok(Err(sled::Error::Io(error))) => return Err(Error::io(format!("open sled in {place}"), error)),
            Ok(Err(error)) => return Err(Error::corruption(place, format!("sled cannot open its files: {error}"))),
            Err(panic) if panic.is_about_the_system() => {
                let message = format!("open sled in {place}: {panic}; mend the cause and open the store again");
                return Err(Error::new(ErrorCode::IoFailed, message).with_source(panic));
            }
            Err(panic) => return Err(Error::corruption(place, "sled panicked over its files").with_source(panic)),
        }
    }
    let message = format!("{place} is held by another handle or process; close it there, or wait until it ends");
    Err(Error::new(ErrorCode::Locked, message))
}

#[cfg(test)]
impl SledBackend {
    /// Runs `f` as a call of sled.
    pub(crate) fn call_for_test(&self, f: impl FnOnce()) -> Result<()> {
        self.write("test", |_| {
            f();
            Ok(())
        })
    }

    /// Runs `f` as a read of sled.
    pub(crate) fn read_for_test(&self, f: impl FnOnce()) -> Result<()> {
        self.read("test", |_| {
            f();
            Ok(())
        })
    }

    /// Keeps the helper thread busy until the sender of `release` is gone.
    pub(crate) fn stick_for_test(&self, release: std::sync::mpsc::Receiver<()>) {
        self.helper.start_job(move || while release.recv().is_ok() {});
    }
}
