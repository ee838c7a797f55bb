//! What a statement finds and keeps over a store counts against the limit of memory, and ends with it; commands end in
//! time.
#![allow(clippy::unwrap_used)] // a test's panic is its report

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sledstore_cypher::Detail;
use sledstore_cypher::storage::{Failure, Result};
use sledstore_cypher::store::{Request, Session, encode};
use sledstore_cypher::value::Value;
use sledstore_engine::{Durability, Options, Store};
use sledstore_graph::Graph;

struct Opened {
    store: Store,
    graph: Graph,
    session: Session,
}

/// How a statement is run.
#[derive(Clone, Copy, Debug)]
enum Way {
    Whole,
    Streamed,
    InTransaction,
}

fn opened() -> Opened {
    let store = Store::memory(&Options::default()).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    let opened = Opened { store, session: Session::new(graph.clone()), graph };
    opened.run("UNWIND range(1, 20000) AS i CREATE (:P {i: i, text: 'red car ' + i})", None, None).unwrap();
    opened
}

fn asked(text: &str, time: Option<i64>, memory: Option<i64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&Value::from(text), &mut bytes);
    bytes.push(0x80);
    for limit in [time, memory] {
        encode(&limit.map_or(Value::Null, Value::Integer), &mut bytes);
    }
    bytes
}

impl Opened {
    fn run(&self, text: &str, time: Option<i64>, memory: Option<i64>) -> Result<usize> {
        self.run_by(Way::Streamed, text, time, memory)
    }

    /// Runs a statement; gives the bytes of its result.
    fn run_by(&self, way: Way, text: &str, time: Option<i64>, memory: Option<i64>) -> Result<usize> {
        let (bytes, abort) = (asked(text, time, memory), Arc::new(AtomicBool::new(false)));
        let (request, mut given) = (Request::parse(&bytes)?, 0);
        let mut sink = |part: Vec<u8>| {
            given += part.len();
            true
        };
        match way {
            Way::Whole => self.session.run_whole(&request, None, Durability::None, &abort, &mut sink)?,
            Way::Streamed => self.session.run(&request, None, Durability::None, &abort, &mut sink)?,
            Way::InTransaction => {
                let mut tx = self.store.begin().unwrap();
                let parts = self.session.run_in(&request, &mut tx, &abort).map_err(|(failure, _)| failure)?;
                assert!(parts.into_iter().all(sink));
            }
        }
        Ok(given)
    }

    fn indexes(&self) -> usize {
        self.graph.all_indexes(&self.store).unwrap().len()
    }
}

fn detail<T: std::fmt::Debug>(result: Result<T>) -> Detail {
    match result.unwrap_err() {
        Failure::Cypher(error) => error.detail,
        Failure::Storage(error) => panic!("{error}"),
    }
}

#[test]
fn rows_that_are_given_together_count() {
    let opened = opened();
    // One row alone is above the limit.
    let row = "RETURN [i IN range(1, 20000) | 'a text'] AS list";
    for query in ["MATCH (p:P) RETURN p.i, 'a text'", "MATCH (p:P) RETURN p.text", row] {
        for (way, memory) in [(Way::Whole, 100_000), (Way::InTransaction, 100_000)] {
            assert_eq!(detail(opened.run_by(way, query, None, Some(memory))), Detail::MemoryLimit, "{query} {way:?}");
            assert!(opened.run_by(way, query, None, Some(50_000_000)).unwrap() > 100_000, "{query} {way:?}");
        }
        let streamed = opened.run_by(Way::Streamed, query, None, Some(100_000));
        assert!(
            if query == row { detail(streamed) == Detail::MemoryLimit } else { streamed.unwrap() > 100_000 },
            "{query}"
        );
    }
    for way in [Way::Whole, Way::InTransaction, Way::Streamed] {
        assert!(opened.run_by(way, "MATCH (p:P) RETURN count(p)", None, Some(10_000)).is_ok());
        let writes = "MATCH (p:P) SET p.j = 1 RETURN p.text";
        assert_eq!(detail(opened.run_by(way, writes, None, Some(400_000))), Detail::MemoryLimit);
    }
}

