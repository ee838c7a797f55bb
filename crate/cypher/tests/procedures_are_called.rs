//! Procedures over a store: what they are given, what becomes of their rows and changes, and how they end.
#![allow(clippy::unwrap_used)] // a test's panic is its report

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sledstore_cypher::procedure::{Called, Invocation, Procedure, Registry, Signature, held, streamed};
use sledstore_cypher::storage::{Entity, Failure, NameKind, Result};
use sledstore_cypher::store::{Decoder, Request, Session, encode};
use sledstore_cypher::value::Value;
use sledstore_cypher::{CypherError, Detail, Kind};
use sledstore_engine::{Durability, Error, ErrorCode, Options, Store};
use sledstore_graph::Graph;

struct Opened {
    session: Session,
    registry: Arc<Registry>,
}

fn opened() -> Opened {
    let store = Store::memory(&Options::default()).unwrap();
    let registry = Arc::new(Registry::default());
    Opened { session: Session::with_procedures(Graph::open(&store, "g").unwrap(), registry.clone()), registry }
}

/// The values of all rows as text, one after the other, and the eight counters of what was changed.
fn told(parts: &[Vec<u8>]) -> (Vec<String>, String) {
    let (mut found, mut width, mut effects) = (Vec::new(), 0, String::new());
    for part in parts {
        let mut decoder = Decoder::new(part);
        if let Value::List(columns) = decoder.value().unwrap() {
            width = columns.len();
        }
        let Value::Integer(rows) = decoder.value().unwrap() else { panic!("a part tells how many rows it has") };
        found.extend((0..usize::try_from(rows).unwrap() * width).map(|_| decoder.value().unwrap().to_string()));
        effects = decoder.value().unwrap().to_string();
    }
    (found, effects)
}

