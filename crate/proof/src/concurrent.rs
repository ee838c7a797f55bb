//! Random transactions, batches, reads and scans of several threads, with checkpoints between.

use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{Batch, KeyRange, NamespaceId, NamespaceOptions, Result, Store};

use crate::history::{Event, Fault, History, Record};

const KEYS: u32 = 12;

/// A run of clients over one store.
#[derive(Clone, Copy, Debug)]
pub struct Concurrent {
    /// What each client does follows from it; how they meet does not.
    pub seed: u64,
    /// Clients, each a thread.
    pub threads: u64,
    /// What each does.
    pub steps: u64,
    /// What is wrong with them.
    pub fault: Option<Fault>,
}

/// What came of it.
pub struct Ran {
    /// What the clients did.
    pub history: Vec<Record>,
    /// How many transactions met a conflict.
    pub conflicts: u64,
}

impl Concurrent {
    /// Runs the clients to their end.
    ///
    /// # Errors
    /// The first that a client meets.
    pub fn run(&self, store: &Store) -> Result<Ran> {
        let names = ["a", "b", "c"];
        let namespaces =
            names.map(|name| store.namespace(name, &NamespaceOptions::default()).map(|namespace| namespace.id));
        let namespaces = namespaces.into_iter().collect::<Result<Vec<_>>>()?;
        let history = History::new(store, self.fault);
        let (number, done) = (AtomicU64::new(0), AtomicBool::new(false));
        let outcome = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..self.threads)
                .map(|thread| {
                    let random = SmallRng::seed_from_u64(self.seed.wrapping_mul(31).wrapping_add(thread));
                    let (history, namespaces, number) = (&history, &namespaces[..], &number);
                    scope.spawn(move || Thread { history, namespaces, number, random }.run(self.steps))
                })
                .collect();
            let checkpoints = scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    store.checkpoint()?;
                }
                Ok(())
            });
            let mut conflicts = Ok(0);
            for client in clients {
                let refused = client.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                conflicts = conflicts.and_then(|sum| refused.map(|refused| sum + refused));
            }
            done.store(true, Ordering::Release);
            let checkpointed = checkpoints.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            conflicts.and_then(|conflicts| checkpointed.map(|()| conflicts))
        });
        Ok(Ran { conflicts: outcome?, history: history.into_records() })
    }
}

struct Thread<'a> {
    history: &'a History<'a>,
    namespaces: &'a [NamespaceId],
    /// Makes every value another one.
    number: &'a AtomicU64,
    random: SmallRng,
}

impl Thread<'_> {
    /// Gives how many transactions met a conflict.
    fn run(mut self, steps: u64) -> Result<u64> {
        let mut refused = 0;
        for _ in 0..steps {
            let namespace = self.namespace();
            match self.random.random_range(0..10) {
                0 => self.history.get(namespace, &self.key())?,
                1 => {
                    let (range, take) = (self.range(), self.take());
                    self.history.scan(namespace, &range, self.random.random(), take)?;
                }
                2 => self.batch()?,
                _ => refused += u64::from(!self.transaction()?),
            }
        }
        Ok(refused)
    }

    /// One transaction of up to eight steps, most of them reads; whether it was committed.
    fn transaction(&mut self) -> Result<bool> {
        let history = self.history;
        let mut client = history.begin()?;
        for _ in 0..self.random.random_range(1..8) {
            let namespace = self.namespace();
            match self.random.random_range(0..20) {
                0..=7 => drop(client.get(namespace, &self.key())?),
                8..=10 => {
                    let (range, take) = (self.range(), self.take());
                    drop(client.scan(namespace, &range, self.random.random(), take)?);
                }
                11..=16 => {
                    let (key, value) = (self.key(), self.value());
                    client.put(namespace, &key, &value)?;
                }
                17 => client.clear(namespace, &self.range())?,
                18 => std::thread::yield_now(),
                _ => client.delete(namespace, &self.key())?,
            }
        }
        client.commit()
    }

    fn batch(&mut self) -> Result<()> {
        let (mut batch, mut events) = (Batch::new(), Vec::new());
        for _ in 0..self.random.random_range(1..5) {
            let (namespace, key) = (self.namespace(), self.key());
            if self.random.random_ratio(1, 5) {
                batch.delete(namespace, &key)?;
                events.push(Event::Delete(namespace, key));
            } else {
                let value = self.value();
                batch.put(namespace, &key, &value)?;
                events.push(Event::Put(namespace, key, value));
            }
        }
        self.history.write(&batch, events)
    }

    fn namespace(&mut self) -> NamespaceId {
        self.namespaces[self.random.random_range(0..self.namespaces.len())]
    }

    fn key(&mut self) -> Vec<u8> {
        format!("key-{:02}", self.random.random_range(0..KEYS)).into_bytes()
    }

    fn value(&mut self) -> Vec<u8> {
        let length = if self.random.random_ratio(1, 4) { 3_000 } else { 30 };
        format!("{:0length$}", self.number.fetch_add(1, Ordering::Relaxed)).into_bytes()
    }

    fn take(&mut self) -> usize {
        if self.random.random() { usize::MAX } else { self.random.random_range(0..4) }
    }

    fn range(&mut self) -> KeyRange {
        match self.random.random_range(0..4) {
            0 => KeyRange::all(),
            1 => KeyRange::prefix(b"key-0"),
            _ => {
                let (mut start, mut end) = (self.key(), self.key());
                if start > end {
                    std::mem::swap(&mut start, &mut end);
                }
                KeyRange { start: Bound::Included(start), end: Bound::Excluded(end) }
            }
        }
    }
}
