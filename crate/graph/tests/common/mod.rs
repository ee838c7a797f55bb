//! What the tests of this crate share.
#![allow(dead_code, clippy::unwrap_used)]

pub mod fixture;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rmpv::Value;
use sledstore_engine::{Durability, Error, ErrorCode, Options, Result, Store, Transaction};
use sledstore_graph::{Graph, Index};

/// A store in memory with a graph in it.
pub fn memory_graph() -> (Store, Graph) {
    let store = Store::memory(&Options::default()).unwrap();
    let graph = Graph::open(&store, "test").unwrap();
    (store, graph)
}

/// Runs `f` in a transaction and commits it.
pub fn change<T>(store: &Store, f: impl FnMut(&mut Transaction) -> Result<T>) -> Result<T> {
    store.transact(Durability::None, f)
}

/// Creates an index; tells whether there was none.
pub fn index(graph: &Graph, label: Option<&str>, property: &str, unique: bool) -> Result<bool> {
    let index = Index { label: label.map(str::to_owned), property: property.to_owned(), unique };
    graph.create_index(&index, Durability::None, &mut |_, _| true)
}

/// A property map.
pub fn map(pairs: &[(&str, Value)]) -> Vec<u8> {
    pack(&Value::Map(pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()))
}

/// Any MessagePack value.
pub fn pack(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

/// The code of a failure.
pub fn code<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    result.map_err(|error: Error| error.code()).unwrap_err()
}

/// G1, G2 and G5 hold.
pub fn assert_sound(store: &Store, graph: &Graph) {
    assert_eq!(graph.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
}

/// A generator whose seed is printed, and taken from `SLEDSTORE_SEED` when that is set.
pub fn random() -> StdRng {
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(fresh_seed);
    eprintln!("SLEDSTORE_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}
