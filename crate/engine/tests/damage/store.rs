//! Stores to damage, and what is compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceOptions, Options, Read, RepairReport, Result, ScanOptions, Store,
};
use tempfile::TempDir;

/// How a store was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// Killed soon after it was created.
    Fresh,
    /// Closed.
    Closed,
    /// Killed between checkpoints, with several journal segments.
    Killed,
    /// Killed after a second open that wrote little.
    Reopened,
    /// Closed after so much was written that sled's log was given a snapshot, and its pages are read one by one.
    Large,
}

pub const ALL: [Left; 5] = [Left::Fresh, Left::Closed, Left::Killed, Left::Reopened, Left::Large];

const LARGE_ROWS: std::ops::Range<u32> = 100_000..100_500;

pub type Rows = Vec<(String, Vec<(Vec<u8>, Vec<u8>)>)>;

pub fn options() -> Options {
    Options {
        durability: Durability::Os,
        memory_budget: 24 << 20,
        memtable_bytes: Some(64 << 10),
        block_bytes: Some(512),
        ..Options::default()
    }
}

/// A store on disk, and all its rows, every one of them durable.
pub struct Sample {
    pub folder: TempDir,
    pub rows: Rows,
}

impl Sample {
    pub fn new(left: Left) -> Self {
        let work = TempDir::new().unwrap();
        let store = Store::open(work.path(), &options()).unwrap();
        put(&store, "one", 0..50);
        if left != Left::Fresh {
            put(&store, "two", 0..3_000);
            store.checkpoint().unwrap();
            put(&store, "one", 40..800);
            store.checkpoint().unwrap();
            put(&store, "two", 2_900..3_200);
        }
        if left == Left::Large {
            put(&store, "large", LARGE_ROWS);
        }
        let store = if left == Left::Reopened {
            store.close().unwrap();
            let store = Store::open(work.path(), &options()).unwrap();
            put(&store, "three", 0..50);
            store
        } else {
            store
        };
        store.flush().unwrap();
        wait_for_mark(work.path(), store.visible_seq());
        let rows = rows_of(&store).unwrap();
        if left == Left::Closed || left == Left::Large {
            store.close().unwrap();
            return Self { folder: work, rows };
        }
        // The files of an idle store are what a killed process leaves.
        let folder = copy_of(work.path());
        store.close().unwrap();
        Self { folder, rows }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn copy(&self) -> TempDir {
        copy_of(self.path())
    }

    /// The files in one of its folders, ascending.
    pub fn files_of(&self, folder: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path().join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| Path::new(folder).join(entry.unwrap().file_name())).collect();
        names.sort();
        names
    }

    /// The journal's newest segment.
    pub fn newest_segment(&self) -> PathBuf {
        newest_segment(self.path()).strip_prefix(self.path()).unwrap().to_owned()
    }
}

pub fn put(store: &Store, name: &str, rows: std::ops::Range<u32>) {
    let namespace = store.namespace(name, &NamespaceOptions::default()).unwrap().id;
    for row in rows {
        let mut batch = Batch::new();
        let is_long = row % 500 == 7 || LARGE_ROWS.contains(&row);
        let length = if is_long { 20_000 } else { 30 + row as usize % 50 };
        let mut value = vec![0; length];
        StdRng::seed_from_u64(row.into()).fill_bytes(&mut value);
        batch.put(namespace, format!("key-{row:05}").as_bytes(), &value).unwrap();
        store.commit(&batch, Durability::Os).unwrap();
    }
}

/// Commits to two namespaces at keys that lie everywhere, over a base: each merge rewrites more than it merges.
struct Churn {
    random: StdRng,
    round: u32,
}

impl Churn {
    fn new() -> Self {
        Self { random: StdRng::seed_from_u64(7), round: 0 }
    }

    /// Some more commits; the first ones are the base.
    fn go_on(&mut self, store: &Store) {
        let namespaces = ["one", "two"].map(|name| store.namespace(name, &NamespaceOptions::default()).unwrap().id);
        let end = (self.round + 50).max(60_000);
        while self.round < end {
            let row = self.random.next_u32();
            let key = format!("key-{:05}", (row >> 8) % 20_000);
            let mut batch = Batch::new();
            let namespace = namespaces[usize::from(row.is_multiple_of(7))];
            if self.round % 11 == 10 {
                batch.delete(namespace, key.as_bytes()).unwrap();
            } else {
                batch.put(namespace, key.as_bytes(), format!("{:040}", self.round).as_bytes()).unwrap();
            }
            store.commit(&batch, Durability::Os).unwrap();
            self.round += 1;
        }
        assert!(self.round < 400_000, "there never were the runs that are wanted");
    }
}

/// A killed store with several runs that the blocks lack, and all its rows.
pub fn spilled() -> (TempDir, Rows) {
    let work = TempDir::new().unwrap();
    let store = Store::open(work.path(), &options()).unwrap();
    let mut churn = Churn::new();
    loop {
        churn.go_on(&store);
        if runs(work.path()).len() < 2 {
            continue;
        }
        store.flush().unwrap();
        wait_for_mark(work.path(), store.visible_seq());
        wait_until_idle(work.path());
        let killed = copy_of(work.path());
        // A checkpoint that began meanwhile may have merged them.
        if runs(killed.path()).len() >= 2 {
            let rows = rows_of(&store).unwrap();
            store.close().unwrap();
            return (killed, rows);
        }
    }
}

