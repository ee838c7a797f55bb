//! What filters find in the orders of attributes is what there is, at each moment: while vectors and attributes change and are
//! folded, at snapshots of before, to several threads that ask first, and where the memory budget has no room for an order.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand::rngs::StdRng;
use sledstore_engine::{Batch, Durability, Loan, Read, Snapshot, Store};
use sledstore_vector::{Filter, Metric, Plan, Search, VectorIndex, VectorOptions, Way};

use crate::common;

const DIMENSIONS: usize = 8;
const KEYS: u16 = 400;

/// Numbers and short texts of vectors that have attributes.
type Model = BTreeMap<Vec<u8>, Option<(u8, &'static str)>>;

const TEXTS: [&str; 5] = ["a", "ab", "abc", "b", ""];

/// `{ n: number, t: text }`
fn attributes((number, text): (u8, &str)) -> Vec<u8> {
    [&[0x82, 0xa1, b'n', number, 0xa1, b't', 0xa0 | text.len() as u8], text.as_bytes()].concat()
}

/// Filters, and what each lets pass.
type Case = (&'static [u8], fn(Option<(u8, &str)>) -> bool);
const CASES: [Case; 7] = [
    (b"\x81\xa1n\x03", |of| of.is_some_and(|(n, _)| n == 3)),
    (b"\x81\xa1n\xcb\x40\x08\0\0\0\0\0\0", |of| of.is_some_and(|(n, _)| n == 3)),
    (b"\x81\xa1n\x82\xa3gte\x02\xa2lt\x04", |of| of.is_some_and(|(n, _)| (2..4).contains(&n))),
    (b"\x81\xa1t\x81\xaastartsWith\xa2ab", |of| of.is_some_and(|(_, t)| t.starts_with("ab"))),
    (b"\x82\xa1n\x81\xa2in\x92\x01\x07\xa1t\xa1a", |of| of.is_some_and(|(n, t)| (n == 1 || n == 7) && t == "a")),
    (b"\x81\xa4$not\x81\xa1t\x81\xa2gt\xa1a", |of| of.is_none_or(|(_, t)| t <= "a")),
    (b"\x81\xa3$or\x92\x81\xa1n\x05\x81\xa1t\xa0", |of| of.is_some_and(|(n, t)| n == 5 || t.is_empty())),
];

fn opened(store: &Store) -> VectorIndex {
    let options = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::L2) };
    VectorIndex::open(store, "test", &options).unwrap()
}

fn change(random: &mut StdRng, index: &VectorIndex, model: &mut Model, most: usize) {
    let mut batch = Batch::new();
    for _ in 0..random.random_range(1..=most) {
        let key = random.random_range(0..KEYS).to_be_bytes().to_vec();
        if random.random_ratio(1, 4) {
            index.delete(&mut batch, &key).unwrap();
            model.remove(&key);
            continue;
        }
        let of =
            random.random_ratio(7, 8).then(|| (random.random_range(0..9), TEXTS[random.random_range(0..TEXTS.len())]));
        // The same vector as before for a key, so that only the attributes are others.
        let vector = [f32::from(key[0]), f32::from(key[1]), 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        index.put(&mut batch, &key, &vector, of.map(attributes).as_deref()).unwrap();
        model.insert(key, of);
    }
    index.store().commit(&batch, Durability::None).unwrap();
}

fn ask(index: &VectorIndex, read: &impl Read, filter: &[u8]) -> (BTreeSet<Vec<u8>>, Plan) {
    let filter = Filter::parse(filter).unwrap();
    let search = Search { filter: Some(&filter), ..Search::nearest(usize::from(KEYS)) };
    let (found, plan) = index.search_explained(read, &[0.0; DIMENSIONS], &search).unwrap();
    (found.into_iter().map(|neighbor| neighbor.key).collect(), plan)
}

fn expected(model: &Model, passes: fn(Option<(u8, &str)>) -> bool) -> BTreeSet<Vec<u8>> {
    model.iter().filter(|(_, of)| passes(**of)).map(|(key, _)| key.clone()).collect()
}

#[test]
fn at_every_moment() {
    let mut random = common::random();
    let store = common::memory();
    let index = opened(&store);
    let mut model = Model::new();
    change(&mut random, &index, &mut model, 2_000);
    index.compact().unwrap();
    let mut kept: Vec<(Snapshot, Model)> = Vec::new();
    let mut by_graph = 0;
    for _ in 0..60 {
        change(&mut random, &index, &mut model, 60);
        match random.random_range(0..4) {
            0 | 1 => index.compact().unwrap(),
            2 => kept.push((store.snapshot().unwrap(), model.clone())),
            _ => {}
        }
        let now = store.snapshot().unwrap();
        let moments = kept.iter().map(|(snapshot, model)| (snapshot, model)).chain([(&now, &model)]);
        for (snapshot, model) in moments {
            let (filter, passes) = CASES[random.random_range(0..CASES.len())];
            let (found, plan) = ask(&index, snapshot, filter);
            assert_eq!(found, expected(model, passes), "{}", filter.escape_ascii());
            by_graph += u32::from(plan.way != Way::All);
        }
    }
    assert!(by_graph > 20, "{by_graph}");
}

fn filled() -> (VectorIndex, Model) {
    let mut random = common::random();
    let index = opened(&common::memory());
    let mut model = Model::new();
    while model.len() < 250 {
        change(&mut random, &index, &mut model, 1_000);
    }
    index.compact().unwrap();
    (index, model)
}

#[test]
fn several_threads_ask_first() {
    let (index, model) = filled();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (index, model) = (&index, &model);
            scope.spawn(move || {
                for turn in 0..CASES.len() {
                    let (filter, passes) = CASES[(turn + thread) % CASES.len()];
                    assert_eq!(ask(index, &index.store().snapshot().unwrap(), filter).0, expected(model, passes));
                }
            });
        }
    });
}

/// All that may still be lent, but for a few bytes.
fn rest_of(store: &Store) -> Vec<Loan> {
    let mut bytes = store.needed_bytes_max();
    let mut taken = Vec::new();
    while bytes > 64 {
        match store.lend_needed(bytes, usize::MAX) {
            Some(loan) => taken.push(loan),
            None => bytes /= 2,
        }
    }
    taken
}

#[test]
fn without_room_attributes_are_read_one_by_one() {
    let (index, model) = filled();
    let [(of_number, number), _, _, (of_text, text), ..] = CASES;
    let snapshot = index.store().snapshot().unwrap();
    let (found, plan) = ask(&index, &snapshot, of_number);
    assert_eq!((found, plan.way, plan.tested), (expected(&model, number), Way::Matches, 0));
    let taken = rest_of(index.store());
    let (found, plan) = ask(&index, &snapshot, of_text);
    assert_eq!((found, plan.way, plan.tested), (expected(&model, text), Way::Matches, model.len() as u64));
    // What was found is kept, and the order that there is serves.
    assert_eq!(ask(&index, &snapshot, of_text).1.tested, 0);
    assert_eq!(ask(&index, &snapshot, of_number).1.tested, 0);
    drop(taken);
    let (found, plan) = ask(&index, &snapshot, b"\x81\xa1t\xa2ab");
    assert_eq!((found, plan.tested), (expected(&model, |of| of.is_some_and(|(_, t)| t == "ab")), 0));
}
