//! Clients of a store that take note of what they do; some are broken on purpose.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use sledstore_engine::{
    Batch, Durability, ErrorCode, KeyRange, NamespaceId, Read, Result, ScanOptions, Snapshot, Store, Transaction, Write,
};

use super::Record;
use super::event::{Event, Rows, State, rows_of};

/// What is wrong with the clients of a history, so that its checker can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Transactions commit whatever has changed: lost updates, write skew, phantoms.
    Unchecked,
    /// Reads see what was there a while ago.
    Stale,
    /// A scan goes on in another state than it began in.
    Torn,
}

/// How many records an old snapshot serves.
const STALE_FOR: u64 = 40;

/// The records of clients that share a store.
pub struct History<'a> {
    store: &'a Store,
    fault: Option<Fault>,
    now: AtomicU64,
    records: Mutex<Vec<Record>>,
    old: Mutex<Option<(u64, Snapshot)>>,
}

impl<'a> History<'a> {
    /// No records yet.
    pub fn new(store: &'a Store, fault: Option<Fault>) -> Self {
        Self { store, fault, now: AtomicU64::new(0), records: Mutex::default(), old: Mutex::default() }
    }

    /// What was recorded.
    pub fn into_records(self) -> Vec<Record> {
        self.records.into_inner().unwrap_or_default()
    }

    fn tick(&self) -> u64 {
        self.now.fetch_add(1, Ordering::SeqCst)
    }

    fn push(&self, record: Record) {
        if let Ok(mut records) = self.records.lock() {
            records.push(record);
        }
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub fn begin(&self) -> Result<Client<'_>> {
        let started = self.tick();
        let source = match self.fault {
            Some(Fault::Unchecked) => Source::Unchecked(self.store.snapshot()?),
            _ => Source::Transaction(Box::new(self.store.begin()?)),
        };
        Ok(Client { history: self, started, source, events: Vec::new() })
    }

    /// Reads a key outside of transactions.
    ///
    /// # Errors
    /// As [`Read::get`].
    pub fn get(&self, namespace: NamespaceId, key: &[u8]) -> Result<()> {
        let started = self.tick();
        let found = match self.fault {
            Some(Fault::Stale) => self.read_old(|old| old.get(namespace, key))?,
            _ => self.store.get(namespace, key)?,
        };
        self.push_look(started, Event::Get(namespace, key.to_vec(), found));
        Ok(())
    }

    /// Scans outside of transactions; others get on meanwhile.
    ///
    /// # Errors
    /// As [`Read::scan`].
    pub fn scan(&self, namespace: NamespaceId, range: &KeyRange, reverse: bool, take: usize) -> Result<()> {
        let started = self.tick();
        let options = ScanOptions { reverse, ..ScanOptions::default() };
        let mut scan = self.store.scan(namespace, range, options)?.take(take);
        let mut rows: Rows = scan.by_ref().take(2).collect::<Result<_>>()?;
        std::thread::yield_now();
        if self.fault == Some(Fault::Torn) {
            let later: Rows = self.store.scan(namespace, range, options)?.take(take).collect::<Result<_>>()?;
            rows.extend(later.into_iter().skip(rows.len()));
        } else {
            rows.extend(scan.collect::<Result<Rows>>()?);
        }
        self.push_look(started, Event::Scan(namespace, range.clone(), reverse, take, rows));
        Ok(())
    }

    /// Writes without reading.
    ///
    /// # Errors
    /// As [`Store::apply`].
    pub fn write(&self, batch: &Batch, events: Vec<Event>) -> Result<()> {
        let started = self.tick();
        let committed = Some(self.store.apply(batch)?);
        self.push(Record { started, ended: self.tick(), begun: None, committed, events });
        Ok(())
    }

    fn push_look(&self, started: u64, event: Event) {
        self.push(Record { started, ended: self.tick(), begun: None, committed: None, events: vec![event] });
    }

    fn read_old<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T>) -> Result<T> {
        let mut old = self.old.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = self.now.load(Ordering::SeqCst);
        let kept = match old.take().filter(|(since, _)| now < since + STALE_FOR) {
            Some(kept) => kept,
            None => (now, self.store.snapshot()?),
        };
        read(&old.insert(kept).1)
    }
}

enum Source {
    Transaction(Box<Transaction>),
    Unchecked(Snapshot),
}

