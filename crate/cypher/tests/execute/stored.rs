//! A graph of a store in memory, as scenarios are run over it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use sledstore_cypher::procedure::Registry;
use sledstore_cypher::storage::{Failure, Result, Storage};
use sledstore_cypher::store::{GraphStorage, InTransaction, ReadOnly};
use sledstore_cypher::value::{Map, Value};
use sledstore_engine::{Durability, Error, ErrorCode, Options, Store};
use sledstore_graph::{EdgeId, Graph as StoredGraph, NodeId};

use crate::memory::Contents;
use crate::scenario::{Graph, Rows, try_run};

/// A graph of its own in a store that several share; it goes with what holds it.
pub struct Stored {
    store: Store,
    graph: StoredGraph,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Stored {
    pub fn store() -> Store {
        Store::memory(&Options::default()).unwrap()
    }

    pub fn new(store: &Store) -> Self {
        let name = format!("g{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Self { store: store.clone(), graph: StoredGraph::open(store, &name).unwrap() }
    }
}

/// How often a statement is run at most.
const TRIES: usize = 16;

fn is_conflict(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref::<Error>().is_some_and(|error| error.code() == ErrorCode::Conflict)
}

impl Stored {
    fn run_once(
        &self,
        text: &str,
        parameters: &[(String, Value)],
        procedures: &Registry,
        seed: Option<u64>,
    ) -> Result<Rows> {
        let engine = |error| Failure::Storage(Box::new(error));
        let mut tx = self.store.begin().map_err(engine)?;
        let mut storage = GraphStorage::new(&self.graph, InTransaction::new(&mut tx));
        let rows = try_run(&mut storage, text, parameters, procedures, seed)?;
        let (writer, changes) = storage.into_access().into_parts();
        self.graph.finish(writer, changes).map_err(engine)?;
        tx.commit(Durability::None).map_err(engine)?;
        Ok(rows)
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        let found = self.graph.verify(&self.store);
        StoredGraph::drop(&self.store, self.graph.name()).unwrap();
        if !std::thread::panicking() {
            assert_eq!(found.unwrap(), Vec::<String>::new(), "rows of the graph contradict each other");
        }
    }
}

impl Graph for Stored {
    fn run(
        &mut self,
        text: &str,
        parameters: &[(String, Value)],
        procedures: &Registry,
        seed: Option<u64>,
    ) -> Result<Rows> {
        // As a statement of a session: again after a conflict, for the graph folds what it counts in commits of its own.
        for _ in 1..TRIES {
            match self.run_once(text, parameters, procedures, seed) {
                Err(Failure::Storage(error)) if is_conflict(&*error) => {}
                outcome => return outcome,
            }
        }
        self.run_once(text, parameters, procedures, seed)
    }

    fn contents(&self) -> Contents {
        let storage = GraphStorage::new(&self.graph, ReadOnly::of(&self.store));
        let mut contents = Contents::default();
        let (mut nodes, mut edges) = (Vec::new(), Vec::new());
        self.graph.nodes_into(&self.store, None, None, usize::MAX >> 1, &mut nodes).unwrap();
        self.graph.edges_into(&self.store, None, None, usize::MAX >> 1, &mut edges).unwrap();
        assert_eq!(storage.node_count(None).unwrap(), nodes.len() as u64);
        assert_eq!(storage.relationship_count(None).unwrap(), edges.len() as u64);
        for NodeId(id) in nodes {
            let node = storage.node(id).unwrap().unwrap();
            contents.nodes.insert(id);
            contents.labels.extend(node.labels.iter().map(ToString::to_string));
            add(&mut contents.properties, true, id, &node.properties);
        }
        for EdgeId(id) in edges.into_iter().map(|ends| ends.edge) {
            contents.relationships.insert(id);
            add(&mut contents.properties, false, id, &storage.relationship(id).unwrap().unwrap().properties);
        }
        contents
    }
}

fn add(into: &mut BTreeSet<(bool, u64, String, String)>, is_node: bool, id: u64, properties: &Map) {
    let entries = properties.entries().iter();
    into.extend(entries.map(|(key, value)| (is_node, id, key.to_string(), value.to_string())));
}
