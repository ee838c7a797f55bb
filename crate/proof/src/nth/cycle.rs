//! One cycle: a fresh copy of the sample, a process in which a call fails, and what another process finds then.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use sledstore_engine::{Durability, Store};

use super::effect::{Effect, State, Step};
use super::operation::{Beginning, Call, Operation};
use super::sample;
use super::shim::Fault;
use super::subject::{FILE, RESTORED, SAMPLE_FILE, STORE, read_file};

/// What a process may take; one that takes longer hangs. A sled that never returns is given up after two minutes (E22).
const DEADLINE: Duration = Duration::from_secs(60);

/// An operation, and the call that fails in it.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// Name of the operation.
    pub operation: String,
    /// The call.
    pub fault: Fault,
}

/// What a cycle found.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Acknowledged steps that are missing.
    pub lost: u64,
    /// Wrong answers.
    pub wrong: u64,
    /// Whether the process died by itself.
    pub aborted: bool,
    /// Whether it took longer than it may.
    pub hung: bool,
    /// Whether it died of memory that was refused, as every Rust program does; only where memory is limited.
    pub out_of_memory: bool,
    /// How often a call failed; 0 is an untouched run.
    pub failed: u64,
    /// Calls of each kind.
    pub calls: BTreeMap<String, u64>,
    /// The code that the operation answered with, if it failed.
    pub code: Option<String>,
    /// What was found, for people.
    pub notes: Vec<String>,
}

impl Outcome {
    fn wrong(&mut self, what: impl Into<String>) {
        self.wrong += 1;
        self.notes.push(what.into());
    }

    fn lost(&mut self, what: impl Into<String>) {
        self.lost += 1;
        self.notes.push(what.into());
    }
}

/// Runs cycles in a folder, with the sample made once.
pub struct Supervisor {
    folder: PathBuf,
    shim: PathBuf,
    program: PathBuf,
    /// A small file system, for the cycles that fill one.
    small: PathBuf,
}

impl Supervisor {
    /// Makes the sample in `folder`. `program` is run with the words `run FOLDER OPERATION` and those of the fault; `small`
    /// is a folder on a small file system.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn new(folder: &Path, shim: &Path, program: &Path, small: &Path) -> io::Result<Self> {
        let [folder, shim, program, small] = [folder, shim, program, small].map(Path::to_owned);
        let supervisor = Self { folder, shim, program, small };
        let (folder, program) = (&supervisor.folder, &supervisor.program);
        fs::create_dir_all(folder)?;
        let closed = supervisor.folder.join("closed");
        fs::create_dir(&closed)?;
        sample::create(&closed.join(STORE), &closed.join(SAMPLE_FILE)).map_err(io::Error::other)?;
        let unclosed = supervisor.folder.join("unclosed");
        copy(&closed, &unclosed)?;
        let left = Command::new(program).arg("leave-unclosed").arg(unclosed.join(STORE)).status()?;
        if left.success() { Ok(supervisor) } else { Err(io::Error::other("the sample could not be left unclosed")) }
    }

    /// Runs one cycle.
    ///
    /// # Errors
    /// What the system refuses to the harness itself.
    pub fn run(&self, cycle: &Cycle) -> io::Result<Outcome> {
        let operation = Operation::find(&cycle.operation);
        let operation = operation.ok_or_else(|| io::Error::other(format!("no operation {}", cycle.operation)))?;
        let folder = if cycle.fault.kind == "space" { &self.small } else { &self.folder }.join("cycle");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        match operation.beginning {
            Beginning::Nothing => fs::create_dir(&folder)?,
            Beginning::Closed => copy(&self.folder.join("closed"), &folder)?,
            Beginning::Unclosed => copy(&self.folder.join("unclosed"), &folder)?,
        }
        let mut outcome = Outcome::default();
        let lines = self.run_subject(cycle, &folder, &mut outcome)?;
        let answers = read_lines(&lines, &mut outcome);
        if !lines.iter().any(|line| line == "end") && !outcome.aborted && !outcome.hung && !outcome.out_of_memory {
            outcome.wrong("the process did not come to its end");
        }
        check_store(&folder.join(STORE), operation, &answers, &mut outcome);
        check_leftovers(&folder, &mut outcome)?;
        Ok(outcome)
    }

    fn run_subject(&self, cycle: &Cycle, folder: &Path, outcome: &mut Outcome) -> io::Result<Vec<String>> {
        // A limit of files' sizes is a signal first. Node ignores it, so that the call fails; so does this shell.
        let mut child = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(&self.program)
            .arg("run")
            .arg(folder)
            .arg(&cycle.operation)
            .args(cycle.fault.words())
            .env("LD_PRELOAD", &self.shim)
            .env("NTH_UNDER", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (lines, hung) = read_until_end(&mut child);
        if hung {
            child.kill()?;
        }
        let status = child.wait()?;
        let mut errors = String::new();
        if let Some(mut stderr) = child.stderr.take() {
            stderr.read_to_string(&mut errors)?;
        }
        outcome.hung = hung;
        // A stack that cannot grow is a signal, too.
        outcome.out_of_memory = cycle.fault.kind == "memory" && !hung && status.code().is_none();
        outcome.aborted = !hung && !status.success() && !outcome.out_of_memory;
        if hung || outcome.aborted || !errors.is_empty() {
            outcome.notes.push(format!("{status}: {}", errors.trim().replace('\n', " | ")));
        }
        Ok(lines)
    }
}

