//! Answers that are kept go with the first change, and are no answers of other moments.

use sledstore_engine::{Batch, Durability, NamespaceOptions, Read};
use sledstore_vector::{CacheCounts, Metric, VectorIndex, VectorOptions};

use crate::common;

const DIMENSIONS: usize = 12; // of fewer, codes are the components themselves

/// The nearest key, by a question whose answer may be kept.
fn nearest(index: &VectorIndex, read: &impl Read, query: &[f32]) -> Vec<u8> {
    let mut question = vec![4];
    question.extend((512_u16 | 64).to_le_bytes());
    question.extend(1_u32.to_le_bytes());
    question.extend(query.iter().flat_map(|component| component.to_le_bytes()));
    index.answer(read, &question).unwrap()[14..].to_vec()
}

#[test]
fn until_something_changes() {
    let mut random = common::random();
    let store = common::memory();
    let options = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::L2) };
    let index = VectorIndex::open(&store, "test", &options).unwrap();
    let vectors: Vec<(Vec<u8>, Vec<f32>)> =
        (0..1_000_u16).map(|at| (at.to_be_bytes().to_vec(), common::vector(&mut random, DIMENSIONS))).collect();
    common::put(&index, &vectors);
    index.compact().unwrap();
    let query = vectors[500].1.clone();
    let counted = || {
        let counts = CacheCounts::of(&store);
        (counts.result_hits, counts.result_misses)
    };
    let before = store.snapshot().unwrap();
    for expected in [(0, 1), (1, 1), (2, 1)] {
        assert_eq!(nearest(&index, &before, &query), vectors[500].0);
        assert_eq!(counted(), expected);
    }
    assert!(CacheCounts::of(&store).row_misses > 0);

    // Another namespace is none of its business.
    let other = store.namespace("other", &NamespaceOptions::default()).unwrap().id;
    let mut batch = Batch::new();
    batch.put(other, b"k", b"v").unwrap();
    store.commit(&batch, Durability::None).unwrap();
    assert_eq!(nearest(&index, &store.snapshot().unwrap(), &query), vectors[500].0);
    assert_eq!(counted(), (3, 1));

    batch.reset();
    index.delete(&mut batch, &vectors[500].0).unwrap();
    index.put(&mut batch, b"new", &query, None).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    let after = store.snapshot().unwrap();
    assert_eq!(nearest(&index, &after, &query), b"new");
    assert_eq!(nearest(&index, &after, &query), b"new");
    assert_eq!(nearest(&index, &before, &query), vectors[500].0);
    index.compact().unwrap();
    assert_eq!(nearest(&index, &store.snapshot().unwrap(), &query), b"new");
    let transaction = store.begin().unwrap();
    assert_eq!(nearest(&index, &transaction, &query), b"new");
    assert_eq!(counted().0, 4);
}
