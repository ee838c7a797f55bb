//! Memory, time, the caller and the storage can end a query; the error says which.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sledstore_cypher::Detail;
use sledstore_cypher::execute::{Counters, Execution, Limits, Settings};
use sledstore_cypher::function::Clock;
use sledstore_cypher::storage::Failure;
use sledstore_cypher::value::temporal::{Offset, Zone};

use crate::short::{ended, graph, planned};

fn settings(limits: Limits, profile: bool) -> Settings<'static> {
    let clock = Clock::starting_now().unwrap();
    Settings { procedures: &(), clock, zone: Zone::from(Offset::UTC), limits, profile }
}

#[test]
fn rows_that_are_kept_count() {
    let mut graph = graph("UNWIND range(1, 100) AS i CREATE (:A {i: i})");
    let limits = || Limits { memory_bytes: Some(300_000), ..Limits::default() };
    for query in [
        "UNWIND range(1, 20000) AS i WITH i ORDER BY i RETURN count(*)",
        "UNWIND range(1, 20000) AS i RETURN DISTINCT i",
        "UNWIND range(1, 20000) AS i RETURN size(collect(i))",
        "UNWIND range(1, 20000) AS i RETURN i, count(*)",
        "UNWIND range(1, 20000) AS i RETURN count(DISTINCT i)",
        "UNWIND range(1, 20000) AS i CREATE (b:B) SET b.i = i RETURN count(*)",
    ] {
        assert_eq!(ended(&mut graph, query, limits()), Err(Detail::MemoryLimit), "{query}");
        assert!(ended(&mut graph, query, Limits::default()).is_ok(), "{query}");
    }
    for query in [
        "UNWIND range(1, 20000) AS i RETURN i",
        "UNWIND range(1, 20000) AS i RETURN sum(i)",
        "UNWIND range(1, 20000) AS i RETURN i ORDER BY i LIMIT 5",
        "UNWIND range(1, 300) AS j CALL { UNWIND range(1, 100) AS i RETURN i AS k ORDER BY k } RETURN sum(k)",
        "UNWIND range(1, 300) AS j CALL { UNWIND range(1, 100) AS i RETURN DISTINCT i AS k } RETURN sum(k)",
        "UNWIND range(1, 30) AS j CALL { MATCH (a:A), (b:A) WHERE a.i = b.i RETURN count(*) AS k } RETURN sum(k)",
    ] {
        assert!(ended(&mut graph, query, limits()).is_ok(), "{query}");
    }
}

#[test]
fn a_query_without_end_is_ended() {
    let mut graph =
        graph("UNWIND range(1, 40) AS i CREATE (:A {i: i}) WITH 1 AS x MATCH (a:A), (b:A) CREATE (a)-[:R]->(b)");
    let queries = [
        "MATCH (a:A)-[:R*]->(b:A) RETURN count(*)",
        "MATCH (a:A), (b:A), (c:A), (d:A), (e:A), (f:A) WHERE a.i + b.i + c.i + d.i + e.i + f.i < 0 RETURN count(*)",
        "MATCH (a:A) ((x)-[:R]->(y))+ (b) RETURN count(*)",
        "UNWIND range(1, 20000) AS i UNWIND range(1, 20000) AS j RETURN count(*)",
        "MATCH p = SHORTEST 20000 (a:A {i: 1})-[:R*]->(b:A {i: 2}) RETURN count(*)",
    ];
    for query in queries {
        let limits = Limits { time: Some(Duration::from_millis(100)), ..Limits::default() };
        assert_eq!(ended(&mut graph, query, limits), Err(Detail::TimeLimit), "{query}");
        let abort = Arc::new(AtomicBool::new(true));
        let limits = Limits { abort: Some(abort.clone()), ..Limits::default() };
        assert_eq!(ended(&mut graph, query, limits), Err(Detail::Aborted), "{query}");
        assert!(abort.load(Ordering::Relaxed));
    }
}

#[test]
fn rows_and_time_are_counted_for_each_step() {
    let mut graph = graph("UNWIND range(1, 50) AS i CREATE (:A {i: i})");
    let plan = planned(&graph, "PROFILE MATCH (a:A) WHERE a.i > 20 RETURN a.i LIMIT 7");
    let mut execution = Execution::start(&plan, |_| None, &mut graph, settings(Limits::default(), true)).unwrap();
    while execution.next_batch().unwrap().is_some() {}
    let counters = execution.counters();
    let steps: Vec<_> = plan.describe().into_iter().map(|step| (step.name, counters[step.id].rows)).collect();
    let [("LabelScan", scanned), ("Properties", _), ("Filter", kept), ("Projection", projected), ("Limit", 7)] =
        steps[..]
    else {
        panic!("{steps:?}")
    };
    assert!(scanned > kept && kept == projected && kept >= 7, "{steps:?}");
    assert_ne!(counters[0], Counters::default());
}

#[test]
fn a_failure_of_the_storage_comes_out_as_it_was() {
    let mut graph = graph("CREATE (:A)-[:R]->(:B)");
    for query in [
        "MATCH (a:A)-->(b:B) RETURN b",
        "MATCH (a:A) RETURN [(a)-->(b:B) | b] AS x",
        "MATCH (a:A) WHERE (a)-->(:B) RETURN a",
        "MATCH (a:A) RETURN all(x IN [1] WHERE EXISTS { MATCH (a)-->(b) }) AS x",
        "MATCH (a:A) DETACH DELETE a",
    ] {
        let plan = planned(&graph, query);
        graph.fails = true;
        let started = Execution::start(&plan, |_| None, &mut graph, settings(Limits::default(), false));
        let failure = started.and_then(|mut execution| execution.next_batch()).expect_err(query);
        let Failure::Storage(error) = failure else { panic!("{query}: {failure}") };
        assert_eq!(error.to_string(), "the disk is gone", "{query}");
        graph.fails = false;
    }
}
