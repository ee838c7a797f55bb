//! The commit path: validate → journal buffer → memtable → visible (E2), back-pressure (E18), poisoning (E11).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::batch::{Batch, Operation, OperationKind};
use crate::error::{Error, ErrorCode, Result};
use crate::journal::RecordKind;
use crate::key;
use crate::large::LargeWriter;
use crate::memtable::Memtable;
use crate::namespace::NamespaceId;
use crate::options::{Durability, VALUE_STREAMED_ABOVE};
use crate::row::RowKind;
use crate::stats::Counter;
use crate::store::{Inner, Seq, Status};
use crate::tables::{FROZEN_MAX, Table};

/// What only the holder of the writer mutex may touch.
pub(crate) struct Writer {
    /// E1: the seq of the next commit; dense.
    pub next_seq: Seq,
    key: Vec<u8>,
    range_end: Vec<u8>,
}

impl Writer {
    pub fn new(next_seq: Seq) -> Self {
        Self { next_seq, key: Vec::new(), range_end: Vec::new() }
    }
}

/// How a write meets full memtables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Blocks until there is room.
    Block,
    /// May overshoot the memtable by half; its answer is held back instead (E18).
    Overshoot,
    /// The checkpoint's own small commits: they must not wait for a checkpoint.
    Unbounded,
}

impl Inner {
    /// Applies a batch: visible when this returns, durable after [`Inner::wait`].
    pub fn apply(self: &Arc<Self>, batch: &Batch, admission: Admission) -> Result<Seq> {
        self.apply_if(batch, admission, |_| Ok(()))
    }

    /// Applies a batch if `check`, run under the writer mutex, finds nothing against it.
    pub fn apply_if(
        self: &Arc<Self>,
        batch: &Batch,
        admission: Admission,
        check: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<Seq> {
        self.check_batch_size(batch)?;
        if batch.operations().any(|operation| operation.value.len() > VALUE_STREAMED_ABOVE) {
            let (batch, mut writers) = self.stream_large_values(batch)?;
            let seq = self.apply_small(&batch, admission, check)?;
            writers.iter_mut().for_each(LargeWriter::settle);
            return Ok(seq);
        }
        self.apply_small(batch, admission, check)
    }

    fn apply_small(&self, batch: &Batch, admission: Admission, check: impl FnOnce(&Self) -> Result<()>) -> Result<Seq> {
        self.admit(admission)?;
        let mut writer = self.writer.lock();
        check(self)?;
        self.apply_locked(&mut writer, batch)
    }

    /// E2: nothing here waits for I/O or runs foreign code; the caller holds the writer mutex.
    pub fn apply_locked(&self, writer: &mut Writer, batch: &Batch) -> Result<Seq> {
        self.check_writable()?;
        self.check_namespaces(batch)?;
        let seq = writer.next_seq;
        let appended = self.journal.append(RecordKind::Commit, seq, batch.as_bytes()).map_err(|e| self.poison(e))?;
        writer.next_seq += 1;
        let tables = self.tables.load();
        for operation in batch.operations() {
            insert(&tables.active, writer, seq, &operation)?;
        }
        self.visible.store(seq, Ordering::SeqCst);
        if self.poisoned.get().is_some() {
            // A failure met meanwhile has put the visible seq back; this commit must not raise it again (E11).
            self.hide_undurable();
        }
        self.counters.add(Counter::Commits, 1);
        if tables.active.memtable.bytes() >= self.plan.memtable_bytes && tables.frozen.len() < FROZEN_MAX {
            self.freeze(writer)?;
        }
        if appended.buffer_full {
            self.background.tick_now();
        }
        Ok(seq)
    }

    /// Waits until `seq` is durable at `level` (E3, E4).
    pub fn wait(&self, seq: Seq, level: Durability) -> Result<()> {
        if level == Durability::None {
            self.background.arm_ticker();
            return self.check_writable_or_closed();
        }
        self.journal.wait(seq, level).map_err(|error| self.poison(error))
    }

    /// Freezes the active memtable and starts a journal segment; the caller holds the writer mutex.
    pub fn freeze(&self, writer: &Writer) -> Result<()> {
        let tables = self.tables.load_full();
        if tables.active.memtable.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.journal.switch_segment(writer.next_seq) {
            return Err(self.poison(error));
        }
        self.tables.store(Arc::new(tables.with_frozen_active(Table::new())));
        self.background.wake_checkpoint();
        Ok(())
    }

    /// E18: holds a writer back while two memtables are frozen and the active one is full.
    fn admit(&self, admission: Admission) -> Result<()> {
        let limit = match admission {
            Admission::Block => self.plan.memtable_bytes,
            Admission::Overshoot => self.plan.memtable_bytes + self.plan.memtable_bytes / 2,
            Admission::Unbounded => return Ok(()),
        };
        if !self.is_full(limit) {
            return Ok(());
        }
        self.wait_for_room(limit)
    }

    /// Holds an answer back until a synchronous writer would be let in (E18).
    pub fn wait_until_admitted(&self) -> Result<()> {
        self.admit(Admission::Block)
    }

    fn wait_for_room(&self, limit: usize) -> Result<()> {
        let start = Instant::now();
        self.counters.add(Counter::Stalls, 1);
        let mut guard = self.room.lock();
        while self.is_full(limit) {
            self.check_writable()?;
            self.background.wake_checkpoint();
            self.room_made.wait_for(&mut guard, std::time::Duration::from_millis(100));
        }
        self.counters.add(Counter::StallMicros, start.elapsed().as_micros() as u64);
        Ok(())
    }

    /// Whether a synchronous writer would be let in at once.
    pub fn has_room(&self) -> bool {
        !self.is_full(self.plan.memtable_bytes)
    }

    fn is_full(&self, limit: usize) -> bool {
        let tables = self.tables.load();
        tables.frozen.len() >= FROZEN_MAX && tables.active.memtable.bytes() >= limit
    }

    fn check_batch_size(&self, batch: &Batch) -> Result<()> {
        let limit = self.options.batch_bytes_max();
        // One value alone is streamed and never whole in memory (E16).
        if batch.as_bytes().len() > limit && batch.len() > 1 {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!(
                    "the batch has {} bytes, more than half the memory budget ({limit}); split it, or use bulk load",
                    batch.as_bytes().len()
                ),
            ));
        }
        Ok(())
    }

    /// E24: checked under the mutex, so that a drop and a write cannot pass each other.
    fn check_namespaces(&self, batch: &Batch) -> Result<()> {
        let mut live = NamespaceId::CATALOGUE;
        for operation in batch.operations() {
            if operation.namespace != live {
                if !self.catalogue.is_live(operation.namespace) {
                    return Err(self.catalogue.dropped_error(operation.namespace));
                }
                live = operation.namespace;
            }
        }
        Ok(())
    }

    pub fn check_writable(&self) -> Result<()> {
        if let Some(cause) = self.poisoned.get() {
            return Err(storage_failed(cause));
        }
        match self.status() {
            Status::Open => Ok(()),
            _ => Err(self.closed()),
        }
    }

    fn check_writable_or_closed(&self) -> Result<()> {
        self.poisoned.get().map_or(Ok(()), |cause| Err(storage_failed(cause)))
    }

    pub fn closed(&self) -> Error {
        Error::new(ErrorCode::Closed, format!("the store at {} is closed; open it again", self.place()))
    }

    /// E11: the first failure ends all writing; reads go on up to what is durable.
    pub fn poison(&self, cause: Error) -> Error {
        if cause.code() == ErrorCode::Closed {
            return cause;
        }
        let first = self.poisoned.set(cause.clone()).is_ok();
        self.hide_undurable();
        if first {
            let error = storage_failed(&cause);
            for listener in self.error_listeners.lock().drain(..) {
                listener(&error);
            }
            self.room_made.notify_all();
        }
        storage_failed(self.poisoned.get().unwrap_or(&cause))
    }

    fn hide_undurable(&self) {
        self.visible.fetch_min(self.journal.durable_seq().max(self.checkpoint.applied()), Ordering::SeqCst);
    }
}

