//! Writes to a store until it is ended, and says what is acknowledged.

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;
use sledstore_engine::{Compression, Durability, Error, ErrorCode, Options, Result, Store};

use crate::lane::Lane;
use crate::progress::Progress;
use crate::work::{self, Work};

/// The name of a level in the lines of a workload.
pub const fn level_name(level: Durability) -> &'static str {
    match level {
        Durability::None => "none",
        Durability::Os => "os",
        Durability::Full => "full",
    }
}

/// The level of a name.
pub fn level_from_name(name: &str) -> Option<Durability> {
    [Durability::None, Durability::Os, Durability::Full].into_iter().find(|level| level_name(*level) == name)
}

/// Where a workload says what it does: a pipe, a file, a socket.
pub struct Report {
    output: Mutex<Box<dyn std::io::Write + Send>>,
    acknowledged: AtomicU64,
    is_heard: AtomicBool,
    /// How many steps of each lane are acknowledged at any level.
    done: [AtomicU64; Lane::ALL.len()],
}

impl Report {
    /// Each line is written in one piece.
    pub fn new(output: impl std::io::Write + Send + 'static) -> Self {
        Self {
            output: Mutex::new(Box::new(output)),
            acknowledged: AtomicU64::new(0),
            is_heard: AtomicBool::new(true),
            done: Default::default(),
        }
    }

    /// Steps acknowledged so far.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Says a line. When nobody hears it any more, the workload ends.
    pub fn say(&self, line: &str) {
        let Ok(mut output) = self.output.lock() else { return };
        if output.write_all(format!("{line}\n").as_bytes()).and_then(|()| output.flush()).is_err() {
            self.is_heard.store(false, Ordering::SeqCst);
        }
    }

    fn done(&self, lane: Lane, number: u64, level: Durability, seq: &str) {
        self.done[lane as usize].fetch_max(number + 1, Ordering::SeqCst);
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        self.say(&format!("done {} {number} {} {seq}", lane.name(), level_name(level)));
    }

    fn failed(&self, what: &str, number: u64, error: &Error) {
        self.say(&format!("because {error}"));
        self.say(&format!("failed {what} {number} {}", error.code().as_str()));
        // No answer of a store may look like this, whatever happened to its files.
        if error.code() == ErrorCode::Internal {
            self.say(&format!("wrong {what} {number}: {error}"));
        }
    }
}

/// What is written, and how.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Everything but the timing follows from it. A store has one for its whole life.
    pub seed: u64,
    /// The level of every step; each draws its own when none is given.
    pub level: Option<Durability>,
    /// Who writes.
    pub lanes: Vec<Lane>,
    /// A thread a lane; else one thread takes the steps of all, in an order that follows from the seed. The seqs may
    /// differ all the same, for the engine commits by itself when it has reclaimed a dropped namespace.
    pub in_threads: bool,
    /// Ends by itself after so many acknowledgements.
    pub steps_max: u64,
}

impl Workload {
    /// Every lane in threads, at drawn levels, without an end.
    pub fn new(seed: u64) -> Self {
        Self { seed, level: None, lanes: Lane::ALL.to_vec(), in_threads: true, steps_max: u64::MAX }
    }

    /// Options of the store, under which a few hundred steps are several checkpoints.
    pub fn options(&self) -> Options {
        let mut random = Lane::Line.random(self.seed, u64::MAX);
        let compressions = [None, Some(Compression::None), Some(Compression::Lz4), Some(Compression::Deflate)];
        Options {
            memory_budget: 24 << 20,
            memtable_bytes: Some(32 << random.random_range(10..13)),
            block_bytes: Some(1_024 << random.random_range(0..2)),
            compression: compressions[random.random_range(0..compressions.len())],
            durability: self.level.unwrap_or(Durability::Os),
            ..Options::default()
        }
    }

    /// Opens the store of a folder, writes, and closes it after `steps_max`; says which of these it is about to do.
    pub fn live(&self, folder: &Path, report: &Report) {
        report.say("phase open");
        let store = match Store::open(folder, &self.options()) {
            Ok(store) => store,
            Err(error) => return report.failed("open", 0, &error),
        };
        report.say("phase writing");
        self.run(&store, report);
        report.say("phase close");
        match store.close() {
            Ok(()) => report.say("phase closed"),
            Err(error) => report.failed("close", 0, &error),
        }
    }

