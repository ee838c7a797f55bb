use sledstore_engine::{Batch, Durability, ErrorCode};
use sledstore_vector::{Filter, Metric, Search, VectorIndex, VectorOptions};

use crate::common;

/// Writes below the index, as damage would.
fn plant(index: &VectorIndex, row_key: &[u8], value: &[u8]) {
    let mut batch = Batch::new();
    batch.put(index.namespace(), row_key, value).unwrap();
    index.store().commit(&batch, Durability::None).unwrap();
}

#[test]
fn a_row_of_another_length_is_corruption() {
    for row in [&b""[..], b"\0\0\0\0\0\0\0", &[0; 8], &[0; 16]] {
        let store = common::memory();
        let index = common::open(&store, 2, Metric::Cosine);
        plant(&index, b"\x10key", row);
        assert_eq!(common::code(index.get(&store, b"key")), Some(ErrorCode::Corruption));
        let found = index.search(&store, &[1.0, 0.0], &Search::nearest(1));
        assert_eq!(common::code(found), Some(ErrorCode::Corruption));
    }
}

#[test]
fn damaged_attributes_are_corruption_to_a_filter() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    common::put(&index, &[(b"key".to_vec(), vec![1.0])]);
    plant(&index, b"\x11key", b"\x82\xa1b");
    let filter = Filter::parse(b"\x81\xa1a\x01").unwrap();
    let found = index.search(&store, &[1.0], &Search { filter: Some(&filter), ..Search::nearest(1) });
    assert_eq!(common::code(found), Some(ErrorCode::Corruption));
}

#[test]
fn a_damaged_description_is_corruption_and_a_newer_one_is_told() {
    let cases = [
        (&b""[..], ErrorCode::Corruption),
        (&b"\x01\x01\x64\0\0"[..], ErrorCode::Corruption),
        (b"\x01\x09\x64\0\0\0", ErrorCode::Corruption),
        (b"\x01\x01\0\0\0\0", ErrorCode::Corruption),
        (b"\x01\x01\xff\xff\xff\xff", ErrorCode::Corruption),
        (b"\x02", ErrorCode::Corruption),
        (b"\x03", ErrorCode::Corruption),
        // A declared attribute of an unknown kind, one that is cut short, and no name of a model.
        (b"\x03\x01\x64\0\0\0\x01\x01\0\0\0\0\0\0\x06\x01a", ErrorCode::Corruption),
        (b"\x03\x01\x64\0\0\0\x01\x01\0\0\0\0\0\0\x02\x02a", ErrorCode::Corruption),
        (b"\x03\x01\x64\0\0\0\x01\x01\0\0\0\0\x01", ErrorCode::Corruption),
        (b"\x04", ErrorCode::FormatTooNew),
    ];
    for (meta, code) in cases {
        let store = common::memory();
        plant(&common::open(&store, 100, Metric::Cosine), b"\x01", meta);
        let open = VectorIndex::open(&store, "test", &VectorOptions::new(100, Metric::Cosine));
        assert_eq!(common::code(open), Some(code), "{meta:?}");
        assert_eq!(common::code(VectorIndex::list(&store)), Some(code), "{meta:?}");
    }
}
