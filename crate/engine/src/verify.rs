//! `verify`: walks everything a store holds and names each broken invariant and its place.

mod blocks;
mod chunks;
mod rest;
mod runs;
mod unreadable;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

use crate::checkpoint::Run;
use crate::error::{Error, ErrorCode, Result};
use crate::meta::Applied;
use crate::progress::{Progress, WalkedBlocks};
use crate::store::{Inner, Seq, Store};

use self::chunks::Values;

/// What a finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Space that nothing uses; every answer is right.
    Waste,
    /// Answers may be wrong or missing: restore the store's folder from a copy.
    Damage,
}

/// One broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The invariant's number in ARCHITECTURE.md, e.g. `"E14"`.
    pub invariant: &'static str,
    /// Where: a block's sled key, a file and offset, a row.
    pub place: String,
    /// What is wrong there.
    pub what: String,
    /// What it means.
    pub severity: Severity,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.invariant, self.place, self.what)
    }
}

/// What `verify` saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Blocks read, of all spaces.
    pub blocks: u64,
    /// Rows in them.
    pub rows: u64,
    /// Bytes of the stored blocks and their sled keys.
    pub bytes: u64,
    /// Journal records read.
    pub journal_records: u64,
    /// What is wrong; empty for a sound store.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn damage(&mut self, invariant: &'static str, place: impl fmt::Display, what: impl fmt::Display) {
        self.add(Severity::Damage, invariant, place, what);
    }

    fn waste(&mut self, invariant: &'static str, place: impl fmt::Display, what: impl fmt::Display) {
        self.add(Severity::Waste, invariant, place, what);
    }

    fn add(&mut self, severity: Severity, invariant: &'static str, place: impl fmt::Display, what: impl fmt::Display) {
        self.findings.push(Finding { invariant, place: place.to_string(), what: what.to_string(), severity });
    }
}

impl Store {
    /// Reads every block, every large value, the catalogue and the journal, and reports what contradicts an
    /// invariant. Checkpoints wait meanwhile, so writers may, too. `progress` is called now and then, in blocks; its
    /// `false` ends the work.
    ///
    /// # Errors
    /// `ABORTED` when `progress` asked for it, `CLOSED`, and what the system or a poisoned store refuses to read. Damage
    /// is no error but a [`Finding`].
    pub fn verify(&self, progress: &mut dyn FnMut(Progress) -> bool) -> Result<VerifyReport> {
        self.check_open()?;
        self.inner.check_readable()?;
        let run = self.inner.checkpoint.hold();
        let mut walk = Walk::new(&self.inner, &run, progress)?;
        walk.tell_progress()?;
        walk.check_positions();
        walk.check_catalogue();
        walk.check_blocks()?;
        walk.check_values();
        walk.check_meta();
        walk.check_expiries();
        walk.check_hash();
        walk.check_live_bytes();
        walk.check_block_files();
        walk.check_runs();
        walk.check_journal();
        if let Some(failed) = walk.failed {
            return Err(failed);
        }
        (walk.progress)(walk.walked.whole());
        Ok(walk.report)
    }
}

/// One run of `verify`; checkpoints are held off as long as it lives.
struct Walk<'a> {
    inner: &'a std::sync::Arc<Inner>,
    run: &'a Run,
    progress: &'a mut dyn FnMut(Progress) -> bool,
    report: VerifyReport,
    values: Values,
    counted: blocks::Counted,
    /// Live namespaces and those still to be reclaimed; none when the catalogue cannot be read.
    namespaces: Option<std::collections::BTreeSet<u32>>,
    walked: WalkedBlocks,
    /// E7: no row in a block is newer.
    newest_seq: Seq,
    /// While an interrupted checkpoint waits to be repeated, blocks may overlap and sums are not counted yet (E14).
    is_settled: bool,
    /// A refusal to read, which says nothing about what is stored.
    failed: Option<Error>,
}

impl<'a> Walk<'a> {
    fn new(
        inner: &'a std::sync::Arc<Inner>,
        run: &'a Run,
        progress: &'a mut dyn FnMut(Progress) -> bool,
    ) -> Result<Self> {
        let walked = WalkedBlocks::new(inner);
        let (report, values, counted) = (VerifyReport::default(), Values::default(), blocks::Counted::default());
        let applied = Applied { seq: inner.checkpoint.applied(), number: run.number };
        let pending = crate::meta::read_pending(&*inner.backend).ok(); // what is wrong with it comes with the meta rows
        let newest_seq = pending.map_or(Seq::MAX, |pending| applied.seq.max(pending.seq));
        // Interrupted before the last open, or by the failure that poisoned the store.
        let is_settled = !run.recount && pending == Some(applied);
        let (namespaces, failed) = (None, None);
        Ok(Self { inner, run, progress, report, values, counted, namespaces, walked, newest_seq, is_settled, failed })
    }

    /// Something could not be read: a finding, if it is damaged.
    fn note_unreadable(&mut self, invariant: &'static str, place: impl fmt::Display, error: Error) {
        match error.code() {
            // A panic inside sled: its files are not what it wrote.
            ErrorCode::Corruption | ErrorCode::FormatTooNew | ErrorCode::Internal => {
                self.report.damage(invariant, place, error.what());
            }
            _ => drop(self.failed.get_or_insert(error)),
        }
    }

    fn tell_progress(&mut self) -> Result<()> {
        if (self.progress)(self.walked.progress()) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Aborted, "verify was ended"))
    }
}
