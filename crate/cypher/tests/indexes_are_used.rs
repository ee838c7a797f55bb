//! Each kind of index and constraint is used by the queries it is for, and gives what is found without it.
#![allow(clippy::unwrap_used)] // a test's panic is its report

mod opened;

use opened::opened;
use sledstore_cypher::storage::Failure;
use sledstore_cypher::value::Value;
use sledstore_cypher::{Detail, Kind};
use sledstore_graph::TextSearch;

/// What creates an index, what drops it, and queries with the operators they have while it is there.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    (
        "CREATE INDEX i FOR (p:P) ON (p.name)",
        "DROP INDEX i",
        &[
            ("MATCH (p:P {name: 'n7'}) RETURN p.id", "NodeIndexSeek"),
            ("MATCH (p:P) WHERE p.name IN ['n1', 'n2', 'no'] RETURN p.id", "NodeIndexSeek"),
            ("MATCH (p:P) WHERE p.name = 'n1' OR p.name = 'n3' RETURN p.id", "NodeIndexSeek"),
            ("MATCH (p:P) WHERE p.name STARTS WITH 'n2' RETURN p.id", "NodeIndexPrefixSeek"),
            ("MATCH (p:P) WHERE 'n10' <= p.name < 'n12' RETURN p.id", "NodeIndexRangeSeek"),
        ],
    ),
    (
        "CREATE INDEX i FOR (p:P) ON (p.mixed)",
        "DROP INDEX i",
        &[
            ("MATCH (p:P) WHERE p.mixed > 100 AND p.mixed < 200.5 RETURN p.id", "NodeIndexRangeSeek"),
            ("MATCH (p:P) WHERE p.mixed >= 'x2' RETURN p.id", "NodeIndexRangeSeek"),
            ("MATCH (p:P {mixed: [5]}) RETURN p.id", "NodeIndexSeek"),
            ("MATCH (p:P {mixed: {a: 1}}) RETURN p.id", "NodeIndexSeek"),
        ],
    ),
    (
        "CREATE INDEX i FOR (p:P) ON (p.name, p.age)",
        "DROP INDEX i",
        &[
            ("MATCH (p:P {age: 7, name: 'n7'}) RETURN p.id", "NodeIndexSeek"),
            ("MATCH (p:P {name: 'n7'}) WHERE p.age > 20 RETURN p.id", "NodeIndexRangeSeek"),
            ("MATCH (p:P) WHERE p.name IN ['n7', 'n8'] AND p.age IN [7, 8] RETURN p.id", "NodeIndexSeek"),
            ("MATCH (p:P) WHERE p.name STARTS WITH 'n1' RETURN p.id", "NodeIndexPrefixSeek"),
        ],
    ),
    (
        "CREATE CONSTRAINT i FOR (p:P) REQUIRE p.id IS UNIQUE",
        "DROP CONSTRAINT i",
        &[
            ("MATCH (p:P {id: 7}) RETURN p.name", "NodeUniqueIndexSeek"),
            ("MATCH (p:P {id: 7})-[r:R]->(q) RETURN q.id, r.since", "NodeUniqueIndexSeek"),
            ("MATCH (p:P) WHERE p.id >= 295 RETURN p.name", "NodeIndexRangeSeek"),
        ],
    ),
    (
        "CREATE CONSTRAINT i FOR (p:P) REQUIRE (p.id, p.age) IS NODE KEY",
        "DROP CONSTRAINT i",
        &[
            ("MATCH (p:P {id: 7, age: 7}) RETURN p.name", "NodeUniqueIndexSeek"),
            ("MATCH (p:P {id: 7}) RETURN p.name", "NodeIndexSeek"),
        ],
    ),
    (
        "CREATE CONSTRAINT i FOR (p:P) REQUIRE p.age IS NOT NULL",
        "DROP CONSTRAINT i",
        &[("MATCH (p:P) WHERE p.age IS NOT NULL RETURN count(*)", "CountOfStore")],
    ),
    (
        "CREATE INDEX i FOR ()-[r:R]-() ON (r.place, r.since)",
        "DROP INDEX i",
        &[
            ("MATCH ()-[r:R {place: 'p3', since: 3}]->(q) RETURN q.id", "RelationshipIndexSeek"),
            ("MATCH (p)-[r:R {place: 'p3'}]-(q) WHERE r.since > 40 RETURN p.id, q.id", "RelationshipIndexRangeSeek"),
        ],
    ),
    (
        "CREATE INDEX i FOR ()-[r:R]-() ON (r.code)",
        "DROP INDEX i",
        &[
            ("MATCH ()-[r:R]->(q) WHERE r.code STARTS WITH 'c12' RETURN q.id", "RelationshipIndexPrefixSeek"),
            ("MATCH ()-[r:R]->(q) WHERE r.code IN ['c1', 'c2', null] RETURN q.id", "RelationshipIndexSeek"),
        ],
    ),
    (
        "CREATE CONSTRAINT i FOR ()-[r:R]-() REQUIRE r.code IS UNIQUE",
        "DROP CONSTRAINT i",
        &[("MATCH (p)-[r:R {code: 'c7'}]->(q) RETURN p.id, q.id", "RelationshipUniqueIndexSeek")],
    ),
    (
        "CREATE CONSTRAINT i FOR ()-[r:R]-() REQUIRE (r.code, r.since) IS RELATIONSHIP KEY",
        "DROP CONSTRAINT i",
        &[
            ("MATCH ()-[r:R {code: 'c7', since: 7}]->(q) RETURN q.id", "RelationshipUniqueIndexSeek"),
            ("MATCH ()-[r:R {code: 'c7'}]->(q) RETURN q.id", "RelationshipIndexSeek"),
        ],
    ),
    (
        "CREATE CONSTRAINT i FOR ()-[r:R]-() REQUIRE r.since IS NOT NULL",
        "DROP CONSTRAINT i",
        &[("MATCH ()-[r:R]->() WHERE r.since IS NOT NULL RETURN count(*)", "CountOfStore")],
    ),
];

