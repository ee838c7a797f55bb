//! Graphs: requests and changes cross over as buffers, whose form `crate/graph` documents.

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_engine::{Durability, ErrorCode, Result};
use sledstore_graph::Graph;

use crate::binding_store::{job, with};
use crate::error::Code;
use crate::hot::{self, Mode};
use crate::lifecycle::StoreEntry;
use crate::task::{Answer, answer};

/// Opens or creates a graph; the same graph has the same handle.
#[napi]
pub fn graph(env: Env, store: i32, name: String) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.clone();
        let graph = Graph::open(&store.engine, &name)?;
        environment.layer_handle(&store, graph)
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
        let store = environment.store(store)?.clone();
        let dropped = Graph::drop(&store.engine, &name)?;
        hot::note(&store, store.engine.newest_seq());
        environment.forget_dropped(&store);
        Ok(dropped)
    })
}

/// Sets ids of nodes or edges aside; gives the first of them.
#[napi]
pub fn reserve_graph_ids(env: Env, graph: i32, edges: bool, count: u32) -> napi::Result<f64, Code> {
    with(env, |environment| {
        let (_, graph) = environment.layer::<Graph>(graph)?;
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
    with(env, |environment| environment.ask::<Graph>(graph, reader, &request))
}

/// As [`ask_graph`] for the newest state or a snapshot, away from the JavaScript thread.
#[napi]
pub fn ask_graph_async(env: Env, graph: i32, reader: i32, request: Uint8ArraySlice<'_>) -> napi::Result<u32, Code> {
    job(env, |environment| environment.ask_async::<Graph>(graph, reader, &request))
}

/// Applies a buffer of changes; `mode` as for the hot writes. In a transaction only a single change is atomic, so a
/// buffer for one holds no more than one; a transaction that has become too large in the middle of one ends.
#[napi]
pub fn change_graph(env: Env, graph: i32, changes: Uint8ArraySlice<'_>, mode: i32) -> napi::Result<(), Code> {
    with(env, |environment| {
        let (store, graph) = environment.layer::<Graph>(graph)?;
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

/// Creates an index or constraint away from the JavaScript thread; the job reports how many of the nodes or edges it has gone over, can
/// be cancelled, and ends when the index is durable.
#[napi]
pub fn create_graph_index(env: Env, graph: i32, index: Uint8ArraySlice<'_>, level: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (_, graph) = environment.layer::<Graph>(graph)?;
        let (index, level) = (index.to_vec(), hot::level(level)?);
        environment.submit_reporting(move |report| {
            graph
                .build_requested(&index, level, &mut |done, total| report(done as f64, total as f64))
                .map(|_| Answer::Nothing)
        })
    })
}

/// Drops the index or constraint of that name, if it is there, away from the JavaScript thread; the job ends when that is
/// durable.
#[napi]
pub fn drop_named_graph_index(env: Env, graph: i32, name: String, level: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (store, graph) = environment.layer::<Graph>(graph)?;
        let (engine, level) = (store.engine.clone(), hot::level(level)?);
        environment.submit(move || {
            engine.transact(level, |tx| graph.drop_named_index(tx, &name))?;
            Ok(answer(Answer::Nothing))
        })
    })
}

/// Drops an index, if it is there, away from the JavaScript thread; the job ends when that is durable.
#[napi]
pub fn drop_graph_index(
    env: Env,
    graph: i32,
    label: Option<String>,
    property: String,
    level: i32,
) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (store, graph) = environment.layer::<Graph>(graph)?;
        let (engine, level) = (store.engine.clone(), hot::level(level)?);
        environment.submit(move || {
            engine.transact(level, |tx| graph.drop_index(tx, label.as_deref(), &property))?;
            Ok(answer(Answer::Nothing))
        })
    })
}

fn change(store: &StoreEntry, graph: &Graph, changes: &[u8], level: Durability) -> Result<()> {
    store.engine.transact(level, |tx| graph.apply_changes(tx, changes))?;
    hot::note(store, store.engine.newest_seq());
    Ok(())
}
