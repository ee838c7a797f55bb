//! The graph and the vectors of the kept store of storage format 1 are found as they were written.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../engine/tests/fixtures/format-1/content.rs"]
mod content;

use common::{assert_sound, format_1, pack};
use content::named;
use sledstore_engine::{Options, Store};
use sledstore_graph::{Direction, Graph, NeighborFilter, Seek};
use sledstore_vector::{Metric, Search, StoredVector, VectorIndex, VectorOptions};

#[test]
fn nodes_edges_and_vectors_are_found() {
    let folder = tempfile::tempdir().unwrap();
    content::unpack(folder.path());
    let store = Store::open(folder.path(), &Options::default()).unwrap();

    let graph = Graph::open(&store, "people").unwrap();
    assert_sound(&store, &graph);
    assert_eq!(graph.indexes(&store).unwrap().len(), 1);
    let nodes = graph.nodes_by_label(&store, "Person").unwrap();
    assert_eq!(nodes.len() as u64, content::NODES);
    for (number, &id) in nodes.iter().enumerate() {
        let node = graph.node(&store, id).unwrap().unwrap();
        assert_eq!((node.labels, node.properties), (vec!["Person".into()], named(&format!("node {number}"))));
        let filter = NeighborFilter { direction: Direction::Out, ..NeighborFilter::default() };
        let neighbors = graph.neighbors(&store, id, &filter).unwrap();
        assert_eq!(
            neighbors.iter().map(|found| found.node).collect::<Vec<_>>(),
            nodes[number + 1..].iter().take(1).copied().collect::<Vec<_>>()
        );
        for found in neighbors {
            let edge = graph.edge(&store, found.edge).unwrap().unwrap();
            assert_eq!((edge.edge_type.as_str(), edge.source, edge.properties), ("KNOWS", id, named("edge")));
        }
    }

    assert_rest_of_graph(&store, &graph);
    let index = VectorIndex::open(&store, "points", &VectorOptions::new(4, Metric::L2)).unwrap();
    for number in 0..content::VECTORS {
        let (key, vector) = (content::row_key(number), content::vector(number));
        let found = index.search(&store, &vector, &Search::nearest(1)).unwrap();
        assert_eq!((found.len(), &found[0].key, found[0].distance), (1, &key, 0.0));
        let right = StoredVector { vector, attributes: content::attributes(number) };
        assert_eq!(index.get(&store, &key).unwrap(), Some(right));
    }
    assert_eq!(
        index.search(&store, &content::vector(0), &Search::nearest(100)).unwrap().len() as u32,
        content::VECTORS
    );
    store.close().unwrap();
}

fn assert_rest_of_graph(store: &Store, graph: &Graph) {
    let infos = graph.all_indexes(store).unwrap();
    assert!(infos.iter().all(|info| !info.is_building));
    assert_eq!(infos.iter().skip(1).map(|info| info.spec.clone()).collect::<Vec<_>>(), format_1::indexes());

    let values = format_1::values();
    let typed = graph.nodes_by_label(store, "Typed").unwrap();
    assert_eq!(typed.len(), values.len());
    for (value, &id) in values.iter().zip(&typed) {
        assert_eq!(graph.node(store, id).unwrap().unwrap().properties, format_1::typed(value));
        let bytes = pack(value);
        let sought = Seek { equal: &[&bytes], ..Seek::default() };
        // Vectors are in no index.
        if let Some(mut cursor) = graph.seek(store, infos[2].id, &sought).unwrap() {
            let mut found = Vec::new();
            cursor.next_batch(graph, store, 10, &mut found).unwrap();
            assert_eq!(found, [id.0], "{value}");
        }
    }

    let hub = graph.nodes_by_label(store, "Hub").unwrap()[0];
    let filter = NeighborFilter { types: &["HAS"], ..NeighborFilter::default() };
    let mut expected = typed.clone();
    expected.insert(0, hub);
    expected.sort_unstable();
    let neighbors = graph.neighbors(store, hub, &filter).unwrap();
    assert_eq!(neighbors.iter().map(|found| found.node).collect::<Vec<_>>(), expected);
    let has = graph.edge_type_number(store, "HAS").unwrap().unwrap();
    assert_eq!(graph.count_edge_type(store, has).unwrap(), values.len() as u64 + 1);
}
