//! Texts of queries. Each is answered or refused with the language's error; one that is refused changes nothing, and the
//! graph keeps its invariants behind one that changes something.
//!
//! Input: the text. `$p` is a list, `$n` a number; a query may take 50 ms and hold 4 MiB.

use std::cell::RefCell;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sledstore_cypher::execute::Limits;
use sledstore_cypher::store::{Request, Session};
use sledstore_cypher::value::Value;
use sledstore_engine::{Durability, KeyRange, Options, Read, ScanOptions, Snapshot, Store};
use sledstore_graph::{Counts, Graph, IndexInfo};

/// Changes leave names, ids and indexes behind, so the store is made anew now and then.
const RUNS_OF_A_STORE: u32 = 2_000;
const MEMORY_BYTES: usize = 4 << 20;
/// Rows of the graph from this kind on are nodes, edges and entries of indexes.
const FIRST_KIND: u8 = 0x10;
const TIME: Duration = Duration::from_millis(50);

type Row = (Vec<u8>, Vec<u8>);

thread_local! {
    static OPENED: RefCell<Option<Opened>> = const { RefCell::new(None) };
}

struct Opened {
    store: Store,
    graph: Graph,
    session: Session,
    runs: u32,
}

pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    OPENED.with_borrow_mut(|opened| {
        *opened = opened.take().filter(|opened| opened.runs < RUNS_OF_A_STORE);
        let opened = opened.get_or_insert_with(|| Opened::new().expect("a graph"));
        opened.runs += 1;
        opened.take_text(text);
    });
}

impl Opened {
    fn new() -> sledstore_engine::Result<Self> {
        let store = Store::memory(&Options::default())?;
        let graph = Graph::open(&store, "fuzzed")?;
        store.transact(Durability::None, |tx| {
            let a = graph.add_node(tx, &["A"], b"\x82\xa1x\x01\xa1t\xa1x")?;
            let b = graph.add_node(tx, &["A", "B"], b"\x81\xa1x\x02")?;
            let c = graph.add_node(tx, &[], &[])?;
            graph.add_edge(tx, "T", a, b, b"\x81\xa1w\xcb\x3f\xf8\0\0\0\0\0\0")?;
            graph.add_edge(tx, "T", b, c, &[])?;
            graph.add_edge(tx, "U", c, c, &[])
        })?;
        let session = Session::new(graph.clone());
        Ok(Self { store, graph, session, runs: 0 })
    }

    fn take_text(&self, text: &str) {
        let before = self.store.snapshot().expect("a snapshot");
        let limits = Limits { memory_bytes: Some(MEMORY_BYTES), time: Some(TIME), ..Limits::default() };
        let list = Value::list(vec![Value::Integer(1), Value::Null, Value::from("x")]).expect("a list");
        let parameters = vec![("p", list), ("n", Value::Integer(2))];
        let request = Request { text, parameters, limits, schema: None };
        let abort = Arc::new(AtomicBool::new(false));
        let outcome = self.session.run(&request, None, Durability::None, &abort, &mut |_| true);
        let after = self.store.snapshot().expect("a snapshot");
        if before.seq() == after.seq() {
            return;
        }
        if let Err(failure) = outcome {
            assert_eq!(self.content(&before), self.content(&after), "Q2: {failure}");
        }
        assert_eq!(self.graph.verify(&after).expect("verify"), Vec::<String>::new(), "after {text}");
    }

