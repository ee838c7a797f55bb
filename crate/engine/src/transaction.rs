//! Optimistic transactions: reads at a snapshot are recorded, writes buffered, both checked at commit (E5).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::admission::Admission;
use crate::batch::{self, Batch, Parts};
use crate::error::{Error, ErrorCode, Result};
use crate::key;
use crate::namespace::NamespaceId;
use crate::options::Durability;
use crate::range::KeyRange;
use crate::read::{PageIn, paged};
use crate::row::{Row, RowKind};
use crate::rows::Rows;
use crate::scan::{Recorder, Scan, ScanOptions};
use crate::snapshot::{Pin, PinKind};
use crate::stats::Counter;
use crate::store::{Inner, Read, Seq, Store, Write};
use crate::tables::Tables;

/// What a scan covered: inclusive start, exclusive end (none: to the end of the namespace).
pub(crate) struct ReadRange {
    pub namespace: NamespaceId,
    pub start: Vec<u8>,
    pub end: Option<Vec<u8>>,
    pub asked_start: Vec<u8>,
    pub asked_end: Option<Vec<u8>>,
}

/// Everything a transaction has read.
#[derive(Default)]
pub(crate) struct ReadSet {
    /// Internal keys, missing ones too.
    pub keys: HashSet<Vec<u8>>,
    pub ranges: Vec<ReadRange>,
    /// Where all of them are.
    namespaces: BTreeSet<NamespaceId>,
}

/// A transaction's own writes to one namespace.
#[derive(Clone, Default)]
pub(crate) struct Overlay {
    rows: BTreeMap<Vec<u8>, Option<OwnValue>>,
    cleared: Vec<KeyRange>,
}

/// A value that a transaction has put.
#[derive(Clone)]
struct OwnValue {
    bytes: Vec<u8>,
    expires_at: Option<u64>,
}

impl OwnValue {
    /// The value, as the transaction itself reads it (E28).
    fn at(&self, time_ms: u64) -> Option<&[u8]> {
        self.expires_at.is_none_or(|at| at > time_ms).then_some(&self.bytes)
    }
}

impl Overlay {
    /// `None`: not written; `Some(None)`: removed.
    fn get(&self, key: &[u8], time_ms: u64) -> Option<Option<&[u8]>> {
        match self.rows.get(key) {
            Some(value) => Some(value.as_ref().and_then(|value| value.at(time_ms))),
            None if self.cleared.iter().any(|range| range.contains(key)) => Some(None),
            None => None,
        }
    }

    /// Lays the writes over a scan's rows of `[low, high)`.
    pub fn merge_into(&self, buffer: &mut Rows, low: &[u8], high: Option<&[u8]>, reverse: bool, time_ms: u64) {
        let inside = |key: &[u8]| key >= low && high.is_none_or(|high| key < high);
        let rows = self.rows.range(low.to_vec()..).take_while(|(key, _)| inside(key));
        let in_time = rows.map(|(key, value)| (key, value.as_ref().and_then(|value| value.at(time_ms))));
        let mut own: Vec<(&Vec<u8>, Option<&[u8]>)> = in_time.collect();
        if own.is_empty() && self.cleared.is_empty() {
            return;
        }
        if reverse {
            own.reverse();
        }
        let base = std::mem::take(buffer);
        let mut own = own.into_iter().peekable();
        let earlier = |a: &[u8], b: &[u8]| if reverse { a > b } else { a < b };
        for row in base.iter() {
            while let Some((key, value)) = own.next_if(|(key, _)| earlier(key, row.key)) {
                push_own(buffer, key, value);
            }
            if let Some((key, value)) = own.next_if(|(key, _)| key.as_slice() == row.key) {
                push_own(buffer, key, value);
            } else if !self.cleared.iter().any(|range| range.contains(row.key)) {
                buffer.push(&row);
            }
        }
        own.for_each(|(key, value)| push_own(buffer, key, value));
    }
}

