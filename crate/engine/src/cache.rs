//! One byte-bounded cache of blocks, ordered by fence, so that a hit touches neither sled nor an index (E17).
//!
//! Every block that sled holds compressed is kept compressed; from its second hit on a block also keeps its plain
//! form while the capacity has room, and then reads need no decoding. Where reads and scans decode no more groups of
//! rows than they need, they ask for one only if the block is hot, or there is room for those of all blocks. When space is needed, plain forms not used
//! lately go first, then whole blocks. A plain form does not replace the compressed one: dropping it would cost a
//! compression of 4 µs instead of nothing, and a block that must be compressed again to stay would rather go and
//! cost a page-in of 50 µs. Blocks that are stored uncompressed keep only their plain form.

mod directory;
mod entry;
mod evict;
mod fences;
mod generation;
mod heat;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use crossbeam_utils::sync::{ShardedLock, ShardedLockReadGuard, ShardedLockWriteGuard};
use parking_lot::Mutex;

use self::directory::{Directory, LEAF_BLOCKS_MAX, Leaf, LeafBlocks, partition_id, split_key};
use self::evict::Hands;
use self::generation::Generations;
use self::heat::Heat;
use crate::block::verify_stored;
use crate::error::{Error, Result};

pub(crate) use entry::CachedBlock;

/// Of the promotions that find no room, one in so many looks for plain forms gone cold; the others would only churn.
const PROMOTIONS_PER_LOOK: u32 = 32;

/// What of a block its reader wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// One row by [`CachedBlock::find`], or some by [`CachedBlock::walk`].
    Row,
    /// All of it, by [`CachedBlock::with_block`].
    Block,
}

/// The block cache.
pub(crate) struct BlockCache {
    directory: ShardedLock<Directory>,
    capacity: AtomicUsize,
    /// Whether blocks in use get a plain form beside the compressed one.
    keeps_plain: bool,
    /// Sum of [`CachedBlock::memory_bytes`] of all blocks in the directory.
    bytes: AtomicUsize,
    /// E17: what was written since a reader began its page-in.
    generations: Generations,
    /// Blocks put with this epoch are pinned.
    pin_epoch: AtomicU64,
    hands: Mutex<Hands>,
    /// Leaves that lost their last block since short leaves were joined.
    emptied: AtomicUsize,
    promotions_without_room: AtomicU32,
    heat: Heat,
    /// Hits of leaves that are gone.
    past_hits: AtomicU64,
    misses: AtomicU64,
}

