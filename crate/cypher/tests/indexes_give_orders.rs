//! What an index has in order is not sorted, and is what sorting gives: with values of every type, none and nulls.
#![allow(clippy::unwrap_used)] // a test's panic is its report

mod opened;

use opened::{Opened, opened};
use sledstore_cypher::store::encode;
use sledstore_cypher::value::order::equivalent;
use sledstore_cypher::value::{Map, Value};
use sledstore_engine::Durability;

/// Values that indexes have an order of.
const FORMED: [&str; 30] = [
    "3",
    "3.0",
    "-1",
    "2.5",
    "-0.0",
    "1e300",
    "9007199254740993",
    "9007199254740992.0",
    "''",
    "'a'",
    "'ab'",
    "'Z'",
    "'ü'",
    "true",
    "false",
    "date('2020-01-01')",
    "datetime('2020-01-01T00:00:00Z')",
    "datetime('2020-01-01T01:00:00+01:00')",
    "localdatetime('2020-01-01T00:00:00')",
    "time('10:00:00+02:00')",
    "time('08:00:00Z')",
    "localtime('10:00:00')",
    "duration('P1M')",
    "duration('P30D')",
    "point({x: 1, y: 2})",
    "point({longitude: 1, latitude: 2})",
    "point({x: 1, y: 2, z: 3})",
    "[1, 2]",
    "[1]",
    "['a', true]",
];

/// And others, beside a map.
const OTHER: [&str; 2] = ["0.0 / 0.0", "[0.0 / 0.0, 1]"];

fn filled(values: &[&str]) -> Opened {
    let opened = opened();
    for (at, value) in values.iter().enumerate() {
        let create =
            format!("UNWIND [0, 1] AS j CREATE (:P {{i: {at} + j * 100, g: j, v: {value}}})-[:R]->(:Q {{i: {at}}})");
        opened.ask(&create).unwrap();
    }
    if values.contains(&OTHER[0]) {
        let inner = Value::Map(Map::new([("a", Value::Integer(1))]).unwrap());
        let entries = [("i", Value::Integer(90)), ("g", Value::Integer(1)), ("v", inner)];
        let mut bytes = Vec::new();
        encode(&Value::Map(Map::new(entries).unwrap()), &mut bytes);
        opened.store.transact(Durability::None, |tx| opened.graph.add_node(tx, &["P"], &bytes)).unwrap();
    }
    opened
        .ask("UNWIND range(200, 699) AS i CREATE (:P {i: i, g: i % 3, v: i, few: i % 250})-[:R]->(:Q {i: i})")
        .unwrap();
    opened.ask("UNWIND range(0, 9) AS i CREATE (:P {i: 1000 + i, g: i % 3})").unwrap();
    opened
}

/// The keys that rows come by, in their order.
fn keys(opened: &Opened, query: &str) -> Vec<Value> {
    opened.ask(query).unwrap().0
}

fn assert_same(query: &str, found: &[Value], expected: &[Value]) {
    let same = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| equivalent(a, b));
    assert!(same, "{query}\n{found:?}\n{expected:?}");
}

/// Queries that give the keys they sort by alone, and the step that begins each with the index.
const ORDERED: [(&str, &str); 17] = [
    ("MATCH (p:P) RETURN p.v ORDER BY p.v LIMIT 1", "NodeIndexOrderedScan"),
    ("MATCH (p:P) RETURN p.v AS v ORDER BY v SKIP 3 LIMIT 40", "NodeIndexOrderedScan"),
    ("MATCH (p:P) WITH p ORDER BY p.v LIMIT 7 RETURN p.v", "NodeIndexOrderedScan"),
    ("MATCH (p:P) WHERE p.v IS NOT NULL RETURN p.v ORDER BY p.v DESC LIMIT 9", "NodeIndexOrderedScan"),
    ("MATCH (p:P) WHERE p.v <> 'a' RETURN p.v ORDER BY p.v DESC SKIP 2 LIMIT 30", "NodeIndexOrderedScan"),
    ("MATCH (p:P)-[:R]->(q) RETURN p.v ORDER BY p.v LIMIT 12", "NodeIndexOrderedScan"),
    ("MATCH (p:P) WHERE (p)-->() RETURN p.v ORDER BY p.v LIMIT 12", "NodeIndexOrderedScan"),
    ("MATCH (p:P) CALL { WITH p RETURN 1 AS one } RETURN p.v ORDER BY p.v LIMIT 5", "LabelScan"),
    ("MATCH (p:P) RETURN p.v ORDER BY p.v DESC LIMIT 20", "LabelScan"),
    ("MATCH (p:P) RETURN p.v ORDER BY p.v", "LabelScan"),
    ("MATCH (p:P) RETURN DISTINCT p.v ORDER BY p.v LIMIT 9", "LabelScan"),
    ("MATCH (p:P) WHERE p.v > 300 RETURN p.v ORDER BY p.v DESC LIMIT 3", "NodeIndexRangeSeek"),
    ("MATCH (p:P) WHERE p.v > 680.5 RETURN p.v ORDER BY p.v", "NodeIndexRangeSeek"),
    ("MATCH (p:P) WHERE p.v >= [1] RETURN p.v ORDER BY p.v DESC LIMIT 3", "NodeIndexRangeSeek"),
    ("MATCH (p:P) WHERE p.v STARTS WITH 'a' RETURN p.v ORDER BY p.v DESC", "NodeIndexPrefixSeek"),
    ("MATCH (p:P) RETURN p.v ORDER BY p.v LIMIT 10000", "LabelScan"),
    ("MATCH (p:P {g: 1}) RETURN p.v ORDER BY p.v LIMIT 10", "NodeIndexOrderedScan"),
];

