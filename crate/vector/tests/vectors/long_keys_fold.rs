//! Keys of every length that a vector may have are taken into the graph, and searched before.

use sledstore_engine::KEY_BYTES_MAX;
use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions, Way};

use crate::common;

#[test]
fn as_short_ones_do() {
    let mut random = common::random();
    let store = common::memory();
    let options = VectorOptions { compared_max: 100, ..VectorOptions::new(8, Metric::L2) };
    let index = VectorIndex::open(&store, "test", &options).unwrap();
    let rows: Vec<(Vec<u8>, Vec<f32>)> =
        (0..400_u32).map(|key| (key.to_be_bytes().to_vec(), common::vector(&mut random, 8))).collect();
    common::put(&index, &rows);
    index.compact().unwrap();
    for bytes in [KEY_BYTES_MAX - 11, KEY_BYTES_MAX - 10, KEY_BYTES_MAX - 9, KEY_BYTES_MAX - 1] {
        let row = (vec![b'k'; bytes], vec![bytes as f32; 8]);
        let nearest = || {
            let (found, plan) = index.search_explained(&store, &row.1, &Search::nearest(1)).unwrap();
            assert_eq!(plan.way, Way::Graph, "{bytes}");
            found[0].key.clone()
        };
        common::put(&index, std::slice::from_ref(&row));
        assert_eq!(nearest(), row.0);
        index.compact().unwrap();
        assert_eq!(nearest(), row.0);
        assert_eq!(index.count(&store).unwrap(), 401);
        let mut batch = sledstore_engine::Batch::new();
        index.delete(&mut batch, &row.0).unwrap();
        store.commit(&batch, sledstore_engine::Durability::None).unwrap();
        assert_ne!(nearest(), row.0);
        index.compact().unwrap();
        assert_ne!(nearest(), row.0);
        assert_eq!(index.count(&store).unwrap(), 400);
    }
    assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
}
