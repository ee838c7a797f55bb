//! Compacting takes in what is pending when it is called, and ends while others go on writing.

use std::sync::atomic::{AtomicBool, Ordering};

use sledstore_engine::{KeyRange, Read, ScanOptions};
use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions};

use crate::common;

#[test]
fn beside_a_writer_that_never_stops() {
    let mut random = common::random();
    let store = common::memory();
    let options = VectorOptions { compared_max: 100, ..VectorOptions::new(8, Metric::L2) };
    let index = VectorIndex::open(&store, "test", &options).unwrap();
    let rows: Vec<(Vec<u8>, Vec<f32>)> =
        (0..600_u32).map(|key| (key.to_be_bytes().to_vec(), common::vector(&mut random, 8))).collect();
    common::put(&index, &rows);
    index.compact().unwrap();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                for row in &rows {
                    common::put(&index, std::slice::from_ref(row));
                }
            }
        });
        for _ in 0..3 {
            index.compact().unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
    });
    index.compact().unwrap();
    let mut pending = store.scan(index.namespace(), &KeyRange::prefix(&[0x12]), ScanOptions::default()).unwrap();
    let mut count = 0;
    while pending.next_page(1_000, 1 << 20, &mut |_, _| count += 1).unwrap() {}
    assert_eq!(count, 0, "nobody writes any more");
    let found = index.search(&store, &rows[7].1, &Search::nearest(1)).unwrap();
    assert_eq!(found[0].key, rows[7].0);
}
