use proptest::prelude::*;
use sledstore_algorithm::{
    Direction, LabelPropagationOptions, LeidenOptions, LouvainOptions, NodeSet, components, label_propagation, leiden,
    louvain, modularity,
};

use crate::{List, cases, go, lists};

/// Modularity by its sum over all pairs of nodes.
fn by_pairs(list: &List, parts: &[u32], resolution: f64) -> f64 {
    let mut weights = vec![vec![0.0; list.nodes]; list.nodes];
    for &(a, b, weight) in &list.edges {
        // A loop has both its ends at its node.
        weights[a as usize][b as usize] += f64::from(weight);
        weights[b as usize][a as usize] += f64::from(weight);
    }
    let strengths: Vec<f64> = weights.iter().map(|row| row.iter().sum()).collect();
    let doubled: f64 = strengths.iter().sum();
    let pair = |a: usize, b: usize| weights[a][b] - resolution * strengths[a] * strengths[b] / doubled;
    let pairs = (0..list.nodes).flat_map(|a| (0..list.nodes).map(move |b| (a, b)));
    let inside = pairs.filter(|&(a, b)| parts[a] == parts[b]);
    if doubled == 0.0 { 0.0 } else { inside.map(|(a, b)| pair(a, b)).sum::<f64>() / doubled }
}

/// The best modularity of all divisions.
fn best(list: &List, resolution: f64) -> f64 {
    let mut best = f64::NEG_INFINITY;
    let mut parts = vec![0; list.nodes];
    loop {
        best = best.max(by_pairs(list, &parts, resolution));
        // The next of the lists in which a number is at most one above all before it.
        let most = |parts: &[u32], at: usize| parts[..at].iter().copied().max().map_or(0, |most| most + 1);
        let Some(at) = (1..parts.len()).rev().find(|&at| parts[at] < most(&parts, at)) else { return best };
        parts[at] += 1;
        parts[at + 1..].fill(0);
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn modularity_is_the_sum_over_pairs(list in lists(9, 25, 0..5), resolution in 0.0..3.0, of in 1..5_u32) {
        let parts: Vec<u32> = (0..list.nodes as u32).map(|node| node * 7 % of).collect();
        let found = modularity(list.csr().view(), &parts, resolution).unwrap();
        prop_assert!((found - by_pairs(&list, &parts, resolution)).abs() < 1e-12);
    }

    #[test]
    fn louvain_and_leiden_tell_their_modularity(list in lists(25, 60, 0..5), resolution in 0.2..2.0, seed in 0..99_u64) {
        let csr = list.csr();
        let by_louvain = louvain(csr.view(), &LouvainOptions { resolution, seed, ..Default::default() }, &mut go).unwrap();
        let by_leiden = leiden(csr.view(), &LeidenOptions { resolution, seed, ..Default::default() }, &mut go).unwrap();
        for found in [&by_louvain, &by_leiden] {
            let parts = &found.partition.parts;
            prop_assert!((found.modularity - by_pairs(&list, parts, resolution)).abs() < 1e-9);
            let single: Vec<u32> = (0..list.nodes as u32).collect();
            prop_assert!(found.modularity >= by_pairs(&list, &single, resolution) - 1e-12);
            prop_assert!(found.modularity <= 1.0);
        }
        for group in by_leiden.partition.groups() {
            let members: NodeSet = group.into_iter().collect();
            prop_assert_eq!(components(csr.view().among(&members), &mut go).unwrap().sizes.len(), 1);
        }
    }

    #[test]
    fn labels_join_only_what_is_connected(list in lists(15, 20, 0..3), seed in 0..99_u64) {
        let csr = list.csr();
        let whole = components(csr.view(), &mut go).unwrap();
        let found = label_propagation(csr.view(), &LabelPropagationOptions { seed, ..Default::default() }, &mut go).unwrap();
        for group in found.partition.groups() {
            prop_assert!(group.iter().all(|&node| whole.parts[node as usize] == whole.parts[group[0] as usize]));
        }
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn leiden_finds_the_best_of_all_divisions(list in lists(7, 14, 1..4)) {
        let csr = list.csr();
        let runs = (0..6).map(|seed| leiden(csr.view(), &LeidenOptions { seed, ..Default::default() }, &mut go).unwrap());
        let found = runs.map(|found| found.modularity).fold(f64::NEG_INFINITY, f64::max);
        let best = best(&list, 1.0);
        prop_assert!(found >= best - 0.03 && found <= best + 1e-9, "{} of {}", found, best);
    }
}

#[test]
fn cliques_in_a_ring_are_communities() {
    let mut edges = Vec::new();
    for clique in 0..8_u32 {
        let node = |at: u32| clique * 6 + at;
        (0..6).for_each(|a| edges.extend((0..a).map(|b| (node(a), node(b), 1))));
        edges.push((node(0), (clique + 1) % 8 * 6 + 3, 1));
    }
    let csr = List { nodes: 48, edges }.csr();
    for seed in 0..5 {
        let found = [
            louvain(csr.view(), &LouvainOptions { seed, ..Default::default() }, &mut go).unwrap().partition,
            leiden(csr.view(), &LeidenOptions { seed, ..Default::default() }, &mut go).unwrap().partition,
            label_propagation(
                csr.view().directed(Direction::In),
                &LabelPropagationOptions { seed, ..Default::default() },
                &mut go,
            )
            .unwrap()
            .partition,
        ];
        let cliques: Vec<u32> = (0..48).map(|node| node / 6).collect();
        found.iter().for_each(|partition| assert_eq!(partition.parts, cliques));
    }
}
