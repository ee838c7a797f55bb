//! A buffer of changes does what the same calls do one by one, or says which change failed.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, index, map, memory_graph, pack};
use rmpv::Value;
use sledstore_engine::ErrorCode;
use sledstore_graph::{EdgeId, Index, NeighborFilter, NodeId};

fn properties(name: &str) -> Value {
    Value::Map(vec![("name".into(), name.into())])
}

fn numbers(items: &[u64]) -> Value {
    Value::Array(items.iter().map(|&item| item.into()).collect())
}

/// Introduces `names`, then lists `values`.
fn buffer(names: &[&str], values: &[Value]) -> Vec<u8> {
    let introduced = names.iter().flat_map(|&name| [0.into(), name.into()]);
    introduced.chain(values.iter().cloned()).flat_map(|value| pack(&value)).collect()
}

#[test]
fn changes_apply_in_order() {
    let (store, graph) = memory_graph();
    let node = graph.reserve_nodes(3).unwrap().start;
    let edge = graph.reserve_edges(2).unwrap().start;
    let (a, b, c) = (Value::from(node), Value::from(node + 1), Value::from(node + 2));
    let (e, f) = (Value::from(edge), Value::from(edge + 1));
    // As JavaScript packs large ids.
    let float_b = Value::F64((node + 1) as f64);
    let age = Value::Map(vec![("age".into(), 7.into())]);
    let empty = Value::Map(vec![]);
    let changes = [
        vec![1.into(), a.clone(), numbers(&[0]), properties("Ann")],
        vec![1.into(), float_b, numbers(&[0, 2]), properties("Bob")],
        vec![2.into(), e.clone(), 1.into(), a.clone(), b.clone(), empty.clone()],
        vec![2.into(), f.clone(), 1.into(), b.clone(), a.clone(), properties("back")],
        vec![1.into(), c.clone(), numbers(&[]), empty],
        vec![3.into(), a, 1.into(), age, numbers(&[2]), numbers(&[])],
        vec![3.into(), b, 0.into(), Value::Nil, numbers(&[]), numbers(&[2])],
        vec![4.into(), e, 2.into(), properties("edge")],
        vec![6.into(), f],
        vec![5.into(), c],
    ];
    let buffer = buffer(&["Person", "KNOWS", "Friend", "name"], &changes.concat());
    index(&graph, Some("Person"), "name", true).unwrap();
    change(&store, |tx| graph.apply_changes(tx, &buffer)).unwrap();

    let ann = graph.node(&store, NodeId(node)).unwrap().unwrap();
    assert_eq!(ann.labels, ["Person", "Friend"]);
    assert_eq!(ann.properties, map(&[("name", "Ann".into()), ("age", 7.into())]));
    assert_eq!(graph.node(&store, NodeId(node + 1)).unwrap().unwrap().labels, ["Person"]);
    assert_eq!(graph.node(&store, NodeId(node + 2)).unwrap(), None);
    assert_eq!(graph.edge(&store, EdgeId(edge)).unwrap().unwrap().properties, map(&[("name", "edge".into())]));
    assert_eq!(graph.edge(&store, EdgeId(edge + 1)).unwrap(), None);
    assert_eq!(graph.neighbors(&store, NodeId(node), &NeighborFilter::default()).unwrap().len(), 1);
    let index = Index { label: Some("Person".into()), property: "name".into(), unique: true };
    assert_eq!(graph.indexes(&store).unwrap(), [index]);
    assert_sound(&store, &graph);
}

#[test]
fn a_failed_change_is_numbered_and_nothing_is_kept() {
    let (store, graph) = memory_graph();
    index(&graph, None, "name", true).unwrap();
    let node = graph.reserve_nodes(2).unwrap().start;
    let buffer = buffer(
        &[],
        &[
            1.into(),
            node.into(),
            numbers(&[]),
            properties("same"),
            1.into(),
            (node + 1).into(),
            numbers(&[]),
            properties("same"),
        ],
    );
    let error = change(&store, |tx| graph.apply_changes(tx, &buffer)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::UniqueViolation);
    assert!(error.message().starts_with("change 2 of the batch: "), "{error}");
    assert_eq!(graph.count_nodes(&store, None).unwrap(), 0);
}

#[test]
fn buffers_that_cannot_be_read_are_refused() {
    let (store, graph) = memory_graph();
    let node = graph.reserve_nodes(1).unwrap().start;
    let refused = [
        buffer(&[], &[99.into()]),
        buffer(&[], &[Value::Nil]),
        buffer(&[], &[Value::from("text")]),
        buffer(&[], &[0.into(), 1.into()]),
        buffer(&[], &[1.into(), node.into()]),
        buffer(&[], &[1.into(), (node + 1).into(), numbers(&[]), properties("not reserved")]),
        buffer(&[], &[1.into(), 0.into(), numbers(&[]), properties("zero")]),
        buffer(&[], &[1.into(), Value::F64(1.5), numbers(&[]), properties("half")]),
        buffer(&["A"], &[1.into(), node.into(), numbers(&[1]), properties("no such name")]),
        buffer(&[], &[1.into(), node.into(), numbers(&[]), Value::from("no map")]),
        buffer(&[], &[1.into(), node.into(), Value::Nil, properties("no labels")]),
        buffer(&[""], &[1.into(), node.into(), numbers(&[0]), properties("empty label")]),
        buffer(&["A"], &[7.into(), 0.into()]),
        [buffer(&[], &[1.into(), node.into(), numbers(&[])]), vec![0xc1]].concat(),
        b"\x05\xdd\xff\xff\xff\xff\x90".to_vec(),
    ];
    for buffer in refused {
        let error = change(&store, |tx| graph.apply_changes(tx, &buffer)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{buffer:?}: {error}");
    }
    assert_eq!(graph.count_nodes(&store, None).unwrap(), 0);
}

#[test]
fn reserved_ids_are_given_once_across_handles() {
    let (store, graph) = memory_graph();
    let other = sledstore_graph::Graph::open(&store, "test").unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for count in [1, 3, 40, 1, 5_000, 2, 1] {
        for handle in [&graph, &other] {
            let ids = handle.reserve_nodes(count).unwrap();
            assert_eq!(ids.end - ids.start, count);
            for id in ids {
                assert!(seen.insert(id), "{id} was given twice");
            }
        }
    }
}