#[test]
fn each_kind_is_used_and_changes_no_answer() {
    let fill = "UNWIND range(0, 299) AS i
                CREATE (p:P {id: i, name: 'n' + (i % 30), age: i % 50, mixed: CASE i % 3 WHEN 0 THEN i WHEN 1 THEN 'x' + i ELSE [i] END})
                CREATE (p)-[:R {since: i % 60, place: 'p' + (i % 6), code: 'c' + i}]->(:Q {id: i})";
    let indexed = opened();
    indexed.ask(fill).unwrap();
    for (create, drop, queries) in CASES {
        let before: Vec<_> = queries.iter().map(|(query, _)| indexed.rows(query)).collect();
        indexed.ask(create).unwrap();
        for ((query, operator), rows) in queries.iter().zip(&before) {
            let operators = indexed.operators(query);
            assert!(operators.iter().any(|found| found == operator), "{create}: {query}: {operators:?}");
            assert_eq!(indexed.rows(query), *rows, "{query}");
        }
        indexed.assert_sound();
        indexed.ask(drop).unwrap();
        for ((query, operator), rows) in queries.iter().zip(&before) {
            assert!(!indexed.operators(query).iter().any(|found| found == operator), "{query}");
            assert_eq!(indexed.rows(query), *rows, "{query}");
        }
    }
}

#[test]
fn what_is_common_is_not_sought() {
    let opened = opened();
    opened.ask("CREATE INDEX FOR (p:P) ON (p.kind)").unwrap();
    opened.ask("CREATE INDEX FOR (p:P) ON (p.code)").unwrap();
    opened.ask("UNWIND range(0, 999) AS i CREATE (:P {kind: i % 2, code: i % 500})").unwrap();
    let details = |query: &str| {
        let explained = opened.operators(query);
        (explained[0].clone(), opened.rows(query).len())
    };
    // Both are indexed; one value of `code` has two nodes, one of `kind` has five hundred.
    assert_eq!(details("MATCH (p:P {kind: 1, code: 7}) RETURN p.code"), ("NodeIndexSeek".into(), 2));
    let snapshot = opened.store.snapshot().unwrap();
    let per_value = |index| opened.graph.entries_per_value(&snapshot, index, 1).unwrap().unwrap();
    assert_eq!((per_value(1), per_value(2)), (500.0, 2.0));
}

