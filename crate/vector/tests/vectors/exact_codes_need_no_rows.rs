//! Where codes have lost nothing of their vectors, searches through the graph read no rows and answer the same.

use rand::Rng;
use sledstore_engine::{Batch, Durability, Options, Read, Store};
use sledstore_vector::{CacheCounts, Element, Metric, Search, VectorIndex, VectorOptions};

use crate::common;

const DIMENSIONS: usize = 64;

fn open(store: &Store, element: Element, metric: Metric) -> VectorIndex {
    let options = VectorOptions { element, compared_max: 256, ..VectorOptions::new(DIMENSIONS, metric) };
    VectorIndex::open(store, "test", &options).unwrap()
}

/// Rows that were read for some searches, whose answers are those of a comparison with all.
fn misses(store: &Store, index: &VectorIndex, queries: &[Vec<f32>]) -> u64 {
    let before = CacheCounts::of(store);
    for query in queries {
        let found = index.search(store, query, &Search { width: Some(400), ..Search::nearest(10) }).unwrap();
        let exact = index.search(store, query, &Search { exact: true, ..Search::nearest(10) }).unwrap();
        // Of the bits that a graph was tested with, all are nearly as far as the nearest.
        let same = found.iter().filter(|neighbor| exact.contains(neighbor)).count();
        assert!(same >= 9, "{same}");
    }
    let after = CacheCounts::of(store);
    assert!(after.row_hits + after.row_misses > before.row_hits + before.row_misses);
    after.row_misses - before.row_misses
}

#[test]
fn of_whole_numbers_and_bits() {
    let mut random = common::random();
    let cases = [
        (Element::F32, Metric::L2, 0..256),
        (Element::F32, Metric::Dot, -100..100),
        (Element::F16, Metric::L2, 0..100),
        (Element::I8, Metric::L2, -128..128),
        (Element::I8, Metric::Dot, -20..20),
        (Element::Binary, Metric::Hamming, 0..2),
    ];
    for (element, metric, range) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut vectors = |count: usize| -> Vec<Vec<f32>> {
            // A few directions, so that some are nearer than others.
            let middles: Vec<Vec<i32>> =
                (0..40).map(|_| (0..DIMENSIONS).map(|_| random.random_range(range.clone())).collect()).collect();
            let near = |at: usize, random: &mut rand::rngs::StdRng| {
                let component = |&middle: &i32| match element {
                    Element::Binary => middle ^ i32::from(random.random_range(0..8) == 0),
                    _ => (middle + random.random_range(-9..=9)).clamp(range.start, range.end - 1),
                };
                middles[at % middles.len()].iter().map(component).map(|x| x as f32).collect()
            };
            (0..count).map(|at| near(at, &mut random)).collect()
        };
        let first = vectors(1_000);
        let (queries, more) = (first.iter().step_by(20).cloned().collect::<Vec<_>>(), vectors(300));
        let keyed = |prefix: u8, vectors: &[Vec<f32>]| -> Vec<(Vec<u8>, Vec<f32>)> {
            let key = |at: usize| [&[prefix][..], &(at as u16).to_be_bytes()].concat();
            vectors.iter().enumerate().map(|(at, vector)| (key(at), vector.clone())).collect()
        };
        {
            let store = Store::open(folder.path(), &Options::default()).unwrap();
            let index = open(&store, element, metric);
            common::put(&index, &keyed(b'a', &first));
            index.compact().unwrap();
            assert_eq!(misses(&store, &index, &queries), 0, "{element:?} {metric} built");
            common::put(&index, &keyed(b'b', &more));
            index.compact().unwrap();
            assert_eq!(misses(&store, &index, &more[..20]), 0, "{element:?} {metric} folded");
        }
        let store = Store::open(folder.path(), &Options::default()).unwrap();
        let index = open(&store, element, metric);
        misses(&store, &index, &queries);
        // Codes are loaded beside the first searches.
        let is_loaded = || misses(&store, &index, &queries[..5]) == 0;
        assert!((0..1_000).any(|_| is_loaded()), "{element:?} {metric} opened");
        assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
        if element == Element::F32 {
            // What is between two numbers is read.
            let between: Vec<Vec<f32>> = more.iter().map(|vector| vector.iter().map(|x| x + 0.3).collect()).collect();
            common::put(&index, &keyed(b'b', &between));
            index.compact().unwrap();
            assert!(misses(&store, &index, &between[..20]) > 0, "{element:?} {metric} between");
            assert_eq!(misses(&store, &index, &between[..20]), 0, "{element:?} {metric} kept");
            assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
        }
    }
}

#[test]
fn what_differs_from_its_code_is_named() {
    let store = common::memory();
    let index = open(&store, Element::F32, Metric::L2);
    let vector = |at: usize| -> Vec<f32> { (0..DIMENSIONS).map(|d| ((at * 7 + d * (at % 11)) % 200) as f32).collect() };
    let vectors: Vec<_> = (0..700_usize).map(|at| ((at as u16).to_be_bytes().to_vec(), vector(at))).collect();
    common::put(&index, &vectors);
    index.compact().unwrap();
    let row = store.get(index.namespace(), &[0x10, 0, 9]).unwrap().unwrap();
    let mut batch = Batch::new();
    batch.delete(index.namespace(), &[0x10, 0, 7]).unwrap();
    batch.put(index.namespace(), &[0x10, 0, 8], &row).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    let mut findings = index.verify(&store.snapshot().unwrap()).unwrap();
    findings.sort();
    let named =
        ["\\x00\\x07", "\\x00\\x08"].map(|key| format!("V7: the approximate index has another vector under {key}"));
    assert_eq!(
        findings.iter().filter(|finding| finding.starts_with("V7")).collect::<Vec<_>>(),
        named.iter().collect::<Vec<_>>()
    );
}
