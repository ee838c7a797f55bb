//! Queries: requests and results cross over as MessagePack, whose forms `crate/cypher` documents.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_cypher::storage::Failure;
use sledstore_cypher::store::{Request, Session};
use sledstore_cypher::{CypherError, Detail, Kind, Phase};
use sledstore_engine::{Durability, Error, ErrorCode, Result, Snapshot, Transaction};
use sledstore_graph::Graph;

use crate::binding_procedure::unborrowed;
use crate::binding_store::{job, with};
use crate::error::{Code, stale};
use crate::hot;
use crate::lifecycle::{Environment, Object, StoreEntry};
use crate::reader::Source;
use crate::stream::Stream;
use crate::task::{Answer, Finish};

/// An error of the language as the cause of what JavaScript gets.
#[derive(Debug, Clone)]
pub(crate) struct QueryError {
    /// `compile time` or `runtime`.
    pub phase: &'static str,
    pub kind: String,
    pub detail: String,
    /// From one; zero where no place is known.
    pub line: u32,
    pub column: u32,
    /// What a procedure threw, by its number.
    pub thrown: Option<u32>,
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { phase, kind, detail, line, column, .. } = self;
        write!(f, "{phase}: {kind}: {detail}: {line}: {column}")
    }
}

impl std::error::Error for QueryError {}

pub(crate) fn failed(failure: Failure, text: &str) -> Error {
    match failure {
        Failure::Cypher(error) => of_language(&error, text),
        Failure::Storage(error) => match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(error) => Error::internal(error),
        },
    }
}

fn of_language(error: &CypherError, text: &str) -> Error {
    let code = match (error.kind, error.detail) {
        (_, Detail::UniqueViolation) => ErrorCode::UniqueViolation,
        (_, Detail::PropertyRequired | Detail::NotInSchema) => ErrorCode::SchemaInvalid,
        (Kind::Ended, Detail::Aborted | Detail::TimeLimit) => ErrorCode::Aborted,
        (Kind::Ended, _) => ErrorCode::TooLarge,
        _ => ErrorCode::QueryFailed,
    };
    let place = error.position(text);
    let number = |number: Option<usize>| number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
    Error::new(code, error.render(text)).with_source(QueryError {
        phase: if error.phase == Phase::CompileTime { "compile time" } else { "runtime" },
        kind: format!("{:?}", error.kind),
        detail: format!("{:?}", error.detail),
        line: number(place.map(|place| place.line)),
        column: number(place.map(|place| place.column)),
        thrown: error.cause,
    })
}

fn session(environment: &mut Environment, graph: i32) -> Result<(Rc<StoreEntry>, Session)> {
    let (store, graph) = environment.layer::<Graph>(graph)?;
    let key = (store.id, graph.namespace().get());
    if let Some(session) = environment.sessions.get(&key) {
        return Ok((store, session.clone()));
    }
    environment.forget_dropped(&store);
    let session = Session::with_procedures(graph, environment.registry(store.id));
    environment.sessions.insert(key, session.clone());
    Ok((store, session))
}

/// Parts one behind the other, each with its length before it.
fn joined(into: &mut Vec<u8>, part: &[u8]) {
    into.extend_from_slice(&(part.len() as u32).to_be_bytes());
    into.extend_from_slice(part);
}

fn parsed(request: &[u8]) -> Result<Request<'_>> {
    Request::parse(request).map_err(|error| failed(error.into(), ""))
}

/// Runs a statement to its end; the result is parked, and its length given. `reader` is as for the hot reads, and
/// `level` that of a statement that is a commit of its own. A transaction that a statement left with a part of itself
/// ends.
#[napi]
pub fn query_graph(
    env: Env,
    graph: i32,
    reader: i32,
    request: Uint8ArraySlice<'_>,
    level: i32,
) -> napi::Result<f64, Code> {
    let take = |environment: &mut Environment| {
        let (store, session) = session(environment, graph)?;
        let level = hot::level(level)?;
        Ok((reading(environment, &store, reader)?, store, session, level))
    };
    let work = |(reading, _, session, level): &mut (Reading, Rc<StoreEntry>, Session, Durability)| {
        run(session, reading, &request, *level, &Arc::new(AtomicBool::new(false)))
    };
    unborrowed(env, take, work, |environment, (reading, store, ..), outcome| {
        if let Reading::Transaction(tx, spoilt) = reading {
            give_back(environment, reader, tx, spoilt);
        } else {
            hot::note(&store, store.engine.newest_seq());
        }
        let result = outcome.take()?;
        let length = result.len() as f64;
        environment.parked = Some(result);
        Ok(length)
    })
}

