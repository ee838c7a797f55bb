//! A sled file that grows while little of it is live raises the alarm, and one that is only large does not (E21).

use std::sync::Arc;

use super::{Bed, put, small_options};
use crate::batch::Batch;
use crate::disk_use::DiskStats;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::range::KeyRange;
use crate::store::Store;

const MIB: u64 = 1 << 20;

/// A store of some MiB over a file whose size the test tells.
fn store(bed: &Bed) -> (Store, NamespaceId) {
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let noise = |row: u32| {
        let words = (0..500_u32).map(|word| word.wrapping_mul(row + 1).wrapping_mul(2_654_435_769).to_le_bytes());
        words.collect::<Vec<_>>().concat()
    };
    for row in 0..1_000 {
        put(&store, namespace, &u32::to_be_bytes(row), &noise(row));
    }
    store.checkpoint().unwrap();
    (store, namespace)
}

/// The figures after a checkpoint that finds a file of `size` bytes.
fn after(bed: &Bed, store: &Store, namespace: NamespaceId, size: u64) -> DiskStats {
    bed.backend.tell_size(size);
    put(store, namespace, b"key", b"value");
    store.checkpoint().unwrap();
    let disk = store.stats().disk;
    assert_eq!((disk.sled, disk.total), (size, size + disk.blocks + disk.journal));
    disk
}

#[test]
fn growth_of_what_is_not_live_is_an_alarm() {
    let bed = Bed::new();
    let (store, namespace) = store(&bed);
    let live = store.stats().disk.live.unwrap();
    assert!((MIB..16 * MIB).contains(&live), "{live}");
    let is_alarmed = |size| after(&bed, &store, namespace, size).is_growing_without_reclaim;
    // What reclaiming leaves is none, grown or not.
    assert!(![2 * live, 4 * live, 3 * live, 4 * live].into_iter().any(is_alarmed));
    assert!(is_alarmed(40 * live + 64 * MIB));
    // It ends when enough is reclaimed.
    assert!(!is_alarmed(3 * live));
    drop(store.close());
}

#[test]
fn a_file_that_much_was_deleted_from_is_none() {
    let bed = Bed::new();
    let (store, namespace) = store(&bed);
    let size = 4 * store.stats().disk.live.unwrap();
    let mut batch = Batch::new();
    batch.clear(namespace, &KeyRange::all()).unwrap();
    store.apply(&batch).unwrap();
    let disk = after(&bed, &store, namespace, size);
    assert!(disk.live.unwrap() < MIB && !disk.is_growing_without_reclaim, "{disk:?}");
    assert!(after(&bed, &store, namespace, 10 * size + 64 * MIB).is_growing_without_reclaim);
    // What it once held is remembered.
    store.close().unwrap();
    let bed = Bed { backend: Arc::new(bed.backend.after_crash(0)), ..bed };
    let store = bed.open(&small_options()).unwrap();
    assert!(!after(&bed, &store, namespace, size).is_growing_without_reclaim);
    assert!(after(&bed, &store, namespace, 10 * size + 64 * MIB).is_growing_without_reclaim);
    drop(store.close());
}

#[test]
fn live_bytes_are_those_of_the_blocks() {
    let bed = Bed::new();
    let (store, namespace) = store(&bed);
    for row in (0..1_000_u32).step_by(3) {
        put(&store, namespace, &row.to_be_bytes(), b"short");
    }
    let mut batch = Batch::new();
    batch.clear(namespace, &KeyRange::prefix(&[0, 0, 1])).unwrap();
    store.apply(&batch).unwrap();
    store.compact(&mut |_| true).unwrap();
    assert_eq!(store.stats().disk.live.unwrap(), store.verify(&mut |_| true).unwrap().bytes);
    drop(store.close());
}
