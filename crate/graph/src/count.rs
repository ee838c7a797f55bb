//! Exact numbers of nodes and edges, in total and by label and type, without a row that writers would meet at.
//!
//! What a commit changes of them is one row of kind 06, written blind under a key that nobody else has. A number at a
//! snapshot is its total of kind 05 and what the changes there add to it. Every [`FOLDED_AFTER`] changes a small commit
//! of its own moves some into the totals, so that a read meets few. A transaction that reads numbers conflicts with
//! whatever changes one, as it must; one that only changes them conflicts with nothing.
//!
//! A change's key begins with the newest seq there was when it was written. What is folded is everything below a seq
//! from before every transaction that is still open: nothing can be committed below it any more, so that reads begin at
//! it and meet no removed keys.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Bound, ControlFlow};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sledstore_engine::{Durability, KeyRange, NamespaceId, Read, Result, ScanOptions, Seq, Store, Transaction, Write};

use crate::counter::Counter;
use crate::graph::Graph;
use crate::keys::{self, CounterKind, NameClass, RowKind, damaged, push_id, push_signed, take_id, take_signed};
use crate::rows::{visit_range, visit_rows};

/// Changes of a handle between two folds.
const FOLDED_AFTER: u32 = 64;
/// Changes that one fold moves at most; what an earlier process left may be more.
const FOLDED_AT_ONCE: u64 = 2_048;
/// Moments that are remembered until every transaction from before them has ended.
const MOMENTS_MAX: usize = 64;
/// How much later a moment is taken to be than it was: ages of transactions are told as floats.
const CLOCK_MARGIN: Duration = Duration::from_millis(1);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Counted {
    Nodes,
    Edges,
    Label(u32),
    EdgeType(u32),
    /// Texts of a full-text index.
    Documents(u32),
    /// Words of these.
    Words(u32),
}

impl Counted {
    fn parts(self) -> (u8, u32) {
        match self {
            Self::Nodes => (b'N', 0),
            Self::Edges => (b'E', 0),
            Self::Label(id) => (b'l', id),
            Self::EdgeType(id) => (b't', id),
            Self::Documents(id) => (b'd', id),
            Self::Words(id) => (b'w', id),
        }
    }

    fn of(class: u8, id: u32) -> Option<Self> {
        Some(match (class, id) {
            (b'N', 0) => Self::Nodes,
            (b'E', 0) => Self::Edges,
            (b'l', id) => Self::Label(id),
            (b't', id) => Self::EdgeType(id),
            (b'd', id) => Self::Documents(id),
            (b'w', id) => Self::Words(id),
            _ => return None,
        })
    }

    fn total_key(self) -> Vec<u8> {
        let (class, id) = self.parts();
        keys::total(class, id)
    }

    pub fn take(bytes: &mut &[u8]) -> Option<Self> {
        let (&class, rest) = bytes.split_first()?;
        *bytes = rest;
        Self::of(class, u32::try_from(take_id(bytes)?).ok()?)
    }
}

/// How much each number changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CountChanges(BTreeMap<Counted, i64>);

impl CountChanges {
    pub fn add(&mut self, counted: Counted, change: i64) {
        let sum = self.0.entry(counted).or_default();
        *sum = sum.saturating_add(change);
    }

    pub fn is_empty(&self) -> bool {
        self.0.values().all(|&change| change == 0)
    }

    /// Stored value of a change: `class ‖ id ‖ signed number`, one after the other.
    pub fn encode(&self) -> Vec<u8> {
        let mut value = Vec::new();
        for (counted, &change) in self.0.iter().filter(|(_, change)| **change != 0) {
            let (class, id) = counted.parts();
            value.push(class);
            push_id(&mut value, id.into());
            push_signed(&mut value, change);
        }
        value
    }

    /// Calls `visit` with each number that a stored change names.
    pub fn visit(mut value: &[u8], mut visit: impl FnMut(Counted, i64)) -> Result<()> {
        while !value.is_empty() {
            let (Some(counted), Some(change)) = (Counted::take(&mut value), take_signed(&mut value)) else {
                return Err(damaged("a change of counts"));
            };
            visit(counted, change);
        }
        Ok(())
    }
}

/// How many nodes and edges there are, by the numbers of labels and types that any have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All nodes.
    pub nodes: u64,
    /// All edges.
    pub edges: u64,
    /// Nodes by label.
    pub labels: BTreeMap<u32, u64>,
    /// Edges by type.
    pub edge_types: BTreeMap<u32, u64>,
    /// Nodes or edges with words, by full-text index.
    pub documents: BTreeMap<u32, u64>,
    /// The words they have, by full-text index.
    pub words: BTreeMap<u32, u64>,
}

