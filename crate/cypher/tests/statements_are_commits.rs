//! Statements over a store: one commit each, or a part of a transaction; what comes out is what went in.
#![allow(clippy::unwrap_used)] // a test's panic is its report

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use sledstore_cypher::procedure::{Called, Invocation, Procedure, Registry, held};
use sledstore_cypher::storage::{Failure, Result};
use sledstore_cypher::store::{Decoder, Request, Session, encode};
use sledstore_cypher::value::Value;
use sledstore_cypher::{Detail, Kind};
use sledstore_engine::{Durability, Error, ErrorCode, NamespaceOptions, Options, Store, Transaction, Write};
use sledstore_graph::Graph;

struct Opened {
    store: Store,
    session: Session,
}

fn opened() -> Opened {
    let store = Store::memory(&Options::default()).unwrap();
    let session = Session::new(Graph::open(&store, "g").unwrap());
    Opened { store, session }
}

fn asked(text: &str, parameters: &[(&str, Value)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&Value::from(text), &mut bytes);
    bytes.push(0x80 | u8::try_from(parameters.len()).unwrap());
    for (name, value) in parameters {
        encode(&Value::from(*name), &mut bytes);
        encode(value, &mut bytes);
    }
    bytes.extend_from_slice(&[0xc0, 0xc0]);
    bytes
}

/// The values of all rows, one after the other.
fn values(parts: &[Vec<u8>]) -> Vec<Value> {
    let mut found = Vec::new();
    let mut width = 0;
    for part in parts {
        let mut decoder = Decoder::new(part);
        if let Value::List(columns) = decoder.value().unwrap() {
            width = columns.len();
        }
        let Value::Integer(rows) = decoder.value().unwrap() else { panic!("a part tells how many rows it has") };
        found.extend((0..usize::try_from(rows).unwrap() * width).map(|_| decoder.value().unwrap()));
    }
    found
}

impl Opened {
    fn run_with(&self, text: &str, parameters: &[(&str, Value)]) -> Result<Vec<Value>> {
        let (bytes, abort) = (asked(text, parameters), Arc::new(AtomicBool::new(false)));
        let mut parts = Vec::new();
        self.session.run(&Request::parse(&bytes)?, None, Durability::None, &abort, &mut |part| {
            parts.push(part);
            true
        })?;
        Ok(values(&parts))
    }

    fn run(&self, text: &str) -> Vec<String> {
        self.run_with(text, &[]).unwrap().iter().map(Value::to_string).collect()
    }
}

#[test]
fn a_statement_that_fails_leaves_nothing() {
    let opened = opened();
    let error = opened.run_with("UNWIND [1, 2, 0] AS x CREATE (:A {y: 10 / x})", &[]).unwrap_err();
    let Failure::Cypher(error) = error else { panic!("{error}") };
    assert_eq!(error.detail, Detail::DivisionByZero);
    assert_eq!(opened.run("MATCH (n) RETURN count(n)"), ["0"]);
    opened.run("UNWIND [1, 2] AS x CREATE (:A {y: 10 / x})");
    assert_eq!(opened.run("MATCH (n:A) RETURN n.y ORDER BY n.y"), ["5", "10"]);
}

#[test]
fn values_come_out_as_they_went_in() {
    let opened = opened();
    let expressions = [
        "1",
        "-33",
        "9223372036854775807",
        "1.0",
        "-0.5",
        "'ä'",
        "true",
        "[1, 2.0, 'x']",
        "date('-9999-02-03')",
        "localtime('12:31:14.645876123')",
        "time('12:31:14+01:30')",
        "localdatetime('1960-01-02T03:04:05.000000001')",
        "datetime('2020-06-01T12:00[Europe/Stockholm]')",
        "datetime('1950-06-01T12:00:00.5-02:00')",
        "duration('P1Y2M-3DT4.000000005S')",
        "point({x: 1.5, y: 2})",
        "point({longitude: 1, latitude: 2, height: 3})",
    ];
    for expression in expressions {
        let wanted = opened.run(&format!("RETURN {expression}"));
        assert_eq!(opened.run(&format!("CREATE (n:V {{v: {expression}}}) RETURN n.v")), wanted);
        assert_eq!(opened.run(&format!("MATCH (n:V) WHERE n.v = {expression} RETURN n.v")), wanted);
        let value = opened.run_with(&format!("RETURN {expression}"), &[]).unwrap();
        let back = opened.run_with("RETURN $p", &[("p", value[0].clone())]).unwrap();
        assert_eq!(back[0].to_string(), wanted[0]);
        opened.run("MATCH (n:V) DELETE n");
    }
}

