//! Work away from the JavaScript thread, and the way of its answers back.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use napi::Status;
use napi::bindgen_prelude::{FnArgs, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::{Condvar, Mutex};

use sledstore_engine::{Error, ErrorCode, LargeReader, LargeWriter, Result};

use crate::error::stale;
use crate::lifecycle::{Environment, Object, ScanEntry, StoreEntry};
use crate::page::ScanParts;

/// What a job came to, as JavaScript sees it.
pub(crate) enum Answer {
    Nothing,
    Number(f64),
    /// Handed over through [`Environment::parked`].
    Bytes(Vec<u8>),
    /// Done so far, and in all.
    Progress(f64, f64),
    /// A query calls a procedure: the length of its request, handed over as bytes are, and its number.
    Call(f64, f64),
}

/// Runs on the JavaScript thread when a job is done: what needs the environment, such as making a handle.
pub(crate) type Finish = Box<dyn FnOnce(&mut Environment) -> Result<Answer> + Send>;

/// A job's answer on its way to JavaScript.
pub(crate) struct Completion {
    pub job: u32,
    /// Whether the event loop is kept alive for it; not so for progress reports and for errors nobody may ever meet.
    pub awaited: bool,
    pub finish: Finish,
}

/// Job, kind (see [`kind`]) and up to two numbers.
pub(crate) type CompletionArguments = FnArgs<(u32, i32, f64, f64)>;

/// The way back to JavaScript; weak, so that it keeps no event loop alive by itself.
pub(crate) type Completions =
    ThreadsafeFunction<Completion, Unknown<'static>, CompletionArguments, Status, false, true>;

/// How often a long job reports.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Kinds of answers, as `lib/internal/native.ts` knows them.
pub(crate) mod kind {
    pub const NOTHING: i32 = 0;
    pub const NUMBER: i32 = 1;
    pub const BYTES: i32 = 2;
    pub const PROGRESS: i32 = 3;
    pub const CALL: i32 = 4;
    pub const FAILED: i32 = -3;
}

/// Turns a completion into the arguments of the JavaScript callback; runs on the JavaScript thread.
pub(crate) fn deliver(environment: &mut Environment, completion: Completion) -> (u32, i32, f64, f64) {
    let Completion { job, finish, .. } = completion;
    match environment.guarded(finish) {
        Ok(Answer::Nothing) => (job, kind::NOTHING, 0.0, 0.0),
        Ok(Answer::Number(number)) => (job, kind::NUMBER, number, 0.0),
        Ok(Answer::Progress(done, total)) => (job, kind::PROGRESS, done, total),
        Ok(Answer::Call(length, number)) => (job, kind::CALL, length, number),
        Ok(Answer::Bytes(bytes)) => {
            let length = bytes.len() as f64;
            environment.parked = Some(bytes);
            (job, kind::BYTES, length, 0.0)
        }
        Err(error) => {
            environment.error = Some(error);
            (job, kind::FAILED, 0.0, 0.0)
        }
    }
}

/// What work of a job came to. A panic in it goes on where its answer is taken, and is caught there, where the stores
/// are that it poisons (N6).
pub(crate) struct Outcome<T>(std::thread::Result<Result<T>>);

impl<T> Outcome<T> {
    pub fn of(work: impl FnOnce() -> Result<T>) -> Self {
        Self(catch_unwind(AssertUnwindSafe(work)))
    }

    pub const fn is_panic(&self) -> bool {
        self.0.is_err()
    }

    pub fn take(self) -> Result<T> {
        self.0.unwrap_or_else(|payload| resume_unwind(payload))
    }
}

/// Sends a job's answer; when the environment is ending there is nobody left to tell.
pub(crate) fn complete(completions: &Completions, job: u32, result: Result<Finish>) {
    let finish = result.unwrap_or_else(|error| Box::new(move |_| Err(error)));
    send(completions, Completion { job, awaited: true, finish });
}

/// Sends something of a job to JavaScript.
pub(crate) fn send(completions: &Completions, completion: Completion) {
    let _ = completions.call(completion, ThreadsafeFunctionCallMode::NonBlocking);
}

/// A finish that only answers.
pub(crate) fn answer(answer: Answer) -> Finish {
    Box::new(move |_| Ok(answer))
}

impl Environment {
    /// The way back to JavaScript.
    pub fn completions(&self) -> Result<Arc<Completions>> {
        self.completions.clone().ok_or_else(|| {
            Error::new(ErrorCode::InvalidArgument, "no function takes the answers of jobs here; call connect first")
        })
    }

    /// Runs `work` on the pool and gives the number of the job whose completion will carry its answer.
    pub fn submit(&mut self, work: impl FnOnce() -> Result<Finish> + Send + 'static) -> Result<u32> {
        let completions = self.completions()?;
        let job = self.begin_job();
        let queued = pool().run(Box::new(move || {
            let outcome = Outcome::of(work);
            complete(&completions, job, Ok(Box::new(move |environment| outcome.take()?(environment))));
        }));
        self.queued(job, queued)
    }

    /// Runs `work` on the pool with the content of an object, which is away meanwhile and comes back afterwards,
    /// unless its handle was released or its store closed.
    pub fn submit_with(
        &mut self,
        handle: i32,
        what: &str,
        work: impl FnOnce(&mut Lent) -> Result<Answer> + Send + 'static,
    ) -> Result<u32> {
        let place = self.handles.get_mut(handle).ok_or_else(|| stale(what))?;
        let store = place.store().clone();
        let object = std::mem::replace(place, Object::Away(store.clone()));
        let mut lent = match Lent::of(object) {
            Ok(lent) => lent,
            Err(object) => {
                *place = object;
                return Err(stale(what));
            }
        };
        let job = self.submit(move || {
            let outcome = Outcome::of(|| work(&mut lent));
            Ok(Box::new(move |environment: &mut Environment| {
                if let Some(place @ Object::Away(_)) = environment.handles.get_mut(handle) {
                    let store = place.store().clone();
                    *place = lent.back(store);
                }
                outcome.take()
            }) as Finish)
        });
        if job.is_err() {
            drop(self.handles.remove(handle));
        }
        job
    }

    /// As [`Environment::submit`], for long work: what it is given reports what is done and what there is in all, and
    /// answers false when the work is to end early. The first report and the last one are passed on, others now and then.
    pub fn submit_reporting(
        &mut self,
        work: impl FnOnce(&mut dyn FnMut(f64, f64) -> bool) -> Result<Answer> + Send + 'static,
    ) -> Result<u32> {
        self.submit_reporting_with(move |report| work(report).map(answer))
    }

    /// The same for work that ends with something to do on the JavaScript thread.
    pub fn submit_reporting_with(
        &mut self,
        work: impl FnOnce(&mut dyn FnMut(f64, f64) -> bool) -> Result<Finish> + Send + 'static,
    ) -> Result<u32> {
        let completions = self.completions()?;
        let job = self.begin_job();
        let cancel = Arc::new(AtomicBool::new(false));
        self.cancels.insert(job, cancel.clone());
        let queued = pool().run(Box::new(move || {
            let pass_on = |done, total| {
                let finish = answer(Answer::Progress(done, total));
                send(&completions, Completion { job, awaited: false, finish });
            };
            let (mut passed_on, mut held_back) = (None::<Instant>, None);
            let mut report = |done, total| {
                if passed_on.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) {
                    (passed_on, held_back) = (Some(Instant::now()), None);
                    pass_on(done, total);
                } else {
                    held_back = Some((done, total));
                }
                !cancel.load(Ordering::Relaxed)
            };
            let outcome = Outcome::of(|| work(&mut report));
            if let (Some((done, total)), Ok(Ok(_))) = (held_back, &outcome.0) {
                pass_on(done, total);
            }
            let finish = Box::new(move |environment: &mut Environment| {
                environment.forget_flag(job);
                outcome.take()?(environment)
            });
            complete(&completions, job, Ok(finish));
        }));
        self.queued(job, queued)
    }

    /// As [`Environment::submit`], for work that ends soon after its flag is set.
    pub fn submit_with_flag(
        &mut self,
        work: impl FnOnce(Arc<AtomicBool>) -> Result<Finish> + Send + 'static,
    ) -> Result<u32> {
        let completions = self.completions()?;
        let job = self.begin_job();
        let flag = Arc::new(AtomicBool::new(false));
        self.cancels.insert(job, flag.clone());
        let queued = pool().run(Box::new(move || {
            let outcome = Outcome::of(|| work(flag));
            let finish = Box::new(move |environment: &mut Environment| {
                environment.forget_flag(job);
                outcome.take()?(environment)
            });
            complete(&completions, job, Ok(finish));
        }));
        self.queued(job, queued)
    }

    /// Ends a job when a store is closed that it works on.
    pub fn ends_with(&mut self, store: u64, job: Result<u32>) -> Result<u32> {
        let job = job?;
        self.of_stores.insert(job, store);
        Ok(job)
    }

    fn forget_flag(&mut self, job: u32) {
        self.cancels.remove(&job);
        self.of_stores.remove(&job);
    }

    /// A job that could not be queued will have no completion.
    fn queued(&mut self, job: u32, queued: Result<()>) -> Result<u32> {
        if queued.is_err() {
            self.outstanding -= 1;
            self.forget_flag(job);
        }
        queued.map(|()| job)
    }

    /// Counts a job whose completion is still to come.
    pub fn begin_job(&mut self) -> u32 {
        self.outstanding += 1;
        self.next_job()
    }
}

/// What a job may have of an object.
pub(crate) enum Lent {
    Scan(Box<ScanParts>),
    ValueWriter(Box<LargeWriter>),
    ValueReader(Box<LargeReader>),
}

impl Lent {
    fn of(object: Object) -> std::result::Result<Self, Object> {
        Ok(match object {
            Object::Scan(scan) => Self::Scan(Box::new(scan.parts)),
            Object::ValueWriter(_, writer) => Self::ValueWriter(writer),
            Object::ValueReader(_, reader) => Self::ValueReader(reader),
            other => return Err(other),
        })
    }

    fn back(self, store: Rc<StoreEntry>) -> Object {
        match self {
            Self::Scan(parts) => Object::Scan(Box::new(ScanEntry { store, parts: *parts })),
            Self::ValueWriter(writer) => Object::ValueWriter(store, writer),
            Self::ValueReader(reader) => Object::ValueReader(store, reader),
        }
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
