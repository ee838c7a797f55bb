//! Merging the places a scan reads: memtables, one block, history. Precedence is by seq alone (E7).

use crate::block::Block;
use crate::key;
use crate::memtable::{MemPage, Memtable};
use crate::namespace::NamespaceId;
use crate::row::{Row, RowKind};
use crate::rows::Rows;
use crate::store::Seq;

/// Rows of one place, in the scan's direction.
pub(crate) struct Source<'a> {
    rows: Place<'a>,
    /// Rows still to come: next index first.
    from: usize,
    to: usize,
    reverse: bool,
    /// The whole key of the next row, where the place keeps it in parts.
    key: Vec<u8>,
}

enum Place<'a> {
    /// In the scan's direction already.
    Memory(&'a MemPage),
    Block(&'a Block, u64),
    Rows(&'a Rows),
}

impl<'a> Source<'a> {
    pub fn memory(page: &'a MemPage) -> Self {
        Self { rows: Place::Memory(page), from: 0, to: page.len(), reverse: false, key: Vec::new() }
    }

    pub fn rows(rows: &'a Rows, reverse: bool) -> Self {
        Self { rows: Place::Rows(rows), from: 0, to: rows.len(), reverse, key: Vec::new() }
    }

    /// The block's rows of `[low, high)` at or below `seq`.
    pub fn block(block: &'a Block, low: &[u8], high: Option<&[u8]>, reverse: bool, seq: u64) -> Self {
        let index = |key: &[u8]| block.search(key).unwrap_or_else(|index| index);
        let (from, to) = (index(low), high.map_or(block.len(), index));
        let mut source = Self { rows: Place::Block(block, seq), from, to: to.max(from), reverse, key: Vec::new() };
        source.settle();
        source
    }

    fn index(&self) -> usize {
        if self.reverse { self.to - 1 } else { self.from }
    }

    fn row(&self) -> Option<Row<'_>> {
        if self.from == self.to {
            return None;
        }
        let index = self.index();
        Some(match self.rows {
            Place::Memory(page) => {
                let row = page.row(index).as_row();
                Row { key: &row.key[key::KEY_HEAD_BYTES..], ..row }
            }
            Place::Block(block, _) => {
                let row = block.row(index);
                let (seq, kind, expires_at, end_seq) = (row.seq, row.kind, row.expires_at, row.end_seq);
                Row { key: &self.key, seq, kind, expires_at, end_seq, value: row.value }
            }
            Place::Rows(rows) => rows.row(index),
        })
    }

    fn advance(&mut self) {
        if self.reverse {
            self.to -= 1;
        } else {
            self.from += 1;
        }
        self.settle();
    }

    /// Skips rows of the block that are newer than the scan, and puts the next row's key together.
    fn settle(&mut self) {
        let Place::Block(block, seq) = self.rows else { return };
        while self.from < self.to {
            let index = self.index();
            if block.row(index).seq <= seq {
                self.key.clear();
                block.key_of(index).append_to(&mut self.key);
                return;
            }
            if self.reverse {
                self.to -= 1;
            } else {
                self.from += 1;
            }
        }
    }
}

/// How far and which way a merge goes.
pub(crate) struct MergeBounds<'a> {
    pub reverse: bool,
    /// The last key to take: a source was cut short there.
    pub horizon: Option<&'a [u8]>,
    pub keys_only: bool,
    /// E28: rows that expire by this time are left out, and what is older than them with them.
    pub time_ms: u64,
}

/// The range tombstones a scan must respect.
pub(crate) struct Cleared<'a> {
    memtables: &'a [&'a Memtable],
    seq: Seq,
    /// Internal key; only what follows its head changes.
    internal: Vec<u8>,
}

impl<'a> Cleared<'a> {
    pub fn new(memtables: &'a [&'a Memtable], namespace: NamespaceId, seq: Seq) -> Self {
        let mut internal = Vec::new();
        key::push_internal_key(&mut internal, key::SPACE_BASE, namespace.get(), &[]);
        Self { memtables, seq, internal }
    }

    /// Whether a range tombstone newer than the row covers it.
    fn covers(&mut self, row: &Row<'_>) -> bool {
        if self.memtables.is_empty() {
            return false;
        }
        self.internal.truncate(key::KEY_HEAD_BYTES);
        self.internal.extend_from_slice(row.key);
        let (internal, seq) = (&self.internal, self.seq);
        self.memtables.iter().any(|table| table.range_tombstone_over(internal, seq).is_some_and(|by| by > row.seq))
    }
}

/// Appends the winning row of every key up to the horizon (inclusive).
pub(crate) fn merge(
    sources: &mut Vec<Source<'_>>,
    bounds: &MergeBounds<'_>,
    cleared: &mut Cleared<'_>,
    out: &mut Rows,
) {
    let reverse = bounds.reverse;
    sources.retain(|source| source.from < source.to);
    let mut taken = Vec::new();
    loop {
        let Some(winner) = winner(sources, reverse) else { return };
        let Some(row) = sources[winner].row() else { return };
        if bounds.horizon.is_some_and(|horizon| if reverse { row.key < horizon } else { row.key > horizon }) {
            return;
        }
        let in_time = row.expires_at.is_none_or(|at| at > bounds.time_ms);
        if row.kind != RowKind::Tombstone && in_time && !cleared.covers(&row) {
            let value = if bounds.keys_only && row.kind == RowKind::Value { &[] } else { row.value };
            out.push(&Row { value, ..row });
        }
        if sources.len() == 1 {
            sources[0].advance();
        } else {
            taken.clear();
            taken.extend_from_slice(row.key);
            for source in sources.iter_mut() {
                while source.row().is_some_and(|row| row.key == taken) {
                    source.advance();
                }
            }
        }
    }
}

/// The source whose next row comes first; of equal keys the newest.
fn winner(sources: &[Source<'_>], reverse: bool) -> Option<usize> {
    let mut best: Option<(usize, Row<'_>)> = None;
    for (index, source) in sources.iter().enumerate() {
        let Some(row) = source.row() else { continue };
        let better = match &best {
            None => true,
            Some((_, current)) => {
                let order = row.key.cmp(current.key);
                let order = if reverse { order.reverse() } else { order };
                order.is_lt() || (order.is_eq() && row.seq > current.seq)
            }
        };
        if better {
            best = Some((index, row));
        }
    }
    best.map(|(index, _)| index)
}
