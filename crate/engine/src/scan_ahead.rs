//! Blocks that a long scan reads past the cache where keeping them would save little; upwards ahead of its place, many in
//! one walk of the index and few reads of the files.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::block::stored_header;
use crate::cache::{CachedBlock, Wanted};
use crate::error::Result;
use crate::key;
use crate::namespace::NamespaceId;
use crate::read::LOOKUPS_MAX;
use crate::store::Inner;
use crate::tables::Tables;

/// The first blocks of a scan are kept as those of a get are: short ranges are read again and again.
const BLOCKS_KEPT: usize = 8;
/// Most blocks read at once.
const BLOCKS_AHEAD_MAX: usize = 16;
/// A block is taken to have so many rows at least; what is read ahead and not needed was read for nothing.
const ROWS_A_BLOCK: usize = 16;

/// What was read ahead within one page of a scan.
#[derive(Default)]
pub(crate) struct Ahead {
    blocks: VecDeque<Arc<CachedBlock>>,
    /// E8: the memtables as they were before the first block was read.
    tables: Option<Arc<Tables>>,
    /// Blocks the scan has come to.
    passed: usize,
    /// Of them those of this page, and of the last page that came to any: the next one seldom needs more.
    in_page: usize,
    in_last_page: Option<usize>,
}

impl Ahead {
    /// The memtables to read beside the blocks of this page. E8: what a checkpoint drains meanwhile is still in them.
    pub fn tables(&mut self, inner: &Inner) -> Arc<Tables> {
        self.tables.get_or_insert_with(|| inner.tables.load_full()).clone()
    }

    /// The block that `start` belongs to; `wanted` rows are read.
    pub fn block(
        &mut self,
        inner: &Inner,
        (namespace, start): (NamespaceId, &[u8]),
        wanted: usize,
    ) -> Result<Option<Arc<CachedBlock>>> {
        self.passed += 1;
        self.in_page += 1;
        if let Some(block) = self.take(start) {
            return Ok(Some(block));
        }
        let left = |last: usize| (last + 1).saturating_sub(self.in_page).max(1);
        let count = (wanted / ROWS_A_BLOCK).min(self.in_last_page.map_or(BLOCKS_AHEAD_MAX, left)).min(BLOCKS_AHEAD_MAX);
        if self.passed > BLOCKS_KEPT && count > 1 {
            if let Some(cached) = inner.cache.lookup(key::SPACE_BASE, namespace.get(), start, Wanted::Row) {
                return Ok(Some(cached));
            }
            // What is wrong with a block ahead is told when the scan comes to it, if it does.
            self.blocks = inner.blocks_from(namespace, start, count).unwrap_or_default();
            if let Some(block) = self.take(start) {
                return Ok(Some(block));
            }
        }
        inner.block_for(key::SPACE_BASE, namespace, start, Wanted::Row)
    }

    /// The block of the keys just below `end`, which may be where a block begins; the last one without an end.
    pub fn block_below(
        &mut self,
        inner: &Inner,
        namespace: NamespaceId,
        end: Option<&[u8]>,
        is_between_blocks: bool,
    ) -> Result<Option<Arc<CachedBlock>>> {
        self.passed += 1;
        let is_kept = self.passed <= BLOCKS_KEPT;
        let Some(end) = end else { return inner.block_with_fence(namespace, None, is_kept) };
        if is_between_blocks && let Some(left) = inner.block_with_fence(namespace, Some(end), is_kept)? {
            return Ok(Some(left));
        }
        for _ in 0..LOOKUPS_MAX {
            match inner.block_for(key::SPACE_BASE, namespace, end, Wanted::Row)? {
                // E14: the left neighbor's fence is this block's low key. It is gone when the neighbor was merged into
                // this block meanwhile; then this block, read again, covers the keys.
                Some(block) if block.low() == end => {
                    if let Some(left) = inner.block_with_fence(namespace, Some(end), is_kept)? {
                        return Ok(Some(left));
                    }
                }
                other => return Ok(other),
            }
        }
        Err(inner.gap(namespace))
    }

    /// The next block, if it answers for `start`.
    fn take(&mut self, start: &[u8]) -> Option<Arc<CachedBlock>> {
        let block = self.blocks.pop_front()?;
        let answers = block.low() <= start && block.fence().is_none_or(|fence| start < fence);
        if !answers {
            // The scan was moved, or a checkpoint came between two steps of the walk.
            self.blocks.clear();
        }
        answers.then_some(block)
    }

    /// Lets go of what was read: nothing is held between two pages (N3).
    pub fn clear(&mut self) {
        if self.in_page > 0 {
            self.in_last_page = Some(std::mem::take(&mut self.in_page));
        }
        self.blocks.clear();
        self.tables = None;
    }
}

impl Inner {
    /// The block whose fence is exactly this one (E14: how the left neighbor is found).
    fn block_with_fence(
        &self,
        namespace: NamespaceId,
        fence: Option<&[u8]>,
        is_kept: bool,
    ) -> Result<Option<Arc<CachedBlock>>> {
        let sled_key = key::block_key(key::SPACE_BASE, namespace.get(), fence);
        if let Some(cached) = self.cache.lookup_fence(&sled_key, Wanted::Row) {
            return Ok(Some(cached));
        }
        let generation = self.cache.generation();
        let Some(stored) = self.backend.get(&sled_key)? else { return Ok(None) };
        self.passed_block(&sled_key, &stored, generation, is_kept).map(Some)
    }

    /// The block that `start` belongs to and those behind it, `count` at most.
    fn blocks_from(&self, namespace: NamespaceId, start: &[u8], count: usize) -> Result<VecDeque<Arc<CachedBlock>>> {
        let generation = self.cache.generation();
        let seek = key::block_seek_key(key::SPACE_BASE, namespace.get(), start);
        let mut blocks = VecDeque::with_capacity(count);
        for (sled_key, stored) in self.backend.entries_above(&seek, count)? {
            if !matches!(key::split_block_key(&sled_key), Some((key::SPACE_BASE, n, _)) if n == namespace.get()) {
                break;
            }
            blocks.push_back(self.passed_block(&sled_key, &stored, generation, false)?);
        }
        Ok(blocks)
    }

    /// A block that a scan comes to. What is compressed must be decoded by the next scan, too, and reading it again is a part
    /// of that: it is not kept unless it has to be.
    fn passed_block(&self, sled_key: &[u8], stored: &[u8], generation: u64, is_kept: bool) -> Result<Arc<CachedBlock>> {
        let damaged = |error| self.damaged_block(sled_key, error);
        if is_kept || !stored_header(sled_key, stored).map_err(damaged)?.is_compressed() {
            return self.take_in(sled_key, stored, generation);
        }
        CachedBlock::detached(sled_key, stored, &[]).map_err(damaged)
    }
}
