//! An error that a row, a parameter, a file or the graph makes names the part of the text it is about.
#![allow(clippy::unwrap_used)] // a test's panic is its report

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sledstore_cypher::storage::Failure;
use sledstore_cypher::store::{Request, Session, encode};
use sledstore_cypher::value::{Map, Value};
use sledstore_cypher::{CypherError, Detail};
use sledstore_engine::{Durability, Options, Store};
use sledstore_graph::Graph;

/// Runs a statement with parameters, and files out of a folder that there is not.
fn run(session: &Session, text: &str) -> Result<(), CypherError> {
    let parameters =
        [("minus", Value::Integer(-3)), ("nothing", Value::Null), ("numbers", list(1)), ("five", 5.into())];
    let mut bytes = Vec::new();
    encode(&Value::from(text), &mut bytes);
    encode(&Value::Map(Map::new(parameters).unwrap()), &mut bytes);
    bytes.extend_from_slice(&[0xc0, 0xc0]);
    encode(&Value::list(vec![Value::from("/there/is/none")]).unwrap(), &mut bytes);
    let (request, abort) = (Request::parse(&bytes).unwrap(), Arc::new(AtomicBool::new(false)));
    session.run(&request, None, Durability::None, &abort, &mut |_| true).map_err(|failure| match failure {
        Failure::Cypher(error) => error,
        Failure::Storage(error) => panic!("{text}: {error}"),
    })
}

fn list(number: i64) -> Value {
    Value::list(vec![Value::Integer(number)]).unwrap()
}

/// A statement, and the text at the place of its error.
const REFUSED: [(&str, &str); 36] = [
    ("UNWIND ['a'] AS d\nRETURN sum(d) AS s", "d"),
    ("MATCH (p:P) RETURN stDev(p.n) AS s", "p.n"),
    ("UNWIND [duration('P1D'), 1] AS x RETURN avg(x) AS a", "x"),
    ("MATCH (p:P) RETURN percentileCont(p.i, 1.5) AS c", "p.i"),
    ("MATCH (p:P) SET p.i = 1, p.m = {a: 1}", "{a: 1}"),
    ("MATCH (p:P) SET p += {m: {a: 1}}", "{m: {a: 1}}"),
    ("CREATE (p:P {n: [{a: 1}]})", "{n: [{a: 1}]}"),
    ("MATCH (p:P) DELETE p", "DELETE p"),
    ("MATCH (p:P) DELETE p.n", "p.n"),
    ("MATCH (p:P)\nDELETE p.n", "p.n"),
    ("RETURN 1 AS a, $x AS b, $x AS c", "$x"),
    ("MATCH (p:P) RETURN p.n LIMIT $minus", "$minus"),
    ("MATCH (p:P) RETURN p.n SKIP $minus", "$minus"),
    ("MATCH (p:P) WITH p ORDER BY p.n LIMIT $minus RETURN p", "$minus"),
    ("MERGE (p:P {n: $nothing})", "{n: $nothing}"),
    ("UNWIND $numbers AS a\nMATCH (a) RETURN a", "MATCH (a)"),
    ("MATCH (a:P) WITH a.n AS q\nMATCH (q)-->() RETURN q", "MATCH (q)-->()"),
    ("OPTIONAL MATCH (n:Zip) CREATE (n)-[:R]->(:X)", "CREATE (n)-[:R]->(:X)"),
    ("OPTIONAL MATCH (n:Zip) MERGE (n)-[:R]->(:X)", "MERGE (n)-[:R]->(:X)"),
    ("UNWIND [null] AS n CREATE (n)-[:R]->()", "CREATE (n)-[:R]->()"),
    ("MATCH (p:Q) DELETE p CREATE (p)-[:R]->(:X)", "CREATE (p)-[:R]->(:X)"),
    ("MATCH (p:Q) DELETE p SET p.i = 1", "p"),
    ("MATCH (p:Q) DELETE p SET p:Z", "SET p:Z"),
    ("LOAD CSV FROM 'file:///no.csv' AS r RETURN r", "'file:///no.csv'"),
    ("LOAD CSV FROM $five AS r RETURN r", "$five"),
    ("MATCH (q:Q) CREATE (:U {k: 1}) CREATE (:U {k: 1})", "CREATE (:U {k: 1})"),
    ("MATCH (q:Q) WITH q CREATE (:U {k: q.i}), (:U {k: q.i})", "CREATE (:U {k: q.i}), (:U {k: q.i})"),
    ("MATCH (q:Q) CREATE (u:U)", "CREATE (u:U)"),
    ("CREATE (:X) WITH 1 AS x MATCH (p:P) DELETE p", "DELETE p"),
    ("FOREACH (x IN $five | CREATE (:X))", "$five"),
    ("FOREACH (x IN [1] | CREATE (:X {m: {a: x}}))", "{m: {a: x}}"),
    ("FOREACH (x IN [1] | CREATE (:X) MERGE (:Y {n: $nothing}))", "{n: $nothing}"),
    ("CALL { UNWIND ['a'] AS d RETURN max(d) AS m, sum(d) AS s } RETURN s", "d"),
    ("RETURN COUNT { MATCH (p:P) WITH p.n AS q MATCH (q)-->() RETURN q } AS c", "MATCH (q)-->()"),
    ("MATCH (p:P) RETURN [x IN [1] | toUpper(p.i)] AS r", "toUpper(p.i)"),
    ("UNWIND range(1, 3) AS i WITH i ORDER BY i SKIP $five / 2.0 RETURN i", "$five / 2.0"),
];

