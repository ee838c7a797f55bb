//! Two clock hands: one drops plain forms, the other whole blocks. Each passes over what was used since it came by
//! the last time.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::BlockCache;
use super::directory::{Hand, Leaf, LeafBlocks};
use super::entry::{RECENT_PLAIN, RECENT_WHOLE};

/// The plain hand goes round once in about so many page-ins: a plain form that is hit within that time saves more
/// decoding than the blocks that would take its place save page-ins.
const PLAIN_ROUND: usize = 128;
/// Plain forms it looks at for each [`PLAIN_STEP_BYTES`] that are too much.
const PLAIN_LOOKS: usize = 16;
const PLAIN_STEP_BYTES: usize = 4 << 10;

/// Where the hands stand.
#[derive(Default)]
pub(super) struct Hands {
    plain: Hand,
    whole: Hand,
}

impl BlockCache {
    /// Brings the cache back within its capacity: first by plain forms not used lately, then by whole blocks.
    /// Pinned blocks stay, so it can remain above the capacity until they are unpinned.
    pub(super) fn make_room(&self) {
        if self.has_room(0) {
            return;
        }
        let mut hands = self.hands.lock();
        self.drop_plain_forms(&mut hands.plain, 0);
        self.drop_blocks(&mut hands.whole);
        drop(hands);
        self.join_leaves_after_removals();
    }

    /// Drops plain forms not used lately to make room for `wanted` bytes; a bounded try.
    pub(super) fn make_plain_room(&self, wanted: usize) {
        if let Some(mut hands) = self.hands.try_lock() {
            self.drop_plain_forms(&mut hands.plain, wanted);
        }
    }

    /// Whether `wanted` more bytes fit.
    pub(super) fn has_room(&self, wanted: usize) -> bool {
        self.excess(wanted) == 0
    }

    fn excess(&self, wanted: usize) -> usize {
        let capacity = self.capacity.load(Ordering::Relaxed);
        (self.bytes.load(Ordering::Relaxed) + wanted).saturating_sub(capacity)
    }

    fn drop_plain_forms(&self, hand: &mut Hand, wanted: usize) {
        let directory = self.directory();
        let leaf_count = directory.leaf_count();
        let steps = 1 + self.excess(wanted) / PLAIN_STEP_BYTES;
        let mut looks = PLAIN_LOOKS * steps;
        for _ in 0..(leaf_count.div_ceil(PLAIN_ROUND) * steps).min(2 * leaf_count) {
            let Some(leaf) = directory.leaf_at(hand) else { return };
            if leaf.blocks.read().demotable() > 0 && !self.drop_plain_of_leaf(leaf, hand, wanted, &mut looks) {
                return;
            }
            hand.next_leaf();
        }
    }

    /// False when there is room, or enough was looked at.
    fn drop_plain_of_leaf(&self, leaf: &Leaf, hand: &mut Hand, wanted: usize, looks: &mut usize) -> bool {
        let mut blocks = leaf.blocks.write();
        while hand.block < blocks.len() {
            if self.has_room(wanted) || *looks == 0 {
                return false;
            }
            let block = blocks.at(hand.block);
            if block.is_demotable() {
                *looks -= 1;
                if !block.take_recent(RECENT_PLAIN) {
                    self.demote(&mut blocks, hand.block);
                }
            }
            hand.block += 1;
        }
        true
    }

    fn drop_blocks(&self, hand: &mut Hand) {
        let directory = self.directory();
        // The first time round takes the marks of use, the second the plain forms; the third leaves only pinned ones.
        for _ in 0..=3 * directory.leaf_count() {
            let Some(leaf) = directory.leaf_at(hand) else { return };
            if !self.drop_blocks_of_leaf(leaf, hand) {
                return;
            }
            hand.next_leaf();
        }
    }

    /// False when there is room.
    fn drop_blocks_of_leaf(&self, leaf: &Leaf, hand: &mut Hand) -> bool {
        let epoch = self.pin_epoch.load(Ordering::Acquire);
        let mut blocks = leaf.blocks.write();
        while hand.block < blocks.len() {
            if self.has_room(0) {
                return false;
            }
            let block = blocks.at(hand.block);
            if block.is_pinned(epoch) || block.take_recent(RECENT_WHOLE) {
                hand.block += 1;
            } else if block.is_demotable() {
                self.demote(&mut blocks, hand.block);
                hand.block += 1;
            } else {
                let old = blocks.remove(hand.block);
                self.release(&old);
                self.count_if_emptied(&blocks);
            }
        }
        !self.has_room(0)
    }

    fn demote(&self, blocks: &mut LeafBlocks, at: usize) {
        let demoted = Arc::new(blocks.at(at).demoted());
        self.charge(&demoted);
        let old = blocks.replace(at, demoted);
        self.release(&old);
    }
}
