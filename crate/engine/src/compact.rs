//! `compact`: drains the memtables, purges what nobody reads, and joins blocks that have become small. Its steps are also
//! those of a walk after expired rows.

use std::sync::Arc;

use crate::block::Block;
use crate::checkpoint::{Drain, Run};
use crate::error::{Error, ErrorCode, Result};
use crate::key;
use crate::meta;
use crate::namespace::NamespaceId;
use crate::progress::{Progress, WalkedBlocks};
use crate::reclaim::{STEP_GROUPS, Sieve};
use crate::rewrite::{BlockWriter, Group};
use crate::store::{Inner, Store};

impl Store {
    /// Brings everything into the blocks, purges old versions and dropped namespaces nobody reads any more, and joins
    /// small blocks. `progress` is called now and then; its `false` ends the work early, with nothing lost.
    ///
    /// # Errors
    /// `ABORTED` when `progress` asked for it, `STORAGE_FAILED`, `CLOSED`.
    pub fn compact(&self, progress: &mut dyn FnMut(Progress) -> bool) -> Result<()> {
        self.check_open()?;
        go_on(progress, &WalkedBlocks::new(&self.inner))?;
        self.checkpoint()?;
        self.inner.join_small_blocks(progress)
    }

    /// Brings everything applied so far into the blocks.
    ///
    /// # Errors
    /// `STORAGE_FAILED`, `CLOSED`.
    pub fn checkpoint(&self) -> Result<()> {
        self.check_open()?;
        let inner = &self.inner;
        inner.wait_until_admitted()?;
        let target = {
            let writer = inner.lock_writer();
            inner.check_writable()?;
            inner.freeze(&writer)?;
            writer.next_seq - 1
        };
        // Under steady writes there is always one more to drain, so it ends one round after what was asked for.
        loop {
            let is_last = inner.checkpoint.applied() >= target;
            if !inner.checkpoint_once(Drain::Blocks).map_err(|error| inner.poison(error))? || is_last {
                return Ok(());
            }
        }
    }
}

impl Inner {
    fn join_small_blocks(self: &Arc<Self>, progress: &mut dyn FnMut(Progress) -> bool) -> Result<()> {
        let mut walked = WalkedBlocks::new(self);
        for space in [key::SPACE_BASE, key::SPACE_CHUNKS, key::SPACE_HISTORY] {
            for namespace in meta::namespaces_with_blocks(&*self.backend, space)? {
                let mut position = Some(Vec::new());
                while let Some(from) = position {
                    go_on(progress, &walked)?;
                    let mut run = self.begin_checkpoint()?;
                    let live = self.readers.live();
                    let (mut sieve, mut walk) = (Sieve::new(&live), |block: &Block, bytes| walked.add(block, bytes));
                    let joined = self.rewrite_step(&mut run, (space, namespace), &from, &mut sieve, &mut walk);
                    let joined = joined.map_err(|error| self.stop_writing(error));
                    drop(run);
                    position = joined.map_err(|error| self.poison(error))?;
                }
            }
        }
        progress(walked.whole());
        Ok(())
    }

    /// Joins the small blocks of some groups from `from` on and drops their expired rows (E28), as a checkpoint of its own;
    /// gives where to go on. Blocks are shown to `walked`, with the bytes of their rows.
    pub fn rewrite_step(
        self: &Arc<Self>,
        run: &mut Run,
        (space, namespace): (u8, NamespaceId),
        from: &[u8],
        sieve: &mut Sieve<'_>,
        walked: &mut dyn FnMut(&Block, usize),
    ) -> Result<Option<Vec<u8>>> {
        let number = run.number + 1;
        let applied = self.checkpoint.applied();
        let mut writer = BlockWriter::new(self, run);
        let mut position = from.to_vec();
        let mut next = None;
        let mut begun = false;
        for _ in 0..STEP_GROUPS {
            next = None;
            let Some(old) = writer.load(space, namespace, &position)? else { break };
            let row_bytes = old.row_bytes();
            walked(&old.block, row_bytes);
            let is_small = row_bytes < self.plan.block_bytes / 4 && old.fence.is_some();
            let is_changed = sieve.finds(&old.block)? || is_small;
            let mut group = Group::start(space, namespace, Some(old));
            if is_changed {
                if !std::mem::replace(&mut begun, true) {
                    // E15: also a checkpoint without new rows can be cut off between two blocks.
                    meta::write_pending(&*self.backend, applied, number)?;
                }
                group.push_all_kept(&mut writer, sieve.live)?;
                while group.absorb_right(&writer)? {
                    if let Some(right) = group.current() {
                        walked(&right.block, right.row_bytes());
                        sieve.finds(&right.block)?;
                    }
                    group.push_all_kept(&mut writer, sieve.live)?;
                }
            }
            next = group.fence().map(<[u8]>::to_vec);
            if is_changed {
                group.finish(&mut writer)?;
            }
            match &next {
                Some(fence) => position.clone_from(fence),
                None => break,
            }
        }
        if begun {
            writer.remove_dropped_values()?;
            self.complete(run, &mut writer, applied, number)?;
        }
        Ok(next)
    }
}

/// Tells how far it is, and ends the work when that is asked for.
fn go_on(progress: &mut dyn FnMut(Progress) -> bool, walked: &WalkedBlocks) -> Result<()> {
    if progress(walked.progress()) {
        return Ok(());
    }
    Err(Error::new(ErrorCode::Aborted, "compact was ended; what it did so far stays"))
}
