use rand::Rng;

use super::super::{Memtable, RowKind};
use super::model::{Model, get, random};

#[test]
fn thousands_of_overlapping_ranges_agree_with_the_model() {
    let mut random = random();
    let table = Memtable::new(0);
    let mut model = Model::default();
    let key = |number: u32| [b"b\0\0\0\x01".as_slice(), &number.to_be_bytes()[2..]].concat();
    let mut seq = 0;
    for round in 0..3_000u32 {
        seq += u64::from(random.random_range(0..5) > 0);
        let start = random.random_range(0..4_000);
        let width = if round % 10 == 0 { 4_000 } else { 20 };
        model.clear(&table, &key(start), &key(start + random.random_range(0..width)), seq);
        if round % 3 == 0 {
            model.insert(&table, &key(start), seq, (RowKind::Value, None, vec![1]));
        }
        if round % 25 == 0 {
            for _ in 0..40 {
                let probe = key(random.random_range(0..4_100));
                let at = if random.random() { u64::MAX } else { random.random_range(0..=seq) };
                assert_eq!(table.range_tombstone_over(&probe, at), model.covering(&probe, at), "{probe:?} at {at}");
                assert_eq!(get(&table, &probe, at), model.get(&probe, at), "{probe:?} at {at}");
            }
        }
    }
    let listed: Vec<_> =
        table.range_tombstones().iter().map(|range| (range.start.to_vec(), range.end.to_vec(), range.seq)).collect();
    assert_eq!(listed, model.ranges);
    assert!(table.bytes() < 3_000 * 1_000, "{} bytes for 3,000 ranges", table.bytes());
}

#[test]
fn a_row_of_the_same_commit_outlives_the_range() {
    let table = Memtable::new(0);
    assert!(!table.has_range_tombstones() && table.is_empty());
    table.insert(b"k", 4, RowKind::Value, None, b"old").expect("fits");
    table.insert_range_tombstone(b"a", b"z", 5);
    assert!(table.has_range_tombstones());
    assert_eq!(get(&table, b"k", 4).expect("a row").expect("seen").1, 4);
    assert_eq!(get(&table, b"k", 5), Err(5));
    assert_eq!(get(&table, b"never written", 5), Err(5));
    assert_eq!(get(&table, b"never written", 4), Ok(None));
    assert_eq!(get(&table, b"z", 5), Ok(None));
    table.insert(b"k", 5, RowKind::Value, None, b"new").expect("fits");
    assert_eq!(get(&table, b"k", 5).expect("a row").expect("seen").2.2, b"new");
    assert_eq!((table.len(), table.min_seq(), table.max_seq()), (2, Some(4), Some(5)));
}

#[test]
fn an_empty_range_is_nothing() {
    let table = Memtable::new(0);
    table.insert_range_tombstone(b"b", b"b", 1);
    table.insert_range_tombstone(b"c", b"b", 2);
    assert!(table.is_empty() && !table.has_range_tombstones());
    assert_eq!(table.max_seq(), None);
}
