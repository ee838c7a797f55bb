//! How sled is opened, and what it comes to hold in memory then.

use std::time::Duration;

use crate::options::SEGMENT_BYTES;

/// How sled is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SledOptions {
    /// Bytes of sled's own page cache.
    pub cache_bytes: usize,
    /// Longest wait for a flush and for the close.
    pub deadline: Duration,
}

impl SledOptions {
    /// Options with a deadline that only a stuck disk or a dead thread of sled exceeds.
    pub(crate) fn new(cache_bytes: usize) -> Self {
        Self { cache_bytes: cache_bytes.max(CACHE_BYTES_MIN), deadline: Duration::from_secs(120) }
    }

    /// How often an entry just read is touched again, so that sled's cache keeps to its size.
    ///
    /// sled evicts only when one of its 256 shards has recorded 64 accesses, and pages nothing else out: reads spread
    /// over many leaves keep up to 64 leaves a shard in memory, whatever the cache's size. Measured with 60,000
    /// entries of 3 KB (180 MB), a cache of 1 MiB and random reads, resident memory above the empty process, and time
    /// a read: no touch 139 MB, 8.4 µs; 3 touches 60 MB, 11 µs; 15 touches 30 MB, 19 µs; 63 touches 23 MB, 33 µs.
    pub(crate) fn touches(&self) -> usize {
        // About 32 / (1 + touches) leaves stay in a shard above the one that always does.
        let leaves = (self.cache_bytes / (SHARDS * LEAF_BYTES)).saturating_sub(1);
        32_usize.checked_div(leaves).unwrap_or(TOUCHES_MAX).min(TOUCHES_MAX)
    }

    /// What sled's cache can hold with these touches.
    pub(crate) fn resident_bytes(&self) -> usize {
        (1 + 32 / (1 + self.touches())) * SHARDS * LEAF_BYTES
    }

    /// The most that sled comes to hold, on a store larger than its cache.
    pub(crate) fn memory_bytes_max(&self) -> usize {
        EMPTY_BYTES + 2 * SEGMENT_BYTES + self.resident_bytes()
    }
}

/// sled refuses less than one byte a shard; below this nothing is saved, for a leaf a shard stays anyway.
const CACHE_BYTES_MIN: usize = 64 << 10;
/// Shards of sled's cache.
pub(crate) const SHARDS: usize = 256;
/// One of sled's leaves: 16 places with their keys, and what sled keeps beside them.
pub(crate) const LEAF_BYTES: usize = 16 * 128;
/// Beyond this a touch costs more time than it saves memory.
const TOUCHES_MAX: usize = 15;
/// Measured: what an empty sled adds to the process besides its two write buffers, without its code.
pub(crate) const EMPTY_BYTES: usize = 512 << 10;