/// A closed store with a long run that the blocks lack, whose blocks and runs stay as they are when it is opened, and all
/// its rows.
pub fn resting() -> (TempDir, Rows) {
    let work = TempDir::new().unwrap();
    let mut churn = Churn::new();
    loop {
        let store = Store::open(work.path(), &options()).unwrap();
        churn.go_on(&store);
        while runs(work.path()).is_empty() {
            churn.go_on(&store);
        }
        let rows = rows_of(&store).unwrap();
        store.close().unwrap();
        let opened = copy_of(work.path());
        let before = resting_files(opened.path());
        let store = Store::open(opened.path(), &options()).unwrap();
        wait_until_idle(opened.path());
        let rests = resting_files(opened.path()) == before;
        store.close().unwrap();
        let is_long = |run: &String| fs::metadata(work.path().join(run)).unwrap().len() > 18 << 10;
        if rests && runs(work.path()).first().is_some_and(is_long) {
            return (work, rows);
        }
    }
}

/// What an open leaves alone when no checkpoint is due: the names of blocks and runs, and what was done to them.
pub fn resting_files(store: &Path) -> (Vec<PathBuf>, Vec<u8>) {
    let entries = ["blocks", "runs"].map(|folder| fs::read_dir(store.join(folder))).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    (files, fs::read(store.join("CHECKPOINT")).unwrap())
}

/// Waits until no checkpoint changes files any more.
fn wait_until_idle(store: &Path) {
    let listed = || {
        let folders = ["blocks", "runs", "journal"].map(|folder| fs::read_dir(store.join(folder)));
        let entries = folders.into_iter().flatten().flatten();
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                Some((entry.path(), entry.metadata().ok()?.len()))
            })
            .collect();
        found.sort();
        found
    };
    let mut before = listed();
    let mut same = 0;
    while same < 5 {
        std::thread::sleep(Duration::from_millis(10));
        let now = listed();
        same = if now == before { same + 1 } else { 0 };
        before = now;
    }
}

/// Names of the runs that hold what the blocks lack, oldest first.
pub fn runs(store: &Path) -> Vec<String> {
    let checkpoint = fs::read_to_string(store.join("CHECKPOINT")).unwrap_or_default();
    let applied = checkpoint.lines().find_map(|line| line.strip_prefix("applied ")?.parse().ok()).unwrap_or(0_u64);
    let is_later = |path: &Path| {
        let bytes = fs::read(path).unwrap_or_default();
        bytes.get(28..).and_then(|bytes| bytes.first_chunk()).is_some_and(|after| u64::from_le_bytes(*after) >= applied)
    };
    let entries = fs::read_dir(store.join("runs")).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let names = paths.filter(|path| path.extension().is_some_and(|ending| ending == "run") && is_later(path));
    let mut names: Vec<_> = names.map(|path| format!("runs/{}", path.file_name().unwrap().to_str().unwrap())).collect();
    names.sort();
    names
}

/// The journal's newest segment.
pub fn newest_segment(store: &Path) -> PathBuf {
    let names = fs::read_dir(store.join("journal")).unwrap().map(|entry| entry.unwrap().path());
    names.max().unwrap()
}

/// Waits until the newest segment ends with a mark that knows `seq` durable, or begins behind it.
fn wait_for_mark(store: &Path, seq: u64) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let bytes = fs::read(newest_segment(store)).unwrap();
        if bytes.len() == 64 {
            return; // a header: what was before is durable
        }
        let mark = bytes.last_chunk::<41>().unwrap();
        if mark[4..9] == [8, 0, 0, 0, b'G'] && mark[33..] == seq.to_le_bytes() {
            return;
        }
        assert!(Instant::now() < end, "no mark came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn rows_of(store: &Store) -> Result<Rows> {
    let mut rows = Rows::new();
    for namespace in store.namespaces() {
        let scan = store.scan(namespace.id, &KeyRange::all(), ScanOptions::default())?;
        rows.push((namespace.name.clone(), scan.collect::<Result<_>>()?));
    }
    Ok(rows)
}

/// Opens, reads everything and closes.
pub fn open_and_read(path: &Path) -> Result<Rows> {
    let store = Store::open(path, &Options { create_if_missing: false, ..options() })?;
    let rows = rows_of(&store);
    // A store that meets damage may find more of it when it closes.
    let closed = store.close();
    let rows = rows?;
    closed.map(|()| rows)
}

/// Repairs without an end.
pub fn repair(from: &Path, to: &Path) -> Result<RepairReport> {
    Store::repair(from, to, &options(), &mut |_| true)
}

/// All rows of a store that was repaired, which `verify` finds sound.
pub fn rows_of_repaired(path: &Path) -> Rows {
    let store = Store::open(path, &Options { create_if_missing: false, ..options() }).unwrap();
    let report = store.verify(&mut |_| true).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
    let rows = rows_of(&store).unwrap();
    store.close().unwrap();
    rows
}

/// What lies in a folder at one moment, although a store may be at work in it.
pub fn copy_of(from: &Path) -> TempDir {
    loop {
        let to = TempDir::new().unwrap();
        let is_same = |found| found == contents(to.path());
        // A file that goes, or is changed, while it is copied.
        if copy_folder(from, to.path()).is_ok() && try_contents(from).is_ok_and(is_same) {
            return to;
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// The bytes of every file but `LOCK`, by its path inside the folder; folders too, without bytes.
pub fn contents(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    try_contents(path).unwrap()
}

fn try_contents(path: &Path) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.path().strip_prefix(path).unwrap().to_owned();
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
                found.insert(name, Vec::new());
            } else if name != Path::new("LOCK") {
                found.insert(name, fs::read(entry.path())?);
            }
        }
    }
    Ok(found)
}

/// Those that sled has no part in.
pub fn without_sled(mut contents: BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<PathBuf, Vec<u8>> {
    contents.retain(|name, _| !name.starts_with("sled"));
    contents
}
