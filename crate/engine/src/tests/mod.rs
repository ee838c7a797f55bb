//! What the whole engine promises over a disk and a backend that fail, and may be cut off at any moment.
#![allow(clippy::unwrap_used)] // a test may panic

mod a_file_asks_for_no_chores;
mod callers_functions_may_use_the_store;
mod catalogue_takes_no_false_number;
mod counts_beyond_reason_are_corruption;
mod crash_model;
mod drop_is_atomic;
mod empty_batch_takes_no_seq;
mod error_if_exists_of_an_open_path;
mod expired_rows_are_hidden;
mod expired_rows_are_reclaimed;
mod expiry_is_no_conflict;
mod format_1_is_repaired;
mod format_1_opens;
mod hidden_commits_are_not_acknowledged;
mod history_is_purged;
mod kept_values_are_the_newest;
mod large_values_expire_under_readers;
mod listeners_hear_once;
mod long_scans_see_one_moment;
mod nothing_runs_under_the_writer_mutex;
mod old_transactions_are_validated;
mod poisoned_store_writes_no_block;
mod random_crashes;
mod readers_keep_their_time;
mod reclaiming_is_no_finding;
mod rows_put_unread_are_committed;
mod scans_merge_all_places;
mod sled_fell_back;
mod sled_grows_without_reclaim;
mod sorted_runs;
mod transactions_undo_nothing;
mod unknown_seq_poisons_nothing;
mod verify_after_an_interrupted_checkpoint;
mod verify_goes_on_behind_damage;
mod watches_miss_nothing;
mod what_is_durable_is_marked_soon;
mod writers_wait_for_room;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::Rng;
use rand::rngs::SmallRng;
use tempfile::TempDir;

use crate::backend::{Backend, Bytes, EntrySink};
use crate::backend_memory::FaultyBackend;
use crate::batch::Batch;
use crate::block_files::Index;
use crate::clock::Clock;
use crate::disk::Disk;
use crate::error::Result;
use crate::journal::tests::faulty_disk::FaultyDisk;
use crate::lifecycle;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::open::{self, JOURNAL_FOLDER};
use crate::options::{Compression, Durability, Options};
use crate::rewrite::BlockWriter;
use crate::store::{Seq, Store};
use crate::store_file::Format;

