use rand::Rng;

use super::super::{Memtable, RowKind};
use super::model::random;

/// Bytes held by a table of so many rows, and bytes of its keys and values.
fn fill(rows: usize, value: usize, mut next: impl FnMut(usize) -> [u8; 16]) -> (usize, usize) {
    let table = Memtable::new(rows * (37 + value));
    for row in 0..rows {
        let key = [b"b\0\0\0\x01".as_slice(), &next(row)].concat();
        table.insert(&key, row as u64 + 1, RowKind::Value, None, &vec![5; value]).expect("fits");
    }
    assert_eq!(table.len(), rows);
    (table.bytes(), rows * (21 + value))
}

#[test]
fn a_row_costs_at_most_forty_bytes_more() {
    let mut random = random();
    let (held, data) = fill(60_000, 100, |_| random.random());
    assert!(held >= data && held - data <= 60_000 * 40, "{held} bytes held for {data}");
    let (held, data) = fill(60_000, 0, |_| random.random());
    assert!(held >= data && held - data <= 60_000 * 40, "{held} bytes held for {data}");
}

#[test]
fn ascending_load_leaves_full_leaves() {
    let (held, data) = fill(60_000, 100, |row| (row as u128).to_be_bytes());
    assert!(held >= data && held - data <= 60_000 * 32, "{held} bytes held for {data}");
}

#[test]
fn large_values_take_their_own_room() {
    let (held, data) = fill(40, 1 << 20, |row| (row as u128).to_be_bytes());
    assert!(held >= data && held - data <= 16 << 10, "{held} bytes held for {data}");
    let (held, data) = fill(400, 60_000, |row| (row as u128).to_be_bytes());
    assert!(held >= data && held <= data * 4 / 3, "{held} bytes held for {data}");
}

#[test]
fn an_empty_table_is_small() {
    assert!(Memtable::new(64 << 20).bytes() < 2_048);
}

#[test]
fn replaced_rows_still_count() {
    let table = Memtable::new(0);
    for _ in 0..1_000 {
        table.insert(b"b\0\0\0\x01key", 7, RowKind::Value, None, &[9; 100]).expect("fits");
    }
    assert_eq!(table.len(), 1);
    assert!(table.bytes() > 100_000);
}
