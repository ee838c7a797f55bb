//! Groups of nodes that are made without a row for each are those that rows make: whatever the properties are, in memory and
//! in a store, before and after the store has gathered columns.

use std::sync::Arc;

use sledstore_cypher::execute::{Execution, Limits, Prepared, Settings, prepare};
use sledstore_cypher::function::Clock;
use sledstore_cypher::storage::{Failure, Storage};
use sledstore_cypher::store::{GraphStorage, InTransaction, ReadOnly};
use sledstore_cypher::value::Value;
use sledstore_cypher::value::temporal::{Offset, Zone};
use sledstore_cypher::{CypherError, Detail};
use sledstore_engine::{Durability, Options, Store};
use sledstore_graph::{Graph, Index};

/// Of several batches, with values that are equivalent and not the same, and without some.
const NODES: &str = "UNWIND range(0, 2999) AS i
     CREATE (n:N {i: i, few: i % 7, other: toString(i % 5), many: 'n' + toString(i)})
     SET n.own = CASE WHEN i % 9 = 0 THEN null WHEN i % 9 = 1 THEN i WHEN i % 9 = 2 THEN i + 0.5 ELSE 'own' + toString(i) END
     SET n.mixed = CASE i % 11 WHEN 0 THEN null WHEN 1 THEN 1 WHEN 2 THEN 1.0 WHEN 3 THEN 0.0 / 0.0 WHEN 4 THEN [1, 2]
       WHEN 5 THEN [1.0, 2.0] WHEN 6 THEN date('2020-01-01') WHEN 7 THEN 'x' WHEN 8 THEN true ELSE -0.0 END
     FOREACH (x IN CASE WHEN i % 3 = 0 THEN [1] ELSE [] END | SET n:M)
     WITH count(*) AS c MATCH (a:N) WHERE a.i < 40
     MATCH (b:N) WHERE b.i < 40 AND (a.i * b.i) % 3 = 1 CREATE (a)-[:K]->(b)";

/// What is asked, and the operator that answers it.
const QUESTIONS: [(&str, bool); 24] = [
    ("MATCH (n:N) | RETURN n.few AS k, count(*) AS c, sum(n.i) AS s, min(n.other), max(n.many)", true),
    ("MATCH (n) | RETURN n.mixed AS k, count(n) AS c, avg(n.i), stDev(n.i), count(n.other)", true),
    ("MATCH (n:M) | RETURN n.few AS k, n.other AS o, sum(n.i) AS s", true),
    ("MATCH (n:M) | RETURN n.other AS o, n.few AS k, collect(n.i) AS all", true),
    ("MATCH (n:N) | RETURN n.many AS k, count(*) AS c", true),
    ("MATCH (n:N) | RETURN n.nothing AS k, count(*) AS c, sum(n.few)", true),
    ("MATCH (n:Unknown) | RETURN n.few AS k, count(*) AS c", true),
    ("MATCH (n:N) | RETURN n.few AS a, n.few AS b, max(n.few) AS c", true),
    ("MATCH (n:N) | RETURN n.many AS k, count(n.many), min(n.many), collect(n.many)", true),
    ("MATCH (n:N) | RETURN n.own AS k, count(n.own), max(n.own), collect(n.own)", true),
    ("MATCH (n:N) | RETURN n.mixed AS k, count(n.mixed), min(n.mixed), collect(n.mixed)", true),
    ("MATCH (n:N) | RETURN n.other AS o, n.mixed AS k, collect(n.mixed)", true),
    ("MATCH (n:N) WHERE n.i % 11 < 3 | RETURN n.mixed AS k, sum(n.mixed)", false),
    ("MATCH (n:N) | RETURN n.few AS k, count(*) AS c ORDER BY c DESC, k LIMIT 3", true),
    ("MATCH (n:N) | RETURN n.many AS k, count(n) AS c ORDER BY c DESC, k SKIP 2 LIMIT 3", true),
    ("MATCH (n:N) | RETURN n.mixed AS k, sum(n.i) AS s, count(n) AS c ORDER BY c, s LIMIT 4", true),
    ("MATCH (n:N) | RETURN n.few AS k, count(*) AS c ORDER BY c LIMIT 0", true),
    ("MATCH (n:N) | RETURN n.few AS k, count(*) AS c ORDER BY k LIMIT 2", true),
    ("MATCH (n:N) | RETURN DISTINCT n.few % 2 AS k", false),
    ("MATCH (n:N) | RETURN n.few + 1 AS k, count(*) AS c", false),
    ("MATCH (n:N) | RETURN n.few AS k, count(DISTINCT n.other) AS c", false),
    ("MATCH (n:N) | RETURN n AS k, count(*) AS c", false),
    ("MATCH (n:N:M) | RETURN n.few AS k, count(*) AS c", false),
    ("MATCH (n:N) WHERE n.i > 10 | RETURN n.few AS k, count(*) AS c", false),
];

