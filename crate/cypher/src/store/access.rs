//! Who reads a graph, and who changes it.

use sledstore_engine::{
    KeyRange, NamespaceId, Read, Result, Scan, ScanOptions, Seq, Snapshot, Store, Transaction, Write,
};
use sledstore_graph::Changes;

/// Who reads, whoever that is.
#[derive(Clone, Copy)]
#[allow(missing_docs)] // the name says it
pub enum View<'a> {
    Store(&'a Store),
    Snapshot(&'a Snapshot),
    Transaction(&'a Transaction),
}

impl Read for View<'_> {
    fn get_with<R>(&self, namespace: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        match self {
            Self::Store(store) => store.get_with(namespace, key, f),
            Self::Snapshot(snapshot) => snapshot.get_with(namespace, key, f),
            Self::Transaction(tx) => tx.get_with(namespace, key, f),
        }
    }

    fn scan(&self, namespace: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan> {
        match self {
            Self::Store(store) => store.scan(namespace, range, options),
            Self::Snapshot(snapshot) => snapshot.scan(namespace, range, options),
            Self::Transaction(tx) => tx.scan(namespace, range, options),
        }
    }

    fn contains(&self, namespace: NamespaceId, key: &[u8]) -> Result<bool> {
        match self {
            Self::Store(store) => store.contains(namespace, key),
            Self::Snapshot(snapshot) => snapshot.contains(namespace, key),
            Self::Transaction(tx) => tx.contains(namespace, key),
        }
    }

    fn seq_seen(&self) -> Option<Seq> {
        match self {
            Self::Store(store) => store.seq_seen(),
            Self::Snapshot(snapshot) => snapshot.seq_seen(),
            Self::Transaction(tx) => tx.seq_seen(),
        }
    }
}

/// What can be read through as a [`View`].
pub trait Viewed: Read {
    /// The view.
    fn view(&self) -> View<'_>;
}

impl Viewed for View<'_> {
    fn view(&self) -> View<'_> {
        *self
    }
}

impl Viewed for Store {
    fn view(&self) -> View<'_> {
        View::Store(self)
    }
}

impl Viewed for Snapshot {
    fn view(&self) -> View<'_> {
        View::Snapshot(self)
    }
}

impl Viewed for Transaction {
    fn view(&self) -> View<'_> {
        View::Transaction(self)
    }
}

/// A reader, with a transaction where there is one.
pub trait Access {
    /// Who reads.
    type Reader: Viewed;
    /// Who writes.
    type Writer: Read + Write;

    /// Reads all there is, what was written before included.
    fn reader(&self) -> &Self::Reader;

    /// Writes; `None` where nothing may be written.
    fn writer(&mut self) -> Option<(&mut Self::Writer, &mut Changes)>;
}

/// What only reads. One type whoever it is, for what is read through it is compiled for each.
pub struct ReadOnly<'a>(View<'a>);

impl<'a> ReadOnly<'a> {
    /// Reads as `reader` does.
    pub fn of(reader: &'a impl Viewed) -> Self {
        Self(reader.view())
    }
}

impl<'a> Access for ReadOnly<'a> {
    type Reader = View<'a>;
    type Writer = Transaction;

    fn reader(&self) -> &View<'a> {
        &self.0
    }

    fn writer(&mut self) -> Option<(&mut Transaction, &mut Changes)> {
        None
    }
}

/// A transaction, and what was changed in it so far: [`sledstore_graph::Graph::finish`] is given that at the end.
pub struct InTransaction<'a, T> {
    tx: &'a mut T,
    changes: Changes,
}

impl<'a, T: Viewed + Write> InTransaction<'a, T> {
    /// What a statement is run in: conditions are checked at its end.
    pub fn new(tx: &'a mut T) -> Self {
        Self { tx, changes: Changes::checked_at_end() }
    }

    /// What was changed, to be finished.
    pub fn into_parts(self) -> (&'a mut T, Changes) {
        (self.tx, self.changes)
    }
}

impl<T: Viewed + Write> Access for InTransaction<'_, T> {
    type Reader = T;
    type Writer = T;

    fn reader(&self) -> &T {
        self.tx
    }

    fn writer(&mut self) -> Option<(&mut T, &mut Changes)> {
        Some((self.tx, &mut self.changes))
    }
}
