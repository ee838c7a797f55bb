//! Where cached blocks stand: a list of leaves for each space and namespace, each leaf a short sorted list behind a
//! lock of its own. Leaves part the fences: one holds the fences from its left neighbor's limit up to its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use super::entry::{CachedBlock, SmallBytes};
use super::fences::{Fenced, Fences};
use crate::key;

/// A leaf is split above this many blocks, and joined with its neighbor when both together hold a quarter of it.
pub(super) const LEAF_BLOCKS_MAX: usize = 64;

/// Space and namespace as one number, ordered as sled keys are.
pub(super) type PartitionId = u64;

pub(super) fn partition_id(space: u8, namespace: u32) -> PartitionId {
    u64::from(space) << 32 | u64::from(namespace)
}

/// Partition and fence of a sled key; `None` when it is not a block's.
pub(super) fn split_key(sled_key: &[u8]) -> Option<(PartitionId, Option<&[u8]>)> {
    let (space, namespace, fence) = key::split_block_key(sled_key)?;
    Some((partition_id(space, namespace), fence))
}

/// Blocks of neighboring fences.
pub(super) struct Leaf {
    /// Exclusive upper bound of its fences; `None` for the last leaf, which also takes the block without a fence.
    limit: Option<SmallBytes>,
    pub hits: AtomicU64,
    pub blocks: RwLock<LeafBlocks>,
}

impl Fenced for Box<Leaf> {
    fn fence(&self) -> Option<&[u8]> {
        self.limit.as_deref()
    }
}

impl Leaf {
    fn new(limit: Option<SmallBytes>, blocks: LeafBlocks) -> Box<Self> {
        Box::new(Self { limit, hits: AtomicU64::new(0), blocks: RwLock::new(blocks) })
    }
}

/// What a leaf holds; every change keeps the number of plain forms that could be dropped.
pub(super) struct LeafBlocks {
    blocks: Fences<Arc<CachedBlock>>,
    demotable: usize,
}

impl LeafBlocks {
    fn new(blocks: Fences<Arc<CachedBlock>>) -> Self {
        let demotable = blocks.items().iter().filter(|block| block.is_demotable()).count();
        Self { blocks, demotable }
    }

    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    pub fn demotable(&self) -> usize {
        self.demotable
    }

    pub fn at(&self, at: usize) -> &Arc<CachedBlock> {
        &self.blocks.items()[at]
    }

    pub fn find(&self, fence: Option<&[u8]>) -> Result<usize, usize> {
        self.blocks.find(fence)
    }

    pub fn insert(&mut self, at: usize, block: Arc<CachedBlock>) {
        self.demotable += usize::from(block.is_demotable());
        self.blocks.insert(at, block);
    }

    /// Puts a block of the same fence in place of another and gives that back.
    pub fn replace(&mut self, at: usize, block: Arc<CachedBlock>) -> Arc<CachedBlock> {
        self.demotable += usize::from(block.is_demotable());
        let old = std::mem::replace(self.blocks.item_mut(at), block);
        self.demotable -= usize::from(old.is_demotable());
        old
    }

    pub fn remove(&mut self, at: usize) -> Arc<CachedBlock> {
        let old = self.blocks.remove(at);
        self.demotable -= usize::from(old.is_demotable());
        old
    }
}

/// A place in the directory that goes round; leaves may be split or joined under it.
#[derive(Default)]
pub(super) struct Hand {
    id: PartitionId,
    leaf: usize,
    /// Index of a block in the leaf.
    pub block: usize,
}

impl Hand {
    pub fn next_leaf(&mut self) {
        self.leaf += 1;
        self.block = 0;
    }
}

/// All leaves. Reading it is enough to change a leaf's blocks; changing the leaves themselves takes writing it.
#[derive(Default)]
pub(super) struct Directory {
    partitions: Vec<(PartitionId, Fences<Box<Leaf>>)>,
}

impl Directory {
    fn place(&self, id: PartitionId) -> Result<usize, usize> {
        self.partitions.binary_search_by_key(&id, |(id, _)| *id)
    }

    pub fn partitions(&self) -> impl Iterator<Item = &[Box<Leaf>]> {
        self.partitions.iter().map(|(_, leaves)| leaves.items())
    }

    pub fn into_leaves(self) -> impl Iterator<Item = Box<Leaf>> {
        self.partitions.into_iter().flat_map(|(_, leaves)| leaves.into_items())
    }

    pub fn leaf_count(&self) -> usize {
        self.partitions().map(<[_]>::len).sum()
    }

