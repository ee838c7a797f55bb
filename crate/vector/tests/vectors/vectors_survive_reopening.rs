use rand::Rng;
use sledstore_engine::{Batch, Durability, Options, Store};
use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions};

use crate::common;

#[test]
fn the_same_answers_come_after_checkpoints_and_reopening() {
    let mut random = common::random();
    let folder = tempfile::tempdir().unwrap();
    // Small memtables and blocks, so that rows lie in blocks of several checkpoints, large ones in chunks.
    let options = Options {
        memory_budget: 24 << 20,
        memtable_bytes: Some(256 << 10),
        block_bytes: Some(512),
        durability: Durability::None,
        ..Options::default()
    };
    for dimensions in [20, 2_000] {
        let name = format!("d{dimensions}");
        let open = |store: &Store| VectorIndex::open(store, &name, &VectorOptions::new(dimensions, Metric::Cosine));
        let query = common::vector(&mut random, dimensions);
        let search = Search { with_attributes: true, ..Search::nearest(25) };
        let store = Store::open(folder.path(), &options).unwrap();
        let index = open(&store).unwrap();
        for n in 0..20_000 / dimensions {
            let mut batch = Batch::new();
            let key = random.random_range(0..500_u32).to_be_bytes();
            let attributes = common::map(&[("n", &n.to_string())]);
            index.put(&mut batch, &key, &common::vector(&mut random, dimensions), Some(&attributes)).unwrap();
            store.commit(&batch, Durability::None).unwrap();
        }
        let before = (index.search(&store, &query, &search).unwrap(), index.count(&store).unwrap());
        store.close().unwrap();

        let store = Store::open(folder.path(), &options).unwrap();
        let index = open(&store).unwrap();
        assert_eq!((index.search(&store, &query, &search).unwrap(), index.count(&store).unwrap()), before);
        assert!(before.0.iter().all(|neighbor| neighbor.attributes.is_some()));
        store.close().unwrap();
    }
}
