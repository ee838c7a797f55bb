//! The commit path: validate → journal buffer → memtable → visible (E2).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::admission::Admission;
use crate::batch::{Batch, Operation, OperationKind, Parts};
use crate::error::{Error, ErrorCode, Result};
use crate::journal::{Appended, RecordKind};
use crate::key;
use crate::large::LargeWriter;
use crate::memtable::Memtable;
use crate::namespace::NamespaceId;
use crate::options::{Durability, VALUE_STREAMED_ABOVE};
use crate::poison::storage_failed;
use crate::row::RowKind;
use crate::stats::Counter;
use crate::store::{Inner, Seq, Status};
use crate::tables::{FROZEN_MAX, Table};
use crate::writer::Writer;

impl Inner {
    /// Applies a batch: visible when this returns, durable after [`Inner::wait`].
    pub fn apply(self: &Arc<Self>, batch: &Batch, admission: Admission) -> Result<Seq> {
        self.apply_if(batch.into(), admission, |_| Ok(()))
    }

    /// Applies batches as one if `check`, run under the writer mutex, finds nothing against it.
    pub fn apply_if(
        self: &Arc<Self>,
        parts: Parts<'_>,
        admission: Admission,
        check: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<Seq> {
        if parts.len() == 0 {
            // It takes no seq: no memtable would hold it, so no checkpoint would ever apply it.
            let _writer = self.lock_writer();
            self.check_writable()?;
            check(self)?;
            return Ok(self.visible.load(Ordering::SeqCst));
        }
        self.check_batch_size(parts)?;
        if parts.operations().any(|operation| operation.value.len() > VALUE_STREAMED_ABOVE) {
            let (batch, mut writers) = self.stream_large_values(parts)?;
            let seq = self.apply_small((&batch).into(), admission, check)?;
            writers.iter_mut().for_each(LargeWriter::settle);
            return Ok(seq);
        }
        self.apply_small(parts, admission, check)
    }

    fn apply_small(
        &self,
        parts: Parts<'_>,
        admission: Admission,
        check: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<Seq> {
        let mut writer = self.lock_admitted(parts.bytes(), admission)?;
        check(self)?;
        let seq = self.apply_locked(&mut writer, parts, |_| ())?;
        drop(writer);
        self.drain_journal_buffer()?;
        Ok(seq)
    }

    /// E2: nothing here waits for I/O or runs foreign code; the caller holds the writer mutex. `before_visible` changes
    /// what readers look at beside the rows: nobody reads at the commit's seq yet.
    pub fn apply_locked(&self, writer: &mut Writer, parts: Parts<'_>, before_visible: impl FnOnce(Seq)) -> Result<Seq> {
        self.check_writable()?;
        self.check_namespaces(parts)?;
        let seq = writer.next_seq;
        let appended = self.append(seq, parts).map_err(|error| self.poison_locked(writer, error))?;
        writer.next_seq += 1;
        if appended.buffer_full {
            // Another thread writes it while this one fills the memtable.
            self.background.tick_now();
        }
        let tables = self.tables.load();
        self.derived.stamps.begin(parts);
        for batch in parts.each() {
            for operation in batch.operations() {
                // What is journaled and not in the memtable as a whole must not be read.
                insert(&tables.active, writer, seq, &operation).map_err(|error| self.poison_locked(writer, error))?;
            }
        }
        self.derived.watches.note(seq, parts);
        before_visible(seq);
        self.visible.store(seq, Ordering::SeqCst);
        self.derived.stamps.end(parts);
        if self.poisoned.get().is_some() {
            // A failure met meanwhile has put the visible seq back; this commit must not raise it again (E11).
            self.hide_undurable();
        }
        self.counters.add(Counter::Commits, 1);
        if tables.active.memtable.bytes() >= self.shares().memtable_bytes && tables.frozen.len() < FROZEN_MAX {
            self.freeze(writer)?;
        }
        Ok(seq)
    }

    fn append(&self, seq: Seq, parts: Parts<'_>) -> Result<Appended> {
        if parts.behind.is_empty() {
            return self.journal.append(RecordKind::Commit, seq, parts.first.as_bytes());
        }
        let payload: Vec<&[u8]> = parts.each().map(Batch::as_bytes).collect();
        self.journal.append_parts(RecordKind::Commit, seq, &payload)
    }

    /// Waits until `seq` is durable at `level` (E3, E4).
    pub fn wait(&self, seq: Seq, level: Durability) -> Result<()> {
        self.check_given(seq)?;
        if level == Durability::None {
            self.background.arm_ticker();
            return self.check_not_poisoned();
        }
        self.journal.wait(seq, level).map_err(|error| self.poison(error))?;
        if self.poisoned.get().is_some() && seq > self.visible.load(Ordering::SeqCst) {
            // E11: the failure came first and hides the commit, so it is not acknowledged, though the journal has it now.
            return self.check_not_poisoned();
        }
        if level == Durability::Full {
            // E10: when nothing more is written, the file must still be told what became durable.
            self.background.arm_ticker();
        }
        Ok(())
    }

    /// Refuses a seq that no commit was given: nothing would ever make it durable.
    pub fn check_given(&self, seq: Seq) -> Result<()> {
        // In this order: a failure is known before it puts the visible seq back.
        let visible = self.visible.load(Ordering::SeqCst);
        if seq <= visible || self.poisoned.get().is_some() {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::InvalidArgument,
            format!("no commit has seq {seq} yet, the newest is {visible}; wait for a seq that a write has answered"),
        ))
    }

    /// Freezes the active memtable and starts a journal segment; the caller holds the writer mutex.
    pub fn freeze(&self, writer: &Writer) -> Result<()> {
        let tables = self.tables.load_full();
        if tables.active.memtable.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.journal.switch_segment(writer.next_seq) {
            return Err(self.poison_locked(writer, error));
        }
        self.tables.store(Arc::new(tables.with_frozen_active(Table::new())));
        self.background.wake_checkpoint();
        Ok(())
    }

    fn check_batch_size(&self, parts: Parts<'_>) -> Result<()> {
        let (bytes, limit) = (parts.bytes(), self.options.batch_bytes_max());
        // One value alone is streamed and never whole in memory (E16).
        if bytes > limit && parts.len() > 1 {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!(
                    "the batch has {bytes} bytes, more than half the memory budget ({limit}); split it, or use bulk load"
                ),
            ));
        }
        Ok(())
    }

    /// E24: checked under the mutex, so that a drop and a write cannot pass each other.
    fn check_namespaces(&self, parts: Parts<'_>) -> Result<()> {
        let mut live = NamespaceId::CATALOGUE;
        for operation in parts.operations() {
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
        if let Some(file) = &self.snapshot_file {
            let what =
                format!("{} is a published snapshot and is only read; write to the store itself", file.display());
            return Err(Error::new(ErrorCode::ReadOnly, what));
        }
        // Looked at first: a failure that comes between the two is told as what it is.
        let status = self.status();
        self.check_not_poisoned()?;
        match status {
            Status::Open => Ok(()),
            _ => Err(self.closed()),
        }
    }

    pub fn check_not_poisoned(&self) -> Result<()> {
        self.poisoned.get().map_or(Ok(()), |cause| Err(storage_failed(cause)))
    }

    pub fn closed(&self) -> Error {
        Error::new(ErrorCode::Closed, format!("the store at {} is closed; open it again", self.place()))
    }
}

