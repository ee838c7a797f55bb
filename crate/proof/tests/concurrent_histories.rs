//! Random clients of many threads, with checkpoints between, leave a history that could have run one by one, in the order of
//! real time (E5, E6); and the checker that says so finds clients that are broken.
#![allow(clippy::unwrap_used)] // a test may panic

use sledstore_engine::{Durability, Options, Store};
use sledstore_proof::concurrent::{Concurrent, Ran};
use sledstore_proof::history::{Fault, violation};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn seed() -> u64 {
    let seed = setting("SLEDSTORE_SEED", rand::random());
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

fn run(seed: u64, steps: u64, fault: Option<Fault>) -> Ran {
    let options = Options {
        durability: Durability::None,
        memtable_bytes: Some(64 << 10),
        block_bytes: Some(512),
        memory_budget: 24 << 20,
        ..Options::default()
    };
    let store = Store::memory(&options).unwrap();
    let ran = Concurrent { seed, threads: 4, steps, fault }.run(&store).unwrap();
    assert!(store.stats().checkpoints > 3, "the checkpoints are what moves versions about");
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    ran
}

#[test]
fn are_strictly_serializable() {
    let (first, steps) = (seed(), setting("SLEDSTORE_STEPS", 1_500));
    let (mut done, mut refused) = (0, 0);
    for at in 0..setting("SLEDSTORE_RUNS", 3) {
        let seed = first.wrapping_add(at);
        let ran = run(seed, steps, None);
        assert_eq!(violation(&ran.history), None, "SLEDSTORE_SEED={seed}");
        done += ran.history.len() as u64;
        refused += ran.conflicts;
    }
    eprintln!("{done} records, {refused} conflicts");
    assert!(refused > 0 && refused < done / 2, "{refused} of {done} met a conflict");
}

#[test]
fn of_broken_clients_are_found() {
    let first = seed();
    for fault in [Fault::Unchecked, Fault::Stale, Fault::Torn] {
        let found = (0..20).any(|at| violation(&run(first.wrapping_add(at), 600, Some(fault)).history).is_some());
        assert!(found, "{fault:?} was not found in 20 runs");
    }
}
