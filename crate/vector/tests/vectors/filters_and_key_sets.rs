use std::collections::BTreeMap;

use rand::Rng;
use rand::seq::SliceRandom;
use sledstore_engine::{Batch, Durability};
use sledstore_vector::{Filter, Metric, Neighbor, Search, VectorIndex};

use crate::common;

type Model = BTreeMap<Vec<u8>, (Vec<f32>, Option<&'static str>)>;

fn filled(count: usize, dimensions: usize) -> (VectorIndex, Model) {
    let mut random = common::random();
    let store = common::memory();
    let index = common::open(&store, dimensions, Metric::L2);
    let mut model = Model::new();
    let mut batch = Batch::new();
    for n in 0..count {
        let key = format!("{n:06}").into_bytes();
        let vector = common::vector(&mut random, dimensions);
        let kind = match random.random_range(0..100) {
            0 => Some("rare"),
            1..=20 => None,
            _ => Some("common"),
        };
        let attributes = kind.map(|kind| common::map(&[("other", "x"), ("kind", kind)]));
        index.put(&mut batch, &key, &vector, attributes.as_deref()).unwrap();
        model.insert(key, (vector, kind));
    }
    store.commit(&batch, Durability::None).unwrap();
    (index, model)
}

/// Asserts that `found` are the `k` nearest of what `keep` lets through.
#[track_caller]
fn assert_nearest(
    found: &[Neighbor],
    model: &Model,
    query: &[f32],
    k: usize,
    keep: impl Fn(&[u8], Option<&str>) -> bool,
) {
    let kept = model.iter().filter(|(key, (_, kind))| keep(key, *kind));
    let exact = kept.map(|(key, (vector, _))| (key.as_slice(), common::distance(Metric::L2, query, vector)));
    common::assert_nearest(found, exact, k, 1.0);
}

#[test]
fn filters_of_every_selectivity_give_the_nearest_that_match() {
    let (index, model) = filled(6_000, 8);
    let query = [0.1; 8];
    for kind in ["common", "rare", "none of them"] {
        let filter = Filter::parse(&common::map(&[("kind", kind)])).unwrap();
        for k in [1, 10, 500] {
            let search = Search { filter: Some(&filter), ..Search::nearest(k) };
            let found = index.search(index.store(), &query, &search).unwrap();
            assert_nearest(&found, &model, &query, k, |_, own| own == Some(kind));
        }
    }
    let everything = Search { filter: Some(&Filter::default()), ..Search::nearest(10) };
    let found = index.search(index.store(), &query, &everything).unwrap();
    assert_nearest(&found, &model, &query, 10, |_, _| true);
}

#[test]
fn predicates_see_key_and_attributes() {
    let (index, model) = filled(3_000, 8);
    let query = [0.1; 8];
    let filter = Filter::parse(&common::map(&[("other", "x")])).unwrap();
    let even_and_bare = |key: &[u8], attributes: &[u8]| Ok(key.ends_with(b"0") && attributes.is_empty());
    let search = Search { predicate: Some(&even_and_bare), ..Search::nearest(10) };
    let found = index.search(index.store(), &query, &search).unwrap();
    assert_nearest(&found, &model, &query, 10, |key, kind| key.ends_with(b"0") && kind.is_none());
    // Together with a filter: both must hold.
    let search = Search { filter: Some(&filter), ..search };
    assert_eq!(index.search(index.store(), &query, &search).unwrap(), []);
}

#[test]
fn key_sets_small_and_large_give_the_nearest_among_them() {
    let (index, model) = filled(6_000, 8);
    let mut random = common::random();
    let query = [0.1; 8];
    let filter = Filter::parse(&common::map(&[("kind", "common")])).unwrap();
    for count in [0, 1, 50, 999, 5_000, 6_000] {
        let mut all: Vec<&[u8]> = model.keys().map(Vec::as_slice).collect();
        all.shuffle(&mut random);
        let mut keys = all[..count].to_vec();
        keys.extend([&b"absent"[..], b"", &[0xff; 2_000]]);
        let search = Search { keys: Some(&keys), ..Search::nearest(10) };
        let found = index.search(index.store(), &query, &search).unwrap();
        assert_nearest(&found, &model, &query, 10, |key, _| all[..count].contains(&key));
        let search = Search { filter: Some(&filter), ..search };
        let found = index.search(index.store(), &query, &search).unwrap();
        assert_nearest(&found, &model, &query, 10, |key, kind| kind == Some("common") && all[..count].contains(&key));
    }
}
