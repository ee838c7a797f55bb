//! What stands between sled and the engine: panics become errors, a call that never returns becomes an error, and a disk
//! that is too full is refused (E19, E22).

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Once, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::{Error, ErrorCode, Result};

/// Space that must be free before sled is opened: one step of a checkpoint (8 MiB between two flushes of the buffers)
/// and more than the two segments that the open itself can write. A disk that cannot take one step would poison the
/// store at its first checkpoint.
pub(crate) const FREE_BYTES_MIN: u64 = 8 << 20;

const WELL: u8 = 0;
/// A write failed: writes are refused, and reads give the right answer or an error.
const FAILED: u8 = 1;
/// A thread of sled died or a call never returned: a read could wait for ever, so reads are refused too.
const LOST: u8 = 2;

/// Whether a backend can still be used; it only gets worse, until the store is opened again (E11).
pub(crate) struct Health {
    folder: PathBuf,
    state: AtomicU8,
    /// Why it is not well: the first reason stays.
    cause: Mutex<Option<String>>,
}

/// The backends that a panic in a thread of sled poisons; such a thread does not say whose work it did.
static OPEN: Mutex<Vec<Weak<Health>>> = Mutex::new(Vec::new());

impl Health {
    /// A healthy state, watched by the panic hook as long as it lives.
    pub(crate) fn register(folder: &Path) -> Arc<Self> {
        install_panic_hook();
        let health = Arc::new(Self { folder: folder.to_owned(), state: AtomicU8::new(WELL), cause: Mutex::new(None) });
        let mut open = OPEN.lock();
        open.retain(|other| other.strong_count() > 0);
        open.push(Arc::downgrade(&health));
        health
    }

    /// Refuses writes from now on.
    pub(crate) fn fail(&self, cause: impl Into<String>) {
        self.worsen(FAILED, cause.into());
    }

    /// Refuses everything from now on.
    pub(crate) fn lose(&self, cause: impl Into<String>) {
        self.worsen(LOST, cause.into());
    }

    fn worsen(&self, state: u8, cause: String) {
        self.cause.lock().get_or_insert(cause);
        self.state.fetch_max(state, Ordering::AcqRel);
    }

    /// `STORAGE_FAILED` after the first failure.
    pub(crate) fn check_write(&self) -> Result<()> {
        if self.state.load(Ordering::Acquire) == WELL { Ok(()) } else { Err(self.error()) }
    }

    /// `STORAGE_FAILED` once a read could wait for ever.
    pub(crate) fn check_read(&self) -> Result<()> {
        if self.is_lost() { Err(self.error()) } else { Ok(()) }
    }

    fn is_lost(&self) -> bool {
        self.state.load(Ordering::Acquire) == LOST
    }

    /// The error that every refused call gets.
    pub(crate) fn error(&self) -> Error {
        let cause = self.cause.lock().clone().unwrap_or_default();
        let next = if self.is_lost() { "restart the process" } else { "close the store and open it again" };
        Error::new(ErrorCode::StorageFailed, format!("{}: {cause}; {next}", self.folder.display()))
    }
}

/// E22: notices panics of sled's own threads, where nothing of ours could catch them. Of a panic that becomes an error
/// nothing is printed; for every other one the hook that was there before runs.
fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if IS_CAUGHT.get() {
                PANIC_TEXT.set(info.to_string());
                return;
            }
            let thread = std::thread::current();
            if thread.name().is_some_and(is_thread_of_sled) {
                for health in OPEN.lock().iter().filter_map(Weak::upgrade) {
                    health.lose(format!("a background thread of sled panicked: {info}"));
                }
            }
            previous(info);
        }));
    });
}

fn is_thread_of_sled(name: &str) -> bool {
    name == "log flusher" || name.starts_with("sled-io-")
}

thread_local! {
    /// Whether the thread is inside a call whose panic is caught.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
    static PANIC_TEXT: Cell<String> = const { Cell::new(String::new()) };
}

