//! The lane that writes vectors, and holds a search against distances of its own.

use std::collections::BTreeMap;

use rand::Rng;
use sledstore_engine::{Batch, Durability, Result, Seq, Store};
use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions};

use crate::graph::properties;
use crate::lane::Lane;
use crate::progress::Progress;
use crate::work::Work;

const DIMENSIONS: usize = 8;
const KEYS: u16 = 60;
/// There is a graph from so many vectors on, and a fold after so many steps.
const COMPARED: usize = 20;
const STEPS_PER_FOLD: u64 = 16;
/// Neighbors that a check asks for.
const NEAREST: usize = 7;

#[derive(Clone, Debug, PartialEq)]
struct Stored {
    vector: Vec<f32>,
    attributes: Option<Vec<u8>>,
}

/// The lane of vectors.
pub struct VectorLane {
    seed: u64,
    progress: Progress,
    index: VectorIndex,
    content: BTreeMap<u16, Stored>,
}

impl VectorLane {
    pub fn begin(store: &Store, seed: u64) -> Result<Self> {
        let index = VectorIndex::open(
            store,
            "proof",
            &VectorOptions { compared_max: COMPARED, ..VectorOptions::new(DIMENSIONS, Metric::L2) },
        )?;
        Ok(Self { seed, progress: Progress::open(store, Lane::Vector)?, index, content: BTreeMap::new() })
    }

    /// What is put (or removed, where there is nothing) by a step.
    fn step(&self, number: u64) -> Vec<(u16, Option<Stored>)> {
        let mut random = Lane::Vector.random(self.seed, number);
        let count = random.random_range(1..=3);
        let changes: BTreeMap<u16, Option<Stored>> = (0..count)
            .map(|at| {
                let key = random.random_range(0..KEYS);
                let stored = random.random_ratio(3, 4).then(|| Stored {
                    vector: (0..DIMENSIONS).map(|_| random.random_range(-4_i8..=4).into()).collect(),
                    attributes: random.random::<bool>().then(|| properties(number, at)),
                });
                (key, stored)
            })
            .collect();
        changes.into_iter().collect()
    }

    fn apply(&mut self, changes: Vec<(u16, Option<Stored>)>) {
        for (key, stored) in changes {
            match stored {
                Some(stored) => drop(self.content.insert(key, stored)),
                None => drop(self.content.remove(&key)),
            }
        }
    }

    /// The nearest to a query, found by walking all.
    fn nearest(&self, query: &[f32]) -> Vec<Vec<u8>> {
        let squared = |vector: &[f32]| -> f64 {
            vector.iter().zip(query).map(|(a, b)| f64::from(a - b) * f64::from(a - b)).sum()
        };
        let mut all: Vec<(f64, u16)> =
            self.content.iter().map(|(key, stored)| (squared(&stored.vector), *key)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all.into_iter().take(NEAREST).map(|(_, key)| key.to_be_bytes().to_vec()).collect()
    }
}

impl Work for VectorLane {
    fn perform(&mut self, store: &Store, number: u64, level: Durability) -> Result<Seq> {
        let changes = self.step(number);
        let mut batch = Batch::new();
        for (key, stored) in &changes {
            match stored {
                Some(stored) => {
                    self.index.put(&mut batch, &key.to_be_bytes(), &stored.vector, stored.attributes.as_deref())?;
                }
                None => self.index.delete(&mut batch, &key.to_be_bytes())?,
            }
        }
        self.progress.write(&mut batch, number)?;
        let seq = store.commit(&batch, level)?;
        self.apply(changes);
        if number.is_multiple_of(STEPS_PER_FOLD) {
            self.index.compact()?;
        }
        Ok(seq)
    }

    fn replay(&mut self, number: u64) {
        let changes = self.step(number);
        self.apply(changes);
    }

    fn differences(&self, store: &Store) -> Result<Vec<String>> {
        let snapshot = store.snapshot()?;
        let mut differences = Vec::new();
        let count = self.index.count(&snapshot)?;
        if count != self.content.len() as u64 {
            differences.push(format!("vectors: {count} of {}", self.content.len()));
        }
        for (key, stored) in &self.content {
            let found = self.index.get(&snapshot, &key.to_be_bytes())?;
            let found = found.map(|found| Stored { vector: found.vector, attributes: found.attributes });
            if found.as_ref() != Some(stored) {
                differences.push(format!("vector {key}: {found:?} where {stored:?} is"));
            }
        }
        differences.extend(self.index.verify(&snapshot)?);
        let query = [0.5_f32; DIMENSIONS];
        let found = self.index.search(&snapshot, &query, &Search::nearest(NEAREST))?;
        let found: Vec<Vec<u8>> = found.into_iter().map(|neighbor| neighbor.key).collect();
        if found != self.nearest(&query) {
            differences.push(format!("the nearest vectors are {found:?}"));
        }
        Ok(differences)
    }
}
