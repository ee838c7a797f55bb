//! Who reads: the newest state, a snapshot or a transaction, named by a handle (0 for the newest state). Also the way
//! of questions to what lies over namespaces, which cross over as buffers.

use std::rc::Rc;
use std::sync::Arc;

use sledstore_cypher::store::View;
use sledstore_engine::{KeyRange, NamespaceId, Read, Result, Scan, ScanOptions, Snapshot, Store};
use sledstore_graph::Graph;
use sledstore_vector::VectorIndex;

use crate::error::stale;
use crate::hot;
use crate::lifecycle::{Environment, Object, StoreEntry};
use crate::task::{Answer, answer};

/// Who reads, as a job can take it along.
pub(crate) enum Source {
    Latest(Store),
    Snapshot(Arc<Snapshot>),
}

impl Source {
    pub fn of(environment: &Environment, store: &Rc<StoreEntry>, reader: i32) -> Result<Self> {
        match (reader, environment.handles.get(reader)) {
            (0, _) => Ok(Self::Latest(store.engine.clone())),
            (_, Some(Object::Snapshot(owner, snapshot))) => {
                hot::same_store(owner, store)?;
                Ok(Self::Snapshot(snapshot.clone()))
            }
            _ => Err(hot::ended()),
        }
    }

    /// One moment, for answers of several reads.
    pub fn snapshot(self) -> Result<Arc<Snapshot>> {
        match self {
            Self::Latest(store) => Ok(Arc::new(store.snapshot()?)),
            Self::Snapshot(snapshot) => Ok(snapshot),
        }
    }

    pub fn get(&self, id: NamespaceId, key: &[u8]) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Latest(store) => store.get(id, key),
            Self::Snapshot(snapshot) => snapshot.get(id, key),
        }
    }

    pub fn scan(&self, id: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan> {
        match self {
            Self::Latest(store) => store.scan(id, range, options),
            Self::Snapshot(snapshot) => snapshot.scan(id, range, options),
        }
    }
}

/// What lies over namespaces and answers questions: a graph or a vector index.
pub(crate) trait Layer: Clone + Send + 'static {
    /// How messages name it.
    const NAME: &str;

    fn of(object: &Object) -> Option<(&Rc<StoreEntry>, &Self)>;
    fn into_object(self, store: Rc<StoreEntry>) -> Object;
    fn namespace(&self) -> NamespaceId;
    fn answer(&self, reader: View<'_>, question: &[u8]) -> Result<Vec<u8>>;
}

impl Layer for Graph {
    const NAME: &str = "graph";

    fn of(object: &Object) -> Option<(&Rc<StoreEntry>, &Self)> {
        if let Object::Graph(store, graph) = object { Some((store, graph)) } else { None }
    }

    fn into_object(self, store: Rc<StoreEntry>) -> Object {
        Object::Graph(store, self)
    }

    fn namespace(&self) -> NamespaceId {
        Graph::namespace(self)
    }

    fn answer(&self, reader: View<'_>, question: &[u8]) -> Result<Vec<u8>> {
        Graph::answer(self, &reader, question)
    }
}

impl Layer for VectorIndex {
    const NAME: &str = "vector index";

    fn of(object: &Object) -> Option<(&Rc<StoreEntry>, &Self)> {
        if let Object::Vectors(store, index) = object { Some((store, index)) } else { None }
    }

    fn into_object(self, store: Rc<StoreEntry>) -> Object {
        Object::Vectors(store, self)
    }

    fn namespace(&self) -> NamespaceId {
        VectorIndex::namespace(self)
    }

    fn answer(&self, reader: View<'_>, question: &[u8]) -> Result<Vec<u8>> {
        VectorIndex::answer(self, &reader, question)
    }
}

impl Environment {
    /// The handle of a layer; the same layer has the same handle.
    pub fn layer_handle<L: Layer>(&mut self, store: &Rc<StoreEntry>, layer: L) -> Result<i32> {
        let number = layer.namespace().get();
        let known = store.namespaces.borrow().get(&number).copied();
        if let Some(handle) = known.filter(|&handle| self.handles.get(handle).and_then(L::of).is_some()) {
            return Ok(handle);
        }
        let handle = self.insert(layer.into_object(store.clone()))?;
        store.namespaces.borrow_mut().insert(number, handle);
        Ok(handle)
    }

    /// A layer by its handle, and its store.
    pub fn layer<L: Layer>(&self, handle: i32) -> Result<(Rc<StoreEntry>, L)> {
        let (store, layer) = self.handles.get(handle).and_then(L::of).ok_or_else(|| stale(L::NAME))?;
        Ok((store.clone(), layer.clone()))
    }

    /// Answers a question; the answer is parked, and its length given. The newest state is one state for all of it.
    pub fn ask<L: Layer>(&mut self, handle: i32, reader: i32, question: &[u8]) -> Result<f64> {
        let (store, layer) = self.layer::<L>(handle)?;
        let answer = if let Some(Object::Transaction(owner, transaction)) = self.handles.get(reader) {
            hot::same_store(owner, &store)?;
            layer.answer(View::Transaction(transaction), question)?
        } else {
            layer.answer(View::Snapshot(&*Source::of(self, &store, reader)?.snapshot()?), question)?
        };
        let length = answer.len() as f64;
        self.parked = Some(answer);
        Ok(length)
    }

    /// As [`Environment::ask`] for the newest state or a snapshot, away from the JavaScript thread.
    pub fn ask_async<L: Layer>(&mut self, handle: i32, reader: i32, question: &[u8]) -> Result<u32> {
        let (store, layer) = self.layer::<L>(handle)?;
        let snapshot = Source::of(self, &store, reader)?.snapshot()?;
        let question = question.to_vec();
        self.submit(move || Ok(answer(Answer::Bytes(layer.answer(View::Snapshot(&snapshot), &question)?))))
    }
}
