//! Random changes, alone and several a commit, leave what a plain in-memory graph says, at every snapshot.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{assert_sound, change, code, index, map, memory_graph, random};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode, Options, Read, Snapshot, Store, Transaction};
use sledstore_graph::{
    Counts, Direction, EdgeId, Entity, Graph, IndexSpec, Neighbor, NeighborFilter, NodeFilter, NodeId, NodeUpdate,
    PropertyChange,
};

const LABELS: [&str; 4] = ["Person", "City", "Dog", "größe"];
const TYPES: [&str; 3] = ["KNOWS", "LIKES", "IN"];
const PROPERTIES: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug, Default, PartialEq)]
struct ModelNode {
    labels: BTreeSet<String>,
    properties: BTreeMap<String, i64>,
}

#[derive(Clone, Debug, PartialEq)]
struct ModelEdge {
    edge_type: String,
    source: NodeId,
    target: NodeId,
    properties: BTreeMap<String, i64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    nodes: BTreeMap<NodeId, ModelNode>,
    edges: BTreeMap<EdgeId, ModelEdge>,
}

impl Model {
    fn has_label_and(&self, node: NodeId, label: &str, property: &str, value: i64) -> bool {
        let node = &self.nodes[&node];
        node.labels.contains(label) && node.properties.get(property) == Some(&value)
    }

    fn neighbors(&self, id: NodeId, direction: Direction, types: &[&str]) -> BTreeSet<Neighbor> {
        let mut found = BTreeSet::new();
        for (&edge, row) in &self.edges {
            if !types.is_empty() && !types.contains(&row.edge_type.as_str()) {
                continue;
            }
            if row.source == id && direction != Direction::In {
                found.insert(Neighbor { node: row.target, edge, direction: Direction::Out });
            }
            let loop_seen = row.source == row.target && direction == Direction::Both;
            if row.target == id && direction != Direction::Out && !loop_seen {
                found.insert(Neighbor { node: row.source, edge, direction: Direction::In });
            }
        }
        found
    }
}

fn encode(properties: &BTreeMap<String, i64>) -> Vec<u8> {
    map(&properties.iter().map(|(name, value)| (name.as_str(), Value::from(*value))).collect::<Vec<_>>())
}

fn decode(mut bytes: &[u8]) -> BTreeMap<String, i64> {
    let Value::Map(pairs) = rmpv::decode::read_value(&mut bytes).unwrap() else { panic!("not a map") };
    pairs.into_iter().map(|(name, value)| (name.as_str().unwrap().to_owned(), value.as_i64().unwrap())).collect()
}

fn some_properties(random: &mut StdRng) -> BTreeMap<String, i64> {
    let count = random.random_range(0..=3);
    PROPERTIES
        .iter()
        .choose_multiple(random, count)
        .into_iter()
        .map(|p| ((*p).to_owned(), random.random_range(0..4)))
        .collect()
}

fn some_node(model: &Model, random: &mut StdRng) -> Option<NodeId> {
    model.nodes.keys().copied().choose(random)
}

fn some_edge(model: &Model, random: &mut StdRng) -> Option<EdgeId> {
    model.edges.keys().copied().choose(random)
}

