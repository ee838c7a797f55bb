//! At most two memtables are frozen; past that synchronous writers wait and asynchronous answers are held back (E18).

use std::sync::mpsc;
use std::time::Duration;

use super::small_options;
use crate::batch::Batch;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::{Durability, Options};
use crate::store::{Read, Store};

const VALUE: [u8; 1_000] = [7; 1_000];

fn open() -> (Store, NamespaceId, Options) {
    let options = small_options();
    let store = Store::memory(&options).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    (store, namespace, options)
}

fn row(namespace: NamespaceId, number: u32) -> Batch {
    let mut batch = Batch::new();
    batch.put(namespace, &number.to_be_bytes(), &VALUE).unwrap();
    batch
}

fn frozen(store: &Store) -> usize {
    store.inner.tables.load().frozen.len()
}

/// Waits for what another thread will do; a test that waits for ever is ended by its runner.
fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_synchronous_writer_waits_and_loses_nothing() {
    let (store, namespace, options) = open();
    let memtable_bytes = options.memory_plan().memtable_bytes;
    let rows = u32::try_from(6 * memtable_bytes / VALUE.len()).unwrap();
    std::thread::scope(|scope| {
        let held = store.inner.checkpoint.hold();
        let writing = scope.spawn(|| {
            for number in 0..rows {
                store.commit(&row(namespace, number), Durability::None).unwrap();
            }
        });
        until(|| store.stats().stalls > 0);
        assert_eq!(frozen(&store), 2);
        assert!(!store.has_room());
        let memory = store.stats().memory;
        let bytes = memory.active_memtable + memory.frozen_memtables;
        assert!(bytes <= options.memory_plan().memtables_bytes as u64, "{memory:?}");
        assert!(!writing.is_finished());
        drop(held);
        writing.join().unwrap();
    });
    for number in 0..rows {
        assert!(store.contains(namespace, &number.to_be_bytes()).unwrap(), "{number}");
    }
}

#[test]
fn an_asynchronous_answer_is_held_back() {
    let (store, namespace, _) = open();
    let held = store.inner.checkpoint.hold();
    let mut number = 0;
    while store.has_room() {
        store.apply_overshooting(&row(namespace, number)).unwrap();
        number += 1;
    }
    // It overshoots instead of blocking …
    let seq = store.apply_overshooting(&row(namespace, number)).unwrap();
    let (answer, answered) = mpsc::channel();
    store.request(seq, Durability::None, move |outcome| answer.send(outcome.is_ok()).unwrap());
    until(|| store.stats().stalls > 0);
    assert_eq!(frozen(&store), 2);
    assert!(answered.try_recv().is_err());
    // … and is answered when a checkpoint has made room.
    drop(held);
    assert!(answered.recv().unwrap());
    assert!(store.has_room());
}

#[test]
fn small_writes_let_a_large_batch_pass() {
    let (store, namespace, options) = open();
    let rows = u32::try_from(options.memory_plan().memtables_bytes / VALUE.len()).unwrap();
    let mut large = Batch::new();
    for number in 1..=rows {
        large.put(namespace, &number.to_be_bytes(), &VALUE).unwrap();
    }
    store.commit(&row(namespace, 0), Durability::None).unwrap();
    std::thread::scope(|scope| {
        let held = store.inner.checkpoint.hold();
        let writing = scope.spawn(|| store.commit(&large, Durability::None).unwrap());
        until(|| store.stats().stalls > 0);
        assert!(!store.has_room(), "or small writes would fill what it waits for");
        let small = scope.spawn(|| store.commit(&row(namespace, 0), Durability::None).unwrap());
        drop(held);
        assert!(writing.join().unwrap() < small.join().unwrap());
    });
    assert!(store.contains(namespace, &rows.to_be_bytes()).unwrap());
}
