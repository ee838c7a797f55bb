//! Operators give a value or the language's error, whatever stands on their sides.

use proptest::prelude::*;
use sledstore_cypher::value::Value::{self, Float, Integer, Null};
use sledstore_cypher::value::arithmetic::{add, divide, multiply, negate, plus, power, remainder, subtract};
use sledstore_cypher::{CypherError, Detail, Kind};

use crate::common::{call, list};
use crate::relations_agree::value;

const OVERFLOW: (Kind, Detail) = (Kind::ArithmeticError, Detail::IntegerOverflow);
const BY_ZERO: (Kind, Detail) = (Kind::ArithmeticError, Detail::DivisionByZero);
const WRONG_TYPE: (Kind, Detail) = (Kind::TypeError, Detail::InvalidArgumentType);

fn refused(result: Result<Value, CypherError>) -> (Kind, Detail) {
    let error = result.unwrap_err();
    (error.kind, error.detail)
}

fn duration(text: &str) -> Value {
    call("duration", &[text.into()]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_operand_panics(a in value(), b in value()) {
        for operator in [add, subtract, multiply, divide, remainder, power] {
            if let Ok(result) = operator(&a, &b) {
                prop_assert!(!result.to_string().is_empty());
                prop_assert!(result.is_null() || !(a.is_null() || b.is_null()));
            }
        }
        prop_assert_eq!(negate(&a).is_ok_and(|value| value.is_null()), a.is_null());
        prop_assert_eq!(plus(&a).is_ok_and(|value| value.is_null()), a.is_null());
    }

    #[test]
    fn integers_are_exact(a in any::<i64>(), b in any::<i64>()) {
        let exact = |result: Result<Value, CypherError>, wide: i128| match result {
            Ok(Integer(integer)) => i128::from(integer) == wide,
            Ok(_) => false,
            Err(error) => (error.kind, error.detail) == OVERFLOW && i64::try_from(wide).is_err(),
        };
        let (wide_a, wide_b) = (i128::from(a), i128::from(b));
        prop_assert!(exact(add(&Integer(a), &Integer(b)), wide_a + wide_b));
        prop_assert!(exact(subtract(&Integer(a), &Integer(b)), wide_a - wide_b));
        prop_assert!(exact(multiply(&Integer(a), &Integer(b)), wide_a * wide_b));
        if b != 0 {
            prop_assert!(exact(divide(&Integer(a), &Integer(b)), wide_a / wide_b));
            prop_assert!(exact(remainder(&Integer(a), &Integer(b)), wide_a % wide_b));
        }
    }

    #[test]
    fn halves_of_a_duration_make_it_again(months in -1_000..1_000_i64, days in -1_000..1_000_i64) {
        let twice = sledstore_cypher::value::duration::Duration::new(months * 2, days * 2, 0, 0).unwrap();
        prop_assert_eq!(twice.divided(2).unwrap().times(2).unwrap(), twice);
        prop_assert_eq!(twice.times_float(0.5).unwrap(), twice.divided(2).unwrap());
        prop_assert_eq!(twice.divided_float(0.5).unwrap(), twice.times(2).unwrap());
    }
}

#[test]
fn the_ends_of_the_integers() {
    assert_eq!(refused(add(&Integer(i64::MAX), &Integer(1))), OVERFLOW);
    assert_eq!(refused(divide(&Integer(i64::MIN), &Integer(-1))), OVERFLOW);
    assert_eq!(refused(negate(&Integer(i64::MIN))), OVERFLOW);
    assert_eq!(remainder(&Integer(i64::MIN), &Integer(-1)).unwrap().to_string(), "0");
    assert_eq!(refused(call("abs", &[Integer(i64::MIN)])), OVERFLOW);
}

#[test]
fn zero_divides_floats_alone() {
    assert_eq!(refused(divide(&Integer(1), &Integer(0))), BY_ZERO);
    assert_eq!(refused(remainder(&Integer(1), &Integer(0))), BY_ZERO);
    assert_eq!(refused(divide(&duration("P1D"), &Integer(0))), BY_ZERO);
    assert_eq!(refused(divide(&duration("P1D"), &Float(0.0))), BY_ZERO);
    assert_eq!(divide(&Integer(1), &Float(0.0)).unwrap().to_string(), "Inf");
    assert_eq!(divide(&Integer(0), &Float(0.0)).unwrap().to_string(), "NaN");
    assert_eq!(divide(&Null, &Integer(0)).unwrap().to_string(), "null");
}

#[test]
fn what_is_joined() {
    let joined = |a: Value, b: Value| add(&a, &b).unwrap().to_string();
    assert_eq!(joined("a".into(), Integer(1)), "'a1'");
    assert_eq!(joined(Float(1.5), "a".into()), "'1.5a'");
    assert_eq!(joined("on ".into(), call("date", &["2020-01-01".into()]).unwrap()), "'on 2020-01-01'");
    assert_eq!(joined(list([Integer(1)]), Integer(2)), "[1, 2]");
    assert_eq!(joined("a".into(), list([Integer(2)])), "['a', 2]");
    assert_eq!(joined(list([Integer(1)]), list([list([])])), "[1, []]");
    assert_eq!(refused(add(&Integer(1), &Value::Boolean(true))), WRONG_TYPE);
    assert_eq!(refused(subtract(&"a".into(), &"b".into())), WRONG_TYPE);
    assert_eq!(refused(subtract(&duration("P1D"), &call("date", &["2020-01-01".into()]).unwrap())), WRONG_TYPE);
}

#[test]
fn a_string_does_not_grow_forever() {
    let mut text: Value = "x".repeat(1 << 20).into();
    let error = loop {
        match add(&text, &text) {
            Ok(doubled) => text = doubled,
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind, error.detail), (Kind::Ended, Detail::MemoryLimit));
}

#[test]
fn seconds_pass_and_days_are_counted() {
    let before = call("datetime", &["2017-10-28T23:00[Europe/Stockholm]".into()]).unwrap();
    let later = |text: &str| add(&before, &duration(text)).unwrap().to_string();
    assert_eq!(later("PT24H"), "'2017-10-29T22:00+01:00[Europe/Stockholm]'");
    assert_eq!(later("P1D"), "'2017-10-29T23:00+01:00[Europe/Stockholm]'");
    assert_eq!(later("PT4H"), "'2017-10-29T02:00+01:00[Europe/Stockholm]'");
    assert_eq!(later("PT3H"), "'2017-10-29T02:00+02:00[Europe/Stockholm]'");
}

#[test]
fn durations_overflow_by_an_error() {
    let long = Value::from(sledstore_cypher::value::duration::Duration::new(0, 0, i64::MAX, 0).unwrap());
    assert_eq!(refused(add(&long, &long)), OVERFLOW);
    assert_eq!(refused(multiply(&long, &Integer(i64::MAX))), OVERFLOW);
    assert_eq!(refused(multiply(&long, &Float(1e300))), OVERFLOW);
    assert_eq!(refused(multiply(&long, &Float(f64::NAN))), OVERFLOW);
    let date = call("date", &["2020-01-01".into()]).unwrap();
    assert_eq!(refused(add(&date, &duration("P999999999Y"))), (Kind::ArgumentError, Detail::NumberOutOfRange));
}
