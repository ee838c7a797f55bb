//! Whatever a query is busy with, the caller and the time it may take end it, and what it keeps is counted.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sledstore_cypher::Detail;
use sledstore_cypher::execute::Limits;
use sledstore_cypher::storage::{Covers, Index, IndexKind};

use crate::memory::Memory;
use crate::short::{ended, graph, operators};

/// A thousand nodes in a ring, and a ladder of twenty steps with two ways each.
fn ring() -> Memory {
    graph(
        "UNWIND range(0, 999) AS i CREATE (:A {i: i})
         WITH count(*) AS n MATCH (a:A), (b:A) WHERE b.i = (a.i + 1) % 1000 CREATE (a)-[:R]->(b)
         WITH count(*) AS n UNWIND range(0, 20) AS i CREATE (:L {i: i})
         WITH count(*) AS n MATCH (a:L), (b:L) WHERE b.i = a.i + 1
         CREATE (a)-[:S]->(:M)-[:S]->(b), (a)-[:S]->(:M)-[:S]->(b)",
    )
}

/// A query for each operator that may be long, and the operator.
const LONG: [(&str, &str); 16] = [
    ("LabelScan", "MATCH (a:A) RETURN a.i"),
    ("AllNodesScan", "MATCH (a) RETURN a"),
    ("Expand", "MATCH (a:A)-[:R]->(b) RETURN b"),
    ("VariableExpand", "MATCH (a:A {i: 1})-[:R*]->(b) RETURN count(*)"),
    ("CartesianProduct", "MATCH (a:A), (b:A), (c:A) WHERE a.i + b.i + c.i < 0 RETURN count(*)"),
    ("Sort", "UNWIND range(1, 200000) AS i RETURN i ORDER BY -i"),
    ("Aggregation", "UNWIND range(1, 200000) AS i RETURN i % 1000 AS k, count(*), max(i)"),
    ("Distinct", "UNWIND range(1, 200000) AS i RETURN DISTINCT i"),
    ("Unwind", "UNWIND range(1, 200000) AS i UNWIND range(1, 2000) AS j RETURN j"),
    ("Merge", "UNWIND range(1, 3000) AS i MERGE (:A {i: i % 10})"),
    ("Create", "UNWIND range(1, 200000) AS i CREATE (:B {i: i})"),
    ("", "UNWIND range(1, 200000) AS i RETURN i UNION UNWIND range(1, 200000) AS i RETURN i"),
    ("Apply", "UNWIND range(1, 2000) AS i CALL { WITH i UNWIND range(1, i) AS j RETURN count(j) AS c } RETURN c"),
    ("ShortestPath", "MATCH p = allShortestPaths((a:L {i: 0})-[:S*]->(b:L {i: 20})) RETURN count(p)"),
    ("Foreach", "FOREACH (i IN range(1, 200000) | CREATE (:C))"),
    ("DetachDelete", "MATCH (a:A) DETACH DELETE a"),
];

#[test]
fn the_caller_ends_every_operator() {
    let mut graph = ring();
    for (operator, query) in LONG {
        assert!(operators(&graph, query).contains(operator), "{query}: {}", operators(&graph, query));
        let limits = Limits { abort: Some(Arc::new(AtomicBool::new(true))), ..Limits::default() };
        assert_eq!(ended(&mut graph, query, limits), Err(Detail::Aborted), "{query}");
    }
}

/// An index over the numbers of the ring.
fn indexed() -> Memory {
    let mut graph = ring();
    let (label, properties) = (Some("A".to_owned()), vec!["i".to_owned()]);
    let (covers, kind) = (Covers::Nodes, IndexKind::Range);
    graph.indexes = vec![Index { id: 1, covers, label, properties, kind, is_complete: true, texts: None }];
    graph
}

#[test]
fn a_seek_ends_before_it_has_all() {
    let mut graph = indexed();
    let query = "MATCH (a:A) WHERE a.i > 100 RETURN a.i";
    assert!(operators(&graph, query).starts_with("NodeIndexRangeSeek"));
    let aborted = || Limits { abort: Some(Arc::new(AtomicBool::new(true))), ..Limits::default() };
    graph.sought.set(0);
    assert_eq!(ended(&mut graph, query, aborted()), Err(Detail::Aborted));
    assert!(graph.sought.get() < 100, "{}", graph.sought.get());
    // It holds no more than a batch of them, whatever there are.
    let small = |bytes| Limits { memory_bytes: Some(bytes), ..Limits::default() };
    assert_eq!(ended(&mut graph, query, small(1_000 * 8)), Ok(899));
    graph.sought.set(0);
    assert_eq!(ended(&mut graph, "MATCH (a:A) WHERE a.i > 100 RETURN a.i LIMIT 1", small(10_000)), Ok(1));
    assert!(graph.sought.get() < 100, "{}", graph.sought.get());
    // What a row sought is given back before the next one seeks.
    let many = "UNWIND range(1, 500) AS i MATCH (a:A) WHERE a.i > 950 RETURN a.i";
    assert_eq!(ended(&mut graph, many, small(50_000)), Ok(500 * 49));
}

#[test]
fn time_ends_every_operator() {
    let mut graph = ring();
    for (_, query) in LONG {
        let limits = Limits { time: Some(Duration::ZERO), ..Limits::default() };
        assert_eq!(ended(&mut graph, query, limits), Err(Detail::TimeLimit), "{query}");
    }
}

#[test]
fn what_is_kept_is_counted() {
    let mut graph = ring();
    for query in [
        "UNWIND [i IN range(1, 200000) | i] AS i RETURN 1",
        "MATCH (a:A), (b:A) RETURN collect(a.i)",
        "MATCH (a:A), (b:A) RETURN a.i, b.i ORDER BY a.i",
        "MATCH (a:A), (b:A) RETURN DISTINCT a.i, b.i",
        "MATCH (a:A), (b:A) RETURN a.i, b.i, count(*)",
        "MATCH (a:A), (b:A) RETURN a.i AS x, b.i AS y UNION MATCH (a:A), (b:A) RETURN a.i AS x, b.i AS y",
        "MATCH p = allShortestPaths((a:L {i: 0})-[:S*]->(b:L {i: 20})) RETURN count(p)",
        "MATCH (a:A), (b:A) WITH a, b LIMIT 100000 CREATE (c:C) RETURN c",
        "MATCH (a:A), (b:A) WITH a, b WHERE b.i < 100 MERGE (a)-[:Q]->(b) RETURN a.i, b.i",
    ] {
        let limits = Limits { memory_bytes: Some(1_000_000), ..Limits::default() };
        assert_eq!(ended(&mut graph, query, limits), Err(Detail::MemoryLimit), "{query}");
    }
    for query in [
        "MATCH (a:A), (b:A) WHERE a.i < 200 WITH a.i + b.i AS s RETURN sum(s)",
        "MATCH (a:A), (b:A) WHERE a.i < 100 RETURN a.i, b.i UNION ALL MATCH (a:A) MATCH (b:A) WHERE a.i < 100 RETURN a.i, b.i",
        "UNWIND range(1, 100) AS i CALL { MATCH (a:A) RETURN a.i AS x UNION MATCH (a:A) RETURN a.i AS x } RETURN x",
        "UNWIND range(1, 100) AS i UNWIND range(1, 10000) AS j RETURN j",
    ] {
        let limits = Limits { memory_bytes: Some(1_000_000), ..Limits::default() };
        assert!(ended(&mut graph, query, limits).is_ok(), "{query}");
    }
}
