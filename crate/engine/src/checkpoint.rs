//! The checkpoint: a frozen memtable goes into the blocks, and its journal segment may go (E15).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard};

use crate::admission::Admission;
use crate::batch::Batch;
use crate::block::RowRef;
use crate::changes::Changes;
use crate::disk_use::DiskUse;
use crate::error::Result;
use crate::history::History;
use crate::key;
use crate::large::{ChunkedValues, Manifest, ValueId};
use crate::memtable::Memtable;
use crate::merge::{BaseMerge, MergeSource, Versions};
use crate::meta::{self, Applied};
use crate::namespace::{NamespaceId, row};
use crate::options::Durability;
use crate::reclaim::{Reclaim, Walk};
use crate::replay::Recovered;
use crate::rewrite::BlockWriter;
use crate::row::RowKind;
use crate::rows::Rows;
use crate::snapshot::LiveSeqs;
use crate::sorted_run::SortedRun;
use crate::spill::Spilling;
use crate::stats::Counter;
use crate::store::{Inner, Seq};
use crate::store_file;
use crate::tables::Table;

/// Rows and bytes of a namespace's base blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub rows: u64,
    pub bytes: u64,
}

/// A large value whose writer went away before its manifest was committed.
struct Abandoned {
    namespace: NamespaceId,
    id: ValueId,
    /// Its chunks are at or below this seq.
    seq: Seq,
}

/// Where a frozen memtable may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drain {
    /// Into the blocks, and all runs with it.
    Blocks,
    /// Into a sorted run, where that is cheaper.
    Anything,
}

/// What checkpoints know of each other; one runs at a time.
pub(crate) struct Checkpoint {
    /// E15: everything at or below this seq is in the blocks.
    applied: AtomicU64,
    /// E8: no version in history ends above this seq, so later reads need not look there.
    history_end: AtomicU64,
    /// E5: transactions older than this can no longer be validated.
    pub validation_floor: AtomicU64,
    run: Mutex<Run>,
    abandoned: Mutex<Vec<Abandoned>>,
    sizes: Mutex<BTreeMap<u32, Size>>,
    pub disk_use: DiskUse,
    /// E28: rows of blocks that expire.
    pub reclaim: Reclaim,
}

/// State of the one running checkpoint.
pub(crate) struct Run {
    /// Number of the last completed checkpoint.
    pub number: u64,
    /// E15: order-independent hash over all blocks.
    pub hash: u64,
    /// Bytes of all blocks, if they were ever counted (E21).
    pub live_bytes: Option<u64>,
    /// A checkpoint up to this seq was interrupted by a crash; it is repeated (E14).
    pub redo_until: Seq,
    /// What is in the blocks is not what `CHECKPOINT` speaks of: a checkpoint was interrupted, or sled fell back.
    /// Blocks may overlap, and hash and sizes have to be counted anew.
    pub recount: bool,
    /// The applied seq before the current one: the journal is kept from here (E15).
    pub trim_to: Seq,
    /// The applied seq that a sled which loses its last flush comes back with; unknown before the first flush (E15).
    pub falls_back_to: Option<Seq>,
    pub history: History,
    /// The walk after expired rows that is under way (E28).
    pub walk: Option<Walk>,
    /// Number of the next sorted run.
    pub next_run: u32,
    /// Runs that were folded by the last checkpoint; their files go with the next.
    pub folded_runs: Vec<u32>,
    pub spilling: Spilling,
    /// Catalogue rows of chores that the last checkpoint has done. They are forgotten one checkpoint behind, as the
    /// journal is trimmed: sled may fall back behind the last one, and what was reclaimed comes back with it (E15).
    pub reclaimed: Vec<Vec<u8>>,
}

impl Run {
    /// After what an open has found.
    pub fn after(recovered: &Recovered, live_bytes: Option<u64>, has_history: bool) -> Self {
        Self {
            number: recovered.number,
            hash: recovered.hash,
            live_bytes,
            redo_until: recovered.redo_until,
            recount: recovered.recount,
            trim_to: recovered.applied.seq,
            falls_back_to: None,
            next_run: recovered.next_run,
            folded_runs: recovered.folded_runs.clone(),
            spilling: Spilling::default(),
            history: History::new(has_history),
            walk: None,
            reclaimed: Vec::new(),
        }
    }
}

impl Checkpoint {
    pub fn new(applied: Seq, run: Run, sizes: BTreeMap<u32, Size>, disk_use: DiskUse, reclaim: Reclaim) -> Self {
        Self {
            applied: AtomicU64::new(applied),
            history_end: AtomicU64::new(0),
            validation_floor: AtomicU64::new(0),
            run: Mutex::new(run),
            abandoned: Mutex::default(),
            sizes: Mutex::new(sizes),
            disk_use,
            reclaim,
        }
    }

