//! Changes that the graph has not taken in: a search adds them to what the graph gives.
//!
//! A put or delete writes a row of its own beside the vector's, under a ticket that nobody else has, so that a fold
//! removes just the rows it has taken in and meets no writer. What is pending at a moment is the rows there are then. They
//! are scanned once; later moments add what a [`Watch`] has seen since.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sledstore_engine::{NamespaceId, Read, Result, ScanOptions, Seq, Store, Watch};

use crate::keys::RowKind;
use crate::record::{Changed, parse_pending, ticket_of};

/// Bytes of changed keys that a watch keeps.
const NOTED_BYTES_MAX: usize = 1 << 20;
/// Bytes of rows that a view keeps; what is beyond them is read by each search.
const ROWS_BYTES_MAX: usize = 4 << 20;
const PAGE_ROWS: usize = 4_096;
const PAGE_BYTES: usize = 1 << 20;

/// The pending changes of an index, for all its handles.
pub(crate) struct Queue {
    namespace: NamespaceId,
    next_ticket: AtomicU64,
    watch: Watch,
    newest: Mutex<Option<Arc<View>>>,
}

/// The vector of a changed key.
#[derive(Clone)]
pub(crate) enum Latest {
    Missing,
    Row(Arc<[u8]>),
    /// Not kept.
    Stored,
}

/// What is pending at some seqs.
pub(crate) struct View {
    /// The fold that left it.
    fold: Seq,
    from: Seq,
    until: AtomicU64,
    /// Whether something changed that has no key here, so that every vector must be compared.
    pub is_unknown: bool,
    pub changed: BTreeMap<Vec<u8>, Latest>,
    rows_bytes: usize,
}

impl Queue {
    pub fn open(store: &Store, namespace: NamespaceId) -> Result<Self> {
        let watch = store.watch(namespace, RowKind::Pending.all(), NOTED_BYTES_MAX)?;
        let last = ScanOptions { reverse: true, keys_only: true, limit: Some(1) };
        let mut next = 0;
        // Tickets of rows that were folded may come again: whoever removes one has read it before.
        store.scan(namespace, &RowKind::Pending.all(), last)?.next_page(1, PAGE_BYTES, &mut |row_key, _| {
            next = ticket_of(row_key).map_or(0, |last| last.saturating_add(1));
        })?;
        Ok(Self { namespace, next_ticket: AtomicU64::new(next), watch, newest: Mutex::default() })
    }

    /// A number that no other change has.
    pub fn ticket(&self) -> u64 {
        self.next_ticket.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether something is pending under a ticket below that.
    pub fn has_before(&self, read: &impl Read, until: u64) -> Result<bool> {
        let mut first = None;
        self.rows(read, &mut |row_key| {
            first = ticket_of(row_key);
            false
        })?;
        Ok(first.is_some_and(|first| first < until))
    }

    /// Calls `visit` with the keys of the rows of pending changes, by ticket; it answers whether to go on.
    pub fn rows(&self, read: &impl Read, visit: &mut dyn FnMut(&[u8]) -> bool) -> Result<()> {
        let options = ScanOptions { keys_only: true, ..ScanOptions::default() };
        let mut scan = read.scan(self.namespace, &RowKind::Pending.all(), options)?;
        let mut goes_on = true;
        while goes_on && scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |key, _| goes_on = goes_on && visit(key))? {}
        Ok(())
    }

    /// What is pending at `seq`, at which `read` reads, and the newest fold is `fold`.
    pub fn at(&self, read: &impl Read, seq: Seq, fold: Seq) -> Result<Arc<View>> {
        let known = self.newest.lock().clone();
        if let Some(view) = known.filter(|view| view.fold == fold && view.from <= seq) {
            let until = view.until.load(Ordering::Acquire);
            if seq <= until {
                return Ok(view);
            }
            match self.watch.between(until, seq) {
                Some(changed) if changed.is_empty() => {
                    view.until.fetch_max(seq, Ordering::AcqRel);
                    return Ok(view);
                }
                Some(changed) => {
                    let mut next =
                        View { until: AtomicU64::new(seq), from: seq, changed: view.changed.clone(), ..*view };
                    changed.iter().try_for_each(|row_key| next.add(read, self.namespace, row_key))?;
                    return Ok(self.install(next));
                }
                None => {}
            }
        }
        let (from, until) = (seq, AtomicU64::new(seq));
        let mut view = View { fold, from, until, is_unknown: false, changed: BTreeMap::new(), rows_bytes: 0 };
        let mut failed = Ok(());
        self.rows(read, &mut |row_key| {
            failed = view.add(read, self.namespace, row_key);
            failed.is_ok()
        })?;
        failed?;
        Ok(self.install(view))
    }

    /// Keeps a view for later readers, unless there is one for readers that are later still.
    fn install(&self, view: View) -> Arc<View> {
        let view = Arc::new(view);
        let mut newest = self.newest.lock();
        if newest.as_ref().is_none_or(|known| (known.fold, known.from) < (view.fold, view.from)) {
            self.watch.forget(view.from);
            *newest = Some(view.clone());
        }
        view
    }
}

impl View {
    /// The first seq at which this was pending and nothing else.
    pub fn from(&self) -> Seq {
        self.from
    }

    fn add(&mut self, read: &impl Read, namespace: NamespaceId, row_key: &[u8]) -> Result<()> {
        let Some(key) = key_of_pending(read, namespace, row_key)? else {
            self.is_unknown |= parse_pending(row_key) == Changed::All;
            return Ok(());
        };
        let key = &key[..];
        let has_room = self.rows_bytes < ROWS_BYTES_MAX;
        let latest = if has_room {
            let row = read.get_with(namespace, &RowKind::Vector.row_key(key)?, |row| Arc::<[u8]>::from(row))?;
            row.map_or(Latest::Missing, Latest::Row)
        } else {
            Latest::Stored
        };
        let bytes = |latest: &Latest| if let Latest::Row(row) = latest { row.len() } else { 0 };
        self.rows_bytes += bytes(&latest);
        if let Some(before) = self.changed.insert(key.to_vec(), latest) {
            self.rows_bytes = self.rows_bytes.saturating_sub(bytes(&before));
        }
        Ok(())
    }
}

/// The key whose vector a pending row is about; `None` when it says none, or is not there any more.
pub(crate) fn key_of_pending<'k>(
    read: &impl Read,
    namespace: NamespaceId,
    row_key: &'k [u8],
) -> Result<Option<Cow<'k, [u8]>>> {
    Ok(match parse_pending(row_key) {
        Changed::All => None,
        Changed::Key(key) => Some(Cow::Borrowed(key)),
        Changed::Long => read.get(namespace, row_key)?.map(Cow::Owned),
    })
}
