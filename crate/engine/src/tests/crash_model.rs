//! An ordered map beside the store, and what was done since the last open, so that a crash can take some of it back.

use std::collections::BTreeMap;

use crate::range::KeyRange;
use crate::store::Seq;

/// The rows of all namespaces by their ids, and the ids by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Model {
    pub names: BTreeMap<String, u32>,
    pub rows: BTreeMap<(u32, Vec<u8>), Stored>,
}

/// A value, and the time from which it is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub value: Vec<u8>,
    pub expires_at: Option<u64>,
}

impl Stored {
    fn at(&self, time_ms: u64) -> Option<&Vec<u8>> {
        self.expires_at.is_none_or(|at| at > time_ms).then_some(&self.value)
    }
}

/// One change.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Put(u32, Vec<u8>, Stored),
    Delete(u32, Vec<u8>),
    Clear(u32, KeyRange),
    Create(String, u32),
    Drop(String),
    Rename(String, String),
}

impl Model {
    pub fn apply(&mut self, change: &Change) {
        match change.clone() {
            Change::Put(namespace, key, stored) => drop(self.rows.insert((namespace, key), stored)),
            Change::Delete(namespace, key) => drop(self.rows.remove(&(namespace, key))),
            Change::Clear(of, range) => {
                self.rows.retain(|(namespace, key), _| *namespace != of || !range.contains(key));
            }
            Change::Create(name, id) => drop(self.names.insert(name, id)),
            Change::Drop(name) => {
                if let Some(id) = self.names.remove(&name) {
                    self.rows.retain(|(namespace, _), _| *namespace != id);
                }
            }
            Change::Rename(from, to) => {
                if let Some(id) = self.names.remove(&from) {
                    self.names.insert(to, id);
                }
            }
        }
    }

    /// The value of a key at a time.
    pub fn get(&self, namespace: u32, key: &[u8], time_ms: u64) -> Option<&Vec<u8>> {
        self.rows.get(&(namespace, key.to_vec())).and_then(|stored| stored.at(time_ms))
    }

    /// The rows of a range at a time, in scan order.
    pub fn scan(&self, namespace: u32, range: &KeyRange, reverse: bool, time_ms: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
        let from = (namespace, Vec::new());
        let rows = self.rows.range(from..).take_while(|((of, _), _)| *of == namespace);
        let inside = rows.filter(|((_, key), _)| range.contains(key));
        let in_time = inside.filter_map(|((_, key), stored)| Some((key.clone(), stored.at(time_ms)?.clone())));
        let mut found: Vec<_> = in_time.collect();
        if reverse {
            found.reverse();
        }
        found
    }
}

/// One atomic step of the log.
#[derive(Clone, Debug)]
struct Step {
    /// Its seq lies above the first and at or below the second: a change of the catalogue does not tell its own.
    between: (Seq, Seq),
    changes: Vec<Change>,
}

/// The model at the last open, and all steps since.
#[derive(Default)]
pub(crate) struct Log {
    base: Model,
    steps: Vec<Step>,
    /// The model now.
    pub now: Model,
}

impl Log {
    pub fn push(&mut self, after: Seq, seq: Seq, changes: Vec<Change>) {
        changes.iter().for_each(|change| self.now.apply(change));
        self.steps.push(Step { between: (after, seq), changes });
    }

    /// Takes back what a crash has lost: everything above `seq`. `names` decides about a change of the catalogue
    /// whose own seq is not known well enough.
    pub fn take_back(&mut self, seq: Seq, names: &BTreeMap<String, u32>) {
        let mut model = self.base.clone();
        for step in self.steps.drain(..) {
            if step.between.0 >= seq {
                break;
            }
            if step.between.1 <= seq {
                step.changes.iter().for_each(|change| model.apply(change));
            } else {
                let mut with = model.clone();
                step.changes.iter().for_each(|change| with.apply(change));
                if with.names == *names {
                    model = with;
                }
            }
        }
        self.now = model;
        self.rebase();
    }

    /// Nothing before this moment can be lost any more.
    pub fn rebase(&mut self) {
        self.base = self.now.clone();
        self.steps.clear();
    }
}
