//! Kills a process that writes, opens, recovers, checkpoints or closes, and checks what its store holds then.
//!
//! `kill run FOLDER SCRATCH SEED CYCLES` prints a line of JSON a kill; `kill child STORE LIFE LEVEL STEPS` is what is killed.
//! What is checked is a copy in SCRATCH, so that the next process finds the same files to recover from as one that nobody
//! has looked at. `--cut-journal` behind it plants a fault.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use sledstore_proof::{
    Aftermath, Checker, ENDS_PER_STORE, Failure, Fault, Outcome, Plan, Survives, Victim, Waited, copy_folder, live,
};

/// No phase of such a small store takes this long on any machine.
const DEADLINE: Duration = Duration::from_secs(60);

struct Killer {
    folder: PathBuf,
    scratch: PathBuf,
    durations: BTreeMap<String, Duration>,
}

impl Killer {
    fn store(&self, life: u64) -> PathBuf {
        // A disk has slow syncs, memory has none: other moments of the same work.
        let home = if life.is_multiple_of(4) { &self.folder } else { &self.scratch };
        home.join(format!("store-{life}"))
    }

    fn kill(&mut self, seed: u64) -> Result<Aftermath, Failure> {
        let plan = Plan::new(seed);
        let store = self.store(seed / ENDS_PER_STORE);
        let mut outcome = Outcome::new(seed);
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("child").arg(&store).args(live::arguments(seed / ENDS_PER_STORE, &plan));
        let mut victim = Victim::start(&mut command, self.folder.join("errors"))?;
        match victim.wait_for(|said| plan.is_reached(said), DEADLINE) {
            Waited::Reached => std::thread::sleep(plan.delay(&self.durations)),
            Waited::Ended => {}
            Waited::TimedOut => {
                outcome.hung += 1;
                outcome.notes.push(format!("hung in {}", victim.said.phase));
            }
        }
        let ended = victim.kill()?;
        let said = std::mem::take(&mut victim.said);
        if said.phase != "closed" && ended.is_some() {
            outcome.aborted += 1;
            outcome.notes.push(format!("ended by itself in {}: {ended:?} {}", said.phase, victim.last_words()));
        }
        self.durations.extend(said.durations.clone());
        outcome.count(format!("killed in {}", if said.phase.is_empty() { "start" } else { &said.phase }), 1);
        outcome.count(format!("level {}", plan.level_name()), 1);
        outcome.count("killed while an index is built", said.is_building().into());
        outcome.count("acknowledged", said.acknowledged);
        let copy = self.scratch.join(format!("check-{seed}"));
        let copy = if store.exists() { copy_folder(&store, &copy).map(|()| Some(copy))? } else { None };
        Ok(Aftermath { seed, outcome, said, copy })
    }

    fn kill_all(&mut self, first: u64, cycles: u64, killed: &SyncSender<Aftermath>) -> Result<(), Failure> {
        // Those before it in the life of its store make it what it is.
        for seed in first - first % ENDS_PER_STORE..first + cycles {
            if killed.send(self.kill(seed)?).is_err() {
                return Ok(()); // the check has ended with an error of its own
            }
            if seed % ENDS_PER_STORE == ENDS_PER_STORE - 1 || seed + 1 == first + cycles {
                let store = self.store(seed / ENDS_PER_STORE);
                if store.exists() {
                    std::fs::remove_dir_all(store)?;
                }
            }
        }
        Ok(())
    }
}

/// What a test plants, so that it is known to be found: the second half of the newest journal segment is gone.
fn cut_journal(store: &Path) -> std::io::Result<()> {
    let journal = store.join("journal");
    if !journal.exists() {
        return Ok(());
    }
    let names = std::fs::read_dir(journal)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let Some(newest) = names.iter().max() else { return Ok(()) };
    let file = std::fs::OpenOptions::new().write(true).open(newest)?;
    file.set_len(file.metadata()?.len() / 2)
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let (arguments, fault) = match arguments {
        [arguments @ .., planted] if planted == "--cut-journal" => (arguments, Some(cut_journal as Fault)),
        arguments => (arguments, None),
    };
    let [folder, scratch, first, cycles] = arguments else { return Err("run takes FOLDER SCRATCH SEED CYCLES".into()) };
    let (folder, first) = (PathBuf::from(folder), first.parse()?);
    let checker = Checker { survives: Survives::Kill, first, evidence: folder.clone(), fault };
    let mut killer = Killer { folder, scratch: PathBuf::from(scratch), durations: BTreeMap::new() };
    // One is checked while the next process writes.
    let (send, killed) = sync_channel(1);
    let checker = std::thread::spawn(move || checker.check_all(&killed));
    let outcome = killer.kill_all(first, cycles.parse()?, &send);
    drop(send);
    checker.join().map_err(|_| "the check panicked")??;
    outcome
}

fn main() -> ExitCode {
    live::main("kill run FOLDER SCRATCH SEED CYCLES", run)
}
