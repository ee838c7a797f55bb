//! AND, OR, XOR, NOT, chains of comparisons and quantifiers, over all that their operands can be.

use sledstore_cypher::value::Value;
use sledstore_cypher::{Detail, Kind};

use crate::common::list;
use crate::pipeline::{refused, shown};

const TRUTHS: [Option<bool>; 3] = [Some(true), Some(false), None];

fn text(truth: Option<bool>) -> String {
    Value::from(truth).to_string()
}

/// Every list of truths of a length.
fn lists(len: u32) -> Vec<Vec<Option<bool>>> {
    let list = |number: usize| (0..len).map(|place| TRUTHS[number / 3_usize.pow(place) % 3]).collect();
    (0..3_usize.pow(len)).map(list).collect()
}

/// Computes an operator over parameters, so that nothing is known before.
fn over(operator: &str, operands: &[Option<bool>]) -> String {
    let names = ["a", "b", "c", "d"];
    let parameters: Vec<_> = names.into_iter().zip(operands.iter().map(|truth| Value::from(*truth))).collect();
    let written: Vec<_> = parameters.iter().map(|(name, _)| format!("${name}")).collect();
    shown(&written.join(operator), &parameters)
}

#[test]
fn connectives_of_many() {
    for len in 2..=4 {
        for operands in lists(len) {
            let has = |truth| operands.contains(&truth);
            let and = if has(Some(false)) {
                Some(false)
            } else if has(None) {
                None
            } else {
                Some(true)
            };
            let or = if has(Some(true)) {
                Some(true)
            } else if has(None) {
                None
            } else {
                Some(false)
            };
            let odd = operands.iter().filter(|truth| **truth == Some(true)).count() % 2 == 1;
            let xor = if has(None) { None } else { Some(odd) };
            assert_eq!(over(" AND ", &operands), text(and), "{operands:?}");
            assert_eq!(over(" OR ", &operands), text(or), "{operands:?}");
            assert_eq!(over(" XOR ", &operands), text(xor), "{operands:?}");
        }
    }
    for truth in TRUTHS {
        assert_eq!(shown("NOT $a", &[("a", truth.into())]), text(truth.map(|truth| !truth)));
    }
}

#[test]
fn quantifiers_of_many() {
    for len in 0..=4 {
        for elements in lists(len) {
            let count = |wanted: Option<bool>| elements.iter().filter(|truth| **truth == wanted).count();
            let (yes, no, unknown) = (count(Some(true)), count(Some(false)), count(None));
            let else_unknown = |truth| if unknown > 0 { None } else { Some(truth) };
            let expected = [
                ("all", if no > 0 { Some(false) } else { else_unknown(true) }),
                ("any", if yes > 0 { Some(true) } else { else_unknown(false) }),
                ("none", if yes > 0 { Some(false) } else { else_unknown(true) }),
                ("single", if yes > 1 { Some(false) } else { else_unknown(yes == 1) }),
            ];
            let given = list(elements.iter().map(|truth| Value::from(*truth)));
            for (name, truth) in expected {
                let found = shown(&format!("{name}(x IN $list WHERE x)"), &[("list", given.clone())]);
                assert_eq!(found, text(truth), "{name} of {elements:?}");
            }
        }
    }
    assert_eq!(shown("[all(x IN null WHERE x), single(x IN $l WHERE x)]", &[("l", Value::Null)]), "[null, null]");
}

#[test]
fn what_is_decided_is_not_computed_further() {
    let zero = [("zero", Value::Integer(0))];
    for (expression, expected) in [
        ("false AND 1 / $zero = 1", "false"),
        ("true OR 1 / $zero = 1", "true"),
        ("1 > 2 > 1 / $zero", "false"),
        ("coalesce(null, 7, 1 / $zero)", "7"),
        ("CASE WHEN true THEN 1 WHEN 1 / $zero = 1 THEN 2 ELSE 1 / $zero END", "1"),
        ("CASE 3 WHEN 3, 1 / $zero THEN 'three' END", "'three'"),
        ("any(x IN [1, 0] WHERE 1 / x = 1)", "true"),
        ("all(x IN [2, 0] WHERE 1 / x = 1)", "false"),
    ] {
        assert_eq!(shown(expression, &zero), expected, "{expression}");
    }
    for expression in ["null AND 1 / $zero = 1", "null OR 1 / $zero = 1", "true XOR 1 / $zero = 1"] {
        assert_eq!(refused(expression, &zero).0.detail, Detail::DivisionByZero, "{expression}");
    }
}

#[test]
fn chains_compare_neighbors() {
    for (expression, expected) in [
        ("1 < 2 < 3", "true"),
        ("1 < 3 < 2", "false"),
        ("1 < 2 > 1 <> 3", "true"),
        ("1 < null < 3", "null"),
        ("null < 1 > 2", "false"),
        ("1 = 1.0 = 1", "true"),
        ("2 >= 2 <= 2", "true"),
        ("'a' < 1", "null"),
        ("'a' = 1", "false"),
        ("[1, null] = [1, 2]", "null"),
        ("[1, null] <> [2, null]", "true"),
    ] {
        assert_eq!(shown(expression, &[]), expected, "{expression}");
    }
}

#[test]
fn what_is_no_truth_is_an_error_at_its_place() {
    let one = [("one", Value::Integer(1))];
    for (expression, place) in [
        ("true AND $one", "$one"),
        ("$one OR true", "$one"),
        ("null XOR ($one)", "($one)"),
        ("NOT $one", "$one"),
        ("[x IN [1] WHERE $one]", "$one"),
        ("all(x IN [$one] WHERE x)", "x"),
        ("CASE WHEN $one THEN 1 END", "$one"),
    ] {
        let (error, found) = refused(expression, &one);
        assert_eq!((error.kind, error.detail), (Kind::TypeError, Detail::InvalidArgumentType), "{expression}");
        assert_eq!(found, place, "{expression}");
    }
}

#[test]
fn case_compares_with_equality() {
    for (expression, expected) in [
        ("CASE null WHEN null THEN 1 ELSE 2 END", "2"),
        ("CASE 1 WHEN 1.0 THEN 1 ELSE 2 END", "1"),
        ("CASE 1 WHEN 2 THEN 1 END", "null"),
        ("CASE WHEN null THEN 1 WHEN true THEN 2 END", "2"),
        ("CASE $x WHEN 4, 5 THEN 'low' WHEN 6 THEN 'high' END", "'low'"),
    ] {
        assert_eq!(shown(expression, &[("x", Value::Integer(5))]), expected, "{expression}");
    }
}
