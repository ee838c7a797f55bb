//! Writing blocks: splitting, merging and the order that keeps every prefix of a checkpoint readable (E14).

use std::cmp::Ordering;
use std::sync::Arc;

use crate::backend::Bytes;
use crate::block::{self, Block, BlockBuilder, BlockHeader, RowRef};
use crate::checkpoint::{Run, Size};
use crate::error::{Error, Result};
use crate::expiries::Expiries;
use crate::key;
use crate::large::Manifest;
use crate::namespace::NamespaceId;
use crate::reclaim;
use crate::row::{Row, RowKind};
use crate::rows::Rows;
use crate::snapshot::LiveSeqs;
use crate::store::Inner;

/// E15: sled's buffers know no back-pressure, so it is flushed whenever this much was written.
const FLUSH_EVERY_BYTES: usize = 8 << 20;

/// Bytes of rows already written that a group may still hold: moving the rest to the front for each block would cost
/// more than they do.
const WRITTEN_BYTES_KEPT: usize = 64 << 10;

/// A block as it was before a rewrite.
pub(crate) struct OldBlock {
    sled_key: Vec<u8>,
    /// Inclusive lower end: the left neighbor's fence.
    pub low: Vec<u8>,
    /// Exclusive upper end; none for the last block.
    pub fence: Option<Vec<u8>>,
    content_hash: u64,
    /// Bytes of the entry, its key included.
    entry_bytes: u64,
    pub block: Block,
}

impl OldBlock {
    /// Bytes of keys and values.
    pub fn row_bytes(&self) -> usize {
        (0..self.block.len()).map(|index| self.block.key_of(index).len() + self.block.row(index).value.len()).sum()
    }
}

/// Change of a namespace's size.
#[derive(Clone, Copy, Default)]
pub(crate) struct SizeChange {
    pub rows: i64,
    pub bytes: i64,
}

/// Writes the blocks of one checkpoint; the only inserter of the backend (E21).
pub(crate) struct BlockWriter<'a> {
    pub inner: &'a Arc<Inner>,
    /// Number of the checkpoint, put into every block it writes (E13).
    number: u64,
    /// E15: order-independent hash over all blocks, kept while blocks come and go.
    pub hash: u64,
    /// Bytes of all blocks, kept in the same way (E21).
    pub live_bytes: Option<u64>,
    /// A checkpoint interrupted by a crash is being repeated: blocks may overlap (E14).
    redo: bool,
    builder: BlockBuilder,
    sled_key: Vec<u8>,
    unflushed_bytes: usize,
    /// Base rows gained and lost, by namespace.
    pub sizes: std::collections::BTreeMap<u32, SizeChange>,
    /// E28: rows that came and expire, by namespace.
    pub expiries: std::collections::BTreeMap<u32, Expiries>,
    pub blocks_written: u64,
    pub bytes_written: u64,
}

impl<'a> BlockWriter<'a> {
    /// For the checkpoint after the last one that `run` knows of.
    pub fn new(inner: &'a Arc<Inner>, run: &Run) -> Self {
        Self {
            inner,
            number: run.number + 1,
            hash: run.hash,
            live_bytes: run.live_bytes,
            redo: run.recount,
            builder: BlockBuilder::new(),
            sled_key: Vec::new(),
            unflushed_bytes: 0,
            sizes: std::collections::BTreeMap::new(),
            expiries: std::collections::BTreeMap::new(),
            blocks_written: 0,
            bytes_written: 0,
        }
    }

    /// Whether an interrupted checkpoint is being repeated.
    pub fn redo(&self) -> bool {
        self.redo
    }

    /// The block that `key` belongs to, read from the backend.
    pub fn load(&self, space: u8, namespace: NamespaceId, key: &[u8]) -> Result<Option<OldBlock>> {
        self.load_above(space, namespace, &key::block_seek_key(space, namespace.get(), key))
    }

    /// The first block above a key of the backend.
    fn load_above(&self, space: u8, namespace: NamespaceId, seek: &[u8]) -> Result<Option<OldBlock>> {
        let Some((sled_key, stored)) = self.inner.backend.first_above(seek)? else { return Ok(None) };
        self.open_block(space, namespace, &sled_key, &stored)
    }

