//! What the store tells of itself.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk_use::DiskStats;
use crate::snapshot::ReaderSummary;
use crate::store::{Seq, Status, Store};

/// Things that are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counter {
    Commits,
    Checkpoints,
    BlocksWritten,
    BlockBytesWritten,
    Stalls,
    StallMicros,
    Conflicts,
}

const COUNTERS: usize = 7;

/// Counts since the store was opened.
#[derive(Default)]
pub(crate) struct Counters([AtomicU64; COUNTERS]);

impl Counters {
    pub fn add(&self, counter: Counter, amount: u64) {
        self.0[counter as usize].fetch_add(amount, Ordering::Relaxed);
    }

    pub fn get(&self, counter: Counter) -> u64 {
        self.0[counter as usize].load(Ordering::Relaxed)
    }
}

/// What opening the store had to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recovery {
    /// Journal records replayed.
    pub records: u64,
    /// Bytes of a torn write cut off the journal (E10).
    pub cut_bytes: u64,
    /// The file they were cut from.
    pub cut_file: Option<String>,
    /// Whether sled had fallen back behind the last checkpoint and the journal refilled it (E15).
    pub fell_back: bool,
    /// Time of the replay.
    pub milliseconds: f64,
}

/// Bytes held, by consumer; `total` is their sum and stays within the budget (E17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStats {
    /// The configured limit.
    pub budget: u64,
    /// The memtable that takes writes.
    pub active_memtable: u64,
    /// Memtables waiting for their checkpoint.
    pub frozen_memtables: u64,
    /// Fences and filters of sorted runs.
    pub sorted_runs: u64,
    /// Drained memtables kept for the validation of open transactions.
    pub retained_memtables: u64,
    /// The block cache.
    pub block_cache: u64,
    /// sled's cache and floor, estimated.
    pub sled: u64,
    /// Journal buffers: records not yet written, and what is kept for the next ones.
    pub journal_buffer: u64,
    /// What is derived of rows, such as adjacency for the algorithms of graphs.
    pub derived: u64,
    /// The sum.
    pub total: u64,
}

/// A store's figures.
#[derive(Clone, Debug)]
pub struct Stats {
    /// State of the store.
    pub status: Status,
    /// Newest visible seq.
    pub visible_seq: Seq,
    /// Newest seq that survives a power cut.
    pub durable_seq: Seq,
    /// Newest seq in the blocks.
    pub applied_seq: Seq,
    /// Memory by consumer.
    pub memory: MemoryStats,
    /// Snapshots and transactions.
    pub readers: ReaderSummary,
    /// Block cache hits since open.
    pub cache_hits: u64,
    /// Block cache misses since open.
    pub cache_misses: u64,
    /// Reads that went to sled since open.
    pub backend_reads: u64,
    /// Commits since open.
    pub commits: u64,
    /// Transactions that met a conflict since open.
    pub conflicts: u64,
    /// Checkpoints since open.
    pub checkpoints: u64,
    /// Blocks written by checkpoints since open.
    pub blocks_written: u64,
    /// Bytes of those blocks.
    pub block_bytes_written: u64,
    /// Times a writer had to wait for a checkpoint (E18).
    pub stalls: u64,
    /// Microseconds waited.
    pub stall_micros: u64,
    /// Bytes on disk.
    pub disk: DiskStats,
    /// What opening had to do.
    pub recovery: Recovery,
}

impl Store {
    /// The store's figures.
    pub fn stats(&self) -> Stats {
        let inner = &self.inner;
        let (active, frozen, retained) = inner.tables.load().bytes();
        let runs: usize = inner.tables.load().runs.iter().map(|run| run.memory_bytes()).sum();
        let mut memory = MemoryStats {
            budget: inner.options.memory_budget,
            active_memtable: active as u64,
            frozen_memtables: frozen as u64,
            sorted_runs: runs as u64,
            retained_memtables: retained as u64,
            block_cache: inner.cache.bytes() as u64,
            sled: inner.backend.memory_bytes() as u64,
            journal_buffer: inner.journal.memory_bytes() as u64,
            derived: inner.derived.bytes() as u64,
            total: 0,
        };
        memory.total = memory.active_memtable
            + memory.frozen_memtables
            + memory.sorted_runs
            + memory.retained_memtables
            + memory.block_cache
            + memory.sled
            + memory.journal_buffer
            + memory.derived;
        let count = |counter| inner.counters.get(counter);
        Stats {
            status: self.status(),
            visible_seq: self.visible_seq(),
            durable_seq: inner.journal.durable_seq(),
            applied_seq: inner.checkpoint.applied(),
            memory,
            readers: inner.readers.summary(),
            cache_hits: inner.cache.hits(),
            cache_misses: inner.cache.misses(),
            backend_reads: inner.backend.reads(),
            commits: count(Counter::Commits),
            conflicts: count(Counter::Conflicts),
            checkpoints: count(Counter::Checkpoints),
            blocks_written: count(Counter::BlocksWritten),
            block_bytes_written: count(Counter::BlockBytesWritten),
            stalls: count(Counter::Stalls),
            stall_micros: count(Counter::StallMicros),
            disk: inner.disk_stats(),
            recovery: inner.recovery.clone(),
        }
    }
}
