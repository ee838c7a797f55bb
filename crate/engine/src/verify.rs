//! `verify`: walks everything a store holds and names each broken invariant and its place.

mod blocks;
mod chunks;
mod rest;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

use crate::checkpoint::Run;
use crate::error::{Error, ErrorCode, Result};
use crate::progress::{Progress, WalkedBlocks};
use crate::store::{Inner, Store};

use self::chunks::Values;

/// What a finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Space that nothing uses; every answer is right.
    Waste,
    /// Answers may be wrong or missing: restore a backup, or repair into a new store.
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
    /// `ABORTED` when `progress` asked for it, `CLOSED`. Damage is no error but a [`Finding`].
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
        walk.check_hash();
        walk.check_journal();
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
    newest_seq: u64,
}

impl<'a> Walk<'a> {
    fn new(
        inner: &'a std::sync::Arc<Inner>,
        run: &'a Run,
        progress: &'a mut dyn FnMut(Progress) -> bool,
    ) -> Result<Self> {
        let walked = WalkedBlocks::new(inner);
        let (report, values, counted) = (VerifyReport::default(), Values::default(), blocks::Counted::default());
        let pending = crate::meta::read_pending(&*inner.backend).map_or(0, |pending| pending.seq);
        let newest_seq = inner.checkpoint.applied().max(pending);
        Ok(Self { inner, run, progress, report, values, counted, namespaces: None, walked, newest_seq })
    }

    fn tell_progress(&mut self) -> Result<()> {
        if (self.progress)(self.walked.progress()) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Aborted, "verify was ended"))
    }

    /// While an interrupted checkpoint waits to be repeated, blocks may overlap and sums are not counted yet (E14).
    fn is_settled(&self) -> bool {
        !self.run.recount
    }
}
