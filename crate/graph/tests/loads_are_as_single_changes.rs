//! A load leaves what the same nodes and edges leave that are added one by one, whatever indexes and constraints look at
//! them; where one of these is refused, so is the load, with the same code and its number.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, memory_graph, pack, random};
use rand::Rng;
use rand::rngs::StdRng;
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode, Store};
use sledstore_graph::{
    Direction, EdgeId, Entity, Graph, IndexKind, IndexSpec, NeighborFilter, NodeFilter, NodeId, TextOptions, TextSearch,
};

const LABELS: [&str; 3] = ["Person", "City", "Dog"];
const TYPES: [&str; 4] = ["KNOWS", "LIKES", "IN", "OWNS"];
/// Nodes that are there before.
const PRESENT: u64 = 3;

struct NewNode {
    labels: Vec<usize>,
    properties: Value,
}

/// Ends count on from the nodes that are there.
struct NewEdge {
    edge_type: usize,
    ends: [u64; 2],
    properties: Value,
}

fn properties(random: &mut StdRng, values: i64) -> Value {
    let mut pairs: Vec<(Value, Value)> = vec![];
    if random.random_ratio(9, 10) {
        pairs.push(("a".into(), random.random_range(0..values).into()));
    }
    if random.random() {
        pairs.push(("text".into(), ["one two", "two three", "größe"][random.random_range(0..3)].into()));
    }
    if random.random_ratio(1, 4) {
        let others = [Value::Nil, true.into(), 0.5.into(), Value::Array(vec![1.into(), "x".into()]), (-7).into()];
        pairs.push(("b".into(), others[random.random_range(0..others.len())].clone()));
    }
    Value::Map(pairs)
}

fn indexes(graph: &Graph, random: &mut StdRng) {
    let of = |entity, label: &str, property: &str, kind| IndexSpec {
        name: format!("{label}-{property}-{kind:?}"),
        entity,
        label: Some(label.to_owned()),
        properties: vec![property.to_owned()],
        kind,
    };
    let specs = [
        of(Entity::Node, "Person", "a", IndexKind::Unique),
        of(Entity::Node, "City", "a", IndexKind::Key),
        of(Entity::Node, "Dog", "b", IndexKind::Range),
        of(Entity::Node, "Dog", "a", IndexKind::Exists),
        of(Entity::Edge, "OWNS", "a", IndexKind::Unique),
        of(Entity::Edge, "IN", "b", IndexKind::Range),
    ];
    for spec in specs {
        if random.random_ratio(1, 2) {
            graph.build_index(&spec, Durability::None, &mut |_, _| true).unwrap();
        }
    }
    let spec = IndexSpec {
        name: "texts".into(),
        properties: vec!["text".into()],
        kind: IndexKind::Fulltext,
        ..IndexSpec::default()
    };
    let options = TextOptions { labels: vec!["Person".into()], ..TextOptions::default() };
    graph.build_text_index(&spec, &options, Durability::None, &mut |_, _| true).unwrap();
}

/// A graph with nodes and indexes; the same for the same numbers.
fn prepared(mut random: StdRng, values: i64) -> (Store, Graph) {
    let (store, graph) = memory_graph();
    for at in 0..PRESENT {
        let label = LABELS[random.random_range(0..3)];
        // At times indexes have a value before the load, and at times one that the load has, too.
        let value = if at == 0 && random.random() { values - 1 } else { -1 - at.cast_signed() };
        let _ = change(&store, |tx| graph.add_node(tx, &[label], &pack(&map_with(value)))).unwrap();
        if at == 0 {
            indexes(&graph, &mut random);
        }
    }
    (store, graph)
}

fn map_with(value: i64) -> Value {
    Value::Map(vec![("a".into(), value.into())])
}

fn load(graph: &Graph, nodes: &[NewNode], edges: &[NewEdge]) -> sledstore_engine::Result<(NodeId, EdgeId)> {
    let mut loading = graph.load();
    let names: Vec<Value> = LABELS.iter().chain(&TYPES).flat_map(|&name| [0.into(), name.into()]).collect();
    let number = |at: usize| Value::from(at as u64);
    let of_nodes = nodes.iter().flat_map(|node| {
        let labels = node.labels.iter().map(|&label| number(label)).collect();
        [1.into(), Value::Array(labels), node.properties.clone()]
    });
    let of_edges = edges.iter().flat_map(|edge| {
        let [source, target] = edge.ends;
        let operation = 2 + u64::from(source < PRESENT) + 2 * u64::from(target < PRESENT);
        let end = |end: u64| Value::from(if end < PRESENT { end + 1 } else { end - PRESENT });
        [operation.into(), number(LABELS.len() + edge.edge_type), end(source), end(target), edge.properties.clone()]
    });
    let page: Vec<u8> = names.into_iter().chain(of_nodes).chain(of_edges).flat_map(|value| pack(&value)).collect();
    loading.page(&page)?;
    let made = loading.publish(Durability::None)?;
    Ok((made.first_node, made.first_edge))
}

