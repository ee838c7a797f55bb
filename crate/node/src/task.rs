//! Work away from the JavaScript thread: a small pool for reads and long calls, one thread a store for durability.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};

use napi::Status;
use napi::bindgen_prelude::{FnArgs, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::{Condvar, Mutex};

use crate::engine::{Durability, Error, ErrorCode, Result, Seq, Store};
use crate::error::caught;
use crate::lifecycle::Environment;

/// What a job came to, as JavaScript sees it.
pub(crate) enum Answer {
    Nothing,
    Number(f64),
    /// Handed over through [`Environment::parked`].
    Bytes(Vec<u8>),
    /// Usually JSON.
    Text(String),
}

/// Runs on the JavaScript thread when a job is done: what needs the environment, such as making a handle.
pub(crate) type Finish = Box<dyn FnOnce(&mut Environment) -> Result<Answer> + Send>;

/// A job's answer on its way to JavaScript.
pub(crate) struct Completion {
    pub job: u32,
    /// Progress reports come before the end of a job and may be many.
    pub last: bool,
    pub finish: Finish,
}

/// Job, kind (see [`kind`]), number, text.
pub(crate) type CompletionArguments = FnArgs<(u32, i32, f64, Option<String>)>;

/// The way back to JavaScript; weak, so that it keeps no event loop alive by itself.
pub(crate) type Completions = ThreadsafeFunction<Completion, Unknown<'static>, CompletionArguments, Status, false, true>;

/// Kinds of answers, as `lib/internal/native.ts` knows them.
pub(crate) mod kind {
    pub const NOTHING: i32 = 0;
    pub const NUMBER: i32 = 1;
    pub const BYTES: i32 = 2;
    pub const TEXT: i32 = 3;
    pub const PROGRESS: i32 = 4;
    pub const FAILED: i32 = -3;
}

/// Turns a completion into the arguments of the JavaScript callback; runs on the JavaScript thread.
pub(crate) fn deliver(environment: &mut Environment, completion: Completion) -> (u32, i32, f64, Option<String>) {
    let Completion { job, last, finish } = completion;
    match caught(|| finish(environment)) {
        Ok(_) if !last => (job, kind::PROGRESS, 0.0, None),
        Ok(Answer::Nothing) => (job, kind::NOTHING, 0.0, None),
        Ok(Answer::Number(number)) => (job, kind::NUMBER, number, None),
        Ok(Answer::Text(text)) => (job, kind::TEXT, 0.0, Some(text)),
        Ok(Answer::Bytes(bytes)) => {
            let length = bytes.len() as f64;
            environment.parked = Some(bytes);
            (job, kind::BYTES, length, None)
        }
        Err(error) => {
            environment.error = Some(error);
            (job, kind::FAILED, 0.0, None)
        }
    }
}

/// Sends a job's answer; when the environment is ending there is nobody left to tell.
pub(crate) fn complete(completions: &Completions, job: u32, result: Result<Finish>) {
    let finish = result.unwrap_or_else(|error| Box::new(move |_| Err(error)));
    let _ = completions.call(Completion { job, last: true, finish }, ThreadsafeFunctionCallMode::NonBlocking);
}

impl Environment {
    /// The way back to JavaScript.
    pub fn completions(&self) -> Result<Arc<Completions>> {
        self.completions.clone().ok_or_else(|| Error::internal("the binding was not registered"))
    }

    /// Runs `work` on the pool and gives the number of the job whose completion will carry its answer.
    pub fn submit(&mut self, work: impl FnOnce() -> Result<Finish> + Send + 'static) -> Result<u32> {
        let completions = self.completions()?;
        let job = self.begin_job();
        pool().run(Box::new(move || complete(&completions, job, caught(work))))?;
        Ok(job)
    }

    /// Counts a job whose completion is still to come.
    pub fn begin_job(&mut self) -> u32 {
        self.outstanding += 1;
        self.next_job()
    }
}

/// A store's durability thread as one environment uses it.
pub(crate) struct Syncer {
    requests: Sender<SyncRequest>,
}

struct SyncRequest {
    seq: Seq,
    level: Durability,
    job: u32,
}

impl Syncer {
    /// Starts the thread; it ends when the `Syncer` is dropped.
    pub fn start(store: Store, completions: Arc<Completions>) -> Result<Self> {
        let (requests, receiver) = channel();
        std::thread::Builder::new()
            .name("sledstore-sync".into())
            .spawn(move || sync_loop(&store, &completions, &receiver))
            .map_err(|error| Error::io("starting a thread", error))?;
        Ok(Self { requests })
    }

    /// Asks for one answer once `seq` is durable at `level`.
    pub fn request(&self, seq: Seq, level: Durability, job: u32) -> Result<()> {
        let ended = |_| Error::new(ErrorCode::Closed, "the store is closed; open it again");
        self.requests.send(SyncRequest { seq, level, job }).map_err(ended)
    }
}

fn sync_loop(store: &Store, completions: &Completions, requests: &Receiver<SyncRequest>) {
    while let Ok(SyncRequest { seq, level, job }) = requests.recv() {
        let result = caught(|| store.wait(seq, level));
        complete(completions, job, result.map(|()| Box::new(|_: &mut Environment| Ok(Answer::Nothing)) as Finish));
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// A few threads of the process for reads that may page in and for long calls; they are started when needed and are
/// not those of libuv, which file system and DNS calls of the application wait for.
struct Pool {
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Default)]
struct Queue {
    work: VecDeque<Work>,
    idle: usize,
    threads: usize,
}

const POOL_THREADS_MAX: usize = 4;

fn pool() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(|| Pool { queue: Mutex::default(), filled: Condvar::new() })
}

impl Pool {
    fn run(&'static self, work: Work) -> Result<()> {
        let mut queue = self.queue.lock();
        if queue.idle <= queue.work.len() && queue.threads < POOL_THREADS_MAX {
            std::thread::Builder::new()
                .name("sledstore-work".into())
                .spawn(|| self.serve())
                .map_err(|error| Error::io("starting a thread", error))?;
            queue.threads += 1;
        }
        queue.work.push_back(work);
        self.filled.notify_one();
        Ok(())
    }

    fn serve(&self) {
        let mut queue = self.queue.lock();
        loop {
            if let Some(work) = queue.work.pop_front() {
                drop(queue);
                work();
                queue = self.queue.lock();
            } else {
                queue.idle += 1;
                self.filled.wait(&mut queue);
                queue.idle -= 1;
            }
        }
    }
}
