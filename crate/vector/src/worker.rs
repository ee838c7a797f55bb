//! The thread that folds pending changes into the graph. It is there while something changes, and ends soon after.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sledstore_engine::Status;

use crate::fold::Reason;
use crate::index::VectorIndex;
use crate::row::COMPARED_MAX;

/// How long changes are gathered before they are folded: a fold rewrites what many of them share.
const GATHER: Duration = Duration::from_millis(200);
/// The thread ends when nothing has changed for so long; a transaction may take as long from its put to its commit.
const IDLE: Duration = Duration::from_secs(2);
/// From so many changes on that make a graph due however many are to come, they are gathered no longer.
const ENOUGH: usize = COMPARED_MAX + COMPARED_MAX / 8;
/// How often it looks whether its store was closed.
const LOOK: Duration = Duration::from_millis(20);

#[derive(Default)]
pub(crate) struct Worker {
    runs: AtomicBool,
}

impl Worker {
    /// Sees to it that what is being changed will be folded.
    #[inline]
    pub fn wake(&self, index: &VectorIndex) {
        if !self.runs.load(Ordering::Relaxed) {
            self.start(index);
        }
    }

    #[cold]
    fn start(&self, index: &VectorIndex) {
        if index.store().is_read_only() || self.runs.swap(true, Ordering::AcqRel) {
            return;
        }
        let own = index.clone();
        let run = move || {
            // A panic leaves the graph in no known state; the rows of the vectors are the truth, and are searched then.
            if catch_unwind(AssertUnwindSafe(|| run(&own))).is_err()
                && let Ok(shared) = own.shared()
            {
                shared.spoil();
            }
            if let Ok(shared) = own.shared() {
                shared.worker.runs.store(false, Ordering::Release);
            }
        };
        if std::thread::Builder::new().name("sledstore-vectors".into()).spawn(run).is_err() {
            self.runs.store(false, Ordering::Release);
        }
    }
}

fn run(index: &VectorIndex) {
    let (mut changed_at, mut noted) = (Instant::now(), 0);
    while changed_at.elapsed() < IDLE && pause(index, noted) {
        let Ok(shared) = index.shared() else { return };
        let now = shared.noted.load(Ordering::Relaxed);
        let mut reason = Reason::Changed;
        if std::mem::replace(&mut noted, now) != now {
            (changed_at, reason) = (Instant::now(), Reason::Changing);
        }
        // An error: the store is closed, poisoned or full, or the index was dropped; whoever writes next hears of it.
        while let Ok(true) = index.fold_step(reason) {
            changed_at = Instant::now();
        }
    }
}

/// Waits, no longer than until there are enough changes for a graph that were not there before; answers whether to go on.
fn pause(index: &VectorIndex, noted: usize) -> bool {
    let is_open = || index.store().status() == Status::Open;
    let has_enough = || {
        noted < ENOUGH
            && index.shared().is_ok_and(|shared| {
                shared.noted.load(Ordering::Relaxed) >= ENOUGH && !shared.has_graph.load(Ordering::Relaxed)
            })
    };
    let end = Instant::now() + GATHER;
    while Instant::now() < end && !has_enough() {
        if !is_open() {
            return false;
        }
        std::thread::sleep(LOOK);
    }
    is_open()
}