fn push_own(buffer: &mut Rows, key: &[u8], value: Option<&[u8]>) {
    if let Some(value) = value {
        let row = Row { key, seq: Seq::MAX, kind: RowKind::Value, expires_at: None, end_seq: None, value };
        buffer.push(&row);
    }
}

/// A transaction; it ends with [`Transaction::commit`], [`Transaction::abort`] or by being dropped.
pub struct Transaction {
    inner: Arc<Inner>,
    pin: Pin,
    reads: Arc<Mutex<ReadSet>>,
    /// Shared with scans under way; a write after one copies what it changes.
    writes: BTreeMap<NamespaceId, Arc<Overlay>>,
    /// Writes that it does not look at again, as they are journaled.
    unread: Vec<Batch>,
    bytes: usize,
    /// A write was refused, so the transaction lacks a part of what its caller meant: it may not commit.
    refused: Option<Error>,
}

impl Transaction {
    pub(crate) fn begin(inner: &Arc<Inner>) -> Result<Self> {
        let pin = inner.readers.pin(&inner.visible, PinKind::Transaction);
        // Behind the pin: a failure before it has put the visible seq back, and what was acknowledged would seem undone.
        inner.check_writable()?;
        let (reads, writes, unread) = (Arc::default(), BTreeMap::new(), Vec::new());
        Ok(Self { inner: inner.clone(), pin, reads, writes, unread, bytes: 0, refused: None })
    }

    /// The seq it reads at.
    pub fn seq(&self) -> Seq {
        self.pin.seq
    }

    /// Checks what was read, then commits what was written.
    ///
    /// # Errors
    /// `CONFLICT` when something read has changed, or the transaction is too old to tell; otherwise as
    /// [`crate::Store::commit`]. Nothing is written then.
    pub fn commit(self, level: Durability) -> Result<Seq> {
        let seq = self.apply()?;
        self.inner.wait(seq, level)?;
        Ok(seq)
    }

    /// As [`Transaction::commit`], visible at once and durable after [`crate::Store::wait`].
    ///
    /// # Errors
    /// As [`Transaction::commit`].
    pub fn apply(&self) -> Result<Seq> {
        self.apply_admitted(Admission::Block)
    }

    /// As [`Transaction::apply`], but lets the memtable overshoot as [`crate::Store::apply_overshooting`] does (E18).
    ///
    /// # Errors
    /// As [`Transaction::commit`].
    pub fn apply_overshooting(&self) -> Result<Seq> {
        self.apply_admitted(Admission::Overshoot)
    }

