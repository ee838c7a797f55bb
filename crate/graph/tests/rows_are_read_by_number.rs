//! What runs queries reads names once, ids in batches, and single properties of a row.
#![allow(clippy::unwrap_used)]

mod common;

use common::{change, code, map, memory_graph, pack};
use rmpv::Value;
use sledstore_engine::{ErrorCode, Read, Write};
use sledstore_graph::{EdgeEnds, EdgeId, Graph, NodeId};

fn batches(graph: &Graph, reader: &impl Read, label: Option<u32>, size: usize) -> Vec<NodeId> {
    let mut found = Vec::new();
    while graph.nodes_into(reader, label, found.last().copied(), size, &mut found).unwrap() {}
    found
}

#[test]
fn ids_come_in_batches() {
    let (store, graph) = memory_graph();
    let (nodes, edges) = change(&store, |tx| {
        let mut nodes = Vec::new();
        for at in 0..700 {
            nodes.push(graph.add_node(tx, if at % 3 == 0 { &["A", "B"] } else { &["B"] }, &[])?);
        }
        let mut edges = Vec::new();
        for (at, pair) in nodes.windows(2).enumerate() {
            edges.push(graph.add_edge(tx, if at % 2 == 0 { "T" } else { "U" }, pair[0], pair[1], &[])?);
        }
        Ok((nodes, edges))
    })
    .unwrap();
    let label = graph.label_number(&store, "A").unwrap().unwrap();
    let with_label: Vec<_> = nodes.iter().copied().step_by(3).collect();
    let tx = store.begin().unwrap();
    for size in [1, 7, 600, 700, 10_000] {
        assert_eq!(batches(&graph, &store, None, size), nodes);
        assert_eq!(batches(&graph, &store.snapshot().unwrap(), Some(label), size), with_label);
        assert_eq!(batches(&graph, &tx, Some(label), size), with_label);
    }
    assert_eq!(batches(&graph, &store, Some(99), 10), []);

    let edge_type = graph.edge_type_number(&store, "U").unwrap().unwrap();
    for size in [1, 7, 1_000] {
        let mut found: Vec<EdgeEnds> = Vec::new();
        while graph.edges_into(&store, Some(edge_type), found.last().map(|e| e.edge), size, &mut found).unwrap() {}
        assert_eq!(
            found.iter().map(|found| found.edge).collect::<Vec<_>>(),
            edges[1..].iter().copied().step_by(2).collect::<Vec<_>>()
        );
        assert!(found.iter().all(|found| found.edge_type == edge_type && found.target.0 == found.source.0 + 1));
        let mut all = Vec::new();
        while graph.edges_into(&store, None, all.last().map(|e: &EdgeEnds| e.edge), size, &mut all).unwrap() {}
        assert_eq!(all.len(), edges.len());
        assert_eq!(graph.edge_ends(&store, all[5].edge).unwrap(), Some(all[5]));
    }
}

#[test]
fn names_have_numbers() {
    let (store, graph) = memory_graph();
    let node = change(&store, |tx| graph.add_node(tx, &["größe", "B"], &[])).unwrap();
    change(&store, |tx| graph.add_edge(tx, "T", node, node, &[])).unwrap();
    let mut labels = Vec::new();
    assert!(graph.labels_into(&store, node, &mut labels).unwrap());
    assert!(!graph.labels_into(&store, NodeId(99), &mut labels).unwrap());
    let names: Vec<_> = labels.iter().map(|&label| graph.label_of(&store, label).unwrap().to_string()).collect();
    assert_eq!(names, ["größe", "B"]);
    assert_eq!(graph.label_number(&store, "größe").unwrap(), Some(labels[0]));
    assert_eq!(graph.label_number(&store, "T").unwrap(), None, "types are no labels");
    let edge_type = graph.edge_type_number(&store, "T").unwrap().unwrap();
    assert_eq!(&*graph.edge_type_of(&store, edge_type).unwrap(), "T");
    assert_eq!(graph.all_labels(&store).unwrap(), [(labels[0], "größe".into()), (labels[1], "B".into())]);
    assert_eq!(graph.all_edge_types(&store).unwrap(), [(edge_type, "T".into())]);
}

#[test]
fn one_property_is_read_of_many() {
    let (store, graph) = memory_graph();
    let properties = [
        ("first", Value::from(1)),
        ("nested", Value::Array(vec![Value::Map(vec![("wanted".into(), 5.into())]), Value::from("x")])),
        ("wanted", Value::from("found")),
        ("last", Value::F64(1.5)),
    ];
    let node = change(&store, |tx| graph.add_node(tx, &["A"], &map(&properties))).unwrap();
    let edge = change(&store, |tx| graph.add_edge(tx, "T", node, node, &map(&properties))).unwrap();
    for (name, value) in &properties {
        let found = graph.with_node_property(&store, node, name, |bytes| bytes.map(<[u8]>::to_vec)).unwrap();
        assert_eq!(found, Some(Some(pack(value))), "{name}");
        let found = graph.with_edge_property(&store, edge, name, |bytes| bytes.map(<[u8]>::to_vec)).unwrap();
        assert_eq!(found, Some(Some(pack(value))), "{name}");
    }
    assert_eq!(graph.with_node_property(&store, node, "none", |bytes| bytes.is_none()).unwrap(), Some(true));
    assert_eq!(graph.with_node_property(&store, NodeId(99), "first", |_| ()).unwrap(), None);
    assert_eq!(graph.with_edge_property(&store, EdgeId(99), "first", |_| ()).unwrap(), None);
    let names = |labels: usize, properties: &[(&str, &[u8])]| {
        (labels, properties.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>())
    };
    let whole = graph.with_whole_node(&store, node, |labels, properties| names(labels.len(), properties)).unwrap();
    assert_eq!(whole, Some((1, properties.iter().map(|(name, _)| (*name).to_owned()).collect())));
    let whole = graph.with_whole_edge(&store, edge, |ends, properties| (ends.source, properties.len())).unwrap();
    assert_eq!(whole, Some((node, 4)));

    let mut key = vec![0x10];
    key.extend_from_slice(&[1, u8::try_from(node.0).unwrap()]);
    change(&store, |tx| tx.put(graph.namespace(), &key, &[0, 0x85, 0xA1])).unwrap();
    assert_eq!(code(graph.with_node_property(&store, node, "first", |_| ())), ErrorCode::Corruption);
}
