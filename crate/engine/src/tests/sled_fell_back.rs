//! sled that comes back behind `CHECKPOINT` is refilled from the kept journal, or the open is refused (E15).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{put, small_options};
use crate::error::ErrorCode;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::open::JOURNAL_FOLDER;
use crate::options::Options;
use crate::store::{Read, Store};

const ROWS: u32 = 300;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn replace(to: &Path, by: &Path) {
    fs::remove_dir_all(to).unwrap();
    copy(by, to);
}

/// Every file but sled's own, by name.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let names = ["STORE", "CHECKPOINT"].map(|name| folder.join(name));
    let segments = fs::read_dir(folder.join(JOURNAL_FOLDER)).into_iter().flatten().map(|entry| entry.unwrap().path());
    names.into_iter().chain(segments).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// A store whose sled was put back to what it was some checkpoints ago, after a clean end.
struct Bed {
    folder: TempDir,
    aside: TempDir,
    namespace: NamespaceId,
    rounds: u8,
}

impl Bed {
    fn new(checkpoints_lost: u8) -> Self {
        let (folder, aside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let sled = folder.path().join("sled");
        let namespace = session(folder.path(), 0);
        copy(&sled, &aside.path().join("sled"));
        for round in 1..=checkpoints_lost {
            session(folder.path(), round);
        }
        replace(&sled, &aside.path().join("sled"));
        Self { folder, aside, namespace, rounds: checkpoints_lost }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The open is refused, and everything is as it was.
    fn is_refused(&self) {
        let before = files(self.path());
        for _ in 0..2 {
            let refused = Store::open(self.path(), &small_options()).map(drop);
            assert_eq!(refused.unwrap_err().code(), ErrorCode::Corruption);
            assert_eq!(files(self.path()), before);
        }
    }

    fn opens_whole(&self) {
        let store = Store::open(self.path(), &small_options()).unwrap();
        assert!(store.stats().recovery.fell_back);
        for settled in [false, true] {
            for round in 0..=self.rounds {
                for row in 0..ROWS {
                    let found = store.get(self.namespace, &key(round, row)).unwrap();
                    assert_eq!(found, Some(vec![round; 50]), "row {row} of round {round}, settled: {settled}");
                }
            }
            assert_eq!(store.get(self.namespace, b"round").unwrap(), Some(vec![self.rounds]));
            assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
            store.checkpoint().unwrap();
        }
        store.close().unwrap();
        let store = Store::open(self.path(), &small_options()).unwrap();
        assert!(!store.stats().recovery.fell_back);
        assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
        store.close().unwrap();
    }
}

fn key(round: u8, row: u32) -> Vec<u8> {
    format!("{row:04}-{round}").into_bytes()
}

/// Opens, writes between all rows there are, and closes, which is one checkpoint.
fn session(folder: &Path, round: u8) -> NamespaceId {
    let store = Store::open(folder, &small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    for row in 0..ROWS {
        put(&store, namespace, &key(round, row), &[round; 50]);
    }
    put(&store, namespace, b"round", &[round]);
    let checkpoints = store.stats().checkpoints;
    store.close().unwrap();
    assert!(store.stats().checkpoints > checkpoints);
    namespace
}

#[test]
fn the_kept_journal_refills_it() {
    Bed::new(1).opens_whole();
}

#[test]
fn a_crash_before_the_refill_has_its_checkpoint_file_is_noticed() {
    let bed = Bed::new(1);
    let checkpoint = bed.path().join("CHECKPOINT");
    let old = fs::read(&checkpoint).unwrap();
    // Other blocks than those that the old file sums up.
    let options = Options { block_bytes: Some(1_024), ..small_options() };
    let store = Store::open(bed.path(), &options).unwrap();
    while store.stats().checkpoints == 0 {
        store.checkpoint().unwrap();
    }
    store.close().unwrap();
    fs::write(&checkpoint, old).unwrap();
    let store = Store::open(bed.path(), &options).unwrap();
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    store.checkpoint().unwrap();
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    store.close().unwrap();
}

#[test]
fn without_the_journal_nothing_is_changed() {
    let bed = Bed::new(1);
    let journal = bed.path().join(JOURNAL_FOLDER);
    copy(&journal, &bed.aside.path().join("journal"));
    fs::remove_dir_all(&journal).unwrap();
    bed.is_refused();
    fs::create_dir(&journal).unwrap();
    bed.is_refused();
    // Each refusal has left what is needed to mend it.
    replace(&journal, &bed.aside.path().join("journal"));
    bed.opens_whole();
}

#[test]
fn with_a_part_of_the_journal_nothing_is_changed() {
    let bed = Bed::new(1);
    let journal = bed.path().join(JOURNAL_FOLDER);
    copy(&journal, &bed.aside.path().join("journal"));
    let longest = fs::read_dir(&journal).unwrap().map(|entry| entry.unwrap().path());
    let longest = longest.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let bytes = fs::read(&longest).unwrap();
    for kept in [bytes.len() / 2, bytes.len() / 10, 64, 0] {
        fs::write(&longest, &bytes[..kept]).unwrap();
        bed.is_refused();
    }
    fs::remove_file(&longest).unwrap();
    bed.is_refused();
    replace(&journal, &bed.aside.path().join("journal"));
    bed.opens_whole();
}

#[test]
fn behind_what_the_journal_keeps_it_is_refused() {
    Bed::new(4).is_refused();
}
