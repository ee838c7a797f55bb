//! Keys that are long runs of 0xFF, up to the longest key, keep their order forwards and backwards, in memtables and
//! in blocks.

use std::collections::BTreeSet;
use std::ops::Bound;

use sledstore_engine::{
    Batch, Durability, KEY_BYTES_MAX, KeyRange, NamespaceId, NamespaceOptions, Options, Read, ScanOptions, Store,
};

/// Runs of every kind of length, and their neighbors: one byte below at either end, and a last byte of zero.
fn runs() -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::from([Vec::new(), vec![0xff; KEY_BYTES_MAX]]);
    for length in (1..40).chain((40..KEY_BYTES_MAX).step_by(97)) {
        let run = vec![0xff; length];
        for (at, byte) in [(length - 1, 0xfe), (length - 1, 0), (0, 0xfe)] {
            let mut neighbor = run.clone();
            neighbor[at] = byte;
            keys.insert(neighbor);
        }
        keys.insert(run);
    }
    keys
}

fn found(store: &Store, namespace: NamespaceId, range: &KeyRange, reverse: bool) -> Vec<Vec<u8>> {
    let scan = store.scan(namespace, range, ScanOptions { reverse, ..ScanOptions::default() }).expect("a scan");
    scan.map(|row| row.expect("a row").0).collect()
}

fn check(store: &Store, namespace: NamespaceId, keys: &BTreeSet<Vec<u8>>) {
    let mut ranges = vec![KeyRange::all()];
    for key in keys.iter().step_by(7) {
        ranges.push(KeyRange::prefix(key));
        ranges.push(KeyRange { start: Bound::Unbounded, end: Bound::Excluded(key.clone()) });
        ranges.push(KeyRange { start: Bound::Excluded(key.clone()), end: Bound::Unbounded });
    }
    for range in &ranges {
        let mut expected: Vec<_> = keys.iter().filter(|key| range.contains(key)).cloned().collect();
        assert!(found(store, namespace, range, false) == expected, "forwards in {range:?}");
        expected.reverse();
        assert!(found(store, namespace, range, true) == expected, "backwards in {range:?}");
    }
    for key in keys {
        assert_eq!(store.get(namespace, key).expect("a get").map(|value| value.len()), Some(key.len()));
    }
}

#[test]
fn long_runs_of_0xff_keep_their_order_both_ways() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options {
        durability: Durability::None,
        memtable_bytes: Some(64 << 10),
        block_bytes: Some(512),
        ..Options::default()
    };
    let store = Store::open(folder.path(), &options).expect("it opens");
    let namespace = store.namespace("runs", &NamespaceOptions::default()).expect("a namespace").id;
    let keys = runs();
    for key in &keys {
        let mut batch = Batch::new();
        batch.put(namespace, key, &vec![1; key.len()]).expect("a row");
        store.commit(&batch, Durability::None).expect("a commit");
    }
    check(&store, namespace, &keys);
    store.checkpoint().expect("a checkpoint");
    check(&store, namespace, &keys);
    store.close().expect("it closes");

    let store = Store::open(folder.path(), &options).expect("it opens again");
    check(&store, namespace, &keys);
    assert!(store.verify(&mut |_| true).expect("a report").is_clean());
    store.close().expect("it closes");
}
