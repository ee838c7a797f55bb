//! Decoders fed with any bytes. A target panics when one breaks its word; a fuzzer (`bin/fuzz.rs`) looks for the bytes.
//!
//! What a target takes is described in its file. Seeds are made by the writers that the decoders read, so that a
//! fuzzer starts with what is well-formed.

mod batch;
mod graph;
mod query;
mod snapshot;
mod tuple;
mod vector;

use sledstore_engine::fuzzing as engine;

/// A thing to feed.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Takes one input.
    pub run: fn(&[u8]),
    /// Inputs to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target. The last one is broken: a fuzzer that does not find its fault finds none.
pub const TARGETS: [Target; 13] = [
    Target { name: "batch", run: batch::run, seeds: batch::seeds },
    Target { name: "block", run: engine::block, seeds: engine::block_seeds },
    Target { name: "graph", run: graph::run, seeds: graph::seeds },
    Target { name: "journal", run: engine::journal, seeds: engine::journal_seeds },
    Target { name: "key", run: engine::keys, seeds: engine::key_seeds },
    Target { name: "query", run: query::run, seeds: query::seeds },
    Target { name: "row", run: engine::rows, seeds: engine::row_seeds },
    Target { name: "run", run: engine::run, seeds: engine::run_seeds },
    Target { name: "salvage", run: engine::salvage, seeds: engine::salvage_seeds },
    Target { name: "small-file", run: engine::small_files, seeds: engine::small_file_seeds },
    Target { name: "snapshot", run: snapshot::run, seeds: snapshot::seeds },
    Target { name: "tuple", run: tuple::run, seeds: tuple::seeds },
    Target { name: "vector", run: vector::run, seeds: vector::seeds },
];

/// Breaks on bytes that chance does not hit, but that who sees which branches are taken does.
pub const PLANTED: Target = Target { name: "planted", run: planted, seeds: || vec![vec![0; 16]] };

fn planted(input: &[u8]) {
    let magic = input.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let length = input.get(8).copied().map(usize::from);
    if magic == Some(0x5eed_0ffa_0417) && length == Some(input.len()) {
        panic!("the planted fault");
    }
}

/// The target of a name, the planted one among them.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().chain([PLANTED]).find(|target| target.name == name)
}
