//! What can still be read of a damaged store, as a new one.

use std::path::PathBuf;

use napi::Env;
use napi_derive::napi;
use sledstore_engine::{Progress, Store};

use crate::binding_store::{OpenOptions, job};
use crate::error::Code;
use crate::report;
use crate::task::Answer;

/// Makes a store at `to` of what is left of the one at `from`. The job reports progress and can be cancelled; its answer is
/// the report as JSON.
#[napi]
pub fn repair(env: Env, from: String, to: String, options: OpenOptions) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let options = options.into_engine()?;
        environment.submit_reporting(move |tell| {
            let mut progress = |progress: Progress| tell(progress.done as f64, progress.total as f64);
            let repaired = Store::repair(&PathBuf::from(from), &PathBuf::from(to), &options, &mut progress)?;
            Ok(Answer::Bytes(report::of_repair(&repaired).into_bytes()))
        })
    })
}
