use proptest::prelude::*;
use sledstore_algorithm::{Direction, components, cuts, max_flow};

use crate::{DIRECTIONS, List, cases, go, lists};

fn parts(list: &List) -> usize {
    components(list.csr().view(), &mut go).unwrap().sizes.len()
}

/// The least weight of the edges that lead out of a set with the source and without the sink, by all sets.
fn least_cut(list: &List, direction: Direction, source: u32, sink: u32) -> i32 {
    let steps = list.steps(direction);
    let fits = |set: &u32| set >> source & 1 == 1 && set >> sink & 1 == 0;
    let weight = |set: u32| {
        let out = steps.iter().filter(|step| set >> step.0 & 1 == 1 && set >> step.1 & 1 == 0);
        out.map(|step| step.2).sum()
    };
    (0..1_u32 << list.nodes).filter(fits).map(weight).min().unwrap()
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn cuts_are_what_parts_the_graph(list in lists(9, 14, 0..2)) {
        let csr = list.csr();
        let found = cuts(csr.view(), &mut go).unwrap();
        let whole = parts(&list);
        for node in 0..list.nodes as u32 {
            // Without its edges the node is a part of its own, if it was none before.
            let edges: Vec<_> = list.edges.iter().copied().filter(|edge| edge.0 != node && edge.1 != node).collect();
            let joined = list.edges.iter().any(|edge| (edge.0 == node) != (edge.1 == node));
            let without = parts(&List { nodes: list.nodes, edges });
            prop_assert_eq!(found.nodes.contains(&node), without > whole + usize::from(joined));
        }
        for edge in 0..list.edges.len() as u32 {
            let mut edges = list.edges.clone();
            edges.remove(csr.edge_id_of(edge) as usize);
            prop_assert_eq!(found.edges.contains(&edge), parts(&List { nodes: list.nodes, edges }) > whole);
        }
    }

    #[test]
    fn what_flows_is_what_the_least_cut_weighs(list in lists(8, 24, 0..9)) {
        prop_assume!(list.nodes > 1);
        let csr = list.csr();
        for direction in DIRECTIONS {
            for (source, sink) in [(0, list.nodes as u32 - 1), (list.nodes as u32 - 1, 0)] {
                let view = csr.view().directed(direction);
                let found = max_flow(view, source, sink, &mut go).unwrap();
                prop_assert_eq!(found.value, f64::from(least_cut(&list, direction, source, sink)));
                let cut: f64 = found.cut.iter().map(|&edge| csr.weight_of(edge)).sum();
                prop_assert_eq!(cut, found.value);
                // Nothing is lost on the way, and no edge takes more than its weight.
                let mut gains = vec![0.0; list.nodes];
                for &(edge, flow) in &found.flows {
                    let (mut from, mut to, weight) = list.edges[csr.edge_id_of(edge) as usize];
                    if direction == Direction::In {
                        std::mem::swap(&mut from, &mut to);
                    }
                    prop_assert!(flow.abs() <= f64::from(weight));
                    prop_assert!(direction == Direction::Both || flow > 0.0);
                    gains[from as usize] -= flow;
                    gains[to as usize] += flow;
                }
                let expected = |node: u32| match node {
                    _ if node == source => -found.value,
                    _ if node == sink => found.value,
                    _ => 0.0,
                };
                prop_assert!((0..list.nodes as u32).all(|node| gains[node as usize] == expected(node)));
            }
        }
    }
}