impl BlockCache {
    /// An empty cache that holds at most `capacity` bytes, pinned blocks aside.
    pub fn new(capacity: usize, keeps_plain: bool) -> Self {
        Self {
            directory: ShardedLock::default(),
            capacity: AtomicUsize::new(capacity),
            keeps_plain,
            bytes: AtomicUsize::new(0),
            generations: Generations::new(),
            pin_epoch: AtomicU64::new(1),
            hands: Mutex::default(),
            emptied: AtomicUsize::new(0),
            promotions_without_room: AtomicU32::new(0),
            heat: Heat::default(),
            past_hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The cached block that answers for `key`, or `None` when it must be paged in.
    pub fn lookup(&self, space: u8, namespace: u32, key: &[u8], wanted: Wanted) -> Option<Arc<CachedBlock>> {
        let hit = self.directory().lookup(partition_id(space, namespace), key).map(Hit::on);
        self.answer(hit, wanted)
    }

    /// The cached block of exactly this sled key; how a reverse scan finds the left neighbor.
    pub fn lookup_fence(&self, sled_key: &[u8], wanted: Wanted) -> Option<Arc<CachedBlock>> {
        let (id, fence) = split_key(sled_key)?;
        let hit = self.directory().leaf(id, fence).and_then(|leaf| {
            let blocks = leaf.blocks.read();
            let at = blocks.find(fence).ok()?;
            Some(Hit::on((leaf, blocks.at(at).clone())))
        });
        self.answer(hit, wanted)
    }

    /// Called without the directory: a promotion locks it again.
    fn answer(&self, hit: Option<Hit>, wanted: Wanted) -> Option<Arc<CachedBlock>> {
        match hit {
            Some(Hit { block, again })
                if self.keeps_plain && !block.is_plain() && self.is_worth_plain(&block, again, wanted) =>
            {
                Some(self.promote(block))
            }
            Some(Hit { block, .. }) => Some(block),
            None => {
                self.misses.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    }

    fn is_worth_plain(&self, block: &CachedBlock, again: bool, wanted: Wanted) -> bool {
        let Some(heat) = block.heat().filter(|_| wanted == Wanted::Row) else { return again };
        if Heat::ticks() {
            let has_room = self.bytes() < self.capacity.load(Ordering::Relaxed) / 2;
            // Leaves are split in halves.
            let blocks = self.directory().leaf_count() * LEAF_BLOCKS_MAX * 3 / 4;
            self.heat.next_tick(blocks, self.misses(), has_room);
        }
        self.heat.is_hot(heat) || (again && self.heat.is_settled())
    }

    /// The generation to hand to [`BlockCache::insert_page_in`]; read it before sled.
    pub fn generation(&self) -> u64 {
        self.generations.current()
    }

    /// Takes in a block read from sled, after checking it (E13). `None` when the block was written or removed since
    /// `generation`, or its namespace dropped: look it up again, or read it through [`CachedBlock::detached`].
    ///
    /// `floor` is the left neighbor's fence if the reader knows that it is above the block's own low key (a split
    /// that a crash cut short, E14), else empty.
    pub fn insert_page_in(
        &self,
        sled_key: &[u8],
        stored: &[u8],
        floor: &[u8],
        generation: u64,
    ) -> Result<Option<Arc<CachedBlock>>> {
        verify_stored(sled_key, stored)?;
        let block = Arc::new(CachedBlock::new(sled_key, stored, floor, 0)?);
        let inserted = self.insert(block, |old| match old {
            _ if self.generations.changed_since(sled_key, generation) => Decision::Refuse,
            // Two readers paged it in: the first one's may be plain by now.
            Some(old) if old.low() >= floor => Decision::KeepOld,
            _ => Decision::Insert,
        })?;
        self.make_room();
        Ok(inserted)
    }

    /// Takes in a block that a checkpoint encoded and has written to sled; call it after sled's insert. A pinned
    /// block stays until [`BlockCache::unpin_all`].
    pub fn put(&self, sled_key: &[u8], stored: &[u8], pinned: bool) -> Result<()> {
        self.generations.mark(sled_key);
        let pin_epoch = if pinned { self.pin_epoch.load(Ordering::Acquire) } else { 0 };
        let block = Arc::new(CachedBlock::new(sled_key, stored, &[], pin_epoch)?);
        self.insert(block.clone(), |old| {
            if let Some(old) = old {
                block.inherit_recent(old);
            }
            Decision::Insert
        })?;
        self.make_room();
        Ok(())
    }

    /// [`BlockCache::put`] of a block that readers use; of any other only the old form goes. What a checkpoint writes is
    /// seldom read soon, and would crowd out what is.
    pub fn renew(&self, sled_key: &[u8], stored: &[u8], pinned: bool) -> Result<()> {
        if self.is_in_use(sled_key) {
            return self.put(sled_key, stored, pinned);
        }
        self.remove(sled_key);
        Ok(())
    }

    fn is_in_use(&self, sled_key: &[u8]) -> bool {
        let Some((id, fence)) = split_key(sled_key) else { return false };
        let directory = self.directory();
        directory.leaf(id, fence).is_some_and(|leaf| {
            let blocks = leaf.blocks.read();
            blocks.find(fence).is_ok_and(|at| blocks.at(at).is_recent())
        })
    }

    /// Forgets a block; call it after sled's remove.
    pub fn remove(&self, sled_key: &[u8]) {
        self.generations.mark(sled_key);
        let Some((id, fence)) = split_key(sled_key) else { return };
        let directory = self.directory();
        let Some(leaf) = directory.leaf(id, fence) else { return };
        let mut blocks = leaf.blocks.write();
        if let Ok(at) = blocks.find(fence) {
            let old = blocks.remove(at);
            self.release(&old);
            self.count_if_emptied(&blocks);
        }
    }

    /// Forgets all blocks of one space of a namespace.
    pub fn remove_namespace(&self, space: u8, namespace: u32) {
        self.generations.mark_all();
        let removed = self.directory_mut().remove_partition(partition_id(space, namespace));
        self.release_leaves(removed);
    }

    /// Forgets everything, pinned blocks too.
    pub fn clear(&self) {
        self.generations.mark_all();
        let old = std::mem::take(&mut *self.directory_mut());
        self.release_leaves(old.into_leaves());
    }

    /// Makes all pinned blocks ordinary ones: sled has flushed them.
    pub fn unpin_all(&self) {
        self.pin_epoch.fetch_add(1, Ordering::AcqRel);
        self.make_room();
    }

    /// Changes the capacity, dropping what is too much.
    pub fn set_capacity(&self, capacity: usize) {
        self.capacity.store(capacity, Ordering::Relaxed);
        self.make_room();
    }

    /// Bytes held: blocks in both forms, their keys and places.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Number of blocks held.
    #[cfg(test)]
    pub fn blocks(&self) -> usize {
        self.directory().partitions().flatten().map(|leaf| leaf.blocks.read().len()).sum()
    }

    /// Lookups answered since it was made.
    pub fn hits(&self) -> u64 {
        let past = self.past_hits.load(Ordering::Relaxed);
        past + self.directory().partitions().flatten().map(|leaf| leaf.hits.load(Ordering::Relaxed)).sum::<u64>()
    }

    /// Lookups not answered since it was made.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }
}

/// A block that answers, and whether it did so lately.
struct Hit {
    block: Arc<CachedBlock>,
    again: bool,
}

impl Hit {
    fn on((leaf, block): (&Leaf, Arc<CachedBlock>)) -> Self {
        leaf.hits.fetch_add(1, Ordering::Relaxed);
        Self { again: block.touch(), block }
    }
}

/// What to do with a block that is to be inserted.
enum Decision {
    Insert,
    KeepOld,
    Refuse,
}

impl BlockCache {
    /// Inserts a block unless `decide`, called under the leaf's lock with what stands in its place, says otherwise.
    fn insert(
        &self,
        block: Arc<CachedBlock>,
        decide: impl Fn(Option<&CachedBlock>) -> Decision,
    ) -> Result<Option<Arc<CachedBlock>>> {
        let (id, fence) = split_key(block.sled_key()).ok_or_else(|| Error::internal("not a block's sled key"))?;
        loop {
            let directory = self.directory();
            let Some(leaf) = directory.leaf(id, fence) else {
                drop(directory);
                self.directory_mut().add_partition(id);
                continue;
            };
            let mut blocks = leaf.blocks.write();
            let place = blocks.find(fence);
            match decide(place.ok().map(|at| &**blocks.at(at))) {
                Decision::Insert => {}
                Decision::KeepOld => return Ok(place.ok().map(|at| blocks.at(at).clone())),
                Decision::Refuse => return Ok(None),
            }
            self.charge(&block);
            match place {
                Ok(at) => self.release(&blocks.replace(at, block.clone())),
                Err(at) => blocks.insert(at, block.clone()),
            }
            let full = blocks.len() > LEAF_BLOCKS_MAX;
            drop(blocks);
            drop(directory);
            if full {
                self.directory_mut().split(id, fence);
            }
            return Ok(Some(block));
        }
    }

    /// Gives a block its plain form if there is room, else gives it back as it is.
    fn promote(&self, block: Arc<CachedBlock>) -> Arc<CachedBlock> {
        let wanted = block.plain_bytes();
        if !self.has_room(wanted) {
            let tries = self.promotions_without_room.fetch_add(1, Ordering::Relaxed);
            if tries.is_multiple_of(PROMOTIONS_PER_LOOK) {
                self.make_plain_room(wanted);
            }
            if !self.has_room(wanted) {
                return block;
            }
        }
        // A block that was checked when it came in decodes; if not, its reader gets the error.
        let Ok(promoted) = block.promoted() else { return block };
        let promoted = Arc::new(promoted);
        let Some((id, fence)) = split_key(block.sled_key()) else { return block };
        let directory = self.directory();
        if let Some(leaf) = directory.leaf(id, fence) {
            let mut blocks = leaf.blocks.write();
            // It may have been written, evicted or promoted meanwhile: then this plain form serves one reader only.
            if let Some(at) = blocks.find(fence).ok().filter(|&at| Arc::ptr_eq(blocks.at(at), &block)) {
                self.charge(&promoted);
                self.release(&blocks.replace(at, promoted.clone()));
            }
        }
        drop(directory);
        self.make_room(); // others may have taken the room meanwhile
        promoted
    }

    fn directory(&self) -> ShardedLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn directory_mut(&self) -> ShardedLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn charge(&self, block: &CachedBlock) {
        self.bytes.fetch_add(block.memory_bytes(), Ordering::Relaxed);
    }

    fn release(&self, block: &CachedBlock) {
        self.bytes.fetch_sub(block.memory_bytes(), Ordering::Relaxed);
    }

    fn release_leaves(&self, leaves: impl IntoIterator<Item = Box<Leaf>>) {
        for leaf in leaves {
            self.past_hits.fetch_add(leaf.hits.load(Ordering::Relaxed), Ordering::Relaxed);
            let blocks = leaf.blocks.into_inner();
            (0..blocks.len()).for_each(|at| self.release(blocks.at(at)));
        }
    }

    fn count_if_emptied(&self, blocks: &LeafBlocks) {
        if blocks.len() == 0 {
            self.emptied.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Joins short leaves once an eighth of all was emptied: the work is that of the removals before.
    fn join_leaves_after_removals(&self) {
        if self.emptied.load(Ordering::Relaxed) > 4 + self.directory().leaf_count() / 8 {
            self.directory_mut().join_short_leaves();
            self.emptied.store(0, Ordering::Relaxed);
        }
    }
}