/// Puts one operation into a memtable; used by commits and by recovery.
pub(crate) fn insert(table: &Table, writer: &mut Writer, seq: Seq, operation: &Operation<'_>) -> Result<()> {
    let namespace = operation.namespace.get();
    let space = if operation.kind == OperationKind::Chunk { key::SPACE_CHUNKS } else { key::SPACE_BASE };
    writer.key.clear();
    key::push_internal_key(&mut writer.key, space, namespace, operation.key);
    let memtable: &Memtable = &table.memtable;
    if !matches!(operation.kind, OperationKind::Put | OperationKind::PutExpiring | OperationKind::Delete) {
        table.note_other();
    }
    let kind = match operation.kind {
        OperationKind::Put | OperationKind::PutExpiring | OperationKind::Chunk => RowKind::Value,
        OperationKind::PutManifest | OperationKind::PutManifestExpiring => RowKind::Manifest,
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
    if let Some(expires_at) = operation.expires_at {
        table.note_expiry(expires_at);
    }
    memtable.insert(&writer.key, seq, kind, operation.expires_at, value)
}

fn insert_range(memtable: &Memtable, start: &[u8], end: &[u8], seq: Seq) -> Result<()> {
    if start < end {
        memtable.insert_range_tombstone(start, end, seq);
    }
    Ok(())
}
