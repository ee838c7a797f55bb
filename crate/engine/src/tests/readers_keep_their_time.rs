//! Snapshots, transactions and scans judge expiry by the time at which they began, whatever checkpoints do meanwhile (E28).

use super::{START_MS, put, timed_store};
use crate::batch::Batch;
use crate::clock::Clock;
use crate::namespace::NamespaceId;
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Store, Write};

const ROWS: u32 = 300;

fn key(row: u32) -> Vec<u8> {
    format!("key-{row:04}").into_bytes()
}

/// Some large, some small.
fn value(row: u32) -> Vec<u8> {
    vec![row as u8; if row.is_multiple_of(50) { 20_000 } else { 40 }]
}

/// Rows that live for a second, above older ones.
fn filled(clock: &Clock) -> (Store, NamespaceId) {
    let (store, namespace) = timed_store(clock);
    put(&store, namespace, &key(7), b"older");
    store.checkpoint().unwrap();
    let mut batch = Batch::new();
    for row in 0..ROWS {
        batch.put_expiring(namespace, &key(row), &value(row), START_MS + 1_000).unwrap();
    }
    store.apply(&batch).unwrap();
    (store, namespace)
}

fn count(reader: &impl Read, namespace: NamespaceId) -> u64 {
    reader.scan(namespace, &KeyRange::all(), ScanOptions::default()).unwrap().count_rows().unwrap()
}

#[track_caller]
fn assert_sees_all(reader: &impl Read, namespace: NamespaceId) {
    for row in [0, 7, 50, 150] {
        assert_eq!(reader.get(namespace, &key(row)).unwrap(), Some(value(row)));
    }
    let rows = reader.scan(namespace, &KeyRange::all(), ScanOptions::default()).unwrap().map(Result::unwrap);
    assert_eq!(rows.collect::<Vec<_>>(), (0..ROWS).map(|row| (key(row), value(row))).collect::<Vec<_>>());
}

#[track_caller]
fn assert_sees_none(reader: &impl Read, namespace: NamespaceId) {
    assert_eq!(reader.get(namespace, &key(7)).unwrap(), None);
    assert!(!reader.contains(namespace, &key(50)).unwrap());
    assert_eq!(count(reader, namespace), 0);
}

#[test]
fn through_checkpoints_and_walks() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = filled(&clock);
    let snapshot = store.snapshot().unwrap();
    let transaction = store.begin().unwrap();
    clock.set(START_MS + 1_000);
    let late = store.snapshot().unwrap();
    for _ in 0..3 {
        assert_sees_all(&snapshot, namespace);
        assert_sees_all(&transaction, namespace);
        assert_sees_none(&late, namespace);
        assert_sees_none(&store, namespace);
        store.compact(&mut |_| true).unwrap();
    }
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    drop((snapshot, transaction));
    store.compact(&mut |_| true).unwrap();
    assert_sees_none(&late, namespace);
    assert_eq!(store.approximate_size(namespace).0, 0, "what only a late reader is left for goes");
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}

#[test]
fn also_when_the_rows_were_replaced() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = filled(&clock);
    let snapshot = store.snapshot().unwrap();
    store.checkpoint().unwrap();
    clock.set(START_MS + 1_000);
    let late = store.snapshot().unwrap();
    for row in 0..ROWS {
        put(&store, namespace, &key(row), b"new");
    }
    store.compact(&mut |_| true).unwrap();
    assert_sees_all(&snapshot, namespace);
    assert_sees_none(&late, namespace);
    assert_eq!(count(&store, namespace), u64::from(ROWS));
    drop(snapshot);
    store.compact(&mut |_| true).unwrap();
    assert_sees_none(&late, namespace);
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}

#[test]
fn a_scan_ends_with_the_rows_it_began_with() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = filled(&clock);
    let mut scan = store.scan(namespace, &KeyRange::all(), ScanOptions::default()).unwrap();
    let first = scan.next().unwrap().unwrap();
    clock.set(START_MS + 1_000);
    store.compact(&mut |_| true).unwrap();
    let rest = scan.map(Result::unwrap);
    let rows: Vec<_> = std::iter::once(first).chain(rest).collect();
    assert_eq!(rows, (0..ROWS).map(|row| (key(row), value(row))).collect::<Vec<_>>());
}

#[test]
fn a_reader_of_a_large_value_reads_it_to_its_end() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = filled(&clock);
    store.checkpoint().unwrap();
    let mut reader = store.large_reader(namespace, &key(50)).unwrap().unwrap();
    clock.set(START_MS + 1_000);
    store.compact(&mut |_| true).unwrap();
    let mut read = Vec::new();
    while reader.next_chunk(&mut read).unwrap() {}
    assert_eq!(read, value(50));
    drop(reader);
    store.compact(&mut |_| true).unwrap();
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}

#[test]
fn a_transaction_reads_its_own_writes_by_its_own_time() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    let mut transaction = store.begin().unwrap();
    transaction.put_expiring(namespace, b"live", b"value", START_MS + 1_000).unwrap();
    transaction.put_expiring(namespace, b"past", b"value", START_MS).unwrap();
    clock.set(START_MS + 2_000);
    assert_eq!(transaction.get(namespace, b"live").unwrap(), Some(b"value".to_vec()));
    assert_eq!((transaction.get(namespace, b"past").unwrap(), count(&transaction, namespace)), (None, 1));
    transaction.apply().unwrap();
    drop(transaction);
    assert_eq!(count(&store, namespace), 0);
}
