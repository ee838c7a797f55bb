//! `verify` names a fault of each kind when it is planted.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, index, map, memory_graph};
use rmpv::Value;
use sledstore_engine::{Durability, KeyRange, Read, ScanOptions, Store, Write};
use sledstore_graph::{Graph, IndexKind, IndexSpec, TextOptions};

fn rows(store: &Store, graph: &Graph, kind: u8) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut scan = store.scan(graph.namespace(), &KeyRange::prefix(&[kind]), ScanOptions::default()).unwrap();
    let mut rows = Vec::new();
    while scan.next_page(100, 1 << 20, &mut |key, value| rows.push((key.to_vec(), value.to_vec()))).unwrap() {}
    rows
}

#[test]
fn each_missing_row_is_found() {
    // Kinds as the crate's head lists them, and the invariant that a missing row of the kind breaks.
    for (kind, invariant) in [(0x10, "G1"), (0x11, "G1"), (0x12, "G1"), (0x13, "G2"), (0x14, "G2"), (0x15, "G2")] {
        let (store, graph) = memory_graph();
        index(&graph, Some("A"), "key", true).unwrap();
        index(&graph, None, "key", false).unwrap();
        change(&store, |tx| {
            let a = graph.add_node(tx, &["A"], &map(&[("key", Value::from(1))]))?;
            let b = graph.add_node(tx, &["A"], &map(&[("key", Value::from("two"))]))?;
            graph.add_edge(tx, "T", a, b, &[])?;
            Ok(())
        })
        .unwrap();
        assert_sound(&store, &graph);
        for (key, value) in rows(&store, &graph, kind) {
            change(&store, |tx| tx.delete(graph.namespace(), &key)).unwrap();
            let findings = graph.verify(&store.snapshot().unwrap()).unwrap();
            assert!(findings.iter().any(|finding| finding.starts_with(invariant)), "{kind:#x} {key:?}: {findings:?}");

            change(&store, |tx| tx.put(graph.namespace(), &key, b"\xff\xff")).unwrap();
            let findings = graph.verify(&store.snapshot().unwrap()).unwrap();
            // The values of label rows are not read.
            assert_eq!(findings.is_empty(), kind == 0x13, "{kind:#x}: {findings:?}");

            change(&store, |tx| tx.put(graph.namespace(), &key, &value)).unwrap();
            assert_sound(&store, &graph);
        }
    }
}

#[test]
fn rows_that_stand_for_nothing_are_found() {
    let (store, graph) = memory_graph();
    index(&graph, None, "key", false).unwrap();
    let node = change(&store, |tx| graph.add_node(tx, &["A"], &map(&[("key", Value::from(1))]))).unwrap();
    change(&store, |tx| graph.add_edge(tx, "T", node, node, &[])).unwrap();
    let stray = [rows(&store, &graph, 0x12), rows(&store, &graph, 0x13), rows(&store, &graph, 0x14)].concat();
    change(&store, |tx| graph.remove_node(tx, node)).unwrap();
    assert_sound(&store, &graph);
    for (key, value) in stray {
        change(&store, |tx| tx.put(graph.namespace(), &key, &value)).unwrap();
        assert_eq!(graph.verify(&store.snapshot().unwrap()).unwrap().len(), 1, "{key:?}");
        change(&store, |tx| tx.delete(graph.namespace(), &key)).unwrap();
    }
}

#[test]
fn faults_of_full_text_indexes_are_found() {
    let (store, graph) = memory_graph();
    let spec = IndexSpec {
        name: "texts".into(),
        properties: vec!["text".into()],
        kind: IndexKind::Fulltext,
        ..IndexSpec::default()
    };
    let options = TextOptions { labels: vec!["A".into()], ..TextOptions::default() };
    graph.build_text_index(&spec, &options, Durability::None, &mut |_, _| true).unwrap();
    let text = |text: &str| map(&[("text", Value::from(text))]);
    let gone = change(&store, |tx| {
        graph.add_node(tx, &["A"], &text("one two one"))?;
        graph.add_node(tx, &["A"], &text("three"))
    })
    .unwrap();
    let findings = || graph.verify(&store.snapshot().unwrap()).unwrap();
    for kind in [0x16, 0x17] {
        for (key, value) in rows(&store, &graph, kind) {
            for broken in [None, Some([2, 1, 1].as_slice()), Some(&[7])] {
                change(&store, |tx| match broken {
                    Some(broken) => tx.put(graph.namespace(), &key, broken),
                    None => tx.delete(graph.namespace(), &key),
                })
                .unwrap();
                let names =
                    |finding: &String| finding.starts_with("G2") || finding.contains("full-text index cannot be read");
                assert!(findings().iter().any(names), "{key:?} {broken:?}: {:?}", findings());
                change(&store, |tx| tx.put(graph.namespace(), &key, &value)).unwrap();
                assert_sound(&store, &graph);
            }
        }
    }
    // What is left of a node that is gone, one row at a time; and a word that a document does not have.
    let mut stray = [rows(&store, &graph, 0x16), rows(&store, &graph, 0x17)].concat();
    change(&store, |tx| graph.remove_node(tx, gone)).unwrap();
    let left = [rows(&store, &graph, 0x16), rows(&store, &graph, 0x17)].concat();
    stray.retain(|row| !left.contains(row));
    assert_eq!(stray.len(), 2);
    let (mut key, value) = left[0].clone();
    key[3] = b'z';
    stray.push((key, value));
    for (key, value) in stray {
        change(&store, |tx| tx.put(graph.namespace(), &key, &value)).unwrap();
        assert!(findings().iter().any(|finding| finding.starts_with("G2")), "{key:?}: {:?}", findings());
        change(&store, |tx| tx.delete(graph.namespace(), &key)).unwrap();
        assert_sound(&store, &graph);
    }
}
