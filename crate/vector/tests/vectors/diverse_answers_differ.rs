//! Maximal marginal relevance against its definition.

use rand::Rng;
use sledstore_engine::ErrorCode;
use sledstore_vector::{Diversity, Metric, Search};

use crate::common::{self, distance};

#[test]
fn they_are_those_of_the_definition() {
    let mut random = common::random();
    for metric in [Metric::Cosine, Metric::Dot, Metric::L2] {
        let store = common::memory();
        let index = common::open(&store, 6, metric);
        let vectors: Vec<(Vec<u8>, Vec<f32>)> =
            (0..60_u8).map(|at| (vec![at], common::vector(&mut random, 6))).collect();
        common::put(&index, &vectors);
        for _ in 0..20 {
            let query = common::vector(&mut random, 6);
            let (k, lambda, fetch) =
                (random.random_range(1..8), random.random_range(0.0..1.0), random.random_range(1..40));
            let search = Search { diversity: Some(Diversity { lambda, fetch }), ..Search::nearest(k) };
            let found = index.search(&store, &query, &search).unwrap();
            let mut left = index.search(&store, &query, &Search::nearest(fetch.max(k))).unwrap();
            let of = |key: &[u8]| &vectors[usize::from(key[0])].1;
            assert_eq!(found[0], left.remove(0));
            for (at, next) in found.iter().enumerate().skip(1) {
                let worth = |key: &[u8]| {
                    let from_chosen = found[..at].iter().map(|chosen| distance(metric, of(&chosen.key), of(key)));
                    (1.0 - lambda) * from_chosen.fold(f64::INFINITY, f64::min)
                        - lambda * distance(metric, &query, of(key))
                };
                let best = left.iter().map(|other| worth(&other.key)).fold(f64::NEG_INFINITY, f64::max);
                assert!(worth(&next.key) >= best - 1e-4, "{metric} {k} {lambda} {fetch} {at}");
                left.retain(|other| other.key != next.key);
            }
            let plain = Search { diversity: Some(Diversity { lambda: 1.0, fetch }), ..Search::nearest(k) };
            assert_eq!(
                index.search(&store, &query, &plain).unwrap(),
                index.search(&store, &query, &Search::nearest(k)).unwrap()
            );
        }
    }
}

#[test]
fn equal_vectors_come_once_before_others() {
    let store = common::memory();
    let index = common::open(&store, 2, Metric::L2);
    let at = |key: &[u8], x: f32| (key.to_vec(), vec![x, 0.0]);
    common::put(&index, &[at(b"a", 1.0), at(b"b", 1.0), at(b"c", 1.0), at(b"d", -2.0)]);
    let search = Search { diversity: Some(Diversity { lambda: 0.5, fetch: 4 }), ..Search::nearest(2) };
    assert_eq!(common::keys(&index.search(&store, &[0.0, 0.0], &search).unwrap()), ["a", "d"]);
    for lambda in [-0.1, 1.1, f64::NAN] {
        let search = Search { diversity: Some(Diversity { lambda, fetch: 4 }), ..Search::nearest(2) };
        assert_eq!(common::code(index.search(&store, &[0.0, 0.0], &search)), Some(ErrorCode::InvalidArgument));
    }
}
