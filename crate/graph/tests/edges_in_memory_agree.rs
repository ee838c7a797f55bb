//! Edges and labels that are gathered in memory say what the rows say, for readers of their seq and for nobody else.
#![allow(clippy::unwrap_used)]

mod common;

use common::{change, map, memory_graph, pack, random};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rmpv::Value;
use sledstore_engine::{Read, Snapshot, Store};
use sledstore_graph::{Adjacent, Direction, Graph, NodeId, NodeUpdate, PropertyChange, Side};

const DIRECTIONS: [Direction; 3] = [Direction::Out, Direction::In, Direction::Both];

/// Far more than it takes for so few rows.
const READS: usize = 5_000;

fn people(store: &Store, graph: &Graph, random: &mut StdRng) -> Vec<NodeId> {
    people_with(store, graph, random, &["K", "L", "M"])
}

fn people_with(store: &Store, graph: &Graph, random: &mut StdRng, types: &[&str]) -> Vec<NodeId> {
    let add = |tx: &mut _, at: usize| graph.add_node(tx, if at.is_multiple_of(3) { &["A"] } else { &["B"] }, &[]);
    let nodes: Vec<_> = (0..40).map(|at| change(store, |tx| add(tx, at)).unwrap()).collect();
    for _ in 0..400 {
        let (source, target) = (*nodes.choose(random).unwrap(), *nodes.choose(random).unwrap());
        let edge_type = *types.choose(random).unwrap();
        change(store, |tx| graph.add_edge(tx, edge_type, source, target, &[])).unwrap();
    }
    nodes
}

fn gathered(graph: &Graph, reader: &impl Read) -> bool {
    (0..READS).any(|_| graph.resident_edges(reader).unwrap().is_some())
}

/// What a transaction sees, for which nothing is in memory.
fn by_rows(graph: &Graph, store: &Store, node: NodeId, direction: Direction, types: Option<&[u32]>) -> Vec<Adjacent> {
    let tx = store.begin().unwrap();
    let mut found = Vec::new();
    graph.adjacent(&tx, node, direction, types, &mut found).unwrap();
    assert_eq!(graph.degree(&tx, node, direction, types).unwrap(), found.len() as u64);
    found.sort_unstable();
    found
}

fn assert_same(graph: &Graph, store: &Store, nodes: &[NodeId]) {
    let snapshot = store.snapshot().unwrap();
    assert!(gathered(graph, &snapshot));
    let numbers: Vec<u32> =
        ["K", "L", "M"].iter().filter_map(|name| graph.edge_type_number(&snapshot, name).unwrap()).collect();
    for &node in nodes.iter().chain(&[NodeId(1 << 40), NodeId(u64::MAX)]) {
        for direction in DIRECTIONS {
            for types in [None, Some(&numbers[..1]), Some(&numbers[1..]), Some(&[][..]), Some(&[99][..])] {
                let mut found = Vec::new();
                graph.adjacent(&snapshot, node, direction, types, &mut found).unwrap();
                assert_eq!(graph.degree(&snapshot, node, direction, types).unwrap(), found.len() as u64);
                found.sort_unstable();
                assert_eq!(found, by_rows(graph, store, node, direction, types), "{node:?} {direction:?} {types:?}");
            }
        }
    }
}

#[test]
fn edges_are_those_of_the_rows() {
    let mut random = random();
    let (store, graph) = memory_graph();
    let nodes = people(&store, &graph, &mut random);
    assert_same(&graph, &store, &nodes);
    graph.pack_edges(&mut |_| true).unwrap();
    assert_same(&graph, &store, &nodes);
    // Edges of one node now lie in rows of many and in rows of one.
    for _ in 0..60 {
        let (source, target) = (nodes[0], *nodes.choose(&mut random).unwrap());
        change(&store, |tx| graph.add_edge(tx, "K", source, target, &[])).unwrap();
    }
    change(&store, |tx| graph.remove_node(tx, nodes[7])).unwrap();
    assert_same(&graph, &store, &nodes);
}

#[test]
fn pairs_are_those_of_single_edges() {
    let mut random = random();
    for (types, removes_loops) in [(&["K", "L", "M"][..], false), (&["K"], false), (&["K", "L"], true), (&["K"], true)]
    {
        let (store, graph) = memory_graph();
        let nodes = people_with(&store, &graph, &mut random, types);
        if removes_loops {
            for &node in &nodes {
                let mut edges = Vec::new();
                graph.adjacent(&store, node, Direction::Out, None, &mut edges).unwrap();
                for loop_edge in edges.iter().filter(|edge| edge.neighbor == node) {
                    change(&store, |tx| graph.remove_edge(tx, loop_edge.edge)).unwrap();
                }
            }
        }
        assert_same_pairs(&graph, &store, &nodes);
    }
}

