//! How far long work over all blocks is.

use crate::block::Block;
use crate::key;
use crate::large::Manifest;
use crate::row::RowKind;
use crate::store::Inner;

/// How far a long operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Units done: blocks.
    pub done: u64,
    /// Units in all, as far as known; what is done at the end.
    pub total: u64,
}

/// What a walk over all blocks has met, base blocks first. Nobody counts blocks, so what is still to come is estimated:
/// base blocks by the bytes of rows, which are known, chunks by the manifests met. History counts as it comes.
pub(crate) struct WalkedBlocks {
    done: u64,
    base_blocks: u64,
    base_bytes: u64,
    /// Bytes of rows in all base blocks, as of the last checkpoint.
    base_bytes_known: u64,
    block_bytes: u64,
    chunk_blocks: u64,
    chunks_known: u64,
}

impl WalkedBlocks {
    pub fn new(inner: &Inner) -> Self {
        Self {
            done: 0,
            base_blocks: 0,
            base_bytes: 0,
            base_bytes_known: inner.checkpoint.base_bytes(),
            block_bytes: inner.plan.block_bytes as u64,
            chunk_blocks: 0,
            chunks_known: 0,
        }
    }

    /// A block that was met, and the bytes of its rows' keys and values.
    pub fn add(&mut self, block: &Block, row_bytes: usize) {
        self.done += 1;
        match block.header().space {
            key::SPACE_BASE => {
                self.base_blocks += 1;
                self.base_bytes += row_bytes as u64;
                self.chunks_known += chunks_of(block);
            }
            key::SPACE_CHUNKS => self.chunk_blocks += 1,
            _ => {}
        }
    }

    /// One that could not be read.
    pub fn add_damaged(&mut self) {
        self.done += 1;
    }

    pub fn progress(&self) -> Progress {
        let (blocks, bytes) =
            if self.base_bytes > 0 { (self.base_blocks, self.base_bytes) } else { (1, self.block_bytes) };
        let base_left = self.base_bytes_known.saturating_sub(self.base_bytes);
        let base_blocks_left = (u128::from(base_left) * u128::from(blocks) / u128::from(bytes.max(1))) as u64;
        let total = self.done + base_blocks_left + self.chunks_known.saturating_sub(self.chunk_blocks);
        Progress { done: self.done, total }
    }

    /// At the end.
    pub fn whole(&self) -> Progress {
        Progress { done: self.done, total: self.done }
    }
}

/// Chunks of the large values that a block has rows of; a chunk has a block of its own.
fn chunks_of(block: &Block) -> u64 {
    if !block.has_manifests() {
        return 0;
    }
    let rows = (0..block.len()).map(|index| block.row(index)).filter(|row| row.kind == RowKind::Manifest);
    let manifests = rows.filter_map(|row| Manifest::decode(row.value).ok());
    manifests.map(|manifest| manifest.length.div_ceil(u64::from(manifest.chunk_bytes).max(1))).sum()
}