    fn apply_admitted(&self, admission: Admission) -> Result<Seq> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        let reads = self.reads.lock();
        let batch = self.to_batch()?;
        let parts = Parts { first: &batch, behind: &self.unread };
        // The long part of the check runs before the writer mutex is taken, the rest under it.
        let checked = self.inner.visible.load(std::sync::atomic::Ordering::SeqCst);
        self.inner.check_writable()?;
        self.validate(&reads, self.pin.seq)?;
        if parts.len() == 0 {
            return Ok(self.pin.seq);
        }
        self.inner.apply_if(parts, admission, |inner| {
            self.check_namespaces(&reads)?;
            if inner.visible.load(std::sync::atomic::Ordering::SeqCst) == checked {
                return self.check_age();
            }
            self.validate_newest(&reads, checked)
        })
    }

    /// Takes over a batch of puts whose keys nothing else is done to in the transaction: they are not read, written again
    /// or removed there, alone or in a range. They are journaled as they stand, behind all else that it writes, which
    /// costs less than [`Write::put`] and lets other threads make them.
    ///
    /// # Errors
    /// `TOO_LARGE`.
    pub fn put_unread(&mut self, batch: Batch) -> Result<()> {
        self.grow(batch.as_bytes().len())?;
        self.unread.push(batch);
        Ok(())
    }

    /// Forgets what was written.
    pub fn abort(self) {}

    /// Rows put unread are applied behind all others: what else is done to one of them would be lost.
    #[cfg(feature = "invariants")]
    fn check_unread(&self) {
        for put in self.unread.iter().flat_map(Batch::operations) {
            assert_eq!(put.kind, batch::OperationKind::Put, "no row is put");
            assert!(self.own(put.namespace, put.key).is_none(), "a row put unread is written or removed, too");
        }
    }

    fn to_batch(&self) -> Result<Batch> {
        #[cfg(feature = "invariants")]
        self.check_unread();
        let mut batch = Batch::new();
        for (&namespace, overlay) in &self.writes {
            // Puts that a clear followed are gone from the overlay, so clears come first.
            for range in &overlay.cleared {
                batch.clear(namespace, range)?;
            }
            for (key, value) in &overlay.rows {
                match value {
                    Some(OwnValue { bytes, expires_at: None }) => batch.put(namespace, key, bytes)?,
                    Some(OwnValue { bytes, expires_at: Some(at) }) => batch.put_expiring(namespace, key, bytes, *at)?,
                    None => batch.delete(namespace, key)?,
                }
            }
        }
        Ok(batch)
    }

    /// E5: what validation needs of drained memtables is kept within bounds.
    fn check_age(&self) -> Result<()> {
        let floor = self.inner.checkpoint.validation_floor.load(std::sync::atomic::Ordering::Acquire);
        if self.pin.seq < floor {
            self.inner.counters.add(Counter::Conflicts, 1);
            return Err(Error::new(
                ErrorCode::Conflict,
                "the transaction is too old: more was written since it began than is kept for checking; run it again",
            ));
        }
        Ok(())
    }

    /// E24: a drop is a change of all that was read in the namespace.
    fn check_namespaces(&self, reads: &ReadSet) -> Result<()> {
        let gone = reads.namespaces.iter().find(|&&namespace| !self.inner.catalogue.is_live(namespace));
        gone.map_or(Ok(()), |&namespace| Err(self.inner.catalogue.dropped_error(namespace)))
    }

    /// Any version newer than `since` of a read key, or inside a covered range, is a conflict.
    fn validate(&self, reads: &ReadSet, since: Seq) -> Result<()> {
        let tables = self.inner.tables.load_full();
        self.check_age()?;
        for table in tables.newest_first().filter(|table| table.max_seq() > since) {
            let memtable = &table.memtable;
            if let Some(key) = reads.keys.iter().find(|key| memtable.newest_seq(key).is_some_and(|seq| seq > since)) {
                return Err(self.conflict(key));
            }
            for range in &reads.ranges {
                let (start, end) = internal_range(range);
                if start < end && memtable.changed_in_range(&start, &end, since) {
                    return Err(self.conflict(&start));
                }
            }
        }
        self.validate_drained(&tables, reads, since)
    }

    fn validate_drained(&self, tables: &Tables, reads: &ReadSet, since: Seq) -> Result<()> {
        for changes in tables.retained.iter().filter(|changes| changes.newest() > since) {
            if let Some(key) = reads.keys.iter().find(|key| changes.changed_key(key, since)) {
                return Err(self.conflict(key));
            }
            for range in &reads.ranges {
                let (start, end) = internal_range(range);
                if changes.changed_in_range(&start, &end, since) {
                    return Err(self.conflict(&start));
                }
            }
        }
        Ok(())
    }

    /// The rest of the check, under the writer mutex: looks at what was appended since, not at what was read.
    fn validate_newest(&self, reads: &ReadSet, since: Seq) -> Result<()> {
        self.check_age()?;
        let tables = self.inner.tables.load_full();
        let ranges: Vec<(Vec<u8>, Vec<u8>)> = reads.ranges.iter().map(internal_range).collect();
        for table in tables.newest_first().filter(|table| table.max_seq() > since) {
            let mut hit: Option<Vec<u8>> = None;
            let mut tombstone_hit: Option<Vec<u8>> = None;
            table.memtable.changed_since(
                since,
                &mut |key| {
                    let read = reads.keys.contains(key)
                        || ranges.iter().any(|(start, end)| start.as_slice() <= key && key < end.as_slice());
                    if read {
                        hit = Some(key.to_vec());
                    }
                    !read
                },
                &mut |from, to| {
                    let overlaps = ranges.iter().any(|(start, end)| start.as_slice() < to && from < end.as_slice());
                    let read = overlaps || reads.keys.iter().any(|key| from <= key.as_slice() && key.as_slice() < to);
                    if read {
                        tombstone_hit = Some(from.to_vec());
                    }
                    !read
                },
            );
            if let Some(key) = hit.or(tombstone_hit) {
                return Err(self.conflict(&key));
            }
        }
        // A memtable filled since may be drained already.
        self.validate_drained(&tables, reads, since)
    }

    fn conflict(&self, internal: &[u8]) -> Error {
        self.inner.counters.add(Counter::Conflicts, 1);
        let namespace = key::split_internal_key(internal).map_or(0, |(_, namespace, _)| namespace);
        let name = self.inner.catalogue.by_id(NamespaceId::new(namespace)).map(|n| n.name.clone()).unwrap_or_default();
        Error::new(
            ErrorCode::Conflict,
            format!("another commit changed what the transaction read in namespace \"{name}\"; run it again"),
        )
    }

    /// Hands a value on, if there is one, and records that it was looked for.
    fn read(&self, namespace: NamespaceId, key: &[u8], apply: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.inner.check_readable()?;
        if let Some(own) = self.own(namespace, key) {
            if let Some(value) = own {
                apply(value);
            }
            return Ok(());
        }
        let outcome = self.inner.read_at(namespace, key, self.pin.moment(), PageIn::Allowed, apply)?;
        self.record_read(namespace, key);
        paged(outcome).map(|_| ())
    }

    fn record_read(&self, namespace: NamespaceId, key: &[u8]) {
        let mut internal = Vec::with_capacity(key::KEY_HEAD_BYTES + key.len());
        key::push_internal_key(&mut internal, key::SPACE_BASE, namespace.get(), key);
        let mut reads = self.reads.lock();
        reads.keys.insert(internal);
        reads.namespaces.insert(namespace);
    }

    fn write(&mut self, namespace: NamespaceId, key: &[u8], value: Option<(&[u8], Option<u64>)>) -> Result<()> {
        batch::check_key(key)?;
        self.grow(batch::OPERATION_HEADER_BYTES + key.len() + value.map_or(0, |(bytes, _)| bytes.len()))?;
        let overlay = Arc::make_mut(self.writes.entry(namespace).or_default());
        let value = value.map(|(bytes, expires_at)| OwnValue { bytes: bytes.to_vec(), expires_at });
        overlay.rows.insert(key.to_vec(), value);
        Ok(())
    }

    fn own(&self, namespace: NamespaceId, key: &[u8]) -> Option<Option<&[u8]>> {
        self.writes.get(&namespace).and_then(|overlay| overlay.get(key, self.pin.time_ms))
    }

    fn grow(&mut self, bytes: usize) -> Result<()> {
        let limit = self.inner.options.batch_bytes_max();
        if self.bytes + bytes > limit && self.bytes > 0 {
            let error = Error::new(
                ErrorCode::TooLarge,
                format!(
                    "the transaction writes more than half the memory budget ({limit} bytes); split it, or use bulk load"
                ),
            );
            self.refused = Some(error.clone());
            return Err(error);
        }
        self.bytes += bytes;
        Ok(())
    }
}

