use sledstore_algorithm::{
    BetweennessOptions, ClosenessOptions, Direction, PageRankOptions, betweenness, closeness, degrees, page_rank,
};

use crate::{Case, assert_close, cases, go};

#[track_caller]
fn check(case: &Case, name: &str, found: &[f64], tolerance: f64) {
    assert_close(case, name, found, &case.expected["centralities"][name], tolerance);
}

#[test]
fn page_rank_agrees() {
    let targets = [(0, 3.0), (5, 1.0)];
    for case in cases() {
        for threads in [1, 2, 3] {
            let options =
                PageRankOptions { iterations_max: 1000, tolerance: 1e-13, threads, ..PageRankOptions::default() };
            let ranks = |view, options: &PageRankOptions<'_>| {
                let found = page_rank(view, options, &mut go).unwrap();
                assert!(found.converged && found.iterations > 3);
                assert!((found.ranks.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                found.ranks
            };
            check(&case, "page_rank", &ranks(case.view().unweighted(), &options), 1e-10);
            check(&case, "page_rank_weighted", &ranks(case.view(), &options), 1e-10);
            let personal = PageRankOptions { targets: Some(&targets), ..options };
            check(&case, "page_rank_personal", &ranks(case.view(), &personal), 1e-10);
            let damped = PageRankOptions { damping: 0.5, ..options };
            check(&case, "page_rank_damped", &ranks(case.view().unweighted(), &damped), 1e-10);
        }
    }
}

#[test]
fn degrees_agree() {
    for case in cases() {
        let view = case.csr.view().directed(Direction::Both);
        let found = degrees(view, &mut go).unwrap();
        let counts: Vec<f64> = found.counts.iter().map(|&count| count as f64).collect();
        check(&case, "degrees", &counts, 0.0);
        check(&case, "strengths", &found.weights, 1e-12);
        check(&case, "degree_centrality", &found.centrality(&view), 1e-11);
        let [out, entering] = [Direction::Out, Direction::In]
            .map(|direction| degrees(case.csr.view().directed(direction), &mut go).unwrap().counts);
        let sums: Vec<u64> = out.iter().zip(entering).map(|(out, entering)| out + entering).collect();
        assert_eq!(found.counts, sums);
    }
}

#[test]
fn closeness_agrees() {
    for case in cases() {
        // networkx measures the distances to a node.
        let view = case.view().reversed();
        let found = |view, options: &ClosenessOptions<'_>| closeness(view, options, &mut go).unwrap();
        let usual = ClosenessOptions::default();
        check(&case, "closeness", &found(view.unweighted(), &usual), 1e-10);
        check(&case, "closeness_weighted", &found(view, &usual), 1e-10);
        let plain = ClosenessOptions { by_share: false, ..usual };
        check(&case, "closeness_plain", &found(view.unweighted(), &plain), 1e-10);
        let harmonic = ClosenessOptions { harmonic: true, ..usual };
        check(&case, "harmonic", &found(view.unweighted(), &harmonic), 1e-10);
        let one = ClosenessOptions { of: Some(&[5]), ..usual };
        let (one, all) = (found(view, &one), found(view, &usual));
        assert_eq!((one[5], one.iter().sum::<f64>()), (all[5], all[5]));
    }
}

#[test]
fn betweenness_agrees() {
    for case in cases() {
        for threads in [1, 2] {
            let options = BetweennessOptions { threads, ..BetweennessOptions::default() };
            let found = |view, options| betweenness(view, &options, &mut go).unwrap();
            check(&case, "betweenness", &found(case.view().unweighted(), options), 1e-9);
            check(&case, "betweenness_weighted", &found(case.view(), options), 1e-9);
            let normalized = BetweennessOptions { normalized: true, ..options };
            check(&case, "betweenness_normalized", &found(case.view().unweighted(), normalized), 1e-9);
        }
    }
}
