//! Writes the store whose graph later versions must open: `cargo run -p sledstore-graph --example graph_fixture`.
//!
//! It holds every kind of row, in blocks and in the journal, and is packed while it is open, as a killed process leaves
//! it. Rows that were released are never written again, so this runs once a form of them.
#![allow(clippy::print_stdout, clippy::unwrap_used)] // a tool for those who change the format

#[path = "../tests/common/fixture.rs"]
mod content;

use std::path::Path;

use content::{named, typed};
use sledstore_engine::{Durability, Options, Result, Store, Transaction};
use sledstore_graph::Graph;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &Options { memory_budget: 24 << 20, ..Options::default() }).unwrap();
    let graph = Graph::open(&store, "people").unwrap();
    for spec in content::indexes() {
        graph.build_index(&spec, Durability::Full, &mut |_, _| true).unwrap();
    }
    let (spec, text) = content::text_index();
    graph.build_text_index(&spec, &text, Durability::Full, &mut |_, _| true).unwrap();
    store.transact(Durability::Full, |tx| write_people(&graph, tx)).unwrap();
    let hub = store.transact(Durability::Full, |tx| write_values(&graph, tx)).unwrap();
    assert!(graph.pack_edges(&mut |_| true).unwrap() > 0);
    write_counts(&store, &graph);
    store.checkpoint().unwrap();
    store.transact(Durability::Full, |tx| graph.add_edge(tx, "HAS", hub, hub, &named("alone"))).unwrap();
    store.flush().unwrap();
    pack(folder.path());
}

fn write_people(graph: &Graph, tx: &mut Transaction) -> Result<()> {
    let mut people = Vec::new();
    for number in 0..content::PEOPLE {
        people.push(graph.add_node(tx, &["Person"], &named(&format!("node {number}")))?);
    }
    for pair in people.windows(2) {
        graph.add_edge(tx, "KNOWS", pair[0], pair[1], &named("edge"))?;
    }
    Ok(())
}

fn write_values(graph: &Graph, tx: &mut Transaction) -> Result<sledstore_graph::NodeId> {
    let hub = graph.add_node(tx, &["Hub"], &[])?;
    for value in content::values() {
        let node = graph.add_node(tx, &["Typed"], &typed(&value))?;
        graph.add_edge(tx, "HAS", hub, node, &named("packed"))?;
    }
    Ok(hub)
}

/// Enough commits for totals, and for changes that are in none.
fn write_counts(store: &Store, graph: &Graph) {
    for _ in 0..200 {
        let add_and_remove = |tx: &mut Transaction| {
            let node = graph.add_node(tx, &["Gone"], &[])?;
            graph.remove_node(tx, node)
        };
        store.transact(Durability::None, add_and_remove).unwrap();
        std::thread::sleep(std::time::Duration::from_micros(50));
    }
}

fn pack(folder: &Path) {
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all(".", folder).unwrap();
    let packed = lz4_flex::compress_prepend_size(&archive.into_inner().unwrap());
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join(content::PACKED);
    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
    std::fs::write(&target, &packed).unwrap();
    println!("{} bytes", packed.len());
}