fn step(graph: &Graph, tx: &mut Transaction, model: &mut Model, random: &mut StdRng) {
    let choice = random.random_range(0..100);
    match choice {
        0..30 => {
            let labels: BTreeSet<&str> = LABELS.iter().copied().choose_multiple(random, 2).into_iter().collect();
            let properties = some_properties(random);
            let listed: Vec<&str> = labels.iter().copied().collect();
            let id = graph.add_node(tx, &listed, &encode(&properties)).unwrap();
            let labels = labels.into_iter().map(str::to_owned).collect();
            assert!(model.nodes.insert(id, ModelNode { labels, properties }).is_none(), "ids are fresh");
        }
        30..65 => {
            let (Some(source), Some(target)) = (some_node(model, random), some_node(model, random)) else { return };
            let target = if random.random_ratio(1, 10) { source } else { target };
            let edge_type = *TYPES.iter().choose(random).unwrap();
            let properties = some_properties(random);
            let id = graph.add_edge(tx, edge_type, source, target, &encode(&properties)).unwrap();
            let edge = ModelEdge { edge_type: edge_type.to_owned(), source, target, properties };
            assert!(model.edges.insert(id, edge).is_none(), "ids are fresh");
        }
        65..80 => update_some_node(graph, tx, model, random),
        80..85 => {
            let Some(id) = some_edge(model, random) else { return };
            let properties = some_properties(random);
            graph.update_edge(tx, id, PropertyChange::Replace(&encode(&properties))).unwrap();
            model.edges.get_mut(&id).unwrap().properties = properties;
        }
        85..93 => {
            let Some(id) = some_edge(model, random) else { return };
            graph.remove_edge(tx, id).unwrap();
            model.edges.remove(&id);
            assert_eq!(code(graph.remove_edge(tx, id)), ErrorCode::NotFound);
        }
        _ => {
            let Some(id) = some_node(model, random) else { return };
            graph.remove_node(tx, id).unwrap();
            model.nodes.remove(&id);
            model.edges.retain(|_, edge| edge.source != id && edge.target != id);
            assert_eq!(code(graph.remove_node(tx, id)), ErrorCode::NotFound);
        }
    }
}

fn update_some_node(graph: &Graph, tx: &mut Transaction, model: &mut Model, random: &mut StdRng) {
    let Some(id) = some_node(model, random) else { return };
    let (added, removed) = (*LABELS.iter().choose(random).unwrap(), *LABELS.iter().choose(random).unwrap());
    let properties = some_properties(random);
    let encoded = encode(&properties);
    let merge = random.random_bool(0.5);
    let change = if merge { PropertyChange::Merge(&encoded) } else { PropertyChange::Replace(&encoded) };
    let update = NodeUpdate { properties: Some(change), add_labels: &[added], remove_labels: &[removed] };
    graph.update_node(tx, id, &update).unwrap();
    let node = model.nodes.get_mut(&id).unwrap();
    if !merge {
        node.properties.clear();
    }
    node.properties.extend(properties);
    node.labels.insert(added.to_owned());
    node.labels.remove(removed);
}

fn assert_matches(graph: &Graph, reader: &impl Read, model: &Model) {
    assert_eq!(graph.count_nodes(reader, None).unwrap(), model.nodes.len() as u64);
    assert_eq!(graph.count_edges(reader).unwrap(), model.edges.len() as u64);
    let mut counts = Counts { nodes: model.nodes.len() as u64, edges: model.edges.len() as u64, ..Counts::default() };
    for label in model.nodes.values().flat_map(|node| &node.labels) {
        *counts.labels.entry(graph.label_number(reader, label).unwrap().unwrap()).or_default() += 1;
    }
    for edge in model.edges.values() {
        let number = graph.edge_type_number(reader, &edge.edge_type).unwrap().unwrap();
        *counts.edge_types.entry(number).or_default() += 1;
    }
    assert_eq!(graph.counts(reader).unwrap(), counts);
    for (&id, expected) in &model.nodes {
        let node = graph.node(reader, id).unwrap().expect("the node is there");
        let labels = node.labels.into_iter().collect();
        assert_eq!(ModelNode { labels, properties: decode(&node.properties) }, *expected);
        for direction in [Direction::Out, Direction::In, Direction::Both] {
            for types in [&[][..], &["LIKES"], &["KNOWS", "IN", "missing"]] {
                let filter = NeighborFilter { direction, types, ..NeighborFilter::default() };
                let found = graph.neighbors(reader, id, &filter).unwrap();
                assert_eq!(found.len(), found.iter().collect::<BTreeSet<_>>().len(), "each edge once");
                assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), model.neighbors(id, direction, types));
            }
        }
    }
    for (&id, expected) in &model.edges {
        let edge = graph.edge(reader, id).unwrap().expect("the edge is there");
        let properties = decode(&edge.properties);
        let found = ModelEdge { edge_type: edge.edge_type, source: edge.source, target: edge.target, properties };
        assert_eq!(found, *expected);
    }
    for label in LABELS {
        let expected: Vec<NodeId> =
            model.nodes.iter().filter(|(_, node)| node.labels.contains(label)).map(|(&id, _)| id).collect();
        assert_eq!(graph.nodes_by_label(reader, label).unwrap(), expected);
        for property in PROPERTIES {
            for value in 0..4 {
                let wanted = map(&[(property, Value::from(value))]);
                let filter = NodeFilter { label: Some(label), properties: Some(&wanted) };
                let fitting = expected.iter().copied().filter(|&id| model.has_label_and(id, label, property, value));
                assert_eq!(graph.find(reader, &filter, None).unwrap(), fitting.collect::<Vec<_>>());
            }
        }
    }
}

