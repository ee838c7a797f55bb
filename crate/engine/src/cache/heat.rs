//! Which blocks are read by rows so often that a plain form is worth its room.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// A block is hot after so many reads of rows in one round.
const HOT: u32 = 16;
/// A round has so many reads for each block of the cache: of blocks that are read alike, next to none becomes hot.
const ROUND_READS: u64 = 4;
/// Threads count by themselves up to here, so that they do not meet on one counter at every read.
const TICK_READS: u32 = 256;
const COUNT_BITS: u32 = 8;

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

/// Counts reads of rows over the whole cache.
#[derive(Default)]
pub(super) struct Heat {
    reads: AtomicU64,
    round_end: AtomicU64,
    round: AtomicU32,
    misses: AtomicU64,
    /// Nothing was paged in lately, and plain forms of all blocks have room: then each is worth one.
    is_settled: AtomicBool,
}

/// What of a round a block has seen.
#[derive(Default)]
pub(super) struct BlockHeat(AtomicU32);

impl Heat {
    /// Whether threads have to be asked for [`Heat::next_tick`].
    pub fn ticks() -> bool {
        READS.try_with(|reads| reads.replace((reads.get() + 1) % TICK_READS) + 1 == TICK_READS).unwrap_or(false)
    }

    /// Called at each tick, with what the cache is like.
    pub fn next_tick(&self, blocks: usize, misses: u64, has_room: bool) {
        let reads = self.reads.fetch_add(u64::from(TICK_READS), Ordering::Relaxed);
        if reads >= self.round_end.load(Ordering::Relaxed) {
            self.round_end.store(reads + ROUND_READS * blocks as u64, Ordering::Relaxed);
            self.round.fetch_add(1, Ordering::Relaxed);
        }
        let is_settled = self.misses.swap(misses, Ordering::Relaxed) == misses && has_room;
        self.is_settled.store(is_settled, Ordering::Relaxed);
    }

    pub fn is_settled(&self) -> bool {
        self.is_settled.load(Ordering::Relaxed)
    }

    /// Counts a read of a block; true when it is hot.
    pub fn is_hot(&self, block: &BlockHeat) -> bool {
        let round = self.round.load(Ordering::Relaxed) << COUNT_BITS;
        let before = block.0.load(Ordering::Relaxed);
        let count = if before >> COUNT_BITS << COUNT_BITS == round { before - round + 1 } else { 1 };
        block.0.store(round | count.min(HOT), Ordering::Relaxed);
        count >= HOT
    }
}
