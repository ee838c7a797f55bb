//! N7: the bodies of the hot calls allocate no more than the engine does under them.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use allocation_counter::measure;
use sledstore_engine::{Batch, NamespaceId, NamespaceOptions, Options, Store};

use crate::hot::{self, Change, Got, Mode};
use crate::lifecycle::{self, Environment, NamespaceEntry, Object};

const ROWS: u32 = 5_000;

fn open(folder: &Path) -> (Store, NamespaceId) {
    let store = Store::open(folder, &Options::default()).expect("a store");
    let id = store.namespace("rows", &NamespaceOptions::default()).expect("a namespace").id;
    (store, id)
}

/// An environment with a namespace of a store that was checkpointed, and the namespace's handle.
fn scene(folder: &Path) -> (Rc<RefCell<Environment>>, i32) {
    let (store, id) = open(folder);
    let mut batch = Batch::new();
    (0..ROWS).for_each(|row| batch.put(id, &row.to_be_bytes(), &[b'x'; 100]).expect("a small row"));
    store.apply(&batch).expect("a small batch");
    store.close().expect("it closes");

    let (store, id) = open(folder);
    let shared = lifecycle::create(1);
    let mut environment = shared.borrow_mut();
    let handle = environment.insert_store(store).expect("a handle");
    let store = environment.store(handle).expect("the store").clone();
    let namespace = environment.insert(Object::Namespace(NamespaceEntry::new(store, id))).expect("a handle");
    drop(environment);
    (shared, namespace)
}

fn allocations(mut call: impl FnMut(u32)) -> u64 {
    (0..ROWS).for_each(&mut call);
    measure(|| (0..ROWS).for_each(&mut call)).count_total
}

#[test]
fn reads_allocate_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (environment, namespace) = scene(folder.path());
    let environment = &mut *environment.borrow_mut();
    let mut out = [0; 128];
    let mut get = |row: u32| hot::get(environment, namespace, 0, &row.to_be_bytes(), &mut out).expect("a read");
    assert_eq!(allocations(|row| assert!(matches!(get(row), Got::Copied(100)))), 0, "get");
    assert_eq!(allocations(|row| assert!(matches!(get(ROWS + row), Got::Missing))), 0, "get of a missing key");
    let mut cached = |row: u32| hot::get_cached(environment, namespace, 0, &row.to_be_bytes(), &mut out);
    assert_eq!(allocations(|row| assert!(matches!(cached(row), Ok(Some(Got::Copied(100)))))), 0, "cached get");
    let has = |row: u32| hot::has(environment, namespace, 0, &row.to_be_bytes()).expect("a read");
    assert_eq!(allocations(|row| assert!(has(row))), 0, "has");
}

#[test]
fn writes_allocate_by_the_chunk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (environment, namespace) = scene(folder.path());
    let environment = &mut *environment.borrow_mut();
    for change in [Change::Put(&[b'y'; 100]), Change::Delete] {
        let mut write = |row: u32| {
            hot::write(environment, namespace, &row.to_be_bytes(), change, Mode::Forget).expect("a write");
        };
        let count = allocations(&mut write);
        assert!(count <= u64::from(ROWS) / 50, "{count} allocations in {ROWS} writes");
    }
}

/// A value that is too long for the buffer is parked, which the counter must see.
#[test]
fn a_parked_value_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (environment, namespace) = scene(folder.path());
    let environment = &mut *environment.borrow_mut();
    let mut get = |row: u32| hot::get(environment, namespace, 0, &row.to_be_bytes(), &mut [0; 99]).expect("a read");
    assert_eq!(allocations(|row| assert!(matches!(get(row), Got::Parked(100)))), u64::from(ROWS));
}
