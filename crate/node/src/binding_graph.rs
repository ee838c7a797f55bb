//! Graphs: requests and changes cross over as buffers, whose form `crate/graph` documents.

use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_engine::{Durability, ErrorCode, Result};
use sledstore_graph::Graph;

use crate::binding_store::{job, with};
use crate::error::{Code, stale};
use crate::hot::{self, Mode};
use crate::lifecycle::{Environment, Object, StoreEntry};
use crate::task::{Answer, Finish};

/// Opens or creates a graph; the same graph has the same handle.
#[napi]
pub fn graph(env: Env, store: i32, name: String) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.clone();
        let graph = Graph::open(&store.engine, &name)?;
        let number = graph.namespace().get();
        let known = store.namespaces.borrow().get(&number).copied();
        if let Some(handle) = known.filter(|&handle| matches!(environment.handles.get(handle), Some(Object::Graph(..))))
        {
            return Ok(handle);
        }
        let handle = environment.insert(Object::Graph(store.clone(), graph))?;
        store.namespaces.borrow_mut().insert(number, handle);
        Ok(handle)
    })
}

/// The names of a store's graphs.
#[napi]
pub fn graphs(env: Env, store: i32) -> napi::Result<Vec<String>, Code> {
    with(env, |environment| Ok(Graph::list(&environment.store(store)?.engine)))
}

/// Drops a graph; gives whether there was one.
#[napi]
pub fn drop_graph(env: Env, store: i32, name: String) -> napi::Result<bool, Code> {
    with(env, |environment| {
        let store = environment.store(store)?;
        let dropped = Graph::drop(&store.engine, &name)?;
        hot::note(store, store.engine.visible_seq());
        Ok(dropped)
    })
}

/// Sets ids of nodes or edges aside; gives the first of them.
#[napi]
pub fn reserve_graph_ids(env: Env, graph: i32, edges: bool, count: u32) -> napi::Result<f64, Code> {
    with(env, |environment| {
        let (_, graph) = entry(environment, graph)?;
        let count = u64::from(count);
        let ids = if edges { graph.reserve_edges(count) } else { graph.reserve_nodes(count) };
        // Ids are below 2^53.
        ids.map(|ids| ids.start as f64)
    })
}

/// Answers a request; the answer is parked, and its length given. `reader` is as for the hot reads, and the newest
/// state is one state for the whole answer.
#[napi]
pub fn ask_graph(env: Env, graph: i32, reader: i32, request: Uint8ArraySlice<'_>) -> napi::Result<f64, Code> {
    with(env, |environment| {
        let (store, graph) = entry(environment, graph)?;
        let answer = match environment.handles.get(reader) {
            _ if reader == 0 => graph.answer(&store.engine.snapshot()?, &request),
            Some(Object::Snapshot(owner, snapshot)) => {
                hot::same_store(owner, &store)?;
                graph.answer(&**snapshot, &request)
            }
            Some(Object::Transaction(owner, transaction)) => {
                hot::same_store(owner, &store)?;
                graph.answer(&**transaction, &request)
            }
            _ => Err(hot::ended()),
        }?;
        let length = answer.len() as f64;
        environment.parked = Some(answer);
        Ok(length)
    })
}

/// As [`ask_graph`] for the newest state or a snapshot, away from the JavaScript thread.
#[napi]
pub fn ask_graph_async(env: Env, graph: i32, reader: i32, request: Uint8ArraySlice<'_>) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (store, graph) = entry(environment, graph)?;
        let snapshot = match environment.handles.get(reader) {
            _ if reader == 0 => store.engine.snapshot()?.into(),
            Some(Object::Snapshot(owner, snapshot)) => {
                hot::same_store(owner, &store)?;
                snapshot.clone()
            }
            _ => return Err(hot::ended()),
        };
        let request = request.to_vec();
        environment.submit(move || {
            let answer = graph.answer(&*snapshot, &request)?;
            Ok(Box::new(move |_: &mut Environment| Ok(Answer::Bytes(answer))) as Finish)
        })
    })
}

/// Applies a buffer of changes; `mode` as for the hot writes. In a transaction only a single change is atomic, so a
/// buffer for one holds no more than one; a transaction that has become too large in the middle of one ends.
#[napi]
pub fn change_graph(env: Env, graph: i32, changes: Uint8ArraySlice<'_>, mode: i32) -> napi::Result<(), Code> {
    with(env, |environment| {
        let (store, graph) = entry(environment, graph)?;
        match Mode::of(mode)? {
            Mode::Transaction(handle) => {
                let applied = graph.apply_changes(hot::transaction(environment, handle, &store)?, &changes);
                if matches!(&applied, Err(error) if error.code() == ErrorCode::TooLarge) {
                    drop(environment.handles.remove(handle));
                }
                applied
            }
            Mode::Wait(level) => change(&store, &graph, &changes, level),
            _ => change(&store, &graph, &changes, Durability::None),
        }
    })
}

/// As [`change_graph`], alone and away from the JavaScript thread; the job ends when the changes are durable.
#[napi]
pub fn change_graph_async(env: Env, graph: i32, changes: Uint8ArraySlice<'_>, level: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (store, graph) = entry(environment, graph)?;
        let (engine, level, changes) = (store.engine.clone(), hot::level(level)?, changes.to_vec());
        environment.submit(move || {
            engine.transact(level, |tx| graph.apply_changes(tx, &changes))?;
            Ok(Box::new(|_: &mut Environment| Ok(Answer::Nothing)) as Finish)
        })
    })
}

fn change(store: &StoreEntry, graph: &Graph, changes: &[u8], level: Durability) -> Result<()> {
    store.engine.transact(level, |tx| graph.apply_changes(tx, changes))?;
    hot::note(store, store.engine.visible_seq());
    Ok(())
}

fn entry(environment: &Environment, handle: i32) -> Result<(Rc<StoreEntry>, Graph)> {
    match environment.handles.get(handle) {
        Some(Object::Graph(store, graph)) => Ok((store.clone(), graph.clone())),
        _ => Err(stale("graph")),
    }
}
