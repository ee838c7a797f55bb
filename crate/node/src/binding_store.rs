//! Stores and namespaces: the cold calls.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, Unknown};
use napi_derive::napi;
use sledstore_engine::{Compression, Durability, Error, ErrorCode, Options, Progress, Result, Status, Store};

use crate::error::{Code, ErrorDetails, throw};
use crate::hot;
use crate::lifecycle::{self, Environment, Object};
use crate::raw;
use crate::report;
use crate::task::{self, Answer, Completion, Finish, deliver};

/// Takes the error of this environment's last call that failed.
#[napi]
pub fn last_error(env: Env) -> napi::Result<Option<ErrorDetails>, Code> {
    with(env, |environment| Ok(environment.error.take().map(|error| ErrorDetails::of(&error))))
}

/// Names the function that takes the answers of jobs: `(job, kind, number, total)`.
#[napi]
pub fn connect(
    env: Env,
    callback: Function<'_, FnArgs<(u32, i32, f64, f64)>, Unknown<'static>>,
) -> napi::Result<(), Code> {
    with(env, |environment| {
        let function = callback
            .build_threadsafe_function::<Completion>()
            .callee_handled::<false>()
            .weak::<true>()
            .build_callback(move |context| {
                let arguments = lifecycle::with(context.env, |environment| {
                    if context.value.awaited {
                        environment.outstanding = environment.outstanding.saturating_sub(1);
                        raw::keep_alive(context.env.raw(), environment);
                    }
                    Ok(deliver(environment, context.value))
                });
                Ok(arguments.unwrap_or((0, 0, 0.0, 0.0)).into())
            })
            .map_err(|error| Error::internal(error.reason.clone()))?;
        environment.completions = Some(Arc::new(function));
        Ok(())
    })
}

/// How a store is opened; `lib/options.ts` has checked names and types.
#[napi(object)]
pub struct OpenOptions {
    /// Create the store when the folder holds none.
    pub create_if_missing: bool,
    /// Refuse a store that exists.
    pub error_if_exists: bool,
    /// Open a store although every user of the system may write to its folder.
    pub allow_insecure_folder: bool,
    /// Default level: 0 none, 1 os, 2 full.
    pub durability: i32,
    /// Bytes for everything together.
    pub memory_budget: f64,
    /// `lz4`, `deflate` or `none`; left out for what the store was created with.
    pub compression: Option<String>,
    /// Bytes of one memtable, for tests.
    pub memtable_bytes: Option<f64>,
    /// Bytes of a block, for tests.
    pub block_bytes: Option<f64>,
}

/// A compression by its name.
pub(crate) fn compression_of(name: &str) -> Result<Compression> {
    let unknown = || Error::new(ErrorCode::InvalidArgument, format!("there is no compression {name}"));
    Compression::from_name(name).ok_or_else(unknown)
}

impl OpenOptions {
    pub(crate) fn into_engine(self) -> Result<Options> {
        let compression = self.compression.as_deref().map(compression_of).transpose()?;
        Ok(Options {
            create_if_missing: self.create_if_missing,
            error_if_exists: self.error_if_exists,
            allow_insecure_folder: self.allow_insecure_folder,
            durability: hot::level(self.durability)?,
            memory_budget: self.memory_budget as u64,
            memtable_bytes: self.memtable_bytes.map(|bytes| bytes as usize),
            block_bytes: self.block_bytes.map(|bytes| bytes as usize),
            compression,
            ..Options::default()
        })
    }
}

/// Opens a store that lives in memory; gives its handle.
#[napi]
pub fn open_memory(env: Env, options: OpenOptions) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let store = Store::memory(&options.into_engine()?)?;
        environment.insert_store(store)
    })
}

/// Opens a store off the JavaScript thread; the job's answer is its handle.
#[napi]
pub fn open(env: Env, path: String, options: OpenOptions) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let options = options.into_engine()?;
        environment.submit(move || {
            let store = Store::open(&PathBuf::from(path), &options)?;
            Ok(Box::new(move |environment: &mut Environment| {
                environment.insert_store(store).map(|handle| Answer::Number(f64::from(handle)))
            }) as Finish)
        })
    })
}

/// Whether every user of the system may write to the store's folder.
#[napi]
pub fn is_in_insecure_folder(env: Env, store: i32) -> napi::Result<bool, Code> {
    with(env, |environment| environment.store(store)?.engine.is_in_insecure_folder())
}

/// Closes a store and everything opened from it; the objects are gone at once, the job ends when the store is.
#[napi]
pub fn close(env: Env, store: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let engine = environment.remove_store(store)?.engine.clone();
        environment.submit(move || {
            engine.close()?;
            Ok(Box::new(|_: &mut Environment| Ok(Answer::Nothing)) as Finish)
        })
    })
}

/// The state of a store: 0 open, 1 poisoned, 2 closing, 3 closed.
#[napi]
pub fn status(env: Env, store: i32) -> napi::Result<i32, Code> {
    with(env, |environment| {
        Ok(match environment.store(store)?.engine.status() {
            Status::Open => 0,
            Status::Poisoned => 1,
            Status::Closing => 2,
            Status::Closed => 3,
        })
    })
}

/// The job fails when the store is poisoned, which may never be; it keeps no event loop alive.
#[napi]
pub fn watch_errors(env: Env, store: i32) -> napi::Result<u32, Code> {
    with(env, |environment| {
        let completions = environment.completions()?;
        let job = environment.next_job();
        environment.store(store)?.engine.on_error(move |error| {
            let error = error.clone();
            let finish: Finish = Box::new(move |_| Err(error));
            task::send(&completions, Completion { job, awaited: false, finish });
        });
        Ok(job)
    })
}

