//! Which blocks were written since a moment, by stripes of their sled keys' hashes.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

const STRIPES: usize = 1 << 12;

/// A counter of writes and, for each stripe of sled keys, its value at the last write there.
// E17: a page-in is refused exactly when its block's stripe was written after the reader read the counter. A writer
// changes sled first and marks second, so a reader that saw the mark's number before its sled read sees the write.
pub(super) struct Generations {
    writes: AtomicU64,
    /// The number of the last write to everything.
    floor: AtomicU64,
    stripes: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Generations {
    pub fn new() -> Self {
        Self {
            writes: AtomicU64::new(0),
            floor: AtomicU64::new(0),
            stripes: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    pub fn current(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    pub fn mark(&self, sled_key: &[u8]) {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        self.stripe(sled_key).fetch_max(number, Ordering::SeqCst);
    }

    pub fn mark_all(&self) {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        self.floor.fetch_max(number, Ordering::SeqCst);
    }

    pub fn changed_since(&self, sled_key: &[u8], generation: u64) -> bool {
        let last = self.stripe(sled_key).load(Ordering::SeqCst).max(self.floor.load(Ordering::SeqCst));
        last > generation
    }

    fn stripe(&self, sled_key: &[u8]) -> &AtomicU64 {
        &self.stripes[self.hasher.hash_one(sled_key) as usize % STRIPES]
    }
}