    fn open_block(
        &self,
        space: u8,
        namespace: NamespaceId,
        sled_key: &Bytes,
        stored: &Bytes,
    ) -> Result<Option<OldBlock>> {
        let Some((in_space, in_namespace, fence)) = key::split_block_key(sled_key) else { return Ok(None) };
        if (in_space, in_namespace) != (space, namespace.get()) {
            return Ok(None);
        }
        let block = Block::decode(sled_key, stored).map_err(|error| self.inner.damaged_block(sled_key, error))?;
        let mut low = block.header().low.to_vec();
        if self.redo {
            low = self.effective_low(space, namespace, low, sled_key)?;
        }
        Ok(Some(OldBlock {
            sled_key: sled_key.to_vec(),
            low,
            fence: fence.map(<[u8]>::to_vec),
            content_hash: block.content_hash(),
            entry_bytes: (sled_key.len() + stored.len()) as u64,
            block,
        }))
    }

    /// E14: after a crash inside a split or merge the left neighbor's fence may lie above a block's own low key;
    /// rows below it are ignored.
    fn effective_low(&self, space: u8, namespace: NamespaceId, low: Vec<u8>, sled_key: &[u8]) -> Result<Vec<u8>> {
        let mut effective = low;
        loop {
            let seek = key::block_seek_key(space, namespace.get(), &effective);
            let Some((other, _)) = self.inner.backend.first_above(&seek)? else { return Ok(effective) };
            match key::split_block_key(&other) {
                Some((_, _, Some(fence))) if other[..] < *sled_key => effective = fence.to_vec(),
                _ => return Ok(effective),
            }
        }
    }