/// Those that count relationships: the second is the same one by one.
const DEGREES: [(&str, &str); 6] = [
    ("MATCH (n:N)-[:K]->(m:N) RETURN n.few AS k, count(m) AS c", "MATCH (n:N)-[:K]->(m:N)"),
    ("MATCH (n:M)<--(m:N) RETURN n.few AS k, count(*) AS c", "MATCH (n:M)<--(m:N)"),
    ("MATCH (n:M)--(m) RETURN n.many AS k, n.other AS o, count(m) AS c", "MATCH (n:M)--(m)"),
    ("MATCH (n:N)-[:K]->(m:N) RETURN n.many AS k, count(m) AS c ORDER BY c DESC, k LIMIT 4", "MATCH (n:N)-[:K]->(m:N)"),
    ("MATCH (n:N)<-[:K]-(m) RETURN n.own AS k, count(m) AS c ORDER BY c, k LIMIT 30", "MATCH (n:N)<-[:K]-(m)"),
    ("MATCH (n)-[:L]->(m) RETURN n.few AS k, count(m) AS c", "MATCH (n)-[:L]->(m)"),
];

fn run(storage: &mut dyn Storage, text: &str, limits: Limits) -> Result<(Vec<String>, bool), CypherError> {
    let error = |failure| match failure {
        Failure::Cypher(error) => error,
        Failure::Storage(error) => panic!("{error}"),
    };
    let Prepared::Query(plan) = prepare(text, &(), storage).map_err(error)? else { panic!("{text} is no query") };
    let clock = Clock::starting_now().unwrap();
    let settings = Settings { procedures: &(), clock, zone: Zone::from(Offset::UTC), limits, profile: false };
    let mut execution = Execution::start(&plan, |_| None, storage, settings).map_err(error)?;
    let mut rows = Vec::new();
    while let Some(batch) = execution.next_batch().map_err(error)? {
        let columns = plan.columns.len();
        let text = |row: &[Value]| row.iter().take(columns).map(Value::to_string).collect::<Vec<_>>().join(", ");
        rows.extend(batch.rows().map(text));
    }
    rows.sort();
    let grouped = plan.describe().iter().any(|step| step.name == "NodeAggregation");
    Ok((rows, grouped))
}

/// The first rows that are not the same.
fn differing<'r>(found: &'r [String], expected: &'r [String]) -> Option<(&'r String, &'r String)> {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).find(|(found, expected)| found != expected)
}

