//! Operators, indexes, slices and maps, with what they take and what they refuse.

use sledstore_cypher::value::{Value, temporal};
use sledstore_cypher::{Detail, Kind};

use crate::common::{list, map};
use crate::pipeline::{refused, run, shown};

#[test]
fn arithmetic_at_the_ends_of_the_integers() {
    let least = [("least", Value::Integer(i64::MIN))];
    assert_eq!(shown("-9223372036854775808", &[]), "-9223372036854775808");
    assert_eq!(shown("$least % -1", &least), "0");
    for expression in ["-$least", "$least - 1", "$least / -1", "$least * -1", "9223372036854775807 + $least * -1"] {
        let (error, _) = refused(expression, &least);
        assert_eq!((error.kind, error.detail), (Kind::ArithmeticError, Detail::IntegerOverflow), "{expression}");
    }
    assert_eq!(shown("[7 / 2, -7 % 3, 7 / 2.0, 2 ^ 3, +$least]", &least), "[3, -1, 3.5, 8.0, -9223372036854775808]");
}

#[test]
fn strings_and_lists_are_joined() {
    for (expression, expected) in [
        ("'a' || 'b'", "'ab'"),
        ("[1] || [2, 3]", "[1, 2, 3]"),
        ("'a' || null", "null"),
        ("'a' + 1 + 2.5", "'a12.5'"),
        ("[1] + 2 + [[3]]", "[1, 2, [3]]"),
        ("1 + [2]", "[1, 2]"),
    ] {
        assert_eq!(shown(expression, &[]), expected, "{expression}");
    }
    for expression in ["'a' || $one", "[1] || $one", "$one || 'a'", "$one || $one"] {
        let (error, _) = refused(expression, &[("one", Value::Integer(1))]);
        assert_eq!((error.kind, error.detail), (Kind::TypeError, Detail::InvalidArgumentType), "{expression}");
    }
}

#[test]
fn membership() {
    for (expression, expected) in [
        ("1 IN [2, 1.0]", "true"),
        ("1 IN [2, null]", "null"),
        ("null IN []", "false"),
        ("null IN [1]", "null"),
        ("[1, null] IN [[1, 2], [3]]", "null"),
        ("1 IN null", "null"),
    ] {
        assert_eq!(shown(expression, &[]), expected, "{expression}");
    }
    let (error, place) = refused("1 IN $map", &[("map", map([]))]);
    assert_eq!((error.detail, &*place), (Detail::InvalidArgumentType, "1 IN $map"));
}

#[test]
fn texts_are_compared_with_parts() {
    for (expression, expected) in [
        ("'añb' STARTS WITH 'añ'", "true"),
        ("'abc' ENDS WITH 'ab'", "false"),
        ("'abc' CONTAINS ''", "true"),
        ("'abc' CONTAINS null", "null"),
        ("$one STARTS WITH 'a'", "null"),
        ("'a' ENDS WITH $one", "null"),
    ] {
        assert_eq!(shown(expression, &[("one", Value::Integer(1))]), expected, "{expression}");
    }
}

#[test]
fn regular_expressions_match_the_whole_text() {
    for (text, pattern, expected) in [
        ("abc", "a.c", "true"),
        ("abcd", "a.c", "false"),
        ("xabc", "abc", "false"),
        ("ab", "a|ab", "true"),
        ("ABC", "(?i)abc", "true"),
        ("a\nc", "a.c", "false"),
        ("a\nc", "(?s)a.c", "true"),
        ("abc\n", "abc", "false"),
        ("mail@host.org", r"[\w.]+@\w+\.(org|com)", "true"),
        ("ééé", "é{3}", "true"),
        ("", "", "true"),
    ] {
        let parameters = [("text", text.into()), ("pattern", pattern.into())];
        assert_eq!(shown("$text =~ $pattern", &parameters), expected, "{text:?} {pattern:?}");
    }
    assert_eq!(shown("[null =~ 'a', 'a' =~ null, $one =~ 'a']", &[("one", Value::Integer(1))]), "[null, null, null]");
}

#[test]
fn what_is_no_regular_expression_is_an_error() {
    let large = format!("(({}){{100}}){{100}}", "a{100}".repeat(20));
    for pattern in ["(", "a)(b", "[", "a{2,1}", "*", &large] {
        let (error, place) = refused("'a' =~ $pattern", &[("pattern", pattern.into())]);
        assert_eq!((error.kind, error.detail), (Kind::ArgumentError, Detail::InvalidArgumentValue), "{pattern}");
        assert_eq!(place, "'a' =~ $pattern");
    }
}

