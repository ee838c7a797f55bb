//! The N-API addon: the only crate that knows JavaScript.
//!
//! `raw.rs` holds the dozen hot calls, `hot.rs` and `page.rs` their bodies, `binding_*.rs` the cold calls, `lifecycle.rs` what one
//! environment owns, `task.rs` the work away from the JavaScript thread.
#![deny(unsafe_code)]
// In a test build the macros export nothing, so nothing here is used but what a test names.
#![cfg_attr(test, allow(dead_code))]

mod binding_algorithm;
mod binding_bulk;
mod binding_fault;
mod binding_graph;
mod binding_graph_load;
mod binding_namespace;
mod binding_procedure;
mod binding_publish;
mod binding_query;
mod binding_read;
mod binding_repair;
mod binding_stats;
mod binding_store;
mod binding_vector;
mod binding_write;
mod error;
mod handle;
mod hot;
#[cfg(test)]
mod hot_tests;
mod lifecycle;
mod page;
mod raw;
mod reader;
mod report;
mod stream;
mod task;

use napi::Env;
use napi::bindgen_prelude::{JsValue, Object};
use napi_derive::napi;

/// Whose addon this is and of which version; `lib/native/binding.cjs` refuses every other.
const IDENTITY: &str = concat!("sledstore ", env!("CARGO_PKG_VERSION"));

#[napi(module_exports)]
fn init(mut exports: Object, env: Env) -> napi::Result<()> {
    exports.set("identity", IDENTITY)?;
    raw::install(env.raw(), exports.raw())
}
