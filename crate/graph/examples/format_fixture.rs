//! Writes the store that later versions must open: `cargo run -p sledstore-graph --example format_fixture -- FILE`.
//!
//! It holds every kind of content that can be on disk, and is packed while it is open, as a killed process leaves it: with
//! history, a journal that is not applied, a dropped namespace and a stream that never ended. A format that was
//! released is never written again, so this runs once a format.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // a tool for those who change the format

#[path = "../../engine/tests/fixtures/format-1/content.rs"]
mod content;

use std::ops::{Bound, Range};

use content::{named, row_key, row_value};
use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Options, Result, Store, Transaction,
};
use sledstore_graph::{Graph, Index};
use sledstore_vector::{Metric, VectorIndex, VectorOptions};

fn main() {
    let target = std::env::args().nth(1).expect("a file to write");
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &Options { memory_budget: 24 << 20, ..Options::default() }).unwrap();
    let namespace = |name: &str| store.namespace(name, &NamespaceOptions::default()).unwrap().id;
    let (rows, large) = (namespace("rows"), namespace("large"));

    write_first(&store, rows, large);
    let snapshot = store.snapshot().unwrap();
    write_again(&store, rows, large);
    write_graph(&store);
    write_vectors(&store);
    change_catalogue(&store);
    store.checkpoint().unwrap();
    write_late(&store, rows, large);

    let mut stream = store.large_writer(large).unwrap();
    stream.write(&content::large_value(150_000, 3)).unwrap();
    store.flush().unwrap();
    pack(folder.path(), &target);
    drop((snapshot, stream));
}

fn commit(store: &Store, fill: impl FnOnce(&mut Batch)) {
    let mut batch = Batch::new();
    fill(&mut batch);
    store.commit(&batch, Durability::Full).unwrap();
}

fn put_rows(store: &Store, namespace: NamespaceId, mut rows: Range<u32>, round: u32) {
    commit(store, |batch| {
        rows.try_for_each(|row| batch.put(namespace, &row_key(row), &row_value(row, round))).unwrap();
    });
}

/// Rows that go one by one, and rows that go as a range.
fn remove_rows(store: &Store, namespace: NamespaceId, mut deleted: Range<u32>, cleared: Range<u32>) {
    commit(store, |batch| deleted.try_for_each(|row| batch.delete(namespace, &row_key(row))).unwrap());
    let (start, end) = (Bound::Included(row_key(cleared.start)), Bound::Excluded(row_key(cleared.end)));
    commit(store, |batch| batch.clear(namespace, &KeyRange { start, end }).unwrap());
}

fn write_first(store: &Store, rows: NamespaceId, large: NamespaceId) {
    put_rows(store, rows, 0..content::ROWS, 0);
    for key in content::odd_keys() {
        commit(store, |batch| batch.put(rows, &key, &row_value(key.len() as u32, 9)).unwrap());
    }
    for (key, value) in content::large().iter().filter(|(key, _)| key.as_slice() != b"journal") {
        commit(store, |batch| batch.put(large, key, value).unwrap());
    }
    commit(store, |batch| batch.put(large, b"replaced", &content::large_value(35_000, 1)).unwrap());
    store.checkpoint().unwrap();
}

/// What a snapshot reads goes to history.
fn write_again(store: &Store, rows: NamespaceId, large: NamespaceId) {
    put_rows(store, rows, content::OVERWRITTEN, 1);
    remove_rows(store, rows, content::DELETED, content::CLEARED);
    commit(store, |batch| batch.put(large, b"replaced", &content::large()[&b"replaced"[..]]).unwrap());
}

/// Only the journal has these.
fn write_late(store: &Store, rows: NamespaceId, large: NamespaceId) {
    put_rows(store, rows, content::OVERWRITTEN_LATE, 2);
    remove_rows(store, rows, content::DELETED_LATE, content::CLEARED_LATE);
    commit(store, |batch| batch.put(large, b"journal", &content::large()[&b"journal"[..]]).unwrap());
}

fn write_graph(store: &Store) {
    let graph = Graph::open(store, "people").unwrap();
    let index = Index { label: Some("Person".into()), property: "name".into(), unique: true };
    graph.create_index(&index, Durability::Full, &mut |_, _| true).unwrap();
    let fill = |tx: &mut Transaction| -> Result<()> {
        let mut nodes = Vec::new();
        for number in 0..content::NODES {
            nodes.push(graph.add_node(tx, &["Person"], &named(&format!("node {number}")))?);
        }
        for pair in nodes.windows(2) {
            graph.add_edge(tx, "KNOWS", pair[0], pair[1], &named("edge"))?;
        }
        Ok(())
    };
    store.transact(Durability::Full, fill).unwrap();
}

fn write_vectors(store: &Store) {
    let index = VectorIndex::open(store, "points", &VectorOptions::new(4, Metric::L2)).unwrap();
    commit(store, |batch| {
        for number in 0..content::VECTORS {
            let attributes = content::attributes(number);
            index.put(batch, &row_key(number), &content::vector(number), attributes.as_deref()).unwrap();
        }
    });
}

fn change_catalogue(store: &Store) {
    let codecs = NamespaceOptions { key_codec: "string".into(), value_codec: "json".into() };
    let renamed = store.namespace("before", &codecs).unwrap().id;
    put_rows(store, renamed, 0..10, 0);
    store.rename_namespace("before", "after").unwrap();
    let dropped = store.namespace("dropped", &NamespaceOptions::default()).unwrap().id;
    put_rows(store, dropped, 0..200, 0);
    commit(store, |batch| batch.put(dropped, b"large", &content::large_value(20_000, 5)).unwrap());
    // In blocks, where the snapshot keeps them.
    store.checkpoint().unwrap();
    store.drop_namespace("dropped").unwrap();
}

fn pack(folder: &std::path::Path, target: &str) {
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all(".", folder).unwrap();
    let packed = lz4_flex::compress_prepend_size(&archive.into_inner().unwrap());
    std::fs::write(target, &packed).unwrap();
    println!("{} bytes", packed.len());
}
