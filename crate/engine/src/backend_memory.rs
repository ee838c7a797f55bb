//! The backend without files: for stores in memory, and with planted faults for tests.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::RwLock;

#[cfg(test)]
use crate::backend::EntrySink;
use crate::backend::{Backend, Bytes};
use crate::error::{Error, ErrorCode, Result};
use crate::writer;

pub(crate) type Entries = BTreeMap<Arc<[u8]>, Arc<[u8]>>;

/// Bytes a map entry costs besides its key and value: two counted allocations and its place in a node.
const ENTRY_OVERHEAD_BYTES: u64 = 80;

/// An ordered map in memory; durable as long as the process lives.
#[derive(Default)]
pub(crate) struct MemoryBackend {
    entries: RwLock<Entries>,
    bytes: AtomicU64,
    reads: AtomicU64,
    closed: AtomicBool,
}

impl MemoryBackend {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// One that holds these entries.
    #[cfg(test)]
    pub(crate) fn with_entries(entries: Entries) -> Self {
        let bytes = entries.iter().map(|(key, value)| entry_bytes(key, value)).sum();
        Self { entries: RwLock::new(entries), bytes: AtomicU64::new(bytes), ..Self::default() }
    }

    /// A copy of all entries.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> Entries {
        self.entries.read().clone()
    }

    fn check_open(&self) -> Result<()> {
        writer::assert_free("a call of the backend");
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorCode::Closed, "the store in memory is closed; its content is gone"));
        }
        Ok(())
    }

    fn count_read(&self) -> Result<()> {
        self.check_open()?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn entry_bytes(key: &[u8], value: &[u8]) -> u64 {
    (key.len() + value.len()) as u64 + ENTRY_OVERHEAD_BYTES
}

impl Backend for MemoryBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.count_read()?;
        Ok(self.entries.read().get(key).cloned().map(Bytes::from))
    }

    fn first_above(&self, key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
        self.count_read()?;
        let above: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Excluded(key), Bound::Unbounded);
        let entries = self.entries.read();
        Ok(entries.range::<[u8], _>(above).next().map(|(key, value)| (key.clone().into(), value.clone().into())))
    }

    #[cfg(test)]
    fn for_each(&self, from: &[u8], to: Option<&[u8]>, sink: &mut EntrySink<'_>) -> Result<()> {
        // Step by step, so that no lock is held while the sink runs.
        let mut lower = Bound::Included(Arc::from(from));
        loop {
            self.count_read()?;
            let next = {
                let entries = self.entries.read();
                let range = (lower.as_ref().map(|key: &Arc<[u8]>| &**key), Bound::Unbounded);
                entries.range::<[u8], _>(range).next().map(|(key, value)| (key.clone(), value.clone()))
            };
            let Some((key, value)) = next.filter(|(key, _)| to.is_none_or(|to| **key < *to)) else { return Ok(()) };
            if !sink(&key, &value)? {
                return Ok(());
            }
            lower = Bound::Excluded(key);
        }
    }

    fn insert(&self, key: &[u8], value: &[u8]) -> Result<()> {
        self.check_open()?;
        let old = self.entries.write().insert(Arc::from(key), Arc::from(value));
        self.bytes.fetch_add(entry_bytes(key, value), Ordering::Relaxed);
        if let Some(old) = old {
            self.bytes.fetch_sub(entry_bytes(key, &old), Ordering::Relaxed);
        }
        Ok(())
    }

    fn remove(&self, key: &[u8]) -> Result<()> {
        self.check_open()?;
        if let Some(old) = self.entries.write().remove(key) {
            self.bytes.fetch_sub(entry_bytes(key, &old), Ordering::Relaxed);
        }
        Ok(())
    }

    fn flush_buffers(&self) -> Result<()> {
        self.check_open()
    }

    fn flush(&self) -> Result<()> {
        self.check_open()
    }

    fn size_on_disk(&self) -> Result<u64> {
        Ok(0)
    }

    fn memory_bytes(&self) -> usize {
        usize::try_from(self.bytes.load(Ordering::Relaxed)).unwrap_or(usize::MAX)
    }

    fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        Ok(())
    }
}

#[cfg(test)]
pub(crate) use faulty::{FaultyBackend, Operation};

#[cfg(test)]
mod faulty {
    use std::ops::Range;

    use parking_lot::Mutex;

    use super::*;

