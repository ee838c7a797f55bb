//! A search with a maximal distance and a large `k` gives all that are so near, also through a graph.

use sledstore_engine::{Batch, Durability, ErrorCode};
use sledstore_vector::{Filter, Metric, Search, VectorIndex, VectorOptions, Way};

use crate::common;

const DIMENSIONS: usize = 8;
const VECTORS: u16 = 5_000;

fn filled(random: &mut rand::rngs::StdRng, metric: Metric) -> VectorIndex {
    let options = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, metric) };
    let index = VectorIndex::open(&common::memory(), "test", &options).unwrap();
    let mut batch = Batch::new();
    for number in 0..VECTORS {
        // In heaps, so that much may lie within a distance in which elsewhere there is nothing.
        let mut vector = common::vector(random, DIMENSIONS);
        vector[usize::from(number % 7)] += 3.0 * f32::from(number % 2);
        let kind = if number % 3 == 0 { "a" } else { "b" };
        index.put(&mut batch, &number.to_be_bytes(), &vector, Some(&common::map(&[("kind", kind)]))).unwrap();
    }
    index.store().commit(&batch, Durability::None).unwrap();
    index.compact().unwrap();
    index
}

#[test]
fn all_so_near_are_found() {
    let mut random = common::random();
    let filter = Filter::parse(&common::map(&[("kind", "b")])).unwrap();
    for metric in [Metric::Cosine, Metric::Dot, Metric::L2] {
        let index = filled(&mut random, metric);
        let mut batch = Batch::new();
        index.delete(&mut batch, &7_u16.to_be_bytes()).unwrap();
        index.put(&mut batch, b"pending", &[0.5; DIMENSIONS], Some(&common::map(&[("kind", "b")]))).unwrap();
        index.store().commit(&batch, Durability::None).unwrap();
        let snapshot = index.store().snapshot().unwrap();
        let (mut hits, mut wanted, mut through_graph) = (0, 0, 0);
        for reach in [0, 1, 9, 100, 400, 1_500, 4_999] {
            for filter in [None, Some(&filter)] {
                let query = common::vector(&mut random, DIMENSIONS);
                let nearest = Search { filter, exact: true, ..Search::nearest(VECTORS.into()) };
                let exact = index.search(&snapshot, &query, &nearest).unwrap();
                let max_distance = Some(exact[reach.min(exact.len() - 1)].distance);
                let within = Search { max_distance, filter, ..Search::nearest(u32::MAX as usize) };
                let (found, plan) = index.search_explained(&snapshot, &query, &within).unwrap();
                let all = index.search(&snapshot, &query, &Search { exact: true, ..within.clone() }).unwrap();
                assert!(found.iter().all(|neighbor| all.contains(neighbor)), "{reach}");
                assert!(found.is_sorted_by(|a, b| (a.distance, &a.key) < (b.distance, &b.key)));
                (hits, wanted) = (hits + found.len(), wanted + all.len());
                through_graph += usize::from(plan.way != Way::All);
                let limited = index.search(&snapshot, &query, &Search { k: 5, ..within }).unwrap();
                assert!(limited.len() <= 5.min(all.len()) && limited.iter().all(|neighbor| all.contains(neighbor)));
                (hits, wanted) = (hits + limited.len(), wanted + 5.min(all.len()));
            }
        }
        assert!(hits * 1_000 >= wanted * 995 && through_graph >= 4, "{metric}: {hits} of {wanted}, {through_graph}");
        let none = Search { max_distance: Some(-1e9), ..Search::nearest(u32::MAX as usize) };
        assert!(index.search(&snapshot, &[1.0; DIMENSIONS], &none).unwrap().is_empty());
    }
}

#[test]
fn a_caller_that_wants_no_more_ends_it() {
    let mut random = common::random();
    let index = filled(&mut random, Metric::L2);
    let no = || false;
    let search = Search { exact: true, proceed: Some(&no), ..Search::nearest(3) };
    let ended = index.search(&index.store().snapshot().unwrap(), &[0.0; DIMENSIONS], &search);
    assert_eq!(common::code(ended), Some(ErrorCode::Aborted));
}
