//! E17, E18: whatever fills one consumer of memory, the sum stays within the budget; and each one was really filled.
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sledstore_engine::{
    Batch, Durability, MemoryPlan, MemoryStats, NamespaceId, NamespaceOptions, Options, Profile, Read, Store,
};

const ROWS: u32 = 60_000;
const VALUE_BYTES: usize = 300;

struct Bed {
    _folder: tempfile::TempDir,
    store: Store,
    namespace: NamespaceId,
    plan: MemoryPlan,
}

impl Bed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            memory_budget: Profile::Embedded.memory_budget(),
            durability: Durability::None,
            ..Options::default()
        };
        let store = Store::open(folder.path(), &options).unwrap();
        let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        Self { _folder: folder, store, namespace, plan: options.memory_plan() }
    }

    /// Writes that nobody waits for, as fast as they are let in.
    fn load(&self, rows: std::ops::Range<u32>) {
        for number in rows {
            self.store.apply_overshooting(&self.batch(number, 1, VALUE_BYTES)).unwrap();
        }
    }

    fn batch(&self, first: u32, rows: u32, value_bytes: usize) -> Batch {
        let mut batch = Batch::new();
        for number in first..first + rows {
            batch.put(self.namespace, &key(number), &value(number, value_bytes)).unwrap();
        }
        batch
    }
}

/// Scattered, so that every checkpoint touches blocks everywhere.
fn key(number: u32) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
    key[4..8].copy_from_slice(&number.to_be_bytes());
    key
}

/// Half of it does not compress.
fn value(number: u32, bytes: usize) -> Vec<u8> {
    let mut state = u64::from(number) | 1 << 40;
    let mut value = vec![b'v'; bytes];
    for byte in &mut value[..bytes / 2] {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
    }
    value
}

/// The most of each consumer, of the memtables in use together, and of the sum.
#[derive(Debug, Default)]
struct Most {
    memtables: u64,
    retained: u64,
    block_cache: u64,
    sled: u64,
    journal: u64,
    total: u64,
}

impl Most {
    fn note(&mut self, now: &MemoryStats) {
        self.memtables = self.memtables.max(now.active_memtable + now.frozen_memtables);
        self.retained = self.retained.max(now.retained_memtables);
        self.block_cache = self.block_cache.max(now.block_cache);
        self.sled = self.sled.max(now.sled);
        self.journal = self.journal.max(now.journal_buffer);
        self.total = self.total.max(now.total);
    }
}

fn most_during(store: &Store, work: impl FnOnce()) -> Most {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut most = Most::default();
            while !over.load(Ordering::Relaxed) {
                most.note(&store.stats().memory);
                std::thread::sleep(Duration::from_micros(200));
            }
            most
        });
        work();
        over.store(true, Ordering::Relaxed);
        watching.join().unwrap()
    })
}

#[test]
fn the_plan_spends_the_budget_and_no_more() {
    for (name, profile) in Profile::ALL {
        let plan = Options { memory_budget: profile.memory_budget(), ..Options::default() }.memory_plan();
        let sum = plan.memtables_bytes
            + plan.validation_bytes
            + plan.block_cache_bytes
            + plan.sled_bytes
            + plan.runs_bytes
            + plan.journal_buffer_bytes;
        let budget = usize::try_from(profile.memory_budget()).unwrap();
        assert!(sum <= budget && sum > budget / 100 * 99, "{name}: {sum} of {budget}: {plan:?}");
    }
}

#[test]
fn every_consumer_filled_at_once_stays_within_the_budget() {
    let bed = Bed::new();
    let transaction = bed.store.begin().unwrap();
    let writing = most_during(&bed.store, || bed.load(0..ROWS));
    bed.store.checkpoint().unwrap();
    let reading = most_during(&bed.store, || {
        for number in 0..ROWS {
            let found = bed.store.get_with(bed.namespace, &key(number), |value| value.len()).unwrap();
            assert_eq!(found, Some(VALUE_BYTES));
        }
    });
    drop(transaction);

    let plan = bed.plan;
    // A buffer is over its share by what was put last.
    let within = |bytes: u64, planned: usize| (planned as u64 / 2..=planned as u64 + 4_096).contains(&bytes);
    assert!(within(writing.memtables, plan.memtables_bytes), "{writing:?} {plan:?}");
    assert!(within(writing.retained, plan.validation_bytes), "{writing:?} {plan:?}");
    assert!(within(writing.journal, plan.journal_buffer_bytes), "{writing:?} {plan:?}");
    let block_cache_bytes = plan.block_cache_bytes_max - usize::try_from(reading.retained).unwrap();
    assert!(within(reading.block_cache, block_cache_bytes), "{reading:?} {plan:?}");
    assert!(within(reading.sled, plan.sled_bytes), "{reading:?} {plan:?}");
    let budget = bed.store.options().memory_budget;
    for most in [writing, reading] {
        assert!(most.total <= budget, "{most:?} {plan:?}");
    }
}

#[test]
fn a_batch_of_half_the_budget_waits_for_empty_memtables() {
    let bed = Bed::new();
    let batch = bed.batch(ROWS, 2_900, 4_000);
    let bytes = batch.as_bytes().len() as u64;
    assert!(bytes > bed.store.options().memory_budget * 9 / 20, "{bytes}");
    let most = most_during(&bed.store, || {
        for round in 0..3 {
            bed.load(round * 2_000..(round + 1) * 2_000);
            bed.store.apply_overshooting(&batch).unwrap();
        }
    });
    // The batch alone is in the memtables, and in the journal's buffer until that is written.
    let held = bytes + bytes / 8;
    assert!(most.memtables <= held, "{most:?}");
    assert!(most.total <= bed.store.options().memory_budget + 2 * held, "{most:?}");
    assert_eq!(bed.store.get(bed.namespace, &key(ROWS)).unwrap(), Some(value(ROWS, 4_000)));
}
