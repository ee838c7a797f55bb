//! The engine's two threads: one checkpoints, one makes commits durable and answers those who wait.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::checkpoint::Drain;
use crate::error::{Error, Result};
use crate::options::Durability;
use crate::stats::Counter;
use crate::store::{Inner, Seq};
use crate::writer;

/// E4: what was answered at level `none` is written within this time.
const TICK: Duration = Duration::from_millis(100);
/// How often the checkpoint thread looks for history and dropped namespaces nobody reads any more, and for expired rows.
const CHORES_EVERY: Duration = Duration::from_secs(1);
/// The same while there is freed memory that is to go back soon; giving it back takes half a millisecond.
const TRIM_EVERY: Duration = Duration::from_millis(100);

/// Journal bytes that may lie in the kernel only before the checkpoint thread syncs them.
const UNSYNCED_BYTES_MAX: u64 = 8 << 20;

type Answer = Box<dyn FnOnce(Result<()>) + Send>;

struct Request {
    seq: Seq,
    level: Durability,
    answer: Answer,
}

#[derive(Default)]
struct Waiting {
    requests: Vec<Request>,
    tick_at: Option<Instant>,
    stop: bool,
}

/// Hands work to the threads.
pub(crate) struct Background {
    waiting: Mutex<Waiting>,
    wake: Condvar,
    checkpoint: Mutex<CheckpointSignal>,
    checkpoint_wake: Condvar,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct CheckpointSignal {
    asked: bool,
    stop: bool,
}

impl Background {
    pub fn new() -> Self {
        Self {
            waiting: Mutex::default(),
            wake: Condvar::new(),
            checkpoint: Mutex::default(),
            checkpoint_wake: Condvar::new(),
            threads: Mutex::default(),
        }
    }

    /// Starts both threads.
    pub fn start(inner: &Arc<Inner>) -> Result<()> {
        let fail = |error| Error::io("starting a thread", error);
        let of_checkpoint = inner.clone();
        let checkpoint = std::thread::Builder::new()
            .name("sledstore-checkpoint".into())
            .spawn(move || run_guarded(&of_checkpoint, checkpoint_loop))
            .map_err(fail)?;
        inner.background.threads.lock().push(checkpoint);
        let of_durability = inner.clone();
        let durability = std::thread::Builder::new()
            .name("sledstore-durability".into())
            .spawn(move || run_guarded(&of_durability, durability_loop))
            .map_err(fail)?;
        inner.background.threads.lock().push(durability);
        Ok(())
    }

    /// Asks for an answer once `seq` is durable at `level`.
    pub fn request(&self, seq: Seq, level: Durability, answer: Answer) {
        let mut waiting = self.waiting.lock();
        if waiting.stop {
            drop(waiting);
            answer(Err(Error::new(crate::error::ErrorCode::Closed, "the store is closed; open it again")));
            return;
        }
        waiting.requests.push(Request { seq, level, answer });
        self.wake.notify_one();
    }

    /// Something was committed at level `none`, or became durable: within a tick it is written, and the file tells of
    /// it (E4, E10).
    pub fn arm_ticker(&self) {
        let mut waiting = self.waiting.lock();
        if waiting.tick_at.is_none() {
            waiting.tick_at = Some(Instant::now() + TICK);
            self.wake.notify_one();
        }
    }

    /// The journal's buffer is full: write it now.
    pub fn tick_now(&self) {
        self.waiting.lock().tick_at = Some(Instant::now());
        self.wake.notify_one();
    }

    pub fn wake_checkpoint(&self) {
        self.checkpoint.lock().asked = true;
        self.checkpoint_wake.notify_one();
    }

    /// Ends both threads after what they are at and waits for them.
    pub fn stop(&self) {
        self.checkpoint.lock().stop = true;
        self.checkpoint_wake.notify_one();
        self.waiting.lock().stop = true;
        self.wake.notify_one();
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            if thread.thread().id() != std::thread::current().id() {
                // A panicking thread has poisoned the store already.
                let _ = thread.join();
            }
        }
    }
}

/// A panic in a thread poisons the store instead of leaving writers waiting (N6).
fn run_guarded(inner: &Arc<Inner>, body: fn(&Arc<Inner>)) {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(inner)));
    if outcome.is_err() {
        inner.poison(Error::internal("a background thread panicked"));
    }
}

