//! Merging the places a scan reads: memtables, one block, history. Precedence is by seq alone (E7).

use std::cmp::Ordering;
use std::ops::ControlFlow;

use crate::block::{KeyParts, RowRef, Walk};
use crate::cache::CachedBlock;
use crate::error::Result;
use crate::key;
use crate::memtable::Memtable;
use crate::namespace::NamespaceId;
use crate::row::{Row, RowKind};
use crate::rows::Rows;
use crate::scan_beside::Place;
use crate::store::Seq;

/// Rows of one place beside the block, in the scan's direction.
pub(crate) enum Source<'a> {
    Beside(&'a Place),
    /// The next one is at the first index, or in reverse before the second.
    Rows {
        rows: &'a Rows,
        from: usize,
        to: usize,
        reverse: bool,
    },
}

impl<'a> Source<'a> {
    pub fn rows(rows: &'a Rows, reverse: bool) -> Self {
        Self::Rows { rows, from: 0, to: rows.len(), reverse }
    }

    fn row(&self) -> Option<Row<'a>> {
        match *self {
            Self::Beside(place) => place.row(),
            Self::Rows { from, to, .. } if from == to => None,
            Self::Rows { rows, from, to, reverse } => Some(rows.row(if reverse { to - 1 } else { from })),
        }
    }

    fn advance(&mut self) {
        match self {
            Self::Beside(place) => place.advance(),
            Self::Rows { to, reverse: true, .. } => *to -= 1,
            Self::Rows { from, .. } => *from += 1,
        }
    }
}

/// How far and which way a merge goes.
pub(crate) struct MergeBounds<'a> {
    pub reverse: bool,
    /// The last key to take: a source was cut short there.
    pub horizon: Option<&'a [u8]>,
    /// So many rows are enough.
    pub wanted: usize,
    pub keys_only: bool,
    pub seq: Seq,
    /// E28: rows that expire by this time are left out, and what is older than them with them.
    pub time_ms: u64,
}

impl MergeBounds<'_> {
    fn directed(&self, order: Ordering) -> Ordering {
        if self.reverse { order.reverse() } else { order }
    }
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
        if !memtables.is_empty() {
            key::push_internal_key(&mut internal, key::SPACE_BASE, namespace.get(), &[]);
        }
        Self { memtables, seq, internal }
    }

    /// Whether a range tombstone newer than the row covers it.
    fn covers(&mut self, row: &RowRef<'_>) -> bool {
        if self.memtables.is_empty() {
            return false;
        }
        self.internal.truncate(key::KEY_HEAD_BYTES);
        row.key.append_to(&mut self.internal);
        let (internal, seq) = (&self.internal, self.seq);
        self.memtables.iter().any(|table| table.range_tombstone_over(internal, seq).is_some_and(|by| by > row.seq))
    }
}

/// Takes the winning row of every key up to the horizon (inclusive).
pub(crate) struct Merge<'a> {
    others: Vec<Source<'a>>,
    /// Of the others the one whose row comes first; of equal keys the newest.
    next: Option<usize>,
    bounds: MergeBounds<'a>,
    cleared: Cleared<'a>,
    out: &'a mut Rows,
    /// A key that is passed by.
    passed: Vec<u8>,
    /// Whether no further row is to be taken.
    is_done: bool,
    is_cut: bool,
}

impl<'a> Merge<'a> {
    pub fn new(others: Vec<Source<'a>>, bounds: MergeBounds<'a>, cleared: Cleared<'a>, out: &'a mut Rows) -> Self {
        let next = first_of(&others, &bounds);
        Self { others, next, bounds, cleared, out, passed: Vec::new(), is_done: false, is_cut: false }
    }

