//! `compact`: drains the memtables, purges what nobody reads, and joins blocks that have become small.

use std::sync::Arc;

use crate::checkpoint::Run;
use crate::error::{Error, ErrorCode, Result};
use crate::key;
use crate::meta;
use crate::namespace::NamespaceId;
use crate::progress::{Progress, WalkedBlocks};
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
            if !inner.checkpoint_once().map_err(|error| inner.poison(error))? || is_last {
                return Ok(());
            }
        }
    }
}

impl Inner {
    fn join_small_blocks(self: &Arc<Self>, progress: &mut dyn FnMut(Progress) -> bool) -> Result<()> {
        /// Groups rewritten under one hold: a checkpoint that is due need not wait for the whole walk.
        const STEP_GROUPS: usize = 256;
        let mut walked = WalkedBlocks::new(self);
        for space in [key::SPACE_BASE, key::SPACE_CHUNKS, key::SPACE_HISTORY] {
            for namespace in meta::namespaces_with_blocks(&*self.backend, space)? {
                let mut position = Some(Vec::new());
                while let Some(from) = position {
                    go_on(progress, &walked)?;
                    let mut run = self.begin_checkpoint()?;
                    let joined = self.join_step(&mut run, (space, namespace), &from, STEP_GROUPS, &mut walked);
                    let joined = joined.map_err(|error| self.stop_writing(error));
                    drop(run);
                    position = joined.map_err(|error| self.poison(error))?;
                }
            }
        }
        progress(walked.whole());
        Ok(())
    }

    /// Joins the small blocks of some groups from `from` on, as a checkpoint of its own; gives where to go on.
    fn join_step(
        self: &Arc<Self>,
        run: &mut Run,
        (space, namespace): (u8, NamespaceId),
        from: &[u8],
        groups: usize,
        walked: &mut WalkedBlocks,
    ) -> Result<Option<Vec<u8>>> {
        let number = run.number + 1;
        let applied = self.checkpoint.applied();
        let mut writer = BlockWriter::new(self, run);
        let mut position = from.to_vec();
        let mut next = None;
        let mut begun = false;
        for _ in 0..groups {
            next = None;
            let Some(old) = writer.load(space, namespace, &position)? else { break };
            let row_bytes = old.row_bytes();
            let small = row_bytes < self.plan.block_bytes / 4 && old.fence.is_some();
            walked.add(&old.block, row_bytes);
            let mut group = Group::start(space, namespace, Some(old));
            if small {
                if !std::mem::replace(&mut begun, true) {
                    // E15: also a checkpoint without new rows can be cut off between two blocks.
                    meta::write_pending(&*self.backend, applied, number)?;
                }
                group.push_all(&mut writer)?;
                while group.absorb_right(&writer)? {
                    if let Some(right) = group.current() {
                        walked.add(&right.block, right.row_bytes());
                    }
                    group.push_all(&mut writer)?;
                }
            }
            next = group.fence().map(<[u8]>::to_vec);
            if small {
                group.finish(&mut writer)?;
            }
            match &next {
                Some(fence) => position.clone_from(fence),
                None => break,
            }
        }
        if begun {
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
