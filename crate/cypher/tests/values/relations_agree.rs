//! The total order is total, and equivalence, hash, equality and comparability agree with it, whatever the values.

use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use proptest::prelude::*;
use sledstore_cypher::value::compare::{Comparison, compare, equals, is_in, less, less_or_equal};
use sledstore_cypher::value::duration::Duration;
use sledstore_cypher::value::order::{Key, equivalent, order};
use sledstore_cypher::value::point::{Crs, Point};
use sledstore_cypher::value::temporal::{Date, DateTime, LocalDateTime, LocalTime, Offset, Time, Zone};
use sledstore_cypher::value::{Map, Node, Path, Relationship, Step, Value};

use crate::common::{list, map};

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![-3..3_i64, any::<i64>(), Just(i64::MAX), Just(i64::MIN), Just(1 << 53), Just((1 << 53) + 1)]
}

fn float() -> impl Strategy<Value = f64> {
    let special = [0.0, -0.0, 1.0, 0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 9_007_199_254_740_992.0];
    prop_oneof![prop::sample::select(special.to_vec()), integer().prop_map(|integer| integer as f64), any::<f64>()]
}

pub fn date() -> impl Strategy<Value = Date> {
    let day = prop_oneof![-3..3_i64, -1_000_000..1_000_000_i64, -365_000_000_000..365_000_000_000_i64];
    day.prop_map(|day| Date::from_day(day).unwrap())
}

pub fn local_time() -> impl Strategy<Value = LocalTime> {
    let nanosecond = prop_oneof![Just(0), 0..3_i64, 0..1_000_000_000_i64];
    (0..24_i64, 0..60_i64, prop_oneof![Just(0), 0..60_i64], nanosecond)
        .prop_map(|(hour, minute, second, nanosecond)| LocalTime::new(hour, minute, second, nanosecond).unwrap())
}

fn offset() -> impl Strategy<Value = Offset> {
    let seconds = prop_oneof![Just(0), Just(3600), Just(-3600), -64_800..=64_800_i32];
    seconds.prop_map(|seconds| Offset::new(seconds).unwrap())
}

pub fn time() -> impl Strategy<Value = Time> {
    (local_time(), offset()).prop_map(|(local, offset)| Time { local, offset })
}

pub fn local_datetime() -> impl Strategy<Value = LocalDateTime> {
    (date(), local_time()).prop_map(|(date, time)| LocalDateTime { date, time })
}

pub fn datetime() -> impl Strategy<Value = DateTime> {
    let names = ["Europe/Stockholm", "Europe/London", "America/New_York", "Australia/Eucla", "Pacific/Apia", "UTC"];
    let named = prop::sample::select(names.to_vec()).prop_map(|name| Zone::parse(name).unwrap());
    let zone = prop_oneof![offset().prop_map(Zone::from), named];
    (local_datetime(), zone).prop_map(|(local, zone)| DateTime::in_zone(local, zone).unwrap())
}

pub fn duration() -> impl Strategy<Value = Duration> {
    let part = || prop_oneof![Just(0), -40..40_i64, -1_000_000_000_000..1_000_000_000_000_i64];
    let nanoseconds = prop_oneof![Just(0), -2_000_000_000..2_000_000_000_i128];
    (part(), part(), part(), nanoseconds)
        .prop_map(|(months, days, seconds, nanoseconds)| Duration::new(months, days, seconds, nanoseconds).unwrap())
}

fn point() -> impl Strategy<Value = Point> {
    let coordinate = || -2..2_i8;
    (0..4_u8, coordinate(), coordinate(), coordinate()).prop_map(|(crs, x, y, z)| {
        let (crs, height) =
            [(Crs::Cartesian, false), (Crs::Cartesian3D, true), (Crs::Wgs84, false), (Crs::Wgs84Height, true)]
                [usize::from(crs)];
        Point::new(crs, x.into(), y.into(), height.then_some(z.into())).unwrap()
    })
}

fn node(id: u64) -> Arc<Node> {
    Arc::new(Node { id, labels: Arc::default(), properties: Map::empty() })
}

fn relationship(id: u64) -> Arc<Relationship> {
    Arc::new(Relationship { id, kind: "T".into(), start: 0, end: 1, properties: Map::empty() })
}

fn scalar() -> impl Strategy<Value = Value> {
    let step = |id| Step { relationship: relationship(id), node: node(id) };
    let path = move |ids: Vec<u64>| Path { start: node(0), steps: ids.into_iter().map(step).collect() };
    prop_oneof![
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Boolean),
        4 => integer().prop_map(Value::Integer),
        4 => float().prop_map(Value::Float),
        2 => "[ab\u{e9}\u{1f600}]{0,3}".prop_map(Value::from),
        1 => prop::collection::vec(any::<u8>(), 0..3).prop_map(|bytes| Value::Bytes(bytes.into())),
        1 => prop::collection::vec(float(), 0..3)
            .prop_map(|components| Value::Vector(components.into_iter().map(|float| float as f32).collect())),
        1 => (0..3_u64).prop_map(|id| node(id).into()),
        1 => (0..3_u64).prop_map(|id| relationship(id).into()),
        1 => prop::collection::vec(0..3_u64, 0..3).prop_map(move |ids| Value::Path(Arc::new(path(ids)))),
        1 => date().prop_map(Value::Date),
        1 => local_time().prop_map(Value::LocalTime),
        1 => time().prop_map(Value::Time),
        1 => local_datetime().prop_map(Value::LocalDateTime),
        1 => datetime().prop_map(Value::from),
        1 => duration().prop_map(Value::from),
        1 => point().prop_map(|point| Value::Point(Arc::new(point))),
    ]
}

pub fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(list),
            prop::collection::btree_map("[ab]{1,2}", inner, 0..3)
                .prop_map(|entries| Value::Map(Map::new(entries).unwrap())),
        ]
    })
}

