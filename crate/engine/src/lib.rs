//! SledStore's engine: namespaces of ordered byte rows with atomic batches, transactions and snapshots,
//! kept in a journal, memtables and packed blocks inside sled. It knows no JavaScript.
#![forbid(unsafe_code)]

#[allow(dead_code)]
mod backend;
mod backend_guard;
#[allow(dead_code)]
mod backend_memory;
#[cfg(test)]
mod backend_tests;
mod block;
mod cache;
mod error;
mod journal;
pub mod key;
#[allow(dead_code)]
mod lock;
mod memtable;
mod options;

pub use error::{Error, ErrorClass, ErrorCode, Result};
pub use options::*;