    /// The first cached block with a fence above `key`, if it answers for `key`; blocks between may be missing from
    /// the cache, and then its low key is above `key`.
    pub fn lookup(&self, id: PartitionId, key: &[u8]) -> Option<(&Leaf, Arc<CachedBlock>)> {
        let leaves = &self.partitions[self.place(id).ok()?].1;
        for leaf in &leaves.items()[leaves.first_above(key)..] {
            let blocks = leaf.blocks.read();
            let at = blocks.blocks.first_above(key);
            if let Some(block) = blocks.blocks.items().get(at) {
                return (block.low() <= key).then(|| (&**leaf, block.clone()));
            }
        }
        None
    }

    /// The leaf a hand points at, after moving the hand on to one that exists.
    pub fn leaf_at(&self, hand: &mut Hand) -> Option<&Leaf> {
        let mut at = match self.place(hand.id) {
            Ok(at) if hand.leaf < self.partitions[at].1.len() => at,
            Ok(at) => at + 1,
            Err(at) => at,
        };
        if at == self.partitions.len() {
            at = 0;
        }
        let (id, leaves) = self.partitions.get(at)?;
        if hand.id != *id || hand.leaf >= leaves.len() {
            *hand = Hand { id: *id, leaf: 0, block: 0 };
        }
        leaves.items().get(hand.leaf).map(|leaf| &**leaf)
    }

    /// The leaf that holds a fence, or would.
    pub fn leaf(&self, id: PartitionId, fence: Option<&[u8]>) -> Option<&Leaf> {
        let leaves = &self.partitions[self.place(id).ok()?].1;
        leaves.items().get(leaf_index(leaves, fence)).map(|leaf| &**leaf)
    }

    /// Makes room for the first block of a partition.
    pub fn add_partition(&mut self, id: PartitionId) {
        if let Err(at) = self.place(id) {
            let leaf = Leaf::new(None, LeafBlocks::new(Fences::new(Vec::new())));
            self.partitions.insert(at, (id, Fences::new(vec![leaf])));
        }
    }

    pub fn remove_partition(&mut self, id: PartitionId) -> impl Iterator<Item = Box<Leaf>> + use<> {
        let removed = self.place(id).ok().map(|at| self.partitions.remove(at).1.into_items());
        removed.into_iter().flatten()
    }

    /// Splits the leaf of a fence if it is too long.
    pub fn split(&mut self, id: PartitionId, fence: Option<&[u8]>) {
        let Ok(at) = self.place(id) else { return };
        let leaves = &mut self.partitions[at].1;
        let at = leaf_index(leaves, fence);
        let blocks = leaves.item_mut(at).blocks.get_mut();
        let middle = blocks.len() / 2;
        if blocks.len() <= LEAF_BLOCKS_MAX {
            return;
        }
        let (Some(left), Some(right)) = (blocks.at(middle - 1).fence(), blocks.at(middle).fence()) else { return };
        let limit = SmallBytes::new(key::separator(left, right));
        let right = blocks.blocks.split_off(middle);
        let left = std::mem::replace(blocks, LeafBlocks::new(right));
        leaves.insert(at, Leaf::new(Some(limit), LeafBlocks::new(left.blocks)));
    }

    /// Joins short neighboring leaves of all partitions, so that a lookup in sparse ones does not walk empty leaves.
    pub fn join_short_leaves(&mut self) {
        for (_, leaves) in &mut self.partitions {
            let mut joined: Vec<Box<Leaf>> = Vec::with_capacity(leaves.len());
            for mut leaf in std::mem::replace(leaves, Fences::new(Vec::new())).into_items() {
                let length = leaf.blocks.get_mut().len();
                let left = joined.last_mut();
                match left.filter(|left| left.blocks.read().len() + length <= LEAF_BLOCKS_MAX / 4) {
                    Some(left) => left.join(*leaf),
                    None => joined.push(leaf),
                }
            }
            *leaves = Fences::new(joined);
        }
    }
}

impl Leaf {
    /// Takes over the leaf to the right.
    fn join(&mut self, right: Self) {
        let Self { limit, hits, blocks } = right;
        self.limit = limit;
        self.hits.fetch_add(hits.into_inner(), Ordering::Relaxed);
        let own = self.blocks.get_mut();
        let mut items = std::mem::replace(&mut own.blocks, Fences::new(Vec::new())).into_items();
        items.extend(blocks.into_inner().blocks.into_items());
        *own = LeafBlocks::new(Fences::new(items));
    }
}

fn leaf_index(leaves: &Fences<Box<Leaf>>, fence: Option<&[u8]>) -> usize {
    fence.map_or(leaves.len() - 1, |fence| leaves.first_above(fence))
}