fn internal_range(range: &ReadRange) -> (Vec<u8>, Vec<u8>) {
    let mut start = Vec::new();
    key::push_internal_key(&mut start, key::SPACE_BASE, range.namespace.get(), &range.start);
    let end = match &range.end {
        Some(end) => {
            let mut internal = Vec::new();
            key::push_internal_key(&mut internal, key::SPACE_BASE, range.namespace.get(), end);
            internal
        }
        None => key::internal_end(key::SPACE_BASE, range.namespace.get()),
    };
    (start, end)
}

impl Store {
    /// Runs `f` in a transaction, again when it meets a conflict: at most 16 times, with back-off.
    ///
    /// # Errors
    /// `CONFLICT` after the last try; what `f` and [`Transaction::commit`] give.
    pub fn transact<T>(&self, level: Durability, mut f: impl FnMut(&mut Transaction) -> Result<T>) -> Result<T> {
        const TRIES: u32 = 16;
        let mut attempt = 0;
        loop {
            let mut transaction = self.begin()?;
            let outcome = f(&mut transaction).and_then(|value| transaction.commit(level).map(|_| value));
            match outcome {
                Err(error) if error.code() == ErrorCode::Conflict && attempt + 1 < TRIES => {
                    back_off(attempt);
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }
}

impl Read for Transaction {
    fn get_with<R>(&self, namespace: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        let (mut f, mut answer) = (Some(f), None);
        self.read(namespace, key, &mut |value| answer = f.take().map(|f| f(value)))?;
        Ok(answer)
    }

    fn contains(&self, namespace: NamespaceId, key: &[u8]) -> Result<bool> {
        self.inner.check_readable()?;
        if let Some(own) = self.own(namespace, key) {
            return Ok(own.is_some());
        }
        let exists = self.inner.exists_at(namespace, key, self.pin.moment())?;
        self.record_read(namespace, key);
        Ok(exists)
    }

    fn scan(&self, namespace: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan> {
        let pin = self.inner.readers.pin_again(&self.pin);
        // A scan reads ahead of what is taken of it, so its limit is counted after the own writes are laid over.
        let scan = Scan::new(&self.inner, pin, namespace, range, options)?;
        let (asked_start, asked_end) = range.as_half_open();
        let empty = if options.reverse { asked_end.clone().unwrap_or_default() } else { asked_start.clone() };
        let index = {
            let mut reads = self.reads.lock();
            let (start, end) =
                if options.reverse { (empty, asked_end.clone()) } else { (asked_start.clone(), Some(empty)) };
            reads.namespaces.insert(namespace);
            reads.ranges.push(ReadRange { namespace, start, end, asked_start, asked_end });
            reads.ranges.len() - 1
        };
        let overlay = self.writes.get(&namespace).cloned().unwrap_or_default();
        Ok(scan.in_transaction(overlay, Recorder { reads: self.reads.clone(), index }))
    }

    fn seq_seen(&self) -> Option<Seq> {
        None
    }
}

impl Write for Transaction {
    fn put(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8]) -> Result<()> {
        self.write(namespace, key, Some((value, None)))
    }

    fn put_expiring(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8], expires_at: u64) -> Result<()> {
        self.write(namespace, key, Some((value, Some(expires_at))))
    }

    fn delete(&mut self, namespace: NamespaceId, key: &[u8]) -> Result<()> {
        self.write(namespace, key, None)
    }

    fn clear(&mut self, namespace: NamespaceId, range: &KeyRange) -> Result<()> {
        self.grow(batch::OPERATION_HEADER_BYTES + 64)?;
        let overlay = Arc::make_mut(self.writes.entry(namespace).or_default());
        overlay.rows.retain(|key, _| !range.contains(key));
        overlay.cleared.push(range.clone());
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.inner.readers.unpin(&self.pin);
    }
}

/// Waits before another try: random, up to 1 ms doubled each time, so that colliding transactions part.
fn back_off(attempt: u32) {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let longest_micros = 1_000_u64 << attempt.min(6);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(attempt);
    std::thread::sleep(Duration::from_micros(hasher.finish() % longest_micros));
}