impl Opened {
    fn add(&self, signature: &str, body: fn(&[Value], &mut Invocation<'_>) -> Called) {
        self.registry.add(Procedure::new(signature, "Of a test.", body).unwrap()).unwrap();
    }

    fn limited(&self, text: &str, bytes: Option<u32>) -> Result<(Vec<String>, String)> {
        let mut request = Vec::new();
        encode(&Value::from(text), &mut request);
        request.extend_from_slice(&[0x80, 0xc0]);
        encode(&bytes.map_or(Value::Null, |bytes| Value::Integer(bytes.into())), &mut request);
        let (mut parts, abort) = (Vec::new(), Arc::new(AtomicBool::new(false)));
        self.session.run(&Request::parse(&request)?, None, Durability::None, &abort, &mut |part| {
            parts.push(part);
            true
        })?;
        Ok(told(&parts))
    }

    fn run(&self, text: &str) -> Vec<String> {
        self.limited(text, None).unwrap().0
    }

    fn fails(&self, text: &str) -> CypherError {
        match self.limited(text, None) {
            Err(Failure::Cypher(error)) => error,
            other => panic!("{other:?}"),
        }
    }
}

fn number(value: &Value) -> i64 {
    let Value::Integer(number) = value else { panic!("{value}") };
    *number
}

fn count_up(arguments: &[Value], _: &mut Invocation<'_>) -> Called {
    let (mut at, last) = (0, number(&arguments[0]));
    Ok(streamed(move |run, out| {
        while !out.is_full() && at < last {
            run.proceed()?;
            at += 1;
            out.push([Value::Integer(at)]);
        }
        Ok(at >= last)
    }))
}

#[test]
fn rows_are_pulled_as_they_are_wanted() {
    fn endless(_: &[Value], _: &mut Invocation<'_>) -> Called {
        let mut made = 0;
        Ok(streamed(move |_, out| {
            while !out.is_full() {
                made += 1;
                assert!(made < 200, "a LIMIT of 3 asks for few rows");
                out.push([Value::Integer(made)]);
            }
            Ok(false)
        }))
    }
    let opened = opened();
    opened.add("my.endless() :: (i :: INTEGER)", endless);
    assert_eq!(opened.run("CALL my.endless() YIELD i RETURN i LIMIT 3"), ["1", "2", "3"]);
    opened.add("my.upTo(last :: INTEGER) :: (i :: INTEGER)", count_up);
    assert_eq!(opened.run("CALL my.upTo(100000) YIELD i RETURN sum(i)"), ["5000050000"]);
    assert_eq!(opened.run("UNWIND [2, 0, 1] AS n CALL my.upTo(n) YIELD i RETURN n, i"), ["2", "1", "2", "2", "1", "1"]);
    assert_eq!(opened.run("UNWIND [1, 0] AS n OPTIONAL CALL my.upTo(n) YIELD i RETURN n, i"), ["1", "1", "0", "null"]);
}

#[test]
fn what_is_held_counts_and_is_given_back() {
    fn kept(arguments: &[Value], run: &mut Invocation<'_>) -> Called {
        held((0..number(&arguments[0])).map(|i| vec![Value::Integer(i)]).collect(), run)
    }
    let opened = opened();
    opened.add("my.kept(rows :: INTEGER) :: (i :: INTEGER)", kept);
    let Err(Failure::Cypher(error)) = opened.limited("CALL my.kept(20000) YIELD i RETURN sum(i)", Some(200_000)) else {
        panic!("it held more than it may");
    };
    assert_eq!((error.detail, error.span), (Detail::MemoryLimit, Some(5..12)));
    let many = "UNWIND range(1, 100) AS j CALL my.kept(1000) YIELD i RETURN count(i)";
    assert_eq!(opened.limited(many, Some(200_000)).unwrap().0, ["100000"]);
}

#[test]
fn arguments_and_columns_have_their_types() {
    fn echo(arguments: &[Value], run: &mut Invocation<'_>) -> Called {
        held(vec![arguments.to_vec()], run)
    }
    let opened = opened();
    opened.add("my.echo(f :: FLOAT, s = 'none' :: STRING?) :: (f :: FLOAT, s :: STRING?)", echo);
    opened.add("my.wrong(a :: ANY) :: (i :: INTEGER)", echo);
    opened.add("my.node(id :: INTEGER) :: (node :: NODE)", echo);
    assert_eq!(opened.run("CALL my.echo(1)"), ["1.0", "'none'"]);
    assert_eq!(opened.run("CALL my.echo(1, null) YIELD s RETURN s"), ["null"]);
    assert_eq!(
        opened.fails("WITH [null] AS l CALL my.echo(l[0]) YIELD f RETURN f").detail,
        Detail::InvalidArgumentType
    );
    let error = opened.fails("CALL my.wrong('x') YIELD i RETURN i");
    assert_eq!(
        (error.kind, error.detail, error.span),
        (Kind::ProcedureError, Detail::InvalidArgumentType, Some(5..13))
    );
    opened.run("CREATE (:A {k: 7})");
    assert_eq!(opened.run("MATCH (a) CALL my.node(id(a)) YIELD node RETURN node.k"), ["7"]);
    assert_eq!(opened.fails("CALL my.node(99) YIELD node RETURN node").kind, Kind::EntityNotFound);
}

fn grow(arguments: &[Value], run: &mut Invocation<'_>) -> Called {
    let made = run.write(|storage| {
        let label = storage.intern(NameKind::Label, "Grown")?;
        let key = storage.intern(NameKind::Key, "k")?;
        let node = storage.create_node(&[label], &[(key, Value::Integer(1))])?;
        storage.set_property(Entity::Node(node), key, &arguments[0])?;
        Ok(node)
    })?;
    held(vec![vec![Value::Integer(made.cast_signed())]], run)
}

#[test]
fn a_procedure_that_writes_is_a_part_of_the_statement() {
    let opened = opened();
    let signature = Signature::parse("my.grow(k :: INTEGER) :: (node :: NODE)").unwrap().writing();
    opened.registry.add(Procedure::of(signature, "Makes a node.", grow)).unwrap();
    let (rows, effects) = opened.limited("UNWIND [5, 6] AS k CALL my.grow(k) YIELD node RETURN node.k", None).unwrap();
    assert_eq!((rows, effects.as_str()), (vec!["5".to_owned(), "6".to_owned()], "[2, 0, 0, 0, 4, 0, 2, 0, null]"));
    assert_eq!(opened.run("MATCH (n:Grown) RETURN n.k ORDER BY n.k"), ["5", "6"]);
    let error = opened.fails("UNWIND [1, 0] AS k CALL my.grow(1 / k) YIELD node RETURN node");
    assert_eq!(error.detail, Detail::DivisionByZero);
    // What it makes is not seen by the MATCH that calls it.
    assert_eq!(opened.run("MATCH (n:Grown) CALL my.grow(n.k) YIELD node RETURN count(*)"), ["2"]);
    assert_eq!(opened.run("MATCH (n:Grown) RETURN count(n)"), ["4"]);
    let inside = "RETURN EXISTS { CALL my.grow(1) YIELD node RETURN node } AS e";
    assert_eq!(opened.fails(inside).detail, Detail::InvalidClauseComposition);
}

#[test]
fn a_procedure_that_reads_cannot_write() {
    let opened = opened();
    opened.add("my.sly(k :: INTEGER) :: (node :: NODE)", grow);
    assert_eq!(opened.fails("CALL my.sly(1)").kind, Kind::ProcedureError);
    assert_eq!(
        opened.fails("CREATE (:A) WITH 1 AS x CALL my.sly(x) YIELD node RETURN node").kind,
        Kind::ProcedureError
    );
    assert_eq!(opened.run("MATCH (n) RETURN count(n)"), ["0"]);
}

#[test]
fn failures_come_out_as_they_were() {
    fn fail(_: &[Value], _: &mut Invocation<'_>) -> Called {
        Err(Failure::Storage(Box::new(Error::new(ErrorCode::DiskFull, "on purpose"))))
    }
    let opened = opened();
    opened.add("my.fail() :: (i :: INTEGER)", fail);
    let Err(Failure::Storage(error)) = opened.limited("CALL my.fail()", None) else { panic!("it fails") };
    assert_eq!(error.downcast_ref::<Error>().map(Error::code), Some(ErrorCode::DiskFull));
}

#[test]
fn plans_follow_the_registry() {
    fn one(_: &[Value], run: &mut Invocation<'_>) -> Called {
        held(vec![vec![Value::Integer(1)]], run)
    }
    fn two(_: &[Value], run: &mut Invocation<'_>) -> Called {
        held(vec![vec![Value::Integer(2)]], run)
    }
    let opened = opened();
    let text = "CALL my.it() YIELD i RETURN i";
    assert_eq!(opened.fails(text).detail, Detail::ProcedureNotFound);
    opened.add("my.it() :: (i :: INTEGER)", one);
    assert_eq!(opened.run(text), ["1"]);
    assert!(opened.registry.remove("my.it"));
    assert_eq!(opened.fails(text).detail, Detail::ProcedureNotFound);
    opened.add("my.it() :: (i :: INTEGER)", two);
    assert_eq!(opened.run(text), ["2"]);
}

#[test]
fn built_in_ones_tell_what_there_is() {
    let opened = opened();
    opened.run("CREATE (:B:A {k: 1})-[:T {w: 2}]->(:A), (:A)-[:U]->(:A) WITH 1 AS x MATCH ()-[r:U]->() DELETE r");
    assert_eq!(opened.run("CALL db.labels()"), ["'A'", "'B'"]);
    assert_eq!(opened.run("CALL db.relationshipTypes()"), ["'T'"]);
    assert_eq!(opened.run("CALL db.propertyKeys()"), ["'k'", "'w'"]);
    let counts = ["'nodes'", "null", "4", "'relationships'", "null", "1", "'label'", "'A'", "4", "'label'", "'B'", "1"];
    assert_eq!(opened.run("CALL db.stats()"), [counts.as_slice(), &["'type'", "'T'", "1"]].concat());
    opened.run("CREATE INDEX one FOR (n:A) ON (n.k)");
    assert_eq!(opened.run("CALL db.indexes() YIELD name, type"), ["'one'", "'RANGE'"]);
    assert_eq!(opened.run("CALL db.constraints()"), Vec::<String>::new());
    let about = "CALL db.procedures() YIELD name, mode, signature WHERE name = 'db.labels' RETURN mode, signature";
    assert_eq!(opened.run(about), ["'READ'", "'db.labels() :: (label :: STRING)'"]);
    assert_eq!(
        opened.run("CALL db.functions() YIELD name, aggregating WHERE name = 'count' RETURN aggregating"),
        ["true"]
    );
}

#[test]
fn words_of_the_language_are_names() {
    let opened = opened();
    let words = [
        "all", "any", "none", "single", "exists", "count", "filter", "case", "in", "order", "match", "return", "where",
        "call",
    ];
    for word in words {
        for name in [format!("my.{word}"), format!("{word}.one"), format!("my.{word}.one")] {
            let body = |_: &[Value], run: &mut Invocation<'_>| held(vec![vec![Value::Integer(7)]], run);
            opened.add(&format!("{name}() :: (x :: INTEGER)"), body);
            for text in [
                format!("CALL {name}()"),
                format!("CALL {name}"),
                format!("CALL {name}() YIELD x RETURN x"),
                format!("WITH 1 AS call CALL {name}() YIELD x RETURN x"),
                format!("CALL {{ CALL {name}() YIELD x RETURN x }} RETURN x"),
                format!(
                    "MATCH (n) RETURN count(*) AS x UNION CALL {name}() YIELD x WHERE false RETURN x UNION RETURN 7 AS x"
                ),
            ] {
                let found = opened.limited(&text, None).unwrap_or_else(|error| panic!("{text}: {error}")).0;
                assert_eq!(found.last().map(String::as_str), Some("7"), "{text}");
            }
        }
    }
    // A variable of that name is none.
    assert_eq!(opened.run("WITH 1 AS call MATCH (all) RETURN call"), [""; 0]);
    assert_eq!(opened.run("WITH [3] AS call UNWIND call AS all RETURN `all` AS x"), ["3"]);
    let Err(Failure::Cypher(error)) = opened.limited("CALL my.nothing.all()", None) else { panic!("there is none") };
    assert!(error.message.contains("`my.nothing.all`"), "{error}");
}
