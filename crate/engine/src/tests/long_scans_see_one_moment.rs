//! A scan that reads blocks ahead of its place sees one seq, whatever checkpoints do around it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Bed, small_options};
use crate::batch::Batch;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Store};

const ROWS: u32 = 3_000;
/// Rows that come and go with every round, between the others: blocks are split and merged.
const PASSING_ROWS: u32 = 600;

/// Every row gets the round's number, and the passing ones come in even rounds and go in odd ones, in one batch.
fn write_round(store: &Store, namespace: NamespaceId, round: u64) {
    let mut batch = Batch::new();
    let value = [round.to_le_bytes(); 8].concat();
    (0..ROWS).for_each(|row| batch.put(namespace, format!("row-{row:06}").as_bytes(), &value).unwrap());
    for row in 0..PASSING_ROWS {
        let key = format!("row-{:06}-passing", row * 3);
        match round % 2 {
            0 => batch.put(namespace, key.as_bytes(), &value).unwrap(),
            _ => batch.delete(namespace, key.as_bytes()).unwrap(),
        }
    }
    store.apply(&batch).unwrap();
}

/// The round that all rows of a scan are of, after their number and order were checked.
fn round_of_scan(store: &Store, namespace: NamespaceId, rows_a_page: usize) -> u64 {
    let mut scan = store.scan(namespace, &KeyRange::all(), ScanOptions::default()).unwrap();
    let (mut rounds, mut keys): (Vec<u64>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
    let mut more = true;
    while more {
        let sink = &mut |key: &[u8], value: &[u8]| {
            keys.push(key.to_vec());
            rounds.push(u64::from_le_bytes(*value.first_chunk().unwrap()));
        };
        more = scan.next_page(rows_a_page, usize::MAX, sink).unwrap();
    }
    assert!(keys.is_sorted_by(|left, right| left < right));
    let round = rounds[0];
    assert!(rounds.iter().all(|other| *other == round));
    let expected = if round.is_multiple_of(2) { ROWS + PASSING_ROWS } else { ROWS };
    assert_eq!(keys.len(), expected as usize, "round {round}");
    round
}

#[test]
fn while_blocks_are_rewritten() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    write_round(&store, namespace, 0);
    store.checkpoint().unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1..=12 {
                write_round(&store, namespace, round);
                store.checkpoint().unwrap();
            }
            is_over.store(true, Ordering::Relaxed);
        });
        let (mut last, mut scans) = (0, 0);
        while !is_over.load(Ordering::Relaxed) || scans < 3 {
            let round = round_of_scan(&store, namespace, [64, 1_000, 5_000][scans % 3]);
            assert!(round >= last);
            (last, scans) = (round, scans + 1);
        }
    });
    assert_eq!(round_of_scan(&store, namespace, 1_000), 12);
}

#[test]
fn and_keeps_few_of_the_blocks_it_reads() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    write_round(&store, namespace, 0);
    store.checkpoint().unwrap();
    let held = |store: &Store| store.stats().memory.block_cache;
    for reverse in [false, true] {
        let before = held(&store);
        let options = ScanOptions { reverse, ..ScanOptions::default() };
        let mut rows = 0;
        let mut scan = store.scan(namespace, &KeyRange::all(), options).unwrap();
        while scan.next_page(1_000, usize::MAX, &mut |_, _| rows += 1).unwrap() {}
        assert_eq!(rows, ROWS + PASSING_ROWS);
        let kept = held(&store) - before;
        // A few blocks of half a kilobyte before compression, with their places.
        assert!(kept > 0 && kept < 8 * 1_024, "{kept}, reverse {reverse}");
    }
}
