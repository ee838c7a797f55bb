use rand::Rng;
use sledstore_vector::{Metric, Place, Search};

use crate::common;

#[test]
fn searches_behind_a_place_give_everything_once_and_in_order() {
    let mut random = common::random();
    let store = common::memory();
    for metric in Metric::OF_NUMBERS {
        sledstore_vector::VectorIndex::drop(&store, "test").unwrap();
        let index = common::open(&store, 2, metric);
        // Few different vectors, so that pages end inside ties.
        let vectors: Vec<_> =
            (0..200).map(|n| (format!("{n:03}").into_bytes(), vec![1.0, random.random_range(0..5) as f32])).collect();
        common::put(&index, &vectors);
        let query = [1.0, 0.5];
        let whole = index.search(&store, &query, &Search::nearest(1_000)).unwrap();
        let mut pages: Vec<sledstore_vector::Neighbor> = Vec::new();
        loop {
            let last = pages.last().cloned();
            let after = last.as_ref().map(|last| Place { distance: last.distance, key: &last.key });
            let page = index.search(&store, &query, &Search { after, ..Search::nearest(7) }).unwrap();
            if page.is_empty() {
                break;
            }
            pages.extend(page);
        }
        assert_eq!(pages, whole);
        assert_eq!(whole.len(), 200);
    }
}