#[test]
fn orders_are_those_of_sorting() {
    let all = [FORMED.as_slice(), OTHER.as_slice()].concat();
    for values in [FORMED.as_slice(), all.as_slice(), &["'a'"]] {
        let opened = filled(values);
        let expected: Vec<_> = ORDERED.iter().map(|(query, _)| keys(&opened, query)).collect();
        opened.ask("CREATE INDEX v FOR (p:P) ON (p.v)").unwrap();
        for ((query, operator), expected) in ORDERED.iter().zip(&expected) {
            let operators = opened.operators(query);
            assert_eq!(operators[0], *operator, "{query}: {operators:?}");
            let sorts = operators.iter().any(|name| name == "TopN" || name == "Sort");
            assert_eq!(sorts, *operator == "LabelScan", "{query}: {operators:?}");
            assert_same(query, &keys(&opened, query), expected);
        }
        opened.assert_sound();
        opened.ask("DROP INDEX v").unwrap();
        for ((query, _), expected) in ORDERED.iter().zip(&expected) {
            assert_eq!(opened.operators(query)[0], "LabelScan");
            assert_same(query, &keys(&opened, query), expected);
        }
    }
}

#[test]
fn the_next_property_of_several_is_in_order() {
    let opened = filled(&[FORMED.as_slice(), OTHER.as_slice()].concat());
    let queries = [
        ("MATCH (p:P {g: 1}) RETURN p.v ORDER BY p.v LIMIT 500", "NodeIndexSeek", false),
        ("MATCH (p:P {g: 2}) WHERE p.v IS NOT NULL RETURN p.v ORDER BY p.v DESC LIMIT 4", "NodeIndexSeek", false),
        ("MATCH (p:P {g: 1}) WHERE p.v > 300 RETURN p.v ORDER BY p.v DESC LIMIT 4", "NodeIndexRangeSeek", false),
        ("MATCH (p:P {g: 1}) RETURN p.v ORDER BY p.v DESC LIMIT 4", "NodeIndexSeek", true),
        ("MATCH (p:P {g: null}) RETURN p.v ORDER BY p.v LIMIT 4", "NodeIndexSeek", false),
        ("MATCH (p:P) WHERE p.g IN [0, 1] RETURN p.v ORDER BY p.v LIMIT 4", "NodeIndexSeek", true),
    ];
    let expected: Vec<_> = queries.iter().map(|(query, ..)| keys(&opened, query)).collect();
    opened.ask("CREATE INDEX v FOR (p:P) ON (p.g, p.v)").unwrap();
    for ((query, operator, sorts), expected) in queries.iter().zip(&expected) {
        let operators = opened.operators(query);
        assert_eq!(operators[0], *operator, "{query}");
        assert_eq!(operators.iter().any(|name| name == "TopN"), *sorts, "{query}");
        assert_same(query, &keys(&opened, query), expected);
    }
}

#[test]
fn a_constraint_says_that_nothing_is_null() {
    let opened = filled(&["'a'"]);
    let query = "MATCH (p:P) RETURN p.i ORDER BY p.i DESC LIMIT 20";
    let expected = keys(&opened, query);
    opened.ask("CREATE CONSTRAINT one FOR (p:P) REQUIRE p.i IS UNIQUE").unwrap();
    assert_eq!(opened.operators(query)[0], "LabelScan");
    opened.ask("CREATE CONSTRAINT two FOR (p:P) REQUIRE p.i IS NOT NULL").unwrap();
    assert_eq!(opened.operators(query)[0], "NodeIndexOrderedScan");
    assert_same(query, &keys(&opened, query), &expected);
    // What the statement writes itself is in its place, and what reads before it stays what it was.
    let writes = "CREATE (:P {i: 5000}) WITH 1 AS one MATCH (p:P) RETURN p.i ORDER BY p.i DESC LIMIT 1";
    assert_eq!(opened.rows(writes), ["5000"]);
    let removes = "MATCH (p:P) WITH p ORDER BY p.i LIMIT 1 DETACH DELETE p";
    opened.ask(removes).unwrap();
    assert_eq!(opened.rows("MATCH (p:P) RETURN p.i ORDER BY p.i LIMIT 1"), ["100"]);
    // What may be null elsewhere is not noted.
    opened.ask("CREATE INDEX v FOR (p:P) ON (p.v)").unwrap();
    for query in [
        "MATCH (p:P) OPTIONAL MATCH (p)-->(q) WHERE p.v > 300 RETURN p.v ORDER BY p.v DESC LIMIT 2",
        "MATCH (p:P) WHERE p.v > 300 OR p.g = 1 RETURN p.v ORDER BY p.v DESC LIMIT 2",
    ] {
        assert_eq!(opened.rows(query), ["null", "null"], "{query}");
    }
}

