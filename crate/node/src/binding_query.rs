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
use sledstore_engine::{Error, ErrorCode, Result};
use sledstore_graph::Graph;

use crate::binding_store::{job, with};
use crate::error::{Code, stale};
use crate::hot;
use crate::lifecycle::{Environment, Object, StoreEntry};
use crate::reader::Source;
use crate::stream::Stream;
use crate::task::{Answer, Finish, answer};

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
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { phase, kind, detail, line, column } = self;
        write!(f, "{phase}: {kind}: {detail}: {line}: {column}")
    }
}

impl std::error::Error for QueryError {}

fn failed(failure: Failure, text: &str) -> Error {
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
        (_, Detail::PropertyRequired) => ErrorCode::SchemaInvalid,
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
    })
}

fn session(environment: &mut Environment, graph: i32) -> Result<(Rc<StoreEntry>, Session)> {
    let (store, graph) = environment.layer::<Graph>(graph)?;
    let sessions = environment.sessions.entry((store.id, graph.namespace().get()));
    let session = sessions.or_insert_with(|| Session::new(graph)).clone();
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
    with(env, |environment| {
        let (store, session) = session(environment, graph)?;
        let request = parsed(&request)?;
        let abort = Arc::new(AtomicBool::new(false));
        let mut result = Vec::new();
        if let Some(Object::Transaction(..)) = environment.handles.get(reader) {
            let ran = session.run_in(&request, hot::transaction(environment, reader, &store)?, &abort);
            match ran {
                Ok(parts) => parts.iter().for_each(|part| joined(&mut result, part)),
                Err((failure, partly)) => {
                    if partly {
                        drop(environment.handles.remove(reader));
                    }
                    return Err(failed(failure, request.text));
                }
            }
        } else {
            let snapshot = if reader == 0 { None } else { Some(Source::of(environment, &store, reader)?.snapshot()?) };
            let mut sink = |part: Vec<u8>| {
                joined(&mut result, &part);
                true
            };
            session
                .run(&request, snapshot.as_deref(), hot::level(level)?, &abort, &mut sink)
                .map_err(|failure| failed(failure, request.text))?;
            hot::note(&store, store.engine.newest_seq());
        }
        let length = result.len() as f64;
        environment.parked = Some(result);
        Ok(length)
    })
}

/// Runs a statement in a transaction, which is away meanwhile: for anybody else it is as if it had ended.
fn query_inside(
    environment: &mut Environment,
    (reader, store): (i32, &Rc<StoreEntry>),
    session: Session,
    request: Vec<u8>,
) -> Result<u32> {
    hot::transaction(environment, reader, store)?;
    let away = Object::Away(store.clone());
    let place = environment.handles.get_mut(reader).ok_or_else(hot::ended)?;
    let Object::Transaction(_, mut transaction) = std::mem::replace(place, away) else { return Err(hot::ended()) };
    let job = environment.submit_with_flag(move |abort| {
        let ran = parsed(&request).map_err(|error| (error, false)).and_then(|request| {
            let ran = session.run_in(&request, &mut transaction, &abort);
            ran.map_err(|(failure, partly)| (failed(failure, request.text), partly))
        });
        Ok(Box::new(move |environment: &mut Environment| {
            if matches!(ran, Err((_, true))) {
                drop(environment.handles.remove(reader));
            } else if let Some(place @ Object::Away(_)) = environment.handles.get_mut(reader) {
                let store = place.store().clone();
                *place = Object::Transaction(store, transaction);
            }
            let parts = ran.map_err(|(error, _)| error)?;
            let mut result = Vec::new();
            parts.iter().for_each(|part| joined(&mut result, part));
            Ok(Answer::Bytes(result))
        }) as Finish)
    });
    if job.is_err() {
        drop(environment.handles.remove(reader));
    }
    job
}

/// As [`query_graph`], away from the JavaScript thread; the job can be cancelled.
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
        if let Some(Object::Transaction(..)) = environment.handles.get(reader) {
            return query_inside(environment, (reader, &store), session, request.to_vec());
        }
        let snapshot = if reader == 0 { None } else { Some(Source::of(environment, &store, reader)?.snapshot()?) };
        let (request, level) = (request.to_vec(), hot::level(level)?);
        environment.submit_with_flag(move |abort| {
            let request = parsed(&request)?;
            let mut result = Vec::new();
            let mut sink = |part: Vec<u8>| {
                joined(&mut result, &part);
                true
            };
            session
                .run(&request, snapshot.as_deref(), level, &abort, &mut sink)
                .map_err(|failure| failed(failure, request.text))?;
            Ok(answer(Answer::Bytes(result)))
        })
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
