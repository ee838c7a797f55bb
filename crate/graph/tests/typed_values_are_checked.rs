//! Dates, times, durations, points and vectors: stored in one form, refused in any other, equal by value, and in an index
//! in the order of the language.
#![allow(clippy::unwrap_used)]

mod common;

use common::fixture::value;
use common::{change, code, index, map, memory_graph, pack, random};
use rand::seq::SliceRandom;
use rmpv::Value;
use sledstore_engine::ErrorCode;
use sledstore_graph::{Extension, Graph, IndexCursor, NodeFilter, NodeId, Seek, SeekNext};

const DAY: i64 = 86_400;

fn assert_refused(number: i8, bytes: Vec<u8>) {
    assert_eq!(Extension::parse(number, &bytes), None, "{number} {bytes:?}");
    let (store, graph) = memory_graph();
    for wrapped in [Value::Ext(number, bytes.clone()), Value::Array(vec![Value::Ext(number, bytes)])] {
        let properties = map(&[("p", wrapped)]);
        let refused = change(&store, |tx| graph.add_node(tx, &[], &properties));
        assert_eq!(code(refused), ErrorCode::InvalidArgument, "{number}");
    }
}

#[test]
fn wrong_lengths_and_numbers_are_refused() {
    let lengths: [(i8, &[usize]); 8] = [
        (16, &[8]),
        (17, &[8]),
        (18, &[12]),
        (19, &[12]),
        (20, &[16, 17, 40]),
        (21, &[28]),
        (22, &[]),
        (23, &[4, 8, 40]),
    ];
    for (number, right) in lengths {
        for length in 0..42 {
            // Nothing but zero bytes is in each limit, but for names of zones and SRIDs.
            let bytes = vec![0; length];
            let whole = if number == 23 { length > 0 && length % 4 == 0 } else { right.contains(&length) };
            let fits = whole && !(number == 20 && length > 16);
            assert_eq!(Extension::parse(number, &bytes).is_some(), fits, "{number} {length}");
        }
        assert_refused(number, vec![0; 3]);
    }
    for number in [-128, -2, 0, 1, 15, 24, 127] {
        assert_refused(number, vec![0; 8]);
    }
}

#[test]
fn values_beyond_their_limits_are_refused() {
    let beyond = [
        Extension::Date { days: 365_241_780_472 },
        Extension::Date { days: -365_243_219_163 },
        Extension::LocalTime { nanoseconds: -1 },
        Extension::LocalTime { nanoseconds: DAY * 1_000_000_000 },
        Extension::Time { nanoseconds: 0, offset_seconds: 64_801 },
        Extension::Time { nanoseconds: DAY * 1_000_000_000, offset_seconds: 0 },
        Extension::LocalDateTime { seconds: 0, nanoseconds: 1_000_000_000 },
        Extension::LocalDateTime { seconds: 365_241_780_472 * DAY, nanoseconds: 0 },
        Extension::DateTime { seconds: 365_241_780_472 * DAY - 1, nanoseconds: 0, offset_seconds: 1, zone: "" },
        Extension::DateTime { seconds: i64::MAX, nanoseconds: 0, offset_seconds: 1, zone: "" },
        Extension::DateTime { seconds: 0, nanoseconds: 0, offset_seconds: 0, zone: "Europe/Málaga" },
        Extension::DateTime { seconds: 0, nanoseconds: 0, offset_seconds: 0, zone: "a\0" },
        Extension::DateTime { seconds: 0, nanoseconds: 0, offset_seconds: -64_801, zone: "UTC" },
        Extension::Duration { months: 0, days: 0, seconds: 0, nanoseconds: u32::MAX },
        Extension::Point { srid: 1, x: 0.0, y: 0.0, z: None },
        Extension::Point { srid: 7203, x: 0.0, y: 0.0, z: Some(0.0) },
        Extension::Point { srid: 9157, x: 0.0, y: 0.0, z: None },
        Extension::Point { srid: 7203, x: f64::NAN, y: 0.0, z: None },
        Extension::Point { srid: 4326, x: 0.0, y: 90.5, z: None },
        Extension::Point { srid: 4979, x: 180.5, y: 0.0, z: Some(0.0) },
        Extension::Vector { components: &[0, 0, 0xC0, 0x7F] },
        Extension::Vector { components: &[] },
    ];
    for wrong in beyond {
        let Value::Ext(number, bytes) = value(&wrong) else { panic!("not an extension") };
        assert!(!wrong.is_valid(), "{wrong:?}");
        assert_refused(number, bytes);
    }
}

