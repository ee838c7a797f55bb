//! An error points to the innermost expression it arose in.

use crate::common::list;
use crate::pipeline::refused;
use sledstore_cypher::value::Value;

#[test]
fn the_innermost_expression_is_named() {
    let parameters = [("zero", Value::Integer(0)), ("list", list([Value::Integer(1)]))];
    for (expression, place) in [
        ("1 + (2 * (3 / $zero))", "(3 / $zero)"),
        ("[1, 2 % $zero]", "2 % $zero"),
        ("{a: toInteger($list)}", "toInteger($list)"),
        ("size([x IN $list WHERE x / $zero = 1])", "x / $zero"),
        ("reduce(a = 1, x IN $list | a / $zero)", "a / $zero"),
        ("[x IN $zero | x]", "$zero"),
        ("any(x IN $zero WHERE true)", "$zero"),
        ("reduce(a = 1, x IN $zero | a)", "$zero"),
        ("$list {.a}", "$list {.a}"),
        ("coalesce(null, -$list)", "-$list"),
        ("CASE 1 WHEN 1 THEN 1 / $zero END", "1 / $zero"),
        ("date($list.a)", "$list.a"),
    ] {
        assert_eq!(refused(expression, &parameters).1, place, "{expression}");
    }
}