impl Counts {
    /// The numbers that sums come to; an error when one is below zero.
    pub(crate) fn of(sums: &CountChanges) -> Result<Self> {
        let mut counts = Self::default();
        for (&counted, &sum) in sums.0.iter().filter(|(_, sum)| **sum != 0) {
            let number = as_count(sum)?;
            match counted {
                Counted::Nodes => counts.nodes = number,
                Counted::Edges => counts.edges = number,
                Counted::Label(id) => _ = counts.labels.insert(id, number),
                Counted::EdgeType(id) => _ = counts.edge_types.insert(id, number),
                Counted::Documents(id) => _ = counts.documents.insert(id, number),
                Counted::Words(id) => _ = counts.words.insert(id, number),
            }
        }
        Ok(counts)
    }
}

/// When changes of one open graph are folded.
pub(crate) struct Folding {
    numbers: Counter,
    state: Mutex<State>,
    /// Held by the one who folds.
    running: Mutex<()>,
}

struct State {
    /// Changes since the last fold.
    changes: u32,
    /// What the newest seq was, and when; ascending.
    moments: VecDeque<(Instant, Seq)>,
    /// The newest of them from before every open transaction.
    settled: Seq,
}

impl Folding {
    /// The first change folds what an earlier handle left.
    pub fn new(store: &Store, namespace: NamespaceId) -> Self {
        let mut state = State { changes: FOLDED_AFTER, moments: VecDeque::new(), settled: 0 };
        state.remember(store);
        Self {
            numbers: Counter::new(namespace, CounterKind::CountChange),
            state: Mutex::new(state),
            running: Mutex::default(),
        }
    }

    /// Whether enough has been written for a fold; tells one caller.
    fn is_due(&self) -> bool {
        let mut state = self.state.lock();
        state.changes += 1;
        let due = state.changes > FOLDED_AFTER;
        if due {
            state.changes = 0;
        }
        due
    }

    /// A seq below which no change can be committed any more.
    fn settled(&self, store: &Store) -> Seq {
        let now = Instant::now();
        let oldest = store.stats().readers.oldest_transaction_seconds;
        let mut state = self.state.lock();
        while let Some(&(moment, seq)) = state.moments.front() {
            let ago = now.duration_since(moment).saturating_sub(CLOCK_MARGIN);
            if ago.as_secs_f64() <= oldest || ago.is_zero() {
                break;
            }
            state.settled = seq;
            state.moments.pop_front();
        }
        state.remember(store);
        state.settled
    }
}

impl State {
    fn remember(&mut self, store: &Store) {
        // While a transaction stays open, the last moment moves on.
        self.moments.truncate(MOMENTS_MAX - 1);
        // The seq before the moment: whatever begins after the moment writes above the seq.
        let seq = store.visible_seq();
        self.moments.push_back((Instant::now(), seq));
    }
}

impl Graph {
    /// How many nodes there are, or how many with `label`: exact, and quick however many there are.
    pub fn count_nodes(&self, reader: &impl Read, label: Option<&str>) -> Result<u64> {
        let Some(label) = label else { return self.count(reader, Counted::Nodes) };
        match self.find_name(reader, NameClass::Label, label)? {
            Some(label) => self.count(reader, Counted::Label(label)),
            None => Ok(0),
        }
    }

    /// How many edges there are: exact, and quick however many there are.
    pub fn count_edges(&self, reader: &impl Read) -> Result<u64> {
        self.count(reader, Counted::Edges)
    }

    /// How many nodes have the label of that number.
    pub fn count_label(&self, reader: &impl Read, label: u32) -> Result<u64> {
        self.count(reader, Counted::Label(label))
    }

    /// How many edges have the type of that number.
    pub fn count_edge_type(&self, reader: &impl Read, edge_type: u32) -> Result<u64> {
        self.count(reader, Counted::EdgeType(edge_type))
    }

    /// All numbers at once.
    pub fn counts(&self, reader: &impl Read) -> Result<Counts> {
        let mut sums = CountChanges::default();
        let totals = keys::kind_prefix(RowKind::Total);
        visit_rows(reader, self.namespace(), &totals, |key, mut value| {
            if key == keys::folded_below() {
                return Ok(());
            }
            let mut rest = key.get(totals.len()..).unwrap_or_default();
            let (Some(counted), Some(total)) = (Counted::take(&mut rest), take_signed(&mut value)) else {
                return Err(damaged("a total"));
            };
            sums.add(counted, total);
            Ok(())
        })?;
        self.visit_changes(reader, |value| CountChanges::visit(value, |counted, change| sums.add(counted, change)))?;
        Counts::of(&sums)
    }

