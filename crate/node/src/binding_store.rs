//! Stores and namespaces: the cold calls.

use std::path::PathBuf;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Function;
use napi_derive::napi;

use crate::engine::{Durability, Error, NamespaceOptions, Options, Result, Store};
use crate::error::{Code, guard};
use crate::hot;
use crate::lifecycle::{self, Environment, NamespaceEntry, Object};
use crate::raw;
use crate::task::{Answer, Completion, Finish, Syncer, deliver};

/// Why the last hot call of this environment answered -3.
#[napi(object)]
pub struct ErrorDetails {
    /// Stable code.
    pub code: String,
    /// For people.
    pub message: String,
    /// The cause's message.
    pub cause: Option<String>,
}

/// Takes the last hot call's error.
#[napi]
pub fn last_error(env: Env) -> napi::Result<Option<ErrorDetails>, Code> {
    guard(|| lifecycle::with(env, |environment| Ok(environment.error.take().map(|error| details(&error)))))
}

fn details(error: &Error) -> ErrorDetails {
    ErrorDetails {
        code: error.code().as_str().to_owned(),
        message: error.message().to_owned(),
        cause: std::error::Error::source(error).map(ToString::to_string),
    }
}

/// Names the function that takes the answers of jobs: `(job, kind, number, text)`.
#[napi]
pub fn connect(
    env: Env,
    #[napi(ts_arg_type = "(job: number, kind: number, number: number, text: string | null) => void")] callback: Function<
        '_,
        napi::bindgen_prelude::FnArgs<(u32, i32, f64, Option<String>)>,
        napi::bindgen_prelude::Unknown<'static>,
    >,
) -> napi::Result<(), Code> {
    guard(|| {
        let function = callback
            .build_threadsafe_function::<Completion>()
            .callee_handled::<false>()
            .weak::<true>()
            .build_callback(move |context| {
                let last = context.value.last;
                let arguments = lifecycle::with(context.env, |environment| {
                    if last {
                        environment.outstanding = environment.outstanding.saturating_sub(1);
                        raw::keep_alive(context.env.raw(), environment);
                    }
                    Ok(deliver(environment, context.value))
                });
                Ok(arguments.unwrap_or((0, 0, 0.0, None)).into())
            })
            .map_err(|error| Error::internal(error.reason.clone()))?;
        lifecycle::with(env, |environment| {
            environment.completions = Some(Arc::new(function));
            Ok(())
        })
    })
}

/// How a store is opened; `lib/options.ts` has checked names and types.
#[napi(object)]
pub struct OpenOptions {
    /// Create the store when the folder holds none.
    pub create_if_missing: bool,
    /// Refuse a store that exists.
    pub error_if_exists: bool,
    /// Default level: 0 none, 1 os, 2 full.
    pub durability: i32,
    /// Bytes for everything together.
    pub memory_budget: f64,
    /// `lz4` or `none`, for a store created by this call.
    pub compression: String,
    /// Bytes of one memtable, for tests.
    pub memtable_bytes: Option<f64>,
    /// Bytes of a block, for tests.
    pub block_bytes: Option<f64>,
}

impl OpenOptions {
    fn into_engine(self) -> Result<Options> {
        let mut options = Options {
            create_if_missing: self.create_if_missing,
            error_if_exists: self.error_if_exists,
            durability: hot::level(self.durability)?,
            memory_budget: self.memory_budget as u64,
            memtable_bytes: self.memtable_bytes.map(|bytes| bytes as usize),
            ..Options::default()
        };
        if self.compression == "none" {
            options.compression = crate::engine::Compression::None;
        }
        if let Some(bytes) = self.block_bytes {
            options.block_bytes = bytes as usize;
        }
        Ok(options)
    }
}

/// Opens a store off the JavaScript thread; the job's answer is its handle. No path opens a store in memory.
#[napi]
pub fn open(env: Env, path: Option<String>, options: OpenOptions) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let options = options.into_engine()?;
        environment.submit(move || {
            let store = match path {
                Some(path) => Store::open(&PathBuf::from(path), &options)?,
                None => Store::memory(&options)?,
            };
            Ok(Box::new(move |environment: &mut Environment| {
                environment.insert_store(store).map(|handle| Answer::Number(f64::from(handle)))
            }) as Finish)
        })
    })
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

