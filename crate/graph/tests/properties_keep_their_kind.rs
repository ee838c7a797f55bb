//! Properties come back as they were given, nulls apart.
#![allow(clippy::unwrap_used)]

mod common;

use common::{change, index, map, memory_graph, pack};
use rmpv::Value;
use sledstore_graph::{NodeFilter, NodeUpdate, PropertyChange};

fn everything() -> Vec<(&'static str, Value)> {
    let date = Value::Ext(-1, 1_700_000_000_u32.to_be_bytes().to_vec());
    let early = Value::Ext(-1, [&5_u32.to_be_bytes()[..], &(-3_i64).to_be_bytes()].concat());
    vec![
        ("boolean", Value::from(true)),
        ("integer", Value::from(i64::MIN)),
        ("float", Value::F64(5.0)),
        ("string", Value::from("größe\0")),
        ("bytes", Value::from(&[0_u8, 255][..])),
        ("date", date),
        ("early", early),
        ("list", Value::Array(vec![Value::from(1), Value::Nil, Value::from("x")])),
        ("map", Value::Map(vec![(Value::from("k"), Value::Array(vec![]))])),
        ("", Value::from(0)),
    ]
}

#[test]
fn every_kind_comes_back_byte_for_byte() {
    let (store, graph) = memory_graph();
    let bytes = map(&everything());
    let node = change(&store, |tx| graph.add_node(tx, &[], &bytes)).unwrap();
    let edge = change(&store, |tx| graph.add_edge(tx, "T", node, node, &bytes)).unwrap();
    assert_eq!(graph.node(&store, node).unwrap().unwrap().properties, bytes);
    assert_eq!(graph.edge(&store, edge).unwrap().unwrap().properties, bytes);
}

#[test]
fn every_kind_is_found_by_equality_with_and_without_an_index() {
    let (store, graph) = memory_graph();
    let node = change(&store, |tx| graph.add_node(tx, &["A"], &map(&everything()))).unwrap();
    for indexed in [false, true] {
        for (name, value) in everything() {
            if indexed {
                index(&graph, Some("A"), name, false).unwrap();
            }
            let wanted = map(&[(name, value)]);
            let filter = NodeFilter { label: Some("A"), properties: Some(&wanted) };
            assert_eq!(graph.find(&store, &filter, None).unwrap(), [node], "{name}");
        }
    }
    let float = map(&[("integer", Value::F64(i64::MIN as f64)), ("missing", Value::Nil)]);
    let filter = NodeFilter { label: None, properties: Some(&float) };
    assert_eq!(graph.find(&store, &filter, None).unwrap(), [node]);
}

#[test]
fn a_null_is_a_missing_property_and_the_last_of_equal_names_counts() {
    let (store, graph) = memory_graph();
    let given = map(&[("a", Value::from(1)), ("b", Value::Nil), ("a", Value::from(2))]);
    let node = change(&store, |tx| graph.add_node(tx, &[], &given)).unwrap();
    assert_eq!(graph.node(&store, node).unwrap().unwrap().properties, map(&[("a", Value::from(2))]));

    let merge = map(&[("a", Value::Nil), ("c", Value::from(3))]);
    let update = NodeUpdate { properties: Some(PropertyChange::Merge(&merge)), ..NodeUpdate::default() };
    change(&store, |tx| graph.update_node(tx, node, &update)).unwrap();
    assert_eq!(graph.node(&store, node).unwrap().unwrap().properties, map(&[("c", Value::from(3))]));
}

#[test]
fn texts_with_zero_bytes_stay_apart_in_an_index() {
    let (store, graph) = memory_graph();
    index(&graph, None, "s", false).unwrap();
    let texts = ["", "\0", "\0\0", "\u{1}", "a", "a\0", "a\0b"];
    for text in texts {
        change(&store, |tx| graph.add_node(tx, &[], &map(&[("s", Value::from(text))]))).unwrap();
    }
    for text in texts {
        let wanted = map(&[("s", Value::from(text))]);
        let found = graph.find(&store, &NodeFilter { label: None, properties: Some(&wanted) }, None).unwrap();
        assert_eq!(found.len(), 1, "{text:?}");
        assert_eq!(graph.node(&store, found[0]).unwrap().unwrap().properties, wanted);
    }
    assert_eq!(
        pack(&Value::Map(vec![])),
        graph.node(&store, change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap()).unwrap().unwrap().properties
    );
}
