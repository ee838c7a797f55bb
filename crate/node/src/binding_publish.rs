//! Published snapshots, backups and stores made from them.

use std::path::PathBuf;

use napi::Env;
use napi_derive::napi;
use sledstore_engine::{PublishOptions, Published, Result, Store};

use crate::binding_store::{OpenOptions, compression_of, job, long_job};
use crate::error::Code;
use crate::lifecycle::Environment;
use crate::task::{Answer, Finish};

/// `{ seq, rows, bytes }`.
fn answer(published: Result<Published>) -> Result<Answer> {
    let Published { seq, rows, bytes } = published?;
    Ok(Answer::Bytes(format!(r#"{{"seq":{seq},"rows":{rows},"bytes":{bytes}}}"#).into_bytes()))
}

/// Writes the store to a file that is only read; the job's answer is what was written, as JSON. It reports progress and
/// can be cancelled.
#[napi]
pub fn publish(env: Env, store: i32, path: String, compression: Option<String>) -> napi::Result<u32, Code> {
    long_job(env, store, move |engine, progress| {
        let compression = compression.as_deref().map(compression_of).transpose()?;
        answer(engine.publish_with(&PathBuf::from(path), &PublishOptions { compression }, progress))
    })
}

/// The same to a new file, which is read back.
#[napi]
pub fn backup(env: Env, store: i32, path: String) -> napi::Result<u32, Code> {
    long_job(env, store, move |engine, progress| answer(engine.backup(&PathBuf::from(path), progress)))
}

/// Opens a published file off the JavaScript thread; the job's answer is the store's handle.
#[napi]
pub fn open_snapshot(env: Env, path: String, options: OpenOptions) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let options = options.into_engine()?;
        environment.submit(move || {
            let store = Store::open_snapshot(&PathBuf::from(path), &options)?;
            Ok(Box::new(move |environment: &mut Environment| {
                environment.insert_store(store).map(|handle| Answer::Number(f64::from(handle)))
            }) as Finish)
        })
    })
}

/// Makes a store in a folder from a published file. The job reports progress and can be cancelled.
#[napi]
pub fn restore(env: Env, file: String, folder: String, options: OpenOptions) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let options = options.into_engine()?;
        environment.submit_reporting(move |report| {
            let (file, folder) = (PathBuf::from(file), PathBuf::from(folder));
            let mut progress =
                |progress: sledstore_engine::Progress| report(progress.done as f64, progress.total as f64);
            Store::restore(&file, &folder, &options, &mut progress).map(|()| Answer::Nothing)
        })
    })
}
