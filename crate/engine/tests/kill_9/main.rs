//! A process killed at any moment (writing, checkpoint, recovery, close) loses nothing that was acknowledged: what was
//! acknowledged is found, batches are whole, one writer's order is kept, and `verify` finds nothing.

mod check;
mod child;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::Durability;

use check::Promises;

const PHASES: [&str; 4] = ["recovery", "writing", "checkpoint", "close"];

/// Two lanes of stores, so that one is checked while a child of the other writes.
const LANES: u64 = 2;
/// A store lives through so many kills.
const KILLS_PER_STORE: u64 = 20;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// When a child is killed.
struct Plan {
    phase: &'static str,
    /// Acknowledgements to wait for in this phase's run.
    acknowledged: u64,
    delay: Duration,
    level: Durability,
}

impl Plan {
    fn new(random: &mut StdRng) -> Self {
        // What a child does by itself is writing most of the time; the short phases are aimed at.
        let phase = PHASES[[0, 0, 1, 2, 2, 2, 3, 3, 3, 3][random.random_range(0..10)]];
        let longest = if phase == "recovery" { 40_000 } else { 12_000 };
        Self {
            phase,
            acknowledged: random.random_range(12..60),
            delay: Duration::from_micros(random.random_range(0..longest)),
            level: if random.random() { Durability::Full } else { Durability::Os },
        }
    }
}

/// What a killed child had said.
struct Killed {
    phase: String,
    lines: Vec<String>,
    acknowledged: u64,
}

fn start(folder: &Path, plan: &Plan) -> std::process::Child {
    let binary = std::env::current_exe().expect("this binary");
    Command::new(binary)
        .args(["--exact", "child_writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(child::FOLDER, folder)
        .env(child::LEVEL, format!("{:?}", plan.level))
        .env(child::CLOSE_AFTER, if plan.phase == "close" { plan.acknowledged } else { u64::MAX }.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("start a child")
}

/// Is killed when it goes out of scope, also by a failed assertion.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().expect("kill");
        self.0.wait().expect("the child's end");
    }
}

/// Runs a child and kills it as planned.
fn kill(folder: &Path, plan: &Plan) -> Killed {
    let mut process = Ended(start(folder, plan));
    let stdout = process.0.stdout.take().expect("a pipe");
    let (send, lines) = channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(said) = line.strip_prefix(child::PREFIX) {
                let _ = send.send(said.to_owned());
            }
        }
    });
    let mut killed = Killed { phase: "start".to_owned(), lines: Vec::new(), acknowledged: 0 };
    wait_for(&lines, plan, &mut killed);
    std::thread::sleep(plan.delay);
    drop(process);
    reader.join().expect("the reader");
    lines.try_iter().for_each(|line| killed.note(line));
    killed
}

fn wait_for(lines: &Receiver<String>, plan: &Plan, killed: &mut Killed) {
    let end = Instant::now() + Duration::from_secs(60);
    let is_reached = |killed: &Killed| {
        let enough = plan.phase == "recovery" || killed.acknowledged >= plan.acknowledged;
        killed.phase == plan.phase && enough
    };
    while !is_reached(killed) {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => killed.note(line),
            Err(RecvTimeoutError::Timeout) => panic!("the child hangs in {}", killed.phase),
            Err(RecvTimeoutError::Disconnected) => panic!("the child ended by itself in {}", killed.phase),
        }
    }
}

impl Killed {
    fn note(&mut self, line: String) {
        match line.strip_prefix("phase ") {
            Some(phase) => self.phase = phase.to_owned(),
            None => self.acknowledged += u64::from(line.starts_with("done ")),
        }
        self.lines.push(line);
    }
}

/// One lane's results.
#[derive(Default)]
struct Results {
    phases: BTreeMap<String, u64>,
    acknowledged: Vec<u64>,
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("create a folder");
    for entry in std::fs::read_dir(from).expect("read a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copy a file");
        }
    }
}

fn run_lane(seed: u64, cycles: u64) -> Results {
    let mut random = StdRng::seed_from_u64(seed);
    let mut results = Results::default();
    let mut store: Option<(tempfile::TempDir, PathBuf)> = None;
    let mut promises = Promises::default();
    for cycle in 0..cycles {
        if cycle % KILLS_PER_STORE == 0 {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("store");
            store = Some((folder, path));
            promises = Promises::default();
        }
        let Some((_, path)) = &store else { unreachable!("made in the first cycle") };
        let plan = Plan::new(&mut random);
        let killed = kill(path, &plan);
        promises.hear(&killed.lines);
        let what = format!("SLEDSTORE_SEED={seed} cycle {cycle}, killed in {}", killed.phase);
        // The check opens a copy, so that the next child has the same journal to recover.
        let copy = tempfile::tempdir().expect("a folder");
        if path.exists() {
            copy_folder(path, &copy.path().join("store"));
            check::check(&copy.path().join("store"), &mut promises, &what);
        }
        *results.phases.entry(killed.phase).or_default() += 1;
        results.acknowledged.push(killed.acknowledged);
    }
    results
}

#[test]
fn child_writes_until_it_is_killed() {
    // Started by the test below; by itself it does nothing.
    if let Some(folder) = std::env::var_os(child::FOLDER) {
        child::run(Path::new(&folder));
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    if std::env::var_os(child::FOLDER).is_some() {
        return; // a child asked for another test by name only
    }
    let seed = setting("SLEDSTORE_SEED", rand::random());
    let cycles = setting("SLEDSTORE_KILLS", 500);
    println!("SLEDSTORE_SEED={seed}");
    let lanes: Vec<_> = (0..LANES)
        .map(|lane| std::thread::spawn(move || run_lane(seed.wrapping_add(lane), cycles.div_ceil(LANES))))
        .collect();
    let mut phases: BTreeMap<String, u64> = BTreeMap::new();
    let mut acknowledged = Vec::new();
    for lane in lanes {
        let results = lane.join().expect("a lane");
        results.phases.into_iter().for_each(|(phase, count)| *phases.entry(phase).or_default() += count);
        acknowledged.extend(results.acknowledged);
    }
    acknowledged.sort_unstable();
    let (count, median) = (acknowledged.len() as u64, acknowledged[acknowledged.len() / 2]);
    println!("{count} kills, phases {phases:?}, median acknowledged {median}");
    assert!(count >= cycles);
    assert!(median >= 10, "median {median}");
    for phase in PHASES {
        let share = phases.get(phase).copied().unwrap_or_default();
        assert!(share * 20 >= count, "only {share} of {count} kills in {phase}: {phases:?}");
    }
}
