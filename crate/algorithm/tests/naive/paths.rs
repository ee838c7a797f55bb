use proptest::prelude::*;
use sledstore_algorithm::{
    Coordinates, CostLimits, Direction, Error, NONE, Path, SearchLimits, View, a_star, a_star_by_coordinates,
    all_shortest_paths, bellman_ford, breadth_first, depth_first, dijkstra, k_shortest_paths, shortest_path,
    topological_order,
};

use crate::{DIRECTIONS, List, all_nodes, cases, go, lists};

fn assert_walk(view: View<'_>, path: &Path) {
    assert_eq!(path.nodes.len(), path.edges.len() + 1);
    for (nodes, &edge) in path.nodes.windows(2).zip(&path.edges) {
        assert!(view.neighbors(nodes[0]).any(|next| next.node == nodes[1] && next.edge == edge));
    }
    assert_eq!(path.cost, path.edges.iter().map(|&edge| view.weight(edge)).sum::<f64>());
}

fn unit(list: &List) -> List {
    List { nodes: list.nodes, edges: list.edges.iter().map(|edge| (edge.0, edge.1, 1)).collect() }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn searches_without_weights_agree(list in lists(9, 20, 0..5), depth_max in 0..5_u32) {
        let csr = list.csr();
        for direction in DIRECTIONS {
            let view = csr.view().directed(direction).unweighted();
            let costs = unit(&list).all_costs(direction);
            for from in view.nodes() {
                let limits = SearchLimits { depth_max: Some(depth_max), target: None };
                let found = breadth_first(view, &[from], SearchLimits::default(), &mut go).unwrap();
                let near = breadth_first(view, &[from], limits, &mut go).unwrap();
                let deep = depth_first(view, &[from], SearchLimits::default(), &mut go).unwrap();
                prop_assert_eq!(deep.left.len(), deep.entered.order.len());
                for to in view.nodes() {
                    let cost = costs[from as usize][to as usize];
                    let depth = found.depths[to as usize];
                    prop_assert_eq!((depth != NONE).then_some(i64::from(depth)), cost);
                    prop_assert_eq!(near.depths[to as usize] != NONE, cost.is_some_and(|cost| cost <= i64::from(depth_max)));
                    prop_assert_eq!(deep.entered.depths[to as usize] != NONE, cost.is_some());
                    for path in [found.path_to(to), deep.entered.path_to(to)].iter().flatten() {
                        assert_walk(view, path);
                    }
                    let path = shortest_path(view, from, to, None, &mut go).unwrap();
                    prop_assert_eq!(path.as_ref().map(|path| path.cost as i64), cost);
                    path.iter().for_each(|path| assert_walk(view, path));
                    let near = shortest_path(view, from, to, Some(depth_max), &mut go).unwrap();
                    let expected = cost.filter(|&cost| cost <= i64::from(depth_max));
                    prop_assert_eq!(near.map(|path| path.cost as i64), expected);
                }
            }
        }
    }

    #[test]
    fn cheapest_paths_agree(list in lists(9, 20, 0..8), more in 0..9_u32, share in 0.0..=1.0) {
        let csr = list.csr();
        for direction in DIRECTIONS {
            let view = csr.view().directed(direction);
            let costs = list.all_costs(direction);
            for from in view.nodes() {
                let found = dijkstra(view, &[from], CostLimits::default(), &mut go).unwrap();
                let slow = bellman_ford(view, &[from], &mut go).unwrap();
                prop_assert_eq!(&found.costs, &slow.costs);
                let near = dijkstra(view, &[from], CostLimits { cost_max: Some(7.0), target: None }, &mut go).unwrap();
                for to in view.nodes() {
                    let cost = costs[from as usize][to as usize].map(|cost| cost as f64);
                    let path = found.path_to(to);
                    prop_assert_eq!(path.as_ref().map(|path| path.cost), cost);
                    [path, slow.path_to(to)].iter().flatten().for_each(|path| assert_walk(view, path));
                    let expected = cost.filter(|&cost| cost <= 7.0).unwrap_or(f64::INFINITY);
                    prop_assert_eq!(near.costs[to as usize], expected);
                    let once = dijkstra(view, &[from], CostLimits { cost_max: None, target: Some(to) }, &mut go).unwrap();
                    prop_assert_eq!(once.path_to(to).map(|path| path.cost), cost);
                    // Any part of the true cost never exceeds it, though it may fall faster than edges cost.
                    let part = |node: u32| if (node + more).is_multiple_of(3) { share } else { 1.0 - share };
                    let estimate = &mut |node: u32| {
                        costs[node as usize][to as usize].map_or(f64::INFINITY, |cost| cost as f64 * part(node))
                    };
                    let led = a_star(view, from, to, estimate, &mut go).unwrap();
                    prop_assert_eq!(led.as_ref().map(|path| path.cost), cost);
                    led.iter().for_each(|path| assert_walk(view, path));
                }
            }
            let starts = [0, (list.nodes / 2) as u32];
            let from_both = dijkstra(view, &starts, CostLimits::default(), &mut go).unwrap();
            for to in view.nodes() {
                let least = starts.iter().filter_map(|&start| costs[start as usize][to as usize]).min();
                prop_assert_eq!(from_both.costs[to as usize], least.map_or(f64::INFINITY, |cost| cost as f64));
            }
        }
    }

    #[test]
    fn negative_cycles_are_found(list in lists(8, 16, -4..9)) {
        let csr = list.csr();
        let costs = list.all_costs(Direction::Out);
        for from in 0..list.nodes {
            let reached = |node: usize| costs[from][node].is_some();
            let cycle = (0..list.nodes).any(|node| reached(node) && costs[node][node].is_some_and(|cost| cost < 0));
            match bellman_ford(csr.view(), &[from as u32], &mut go) {
                Ok(found) => {
                    prop_assert!(!cycle);
                    let expected: Vec<f64> =
                        costs[from].iter().map(|cost| cost.map_or(f64::INFINITY, |cost| cost as f64)).collect();
                    prop_assert_eq!(&found.costs, &expected);
                }
                Err(Error::NegativeCycle { nodes }) => {
                    prop_assert!(cycle);
                    let next = nodes.iter().cycle().skip(1);
                    let weight = |from: u32, to: u32| {
                        list.edges.iter().filter(|edge| (edge.0, edge.1) == (from, to)).map(|edge| edge.2).min().unwrap()
                    };
                    let sum: i32 = nodes.iter().zip(next).map(|(&from, &to)| weight(from, to)).sum();
                    prop_assert!(sum < 0, "{:?} weighs {}", nodes, sum);
                    prop_assert!(nodes.iter().all(|&node| reached(node as usize)));
                }
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
    }

    #[test]
    fn k_cheapest_and_all_cheapest_paths_agree(list in lists(6, 14, 0..5), k in 0..12_usize) {
        let csr = list.csr();
        let to = list.nodes as u32 - 1;
        prop_assume!(to > 0);
        let mut every = list.simple_paths(0, to);
        let found = k_shortest_paths(csr.view(), 0, to, k, &mut go).unwrap();
        found.iter().for_each(|path| assert_walk(csr.view(), path));
        let least = every.iter().map(|path| path.1).min();
        // With parallel edges a list of nodes stands in `every` more than once.
        let all = all_shortest_paths(csr.view(), 0, to, &mut go).unwrap();
        let cheapest = every.iter().filter(|path| Some(path.1) == least).count();
        let paths: Vec<Path> = all.iter().flatten().collect();
        prop_assert_eq!(paths.len(), cheapest);
        prop_assert!(all.iter().all(|all| all.count().is_none_or(|count| count == cheapest as u64)));
        paths.iter().for_each(|path| assert_walk(csr.view(), path));
        let mut edges: Vec<&Vec<u32>> = paths.iter().map(|path| &path.edges).collect();
        edges.sort();
        edges.dedup();
        prop_assert_eq!(edges.len(), cheapest);
        every.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
        every.dedup_by(|a, b| a.0 == b.0);
        every.sort_by_key(|path| path.1);
        let costs: Vec<i64> = found.iter().map(|path| path.cost as i64).collect();
        let expected: Vec<i64> = every.iter().take(k).map(|path| path.1).collect();
        prop_assert_eq!(costs, expected);
        let mut nodes: Vec<&Vec<u32>> = found.iter().map(|path| &path.nodes).collect();
        nodes.sort();
        nodes.dedup();
        prop_assert_eq!(nodes.len(), found.len());
        prop_assert!(nodes.iter().all(|nodes| every.iter().any(|path| &&path.0 == nodes)));
    }

    #[test]
    fn orders_agree_with_all_edges(list in lists(9, 14, 0..2)) {
        let csr = list.csr();
        match topological_order(csr.view(), &mut go) {
            Ok(order) => {
                let mut sorted = order.clone();
                sorted.sort_unstable();
                prop_assert_eq!(sorted, all_nodes(csr.view()));
                let place = |node: u32| order.iter().position(|&other| other == node);
                prop_assert!(list.edges.iter().all(|edge| place(edge.0) < place(edge.1)));
            }
            Err(Error::Cycle { nodes }) => {
                let next = nodes.iter().cycle().skip(1);
                let is_edge = |(&from, &to): (&u32, &u32)| list.edges.iter().any(|edge| (edge.0, edge.1) == (from, to));
                prop_assert!(!nodes.is_empty() && nodes.iter().zip(next).all(is_edge));
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn great_circles_and_planes_lead_to_the_cheapest_path() {
    // Berlin, Prague, Vienna, Munich, Paris: degrees of longitude and latitude, and kilometers by air.
    let points = [(13.405, 52.52), (14.4378, 50.0755), (16.3738, 48.2082), (11.582, 48.1351), (2.3522, 48.8566)];
    let estimate = Coordinates::Earth { points: &points, cost_of_meter: 0.001 };
    for (from, to, kilometers) in [(0, 1, 280.3), (0, 4, 877.5), (1, 2, 251.0)] {
        assert!((estimate.estimate(from, to) - kilometers).abs() < 2.0, "{}", estimate.estimate(from, to));
    }
    let roads = [(0, 1, 350), (1, 2, 333), (0, 3, 585), (3, 2, 435), (3, 4, 827), (0, 4, 1054)];
    let csr = List { nodes: 5, edges: roads.to_vec() }.csr();
    let view = csr.view().directed(Direction::Both);
    let path = a_star_by_coordinates(view, 0, 2, estimate, &mut go).unwrap().unwrap();
    assert_eq!((path.nodes, path.cost), (vec![0, 1, 2], 683.0));
    let plane = Coordinates::Plane { points: &points, cost_of_unit: 50.0 };
    assert_eq!(a_star_by_coordinates(view, 2, 4, plane, &mut go).unwrap().unwrap().cost, 1262.0);
    let short = Coordinates::Plane { points: &points[..2], cost_of_unit: 1.0 };
    let refused = a_star_by_coordinates(view, 0, 4, short, &mut go).unwrap_err();
    assert!(matches!(refused, Error::Heuristic { node: 0, estimate } if estimate.is_nan()));
}
