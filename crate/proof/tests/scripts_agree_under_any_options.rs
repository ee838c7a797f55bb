//! The same steps under two sets of options give the answers of a plain map, and the harness that says so finds a store
//! that was meddled with.
#![allow(clippy::unwrap_used)] // a test may panic

use sledstore_engine::{Batch, Durability, KeyRange, NamespaceOptions, Read, ScanOptions, Store};
use sledstore_proof::model::{Tuning, cycle, play, play_meddled};

fn seed() -> u64 {
    let given = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| rand::random::<u32>().into());
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

#[test]
fn answers_are_right() {
    let first = seed();
    for seed in first..first + 4 {
        let outcome = cycle(seed);
        assert_eq!(outcome.notes, Vec::<String>::new(), "SLEDSTORE_SEED={seed}");
        assert!(outcome.counts["answers"] > 500 && outcome.counts["transactions"] > 300);
    }
}

#[test]
fn a_changed_row_is_found() {
    let (seed, tuning) = (7, Tuning::draw(7, 0));
    assert!(play(seed, &tuning).is_ok());
    let lost = |store: &Store, round: u64| {
        let namespace = store.namespace("actor 0 space 0", &NamespaceOptions::default())?.id;
        let row = store.scan(namespace, &KeyRange::all(), ScanOptions::default())?.nth(3);
        let mut batch = Batch::new();
        if let (Some(row), 9) = (row, round) {
            batch.delete(namespace, &row?.0)?;
        }
        store.commit(&batch, Durability::None).map(drop)
    };
    assert!(play_meddled(seed, &tuning, &lost).is_err());
}

#[test]
fn a_row_that_came_back_is_found() {
    let (seed, tuning) = (8, Tuning::draw(8, 1));
    let extra = |store: &Store, round: u64| {
        let namespace = store.namespace("actor 1 space 1", &NamespaceOptions::default())?.id;
        let mut batch = Batch::new();
        if round == 9 {
            batch.put(namespace, b"key-00499+", b"")?;
        }
        store.commit(&batch, Durability::None).map(drop)
    };
    assert!(play_meddled(seed, &tuning, &extra).is_err());
}

#[test]
fn an_answer_that_differs_between_runs_is_found() {
    let [one, mut other] = [0, 1].map(|number| play(9, &Tuning::draw(9, number)).unwrap());
    assert_eq!(one.difference(&other), None);
    let both = |at: &usize| one.answers[*at].is_some() && other.answers[*at].is_some();
    let at = (100..one.answers.len()).find(both).unwrap();
    other.answers[at] = other.answers[at].map(|answer| !answer);
    assert_eq!(one.difference(&other), Some(at));
}