    /// Takes the rows of a block that lie in a region, `low` inclusive and `high` exclusive, and what comes before them elsewhere.
    /// After an error some were taken.
    pub fn take_block(&mut self, block: &CachedBlock, (low, high): (&[u8], Option<&[u8]>)) -> Result<()> {
        // Where the block ends with the region, its rows need not be compared with the region's end.
        if self.bounds.reverse {
            let limit = Some(low).filter(|&low| low != block.low());
            block.walk(Walk::Down(high), &mut |row| match limit.is_some_and(|limit| row.key.order(limit).is_lt()) {
                true => ControlFlow::Break(()),
                false => self.take(row),
            })
        } else {
            let limit = high.filter(|&high| block.fence() != Some(high));
            block.walk(Walk::Up(low), &mut |row| match limit.is_some_and(|limit| row.key.order(limit).is_ge()) {
                true => ControlFlow::Break(()),
                false => self.take(row),
            })
        }
    }

    fn take(&mut self, row: &RowRef<'_>) -> ControlFlow<()> {
        if row.seq > self.bounds.seq {
            return ControlFlow::Continue(());
        }
        while let Some(other) = self.next_other() {
            match self.bounds.directed(row.key.order(other.key)) {
                Ordering::Less => break,
                Ordering::Greater => self.take_other(&other)?,
                Ordering::Equal if other.seq > row.seq => return self.take_other(&other),
                Ordering::Equal => {
                    self.pass(other.key);
                    break;
                }
            }
        }
        self.push(row)
    }

    /// Takes what is left of the region elsewhere; true when there may be more, because rows enough were taken.
    pub fn finish(mut self, (low, high): (&[u8], Option<&[u8]>)) -> bool {
        let reverse = self.bounds.reverse;
        let is_inside = |key: &[u8]| if reverse { key >= low } else { high.is_none_or(|high| key < high) };
        while !self.is_done
            && let Some(other) = self.next_other().filter(|other| is_inside(other.key))
        {
            let _ = self.take_other(&other);
        }
        self.is_cut
    }

    fn next_other(&self) -> Option<Row<'a>> {
        self.next.and_then(|next| self.others[next].row())
    }

    fn take_other(&mut self, other: &Row<'a>) -> ControlFlow<()> {
        let Row { key, seq, kind, expires_at, end_seq, value } = *other;
        self.push(&RowRef { key: KeyParts { prefix: &[], suffix: key }, seq, kind, expires_at, end_seq, value })?;
        self.pass(key);
        ControlFlow::Continue(())
    }

    /// Leaves out what the other places have of a key, which is their next.
    fn pass(&mut self, key: &[u8]) {
        self.passed.clear();
        self.passed.extend_from_slice(key);
        for source in &mut self.others {
            while source.row().is_some_and(|row| row.key == self.passed) {
                source.advance();
            }
        }
        self.next = first_of(&self.others, &self.bounds);
    }

    fn push(&mut self, row: &RowRef<'_>) -> ControlFlow<()> {
        let bounds = &self.bounds;
        let is_beyond = bounds.horizon.is_some_and(|horizon| bounds.directed(row.key.order(horizon)).is_gt());
        self.is_cut = !is_beyond && self.out.len() == bounds.wanted;
        if is_beyond || self.is_cut {
            self.is_done = true;
            return ControlFlow::Break(());
        }
        let in_time = row.expires_at.is_none_or(|at| at > bounds.time_ms);
        if row.kind != RowKind::Tombstone && in_time && !self.cleared.covers(row) {
            let value = if bounds.keys_only && row.kind == RowKind::Value { &[] } else { row.value };
            self.out.push_ref(&RowRef { value, ..*row });
        }
        ControlFlow::Continue(())
    }
}

fn first_of(sources: &[Source<'_>], bounds: &MergeBounds<'_>) -> Option<usize> {
    let mut best: Option<(usize, Row<'_>)> = None;
    for (index, source) in sources.iter().enumerate() {
        let Some(row) = source.row() else { continue };
        let is_better = best.as_ref().is_none_or(|(_, best)| {
            let order = bounds.directed(row.key.cmp(best.key));
            order.is_lt() || (order.is_eq() && row.seq > best.seq)
        });
        if is_better {
            best = Some((index, row));
        }
    }
    best.map(|(index, _)| index)
}