    pub fn applied(&self) -> Seq {
        self.applied.load(Ordering::Acquire)
    }

    /// Whether a reader at `seq` may find its version in history.
    pub fn history_reaches(&self, seq: Seq) -> bool {
        seq < self.history_end.load(Ordering::Acquire)
    }

    /// Whether no reader, and none that comes, looks into history.
    pub fn is_history_unseen(&self, live: &LiveSeqs) -> bool {
        live.oldest().is_none_or(|oldest| !self.history_reaches(oldest))
    }

    /// Called before the block without the old version is written.
    pub fn raise_history_end(&self, seq: Seq) {
        self.history_end.fetch_max(seq, Ordering::AcqRel);
    }

    pub fn size(&self, namespace: NamespaceId) -> Size {
        self.sizes.lock().get(&namespace.get()).copied().unwrap_or_default()
    }

    /// Bytes of the rows in all base blocks.
    pub fn base_bytes(&self) -> u64 {
        self.sizes.lock().values().fold(0, |sum, size| sum.saturating_add(size.bytes))
    }

    /// Rows in all base blocks.
    pub fn base_rows(&self) -> u64 {
        self.sizes.lock().values().fold(0, |sum, size| sum.saturating_add(size.rows))
    }

    pub fn set_sizes(&self, sizes: &BTreeMap<u32, Size>) {
        *self.sizes.lock() = sizes.clone();
    }

    pub fn abandon(&self, namespace: NamespaceId, id: ValueId, seq: Seq) {
        self.abandoned.lock().push(Abandoned { namespace, id, seq });
    }

    /// Keeps checkpoints out while the guard lives.
    pub fn hold(&self) -> MutexGuard<'_, Run> {
        self.run.lock()
    }

    fn apply_sizes(&self, writer: &BlockWriter<'_>) -> Vec<(u32, Size)> {
        let mut sizes = self.sizes.lock();
        for (&namespace, change) in &writer.sizes {
            let size = sizes.entry(namespace).or_default();
            size.rows = size.rows.saturating_add_signed(change.rows);
            size.bytes = size.bytes.saturating_add_signed(change.bytes);
        }
        writer.sizes.keys().map(|&namespace| (namespace, sizes[&namespace])).collect()
    }
}

impl Inner {
    /// Drains the oldest frozen memtable or folds runs; `false` when there is nothing of that, nor anything else to tidy.
    pub fn checkpoint_once(self: &Arc<Self>, into: Drain) -> Result<bool> {
        if self.snapshot_file.is_some() {
            return Ok(false); // E27: it is only read, whatever it asks for
        }
        let mut run = self.begin_checkpoint()?;
        let tables = self.tables.load_full();
        let table = tables.frozen.first();
        self.share_memory();
        if into == Drain::Anything
            && let Some(table) = table.filter(|table| self.is_to_spill(&run, &tables, table))
            && self.spill(&mut run, table).map_err(|error| self.stop_writing(error))?
        {
            self.share_memory();
            self.counters.add(Counter::Checkpoints, 1);
            return Ok(true);
        }
        let folds = match into {
            Drain::Blocks => !tables.runs.is_empty(),
            Drain::Anything => run.recount && !tables.runs.is_empty() || self.is_fold_due(&run, &tables),
        };
        if table.is_none() && !folds && !self.has_chores(&run) && !run.recount {
            return Ok(false);
        }
        // A memtable never passes the runs, which are older.
        let runs: &[Arc<SortedRun>] = if folds || table.is_some() { &tables.runs } else { &[] };
        // Before anybody else begins one: this one's memtable may be applied and not released yet, and a crash in a second
        // merge of it would not be repeated, for what is applied is not replayed (E11, E14).
        self.run_checkpoint(&mut run, table.map(|table| &**table), runs).map_err(|error| self.stop_writing(error))?;
        let left = if runs.is_empty() { tables.runs.clone() } else { Vec::new() };
        match table {
            Some(table) => self.release_oldest_frozen(table, left),
            None if !runs.is_empty() => {
                let _writer = self.lock_writer();
                self.tables.store(Arc::new(self.tables.load_full().with_runs(left)));
            }
            None => {}
        }
        self.retire_runs(&mut run, runs);
        self.share_memory();
        self.counters.add(Counter::Checkpoints, 1);
        Ok(true)
    }

