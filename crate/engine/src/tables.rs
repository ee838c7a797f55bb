//! The memtables a read looks at: one atomically swapped list (E8).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::memtable::Memtable;
use crate::options::VALUE_INLINE_BYTES_MAX;
use crate::store::Seq;

/// E18: past this many frozen memtables writers wait.
pub(crate) const FROZEN_MAX: usize = 2;

/// A memtable with what the checkpoint wants to know of it.
pub(crate) struct Table {
    pub memtable: Memtable,
    longest_value_bytes: AtomicUsize,
    /// E5: newest seq of a row that a transaction can read; chunks and the catalogue do not count.
    newest_readable: AtomicU64,
}

impl Table {
    pub fn new() -> Self {
        Self {
            memtable: Memtable::new(0),
            longest_value_bytes: AtomicUsize::new(0),
            newest_readable: AtomicU64::new(0),
        }
    }

    /// Newest seq in the table; 0 when it is empty.
    pub fn max_seq(&self) -> Seq {
        self.memtable.max_seq().unwrap_or(0)
    }

    /// Remembers that a row or range of a user's namespace was changed at `seq`.
    pub fn note_readable(&self, seq: Seq) {
        // One writer at a time, and its seqs ascend.
        self.newest_readable.store(seq, Ordering::Relaxed);
    }

    /// Remembers that a value of this length is in the table.
    pub fn note_value(&self, bytes: usize) {
        if bytes > VALUE_INLINE_BYTES_MAX {
            self.longest_value_bytes.fetch_max(bytes, Ordering::Relaxed);
        }
    }

    /// Whether some value must be stored as chunks (E16).
    pub fn has_chunked_values(&self) -> bool {
        self.longest_value_bytes.load(Ordering::Relaxed) > 0
    }
}

/// The current memtables; replaced as a whole.
pub(crate) struct Tables {
    /// Takes the writes.
    pub active: Arc<Table>,
    /// Waiting for their checkpoint, oldest first.
    pub frozen: Vec<Arc<Table>>,
    /// Drained, kept for the validation of open transactions (E5); no read looks here.
    pub retained: Vec<Arc<Table>>,
}

impl Tables {
    pub fn new(active: Table, frozen: Vec<Arc<Table>>) -> Self {
        Self { active: Arc::new(active), frozen, retained: Vec::new() }
    }

    /// Newest first: the order a read asks them in.
    pub fn newest_first(&self) -> impl Iterator<Item = &Arc<Table>> {
        std::iter::once(&self.active).chain(self.frozen.iter().rev())
    }

    /// Everything that may hold a version newer than an open transaction.
    pub fn for_validation(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.newest_first().chain(self.retained.iter().rev())
    }

    pub fn with_frozen_active(&self, active: Table) -> Self {
        let mut frozen = self.frozen.clone();
        frozen.push(self.active.clone());
        Self { active: Arc::new(active), frozen, retained: self.retained.clone() }
    }

    /// Takes the oldest frozen table out; keeps it for validation if a transaction older than its newest row lives.
    /// Gives the seq below which validation is no longer possible, if that rose.
    pub fn without_oldest_frozen(&self, oldest_transaction: Option<Seq>, bytes_max: usize) -> (Self, Option<Seq>) {
        let mut frozen = self.frozen.clone();
        let drained = frozen.remove(0);
        let mut retained = self.retained.clone();
        retained.push(drained);
        let needed = |table: &Arc<Table>| {
            oldest_transaction.is_some_and(|seq| seq < table.newest_readable.load(Ordering::Relaxed))
        };
        retained.retain(needed);
        let mut floor = None;
        let mut bytes: usize = retained.iter().map(|table| table.memtable.bytes()).sum();
        while bytes > bytes_max && !retained.is_empty() {
            let oldest = retained.remove(0);
            bytes -= oldest.memtable.bytes();
            floor = Some(oldest.max_seq());
        }
        (Self { active: self.active.clone(), frozen, retained }, floor)
    }

    /// Bytes of all memtables.
    pub fn bytes(&self) -> (usize, usize, usize) {
        let sum = |tables: &[Arc<Table>]| tables.iter().map(|table| table.memtable.bytes()).sum();
        (self.active.memtable.bytes(), sum(&self.frozen), sum(&self.retained))
    }
}
