//! What has expired leaves the blocks, with its chunks, once nobody reads it any more, and at the latest in an hour (E28).

use super::{Bed, START_MS, rows_in, timed_options};
use crate::batch::Batch;
use crate::clock::Clock;
use crate::key;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::Options;
use crate::reclaim::RECLAIMED_WITHIN_MS;
use crate::store::{Read, Store};
use crate::store_file::CHECKPOINT_FILE;

const ROWS: u32 = 2_000;
const DAY_MS: u64 = 86_400_000;

fn key(row: u32) -> Vec<u8> {
    format!("key-{row:05}").into_bytes()
}

/// A store whose memtable takes all these rows, so that nothing is drained before a test wants it.
fn timed_store(clock: &Clock) -> (Store, NamespaceId) {
    let store = Store::memory(&Options { memtable_bytes: Some(1 << 20), ..timed_options(clock) }).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    (store, namespace)
}

/// Puts rows that live for `ttl_ms`, as far as they are given one.
fn fill(store: &Store, namespace: NamespaceId, ttl_ms: impl Fn(u32) -> Option<u64>) {
    let mut batch = Batch::new();
    for row in 0..ROWS {
        match ttl_ms(row) {
            Some(ttl_ms) => batch.put_expiring(namespace, &key(row), &[1; 100], START_MS + ttl_ms).unwrap(),
            None => batch.put(namespace, &key(row), &[1; 100]).unwrap(),
        }
    }
    store.apply(&batch).unwrap();
}

fn base_rows(store: &Store, namespace: NamespaceId) -> u64 {
    assert_eq!(store.approximate_size(namespace).0, rows_in(store, key::SPACE_BASE, namespace));
    store.approximate_size(namespace).0
}

/// What the checkpoint thread does when there is nothing to drain.
fn walk(store: &Store) -> u64 {
    (0..).take_while(|_| store.inner.reclaim_step().unwrap()).count() as u64
}

#[test]
fn those_of_a_memtable_never_reach_the_blocks() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    fill(&store, namespace, |row| row.is_multiple_of(2).then_some(1_000));
    clock.set(START_MS + 1_000);
    store.checkpoint().unwrap();
    assert_eq!(base_rows(&store, namespace), u64::from(ROWS / 2));
}

#[test]
fn those_of_blocks_that_are_rewritten_go_along() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    fill(&store, namespace, |row| (!row.is_multiple_of(2)).then_some(1_000));
    store.checkpoint().unwrap();
    clock.set(START_MS + 1_000);
    let mut batch = Batch::new();
    (0..ROWS).step_by(2).for_each(|row| batch.put(namespace, &key(row), b"new").unwrap());
    store.apply(&batch).unwrap();
    store.checkpoint().unwrap();
    assert_eq!(base_rows(&store, namespace), u64::from(ROWS / 2));
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}

#[test]
fn much_goes_soon() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    fill(&store, namespace, |row| Some(if row.is_multiple_of(2) { DAY_MS } else { 10 * DAY_MS }));
    store.checkpoint().unwrap();
    clock.set(START_MS + DAY_MS - 1);
    assert_eq!((walk(&store), base_rows(&store, namespace)), (0, u64::from(ROWS)));
    // It is known to an eighth of the time they live.
    clock.set(START_MS + DAY_MS + DAY_MS / 8);
    walk(&store);
    assert_eq!(base_rows(&store, namespace), u64::from(ROWS / 2));
    assert_eq!(walk(&store), 0, "one walk is enough");
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}

#[test]
fn little_goes_within_an_hour() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    fill(&store, namespace, |row| row.is_multiple_of(100).then_some(5_000));
    store.checkpoint().unwrap();
    clock.set(START_MS + 5_000 + RECLAIMED_WITHIN_MS - 1);
    assert_eq!(walk(&store), 0);
    clock.set(START_MS + 6_100 + RECLAIMED_WITHIN_MS);
    walk(&store);
    assert_eq!((walk(&store), base_rows(&store, namespace)), (0, u64::from(ROWS - ROWS / 100)));
}

#[test]
fn also_of_a_store_that_only_idles() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    fill(&store, namespace, |_| Some(5_000));
    store.inner.freeze_expired().unwrap();
    assert!(!store.inner.tables.load().active.memtable.is_empty());
    clock.set(START_MS + 5_000 + RECLAIMED_WITHIN_MS);
    store.inner.freeze_expired().unwrap();
    while store.inner.checkpoint_once(crate::checkpoint::Drain::Blocks).unwrap() {}
    let tables = store.inner.tables.load();
    assert!(tables.active.memtable.is_empty() && tables.frozen.is_empty());
    assert_eq!(base_rows(&store, namespace), 0);
}

#[test]
fn by_the_checkpoint_thread_itself() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    fill(&store, namespace, |_| Some(5_000));
    store.checkpoint().unwrap();
    clock.set(START_MS + DAY_MS);
    // Nobody asks for it: if it never came, this would never end.
    while store.approximate_size(namespace).0 > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn when_the_reader_that_held_them_goes() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    fill(&store, namespace, |_| Some(5_000));
    let snapshot = store.snapshot().unwrap();
    store.checkpoint().unwrap();
    clock.set(START_MS + DAY_MS);
    walk(&store);
    assert_eq!(base_rows(&store, namespace), u64::from(ROWS));
    assert_eq!(walk(&store), 0, "nothing more can go while it is there");
    assert!(snapshot.contains(namespace, &key(1)).unwrap());
    drop(snapshot);
    walk(&store);
    assert_eq!((base_rows(&store, namespace), walk(&store)), (0, 0));
}

