use rand::Rng;
use sledstore_engine::{Batch, Durability, ErrorCode};
use sledstore_vector::{Filter, Metric, Place, Search};

use crate::common;

fn put(key: &[u8], vector: &[f32], attributes: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend((key.len() as u16).to_le_bytes());
    bytes.extend((attributes.len() as u32).to_le_bytes());
    bytes.extend(vector.iter().flat_map(|x| x.to_le_bytes()));
    bytes.extend(key);
    bytes.extend(attributes);
    bytes
}

#[test]
fn changes_and_questions_say_what_the_methods_say() {
    let store = common::memory();
    let index = common::open(&store, 2, Metric::L2);
    let attributes = common::map(&[("pos", "n")]);
    let mut changes = put(b"gone", &[7.0, 7.0], b"");
    for (key, vector, attributes) in
        [(b"a", [1.0, 0.0], &attributes[..]), (b"b", [2.0, 0.0], b""), (b"c", [3.0, 0.0], &attributes)]
    {
        changes.extend(put(key, &vector, attributes));
    }
    changes.extend(b"\x02\x04\0gone");
    let mut batch = Batch::new();
    index.apply_changes(&mut batch, &changes).unwrap();
    store.commit(&batch, Durability::None).unwrap();

    assert_eq!(index.answer(&store, b"\x03").unwrap(), 3_u64.to_le_bytes());
    assert_eq!(index.answer(&store, b"\x02a").unwrap(), [1]);
    assert_eq!(index.answer(&store, b"\x02gone").unwrap(), [0]);
    assert_eq!(index.answer(&store, b"\x01gone").unwrap(), []);
    let got = index.answer(&store, b"\x01a").unwrap();
    assert_eq!(got, [&1.0_f32.to_le_bytes()[..], &0.0_f32.to_le_bytes(), &attributes].concat());

    // Every part at once: at most 5 away, nouns, of four keys, behind (1, "a").
    let mut question = vec![4, 15, 0];
    question.extend(9_u32.to_le_bytes());
    question.extend([0_u8; 8]);
    question.extend(5.0_f64.to_le_bytes());
    question.extend((attributes.len() as u32).to_le_bytes());
    question.extend(&attributes);
    question.extend(4_u32.to_le_bytes());
    question.extend(b"\x01\0a\x01\0c\x01\0b\x04\0gone");
    question.extend(1.0_f64.to_le_bytes());
    question.extend(b"\x01\0a");
    let answer = index.answer(&store, &question).unwrap();
    let filter = Filter::parse(&attributes).unwrap();
    let keys: [&[u8]; 4] = [b"a", b"b", b"c", b"gone"];
    let search = Search {
        max_distance: Some(5.0),
        keys: Some(&keys),
        filter: Some(&filter),
        after: Some(Place { distance: 1.0, key: b"a" }),
        ..Search::nearest(9)
    };
    let found = index.search(&store, &[0.0, 0.0], &search).unwrap();
    assert_eq!((common::keys(&found), found[0].distance), (vec!["c".to_owned()], 3.0));
    let head = [&3.0_f64.to_le_bytes()[..], &1_u16.to_le_bytes(), &(attributes.len() as u32).to_le_bytes()].concat();
    assert_eq!(answer, [&head[..], b"c", &attributes].concat());

    // With the vector, and without attributes.
    let mut question = vec![4, 64 + 128, 0, 1, 0, 0, 0];
    question.extend([0_u8; 8]);
    let vector = [1.0_f32.to_le_bytes(), [0; 4]].concat();
    let head = [&1.0_f64.to_le_bytes()[..], &1_u16.to_le_bytes(), &[0; 4], b"a"].concat();
    assert_eq!(index.answer(&store, &question).unwrap(), [head, vector].concat());

    // Walks: over keys, over those that match, behind one of them, and over what is left.
    assert_eq!(index.answer(&store, b"\x07\x04").unwrap(), b"\x01\0a\x01\0b\x01\0c");
    let filter = [&(attributes.len() as u32).to_le_bytes()[..], &attributes].concat();
    let walk = |parts: u8, rest: &[&[u8]]| index.answer(&store, &[&[7, parts], &rest.concat()[..]].concat()).unwrap();
    assert_eq!(walk(6, &[&filter]), b"\x01\0a\x01\0c");
    assert_eq!(walk(7, &[b"\x01\0a", &filter]), b"\x01\0c");
    assert_eq!(walk(7, &[b"\x01\0c", &filter]), b"");
    let row = [&1_u16.to_le_bytes()[..], &[0; 4], &2.0_f32.to_le_bytes(), &[0; 4], b"b"].concat();
    assert_eq!(walk(2, &[b"\x0d\0\0\0\x81\xa4$not", &attributes]), row);

    batch.reset();
    index.apply_changes(&mut batch, b"\x03").unwrap();
    store.commit(&batch, Durability::None).unwrap();
    assert_eq!(index.count(&store).unwrap(), 0);
}

#[test]
fn damaged_requests_are_errors() {
    let store = common::memory();
    let index = common::open(&store, 2, Metric::L2);
    let whole = put(b"key", &[1.0, 2.0], b"\x80");
    for length in 1..whole.len() {
        let applied = index.apply_changes(&mut Batch::new(), &whole[..length]);
        assert_eq!(common::code(applied), Some(ErrorCode::InvalidArgument), "{length}");
    }
    assert_eq!(common::code(index.apply_changes(&mut Batch::new(), b"\x09")), Some(ErrorCode::InvalidArgument));
    for question in [&b""[..], b"\x09", b"\x04", b"\x04\x04\0\x01\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff"] {
        assert_eq!(common::code(index.answer(&store, question)), Some(ErrorCode::InvalidArgument));
    }
    let mut random = common::random();
    for _ in 0..20_000 {
        let mut bytes: Vec<u8> = (0..random.random_range(0..60)).map(|_| random.random()).collect();
        if let Some(first) = bytes.first_mut() {
            *first %= 9;
        }
        let _ = index.answer(&store, &bytes);
        let _ = index.apply_changes(&mut Batch::new(), &bytes);
    }
}
