//! Reads of sorted runs. Apart from other reads, and the same for all who read, for those are compiled once for each.

use std::sync::Arc;

use crate::cache::{CachedBlock, Wanted};
use crate::error::Result;
use crate::read::{Apply, PageIn};
use crate::row::RowKind;
use crate::sorted_run::SortedRun;
use crate::store::{Inner, Seq};

/// What runs know of a key at a seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InRuns {
    /// Its value was handed on.
    Row,
    Removed,
    /// Look further down.
    Nothing,
    /// A block would have to be read.
    Refused,
}

impl Inner {
    /// Looks for an internal key, in the newest run first.
    pub fn find_in_runs(
        &self,
        runs: &[Arc<SortedRun>],
        internal: &[u8],
        seq: Seq,
        page_in: PageIn,
        apply: Apply<'_>,
    ) -> Result<InRuns> {
        for run in runs.iter().rev().filter(|run| run.may_hold(internal)) {
            let Some(block) = run.block_of(internal) else { continue };
            let Some(cached) = self.run_block(run, block, page_in, Wanted::Row)? else { return Ok(InRuns::Refused) };
            let mut found = InRuns::Nothing;
            cached.find(internal, &mut |row| {
                found = match row.kind {
                    // E7: somebody who reads at an older seq finds an older version further down.
                    _ if row.seq > seq => InRuns::Nothing,
                    RowKind::Tombstone => InRuns::Removed,
                    _ => {
                        apply(row.value);
                        InRuns::Row
                    }
                };
            })?;
            if found != InRuns::Nothing {
                return Ok(found);
            }
        }
        Ok(InRuns::Nothing)
    }

    /// A block of a run, from the cache or its file; `None` when reading it is refused.
    pub fn run_block(
        &self,
        run: &SortedRun,
        at: usize,
        page_in: PageIn,
        wanted: Wanted,
    ) -> Result<Option<Arc<CachedBlock>>> {
        let sled_key = run.sled_key(at);
        if let Some(cached) = self.cache.lookup_fence(sled_key, wanted) {
            return Ok(Some(cached));
        }
        if page_in == PageIn::Refused {
            return Ok(None);
        }
        let generation = self.cache.generation();
        let stored = run.read(at)?;
        self.take_in(sled_key, &stored, generation).map(Some).map_err(|error| run.damaged(error))
    }
}