fn hash(value: &Value) -> u64 {
    let mut state = DefaultHasher::new();
    Key(value.clone()).hash(&mut state);
    state.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_is_total(a in value(), b in value(), c in value()) {
        prop_assert_eq!(order(&a, &a), Ordering::Equal);
        prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
        let mut sorted = [&a, &b, &c];
        sorted.sort_by(|a, b| order(a, b));
        let [first, second, third] = sorted;
        prop_assert!(order(first, second).is_le() && order(second, third).is_le());
        prop_assert!(order(first, third).is_le());
        if order(first, second).is_eq() {
            prop_assert_eq!(order(first, third), order(second, third));
        }
    }

    #[test]
    fn numbers_of_both_types_are_in_one_order(a in number(), b in number(), c in number()) {
        let mut sorted = [&a, &b, &c];
        sorted.sort_by(|a, b| order(a, b));
        prop_assert!(order(sorted[0], sorted[2]).is_le());
        if equivalent(&a, &b) {
            prop_assert_eq!(hash(&a), hash(&b));
            prop_assert_eq!(order(&a, &c), order(&b, &c));
        }
    }

    #[test]
    fn equivalent_values_have_equal_hashes(a in value(), b in value()) {
        prop_assert!(equivalent(&a, &a));
        prop_assert_eq!(hash(&a), hash(&a.clone()));
        if equivalent(&a, &b) {
            prop_assert_eq!(hash(&a), hash(&b));
        }
    }

    #[test]
    fn equality_is_equivalence_where_it_is_known(a in value(), b in value()) {
        prop_assert_eq!(equals(&a, &b), equals(&b, &a));
        match equals(&a, &b) {
            Some(true) => prop_assert!(equivalent(&a, &b)),
            Some(false) if !holds_nan(&a) => prop_assert!(!equivalent(&a, &b)),
            Some(false) | None => {}
        }
    }

    #[test]
    fn comparability_is_order_where_it_is_known(a in value(), b in value()) {
        if let Comparison::Ordered(ordering) = compare(&a, &b) {
            prop_assert_eq!(ordering, order(&a, &b));
        }
        prop_assert_eq!(less(&a, &b).map(|less| less && less_or_equal(&b, &a) == Some(true)), less(&a, &b).map(|_| false));
    }
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![integer().prop_map(Value::Integer), float().prop_map(Value::Float)]
}

fn holds_nan(value: &Value) -> bool {
    match value {
        Value::Float(float) => float.is_nan(),
        Value::List(list) => list.values().iter().any(holds_nan),
        Value::Map(map) => map.entries().iter().any(|(_, value)| holds_nan(value)),
        Value::Vector(components) => components.iter().any(|component| component.is_nan()),
        _ => false,
    }
}

#[test]
fn nulls_inside_decide_nothing_but_what_they_must() {
    let one_and = |value| list([Value::Integer(1), value]);
    assert_eq!(equals(&one_and(Value::Null), &one_and(Value::Integer(2))), None);
    assert_eq!(equals(&one_and(Value::Null), &list([Value::Integer(2), Value::Null])), Some(false));
    assert_eq!(equals(&map([("a", Value::Null)]), &map([("b", Value::Null)])), Some(false));
    assert!(equivalent(&one_and(Value::Null), &one_and(Value::Null)));
    let Value::List(holding) = one_and(Value::Null) else { panic!() };
    assert_eq!(is_in(&Value::Float(1.0), &holding), Some(true));
    assert_eq!(is_in(&Value::Integer(3), &holding), None);
    assert_eq!(is_in(&Value::Null, &holding), None);
}

/// Each walk recurses, and depth is the caller's to choose.
#[test]
fn the_deepest_value_fits_a_small_stack() {
    let walk = || {
        let mut deep = [Value::Integer(1), Value::Null].map(|value| list([value]));
        while let Ok(deeper) = Value::list(vec![deep[0].clone()]) {
            deep = [deeper, list([deep[1].clone()])];
        }
        let [a, b] = &deep;
        assert_eq!((equals(a, b), less(a, b), order(a, b)), (None, None, Ordering::Less));
        assert_ne!(hash(a), hash(b));
        assert_eq!(a.to_string().len(), 2 * usize::from(sledstore_cypher::value::DEPTH_MAX) + 1);
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(walk).unwrap().join().unwrap();
}

#[test]
fn types_stand_in_the_order_of_the_language() {
    let path = Path { start: node(0), steps: Vec::new() };
    let temporal = |name: &str, text: &str| crate::common::call(name, &[text.into()]).unwrap();
    let sorted = [
        map([]),
        node(1).into(),
        relationship(1).into(),
        list([]),
        Value::Path(Arc::new(path)),
        temporal("datetime", "2000-01-01T00:00Z"),
        temporal("localdatetime", "2000-01-01T00:00"),
        temporal("date", "2000-01-01"),
        temporal("time", "00:00Z"),
        temporal("localtime", "00:00"),
        temporal("duration", "PT1S"),
        "text".into(),
        Value::Boolean(true),
        Value::Integer(1),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NAN),
        Value::Null,
    ];
    assert!(sorted.windows(2).all(|pair| order(&pair[0], &pair[1]).is_lt()));
}

#[test]
fn the_same_moment_elsewhere_is_another_value() {
    let at = |text: &str| crate::common::call("datetime", &[text.into()]).unwrap();
    let (utc, east) = (at("2020-01-01T00:00Z"), at("2020-01-01T01:00+01:00"));
    assert_eq!((equals(&utc, &east), less(&utc, &east)), (Some(false), Some(true)));
    assert_eq!(less(&east, &at("2020-01-01T00:00:00.1Z")), Some(true));
}
