use sledstore_algorithm::{
    CostLimits, NONE, Path, SearchLimits, a_star, all_shortest_paths, bellman_ford, breadth_first, dijkstra,
    k_shortest_paths, kruskal, prim, shortest_path,
};

use crate::{Case, assert_close, cases, cases_below_zero, go, lists};

fn ends(case: &Case) -> (u32, u32) {
    let paths = &case.expected["paths"];
    (paths["source"].as_u64().unwrap() as u32, paths["target"].as_u64().unwrap() as u32)
}

fn assert_walk(case: &Case, path: &Path) {
    assert_eq!(path.nodes.len(), path.edges.len() + 1);
    for (nodes, &edge) in path.nodes.windows(2).zip(&path.edges) {
        let ends = case.ends(edge);
        assert!(ends == (nodes[0], nodes[1]) || (!case.directed && ends == (nodes[1], nodes[0])));
    }
}

#[test]
fn depths_agree() {
    for case in cases() {
        let (source, target) = ends(&case);
        let found = breadth_first(case.view(), &[source], SearchLimits::default(), &mut go).unwrap();
        let depth = |depth: &u32| if *depth == NONE { f64::INFINITY } else { f64::from(*depth) };
        let depths: Vec<f64> = found.depths.iter().map(depth).collect();
        assert_close(&case, "depth", &depths, &case.expected["paths"]["depths"], 0.0);
        let path = shortest_path(case.view(), source, target, None, &mut go).unwrap().unwrap();
        assert_walk(&case, &path);
        assert_eq!(path.cost, depths[target as usize]);
        assert_walk(&case, &found.path_to(target).unwrap());
    }
}

#[test]
fn costs_agree() {
    for case in cases() {
        let (source, target) = ends(&case);
        let found = dijkstra(case.view(), &[source], CostLimits::default(), &mut go).unwrap();
        assert_close(&case, "cost", &found.costs, &case.expected["paths"]["costs"], 1e-9);
        let path = found.path_to(target).unwrap();
        assert_walk(&case, &path);
        assert_eq!(path.cost, path.edges.iter().map(|&edge| case.csr.weight_of(edge)).sum::<f64>());
        let slow = bellman_ford(case.view(), &[source], &mut go).unwrap();
        assert_close(&case, "cost", &slow.costs, &case.expected["paths"]["costs"], 1e-9);
        // The true remaining cost is the best estimate there is; half of it is a good one.
        let left = dijkstra(case.view().reversed(), &[target], CostLimits::default(), &mut go).unwrap().costs;
        for share in [0.0, 0.5, 1.0] {
            let estimate = &mut |node: u32| if share == 0.0 { 0.0 } else { left[node as usize] * share };
            let led = a_star(case.view(), source, target, estimate, &mut go).unwrap().unwrap();
            assert_walk(&case, &led);
            assert!((led.cost - path.cost).abs() < 1e-9, "{}", case.name);
        }
    }
}

#[test]
fn costs_below_zero_agree() {
    for case in cases_below_zero() {
        let found = bellman_ford(case.view(), &[0], &mut go).unwrap();
        assert_close(&case, "cost", &found.costs, &case.expected["costs"], 1e-9);
    }
}

#[test]
fn k_cheapest_paths_agree() {
    for case in cases() {
        let (source, target) = ends(&case);
        let found = k_shortest_paths(case.view(), source, target, 8, &mut go).unwrap();
        let costs: Vec<f64> = found.iter().map(|path| path.cost).collect();
        assert_close(&case, "k-cheapest", &costs, &case.expected["paths"]["k_cheapest"], 1e-9);
        found.iter().for_each(|path| assert_walk(&case, path));
        for (at, path) in found.iter().enumerate() {
            assert!(found[..at].iter().all(|other| other.nodes != path.nodes));
        }
    }
}

#[test]
fn all_shortest_paths_agree() {
    for case in cases() {
        let (source, target) = ends(&case);
        for (view, name) in [(case.view().unweighted(), "fewest_edges"), (case.view(), "cheapest")] {
            let found = all_shortest_paths(view, source, target, &mut go).unwrap().unwrap();
            assert_eq!(found.iter().count() as u64, found.count().unwrap(), "{} {name}", case.name);
            let mut nodes: Vec<Vec<u32>> = found.iter().map(|path| path.nodes).collect();
            nodes.sort();
            nodes.dedup(); // paths of parallel edges
            assert_eq!(nodes, lists(&case.expected["paths"][name]), "{} {name}", case.name);
            found.iter().for_each(|path| assert_walk(&case, &path));
        }
    }
}

#[test]
fn spanning_forests_agree() {
    for case in cases() {
        let expected = case.expected["structure"]["forest_weight"].as_f64().unwrap();
        let components = case.expected["structure"]["components"].as_array().unwrap().len();
        for found in [kruskal(case.view(), &mut go).unwrap(), prim(case.view(), &mut go).unwrap()] {
            assert!((found.weight - expected).abs() < 1e-9, "{}: {}", case.name, found.weight);
            assert_eq!(found.trees, components, "{}", case.name);
        }
    }
}