#[test]
fn each_row_has_its_own_pattern() {
    let rows = run("UNWIND ['a+', 'b', 'a+', 'a'] AS p RETURN 'aa' =~ p AS x", &[]).unwrap();
    let found: Vec<_> = rows.iter().map(|row| row[0].1.to_string()).collect();
    assert_eq!(found, ["true", "false", "true", "false"]);
}

#[test]
fn lists_by_place() {
    for (expression, expected) in [
        ("[1, 2, 3][0]", "1"),
        ("[1, 2, 3][-1]", "3"),
        ("[1, 2, 3][3]", "null"),
        ("[1, 2, 3][$least]", "null"),
        ("[1][null]", "null"),
        ("null[0]", "null"),
        ("[1, 2, 3][1..]", "[2, 3]"),
        ("[1, 2, 3][..-1]", "[1, 2]"),
        ("[1, 2, 3][2..1]", "[]"),
        ("[1, 2, 3][$least..9]", "[1, 2, 3]"),
        ("[1, 2, 3][null..2]", "null"),
        ("[1, 2, 3][0..null]", "null"),
        ("null[0..1]", "null"),
    ] {
        assert_eq!(shown(expression, &[("least", Value::Integer(i64::MIN))]), expected, "{expression}");
    }
    for (expression, detail) in [
        ("[1][$x]", Detail::ListElementAccessByNonInteger),
        ("$x[0]", Detail::InvalidArgumentType),
        ("$x[0..1]", Detail::InvalidArgumentType),
        ("[1][$x..]", Detail::InvalidArgumentType),
        ("{a: 1}[$one]", Detail::MapElementAccessByNonString),
    ] {
        let (error, _) = refused(expression, &[("x", "text".into()), ("one", Value::Integer(1))]);
        assert_eq!((error.kind, error.detail), (Kind::TypeError, detail), "{expression}");
    }
}

#[test]
fn maps_by_key() {
    let parameters = [("m", map([("a", Value::Integer(1)), ("b", list([Value::Null]))])), ("key", "b".into())];
    for (expression, expected) in [
        ("$m.a", "1"),
        ("$m.c", "null"),
        ("$m[$key]", "[null]"),
        ("$m[null]", "null"),
        ("{a: 1, b: 2, a: 3}", "{a: 3, b: 2}"),
        ("{a: {b: $key}}.a.b", "'b'"),
        ("$m {.a, .c, d: $key}", "{a: 1, c: null, d: 'b'}"),
        ("$m {.*, a: 2}", "{a: 2, b: [null]}"),
        ("$m {a: 2, .*}", "{a: 1, b: [null]}"),
        ("null {.a}", "null"),
    ] {
        let given: Vec<_> = parameters.iter().filter(|(name, _)| expression.contains(&format!("${name}"))).collect();
        let given: Vec<_> = given.into_iter().cloned().collect();
        assert_eq!(shown(expression, &given), expected, "{expression}");
    }
    let (error, place) = refused("$x {.a}", &[("x", Value::Integer(1))]);
    assert_eq!((error.detail, &*place), (Detail::InvalidArgumentType, "$x {.a}"));
}

#[test]
fn components() {
    let date = temporal::Date::new(2024, 2, 29).map(Value::Date).unwrap();
    assert_eq!(shown("[$d.year, $d.month, $d.day]", &[("d", date.clone())]), "[2024, 2, 29]");
    assert_eq!(shown("[duration('PT90S').minutes, point({x: 1.5, y: 2}).x]", &[]), "[1, 1.5]");
    for (expression, kind, detail) in [
        ("$d.hour", Kind::ArgumentError, Detail::InvalidArgumentValue),
        ("point({x: 1, y: 2}).z", Kind::ArgumentError, Detail::InvalidArgumentValue),
        ("[$d][0].nothing", Kind::ArgumentError, Detail::InvalidArgumentValue),
        ("$d.year.month", Kind::TypeError, Detail::PropertyAccessOnNonMap),
    ] {
        let parameters = [("d", date.clone())];
        let (error, place) = refused(expression, &parameters);
        assert_eq!((error.kind, error.detail, &*place), (kind, detail, expression));
    }
}
