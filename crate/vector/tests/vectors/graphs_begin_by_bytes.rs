//! How many vectors are compared follows from their bytes; above, there is a graph, soon after the last of them, or after
//! an opening.

use std::time::{Duration, Instant};

use sledstore_engine::{Options, Store};
use sledstore_vector::{COMPARED_MAX, Metric, Search, VectorIndex, VectorOptions, Way};

use crate::common;

const DIMENSIONS: usize = 784;
/// In 2 MiB.
const COMPARED: u16 = 668;

fn open(store: &Store) -> VectorIndex {
    VectorIndex::open(store, "test", &VectorOptions::new(DIMENSIONS, Metric::L2)).unwrap()
}

fn put(index: &VectorIndex, keys: std::ops::Range<u16>) {
    let row = |key: u16| {
        let vector = (0..DIMENSIONS).map(|at| f32::from(key.wrapping_mul(31).wrapping_add(at as u16) % 97)).collect();
        (key.to_be_bytes().to_vec(), vector)
    };
    common::put(index, &keys.map(row).collect::<Vec<(Vec<u8>, Vec<f32>)>>());
}

fn way(index: &VectorIndex, exact: bool) -> Way {
    let snapshot = index.store().snapshot().unwrap();
    let search = Search { exact, ..Search::nearest(1) };
    index.search_explained(&snapshot, &[3.0; DIMENSIONS], &search).unwrap().1.way
}

fn wait_for_a_graph(index: &VectorIndex) {
    let end = Instant::now() + Duration::from_secs(60);
    while way(index, false) != Way::Graph {
        assert!(Instant::now() < end, "there is no graph");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn bytes_decide() {
    let store = common::memory();
    let index = open(&store);
    put(&index, 0..COMPARED);
    index.compact().unwrap();
    assert_eq!(way(&index, false), Way::All);
    put(&index, COMPARED..COMPARED + 1);
    index.compact().unwrap();
    assert_eq!((way(&index, false), way(&index, true)), (Way::Graph, Way::All));
}

#[test]
fn a_graph_comes_by_itself() {
    let store = common::memory();
    let index = open(&store);
    put(&index, 0..2 * COMPARED);
    assert!(usize::from(2 * COMPARED) < COMPARED_MAX);
    wait_for_a_graph(&index);
}

/// As with an index that was written when more were compared.
#[test]
fn a_graph_comes_after_an_opening() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    put(&open(&store), 0..2 * COMPARED);
    store.close().unwrap();
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    wait_for_a_graph(&open(&store));
}
