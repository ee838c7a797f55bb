//! The value of each function that the scenarios of the kit do not call. Those of floats are Python's, whose `math` is the C
//! library's.

use std::f64::consts;

use sledstore_cypher::value::Value;

use crate::pipeline::{refused, run, shown};

#[test]
fn of_numbers() {
    for (expression, expected) in [
        ("sin(0.3)", 0.295_520_206_661_339_55),
        ("cos(0.3)", 0.955_336_489_125_606),
        ("tan(0.5)", 0.546_302_489_843_790_5),
        ("cot(0.5)", 1.830_487_721_712_452),
        ("asin(0.3)", 0.304_692_654_015_397_5),
        ("acos(0.3)", 1.266_103_672_779_499_2),
        ("atan(0.3)", 0.291_456_794_477_867_1),
        ("atan2(1, 2)", 0.463_647_609_000_806_1),
        ("sinh(1)", 1.175_201_193_643_801_4),
        ("cosh(1)", 1.543_080_634_815_243_7),
        ("tanh(1)", 0.761_594_155_955_764_9),
        ("coth(1)", 1.313_035_285_499_331_5),
        ("haversin(0.3)", 0.022_331_755_437_197_01),
        ("degrees(1)", 57.295_779_513_082_32),
        ("radians(30)", consts::FRAC_PI_6),
        ("exp(2)", 7.389_056_098_930_65),
        ("log(10)", consts::LN_10),
        ("ln(10)", consts::LN_10),
        ("log10(1000)", 3.0),
        ("e()", consts::E),
        ("pi()", consts::PI),
        ("ceiling(1.2)", 2.0),
        ("ceil(-1.2)", -1.0),
        ("floor(-1.2)", -2.0),
        ("sqrt(2)", consts::SQRT_2),
    ] {
        let rows = run(&format!("RETURN {expression} AS x"), &[]).unwrap();
        let Value::Float(found) = rows[0][0].1 else { panic!("{expression} is a float") };
        assert!((found - expected).abs() <= expected.abs() * 1e-15, "{expression} is {found}, not {expected}");
    }
    for function in ["acos", "cot", "sinh", "log10", "degrees", "ceiling", "haversin"] {
        assert_eq!(shown(&format!("{function}(null)"), &[]), "null");
        refused(&format!("{function}($text)"), &[("text", Value::from("1"))]);
    }
}

#[test]
fn of_texts_and_of_what_is_turned_into_others() {
    for (expression, expected) in [
        ("bTrim('  a b ')", "'a b'"),
        ("bTrim('xxaxbyx', 'xy')", "'axb'"),
        ("char_length('Zoë')", "3"),
        ("character_length('')", "0"),
        ("lower('ÄbC')", "'äbc'"),
        ("upper('äbC')", "'ÄBC'"),
        ("toBooleanOrNull('TRUE')", "true"),
        ("toBooleanOrNull('x')", "null"),
        ("toBooleanOrNull([])", "null"),
        ("toFloatList(['1.5', 2, 'x', null])", "[1.5, 2.0, null, null]"),
        ("toStringList([1, true, 'a', null, 1.5])", "['1', 'true', 'a', null, '1.5']"),
        ("toIntegerList(['7', 1.9, 'x'])", "[7, 1, null]"),
        ("toBooleanList(['true', 'no', false])", "[true, null, false]"),
        ("nullIf(1, 1.0)", "null"),
        ("nullIf(1, 2)", "1"),
        ("toString(duration.inMonths(date('2020-01-15'), date('2021-03-14')))", "'P1Y1M'"),
        ("toString(duration.inDays(date('2020-02-28'), date('2020-03-01')))", "'P2D'"),
        ("toString(date.truncate('month', date('2020-02-28')))", "'2020-02-01'"),
        ("date.statement() = date.statement()", "true"),
        ("localtime.transaction() = localtime.transaction()", "true"),
        ("datetime.realtime() >= datetime.statement()", "true"),
        ("datetime.fromEpoch(1, 5) = datetime('1970-01-01T00:00:01.000000005Z')", "true"),
    ] {
        assert_eq!(shown(expression, &[]), expected, "{expression}");
    }
}
