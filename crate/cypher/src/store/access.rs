//! Who reads a graph, and who changes it.

use sledstore_engine::{Read, Transaction, Write};
use sledstore_graph::Changes;

/// A reader, with a transaction where there is one.
pub trait Access {
    /// Who reads.
    type Reader: Read;
    /// Who writes.
    type Writer: Read + Write;

    /// Reads all there is, what was written before included.
    fn reader(&self) -> &Self::Reader;

    /// Writes; `None` where nothing may be written.
    fn writer(&mut self) -> Option<(&mut Self::Writer, &mut Changes)>;
}

/// A snapshot, or whatever else only reads.
#[derive(Debug)]
pub struct ReadOnly<'a, R>(pub &'a R);

impl<R: Read> Access for ReadOnly<'_, R> {
    type Reader = R;
    type Writer = Transaction;

    fn reader(&self) -> &R {
        self.0
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

impl<'a, T: Read + Write> InTransaction<'a, T> {
    /// What a statement is run in: conditions are checked at its end.
    pub fn new(tx: &'a mut T) -> Self {
        Self { tx, changes: Changes::checked_at_end() }
    }

    /// What was changed, to be finished.
    pub fn into_parts(self) -> (&'a mut T, Changes) {
        (self.tx, self.changes)
    }
}

impl<T: Read + Write> Access for InTransaction<'_, T> {
    type Reader = T;
    type Writer = T;

    fn reader(&self) -> &T {
        self.tx
    }

    fn writer(&mut self) -> Option<(&mut T, &mut Changes)> {
        Some((self.tx, &mut self.changes))
    }
}