#[test]
fn a_broken_constraint_has_its_code_and_leaves_nothing() {
    let opened = opened();
    for command in [
        "CREATE CONSTRAINT one FOR (p:P) REQUIRE p.id IS UNIQUE",
        "CREATE CONSTRAINT two FOR (p:K) REQUIRE (p.a, p.b) IS NODE KEY",
        "CREATE CONSTRAINT three FOR ()-[r:R]-() REQUIRE r.since IS NOT NULL",
        "CREATE FULLTEXT INDEX texts FOR (p:P|K) ON EACH [p.text]",
        "CREATE (:P {id: 1, text: 'one'}), (:K {a: 1, b: 2})",
    ] {
        opened.ask(command).unwrap();
    }
    for (query, detail) in [
        ("CREATE (:P {id: 2, text: 'two'}) CREATE (:P {id: 1})", Detail::UniqueViolation),
        ("MATCH (k:K) SET k:P, k.id = 1, k.text = 'two'", Detail::UniqueViolation),
        ("CREATE (:K {a: 1, b: 2, text: 'two'})", Detail::UniqueViolation),
        ("CREATE (:K {a: 1, text: 'two'})", Detail::PropertyRequired),
        ("MATCH (k:K) REMOVE k.b SET k.text = 'two'", Detail::PropertyRequired),
        ("MATCH (p:P), (k:K) CREATE (p)-[:R]->(k) SET p.text = 'two'", Detail::PropertyRequired),
    ] {
        let Err(Failure::Cypher(error)) = opened.ask(query) else { panic!("{query} is refused") };
        assert_eq!((error.kind, error.detail), (Kind::ConstraintVerificationFailed, detail), "{query}");
        assert_eq!(opened.rows("MATCH (n) RETURN count(n)"), ["2"]);
        assert_eq!(opened.rows("MATCH ()-[r]->() RETURN count(r)"), ["0"]);
        let two = TextSearch { query: "two", ..TextSearch::default() };
        assert_eq!(opened.graph.search_text(&opened.store, "texts", &two, &mut |_| true).unwrap().1, []);
        opened.assert_sound();
    }
}

#[test]
fn full_text_indexes_are_searched_by_procedures() {
    let opened = opened();
    opened.ask("CREATE FULLTEXT INDEX texts FOR (n:P) ON EACH [n.title]").unwrap();
    opened.ask("CREATE FULLTEXT INDEX reasons FOR ()-[r:R]-() ON EACH [r.why]").unwrap();
    opened.ask("CREATE (:P {title: 'red red car'})-[:R {why: 'it is red'}]->(:P {title: 'a red boat'})").unwrap();
    let titles = |call: &str| {
        let (values, _) = opened
            .ask(&format!(
                "CALL db.index.fulltext.queryNodes({call}) YIELD node, score
                                               WHERE score > 0 RETURN node.title"
            ))
            .unwrap();
        values.iter().map(Value::to_string).collect::<Vec<_>>()
    };
    assert_eq!(titles("'texts', 'red'"), ["'red red car'", "'a red boat'"]);
    assert_eq!(titles("'texts', 'red', {limit: 1}"), ["'red red car'"]);
    assert_eq!(titles("'texts', 'red', {skip: 1, limit: 5}"), ["'a red boat'"]);
    assert_eq!(titles("'texts', 'red -car'"), ["'a red boat'"]);
    let search =
        "CALL db.index.fulltext.queryNodes('texts', 'red') YIELD node RETURN node.title AS title ORDER BY title";
    let scan = "MATCH (n:P) WHERE n.title CONTAINS 'red' RETURN n.title AS title ORDER BY title";
    assert_eq!(opened.operators(search)[0], "NodeFulltextSearch");
    assert!(!opened.operators(scan).contains(&"NodeFulltextSearch".to_owned()));
    assert_eq!(opened.rows(search), opened.rows(scan));
    let call = "CALL db.index.fulltext.queryRelationships('reasons', 'red') YIELD relationship AS r RETURN r.why";
    assert_eq!(opened.rows(call), ["'it is red'"]);
    assert_eq!(opened.operators(call)[0], "RelationshipFulltextSearch");
    for wrong in [
        "CALL db.index.fulltext.queryNodes('nothing', 'red')",
        "CALL db.index.fulltext.queryNodes('reasons', 'red')",
        "CALL db.index.fulltext.queryNodes('texts', 'red', {limit: -1})",
        "CALL db.index.fulltext.queryNodes('texts', 'red', {limit: 'x'})",
        "CALL db.index.fulltext.queryNodes('texts', 'red', {most: 1})",
    ] {
        assert!(opened.ask(wrong).is_err(), "{wrong}");
    }
    // What the query itself wrote is found.
    let query = "CREATE (:P {title: 'red sun'}) WITH 1 AS one
                 CALL db.index.fulltext.queryNodes('texts', 'sun') YIELD node RETURN node.title";
    assert_eq!(opened.rows(query), ["'red sun'"]);
}

