//! Frozen memtables that become sorted runs: what readers see, what a crash leaves, when they go.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::{Bed, put, small_options};
use crate::batch::Batch;
use crate::checkpoint::Drain;
use crate::disk::Disk;
use crate::error::ErrorCode;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::sorted_run::RUNS_FOLDER;
use crate::store::{Read, Store};

fn open(bed: &Bed) -> (Store, NamespaceId) {
    let store = bed.open(&small_options()).unwrap();
    store.inner.spills_always.store(true, Ordering::Relaxed);
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    (store, namespace)
}

fn key(row: u32) -> Vec<u8> {
    format!("key-{row:05}").into_bytes()
}

/// Freezes what is in memory and lets it become a run.
fn spill(store: &Store) {
    {
        let writer = store.inner.lock_writer();
        store.inner.freeze(&writer).unwrap();
    }
    while !store.inner.tables.load().frozen.is_empty() {
        store.inner.checkpoint_once(Drain::Anything).unwrap();
    }
}

fn runs(store: &Store) -> usize {
    store.inner.tables.load().runs.len()
}

/// A base of even rows, and two runs over it: every third row anew, every fifth removed.
fn layered(bed: &Bed) -> (Store, NamespaceId) {
    let (store, namespace) = open(bed);
    for row in (0..600).step_by(2) {
        put(&store, namespace, &key(row), b"base");
    }
    store.checkpoint().unwrap();
    assert_eq!(runs(&store), 0);
    for row in (0..60).step_by(3) {
        put(&store, namespace, &key(row), b"first");
    }
    spill(&store);
    let mut batch = Batch::new();
    (0..60).step_by(5).for_each(|row| batch.delete(namespace, &key(row)).unwrap());
    batch.put(namespace, &key(1), b"second").unwrap();
    store.apply(&batch).unwrap();
    spill(&store);
    (store, namespace)
}

fn expected() -> Vec<(Vec<u8>, Vec<u8>)> {
    let value = |row: u32| match row {
        1 => Some("second"),
        _ if row < 60 && row.is_multiple_of(5) => None,
        _ if row < 60 && row.is_multiple_of(3) => Some("first"),
        _ => row.is_multiple_of(2).then_some("base"),
    };
    (0..600).filter_map(|row| Some((key(row), value(row)?.as_bytes().to_vec()))).collect()
}

fn assert_holds(store: &impl Read, namespace: NamespaceId) {
    for reverse in [false, true] {
        let options = ScanOptions { reverse, ..ScanOptions::default() };
        let mut rows: Vec<_> =
            store.scan(namespace, &KeyRange::all(), options).unwrap().collect::<crate::Result<_>>().unwrap();
        if reverse {
            rows.reverse();
        }
        assert_eq!(rows, expected());
    }
    let expected = expected();
    for row in 0..610 {
        let right = expected.iter().find(|(other, _)| *other == key(row)).map(|(_, value)| value.clone());
        assert_eq!(store.get(namespace, &key(row)).unwrap(), right, "row {row}");
    }
}

#[test]
fn they_lie_between_memtables_and_blocks() {
    let bed = Bed::new();
    let (store, namespace) = layered(&bed);
    assert_eq!(runs(&store), 2);
    assert_holds(&store, namespace);
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    let snapshot = store.snapshot().unwrap();
    put(&store, namespace, &key(2), b"newer");
    assert_eq!(store.get(namespace, &key(2)).unwrap().unwrap(), b"newer");
    assert_holds(&snapshot, namespace);
    // Folded, with a reader of what they replaced.
    store.checkpoint().unwrap();
    assert_eq!(runs(&store), 0);
    assert_holds(&snapshot, namespace);
    assert_eq!(store.get(namespace, &key(2)).unwrap().unwrap(), b"newer");
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    drop(store.close());
}

#[test]
fn they_are_found_by_the_next_open() {
    let bed = Bed::new();
    let (store, namespace) = layered(&bed);
    put(&store, namespace, &key(2), b"base");
    store.wait(store.visible_seq(), crate::options::Durability::Full).unwrap();
    let killed = bed.open_killed(&small_options(), |_| ()).unwrap();
    // What the runs hold was not in the journal any more, but for the newest of them.
    assert_eq!(runs(&killed), 2);
    assert!(killed.stats().recovery.records < 40, "{:?}", killed.stats().recovery);
    assert_holds(&killed, namespace);
    assert_eq!(killed.verify(&mut |_| true).unwrap().findings, []);
    drop(killed.close());
    drop(store.close());
}

