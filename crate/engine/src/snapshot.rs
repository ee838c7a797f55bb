//! Who reads at which sequence number: announced reads, snapshots and transactions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

use crate::store::Seq;

const SLOTS: usize = 64;
const IDLE: u64 = u64::MAX;

#[repr(align(64))]
struct Slot(AtomicU64);

/// Every live reader of a store.
pub(crate) struct Readers {
    /// E6: a read announces itself here before it loads the visible seq.
    slots: Vec<Slot>,
    /// Snapshots and transactions by seq.
    pinned: Mutex<Pinned>,
}

#[derive(Default)]
struct Pinned {
    by_seq: BTreeMap<Seq, Pins>,
    next_ticket: u64,
}

#[derive(Default)]
struct Pins {
    snapshots: BTreeMap<u64, Instant>,
    transactions: BTreeMap<u64, Instant>,
}

/// What pins a seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinKind {
    Snapshot,
    Transaction,
}

/// A pinned seq; released by [`Readers::unpin`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pin {
    pub seq: Seq,
    ticket: u64,
    kind: PinKind,
}

/// The seqs old versions are kept for.
#[derive(Clone, Debug, Default)]
pub(crate) struct LiveSeqs {
    /// Seqs of snapshots and transactions, ascending.
    pinned: Vec<Seq>,
    /// E6: the lowest announced read. It reads at this seq or at any later one, so it counts for all of them.
    announced: Option<Seq>,
}

impl LiveSeqs {
    /// E8: whether some reader may see a version that was current from `seq` until before `end_seq`.
    pub fn sees(&self, seq: Seq, end_seq: Seq) -> bool {
        let first = self.pinned.partition_point(|&live| live < seq);
        self.pinned.get(first).is_some_and(|&live| live < end_seq) || self.announced.is_some_and(|live| live < end_seq)
    }

    /// Whether the last snapshot or transaction at some seq is gone in `now`.
    pub fn has_lost(&self, now: &LiveSeqs) -> bool {
        self.pinned.iter().any(|seq| now.pinned.binary_search(seq).is_err())
    }

    /// The oldest reader.
    pub fn oldest(&self) -> Option<Seq> {
        self.pinned.first().copied().into_iter().chain(self.announced).min()
    }
}

impl Readers {
    pub fn new() -> Self {
        let slots = (0..SLOTS).map(|_| Slot(AtomicU64::new(IDLE))).collect();
        Self { slots, pinned: Mutex::default() }
    }

    /// Announces a read and gives its seq (E6).
    pub fn enter<'a>(&'a self, visible: &AtomicU64) -> ReadGuard<'a> {
        let mut index = slot_hint();
        loop {
            let slot = &self.slots[index % SLOTS].0;
            let floor = visible.load(Ordering::SeqCst);
            if slot.compare_exchange(IDLE, floor, Ordering::SeqCst, Ordering::Relaxed).is_ok() {
                // The second load comes after the announcement: a checkpoint that missed the slot has read an older
                // visible seq than the one returned here, so it removed nothing this read can see.
                return ReadGuard { slot, seq: visible.load(Ordering::SeqCst) };
            }
            index += 1;
            if index.is_multiple_of(SLOTS) {
                std::thread::yield_now();
            }
        }
    }

    /// Pins the visible seq for a snapshot or a transaction.
    pub fn pin(&self, visible: &AtomicU64, kind: PinKind) -> Pin {
        let mut pinned = self.pinned.lock();
        // Loaded under the lock that `live` takes: a checkpoint either sees this pin or has an older visible seq.
        let seq = visible.load(Ordering::SeqCst);
        let ticket = pinned.next_ticket;
        pinned.next_ticket += 1;
        let pins = pinned.by_seq.entry(seq).or_default();
        let set = if kind == PinKind::Snapshot { &mut pins.snapshots } else { &mut pins.transactions };
        set.insert(ticket, Instant::now());
        Pin { seq, ticket, kind }
    }

    /// Pins a seq that another live pin holds already.
    pub fn pin_again(&self, other: &Pin) -> Pin {
        let mut pinned = self.pinned.lock();
        let ticket = pinned.next_ticket;
        pinned.next_ticket += 1;
        pinned.by_seq.entry(other.seq).or_default().snapshots.insert(ticket, Instant::now());
        Pin { seq: other.seq, ticket, kind: PinKind::Snapshot }
    }

    /// Releases a pin.
    pub fn unpin(&self, pin: &Pin) {
        let mut pinned = self.pinned.lock();
        if let Some(pins) = pinned.by_seq.get_mut(&pin.seq) {
            let set = if pin.kind == PinKind::Snapshot { &mut pins.snapshots } else { &mut pins.transactions };
            set.remove(&pin.ticket);
            if pins.snapshots.is_empty() && pins.transactions.is_empty() {
                pinned.by_seq.remove(&pin.seq);
            }
        }
    }

    /// Every seq somebody reads at.
    pub fn live(&self) -> LiveSeqs {
        let pinned = self.pinned.lock().by_seq.keys().copied().collect();
        let announced = self.slots.iter().map(|slot| slot.0.load(Ordering::SeqCst)).filter(|&seq| seq != IDLE).min();
        LiveSeqs { pinned, announced }
    }

    /// Whether a read is under way.
    pub fn any_announced(&self) -> bool {
        self.slots.iter().any(|slot| slot.0.load(Ordering::SeqCst) != IDLE)
    }

    /// The oldest transaction's seq.
    pub fn oldest_transaction(&self) -> Option<Seq> {
        let pinned = self.pinned.lock();
        pinned.by_seq.iter().find(|(_, pins)| !pins.transactions.is_empty()).map(|(&seq, _)| seq)
    }

    /// For `stats`: number and greatest age in seconds of snapshots and of transactions.
    pub fn summary(&self) -> ReaderSummary {
        let pinned = self.pinned.lock();
        let mut summary = ReaderSummary::default();
        for pins in pinned.by_seq.values() {
            summary.snapshots += pins.snapshots.len() as u64;
            summary.transactions += pins.transactions.len() as u64;
            for since in pins.snapshots.values() {
                summary.oldest_snapshot_seconds = summary.oldest_snapshot_seconds.max(since.elapsed().as_secs_f64());
            }
            for since in pins.transactions.values() {
                summary.oldest_transaction_seconds =
                    summary.oldest_transaction_seconds.max(since.elapsed().as_secs_f64());
            }
        }
        summary
    }
}

/// Live readers, counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReaderSummary {
    /// Open snapshots, those of scans included.
    pub snapshots: u64,
    /// Open transactions.
    pub transactions: u64,
    /// Age of the oldest snapshot, in seconds.
    pub oldest_snapshot_seconds: f64,
    /// Age of the oldest transaction, in seconds.
    pub oldest_transaction_seconds: f64,
}

/// An announced read; its slot is free again when it is dropped.
pub(crate) struct ReadGuard<'a> {
    slot: &'a AtomicU64,
    pub seq: Seq,
}

impl Drop for ReadGuard<'_> {
    fn drop(&mut self) {
        self.slot.store(IDLE, Ordering::Release);
    }
}

fn slot_hint() -> usize {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static HINT: usize = (NEXT.fetch_add(1, Ordering::Relaxed) as usize) % SLOTS;
    }
    HINT.with(|hint| *hint)
}