/// The lines that a process prints, and whether it exceeded its deadline.
fn read_until_end(child: &mut Child) -> (Vec<String>, bool) {
    let (sender, lines) = channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
    }
    let end = Instant::now() + DEADLINE;
    let mut read = Vec::new();
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => read.push(line),
            Err(RecvTimeoutError::Disconnected) => return (read, false),
            Err(RecvTimeoutError::Timeout) => return (read, true),
        }
    }
}

/// What the process told: whether each step was acknowledged.
fn read_lines(lines: &[String], outcome: &mut Outcome) -> BTreeMap<u32, bool> {
    let mut answers = BTreeMap::new();
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "step" => {
                let (number, answer) = rest.split_once(' ').unwrap_or_default();
                answers.insert(number.parse().unwrap_or(u32::MAX), answer == "acknowledged");
            }
            "calls" => {
                let pairs = rest.split(' ').filter_map(|pair| pair.split_once('='));
                outcome.calls = pairs.map(|(kind, count)| (kind.to_owned(), count.parse().unwrap_or(0))).collect();
                outcome.failed = outcome.calls.remove("failed").unwrap_or(0);
            }
            "failed" => outcome.code = Some(rest.to_owned()),
            "wrong" => outcome.wrong(rest),
            "lost" => outcome.lost(format!("lost {rest}")),
            "stuck" => outcome.notes.push(rest.to_owned()),
            _ => {}
        }
    }
    answers
}

/// Opens the store as another process and compares it with what was acknowledged.
fn check_store(folder: &Path, operation: &Operation, answers: &BTreeMap<u32, bool>, outcome: &mut Outcome) {
    let store = match Store::open(folder, &sample::options()) {
        Ok(store) => store,
        Err(error) => return outcome.wrong(format!("another process cannot open it: {error}")),
    };
    let mut steps = operation.all_steps();
    steps.push(Step { number: steps.len() as u32, effect: Effect::Put, level: Durability::Full });
    let begun = operation.beginning != Beginning::Nothing;
    // A process that died may have come to its end without a word.
    let dying = steps.iter().map(|step| step.number).find(|number| !answers.contains_key(number));
    let dying = dying.filter(|_| outcome.out_of_memory);
    for step in steps.iter().filter(|_| begun) {
        let acknowledged = answers.get(&step.number);
        match step.state(&store) {
            Ok(State::Wrong(what)) => outcome.wrong(format!("after reopening: {what}")),
            // What nobody waited for may go with the failure that ended the process's writing.
            Ok(State::Absent)
                if acknowledged == Some(&true) && (step.level != Durability::None || outcome.code.is_none()) =>
            {
                outcome.lost(format!("step {} ({:?}) was acknowledged", step.number, step.effect));
            }
            Ok(State::Whole) if acknowledged.is_none() && dying != Some(step.number) => {
                outcome.wrong(format!("step {} was never asked for", step.number));
            }
            Err(error) => outcome.wrong(format!("step {} after reopening: {error}", step.number)),
            _ => {}
        }
    }
    check_whole(&store, operation, outcome);
    if matches!(operation.call, Call::Publish | Call::Backup) {
        // What could not be removed goes with the next one.
        let again = store.publish(&folder.with_file_name(FILE), &mut |_| true).map(drop);
        if let Err(error) = again.and_then(|()| read_file(&folder.with_file_name(FILE))) {
            outcome.wrong(format!("publishing after reopening: {error}"));
        }
    }
    if operation.call == Call::Restore && !folder.with_file_name(RESTORED).exists() {
        let (file, restored) = (folder.with_file_name(SAMPLE_FILE), folder.with_file_name(RESTORED));
        if let Err(error) = Store::restore(&file, &restored, &sample::options(), &mut |_| true) {
            outcome.wrong(format!("restoring in another process: {error}"));
        }
    }
    if let Err(error) = store.checkpoint().and_then(|()| store.close()) {
        outcome.wrong(format!("another process cannot go on: {error}"));
    }
}

