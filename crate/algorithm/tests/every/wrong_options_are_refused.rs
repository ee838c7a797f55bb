use sledstore_algorithm::*;

use crate::{EVERY, csr_of};

fn go(_: Progress) -> bool {
    true
}

#[test]
fn weights_below_zero_are_refused_where_they_make_no_sense() {
    let csr = csr_of(3, &[(0, 1, 1.0), (1, 2, -1.5), (0, 2, 4.0)]);
    for algorithm in EVERY {
        let found = (algorithm.run)(csr.view(), &mut go);
        if algorithm.not_negative {
            let error = found.unwrap_err();
            assert!(matches!(error, Error::Weight { edge: 1, weight: -1.5, .. }), "{}: {error}", algorithm.name);
        } else {
            assert!(found.is_ok(), "{}", algorithm.name);
        }
        // Without its weights, or without that edge, the graph is as good as any other.
        assert!((algorithm.run)(csr.view().unweighted(), &mut go).is_ok(), "{}", algorithm.name);
        let members = NodeSet::from_iter([0, 2]);
        assert!((algorithm.run)(csr.view().among(&members), &mut go).is_ok(), "{}", algorithm.name);
    }
}

#[track_caller]
fn argument<T: std::fmt::Debug>(found: Result<T>, expected: &str) {
    match found {
        Err(Error::Argument { name, .. }) => assert_eq!(name, expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn options_outside_their_range_are_refused() {
    let csr = csr_of(3, &[(0, 1, 1.0), (1, 2, 1.0)]);
    let view = csr.view();
    for damping in [-0.1, 1.0, f64::NAN] {
        argument(page_rank(view, &PageRankOptions { damping, ..Default::default() }, &mut go), "damping");
    }
    for tolerance in [-1.0, f64::NAN] {
        argument(page_rank(view, &PageRankOptions { tolerance, ..Default::default() }, &mut go), "tolerance");
        argument(louvain(view, &LouvainOptions { tolerance, ..Default::default() }, &mut go), "tolerance");
    }
    for targets in [&[][..], &[(0, 0.0)], &[(0, -1.0)], &[(0, f64::NAN)]] {
        let options = PageRankOptions { targets: Some(targets), ..Default::default() };
        argument(page_rank(view, &options, &mut go), "targets");
    }
    for resolution in [-1.0, f64::NAN, f64::INFINITY] {
        argument(louvain(view, &LouvainOptions { resolution, ..Default::default() }, &mut go), "resolution");
        argument(leiden(view, &LeidenOptions { resolution, ..Default::default() }, &mut go), "resolution");
        argument(modularity(view, &[0, 0, 0], resolution), "resolution");
    }
    argument(modularity(view, &[0, 0], 1.0), "communities");
    argument(leiden(view, &LeidenOptions { randomness: 0.0, ..Default::default() }, &mut go), "randomness");
    argument(node_similarity(view, &SimilarityOptions { cutoff: f64::NAN, ..Default::default() }, &mut go), "cutoff");
    argument(max_flow(view, 1, 1, &mut go), "sink");
    argument(dijkstra(view, &[0], CostLimits { cost_max: Some(f64::NAN), target: None }, &mut go), "cost_max");
    for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = RandomWalkOptions { return_factor: factor, ..Default::default() };
        argument(random_walks(view, &options, &mut go), "return_factor");
        let options = RandomWalkOptions { in_out_factor: factor, ..Default::default() };
        argument(random_walks(view, &options, &mut go), "in_out_factor");
    }
    for estimate in [-1.0, f64::NAN] {
        let found = a_star(view, 0, 2, &mut |_| estimate, &mut go).unwrap_err();
        assert!(matches!(found, Error::Heuristic { node: 0, .. }));
    }
}