/// One transaction that takes note of itself.
pub struct Client<'a> {
    history: &'a History<'a>,
    started: u64,
    source: Source,
    events: Vec<Event>,
}

impl Client<'_> {
    /// Reads a key.
    ///
    /// # Errors
    /// As [`Read::get`].
    pub fn get(&mut self, namespace: NamespaceId, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let found = match &self.source {
            Source::Transaction(transaction) => transaction.get(namespace, key)?,
            Source::Unchecked(snapshot) => self.own(snapshot, namespace)?.remove(&(namespace, key.to_vec())),
        };
        self.events.push(Event::Get(namespace, key.to_vec(), found.clone()));
        Ok(found)
    }

    /// Scans, and ends the scan after `take` rows.
    ///
    /// # Errors
    /// As [`Read::scan`].
    pub fn scan(&mut self, namespace: NamespaceId, range: &KeyRange, reverse: bool, take: usize) -> Result<Rows> {
        let options = ScanOptions { reverse, ..ScanOptions::default() };
        let rows: Rows = match &self.source {
            Source::Transaction(transaction) => {
                transaction.scan(namespace, range, options)?.take(take).collect::<Result<_>>()?
            }
            Source::Unchecked(snapshot) => rows_of(&self.own(snapshot, namespace)?, namespace, range, reverse, take),
        };
        self.events.push(Event::Scan(namespace, range.clone(), reverse, take, rows.clone()));
        Ok(rows)
    }

    /// Stores a value.
    ///
    /// # Errors
    /// As [`Write::put`].
    pub fn put(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8]) -> Result<()> {
        self.write(Event::Put(namespace, key.to_vec(), value.to_vec()))
    }

    /// Removes a key.
    ///
    /// # Errors
    /// As [`Write::delete`].
    pub fn delete(&mut self, namespace: NamespaceId, key: &[u8]) -> Result<()> {
        self.write(Event::Delete(namespace, key.to_vec()))
    }

    /// Removes a range.
    ///
    /// # Errors
    /// As [`Write::clear`].
    pub fn clear(&mut self, namespace: NamespaceId, range: &KeyRange) -> Result<()> {
        self.write(Event::Clear(namespace, range.clone()))
    }

    /// Commits; `false` when it is refused for a conflict.
    ///
    /// # Errors
    /// As [`Transaction::commit`], but for `CONFLICT`.
    pub fn commit(self) -> Result<bool> {
        let Self { history, started, source, events } = self;
        let writes = events.iter().any(Event::is_write);
        let (begun, outcome) = match source {
            Source::Transaction(transaction) => (transaction.seq(), transaction.commit(Durability::None)),
            Source::Unchecked(snapshot) => (snapshot.seq(), history.store.apply(&batch_of(&events)?)),
        };
        let (committed, is_done) = match outcome {
            Ok(seq) => (writes.then_some(seq), true),
            Err(error) if error.code() == ErrorCode::Conflict => (None, false),
            Err(error) => return Err(error),
        };
        history.push(Record { started, ended: history.tick(), begun: Some(begun), committed, events });
        Ok(is_done)
    }

    fn write(&mut self, event: Event) -> Result<()> {
        if let Source::Transaction(transaction) = &mut self.source {
            write(&event, &mut **transaction)?;
        }
        self.events.push(event);
        Ok(())
    }

    /// A namespace with what the client has written over it.
    fn own(&self, snapshot: &Snapshot, namespace: NamespaceId) -> Result<State> {
        let mut state = State::new();
        for row in snapshot.scan(namespace, &KeyRange::all(), ScanOptions::default())? {
            let (key, value) = row?;
            state.insert((namespace, key), value);
        }
        self.events.iter().for_each(|event| event.apply(&mut state));
        Ok(state)
    }
}

fn write(event: &Event, to: &mut impl Write) -> Result<()> {
    match event {
        Event::Put(namespace, key, value) => to.put(*namespace, key, value),
        Event::Delete(namespace, key) => to.delete(*namespace, key),
        Event::Clear(namespace, range) => to.clear(*namespace, range),
        Event::Get(..) | Event::Scan(..) => Ok(()),
    }
}

/// The writes of a client as a batch.
fn batch_of(events: &[Event]) -> Result<Batch> {
    let mut batch = Batch::new();
    events.iter().try_for_each(|event| write(event, &mut batch))?;
    Ok(batch)
}