fn check_whole(store: &Store, operation: &Operation, outcome: &mut Outcome) {
    if operation.beginning != Beginning::Nothing {
        match sample::faults(store, operation.beginning == Beginning::Unclosed) {
            Ok(faults) => faults.into_iter().for_each(|fault| outcome.lost(format!("after reopening: {fault}"))),
            Err(error) => outcome.wrong(format!("the sample after reopening: {error}")),
        }
        let graph = sample::graph(store).and_then(|graph| graph.verify(&store.snapshot()?));
        match graph {
            Ok(findings) => findings.into_iter().for_each(|finding| outcome.wrong(format!("graph: {finding}"))),
            Err(error) => outcome.wrong(format!("the graph cannot be verified: {error}")),
        }
    }
    if operation.during.contains(&Effect::Fold) {
        // Whole as it is, and after the next fold.
        let folded = sample::folded(store).and_then(|vectors| {
            let mut findings = vectors.verify(&store.snapshot()?)?;
            vectors.compact()?;
            findings.extend(vectors.verify(&store.snapshot()?)?);
            Ok(findings)
        });
        match folded {
            Ok(findings) => findings.into_iter().for_each(|finding| outcome.wrong(format!("vectors: {finding}"))),
            Err(error) => outcome.wrong(format!("vectors cannot be verified: {error}")),
        }
    }
    match store.verify(&mut |_| true) {
        Ok(report) => report.findings.iter().for_each(|finding| outcome.wrong(format!("verify: {finding}"))),
        Err(error) => outcome.wrong(format!("verify after reopening: {error}")),
    }
}

/// Nothing stays but what belongs to a store, and the files that were asked for.
fn check_leftovers(folder: &Path, outcome: &mut Outcome) -> io::Result<()> {
    for name in names(folder)? {
        match name.as_str() {
            STORE | RESTORED => check_folder(&folder.join(&name), outcome)?,
            _ if name.ends_with(".snapshot") => {}
            _ => outcome.wrong(format!("left over: {name}")),
        }
    }
    Ok(())
}

fn check_folder(folder: &Path, outcome: &mut Outcome) -> io::Result<()> {
    let inside = |name: &str| names(&folder.join(name));
    let is_ours = |name: &String| {
        matches!(name.as_str(), "LOCK" | "STORE" | "CHECKPOINT" | "journal" | "sled" | "blocks" | "runs")
    };
    let is_of_sled = |name: &String| matches!(name.as_str(), "db" | "conf" | "blobs") || name.starts_with("snap.");
    let mut left: Vec<String> = names(folder)?.into_iter().filter(|name| !is_ours(name)).collect();
    left.extend(inside("journal")?.into_iter().filter(|name| !name.ends_with(".journal")));
    for (inner, ending) in [("blocks", ".blocks"), ("runs", ".run")] {
        // Neither is there before it is needed.
        if folder.join(inner).exists() {
            left.extend(inside(inner)?.into_iter().filter(|name| !name.ends_with(ending)));
        }
    }
    let of_sled = inside("sled")?;
    let snapshots = of_sled.iter().filter(|name| name.starts_with("snap.")).count();
    left.extend(of_sled.into_iter().filter(|name| !is_of_sled(name) || name.ends_with(".generating")));
    if snapshots > 2 {
        left.push(format!("{snapshots} snapshots of sled"));
    }
    left.into_iter().for_each(|name| outcome.wrong(format!("left over in {}: {name}", folder.display())));
    Ok(())
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?
        } else {
            fs::copy(entry.path(), target).map(drop)?
        }
    }
    Ok(())
}
