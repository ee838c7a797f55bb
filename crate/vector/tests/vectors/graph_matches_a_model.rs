//! Random changes, folds, snapshots and reopenings against a map, with a graph from a few vectors on.

use std::collections::BTreeMap;

use rand::Rng;
use rand::rngs::StdRng;
use sledstore_engine::{Batch, Durability, Options, Read, Snapshot, Store};
use sledstore_vector::{Coding, Element, Filter, Metric, Search, VectorIndex, VectorOptions};

use crate::common::{self, distance};

const DIMENSIONS: usize = 16;
const K: usize = 5;

/// Vectors, and whether they have the attribute.
type Model = BTreeMap<Vec<u8>, (Vec<f32>, bool)>;

/// Of components that every element of numbers holds, or of bits.
fn vector(random: &mut StdRng, element: Element) -> Vec<f32> {
    if element == Element::F32 {
        return common::vector(random, DIMENSIONS);
    }
    let (low, high) = if element == Element::Binary { (0, 1) } else { (-128, 127) };
    (0..DIMENSIONS).map(|_| f32::from(random.random_range(low..=high) as i8)).collect()
}

fn change(random: &mut StdRng, index: &VectorIndex, model: &mut Model) {
    let mut batch = Batch::new();
    for _ in 0..random.random_range(1..60) {
        let key = random.random_range(0..700_u16).to_be_bytes().to_vec();
        if random.random_ratio(1, 4) {
            index.delete(&mut batch, &key).unwrap();
            model.remove(&key);
        } else {
            // Some are equal to others.
            let vector: Vec<f32> =
                if random.random_ratio(1, 8) { vec![1.0; DIMENSIONS] } else { vector(random, index.element()) };
            let has = random.random::<bool>();
            index.put(&mut batch, &key, &vector, has.then_some(&common::map(&[("a", "b")]))).unwrap();
            model.insert(key, (vector, has));
        }
    }
    index.store().commit(&batch, Durability::None).unwrap();
}

/// Searches at random and checks the answers; gives how many of the nearest were found, and how many there were.
fn check(random: &mut StdRng, index: &VectorIndex, read: &impl Read, model: &Model) -> (usize, usize) {
    let query = match model.values().nth(random.random_range(0..model.len().max(1))) {
        Some((known, _)) if random.random() => known.clone(),
        _ => vector(random, index.element()),
    };
    let filter = random.random::<bool>().then(|| Filter::parse(&common::map(&[("a", "b")])).unwrap());
    let search = Search { filter: filter.as_ref(), ..Search::nearest(K) };
    let found = index.search(read, &query, &search).unwrap();
    let matching = || model.values().filter(|(_, has)| filter.is_none() || *has);
    assert_eq!(found.len(), K.min(matching().count()));
    assert!(found.is_sorted_by(|a, b| (a.distance, &a.key) < (b.distance, &b.key)));
    let mut exact: Vec<f64> = matching().map(|(vector, _)| distance(index.metric(), &query, vector)).collect();
    exact.sort_by(f64::total_cmp);
    let reach = exact.get(K - 1).copied().unwrap_or(f64::INFINITY) + 1e-5;
    for neighbor in &found {
        let (vector, has) = model.get(&neighbor.key).expect("no vector is found that is not there");
        assert!(filter.is_none() || *has);
        assert!(common::close(neighbor.distance, distance(index.metric(), &query, vector), 10.0), "{neighbor:?}");
    }
    (found.iter().filter(|neighbor| neighbor.distance <= reach).count(), found.len())
}

fn run(metric: Metric, element: Element, coding: Coding) {
    let options = VectorOptions { compared_max: 100, element, coding, ..VectorOptions::new(DIMENSIONS, metric) };
    let open = |store: &Store| VectorIndex::open(store, "test", &options).unwrap();
    let mut random = common::random();
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), &Options::default()).unwrap();
    let mut index = open(&store);
    let mut model = Model::new();
    let (mut found, mut wanted) = (0, 0);
    let mut kept: Vec<(Snapshot, Model)> = Vec::new();
    for step in 0..80 {
        change(&mut random, &index, &mut model);
        match random.random_range(0..8) {
            0 | 1 => index.compact().unwrap(),
            2 => kept.push((store.snapshot().unwrap(), model.clone())),
            3 if step > 20 => {
                kept.clear();
                store.close().unwrap();
                store = Store::open(folder.path(), &Options::default()).unwrap();
                index = open(&store);
            }
            4 if random.random_ratio(1, 6) => {
                let mut batch = Batch::new();
                index.clear(&mut batch).unwrap();
                store.commit(&batch, Durability::None).unwrap();
                model.clear();
            }
            _ => {}
        }
        let now = store.snapshot().unwrap();
        let moments = kept.iter().map(|(snapshot, model)| (snapshot, model)).chain([(&now, &model)]);
        for (snapshot, model) in moments {
            assert_eq!(index.count(snapshot).unwrap(), model.len() as u64);
            let (hits, of) = check(&mut random, &index, snapshot, model);
            (found, wanted) = (found + hits, wanted + of);
        }
        if step % 16 == 15 {
            assert_eq!(index.verify(&now).unwrap(), Vec::<String>::new());
        }
    }
    assert!(found * 100 >= wanted * 97, "{found} of {wanted}");
}

#[test]
fn by_cosine() {
    run(Metric::Cosine, Element::F32, Coding::Scalar8);
}

#[test]
fn by_dot() {
    run(Metric::Dot, Element::F32, Coding::Scalar8);
}

#[test]
fn by_l2() {
    run(Metric::L2, Element::F32, Coding::Scalar8);
}

#[test]
fn of_halves() {
    run(Metric::Cosine, Element::F16, Coding::Scalar8);
}

#[test]
fn of_whole_numbers() {
    run(Metric::L2, Element::I8, Coding::Scalar8);
}

#[test]
fn of_bits() {
    run(Metric::Hamming, Element::Binary, Coding::Scalar8);
}

#[test]
fn by_binary_codes() {
    run(Metric::Cosine, Element::I8, Coding::Binary);
}

#[test]
fn by_product_codes() {
    run(Metric::L2, Element::F16, Coding::Product { parts: 8 });
}
