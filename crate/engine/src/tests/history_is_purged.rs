//! What nobody can ask for any more leaves history, also while readers overlap for ever (E8).

use super::{Bed, put, rows_in, small_options, small_store};
use crate::batch::Batch;
use crate::key;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Snapshot, Store};

const ROWS: u64 = 500;

fn history_rows(store: &Store, namespace: NamespaceId) -> u64 {
    rows_in(store, key::SPACE_HISTORY, namespace)
}

/// Gives every row a new value, and brings that into the blocks.
fn overwrite(store: &Store, namespace: NamespaceId, round: u64) {
    let mut batch = Batch::new();
    for row in 0..ROWS {
        batch.put(namespace, format!("key-{row:04}").as_bytes(), format!("value {round}").as_bytes()).unwrap();
    }
    store.apply(&batch).unwrap();
    store.checkpoint().unwrap();
}

fn assert_reads(snapshot: &Snapshot, namespace: NamespaceId, round: u64) {
    let right = format!("value {round}").into_bytes();
    let rows = snapshot.scan(namespace, &KeyRange::all(), ScanOptions::default()).unwrap();
    assert_eq!(rows.map(|row| row.unwrap().1).filter(|value| *value == right).count() as u64, ROWS);
    assert_eq!(snapshot.get(namespace, b"key-0123").unwrap(), Some(right));
}

#[test]
fn while_each_reader_begins_before_the_last_one_ends() {
    let (store, namespace) = small_store();
    overwrite(&store, namespace, 0);
    let mut readers = vec![(store.snapshot().unwrap(), 0)];
    for round in 1..=60 {
        overwrite(&store, namespace, round);
        readers.push((store.snapshot().unwrap(), round));
        if readers.len() > 3 {
            readers.remove(0);
        }
        readers.iter().for_each(|(snapshot, round)| assert_reads(snapshot, namespace, *round));
        // Three versions of each row are read at most; twice that and one round may wait for a pass.
        let rows = history_rows(&store, namespace);
        assert!(rows <= 7 * ROWS, "{rows} rows in history in round {round}");
    }
    assert!(history_rows(&store, namespace) >= 2 * ROWS);
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    readers.clear();
    store.checkpoint().unwrap();
    assert_eq!(history_rows(&store, namespace), 0);
}

#[test]
fn between_an_old_reader_and_young_ones() {
    let (store, namespace) = small_store();
    overwrite(&store, namespace, 0);
    let oldest = store.snapshot().unwrap();
    for round in 1..=60 {
        let young = store.snapshot().unwrap();
        overwrite(&store, namespace, round);
        assert_reads(&young, namespace, round - 1);
        assert_reads(&oldest, namespace, 0);
        let rows = history_rows(&store, namespace);
        assert!(rows <= 5 * ROWS, "{rows} rows in history in round {round}");
    }
    drop(oldest);
}

#[test]
fn with_the_chunks_of_large_values() {
    let (store, namespace) = small_store();
    let value = |round: u8| vec![round; 40_000];
    let mut reader = None;
    for round in 0..120 {
        for row in 0..20_u8 {
            put(&store, namespace, &[row], &value(round));
        }
        store.checkpoint().unwrap();
        let previous = reader.replace((store.snapshot().unwrap(), round));
        if let Some((snapshot, round)) = previous {
            assert_eq!(snapshot.get(namespace, &[7]).unwrap(), Some(value(round)));
        }
    }
    let (rows, chunks) = (history_rows(&store, namespace), rows_in(&store, key::SPACE_CHUNKS, namespace));
    assert!(rows < 400, "{rows} rows in history");
    assert_eq!(chunks, 3 * (rows + 20));
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}

#[test]
fn without_a_word_from_a_writer() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    overwrite(&store, namespace, 0);
    let old = store.snapshot().unwrap();
    overwrite(&store, namespace, 1);
    let young = store.snapshot().unwrap();
    overwrite(&store, namespace, 2);
    assert_eq!(history_rows(&store, namespace), 2 * ROWS);
    drop(old);
    assert!(
        store.inner.checkpoint_once(crate::checkpoint::Drain::Blocks).unwrap()
            || history_rows(&store, namespace) == ROWS
    );
    assert_eq!(history_rows(&store, namespace), ROWS);
    assert_reads(&young, namespace, 1);
    drop(store.close());
}
