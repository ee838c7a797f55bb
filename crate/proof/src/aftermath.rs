//! What is left when processes have ended, checked one after the other.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use crate::check::{Found, open_and_check};
use crate::folder::copy_folder;
use crate::oracle::{Oracle, Survives};
use crate::outcome::Outcome;
use crate::plan::ENDS_PER_STORE;
use crate::victim::Said;
use crate::workload::Workload;

/// Why a harness cannot go on.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Damages a store before it is checked: what a test plants.
pub type Fault = fn(&Path) -> std::io::Result<()>;

/// A store after the end of a process.
pub struct Aftermath {
    /// The cycle; its quotient by [`ENDS_PER_STORE`] is the store's seed.
    pub seed: u64,
    /// What was found while the process lived.
    pub outcome: Outcome,
    /// What the process said.
    pub said: Said,
    /// A copy of the store; none where there is no store.
    pub copy: Option<PathBuf>,
}

/// How copies are checked.
pub struct Checker {
    /// What the stores came through.
    pub survives: Survives,
    /// Cycles before this one only made the store what it is, and are not reported.
    pub first: u64,
    /// Gets what something was found in.
    pub evidence: PathBuf,
    /// What a test plants.
    pub fault: Option<Fault>,
}

impl Checker {
    /// Checks what is sent, prints the outcomes and removes the copies.
    ///
    /// # Errors
    /// What copying files and printing can meet.
    pub fn check_all(&self, ended: &Receiver<Aftermath>) -> Result<(), Failure> {
        let mut oracle = Oracle::default();
        let mut life = u64::MAX;
        for mut aftermath in ended {
            if aftermath.seed / ENDS_PER_STORE != life {
                life = aftermath.seed / ENDS_PER_STORE;
                oracle = Oracle::default();
            }
            oracle.next_process();
            aftermath.said.binding().for_each(|line| oracle.hear(line));
            self.check(life, &mut oracle, &mut aftermath)?;
            if aftermath.seed >= self.first {
                aftermath.outcome.print()?;
            }
        }
        Ok(())
    }

    fn check(&self, life: u64, oracle: &mut Oracle, aftermath: &mut Aftermath) -> Result<(), Failure> {
        let Aftermath { seed, outcome, copy, said } = aftermath;
        for complaint in oracle.wrong().iter().cloned().chain(said.groundless_errors()) {
            outcome.wrong += 1;
            outcome.notes.push(complaint);
        }
        // Opening changes a store; what was found in it must be seen as it was left.
        let as_left = copy.as_ref().map(|copy| copy.with_extension("as-left"));
        if let (Some(copy), Some(as_left)) = (&copy, &as_left) {
            copy_folder(copy, as_left)?;
        }
        let found = match copy {
            Some(copy) => {
                self.fault.map_or(Ok(()), |fault| fault(copy))?;
                open_and_check(copy, &Workload::new(life).options(), life, oracle, self.survives)
            }
            None => Found::nothing(oracle, self.survives),
        };
        outcome.add(&found);
        oracle.settle(&found.steps);
        if let (Some(copy), Some(as_left)) = (copy, as_left) {
            if !outcome.is_clean() && *seed >= self.first {
                let evidence = self.evidence.join(format!("found-{seed}"));
                copy_folder(copy, &evidence.join("as-opened"))?;
                copy_folder(&as_left, &evidence.join("as-left"))?;
                std::fs::write(evidence.join("said"), said.lines.join("\n"))?;
            }
            std::fs::remove_dir_all(copy)?;
            std::fs::remove_dir_all(as_left)?;
        }
        Ok(())
    }
}