/// The error every write gets once the store is poisoned.
pub(crate) fn storage_failed(cause: &Error) -> Error {
    Error::new(
        ErrorCode::StorageFailed,
        format!(
            "the store stopped writing after a failure: {}; close it, mend the cause and open it again",
            cause.what()
        ),
    )
    .with_source(cause.clone())
}

/// Puts one operation into a memtable; used by commits and by recovery.
pub(crate) fn insert(table: &Table, writer: &mut Writer, seq: Seq, operation: &Operation<'_>) -> Result<()> {
    let namespace = operation.namespace.get();
    let space = if operation.kind == OperationKind::Chunk { key::SPACE_CHUNKS } else { key::SPACE_BASE };
    writer.key.clear();
    key::push_internal_key(&mut writer.key, space, namespace, operation.key);
    let memtable: &Memtable = &table.memtable;
    if space == key::SPACE_BASE && operation.namespace != NamespaceId::CATALOGUE {
        table.note_readable(seq);
    }
    let kind = match operation.kind {
        OperationKind::Put | OperationKind::PutExpiring | OperationKind::Chunk => RowKind::Value,
        OperationKind::PutManifest => RowKind::Manifest,
        OperationKind::Delete => RowKind::Tombstone,
        OperationKind::Clear => {
            writer.range_end.clear();
            key::push_internal_key(&mut writer.range_end, space, namespace, operation.value);
            return insert_range(memtable, &writer.key, &writer.range_end, seq);
        }
        OperationKind::ClearToEnd => {
            writer.range_end = key::internal_end(space, namespace);
            return insert_range(memtable, &writer.key, &writer.range_end, seq);
        }
    };
    let value = if kind == RowKind::Tombstone { &[] } else { operation.value };
    if space == key::SPACE_BASE && kind == RowKind::Value {
        table.note_value(value.len());
    }
    memtable.insert(&writer.key, seq, kind, operation.expires_at, value)
}

fn insert_range(memtable: &Memtable, start: &[u8], end: &[u8], seq: Seq) -> Result<()> {
    if start < end {
        memtable.insert_range_tombstone(start, end, seq);
    }
    Ok(())
}