fn assert_same_pairs(graph: &Graph, store: &Store, nodes: &[NodeId]) {
    let snapshot = store.snapshot().unwrap();
    assert!(gathered(graph, &snapshot));
    let edges = graph.resident_edges(&snapshot).unwrap().unwrap();
    let asked: Vec<u64> = nodes.iter().map(|node| node.0).chain([1 << 40, u64::MAX]).collect();
    let number = |name| graph.edge_type_number(&snapshot, name).unwrap();
    let (first, all) = (number("K").unwrap(), ["K", "L"].into_iter().filter_map(number).collect::<Vec<_>>());
    let kinds = [None, Some(&[first][..]), Some(&all[..]), Some(&[99][..])];
    let sides = || DIRECTIONS.iter().flat_map(|&direction| kinds.map(|types| Side { direction, types }));
    let of_side = |node: NodeId, side: Side<'_>| {
        let mut found = Vec::new();
        graph.adjacent(&snapshot, node, side.direction, side.types, &mut found).unwrap();
        found.iter().map(|found| found.edge).collect::<Vec<_>>()
    };
    for left in sides() {
        for right in sides() {
            let (mut pairs, mut distinct) = (0, 0);
            for &node in nodes {
                let rights = of_side(node, right);
                for edge in of_side(node, left) {
                    pairs += rights.len() as u64;
                    distinct += rights.iter().filter(|other| **other != edge).count() as u64;
                }
            }
            let told = format!("{:?} {:?} {:?} {:?}", left.direction, left.types, right.direction, right.types);
            assert_eq!(edges.pairs(&asked, left, right, false), pairs, "{told}");
            assert_eq!(edges.pairs(&asked, left, right, true), distinct, "{told}");
        }
    }
}

#[test]
fn they_are_of_one_seq() {
    let mut random = random();
    let (store, graph) = memory_graph();
    let nodes = people(&store, &graph, &mut random);
    let before = store.snapshot().unwrap();
    let degree = |reader: &Store| graph.degree(reader, nodes[1], Direction::Out, None).unwrap();
    let old = degree(&store);
    assert!(gathered(&graph, &store));
    for added in 1..=3 {
        let target = nodes[random.random_range(0..nodes.len())];
        change(&store, |tx| {
            graph.add_edge(tx, "K", nodes[1], target, &[])?;
            // What a transaction wrote itself it sees.
            assert_eq!(graph.degree(tx, nodes[1], Direction::Out, None)?, old + added);
            Ok(())
        })
        .unwrap();
        assert_eq!(degree(&store), old + added);
        assert_eq!(graph.degree(&before, nodes[1], Direction::Out, None).unwrap(), old);
    }
    assert!(gathered(&graph, &before));
    assert_eq!(degree(&store), old + 3);
    assert_eq!(graph.degree(&before, nodes[1], Direction::Out, None).unwrap(), old);
    assert!(!gathered(&graph, &store.begin().unwrap()));
}

#[test]
fn few_reads_gather_nothing() {
    let (store, graph) = memory_graph();
    people(&store, &graph, &mut random());
    let snapshot = store.snapshot().unwrap();
    assert!((0..40).all(|_| graph.resident_edges(&snapshot).unwrap().is_none()));
}

#[test]
fn columns_are_those_of_the_nodes() {
    let (store, graph) = memory_graph();
    let nodes = people(&store, &graph, &mut random());
    let column = |name: &str| {
        let snapshot = store.snapshot().unwrap();
        (0..READS).find_map(|_| graph.resident_column(&snapshot, name, 1).unwrap()).unwrap()
    };
    let replace = |node: NodeId, properties: &[(&str, Value)]| {
        let properties = map(properties);
        let change_to = PropertyChange::Replace(&properties);
        let update = NodeUpdate { properties: Some(change_to), ..NodeUpdate::default() };
        change(&store, |tx| graph.update_node(tx, node, &update)).unwrap();
    };
    for (at, &node) in nodes.iter().enumerate().filter(|(at, _)| at % 4 != 1) {
        replace(
            node,
            &[("other", Value::Nil), ("name", Value::from(format!("n{at}"))), ("at", Value::from(at as u64))],
        );
    }
    let value = |name: &str, node| column(name).value(node).map(|(value, _)| value.to_vec());
    for (at, &node) in nodes.iter().enumerate() {
        let is_there = at % 4 != 1;
        assert_eq!(value("at", node), is_there.then(|| pack(&Value::from(at as u64))));
        assert_eq!(value("name", node), is_there.then(|| pack(&Value::from(format!("n{at}")))));
        assert_eq!(value("nothing", node), None);
    }
    replace(nodes[5], &[]);
    change(&store, |tx| graph.remove_node(tx, nodes[6])).unwrap();
    for node in [nodes[5], nodes[6], NodeId(u64::MAX), NodeId(1 << 40)] {
        assert_eq!(value("at", node), None);
    }
    let last = nodes[nodes.len() - 1];
    assert!(value("at", last).is_some());
}