/// Opens or creates a namespace.
#[napi]
pub fn namespace(env: Env, store: i32, name: String) -> napi::Result<i32, Code> {
    guard(|| {
        lifecycle::with(env, |environment| {
            let store = environment.store(store)?.clone();
            let id = store.engine.namespace(&name, &NamespaceOptions::default())?.id;
            environment.insert(Object::Namespace(NamespaceEntry { store, id }))
        })
    })
}

/// The number under which a namespace stands in encoded batches.
#[napi]
pub fn namespace_id(env: Env, namespace: i32) -> napi::Result<u32, Code> {
    guard(|| lifecycle::with(env, |environment| Ok(environment.namespace(namespace)?.id.get())))
}

/// Pins the newest state; gives the snapshot's handle.
#[napi]
pub fn snapshot(env: Env, store: i32) -> napi::Result<i32, Code> {
    guard(|| {
        lifecycle::with(env, |environment| {
            let store = environment.store(store)?.clone();
            let snapshot = Arc::new(store.engine.snapshot()?);
            environment.insert(Object::Snapshot(store, snapshot))
        })
    })
}

/// Begins a transaction; gives its handle.
#[napi]
pub fn begin(env: Env, store: i32) -> napi::Result<i32, Code> {
    guard(|| {
        lifecycle::with(env, |environment| {
            let store = environment.store(store)?.clone();
            let transaction = Box::new(store.engine.begin()?);
            environment.insert(Object::Transaction(store, transaction))
        })
    })
}

/// Validates and applies a transaction; its handle is stale afterwards. A later `sync` waits for durability.
#[napi]
pub fn commit_transaction(env: Env, transaction: i32) -> napi::Result<(), Code> {
    guard(|| {
        lifecycle::with(env, |environment| match environment.handles.remove(transaction) {
            Some(Object::Transaction(store, transaction)) => {
                let seq = transaction.commit(Durability::None)?;
                hot::note(&store, seq);
                Ok(())
            }
            _ => Err(crate::error::stale("transaction")),
        })
    })
}

/// Hands everything buffered to the kernel; called at the process's end.
#[napi]
pub fn write_out(env: Env) -> napi::Result<(), Code> {
    guard(|| {
        lifecycle::with(env, |environment| {
            environment.write_out();
            Ok(())
        })
    })
}

/// Native counts of this environment, for tests.
#[napi(object)]
pub struct Counts {
    /// Raw calls so far.
    pub crossings: f64,
    /// Live handles of all kinds.
    pub handles: u32,
    /// Open stores.
    pub stores: u32,
    /// Open namespaces.
    pub namespaces: u32,
    /// Open snapshots.
    pub snapshots: u32,
    /// Open transactions.
    pub transactions: u32,
    /// Unfinished scans.
    pub scans: u32,
    /// Jobs whose answer has not come.
    pub jobs: u32,
}

/// Counts what this environment holds.
#[napi]
pub fn counts(env: Env) -> napi::Result<Counts, Code> {
    guard(|| {
        lifecycle::with(env, |environment| {
            let live = environment.live_counts();
            Ok(Counts {
                crossings: environment.crossings as f64,
                handles: environment.handles.live() as u32,
                stores: live.stores,
                namespaces: live.namespaces,
                snapshots: live.snapshots,
                transactions: live.transactions,
                scans: live.scans,
                jobs: environment.outstanding,
            })
        })
    })
}

/// Runs a cold call that starts a job, and keeps the event loop alive for its answer.
fn job(env: Env, start: impl FnOnce(&mut Environment) -> Result<u32>) -> napi::Result<u32, Code> {
    guard(|| {
        lifecycle::with(env, |environment| {
            let job = start(environment)?;
            raw::keep_alive(env.raw(), environment);
            Ok(job)
        })
    })
}

impl Environment {
    /// N4: one request for everything this event turn committed.
    pub(crate) fn request_sync(&mut self, store: i32, level: Durability) -> Result<u32> {
        let completions = self.completions()?;
        let store = self.store(store)?.clone();
        let mut syncer = store.syncer.borrow_mut();
        if syncer.is_none() {
            *syncer = Some(Syncer::start(store.engine.clone(), completions)?);
        }
        let job = self.begin_job();
        match syncer.as_ref().map(|syncer| syncer.request(store.last_seq.get(), level, job)) {
            Some(Ok(())) => Ok(job),
            Some(Err(error)) => Err(error),
            None => Err(Error::internal("the durability thread did not start")),
        }
    }
}
