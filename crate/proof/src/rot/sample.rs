//! Stores to damage: what a workload wrote, left in every way a store can be left.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::workload::{Report, Workload};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{Batch, Durability, NamespaceOptions, Options, Store};

use super::damage::inside;
use super::expected::{Rows, read_all};

/// How a store was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Left {
    /// Killed soon after it was created.
    Fresh,
    /// Closed.
    Closed,
    /// Killed between checkpoints, with several journal segments.
    Killed,
    /// Killed after a second open.
    Reopened,
    /// Killed after so much was written that sled's log has several segments and no snapshot of it.
    Grown,
    /// Killed with several block files, and with sorted runs between blocks and journal.
    Spilled,
    /// A published file.
    Published,
}

impl Left {
    /// Those that differ most come most often.
    pub const DRAWN: [Self; 13] = [
        Self::Fresh,
        Self::Closed,
        Self::Closed,
        Self::Killed,
        Self::Killed,
        Self::Killed,
        Self::Reopened,
        Self::Grown,
        Self::Spilled,
        Self::Spilled,
        Self::Spilled,
        Self::Published,
        Self::Published,
    ];

    pub fn is_clean(self) -> bool {
        self == Self::Closed
    }
}

/// Of the rows whose memtables become runs.
const SPREAD_KEYS: u32 = 6_000;
const SPREAD_BYTES_MAX: usize = 600;
const ROWS_A_BATCH: usize = 20;
const BATCHES_MAX: usize = 20_000;

/// Seeds that share their stores.
const SEEDS_A_STORE: u64 = 1_000;

/// A store or a file on disk, and all its rows, every one of them durable.
pub struct Sample {
    pub left: Left,
    pub path: PathBuf,
    pub options: Options,
    pub rows: Rows,
    pub files: Vec<PathBuf>,
}

/// The stores of the seed at hand, made when they are asked for.
pub struct Samples {
    folder: PathBuf,
    of: u64,
    made: HashMap<Left, Sample>,
}

impl Samples {
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.join("samples"), of: 0, made: HashMap::new() }
    }

    pub fn get(&mut self, left: Left, seed: u64) -> Result<&Sample, String> {
        let of = seed / SEEDS_A_STORE;
        if self.of != of {
            self.made.clear();
            self.of = of;
        }
        if !self.made.contains_key(&left) {
            let path = self.folder.join(format!("{left:?}"));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).map_err(|error| error.to_string())?;
            let sample = make(left, of, &path).map_err(|error| format!("making {left:?}: {error}"))?;
            self.made.insert(left, sample);
        }
        self.made.get(&left).ok_or_else(|| "no sample".to_owned())
    }
}

type Failure = Box<dyn std::error::Error>;

fn make(left: Left, seed: u64, folder: &Path) -> Result<Sample, Failure> {
    let (work, path) = (folder.join("work"), folder.join("left"));
    let mut workload = Workload { in_threads: false, ..Workload::new(seed * 7 + left as u64) };
    let mut options = workload.options();
    if left == Left::Spilled {
        (options.memtable_bytes, options.block_bytes) = (Some(64 << 10), Some(1_024));
    }
    let mut write = |store: &Store, steps| {
        workload.steps_max = steps;
        workload.run(store, &Report::new(std::io::sink()));
    };
    let mut store = Store::open(&work, &options)?;
    match left {
        Left::Fresh => write(&store, 6),
        Left::Grown => {
            write(&store, 400);
            for _ in 0..3 {
                write(&store, 400);
                store.compact(&mut |_| true)?;
                store.checkpoint()?;
            }
            write(&store, 20);
        }
        Left::Reopened => {
            write(&store, 250);
            store.close()?;
            store = Store::open(&work, &options)?;
            write(&store, 25);
        }
        Left::Spilled => {
            write(&store, 200);
            spill(&store, &work, seed)?;
        }
        _ => write(&store, 300),
    }
    let rows = loop {
        store.flush()?;
        let seq = store.visible_seq();
        wait_for_mark(&work, seq);
        let rows = read_all(&store).rows;
        match left {
            Left::Published => drop(store.publish(&path, &mut |_| true)?),
            Left::Closed => {}
            _ => copy_at_rest(&work, &path)?,
        }
        // Else a worker has folded vectors into their graph meanwhile.
        if store.visible_seq() == seq {
            break rows;
        }
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir_all(&path);
    };
    store.close()?;
    if left == Left::Closed {
        fs::rename(&work, &path)?;
    }
    let _ = fs::remove_dir_all(&work);
    let mut files = Vec::new();
    list(&path, &path, &mut files)?;
    files.sort();
    Ok(Sample { left, path, options, rows, files })
}

