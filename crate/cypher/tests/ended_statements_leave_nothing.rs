//! A statement that is ended, or fails, on its way leaves the store as it was.
#![allow(clippy::unwrap_used)] // a test's panic is its report

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sledstore_cypher::Detail;
use sledstore_cypher::storage::{Failure, Result};
use sledstore_cypher::store::{Decoder, Request, Session};
use sledstore_cypher::value::Value;
use sledstore_engine::{Durability, Options, Store};
use sledstore_graph::Graph;

struct Opened {
    session: Session,
    graph: Graph,
    store: Store,
}

fn opened() -> Opened {
    let store = Store::memory(&Options::default()).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    let opened = Opened { session: Session::new(graph.clone()), graph, store };
    opened.run("UNWIND range(0, 299) AS i CREATE (:A {i: i})", None, None).unwrap();
    opened
}

/// A request, as bytes of MessagePack.
fn asked(text: &str, time: Option<u16>, memory: Option<u32>) -> Vec<u8> {
    let mut bytes = vec![0xda];
    bytes.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(0x80);
    match time {
        None => bytes.push(0xc0),
        Some(time) => bytes.extend([0xcd].into_iter().chain(time.to_be_bytes())),
    }
    match memory {
        None => bytes.push(0xc0),
        Some(memory) => bytes.extend([0xce].into_iter().chain(memory.to_be_bytes())),
    }
    bytes
}

impl Opened {
    fn run(&self, text: &str, time: Option<u16>, memory: Option<u32>) -> Result<Vec<Vec<u8>>> {
        self.run_with(text, time, memory, &Arc::new(AtomicBool::new(false)))
    }

    fn run_with(
        &self,
        text: &str,
        time: Option<u16>,
        memory: Option<u32>,
        abort: &Arc<AtomicBool>,
    ) -> Result<Vec<Vec<u8>>> {
        let bytes = asked(text, time, memory);
        let mut parts = Vec::new();
        self.session.run(&Request::parse(&bytes)?, None, Durability::None, abort, &mut |part| {
            parts.push(part);
            true
        })?;
        Ok(parts)
    }

    /// What there is: nodes, relationships and the sum of a property.
    fn state(&self) -> String {
        let text = "MATCH (n) WITH count(n) AS nodes, sum(n.i) AS sum
                    RETURN nodes, sum, COUNT { MATCH ()-->() }, COUNT { MATCH (x) WHERE x.j IS NOT NULL }";
        let parts = self.run(text, None, None).unwrap();
        let mut decoder = Decoder::new(&parts[0]);
        let values: Vec<Value> = (0..6).map(|_| decoder.value().unwrap()).collect();
        format!("{values:?}")
    }
}

const CHANGES: [&str; 7] = [
    "MATCH (a:A), (b:A), (c:A) CREATE (:B {i: a.i})",
    "MATCH (a:A), (b:A), (c:A) MERGE (a)-[:R]->(b)",
    "MATCH (a:A), (b:A), (c:A) SET a.i = a.i + 1, b.j = 1",
    "MATCH (a:A) WITH collect(a) AS all_of FOREACH (x IN range(1, 1000000) | CREATE (:C {i: x}))",
    "MATCH (a:A) CALL { WITH a MATCH (b:A), (c:A) CREATE (a)-[:S]->(b) } RETURN count(*)",
    "MATCH (a:A) DETACH DELETE a WITH 1 AS x LIMIT 1 UNWIND range(1, 1000000) AS y CREATE (:D {i: y})",
    "UNWIND range(1, 1000000) AS y MERGE (d:D {i: y % 500}) RETURN d",
];

fn detail(result: Result<Vec<Vec<u8>>>) -> Detail {
    match result.unwrap_err() {
        Failure::Cypher(error) => error.detail,
        Failure::Storage(error) => panic!("{error}"),
    }
}

#[test]
fn nothing_is_kept_of_a_statement_that_is_ended() {
    let opened = opened();
    let before = opened.state();
    for text in CHANGES {
        assert_eq!(detail(opened.run(text, Some(40), None)), Detail::TimeLimit, "{text}");
        assert_eq!(opened.state(), before, "{text}");
        assert_eq!(detail(opened.run(text, None, Some(20_000))), Detail::MemoryLimit, "{text}");
        assert_eq!(opened.state(), before, "{text}");
        let abort = Arc::new(AtomicBool::new(false));
        let later = abort.clone();
        let stopper = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            later.store(true, Ordering::Relaxed);
        });
        assert_eq!(detail(opened.run_with(text, None, None, &abort)), Detail::Aborted, "{text}");
        stopper.join().unwrap();
        assert_eq!(opened.state(), before, "{text}");
    }
    assert_eq!(opened.graph.verify(&opened.store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
}

#[test]
fn nothing_is_kept_of_a_statement_that_fails() {
    let opened = opened();
    let before = opened.state();
    for (text, expected) in [
        ("MATCH (a:A) CREATE (:B {i: 1 / (a.i - 250)})", Detail::DivisionByZero),
        ("MATCH (a:A) SET a.j = 1 WITH a CREATE (a)-[:R]->(:B {x: [1, {}]})", Detail::InvalidPropertyType),
        ("MATCH (a:A) CREATE (a)-[:R]->(b) WITH a LIMIT 1 DELETE a", Detail::DeleteConnectedNode),
        ("FOREACH (x IN range(-10, 0) | CREATE (:C {i: 1 / x}))", Detail::DivisionByZero),
        ("MATCH (a:A) CALL { WITH a MERGE (:M {i: 1 / (299 - a.i)}) } RETURN count(*)", Detail::DivisionByZero),
    ] {
        assert_eq!(detail(opened.run(text, None, None)), expected, "{text}");
        assert_eq!(opened.state(), before, "{text}");
    }
}
