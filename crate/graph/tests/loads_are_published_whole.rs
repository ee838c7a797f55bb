//! A load is one commit: all of it is there, sound and in the order of the load, or nothing is.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, index, map, memory_graph, pack};
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode, Options, Store};
use sledstore_graph::{Direction, EdgeId, Graph, Load, NeighborFilter, NodeFilter, NodeId};

fn properties(name: &str) -> Value {
    Value::Map(vec![("name".into(), name.into())])
}

fn empty() -> Value {
    Value::Map(vec![])
}

fn page(names: &[&str], values: &[Value]) -> Vec<u8> {
    let introduced = names.iter().flat_map(|&name| [0.into(), name.into()]);
    introduced.chain(values.iter().cloned()).flat_map(|value| pack(&value)).collect()
}

fn node(labels: &[u64], properties: Value) -> Vec<Value> {
    vec![1.into(), Value::Array(labels.iter().map(|&label| label.into()).collect()), properties]
}

fn edge(operation: u64, edge_type: u64, source: u64, target: u64) -> Vec<Value> {
    vec![operation.into(), edge_type.into(), source.into(), target.into(), empty()]
}

fn loaded(graph: &Graph, pages: &[Vec<u8>]) -> Load {
    let mut load = graph.load();
    pages.iter().for_each(|page| load.page(page).unwrap());
    load
}

#[test]
fn pages_become_nodes_and_edges_in_order() {
    let (store, graph) = memory_graph();
    index(&graph, Some("Person"), "name", true).unwrap();
    let old = change(&store, |tx| graph.add_node(tx, &["City"], &[])).unwrap();
    let first = [node(&[1, 0, 1], properties("Ann")), node(&[], empty()), edge(2, 2, 0, 1)].concat();
    let second = [node(&[0], properties("Bob")), edge(2, 1, 2, 2), edge(4, 1, 0, old.0), edge(3, 1, old.0, 2)].concat();
    let pages = [page(&["Admin", "Person", "KNOWS"], &first), page(&["Person", "IN"], &second)];
    let load = loaded(&graph, &pages);
    assert_eq!(graph.count_nodes(&store, None).unwrap(), 1, "nothing is seen before the end");

    let made = load.publish(Durability::None).unwrap();
    assert_eq!((made.nodes, made.edges), (3, 4));
    let ann = graph.node(&store, made.first_node).unwrap().unwrap();
    assert_eq!(ann.labels.len(), 2);
    assert_eq!(ann.properties, map(&[("name", "Ann".into())]));
    assert_eq!(graph.count_nodes(&store, Some("Person")).unwrap(), 2);
    let edge = graph.edge(&store, EdgeId(made.first_edge.0 + 2)).unwrap().unwrap();
    assert_eq!((edge.edge_type.as_str(), edge.source, edge.target), ("IN", made.first_node, old));
    let both = NeighborFilter { direction: Direction::Both, ..NeighborFilter::default() };
    assert_eq!(graph.neighbors(&store, old, &both).unwrap().len(), 2);
    assert_sound(&store, &graph);
}

#[test]
fn edges_of_one_node_lie_in_few_rows_and_more_can_follow() {
    let (store, graph) = memory_graph();
    let mut values = node(&[], empty());
    for place in 1..2_000 {
        values.extend(node(&[], empty()));
        values.extend(edge(2, 0, 0, place));
    }
    let pages = [page(&["T"], &values)];
    let made = loaded(&graph, &pages).publish(Durability::None).unwrap();
    // Of the nodes' rows 2,000, of the edges' 1,999, of the incoming ones 1,999, two of the name.
    assert!(graph.count_rows(&store).unwrap() < 2_000 + 2 * 1_999 + 2 + 20);
    let more = [edge(3, 0, made.first_node.0, 0)];
    let values = [node(&[], empty()), more.concat()].concat();
    loaded(&graph, &[page(&["T"], &values)]).publish(Durability::None).unwrap();
    assert_eq!(graph.neighbors(&store, made.first_node, &NeighborFilter::default()).unwrap().len(), 2_000);
    change(&store, |tx| graph.remove_node(tx, NodeId(made.first_node.0 + 7))).unwrap();
    assert_sound(&store, &graph);
}

