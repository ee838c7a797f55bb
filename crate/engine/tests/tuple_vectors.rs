//! The key encoding against the vectors it shares with TypeScript, and by random keys: order kept, round trip,
//! prefix = range.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher, RandomState};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use serde_json::Value;
use sledstore_engine::ErrorCode;
use sledstore_engine::tuple::{KeyPart, TupleReader, decode_tuple, encode_tuple, part_range, push_str, push_u64};

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../__test__/fixtures/key-vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).unwrap()).collect()
}

fn part_of(written: &Value) -> KeyPart {
    let (kind, content) = written.as_object().unwrap().iter().next().unwrap();
    let text = content.as_str().unwrap_or_default();
    match kind.as_str() {
        "null" => KeyPart::Null,
        "boolean" => KeyPart::Bool(content.as_bool().unwrap()),
        "number" => KeyPart::Number(text.parse().unwrap()),
        "bigint" => {
            let digits = text.trim_start_matches('-').trim_start_matches('0');
            let even = if digits.len() % 2 == 0 { digits.to_owned() } else { format!("0{digits}") };
            KeyPart::BigInt { negative: text.starts_with('-'), magnitude: from_hex(&even) }
        }
        "date" => KeyPart::Date(text.parse().unwrap()),
        "bytes" => KeyPart::Bytes(from_hex(text)),
        "string" => KeyPart::String(text.to_owned()),
        "array" => KeyPart::Array(content.as_array().unwrap().iter().map(part_of).collect()),
        other => panic!("unknown kind {other}"),
    }
}

fn encode(parts: &[KeyPart]) -> Vec<u8> {
    let mut out = Vec::new();
    encode_tuple(parts, &mut out).unwrap();
    out
}

fn rank(part: &KeyPart) -> u8 {
    match part {
        KeyPart::Null => 0,
        KeyPart::Bool(false) => 1,
        KeyPart::Bool(true) => 2,
        KeyPart::Number(_) => 3,
        KeyPart::BigInt { .. } => 4,
        KeyPart::Date(_) => 5,
        KeyPart::Bytes(_) => 6,
        KeyPart::String(_) => 7,
        KeyPart::Array(_) => 8,
    }
}

/// The order keys must have, written without the encoding in mind.
fn compare(a: &KeyPart, b: &KeyPart) -> Ordering {
    rank(a).cmp(&rank(b)).then_with(|| match (a, b) {
        (KeyPart::Number(a), KeyPart::Number(b)) => a.partial_cmp(b).unwrap(),
        (KeyPart::BigInt { negative: n, magnitude: m }, KeyPart::BigInt { negative: n2, magnitude: m2 }) => {
            let by_size = m.len().cmp(&m2.len()).then_with(|| m.cmp(m2));
            n2.cmp(n).then(if *n { by_size.reverse() } else { by_size })
        }
        (KeyPart::Date(a), KeyPart::Date(b)) => a.cmp(b),
        (KeyPart::Bytes(a), KeyPart::Bytes(b)) => a.cmp(b),
        (KeyPart::String(a), KeyPart::String(b)) => a.chars().cmp(b.chars()),
        (KeyPart::Array(a), KeyPart::Array(b)) => compare_keys(a, b),
        _ => Ordering::Equal,
    })
}

fn compare_keys(a: &[KeyPart], b: &[KeyPart]) -> Ordering {
    let first = a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
    first.unwrap_or(a.len().cmp(&b.len()))
}

#[test]
fn every_vector_is_written_and_read() {
    let vectors = vectors();
    let rows = vectors["vectors"].as_array().unwrap();
    assert!(rows.len() >= 150);
    let mut before: Option<(Vec<KeyPart>, Vec<u8>)> = None;
    for row in rows {
        let parts: Vec<KeyPart> = row["parts"].as_array().unwrap().iter().map(part_of).collect();
        let bytes = from_hex(row["hex"].as_str().unwrap());
        assert_eq!(encode(&parts), bytes, "{parts:?}");
        assert_eq!(decode_tuple(&bytes).unwrap(), parts);
        if let Some((low, low_bytes)) = &before {
            assert!(low_bytes < &bytes);
            assert_eq!(compare_keys(low, &parts), Ordering::Less, "{low:?} before {parts:?}");
        }
        before = Some((parts, bytes));
    }
}

#[test]
fn bytes_no_writer_produces_are_refused() {
    for row in vectors()["refused"].as_array().unwrap() {
        let error = decode_tuple(&from_hex(row["hex"].as_str().unwrap())).expect_err(row["why"].as_str().unwrap());
        assert_eq!(error.code(), ErrorCode::CodecFailed);
    }
}

#[test]
fn parts_without_a_place_in_the_order_are_refused() {
    let too_deep = (0..33).fold(KeyPart::Null, |inner, _| KeyPart::Array(vec![inner]));
    let too_big = KeyPart::BigInt { negative: false, magnitude: vec![1; 40_000] };
    for part in [KeyPart::Number(f64::NAN), KeyPart::Date(8_640_000_000_000_001), too_deep, too_big] {
        let mut out = vec![7];
        let error = encode_tuple(&[KeyPart::Null, part], &mut out).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
        assert_eq!(out, [7]);
    }
    assert_eq!(encode(&[KeyPart::Number(-0.0)]), encode(&[KeyPart::Number(0.0)]));
}