/// Ascending in the order of the language, within each type and from type to type.
fn ordered() -> Vec<Value> {
    let date = |days| value(&Extension::Date { days });
    let duration =
        |months, days, seconds, nanoseconds| value(&Extension::Duration { months, days, seconds, nanoseconds });
    let time =
        |hours: i64, offset_seconds| value(&Extension::Time { nanoseconds: hours * 3_600_000_000_000, offset_seconds });
    let moment = |seconds, nanoseconds, offset_seconds, zone| {
        value(&Extension::DateTime { seconds, nanoseconds, offset_seconds, zone })
    };
    vec![
        moment(-5, 0, 0, ""),
        moment(0, 0, -3_600, ""),
        value(&Extension::Timestamp { seconds: 0, nanoseconds: 0 }),
        moment(0, 0, 0, "Africa/Abidjan"),
        moment(0, 0, 0, "Africa/Abidjan2"),
        moment(0, 0, 3_600, ""),
        moment(0, 1, -3_600, ""),
        value(&Extension::LocalDateTime { seconds: -1, nanoseconds: 999_999_999 }),
        value(&Extension::LocalDateTime { seconds: 0, nanoseconds: 0 }),
        value(&Extension::LocalDateTime { seconds: 0, nanoseconds: 1 }),
        date(-365_243_219_162),
        date(-1),
        date(0),
        date(365_241_780_471),
        time(1, 7_200),
        time(0, 0),
        time(1, 3_600),
        time(1, 0),
        value(&Extension::LocalTime { nanoseconds: 0 }),
        value(&Extension::LocalTime { nanoseconds: 1 }),
        duration(i64::MIN, i64::MIN, i64::MIN, 0),
        duration(0, 0, -1, 999_999_999),
        duration(0, 0, 0, 0),
        duration(0, 30, 0, 0),
        duration(0, 0, 30 * DAY, 1),
        duration(0, 0, 2_629_746, 0),
        duration(1, 0, 0, 0),
        duration(0, 31, 0, 0),
        duration(i64::MAX, i64::MAX, i64::MAX, 999_999_999),
    ]
}

fn all(graph: &Graph, reader: &impl sledstore_engine::Read, mut cursor: IndexCursor, batch: usize) -> Vec<NodeId> {
    let mut found = Vec::new();
    while cursor.next_batch(graph, reader, batch, &mut found).unwrap() {}
    found.into_iter().map(NodeId).collect()
}

#[test]
fn an_index_has_the_order_of_the_language() {
    let mut random = random();
    let (store, graph) = memory_graph();
    index(&graph, None, "p", false).unwrap();
    let values = ordered();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.shuffle(&mut random);
    let mut ids = vec![NodeId(0); values.len()];
    for at in order {
        ids[at] = change(&store, |tx| graph.add_node(tx, &[], &map(&[("p", values[at].clone())]))).unwrap();
    }
    let id = graph.all_indexes(&store).unwrap()[0].id;
    for reverse in [false, true] {
        let cursor = graph.seek(&store, id, &Seek { reverse, ..Seek::default() }).unwrap().unwrap();
        let mut found = all(&graph, &store, cursor, 4);
        if reverse {
            found.reverse();
        }
        assert_eq!(found, ids);
    }
    // A range has one type: each one's values begin at its first, and end at its last.
    for (at, least) in values.iter().enumerate() {
        let kind = |value: &Value| match value {
            Value::Ext(-1, _) => 20,
            Value::Ext(number, _) => *number,
            _ => 0,
        };
        let bytes = pack(least);
        let range = SeekNext::Range(std::ops::Bound::Included(&bytes), std::ops::Bound::Unbounded);
        let cursor = graph.seek(&store, id, &Seek { next: range, ..Seek::default() }).unwrap().unwrap();
        let last = values.iter().rposition(|value| kind(value) == kind(least)).unwrap();
        assert_eq!(all(&graph, &store, cursor, 100), ids[at..=last], "{least}");
    }
}

#[test]
fn equal_values_are_found_with_and_without_an_index() {
    let moment = Extension::DateTime { seconds: 7, nanoseconds: 0, offset_seconds: 0, zone: "" };
    let vector = |components: &[f32]| {
        let bytes: Vec<u8> = components.iter().flat_map(|component| component.to_le_bytes()).collect();
        value(&Extension::Vector { components: &bytes })
    };
    let point = |x| value(&Extension::Point { srid: 7203, x, y: 1.0, z: None });
    let pairs = [
        (Value::Ext(-1, 7_u32.to_be_bytes().to_vec()), value(&moment)),
        (value(&Extension::Timestamp { seconds: 7, nanoseconds: 0 }), Value::Ext(-1, 7_u32.to_be_bytes().to_vec())),
        (point(0.0), point(-0.0)),
        (vector(&[0.0, 1.5]), vector(&[-0.0, 1.5])),
        (Value::Array(vec![1.into(), 2.5.into()]), Value::Array(vec![1.0.into(), 2.5.into()])),
        (Value::Array(vec![]), Value::Array(vec![])),
    ];
    let other = value(&Extension::DateTime { seconds: 7, nanoseconds: 0, offset_seconds: 0, zone: "UTC" });
    for (stored, equal) in pairs {
        for indexed in [false, true] {
            let (store, graph) = memory_graph();
            if indexed {
                index(&graph, None, "p", false).unwrap();
            }
            let id = change(&store, |tx| graph.add_node(tx, &[], &map(&[("p", stored.clone())]))).unwrap();
            change(&store, |tx| graph.add_node(tx, &[], &map(&[("p", other.clone())]))).unwrap();
            let wanted = map(&[("p", equal.clone())]);
            let filter = NodeFilter { label: None, properties: Some(&wanted) };
            assert_eq!(graph.find(&store, &filter, None).unwrap(), [id], "{stored} {indexed}");
        }
    }
}