/// The seed of a random test: printed, and taken back from `SLEDSTORE_SEED`.
pub(crate) fn seed() -> u64 {
    let given = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

/// A number from the environment.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Options under which splits, merges, history and replays are common.
pub(crate) fn small_options() -> Options {
    Options {
        durability: Durability::None,
        memtable_bytes: Some(64 << 10),
        block_bytes: Some(512),
        memory_budget: 24 << 20,
        ..Options::default()
    }
}

/// A store in memory with one namespace.
pub(crate) fn small_store() -> (Store, NamespaceId) {
    let store = Store::memory(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    (store, namespace)
}

/// When time begins for stores whose clock a test sets.
pub(crate) const START_MS: u64 = 1_700_000_000_000;

/// As [`small_options`], with a clock that the test sets.
pub(crate) fn timed_options(clock: &Clock) -> Options {
    Options { clock: clock.clone(), ..small_options() }
}

/// As [`small_store`], with a clock that the test sets.
pub(crate) fn timed_store(clock: &Clock) -> (Store, NamespaceId) {
    let store = Store::memory(&timed_options(clock)).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    (store, namespace)
}

/// Rows in the blocks of a space.
pub(crate) fn rows_in(store: &Store, space: u8, namespace: NamespaceId) -> u64 {
    let run = store.inner.checkpoint.hold();
    let reader = BlockWriter::new(&store.inner, &run);
    let (mut rows, mut position) = (0, Vec::new());
    while let Some(old) = reader.load(space, namespace, &position).unwrap() {
        rows += old.block.len() as u64;
        let Some(fence) = old.fence else { break };
        position = fence;
    }
    rows
}

/// Puts one row.
pub(crate) fn put(store: &Store, namespace: NamespaceId, key: &[u8], value: &[u8]) -> Seq {
    let mut batch = Batch::new();
    batch.put(namespace, key, value).unwrap();
    store.apply(&batch).unwrap()
}

/// What a store lies on, apart from the store.
pub(crate) struct Bed {
    pub folder: TempDir,
    pub disk: FaultyDisk,
    pub backend: Arc<FaultyBackend>,
}

/// What ends a store without closing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    /// The process is killed: what the kernel was given stays.
    Kill,
    /// The power goes: what was synced stays, and some of the rest.
    PowerCut,
}

impl Bed {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { folder, disk: FaultyDisk::default(), backend: Arc::new(FaultyBackend::new()) }
    }

    pub fn open(&self, options: &Options) -> Result<Store> {
        open_on(self.folder.path(), options, self.disk.clone(), self.backend.clone())
    }

    /// Opens what a process killed now would leave, after `change` was done to its journal.
    pub fn open_killed(&self, options: &Options, change: impl FnOnce(&FaultyDisk)) -> Result<Store> {
        let kept = self.backend.operations_since_flush().len();
        let disk = self.disk.kill_image();
        change(&disk);
        open_on(self.folder.path(), options, disk, Arc::new(self.backend.after_crash(kept)))
    }

    /// Opens what a process killed now would leave, if sled had kept only so many of its writes since the last flush.
    pub fn open_after_writes(&self, options: &Options, kept: usize) -> Result<Store> {
        open_on(self.folder.path(), options, self.disk.kill_image(), Arc::new(self.backend.after_crash(kept)))
    }

    /// The journal's newest segment.
    pub fn newest_segment(&self) -> PathBuf {
        let folder = self.folder.path().join(JOURNAL_FOLDER);
        folder.join(self.disk.list(&folder).unwrap().into_iter().max().unwrap())
    }

    /// Lets nothing reach the disk or the backend any more.
    pub fn stop(&self) {
        self.backend.fail_write(self.backend.writes() + 1);
        self.backend.fail_flush(self.backend.flushes() + 1);
        self.disk.crash_at(self.disk.log().len());
    }

    /// What a crash of the store that lies on it leaves.
    pub fn crash(self, store: &Store, crash: Crash, random: &mut SmallRng) -> Self {
        self.stop();
        // Its threads end; what they still try comes to nothing.
        let _ = store.close();
        // Now and then it falls back behind its last flush, and so behind `CHECKPOINT` (E15).
        let fallen = if random.random_ratio(1, 5) {
            self.backend.after_fall_back(|flushed| random.random_range(0..=flushed.saturating_sub(1)))
        } else {
            None
        };
        // sled hands its buffers over in its own time: any prefix of what was written since its last flush.
        let kept = random.random_range(0..=self.backend.operations_since_flush().len());
        let backend = Arc::new(fallen.unwrap_or_else(|| self.backend.after_crash(kept)));
        let disk = match crash {
            Crash::Kill => self.disk.kill_image(),
            Crash::PowerCut => self.disk.crash_image(random),
        };
        Self { folder: self.folder, disk, backend }
    }
}

fn open_on(folder: &Path, options: &Options, disk: FaultyDisk, backend: Arc<FaultyBackend>) -> Result<Store> {
    let format = Format::new(0x5eed, Compression::Lz4);
    let opened = open::open_over(folder, options, format, Arc::new(disk), Box::new(Shared(backend)));
    opened.map(lifecycle::lease)
}

impl Index for Shared {
    fn replace(&self, key: &[u8], value: Option<&[u8]>) -> Result<Option<Bytes>> {
        self.0.replace(key, value)
    }
}

/// A backend that the test keeps hold of.
pub(crate) struct Shared(pub Arc<FaultyBackend>);

impl Backend for Shared {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.0.get(key)
    }

    fn first_above(&self, key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
        self.0.first_above(key)
    }

    fn for_each(&self, from: &[u8], to: Option<&[u8]>, sink: &mut EntrySink<'_>) -> Result<()> {
        self.0.for_each(from, to, sink)
    }

    fn insert(&self, key: &[u8], value: &[u8]) -> Result<()> {
        self.0.insert(key, value)
    }

    fn remove(&self, key: &[u8]) -> Result<()> {
        self.0.remove(key)
    }

    fn flush_buffers(&self) -> Result<()> {
        self.0.flush_buffers()
    }

    fn flush(&self) -> Result<()> {
        self.0.flush()
    }

    fn size_on_disk(&self) -> Result<u64> {
        self.0.size_on_disk()
    }

    fn memory_bytes(&self) -> usize {
        self.0.memory_bytes()
    }

    fn reads(&self) -> u64 {
        self.0.reads()
    }

    fn close(&self) -> Result<()> {
        self.0.close()
    }
}