#[test]
fn a_reader_of_older_versions_keeps_a_memtable_from_becoming_one() {
    let bed = Bed::new();
    let (store, namespace) = open(&bed);
    put(&store, namespace, b"key", b"one");
    let snapshot = store.snapshot().unwrap();
    put(&store, namespace, b"key", b"two");
    spill(&store);
    assert_eq!(runs(&store), 0);
    assert_eq!(snapshot.get(namespace, b"key").unwrap().unwrap(), b"one");
    assert_eq!(store.get(namespace, b"key").unwrap().unwrap(), b"two");
    assert_eq!(bed.disk.list(&runs_folder(&bed)).unwrap(), Vec::<String>::new());
    drop(store.close());
}

fn runs_folder(bed: &Bed) -> PathBuf {
    bed.folder.path().join(RUNS_FOLDER)
}

#[test]
fn what_is_more_than_small_rows_goes_into_the_blocks() {
    for write in [
        |batch: &mut Batch, namespace| batch.clear(namespace, &KeyRange::prefix(b"a")),
        |batch: &mut Batch, namespace| batch.put(namespace, b"large", &[7; 9_000]),
        |batch: &mut Batch, namespace| batch.put_expiring(namespace, b"short-lived", b"", u64::MAX - 1),
    ] {
        let bed = Bed::new();
        let (store, namespace) = layered(&bed);
        let mut batch = Batch::new();
        write(&mut batch, namespace).unwrap();
        store.apply(&batch).unwrap();
        spill(&store);
        assert_eq!(runs(&store), 0, "runs are older, so they go with it");
        assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
        drop(store.close());
    }
}

#[test]
fn their_files_go_one_checkpoint_after_they_were_folded() {
    let bed = Bed::new();
    let (store, namespace) = layered(&bed);
    let files = || bed.disk.list(&runs_folder(&bed)).unwrap().len();
    assert_eq!(files(), 2);
    store.checkpoint().unwrap();
    assert_eq!(files(), 2, "sled may fall back to before");
    // It does: they refill the blocks.
    let fallen = Bed {
        folder: tempfile::tempdir().unwrap(),
        disk: bed.disk.kill_image(),
        backend: std::sync::Arc::new(bed.backend.after_fall_back(|_| 0).unwrap()),
    };
    let image = Bed { folder: bed.folder, ..fallen };
    let reopened = image.open(&small_options()).unwrap();
    assert!(reopened.stats().recovery.fell_back);
    assert_holds(&reopened, namespace);
    reopened.checkpoint().unwrap();
    assert_eq!(reopened.verify(&mut |_| true).unwrap().findings, []);
    put(&reopened, namespace, b"one more", b"");
    reopened.checkpoint().unwrap();
    assert_eq!(image.disk.list(&runs_folder(&image)).unwrap(), Vec::<String>::new());
    drop(reopened.close());
    drop(store.close());
}

#[test]
fn damage_is_named() {
    let bed = Bed::new();
    let (store, namespace) = layered(&bed);
    let path = |name: &String| runs_folder(&bed).join(name);
    let files: Vec<PathBuf> = bed.disk.list(&runs_folder(&bed)).unwrap().iter().map(path).collect();
    let flipped = |path: &Path, at: usize| {
        let mut bytes = bed.disk.bytes(path);
        bytes[at] ^= 1;
        bytes
    };
    let length = bed.disk.bytes(&files[0]).len();
    for at in (0..length).step_by(7) {
        let opened = bed.open_killed(&small_options(), |disk| disk.set_bytes(&files[0], flipped(&files[0], at)));
        let Ok(opened) = opened else {
            assert_eq!(opened.err().unwrap().code(), ErrorCode::Corruption);
            continue;
        };
        // A block's damage waits for its reader.
        assert!(!opened.verify(&mut |_| true).unwrap().is_clean(), "byte {at} of {length}");
        let found = opened.get(namespace, &key(3));
        assert!(found.is_err_and(|error| error.code() == ErrorCode::Corruption), "byte {at}");
        drop(opened.close());
    }
    let lost = bed.open_killed(&small_options(), |disk| disk.remove(&files[0]).unwrap());
    assert_eq!(lost.err().map(|error| error.code()), Some(ErrorCode::Corruption));
    // The journal of the newest is still there.
    let lost = bed.open_killed(&small_options(), |disk| disk.remove(&files[1]).unwrap()).unwrap();
    assert_holds(&lost, namespace);
    drop(lost.close());
    drop(store.close());
}