#[test]
fn a_failed_load_leaves_nothing() {
    let (store, graph) = memory_graph();
    index(&graph, None, "name", true).unwrap();
    let same = page(&[], &[node(&[], properties("same")), node(&[], properties("same"))].concat());
    let error = loaded(&graph, &[same]).publish(Durability::None).unwrap_err();
    assert_eq!(error.code(), ErrorCode::UniqueViolation);
    assert!(error.message().starts_with("node 2 of the load: "), "{error}");
    let absent = page(&["T"], &[node(&[], empty()), edge(4, 0, 0, 4_000)].concat());
    let error = loaded(&graph, &[absent]).publish(Durability::None).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert!(error.message().starts_with("edge 1 of the load: "), "{error}");
    assert_eq!((graph.count_nodes(&store, None).unwrap(), graph.count_edges(&store).unwrap()), (0, 0));
    assert_sound(&store, &graph);
}

#[test]
fn edges_lead_where_their_type_does() {
    let (store, graph) = memory_graph();
    let old = change(&store, |tx| graph.add_node(tx, &["City", "Old"], &[])).unwrap().0;
    let labels = |labels: &[u64]| Value::Array(labels.iter().map(|&label| label.into()).collect());
    // Persons and pets live in cities; T leads anywhere.
    let names = ["Person", "Pet", "City", "LIVES_IN", "T"];
    let ends = vec![6.into(), 3.into(), labels(&[0, 1]), labels(&[2])];
    let nodes = [node(&[0], empty()), node(&[2], empty()), node(&[], empty()), node(&[2, 1], empty())].concat();
    let load = |edges: &[Vec<Value>]| {
        let mut load = graph.load();
        load.page(&page(&names, &[ends.clone(), nodes.clone()].concat()))?;
        // Said once, whatever page the edges come in and whatever number the type has there.
        let renumbered = edges.concat();
        load.page(&page(&["x", "y", "z", "LIVES_IN", "T"], &renumbered))?;
        load.publish(Durability::None)
    };
    let right = [edge(2, 3, 0, 1), edge(2, 3, 3, 1), edge(2, 3, 0, 3), edge(4, 3, 0, old), edge(2, 4, 2, 2)];
    assert_eq!(load(&right).unwrap().edges, 5);
    let before = graph.count_nodes(&store, None).unwrap();
    let of_label = NodeFilter { label: Some("Person"), ..NodeFilter::default() };
    let person = graph.find(&store, &of_label, None).unwrap()[0].0;
    for (wrong, what) in [
        (edge(2, 3, 1, 1), "starts at a node with label \"Person\" or \"Pet\", and node 2 of the load has none"),
        (edge(2, 3, 0, 0), "ends at a node with label \"City\", and node 1 of the load has none"),
        (edge(2, 3, 2, 1), "starts"),
        (edge(3, 3, old, 1), &format!("starts at a node with label \"Person\" or \"Pet\", and node {old} has none")),
        (edge(4, 3, 0, person), &format!("ends at a node with label \"City\", and node {person} has none")),
        (edge(5, 3, person, person), "ends"),
    ] {
        let error = load(&[edge(2, 3, 0, 1), wrong]).unwrap_err();
        assert_eq!(error.code(), ErrorCode::SchemaInvalid);
        assert!(error.message().starts_with("edge 2 of the load: ") && error.message().contains(what), "{error}");
    }
    assert_eq!(graph.count_nodes(&store, None).unwrap(), before);
    assert_sound(&store, &graph);
}

#[test]
fn pages_that_cannot_be_read_are_refused() {
    let (_store, graph) = memory_graph();
    let refused = [
        page(&[], &[99.into()]),
        page(&[], &[1.into()]),
        page(&[], &node(&[0], empty())),
        page(&[], &node(&[], Value::from("no map"))),
        page(&["T"], &edge(2, 0, 0, 0)),
        page(&["T"], &[node(&[], empty()), edge(2, 0, 0, 1)].concat()),
        page(&[], &[node(&[], empty()), edge(2, 0, 0, 0)].concat()),
        page(&["T"], &[6.into(), 0.into(), Value::Array(vec![1.into()]), Value::Array(vec![])]),
        vec![0xc1],
    ];
    for page in refused {
        assert_eq!(graph.load().page(&page).unwrap_err().code(), ErrorCode::InvalidArgument, "{page:?}");
    }
}