fn checkpoint_loop(inner: &Arc<Inner>) {
    let mut trimmed_at = 0;
    loop {
        let is_soon = inner.is_short_of_memory() && work_done(inner) != trimmed_at;
        let every = if is_soon { TRIM_EVERY } else { CHORES_EVERY };
        let asked = {
            let mut signal = inner.background.checkpoint.lock();
            if !signal.asked && !signal.stop {
                inner.background.checkpoint_wake.wait_for(&mut signal, every);
            }
            if signal.stop {
                return;
            }
            std::mem::take(&mut signal.asked)
        };
        sync_ahead(inner);
        inner.tidy_derived();
        // A failure of it poisons the store, or the store is being closed.
        let _ = inner.freeze_expired();
        while inner.poisoned.get().is_none() {
            match inner.checkpoint_once(Drain::Anything).and_then(|worked| Ok(worked || inner.reclaim_step()?)) {
                Ok(true) => trim(inner, &mut trimmed_at),
                Ok(false) => break,
                Err(error) => {
                    inner.poison(error);
                }
            }
            if inner.background.checkpoint.lock().stop {
                return;
            }
        }
        if !asked {
            trim(inner, &mut trimmed_at);
        }
    }
}

/// Gives back what allocator arenas keep of work that is over: a memtable that was checkpointed, pages that were read.
fn trim(inner: &Inner, trimmed_at: &mut u64) {
    let done = work_done(inner);
    if done != *trimmed_at {
        *trimmed_at = done;
        sledstore_sys::release_freed_memory();
    }
}

/// Changes with work that leaves freed memory behind. Where memory is not short that is what blocks were written for; to look
/// through its heap for what reads have left would hold them up.
fn work_done(inner: &Inner) -> u64 {
    let read = || inner.counters.get(Counter::Commits) + inner.backend.reads();
    let more = if inner.is_short_of_memory() { read() } else { 0 };
    inner.counters.get(Counter::Checkpoints) + inner.counters.get(Counter::BlocksWritten) + more
}

/// A segment's end must sync it while writers wait (E12), so what `os` writers leave unsynced is kept short.
fn sync_ahead(inner: &Arc<Inner>) {
    if inner.journal.unsynced_bytes() >= UNSYNCED_BYTES_MAX {
        // A failure poisons the store, which is all there is to do about it here.
        let _ = inner.wait(inner.journal.written_seq(), Durability::Full);
    }
}

fn durability_loop(inner: &Arc<Inner>) {
    loop {
        let (requests, tick) = {
            let mut waiting = inner.background.waiting.lock();
            loop {
                let now = Instant::now();
                let tick = waiting.tick_at.is_some_and(|at| at <= now);
                if !waiting.requests.is_empty() || tick || waiting.stop {
                    if waiting.stop && waiting.requests.is_empty() {
                        return;
                    }
                    if tick {
                        waiting.tick_at = None;
                    }
                    break (std::mem::take(&mut waiting.requests), tick);
                }
                match waiting.tick_at {
                    Some(at) => drop(inner.background.wake.wait_until(&mut waiting, at)),
                    None => inner.background.wake.wait(&mut waiting),
                }
            }
        };
        if tick && let Err(error) = inner.journal.flush_background() {
            inner.poison(error);
        }
        answer(inner, requests);
    }
}

/// One wait for each level answers all its requests (N4).
fn answer(inner: &Arc<Inner>, requests: Vec<Request>) {
    if requests.is_empty() {
        return;
    }
    let outcome_of = |level: Durability| {
        let last = requests.iter().filter(|request| request.level == level).map(|request| request.seq).max();
        last.map_or(Ok(()), |seq| inner.wait(seq, level))
    };
    let outcomes = [Durability::None, Durability::Os, Durability::Full].map(outcome_of);
    // E18: the answer, not the write, waits for room.
    let admitted = inner.wait_until_admitted();
    for request in requests {
        let outcome = outcomes[request.level as usize].clone().and_then(|()| match &admitted {
            Err(error) if error.code() != crate::error::ErrorCode::Closed => Err(error.clone()),
            _ => Ok(()),
        });
        writer::assert_free("an answer");
        (request.answer)(outcome);
    }
}