    /// Writes one block.
    pub fn insert(
        &mut self,
        space: u8,
        namespace: NamespaceId,
        low: &[u8],
        fence: Option<&[u8]>,
        rows: &[Row<'_>],
    ) -> Result<()> {
        self.builder.clear();
        for row in rows {
            self.builder.push(row)?;
        }
        let header = BlockHeader { space, namespace: namespace.get(), low, fence, checkpoint: self.number };
        let stored = self.builder.finish(&header, self.inner.format.compression)?;
        self.sled_key.clear();
        key::push_block_key(&mut self.sled_key, space, namespace.get(), fence);
        self.inner.backend.insert(&self.sled_key, &stored)?;
        self.inner.cache.renew(&self.sled_key, &stored, true)?;
        self.hash = self.hash.wrapping_add(block::stored_hash(&self.sled_key, &stored)?);
        let entry_bytes = (stored.len() + self.sled_key.len()) as u64;
        self.live_bytes = self.live_bytes.map(|bytes| bytes + entry_bytes);
        self.resize(space, namespace, rows.iter().map(Row::size), 1);
        self.blocks_written += 1;
        self.bytes_written += entry_bytes;
        self.unflushed_bytes += stored.len() + self.sled_key.len();
        if self.unflushed_bytes >= FLUSH_EVERY_BYTES.min(self.inner.plan.block_cache_bytes / 2) {
            self.flush()?;
        }
        Ok(())
    }

    fn resize(&mut self, space: u8, namespace: NamespaceId, sizes: impl Iterator<Item = usize>, sign: i64) {
        if space == key::SPACE_BASE {
            let change = self.sizes.entry(namespace.get()).or_default();
            for bytes in sizes {
                change.rows += sign;
                change.bytes += sign * bytes as i64;
            }
        }
    }

    /// Hands what was written to the kernel and lets the cache evict it.
    pub fn flush(&mut self) -> Result<()> {
        self.unflushed_bytes = 0;
        self.inner.backend.flush_buffers()?;
        self.inner.cache.unpin_all();
        Ok(())
    }

    /// A block's old content no longer counts: it was overwritten in place or is removed next.
    fn forget(&mut self, space: u8, namespace: NamespaceId, old: &OldBlock) {
        self.hash = self.hash.wrapping_sub(old.content_hash);
        // What an interrupted checkpoint changed was not counted, until all is counted anew.
        self.live_bytes = self.live_bytes.map(|bytes| bytes.saturating_sub(old.entry_bytes));
        let sizes = (0..old.block.len()).map(|index| old.block.key_of(index).len() + old.block.row(index).value.len());
        self.resize(space, namespace, sizes, -1);
    }

    fn remove(&mut self, old: &OldBlock) -> Result<()> {
        self.inner.backend.remove(&old.sled_key)?;
        self.inner.cache.remove(&old.sled_key);
        Ok(())
    }

    /// Removes every block of a space of a namespace; rows are handed to `dropped` first.
    pub fn remove_all(
        &mut self,
        space: u8,
        namespace: NamespaceId,
        dropped: &mut dyn FnMut(&mut Self, &Block) -> Result<()>,
    ) -> Result<u64> {
        let mut removed = 0;
        // Behind the last one removed, for until removals reach the disk a search from the start meets each of them again.
        let mut behind = key::block_seek_key(space, namespace.get(), &[]);
        while let Some(old) = self.load_above(space, namespace, &behind)? {
            // The leftmost block: what lies right of it keeps its low key above the first possible key until the
            // loop ends, so nobody may read the space any more.
            dropped(self, &old.block)?;
            self.forget(space, namespace, &old);
            self.remove(&old)?;
            removed += 1;
            behind = old.sled_key;
        }
        Ok(removed)
    }

    /// Merges `rows` (sorted, one per key) into a space that has no versions: history or chunks.
    pub fn merge_rows(&mut self, space: u8, namespace: NamespaceId, rows: &Rows) -> Result<()> {
        let mut next = 0;
        while next < rows.len() {
            let old = self.load(space, namespace, rows.row(next).key)?;
            let mut group = Group::start(space, namespace, old);
            let mut index = group.first_row();
            loop {
                let inside = next < rows.len() && group.covers(rows.row(next).key);
                let order = match (index < group.len(), inside) {
                    (false, false) => {
                        if !group.absorb_right(self)? {
                            break;
                        }
                        index = group.first_row();
                        continue;
                    }
                    (true, false) => Ordering::Less,
                    (false, true) => Ordering::Greater,
                    (true, true) => group.order(index, rows.row(next).key),
                };
                if order == Ordering::Less {
                    group.push_existing(self, index)?;
                } else {
                    group.push(self, &rows.row(next))?;
                    next += 1;
                }
                index += usize::from(order != Ordering::Greater);
            }
            group.finish(self)?;
        }
        Ok(())
    }

    /// Removes the rows of `[from, to)`; gives their number.
    pub fn remove_range(&mut self, space: u8, namespace: NamespaceId, from: &[u8], to: &[u8]) -> Result<u64> {
        self.remove_rows(space, namespace, from, Some(to), &mut |_, _| Ok(true)).map(|(removed, _)| removed)
    }

    /// Removes the rows of `[from, to)` that `goes` names; it is asked before the block without the row is written.
    /// Gives how many went and how many were kept.
    pub fn remove_rows(
        &mut self,
        space: u8,
        namespace: NamespaceId,
        from: &[u8],
        to: Option<&[u8]>,
        goes: &mut dyn FnMut(&mut Self, &RowRef<'_>) -> Result<bool>,
    ) -> Result<(u64, u64)> {
        let mut position = from.to_vec();
        let (mut removed, mut kept) = (0, 0);
        loop {
            let Some(old) = self.load(space, namespace, &position)? else { return Ok((removed, kept)) };
            let mut group = Group::start(space, namespace, Some(old));
            let before = removed;
            loop {
                for index in group.first_row()..group.len() {
                    let inside = group.order(index, from).is_ge() && to.is_none_or(|to| group.order(index, to).is_lt());
                    if inside && group.existing(index).map_or(Ok(false), |row| goes(self, &row))? {
                        removed += 1;
                    } else {
                        kept += u64::from(inside);
                        group.push_existing(self, index)?;
                    }
                }
                if removed == before || !group.absorb_right(self)? {
                    break;
                }
            }
            let fence = group.fence().map(<[u8]>::to_vec);
            if removed != before {
                group.finish(self)?;
            }
            match fence {
                Some(fence) if to.is_none_or(|to| fence.as_slice() < to) => position = fence,
                _ => return Ok((removed, kept)),
            }
        }
    }
}

/// One or more neighboring blocks on their way to being replaced.
pub(crate) struct Group {
    space: u8,
    namespace: NamespaceId,
    /// Lower end of the block that is filled now.
    low: Vec<u8>,
    current: Option<OldBlock>,
    /// Blocks whose rows went into a right neighbor; removed after it is written (E14), unless a left part has
    /// taken over their very fence meanwhile (the flag).
    absorbed: Vec<(OldBlock, bool)>,
    pending: Rows,
    /// First row of `pending` that is not written yet.
    from: usize,
    pending_bytes: usize,
    wrote: bool,
}

impl Group {
    pub fn start(space: u8, namespace: NamespaceId, current: Option<OldBlock>) -> Self {
        let low = current.as_ref().map_or_else(Vec::new, |old| old.low.clone());
        let (absorbed, pending) = (Vec::new(), Rows::default());
        Self { space, namespace, low, current, absorbed, pending, from: 0, pending_bytes: 0, wrote: false }
    }

    pub fn namespace(&self) -> NamespaceId {
        self.namespace
    }

    /// Exclusive upper end of the group.
    pub fn fence(&self) -> Option<&[u8]> {
        self.current.as_ref().and_then(|old| old.fence.as_deref())
    }

    pub fn covers(&self, key: &[u8]) -> bool {
        self.fence().is_none_or(|fence| key < fence)
    }

    pub fn len(&self) -> usize {
        self.current.as_ref().map_or(0, |old| old.block.len())
    }

    /// Index of the first row of the current block that counts: rows below the left neighbor's fence do not (E14).
    pub fn first_row(&self) -> usize {
        self.current.as_ref().map_or(0, |old| old.block.search(&old.low).unwrap_or_else(|index| index))
    }

    /// Appends the key of a row of the current block.
    pub fn append_key(&self, index: usize, out: &mut Vec<u8>) {
        if let Some(old) = &self.current {
            old.block.key_of(index).append_to(out);
        }
    }

    /// How the key of a row of the current block compares to `key`.
    pub fn order(&self, index: usize, key: &[u8]) -> Ordering {
        self.current.as_ref().map_or(Ordering::Greater, |old| old.block.key_of(index).order(key))
    }

    /// Bytes of key and value of a row of the current block.
    pub fn row_size(&self, index: usize) -> usize {
        self.current.as_ref().map_or(0, |old| old.block.key_of(index).len() + old.block.row(index).value.len())
    }

    pub fn row<'b>(&'b self, index: usize, key: &'b [u8]) -> Row<'b> {
        let Some(old) = &self.current else { unreachable!("rows are asked of a current block only") };
        old.block.row(index).with_key(key)
    }

    fn existing(&self, index: usize) -> Option<RowRef<'_>> {
        self.current.as_ref().map(|old| old.block.row(index))
    }

    pub fn push_existing(&mut self, writer: &mut BlockWriter<'_>, index: usize) -> Result<()> {
        let Some(old) = &self.current else { return Ok(()) };
        let row = old.block.row(index);
        self.pending_bytes += row.key.len() + row.value.len() + crate::rows::ROW_OVERHEAD_BYTES;
        self.pending.push_ref(&row);
        self.spill(writer)
    }

    pub fn push(&mut self, writer: &mut BlockWriter<'_>, row: &Row<'_>) -> Result<()> {
        self.pending_bytes += row.size() + crate::rows::ROW_OVERHEAD_BYTES;
        self.pending.push(row);
        self.spill(writer)
    }

    /// Pushes every row of the current block.
    fn push_all(&mut self, writer: &mut BlockWriter<'_>) -> Result<()> {
        for index in self.first_row()..self.len() {
            self.push_existing(writer, index)?;
        }
        Ok(())
    }

    /// Pushes every row of the current block but those that expired.
    pub fn push_all_kept(&mut self, writer: &mut BlockWriter<'_>, live: &LiveSeqs) -> Result<()> {
        for index in self.first_row()..self.len() {
            if !self.drop_expired(writer, live, index)? {
                self.push_existing(writer, index)?;
            }
        }
        Ok(())
    }

    /// Whether a row of the current block has expired for everybody (E28): then it is not to be pushed, and its chunks go.
    pub fn drop_expired(&self, writer: &mut BlockWriter<'_>, live: &LiveSeqs, index: usize) -> Result<bool> {
        let Some(row) = self.existing(index).filter(|row| row.expires_at.is_some()) else { return Ok(false) };
        if self.space != key::SPACE_BASE || live.keeps(&row.lifetime(), None) {
            return Ok(false);
        }
        if row.kind == RowKind::Manifest {
            writer.note_dropped_value(self.namespace, &Manifest::decode(row.value)?)?;
        }
        Ok(true)
    }

    /// Whether the next push will write a block.
    pub fn will_spill(&self, writer: &BlockWriter<'_>, bytes: usize) -> bool {
        self.pending_bytes + bytes + crate::rows::ROW_OVERHEAD_BYTES >= 2 * writer.inner.plan.block_bytes
    }

    fn spill(&mut self, writer: &mut BlockWriter<'_>) -> Result<()> {
        while self.pending_bytes >= 2 * writer.inner.plan.block_bytes && self.pending.len() - self.from >= 2 {
            let to = self.cut(writer.inner.plan.block_bytes);
            self.write_left(writer, to)?;
        }
        Ok(())
    }

    /// First row after a block of about `bytes`; at least one row stays on either side.
    fn cut(&self, bytes: usize) -> usize {
        let last = self.pending.len() - 1;
        let mut sum = 0;
        for index in self.from..last {
            sum += self.pending.row(index).size() + crate::rows::ROW_OVERHEAD_BYTES;
            if sum >= bytes {
                return index + 1;
            }
        }
        last.max(self.from + 1)
    }

    /// E14: new left parts are written before the shortened right one.
    fn write_left(&mut self, writer: &mut BlockWriter<'_>, to: usize) -> Result<()> {
        let separator = key::separator(self.pending.row(to - 1).key, self.pending.row(to).key).to_vec();
        let rows: Vec<Row<'_>> = (self.from..to).map(|index| self.pending.row(index)).collect();
        let bytes: usize = rows.iter().map(|row| row.size() + crate::rows::ROW_OVERHEAD_BYTES).sum();
        writer.insert(self.space, self.namespace, &self.low, Some(&separator), &rows)?;
        for (old, overwritten) in &mut self.absorbed {
            *overwritten |= old.fence.as_deref() == Some(&separator);
        }
        self.pending_bytes -= bytes;
        self.low = separator;
        self.from = to;
        self.wrote = true;
        if self.pending.bytes_before(self.from) >= WRITTEN_BYTES_KEPT {
            self.pending.remove_first(self.from);
            self.from = 0;
        }
        Ok(())
    }

    /// The rightmost block it has taken in.
    pub fn current(&self) -> Option<&OldBlock> {
        self.current.as_ref()
    }

    /// Takes the right neighbor in when what is left is too little for a block of its own.
    pub fn absorb_right(&mut self, writer: &BlockWriter<'_>) -> Result<bool> {
        if self.wrote || self.pending_bytes >= writer.inner.plan.block_bytes / 4 || self.absorbed.len() >= 64 {
            return Ok(false);
        }
        let Some(fence) = self.fence().map(<[u8]>::to_vec) else { return Ok(false) };
        let right = writer.load(self.space, self.namespace, &fence)?.ok_or_else(|| {
            Error::corruption(format!("namespace {}", self.namespace.get()), "the block after a fence is missing")
        })?;
        self.absorbed.extend(self.current.replace(right).map(|left| (left, false)));
        Ok(true)
    }

    /// Writes what is left under the group's fence, then removes the blocks whose rows went into it.
    pub fn finish(mut self, writer: &mut BlockWriter<'_>) -> Result<()> {
        let half_again = writer.inner.plan.block_bytes * 3 / 2;
        if self.pending_bytes > half_again && self.pending.len() - self.from >= 2 {
            let to = self.cut(self.pending_bytes / 2);
            self.write_left(writer, to)?;
        }
        let rows: Vec<Row<'_>> = (self.from..self.pending.len()).map(|index| self.pending.row(index)).collect();
        let fence = self.current.as_ref().and_then(|old| old.fence.as_deref());
        writer.insert(self.space, self.namespace, &self.low, fence, &rows)?;
        if let Some(old) = &self.current {
            writer.forget(self.space, self.namespace, old);
        }
        // From right to left: while a block is there, so is what covers the keys between it and its left neighbor.
        for (old, overwritten) in self.absorbed.iter().rev() {
            writer.forget(self.space, self.namespace, old);
            if !overwritten {
                writer.remove(old)?;
            }
        }
        Ok(())
    }
}

impl BlockWriter<'_> {
    /// Writes the block that `key` belongs to anew, without the rows its left neighbor covers (E14).
    pub fn rewrite_block(&mut self, space: u8, namespace: NamespaceId, key: &[u8]) -> Result<()> {
        let Some(old) = self.load(space, namespace, key)? else { return Ok(()) };
        let mut group = Group::start(space, namespace, Some(old));
        group.push_all(self)?;
        group.finish(self)
    }

