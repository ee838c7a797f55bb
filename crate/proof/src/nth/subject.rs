//! The process under test: one operation with calls failing in it, then all that must still be right in the process. What
//! it sees it prints at once, a line each, so that nothing is lost when it dies.

use std::error::Error as _;
use std::fmt::Arguments;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sledstore_engine::{Durability, Error, ErrorCode, Result, Status, Store};

use super::effect::{State, Step};
use super::limit::Limit;
use super::operation::{Beginning, Call, Operation};
use super::sample;
use super::shim::{self, Fault};

/// Names inside the folder of a cycle: everything that calls may fail on is below it.
pub const STORE: &str = "store";
/// A file that the sample was published to.
pub const SAMPLE_FILE: &str = "sample.snapshot";
/// A file that the operation writes.
pub const FILE: &str = "written.snapshot";
/// A store that the operation restores.
pub const RESTORED: &str = "restored";

struct Subject {
    folder: PathBuf,
    operation: &'static Operation,
    fault: Fault,
    store: Option<Store>,
    /// Steps that were answered, and how.
    answered: Vec<(Step, bool)>,
}

/// Runs one operation in the folder of a cycle; prints what it sees.
///
/// # Errors
/// What goes wrong before any call fails: then nothing was proven.
pub fn run(folder: &Path, operation: &str, fault: Fault) -> std::result::Result<(), String> {
    let operation = Operation::find(operation).ok_or_else(|| format!("no operation {operation}"))?;
    let mut subject = Subject { folder: folder.to_owned(), operation, fault, store: None, answered: Vec::new() };
    subject.prepare().map_err(|error| format!("before any call failed: {error}"))?;
    let kind = subject.fault.kind.clone();
    let limit = if Limit::is_one(&kind) { Some(Limit::set(&kind, subject.fault.at, folder)) } else { None };
    let limit = limit.transpose().map_err(|error| format!("the limit of {kind}: {error}"))?;
    subject.fault.arm();
    let outcome = subject.call();
    limit.map_or(Ok(()), Limit::lift).map_err(|error| format!("lifting the limit of {kind}: {error}"))?;
    let calls = shim::disarm().map_err(|error| format!("the shim is not there: {error}"))?;
    tell(format_args!("calls {calls}"));
    subject.judge(&outcome);
    subject.go_on(outcome.is_err());
    // What a close writes could hide what was lost before it, so every other process leaves as if it were killed.
    if subject.fault.at.is_multiple_of(2) {
        subject.close();
        subject.open_again();
    } else {
        std::mem::forget(subject.store.take());
    }
    tell(format_args!("end"));
    Ok(())
}

fn tell(line: Arguments<'_>) {
    // Who does not listen any more has ended this process's cycle.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn wrong(what: impl std::fmt::Display) {
    tell(format_args!("wrong {}", what.to_string().replace('\n', " ")));
}

impl Subject {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn open(&self) -> Result<Store> {
        Store::open(&self.path(STORE), &sample::options())
    }

    fn store(&self) -> Result<&Store> {
        self.store.as_ref().ok_or_else(|| Error::internal("the store is not open"))
    }

    fn prepare(&mut self) -> Result<()> {
        if self.operation.call == Call::Open || self.operation.call == Call::OpenSnapshot {
            return Ok(());
        }
        self.store = Some(self.open()?);
        for step in self.operation.all_steps().iter().take(self.operation.before.len()) {
            self.step(*step)?;
        }
        if self.operation.call == Call::Verify {
            self.store()?.checkpoint()?;
        }
        Ok(())
    }

    fn step(&mut self, step: Step) -> Result<()> {
        let outcome = self.store()?.clone();
        let outcome = step.apply(&outcome);
        let word = outcome.as_ref().map_or_else(|error| error.code().as_str(), |()| "acknowledged");
        tell(format_args!("step {} {word}", step.number));
        self.answered.push((step, outcome.is_ok()));
        outcome
    }

    /// All steps are tried, whatever becomes of those before; gives the first failure.
    fn steps(&mut self) -> Result<()> {
        let steps = self.operation.all_steps();
        let outcomes: Vec<_> = steps.iter().skip(self.operation.before.len()).map(|step| self.step(*step)).collect();
        outcomes.into_iter().collect()
    }

