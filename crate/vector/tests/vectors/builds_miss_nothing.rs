//! A graph of more vectors than a sample takes, encoded in pieces, has each of them once, with its own code and attributes.

use rand::Rng;
use sledstore_engine::{Batch, Durability};
use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions, Way};

use crate::common;

/// What is kept of so many is thinned out while they are counted.
const VECTORS: u32 = 10_400;
/// Those that are put after the graph was built, and folded in.
const LATER: u32 = 900;

/// Keys of several lengths, whose order is not that of their numbers; the first one is empty.
fn key_of(number: u32) -> Vec<u8> {
    let bytes = number.wrapping_mul(0x9e37_79b1).to_be_bytes();
    if number == 0 { Vec::new() } else { bytes.repeat(1 + number as usize % 3) }
}

fn attributes_of(number: u32) -> Option<&'static [u8]> {
    number.is_multiple_of(3).then_some(b"\x81\xa1n\x01")
}

#[test]
fn of_vectors_and_attributes() {
    let mut random = common::random();
    let store = common::memory();
    let options = VectorOptions { compared_max: 256, ..VectorOptions::new(2, Metric::L2) };
    let index = VectorIndex::open(&store, "test", &options).unwrap();
    let vectors: Vec<Vec<f32>> = (0..VECTORS + LATER).map(|_| common::vector(&mut random, 2)).collect();
    for part in [0..VECTORS, VECTORS..VECTORS + LATER] {
        let mut batch = Batch::new();
        for number in part.clone() {
            index.put(&mut batch, &key_of(number), &vectors[number as usize], attributes_of(number)).unwrap();
        }
        store.commit(&batch, Durability::None).unwrap();
        index.compact().unwrap();
        assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
        assert_eq!(index.count(&store).unwrap(), u64::from(part.end));
        let numbers = (0..200).map(|_| random.random_range(0..part.end)).chain([0, part.end - 1]);
        for number in numbers {
            let search = Search { with_attributes: true, ..Search::nearest(1) };
            let (found, plan) = index.search_explained(&store, &vectors[number as usize], &search).unwrap();
            assert_eq!((plan.way, plan.pending), (Way::Graph, 0));
            assert_eq!(found[0].key, key_of(number));
            assert_eq!(found[0].attributes.as_deref(), attributes_of(number), "{number}");
        }
    }
}
