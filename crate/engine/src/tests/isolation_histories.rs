//! Random transactions of many threads, with checkpoints between, leave a history that could have run one by one (E5).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::isolation_checker::{Record, Recorded, violation};
use super::{seed, setting, small_options};
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::range::KeyRange;
use crate::store::Store;

const THREADS: u64 = 4;
const KEYS: u32 = 12;

fn key(random: &mut SmallRng) -> Vec<u8> {
    format!("key-{:02}", random.random_range(0..KEYS)).into_bytes()
}

fn range(random: &mut SmallRng) -> KeyRange {
    match random.random_range(0..4) {
        0 => KeyRange::all(),
        1 => KeyRange::prefix(b"key-0"),
        _ => {
            let (mut start, mut end) = (key(random), key(random));
            if start > end {
                std::mem::swap(&mut start, &mut end);
            }
            KeyRange { start: std::ops::Bound::Included(start), end: std::ops::Bound::Excluded(end) }
        }
    }
}

/// One transaction of up to eight steps, most of them reads.
fn transaction(
    store: &Store,
    namespaces: &[NamespaceId],
    random: &mut SmallRng,
    number: &AtomicU64,
    history: &mut Vec<Record>,
) -> bool {
    let mut transaction = Recorded::begin(store);
    for _ in 0..random.random_range(1..8) {
        let namespace = namespaces[random.random_range(0..namespaces.len())];
        match random.random_range(0..20) {
            0..=7 => drop(transaction.get(namespace, &key(random))),
            8..=10 => {
                let take = if random.random() { usize::MAX } else { random.random_range(0..4) };
                drop(transaction.scan(namespace, &range(random), random.random(), take));
            }
            11..=16 => {
                let length = if random.random_ratio(1, 4) { 3_000 } else { 30 };
                let value = format!("{:0length$}", number.fetch_add(1, Ordering::Relaxed));
                transaction.put(namespace, &key(random), value.as_bytes());
            }
            17 => transaction.clear(namespace, &range(random)),
            18 => std::thread::yield_now(),
            _ => transaction.delete(namespace, &key(random)),
        }
    }
    transaction.commit(history)
}

/// Runs threads side by side; gives what they did, and how many transactions met a conflict.
fn run(seed: u64, steps: u64, validates_nothing: bool) -> (Vec<Record>, usize) {
    let store = Store::memory(&small_options()).unwrap();
    store.inner.validates_nothing.store(validates_nothing, Ordering::SeqCst);
    let names = ["a", "b", "c"];
    let namespaces = names.map(|name| store.namespace(name, &NamespaceOptions::default()).unwrap().id);
    let (number, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let (mut history, mut conflicts) = (Vec::new(), 0);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (store, namespaces, number) = (&store, &namespaces, &number);
                scope.spawn(move || {
                    let mut random = SmallRng::seed_from_u64(seed.wrapping_mul(THREADS).wrapping_add(thread));
                    let mut history = Vec::new();
                    let refused = (0..steps)
                        .filter(|_| !transaction(store, namespaces, &mut random, number, &mut history))
                        .count();
                    (history, refused)
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                store.checkpoint().unwrap();
            }
        });
        for thread in threads {
            let (records, refused) = thread.join().unwrap();
            history.extend(records);
            conflicts += refused;
        }
        done.store(true, Ordering::Release);
    });
    assert!(store.stats().checkpoints > 3, "the checkpoints are what moves versions about");
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    (history, conflicts)
}

#[test]
fn concurrent_transactions_are_serializable() {
    let (first, steps) = (seed(), setting("SLEDSTORE_STEPS", 1_500));
    let (mut done, mut refused) = (0, 0);
    for at in 0..setting("SLEDSTORE_RUNS", 4) {
        let seed = first.wrapping_add(at);
        let (history, conflicts) = run(seed, steps, false);
        assert_eq!(violation(&history), None, "SLEDSTORE_SEED={seed}");
        done += history.len();
        refused += conflicts;
    }
    eprintln!("{done} transactions, {refused} conflicts");
    assert!(refused > 0 && refused < done / 2, "{refused} of {done} met a conflict");
}

#[test]
fn without_validation_the_checker_finds_it() {
    let first = seed();
    let found = (0..20).any(|at| violation(&run(first.wrapping_add(at), 1_000, true).0).is_some());
    assert!(found, "no anomaly in 20 runs without validation");
}
