//! Blocks that a long scan reads ahead of its place: many in one walk of the index and few reads of the files, past the
//! cache where keeping them would save little.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::block::stored_header;
use crate::cache::{CachedBlock, Wanted};
use crate::error::Result;
use crate::key;
use crate::namespace::NamespaceId;
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
    /// The block that `start` belongs to and those behind it, `count` at most.
    fn blocks_from(&self, namespace: NamespaceId, start: &[u8], count: usize) -> Result<VecDeque<Arc<CachedBlock>>> {
        let generation = self.cache.generation();
        let seek = key::block_seek_key(key::SPACE_BASE, namespace.get(), start);
        let mut blocks = VecDeque::with_capacity(count);
        for (sled_key, stored) in self.backend.entries_above(&seek, count)? {
            if !matches!(key::split_block_key(&sled_key), Some((key::SPACE_BASE, n, _)) if n == namespace.get()) {
                break;
            }
            let damaged = |error| self.damaged_block(&sled_key, error);
            // What is compressed must be decoded by the next scan, too: reading it again is a part of that.
            blocks.push_back(if stored_header(&sled_key, &stored).map_err(damaged)?.is_compressed() {
                CachedBlock::detached(&sled_key, &stored, &[]).map_err(damaged)?
            } else {
                self.take_in(&sled_key, &stored, generation)?
            });
        }
        Ok(blocks)
    }
}