    pub(crate) fn count(&self, reader: &impl Read, wanted: Counted) -> Result<u64> {
        let total = reader.get_with(self.namespace(), &wanted.total_key(), |mut value| take_signed(&mut value))?;
        let mut sum: i64 = total.map_or(Some(0), |total| total).ok_or_else(|| damaged("a total"))?;
        self.visit_changes(reader, |value| {
            CountChanges::visit(value, |counted, change| {
                if counted == wanted {
                    sum = sum.saturating_add(change);
                }
            })
        })?;
        as_count(sum)
    }

    /// Calls `visit` with the changes that are in no total.
    fn visit_changes(&self, reader: &impl Read, mut visit: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let below = self.folded_below(reader)?;
        let range = KeyRange {
            start: Bound::Included(keys::count_changes_from(below)),
            ..KeyRange::prefix(&keys::kind_prefix(RowKind::CountChange))
        };
        visit_range(reader, self.namespace(), &range, ScanOptions::default(), |_, value| {
            visit(value).map(|()| ControlFlow::Continue(()))
        })
    }

    fn folded_below(&self, reader: &impl Read) -> Result<Seq> {
        let read = |value: &[u8]| keys::parse_number(value, "where counts are folded");
        Ok(reader.get_with(self.namespace(), &keys::folded_below(), read)?.transpose()?.unwrap_or(0))
    }

    /// Puts what a transaction changes of the numbers among its rows.
    pub(crate) fn write_count_changes(&self, tx: &mut impl Write, changes: &CountChanges) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let folding = self.folding();
        if folding.is_due() {
            // Another time will do: the numbers are right without it.
            let _ = self.fold_counts();
        }
        let number = folding.numbers.reserve(self.store(), 1)?.start;
        tx.put(self.namespace(), &keys::count_change(self.store().visible_seq(), number), &changes.encode())
    }

    /// Moves changes into the totals that nobody can add to.
    fn fold_counts(&self) -> Result<()> {
        let Some(_alone) = self.folding().running.try_lock() else { return Ok(()) };
        let settled = self.folding().settled(self.store());
        loop {
            let mut found = Vec::new();
            let range = KeyRange {
                start: Bound::Included(keys::count_changes_from(self.folded_below(self.store())?)),
                end: Bound::Excluded(keys::count_changes_from(settled)),
            };
            let options = ScanOptions { limit: Some(FOLDED_AT_ONCE), keys_only: true, ..ScanOptions::default() };
            // Read beside the transaction that folds, which would conflict with whoever writes otherwise.
            visit_range(self.store(), self.namespace(), &range, options, |key, _| {
                found.push(key.to_vec());
                Ok(ControlFlow::Continue(()))
            })?;
            let last = found.last().filter(|_| found.len() as u64 == FOLDED_AT_ONCE);
            let below = last.map_or(Ok(settled), |last| keys::count_change_seq(last))?;
            let begun = self.store().transact(Durability::None, |tx| self.fold(tx, &found, below))?;
            if !begun || below == settled {
                return Ok(());
            }
        }
    }

    /// Answers whether there was anything to fold; others may do so, too.
    fn fold(&self, tx: &mut Transaction, found: &[Vec<u8>], below: Seq) -> Result<bool> {
        // Many changes may have one seq, and be folded in turns.
        let before = self.folded_below(tx)?;
        if before > below || (before == below && found.is_empty()) {
            return Ok(false);
        }
        let mut sums = CountChanges::default();
        for key in found {
            let read = tx.get_with(self.namespace(), key, |value| {
                CountChanges::visit(value, |counted, change| sums.add(counted, change))
            })?;
            if let Some(read) = read {
                read?;
                tx.delete(self.namespace(), key)?;
            }
        }
        for (counted, &change) in sums.0.iter().filter(|(_, change)| **change != 0) {
            let key = counted.total_key();
            let old = tx.get_with(self.namespace(), &key, |mut value| take_signed(&mut value))?;
            let total = old.map_or(Some(0), |old| old).and_then(|old| old.checked_add(change));
            let mut value = Vec::new();
            match total.ok_or_else(|| damaged("a total"))? {
                0 => tx.delete(self.namespace(), &key)?,
                total => {
                    push_signed(&mut value, total);
                    tx.put(self.namespace(), &key, &value)?;
                }
            }
        }
        let mut value = Vec::new();
        push_id(&mut value, below);
        tx.put(self.namespace(), &keys::folded_below(), &value).map(|()| true)
    }
}

fn as_count(sum: i64) -> Result<u64> {
    u64::try_from(sum).map_err(|_| damaged("a count, which is below zero,"))
}