    /// What a statement that fails leaves as it was: all but names and counters, which run ahead by commits of their own.
    fn content(&self, at: &Snapshot) -> (Vec<Row>, Vec<IndexInfo>, Counts) {
        let range = KeyRange { start: Bound::Included(vec![FIRST_KIND]), end: Bound::Unbounded };
        let rows = at.scan(self.graph.namespace(), &range, ScanOptions::default()).expect("a scan");
        let rows = rows.collect::<sledstore_engine::Result<_>>().expect("rows");
        (rows, self.graph.all_indexes(at).expect("indexes"), self.graph.counts(at).expect("counts"))
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    SEEDS.lines().map(|line| line.trim().as_bytes().to_vec()).filter(|line| !line.is_empty()).collect()
}

/// A query a line: each clause, most operators and functions.
const SEEDS: &str = r"
    MATCH (a:A {x: 1})-[r:T|U*1..3]->(b) WHERE a.x < $n AND NOT b:B RETURN a, r, b ORDER BY a.x DESC SKIP 1 LIMIT 2
    MATCH p = (a)-[:T*0..]-(b) RETURN DISTINCT length(p) AS l, count(*) AS n, collect(b.x)[0..2] ORDER BY l
    OPTIONAL MATCH (a:B)<--(b) WITH a, max(b.x) AS m WHERE m IS NOT NULL RETURN a {.*, m}, labels(a), keys(a)
    UNWIND $p AS x WITH x ORDER BY x RETURN x, CASE x WHEN 1 THEN 'a' ELSE null END, [y IN range(0, 3) WHERE y > 1 | y ^ 2]
    CREATE (a:A:C {x: 1.5, d: date('2020-02-29')})-[:V {w: [1, 2]}]->(b {t: localtime('12:31')}) RETURN a, b
    MERGE (a:A {x: 7}) ON CREATE SET a.y = 1, a:D ON MATCH SET a += {y: null} RETURN a.y
    MATCH (a:A) SET a.x = a.x + 1 REMOVE a:B, a.t RETURN a
    MATCH (a)-[r]->() DELETE r WITH a DETACH DELETE a
    MATCH (a) FOREACH (i IN range(1, 2) | CREATE (a)-[:W {i: i}]->(:E)) RETURN count(*)
    MATCH (a) CALL { WITH a MATCH (a)-->(c) RETURN c UNION MATCH (c:B) RETURN c } RETURN a, c
    MATCH (a) WHERE EXISTS { (a)-->(:A) } AND COUNT { (a)--() } > 0 RETURN [(a)-->(c) | c.x] AS l
    MATCH (a:A), (b) WHERE a.x = b.x MATCH p = shortestPath((a)-[*..4]-(b)) RETURN p, nodes(p), relationships(p)
    MATCH p = allShortestPaths((a)-[*]->(b)) RETURN count(p)
    RETURN duration('P1M') + date('2019-01-31') AS d, datetime('2020-06-01T12:00[Europe/Stockholm]').epochMillis
    RETURN point({x: 1, y: 2}) = point({x: 1, y: 2}), distance(point({x: 0, y: 0}), point({x: 1, y: 1}))
    RETURN 'a' + 'b' STARTS WITH 'a', 'abc' =~ 'a.*', substring('hello', 1, 2), split('a,b', ','), toUpper('x')
    RETURN 9223372036854775807 % 3, -5 / 2, 2.0 ^ 0.5, 1e300 * 1e300, toInteger('12'), 0x1F, abs(-1), sqrt(4)
    RETURN all(x IN $p WHERE x = 1), any(x IN [1] WHERE x > 0), none(x IN [] WHERE true), reduce(s = 0, x IN [1] | s + x)
    RETURN true XOR false OR null AND true, NOT null, [1, [2]] = [1, [2]], {a: 1}.a, $p[0], 1 IN $p, x IS NULL
    CREATE INDEX i IF NOT EXISTS FOR (n:A) ON (n.x)
    CREATE CONSTRAINT c FOR (n:A) REQUIRE n.x IS UNIQUE
    DROP INDEX i IF EXISTS
    SHOW INDEXES
    EXPLAIN MATCH (a:A {x: 1}) RETURN a
    PROFILE MATCH (a)--(b)--(c)--(a) RETURN count(*)
    MATCH (a)-[r]-(b) RETURN type(r), id(a), startNode(r), properties(b), percentileCont(a.x, 0.5), stDev(b.x)
    CALL db.labels() YIELD label RETURN label
    LOAD CSV WITH HEADERS FROM 'x.csv' AS line RETURN line
    RETURN date.truncate('week', date('2020-01-01')), duration.between(date('2020-01-01'), datetime('2021-01-01T00:00Z'))
";
