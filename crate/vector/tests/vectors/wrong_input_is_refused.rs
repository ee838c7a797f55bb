use sledstore_engine::{Batch, ErrorCode};
use sledstore_vector::{DIMENSIONS_MAX, Metric, Search, VECTOR_KEY_BYTES_MAX, VectorIndex, VectorOptions};

use crate::common;

#[test]
fn wrong_vectors_are_refused_and_nothing_is_written() {
    let tiny = f32::from_bits(1);
    let cases: [(Metric, &[f32]); 13] = [
        (Metric::L2, &[]),
        (Metric::L2, &[1.0, 2.0]),
        (Metric::L2, &[1.0; 4]),
        (Metric::L2, &[1.0, f32::NAN, 0.0]),
        (Metric::Dot, &[1.0, 0.0, f32::INFINITY]),
        (Metric::Cosine, &[f32::NEG_INFINITY, 0.0, 0.0]),
        (Metric::Cosine, &[0.0; 3]),
        (Metric::Cosine, &[-0.0; 3]),
        (Metric::Cosine, &[1.0; 2]),
        (Metric::Cosine, &[f32::NAN; 3]),
        // Lengths that f32 cannot hold.
        (Metric::Cosine, &[f32::MAX; 3]),
        (Metric::Cosine, &[0.0, 0.0, f32::MIN_POSITIVE / 2.0]),
        (Metric::Dot, &[1.0, f32::NAN, f32::NAN]),
    ];
    for (metric, vector) in cases {
        let store = common::memory();
        let index = common::open(&store, 3, metric);
        let mut batch = Batch::new();
        let put = index.put(&mut batch, b"k", vector, None);
        assert_eq!(common::code(put), Some(ErrorCode::InvalidArgument), "{metric} {vector:?}");
        assert!(batch.is_empty());
        let search = index.search(&store, vector, &Search::nearest(1));
        assert_eq!(common::code(search), Some(ErrorCode::InvalidArgument), "{metric} {vector:?}");
    }
    let store = common::memory();
    let mut batch = Batch::new();
    common::open(&store, 3, Metric::L2).put(&mut batch, b"zero", &[0.0; 3], None).unwrap();
    common::open(&store, 3, Metric::L2).put(&mut batch, b"least", &[tiny; 3], None).unwrap();
}

#[test]
fn the_wrong_component_is_named() {
    let index = common::open(&common::memory(), 3, Metric::L2);
    let error = index.put(&mut Batch::new(), b"k", &[1.0, 2.0, f32::NAN], None).unwrap_err();
    assert!(error.message().contains("component 2"));
}

#[test]
fn wrong_keys_and_attributes_are_refused() {
    let index = common::open(&common::memory(), 1, Metric::L2);
    let mut batch = Batch::new();
    let long = vec![b'k'; VECTOR_KEY_BYTES_MAX + 1];
    assert_eq!(common::code(index.put(&mut batch, &long, &[1.0], None)), Some(ErrorCode::KeyTooLarge));
    assert_eq!(common::code(index.delete(&mut batch, &long)), Some(ErrorCode::KeyTooLarge));
    for attributes in [&b""[..], b"\xc0", b"\x91\x01", b"\x81\x01\x01", b"\x81\xa1a", b"\x80\x00"] {
        let put = index.put(&mut batch, b"k", &[1.0], Some(attributes));
        assert_eq!(common::code(put), Some(ErrorCode::InvalidArgument), "{attributes:?}");
    }
    assert!(batch.is_empty());
    index.put(&mut batch, &long[1..], &[1.0], Some(b"\x80")).unwrap();
}

#[test]
fn wrong_searches_and_options_are_refused() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    let none = index.search(&store, &[1.0], &Search::nearest(0));
    assert_eq!(common::code(none), Some(ErrorCode::InvalidArgument));
    let nan = Search { max_distance: Some(f64::NAN), ..Search::nearest(1) };
    assert_eq!(common::code(index.search(&store, &[1.0], &nan)), Some(ErrorCode::InvalidArgument));
    for dimensions in [0, DIMENSIONS_MAX + 1] {
        let open = VectorIndex::open(&store, "other", &VectorOptions::new(dimensions, Metric::L2));
        assert_eq!(common::code(open), Some(ErrorCode::InvalidArgument));
    }
    let unnamed = VectorIndex::open(&store, "", &VectorOptions::new(1, Metric::L2));
    assert_eq!(common::code(unnamed), Some(ErrorCode::InvalidArgument));
    assert_eq!(VectorIndex::list(&store).unwrap().len(), 1);
}
