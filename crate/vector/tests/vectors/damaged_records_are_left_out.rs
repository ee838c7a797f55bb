//! A damaged record of the approximate index is found, no answer depends on it, and the graph is built anew.

use rand::Rng;
use sledstore_engine::{Batch, Durability, Options, Read, ScanOptions, Store};
use sledstore_vector::{Metric, Neighbor, Search, VectorIndex, VectorOptions};

use crate::common;

const DIMENSIONS: usize = 8;

fn open(store: &Store) -> VectorIndex {
    VectorIndex::open(store, "test", &VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::L2) })
        .unwrap()
}

fn search(index: &VectorIndex, query: &[f32]) -> Vec<Neighbor> {
    index.search(&index.store().snapshot().unwrap(), query, &Search::nearest(3)).unwrap()
}

/// The key of some row of a kind.
fn row_of(store: &Store, index: &VectorIndex, kind: u8, at: usize) -> Vec<u8> {
    let range = sledstore_engine::KeyRange::prefix(&[kind]);
    let mut scan = store.scan(index.namespace(), &range, ScanOptions::default()).unwrap();
    let mut keys = Vec::new();
    while scan.next_page(1_000, 1 << 20, &mut |key, _| keys.push(key.to_vec())).unwrap() {}
    keys.swap_remove(at % keys.len())
}

#[test]
fn a_damaged_record_is_found_and_replaced() {
    let mut random = common::random();
    for kind in [0x02, 0x03, 0x20, 0x21, 0x22] {
        for is_removed in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path(), &Options::default()).unwrap();
            let index = open(&store);
            let vectors: Vec<(Vec<u8>, Vec<f32>)> =
                (0..400_u16).map(|key| (key.to_be_bytes().to_vec(), common::vector(&mut random, DIMENSIONS))).collect();
            common::put(&index, &vectors);
            index.compact().unwrap();
            assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());

            let mut batch = Batch::new();
            let key = row_of(&store, &index, kind, random.random_range(0..1_000));
            if is_removed {
                batch.delete(index.namespace(), &key).unwrap();
            } else {
                let mut value = store.get(index.namespace(), &key).unwrap().unwrap();
                let at = random.random_range(0..value.len());
                value[at] ^= 1 << random.random_range(0..8);
                batch.put(index.namespace(), &key, &value).unwrap();
            }
            store.commit(&batch, Durability::Full).unwrap();
            store.close().unwrap();

            let store = Store::open(folder.path(), &Options::default()).unwrap();
            let index = open(&store);
            let (_, query) = &vectors[random.random_range(0..vectors.len())];
            let exact = Search { exact: true, ..Search::nearest(3) };
            let exact = index.search(&store.snapshot().unwrap(), query, &exact).unwrap();
            assert_eq!(search(&index, query), exact, "{kind:x}");
            // Without its state there is no graph, which is no damage.
            if !(kind == 0x02 && is_removed) {
                assert_ne!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new(), "{kind:x}");
            }
            index.compact().unwrap();
            assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new(), "{kind:x}");
            assert_eq!(search(&index, query), exact, "{kind:x}");
            assert!(!row_of(&store, &index, 0x02, 0).is_empty(), "there is a graph again");
        }
    }
}
