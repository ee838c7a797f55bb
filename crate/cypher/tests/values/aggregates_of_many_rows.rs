//! Aggregations accumulate exactly, pass over nulls and refuse what they cannot take.

use proptest::prelude::*;
use sledstore_cypher::function::find_aggregate;
use sledstore_cypher::value::Value::{self, Float, Integer, Null};
use sledstore_cypher::value::order::order;
use sledstore_cypher::{CypherError, Detail, Kind};

use crate::common::{call, list};
use crate::relations_agree::value;

fn over(name: &str, rows: &[&[Value]]) -> Result<Value, CypherError> {
    let mut state = find_aggregate(&name.to_ascii_lowercase()).unwrap().start();
    for row in rows {
        state.update(row)?;
    }
    state.finish()
}

fn of(name: &str, values: &[Value]) -> String {
    let rows: Vec<_> = values.iter().map(std::slice::from_ref).collect();
    over(name, &rows).unwrap().to_string()
}

fn refused(name: &str, values: &[Value]) -> (Kind, Detail) {
    let rows: Vec<_> = values.iter().map(std::slice::from_ref).collect();
    let error = over(name, &rows).unwrap_err();
    (error.kind, error.detail)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_row_panics(values in prop::collection::vec(value(), 0..6), at in value()) {
        for name in ["count", "collect", "sum", "avg", "min", "max", "stdev", "stdevp"] {
            let rows: Vec<_> = values.iter().map(std::slice::from_ref).collect();
            if let Ok(value) = over(name, &rows) {
                prop_assert!(!value.to_string().is_empty());
            }
        }
        for name in ["percentiledisc", "percentilecont"] {
            let rows: Vec<_> = values.iter().map(|value| [value.clone(), at.clone()]).collect();
            let rows: Vec<_> = rows.iter().map(|row| row.as_slice()).collect();
            prop_assert!(over(name, &rows).is_ok_and(|value| !value.to_string().is_empty()) || !values.is_empty());
        }
    }

    #[test]
    fn min_and_max_are_the_ends_of_the_order(values in prop::collection::vec(value(), 1..6)) {
        let mut sorted: Vec<_> = values.iter().filter(|value| !value.is_null()).collect();
        sorted.sort_by(|a, b| order(a, b));
        let rows: Vec<_> = values.iter().map(std::slice::from_ref).collect();
        let (min, max) = (over("min", &rows).unwrap(), over("max", &rows).unwrap());
        prop_assert!(order(&min, sorted.first().copied().unwrap_or(&Null)).is_eq());
        prop_assert!(order(&max, sorted.last().copied().unwrap_or(&Null)).is_eq());
    }
}

#[test]
fn no_rows() {
    let none = ["count", "collect", "sum", "avg", "min", "max", "stDev", "stDevP"].map(|name| of(name, &[Null]));
    assert_eq!(none, ["0", "[]", "0", "null", "null", "null", "0.0", "0.0"]);
    assert_eq!(over("percentileCont", &[]).unwrap().to_string(), "null");
}

#[test]
fn every_row_counts_without_an_argument() {
    assert_eq!(over("count", &[&[], &[], &[]]).unwrap().to_string(), "3");
    assert_eq!(of("count", &[Integer(1), Null]), "1");
}

#[test]
fn sums_are_exact() {
    let wide = [Integer(i64::MAX), Integer(i64::MAX), Integer(i64::MIN), Integer(i64::MIN), Integer(5)];
    assert_eq!(of("sum", &wide), "3");
    assert_eq!(refused("sum", &[Integer(i64::MAX), Integer(1)]), (Kind::ArithmeticError, Detail::IntegerOverflow));
    assert_eq!(of("sum", &[Float(1.0), Float(1e100), Float(1.0), Float(-1e100)]), "2.0");
    assert_eq!(of("sum", &vec![Float(0.1); 10]), "1.0");
    assert_eq!(of("sum", &[Integer(1), Float(0.5)]), "1.5");
    assert_eq!(of("sum", &[Float(f64::INFINITY), Float(1.0)]), "Inf");
    assert_eq!(of("avg", &[Integer(1), Integer(2)]), "1.5");
    assert_eq!(of("avg", &[Float(1e308), Float(1e308)]), "1e308");
}

#[test]
fn durations_have_sums_and_means() {
    let durations = ["P1M1D", "P2DT1H"].map(|text| call("duration", &[text.into()]).unwrap());
    assert_eq!(of("sum", &durations), "'P1M3DT1H'");
    assert_eq!(of("avg", &durations), "'P16DT17H44M33S'");
    let wrong = (Kind::TypeError, Detail::InvalidArgumentValue);
    assert_eq!(refused("sum", &[durations[0].clone(), Integer(1)]), wrong);
    assert_eq!(refused("avg", &[Integer(1), durations[0].clone()]), wrong);
    assert_eq!(refused("sum", &["1".into()]), wrong);
}

#[test]
fn deviations() {
    let values = [2, 4, 4, 4, 5, 5, 7, 9].map(Integer);
    assert_eq!(of("stDevP", &values), "2.0");
    assert_eq!(of("stDev", &values), "2.138089935299395");
    assert_eq!(of("stDev", &[Integer(5)]), "0.0");
    let far = [4, 7, 13, 16].map(|value| Float(1e9 + f64::from(value)));
    assert_eq!(of("stDevP", &far), "4.743416490252569");
}

#[test]
fn percentiles() {
    let at = |name: &str, at: f64| {
        let rows = [10, 20, 30, 40].map(|value| [Integer(value), Float(at)]);
        over(name, &[&rows[2], &rows[0], &rows[3], &[Null, Float(at)], &rows[1]]).unwrap().to_string()
    };
    assert_eq!([0.0, 0.25, 0.26, 0.5, 1.0].map(|p| at("percentileDisc", p)), ["10", "10", "20", "20", "40"]);
    assert_eq!([0.0, 0.5, 0.9, 1.0].map(|p| at("percentileCont", p)), ["10.0", "25.0", "37.0", "40.0"]);
    for wrong in [-0.1, 1.1, f64::NAN] {
        let error = over("percentileCont", &[&[Integer(1), Float(wrong)]]).unwrap_err();
        assert_eq!((error.kind, error.detail), (Kind::ArgumentError, Detail::NumberOutOfRange));
    }
}

#[test]
fn collecting_keeps_the_order_and_no_nulls() {
    assert_eq!(of("collect", &[Integer(2), Null, Integer(1), list([Null])]), "[2, 1, [null]]");
}
