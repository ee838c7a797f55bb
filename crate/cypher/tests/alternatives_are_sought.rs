//! Alternatives over several indexes are found together, each node once; lists that are none are errors as without an index.
#![allow(clippy::unwrap_used)] // a test's panic is its report

mod opened;

use opened::opened;
use sledstore_cypher::Detail;
use sledstore_cypher::storage::Failure;

#[test]
fn each_node_comes_once() {
    let opened = opened();
    opened.ask("UNWIND range(0, 499) AS i CREATE (:P {i: i, a: i % 100, b: i % 70, text: 'word' + i})").unwrap();
    let queries = [
        ("p.a = 7 OR p.b = 7", "NodeIndexUnion"),
        ("p.a = 7 OR p.b = 7 OR p.i IN [7, 8, 107]", "NodeIndexUnion"),
        ("(p.a = 7 AND p.i > 200) OR p.b < 2", "NodeIndexUnion"),
        ("p.a IN [1, 1.0, 2, null] OR p.text CONTAINS 'word10 '", "NodeIndexUnion"),
        ("(p.a = 7 OR p.b = 7) AND p.i > 100", "NodeIndexUnion"),
        ("p.a = null OR p.b = 3", "NodeIndexUnion"),
        ("id(p) = 3 OR p.b = 3", "NodeIndexUnion"),
        ("p.a = 7 OR p.a = 8", "NodeIndexSeek"),
        ("p.a = 7 OR p.other = 7", "LabelScan"),
        ("p.a = 7 OR p.i + 0 = 7", "LabelScan"),
    ];
    let query = |predicate: &str| format!("MATCH (p:P) WHERE {predicate} RETURN p.i");
    let expected: Vec<_> = queries.iter().map(|(predicate, _)| opened.rows(&query(predicate))).collect();
    for property in ["a", "b", "i"] {
        opened.ask(&format!("CREATE INDEX {property} FOR (p:P) ON (p.{property})")).unwrap();
    }
    opened.ask("CREATE FULLTEXT INDEX text FOR (p:P) ON EACH [p.text]").unwrap();
    for ((predicate, operator), expected) in queries.iter().zip(&expected) {
        let query = query(predicate);
        let operators = opened.operators(&query);
        assert_eq!(operators[0], *operator, "{query}");
        assert_eq!(opened.rows(&query), *expected, "{query}");
    }
    let row = "UNWIND [1, 2] AS x MATCH (p:P) WHERE p.a = x OR p.b = x + 1 RETURN x, p.i";
    let found = opened.rows(row);
    assert_eq!(opened.operators(row)[1], "NodeIndexUnion");
    for property in ["a", "b", "i", "text"] {
        opened.ask(&format!("DROP INDEX {property}")).unwrap();
    }
    assert_eq!(opened.operators(row)[1], "LabelScan");
    assert_eq!(opened.rows(row), found);
    for ((predicate, _), expected) in queries.iter().zip(&expected) {
        assert_eq!(opened.rows(&query(predicate)), *expected);
    }
}

#[test]
fn what_is_no_list_is_an_error_where_a_row_is_asked() {
    let opened = opened();
    opened.ask("CREATE (:F {v: 5})").unwrap();
    let queries = [
        "MATCH (f:F) WITH f.v AS five MATCH (q:P) WHERE q.i IN five RETURN q.i",
        "MATCH (f:F) WITH f.v AS five MATCH (q:P) WHERE q.i IN five OR q.j = 1 RETURN q.i",
        "MATCH (f:F) WITH f.v AS five MATCH (q:P) WHERE id(q) IN five RETURN q.i",
        "MATCH (f:F) WITH f.none AS nothing MATCH (q:P) WHERE q.i IN nothing RETURN q.i",
    ];
    let asked = || {
        let detail = |query: &&str| match opened.ask(query) {
            Ok((rows, _)) => Ok(rows.len()),
            Err(Failure::Cypher(error)) => Err(error.detail),
            Err(Failure::Storage(error)) => panic!("{error}"),
        };
        queries.iter().map(detail).collect::<Vec<_>>()
    };
    assert_eq!(asked(), [Ok(0), Ok(0), Ok(0), Ok(0)], "no row is asked");
    opened.ask("CREATE INDEX i FOR (p:P) ON (p.i)").unwrap();
    assert_eq!(asked(), [Ok(0), Ok(0), Ok(0), Ok(0)]);
    opened.ask("CREATE (:P {i: 5})").unwrap();
    let wrong = Err(Detail::InvalidArgumentType);
    let expected = [wrong, wrong, wrong, Ok(0)];
    assert_eq!(asked(), expected);
    opened.ask("DROP INDEX i").unwrap();
    assert_eq!(asked(), expected);
}
