//! Variables of comprehensions, quantifiers and reduce.

use sledstore_cypher::value::Value;

use crate::pipeline::{run, shown};

#[test]
fn expressions_in_expressions() {
    for (expression, expected) in [
        ("[x IN [1, 2, 3] WHERE x > 1 | x * 10]", "[20, 30]"),
        ("[x IN [1, null] WHERE x = 1]", "[1]"),
        ("[x IN null | x]", "null"),
        ("[x IN [1, 2] | [y IN [x, x + 1] | [z IN [y] | x * 100 + y * 10 + z]]]", "[[[111], [122]], [[222], [233]]]"),
        ("[x IN [x IN [1, 2] | x + 1] | x * 2]", "[4, 6]"),
        ("[x IN [1] | reduce(x = x, y IN [2, 3] | x * 10 + y)]", "[123]"),
        ("reduce(text = '', x IN ['a', 'b'] | text + x)", "'ab'"),
        ("reduce(a = 0, x IN [1, 2] | a + reduce(b = a, y IN [x] | b + y))", "4"),
        ("reduce(a = 5, x IN [] | a + x)", "5"),
        ("reduce(a = 5, x IN null | a + x)", "null"),
        ("any(x IN [1, 2] WHERE all(y IN [1, 2] WHERE x >= y))", "true"),
        ("none(x IN [1, 2] WHERE single(y IN [x, 2] WHERE y = 2))", "false"),
    ] {
        assert_eq!(shown(expression, &[]), expected, "{expression}");
    }
}

#[test]
fn the_row_is_seen_and_left_as_it_was() {
    let rows = run("UNWIND [1, 2] AS x WITH x, [x IN [x, 5] | x + 1] AS l RETURN x, l, [y IN l | y - x] AS d", &[]);
    let rows: Vec<Vec<String>> =
        rows.unwrap().iter().map(|row| row.iter().map(|(_, value)| value.to_string()).collect()).collect();
    assert_eq!(rows, [["1", "[2, 6]", "[1, 5]"], ["2", "[3, 6]", "[1, 4]"]]);
}

#[test]
fn parameters_are_the_same_everywhere() {
    assert_eq!(shown("[x IN [1, 2] | x + $p]", &[("p", Value::Integer(10))]), "[11, 12]");
}
