//! Who reads at which sequence number: announced reads, snapshots and transactions.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::row::RowKind;
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
    clock: Clock,
}

#[derive(Default)]
struct Pinned {
    /// In the order of seq and ticket. One list that keeps its room, so that a short scan does not allocate for its pin.
    holds: Vec<Hold>,
    next_ticket: u64,
}

/// What was pinned, and when.
struct Hold {
    pin: Pin,
    since: Instant,
}

impl Pinned {
    fn add(&mut self, seq: Seq, time_ms: u64, kind: PinKind) -> Pin {
        let pin = Pin { seq, time_ms, ticket: self.next_ticket, kind };
        self.next_ticket += 1;
        let at = self.holds.partition_point(|hold| hold.pin.seq <= seq);
        self.holds.insert(at, Hold { pin, since: Instant::now() });
        pin
    }

    fn remove(&mut self, pin: &Pin) {
        let place = |hold: &Hold| (hold.pin.seq, hold.pin.ticket);
        if let Ok(at) = self.holds.binary_search_by_key(&(pin.seq, pin.ticket), place) {
            self.holds.remove(at);
        }
    }

    /// The holds of each seq, ascending.
    fn by_seq(&self) -> impl Iterator<Item = &[Hold]> {
        self.holds.chunk_by(|one, next| one.pin.seq == next.pin.seq)
    }
}

/// What a read sees: the commits up to a seq, and of their rows those that had not expired at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub seq: Seq,
    /// E28: the time, or [`PRESENT`]. Two words, for they travel through every read.
    pub time_ms: u64,
}

/// The clock is asked when there is a row that expires.
pub(crate) const PRESENT: u64 = u64::MAX;

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
    /// E28: its rows are judged by the time at which it was taken.
    pub time_ms: u64,
    ticket: u64,
    kind: PinKind,
}

impl Pin {
    /// What it reads.
    pub fn moment(&self) -> Moment {
        Moment { seq: self.seq, time_ms: self.time_ms }
    }
}

/// The seqs old versions are kept for.
#[derive(Clone, Debug, Default)]
pub(crate) struct LiveSeqs {
    /// Snapshots and transactions by seq, ascending, each with the earliest time at which one of them was taken. Seqs and
    /// times grow together, so a later seq never has an earlier time.
    pinned: Vec<(Seq, u64)>,
    /// E6: the lowest announced read. It reads at this seq or at any later one, so it counts for all of them.
    announced: Option<Seq>,
    /// E28: the time. Whoever begins to read later is judged by a later one.
    pub now_ms: u64,
}

impl LiveSeqs {
    /// Whether a version may still be asked for: it is current, or some reader sees it (E8), and has not expired for
    /// them (E28). `end` is the seq that ended it, if it is not the newest.
    pub fn keeps(&self, version: &Lifetime, end: Option<Seq>) -> bool {
        let expires_at = version.expires_at.unwrap_or(u64::MAX);
        let is_current = end.is_none() && expires_at > self.now_ms;
        is_current || self.is_pinned(version, end) || self.is_announced(version, end)
    }

    /// Whether a snapshot or a transaction sees it.
    pub fn is_pinned(&self, version: &Lifetime, end: Option<Seq>) -> bool {
        let first = self.pinned.partition_point(|&(live, _)| live < version.seq);
        self.pinned.get(first).is_some_and(|&(live, time_ms)| {
            end.is_none_or(|end| live < end) && version.expires_at.is_none_or(|at| time_ms < at)
        })
    }

    /// Whether a read under way may see it. One that is still to find it finds it expired; but one that has found a
    /// manifest before goes on to the chunks.
    fn is_announced(&self, version: &Lifetime, end: Option<Seq>) -> bool {
        let in_time = version.expires_at.is_none_or(|at| at > self.now_ms);
        (in_time || version.kind == RowKind::Manifest)
            && self.announced.is_some_and(|live| end.is_none_or(|end| live < end))
    }

    /// Whether the last snapshot or transaction at some seq is gone in `now`.
    pub fn has_lost(&self, now: &LiveSeqs) -> bool {
        self.pinned.iter().any(|(seq, _)| now.pinned.binary_search_by_key(seq, |&(live, _)| live).is_err())
    }

    /// The oldest reader.
    pub fn oldest(&self) -> Option<Seq> {
        self.pinned.first().map(|&(seq, _)| seq).into_iter().chain(self.announced).min()
    }

    /// The earliest time that a snapshot or a transaction reads at.
    pub fn oldest_time_ms(&self) -> Option<u64> {
        self.pinned.first().map(|&(_, time_ms)| time_ms)
    }
}

/// From when to when a version can be seen, its end aside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub seq: Seq,
    pub kind: RowKind,
    pub expires_at: Option<u64>,
}

impl Readers {
    pub fn new(clock: Clock) -> Self {
        let slots = (0..SLOTS).map(|_| Slot(AtomicU64::new(IDLE))).collect();
        Self { slots, pinned: Mutex::default(), clock }
    }

    /// Announces a read and gives its seq (E6).
    #[inline]
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
        // So is the time: what a checkpoint takes for expired has expired for every pin that it does not see.
        let seq = visible.load(Ordering::SeqCst);
        let time_ms = self.clock.now_ms();
        pinned.add(seq, time_ms, kind)
    }

    /// Pins a seq and a time that another live pin holds already.
    pub fn pin_again(&self, other: &Pin) -> Pin {
        self.pinned.lock().add(other.seq, other.time_ms, PinKind::Snapshot)
    }

    /// Releases a pin.
    pub fn unpin(&self, pin: &Pin) {
        self.pinned.lock().remove(pin);
    }

    /// Every seq somebody reads at.
    pub fn live(&self) -> LiveSeqs {
        // Before the readers: whoever comes after them reads the clock later (E28).
        let now_ms = self.clock.now_ms();
        let earliest = |holds: &[Hold]| {
            let time_ms = holds.iter().map(|hold| hold.pin.time_ms).min().unwrap_or(now_ms);
            holds.first().map(|hold| (hold.pin.seq, time_ms))
        };
        let pinned = self.pinned.lock().by_seq().filter_map(earliest).collect();
        let announced = self.slots.iter().map(|slot| slot.0.load(Ordering::SeqCst)).filter(|&seq| seq != IDLE).min();
        LiveSeqs { pinned, announced, now_ms }
    }

    /// Whether a read is under way.
    pub fn any_announced(&self) -> bool {
        self.slots.iter().any(|slot| slot.0.load(Ordering::SeqCst) != IDLE)
    }

    /// The oldest transaction's seq.
    pub fn oldest_transaction(&self) -> Option<Seq> {
        let pinned = self.pinned.lock();
        pinned.holds.iter().find(|hold| hold.pin.kind == PinKind::Transaction).map(|hold| hold.pin.seq)
    }

    /// For `stats`: number and greatest age in seconds of snapshots and of transactions.
    pub fn summary(&self) -> ReaderSummary {
        let pinned = self.pinned.lock();
        let mut summary = ReaderSummary::default();
        for hold in &pinned.holds {
            let (count, oldest) = match hold.pin.kind {
                PinKind::Snapshot => (&mut summary.snapshots, &mut summary.oldest_snapshot_seconds),
                PinKind::Transaction => (&mut summary.transactions, &mut summary.oldest_transaction_seconds),
            };
            *count += 1;
            *oldest = oldest.max(hold.since.elapsed().as_secs_f64());
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
    seq: Seq,
}

impl ReadGuard<'_> {
    /// What it reads: the present.
    pub fn moment(&self) -> Moment {
        Moment { seq: self.seq, time_ms: PRESENT }
    }
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