/// What sled panicked with, and where: the cause of an error.
#[derive(Debug)]
pub(crate) struct Panic(String);

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Panic {}

impl Panic {
    /// Whether sled insisted on something that the system refused, such as a thread or memory: then neither its files nor
    /// its code are to blame.
    pub(crate) fn is_about_the_system(&self) -> bool {
        // As `unwrap` prints an error of the system, what sled says when it gets no write buffer, and what crossbeam's
        // debug assertion says when sled's page table gets no node: it does not look at what `alloc_zeroed` gave.
        ["Err` value: Os { code: ", "failed to allocate", "converting zero into `Owned`"]
            .iter()
            .any(|text| self.0.contains(text))
    }
}

/// Runs a call of sled; a panic comes back as a value and is not printed.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> std::result::Result<R, Panic> {
    let outer = IS_CAUGHT.replace(true);
    // Unwind safety: after a panic nothing is written any more, and what is read is checked by its checksum (E13).
    let outcome = catch_unwind(AssertUnwindSafe(f));
    IS_CAUGHT.set(outer);
    outcome.map_err(|_| Panic(PANIC_TEXT.take()))
}

/// Runs one call of sled; a panic poisons the backend and becomes `INTERNAL`, or `STORAGE_FAILED` if the system refused
/// something.
pub(crate) fn guarded<R>(health: &Health, what: &str, f: impl FnOnce() -> R) -> Result<R> {
    catch(f).map_err(|panic| {
        health.fail(format!("{what} failed: {panic}"));
        if panic.is_about_the_system() {
            return health.error().with_source(panic);
        }
        Error::internal(format!("{}: {what} panicked inside sled", health.folder.display())).with_source(panic)
    })
}

type Job = Box<dyn FnOnce() + Send>;

/// One own thread for calls that may never return (E22). It ends when this is dropped and its last job is done.
pub(crate) struct Helper {
    jobs: Sender<Job>,
}

impl Helper {
    /// Starts the thread.
    pub(crate) fn start() -> Result<Self> {
        let (jobs, queue) = channel::<Job>();
        let thread = std::thread::Builder::new().name("sledstore-flush".into());
        thread
            .spawn(move || queue.into_iter().for_each(|job| job()))
            .map_err(|error| Error::io("start the flush thread", error))?;
        Ok(Self { jobs })
    }

    /// Queues a job; where the thread is gone, the job is dropped.
    pub(crate) fn start_job(&self, job: impl FnOnce() + Send + 'static) {
        let _ = self.jobs.send(Box::new(job));
    }

    /// Runs a job and waits for its answer. Past the deadline, or when a thread of sled has died meanwhile, the
    /// backend is lost: the job may hold its locks for ever.
    pub(crate) fn run<R: Send + 'static>(
        &self,
        health: &Health,
        what: &str,
        deadline: Duration,
        job: impl FnOnce() -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let (answer, answered) = sync_channel(1);
        let end = Instant::now() + deadline;
        self.start_job(move || drop(answer.send(job())));
        loop {
            // In slices, so that the death of a thread of sled is noticed at once.
            match answered.recv_timeout(Duration::from_millis(50)) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) if health.is_lost() => return Err(health.error()),
                Err(RecvTimeoutError::Timeout) if Instant::now() < end => {}
                Err(_) => {
                    health.lose(format!("{what} did not return within {} s", deadline.as_secs_f64()));
                    return Err(health.error());
                }
            }
        }
    }
}

/// E19: `DISK_FULL` if the disk could not take one step of a checkpoint.
pub(crate) fn require_free_space(folder: &Path) -> Result<()> {
    let free = sledstore_sys::free_disk_bytes(folder);
    let free = free.map_err(|error| Error::io(format!("ask for the free space of {}", folder.display()), error))?;
    if free < FREE_BYTES_MIN {
        let message = format!(
            "the disk of {} has {free} bytes free and a store needs {FREE_BYTES_MIN} to work; free space and open it again",
            folder.display()
        );
        return Err(Error::new(ErrorCode::DiskFull, message));
    }
    Ok(())
}