/// One round: a commit of one change or several, or one that is aborted.
fn round(store: &Store, graph: &Graph, model: &mut Model, random: &mut StdRng) {
    let size = if random.random_bool(0.3) { random.random_range(2..12) } else { 1 };
    let mut tx = store.begin().unwrap();
    let mut next = model.clone();
    for _ in 0..size {
        step(graph, &mut tx, &mut next, random);
    }
    if random.random_ratio(1, 6) {
        if size < 4 {
            assert_matches(graph, &tx, &next);
        }
        tx.abort();
    } else {
        tx.commit(Durability::None).unwrap();
        *model = next;
    }
}

fn change_indexes(store: &Store, graph: &Graph, round: u32) {
    match round {
        60 => assert!(index(graph, Some("Person"), "a", false).unwrap()),
        90 => assert!(index(graph, None, "b", false).unwrap()),
        30 | 130 | 200 => _ = graph.pack_edges(&mut |_| true).unwrap(),
        100 => {
            let properties = vec!["a".to_owned(), "c".to_owned()];
            for (entity, label) in [(Entity::Node, "City"), (Entity::Edge, "KNOWS")] {
                let (label, properties) = (Some(label.to_owned()), properties.clone());
                let spec = IndexSpec { entity, label, properties, ..IndexSpec::default() };
                assert!(graph.build_index(&spec, Durability::None, &mut |_, _| true).unwrap());
            }
        }
        180 => assert!(change(store, |tx| graph.drop_index(tx, Some("Person"), "a")).unwrap()),
        _ => {}
    }
}

#[test]
fn random_changes_match_a_model_at_every_snapshot() {
    let mut random = random();
    let (store, graph) = memory_graph();
    let mut model = Model::default();
    let mut kept: Vec<(Snapshot, Model)> = Vec::new();
    for number in 0..250 {
        round(&store, &graph, &mut model, &mut random);
        change_indexes(&store, &graph, number);
        if number % 25 == 0 {
            assert_matches(&graph, &store, &model);
            assert_sound(&store, &graph);
            kept.push((store.snapshot().unwrap(), model.clone()));
        }
    }
    for (snapshot, model) in kept {
        assert_matches(&graph, &snapshot, &model);
    }
    assert_matches(&Graph::open(&store, "test").unwrap(), &store, &model);
}

#[test]
fn random_changes_survive_reopening() {
    let mut random = random();
    let folder = tempfile::tempdir().unwrap();
    let options = Options { memtable_bytes: Some(16 << 10), block_bytes: Some(512), ..Options::default() };
    let mut model = Model::default();
    for open in 0..6 {
        let store = Store::open(folder.path(), &options).unwrap();
        let graph = Graph::open(&store, "test").unwrap();
        assert_matches(&graph, &store, &model);
        assert_sound(&store, &graph);
        for number in 0..50 {
            round(&store, &graph, &mut model, &mut random);
            change_indexes(&store, &graph, 50 * open + number);
        }
        assert_matches(&graph, &store, &model);
        store.close().unwrap();
    }
}
