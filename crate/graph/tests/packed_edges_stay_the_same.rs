//! Packing edges changes rows and nothing else; packed edges are removed one by one, and hubs are cheap to add to.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{assert_sound, change, memory_graph, random};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use sledstore_engine::{Durability, ErrorCode, KeyRange, Read, ScanOptions, Store};
use sledstore_graph::{Adjacent, Changes, Direction, EdgeId, Graph, Neighbor, NeighborFilter, NodeId};

const TYPES: [&str; 3] = ["A", "B", "C"];

type Edges = BTreeMap<EdgeId, (&'static str, NodeId, NodeId)>;

fn adjacency_rows(store: &Store, graph: &Graph) -> u64 {
    store.scan(graph.namespace(), &KeyRange::prefix(&[0x12]), ScanOptions::default()).unwrap().count_rows().unwrap()
}

fn expected(
    edges: &Edges,
    node: NodeId,
    direction: Direction,
    types: &[&str],
) -> BTreeSet<(EdgeId, NodeId, Direction)> {
    let mut found = BTreeSet::new();
    for (&edge, &(edge_type, source, target)) in edges.iter().filter(|(_, edge)| types.contains(&edge.0)) {
        assert!(!edge_type.is_empty());
        if source == node && direction != Direction::In {
            found.insert((edge, target, Direction::Out));
        }
        if target == node && direction != Direction::Out && (source != target || direction == Direction::In) {
            found.insert((edge, source, Direction::In));
        }
    }
    found
}

fn assert_edges(graph: &Graph, reader: &impl Read, nodes: &[NodeId], edges: &Edges) {
    let numbers = TYPES.map(|name| graph.edge_type_number(reader, name).unwrap());
    for &node in nodes {
        for direction in [Direction::Out, Direction::In, Direction::Both] {
            for count in [1, 2, 3] {
                let types: Vec<u32> = numbers[..count].iter().flatten().copied().collect();
                let asked = if count == 3 { None } else { Some(types.as_slice()) };
                let want = expected(edges, node, direction, &TYPES[..count]);
                let mut found = Vec::new();
                graph.adjacent(reader, node, direction, asked, &mut found).unwrap();
                let as_set: BTreeSet<_> = found.iter().map(|a| (a.edge, a.neighbor, a.direction)).collect();
                assert_eq!((found.len(), &as_set), (want.len(), &want), "{node:?} {direction:?} {count}");
                assert_eq!(graph.degree(reader, node, direction, asked).unwrap(), want.len() as u64);
                if let Some(&(_, neighbor, _)) = want.first() {
                    let mut between: Vec<Adjacent> = Vec::new();
                    graph.adjacent_to(reader, node, neighbor, direction, asked, &mut between).unwrap();
                    let both: Vec<_> = found.iter().filter(|a| a.neighbor == neighbor).collect();
                    assert_eq!(between.iter().collect::<BTreeSet<_>>(), both.into_iter().collect());
                }
                let filter = NeighborFilter { direction, types: &TYPES[..count], ..NeighborFilter::default() };
                assert_in_order(graph, reader, node, &filter, &want);
            }
        }
    }
}

/// By direction, type, neighbor and edge; and the first few are the first of all.
fn assert_in_order(
    graph: &Graph,
    reader: &impl Read,
    node: NodeId,
    filter: &NeighborFilter<'_>,
    want: &BTreeSet<(EdgeId, NodeId, Direction)>,
) {
    let neighbors = graph.neighbors(reader, node, filter).unwrap();
    let found: BTreeSet<_> = neighbors.iter().map(|n| (n.edge, n.node, n.direction)).collect();
    assert_eq!((neighbors.len(), &found), (want.len(), want));
    let type_of = |n: &Neighbor| graph.edge_ends(reader, n.edge).unwrap().unwrap().edge_type;
    let order: Vec<_> = neighbors.iter().map(|n| (n.direction, type_of(n), n.node, n.edge)).collect();
    assert!(order.is_sorted(), "{order:?}");
    for limit in [0, 1, 3] {
        let limited = graph.neighbors(reader, node, &NeighborFilter { limit: Some(limit), ..*filter }).unwrap();
        assert_eq!(limited, neighbors[..limit.min(neighbors.len())]);
    }
}

fn add_some(store: &Store, graph: &Graph, nodes: &[NodeId], edges: &mut Edges, random: &mut StdRng) {
    for _ in 0..40 {
        let source = *nodes.choose(random).unwrap();
        // Half of them at one hub.
        let target = if random.random_bool(0.5) { nodes[0] } else { *nodes.choose(random).unwrap() };
        let edge_type = *TYPES.choose(random).unwrap();
        let edge = change(store, |tx| graph.add_edge(tx, edge_type, source, target, &[])).unwrap();
        edges.insert(edge, (edge_type, source, target));
    }
}

fn remove_some(store: &Store, graph: &Graph, edges: &mut Edges, random: &mut StdRng) {
    for _ in 0..random.random_range(0..60) {
        let Some((&edge, _)) = edges.iter().choose(random) else { return };
        change(store, |tx| graph.remove_edge(tx, edge)).unwrap();
        edges.remove(&edge);
    }
}

#[test]
fn random_packing_removing_and_adding() {
    let mut random = random();
    let (store, graph) = memory_graph();
    let mut nodes: Vec<_> = (0..8).map(|_| change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap()).collect();
    let mut edges = Edges::new();
    let mut kept = Vec::new();
    for round in 0..12 {
        add_some(&store, &graph, &nodes, &mut edges, &mut random);
        if round % 2 == 1 {
            let before = adjacency_rows(&store, &graph);
            let fewer = graph.pack_edges(&mut |_| true).unwrap();
            assert_eq!(adjacency_rows(&store, &graph), before - fewer);
            assert!(fewer > 0);
            assert_eq!(graph.pack_edges(&mut |_| true).unwrap(), 0, "nothing is left to pack");
        }
        remove_some(&store, &graph, &mut edges, &mut random);
        assert_edges(&graph, &store, &nodes, &edges);
        assert_sound(&store, &graph);
        if round % 4 == 2 {
            let gone = nodes.swap_remove(random.random_range(1..nodes.len()));
            change(&store, |tx| graph.remove_node(tx, gone)).unwrap();
            edges.retain(|_, edge| edge.1 != gone && edge.2 != gone);
            assert_sound(&store, &graph);
        }
        kept.push((store.snapshot().unwrap(), nodes.clone(), edges.clone()));
    }
    for (snapshot, nodes, edges) in kept {
        assert_edges(&graph, &snapshot, &nodes, &edges);
    }
}

#[test]
fn a_hub_of_many_steps_is_packed_and_added_to() {
    const EDGES: u64 = 3_000;
    let (store, graph) = memory_graph();
    let (hub, others) = change(&store, |tx| {
        let mut changes = Changes::default();
        let mut writer = graph.writer(tx, &mut changes)?;
        let hub = writer.add_node(&["Hub"], &[])?;
        let mut others = Vec::new();
        for _ in 0..EDGES {
            others.push(writer.add_node(&[], &[])?);
        }
        for &other in &others {
            writer.add_edge("A", other, hub, &[])?;
        }
        graph.finish(tx, changes).map(|()| (hub, others))
    })
    .unwrap();
    assert_eq!(adjacency_rows(&store, &graph), 2 * EDGES);
    graph.pack_edges(&mut |_| true).unwrap();
    assert!(adjacency_rows(&store, &graph) < EDGES + 40, "the hub's have become few");
    assert_sound(&store, &graph);

    // A commit at the hub writes no more than one anywhere: its rows are as short.
    let edge = change(&store, |tx| graph.add_edge(tx, "A", others[7], hub, &[])).unwrap();
    assert!(adjacency_rows(&store, &graph) < EDGES + 42);
    graph.pack_edges(&mut |_| true).unwrap();
    assert_eq!(graph.degree(&store, hub, Direction::In, None).unwrap(), EDGES + 1);
    let mut between = Vec::new();
    graph.adjacent_to(&store, hub, others[7], Direction::In, None, &mut between).unwrap();
    assert_eq!(between.len(), 2);
    change(&store, |tx| graph.remove_edge(tx, edge)).unwrap();
    change(&store, |tx| graph.remove_node(tx, hub)).unwrap();
    assert_eq!((adjacency_rows(&store, &graph), graph.count_edges(&store).unwrap()), (0, 0));
    assert_sound(&store, &graph);
}

#[test]
fn packing_meets_writers() {
    let (store, graph) = memory_graph();
    let node = change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap();
    for _ in 0..20 {
        change(&store, |tx| graph.add_edge(tx, "A", node, node, &[])).unwrap();
    }
    // A writer of other edges is not met; one that has read the edges is, and one that removes one.
    let mut adding = store.begin().unwrap();
    let edge = graph.add_edge(&mut adding, "A", node, node, &[]).unwrap();
    let mut reading = store.begin().unwrap();
    assert_eq!(graph.degree(&reading, node, Direction::Out, None).unwrap(), 20);
    graph.add_node(&mut reading, &[], &[]).unwrap();
    graph.pack_edges(&mut |_| true).unwrap();
    adding.commit(Durability::None).unwrap();
    assert_eq!(reading.commit(Durability::None).unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(graph.degree(&store, node, Direction::Both, None).unwrap(), 21);
    assert!(graph.edge_ends(&store, edge).unwrap().is_some());
    assert_sound(&store, &graph);
}

#[test]
fn packing_beside_threads_that_write_loses_nothing() {
    let (store, graph) = memory_graph();
    let nodes: Vec<_> = (0..4).map(|_| change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap()).collect();
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (store, graph, nodes) = (&store, &graph, &nodes);
            scope.spawn(move || {
                for at in 0..150_usize {
                    let (a, b) = (nodes[at % 4], nodes[(at + thread) % 4]);
                    let edge = change(store, |tx| graph.add_edge(tx, "A", a, b, &[])).unwrap();
                    if at % 3 == 0 {
                        change(store, |tx| graph.remove_edge(tx, edge)).unwrap();
                    }
                }
            });
        }
        for _ in 0..10 {
            graph.pack_edges(&mut |_| true).unwrap();
        }
    });
    assert_eq!(graph.count_edges(&store).unwrap(), 200);
    assert_sound(&store, &graph);
}
