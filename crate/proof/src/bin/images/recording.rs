//! A recording: what a few processes, one after the other, asked of the file system for one store. Each but the first
//! finds what a power cut left of the one before.
//!
//! It lies in a folder, a part a process: `base` is the folder of the store's folder when it began, `settled` what the store
//! was held to by then, `trace` what it asked for. So a recording that has shown something can be looked into, and asked
//! again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{Durability, Options};
use sledstore_proof::{Found, Lane, Oracle, Report, Survives, Workload, copy_folder, open_and_check};

use crate::disk::{Builder, Disk};
use crate::plan::{Image, Plan};
use crate::trace;

/// The store's folder, which has to be made durable itself.
pub const STORE: &str = "store";

/// Processes of one recording, at most.
const PARTS_MAX: u64 = 3;

/// What one process did.
pub struct Part {
    pub disk: Disk,
    /// What the store was held to when it began.
    pub settled: Oracle,
}

/// What was recorded with one seed.
pub struct Recording {
    pub seed: u64,
    pub parts: Vec<Part>,
    /// Why there are no more parts, if a legal image kept a process from its work.
    pub failure: Option<String>,
}

impl Recording {
    /// Reads the recording in `folder`; makes it when there is none.
    pub fn open(seed: u64, folder: &Path) -> Self {
        let mut recording = Self { seed, parts: Vec::new(), failure: None };
        let mut random = StdRng::seed_from_u64(seed);
        for number in 0..random.random_range(1..=PARTS_MAX) {
            let place = folder.join(format!("part-{number}"));
            match recording.part(&place, [random.random(), random.random()]) {
                Ok(part) => recording.parts.push(part),
                Err(failure) => {
                    recording.failure = Some(failure);
                    break;
                }
            }
        }
        recording
    }

    fn part(&self, place: &Path, seeds: [u64; 2]) -> Result<Part, String> {
        if !place.join("trace").exists() {
            // What is there was cut off itself.
            let _ = fs::remove_dir_all(place);
            match self.parts.last() {
                None => self.begin(place)?,
                Some(last) => self.cut(last, place, seeds[0])?,
            }
            self.run(place, seeds[1])?;
        }
        let settled = read_settled(place)?;
        let disk = read(place)?;
        match disk.said.iter().find(|(_, line)| line.starts_with("wrong ") || line.starts_with("failed ")) {
            Some((_, line)) => Err(format!("the workload said: {line}")),
            None => Ok(Part { disk, settled }),
        }
    }

    /// What is written and how: all durable, or each step at a level of its own; in threads or in turn.
    pub fn workload(&self) -> Workload {
        let mut random = StdRng::seed_from_u64(self.seed ^ 1);
        let mut lanes = Lane::ALL.to_vec();
        lanes.retain(|_| random.random_bool(0.6));
        if lanes.is_empty() {
            lanes.push(Lane::Line);
        }
        Workload {
            seed: self.seed,
            level: random.random_bool(0.6).then_some(Durability::Full),
            lanes,
            in_threads: random.random_bool(0.7),
            steps_max: [4, 30, 80, 160, 400][random.random_range(0..5)],
        }
    }

    pub fn options(&self) -> Options {
        self.workload().options()
    }

    /// Holds the store that an image in `folder` left against what was acknowledged before the cut.
    pub fn check(&self, part: &Part, point: u32, folder: &Path) -> Found {
        let mut oracle = part.settled.clone();
        oracle.next_process();
        part.disk.said_before(point).for_each(|line| oracle.hear(line));
        open_and_check(&folder.join(STORE), &self.options(), self.seed, &oracle, Survives::PowerCut)
    }

    fn begin(&self, place: &Path) -> Result<(), String> {
        fs::create_dir_all(place.join("base")).map_err(|error| error.to_string())?;
        write_settled(place, &Found::default())
    }

