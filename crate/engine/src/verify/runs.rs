//! Sorted runs: each goes on where the one before ends, and each of its rows is found where it is looked for.

use super::Walk;
use crate::key;
use crate::sorted_run::{RunRows, SortedRun};

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
            if let Err(error) = self.check_run(run) {
                self.note_unreadable("E13", run.path().display(), error);
            }
        }
    }

    fn check_run(&mut self, run: &SortedRun) -> crate::Result<()> {
        let mut rows = RunRows::new(run)?;
        let mut count = 0;
        while let Some(row) = rows.peek() {
            count += 1;
            let place = || format!("{}, row \"{}\"", run.path().display(), row.key.escape_ascii());
            if !(run.after() + 1..=run.through()).contains(&row.seq) {
                self.report.damage("E7", place(), format!("its seq {} is not one of the run's", row.seq));
            }
            if !run.may_hold(row.key) {
                self.report.damage("E13", place(), "the run's filter denies it");
            }
            if !matches!(key::split_internal_key(row.key), Some((key::SPACE_BASE, ..))) {
                self.report.damage("E13", place(), "its key is none of a row");
            }
            rows.advance()?;
        }
        if count != run.rows() {
            self.report.damage("E13", run.path().display(), format!("it has {count} rows, not {}", run.rows()));
        }
        self.report.rows += count;
        self.report.blocks += run.blocks() as u64;
        Ok(())
    }
}