/// Everything applied so far becomes durable; the job ends then.
#[napi]
pub fn flush(env: Env, store: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let engine = environment.store(store)?.engine.clone();
        environment.submit(move || engine.flush().map(|()| task::answer(Answer::Nothing)))
    })
}

/// Starts a long job that reports progress and can be cancelled.
pub(crate) fn long_job(
    env: Env,
    store: i32,
    work: impl FnOnce(&Store, &mut dyn FnMut(Progress) -> bool) -> Result<Answer> + Send + 'static,
) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let engine = environment.store(store)?.engine.clone();
        environment.submit_reporting(move |report| {
            work(&engine, &mut |progress| report(progress.done as f64, progress.total as f64))
        })
    })
}

/// Compacts the store; the job reports progress and can be cancelled.
#[napi]
pub fn compact(env: Env, store: i32) -> napi::Result<u32, Code> {
    long_job(env, store, |engine, progress| engine.compact(progress).map(|()| Answer::Nothing))
}

/// Walks everything; the job's answer is the report as JSON. It reports progress and can be cancelled.
#[napi]
pub fn verify(env: Env, store: i32) -> napi::Result<u32, Code> {
    long_job(env, store, |engine, progress| Ok(Answer::Bytes(report::to_json(&engine.verify(progress)?).into_bytes())))
}

/// Asks a job to end early.
#[napi]
pub fn cancel(env: Env, job: u32) -> napi::Result<(), Code> {
    with(env, |environment| {
        if let Some(cancel) = environment.cancels.get(&job) {
            cancel.store(true, Ordering::Relaxed);
        }
        Ok(())
    })
}

/// Blocks until everything this thread committed is durable at a level.
#[napi]
pub fn wait_sync(env: Env, store: i32, level: i32) -> napi::Result<(), Code> {
    with(env, |environment| {
        let store = environment.store(store)?;
        store.engine.wait(store.last_seq.get(), hot::level(level)?)
    })
}

/// Pins the newest state; gives the snapshot's handle.
#[napi]
pub fn snapshot(env: Env, store: i32) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.clone();
        let snapshot = Arc::new(store.engine.snapshot()?);
        environment.insert(Object::Snapshot(store, snapshot))
    })
}

/// Begins a transaction; gives its handle.
#[napi]
pub fn begin(env: Env, store: i32) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.clone();
        let transaction = Box::new(store.engine.begin()?);
        environment.insert(Object::Transaction(store, transaction))
    })
}

/// Validates and applies a transaction; its handle is stale afterwards. A later `sync` waits for durability; the answer
/// is that of a hot write at level `none`.
#[napi]
pub fn commit_transaction(env: Env, transaction: i32) -> napi::Result<i32, Code> {
    with(env, |environment| match environment.handles.remove(transaction) {
        // A query was started in it and not awaited.
        Some(Object::Away(_)) => Err(hot::ended()),
        Some(Object::Transaction(store, transaction)) => {
            let seq = transaction.apply_overshooting()?;
            hot::note(&store, seq);
            // For level `none`, which asks for nothing more.
            store.engine.wait(seq, Durability::None)?;
            Ok(if store.engine.has_room() { hot::DONE } else { hot::HOLD })
        }
        _ => Err(crate::error::stale("transaction")),
    })
}

/// Hands everything buffered to the kernel; called at the process's end.
#[napi]
pub fn write_out(env: Env, is_main_thread: bool) -> napi::Result<(), Code> {
    with(env, |environment| {
        environment.is_main_thread = is_main_thread;
        environment.write_out();
        Ok(())
    })
}

/// Runs a cold call in its environment.
pub(crate) fn with<T>(env: Env, call: impl FnOnce(&mut Environment) -> Result<T>) -> napi::Result<T, Code> {
    let result = lifecycle::with(env, |environment| {
        environment.guarded(call).inspect_err(|error| environment.error = Some(error.clone()))
    });
    result.map_err(|error| throw(&error))
}

/// Runs a cold call that starts a job, and keeps the event loop alive for its answer.
pub(crate) fn job(env: Env, start: impl FnOnce(&mut Environment) -> Result<u32>) -> napi::Result<u32, Code> {
    with(env, |environment| {
        let job = start(environment)?;
        raw::keep_alive(env.raw(), environment);
        Ok(job)
    })
}

/// Most that is written to the kernel on the JavaScript thread.
const WRITTEN_INLINE_BYTES_MAX: usize = 128 << 10;

impl Environment {
    /// N4: one request for everything this event turn committed, and one answer; 0 when there is nothing to wait for.
    pub(crate) fn request_sync(&mut self, store: i32, level: Durability) -> Result<u32> {
        let completions = self.completions()?;
        let store = self.store(store)?.clone();
        let unwritten = store.unwritten_bytes.replace(0);
        // Handing a little to the kernel takes less time here than two changes of thread.
        if level == Durability::Os && unwritten <= WRITTEN_INLINE_BYTES_MAX && store.engine.has_room() {
            return store.engine.wait(store.last_seq.get(), level).map(|()| 0);
        }
        let job = self.begin_job();
        store.engine.request(store.last_seq.get(), level, move |result| {
            task::complete(&completions, job, result.map(|()| task::answer(Answer::Nothing)));
        });
        Ok(job)
    }
}
