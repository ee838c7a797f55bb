//! SledStore's engine: namespaces of ordered byte rows with atomic batches, transactions and snapshots,
//! kept in a journal, memtables and packed blocks inside sled. It knows no JavaScript.
#![forbid(unsafe_code)]

mod admission;
mod backend;
mod backend_files;
mod backend_guard;
mod backend_memory;
#[cfg(test)]
mod backend_tests;
mod background;
mod batch;
mod block;
mod block_files;
mod bulk;
mod cache;
mod catalogue_changes;
mod changes;
mod checkpoint;
mod clock;
mod commit;
mod compact;
mod disk;
mod disk_use;
mod error;
mod expiries;
mod folder;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod history;
mod journal;
pub mod key;
mod large;
mod lifecycle;
mod lock;
mod memtable;
mod merge;
mod meta;
mod namespace;
mod open;
mod options;
mod poison;
mod progress;
mod publish;
mod range;
mod read;
mod reclaim;
mod replay;
mod restore;
mod rewrite;
mod row;
mod rows;
mod scan;
mod scan_merge;
mod snapshot;
mod snapshot_file;
mod sorted_run;
mod spill;
mod stats;
mod store;
mod store_file;
mod tables;
#[cfg(test)]
mod tests;
mod transaction;
pub mod tuple;
mod verify;
mod views;
mod writer;

pub use batch::{Batch, Operation, OperationKind, Operations};
pub use bulk::BulkLoad;
pub use clock::Clock;
pub use disk_use::DiskStats;
pub use error::{Error, ErrorClass, ErrorCode, Result};
pub use large::{LargeReader, LargeWriter};
pub use namespace::{Namespace, NamespaceId, NamespaceOptions};
pub use options::*;
pub use progress::Progress;
pub use publish::{PublishOptions, Published};
pub use range::KeyRange;
pub use scan::{Scan, ScanOptions};
pub use snapshot::ReaderSummary;
pub use stats::{MemoryStats, Recovery, Stats};
pub use store::{Read, Seq, Snapshot, Status, Store, Write};
pub use transaction::Transaction;
pub use verify::{Finding, Severity, VerifyReport};
pub use views::Located;