    /// A write since the last flush.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum Operation {
        Insert(Arc<[u8]>, Arc<[u8]>),
        Remove(Arc<[u8]>),
    }

    #[derive(Default)]
    struct State {
        durable: Entries,
        since_flush: Vec<Operation>,
        /// What was durable before the last flush, and the writes that the flush made durable.
        before_flush: Option<(Entries, Vec<Operation>)>,
        writes: u64,
        flushes: u64,
        fail_write: Option<u64>,
        fail_flush: Option<u64>,
        poisoned: bool,
        told_size: u64,
        unreadable: Vec<Range<Vec<u8>>>,
    }

    /// A backend in memory that fails where it is told to, and that can be taken back to what a crash may leave: the
    /// state at the last flush and any prefix of the writes since.
    #[derive(Default)]
    pub(crate) struct FaultyBackend {
        inner: MemoryBackend,
        state: Mutex<State>,
    }

    impl FaultyBackend {
        /// An empty one that never fails.
        pub(crate) fn new() -> Self {
            Self::default()
        }

        /// Fails the `nth` insert or remove counted from the first one ever (1), and everything after it.
        pub(crate) fn fail_write(&self, nth: u64) {
            self.state.lock().fail_write = Some(nth);
        }

        /// Fails the `nth` flush counted from the first one ever (1), and everything after it.
        pub(crate) fn fail_flush(&self, nth: u64) {
            self.state.lock().fail_flush = Some(nth);
        }

        /// Lets its files have so many bytes from now on.
        pub(crate) fn tell_size(&self, bytes: u64) {
            self.state.lock().told_size = bytes;
        }

        /// Lets no key of the range be read any more, as a damaged page of sled does.
        pub(crate) fn make_unreadable(&self, range: Range<Vec<u8>>) {
            self.state.lock().unreadable.push(range);
        }

        fn check_readable(&self, key: &[u8]) -> Result<()> {
            if self.state.lock().unreadable.iter().any(|range| (&*range.start..&*range.end).contains(&key)) {
                return Err(Error::corruption("memory", "planted damage"));
            }
            Ok(())
        }

        /// A copy of all entries.
        pub(crate) fn entries(&self) -> Entries {
            self.inner.entries()
        }

        /// Inserts and removes so far.
        pub(crate) fn writes(&self) -> u64 {
            self.state.lock().writes
        }

        /// Durable flushes so far.
        pub(crate) fn flushes(&self) -> u64 {
            self.state.lock().flushes
        }

        /// The writes since the last flush, in order.
        pub(crate) fn operations_since_flush(&self) -> Vec<Operation> {
            self.state.lock().since_flush.clone()
        }

        /// A backend as it is found after a crash that the first `kept` writes since the last flush survived.
        pub(crate) fn after_crash(&self, kept: usize) -> Self {
            let state = self.state.lock();
            Self::holding(state.durable.clone(), &state.since_flush[..kept])
        }

        /// A backend that has lost what its last flush had made durable, but for a part of it: as sled does that takes
        /// damage for the end of its log. `None` before the first flush.
        pub(crate) fn after_fall_back(&self, kept: impl FnOnce(usize) -> usize) -> Option<Self> {
            let state = self.state.lock();
            let (entries, flushed) = state.before_flush.clone()?;
            Some(Self::holding(entries, &flushed[..kept(flushed.len())]))
        }

        fn holding(mut entries: Entries, operations: &[Operation]) -> Self {
            for operation in operations {
                match operation.clone() {
                    Operation::Insert(key, value) => drop(entries.insert(key, value)),
                    Operation::Remove(key) => drop(entries.remove(&key)),
                }
            }
            let durable = State { durable: entries.clone(), ..State::default() };
            Self { inner: MemoryBackend::with_entries(entries), state: Mutex::new(durable) }
        }

        fn step(&self, operation: Option<Operation>) -> Result<()> {
            writer::assert_free("a call of the backend");
            let mut state = self.state.lock();
            let (count, limit) = match &operation {
                Some(_) => (state.writes + 1, state.fail_write),
                None => (state.flushes + 1, state.fail_flush),
            };
            state.poisoned |= limit == Some(count);
            if state.poisoned {
                return Err(Error::new(ErrorCode::StorageFailed, "planted fault; close the store and open it again"));
            }
            match operation {
                Some(operation) => {
                    state.writes = count;
                    state.since_flush.push(operation);
                }
                None => {
                    state.flushes = count;
                    let flushed = std::mem::take(&mut state.since_flush);
                    let before = std::mem::replace(&mut state.durable, self.inner.entries());
                    state.before_flush = Some((before, flushed));
                }
            }
            Ok(())
        }
    }

    impl crate::block_files::Index for FaultyBackend {
        fn replace(&self, key: &[u8], value: Option<&[u8]>) -> Result<Option<Bytes>> {
            let old = self.inner.get(key)?;
            match value {
                Some(value) => self.insert(key, value)?,
                None => self.remove(key)?,
            }
            Ok(old)
        }
    }

    impl Backend for FaultyBackend {
        fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
            self.check_readable(key)?;
            self.inner.get(key)
        }

        fn first_above(&self, key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
            self.check_readable(key)?;
            let found = self.inner.first_above(key)?;
            found.as_ref().map_or(Ok(()), |(key, _)| self.check_readable(key))?;
            Ok(found)
        }

        #[cfg(test)]
        fn for_each(&self, from: &[u8], to: Option<&[u8]>, sink: &mut EntrySink<'_>) -> Result<()> {
            self.inner.for_each(from, to, sink)
        }

        fn insert(&self, key: &[u8], value: &[u8]) -> Result<()> {
            self.step(Some(Operation::Insert(key.into(), value.into())))?;
            self.inner.insert(key, value)
        }

        fn remove(&self, key: &[u8]) -> Result<()> {
            self.step(Some(Operation::Remove(key.into())))?;
            self.inner.remove(key)
        }

        fn flush_buffers(&self) -> Result<()> {
            if self.state.lock().poisoned { self.step(None) } else { Ok(()) }
        }

        fn flush(&self) -> Result<()> {
            self.step(None)
        }

        fn size_on_disk(&self) -> Result<u64> {
            Ok(self.state.lock().told_size)
        }

        fn memory_bytes(&self) -> usize {
            self.inner.memory_bytes()
        }

        fn reads(&self) -> u64 {
            self.inner.reads()
        }

        fn close(&self) -> Result<()> {
            self.inner.close()
        }
    }
}
