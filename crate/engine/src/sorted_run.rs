//! Sorted runs: frozen memtables on disk, each in a file of its own, until several of them are folded into the blocks
//! together.
//!
//! To merge a memtable whose keys lie everywhere rewrites every block for a few rows each. A run is written once, in the
//! order of its keys; folding rewrites the blocks when the runs have grown to a part of them (docs/decisions/0012). Reads
//! look at runs as they look at memtables: newest first, behind a filter.
//!
//! A run holds the newest version of each key, tombstones too, and stands for the seqs above `after` up to `through`. Its
//! file is complete under its name or not there. It goes one checkpoint after it was folded, so that a sled which falls
//! back is refilled from it (E15).

mod file;
mod filter;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod rows;
pub(crate) mod salvage;
mod write;

use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::options::Compression;
use crate::store::Seq;

pub(crate) use file::SortedRun;
pub(crate) use rows::RunRows;
pub(crate) use write::SortedRunWriter;

/// Folder of the runs inside the store's folder.
pub(crate) const RUNS_FOLDER: &str = "runs";

const EXTENSION: &str = ".run";

fn file_name(number: u32) -> String {
    format!("{number:08x}{EXTENSION}")
}

/// The number of a run's file; `None` for any other name.
fn parse_name(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(EXTENSION).filter(|digits| digits.len() == 8)?;
    u32::from_str_radix(digits, 16).ok()
}

/// The files of a store's `runs` folder.
pub(crate) struct RunFiles {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    store_id: u128,
}

impl RunFiles {
    pub fn new(disk: Arc<dyn Disk>, folder: PathBuf, store_id: u128) -> Self {
        Self { disk, folder, store_id }
    }

    /// Every run that is there, oldest first.
    pub fn load(&self) -> Result<Vec<Arc<SortedRun>>> {
        let fail = |error| Error::io(format!("reading {}", self.folder.display()), error);
        let names = self.disk.list(&self.folder).map_err(fail)?;
        let mut numbers: Vec<u32> = names.iter().filter_map(|name| parse_name(name)).collect();
        numbers.sort_unstable();
        let open = |number| {
            let path = self.folder.join(file_name(number));
            SortedRun::open(&*self.disk, &path, self.store_id, number).map(Arc::new)
        };
        numbers.into_iter().map(open).collect()
    }

    /// Begins to write a run that stands for the seqs above `after` up to `through`.
    pub fn create(
        &self,
        number: u32,
        (after, through): (Seq, Seq),
        block_bytes: usize,
        compression: Compression,
    ) -> Result<SortedRunWriter> {
        let fail = |error| Error::io(format!("creating {}", self.folder.display()), error);
        self.disk.create_folder(&self.folder).map_err(fail)?;
        let path = self.folder.join(file_name(number));
        let identity = file::Identity { store_id: self.store_id, number, after, through };
        SortedRunWriter::create(&self.disk, path, identity, block_bytes, compression)
    }

    /// Removes a run that nobody needs any more; one that stays is found, and goes, after the next open.
    pub fn remove(&self, number: u32) {
        let _ = self.disk.remove(&self.folder.join(file_name(number)));
    }
}

/// Of all runs those that hold what the blocks lack, which end at `applied`: each goes on where the one before it ends.
pub(crate) fn chain(runs: &[Arc<SortedRun>], applied: Seq) -> Vec<Arc<SortedRun>> {
    let mut end = applied;
    let mut chain: Vec<Arc<SortedRun>> = Vec::new();
    for run in runs {
        if run.through() > end && run.after() <= end && (chain.is_empty() || run.after() == end) {
            end = run.through();
            chain.push(run.clone());
        }
    }
    chain
}
