//! Writes that need more than a hot call.

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_engine::{Batch, Durability, Result, Write};

use crate::binding_store::{job, with};
use crate::error::{Code, stale};
use crate::hot::{self, Mode};
use crate::lifecycle::{Environment, Object};
use crate::page;
use crate::task::{Answer, Finish, Lent};

/// Removes the keys of a range; `mode` as for the hot writes.
#[napi]
pub fn clear(
    env: Env,
    namespace: i32,
    start: Uint8ArraySlice<'_>,
    end: Uint8ArraySlice<'_>,
    flags: i32,
    mode: i32,
) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let range = page::range_of(&start, &end, flags);
        let entry = environment.namespace(namespace)?;
        let (store, id) = (entry.store.clone(), entry.id);
        match Mode::of(mode)? {
            Mode::Transaction(handle) => {
                hot::transaction(environment, handle, &store)?.clear(id, &range)?;
                Ok(hot::DONE)
            }
            mode => {
                let mut batch = Batch::new();
                batch.clear(id, &range)?;
                hot::apply(&store, &batch, mode)
            }
        }
    })
}

/// Stores `replacement` if the key holds `expected`; gives whether it did.
#[napi]
pub fn compare_and_set(
    env: Env,
    namespace: i32,
    key: Uint8ArraySlice<'_>,
    expected: Option<Uint8ArraySlice<'_>>,
    replacement: Option<Uint8ArraySlice<'_>>,
    level: i32,
) -> napi::Result<bool, Code> {
    with(env, |environment| {
        let entry = environment.namespace(namespace)?;
        let engine = &entry.store.engine;
        let level = hot::level(level)?;
        let set = engine.compare_and_set(entry.id, &key, expected.as_deref(), replacement.as_deref(), level)?;
        if set {
            hot::note(&entry.store, engine.newest_seq());
        }
        Ok(set)
    })
}

/// Begins a large value; the job's answer is its writer's handle.
#[napi]
pub fn open_value_writer(env: Env, namespace: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let entry = environment.namespace(namespace)?;
        let (engine, id, store_id) = (entry.store.engine.clone(), entry.id, entry.store.id);
        environment.submit(move || {
            let writer = engine.large_writer(id)?;
            Ok(Box::new(move |environment: &mut Environment| {
                let store = environment.store_by_id(store_id)?;
                let handle = environment.insert(Object::ValueWriter(store, Box::new(writer)))?;
                Ok(Answer::Number(f64::from(handle)))
            }) as Finish)
        })
    })
}

/// Appends a part to a large value; the job ends when there is room for more.
#[napi]
pub fn write_value_part(env: Env, writer: i32, bytes: Uint8ArraySlice<'_>) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let bytes = bytes.to_vec();
        environment.submit_with(writer, "value writer", move |lent| {
            let Lent::ValueWriter(writer) = lent else { return Err(stale("value writer")) };
            writer.write(&bytes)?;
            Ok(Answer::Nothing)
        })
    })
}

/// Commits a large value under `key`, for `ttl_ms` if that is given; a later `sync` waits for its durability.
#[napi]
pub fn finish_value(env: Env, writer: i32, key: Uint8ArraySlice<'_>, ttl_ms: Option<i64>) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let Some(Object::ValueWriter(store, writer)) = environment.handles.remove(writer) else {
            return Err(stale("value writer"));
        };
        let (engine, key, store_id) = (store.engine.clone(), key.to_vec(), store.id);
        let ttl_ms = ttl_ms.map(|ttl_ms| ttl_ms.max(0).unsigned_abs());
        environment.submit(move || finish(&engine, *writer, &key, ttl_ms, store_id))
    })
}

fn finish(
    engine: &sledstore_engine::Store,
    writer: sledstore_engine::LargeWriter,
    key: &[u8],
    ttl_ms: Option<u64>,
    store_id: u64,
) -> Result<Finish> {
    let expires_at = ttl_ms.map(|ttl_ms| engine.expiry_in(ttl_ms));
    let seq = engine.finish_large(writer, key, expires_at, Durability::None)?;
    Ok(Box::new(move |environment: &mut Environment| {
        hot::note(&*environment.store_by_id(store_id)?, seq);
        Ok(Answer::Nothing)
    }))
}
