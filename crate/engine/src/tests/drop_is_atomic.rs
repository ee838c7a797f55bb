//! From the drop's seq on nobody finds a row of the namespace, at no moment (E24).

use std::sync::atomic::{AtomicBool, Ordering};

use super::{put, small_options};
use crate::error::ErrorCode;
use crate::namespace::NamespaceOptions;
use crate::store::{Read, Store};

#[test]
fn a_snapshot_answers_alike_during_and_after_it() {
    let store = Store::memory(&small_options()).unwrap();
    for _ in 0..300 {
        let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        put(&store, namespace, b"key", b"value");
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut met = Vec::new();
                let mut last = 0;
                while !stop.load(Ordering::Acquire) {
                    let snapshot = store.snapshot().unwrap();
                    let found = snapshot.get(namespace, b"key").map_err(|error| error.code());
                    if snapshot.seq() != last {
                        last = snapshot.seq();
                        met.push((snapshot, found));
                    }
                }
                met
            });
            assert!(store.drop_namespace("rows").unwrap());
            stop.store(true, Ordering::Release);
            for (snapshot, found) in reader.join().unwrap() {
                assert_eq!(snapshot.get(namespace, b"key").map_err(|error| error.code()), found);
            }
        });
        assert_eq!(store.get(namespace, b"key").unwrap_err().code(), ErrorCode::NamespaceDropped);
    }
}

#[test]
fn it_is_done_before_its_seq_is_visible() {
    let store = Store::memory(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let mut batch = crate::batch::Batch::new();
    batch.put(namespace, b"key", b"value").unwrap();
    let mut writer = store.inner.lock_writer();
    let before = store.visible_seq();
    let seq = store.inner.apply_locked(&mut writer, (&batch).into(), |seq| {
        assert_eq!((seq, store.visible_seq()), (before + 1, before));
        store.inner.catalogue.mark_dropped("rows", seq);
    });
    assert_eq!(seq.unwrap(), store.visible_seq());
}

#[test]
fn each_of_its_blocks_is_sought_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store"), &small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    for row in 0..4_000_u32 {
        put(&store, namespace, &row.to_be_bytes(), &[row as u8; 100]);
    }
    store.checkpoint().unwrap();
    let before = store.stats();
    assert!(before.blocks_written > 500, "{}", before.blocks_written);
    assert!(store.drop_namespace("rows").unwrap());
    store.checkpoint().unwrap();
    // Removed blocks that are still known to the index must not be met again by the search for the next one.
    let reads = store.stats().backend_reads - before.backend_reads;
    assert!(reads < 4 * before.blocks_written, "{reads} for {} blocks", before.blocks_written);
    store.close().unwrap();
}