#[test]
fn full_text_indexes_are_commands_too() {
    let opened = opened();
    opened.ask("CREATE (:P {title: 'The red car'}), (:Q {title: 'A red boat'})").unwrap();
    let create =
        "CREATE FULLTEXT INDEX texts FOR (n:P|Q) ON EACH [n.title, n.body] OPTIONS {k1: 1.0, stopWords: ['the']}";
    opened.ask(create).unwrap();
    assert!(opened.ask(create).is_err());
    opened.ask(&create.replace("texts FOR", "texts IF NOT EXISTS FOR")).unwrap();
    let shown = opened.rows("SHOW INDEXES");
    for part in ["'FULLTEXT'", "['P', 'Q']", "['title', 'body']", "'NODE'", "'ONLINE'"] {
        assert!(shown.iter().any(|value| value == part), "{part}: {shown:?}");
    }
    assert_eq!(opened.rows("SHOW CONSTRAINTS"), [""; 0]);
    assert_eq!(opened.operators("MATCH (n:P {title: 'The red car'}) RETURN n")[0], "LabelScan");
    let count = |query| {
        let search = TextSearch { query, ..TextSearch::default() };
        opened.graph.search_text(&opened.store, "texts", &search, &mut |_| true).map(|(_, hits)| hits.len())
    };
    assert_eq!((count("red").unwrap(), count("the").unwrap()), (2, 0));
    opened.ask("MATCH (p:P) SET p.title = 'blue'").unwrap();
    opened.ask("MATCH (q:Q) DELETE q").unwrap();
    assert_eq!((count("red").unwrap(), count("blue").unwrap()), (0, 1));
    assert!(opened.ask("DROP CONSTRAINT texts").is_err());
    opened.ask("DROP INDEX texts").unwrap();
    assert!(count("red").is_err());
    opened.ask("CREATE FULLTEXT INDEX texts FOR ()-[r:R|S]-() ON EACH [r.text]").unwrap();
    opened.ask("CREATE (:A)-[:S {text: 'blue'}]->(:A)").unwrap();
    assert_eq!(count("blue").unwrap(), 1);
    opened.assert_sound();
}

#[test]
fn ids_are_sought() {
    let opened = opened();
    opened.rows(
        "UNWIND range(1, 50) AS i CREATE (n:A {i: i}) FOREACH (x IN CASE i % 2 WHEN 0 THEN [1] ELSE [] END | SET n:B)",
    );
    opened.rows("MATCH (n:A {i: 7}) DETACH DELETE n");
    let id = |i: u32| opened.rows(&format!("MATCH (n:A {{i: {i}}}) RETURN id(n)"))[0].clone();
    let (three, four, far) = (id(3), id(4), "9223372036854775807");
    for (sought, scanned) in [
        (format!("id(n) = {three}"), format!("id(n) + 0 = {three}")),
        (format!("{three} = id(n)"), format!("id(n) + 0 = {three}")),
        (format!("id(n) = {three}.0"), format!("id(n) + 0 = {three}")),
        (
            format!("id(n) IN [{four}, {three}, null, {four}, 'x', {far}, -1, 0, 1]"),
            format!("id(n) + 0 IN [{three}, {four}, 0, 1]"),
        ),
        (format!("id(n) = {three} OR id(n) = {four}"), format!("id(n) + 0 IN [{three}, {four}]")),
        (format!("id(n) = {far}"), "false".to_owned()),
        ("id(n) = -1".to_owned(), "false".to_owned()),
        ("id(n) = null".to_owned(), "false".to_owned()),
        (format!("id(n) = {three} AND n:B"), "false".to_owned()),
        (format!("id(n) = {four} AND n:B"), format!("id(n) + 0 = {four}")),
    ] {
        let query = |predicate: &str| format!("MATCH (n:A) WHERE {predicate} RETURN n.i AS i ORDER BY i");
        let explained = opened.ask(&format!("EXPLAIN {}", query(&sought))).unwrap().1;
        assert!(explained.iter().any(|name| name == "NodeByIdSeek"), "{sought}: {explained:?}");
        let explained = opened.ask(&format!("EXPLAIN {}", query(&scanned))).unwrap().1;
        assert!(!explained.iter().any(|name| name == "NodeByIdSeek"), "{scanned}: {explained:?}");
        assert_eq!(opened.rows(&query(&sought)), opened.rows(&query(&scanned)), "{sought}");
    }
    // Of what came before, and of what the same statement writes.
    let joined = "MATCH (a:B) WHERE a.i < 10 WITH id(a) AS of MATCH (n) WHERE id(n) = of RETURN n.i ORDER BY n.i";
    assert_eq!(opened.rows(joined), ["2", "4", "6", "8"]);
    let written = "CREATE (a:C {i: 1}) WITH id(a) AS of MATCH (n:C) WHERE id(n) = of SET n.i = 2 RETURN n.i";
    assert_eq!(opened.rows(written), ["2"]);
    let gone = format!("MATCH (a:A) WHERE id(a) = {three} DETACH DELETE a");
    opened.rows(&gone);
    assert!(opened.rows(&format!("MATCH (n) WHERE id(n) = {three} RETURN n")).is_empty());
}
