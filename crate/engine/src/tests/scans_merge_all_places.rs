//! Scans of blocks with several groups, runs, frozen memtables and the active one give what an ordered map gives, in both
//! directions, by pages of any size, at any seq.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::Ordering;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::{Bed, seed, setting, small_options};
use crate::batch::Batch;
use crate::checkpoint::Drain;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::Options;
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Store};

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

const KEYS: u32 = 6_000;
const SCANS: usize = 60;

/// Keys of different lengths, some of which begin others.
fn key(row: u32) -> Vec<u8> {
    let text = format!("row-{:05}", row / 3);
    [text.as_bytes(), &b"--"[..(row % 3) as usize]].concat()
}

struct Layers {
    store: Store,
    namespace: NamespaceId,
    model: Model,
    random: SmallRng,
}

impl Layers {
    fn new(bed: &Bed, seed: u64) -> Self {
        let options = Options { block_bytes: Some(4 << 10), memtable_bytes: Some(1 << 20), ..small_options() };
        let store = bed.open(&options).unwrap();
        store.inner.spills_always.store(true, Ordering::Relaxed);
        let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        Self { store, namespace, model: Model::new(), random: SmallRng::seed_from_u64(seed) }
    }

    /// Puts rows of a part of the keys, and removes some of them.
    fn write(&mut self, rows: u32, from: u32, to: u32) {
        let mut batch = Batch::new();
        for _ in 0..rows {
            let key = key(self.random.random_range(from..to));
            if self.random.random_ratio(1, 4) {
                batch.delete(self.namespace, &key).unwrap();
                self.model.remove(&key);
            } else {
                let value = vec![self.random.random(); self.random.random_range(0..120)];
                batch.put(self.namespace, &key, &value).unwrap();
                self.model.insert(key, value);
            }
        }
        self.store.apply(&batch).unwrap();
    }

    fn clear(&mut self, from: u32, to: u32) {
        let (from, to) = (key(from), key(to));
        let mut batch = Batch::new();
        let range = KeyRange { start: Bound::Included(from.clone()), end: Bound::Excluded(to.clone()) };
        batch.clear(self.namespace, &range).unwrap();
        self.store.apply(&batch).unwrap();
        self.model.retain(|key, _| *key < from || *key >= to);
    }

    fn freeze(&self) {
        let writer = self.store.inner.lock_writer();
        self.store.inner.freeze(&writer).unwrap();
    }

    /// Makes a run of what is in memory.
    fn spill(&self) {
        self.freeze();
        while !self.store.inner.tables.load().frozen.is_empty() {
            self.store.inner.checkpoint_once(Drain::Anything).unwrap();
        }
    }

    fn random_key(&mut self) -> Vec<u8> {
        key(self.random.random_range(0..KEYS + 30))
    }

    /// Compares some scans of a reader with the model of its moment.
    fn check(&mut self, reader: &impl Read, model: &Model) {
        for _ in 0..SCANS {
            let [one, other] = [self.random_key(), self.random_key()];
            let (start, end) = (one.clone().min(other.clone()), one.max(other));
            let start = if self.random.random_ratio(1, 4) { Bound::Unbounded } else { Bound::Included(start) };
            let end = if self.random.random_ratio(1, 4) { Bound::Unbounded } else { Bound::Excluded(end) };
            let range = KeyRange { start, end };
            let reverse = self.random.random();
            let rows_a_page = [1, 2, 10, 50, 400, 5_000][self.random.random_range(0..6)];
            let pages_max = if rows_a_page < 50 { 8 } else { usize::MAX };
            let mut found = Vec::new();
            let mut scan =
                reader.scan(self.namespace, &range, ScanOptions { reverse, ..ScanOptions::default() }).unwrap();
            for _ in 0..pages_max {
                let sink = &mut |key: &[u8], value: &[u8]| found.push((key.to_vec(), value.to_vec()));
                if !scan.next_page(rows_a_page, usize::MAX, sink).unwrap() {
                    break;
                }
            }
            let rows =
                model.iter().filter(|(key, _)| range.contains(key)).map(|(key, value)| (key.clone(), value.clone()));
            let mut expected: Vec<_> = rows.collect();
            if reverse {
                expected.reverse();
            }
            expected.truncate(rows_a_page.saturating_mul(pages_max));
            assert!(
                found == expected,
                "{range:?}, reverse {reverse}, {rows_a_page} rows a page: {} of {} rows",
                found.len(),
                expected.len()
            );
        }
    }
}

#[test]
fn as_an_ordered_map_does() {
    let seed = seed();
    for round in 0..setting("SLEDSTORE_ROUNDS", 4) {
        let bed = Bed::new();
        let mut layers = Layers::new(&bed, seed.wrapping_add(round));
        layers.write(9_000, 0, KEYS);
        layers.store.checkpoint().unwrap();
        assert!(layers.store.inner.tables.load().runs.is_empty());
        // A run with rows all over, and one whose rows lie together, more than are read ahead at first.
        layers.write(150, 0, KEYS);
        layers.spill();
        layers.write(700, KEYS / 2, KEYS / 2 + 500);
        layers.spill();
        assert_eq!(layers.store.inner.tables.load().runs.len(), 2);
        let (snapshot, before) = (layers.store.snapshot().unwrap(), layers.model.clone());
        layers.check(&snapshot, &before);
        layers.write(400, 0, KEYS);
        layers.clear(KEYS / 3, KEYS / 3 + 200);
        layers.freeze();
        layers.write(300, 0, KEYS);
        layers.write(300, KEYS / 3, KEYS / 3 + 300);
        let (store, model) = (layers.store.clone(), layers.model.clone());
        layers.check(&store, &model);
        layers.check(&snapshot, &before);
        layers.store.checkpoint().unwrap();
        layers.check(&store, &model);
        layers.check(&snapshot, &before);
    }
}
