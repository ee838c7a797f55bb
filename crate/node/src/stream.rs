//! Results on their way: a thread computes parts of a result one after the other, and waits while the reader is behind.
//!
//! # What holds
//!
//! - N8 At most [`PARTS_MAX`] parts wait for the reader, so that a result of any length takes little memory. Each question
//!   for a part is answered, also when the thread fails.
//! - N9 The thread ends, and what it reads from is released, soon after its stream is dropped: by the reader, with its
//!   store, or with the environment.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use sledstore_engine::{Error, ErrorCode, Result};

use crate::task::{Answer, Completion, Completions, Finish, Outcome, answer, complete, send};

/// Parts that wait for the reader.
const PARTS_MAX: usize = 2;
/// Streams of a process that are not at their end; each has a thread.
const STREAMS_MAX: usize = 128;

static STREAMS: AtomicUsize = AtomicUsize::new(0);

/// What the reader holds of a stream.
pub(crate) struct Stream(Arc<Shared>);

struct Shared {
    abort: Arc<AtomicBool>,
    completions: Arc<Completions>,
    state: Mutex<State>,
    /// There is room for a part, or nobody reads any more.
    room: Condvar,
}

#[derive(Default)]
struct State {
    parts: VecDeque<Vec<u8>>,
    /// Jobs that wait for parts; while there are any, there are no parts.
    waiting: VecDeque<u32>,
    end: Option<Outcome<()>>,
    finished: bool,
    /// Nobody reads any more.
    left: bool,
}

/// What the thread puts parts into.
pub(crate) struct Parts {
    shared: Arc<Shared>,
    deadline: Option<Instant>,
    late: bool,
}

impl Stream {
    /// Starts `work` in a thread of its own. It puts its parts, asks whether it is to end, and is told when nobody reads
    /// any more, or the time it may take is over.
    pub fn start(
        completions: Arc<Completions>,
        time: Option<Duration>,
        work: impl FnOnce(&mut Parts, &Arc<AtomicBool>) -> Result<()> + Send + 'static,
    ) -> Result<Self> {
        let room = Room::take()?;
        let shared =
            Arc::new(Shared { abort: Arc::default(), completions, state: Mutex::default(), room: Condvar::new() });
        let thread = shared.clone();
        std::thread::Builder::new()
            .name("sledstore-query".into())
            .spawn(move || {
                let deadline = time.and_then(|time| Instant::now().checked_add(time));
                let mut parts = Parts { shared: thread.clone(), deadline, late: false };
                let outcome = Outcome::of(|| work(&mut parts, &thread.abort));
                drop(room);
                thread.finish(outcome);
            })
            .map_err(|error| Error::io("starting a thread", error))?;
        Ok(Self(shared))
    }

    /// Answers a job with the next part, now or when there is one; with nothing at the end.
    pub fn answer_next(&self, job: u32) {
        let mut state = self.0.state.lock();
        if let Some(part) = state.parts.pop_front() {
            drop(state);
            self.0.room.notify_all();
            complete(&self.0.completions, job, Ok(answer(Answer::Bytes(part))));
        } else if state.finished {
            let end = state.end.take();
            drop(state);
            self.0.answer_end(job, end);
        } else {
            state.waiting.push_back(job);
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.abort.store(true, Ordering::Relaxed);
        let mut state = self.0.state.lock();
        state.left = true;
        state.parts.clear();
        let unread = state.end.take();
        drop(state);
        self.0.room.notify_all();
        self.0.tell(unread);
    }
}

impl Shared {
    fn finish(&self, outcome: Outcome<()>) {
        let mut state = self.state.lock();
        state.finished = true;
        let waiting = std::mem::take(&mut state.waiting);
        let mut end = Some(outcome);
        if waiting.is_empty() && !state.left {
            state.end = end.take();
        }
        drop(state);
        for job in waiting {
            self.answer_end(job, end.take());
        }
        self.tell(end);
    }

    /// A panic that nobody asks for must still end all writing (N6).
    fn tell(&self, unread: Option<Outcome<()>>) {
        if let Some(unread) = unread.filter(Outcome::is_panic) {
            let finish: Finish = Box::new(move |_| unread.take().map(|()| Answer::Nothing));
            send(&self.completions, Completion { job: 0, awaited: false, finish });
        }
    }

    fn answer_end(&self, job: u32, end: Option<Outcome<()>>) {
        let finish: Finish = Box::new(move |_| end.map_or(Ok(()), Outcome::take).map(|()| Answer::Nothing));
        complete(&self.completions, job, Ok(finish));
    }
}

impl Parts {
    /// Gives a part to the reader, when there is room; false when no more are wanted.
    pub fn put(&mut self, part: Vec<u8>) -> bool {
        let mut state = self.shared.state.lock();
        while !state.left && state.waiting.is_empty() && state.parts.len() >= PARTS_MAX {
            match self.deadline {
                Some(deadline) if Instant::now() >= deadline => {
                    self.late = true;
                    return false;
                }
                Some(deadline) => {
                    let _ = self.shared.room.wait_until(&mut state, deadline);
                }
                None => self.shared.room.wait(&mut state),
            }
        }
        if state.left {
            return false;
        }
        match state.waiting.pop_front() {
            Some(job) => {
                drop(state);
                complete(&self.shared.completions, job, Ok(answer(Answer::Bytes(part))));
            }
            None => state.parts.push_back(part),
        }
        true
    }

    /// Whether it was ended because the reader took too long.
    pub fn is_late(&self) -> bool {
        self.late
    }
}

/// Counts a stream for as long as its thread works.
struct Room;

impl Room {
    fn take() -> Result<Self> {
        if STREAMS.fetch_add(1, Ordering::Relaxed) < STREAMS_MAX {
            return Ok(Self);
        }
        STREAMS.fetch_sub(1, Ordering::Relaxed);
        let message =
            format!("{STREAMS_MAX} results are being streamed already; read them to their end, or close them");
        Err(Error::new(ErrorCode::TooLarge, message))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        STREAMS.fetch_sub(1, Ordering::Relaxed);
    }
}
