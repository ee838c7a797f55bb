//! Runs parts of an algorithm in threads of their own, while the caller's thread asks whether to go on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::progress::Meter;

/// The most threads that are started.
const THREADS_MAX: usize = 64;

/// Told of the steps a job has done; an error ends the job.
pub(crate) type Step<'a> = &'a mut dyn FnMut(usize) -> Result<()>;

/// How many jobs to make when the caller asks for `threads` and there are so many `pieces`.
pub(crate) fn jobs_for(threads: usize, pieces: usize) -> usize {
    threads.clamp(1, THREADS_MAX).min(pieces.max(1))
}

/// Runs all jobs and gives what they found in their order. The caller's thread does the first, then those that no other
/// has begun, so that nothing is lost where a thread cannot be started.
///
/// # Errors
/// The first error of a job; the others are stopped.
pub(crate) fn run<T: Send, J: FnOnce(Step<'_>) -> Result<T> + Send>(
    jobs: Vec<J>,
    meter: &mut Meter<'_>,
) -> Result<Vec<T>> {
    let slots: Vec<Mutex<Option<J>>> = jobs.into_iter().map(|job| Mutex::new(Some(job))).collect();
    let take = |at: usize| slots[at].lock().unwrap_or_else(PoisonError::into_inner).take();
    let stop = AtomicBool::new(false);
    let elsewhere = AtomicUsize::new(0); // steps of other threads that the meter has not heard of
    let mut found: Vec<Option<Result<T>>> = slots.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let (take, stop, elsewhere) = (&take, &stop, &elsewhere);
        let begin = |at: usize| {
            let thread = std::thread::Builder::new().spawn_scoped(scope, move || {
                let step = &mut |steps| {
                    elsewhere.fetch_add(steps, Ordering::Relaxed);
                    if stop.load(Ordering::Relaxed) { Err(Error::Stopped) } else { Ok(()) }
                };
                take(at).map(|job| job(step))
            });
            (at, thread)
        };
        let threads: Vec<_> = (1..found.len()).map(begin).collect();
        for (at, found) in found.iter_mut().enumerate() {
            let step = &mut |steps| meter.step(steps + elsewhere.swap(0, Ordering::Relaxed));
            *found = take(at).map(|job| job(step));
            if matches!(found, Some(Err(_))) {
                stop.store(true, Ordering::Relaxed);
                break;
            }
        }
        for (at, thread) in threads {
            let Ok(thread) = thread else { continue };
            let theirs = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            if theirs.is_some() {
                found[at] = theirs;
            }
        }
    });
    found.into_iter().flatten().collect()
}
