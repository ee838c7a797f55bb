//! A text that nests too deep is an error and no end of the process: also on a thread with a stack of 512 KiB.

#![allow(clippy::unwrap_used)] // a test may panic

use sledstore_cypher::bind::prepare;
use sledstore_cypher::syntax::{BYTES_MAX, CLAUSES_MAX, TREE_MAX, UNIONS_MAX};
use sledstore_cypher::{CypherError, Detail};

/// A text that has something `depth` times in itself.
type Shape = (&'static str, fn(usize) -> String);

fn around(before: &str, inner: &str, after: &str, depth: usize) -> String {
    format!("{}{inner}{}", before.repeat(depth), after.repeat(depth))
}

const SHAPES: &[Shape] = &[
    ("parentheses", |n| format!("RETURN {}", around("(", "1", ")", n))),
    ("lists", |n| format!("RETURN {}", around("[", "1", "]", n))),
    ("maps", |n| format!("RETURN {}", around("{a: ", "1", "}", n))),
    ("NOT", |n| format!("RETURN {}", around("NOT ", "true", "", n))),
    ("signs", |n| format!("RETURN {}", around("- ", "1", "", n))),
    ("sums", |n| format!("RETURN {}", around("", "1", " + 1", n))),
    ("powers", |n| format!("RETURN {}", around("", "1", " ^ 1", n))),
    ("comparisons", |n| format!("RETURN {}", around("", "1", " < 1", n))),
    ("conjunctions", |n| format!("RETURN {}", around("", "true", " AND true", n))),
    ("alternating", |n| format!("RETURN {}", around("true AND (true OR (true XOR (", "true", ")))", n))),
    ("properties", |n| format!("WITH {{}} AS a RETURN {}", around("", "a", ".b", n))),
    ("indexes", |n| format!("WITH {{}} AS a RETURN {}", around("", "a", "['b']", n))),
    ("map projections", |n| format!("WITH {{}} AS a RETURN {}", around("", "a", " {.b}", n))),
    ("CASE", |n| format!("RETURN {}", around("CASE WHEN true THEN ", "1", " END", n))),
    ("CASE with names that are keywords", |n| {
        format!("WITH 1 AS end RETURN {}", around("CASE end WHEN end THEN CASE WHEN true THEN ", "1", " END END", n))
    }),
    ("functions", |n| format!("RETURN {}", around("toString(", "1", ")", n))),
    ("comprehensions", |n| format!("RETURN {}", around("[x IN [1] | ", "1", "]", n))),
    ("lists of comprehensions", |n| format!("RETURN {}", around("[x IN ", "[1]", " | x]", n))),
    ("quantifiers", |n| format!("RETURN {}", around("all(x IN [1] WHERE ", "true", ")", n))),
    ("reduce", |n| format!("RETURN {}", around("reduce(a = 0, x IN [1] | ", "1", ")", n))),
    ("pattern comprehensions", |n| format!("MATCH (a) RETURN {}", around("[(a)-->() | ", "1", "]", n))),
    ("EXISTS", |n| format!("RETURN {}", around("EXISTS { MATCH (a) WHERE ", "true", " }", n))),
    ("EXISTS of a pattern", |n| {
        format!("MATCH (a) WHERE {} RETURN a", around("exists { (a)-->() WHERE ", "true", " }", n))
    }),
    ("COUNT", |n| format!("RETURN {}", around("COUNT { RETURN ", "1", " AS x }", n))),
    ("CALL", |n| around("CALL { ", "RETURN 1 AS x", " } RETURN 1 AS y", n)),
    ("FOREACH", |n| {
        let heads: String = (0..n).map(|i| format!("FOREACH (x{i} IN [1] | ")).collect();
        format!("{heads}CREATE (){}", ")".repeat(n))
    }),
    ("repeated paths", |n| format!("MATCH {} RETURN 1", around("(", "()-->()", "){1,2}", n))),
    ("labels", |n| format!("MATCH (a:{}) RETURN a", around("", "A", "|A", n))),
    ("labels in parentheses", |n| format!("MATCH (a:{}) RETURN a", around("(", "A", ")", n))),
    ("unions", |n| around("", "RETURN 1 AS a", " UNION RETURN 1 AS a", n)),
    ("clauses", |n| format!("{}RETURN 1", "MATCH () ".repeat(n))),
    ("comments", |n| format!("{} RETURN 1", around("/*", "", "*/", n))),
    ("open parentheses", |n| format!("RETURN {}", "(".repeat(n))),
    ("open brackets", |n| "[".repeat(n)),
    ("open subqueries", |n| "CALL { ".repeat(n)),
    ("open patterns", |n| format!("MATCH (a) RETURN {}", "[(a)-->() | ".repeat(n))),
    ("closed brackets", |n| format!("RETURN {}", "]".repeat(n))),
];

/// On a small stack, which overflows where a large one would not.
fn small_stack(text: String) -> Result<(), CypherError> {
    let run = move || prepare(&text, &()).map(drop);
    std::thread::Builder::new().stack_size(512 * 1024).spawn(run).unwrap().join().unwrap()
}

fn is_capped(result: &Result<(), CypherError>) -> bool {
    result.as_ref().is_err_and(|error| error.detail == Detail::QueryTooDeep)
}

#[test]
fn whatever_is_not_refused_fits_on_a_small_stack() {
    for (name, shape) in SHAPES {
        // The deepest that is taken.
        let (mut taken, mut refused) = (1, 40_000);
        while refused - taken > 1 {
            let depth = usize::midpoint(taken, refused);
            if is_capped(&small_stack(shape(depth))) {
                refused = depth;
            } else {
                taken = depth;
            }
        }
        let result = small_stack(shape(taken));
        assert!(!is_capped(&result), "{name} at {taken}: {result:?}");
        let open = name.starts_with("open") || name.starts_with("closed");
        assert!(open || result.is_ok(), "{name} at {taken}: {result:?}");
        assert!(taken >= 10, "{name}: only {taken} are taken");
    }
}

#[test]
fn what_people_write_is_far_from_the_caps() {
    let conditions: Vec<String> = (0..400).map(|i| format!("n.x{i} = {i} AND NOT n.y IN [1, 2]")).collect();
    small_stack(format!("MATCH (n) WHERE {} RETURN n", conditions.join(" OR "))).unwrap();
    let branches: Vec<String> = (0..500).map(|i| format!("WHEN n.x = {i} THEN 'a' + n.y")).collect();
    small_stack(format!("MATCH (n) RETURN CASE {} ELSE 1 END", branches.join(" "))).unwrap();
    let path: Vec<&str> = vec!["()"; 50];
    small_stack(format!("MATCH {} RETURN 1", path.join("-[:R {x: 1}]->"))).unwrap();
    let created: Vec<String> = (0..1_000).map(|i| format!("CREATE (n{i}:Person {{name: 'x', age: {i}}})")).collect();
    small_stack(created.join("\n")).unwrap();
    let numbers: Vec<String> = (0..100_000).map(|i| i.to_string()).collect();
    small_stack(format!("UNWIND [{}] AS x RETURN x", numbers.join(", "))).unwrap();
}

#[test]
fn each_cap_names_what_is_too_much() {
    let conjunction = |n: usize| format!("RETURN {}", around("", "true", " AND true", n));
    small_stack(conjunction(TREE_MAX as usize - 10)).unwrap();
    let error = small_stack(conjunction(TREE_MAX as usize)).unwrap_err();
    assert!(error.message.contains("AND") && error.span.is_some(), "{error}");

    let error = small_stack(around("", "RETURN 1 AS a", " UNION RETURN 1 AS a", UNIONS_MAX + 1)).unwrap_err();
    assert!(error.message.contains("UNION"), "{error}");

    let error = small_stack(format!("{}RETURN 1", "MATCH () ".repeat(CLAUSES_MAX))).unwrap_err();
    assert!(error.message.contains("clauses"), "{error}");
    small_stack(format!("{}RETURN 1", "MATCH () ".repeat(CLAUSES_MAX - 1))).unwrap();

    let error = small_stack(format!("RETURN '{}'", "x".repeat(BYTES_MAX))).unwrap_err();
    assert!(error.message.contains("parameters"), "{error}");
    small_stack(format!("RETURN '{}'", "x".repeat(BYTES_MAX - 9))).unwrap();
}

/// Texts with many words, brackets and names that are words of the language: each is read once.
#[test]
fn long_texts_are_taken() {
    let many = |part: &str, n: usize| vec![part; n].join(", ");
    for text in [
        format!("UNWIND [{}] AS x RETURN x", many("{a: 1, b: 'x'}", 30_000)),
        format!("CREATE {}", many("(:A {x: 1})", 20_000)),
        format!("MATCH (match) RETURN [{}] AS x", many("match.return", 20_000)),
        format!("WITH 1 AS return RETURN [{}] AS x", many("return", 20_000)),
        format!("MATCH (case) RETURN [{}] AS x", many("case.end", 20_000)),
        format!("WITH 1 AS case RETURN [{}] AS x", many("case", 20_000)),
    ] {
        small_stack(text.clone()).unwrap_or_else(|error| panic!("{}: {error}", text.get(..60).unwrap()));
    }
    let error = small_stack("MATCH (n) WHERE ".repeat(5_000)).unwrap_err();
    assert_eq!(error.detail, Detail::UnexpectedSyntax);
}
