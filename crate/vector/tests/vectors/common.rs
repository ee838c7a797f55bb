//! What the tests share: a seeded generator, stores, and a search that is written the plain way.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{Batch, Durability, Error, ErrorCode, Options, Result, Store};
use sledstore_vector::{Metric, Neighbor, VectorIndex, VectorOptions};

/// A generator whose seed is printed, and taken from `SLEDSTORE_SEED` when that is set.
pub fn random() -> StdRng {
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random);
    println!("SLEDSTORE_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

pub fn memory() -> Store {
    Store::memory(&Options::default()).unwrap()
}

pub fn open(store: &Store, dimensions: usize, metric: Metric) -> VectorIndex {
    VectorIndex::open(store, "test", &VectorOptions::new(dimensions, metric)).unwrap()
}

pub fn vector(random: &mut StdRng, dimensions: usize) -> Vec<f32> {
    (0..dimensions).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// Puts vectors in one commit.
pub fn put(index: &VectorIndex, vectors: &[(Vec<u8>, Vec<f32>)]) {
    let mut batch = Batch::new();
    for (key, vector) in vectors {
        index.put(&mut batch, key, vector, None).unwrap();
    }
    index.store().commit(&batch, Durability::None).unwrap();
}

pub fn keys(found: &[Neighbor]) -> Vec<String> {
    found.iter().map(|neighbor| String::from_utf8_lossy(&neighbor.key).into_owned()).collect()
}

pub fn code<T>(result: Result<T>) -> Option<ErrorCode> {
    result.err().as_ref().map(Error::code)
}

/// The distance by its definition, in f64.
pub fn distance(metric: Metric, a: &[f32], b: &[f32]) -> f64 {
    let wide = |v: &[f32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
    let (a, b) = (wide(a), wide(b));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    match metric {
        Metric::Cosine => 1.0 - dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt(),
        Metric::Dot => -dot(&a, &b),
        Metric::L2 => a.iter().zip(&b).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt(),
        Metric::Hamming => a.iter().zip(&b).filter(|(x, y)| x != y).count() as f64,
    }
}

/// Distances of f32 sums differ from the exact ones by rounding.
pub fn close(found: f64, exact: f64, scale: f64) -> bool {
    (found - exact).abs() <= 1e-5 * scale.max(1.0)
}

/// Asserts that `found` are the `k` nearest, each once, by the distances of the definition that `exact` has by key. Two
/// that lie closer together than f32 sums of such a `scale` tell apart may stand in either order.
#[track_caller]
pub fn assert_nearest<'k>(found: &[Neighbor], exact: impl Iterator<Item = (&'k [u8], f64)>, k: usize, scale: f64) {
    let mut exact: BTreeMap<&[u8], f64> = exact.collect();
    let mut ranks: Vec<f64> = exact.values().copied().collect();
    ranks.sort_by(f64::total_cmp);
    ranks.truncate(k);
    assert_eq!(found.len(), ranks.len());
    for (neighbor, rank) in found.iter().zip(ranks) {
        // Taken out, so that none counts twice.
        let own = exact.remove(&neighbor.key[..]).expect("a key that may be found, once");
        assert!(close(own, rank, scale.max(rank)), "{:?} at {own}, where {rank} is due", neighbor.key);
        assert!(
            close(neighbor.distance, own, scale.max(own)),
            "{:?} at {}, not {own}",
            neighbor.key,
            neighbor.distance
        );
    }
}

/// `{ name: text }` as MessagePack, for short names and texts.
pub fn map(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = vec![0x80 | pairs.len() as u8];
    for text in pairs.iter().flat_map(|(name, value)| [name, value]) {
        bytes.push(0xa0 | text.len() as u8);
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}