    fn call(&mut self) -> Result<()> {
        let mut go_on = |_| true;
        match self.operation.call {
            Call::Open => self.store = Some(self.open()?),
            Call::Steps => {
                self.steps()?;
                self.store()?.flush()?;
            }
            Call::Read => self.read()?,
            Call::Checkpoint => {
                let first = self.store()?.checkpoint();
                let steps = self.steps();
                let last = self.store()?.checkpoint();
                first.and(steps).and(last)?;
            }
            Call::Compact => self.store()?.compact(&mut go_on)?,
            Call::Verify => {
                for finding in self.store()?.verify(&mut go_on)?.findings {
                    wrong(format_args!("verify while calls fail: {finding}"));
                }
            }
            Call::Publish => {
                let path = self.path(FILE);
                let first = self.store()?.publish(&path, &mut go_on);
                first.and(self.store()?.publish(&path, &mut go_on))?;
            }
            Call::Backup => drop(self.store()?.backup(&self.path(FILE), &mut go_on)?),
            Call::OpenSnapshot => read_file(&self.path(SAMPLE_FILE))?,
            Call::Restore => {
                Store::restore(&self.path(SAMPLE_FILE), &self.path(RESTORED), &sample::options(), &mut go_on)?;
            }
            Call::Close => self.store()?.close()?,
        }
        Ok(())
    }

    fn read(&self) -> Result<()> {
        for fault in sample::faults(self.store()?, self.operation.beginning == Beginning::Unclosed)? {
            wrong(format_args!("read while calls fail: {fault}"));
        }
        Ok(())
    }

    /// An operation fails with a code that says so, and never for a call that std repeats.
    fn judge(&self, outcome: &Result<()>) {
        let Err(error) = outcome else { return };
        tell(format_args!("failed {}", error.code().as_str()));
        if self.fault.is_benign() {
            wrong(format_args!("a call that is to be repeated failed it: {error}"));
        }
        check_code(error);
    }

    /// What must hold in the process whose calls failed, now that they fail no more.
    fn go_on(&mut self, failed: bool) {
        if failed && self.store.as_ref().is_none_or(|store| store.status() == Status::Open) {
            // It failed and is not poisoned: the same call succeeds.
            let is_steps = matches!(self.operation.call, Call::Steps | Call::Checkpoint);
            if let Some(Err(error)) = (!is_steps).then(|| self.call()) {
                wrong(format_args!("the call fails again: {error}"));
            }
        }
        self.check_written(failed);
        let Some(store) = self.store.clone() else { return };
        let status = store.status();
        tell(format_args!("status {status:?}"));
        if self.operation.beginning != Beginning::Nothing && matches!(status, Status::Open | Status::Poisoned) {
            self.check(&store, status == Status::Poisoned);
            // Not always the same: a failure may be met in the background.
            let status = store.status();
            // A step of its own, so that it is missed when it is lost.
            let number = self.operation.all_steps().len() as u32;
            let more = Step { number, effect: super::effect::Effect::Put, level: Durability::Full };
            match (self.step(more), status) {
                (Err(error), Status::Open) if !self.may_have_failed(&error) => {
                    wrong(format_args!("a sound store refuses a write: {error}"));
                }
                (Ok(()), Status::Poisoned) => wrong("a poisoned store takes a write"),
                (Err(error), _) if error.code() != ErrorCode::StorageFailed => {
                    wrong(format_args!("a poisoned store answers {error}"));
                }
                _ => {}
            }
        }
    }

    fn close(&mut self) {
        let Some(store) = self.store.take() else { return };
        let status = store.status();
        match store.close() {
            Err(error) if status == Status::Open && !self.may_have_failed(&error) => {
                wrong(format_args!("a sound store does not close: {error}"));
            }
            Err(error) => check_code(&error),
            Ok(()) => {}
        }
    }

    /// Whether an answer can come from a call that failed in the background, unnoticed until now.
    fn may_have_failed(&self, error: &Error) -> bool {
        !self.fault.is_benign() && error.code() == ErrorCode::StorageFailed
    }

