//! Bulk load of a graph: pages are staged away from the JavaScript thread, whose form `crate/graph/src/load.rs` documents.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use parking_lot::Mutex;
use sledstore_engine::Result;
use sledstore_graph::{Graph, Load};

use crate::binding_store::{job, with};
use crate::error::{Code, stale};
use crate::hot;
use crate::lifecycle::{Environment, Object};
use crate::task::{Answer, Finish, answer};

/// A load under way; one job at a time works on it.
pub(crate) type GraphLoad = Arc<Mutex<Load>>;

/// Begins a load; gives its handle, whose release drops what was staged.
#[napi]
pub fn begin_graph_load(env: Env, graph: i32) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let (store, graph) = environment.layer::<Graph>(graph)?;
        environment.insert(Object::GraphLoad(store, Arc::new(Mutex::new(graph.load()))))
    })
}

/// Stages a page; the next one is sent when the job has ended.
#[napi]
pub fn graph_load_page(env: Env, load: i32, page: Uint8ArraySlice<'_>) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let load = of(environment, load)?;
        let page = page.to_vec();
        environment.submit(move || {
            load.lock().page(&page)?;
            Ok(answer(Answer::Nothing))
        })
    })
}

/// Publishes a load; the job's answer is the ids of its first node and edge, each as u64, little-endian.
#[napi]
pub fn finish_graph_load(env: Env, load: i32, level: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let level = hot::level(level)?;
        let Some(Object::GraphLoad(store, load)) = environment.handles.remove(load) else {
            return Err(stale("graph load"));
        };
        let store_id = store.id;
        environment.submit(move || {
            let loaded = load.lock().publish(level)?;
            Ok(Box::new(move |environment: &mut Environment| {
                // It is published, whether or not the store is still open.
                if let Ok(store) = environment.store_by_id(store_id) {
                    hot::note(&store, store.engine.newest_seq());
                }
                let ids = [loaded.first_node.0.to_le_bytes(), loaded.first_edge.0.to_le_bytes()];
                Ok(Answer::Bytes(ids.concat()))
            }) as Finish)
        })
    })
}

fn of(environment: &Environment, handle: i32) -> Result<GraphLoad> {
    match environment.handles.get(handle) {
        Some(Object::GraphLoad(_, load)) => Ok(load.clone()),
        _ => Err(stale("graph load")),
    }
}
