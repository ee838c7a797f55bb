//! Reclaiming rows that have expired (E28): when a walk through a namespace's blocks is worth it, and a step of one.
//!
//! Checkpoints drop expired rows of the blocks they rewrite anyhow. The others go in walks, which wait until an eighth of a
//! namespace has expired, so that eight bytes are written for one that is freed at most; or until the first row has been
//! expired for an hour (they are known as expired up to an eighth of their time to live late), so that none stays for ever.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::block::Block;
use crate::error::Result;
use crate::expiries::Expiries;
use crate::key;
use crate::large::Manifest;
use crate::meta;
use crate::namespace::NamespaceId;
use crate::order::map_of;
use crate::row::{Row, RowKind};
use crate::snapshot::LiveSeqs;
use crate::store::Inner;
use crate::tables::FROZEN_MAX;

/// How long an expired row may stay while the store is open and nobody reads it.
pub(crate) const RECLAIMED_WITHIN_MS: u64 = 3_600_000;
/// This part of a namespace's bytes is worth a walk before that,
const WORTH_PART: u64 = 8;
/// if it comes to so many.
const WORTH_BYTES: u64 = 64 << 10;
/// Groups of blocks rewritten under one hold: a checkpoint that is due need not wait for the whole walk.
pub(crate) const STEP_GROUPS: usize = 256;

/// Rows of blocks that expire, and are still there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// Rows to come, and those that a read under way kept.
    pub expiring: Expiries,
    /// Rows that have expired, but not for a snapshot or a transaction.
    pub held: Expiries,
}

impl Kept {
    fn add_all(&mut self, other: &Self) {
        self.expiring.add_all(&other.expiring);
        self.held.add_all(&other.held);
    }
}

/// What is known of the rows of one namespace.
#[derive(Debug, Default)]
struct Known {
    /// At most too much: what was removed since the last walk is counted, too.
    kept: Kept,
    /// The earliest time a snapshot or transaction read at when the last walk ended.
    held_since: Option<u64>,
    /// What the walk under way has found, and what came to its namespace meanwhile.
    walked: Option<Kept>,
    /// Whether it differs from what is stored.
    is_changed: bool,
}

impl Known {
    /// Everything, whoever holds it.
    fn all(&self) -> Expiries {
        let mut all = self.kept.expiring.clone();
        all.add_all(&self.kept.held);
        all
    }

    fn is_worth_a_walk(&self, namespace_bytes: u64, live: &LiveSeqs) -> bool {
        let is_let_go = live.oldest_time_ms() > self.held_since || live.oldest_time_ms().is_none();
        let all = if is_let_go { self.all() } else { self.kept.expiring.clone() };
        let expired = all.expired_bytes(live.now_ms);
        let is_much = expired >= WORTH_BYTES && expired >= namespace_bytes / WORTH_PART;
        is_much || all.first().is_some_and(|first| first.saturating_add(RECLAIMED_WITHIN_MS) <= live.now_ms)
    }
}

/// What is known of all namespaces; of those without rows that expire, nothing.
#[derive(Default)]
pub(crate) struct Reclaim(Mutex<BTreeMap<u32, Known>>);

/// Where a walk goes on.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    namespace: NamespaceId,
    from: Vec<u8>,
}

impl Reclaim {
    pub fn new(stored: BTreeMap<u32, Expiries>) -> Self {
        Self(Mutex::new(known_of(stored, false)))
    }

    /// All was counted anew.
    pub fn replace(&self, counted: BTreeMap<u32, Expiries>) {
        *self.0.lock() = known_of(counted, true);
    }

    /// A checkpoint has brought rows that expire into the blocks.
    pub fn add(&self, came: &BTreeMap<u32, Expiries>) {
        let mut known = self.0.lock();
        for (&namespace, came) in came {
            let known = known.entry(namespace).or_default();
            known.kept.expiring.add_all(came);
            known.is_changed = true;
            if let Some(walked) = &mut known.walked {
                walked.expiring.add_all(came);
            }
        }
    }

    pub fn forget(&self, namespace: NamespaceId) {
        self.0.lock().remove(&namespace.get());
    }

    /// What is to be stored: all that was changed since this was asked.
    pub fn take_changed(&self) -> Vec<(u32, Expiries)> {
        let mut known = self.0.lock();
        let changed =
            known.iter_mut().map(|(&namespace, known)| (namespace, std::mem::take(&mut known.is_changed), known));
        changed.filter(|(_, is_changed, _)| *is_changed).map(|(namespace, _, known)| (namespace, known.all())).collect()
    }

    /// Whether some row of a namespace is known to expire.
    pub fn knows(&self, namespace: u32) -> bool {
        self.0.lock().get(&namespace).is_some_and(|known| !known.all().is_empty())
    }

    fn begin(&self, live: &LiveSeqs, bytes: impl Fn(NamespaceId) -> u64) -> Option<Walk> {
        let mut known = self.0.lock();
        let is_worth = |namespace, known: &Known| known.is_worth_a_walk(bytes(NamespaceId::new(namespace)), live);
        let (&namespace, known) = known.iter_mut().find(|(namespace, known)| is_worth(**namespace, known))?;
        known.walked = Some(Kept::default());
        Some(Walk { namespace: NamespaceId::new(namespace), from: Vec::new() })
    }

