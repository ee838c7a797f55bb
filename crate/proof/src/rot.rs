//! Harness rot: damages one file of a store and looks at what opens, reads, verify and repair make of it.

mod damage;
mod expected;
mod repaired;
mod sample;
mod trial;

use std::path::{Path, PathBuf};

use serde_json::Value;

use self::sample::Samples;

/// The stores that are damaged, and where.
pub struct Rot {
    samples: Samples,
    work: PathBuf,
    is_planted: bool,
}

impl Rot {
    /// Works in an empty folder, best in memory. `is_planted` swaps two values of what is held to be right, so that a run must
    /// find something.
    pub fn new(folder: &Path, is_planted: bool) -> Self {
        Self { samples: Samples::new(folder), work: folder.join("work"), is_planted }
    }

    /// Damages one file, and gives what became of it as a harness reports it.
    pub fn cycle(&mut self, seed: u64) -> Value {
        trial::run(&mut self.samples, &self.work, seed, self.is_planted).to_json(seed)
    }
}