#[test]
fn what_an_index_gives_is_read_in_batches() {
    let opened = opened();
    opened.run("CREATE INDEX on_i FOR (p:P) ON (p.i)", None, None).unwrap();
    for query in [
        "MATCH (p:P) WHERE p.i > 10 AND p.i < 19000 RETURN sum(p.i)",
        "MATCH (p:P) WHERE p.i > 10 RETURN p.i ORDER BY p.i DESC",
        "MATCH (p:P) RETURN p.i ORDER BY p.i SKIP 3000 LIMIT 1",
        "MATCH (p:P {i: 7}) RETURN p.i",
    ] {
        assert!(opened.run(query, None, Some(1_000)).is_ok(), "{query}");
    }
    // What is remembered for it counts: values of a list, ids that come once, and those that a text narrows.
    opened.run("CREATE INDEX on_text FOR (p:P) ON (p.text)", None, None).unwrap();
    opened.run("CREATE FULLTEXT INDEX texts FOR (p:P) ON EACH [p.text]", None, None).unwrap();
    for query in [
        "MATCH (p:P) WHERE p.i IN range(1, 2000) RETURN sum(p.i)",
        "MATCH (p:P) WHERE (p.i > 10 AND p.i < 9000) OR p.text = 'x' RETURN sum(p.i)",
        "MATCH (p:P) WHERE p.text ENDS WITH 'ar 19' OR p.text CONTAINS 'car 19' RETURN count(p)",
        "MATCH (p:P) WHERE p.text CONTAINS 'car 19' RETURN count(p)",
    ] {
        assert_eq!(detail(opened.run(query, None, Some(5_000))), Detail::MemoryLimit, "{query}");
        assert!(opened.run(query, None, Some(500_000)).is_ok(), "{query}");
    }
    // And is given back before the next row seeks.
    let many = "UNWIND range(1, 100) AS i MATCH (p:P) WHERE p.text CONTAINS left('car 19', 5 + i) RETURN count(p)";
    assert!(opened.run(many, None, Some(20_000)).is_ok());
}

#[test]
fn reading_and_planning_a_text_end_in_time() {
    let opened = opened();
    let texts = [
        format!("MATCH {} RETURN 1", (0..400).map(|n| format!("(a{n})-->(b{n})")).collect::<Vec<_>>().join(", ")),
        format!("RETURN [{}]", vec!["1 + 1"; 50_000].join(", ")),
        "RETURN 1 UNION ".repeat(150) + "RETURN 1",
        format!("EXPLAIN MATCH (a) {} RETURN 1", "MATCH (a)-->(b {x: 1}) ".repeat(300)),
    ];
    for text in &texts {
        for way in [Way::Streamed, Way::Whole, Way::InTransaction] {
            assert_eq!(detail(opened.run_by(way, text, Some(0), None)), Detail::TimeLimit, "{}", &text[..40]);
        }
        let (bytes, abort) = (asked(text, None, None), Arc::new(AtomicBool::new(true)));
        let ran = opened.session.run(&Request::parse(&bytes).unwrap(), None, Durability::None, &abort, &mut |_| true);
        assert_eq!(detail(ran), Detail::Aborted, "{}", &text[..40]);
    }
    // Before the end: planning the first takes longer than this.
    assert_eq!(detail(opened.run(&texts[1], Some(1), None)), Detail::TimeLimit);
    assert!(opened.run(&texts[3], Some(600_000), None).is_ok());
}

#[test]
fn what_a_text_search_finds_counts() {
    let opened = opened();
    opened.run("CREATE FULLTEXT INDEX texts FOR (p:P) ON EACH [p.text]", None, None).unwrap();
    for query in ["red", "red car", "r*", "+red -blue"] {
        let text =
            format!("CALL db.index.fulltext.queryNodes('texts', '{query}', {{limit: 3}}) YIELD node RETURN node.i");
        assert_eq!(detail(opened.run(&text, None, Some(300_000))), Detail::MemoryLimit, "{query}");
        assert_eq!(detail(opened.run(&text, Some(0), None)), Detail::TimeLimit, "{query}");
        assert!(opened.run(&text, None, Some(10_000_000)).is_ok(), "{query}");
    }
    // What was held while one search ran is given back before the next one.
    let many = "UNWIND range(1, 20) AS i CALL db.index.fulltext.queryNodes('texts', 'red', {limit: 1}) YIELD node \
                RETURN node.i";
    assert!(opened.run(many, None, Some(3_000_000)).is_ok());
    // Each hit is counted while it waits.
    let all = "CALL db.index.fulltext.queryNodes('texts', 'c*') YIELD score RETURN sum(score)";
    assert!(opened.run(all, None, Some(3_000_000)).is_ok());
}

#[test]
fn a_command_ends_in_time_and_leaves_nothing() {
    let opened = opened();
    let commands = [
        "CREATE INDEX FOR (p:P) ON (p.i, p.text)",
        "CREATE CONSTRAINT FOR (p:P) REQUIRE p.i IS UNIQUE",
        "CREATE CONSTRAINT FOR (p:P) REQUIRE p.i IS NOT NULL",
        "CREATE FULLTEXT INDEX FOR (p:P) ON EACH [p.text]",
    ];
    for command in commands {
        for time in [0, 1] {
            assert_eq!(detail(opened.run(command, Some(time), None)), Detail::TimeLimit, "{command}");
            assert_eq!(opened.indexes(), 0, "{command}");
        }
        let (bytes, abort) = (asked(command, None, None), Arc::new(AtomicBool::new(false)));
        let request = Request::parse(&bytes).unwrap();
        abort.store(true, Ordering::Relaxed);
        let ran = opened.session.run(&request, None, Durability::None, &abort, &mut |_| true);
        assert_eq!(detail(ran), Detail::Aborted, "{command}");
        assert_eq!(opened.indexes(), 0, "{command}");
    }
    assert_eq!(opened.graph.verify(&opened.store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
    for command in commands {
        opened.run(command, Some(600_000), None).unwrap();
    }
    assert_eq!(opened.indexes(), 4);
}
