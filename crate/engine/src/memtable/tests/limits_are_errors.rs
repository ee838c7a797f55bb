use super::super::{Memtable, RowKind};
use super::model::get;
use crate::error::ErrorCode;

#[test]
fn a_key_beyond_sixteen_bits_of_length_is_refused() {
    let table = Memtable::new(0);
    let error = table.insert(&vec![1; 65_536], 1, RowKind::Value, None, b"").expect_err("too long");
    assert_eq!(error.code(), ErrorCode::KeyTooLarge);
    assert!(table.is_empty());
    table.insert(&vec![1; 65_535], 1, RowKind::Value, None, b"x").expect("just fits");
    assert_eq!(get(&table, &vec![1; 65_535], 1).expect("a row").expect("seen").2.2, b"x");
}

#[test]
fn values_of_sixteen_mebibytes_are_kept() {
    let table = Memtable::new(1 << 20);
    for seq in 1..=3u64 {
        table.insert(b"b\0\0\0\x01large", seq, RowKind::Value, Some(seq), &vec![seq as u8; 16 << 20]).expect("fits");
        table.insert(b"b\0\0\0\x01small", seq, RowKind::Value, None, b"s").expect("fits");
    }
    for seq in 1..=3u64 {
        let (_, _, (_, expires_at, value)) = get(&table, b"b\0\0\0\x01large", seq).expect("a row").expect("seen");
        assert_eq!((expires_at, value.len()), (Some(seq), 16 << 20));
        assert!(value.iter().all(|byte| u64::from(*byte) == seq));
    }
    let mut keys = Vec::new();
    table.changed_since(
        1,
        &mut |key| {
            keys.push(key.len());
            true
        },
        &mut |_, _| true,
    );
    assert_eq!(keys, [10, 10, 10, 10]);
}
