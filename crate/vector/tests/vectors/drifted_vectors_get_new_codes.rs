//! When vectors come that lie where none was when codes were made, codes are made anew; not when they lie where others do.

use rand::Rng;
use rand::rngs::StdRng;
use sledstore_engine::{KeyRange, Read, ScanOptions, Store};
use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions, Way};

use crate::common;

const DIMENSIONS: usize = 16;

type Rows = Vec<(Vec<u8>, Vec<f32>)>;

fn rows(random: &mut StdRng, keys: std::ops::Range<u16>, middle: f32) -> Rows {
    let vector = |random: &mut StdRng| (0..DIMENSIONS).map(|_| middle + random.random_range(-1.0..1.0)).collect();
    keys.map(|key| (key.to_be_bytes().to_vec(), vector(random))).collect()
}

/// Generations that have codes.
fn generations(store: &Store, index: &VectorIndex) -> Vec<u8> {
    let mut found = Vec::new();
    let mut scan = store.scan(index.namespace(), &KeyRange::prefix(&[0x22]), ScanOptions::default()).unwrap();
    while scan.next_page(1_000, 1 << 20, &mut |key, _| found.push(key[4])).unwrap() {}
    found.dedup();
    found
}

/// Of the ten nearest to each of some rows, how many the graph finds.
fn recall(index: &VectorIndex, read: &impl Read, rows: &Rows) -> f64 {
    let (mut found, mut wanted) = (0, 0);
    for (_, query) in rows.iter().step_by(10) {
        let (near, plan) = index.search_explained(read, query, &Search::nearest(10)).unwrap();
        assert_eq!(plan.way, Way::Graph);
        let exact = index.search(read, query, &Search { exact: true, ..Search::nearest(10) }).unwrap();
        found += exact.iter().filter(|neighbor| near.contains(neighbor)).count();
        wanted += exact.len();
    }
    found as f64 / wanted as f64
}

#[test]
fn codes_follow_the_data() {
    let mut random = common::random();
    for metric in [Metric::L2, Metric::Dot] {
        let store = common::memory();
        let options = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, metric) };
        let index = VectorIndex::open(&store, "test", &options).unwrap();
        common::put(&index, &rows(&mut random, 0..1_000, 0.0));
        index.compact().unwrap();
        common::put(&index, &rows(&mut random, 1_000..2_000, 0.0));
        index.compact().unwrap();
        assert_eq!(generations(&store, &index), [1], "nothing new");

        let before = store.snapshot().unwrap();
        let count = index.count(&before).unwrap();
        let moved = rows(&mut random, 2_000..3_000, 6.0);
        common::put(&index, &moved);
        // Searches go on while the graph is built anew, at the newest state and at an older one.
        std::thread::scope(|threads| {
            let folds = threads.spawn(|| index.compact().unwrap());
            let (mut is_done, mut searches, mut missed) = (false, 0, 0);
            while !is_done {
                is_done = folds.is_finished();
                let (key, query) = &moved[random.random_range(0..moved.len())];
                let found = index.search(&store, query, &Search::nearest(1)).unwrap();
                searches += 1;
                missed += usize::from(metric == Metric::L2 && found[0].key != *key);
                assert_eq!(index.search(&before, query, &Search::nearest(5)).unwrap().len(), 5);
            }
            assert!(missed * 50 <= searches, "{missed} of {searches}");
        });
        assert_eq!(generations(&store, &index), [2], "{metric}");
        assert_eq!(index.count(&before).unwrap(), count);
        assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
        let found = recall(&index, &store.snapshot().unwrap(), &moved);
        assert!(found > 0.95, "{metric}: {found}");
        // The new ones are no news any more.
        common::put(&index, &rows(&mut random, 3_000..4_000, 6.0));
        index.compact().unwrap();
        assert_eq!(generations(&store, &index), [2], "{metric}");
    }
}

/// Few at a time, with a reopening after each: what was counted is kept.
#[test]
fn drift_is_counted_across_reopenings() {
    let mut random = common::random();
    let folder = tempfile::tempdir().unwrap();
    for step in 0..6_u16 {
        let store = Store::open(folder.path(), &sledstore_engine::Options::default()).unwrap();
        let options = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::L2) };
        let index = VectorIndex::open(&store, "test", &options).unwrap();
        let keys = if step == 0 { 0..500 } else { 400 + step * 100..500 + step * 100 };
        common::put(&index, &rows(&mut random, keys, if step == 0 { 0.0 } else { 30.0 }));
        index.compact().unwrap();
        // After 256 that lie elsewhere.
        assert_eq!(generations(&store, &index), [if step < 3 { 1 } else { 2 }], "step {step}");
        store.close().unwrap();
    }
}
