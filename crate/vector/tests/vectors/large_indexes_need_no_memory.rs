//! An index whose codes have no room in the memory budget answers exactly; shorter codes make room for a graph.

use rand::Rng;
use sledstore_engine::{Batch, Durability, KeyRange, Options, Read, ScanOptions, Store};
use sledstore_vector::{Coding, Element, Metric, Search, VectorIndex, VectorOptions, Way};

use crate::common;

const DIMENSIONS: usize = 1_024;
const VECTORS: u16 = 600;
/// Room for bits, not for bytes.
const LEFT_BYTES: usize = 600_000;

fn options(coding: Coding) -> VectorOptions {
    VectorOptions { element: Element::I8, coding, compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::L2) }
}

fn filled(store: &Store, coding: Coding) -> (VectorIndex, Vec<Vec<f32>>) {
    let mut random = common::random();
    let index = VectorIndex::open(store, "test", &options(coding)).unwrap();
    // In clusters, so that bits tell something.
    let center = |at: usize, component: usize| if (component * 7 + at * 13) % 11 < 5 { 60_i8 } else { -60 };
    let mut vectors = Vec::new();
    let mut batch = Batch::new();
    for number in 0..VECTORS {
        let vector: Vec<f32> = (0..DIMENSIONS)
            .map(|component| f32::from(center(usize::from(number) % 26, component) + random.random_range(-67..=67)))
            .collect();
        index.put(&mut batch, &number.to_be_bytes(), &vector, None).unwrap();
        vectors.push(vector);
    }
    store.commit(&batch, Durability::None).unwrap();
    index.compact().unwrap();
    (index, vectors)
}

fn way(index: &VectorIndex, vectors: &[Vec<f32>]) -> Way {
    let snapshot = index.store().snapshot().unwrap();
    let at = vectors.len() / 2;
    let (found, plan) = index.search_explained(&snapshot, &vectors[at], &Search::nearest(3)).unwrap();
    assert_eq!((found[0].key.as_slice(), found[0].distance), (&(at as u16).to_be_bytes()[..], 0.0));
    plan.way
}

/// Rows of changes that no fold has taken in.
fn pending(index: &VectorIndex) -> u64 {
    let keys = ScanOptions { keys_only: true, ..ScanOptions::default() };
    let scan = index.store().scan(index.namespace(), &KeyRange::prefix(&[0x12]), keys);
    scan.unwrap().count_rows().unwrap()
}

#[test]
fn codes_beyond_the_budget_are_not_needed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    let (index, vectors) = filled(&store, Coding::Scalar8);
    assert_eq!(way(&index, &vectors), Way::Graph);
    store.close().unwrap();

    // The graph was made where there was room for it, and there is less now.
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    let taken = store.lend_needed(store.needed_bytes_max() - LEFT_BYTES, usize::MAX).unwrap();
    let index = VectorIndex::open(&store, "test", &options(Coding::Scalar8)).unwrap();
    assert_eq!(way(&index, &vectors), Way::All);
    // Changes find no graph, and do not pile up for it.
    let mut batch = Batch::new();
    for number in 0..2_500_u16 {
        index.delete(&mut batch, &(10_000 + number).to_be_bytes()).unwrap();
    }
    store.commit(&batch, Durability::None).unwrap();
    index.compact().unwrap();
    assert_eq!(pending(&index), 0);
    assert_eq!(way(&index, &vectors), Way::All);
    assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
    VectorIndex::drop(&store, "test").unwrap();

    // Bits have room.
    let (index, vectors) = filled(&store, Coding::Binary);
    assert_eq!(way(&index, &vectors), Way::Graph);
    drop(taken);
    store.close().unwrap();
}