#[test]
fn a_broken_constraint_is_an_error_of_the_language() {
    let opened = opened();
    opened.run("CREATE CONSTRAINT FOR (n:P) REQUIRE n.k IS UNIQUE");
    opened.run("CREATE (:P {k: 1})");
    let Failure::Cypher(error) = opened.run_with("CREATE (:P {k: 1})", &[]).unwrap_err() else { panic!("no error") };
    assert_eq!((error.kind, error.detail), (Kind::ConstraintVerificationFailed, Detail::UniqueViolation));
    opened.run("CREATE CONSTRAINT must FOR (n:Q) REQUIRE n.k IS NOT NULL");
    // The condition is asked for at the end of the statement alone.
    opened.run("CREATE (n:Q) SET n.k = 1");
    let Failure::Cypher(error) = opened.run_with("CREATE (:Q)", &[]).unwrap_err() else { panic!("no error") };
    assert_eq!((error.kind, error.detail), (Kind::ConstraintVerificationFailed, Detail::PropertyRequired));
    opened.run("DROP CONSTRAINT must");
    opened.run("CREATE (:Q)");
    assert_eq!(opened.run("MATCH (n:Q) RETURN count(n)"), ["2"]);
}

#[test]
fn a_snapshot_stays_and_takes_no_change() {
    let opened = opened();
    opened.run("CREATE (:A)");
    let snapshot = opened.store.snapshot().unwrap();
    opened.run("CREATE (:A)");
    let abort = Arc::new(AtomicBool::new(false));
    let at = |text: &str| {
        let bytes = asked(text, &[]);
        let mut parts = Vec::new();
        let sink = &mut |part| {
            parts.push(part);
            true
        };
        opened.session.run(&Request::parse(&bytes)?, Some(&snapshot), Durability::None, &abort, sink)?;
        Ok::<_, Failure>(values(&parts))
    };
    assert_eq!(at("MATCH (n:A) RETURN count(n)").unwrap()[0].to_string(), "1");
    let Failure::Storage(error) = at("CREATE (:A)").unwrap_err() else { panic!("it is refused by the store") };
    assert_eq!(error.downcast::<Error>().unwrap().code(), ErrorCode::ReadOnly);
}

#[test]
fn a_statement_is_a_part_of_a_transaction() {
    let opened = opened();
    let abort = Arc::new(AtomicBool::new(false));
    let mut tx = opened.store.begin().unwrap();
    let create = asked("CREATE (:A {x: 1})", &[]);
    opened.session.run_in(&Request::parse(&create).unwrap(), &mut tx, &abort).unwrap();
    let count = asked("MATCH (n:A) RETURN count(n)", &[]);
    let inside = opened.session.run_in(&Request::parse(&count).unwrap(), &mut tx, &abort).unwrap();
    assert_eq!(values(&inside)[0].to_string(), "1");
    assert_eq!(opened.run("MATCH (n:A) RETURN count(n)"), ["0"]);
    tx.commit(Durability::None).unwrap();
    assert_eq!(opened.run("MATCH (n:A) RETURN count(n)"), ["1"]);
    let mut tx = opened.store.begin().unwrap();
    let failing = asked("UNWIND [1, 0] AS x CREATE (:A {y: 1 / x})", &[]);
    let (_, partly) = opened.session.run_in(&Request::parse(&failing).unwrap(), &mut tx, &abort).unwrap_err();
    assert!(partly);
}

#[test]
fn long_results_come_in_parts_and_may_be_left() {
    let opened = opened();
    let abort = Arc::new(AtomicBool::new(false));
    let bytes = asked("UNWIND range(1, 200000) AS x RETURN x", &[]);
    let mut parts = Vec::new();
    let sink = &mut |part| {
        parts.push(part);
        parts.len() < 2
    };
    opened.session.run(&Request::parse(&bytes).unwrap(), None, Durability::None, &abort, sink).unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(opened.run("UNWIND range(1, 200000) AS x RETURN x").len(), 200_000);
}

#[test]
fn indexes_change_plans_that_are_kept() {
    let opened = opened();
    opened.run("UNWIND range(1, 100) AS x CREATE (:A {x: x})");
    let text = "MATCH (n:A {x: 7}) RETURN n.x";
    assert_eq!(opened.run(text), ["7"]);
    opened.run("CREATE INDEX by_x FOR (n:A) ON (n.x)");
    assert_eq!(opened.run(text), ["7"]);
    assert_eq!(opened.run("SHOW INDEXES").first().unwrap(), "'by_x'");
    opened.run("DROP INDEX by_x");
    assert_eq!(opened.run(text), ["7"]);
}

