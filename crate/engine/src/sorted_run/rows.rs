//! The rows of a run in their order, read past the cache.

use super::SortedRun;
use crate::block::Block;
use crate::error::Result;
use crate::row::Row;

/// A walk through a run.
pub(crate) struct RunRows<'a> {
    run: &'a SortedRun,
    /// The block at hand, and the number of the one after it.
    block: Option<Block>,
    next_block: usize,
    index: usize,
    key: Vec<u8>,
}

impl<'a> RunRows<'a> {
    /// All rows from the first one.
    pub fn new(run: &'a SortedRun) -> Result<Self> {
        let mut rows = Self { run, block: None, next_block: 0, index: 0, key: Vec::new() };
        rows.load()?;
        Ok(rows)
    }

    /// The row at hand: its key is an internal key.
    pub fn peek(&self) -> Option<Row<'_>> {
        self.block.as_ref().map(|block| block.row(self.index).with_key(&self.key))
    }

    /// Moves on to the next row.
    pub fn advance(&mut self) -> Result<()> {
        self.index += 1;
        match &self.block {
            Some(block) if self.index < block.len() => {
                self.take_key();
                Ok(())
            }
            _ => self.load(),
        }
    }

    fn load(&mut self) -> Result<()> {
        self.index = 0;
        self.block = None;
        while self.block.is_none() && self.next_block < self.run.blocks() {
            let (at, run) = (self.next_block, self.run);
            self.next_block += 1;
            let block = Block::decode(run.sled_key(at), &run.read(at)?).map_err(|error| run.damaged(error))?;
            self.block = Some(block).filter(|block| block.len() > 0);
        }
        self.take_key();
        Ok(())
    }

    fn take_key(&mut self) {
        self.key.clear();
        if let Some(block) = &self.block {
            block.key_of(self.index).append_to(&mut self.key);
        }
    }
}