/// Runs a request to its end: its parts, joined.
fn run(
    session: &Session,
    reading: &mut Reading,
    request: &[u8],
    level: Durability,
    abort: &Arc<AtomicBool>,
) -> Result<Vec<u8>> {
    let request = parsed(request)?;
    let mut result = Vec::new();
    let snapshot = match reading {
        Reading::Transaction(tx, spoilt) => {
            // Of one that panics, a part may be there.
            *spoilt = true;
            let ran = session.run_in(&request, tx, abort);
            *spoilt = matches!(ran, Err((_, true)));
            let parts = ran.map_err(|(failure, _)| failed(failure, request.text))?;
            parts.iter().for_each(|part| joined(&mut result, part));
            return Ok(result);
        }
        Reading::Snapshot(snapshot) => Some(&**snapshot),
        Reading::Newest => None,
    };
    let mut sink = |part: Vec<u8>| {
        joined(&mut result, &part);
        true
    };
    let ran = session.run_whole(&request, snapshot, level, abort, &mut sink);
    ran.map_err(|failure| failed(failure, request.text)).map(|()| result)
}

/// What a query reads, out of the table of handles while it runs.
pub(crate) enum Reading {
    Newest,
    Snapshot(Arc<Snapshot>),
    /// With whether a statement left it with a part of itself.
    Transaction(Box<Transaction>, bool),
}

/// Takes what a handle names; a transaction is away until [`give_back`].
pub(crate) fn reading(environment: &mut Environment, store: &Rc<StoreEntry>, reader: i32) -> Result<Reading> {
    if reader == 0 {
        return Ok(Reading::Newest);
    }
    if let Some(Object::Transaction(..)) = environment.handles.get(reader) {
        hot::transaction(environment, reader, store)?;
        if let Some(place) = environment.handles.get_mut(reader) {
            match std::mem::replace(place, Object::Away(store.clone())) {
                Object::Transaction(_, tx) => return Ok(Reading::Transaction(tx, false)),
                other => *place = other,
            }
        }
    }
    Ok(Reading::Snapshot(Source::of(environment, store, reader)?.snapshot()?))
}

/// Puts a transaction back, unless it was ended meanwhile; one that is spoilt ends.
pub(crate) fn give_back(environment: &mut Environment, reader: i32, tx: Box<Transaction>, spoilt: bool) {
    let Some(place @ Object::Away(_)) = environment.handles.get_mut(reader) else { return };
    let store = place.store().clone();
    *place = Object::Transaction(store, tx);
    if spoilt {
        drop(environment.handles.remove(reader));
    }
}

/// As [`query_graph`], away from the JavaScript thread; the job can be cancelled. A transaction is away meanwhile: for
/// anybody else it is as if it had ended.
#[napi]
pub fn query_graph_async(
    env: Env,
    graph: i32,
    reader: i32,
    request: Uint8ArraySlice<'_>,
    level: i32,
) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (store, session) = session(environment, graph)?;
        let (request, level) = (request.to_vec(), hot::level(level)?);
        let mut reading = reading(environment, &store, reader)?;
        let job = environment.submit_with_flag(move |abort| {
            let ran = run(&session, &mut reading, &request, level, &abort);
            Ok(Box::new(move |environment: &mut Environment| {
                if let Reading::Transaction(tx, spoilt) = reading {
                    give_back(environment, reader, tx, spoilt);
                }
                ran.map(Answer::Bytes)
            }) as Finish)
        });
        if job.is_err() && matches!(environment.handles.get(reader), Some(Object::Away(_))) {
            drop(environment.handles.remove(reader));
        }
        environment.ends_with(store.id, job)
    })
}

/// Plans a statement; its plan is kept until the handle that this gives is released.
#[napi]
pub fn prepare_graph(env: Env, graph: i32, request: Uint8ArraySlice<'_>) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let (store, session) = session(environment, graph)?;
        let request = parsed(&request)?;
        let pin = session.prepare(&request).map_err(|failure| failed(failure, request.text))?;
        environment.insert(Object::Prepared(store, pin))
    })
}

/// Starts a statement whose rows are read part by part; gives the handle of the stream. One that changes something is
/// committed before its first part.
#[napi]
pub fn stream_graph(
    env: Env,
    graph: i32,
    reader: i32,
    request: Uint8ArraySlice<'_>,
    level: i32,
) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let (store, session) = session(environment, graph)?;
        let snapshot = if reader == 0 { None } else { Some(Source::of(environment, &store, reader)?.snapshot()?) };
        let (bytes, level) = (request.to_vec(), hot::level(level)?);
        let time = parsed(&bytes)?.limits.time;
        let stream = Stream::start(environment.completions()?, time, move |parts, abort| {
            let request = parsed(&bytes)?;
            session
                .run(&request, snapshot.as_deref(), level, abort, &mut |part| parts.put(part))
                .map_err(|failure| failed(failure, request.text))?;
            if parts.is_late() {
                let message = "the query took longer than it may, the waiting for its reader included";
                let error = CypherError::runtime(Kind::Ended, Detail::TimeLimit, message);
                return Err(of_language(&error, request.text));
            }
            Ok(())
        })?;
        environment.insert(Object::Stream(store, stream))
    })
}

/// The job's answer is the next part of a stream; nothing at its end.
#[napi]
pub fn stream_part(env: Env, stream: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        if !matches!(environment.handles.get(stream), Some(Object::Stream(..))) {
            return Err(stale("stream"));
        }
        let job = environment.begin_job();
        if let Some(Object::Stream(_, stream)) = environment.handles.get(stream) {
            stream.answer_next(job);
        }
        Ok(job)
    })
}