#[test]
fn a_load_above_half_the_budget_is_refused_as_it_comes() {
    let (store, graph) = memory_graph();
    let long = page(&[], &node(&[], properties(&"x".repeat(1 << 20))));
    let mut load = graph.load();
    let error = (0..=store.options().batch_bytes_max() >> 20).find_map(|_| load.page(&long).err()).unwrap();
    assert_eq!(error.code(), ErrorCode::TooLarge);
}

#[test]
fn rows_above_half_the_budget_are_refused_and_leave_nothing() {
    let store = Store::memory(&Options { memory_budget: 24 << 20, ..Options::default() }).unwrap();
    let graph = Graph::open(&store, "test").unwrap();
    let [a, b] = [(); 2].map(|()| change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap().0);
    // Edges between nodes of the graph have two rows of adjacency each, which take more than a staged edge.
    let one = edge(5, 0, a, b).iter().flat_map(pack).collect::<Vec<u8>>();
    let count = (store.options().batch_bytes_max() - (64 << 10)) / 58;
    let mut load = graph.load();
    load.page(&[page(&["T"], &[]), one.repeat(count)].concat()).unwrap();
    assert_eq!(load.publish(Durability::None).unwrap_err().code(), ErrorCode::TooLarge);
    assert_eq!((graph.count_edges(&store).unwrap(), graph.count_nodes(&store, None).unwrap()), (0, 2));
    assert_sound(&store, &graph);
}

#[test]
fn a_load_of_several_parts_is_one_commit() {
    let (store, graph) = memory_graph();
    index(&graph, Some("A"), "name", true).unwrap();
    let (mut values, count) = (vec![], 6_000);
    for at in 0..count {
        // Names descend, so that the index has to put them in order.
        values.extend(node(&[at % 2, 2], properties(&format!("{:0>150}", count - at))));
    }
    for at in 1..count {
        values.extend([edge(2, 3 + at % 2, at, at / 7), edge(2, 3, at / 3, at)].concat());
    }
    let load = loaded(&graph, &[page(&["A", "B", "C", "T", "U"], &values)]);
    let before = store.visible_seq();
    let made = load.publish(Durability::None).unwrap();
    // Three names and three blocks of ids are commits of their own, and the number of the change of counts.
    assert!(store.visible_seq() - before <= 7, "{}", store.visible_seq() - before);
    assert_eq!((made.nodes, made.edges), (count, 2 * (count - 1)));
    assert_eq!(graph.count_nodes(&store, Some("A")).unwrap(), count / 2);
    let wanted = map(&[("name", format!("{:0>150}", count - 4_000).into())]);
    let filter = NodeFilter { label: Some("A"), properties: Some(&wanted) };
    assert_eq!(graph.find(&store, &filter, None).unwrap(), [NodeId(made.first_node.0 + 4_000)]);
    assert_sound(&store, &graph);
}

#[test]
fn a_value_that_a_writer_adds_meanwhile_is_there_once() {
    for round in 0..20 {
        let (store, graph) = memory_graph();
        index(&graph, None, "name", true).unwrap();
        let nodes: Vec<Value> = (0..200).flat_map(|at| node(&[], properties(&format!("{at}")))).collect();
        let load = loaded(&graph, &[page(&[], &nodes)]);
        let (published, added) = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_micros(100 * round));
                change(&store, |tx| graph.add_node(tx, &[], &map(&[("name", "7".into())])))
            });
            (load.publish(Durability::None), writer.join().unwrap())
        });
        match (published, added) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => assert_eq!(error.code(), ErrorCode::UniqueViolation),
            both => panic!("{both:?}"),
        }
        assert_sound(&store, &graph);
    }
}
