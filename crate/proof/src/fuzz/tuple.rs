//! Keys of the tuple codec: what can be read is written as it was, and bytes order as the parts do.
//!
//! Input: `length of the first u8 ‖ two tuples`.

use std::cmp::Ordering;

use sledstore_engine::tuple::{KeyPart, TupleReader, decode_tuple, encode_tuple, part_range};

pub fn run(input: &[u8]) {
    let Some((&length, bytes)) = input.split_first() else { return };
    let (a, b) = bytes.split_at(usize::from(length).min(bytes.len()));
    read_by_type(a);
    let (Ok(first), Ok(second)) = (decode_tuple(a), decode_tuple(b)) else { return };
    for (encoded, parts) in [(a, &first), (b, &second)] {
        let mut again = Vec::new();
        encode_tuple(parts, &mut again).expect("what was read can be written");
        assert_eq!(again, encoded, "{parts:?}");
    }
    assert_eq!(a.cmp(b), order(&first, &second), "{first:?} and {second:?}");
    let (start, end) = part_range(a.to_vec());
    assert_eq!(start.as_slice() <= b && b < end.as_slice(), second.starts_with(&first), "{first:?} and {second:?}");
}

/// Readers of one type agree with the one of all.
fn read_by_type(encoded: &[u8]) {
    let any = TupleReader::new(encoded).part().ok();
    let text = TupleReader::new(encoded).str().ok().map(|text| KeyPart::String(text.into_owned()));
    let bytes = TupleReader::new(encoded).bytes().ok().map(|bytes| KeyPart::Bytes(bytes.into_owned()));
    let number = TupleReader::new(encoded).number().ok().map(KeyPart::Number);
    let date = TupleReader::new(encoded).date().ok().map(KeyPart::Date);
    let unsigned = TupleReader::new(encoded).u64().ok().map(KeyPart::from_u64);
    for part in [text, bytes, number, date, unsigned].into_iter().flatten() {
        assert_eq!(Some(part), any);
    }
}

fn order(a: &[KeyPart], b: &[KeyPart]) -> Ordering {
    let differing = a.iter().zip(b).map(|(a, b)| order_of_parts(a, b)).find(|order| order.is_ne());
    differing.unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn order_of_parts(a: &KeyPart, b: &KeyPart) -> Ordering {
    match (a, b) {
        (KeyPart::Bool(a), KeyPart::Bool(b)) => a.cmp(b),
        (KeyPart::Number(a), KeyPart::Number(b)) => a.total_cmp(b),
        (KeyPart::BigInt { negative: a, magnitude: x }, KeyPart::BigInt { negative: b, magnitude: y }) => {
            match (a, b) {
                (false, false) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
                (true, true) => y.len().cmp(&x.len()).then_with(|| y.cmp(x)),
                _ => b.cmp(a),
            }
        }
        (KeyPart::Date(a), KeyPart::Date(b)) => a.cmp(b),
        (KeyPart::Bytes(a), KeyPart::Bytes(b)) => a.cmp(b),
        (KeyPart::String(a), KeyPart::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (KeyPart::Array(a), KeyPart::Array(b)) => order(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(part: &KeyPart) -> u8 {
    match part {
        KeyPart::Null => 0,
        KeyPart::Bool(_) => 1,
        KeyPart::Number(_) => 2,
        KeyPart::BigInt { .. } => 3,
        KeyPart::Date(_) => 4,
        KeyPart::Bytes(_) => 5,
        KeyPart::String(_) => 6,
        KeyPart::Array(_) => 7,
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let deep = (0..5).fold(KeyPart::Null, |inner, _| KeyPart::Array(vec![inner, KeyPart::Bool(true)]));
    let tuples = [
        vec![KeyPart::Null, KeyPart::Bool(true), KeyPart::Number(-7.5), KeyPart::Number(f64::INFINITY)],
        vec![KeyPart::from_u64(u64::MAX), KeyPart::BigInt { negative: true, magnitude: vec![9; 20] }],
        vec![KeyPart::Date(-1), KeyPart::Bytes(vec![0, 255, 0]), KeyPart::String("a\0ü".into())],
        vec![deep, KeyPart::Array(vec![])],
        vec![],
    ];
    let encode = |parts: &Vec<KeyPart>| {
        let mut encoded = Vec::new();
        encode_tuple(parts, &mut encoded).map(|()| encoded).unwrap_or_default()
    };
    let encoded: Vec<_> = tuples.iter().map(encode).collect();
    let pair = |a: &Vec<u8>, b: &Vec<u8>| [&[a.len() as u8], a.as_slice(), b].concat();
    encoded.iter().flat_map(|a| encoded.iter().map(move |b| pair(a, b))).collect()
}
