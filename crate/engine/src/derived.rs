//! What others derive of a namespace's rows: a place for it beside the store, and its part of the memory budget (E17).
//!
//! Its bytes come out of the block cache's share, which keeps a quarter of what it has at least. What cannot do without may
//! have most of the memtables' share, too.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::error::Result;
use crate::namespace::NamespaceId;
use crate::options::MemoryPlan;
use crate::stamps::StampSet;
use crate::store::{Inner, Store};
use crate::watch::Watches;

/// Something derived of the rows of a namespace, one of its type for each. It is dropped with the namespace, and when
/// the store is closed; so it must hold no [`Store`].
pub trait Derived: Any + Send + Sync {
    /// Called about once a second by a thread of the engine, to free what is not worth its memory any more. It must
    /// neither block nor take long.
    fn tidy(&self);
}

type Kept = HashMap<(NamespaceId, TypeId), Arc<dyn Derived>>;

/// All that is derived of a store's rows.
#[derive(Default)]
pub(crate) struct DerivedSet {
    /// Who is told of commits.
    pub watches: Watches,
    /// What values that are kept are held against.
    pub stamps: StampSet,
    kept: Mutex<Kept>,
    lent: Arc<AtomicUsize>,
}

/// A part of the memory budget; dropping it gives it back.
pub struct Loan {
    lent: Arc<AtomicUsize>,
    bytes: usize,
    /// What all loans may be together for this one to grow.
    max: usize,
}

impl DerivedSet {
    /// Bytes lent.
    pub fn bytes(&self) -> usize {
        self.lent.load(Ordering::Relaxed)
    }

    /// Drops everything.
    pub fn clear(&self) {
        let kept = std::mem::take(&mut *self.kept.lock());
        drop(kept);
    }
}

impl Inner {
    /// The memory plan, as it is while so much is lent.
    pub fn shares(&self) -> MemoryPlan {
        self.plan.lending(self.derived.bytes())
    }

    /// Whether freed memory goes back to the system soon, at the price of asking for it again: in small budgets, and where
    /// most of the memtables' room is lent.
    pub fn is_short_of_memory(&self) -> bool {
        let MemoryPlan { derived_bytes, derived_bytes_max, .. } = self.plan;
        self.options.has_small_budget() || self.derived.bytes() > derived_bytes.midpoint(derived_bytes_max)
    }

    /// Drops what is derived of namespaces that were dropped, and lets the rest tidy itself.
    pub fn tidy_derived(&self) {
        let (mut gone, mut left) = (Vec::new(), Vec::new());
        self.derived.kept.lock().retain(|(namespace, _), derived| {
            let live = self.catalogue.is_live(*namespace);
            if live { &mut left } else { &mut gone }.push(derived.clone());
            live
        });
        drop(gone);
        left.iter().for_each(|derived| derived.tidy());
        // Loans come, go and change beside this, too; and nothing else tells the cache of a store that is only read.
        self.share_memory();
    }
}

impl Store {
    /// What is derived of a namespace: that there is, or what `make` gives, which must neither block nor ask for what is
    /// derived.
    ///
    /// # Errors
    /// `CLOSED`, `NAMESPACE_DROPPED`.
    pub fn derived<T: Derived>(&self, namespace: NamespaceId, make: impl FnOnce() -> T) -> Result<Arc<T>> {
        self.check_open()?;
        let mut kept = self.inner.derived.kept.lock();
        if !self.inner.catalogue.is_live(namespace) {
            return Err(self.inner.catalogue.dropped_error(namespace));
        }
        let known = kept.entry((namespace, TypeId::of::<T>()));
        let derived: Arc<dyn Any + Send + Sync> = known.or_insert_with(|| Arc::new(make())).clone();
        derived.downcast().map_err(|_| crate::error::Error::internal("what is derived of rows has another type"))
    }

    /// What is derived of a namespace, where it is there.
    pub fn known_derived<T: Derived>(&self, namespace: NamespaceId) -> Option<Arc<T>> {
        let known = self.inner.derived.kept.lock().get(&(namespace, TypeId::of::<T>())).cloned();
        (known? as Arc<dyn Any + Send + Sync>).downcast().ok()
    }

    /// Everything that is derived of this store's rows.
    pub fn all_derived<T: Derived>(&self) -> Vec<Arc<T>> {
        let kept: Vec<Arc<dyn Derived>> = self.inner.derived.kept.lock().values().cloned().collect();
        let of_type = |derived: Arc<dyn Derived>| (derived as Arc<dyn Any + Send + Sync>).downcast().ok();
        kept.into_iter().filter_map(of_type).collect()
    }

    /// Takes bytes of the memory budget for something derived; `None` when they are not there.
    pub fn lend(&self, bytes: usize) -> Option<Loan> {
        self.lend_up_to(bytes, self.lent_bytes_max())
    }

    /// As [`Store::lend`], for what is worth more than large memtables: where others have left that much, it is lent what
    /// memtables have room for, too, up to `max` for all together, of at most [`Store::needed_bytes_max`]. While more is lent
    /// than [`Store::lent_bytes_max`], memtables are smaller, and are written out more often.
    pub fn lend_needed(&self, bytes: usize, max: usize) -> Option<Loan> {
        let loan = self.lend_up_to(bytes, max.min(self.needed_bytes_max()))?;
        if self.inner.is_short_of_memory() {
            sledstore_sys::keep_large_allocations_apart();
        }
        let (active, frozen, retained) = self.inner.tables.load().bytes();
        // From now on they grow no larger; what they hold already has to go.
        let holds_more = active + frozen + retained > self.inner.shares().memtables_bytes;
        if holds_more && self.checkpoint().is_err() { None } else { Some(loan) }
    }

    fn lend_up_to(&self, bytes: usize, max: usize) -> Option<Loan> {
        let mut loan = Loan { lent: self.inner.derived.lent.clone(), bytes: 0, max };
        if !loan.resize(bytes) {
            return None;
        }
        self.inner.share_memory();
        Some(loan)
    }

    /// The most that may be lent at once, but for [`Store::lend_needed`].
    pub fn lent_bytes_max(&self) -> usize {
        self.inner.plan.derived_bytes
    }

    /// The most that may be lent at once, whatever for.
    pub fn needed_bytes_max(&self) -> usize {
        self.inner.plan.derived_bytes_max
    }

    /// How much is lent.
    pub fn lent_bytes(&self) -> usize {
        self.inner.derived.bytes()
    }
}

impl Loan {
    /// Changes how much it is; answers whether that fits, and leaves it as it is when not.
    pub fn resize(&mut self, bytes: usize) -> bool {
        let max = self.max;
        let others = |lent: usize| lent - self.bytes;
        let resized = |lent| others(lent).checked_add(bytes).filter(|&sum| sum <= max || bytes <= self.bytes);
        let fits = self.lent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, resized).is_ok();
        if fits {
            self.bytes = bytes;
        }
        fits
    }

    /// How much it is.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.lent.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
