//! The graph and the vectors of the kept store of storage format 1 are found as they were written.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../engine/tests/fixtures/format-1/content.rs"]
mod content;

use common::assert_sound;
use content::named;
use sledstore_engine::{Options, Store};
use sledstore_graph::{Direction, Graph, NeighborFilter};
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
