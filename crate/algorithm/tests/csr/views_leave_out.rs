use sledstore_algorithm::{Changes, Csr, Edge, NodeSet, TypeSet};

use crate::{DIRECTIONS, csr_of, drawn, random, rows, rows_of};

fn assert_filtered(csr: &Csr, nodes: &[u64], edges: &[Edge]) {
    let types = TypeSet::from_iter([1, 3]);
    let chosen: NodeSet = csr.view().nodes().filter(|&node| !csr.id_of(node).is_multiple_of(3)).collect();
    let nodes_left: Vec<u64> = nodes.iter().copied().filter(|id| !id.is_multiple_of(3)).collect();
    let of_types: Vec<Edge> = edges.iter().copied().filter(|edge| edge.edge_type % 2 == 1).collect();
    let inside = |edge: &Edge| !edge.from.is_multiple_of(3) && !edge.to.is_multiple_of(3);
    let among: Vec<Edge> = edges.iter().copied().filter(inside).collect();
    let both: Vec<Edge> = of_types.iter().copied().filter(inside).collect();
    for direction in DIRECTIONS {
        let view = csr.view().directed(direction);
        assert_eq!(rows(view.of_types(&types)), rows_of(nodes, &of_types, direction));
        assert_eq!(rows(view.among(&chosen)), rows_of(&nodes_left, &among, direction));
        assert_eq!(rows(view.among(&chosen).of_types(&types)), rows_of(&nodes_left, &both, direction));
        assert_eq!(view.among(&chosen).node_count(), nodes_left.len());
    }
}

#[test]
fn views_leave_nodes_and_types_out() {
    let mut random = random(8);
    let (nodes, mut edges) = drawn(&mut random, 30, 300);
    let mut csr = csr_of(&nodes, &edges);
    assert_filtered(&csr, &nodes, &edges);
    let new: Vec<Edge> = (0..40).map(|at| crate::draw_edge(&mut random, 5000 + at, &nodes)).collect();
    csr.apply(&Changes { edges_added: new.clone(), ..Changes::default() }).unwrap();
    edges.extend(new);
    assert_filtered(&csr, &nodes, &edges);
}

#[test]
fn sets_hold_what_was_put_in() {
    let mut set = NodeSet::new();
    for number in [0, 63, 64, 1000, 65] {
        assert!(set.insert(number) && !set.insert(number));
    }
    assert!(set.remove(64) && !set.remove(64) && !set.remove(70_000));
    assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 65, 1000]);
    assert_eq!((set.len(), set.is_empty(), set.contains(64), set.contains(u32::MAX)), (4, false, false, false));
}