    /// The files and folders that the call was to write are whole, and there if it has succeeded.
    fn check_written(&self, failed: bool) {
        let name = if self.operation.call == Call::Restore { RESTORED } else { FILE };
        let exists = self.path(name).exists();
        let outcome = match self.operation.call {
            Call::Publish | Call::Backup if exists => read_file(&self.path(FILE)),
            Call::Restore if exists => read_store(&self.path(RESTORED)),
            Call::Publish | Call::Backup | Call::Restore if !failed => {
                return wrong("what was written is not there");
            }
            _ => Ok(()),
        };
        if let Err(error) = outcome {
            wrong(format_args!("what was written cannot be read: {error}"));
        }
    }

    /// Reads give what is right, or `STORAGE_FAILED` in a poisoned store.
    fn check(&self, store: &Store, poisoned: bool) {
        // A thread of sled that is refused its memory dies whenever it starts, and reads notice.
        let may_fail = poisoned || self.fault.kind == "memory";
        let refused = |error: &Error| may_fail && error.code() == ErrorCode::StorageFailed;
        for (step, acknowledged) in &self.answered {
            match step.state(store) {
                Ok(State::Wrong(what)) => wrong(what),
                Ok(State::Absent) if *acknowledged && self.is_promised(step, poisoned) => {
                    let place = if poisoned { "the poisoned store" } else { "the process itself" };
                    tell(format_args!("lost step {} ({:?}) in {place}", step.number, step.effect));
                }
                Err(error) if !refused(&error) => wrong(format_args!("step {} cannot be read: {error}", step.number)),
                _ => {}
            }
        }
        match self.sample_faults(store) {
            Ok(faults) => faults.iter().for_each(wrong),
            Err(error) if refused(&error) => {}
            Err(error) => wrong(format_args!("the sample cannot be read: {error}")),
        }
    }

    /// What only the kernel had is hidden in a poisoned store, and found when it is opened again; what nobody waited for
    /// may go with a failure.
    fn is_promised(&self, step: &Step, poisoned: bool) -> bool {
        match step.level {
            Durability::Full => true,
            Durability::Os => !poisoned,
            Durability::None => self.fault.is_benign(),
        }
    }

    fn sample_faults(&self, store: &Store) -> Result<Vec<String>> {
        match self.operation.beginning {
            Beginning::Nothing => Ok(Vec::new()),
            beginning => sample::faults(store, beginning == Beginning::Unclosed),
        }
    }

    /// The path can be opened again in this process, or it is said that the process must end first.
    fn open_again(&self) {
        match self.open() {
            Ok(store) => {
                self.check(&store, false);
                if let Err(error) = store.close() {
                    wrong(format_args!("a store opened again does not close: {error}"));
                }
            }
            Err(error) if error.code() == ErrorCode::Locked => tell(format_args!("stuck {error}")),
            Err(error) => wrong(format_args!("it cannot be opened again: {error}")),
        }
    }
}

/// A failing system call is the system's refusal or the store's end, never damage, misuse or a bug.
fn check_code(error: &Error) {
    use ErrorCode::{DiskFull, IoFailed, PermissionDenied, StorageFailed};
    if !matches!(error.code(), DiskFull | IoFailed | PermissionDenied | StorageFailed) {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        wrong(format_args!("an answer that misleads: {error}: {cause}"));
    }
}

/// Opens a published file and reads all of it.
pub fn read_file(file: &Path) -> Result<()> {
    let store = Store::open_snapshot(file, &sample::options())?;
    let read = read_all(&store);
    read.and(store.close())
}

fn read_store(folder: &Path) -> Result<()> {
    let store = Store::open(folder, &sample::options())?;
    let read = read_all(&store);
    read.and(store.close())
}

fn read_all(store: &Store) -> Result<()> {
    for fault in sample::faults(store, false)? {
        wrong(fault);
    }
    for finding in store.verify(&mut |_| true)?.findings {
        wrong(format_args!("verify: {finding}"));
    }
    Ok(())
}
