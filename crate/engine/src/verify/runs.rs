//! Sorted runs: each goes on where the one before ends, and each of its rows is found where it is looked for.

use super::Walk;
use super::blocks::place_of;
use crate::block::Block;
use crate::key;
use crate::sorted_run::SortedRun;

impl Walk<'_> {
    /// Reads every run whole.
    pub fn check_runs(&mut self) {
        let inner = self.inner;
        let tables = inner.tables.load_full();
        let mut end = inner.checkpoint.applied();
        for run in &tables.runs {
            // Of one that the blocks hold in part nothing is lost.
            if run.after() > end || run.through() <= end {
                let what = format!("it holds the seqs from {} to {}, after {end}", run.after() + 1, run.through());
                self.report.damage("E15", run.path().display(), what);
            }
            end = run.through();
            self.check_run(run);
        }
    }

    fn check_run(&mut self, run: &SortedRun) {
        let (mut count, mut is_whole) = (0, true);
        for at in 0..run.blocks() {
            let sled_key = run.sled_key(at);
            match run.read(at).and_then(|stored| Block::decode(sled_key, &stored)) {
                Ok(block) => {
                    count += block.len() as u64;
                    self.check_rows(run, &block);
                }
                Err(error) => {
                    is_whole = false;
                    self.note_unreadable("E13", format!("{}, {}", run.path().display(), place_of(sled_key)), error);
                }
            }
        }
        if is_whole && count != run.rows() {
            self.report.damage("E13", run.path().display(), format!("it has {count} rows, not {}", run.rows()));
        }
        self.report.rows += count;
        self.report.blocks += run.blocks() as u64;
    }

    fn check_rows(&mut self, run: &SortedRun, block: &Block) {
        for index in 0..block.len() {
            let (key, seq) = (block.key_of(index).to_vec(), block.row(index).seq);
            let place = || format!("{}, row \"{}\"", run.path().display(), key.escape_ascii());
            if !(run.after() + 1..=run.through()).contains(&seq) {
                self.report.damage("E7", place(), format!("its seq {seq} is not one of the run's"));
            }
            if !run.may_hold(&key) {
                self.report.damage("E13", place(), "the run's filter denies it");
            }
            if !matches!(key::split_internal_key(&key), Some((key::SPACE_BASE, ..))) {
                self.report.damage("E13", place(), "its key is none of a row");
            }
        }
    }
}