#[test]
fn counts_have_what_the_statement_itself_wrote() {
    let opened = opened();
    let counted = "CALL { MATCH (n:A) RETURN count(n) AS c } RETURN c";
    assert_eq!(opened.run(&format!("CREATE (:A)-[:R]->(:B) WITH 1 AS x {counted}")), ["1"]);
    assert_eq!(opened.run("CREATE (:A) RETURN 0 AS c UNION ALL MATCH (n:A) RETURN count(n) AS c"), ["0", "2"]);
    assert_eq!(opened.run(&format!("MATCH (n:A) DETACH DELETE n WITH count(*) AS gone {counted}")), ["0"]);
    assert_eq!(opened.run("MATCH ()-[r:R]->() RETURN count(r)"), ["0"]);
}

#[test]
fn what_no_property_holds_is_sought_and_not_found() {
    let opened = opened();
    opened.run("CREATE INDEX FOR (n:L) ON (n.p)");
    opened.run("CREATE (:L {p: 1}), (:M)");
    assert_eq!(opened.run("MATCH (m:M) WITH [1, m] AS l MATCH (n:L) WHERE n.p IN l RETURN n.p"), ["1"]);
    assert_eq!(opened.run("MATCH (m:M) MATCH (n:L) WHERE n.p = m RETURN n.p"), [""; 0]);
}

#[test]
fn what_is_random_is_drawn_once() {
    let opened = opened();
    opened.run("CREATE INDEX FOR (n:L) ON (n.i)");
    opened.run("UNWIND range(0, 99) AS i CREATE (:L {i: i})");
    // Drawn twice, a row would be found once in ten thousand.
    let found: i64 = (0..30)
        .map(|_| {
            opened.run("MATCH (n:L) WHERE n.i = toInteger(rand() * 100) RETURN count(*)")[0].parse::<i64>().unwrap()
        })
        .sum();
    assert!(found > 2, "{found}");
}

#[test]
fn an_attempt_is_planned_with_the_indexes_it_sees() {
    static STORES: Mutex<Option<(Store, Graph)>> = Mutex::new(None);
    /// Drops the index, at the first call: the transaction that calls meets that as a conflict.
    fn drops(_: &[Value], run: &mut Invocation<'_>) -> Called {
        if let Some((store, graph)) = STORES.lock().unwrap().take() {
            assert!(store.transact(Durability::None, |tx| graph.drop_named_index(tx, "on_i")).unwrap());
        }
        held(vec![vec![Value::Integer(1)]], run)
    }
    let store = Store::memory(&Options::default()).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    let registry = Arc::new(Registry::default());
    registry.add(Procedure::new("my.drops() :: (one :: INTEGER)", "Of a test.", drops).unwrap()).unwrap();
    let opened = Opened { session: Session::with_procedures(graph.clone(), registry), store: store.clone() };
    opened.run("UNWIND range(1, 100) AS i CREATE (:P {i: i})");
    opened.run("CREATE INDEX on_i FOR (p:P) ON (p.i)");
    *STORES.lock().unwrap() = Some((store, graph));
    assert_eq!(opened.run("CALL my.drops() YIELD one MATCH (p:P {i: 7}) SET p.j = one RETURN p.j"), ["1"]);
    assert!(STORES.lock().unwrap().is_none());
    assert_eq!(opened.run("MATCH (p:P) WHERE p.j = 1 RETURN p.i"), ["7"]);
}

/// Whoever plans counts what there is, which others change.
#[test]
fn planning_inside_a_transaction_meets_nobody() {
    let opened = opened();
    opened.run("CREATE (:A {i: 1})-[:R]->(:B)");
    let ask = |tx: &mut Transaction| {
        let (bytes, abort) = (asked("MATCH (a:A)-[:R]->(b:B) WHERE id(a) < 0 RETURN a.i", &[]), Arc::default());
        opened.session.run_in(&Request::parse(&bytes).unwrap(), tx, &abort).map_err(|(failure, _)| failure).unwrap();
    };
    let mut tx = opened.store.begin().unwrap();
    ask(&mut tx);
    tx.put(opened.store.namespace("other", &NamespaceOptions::default()).unwrap().id, b"k", b"v").unwrap();
    opened.run("CREATE (:C)");
    tx.commit(Durability::None).unwrap();
}