    /// Sums hash and sizes over all blocks, instead of carrying changes forward.
    pub fn recount(&mut self) -> Result<()> {
        let counted = count_blocks(self.inner)?;
        self.hash = counted.hash;
        self.live_bytes = Some(counted.bytes);
        self.sizes.clear();
        self.inner.checkpoint.set_sizes(&counted.sizes);
        self.inner.checkpoint.reclaim.replace(counted.expiries);
        self.expiries.clear();
        for &namespace in counted.sizes.keys() {
            self.sizes.insert(namespace, SizeChange::default());
        }
        Ok(())
    }
}

/// Hash and sizes as the blocks themselves say.
pub(crate) struct Counted {
    pub hash: u64,
    pub sizes: std::collections::BTreeMap<u32, Size>,
    /// E28: rows that expire, by namespace.
    pub expiries: std::collections::BTreeMap<u32, Expiries>,
    pub blocks: u64,
    /// Bytes of the blocks and their keys, as stored.
    pub bytes: u64,
}

/// Walks every block of every space; the caller keeps checkpoints out.
pub(crate) fn count_blocks(inner: &Inner) -> Result<Counted> {
    let (sizes, expiries) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
    let mut counted = Counted { hash: 0, sizes, expiries, blocks: 0, bytes: 0 };
    let now_ms = inner.clock().now_ms();
    for space in [key::SPACE_BASE, key::SPACE_CHUNKS, key::SPACE_HISTORY] {
        let mut position = vec![space];
        while let Some((sled_key, stored)) = inner.backend.first_above(&position)? {
            let Some((_, namespace, _)) = key::split_block_key(&sled_key).filter(|&(s, ..)| s == space) else { break };
            let block = Block::decode(&sled_key, &stored).map_err(|error| inner.damaged_block(&sled_key, error))?;
            counted.hash = counted.hash.wrapping_add(block.content_hash());
            counted.blocks += 1;
            counted.bytes += (sled_key.len() + stored.len()) as u64;
            if space == key::SPACE_BASE {
                let size = counted.sizes.entry(namespace).or_default();
                size.rows += block.len() as u64;
                let bytes = (0..block.len()).map(|i| block.key_of(i).len() + block.row(i).value.len());
                size.bytes += bytes.sum::<usize>() as u64;
                for row in (0..block.len()).map(|i| block.row(i)).filter(|row| row.expires_at.is_some()) {
                    let row_key = row.key.to_vec();
                    reclaim::count(&mut counted.expiries, namespace, &row.with_key(&row_key), now_ms)?;
                }
            }
            position = sled_key.to_vec();
        }
    }
    Ok(counted)
}