#[test]
fn each_names_a_part_of_the_text() {
    let store = Store::memory(&Options::default()).unwrap();
    let session = Session::new(Graph::open(&store, "g").unwrap());
    for text in [
        "CREATE (:P {n: 'a', i: 1})-[:K]->(:P {n: 'b', i: 2}), (:Q {i: 1})",
        "CREATE CONSTRAINT FOR (u:U) REQUIRE u.k IS UNIQUE",
        "CREATE CONSTRAINT FOR (u:U) REQUIRE u.k IS NOT NULL",
    ] {
        run(&session, text).unwrap();
    }
    for (text, place) in REFUSED {
        let error = run(&session, text).expect_err(text);
        let span = error.span.clone().unwrap_or_else(|| panic!("{text}: {error} has no place"));
        assert_eq!(text.get(span).map(str::trim_end), Some(place), "{}", error.render(text));
        assert!(error.render(text).contains('^'), "{}", error.render(text));
    }
    assert_eq!(run(&session, "CREATE (:X)-[:R]->(:Y) WITH 1 AS x CREATE (:P)"), Ok(()));
}

#[test]
fn foreach_goes_through_lists_alone() {
    let store = Store::memory(&Options::default()).unwrap();
    let session = Session::new(Graph::open(&store, "g").unwrap());
    for text in [
        "FOREACH (x IN 5 | CREATE (:X))",
        "FOREACH (x IN $five | CREATE (:X))",
        "FOREACH (x IN {a: 1} | CREATE (:X))",
        "CREATE (n:N) FOREACH (x IN n | CREATE (:X))",
    ] {
        let error = run(&session, text).expect_err(text);
        assert_eq!(error.detail, Detail::InvalidArgumentType, "{text}");
    }
    for text in ["FOREACH (x IN null | CREATE (:X))", "FOREACH (x IN $nothing | CREATE (:X))"] {
        assert_eq!(run(&session, text), Ok(()), "{text}");
    }
    // A label that nothing was created with is not known.
    let error = run(&session, "OPTIONAL MATCH (n:X) WITH count(n) AS c UNWIND [c] AS d RETURN 1 / d").unwrap_err();
    assert_eq!(error.detail, Detail::DivisionByZero);
}
