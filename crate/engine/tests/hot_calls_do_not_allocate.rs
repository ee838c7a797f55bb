//! N7: reads of what is in memory allocate nothing, and writes only as memtable and journal grow, by the chunk.

use allocation_counter::measure;
use sledstore_engine::{Batch, Durability, NamespaceId, NamespaceOptions, Options, Read, Result, Store};

const ROWS: u32 = 5_000;

fn key(row: u32) -> [u8; 4] {
    row.to_be_bytes()
}

fn open(folder: &std::path::Path) -> (Store, NamespaceId) {
    let store = Store::open(folder, &Options::default()).expect("a store");
    let namespace = store.namespace("rows", &NamespaceOptions::default()).expect("a namespace").id;
    (store, namespace)
}

fn fill(store: &Store, namespace: NamespaceId) {
    let mut batch = Batch::new();
    for row in 0..ROWS {
        batch.put(namespace, &key(row), &[b'x'; 100]).expect("a small row");
    }
    store.commit(&batch, Durability::Full).expect("a small batch");
}

/// A store whose rows are in blocks, as a close leaves them.
fn checkpointed(folder: &std::path::Path) -> (Store, NamespaceId) {
    let (store, namespace) = open(folder);
    fill(&store, namespace);
    store.close().expect("it closes");
    open(folder)
}

/// Allocations of this thread in `rounds` calls, after as many that may warm something up.
fn allocations(rounds: u32, mut call: impl FnMut(u32)) -> u64 {
    (0..rounds).for_each(&mut call);
    measure(|| (0..rounds).for_each(&mut call)).count_total
}

/// What every reader answers, found or missing, without a copy.
fn assert_reads_allocate_nothing(reader: &impl Read, namespace: NamespaceId, place: &str) {
    let get = |row| reader.get_with(namespace, &key(row), |value| assert_eq!(value.len(), 100)).expect("a read");
    assert_eq!(allocations(ROWS, |row| assert!(get(row).is_some())), 0, "get of a row in the {place}");
    assert_eq!(allocations(ROWS, |row| assert!(get(ROWS + row).is_none())), 0, "get of a missing row in the {place}");
    let has = |row| reader.contains(namespace, &key(row)).expect("a read");
    assert_eq!(allocations(2 * ROWS, |row| assert_eq!(has(row), row < ROWS)), 0, "has in the {place}");
}

fn assert_cached_reads_allocate_nothing(store: &Store, namespace: NamespaceId, place: &str) {
    let get = |row: u32| -> Result<Option<Option<usize>>> { store.get_cached(namespace, &key(row), <[u8]>::len) };
    let length = |row| get(row).expect("a read").expect("it is in memory");
    assert_eq!(allocations(ROWS, |row| assert_eq!(length(row), Some(100))), 0, "cached get in the {place}");
}

#[test]
fn reads_of_the_memtable() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, namespace) = checkpointed(folder.path());
    fill(&store, namespace);
    assert_reads_allocate_nothing(&store, namespace, "memtable");
    assert_reads_allocate_nothing(&store.snapshot().expect("a snapshot"), namespace, "memtable, by a snapshot");
    assert_cached_reads_allocate_nothing(&store, namespace, "memtable");
    store.close().expect("it closes");
}

#[test]
fn reads_of_cached_blocks() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, namespace) = checkpointed(folder.path());
    assert_reads_allocate_nothing(&store, namespace, "blocks");
    assert_reads_allocate_nothing(&store.snapshot().expect("a snapshot"), namespace, "blocks, by a snapshot");
    assert_cached_reads_allocate_nothing(&store, namespace, "blocks");
    store.close().expect("it closes");
}

#[test]
fn puts_allocate_by_the_chunk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, namespace) = checkpointed(folder.path());
    let mut batch = Batch::new();
    let mut put = |row: u32| {
        batch.reset();
        batch.put(namespace, &key(row), &[b'y'; 100]).expect("a small row");
        store.apply(&batch).expect("a small batch");
    };
    let rounds = 10_000;
    let count = allocations(rounds, &mut put);
    assert!(count <= u64::from(rounds) / 50, "{count} allocations in {rounds} puts");
    store.close().expect("it closes");
}

/// Where a namespace has no blocks yet, what is not in the memtable is asked of sled, each time.
#[test]
fn a_miss_without_blocks_allocates_its_question_to_sled() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, namespace) = open(folder.path());
    fill(&store, namespace);
    let get = |row: u32| store.get_with(namespace, &key(ROWS + row), |_| ()).expect("a read");
    let count = allocations(ROWS, |row| assert!(get(row).is_none()));
    assert!(count <= 2 * u64::from(ROWS), "{count} allocations in {ROWS} reads");
    store.close().expect("it closes");
}

/// The counter must see what it is there for.
#[test]
fn a_read_that_copies_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, namespace) = checkpointed(folder.path());
    let copied = allocations(100, |row| assert!(store.get(namespace, &key(row)).expect("a read").is_some()));
    assert_eq!(copied, 100);
    store.close().expect("it closes");
}
