//! Measurements of a store, and of what an environment holds.

use napi::Env;
use napi_derive::napi;
use sledstore_engine::Store;
use sledstore_vector::CacheCounts;

use crate::binding_store::with;
use crate::error::Code;

macro_rules! measurements {
    ($(#[$doc:meta])* $name:ident { $( $(#[$field_doc:meta])* $field:ident = |$from:ident| $value:expr, )* }) => {
        $(#[$doc])*
        #[napi(object)]
        pub struct $name { $( $(#[$field_doc])* pub $field: f64, )* }
        impl $name {
            fn of(stats: &sledstore_engine::Stats) -> Self {
                Self { $( $field: { let $from = stats; $value as f64 }, )* }
            }
        }
    };
}

measurements! {
    /// Bytes by consumer (E17).
    MemoryMeasurements {
        /// What all consumers together may have.
        budget = |stats| stats.memory.budget,
        /// The memtable that takes writes.
        active_memtable = |stats| stats.memory.active_memtable,
        /// Memtables on their way into blocks.
        frozen_memtables = |stats| stats.memory.frozen_memtables,
        /// Fences and filters of sorted runs.
        sorted_runs = |stats| stats.memory.sorted_runs,
        /// Drained memtables kept for open transactions.
        retained_memtables = |stats| stats.memory.retained_memtables,
        /// The block cache.
        block_cache = |stats| stats.memory.block_cache,
        /// sled's own cache.
        sled = |stats| stats.memory.sled,
        /// The journal's buffer.
        journal_buffer = |stats| stats.memory.journal_buffer,
        /// What is derived of rows: the adjacency of graphs.
        derived = |stats| stats.memory.derived,
        /// All of them.
        total = |stats| stats.memory.total,
    }
}

measurements! {
    /// Live readers.
    ReaderMeasurements {
        /// Open snapshots, those of scans included.
        snapshots = |stats| stats.readers.snapshots,
        /// Open transactions.
        transactions = |stats| stats.readers.transactions,
        /// Age of the oldest snapshot.
        oldest_snapshot_seconds = |stats| stats.readers.oldest_snapshot_seconds,
        /// Age of the oldest transaction.
        oldest_transaction_seconds = |stats| stats.readers.oldest_transaction_seconds,
    }
}

measurements! {
    /// Counts since the store was opened.
    CountMeasurements {
        /// Newest visible commit.
        visible_seq = |stats| stats.visible_seq,
        /// Newest durable commit.
        durable_seq = |stats| stats.durable_seq,
        /// Newest commit that is in the blocks.
        applied_seq = |stats| stats.applied_seq,
        /// Blocks found in the cache.
        cache_hits = |stats| stats.cache_hits,
        /// Blocks that had to be read.
        cache_misses = |stats| stats.cache_misses,
        /// Reads of sled.
        backend_reads = |stats| stats.backend_reads,
        /// Commits.
        commits = |stats| stats.commits,
        /// Commits refused because something they read had changed.
        conflicts = |stats| stats.conflicts,
        /// Checkpoints.
        checkpoints = |stats| stats.checkpoints,
        /// Blocks written.
        blocks_written = |stats| stats.blocks_written,
        /// Bytes of blocks written.
        block_bytes_written = |stats| stats.block_bytes_written,
        /// How often a write waited for memory.
        stalls = |stats| stats.stalls,
        /// How long in all.
        stall_micros = |stats| stats.stall_micros,
    }
}

/// How often what vector indexes keep in memory was of use.
#[napi(object)]
pub struct VectorMeasurements {
    /// Vectors that a search through a graph compared, and found in memory.
    pub row_hits: f64,
    /// Those that it read from the store.
    pub row_misses: f64,
    /// Searches whose answer was kept.
    pub result_hits: f64,
    /// Those that had to be made, where answers are kept.
    pub result_misses: f64,
}

/// Bytes on disk.
#[napi(object)]
pub struct DiskMeasurements {
    /// Block files, sled's data file and the journal.
    pub total: f64,
    /// The files that hold the blocks.
    pub blocks: f64,
    /// sled's data file.
    pub sled: f64,
    /// The journal's segments.
    pub journal: f64,
    /// What of the block files is live; nothing where it was never counted.
    pub live: Option<f64>,
    /// Whether the files grow though most of them is not live (E21).
    pub is_growing_without_reclaim: bool,
}

/// What opening had to mend.
#[napi(object)]
pub struct RecoveryMeasurements {
    /// Journal records applied again.
    pub records: f64,
    /// Bytes cut off a torn journal.
    pub cut_bytes: f64,
    /// The journal file that was cut.
    pub cut_file: Option<String>,
    /// Whether sled had fallen back and was refilled.
    pub fell_back: bool,
    /// How long it took.
    pub milliseconds: f64,
}

/// Everything measured.
#[napi(object)]
pub struct Measurements {
    /// Bytes by consumer.
    pub memory: MemoryMeasurements,
    /// Live readers.
    pub readers: ReaderMeasurements,
    /// Counts since the store was opened.
    pub counts: CountMeasurements,
    /// How often what vector indexes keep in memory was of use.
    pub vectors: VectorMeasurements,
    /// Bytes on disk.
    pub disk: DiskMeasurements,
    /// What opening had to mend.
    pub recovery: RecoveryMeasurements,
}

/// Measures a store.
#[napi]
pub fn stats(env: Env, store: i32) -> napi::Result<Measurements, Code> {
    with(env, |environment| {
        let engine = &environment.store(store)?.engine;
        let (stats, vectors) = (engine.stats(), CacheCounts::of(engine));
        Ok(Measurements {
            memory: MemoryMeasurements::of(&stats),
            readers: ReaderMeasurements::of(&stats),
            counts: CountMeasurements::of(&stats),
            vectors: VectorMeasurements {
                row_hits: vectors.row_hits as f64,
                row_misses: vectors.row_misses as f64,
                result_hits: vectors.result_hits as f64,
                result_misses: vectors.result_misses as f64,
            },
            disk: DiskMeasurements {
                total: stats.disk.total as f64,
                blocks: stats.disk.blocks as f64,
                sled: stats.disk.sled as f64,
                journal: stats.disk.journal as f64,
                live: stats.disk.live.map(|bytes| bytes as f64),
                is_growing_without_reclaim: stats.disk.is_growing_without_reclaim,
            },
            recovery: RecoveryMeasurements {
                records: stats.recovery.records as f64,
                cut_bytes: stats.recovery.cut_bytes as f64,
                cut_file: stats.recovery.cut_file.clone(),
                fell_back: stats.recovery.fell_back,
                milliseconds: stats.recovery.milliseconds,
            },
        })
    })
}

/// Native counts of this environment, for tests.
#[napi(object)]
pub struct Counts {
    /// Raw calls so far.
    pub crossings: f64,
    /// Reads of sled made by this thread.
    pub sled_reads: f64,
    /// Live handles of all kinds.
    pub handles: u32,
    /// Open stores.
    pub stores: u32,
    /// Open namespaces.
    pub namespaces: u32,
    /// Open snapshots.
    pub snapshots: u32,
    /// Open transactions.
    pub transactions: u32,
    /// Unfinished scans.
    pub scans: u32,
    /// Value streams and bulk loads.
    pub streams: u32,
    /// Jobs whose answer has not come.
    pub jobs: u32,
    /// Graphs whose plans are kept.
    pub sessions: u32,
}

/// Counts what this environment holds.
#[napi]
pub fn counts(env: Env) -> napi::Result<Counts, Code> {
    with(env, |environment| {
        let live = environment.live_counts();
        Ok(Counts {
            crossings: environment.crossings as f64,
            sled_reads: Store::backend_reads_of_this_thread() as f64,
            handles: environment.handles.live() as u32,
            stores: live.stores,
            namespaces: live.namespaces,
            snapshots: live.snapshots,
            transactions: live.transactions,
            scans: live.scans,
            streams: live.streams,
            jobs: environment.outstanding,
            sessions: environment.sessions.len() as u32,
        })
    })
}