    /// E17: memtables and block cache share a part of the budget. The cache keeps out of the memtables' share while one
    /// waits for its checkpoint, for then the active one may be followed by another at any time. What is derived of rows
    /// has its room from the cache.
    pub fn share_memory(&self) {
        let (_, frozen, retained) = self.tables.load().bytes();
        let shares = self.shares();
        let (least, most) = (shares.block_cache_bytes, shares.block_cache_bytes_max);
        let capacity = if frozen > 0 { least } else { most.saturating_sub(retained).max(least) };
        self.cache.set_capacity(capacity.saturating_sub(self.derived.bytes()));
    }

    /// The right to write blocks; none for anybody after a failure (E11).
    pub fn begin_checkpoint(&self) -> Result<MutexGuard<'_, Run>> {
        let run = self.checkpoint.run.lock();
        self.check_not_poisoned()?;
        Ok(run)
    }

    /// Writes a memtable (or only does chores) in the order of E15.
    fn run_checkpoint(self: &Arc<Self>, run: &mut Run, table: Option<&Table>, runs: &[Arc<SortedRun>]) -> Result<()> {
        let through_runs = runs.last().map_or(self.checkpoint.applied(), |last| last.through());
        let through = table.map_or(through_runs, Table::max_seq);
        // Links the segment that a freeze has made due before the checkpoint's own work (E12).
        self.journal.flush()?;
        self.journal.wait(through, Durability::Full)?;
        let number = run.number + 1;
        meta::write_pending(&*self.backend, through, number)?;
        let live = self.readers.live();
        let mut writer = BlockWriter::new(self, run);
        // Before new rows come: a purge that was interrupted has left gaps where it was.
        self.purge_history(&mut writer, &mut run.history, &live)?;
        if run.recount {
            for namespace in self.droppable(self.journal.durable_seq()) {
                self.remove_blocks(&mut writer, namespace)?;
            }
            writer.add_last_blocks()?;
            writer.remove_rows_of_dropped_values()?;
        }
        if table.is_some() || !runs.is_empty() {
            self.merge(&mut writer, run, (table, runs), &live)?;
        }
        let reclaimed = self.do_chores(&mut writer, through)?;
        if run.recount {
            // Before the memtable goes: until then its rows hide what an overlapping block still holds.
            writer.mend_overlaps()?;
            run.recount = (table.is_some() || !runs.is_empty()) && through < run.redo_until;
        }
        self.complete(run, &mut writer, through, number)?;
        let done = std::mem::replace(&mut run.reclaimed, reclaimed);
        self.forget_catalogue_rows(&done)
    }

    /// Merges runs and a memtable, which is newer than they, into the blocks.
    fn merge(
        self: &Arc<Self>,
        writer: &mut BlockWriter<'_>,
        run: &mut Run,
        (table, runs): (Option<&Table>, &[Arc<SortedRun>]),
        live: &LiveSeqs,
    ) -> Result<()> {
        let mut sources: Vec<MergeSource<'_>> = runs.iter().map(|run| MergeSource::Run(run)).collect();
        let mut merged: u64 = runs.iter().map(|run| run.bytes()).sum();
        let mut chunked = ChunkedValues::default();
        if let Some(table) = table {
            merge_chunks(writer, &table.memtable)?;
            if table.has_chunked_values() {
                chunked = ChunkedValues::write(writer, &table.memtable, live)?;
            }
            sources.push(MergeSource::Memtable(&table.memtable));
            merged += table.memtable.bytes() as u64;
        }
        let written_before = writer.bytes_written;
        let mut merge = BaseMerge::new(&sources, live, &chunked)?;
        merge.run(writer)?;
        run.history.grow(merge.history_rows, live);
        run.spilling.note(writer.bytes_written - written_before, merged);
        Ok(())
    }

    /// The end of E15: applied, flush, `CHECKPOINT`, cache, journal.
    pub fn complete(
        self: &Arc<Self>,
        run: &mut Run,
        writer: &mut BlockWriter<'_>,
        through: Seq,
        number: u64,
    ) -> Result<()> {
        self.backend.reclaim()?;
        for (namespace, size) in self.checkpoint.apply_sizes(writer) {
            meta::write_size(&*self.backend, namespace, size)?;
        }
        self.checkpoint.reclaim.add(&writer.expiries);
        self.write_expiries()?;
        let live = self.checkpoint.disk_use.note(writer.live_bytes);
        if let Some(now) = live.now {
            meta::write_live_bytes(&*self.backend, now, live.most)?;
        }
        meta::write_applied(&*self.backend, &Applied { seq: through, number })?;
        self.backend.flush()?;
        if let Some(folder) = &self.folder {
            store_file::write_checkpoint(
                folder,
                &store_file::CheckpointFile { applied: through, number, hash: writer.hash },
            )?;
        }
        run.number = number;
        run.hash = writer.hash;
        run.live_bytes = writer.live_bytes;
        self.cache.unpin_all();
        let previous = self.checkpoint.applied.swap(through, Ordering::AcqRel);
        self.remove_folded_runs(run);
        self.journal.trim(run.trim_to)?;
        run.trim_to = previous;
        run.falls_back_to = Some(previous);
        self.counters.add(Counter::BlocksWritten, writer.blocks_written);
        self.counters.add(Counter::BlockBytesWritten, writer.bytes_written);
        Ok(())
    }

    /// E5: what it changed is kept while a transaction that began before lives. One that begins meanwhile reads at a
    /// seq that all of it is below, so it is enough to ask once.
    pub fn release_oldest_frozen(&self, drained: &Table, runs: Vec<Arc<SortedRun>>) {
        let oldest = self.readers.oldest_transaction();
        let bytes_max = self.shares().validation_bytes;
        let changes =
            oldest.filter(|&seq| seq < drained.max_seq()).and_then(|_| Changes::of(&drained.memtable, bytes_max));
        let _writer = self.lock_writer();
        let (next, floor) = self.tables.load_full().without_oldest_frozen(runs, changes, oldest, bytes_max);
        // Before the tables: a validation that misses what was let go sees the floor.
        self.checkpoint.validation_floor.fetch_max(floor, Ordering::AcqRel);
        self.tables.store(Arc::new(next));
        let _room = self.room.lock();
        self.room_made.notify_all();
    }

    fn has_chores(&self, run: &Run) -> bool {
        let applied = self.checkpoint.applied();
        let history = self.has_history_to_purge(&run.history);
        let dropped = !self.droppable(applied).is_empty();
        let abandoned = self.checkpoint.abandoned.lock().iter().any(|value| value.seq <= applied);
        history || dropped || abandoned || !run.reclaimed.is_empty()
    }

    /// Purges dropped namespaces and the chunks of dropped values; gives the catalogue rows that remember what is done.
    fn do_chores(&self, writer: &mut BlockWriter<'_>, through: Seq) -> Result<Vec<Vec<u8>>> {
        let mut reclaimed = Vec::new();
        for namespace in self.droppable(through) {
            self.remove_blocks(writer, namespace)?;
            meta::remove_namespace(&*self.backend, namespace)?;
            self.checkpoint.reclaim.forget(namespace);
            reclaimed.push(row::dropped(namespace));
            self.catalogue.forget(namespace);
        }
        let abandoned = self.take_abandoned(through);
        for value in &abandoned {
            meta::write_dropped_value(&*self.backend, value.namespace, value.id)?;
            reclaimed.push(row::pending_value(&value.id.to_bytes()));
        }
        writer.remove_dropped_values()?;
        Ok(reclaimed)
    }

    /// Namespaces that were dropped at or below `through`, which is durable, and that nobody can read any more (E24).
    fn droppable(&self, through: Seq) -> Vec<NamespaceId> {
        let oldest = self.readers.live().oldest();
        let dropped = self.catalogue.dropped().into_iter();
        dropped
            .filter(|&(_, seq)| seq <= through && oldest.is_none_or(|oldest| oldest >= seq))
            .map(|(namespace, _)| namespace)
            .collect()
    }

    fn remove_blocks(&self, writer: &mut BlockWriter<'_>, namespace: NamespaceId) -> Result<()> {
        for space in [key::SPACE_BASE, key::SPACE_HISTORY, key::SPACE_CHUNKS] {
            writer.remove_all(space, namespace, &mut |_, _| Ok(()))?;
            self.cache.remove_namespace(space, namespace.get());
        }
        Ok(())
    }

    fn take_abandoned(&self, through: Seq) -> Vec<Abandoned> {
        let mut abandoned = self.checkpoint.abandoned.lock();
        let (ready, later) = abandoned.drain(..).partition(|value| value.seq <= through);
        *abandoned = later;
        ready
    }

    /// The rows that remembered a chore across crashes; an ordinary commit, so a crash before it repeats the chore.
    fn forget_catalogue_rows(self: &Arc<Self>, keys: &[Vec<u8>]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::new();
        for key in keys {
            batch.delete(NamespaceId::CATALOGUE, key)?;
        }
        match self.apply(&batch, Admission::Unbounded) {
            Err(error) if error.code() == crate::error::ErrorCode::Closed => Ok(()),
            other => other.map(|_| ()),
        }
    }
}

