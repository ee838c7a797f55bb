//! A graph of a store in memory, with statements run over it.
#![allow(dead_code)] // each test uses a part

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sledstore_cypher::storage::Result;
use sledstore_cypher::store::{Decoder, Request, Session, encode};
use sledstore_cypher::value::Value;
use sledstore_engine::{Durability, Options, Store};
use sledstore_graph::Graph;

pub struct Opened {
    pub store: Store,
    pub graph: Graph,
    pub session: Session,
}

pub fn opened() -> Opened {
    let store = Store::memory(&Options::default()).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    let session = Session::new(graph.clone());
    Opened { store, graph, session }
}

impl Opened {
    /// The parts of a result: the values of its rows, and the operators of its plan.
    pub fn ask(&self, text: &str) -> Result<(Vec<Value>, Vec<String>)> {
        let mut bytes = Vec::new();
        encode(&Value::from(text), &mut bytes);
        bytes.extend_from_slice(&[0x80, 0xc0, 0xc0]);
        let (mut parts, abort) = (Vec::new(), Arc::new(AtomicBool::new(false)));
        self.session.run(&Request::parse(&bytes)?, None, Durability::None, &abort, &mut |part| {
            parts.push(part);
            true
        })?;
        let (mut found, mut operators, mut width) = (Vec::new(), Vec::new(), 0);
        for part in &parts {
            let mut decoder = Decoder::new(part);
            if let Value::List(columns) = decoder.value().unwrap() {
                width = columns.len();
            }
            let Value::Integer(rows) = decoder.value().unwrap() else { panic!("a part tells how many rows it has") };
            found.extend((0..usize::try_from(rows).unwrap() * width).map(|_| decoder.value().unwrap()));
            if let Value::List(told) = decoder.value().unwrap()
                && let Some(Value::List(steps)) = told.values().get(8)
            {
                for step in steps.values() {
                    let Value::List(step) = step else { panic!("a step is a list") };
                    let Value::String(name) = &step.values()[1] else { panic!("a step has a name") };
                    operators.push(name.to_string());
                }
            }
        }
        Ok((found, operators))
    }

    pub fn rows(&self, text: &str) -> Vec<String> {
        let (values, _) = self.ask(text).unwrap();
        let mut rows: Vec<_> = values.iter().map(Value::to_string).collect();
        rows.sort();
        rows
    }

    pub fn operators(&self, text: &str) -> Vec<String> {
        self.ask(&format!("EXPLAIN {text}")).unwrap().1
    }

    pub fn assert_sound(&self) {
        assert_eq!(self.graph.verify(&self.store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
    }
}
