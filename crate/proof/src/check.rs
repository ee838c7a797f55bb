//! What a store holds after a crash, held against what was promised.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use sledstore_engine::{Options, Result, Severity, Store};

use crate::lane::Lane;
use crate::oracle::{Oracle, Survives};
use crate::progress::{self, Progress};
use crate::work;

/// Notes of one check; more say nothing new.
const NOTES_MAX: usize = 12;

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Acknowledged steps that are missing.
    pub lost: u64,
    /// Wrong answers: half a step, steps that nobody began, holes, findings of `verify`, errors.
    pub wrong: u64,
    /// What it was, for people.
    pub notes: Vec<String>,
    /// How many steps of each lane the store holds.
    pub steps: BTreeMap<Lane, u64>,
}

impl Found {
    /// Whether all is as promised.
    pub fn is_clean(&self) -> bool {
        self.lost == 0 && self.wrong == 0
    }

    /// Where there is no store at all.
    pub fn nothing(oracle: &Oracle, survives: Survives) -> Self {
        let mut found = Self::default();
        for lane in Lane::ALL {
            found.steps.insert(lane, 0);
            found.lost += oracle.least(lane, survives);
        }
        if found.lost > 0 {
            found.note("there is no store");
        }
        found
    }

    fn wrong(&mut self, what: impl Into<String>) {
        self.wrong += 1;
        self.note(what);
    }

    fn note(&mut self, what: impl Into<String>) {
        if self.notes.len() < NOTES_MAX {
            self.notes.push(what.into());
        }
    }
}

/// Opens the store of a folder, checks it, checkpoints and closes it.
pub fn open_and_check(folder: &Path, options: &Options, seed: u64, oracle: &Oracle, survives: Survives) -> Found {
    let store = match catch_unwind(|| Store::open(folder, options)) {
        Ok(Ok(store)) => store,
        Ok(Err(error)) => {
            let mut found = Found::default();
            found.wrong(format!("it does not open: {error}"));
            return found;
        }
        Err(_) => return panicked("opening"),
    };
    let mut found = check(&store, seed, oracle, survives);
    match catch_unwind(AssertUnwindSafe(|| store.close())) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => found.wrong(format!("it does not close: {error}")),
        Err(_) => found.wrong("closing panics"),
    }
    found
}

/// Checks an open store, to which nobody writes meanwhile: each lane's content, the order between lanes, and `verify` before
/// and after a checkpoint.
pub fn check(store: &Store, seed: u64, oracle: &Oracle, survives: Survives) -> Found {
    let mut found = Found::default();
    let checked = catch_unwind(AssertUnwindSafe(|| {
        for lane in Lane::ALL {
            if let Err(error) =
                check_lane(store, lane, seed, (oracle.least(lane, survives), oracle.most(lane)), &mut found)
            {
                found.wrong(format!("reading {}: {error}", lane.name()));
            }
        }
        for hole in oracle.holes(&found.steps) {
            found.wrong(hole);
        }
        if let Err(error) = verify(store, &mut found) {
            found.wrong(format!("verifying: {error}"));
        }
    }));
    if checked.is_err() { panicked("a read") } else { found }
}

fn panicked(what: &str) -> Found {
    let mut found = Found::default();
    found.wrong(format!("{what} panics"));
    found
}

fn check_lane(store: &Store, lane: Lane, seed: u64, (least, most): (u64, u64), found: &mut Found) -> Result<()> {
    // What is only looked at must not come into being by it.
    let has_begun = store.namespaces().iter().any(|namespace| namespace.name == progress::NAMESPACE);
    let count = if has_begun { Progress::open(store, lane)?.read(store)? } else { 0 };
    found.steps.insert(lane, count);
    if count < least {
        found.lost += least - count;
        found.note(format!("{}: {count} steps of {least} that were acknowledged", lane.name()));
    }
    if count > most {
        found.wrong(format!("{}: {count} steps of {most} that were begun", lane.name()));
        return Ok(());
    }
    if count == 0 {
        return Ok(());
    }
    let mut work = work::begin(store, lane, seed)?;
    (0..count).for_each(|number| work.replay(number));
    for difference in work.differences(store)? {
        found.wrong(format!("after {count} steps of {}: {difference}", lane.name()));
    }
    Ok(())
}

fn verify(store: &Store, found: &mut Found) -> Result<()> {
    let report = store.verify(&mut |_| true)?;
    // What a crash leaves unused goes with the next checkpoint.
    for finding in report.findings.iter().filter(|finding| finding.severity == Severity::Damage) {
        found.wrong(format!("verify: {finding}"));
    }
    if !store.is_read_only() {
        store.checkpoint()?;
        for finding in store.verify(&mut |_| true)?.findings {
            found.wrong(format!("verify after a checkpoint: {finding}"));
        }
    }
    Ok(())
}
