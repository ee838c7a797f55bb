//! A change that is refused leaves its transaction as it was.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, code, index, map, memory_graph, pack};
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode};
use sledstore_graph::{EdgeId, Graph, INDEXED_VALUE_BYTES_MAX, NodeId, NodeUpdate, PropertyChange};

#[test]
fn refused_changes_leave_the_transaction_usable() {
    let (store, graph) = memory_graph();
    index(&graph, Some("A"), "key", true).unwrap();
    let taken = map(&[("key", Value::from(1))]);
    let (first, second, edge) = change(&store, |tx| {
        let first = graph.add_node(tx, &["A"], &taken)?;
        let second = graph.add_node(tx, &["A"], &map(&[("key", Value::from(2))]))?;
        Ok((first, second, graph.add_edge(tx, "T", first, second, &[])?))
    })
    .unwrap();
    let rows = graph.count_rows(&store).unwrap();
    let before = graph.node(&store, second).unwrap();

    let mut tx = store.begin().unwrap();
    let missing = NodeId(777);
    let long = map(&[("key", Value::from("x".repeat(INDEXED_VALUE_BYTES_MAX)))]);
    let take = NodeUpdate { properties: Some(PropertyChange::Merge(&taken)), ..NodeUpdate::default() };
    assert_eq!(code(graph.add_node(&mut tx, &["A"], &taken)), ErrorCode::UniqueViolation);
    assert_eq!(code(graph.add_node(&mut tx, &["A"], &long)), ErrorCode::KeyTooLarge);
    assert_eq!(code(graph.add_node(&mut tx, &["A", ""], &[])), ErrorCode::InvalidArgument);
    assert_eq!(code(graph.add_node(&mut tx, &["A"], b"\xc1")), ErrorCode::InvalidArgument);
    assert_eq!(code(graph.update_node(&mut tx, second, &take)), ErrorCode::UniqueViolation);
    assert_eq!(code(graph.update_node(&mut tx, missing, &take)), ErrorCode::NotFound);
    assert_eq!(code(graph.add_edge(&mut tx, "T", first, missing, &[])), ErrorCode::NotFound);
    assert_eq!(code(graph.add_edge(&mut tx, "T", missing, first, &[])), ErrorCode::NotFound);
    assert_eq!(code(graph.add_edge(&mut tx, "", first, first, &[])), ErrorCode::InvalidArgument);
    assert_eq!(code(graph.update_edge(&mut tx, EdgeId(777), PropertyChange::Merge(&[]))), ErrorCode::NotFound);
    assert_eq!(code(graph.update_edge(&mut tx, edge, PropertyChange::Merge(b"\x01"))), ErrorCode::InvalidArgument);
    assert_eq!(code(graph.remove_node(&mut tx, missing)), ErrorCode::NotFound);
    assert_eq!(code(graph.remove_edge(&mut tx, EdgeId(777))), ErrorCode::NotFound);
    assert_eq!(code(index(&graph, Some("A"), "key", false)), ErrorCode::Exists);
    tx.commit(Durability::None).unwrap();

    assert_eq!(graph.count_rows(&store).unwrap(), rows);
    assert_eq!(graph.node(&store, second).unwrap(), before);
    assert_sound(&store, &graph);
}

#[test]
fn an_aborted_transaction_leaves_neither_rows_nor_names() {
    let (store, graph) = memory_graph();
    let rows = graph.count_rows(&store).unwrap();
    let mut tx = store.begin().unwrap();
    let node = graph.add_node(&mut tx, &["Undone"], &[]).unwrap();
    graph.add_edge(&mut tx, "UNDONE", node, node, &[]).unwrap();
    assert_eq!(graph.node(&tx, node).unwrap().unwrap().labels, ["Undone"]);
    tx.abort();
    assert_eq!(graph.count_rows(&store).unwrap(), rows);
    assert_eq!(graph.nodes_by_label(&store, "Undone").unwrap(), []);
    let again = change(&store, |tx| graph.add_node(tx, &["Undone"], &[])).unwrap();
    assert_ne!(again, node);
    assert_eq!(graph.node(&store, again).unwrap().unwrap().labels, ["Undone"]);
}

#[test]
fn values_no_property_can_hold_are_refused() {
    let (store, graph) = memory_graph();
    let refused = [
        pack(&Value::Array(vec![])),
        pack(&Value::Map(vec![(Value::from(1), Value::from(1))])),
        map(&[("n", Value::from(u64::MAX))]),
        map(&[("n", Value::Ext(7, vec![1]))]),
        map(&[("n", Value::Ext(-1, vec![1]))]),
        map(&[("n", Value::Array(vec![Value::Map(vec![(Value::Nil, Value::Nil)])]))]),
        b"\x81\xa1n\xa1\xff".to_vec(),
        b"\x81\xa1\xff\x01".to_vec(),
        b"\x82\xa1n\x01".to_vec(),
        b"\x80\x80".to_vec(),
        b"\xdf\xff\xff\xff\xff".to_vec(),
        [b"\x81\xa1n".to_vec(), vec![0x91; 5_000], vec![0xc0]].concat(),
    ];
    for bytes in refused {
        let shown = format!("{:?}", &bytes[..bytes.len().min(12)]);
        assert_eq!(code(change(&store, |tx| graph.add_node(tx, &[], &bytes))), ErrorCode::InvalidArgument, "{shown}");
    }
    assert_eq!(Graph::open(&store, "").err().map(|error| error.code()), Some(ErrorCode::InvalidArgument));
}