#[test]
fn with_the_chunks_of_large_values() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    // In the memtable as a whole, and streamed.
    for (row, bytes) in [(1, 20_000), (2, 200_000), (3, 20_000), (4, 200_000)] {
        let mut batch = Batch::new();
        let expires_at = START_MS + if row < 3 { 5_000 } else { 10 * DAY_MS };
        batch.put_expiring(namespace, &key(row), &vec![7; bytes], expires_at).unwrap();
        store.apply(&batch).unwrap();
    }
    store.checkpoint().unwrap();
    assert_eq!(rows_in(&store, key::SPACE_CHUNKS, namespace), 2 * (2 + 13));
    clock.set(START_MS + DAY_MS);
    walk(&store);
    assert_eq!((base_rows(&store, namespace), rows_in(&store, key::SPACE_CHUNKS, namespace)), (2, 2 + 13));
    assert_eq!(store.get(namespace, &key(4)).unwrap(), Some(vec![7; 200_000]));
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    // Those that expire in a memtable never had chunks in blocks, or lose them with it.
    clock.set(START_MS + 20 * DAY_MS);
    for (row, bytes) in [(5, 20_000), (6, 200_000)] {
        let mut batch = Batch::new();
        batch.put_expiring(namespace, &key(row), &vec![7; bytes], START_MS).unwrap();
        store.apply(&batch).unwrap();
    }
    store.compact(&mut |_| true).unwrap();
    assert_eq!((base_rows(&store, namespace), rows_in(&store, key::SPACE_CHUNKS, namespace)), (0, 0));
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}

#[test]
fn after_the_store_was_closed_and_opened() {
    let (clock, folder) = (Clock::manual(START_MS), tempfile::tempdir().unwrap());
    let store = Store::open(folder.path(), &timed_options(&clock)).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    fill(&store, namespace, |row| row.is_multiple_of(2).then_some(5_000));
    store.close().unwrap();
    let store = Store::open(folder.path(), &timed_options(&clock)).unwrap();
    assert_eq!((walk(&store), base_rows(&store, namespace)), (0, u64::from(ROWS)));
    clock.set(START_MS + DAY_MS);
    walk(&store);
    assert_eq!(base_rows(&store, namespace), u64::from(ROWS / 2));
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}

/// Every fourth is large.
fn value_of(row: u32) -> Vec<u8> {
    vec![row as u8; if row.is_multiple_of(4) { 20_000 } else { 60 }]
}

#[test]
fn after_a_walk_was_cut_off_anywhere() {
    let clock = Clock::manual(START_MS);
    let bed = Bed::new();
    let store = bed.open(&timed_options(&clock)).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    for row in 0..40 {
        let mut batch = Batch::new();
        let ttl_ms = if row % 3 == 0 { 9_000 } else { DAY_MS };
        batch.put_expiring(namespace, &key(row), &value_of(row), START_MS + ttl_ms).unwrap();
        store.apply(&batch).unwrap();
    }
    store.checkpoint().unwrap();
    // Whoever walks, this thread or the store's own, meets the fault at the end of its writes.
    bed.backend.fail_flush(bed.backend.flushes() + 1);
    clock.set(START_MS + 9_000 + 2 * RECLAIMED_WITHIN_MS);
    assert!(store.inner.reclaim_step().is_err(), "the walk should have met its planted fault");
    drop(store.close());
    let written = bed.backend.operations_since_flush().len();
    assert!(written > 20, "{written} writes");
    let checkpoint_file = bed.folder.path().join(CHECKPOINT_FILE);
    let whole = std::fs::read(&checkpoint_file).unwrap();
    for kept in 0..=written {
        std::fs::write(&checkpoint_file, &whole).unwrap();
        check_after(&bed, namespace, kept);
    }
}

fn check_after(bed: &Bed, namespace: NamespaceId, kept: usize) {
    // The clock of the process that comes after is hours slow: it may find rows that this one took for expired.
    let late = Clock::manual(START_MS + 1_000);
    let store = bed.open_after_writes(&timed_options(&late), kept).unwrap();
    let check_rows = || {
        for row in 0..40 {
            let found = store.get(namespace, &key(row)).unwrap();
            assert!(found.is_some() || row % 3 == 0, "row {row} with {kept} writes");
            assert!(found.is_none_or(|found| found == value_of(row)), "row {row} with {kept} writes");
        }
    };
    check_rows();
    store.checkpoint().unwrap();
    check_rows();
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, [], "with {kept} writes");
    late.set(START_MS + 9_000 + 2 * RECLAIMED_WITHIN_MS);
    walk(&store);
    let left = (base_rows(&store, namespace), rows_in(&store, key::SPACE_CHUNKS, namespace));
    assert_eq!(left, (26, 2 * 6), "with {kept} writes");
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, [], "with {kept} writes");
    drop(store.close());
}
