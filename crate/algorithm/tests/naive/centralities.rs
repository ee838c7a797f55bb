use proptest::prelude::*;
use sledstore_algorithm::{
    BetweennessOptions, ClosenessOptions, Direction, PageRankOptions, Sample, SimilarityMetric, SimilarityOptions,
    betweenness, closeness, node_similarity, page_rank,
};

use crate::{DIRECTIONS, List, cases, go, lists};

/// Betweenness by all shortest paths between all pairs: of weights above zero.
fn shares(list: &List, directed: bool) -> Vec<f64> {
    let both = List { nodes: list.nodes, edges: list.steps(if directed { Direction::Out } else { Direction::Both }) };
    let mut sums = vec![0.0; list.nodes];
    for from in 0..list.nodes as u32 {
        for to in (0..list.nodes as u32).filter(|&to| to != from && (directed || from < to)) {
            let mut paths = both.simple_paths(from, to);
            let least = paths.iter().map(|path| path.1).min();
            paths.retain(|path| Some(path.1) == least);
            paths.sort();
            paths.dedup(); // parallel edges are one
            for path in &paths {
                let inner = &path.0[1..path.0.len() - 1];
                inner.iter().for_each(|&node| sums[node as usize] += 1.0 / paths.len() as f64);
            }
        }
    }
    sums
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn betweenness_agrees(list in lists(6, 12, 1..4), threads in 1..3_usize) {
        let csr = list.csr();
        let options = BetweennessOptions { threads, ..BetweennessOptions::default() };
        let light = List { nodes: list.nodes, edges: list.edges.iter().map(|edge| (edge.0, edge.1, 1)).collect() };
        for (direction, directed) in [(Direction::Out, true), (Direction::Both, false)] {
            let view = csr.view().directed(direction);
            for (view, list) in [(view, &list), (view.unweighted(), &light)] {
                let found = betweenness(view, &options, &mut go).unwrap();
                let expected = shares(list, directed);
                prop_assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9), "{:?} {:?}", found, expected);
            }
        }
    }

    #[test]
    fn closeness_agrees(list in lists(9, 25, 1..6)) {
        let csr = list.csr();
        for direction in DIRECTIONS {
            let costs = list.all_costs(direction);
            let view = csr.view().directed(direction);
            let plain = closeness(view, &ClosenessOptions { by_share: false, ..Default::default() }, &mut go).unwrap();
            let harmonic = closeness(view, &ClosenessOptions { harmonic: true, ..Default::default() }, &mut go).unwrap();
            for node in 0..list.nodes {
                let others: Vec<f64> =
                    costs[node].iter().flatten().filter(|&&cost| cost > 0).map(|&cost| cost as f64).collect();
                let sum: f64 = others.iter().sum();
                let expected = if sum > 0.0 { others.len() as f64 / sum } else { 0.0 };
                prop_assert!((plain[node] - expected).abs() < 1e-12);
                let expected: f64 = others.iter().map(|cost| 1.0 / cost).sum();
                prop_assert!((harmonic[node] - expected).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn page_rank_is_where_the_walk_rests(list in lists(9, 25, 0..4), damping in 0.0..0.95, threads in 1..4_usize) {
        let csr = list.csr();
        for direction in DIRECTIONS {
            let view = csr.view().directed(direction);
            let options =
                PageRankOptions { damping, threads, tolerance: 1e-14, iterations_max: 2000, ..Default::default() };
            let ranks = page_rank(view, &options, &mut go).unwrap().ranks;
            // One more step of the walk, by its definition, changes nothing.
            let nodes = list.nodes as f64;
            let mut next = vec![(1.0 - damping) / nodes; list.nodes];
            for node in view.nodes() {
                let weight: f64 = view.neighbors(node).map(|next| view.weight(next.edge)).sum();
                let given = damping * ranks[node as usize];
                if weight == 0.0 {
                    next.iter_mut().for_each(|rank| *rank += given / nodes);
                }
                for step in view.neighbors(node).filter(|_| weight > 0.0) {
                    next[step.node as usize] += given * view.weight(step.edge) / weight;
                }
            }
            prop_assert!(ranks.iter().zip(&next).all(|(a, b)| (a - b).abs() < 1e-12), "{:?} {:?}", ranks, next);
        }
    }

    #[test]
    fn similarities_are_those_of_sets(list in lists(10, 30, 0..2)) {
        let csr = list.csr();
        for direction in DIRECTIONS {
            let mut sets = vec![std::collections::BTreeSet::new(); list.nodes];
            for (from, to, _) in list.steps(direction) {
                sets[from as usize].insert(to);
            }
            let metrics = [SimilarityMetric::Jaccard, SimilarityMetric::Overlap, SimilarityMetric::Cosine];
            for (at, metric) in metrics.into_iter().enumerate() {
                let options = SimilarityOptions { metric, top: 100, degree_min: 2, ..Default::default() };
                let found = node_similarity(csr.view().directed(direction), &options, &mut go).unwrap();
                let mut expected = Vec::new();
                for (a, first) in sets.iter().enumerate() {
                    for (b, second) in sets.iter().enumerate() {
                        let common = first.intersection(second).count() as f64;
                        let (one, two) = (first.len() as f64, second.len() as f64);
                        let value = [common / (one + two - common), common / one.min(two), common / (one * two).sqrt()][at];
                        if a != b && common > 0.0 && one >= 2.0 && two >= 2.0 {
                            expected.push((a as u32, b as u32, value));
                        }
                    }
                }
                let mut found: Vec<_> = found.iter().map(|pair| (pair.node, pair.other, pair.similarity)).collect();
                found.sort_by_key(|pair| (pair.0, pair.1));
                prop_assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn a_sample_of_all_starts_is_exact_and_a_smaller_one_is_near() {
    let mut edges: Vec<(u32, u32, i32)> = (1..200).map(|node| (node * node % 7 * 11 % node, node, 1)).collect();
    edges.extend((0..200).map(|node| (node, (node * 31 + 7) % 200, 1)));
    let csr = List { nodes: 200, edges }.csr();
    let view = csr.view().directed(Direction::Both);
    let run = |sample, threads| {
        betweenness(view, &BetweennessOptions { sample, threads, normalized: true }, &mut go).unwrap()
    };
    let exact = run(None, 1);
    let all = run(Some(Sample { starts: 500, seed: 1 }), 2);
    assert!(exact.iter().zip(&all).all(|(a, b)| (a - b).abs() < 1e-12));
    let some = run(Some(Sample { starts: 100, seed: 1 }), 1);
    assert_eq!(some, run(Some(Sample { starts: 100, seed: 1 }), 1));
    assert_ne!(some, run(Some(Sample { starts: 100, seed: 2 }), 1));
    let error: f64 = exact.iter().zip(&some).map(|(a, b)| (a - b).abs()).sum();
    assert!(error < 0.25 * exact.iter().sum::<f64>(), "{error}");
}