    /// The next part begins with a crash image of the last one.
    fn cut(&self, last: &Part, place: &Path, seed: u64) -> Result<(), String> {
        let image = Plan::new(&last.disk).sampled(seed).ok_or("nothing was recorded")?;
        let base = place.join("base");
        build(&last.disk, &image, &base)?;
        // Recovery is asked what it finds in a copy: the same it will find when it is recorded.
        let copy = place.join("copy");
        build(&last.disk, &image, &copy)?;
        let found = self.check(last, image.point, &copy);
        if !found.is_clean() {
            return Err(format!("{}: {}", image.describe(&last.disk), found.notes.join("; ")));
        }
        fs::remove_dir_all(copy).map_err(|error| error.to_string())?;
        write_settled(place, &found)
    }

    /// Runs one process over a copy of `base`, traced.
    fn run(&self, place: &Path, seed: u64) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("recording in {}: {error}", place.display());
        let home = home(place);
        copy_folder(&place.join("base"), &home).map_err(failed)?;
        let trace = place.join("trace.new");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-xx", "-s", "67108864", "--seccomp-bpf", "-o"]).arg(&trace);
        strace.arg("-e").arg(format!("trace={}", trace::CALLS));
        let mut random = StdRng::seed_from_u64(seed);
        // A disk takes its time to sync, and others write meanwhile; this one is memory.
        let delay_us = [0, 0, 300, 2_000][random.random_range(0..4)];
        if delay_us > 0 {
            strace.arg("-e").arg(format!("inject=fsync,fdatasync:delay_enter={delay_us}"));
        }
        let program = std::env::current_exe().map_err(failed)?;
        strace
            .arg(program)
            .arg("work")
            .arg(home.join(STORE))
            .arg(self.seed.to_string())
            .arg(random.random::<u16>().to_string());
        let ended =
            strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(failed)?;
        if !ended.status.success() {
            return Err(format!(
                "the workload ended with {}: {}",
                ended.status,
                String::from_utf8_lossy(&ended.stderr)
            ));
        }
        fs::remove_dir_all(&home).map_err(failed)?;
        fs::rename(trace, place.join("trace")).map_err(failed)
    }
}

/// What a recorded process does: it lives, and at the end it closes the store or just goes.
pub fn work(folder: &Path, seed: u64, draw: u64) {
    let recording = Recording { seed, parts: Vec::new(), failure: None };
    let mut workload = recording.workload();
    let report = Report::new(std::io::stdout());
    if draw.is_multiple_of(2) {
        return workload.live(folder, &report);
    }
    workload.steps_max = workload.steps_max.div_ceil(2);
    report.say("phase open");
    match sledstore_engine::Store::open(folder, &workload.options()) {
        Ok(store) => {
            workload.run(&store, &report);
            // It is never closed, and its threads end with the process.
            std::mem::forget(store);
        }
        Err(error) => report.say(&format!("wrong open 0: {error}")),
    }
}

/// Where the process that is recorded has its store.
fn home(place: &Path) -> PathBuf {
    place.join("home")
}

fn read(place: &Path) -> Result<Disk, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", place.display());
    let mut disk = Disk::load(&place.join("base")).map_err(failed)?;
    let text = fs::read_to_string(place.join("trace")).map_err(failed)?;
    trace::read(&text, &home(place), &mut disk)?;
    Ok(disk)
}

/// Writes an image into a new folder.
fn build(disk: &Disk, image: &Image, to: &Path) -> Result<(), String> {
    let built = fs::create_dir_all(to).and_then(|()| Builder::new(disk).build(image.point, image, to));
    built.map_err(|error| format!("building {}: {error}", to.display()))
}

fn write_settled(place: &Path, found: &Found) -> Result<(), String> {
    let lines: String = found.steps.iter().map(|(lane, count)| format!("{} {count}\n", lane.name())).collect();
    fs::write(place.join("settled"), lines).map_err(|error| error.to_string())
}

fn read_settled(place: &Path) -> Result<Oracle, String> {
    let text = fs::read_to_string(place.join("settled")).map_err(|error| error.to_string())?;
    let count = |line: &str| {
        let (lane, count) = line.split_once(' ')?;
        Some((Lane::from_name(lane)?, count.parse().ok()?))
    };
    let mut oracle = Oracle::default();
    oracle.settle(&text.lines().filter_map(count).collect());
    Ok(oracle)
}
