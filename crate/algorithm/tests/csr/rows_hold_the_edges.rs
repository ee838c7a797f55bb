use sledstore_algorithm::{Csr, CsrOptions};

use crate::{DIRECTIONS, csr_of, drawn, random, rows, rows_of};

#[test]
fn rows_hold_the_edges() {
    let mut random = random(1);
    for (nodes, edges) in [(1, 0), (1, 3), (2, 5), (30, 10), (40, 400), (300, 5000)] {
        let (nodes, edges) = drawn(&mut random, nodes, edges);
        let csr = csr_of(&nodes, &edges);
        assert_eq!((csr.node_count(), csr.edge_count()), (nodes.len(), edges.len()));
        for direction in DIRECTIONS {
            assert_eq!(rows(csr.view().directed(direction)), rows_of(&nodes, &edges, direction));
        }
    }
}

#[test]
fn numbers_follow_the_order_of_ids() {
    let ids = [u64::MAX, 3, 0, 3, 1 << 40, 17, 18, 19];
    let csr = Csr::build(ids.to_vec(), CsrOptions::default(), std::iter::empty).unwrap();
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(csr.node_count(), sorted.len());
    for (number, &id) in sorted.iter().enumerate() {
        assert_eq!(csr.number_of(id), Some(number as u32));
        assert_eq!(csr.id_of(number as u32), id);
    }
    for id in [1, 2, 4, 16, 20, (1 << 40) - 1, (1 << 40) + 1, u64::MAX - 1] {
        assert_eq!(csr.number_of(id), None);
    }
}

#[test]
fn what_is_not_kept_has_its_default() {
    let (nodes, edges) = drawn(&mut random(2), 10, 50);
    let csr = Csr::build(nodes, CsrOptions::default(), || edges.iter().copied()).unwrap();
    assert!((0..50).all(|edge| csr.weight_of(edge) == 1.0 && csr.type_of(edge) == 0));
}

#[test]
fn plain_tables_agree_with_the_view() {
    let (nodes, edges) = drawn(&mut random(3), 50, 400);
    let csr = csr_of(&nodes, &edges);
    for direction in DIRECTIONS {
        for view in [csr.view().directed(direction), csr.view().directed(direction).unweighted()] {
            let tables = view.adjacency();
            assert_eq!(tables.weights.is_some(), view.is_weighted());
            for node in view.nodes() {
                let expected: Vec<(u32, f64)> =
                    view.neighbors(node).map(|next| (next.node, view.weight(next.edge))).collect();
                let found: Vec<(u32, f64)> =
                    tables.range(node).map(|at| (tables.nodes[at], tables.weight(at))).collect();
                assert_eq!(found, expected);
            }
        }
    }
}
