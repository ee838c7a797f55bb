use sledstore_engine::{Batch, Durability};
use sledstore_vector::{Metric, Search, StoredVector};

use crate::common;

#[test]
fn a_put_replaces_vector_and_attributes_whole() {
    let store = common::memory();
    let index = common::open(&store, 2, Metric::Cosine);
    let mut batch = Batch::new();
    let attributes = common::map(&[("pos", "n")]);
    index.put(&mut batch, b"k", &[3.0, 4.0], Some(&attributes)).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    // What is read is what was put, not what cosine makes of it.
    let stored = StoredVector { vector: vec![3.0, 4.0], attributes: Some(attributes.clone()) };
    assert_eq!(index.get(&store, b"k").unwrap(), Some(stored));
    let search = Search { with_attributes: true, ..Search::nearest(1) };
    assert_eq!(index.search(&store, &[1.0, 0.0], &search).unwrap()[0].attributes, Some(attributes));
    assert_eq!(index.search(&store, &[1.0, 0.0], &Search::nearest(1)).unwrap()[0].attributes, None);

    batch.reset();
    index.put(&mut batch, b"k", &[-1.0, 0.5], None).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    let stored = StoredVector { vector: vec![-1.0, 0.5], attributes: None };
    assert_eq!(index.get(&store, b"k").unwrap(), Some(stored));
}

#[test]
fn a_delete_removes_both() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    let mut batch = Batch::new();
    for key in [&b"a"[..], b"b"] {
        index.put(&mut batch, key, &[1.0], Some(&common::map(&[("x", "y")]))).unwrap();
    }
    index.delete(&mut batch, b"a").unwrap();
    index.delete(&mut batch, b"never there").unwrap();
    store.commit(&batch, Durability::None).unwrap();
    assert_eq!(index.get(&store, b"a").unwrap(), None);
    assert_eq!((index.contains(&store, b"a").unwrap(), index.contains(&store, b"b").unwrap()), (false, true));
    assert_eq!(common::keys(&index.search(&store, &[1.0], &Search::nearest(9)).unwrap()), ["b"]);
    // Put again without attributes, it has none from before.
    batch.reset();
    index.put(&mut batch, b"a", &[2.0], None).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    assert_eq!(index.get(&store, b"a").unwrap().unwrap().attributes, None);

    batch.reset();
    index.clear(&mut batch).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    assert_eq!((index.count(&store).unwrap(), index.get(&store, b"b").unwrap()), (0, None));
    // What the index is stays.
    common::open(&store, 1, Metric::L2);
}
