//! Whether a frozen memtable becomes a sorted run, and when runs are folded into the blocks.
//!
//! Merging a memtable costs what it rewrites: little where keys ascend or lie together, all blocks where they lie
//! everywhere. What the last merge has cost tells which it is.

use std::sync::Arc;

use crate::checkpoint::Run;
use crate::error::Result;
use crate::key;
use crate::merge::Versions;
use crate::meta;
use crate::options::Durability;
use crate::rewrite::BlockWriter;
use crate::sorted_run::SortedRun;
use crate::stats::Counter;
use crate::store::{Inner, Seq};
use crate::tables::{Table, Tables};

/// More runs than this cost reads too much.
const RUNS_MAX: usize = 8;
/// A merge that wrote more than so many times what it merged, in percent, has its like spilled from then on,
const SPILLED_ABOVE_PERCENT: u64 = 150;
/// until a fold wrote no more than so many times what it folded.
const MERGED_BELOW_PERCENT: u64 = 80;

/// What the last merge has cost, and so what becomes of the next memtable.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spilling(bool);

impl Spilling {
    /// Bytes of blocks were written for so many bytes of rows.
    pub fn note(&mut self, written: u64, merged: u64) {
        let percent = written.saturating_mul(100) / merged.max(1);
        self.0 = if self.0 { percent > MERGED_BELOW_PERCENT } else { percent > SPILLED_ABOVE_PERCENT };
    }
}

impl Inner {
    /// Whether the next frozen memtable is to become a run.
    pub fn is_to_spill(&self, run: &Run, tables: &Tables, table: &Table) -> bool {
        let may = self.run_files.is_some() && !run.recount && table.is_plain() && tables.runs.len() < RUNS_MAX;
        may && (run.spilling.0 || !tables.runs.is_empty() || self.spills_always())
    }

    #[cfg(test)]
    fn spills_always(&self) -> bool {
        self.spills_always.load(std::sync::atomic::Ordering::Relaxed)
    }

    #[cfg(not(test))]
    fn spills_always(&self) -> bool {
        false
    }

    /// Whether the runs have grown to half of the blocks, or to what reads and memory can bear.
    pub fn is_fold_due(&self, run: &Run, tables: &Tables) -> bool {
        let bytes: u64 = tables.runs.iter().map(|run| run.bytes()).sum();
        let memory: usize = tables.runs.iter().map(|run| run.memory_bytes()).sum();
        let is_due = tables.runs.len() >= RUNS_MAX
            || bytes > run.live_bytes.unwrap_or(0) / 2
            || memory > self.shares().runs_bytes;
        is_due && !tables.runs.is_empty()
    }

    /// Writes the oldest frozen memtable as a run and lets its journal go, one run behind. `false` when a reader needs
    /// versions that a run does not hold.
    pub fn spill(self: &Arc<Self>, run: &mut Run, table: &Table) -> Result<bool> {
        let Some(files) = &self.run_files else { return Ok(false) };
        let through = table.max_seq();
        self.journal.flush()?;
        self.journal.wait(through, Durability::Full)?;
        let before = self.tables.load_full();
        let after = before.runs.last().map_or(self.checkpoint.applied(), |last| last.through());
        let number = run.next_run;
        let mut writer = files.create(number, (after, through), self.plan.block_bytes, self.format.compression)?;
        // Whoever begins to read from now on reads at a later seq than the table's.
        let live = self.readers.live();
        let mut versions = Versions::of_space(&table.memtable, key::SPACE_BASE);
        let mut newest: Option<(Vec<u8>, Seq)> = None;
        while let Some(row) = versions.peek() {
            match &mut newest {
                Some((key, newer)) if key == row.key => {
                    if live.keeps(&row.lifetime(), Some(*newer)) {
                        return Ok(false);
                    }
                    *newer = row.seq;
                }
                Some((key, newer)) => {
                    writer.push(&row)?;
                    key.clear();
                    key.extend_from_slice(row.key);
                    *newer = row.seq;
                }
                None => {
                    writer.push(&row)?;
                    newest = Some((row.key.to_vec(), row.seq));
                }
            }
            versions.advance();
        }
        let written = Arc::new(writer.finish()?);
        run.next_run += 1;
        self.counters.add(Counter::BlocksWritten, written.blocks() as u64);
        self.counters.add(Counter::BlockBytesWritten, written.bytes());
        let runs = before.runs.iter().cloned().chain([written]).collect();
        self.release_oldest_frozen(table, runs);
        self.settle_blocks(run)?;
        self.journal.trim(after)?;
        Ok(true)
    }

    /// E15: a sled that falls back by one flush comes to the blocks as they are now, so that the journal of what they
    /// hold may go.
    fn settle_blocks(self: &Arc<Self>, run: &mut Run) -> Result<()> {
        let applied = self.checkpoint.applied();
        if run.falls_back_to == Some(applied) {
            return Ok(());
        }
        let number = run.number + 1;
        meta::write_pending(&*self.backend, applied, number)?;
        let mut writer = BlockWriter::new(self, run);
        self.complete(run, &mut writer, applied, number)
    }

    /// Runs whose rows the blocks have now: readers no longer look into them, and their files go with the next checkpoint.
    pub fn retire_runs(&self, run: &mut Run, folded: &[Arc<SortedRun>]) {
        for old in folded {
            self.cache.remove_namespace(key::SPACE_RUNS, old.number());
        }
        run.folded_runs.extend(folded.iter().map(|old| old.number()));
    }

    /// Removes the files of runs that were folded before the last checkpoint.
    pub fn remove_folded_runs(&self, run: &mut Run) {
        if let Some(files) = &self.run_files {
            run.folded_runs.drain(..).for_each(|number| files.remove(number));
        }
    }
}