fn check(storage: &mut dyn Storage) {
    let mut ask =
        |text: &str| run(storage, text, Limits::default()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    for (question, is_grouped) in QUESTIONS {
        let (found, grouped) = ask(&question.replace('|', ""));
        assert_eq!(grouped, is_grouped, "{question}");
        let (expected, by_rows) = ask(&question.replace('|', "WITH n LIMIT 1000000"));
        assert!(!by_rows, "{question}");
        assert!(found == expected, "{question}: {:?}", differing(&found, &expected));
    }
    for (question, pattern) in DEGREES {
        let (found, grouped) = ask(question);
        assert!(grouped, "{question}");
        let items = question.split_once("RETURN").unwrap().1;
        let (expected, by_rows) = ask(&format!("{pattern} WITH n, m LIMIT 1000000 RETURN {items}"));
        assert!(!by_rows, "{question}");
        assert!(found == expected, "{question}: {:?}", differing(&found, &expected));
    }
    // For each row of another clause anew.
    let nested = "UNWIND [1, 2] AS x CALL { MATCH (n:N) RETURN n.few AS k, count(*) AS c } RETURN x, k, c";
    let (found, grouped) = ask(nested);
    assert!(grouped);
    assert_eq!(found.len(), 14);
    assert_eq!(found[0], "1, 0, 429");
}

#[test]
fn in_memory() {
    check(&mut crate::short::graph(NODES));
}

#[test]
fn in_a_store() {
    let store = Store::memory(&Options::default()).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    let mut tx = store.begin().unwrap();
    let mut storage = GraphStorage::new(&graph, InTransaction::new(&mut tx));
    run(&mut storage, NODES, Limits::default()).unwrap();
    // As the transaction sees it, which is given no column.
    check(&mut storage);
    let (writer, changes) = storage.into_access().into_parts();
    graph.finish(writer, changes).unwrap();
    tx.commit(Durability::None).unwrap();

    let snapshot = store.snapshot().unwrap();
    let before = store.stats().memory.derived;
    check(&mut GraphStorage::new(&graph, ReadOnly::of(&snapshot)));
    let asked = || {
        run(
            &mut GraphStorage::new(&graph, ReadOnly::of(&snapshot)),
            "MATCH (n:N) RETURN n.few, sum(n.i)",
            Limits::default(),
        )
    };
    let first = asked().unwrap();
    let gathered = (0..10_000).any(|_| {
        assert_eq!(asked().unwrap(), first);
        store.stats().memory.derived >= before + 6_000
    });
    assert!(gathered, "columns are gathered once they are read often");
    check(&mut GraphStorage::new(&graph, ReadOnly::of(&snapshot)));

    // No two have the same of these: their groups are nodes.
    for property in ["many", "own"] {
        let index = Index { label: Some("N".to_owned()), property: property.to_owned(), unique: true };
        graph.create_index(&index, Durability::None, &mut |_, _| true).unwrap();
    }
    let snapshot = store.snapshot().unwrap();
    for _ in 0..3 {
        check(&mut GraphStorage::new(&graph, ReadOnly::of(&snapshot)));
    }
}

#[test]
fn that_no_limit_wants_are_not_made() {
    let mut graph = crate::short::graph(NODES);
    for (query, most) in [
        ("MATCH (n:N)-[:K]->(m:N) RETURN n.many AS k, count(m) AS c ORDER BY c DESC, k LIMIT 4", 30),
        ("MATCH (n:N) RETURN n.few AS k, count(*) ORDER BY count(*) LIMIT 1", 3),
        ("MATCH (n:N) WITH n.few AS k, count(n) AS c ORDER BY c SKIP 1 LIMIT 0 RETURN k", 3),
    ] {
        let Prepared::Query(plan) = prepare(query, &(), &graph).unwrap() else { panic!("{query} is no query") };
        let (clock, limits) = (Clock::starting_now().unwrap(), Limits::default());
        let settings = Settings { procedures: &(), clock, zone: Zone::from(Offset::UTC), limits, profile: true };
        let mut execution = Execution::start(&plan, |_| None, &mut graph, settings).unwrap();
        while execution.next_batch().unwrap().is_some() {}
        let step = plan.describe().into_iter().find(|step| step.name == "NodeAggregation").unwrap().id;
        assert!(execution.counters()[step].rows <= most, "{query}");
    }
}

#[test]
fn are_ended_and_counted() {
    let mut graph = crate::short::graph(NODES);
    let query = "MATCH (n:N) RETURN n.many AS k, count(*) AS c";
    let mut ended = |limits: Limits| run(&mut graph, query, limits).map(|_| ()).map_err(|error| error.detail);
    let aborted = Some(Arc::new(std::sync::atomic::AtomicBool::new(true)));
    assert_eq!(ended(Limits { abort: aborted, ..Limits::default() }), Err(Detail::Aborted));
    assert_eq!(ended(Limits { memory_bytes: Some(20_000), ..Limits::default() }), Err(Detail::MemoryLimit));
    assert_eq!(ended(Limits { memory_bytes: Some(2_000_000), ..Limits::default() }), Ok(()));
}