#[test]
fn labels_are_those_of_the_nodes() {
    let (store, graph) = memory_graph();
    let nodes = people(&store, &graph, &mut random());
    let label = |graph: &Graph, name: &str| {
        let snapshot = store.snapshot().unwrap();
        let number = graph.label_number(&snapshot, name).unwrap().unwrap();
        (0..READS).find_map(|_| graph.resident_label(&snapshot, number, 1).unwrap()).unwrap()
    };
    for name in ["A", "B"] {
        let found: Vec<bool> = nodes.iter().map(|&node| label(&graph, name).contains(node)).collect();
        let expected: Vec<bool> = (0..nodes.len()).map(|at| (at % 3 == 0) == (name == "A")).collect();
        assert_eq!(found, expected);
        assert!(!label(&graph, name).contains(NodeId(u64::MAX)));
        let having: Vec<u64> = nodes.iter().zip(&expected).filter(|(_, has)| **has).map(|(node, _)| node.0).collect();
        for (limit, skipped) in [(100, 0), (3, 0), (100, 4), (2, 9), (100, having.len())] {
            let mut listed = Vec::new();
            let after = skipped.checked_sub(1).map(|at| NodeId(having[at]));
            label(&graph, name).append(after, limit, &mut listed);
            assert_eq!(listed, having.iter().skip(skipped).take(limit).copied().collect::<Vec<_>>());
        }
    }
    change(&store, |tx| graph.remove_node(tx, nodes[3])).unwrap();
    assert!(!label(&graph, "A").contains(nodes[3]));
    assert!(label(&graph, "A").contains(nodes[6]));
}

#[test]
fn commits_to_other_rows_end_nothing() {
    let mut random = random();
    let (store, graph) = memory_graph();
    let nodes = people(&store, &graph, &mut random);
    let other = Graph::open(&store, "other").unwrap();
    let label = graph.label_number(&store, "A").unwrap().unwrap();
    let before = store.snapshot().unwrap();
    let known = || {
        (
            graph.resident_edges(&store).unwrap().is_some(),
            graph.resident_label(&store, label, 0).unwrap().is_some(),
            graph.resident_column(&store, "name", 0).unwrap().is_some(),
        )
    };
    assert!(gathered(&graph, &store));
    for _ in 0..READS {
        graph.resident_label(&store, label, 1).unwrap();
        graph.resident_column(&store, "name", 1).unwrap();
    }
    assert_eq!(known(), (true, true, true));
    for _ in 0..100 {
        change(&store, |tx| other.add_node(tx, &["A"], &map(&[("name", Value::from("x"))]))).unwrap();
        assert_eq!(known(), (true, true, true));
    }
    let later = store.snapshot().unwrap();
    let degree = |reader: &Snapshot| graph.degree(reader, nodes[1], Direction::Out, None).unwrap();
    let old = degree(&before);
    assert_eq!(degree(&later), old);

    let properties = map(&[("name", Value::from("changed"))]);
    let update = NodeUpdate { properties: Some(PropertyChange::Replace(&properties)), ..NodeUpdate::default() };
    change(&store, |tx| graph.update_node(tx, nodes[1], &update)).unwrap();
    assert_eq!(known(), (true, true, false), "the rows of nodes were changed");
    change(&store, |tx| graph.add_edge(tx, "K", nodes[1], nodes[2], &[])).unwrap();
    assert_eq!(known(), (false, true, false), "and those of edges");
    change(&store, |tx| graph.add_node(tx, &["A"], &[])).unwrap();
    assert_eq!(known(), (false, false, false), "and those of labels");
    // What is gathered anew is not given to who reads earlier.
    assert!(gathered(&graph, &store));
    assert!(graph.resident_edges(&before).unwrap().is_none());
    assert_eq!((degree(&before), degree(&later)), (old, old));
    assert_eq!(graph.degree(&store, nodes[1], Direction::Out, None).unwrap(), old + 1);
    // More changes than are noted.
    for _ in 0..8 {
        change(&store, |tx| (0..2_000).try_for_each(|_| other.add_node(tx, &["A"], &[]).map(|_| ()))).unwrap();
        assert!(graph.resident_edges(&store).unwrap().is_some());
    }
}
