//! Kills a process that writes, opens, recovers, checkpoints or closes, and checks what its store holds then.
//!
//! `kill run FOLDER SCRATCH SEED CYCLES` prints a line of JSON a kill; `kill child STORE LIFE LEVEL STEPS` is what is killed.
//! A store lives through twenty kills, those whose seeds have the same quotient by twenty. What is checked is a copy in
//! SCRATCH, so that the next process finds the same files to recover from as one that nobody has looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::Durability;
use sledstore_proof::{
    Oracle, Outcome, Report, Said, Survives, Victim, Waited, Workload, copy_folder, level_from_name, level_name,
    open_and_check,
};

const KILLS_PER_STORE: u64 = 20;
/// No phase of such a small store takes this long on any machine.
const DEADLINE: Duration = Duration::from_secs(60);
type Failure = Box<dyn std::error::Error + Send + Sync>;
/// Damages a store before it is checked.
type Fault = fn(&Path) -> std::io::Result<()>;

/// When a process is killed.
struct Plan {
    phase: &'static str,
    /// Acknowledgements that come before.
    acknowledged: u64,
    /// The moment in the phase, as a part of how long it took the last time.
    moment: f64,
    level: Option<Durability>,
}

impl Plan {
    fn new(seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        // What a process does by itself is writing most of the time; the short phases are aimed at.
        let phase =
            ["open", "open", "writing", "checkpoint", "checkpoint", "close", "close"][random.random_range(0..7)];
        let levels = [None, Some(Durability::None), Some(Durability::Os), Some(Durability::Full)];
        Self {
            phase,
            acknowledged: random.random_range(5..60),
            moment: random.random_range(0.0..1.1),
            level: levels[random.random_range(0..levels.len())],
        }
    }

    fn is_reached(&self, said: &Said) -> bool {
        said.phase == self.phase && (self.phase == "open" || said.acknowledged >= self.acknowledged)
    }
}

/// A store between two kills, for the thread that checks.
struct Killed {
    seed: u64,
    outcome: Outcome,
    said: Said,
    /// None where the process was killed before there was a folder.
    copy: Option<PathBuf>,
}

fn child(arguments: &[String]) -> Result<(), Failure> {
    let [store, life, level, steps] = arguments else { return Err("child takes STORE LIFE LEVEL STEPS".into()) };
    let workload =
        Workload { level: level_from_name(level), steps_max: steps.parse()?, ..Workload::new(life.parse()?) };
    workload.live(Path::new(store), &Report::new(std::io::stdout()));
    Ok(())
}

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

    fn kill(&mut self, seed: u64) -> Result<Killed, Failure> {
        let plan = Plan::new(seed);
        let life = seed / KILLS_PER_STORE;
        let mut outcome = Outcome::new(seed);
        let steps = if plan.phase == "close" { plan.acknowledged } else { u64::MAX };
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("child").arg(self.store(life));
        command.args([life.to_string(), plan.level.map_or("mixed", level_name).to_owned(), steps.to_string()]);
        let mut victim = Victim::start(&mut command, self.folder.join("errors"))?;
        match victim.wait_for(|said| plan.is_reached(said), DEADLINE) {
            Waited::Reached => {
                let usual = self.durations.get(plan.phase).copied().unwrap_or(Duration::from_millis(5));
                std::thread::sleep(usual.min(Duration::from_millis(40)).mul_f64(plan.moment));
            }
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
        outcome.count(format!("level {}", plan.level.map_or("mixed", level_name)), 1);
        outcome.count("acknowledged", said.acknowledged);
        let store = self.store(life);
        let copy = self.scratch.join(format!("check-{seed}"));
        let copy = if store.exists() { copy_folder(&store, &copy).map(|()| Some(copy))? } else { None };
        Ok(Killed { seed, outcome, said, copy })
    }
}

/// Checks the copies, one after the other; only cycles from `first` on are reported.
fn check_all(killed: &Receiver<Killed>, first: u64, evidence: &Path, fault: Option<Fault>) -> Result<(), Failure> {
    let mut oracle = Oracle::default();
    let mut life = u64::MAX;
    for Killed { seed, mut outcome, said, copy } in killed {
        if seed / KILLS_PER_STORE != life {
            life = seed / KILLS_PER_STORE;
            oracle = Oracle::default();
        }
        oracle.next_process();
        said.lines.iter().for_each(|line| oracle.hear(line));
        for said in oracle.wrong().iter().chain(oracle.failures()) {
            outcome.wrong += 1;
            outcome.notes.push(said.clone());
        }
        if let Some(copy) = copy {
            fault.map_or(Ok(()), |fault| fault(&copy))?;
            let found = open_and_check(&copy, &Workload::new(life).options(), life, &oracle, Survives::Kill);
            outcome.add(&found);
            oracle.settle(&found.steps);
            if !outcome.is_clean() && seed >= first {
                copy_folder(&copy, &evidence.join(format!("found-{seed}")))?;
            }
            std::fs::remove_dir_all(&copy)?;
        }
        if seed >= first {
            outcome.print()?;
        }
    }
    Ok(())
}

fn kill_all(killer: &mut Killer, first: u64, cycles: u64, killed: &SyncSender<Killed>) -> Result<(), Failure> {
    // Those before it in the life of its store make it what it is.
    for seed in first - first % KILLS_PER_STORE..first + cycles {
        if killed.send(killer.kill(seed)?).is_err() {
            return Ok(()); // the check has ended with an error of its own
        }
        if seed % KILLS_PER_STORE == KILLS_PER_STORE - 1 || seed + 1 == first + cycles {
            let store = killer.store(seed / KILLS_PER_STORE);
            if store.exists() {
                std::fs::remove_dir_all(store)?;
            }
        }
    }
    Ok(())
}

/// What a test plants, so that it is known to be found: the end of the newest journal segment is gone.
fn cut_journal(store: &Path) -> std::io::Result<()> {
    let journal = store.join("journal");
    if !journal.exists() {
        return Ok(());
    }
    let names = std::fs::read_dir(journal)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let Some(newest) = names.iter().max() else { return Ok(()) };
    let file = std::fs::OpenOptions::new().write(true).open(newest)?;
    let bytes = file.metadata()?.len();
    file.set_len(bytes.saturating_sub(bytes / 2))
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let (arguments, fault) = match arguments {
        [arguments @ .., planted] if planted == "--cut-journal" => (arguments, Some(cut_journal as Fault)),
        arguments => (arguments, None),
    };
    let [folder, scratch, first, cycles] = arguments else { return Err("run takes FOLDER SCRATCH SEED CYCLES".into()) };
    let (folder, first) = (PathBuf::from(folder), first.parse()?);
    let mut killer = Killer { folder: folder.clone(), scratch: PathBuf::from(scratch), durations: BTreeMap::new() };
    // One is checked while the next process writes.
    let (send, killed) = sync_channel(1);
    let checker = std::thread::spawn(move || check_all(&killed, first, &folder, fault));
    let outcome = kill_all(&mut killer, first, cycles.parse()?, &send);
    drop(send);
    checker.join().map_err(|_| "the check panicked")??;
    outcome
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("run") => run(&arguments[1..]),
        Some("child") => child(&arguments[1..]),
        _ => Err("kill run FOLDER SCRATCH SEED CYCLES".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("kill: {error}\n").as_bytes());
            ExitCode::from(3)
        }
    }
}
