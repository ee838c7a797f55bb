//! Paths are walks of the graph, and as short as a plain search finds.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use common::{change, map, memory_graph, random};
use rand::Rng;
use rmpv::Value;
use sledstore_engine::{Read, Store};
use sledstore_graph::{Direction, Graph, NodeFilter, NodeId, Path, PathFilter};

type Edges = Vec<(NodeId, NodeId, &'static str)>;

/// Distances from `from`, by a search over the list of edges.
fn distances(edges: &Edges, from: NodeId, filter: &PathFilter<'_>) -> BTreeMap<NodeId, u32> {
    let mut known = BTreeMap::from([(from, 0)]);
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        let depth = known[&node] + 1;
        if filter.depth_max.is_some_and(|max| depth > max) {
            continue;
        }
        for &(source, target, edge_type) in edges {
            if !filter.types.is_empty() && !filter.types.contains(&edge_type) {
                continue;
            }
            let steps = [
                (filter.direction != Direction::In, source, target),
                (filter.direction != Direction::Out, target, source),
            ];
            for (_, _, end) in steps.into_iter().filter(|&(allowed, start, _)| allowed && start == node) {
                if let Entry::Vacant(unknown) = known.entry(end) {
                    unknown.insert(depth);
                    queue.push_back(end);
                }
            }
        }
    }
    known
}

fn assert_walk(graph: &Graph, reader: &impl Read, path: &Path, filter: &PathFilter<'_>) {
    assert_eq!(path.nodes.len(), path.edges.len() + 1);
    for (ends, &edge) in path.nodes.windows(2).zip(&path.edges) {
        let edge = graph.edge(reader, edge).unwrap().unwrap();
        let ahead = edge.source == ends[0] && edge.target == ends[1];
        let back = edge.target == ends[0] && edge.source == ends[1];
        assert!(match filter.direction {
            Direction::Out => ahead,
            Direction::In => back,
            Direction::Both => ahead || back,
        });
        assert!(filter.types.is_empty() || filter.types.contains(&edge.edge_type.as_str()));
    }
}

fn random_graph(store: &Store, graph: &Graph, nodes: usize, edges: usize) -> (Vec<NodeId>, Edges) {
    let mut random = random();
    change(store, |tx| {
        let ids: Vec<NodeId> = (0..nodes)
            .map(|n| graph.add_node(tx, &[], &map(&[("n", Value::from(n as u64))])))
            .collect::<Result<_, _>>()?;
        let mut list = Edges::new();
        for _ in 0..edges {
            let (source, target) = (ids[random.random_range(0..nodes)], ids[random.random_range(0..nodes)]);
            let edge_type = ["A", "B"][random.random_range(0..2)];
            graph.add_edge(tx, edge_type, source, target, &[])?;
            list.push((source, target, edge_type));
        }
        Ok((ids, list))
    })
    .unwrap()
}

#[test]
fn paths_are_shortest() {
    let (store, graph) = memory_graph();
    let (nodes, edges) = random_graph(&store, &graph, 40, 70);
    for direction in [Direction::Out, Direction::In, Direction::Both] {
        for types in [&[][..], &["A"], &["B", "A"], &["missing"]] {
            for depth_max in [None, Some(0), Some(2), Some(3)] {
                let filter = PathFilter { direction, types, depth_max };
                for &from in &nodes[..12] {
                    let expected = distances(&edges, from, &filter);
                    let around = graph.expand(&store, from, &filter, None).unwrap();
                    let around: BTreeMap<_, _> = around.iter().map(|found| (found.node, found.depth)).collect();
                    assert!(expected.iter().filter(|&(&node, _)| node != from).eq(around.iter()));
                    for (n, &to) in nodes.iter().enumerate() {
                        let path = graph.shortest_path(&store, from, to, &filter).unwrap();
                        let wanted = map(&[("n", Value::from(n as u64))]);
                        let goal = NodeFilter { label: None, properties: Some(&wanted) };
                        let found = graph.path_to(&store, from, &goal, &filter).unwrap();
                        for path in [&path, &found] {
                            assert_eq!(path.as_ref().map(|path| path.edges.len() as u32), expected.get(&to).copied());
                            let Some(path) = path else { continue };
                            assert_eq!((path.nodes[0], path.nodes[path.edges.len()]), (from, to));
                            assert_walk(&graph, &store, path, &filter);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn ends_that_do_not_exist_have_no_path() {
    let (store, graph) = memory_graph();
    let node = change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap();
    let missing = NodeId(99);
    let filter = PathFilter::default();
    assert_eq!(graph.shortest_path(&store, missing, missing, &filter).unwrap(), None);
    assert_eq!(graph.shortest_path(&store, node, missing, &filter).unwrap(), None);
    assert_eq!(graph.path_to(&store, missing, &NodeFilter::default(), &filter).unwrap(), None);
    let alone = graph.shortest_path(&store, node, node, &filter).unwrap().unwrap();
    assert_eq!((alone.nodes, alone.edges), (vec![node], vec![]));
}

#[test]
fn expansion_stops_at_its_limit_nearest_first() {
    let (store, graph) = memory_graph();
    let (nodes, _) = random_graph(&store, &graph, 40, 120);
    let filter = PathFilter { direction: Direction::Both, ..PathFilter::default() };
    let all = graph.expand(&store, nodes[0], &filter, None).unwrap();
    assert!(all.is_sorted_by_key(|found| found.depth));
    for limit in [0, 1, 5, all.len(), all.len() + 1] {
        let some = graph.expand(&store, nodes[0], &filter, Some(limit)).unwrap();
        assert_eq!(some, all[..limit.min(all.len())]);
    }
}
