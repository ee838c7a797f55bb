use rand::Rng;
use sledstore_vector::{Metric, Search};

use crate::common;

#[test]
fn answers_equal_a_full_sort_by_the_exact_distance() {
    let mut random = common::random();
    for metric in Metric::OF_NUMBERS {
        for dimensions in [1, 2, 3, 16, 100, 300] {
            let store = common::memory();
            let index = common::open(&store, dimensions, metric);
            let vectors: Vec<_> = (0..random.random_range(1..300))
                .map(|_| (random.random::<[u8; 3]>().to_vec(), common::vector(&mut random, dimensions)))
                .collect();
            common::put(&index, &vectors);
            let model: std::collections::BTreeMap<_, _> = vectors.into_iter().collect();
            let query = common::vector(&mut random, dimensions);
            let exact = || model.iter().map(|(key, v)| (key.as_slice(), common::distance(metric, &query, v)));
            for k in [1, 2, 10, 1_000] {
                let found = index.search(&store, &query, &Search::nearest(k)).unwrap();
                common::assert_nearest(&found, exact(), k, dimensions as f64);
                let mut ordered = found.windows(2);
                assert!(ordered.all(|pair| (pair[0].distance, &pair[0].key) < (pair[1].distance, &pair[1].key)));
            }
            let mut exact: Vec<f64> = exact().map(|(_, distance)| distance).collect();
            exact.sort_by(f64::total_cmp);
            let limit = exact[exact.len() / 2] + 1e-3;
            let near =
                index.search(&store, &query, &Search { max_distance: Some(limit), ..Search::nearest(999) }).unwrap();
            assert!(near.iter().all(|neighbor| neighbor.distance <= limit));
            assert!(near.len() > exact.len() / 2);
        }
    }
}

#[test]
fn an_empty_index_has_no_neighbors() {
    let store = common::memory();
    let index = common::open(&store, 3, Metric::Cosine);
    assert_eq!(index.search(&store, &[1.0, 0.0, 0.0], &Search::nearest(5)).unwrap(), []);
    assert_eq!(index.count(&store).unwrap(), 0);
}

#[test]
fn distances_are_what_the_metric_says() {
    let cases = [
        (Metric::Cosine, [3.0, 0.0], 0.0),
        (Metric::Cosine, [0.0, 2.0], 1.0),
        (Metric::Cosine, [-5.0, 0.0], 2.0),
        (Metric::Dot, [3.0, 4.0], -3.0),
        (Metric::Dot, [-2.0, 4.0], 2.0),
        (Metric::L2, [4.0, 4.0], 5.0),
        (Metric::L2, [1.0, 0.0], 0.0),
    ];
    for (metric, vector, distance) in cases {
        let store = common::memory();
        let index = common::open(&store, 2, metric);
        common::put(&index, &[(b"only".to_vec(), vector.to_vec())]);
        let found = index.search(&store, &[1.0, 0.0], &Search::nearest(1)).unwrap();
        assert_eq!(found[0].distance, distance, "{metric} {vector:?}");
    }
}
