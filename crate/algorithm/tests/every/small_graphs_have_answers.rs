use sledstore_algorithm::*;

use crate::{DIRECTIONS, EVERY, csr_of};

fn go(_: Progress) -> bool {
    true
}

#[test]
fn without_nodes_there_is_nothing_or_no_start() {
    let csr = csr_of(0, &[]);
    for direction in DIRECTIONS {
        for algorithm in EVERY {
            let found = (algorithm.run)(csr.view().directed(direction), &mut go);
            if algorithm.starts {
                assert_eq!(found.unwrap_err(), Error::OutsideView { node: 0 }, "{}", algorithm.name);
            } else {
                assert!(!found.unwrap().contains("NaN"), "{}", algorithm.name);
            }
        }
    }
}

#[test]
fn nodes_alone_loops_and_parts_have_answers() {
    let graphs = [
        csr_of(1, &[]),
        csr_of(1, &[(0, 0, 1.0), (0, 0, 2.0)]),
        csr_of(5, &[]),
        csr_of(2, &[(0, 1, 0.5), (0, 1, 0.5), (1, 0, 0.5)]),
        csr_of(7, &[(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0), (4, 5, 1.0), (5, 5, 1.0)]),
    ];
    for csr in &graphs {
        for direction in DIRECTIONS {
            for algorithm in EVERY {
                let found = (algorithm.run)(csr.view().directed(direction), &mut go);
                assert!(!found.unwrap().contains("NaN"), "{}", algorithm.name);
            }
        }
    }
}

#[test]
fn nodes_outside_a_view_are_no_part_of_answers() {
    let csr = csr_of(6, &[(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0), (2, 3, 1.0), (3, 4, 1.0), (4, 0, 1.0), (5, 0, 1.0)]);
    let members = NodeSet::from_iter([0, 1, 2]);
    let view = csr.view().among(&members);
    assert_eq!(components(view, &mut go).unwrap().parts, [0, 0, 0, NONE, NONE, NONE]);
    assert_eq!(components(view, &mut go).unwrap().sizes, [3]);
    assert_eq!(strong_components(view, &mut go).unwrap().sizes, [3]);
    let ranks = page_rank(view, &PageRankOptions::default(), &mut go).unwrap().ranks;
    assert!((ranks[0] - 1.0 / 3.0).abs() < 1e-6 && ranks[3..] == [0.0; 3], "{ranks:?}");
    assert_eq!(triangles(view, 1, &mut go).unwrap().counts, [1, 1, 1, 0, 0, 0]);
    assert_eq!(degrees(view, &mut go).unwrap().centrality(&view), [0.5, 0.5, 0.5, 0.0, 0.0, 0.0]);
    assert_eq!(kruskal(view, &mut go).unwrap().trees, 1);
    assert_eq!(leiden(view, &LeidenOptions::default(), &mut go).unwrap().partition.sizes.iter().sum::<u32>(), 3);
    let refused = [
        breadth_first(view, &[3], SearchLimits::default(), &mut go).map(|_| ()).unwrap_err(),
        dijkstra(view, &[0], CostLimits { target: Some(3), cost_max: None }, &mut go).map(|_| ()).unwrap_err(),
        max_flow(view, 0, 3, &mut go).map(|_| ()).unwrap_err(),
        closeness(view, &ClosenessOptions { of: Some(&[3]), ..Default::default() }, &mut go).map(|_| ()).unwrap_err(),
        random_walks(view, &RandomWalkOptions { starts: Some(&[3]), ..Default::default() }, &mut go)
            .map(|_| ())
            .unwrap_err(),
    ];
    refused.iter().for_each(|error| assert_eq!(*error, Error::OutsideView { node: 3 }));
}

#[test]
fn a_cycle_below_zero_is_named() {
    let csr = csr_of(5, &[(0, 1, 1.0), (1, 2, 1.0), (2, 3, -3.0), (3, 1, 1.0), (4, 4, -1.0)]);
    let Err(Error::NegativeCycle { nodes }) = bellman_ford(csr.view(), &[0], &mut go) else { panic!("no cycle") };
    let first = nodes.iter().position(|&node| node == 1).unwrap();
    let from_first: Vec<u32> = nodes.iter().cycle().skip(first).take(3).copied().collect();
    assert_eq!((nodes.len(), from_first), (3, vec![1, 2, 3]));
    let alone = bellman_ford(csr.view(), &[4], &mut go).unwrap_err();
    assert_eq!(alone, Error::NegativeCycle { nodes: vec![4] });
}

#[test]
fn edges_that_cost_nothing_are_followed_once() {
    // A cycle of nothing between 1 and 2, and a target that is met before the nodes that are as near.
    let edges = [(0, 1, 1.0), (1, 2, 0.0), (2, 1, 0.0), (2, 3, 0.0), (0, 3, 1.0), (1, 3, 0.0)];
    let mirrored = edges.map(|(from, to, weight)| (3 - from, 3 - to, weight));
    for (csr, from, to) in [(csr_of(4, &edges), 0, 3), (csr_of(4, &mirrored), 3, 0)] {
        let found = all_shortest_paths(csr.view(), from, to, &mut go).unwrap().unwrap();
        let from_start = |node: u32| node.abs_diff(from);
        let mut nodes: Vec<Vec<u32>> =
            found.iter().map(|path| path.nodes.into_iter().map(from_start).collect()).collect();
        nodes.sort();
        assert_eq!(nodes, [vec![0, 1, 2, 3], vec![0, 1, 3], vec![0, 3]]);
        assert_eq!(found.count(), None);
        assert_eq!(k_shortest_paths(csr.view(), from, to, 9, &mut go).unwrap().len(), 3);
    }
}

#[test]
fn counts_past_their_type_are_told() {
    // A chain of 70 pairs of parallel edges has 2^70 shortest paths.
    let edges: Vec<(u64, u64, f64)> = (0..140).map(|at| (at / 2, at / 2 + 1, 1.0)).collect();
    let csr = csr_of(71, &edges);
    let found = all_shortest_paths(csr.view(), 0, 70, &mut go).unwrap().unwrap();
    assert_eq!(found.count(), None);
    assert_eq!(found.iter().take(1000).count(), 1000);
    let csr = csr_of(3, &[(0, 1, f64::MAX), (1, 2, f64::MAX)]);
    let overflow = |found: Result<()>| assert!(matches!(found.unwrap_err(), Error::Overflow { .. }));
    overflow(dijkstra(csr.view(), &[0], CostLimits::default(), &mut go).map(|_| ()));
    overflow(bellman_ford(csr.view(), &[0], &mut go).map(|_| ()));
    overflow(kruskal(csr.view(), &mut go).map(|_| ()));
    overflow(degrees(csr.view().directed(Direction::Both), &mut go).map(|_| ()));
    overflow(louvain(csr.view(), &LouvainOptions::default(), &mut go).map(|_| ()));
}