#[test]
fn reader_borrows_and_checks_the_type() {
    let mut key = Vec::new();
    push_str(&mut key, "a\0b");
    push_str(&mut key, "plain");
    push_u64(&mut key, u64::MAX);
    push_u64(&mut key, 0);
    let mut reader = TupleReader::new(&key);
    assert_eq!(reader.clone().bytes().unwrap_err().code(), ErrorCode::CodecFailed);
    assert_eq!(reader.str().unwrap(), "a\0b");
    assert!(matches!(reader.str().unwrap(), std::borrow::Cow::Borrowed("plain")));
    assert_eq!(reader.u64().unwrap(), u64::MAX);
    assert_eq!(reader.part().unwrap(), KeyPart::from_u64(0));
    assert!(reader.is_empty());
    let above = KeyPart::BigInt { negative: false, magnitude: vec![1, 0, 0, 0, 0, 0, 0, 0, 0] };
    let below = KeyPart::BigInt { negative: true, magnitude: vec![1] };
    for part in [above, below] {
        assert_eq!(TupleReader::new(&encode(&[part])).u64().unwrap_err().code(), ErrorCode::CodecFailed);
    }
}

fn part() -> impl Strategy<Value = KeyPart> {
    let bytes = || prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(0xff), any::<u8>()], 0..6);
    let text = || prop::collection::vec(prop_oneof![Just('\0'), Just('a'), any::<char>()], 0..6);
    let magnitude = || prop::collection::vec(any::<u8>(), 0..20);
    let leaf = prop_oneof![
        Just(KeyPart::Null),
        any::<bool>().prop_map(KeyPart::Bool),
        prop_oneof![(-3..3).prop_map(f64::from), any::<f64>().prop_filter("order", |value| !value.is_nan())]
            .prop_map(|value| KeyPart::Number(value + 0.0)),
        (any::<bool>(), magnitude()).prop_map(|(negative, bytes)| {
            let magnitude: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            KeyPart::BigInt { negative: negative && !magnitude.is_empty(), magnitude }
        }),
        prop_oneof![-3i64..3, -8_640_000_000_000_000i64..=8_640_000_000_000_000].prop_map(KeyPart::Date),
        bytes().prop_map(KeyPart::Bytes),
        text().prop_map(|characters| KeyPart::String(characters.into_iter().collect())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(KeyPart::Array))
}

fn key() -> impl Strategy<Value = Vec<KeyPart>> {
    prop::collection::vec(part(), 0..4)
}

fn run(name: &str, test: impl Fn(Vec<KeyPart>, Vec<KeyPart>, Vec<u8>)) {
    let given = std::env::var("SLEDSTORE_SEED").ok().map(|seed| seed.parse().expect("SLEDSTORE_SEED is a number"));
    let seed: u64 = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    eprintln!("{name}: SLEDSTORE_SEED={seed}");
    let config =
        Config { cases: 2_000, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() };
    let noise = prop::collection::vec(prop_oneof![any::<u8>(), (0u8..9).prop_map(|tag| tag << 4)], 0..40);
    proptest!(config, |(a in key(), b in key(), noise in noise)| test(a, b, noise));
}

#[test]
fn random_keys_keep_their_order() {
    run("order", |a, b, _| {
        assert_eq!(encode(&a).cmp(&encode(&b)), compare_keys(&a, &b));
        let joined = [a.clone(), b.clone()].concat();
        assert_eq!(encode(&a).cmp(&encode(&joined)), compare_keys(&a, &joined));
    });
}

#[test]
fn random_keys_come_back() {
    run("round trip", |a, _, _| assert_eq!(decode_tuple(&encode(&a)).unwrap(), a));
}

#[test]
fn leading_parts_are_a_range() {
    run("prefix", |prefix, other, _| {
        let (start, end) = part_range(encode(&prefix));
        for key in [[prefix.clone(), other.clone()].concat(), other] {
            let bytes = encode(&key);
            assert_eq!(start <= bytes && bytes < end, key.starts_with(&prefix), "{prefix:?} {key:?}");
        }
    });
}

#[test]
fn damaged_bytes_are_an_error_or_the_writing_of_their_parts() {
    run("damage", |a, _, noise| {
        let mut damaged = encode(&a);
        for (index, byte) in noise.iter().enumerate().take(3) {
            if !damaged.is_empty() {
                let place = (usize::from(*byte) * 31 + index) % damaged.len();
                damaged[place] ^= byte;
            }
        }
        for bytes in [damaged, noise] {
            match decode_tuple(&bytes) {
                Ok(parts) => assert_eq!(encode(&parts), bytes),
                Err(error) => assert_eq!(error.code(), ErrorCode::CodecFailed),
            }
        }
    });
}
