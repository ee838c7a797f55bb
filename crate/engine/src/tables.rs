//! The memtables a read looks at: one atomically swapped list (E8).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::changes::Changes;
use crate::memtable::Memtable;
use crate::options::VALUE_INLINE_BYTES_MAX;
use crate::sorted_run::SortedRun;
use crate::store::Seq;

/// E18: past this many frozen memtables writers wait.
pub(crate) const FROZEN_MAX: usize = 2;

/// A memtable with what the checkpoint wants to know of it.
pub(crate) struct Table {
    pub memtable: Memtable,
    longest_value_bytes: AtomicUsize,
    first_expiry: AtomicU64,
    has_others: AtomicBool,
}

impl Table {
    pub fn new() -> Self {
        let (longest_value_bytes, first_expiry) = (AtomicUsize::new(0), AtomicU64::new(u64::MAX));
        Self { memtable: Memtable::new(0), longest_value_bytes, first_expiry, has_others: AtomicBool::new(false) }
    }

    /// Newest seq in the table; 0 when it is empty.
    pub fn max_seq(&self) -> Seq {
        self.memtable.max_seq().unwrap_or(0)
    }

    /// Remembers that a value of this length is in the table.
    pub fn note_value(&self, bytes: usize) {
        if bytes > VALUE_INLINE_BYTES_MAX {
            self.longest_value_bytes.fetch_max(bytes, Ordering::Relaxed);
        }
    }

    /// Remembers that the table has manifests, chunks or range tombstones.
    pub fn note_other(&self) {
        self.has_others.store(true, Ordering::Relaxed);
    }

    /// Whether all it holds are small rows that stay, and tombstones: then it may become a sorted run.
    pub fn is_plain(&self) -> bool {
        let has_others = self.has_others.load(Ordering::Relaxed);
        !has_others && !self.has_chunked_values() && self.first_expiry() == u64::MAX
    }

    /// Remembers that a row of the table expires.
    pub fn note_expiry(&self, expires_at: u64) {
        self.first_expiry.fetch_min(expires_at, Ordering::Relaxed);
    }

    /// When the first of its rows expires; the greatest number when none does.
    pub fn first_expiry(&self) -> u64 {
        self.first_expiry.load(Ordering::Relaxed)
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
    /// Memtables on disk, oldest first: older than every frozen one.
    pub runs: Vec<Arc<SortedRun>>,
    /// What drained memtables changed, oldest first, kept for the validation of open transactions (E5).
    pub retained: Vec<Arc<Changes>>,
}

impl Tables {
    pub fn new(active: Table, frozen: Vec<Arc<Table>>, runs: Vec<Arc<SortedRun>>) -> Self {
        Self { active: Arc::new(active), frozen, runs, retained: Vec::new() }
    }

    /// Newest first: the order a read asks them in.
    pub fn newest_first(&self) -> impl Iterator<Item = &Arc<Table>> {
        std::iter::once(&self.active).chain(self.frozen.iter().rev())
    }

    pub fn with_frozen_active(&self, active: Table) -> Self {
        let mut frozen = self.frozen.clone();
        frozen.push(self.active.clone());
        Self { active: Arc::new(active), frozen, runs: self.runs.clone(), retained: self.retained.clone() }
    }

    /// Takes the oldest frozen table out, puts `runs` in the place of those that are there, and keeps what the table
    /// changed, unless no transaction is as old. Gives the newest seq of what is let go: whoever began before it can no longer be validated (E5).
    pub fn without_oldest_frozen(
        &self,
        runs: Vec<Arc<SortedRun>>,
        changes: Option<Changes>,
        oldest_transaction: Option<Seq>,
        bytes_max: usize,
    ) -> (Self, Seq) {
        let drained = self.frozen.first().map_or(0, |table| table.max_seq());
        let mut retained = self.retained.clone();
        let mut floor = 0;
        match changes {
            Some(changes) => retained.push(Arc::new(changes)),
            None => floor = drained,
        }
        // Seqs ascend, so what is let go is older than all that stays.
        let is_needed = |changes: &Changes| oldest_transaction.is_some_and(|seq| seq < changes.newest());
        let mut bytes: usize = retained.iter().map(|changes| changes.bytes()).sum();
        retained.retain(|changes| {
            let stays = is_needed(changes) && bytes <= bytes_max;
            if !stays {
                bytes -= changes.bytes();
                floor = floor.max(changes.newest());
            }
            stays
        });
        (Self { active: self.active.clone(), frozen: self.frozen[1..].to_vec(), runs, retained }, floor)
    }

    /// With other runs.
    pub fn with_runs(&self, runs: Vec<Arc<SortedRun>>) -> Self {
        let (active, frozen, retained) = (self.active.clone(), self.frozen.clone(), self.retained.clone());
        Self { active, frozen, runs, retained }
    }

    /// Bytes of all memtables.
    pub fn bytes(&self) -> (usize, usize, usize) {
        let sum = |tables: &[Arc<Table>]| tables.iter().map(|table| table.memtable.bytes()).sum();
        let retained = self.retained.iter().map(|changes| changes.bytes()).sum();
        (self.active.memtable.bytes(), sum(&self.frozen), retained)
    }
}
