//! The kept graph is found as it was written, and takes changes.
#![allow(clippy::unwrap_used)]

mod common;

use common::fixture::{self, named, typed};
use common::{assert_sound, change, code, pack};
use sledstore_engine::{ErrorCode, KeyRange, Options, Read, ScanOptions, Store};
use sledstore_graph::{Direction, Graph, NeighborFilter, NodeId, Seek, TextSearch};

fn unpacked() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let packed = std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture::PACKED)).unwrap();
    let tar = lz4_flex::decompress_size_prepended(&packed).unwrap();
    tar::Archive::new(std::io::Cursor::new(tar)).unpack(folder.path()).unwrap();
    folder
}

#[test]
fn everything_is_found_and_can_be_changed() {
    let folder = unpacked();
    for _ in 0..2 {
        let store = Store::open(folder.path(), &Options::default()).unwrap();
        let graph = Graph::open(&store, "people").unwrap();
        assert_sound(&store, &graph);
        for kind in [1, 2, 3, 4, 5, 6, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17] {
            let range = KeyRange::prefix(&[kind]);
            assert!(
                store.scan(graph.namespace(), &range, ScanOptions::default()).unwrap().count_rows().unwrap() > 0,
                "{kind}"
            );
        }
        assert_people(&store, &graph);
        assert_values(&store, &graph);
        let taken = change(&store, |tx| graph.add_node(tx, &["Person"], &named("node 1")));
        assert_eq!(code(taken), ErrorCode::UniqueViolation);
        let node = change(&store, |tx| graph.add_node(tx, &["Person"], &named("new"))).unwrap();
        change(&store, |tx| graph.remove_node(tx, node)).unwrap();
        store.close().unwrap();
    }
}

fn assert_people(store: &Store, graph: &Graph) {
    let people = graph.nodes_by_label(store, "Person").unwrap();
    assert_eq!(people.len(), fixture::PEOPLE as usize);
    assert_eq!(graph.count_nodes(store, Some("Person")).unwrap(), people.len() as u64);
    let search = TextSearch { query: "\"node 7\"", ..TextSearch::default() };
    let (_, hits) = graph.search_text(store, "words", &search, &mut |_| true).unwrap();
    assert_eq!(hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), [people[7].0]);
    for (number, &id) in people.iter().enumerate() {
        let node = graph.node(store, id).unwrap().unwrap();
        assert_eq!((node.labels, node.properties), (vec!["Person".into()], named(&format!("node {number}"))));
        let filter = NeighborFilter { direction: Direction::Out, ..NeighborFilter::default() };
        let neighbors = graph.neighbors(store, id, &filter).unwrap();
        let next: Vec<NodeId> = people[number + 1..].iter().take(1).copied().collect();
        assert_eq!(neighbors.iter().map(|found| found.node).collect::<Vec<_>>(), next);
        for found in neighbors {
            let edge = graph.edge(store, found.edge).unwrap().unwrap();
            assert_eq!((edge.edge_type.as_str(), edge.source, edge.properties), ("KNOWS", id, named("edge")));
        }
    }
}

fn assert_values(store: &Store, graph: &Graph) {
    let mut infos = graph.all_indexes(store).unwrap();
    assert!(infos.iter().all(|info| !info.is_building));
    let (spec, text) = fixture::text_index();
    assert_eq!(infos.pop().map(|info| (info.spec, info.text)), Some((spec, Some(text))));
    assert_eq!(infos.iter().map(|info| info.spec.clone()).collect::<Vec<_>>(), fixture::indexes());
    let by_value = infos.iter().find(|info| info.spec.properties[0] == "value").unwrap().id;

    let (values, nodes) = (fixture::values(), graph.nodes_by_label(store, "Typed").unwrap());
    assert_eq!(nodes.len(), values.len());
    for (value, &id) in values.iter().zip(&nodes) {
        assert_eq!(graph.node(store, id).unwrap().unwrap().properties, typed(value));
        let bytes = pack(value);
        let sought = graph.seek(store, by_value, &Seek { equal: &[&bytes], ..Seek::default() }).unwrap();
        // Vectors are in no index.
        assert_eq!(sought.is_none(), matches!(value, rmpv::Value::Ext(23, _)));
        if let Some(mut cursor) = sought {
            let mut found = Vec::new();
            cursor.next_batch(graph, store, 10, &mut found).unwrap();
            assert_eq!(found, [id.0], "{value}");
        }
    }

    let hub = graph.nodes_by_label(store, "Hub").unwrap()[0];
    let filter = NeighborFilter { types: &["HAS"], ..NeighborFilter::default() };
    let mut expected = nodes.clone();
    expected.insert(0, hub);
    let neighbors = graph.neighbors(store, hub, &filter).unwrap();
    assert_eq!(neighbors.iter().map(|found| found.node).collect::<Vec<_>>(), expected);
    let has = graph.edge_type_number(store, "HAS").unwrap().unwrap();
    assert_eq!(graph.count_edge_type(store, has).unwrap(), values.len() as u64 + 1);
}
