use proptest::prelude::*;
use sledstore_algorithm::{
    Direction, clustering, components, core_numbers, kruskal, prim, strong_components, triangles,
};

use crate::{List, cases, go, lists};

/// What is left of a graph when nodes of fewer than `k` neighbors go, again and again.
fn core(joined: &[Vec<bool>], k: usize) -> Vec<bool> {
    let mut left = vec![true; joined.len()];
    loop {
        let degree = |node: usize| (0..joined.len()).filter(|&other| left[other] && joined[node][other]).count();
        let Some(gone) = (0..joined.len()).find(|&node| left[node] && degree(node) < k) else { return left };
        left[gone] = false;
    }
}

/// The least weight of a forest that spans the graph, by all sets of edges.
fn least_forest(list: &List) -> i32 {
    let parts = |edges: &[(u32, u32, i32)]| {
        let joined = List { nodes: list.nodes, edges: edges.to_vec() }.all_reached();
        (0..list.nodes).filter(|&node| !(0..node).any(|other| joined[node][other])).count()
    };
    let whole = parts(&list.edges);
    let chosen = |set: u32| {
        let edges: Vec<_> = list.edges.iter().enumerate().filter(|at| set >> at.0 & 1 == 1).map(|at| *at.1).collect();
        let spans = edges.len() + whole == list.nodes && parts(&edges) == whole;
        spans.then(|| edges.iter().map(|edge| edge.2).sum())
    };
    (0..1_u32 << list.edges.len()).filter_map(chosen).min().unwrap()
}

impl List {
    fn all_reached(&self) -> Vec<Vec<bool>> {
        let costs = List { nodes: self.nodes, edges: self.edges.iter().map(|edge| (edge.0, edge.1, 1)).collect() }
            .all_costs(Direction::Both);
        costs.iter().map(|row| row.iter().map(Option::is_some).collect()).collect()
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn components_are_what_is_reached(list in lists(12, 16, 0..2)) {
        let csr = list.csr();
        let found = components(csr.view(), &mut go).unwrap();
        let reached = list.all_reached();
        let strong = strong_components(csr.view(), &mut go).unwrap();
        let ahead = list.all_costs(Direction::Out);
        for a in 0..list.nodes {
            for b in 0..list.nodes {
                prop_assert_eq!(found.parts[a] == found.parts[b], reached[a][b]);
                prop_assert_eq!(strong.parts[a] == strong.parts[b], ahead[a][b].is_some() && ahead[b][a].is_some());
            }
        }
        prop_assert_eq!(found.sizes.iter().sum::<u32>() as usize, list.nodes);
    }

    #[test]
    fn triangles_are_threes_of_joined_nodes(list in lists(12, 50, 0..2), threads in 1..4_usize) {
        let csr = list.csr();
        let found = triangles(csr.view(), threads, &mut go).unwrap();
        let joined = list.joined();
        let mut counts = vec![0; list.nodes];
        let mut total = 0;
        for a in 0..list.nodes {
            for b in 0..a {
                for c in 0..b {
                    if joined[a][b] && joined[b][c] && joined[a][c] {
                        total += 1;
                        [a, b, c].iter().for_each(|&node| counts[node] += 1);
                    }
                }
            }
        }
        prop_assert_eq!((found.total, &found.counts), (total, &counts));
        let degrees: Vec<u32> = joined.iter().map(|row| row.iter().filter(|&&yes| yes).count() as u32).collect();
        prop_assert_eq!(&found.degrees, &degrees);
        let shares = clustering(csr.view(), threads, &mut go).unwrap();
        for node in 0..list.nodes {
            let pairs = f64::from(degrees[node] * degrees[node].saturating_sub(1)) / 2.0;
            let share = if pairs > 0.0 { counts[node] as f64 / pairs } else { 0.0 };
            prop_assert_eq!(shares.local[node], share);
        }
    }

    #[test]
    fn cores_are_what_peeling_leaves(list in lists(12, 50, 0..2)) {
        let found = core_numbers(list.csr().view(), &mut go).unwrap();
        let joined = list.joined();
        for k in 1..12 {
            let left = core(&joined, k);
            prop_assert!((0..list.nodes).all(|node| left[node] == (found[node] as usize >= k)));
        }
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn forests_are_the_lightest(list in lists(7, 10, -5..6)) {
        let csr = list.csr();
        let least = f64::from(least_forest(&list));
        for found in [kruskal(csr.view(), &mut go).unwrap(), prim(csr.view(), &mut go).unwrap()] {
            prop_assert_eq!(found.weight, least);
            prop_assert_eq!(found.trees + found.edges.len(), list.nodes);
            // As many trees as components: so they span.
            prop_assert_eq!(found.trees, components(csr.view(), &mut go).unwrap().sizes.len());
        }
    }
}
