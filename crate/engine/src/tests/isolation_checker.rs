//! Records what transactions read and wrote, and checks it against a map: is the order of their seqs a serial one? (E5)
//!
//! Every transaction must have read the state at the seq it began at; one that wrote must have read what the state was
//! at its commit, too. Values are never written twice, so a row tells which version it is.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::error::{ErrorCode, Result};
use crate::namespace::NamespaceId;
use crate::options::Durability;
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Seq, Store, Write};
use crate::transaction::Transaction;

pub(crate) type Rows = Vec<(Vec<u8>, Vec<u8>)>;
type State = BTreeMap<(NamespaceId, Vec<u8>), Vec<u8>>;

#[derive(Clone, Debug)]
enum Event {
    Get(NamespaceId, Vec<u8>, Option<Vec<u8>>),
    /// Range, direction, the most rows that were taken, and those.
    Scan(NamespaceId, KeyRange, bool, usize, Rows),
    Put(NamespaceId, Vec<u8>, Vec<u8>),
    Delete(NamespaceId, Vec<u8>),
    Clear(NamespaceId, KeyRange),
}

/// What one transaction did, in its order.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    begun: Seq,
    /// Of one that wrote and was not refused.
    committed: Option<Seq>,
    events: Vec<Event>,
}

/// A transaction that takes note of itself.
pub(crate) struct Recorded {
    transaction: Transaction,
    events: Vec<Event>,
}

impl Recorded {
    pub fn begin(store: &Store) -> Self {
        Self { transaction: store.begin().unwrap(), events: Vec::new() }
    }

    pub fn get(&mut self, namespace: NamespaceId, key: &[u8]) -> Option<Vec<u8>> {
        let found = self.transaction.get(namespace, key).unwrap();
        self.events.push(Event::Get(namespace, key.to_vec(), found.clone()));
        found
    }

    pub fn scan(&mut self, namespace: NamespaceId, range: &KeyRange, reverse: bool, take: usize) -> Rows {
        let options = ScanOptions { reverse, ..ScanOptions::default() };
        let scan = self.transaction.scan(namespace, range, options).unwrap();
        let rows: Rows = scan.take(take).collect::<Result<_>>().unwrap();
        self.events.push(Event::Scan(namespace, range.clone(), reverse, take, rows.clone()));
        rows
    }

    pub fn put(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8]) {
        self.transaction.put(namespace, key, value).unwrap();
        self.events.push(Event::Put(namespace, key.to_vec(), value.to_vec()));
    }

    pub fn delete(&mut self, namespace: NamespaceId, key: &[u8]) {
        self.transaction.delete(namespace, key).unwrap();
        self.events.push(Event::Delete(namespace, key.to_vec()));
    }

    pub fn clear(&mut self, namespace: NamespaceId, range: &KeyRange) {
        self.transaction.clear(namespace, range).unwrap();
        self.events.push(Event::Clear(namespace, range.clone()));
    }

    /// Commits; `false` when it is refused for a conflict.
    pub fn commit(self, history: &mut Vec<Record>) -> bool {
        let begun = self.transaction.seq();
        let writes = self.events.iter().any(|event| !matches!(event, Event::Get(..) | Event::Scan(..)));
        let outcome = self.transaction.commit(Durability::None);
        let committed = match outcome {
            Ok(seq) => writes.then_some(seq),
            Err(ref error) => {
                assert_eq!(error.code(), ErrorCode::Conflict, "{error}");
                None
            }
        };
        history.push(Record { begun, committed, events: self.events });
        outcome.is_ok()
    }
}

/// What cannot be if the transactions had run one after the other, in the order of their seqs.
pub(crate) fn violation(history: &[Record]) -> Option<String> {
    // Where a record must have read the state: after everything up to a seq.
    let mut looks: Vec<(Seq, &Record)> = history.iter().map(|record| (record.begun, record)).collect();
    looks.extend(history.iter().filter_map(|record| Some((record.committed? - 1, record))));
    looks.sort_by_key(|(seq, _)| *seq);
    let mut writers: Vec<&Record> = history.iter().filter(|record| record.committed.is_some()).collect();
    writers.sort_by_key(|record| record.committed);
    if let Some(pair) = writers.windows(2).find(|pair| pair[0].committed == pair[1].committed) {
        return Some(format!("two commits have seq {:?}", pair[0].committed));
    }
    let mut writers = writers.into_iter().peekable();
    let mut state = State::new();
    for (seq, record) in looks {
        while let Some(writer) = writers.next_if(|writer| writer.committed <= Some(seq)) {
            writer.events.iter().for_each(|event| apply(event, &mut state));
        }
        let mut own = state.clone();
        for event in &record.events {
            if let Some(difference) = difference(event, &own) {
                let (begun, committed) = (record.begun, record.committed);
                return Some(format!("begun at {begun}, committed at {committed:?}, at {seq}: {difference}"));
            }
            apply(event, &mut own);
        }
    }
    None
}

fn apply(event: &Event, state: &mut State) {
    match event {
        Event::Get(..) | Event::Scan(..) => {}
        Event::Put(namespace, key, value) => drop(state.insert((*namespace, key.clone()), value.clone())),
        Event::Delete(namespace, key) => drop(state.remove(&(*namespace, key.clone()))),
        Event::Clear(namespace, range) => state.retain(|(of, key), _| of != namespace || !range.contains(key)),
    }
}

fn difference(event: &Event, state: &State) -> Option<String> {
    match event {
        Event::Get(namespace, key, found) => {
            let right = state.get(&(*namespace, key.clone()));
            (found.as_ref() != right).then(|| format!("{} read as {}", key.escape_ascii(), short(found.as_ref())))
        }
        Event::Scan(namespace, range, reverse, take, rows) => {
            let from = Bound::Included((*namespace, Vec::new()));
            let of = state.range((from, Bound::Unbounded)).take_while(|((of, _), _)| of == namespace);
            let mut right: Rows = of
                .filter(|((_, key), _)| range.contains(key))
                .map(|((_, key), value)| (key.clone(), value.clone()))
                .collect();
            if *reverse {
                right.reverse();
            }
            right.truncate(*take);
            (*rows != right).then(|| format!("a scan gave {} rows, {} are right", rows.len(), right.len()))
        }
        _ => None,
    }
}

fn short(value: Option<&Vec<u8>>) -> String {
    value.map_or("missing".to_owned(), |value| value[..value.len().min(16)].escape_ascii().to_string())
}