/// Writes rows whose keys lie everywhere over a base, removals too, until their memtables have become runs.
fn spill(store: &Store, work: &Path, seed: u64) -> Result<(), Failure> {
    let namespace = store.namespace("spread", &NamespaceOptions::default())?.id;
    let mut random = SmallRng::seed_from_u64(seed);
    for batches in 0..BATCHES_MAX {
        let mut batch = Batch::new();
        for _ in 0..ROWS_A_BATCH {
            let key = random.random_range(0..SPREAD_KEYS).to_be_bytes();
            if random.random_ratio(1, 12) {
                batch.delete(namespace, &key)?;
                continue;
            }
            let mut value = vec![0; random.random_range(20..SPREAD_BYTES_MAX)];
            random.fill(&mut value[..]);
            batch.put(namespace, &key, &value)?;
        }
        store.commit(&batch, Durability::Os)?;
        let is_enough = || fs::read_dir(work.join("blocks")).map_or(0, Iterator::count) >= 2 && live_runs(work) >= 2;
        if batches % 8 == 0 && is_enough() {
            wait_until_idle(work);
            if is_enough() {
                return Ok(());
            }
        }
    }
    Err("no memtable became a run".into())
}

/// Runs that hold what the blocks lack: they begin where the last checkpoint ended, or later.
fn live_runs(store: &Path) -> usize {
    let checkpoint = fs::read_to_string(store.join("CHECKPOINT")).unwrap_or_default();
    let applied = checkpoint.lines().find_map(|line| line.strip_prefix("applied ")?.parse().ok()).unwrap_or(0_u64);
    let is_live = |path: PathBuf| {
        let bytes = fs::read(path).ok()?;
        Some(u64::from_le_bytes(*bytes.get(28..)?.first_chunk()?) >= applied)
    };
    let entries = fs::read_dir(store.join("runs")).into_iter().flatten();
    entries.filter(|entry| entry.as_ref().is_ok_and(|entry| is_live(entry.path()) == Some(true))).count()
}

/// Waits until no checkpoint changes files any more.
fn wait_until_idle(store: &Path) {
    let listed = || {
        let mut files = Vec::new();
        list(store, store, &mut files).map(|()| files.sort()).ok();
        files.into_iter().map(|name| (fs::metadata(store.join(&name)).map_or(0, |file| file.len()), name)).collect()
    };
    let mut before: Vec<_> = listed();
    let mut same = 0;
    while same < 5 {
        std::thread::sleep(Duration::from_millis(10));
        let now = listed();
        same = if now == before { same + 1 } else { 0 };
        before = now;
    }
}

/// Copies a store's files as they are at one moment, which is what a killed process leaves.
fn copy_at_rest(store: &Path, to: &Path) -> Result<(), Failure> {
    loop {
        wait_until_idle(store);
        // A file that is removed meanwhile is no failure.
        if copy(store, to).is_ok() && contents(to).is_some_and(|copied| contents(store) == Some(copied)) {
            return Ok(());
        }
        fs::remove_dir_all(to)?;
    }
}

/// The bytes of every file of a folder, or of the one file that is there instead; none where one goes meanwhile.
pub fn contents(path: &Path) -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    list(path, path, &mut files).ok()?;
    files.sort();
    files.into_iter().map(|name| Some((name.clone(), fs::read(inside(path, &name)).ok()?))).collect()
}

/// Waits until the newest segment says that `seq` is durable, so that no damage to it is taken for a torn write.
fn wait_for_mark(store: &Path, seq: u64) {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        let mut names: Vec<_> = fs::read_dir(store.join("journal"))
            .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
            .unwrap_or_default();
        names.sort();
        let bytes = names.last().and_then(|path| fs::read(path).ok()).unwrap_or_default();
        let is_marked = bytes
            .last_chunk::<41>()
            .is_some_and(|mark| mark[4..9] == [8, 0, 0, 0, b'G'] && mark[33..] == seq.to_le_bytes());
        if is_marked || bytes.len() == 64 {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn list(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if folder.is_file() {
        files.push(PathBuf::new());
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push(name.to_path_buf());
        }
    }
    Ok(())
}

/// Copies a file, or a folder with all in it.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_file() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