#[test]
fn least_and_greatest_come_from_the_ends() {
    for values in [FORMED.as_slice(), &OTHER, &["{a: 1}.a"]] {
        let opened = filled(values);
        let queries = [
            "MATCH (p:P) RETURN min(p.v), max(p.v)",
            "MATCH (p:P) RETURN max(p.i) AS greatest, min(p.v) AS least",
            "MATCH (p:P) RETURN min(p.few)",
            "MATCH (q:Nothing) RETURN min(q.v), max(q.v)",
        ];
        let expected: Vec<_> = queries.iter().map(|query| keys(&opened, query)).collect();
        for (label, property) in [("P", "v"), ("P", "few"), ("Nothing", "v")] {
            opened.ask(&format!("CREATE INDEX FOR (p:{label}) ON (p.{property})")).unwrap();
        }
        opened.ask("CREATE CONSTRAINT FOR (p:P) REQUIRE p.i IS UNIQUE").unwrap();
        for (query, expected) in queries.iter().zip(&expected) {
            assert_eq!(opened.operators(query)[0], "IndexEnds", "{query}");
            let found = keys(&opened, query);
            assert_same(query, &found, expected);
            // Of equivalent values the same one.
            let shown = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>();
            assert_eq!(shown(&found), shown(expected), "{query}");
        }
        for query in [
            "MATCH (p:P) RETURN p.g, min(p.v)",
            "MATCH (p:P) WHERE p.g = 1 RETURN min(p.v)",
            "MATCH (p) RETURN min(p.v)",
        ] {
            assert!(!opened.operators(query).contains(&"IndexEnds".to_owned()), "{query}");
        }
        let inside = "CREATE (:P {i: 9999, v: '~'}) WITH 1 AS one MATCH (p:P) RETURN max(p.i)";
        assert_eq!(opened.rows(inside), ["9999"]);
    }
}

#[test]
fn what_is_there_is_sought() {
    let opened = filled(&[FORMED.as_slice(), OTHER.as_slice()].concat());
    opened.ask("UNWIND range(1, 9) AS i CREATE (:P {rare: [0.0 / 0.0, i]})-[:S {rare: i}]->(:P {rare: i})").unwrap();
    opened.ask("UNWIND range(1, 90) AS i MATCH (p:P {i: 201}) CREATE (p)-[:S]->(p)").unwrap();
    let queries = [
        ("MATCH (p:P) WHERE p.rare IS NOT NULL RETURN p.rare", "NodeIndexScan"),
        ("MATCH (p:P) WHERE p.rare IS NOT NULL RETURN count(*)", "NodeIndexScan"),
        ("MATCH (p:P) WHERE p.rare IS NOT NULL RETURN p.rare ORDER BY p.rare DESC LIMIT 3", "NodeIndexOrderedScan"),
        ("MATCH (p:P) WHERE p.rare IS NOT NULL AND p.g IS NULL RETURN p.rare", "NodeIndexScan"),
        ("MATCH (p:P) WHERE p.v IS NOT NULL RETURN count(*)", "LabelScan"),
        ("MATCH ()-[s:S]->() WHERE s.rare IS NOT NULL RETURN s.rare", "RelationshipIndexScan"),
    ];
    let expected: Vec<_> = queries.iter().map(|(query, _)| opened.rows(query)).collect();
    for property in ["rare", "v"] {
        opened.ask(&format!("CREATE INDEX {property} FOR (p:P) ON (p.{property})")).unwrap();
    }
    opened.ask("CREATE INDEX edges FOR ()-[s:S]-() ON (s.rare)").unwrap();
    for ((query, operator), expected) in queries.iter().zip(&expected) {
        assert_eq!(opened.operators(query)[0], *operator, "{query}");
        assert_eq!(opened.rows(query), *expected, "{query}");
    }
    opened.assert_sound();
}