    /// A walk has found so many rows more.
    fn note(&self, namespace: NamespaceId, kept: &Kept) {
        if let Some(walked) = self.0.lock().get_mut(&namespace.get()).and_then(|known| known.walked.as_mut()) {
            walked.add_all(kept);
        }
    }

    fn end(&self, namespace: NamespaceId, live: &LiveSeqs) {
        let mut all = self.0.lock();
        let Some(known) = all.get_mut(&namespace.get()) else { return };
        if let Some(kept) = known.walked.take() {
            let (held_since, walked) = (live.oldest_time_ms(), None);
            *known = Known { kept, held_since, walked, is_changed: true };
        }
    }
}

fn known_of(expiries: BTreeMap<u32, Expiries>, is_changed: bool) -> BTreeMap<u32, Known> {
    let known = |expiring| Known { kept: Kept { expiring, ..Kept::default() }, is_changed, ..Known::default() };
    map_of(expiries.into_iter().map(|(namespace, expiring)| (namespace, known(expiring))))
}

/// Looks through blocks for rows that nobody can read any more.
pub(crate) struct Sieve<'a> {
    pub live: &'a LiveSeqs,
    /// The rows that stay and expire.
    pub kept: Kept,
}

impl<'a> Sieve<'a> {
    pub fn new(live: &'a LiveSeqs) -> Self {
        Self { live, kept: Kept::default() }
    }

    /// Whether some row of a block goes; those that stay are counted.
    pub fn finds(&mut self, block: &Block) -> Result<bool> {
        let mut finds = false;
        if block.header().space != key::SPACE_BASE {
            return Ok(false);
        }
        for row in (0..block.len()).map(|index| block.row(index)) {
            let Some(expires_at) = row.expires_at else { continue };
            let (lifetime, now_ms) = (row.lifetime(), self.live.now_ms);
            if !self.live.keeps(&lifetime, None) {
                finds = true;
                continue;
            }
            let is_held = expires_at <= now_ms && self.live.is_pinned(&lifetime, None);
            let kept = if is_held { &mut self.kept.held } else { &mut self.kept.expiring };
            kept.add(expires_at, bytes_freed(row.key.len(), row.kind, row.value)?, now_ms);
        }
        Ok(finds)
    }
}

/// Bytes of a row, and of the chunks it is the manifest of.
fn bytes_freed(key_bytes: usize, kind: RowKind, value: &[u8]) -> Result<u64> {
    let value_bytes = match kind {
        RowKind::Manifest => Manifest::decode(value)?.length,
        _ => value.len() as u64,
    };
    Ok(key_bytes as u64 + value_bytes)
}

/// Counts a row that expires among those of its namespace.
pub(crate) fn count(expiries: &mut BTreeMap<u32, Expiries>, namespace: u32, row: &Row<'_>, now_ms: u64) -> Result<()> {
    if let Some(expires_at) = row.expires_at {
        let bytes = bytes_freed(row.key.len(), row.kind, row.value)?;
        expiries.entry(namespace).or_default().add(expires_at, bytes, now_ms);
    }
    Ok(())
}

impl Inner {
    /// Makes a step of a walk that is under way or worth beginning; gives whether there was one.
    pub fn reclaim_step(self: &Arc<Self>) -> Result<bool> {
        if self.snapshot_file.is_some() {
            return Ok(false); // E27
        }
        let mut run = self.begin_checkpoint()?;
        let live = self.readers.live();
        let begin = || self.checkpoint.reclaim.begin(&live, |namespace| self.checkpoint.size(namespace).bytes);
        let Some(Walk { namespace, from }) = run.walk.take().or_else(begin) else { return Ok(false) };
        let mut sieve = Sieve::new(&live);
        let place = (key::SPACE_BASE, namespace);
        let next = self.rewrite_step(&mut run, place, &from, &mut sieve, &mut |_, _| ());
        let next = next.map_err(|error| self.stop_writing(error))?;
        self.checkpoint.reclaim.note(namespace, &sieve.kept);
        match next {
            Some(from) => run.walk = Some(Walk { namespace, from }),
            None => self.checkpoint.reclaim.end(namespace, &live),
        }
        Ok(true)
    }

    /// What lies in a memtable goes with it: one that nobody fills any more is drained when a row of it has been expired
    /// for long enough.
    pub fn freeze_expired(&self) -> Result<()> {
        let is_due = || {
            let tables = self.tables.load();
            let first = tables.active.first_expiry();
            first != u64::MAX
                && tables.frozen.len() < FROZEN_MAX
                && first.saturating_add(RECLAIMED_WITHIN_MS) <= self.clock().now_ms()
        };
        if !is_due() {
            return Ok(());
        }
        let writer = self.lock_writer();
        self.check_writable()?;
        if is_due() { self.freeze(&writer) } else { Ok(()) }
    }

    /// Stores what is known of rows that expire; an estimate, so it may be lost.
    pub fn write_expiries(&self) -> Result<()> {
        for (namespace, expiries) in self.checkpoint.reclaim.take_changed() {
            meta::write_expiries(&*self.backend, namespace, &expiries)?;
        }
        Ok(())
    }
}
