//! SledStore's engine: namespaces of ordered byte rows with atomic batches, transactions and snapshots,
//! kept in a journal, memtables and packed blocks inside sled. It knows no JavaScript.
#![forbid(unsafe_code)]

mod backend;
mod block;
mod cache;
mod error;
mod journal;
pub mod key;
mod lock;
mod memtable;
mod options;
pub mod tuple;

pub use error::{Error, ErrorClass, ErrorCode, Result};
pub use options::*;