    /// Writes to an open store until `steps_max`, the first error of each lane, or nobody hears the report.
    pub fn run(&self, store: &Store, report: &Report) {
        if !self.in_threads {
            return self.run_in_turn(store, report);
        }
        let running = AtomicU64::new(self.lanes.len() as u64);
        let ready = Barrier::new(self.lanes.len());
        std::thread::scope(|scope| {
            for &lane in &self.lanes {
                let (running, ready) = (&running, &ready);
                scope.spawn(move || {
                    let writer = Writer::begin(self, store, lane, report);
                    ready.wait();
                    if let Some(mut writer) = writer {
                        while !self.is_over(report) && writer.step() {
                            writer.give_way();
                        }
                    }
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
            self.checkpoint_now_and_then(store, report, &running);
        });
    }

    fn is_over(&self, report: &Report) -> bool {
        report.acknowledged() >= self.steps_max || !report.is_heard.load(Ordering::SeqCst)
    }

    fn checkpoint_now_and_then(&self, store: &Store, report: &Report, running: &AtomicU64) {
        let mut random = rand::rng();
        let mut next = random.random_range(5..40);
        while !self.is_over(report) && running.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_micros(300));
            if report.acknowledged() >= next {
                if make_durable(store, report, random.random_ratio(3, 4)).is_err() {
                    return;
                }
                next = report.acknowledged() + random.random_range(5..40);
            }
        }
    }

    fn run_in_turn(&self, store: &Store, report: &Report) {
        let mut writers: Vec<_> =
            self.lanes.iter().filter_map(|&lane| Writer::begin(self, store, lane, report)).collect();
        let taken: u64 = writers.iter().map(|writer| writer.number).sum();
        let mut random: SmallRng = Lane::Batch.random(!self.seed, taken);
        while !self.is_over(report) && !writers.is_empty() {
            let choice = random.random_range(0..100);
            if choice < 4 {
                if make_durable(store, report, choice < 3).is_err() {
                    return;
                }
                continue;
            }
            let at = random.random_range(0..writers.len());
            if !writers[at].step() {
                writers.remove(at);
            }
        }
    }

    fn level_of(&self, lane: Lane, number: u64) -> Durability {
        let drawn = || {
            let levels = [Durability::None, Durability::Os, Durability::Full];
            levels[lane.random(!self.seed, number).random_range(0..levels.len())]
        };
        self.level.unwrap_or_else(drawn)
    }
}

/// Checkpoints or flushes, and says that all before it is durable.
fn make_durable(store: &Store, report: &Report, by_checkpoint: bool) -> Result<()> {
    let before: Vec<u64> = report.done.iter().map(|done| done.load(Ordering::SeqCst)).collect();
    let what = if by_checkpoint { "checkpoint" } else { "flush" };
    let outcome = if by_checkpoint {
        report.say("phase checkpoint");
        store.checkpoint()
    } else {
        store.flush()
    };
    match &outcome {
        Ok(()) => {
            for (lane, &done) in Lane::ALL.into_iter().zip(&before).filter(|(_, done)| **done > 0) {
                report.say(&format!("done {} {} full -", lane.name(), done - 1));
            }
            if by_checkpoint {
                report.say("phase writing");
            }
        }
        Err(error) => report.failed(what, 0, error),
    }
    outcome
}

/// One lane at work.
struct Writer<'a> {
    workload: &'a Workload,
    store: &'a Store,
    report: &'a Report,
    lane: Lane,
    number: u64,
    work: Box<dyn Work>,
}

impl<'a> Writer<'a> {
    /// Goes on where the store stands.
    fn begin(workload: &'a Workload, store: &'a Store, lane: Lane, report: &'a Report) -> Option<Self> {
        let begun = work::begin(store, lane, workload.seed).and_then(|mut work| {
            let number = Progress::open(store, lane)?.read(store)?;
            (0..number).for_each(|number| work.replay(number));
            Ok((work, number))
        });
        match begun {
            Ok((work, number)) => Some(Self { workload, store, report, lane, number, work }),
            Err(error) => {
                report.failed(lane.name(), 0, &error);
                None
            }
        }
    }

    /// A lane that waits for nothing would leave the others no turn.
    fn give_way(&self) {
        if self.workload.level != Some(Durability::Full) {
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    /// Takes a step; gives whether another can follow.
    fn step(&mut self) -> bool {
        let asked = self.workload.level_of(self.lane, self.number);
        // Namespaces are dropped at the store's own level.
        let given = if self.lane == Lane::Space { asked.min(self.store.options().durability) } else { asked };
        self.report.say(&format!("begin {} {}", self.lane.name(), self.number));
        if self.work.builds(self.number) {
            self.report.say(&format!("building {} {}", self.lane.name(), self.number));
        }
        match self.work.perform(self.store, self.number, asked) {
            Ok(seq) => {
                self.report.done(self.lane, self.number, given, &seq.to_string());
                self.number += 1;
                true
            }
            Err(error) => {
                self.report.failed(self.lane.name(), self.number, &error);
                false
            }
        }
    }
}