/// Chunks of streamed values go in before any manifest that names them.
fn merge_chunks(writer: &mut BlockWriter<'_>, memtable: &Memtable) -> Result<()> {
    const STEP_BYTES: usize = 1 << 20;
    let mut versions = Versions::of_space(memtable, key::SPACE_CHUNKS);
    let mut rows = Rows::default();
    let mut namespace = None;
    loop {
        let next = versions.peek().and_then(|row| key::split_internal_key(row.key).map(|(_, n, k)| (n, k, row)));
        let in_namespace = next.as_ref().map(|(namespace, ..)| *namespace);
        if !rows.is_empty() && (in_namespace != namespace || rows.block_bytes() >= STEP_BYTES) {
            writer.merge_rows(key::SPACE_CHUNKS, NamespaceId::new(namespace.unwrap_or_default()), &rows)?;
            rows.clear();
        }
        let Some((_, chunk_key, row)) = next else { return Ok(()) };
        namespace = in_namespace;
        rows.push(&crate::large::chunk_row(chunk_key, row.seq, row.value));
        versions.advance();
    }
}

impl BlockWriter<'_> {
    /// Remembers that a large value's last version goes; its chunks follow at the end of the checkpoint.
    pub fn note_dropped_value(&mut self, namespace: NamespaceId, manifest: &Manifest) -> Result<()> {
        meta::write_dropped_value(&*self.inner.backend, namespace, manifest.id)
    }

    /// Before an interrupted checkpoint is repeated: a value may be noted as dropped while the row that names it is still
    /// there. It had expired, or was superseded by what is merged again; its chunks go now, and so must the row.
    fn remove_rows_of_dropped_values(&mut self) -> Result<()> {
        let dropped = meta::dropped_values(&*self.inner.backend)?;
        let ids: BTreeSet<(NamespaceId, ValueId)> = dropped.iter().map(|&(_, namespace, id)| (namespace, id)).collect();
        let namespaces: BTreeSet<NamespaceId> = ids.iter().map(|&(namespace, _)| namespace).collect();
        for namespace in namespaces {
            let mut goes = |_: &mut Self, row: &RowRef<'_>| {
                Ok(row.kind == RowKind::Manifest && ids.contains(&(namespace, Manifest::decode(row.value)?.id)))
            };
            self.remove_rows(key::SPACE_BASE, namespace, &[], None, &mut goes)?;
        }
        Ok(())
    }

    /// Removes the chunks of every value noted as dropped, also by an interrupted checkpoint.
    pub fn remove_dropped_values(&mut self) -> Result<()> {
        let inner = self.inner;
        for (meta_key, namespace, id) in meta::dropped_values(&*inner.backend)? {
            let from = key::chunk_key(id.origin, id.number, 0);
            let to = key::chunk_key(id.origin, id.number, u32::MAX);
            self.remove_range(key::SPACE_CHUNKS, namespace, &from, &to)?;
            inner.backend.remove(&meta_key)?;
        }
        Ok(())
    }

    /// Before an interrupted checkpoint is repeated: a namespace's first blocks come before its last one, so the last
    /// one may be missing. An empty one takes its place (E14).
    fn add_last_blocks(&mut self) -> Result<()> {
        let inner = self.inner;
        for space in [key::SPACE_BASE, key::SPACE_CHUNKS, key::SPACE_HISTORY] {
            for namespace in meta::namespaces_with_blocks(&*inner.backend, space)? {
                if inner.backend.get(&key::block_key(space, namespace.get(), None))?.is_some() {
                    continue;
                }
                let mut low = Vec::new();
                while let Some(fence) = self.load(space, namespace, &low)?.and_then(|old| old.fence) {
                    low = fence;
                }
                self.insert(space, namespace, &low, None, &[])?;
            }
        }
        Ok(())
    }

    /// After an interrupted checkpoint was repeated: rewrites blocks that overlap their left neighbor (E14) and
    /// counts the hash and the sizes anew, for what the interrupted run changed was not counted.
    fn mend_overlaps(&mut self) -> Result<()> {
        let inner = self.inner;
        let mut overlapping: Vec<(u8, NamespaceId, Vec<u8>)> = Vec::new();
        for space in [key::SPACE_BASE, key::SPACE_CHUNKS, key::SPACE_HISTORY] {
            for namespace in meta::namespaces_with_blocks(&*inner.backend, space)? {
                let mut position = Vec::new();
                while let Some(old) = self.load(space, namespace, &position)? {
                    if old.low != old.block.header().low {
                        overlapping.push((space, namespace, position.clone()));
                    }
                    let Some(fence) = old.fence else { break };
                    position = fence;
                }
            }
        }
        for (space, namespace, position) in overlapping {
            self.rewrite_block(space, namespace, &position)?;
        }
        self.recount()
    }
}
