//! The vectors of the kept store of storage format 1 are found as they were written, and its graph is refused.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../engine/tests/fixtures/format-1/content.rs"]
mod content;

use common::code;
use sledstore_engine::{ErrorCode, Options, Store};
use sledstore_graph::Graph;
use sledstore_vector::{Metric, Search, StoredVector, VectorIndex, VectorOptions};

#[test]
fn vectors_are_found() {
    let folder = tempfile::tempdir().unwrap();
    content::unpack(1, folder.path());
    let store = Store::open(folder.path(), &Options::default()).unwrap();

    // Its graph has the rows of a version that nobody was given.
    assert_eq!(code(Graph::open(&store, "people").map(|_| ())), ErrorCode::NamespaceMismatch);

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
