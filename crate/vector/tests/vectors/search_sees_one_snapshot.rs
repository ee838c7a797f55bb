use sledstore_engine::{Batch, Durability, Read};
use sledstore_vector::{Filter, Metric, Search};

use crate::common;

#[test]
fn a_snapshot_keeps_vectors_and_attributes_of_its_moment() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    let mut batch = Batch::new();
    index.put(&mut batch, b"a", &[1.0], Some(&common::map(&[("v", "old")]))).unwrap();
    index.put(&mut batch, b"b", &[2.0], None).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    let before = store.snapshot().unwrap();

    batch.reset();
    index.put(&mut batch, b"a", &[9.0], Some(&common::map(&[("v", "new")]))).unwrap();
    index.put(&mut batch, b"c", &[0.0], None).unwrap();
    index.delete(&mut batch, b"b").unwrap();
    store.commit(&batch, Durability::None).unwrap();
    store.compact(&mut |_| true).unwrap();

    let old = Filter::parse(&common::map(&[("v", "old")])).unwrap();
    let search = Search { filter: Some(&old), ..Search::nearest(9) };
    assert_eq!(common::keys(&index.search(&before, &[0.0], &Search::nearest(9)).unwrap()), ["a", "b"]);
    assert_eq!(common::keys(&index.search(&before, &[0.0], &search).unwrap()), ["a"]);
    assert_eq!(index.get(&before, b"a").unwrap().unwrap().vector, [1.0]);
    assert_eq!(index.count(&before).unwrap(), 2);
    let now = store.snapshot().unwrap();
    assert_eq!(common::keys(&index.search(&now, &[0.0], &Search::nearest(9)).unwrap()), ["c", "a"]);
    assert_eq!(index.search(&now, &[0.0], &search).unwrap(), []);
    assert!(!now.contains(index.namespace(), b"\x10b").unwrap());
}