/// Adds them one by one in one transaction; of a failure it gives the code and who it was.
fn add(store: &Store, graph: &Graph, nodes: &[NewNode], edges: &[NewEdge]) -> Result<(), (ErrorCode, String)> {
    let mut failed = None;
    let mut note = |what: &str, at: usize| failed = Some(format!("{what} {} of the load: ", at + 1));
    let added = change(store, |tx| {
        let mut ids: Vec<NodeId> = (1..=PRESENT).map(NodeId).collect();
        for (at, node) in nodes.iter().enumerate() {
            note("node", at);
            let labels: Vec<&str> = node.labels.iter().map(|&label| LABELS[label]).collect();
            ids.push(graph.add_node(tx, &labels, &pack(&node.properties))?);
        }
        for (at, edge) in edges.iter().enumerate() {
            note("edge", at);
            let [source, target] = edge.ends.map(|end| ids[end as usize]);
            graph.add_edge(tx, TYPES[edge.edge_type], source, target, &pack(&edge.properties))?;
        }
        Ok(())
    });
    added.map_err(|error| (error.code(), failed.unwrap()))
}

/// Everything that can be asked of a graph.
fn state(store: &Store, graph: &Graph) -> Vec<String> {
    let nodes = graph.find(store, &NodeFilter::default(), None).unwrap();
    let mut state = vec![format!("{} {}", graph.count_nodes(store, None).unwrap(), graph.count_edges(store).unwrap())];
    for label in LABELS {
        let found = graph.find(store, &NodeFilter { label: Some(label), ..NodeFilter::default() }, None).unwrap();
        state.push(format!("{label} {found:?} {}", graph.count_nodes(store, Some(label)).unwrap()));
    }
    for id in nodes {
        let mut node = graph.node(store, id).unwrap().unwrap();
        node.labels.sort();
        state.push(format!("{node:?}"));
        for edge_type in TYPES {
            let filter =
                NeighborFilter { direction: Direction::Both, types: &[edge_type], ..NeighborFilter::default() };
            let mut found = graph.neighbors(store, id, &filter).unwrap();
            found.sort_unstable_by_key(|neighbor| (neighbor.edge, neighbor.direction as u8));
            for neighbor in &found {
                state
                    .push(format!("{edge_type} {neighbor:?} {:?}", graph.edge(store, neighbor.edge).unwrap().unwrap()));
            }
        }
    }
    for query in ["two", "größe"] {
        let search = TextSearch { query, ..TextSearch::default() };
        state.push(format!("{:?}", graph.search_text(store, "texts", &search, &mut |_| true).unwrap()));
    }
    state
}

#[test]
fn with_the_same_result_or_the_same_refusal() {
    let mut random = random();
    let (mut loaded, mut refused) = (0, 0);
    for round in 0..150 {
        let values = [3, 40, 1 << 40][round % 3];
        let (count, edges) = (random.random_range(0..12_u64), random.random_range(0..40));
        let nodes: Vec<NewNode> = (0..count)
            .map(|_| NewNode {
                labels: (0..random.random_range(0..4)).map(|_| random.random_range(0..3)).collect(),
                properties: properties(&mut random, values),
            })
            .collect();
        let edges: Vec<NewEdge> = (0..edges)
            .map(|_| NewEdge {
                edge_type: random.random_range(0..4),
                ends: [(); 2].map(|()| random.random_range(0..PRESENT + count)),
                properties: properties(&mut random, values),
            })
            .collect();
        let seed: StdRng = rand::SeedableRng::seed_from_u64(random.random());
        let (store, graph) = prepared(seed.clone(), values);
        let (other_store, other) = prepared(seed, values);
        let before = state(&store, &graph);
        match (load(&graph, &nodes, &edges), add(&other_store, &other, &nodes, &edges)) {
            (Ok(_), Ok(())) => {
                loaded += 1;
                assert_eq!(state(&store, &graph), state(&other_store, &other));
            }
            (Err(error), Err((code, who))) => {
                refused += 1;
                assert_eq!(error.code(), code);
                assert!(error.message().starts_with(&who), "{error}, and not {who}");
                assert_eq!(state(&store, &graph), before);
            }
            (load, add) => panic!("the load gave {load:?}, and single changes {add:?}"),
        }
        assert_sound(&store, &graph);
    }
    assert!(loaded > 10 && refused > 10, "{loaded} loads, {refused} refused");
}
