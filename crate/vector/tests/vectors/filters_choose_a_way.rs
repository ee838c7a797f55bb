//! Restricted searches give what comparing all gives, whichever way they go, at each share of matching vectors, also where
//! those that match are far from the query.

use sledstore_engine::{Batch, Durability};
use sledstore_vector::{Filter, Metric, Plan, Search, VectorIndex, VectorOptions, Way};

use crate::common;

const DIMENSIONS: usize = 16;
const VECTORS: u16 = 6_000;

/// `{ n: number, side: "a" or "b" }`
fn attributes(number: u16, is_far: bool) -> Vec<u8> {
    let [high, low] = number.to_be_bytes();
    [&b"\x82\xa1n\xcd"[..], &[high, low], b"\xa4side\xa1", if is_far { b"b" } else { b"a" }].concat()
}

/// `{ n: { lt: number } }`
fn below(number: u16) -> Filter {
    let [high, low] = number.to_be_bytes();
    Filter::parse(&[b"\x81\xa1n\x81\xa2lt\xcd", &[high, low][..]].concat()).unwrap()
}

fn filled(random: &mut rand::rngs::StdRng) -> VectorIndex {
    let store = common::memory();
    let options = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::L2) };
    let index = VectorIndex::open(&store, "test", &options).unwrap();
    let mut batch = Batch::new();
    for number in 0..VECTORS {
        let mut vector = common::vector(random, DIMENSIONS);
        let is_far = number % 10 == 3;
        vector[0] += if is_far { 8.0 } else { 0.0 };
        index.put(&mut batch, &number.to_be_bytes(), &vector, Some(&attributes(number, is_far))).unwrap();
    }
    store.commit(&batch, Durability::None).unwrap();
    index.compact().unwrap();
    index
}

fn agreement(index: &VectorIndex, query: &[f32], search: &Search<'_>) -> (usize, Plan) {
    let snapshot = index.store().snapshot().unwrap();
    let (found, plan) = index.search_explained(&snapshot, query, search).unwrap();
    let exact = index.search(&snapshot, query, &Search { exact: true, ..search.clone() }).unwrap();
    assert_eq!(found.len(), exact.len());
    (found.iter().filter(|neighbor| exact.contains(neighbor)).count(), plan)
}

#[test]
fn each_share_is_found() {
    let mut random = common::random();
    let index = filled(&mut random);
    for (share, way) in
        [(6_000, Way::Graph), (3_000, Way::Graph), (600, Way::Matches), (60, Way::Matches), (6, Way::Matches)]
    {
        let filter = below(share);
        let mut hits = 0;
        for _ in 0..40 {
            let query = common::vector(&mut random, DIMENSIONS);
            let search = Search { filter: Some(&filter), ..Search::nearest(6) };
            let (agreed, plan) = agreement(&index, &query, &search);
            assert_eq!((plan.way, plan.matching), (way, u64::from(share)));
            hits += agreed;
        }
        assert!(hits * 100 >= 40 * 6 * 99, "{share}: {hits}");
    }
}

#[test]
fn what_matches_may_be_far_away() {
    let mut random = common::random();
    let index = filled(&mut random);
    let far = Filter::parse(b"\x81\xa4side\xa1b").unwrap();
    let most = Filter::parse(b"\x81\xa3$or\x92\x81\xa4side\xa1b\x81\xa1n\x81\xa2lt\xcd\x03\xe8").unwrap();
    let mut hits = 0;
    for _ in 0..40 {
        let query = common::vector(&mut random, DIMENSIONS);
        for filter in [&far, &most] {
            hits += agreement(&index, &query, &Search { filter: Some(filter), ..Search::nearest(10) }).0;
        }
    }
    assert!(hits * 100 >= 40 * 2 * 10 * 99, "{hits}");
}

#[test]
fn keys_and_filters_meet_and_pending_changes_count() {
    let mut random = common::random();
    let index = filled(&mut random);
    let keys: Vec<[u8; 2]> = (0..2_000_u16).step_by(3).map(u16::to_be_bytes).collect();
    let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
    let filter = below(300);
    let query = common::vector(&mut random, DIMENSIONS);
    let search = Search { filter: Some(&filter), keys: Some(&keys), ..Search::nearest(100) };
    let (agreed, plan) = agreement(&index, &query, &search);
    assert_eq!((agreed, plan.way, plan.matching), (100, Way::Matches, 100));

    // Changes that no fold has taken in: one comes to match, one ceases to, one is removed.
    let mut batch = Batch::new();
    index.put(&mut batch, &4_002_u16.to_be_bytes(), &query, Some(&attributes(7, false))).unwrap();
    index.put(&mut batch, &0_u16.to_be_bytes(), &query, Some(&attributes(400, false))).unwrap();
    index.delete(&mut batch, &3_u16.to_be_bytes()).unwrap();
    index.store().commit(&batch, Durability::None).unwrap();
    let (agreed, _) = agreement(&index, &query, &search);
    assert_eq!(agreed, 98, "the first is no wanted key");
    let search = Search { filter: Some(&filter), ..Search::nearest(1) };
    let snapshot = index.store().snapshot().unwrap();
    let found = index.search(&snapshot, &query, &search).unwrap();
    assert_eq!(found[0].key, 4_002_u16.to_be_bytes());
    index.compact().unwrap();
    let snapshot = index.store().snapshot().unwrap();
    assert_eq!(index.search(&snapshot, &query, &search).unwrap(), found);
}

#[test]
fn bad_filters_are_refused() {
    for map in [
        &b"\x81\xa1n\x81\xa2xx\x01"[..],
        b"\x81\xa1n\x81\xa2lt\xc0",
        b"\x81\xa1n\x81\xa2in\x01",
        b"\x81\xa1n\x81\xa2in\x91\x91\x01",
        b"\x81\xa1n\x81\xaastartsWith\x01",
        b"\x81\xa4$not\x01",
        b"\x81\xa3$or\x80",
        b"\x81\xa1n\x91\x01",
    ] {
        assert!(Filter::parse(map).is_err(), "{}", map.escape_ascii());
    }
}

#[test]
fn narrow_searches_compute_less() {
    let mut random = common::random();
    let index = filled(&mut random);
    let snapshot = index.store().snapshot().unwrap();
    let queries: Vec<Vec<f32>> = (0..40).map(|_| common::vector(&mut random, DIMENSIONS)).collect();
    let distances = |width| {
        let search = Search { width: Some(width), ..Search::nearest(10) };
        let plans = queries.iter().map(|query| index.search_explained(&snapshot, query, &search).unwrap().1);
        plans.map(|plan| plan.evaluations).sum::<u64>()
    };
    let [ten, twenty, forty] = [10, 20, 40].map(distances);
    assert!(ten < twenty && twenty < forty, "{ten}, {twenty}, {forty}");
}
