//! Vectors: questions and changes cross over as buffers, whose form `crate/vector` documents.

use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_engine::{Batch, Error, ErrorCode, Result};
use sledstore_vector::{Metric, VectorIndex, VectorOptions};

use crate::binding_store::{job, with};
use crate::error::{Code, stale};
use crate::hot::{self, Mode};
use crate::lifecycle::{Environment, Object, StoreEntry};
use crate::task::{Answer, Finish};

/// A vector index as a store's catalogue has it.
#[napi(object)]
pub struct VectorsRow {
    /// Its name.
    pub name: String,
    /// Components of each vector.
    pub dimensions: u32,
    /// `cosine`, `dot` or `l2`.
    pub metric: String,
}

/// Opens or creates a vector index; the same index has the same handle.
#[napi]
pub fn vectors(
    env: Env,
    store: i32,
    name: String,
    dimensions: u32,
    metric: String,
    key: String,
) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.clone();
        let unknown = || Error::new(ErrorCode::InvalidArgument, format!("there is no metric {metric}"));
        let metric = Metric::from_name(&metric).ok_or_else(unknown)?;
        let options = VectorOptions { key_codec: key, ..VectorOptions::new(dimensions as usize, metric) };
        let index = VectorIndex::open(&store.engine, &name, &options)?;
        hot::note(&store, store.engine.visible_seq());
        let number = index.namespace().get();
        let known = store.namespaces.borrow().get(&number).copied();
        if let Some(handle) =
            known.filter(|&handle| matches!(environment.handles.get(handle), Some(Object::Vectors(..))))
        {
            return Ok(handle);
        }
        let handle = environment.insert(Object::Vectors(store.clone(), index))?;
        store.namespaces.borrow_mut().insert(number, handle);
        Ok(handle)
    })
}

/// The vector indexes of a store.
#[napi]
pub fn vector_indexes(env: Env, store: i32) -> napi::Result<Vec<VectorsRow>, Code> {
    with(env, |environment| {
        let infos = VectorIndex::list(&environment.store(store)?.engine)?;
        let row = |info: sledstore_vector::IndexInfo| VectorsRow {
            name: info.name,
            dimensions: info.dimensions as u32,
            metric: info.metric.name().to_owned(),
        };
        Ok(infos.into_iter().map(row).collect())
    })
}

/// Drops a vector index; gives whether there was one.
#[napi]
pub fn drop_vectors(env: Env, store: i32, name: String) -> napi::Result<bool, Code> {
    with(env, |environment| {
        let store = environment.store(store)?;
        let dropped = VectorIndex::drop(&store.engine, &name)?;
        hot::note(store, store.engine.visible_seq());
        Ok(dropped)
    })
}

/// Answers a question; the answer is parked, and its length given. `reader` is as for the hot reads, and the newest
/// state is one state for the whole answer.
#[napi]
pub fn ask_vectors(env: Env, vectors: i32, reader: i32, question: Uint8ArraySlice<'_>) -> napi::Result<f64, Code> {
    with(env, |environment| {
        let (store, index) = entry(environment, vectors)?;
        let answer = match environment.handles.get(reader) {
            _ if reader == 0 => index.answer(&store.engine.snapshot()?, &question),
            Some(Object::Snapshot(owner, snapshot)) => {
                hot::same_store(owner, &store)?;
                index.answer(&**snapshot, &question)
            }
            Some(Object::Transaction(owner, transaction)) => {
                hot::same_store(owner, &store)?;
                index.answer(&**transaction, &question)
            }
            _ => Err(hot::ended()),
        }?;
        let length = answer.len() as f64;
        environment.parked = Some(answer);
        Ok(length)
    })
}

/// As [`ask_vectors`] for the newest state or a snapshot, away from the JavaScript thread.
#[napi]
pub fn ask_vectors_async(
    env: Env,
    vectors: i32,
    reader: i32,
    question: Uint8ArraySlice<'_>,
) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (store, index) = entry(environment, vectors)?;
        let snapshot = match environment.handles.get(reader) {
            _ if reader == 0 => store.engine.snapshot()?.into(),
            Some(Object::Snapshot(owner, snapshot)) => {
                hot::same_store(owner, &store)?;
                snapshot.clone()
            }
            _ => return Err(hot::ended()),
        };
        let question = question.to_vec();
        environment.submit(move || {
            let answer = index.answer(&*snapshot, &question)?;
            Ok(Box::new(move |_: &mut Environment| Ok(Answer::Bytes(answer))) as Finish)
        })
    })
}

/// Applies a buffer of changes as one commit; `mode` and answer as for the hot writes. In a transaction only a single
/// change is atomic, so a buffer for one holds no more than one.
#[napi]
pub fn change_vectors(env: Env, vectors: i32, changes: Uint8ArraySlice<'_>, mode: i32) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let (store, index) = entry(environment, vectors)?;
        match Mode::of(mode)? {
            Mode::Transaction(handle) => {
                index.apply_changes(hot::transaction(environment, handle, &store)?, &changes)?;
                Ok(hot::DONE)
            }
            mode => {
                let mut batch = Batch::new();
                index.apply_changes(&mut batch, &changes)?;
                hot::apply(&store, &batch, mode)
            }
        }
    })
}

fn entry(environment: &Environment, handle: i32) -> Result<(Rc<StoreEntry>, VectorIndex)> {
    match environment.handles.get(handle) {
        Some(Object::Vectors(store, index)) => Ok((store.clone(), index.clone())),
        _ => Err(stale("vector index")),
    }
}
