//! Queries at new and old snapshots answer what their snapshot holds, while a lane changes the graph, indexes come and go,
//! checkpoints run, and what was gathered in memory is of other moments; and while graphs are dropped.

use sledstore_engine::{Compression, Options, Store};
use sledstore_proof::beside::{Ran, read_beside, read_beside_drops};

fn random(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn open(folder: &std::path::Path) -> Store {
    let options = Options {
        memory_budget: 24 << 20,
        memtable_bytes: Some(64 << 10),
        block_bytes: Some(1_024),
        compression: Some(Compression::Lz4),
        ..Options::default()
    };
    Store::open(folder, &options).expect("a store")
}

#[test]
fn while_a_lane_writes() {
    let seed = random("SLEDSTORE_SEED").unwrap_or_else(rand::random);
    eprintln!("SLEDSTORE_SEED={seed}");
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("store"));
    let ran = read_beside(&store, seed, random("SLEDSTORE_STEPS").unwrap_or(600), 3).expect("no error");
    eprintln!("{} snapshots were read, {} with edges in memory", ran.read, ran.gathered);
    assert_eq!(ran.wrong, Vec::<String>::new());
    assert!(ran.read > 0 && ran.gathered > 0, "nothing was read, or nothing was in memory");
}

#[test]
fn while_graphs_are_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("store"));
    let Ran { wrong, read, .. } = read_beside_drops(&store, 120, 3).expect("no error");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(read > 0, "nothing was read");
}
