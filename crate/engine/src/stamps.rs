//! Stamps: how who keeps values of a namespace learns that one of them is no longer the newest.
//!
//! A key's stamp is a number that it shares with the other keys of its hash. A commit makes the stamps of its keys odd before its
//! rows can be read, and gives them their next even number after, as in a sequence lock (Lameter, "Effective Synchronization
//! on Linux/NUMA Systems", 2005). So a value that was read after an even stamp is the newest for as long as the stamp stays
//! that number, which whoever keeps it sees without a call. Every commit of the process goes through the writer mutex, and no other process has
//! the store open (E26), so that none is missed.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use twox_hash::XxHash3_64;

use crate::batch::{OperationKind, Parts};
use crate::error::Result;
use crate::namespace::NamespaceId;
use crate::store::Store;

/// 64 KiB of them. With more, fewer keys are read again because another one has changed.
const STAMPS: usize = 1 << 14;

/// The stamps of a namespace's keys, from their creation on.
pub struct Stamps {
    words: Box<[AtomicU32]>,
}

/// The stamps of a store.
#[derive(Default)]
pub(crate) struct StampSet {
    count: AtomicUsize,
    list: Mutex<Vec<(NamespaceId, Weak<Stamps>)>>,
}

impl Store {
    /// Stamps of a namespace's keys of the caller's own: commits keep them for as long as he does.
    ///
    /// # Errors
    /// `CLOSED`, `NAMESPACE_DROPPED`.
    pub fn stamps(&self, namespace: NamespaceId) -> Result<Arc<Stamps>> {
        self.check_open()?;
        // No commit is between its first change of a stamp and its second one.
        let _writer = self.inner.lock_writer();
        if !self.inner.catalogue.is_live(namespace) {
            return Err(self.inner.catalogue.dropped_error(namespace));
        }
        Ok(self.inner.derived.stamps.add(namespace))
    }

    /// Hands the value of a key on, if there is one, and tells whether it never expires.
    ///
    /// # Errors
    /// As [`Read::get_with`](crate::Read::get_with).
    pub fn get_lasting(&self, namespace: NamespaceId, key: &[u8], apply: &mut dyn FnMut(&[u8])) -> Result<bool> {
        self.check_open()?;
        self.inner.apply_lasting(namespace, key, apply)
    }
}

impl Stamps {
    fn new() -> Self {
        Self { words: (0..STAMPS).map(|_| AtomicU32::new(0)).collect() }
    }

    /// A key's hash, and its stamp: the word at the hash's remainder by their number.
    pub fn of(&self, key: &[u8]) -> (u32, u32) {
        let hash = hash_of(key);
        (hash, self.word(hash).load(Ordering::SeqCst))
    }

    /// All of them, a power of two.
    pub fn words(&self) -> &[AtomicU32] {
        &self.words
    }

    fn word(&self, hash: u32) -> &AtomicU32 {
        &self.words[hash as usize & (STAMPS - 1)]
    }

    /// Calls `change` with the stamps of the keys that operations change. In place nowhere: most stores keep nothing.
    #[inline(never)]
    fn each(&self, namespace: NamespaceId, parts: Parts<'_>, change: fn(&AtomicU32)) {
        for operation in parts.operations().filter(|operation| operation.namespace == namespace) {
            match operation.kind {
                OperationKind::Chunk => {}
                OperationKind::Clear | OperationKind::ClearToEnd => self.words.iter().for_each(change),
                _ => change(self.word(hash_of(operation.key))),
            }
        }
    }
}

fn hash_of(key: &[u8]) -> u32 {
    XxHash3_64::oneshot(key) as u32
}

/// Makes a stamp odd; only under the writer mutex, as [`make_even`].
fn make_odd(stamp: &AtomicU32) {
    stamp.fetch_or(1, Ordering::SeqCst);
}

fn make_even(stamp: &AtomicU32) {
    if stamp.load(Ordering::SeqCst) & 1 == 1 {
        stamp.fetch_add(1, Ordering::SeqCst);
    }
}

impl StampSet {
    fn add(&self, namespace: NamespaceId) -> Arc<Stamps> {
        let stamps = Arc::new(Stamps::new());
        let mut list = self.list.lock();
        list.retain(|(_, stamps)| stamps.strong_count() > 0);
        list.push((namespace, Arc::downgrade(&stamps)));
        self.count.store(list.len(), Ordering::Release);
        stamps
    }

    /// Before rows of a commit can be read; called under the writer mutex.
    pub fn begin(&self, parts: Parts<'_>) {
        self.each(&|namespace, stamps| stamps.each(namespace, parts, make_odd));
    }

    /// When they can; called under the writer mutex.
    pub fn end(&self, parts: Parts<'_>) {
        self.each(&|namespace, stamps| stamps.each(namespace, parts, make_even));
    }

    /// What was read is not what a read finds any more, whatever its key.
    pub fn change_all(&self) {
        self.each(&|_, stamps| {
            for stamp in &stamps.words {
                stamp.fetch_add(2, Ordering::SeqCst);
            }
        });
    }

    /// Nothing of a namespace is the newest again; called under the writer mutex.
    pub fn end_namespace(&self, ended: NamespaceId) {
        self.each(&|namespace, stamps| {
            if namespace == ended {
                stamps.words.iter().for_each(make_odd);
            }
        });
        self.list.lock().retain(|(namespace, _)| *namespace != ended);
    }

    fn each(&self, visit: &dyn Fn(NamespaceId, &Stamps)) {
        if self.count.load(Ordering::Acquire) > 0 {
            self.each_of_some(visit);
        }
    }

    #[cold]
    #[inline(never)]
    fn each_of_some(&self, visit: &dyn Fn(NamespaceId, &Stamps)) {
        for (namespace, stamps) in &*self.list.lock() {
            if let Some(stamps) = stamps.upgrade() {
                visit(*namespace, &stamps);
            }
        }
    }
}
