//! A store that ends in the middle of a fold, or of building the graph anew, has every vector and no index of mixed times;
//! the next fold goes on, and nothing of what was begun is left.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use sledstore_engine::{Batch, Durability, KeyRange, Options, Read, ScanOptions, Store};
use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions};

use crate::common;

const DIMENSIONS: usize = 12;

fn open(store: &Store) -> VectorIndex {
    let options = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::L2) };
    VectorIndex::open(store, "test", &options).unwrap()
}

/// Generations that have records of a kind.
fn generations(store: &Store, index: &VectorIndex, kind: u8) -> Vec<u8> {
    let mut found = Vec::new();
    let mut scan = store.scan(index.namespace(), &KeyRange::prefix(&[kind]), ScanOptions::default()).unwrap();
    while scan.next_page(1_000, 1 << 20, &mut |key, _| found.push(key[4])).unwrap() {}
    found.dedup();
    found
}

fn check(random: &mut StdRng, index: &VectorIndex, model: &BTreeMap<Vec<u8>, Vec<f32>>) {
    let snapshot = index.store().snapshot().unwrap();
    assert_eq!(index.verify(&snapshot).unwrap(), Vec::<String>::new());
    assert_eq!(index.count(&snapshot).unwrap(), model.len() as u64);
    for (key, vector) in model {
        assert_eq!(&index.get(&snapshot, key).unwrap().unwrap().vector, vector);
    }
    let mut found_itself = 0;
    for _ in 0..20 {
        let (key, query) = model.iter().nth(random.random_range(0..model.len())).unwrap();
        let found = index.search(&snapshot, query, &Search::nearest(3)).unwrap();
        assert_eq!(found.len(), 3);
        for neighbor in &found {
            let exact = common::distance(Metric::L2, query, &model[&neighbor.key]);
            assert!(common::close(neighbor.distance, exact, 10.0), "{neighbor:?}");
        }
        found_itself += usize::from((&found[0].key, found[0].distance) == (key, 0.0));
    }
    // Codes of vectors that lie far apart are coarse, and some are missed.
    assert!(found_itself >= 10, "{found_itself}");
}

#[test]
fn wherever_it_ends() {
    let mut random = common::random();
    let folder = tempfile::tempdir().unwrap();
    let mut model = BTreeMap::new();
    for round in 0..12 {
        let store = Store::open(folder.path(), &Options::default()).unwrap();
        let index = open(&store);
        if round > 0 {
            check(&mut random, &index, &model);
        }
        // Every third time they lie elsewhere, so that the graph is built anew.
        let middle = [0.0, 4.0, 12.0, 28.0][round / 3];
        let mut batch = Batch::new();
        for _ in 0..350 {
            let key = random.random_range(0..900_u16).to_be_bytes().to_vec();
            if random.random_ratio(1, 6) {
                index.delete(&mut batch, &key).unwrap();
                model.remove(&key);
            } else {
                let vector: Vec<f32> =
                    common::vector(&mut random, DIMENSIONS).iter().map(|component| component + middle).collect();
                index.put(&mut batch, &key, &vector, None).unwrap();
                model.insert(key, vector);
            }
        }
        store.commit(&batch, Durability::Full).unwrap();
        std::thread::scope(|threads| {
            // Ends with an error where the store is closed meanwhile.
            threads.spawn(|| drop(index.compact()));
            std::thread::sleep(Duration::from_micros(random.random_range(0..150_000)));
            store.close().unwrap();
        });
    }
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    let index = open(&store);
    index.compact().unwrap();
    check(&mut random, &index, &model);
    let [quantizers, slots, links, codes] = [0x03, 0x20, 0x21, 0x22].map(|kind| generations(&store, &index, kind));
    assert!(quantizers.len() == 1 && slots == quantizers && links == quantizers && codes == quantizers);
}

/// What a process that was killed while it built a graph leaves: records of a generation that no state names.
#[test]
fn what_was_begun_is_removed() {
    let mut random = common::random();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    let index = open(&store);
    let vectors: Vec<_> =
        (0..300_u16).map(|key| (key.to_be_bytes().to_vec(), common::vector(&mut random, DIMENSIONS))).collect();
    common::put(&index, &vectors);
    index.compact().unwrap();
    let mut batch = Batch::new();
    for kind in [0x03, 0x20, 0x21, 0x22] {
        for slot in 0..50_u8 {
            batch.put(index.namespace(), &[kind, 0, 0, 0, 2, 0, 0, 0, slot], b"begun").unwrap();
        }
    }
    store.commit(&batch, Durability::Full).unwrap();
    store.close().unwrap();
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    let index = open(&store);
    check(&mut random, &index, &vectors.into_iter().collect());
    index.compact().unwrap();
    let [quantizers, slots, links, codes] = [0x03, 0x20, 0x21, 0x22].map(|kind| generations(&store, &index, kind));
    assert!(quantizers.len() == 1 && slots == quantizers && links == quantizers && codes == quantizers);
    let mut scan = store.scan(index.namespace(), &KeyRange::prefix(&[0x22]), ScanOptions::default()).unwrap();
    while scan.next_page(1_000, 1 << 20, &mut |_, value| assert_ne!(value, b"begun")).unwrap() {}
}
