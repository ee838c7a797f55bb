//! `vector.search`: similarity and patterns in one query, at the moment of the query and with what its transaction has done.
#![allow(clippy::unwrap_used)] // a test's panic is its report

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sledstore_cypher::storage::Failure;
use sledstore_cypher::store::{Decoder, Request, Session, encode};
use sledstore_cypher::value::Value;
use sledstore_engine::{Batch, Durability, Error, ErrorCode, Options, Store};
use sledstore_graph::Graph;
use sledstore_vector::{Metric, VectorIndex, VectorOptions};

struct Opened {
    store: Store,
    session: Session,
    index: VectorIndex,
}

/// A number as `key.number` writes it.
fn number_key(number: f64) -> [u8; 8] {
    let bits = number.to_bits();
    (if bits >> 63 == 1 { !bits } else { bits ^ 1 << 63 }).to_be_bytes()
}

fn put(index: &VectorIndex, number: f64, vector: &[f32], attributes: Option<&[u8]>) {
    let mut batch = Batch::new();
    index.put(&mut batch, &number_key(number), vector, attributes).unwrap();
    index.store().commit(&batch, Durability::None).unwrap();
}

/// Three nodes in a row, each with a vector under its id; a fourth vector is of none.
fn opened() -> Opened {
    let store = Store::memory(&Options::default()).unwrap();
    let session = Session::new(Graph::open(&store, "g").unwrap());
    let options = VectorOptions { key_codec: "number".into(), ..VectorOptions::new(2, Metric::L2) };
    let index = VectorIndex::open(&store, "v", &options).unwrap();
    let opened = Opened { store, session, index };
    let ids = opened.run("CREATE (a {n: 1})-[:NEXT]->(b {n: 2})-[:NEXT]->(c {n: 3}) RETURN id(a), id(b), id(c)");
    for (at, id) in ids.iter().enumerate() {
        put(&opened.index, id.parse().unwrap(), &[at as f32, 0.0], (at == 1).then_some(b"\x81\xa4kind\xa1x"));
    }
    put(&opened.index, 9_000.5, &[9.0, 0.0], None);
    opened
}

impl Opened {
    fn try_run(&self, text: &str) -> Result<Vec<String>, Failure> {
        let mut request = Vec::new();
        encode(&Value::from(text), &mut request);
        request.extend_from_slice(&[0x80, 0xc0, 0xc0]);
        let (mut parts, abort) = (Vec::new(), Arc::new(AtomicBool::new(false)));
        self.session.run(&Request::parse(&request)?, None, Durability::None, &abort, &mut |part| {
            parts.push(part);
            true
        })?;
        let (mut found, mut width) = (Vec::new(), 0);
        for part in parts {
            let mut decoder = Decoder::new(&part);
            if let Value::List(columns) = decoder.value().unwrap() {
                width = columns.len();
            }
            let Value::Integer(rows) = decoder.value().unwrap() else { panic!("a part tells how many rows it has") };
            found.extend((0..usize::try_from(rows).unwrap() * width).map(|_| decoder.value().unwrap().to_string()));
        }
        Ok(found)
    }

    fn run(&self, text: &str) -> Vec<String> {
        self.try_run(text).unwrap()
    }

    fn code(&self, text: &str) -> Option<ErrorCode> {
        match self.try_run(text) {
            Err(Failure::Storage(error)) => error.downcast_ref::<Error>().map(Error::code),
            Err(Failure::Cypher(_)) => None,
            Ok(rows) => panic!("{text}: {rows:?}"),
        }
    }
}

#[test]
fn patterns_begin_at_what_is_near() {
    let opened = opened();
    let next = "CALL vector.search('v', [0.9, 0], 2) YIELD node, distance, score MATCH (node)-[:NEXT]->(next)
        RETURN node.n, next.n, distance < 1, round(score * 10)";
    assert_eq!(opened.run(next), ["2", "3", "true", "9.0", "1", "2", "true", "5.0"]);
    let all = "CALL vector.search('v', [0, 0]) YIELD key, node, attributes RETURN node.n, key > 9000, attributes.kind";
    let rows = ["1", "false", "null", "2", "false", "'x'", "3", "false", "null", "null", "true", "null"];
    assert_eq!(opened.run(all), rows);
    // For each row, by a vector that is a property.
    let each = "UNWIND [2, 0] AS x CALL vector.search('v', [x, 0], 1) YIELD node RETURN node.n";
    assert_eq!(opened.run(each), ["3", "1"]);
}

#[test]
fn options_are_those_of_a_search() {
    let opened = opened();
    let found =
        |options: &str| opened.run(&format!("CALL vector.search('v', [0, 0], 3, {options}) YIELD node RETURN node.n"));
    assert_eq!(found("{where: {kind: {in: ['x', 'y']}}}"), ["2"]);
    assert_eq!(found("{maxDistance: 1, ef: 100, exact: true, where: null}"), ["1", "2"]);
    assert_eq!(found("{mmr: {lambda: 0.25, fetch: 4}}"), ["1", "null", "3"]);
}

#[test]
fn a_query_sees_its_moment_and_its_transaction() {
    let opened = opened();
    let mut transaction = opened.store.begin().unwrap();
    let id: f64 = opened.run("MATCH (a {n: 3}) RETURN id(a)")[0].parse().unwrap();
    opened.index.put(&mut transaction, &number_key(id), &[0.0, 7.0], None).unwrap();
    let mut request = Vec::new();
    let nearest = "CALL vector.search('v', [0, 7], 1) YIELD node SET node.near = true RETURN node.n";
    encode(&Value::from(nearest), &mut request);
    request.extend_from_slice(&[0x80, 0xc0, 0xc0]);
    let (request, abort) = (Request::parse(&request).unwrap(), Arc::new(AtomicBool::new(false)));
    opened.session.run_in(&request, &mut transaction, &abort).map_err(|(failure, _)| failure).unwrap();
    assert_eq!(opened.run("MATCH (a {near: true}) RETURN a.n"), [""; 0]);
    transaction.commit(Durability::None).unwrap();
    assert_eq!(opened.run("MATCH (a {near: true}) RETURN a.n"), ["3"]);
}

#[test]
fn what_is_wrong_is_refused() {
    let opened = opened();
    for (text, code) in [
        ("CALL vector.search('other', [0, 0], 1)", Some(ErrorCode::NotFound)),
        ("CALL vector.search('v', [0], 1)", Some(ErrorCode::InvalidArgument)),
        ("CALL vector.search('v', [0, 0.0 / 0.0], 1)", Some(ErrorCode::InvalidArgument)),
        ("CALL vector.search('v', [0, 0], 0)", Some(ErrorCode::InvalidArgument)),
        ("CALL vector.search('v', [0, 0], -1)", None),
        ("CALL vector.search('v', [0, 'x'], 1)", None),
        ("CALL vector.search('v', 'x', 1)", None),
        ("CALL vector.search('v', [0, 0], 1, {limit: 3})", None),
        ("CALL vector.search('v', [0, 0], 1, {ef: 'many'})", None),
        ("CALL vector.search('v', [0, 0], 1, {mmr: {lambda: 2}})", Some(ErrorCode::InvalidArgument)),
        ("CALL vector.search('v', [0, 0], 1, {mmr: {all: 2}})", None),
        ("CALL vector.search('v', [0, 0], 1, {where: {n: {above: 2}}})", Some(ErrorCode::InvalidArgument)),
    ] {
        assert_eq!(opened.code(text), code, "{text}");
    }
}
