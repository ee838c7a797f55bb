//! Scans: one seq, key order, page by page; position is kept by key (N3), so a scan pins nothing but its seq.

use std::ops::Bound;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::block::Block;
use crate::cache::{CachedBlock, Wanted};
use crate::error::Result;
use crate::key;
use crate::large::Manifest;
use crate::memtable::{MemPage, MemRow, Memtable, PageLimits};
use crate::namespace::NamespaceId;
use crate::range::{KeyRange, successor};
use crate::read::{LOOKUPS_MAX, PageIn};
use crate::row::{Row, RowKind};
use crate::rows::Rows;
use crate::scan_ahead::Ahead;
use crate::scan_merge::{Cleared, MergeBounds, Source, merge};
use crate::snapshot::Pin;
use crate::sorted_run::SortedRun;
use crate::store::{Inner, Seq};
use crate::tables::Tables;
use crate::transaction::{Overlay, ReadSet};

/// Rows taken from one memtable at a time.
const SOURCE_ROWS: usize = 1_024;
const SOURCE_BYTES: usize = 256 << 10;
/// Rows taken from each memtable beyond those wanted, for some may be deleted ones.
const ROWS_AHEAD: usize = 8;

/// How a range is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanOptions {
    /// From the last key to the first.
    pub reverse: bool,
    /// At most this many rows.
    pub limit: Option<u64>,
    /// Leave the values out.
    pub keys_only: bool,
}

/// A scan at one seq; old versions it needs are kept until it is dropped.
pub struct Scan {
    inner: Arc<Inner>,
    pin: Pin,
    namespace: NamespaceId,
    /// What is left to read: inclusive start, exclusive end.
    start: Vec<u8>,
    end: Option<Vec<u8>>,
    reverse: bool,
    keys_only: bool,
    remaining: u64,
    finished: bool,
    buffer: Rows,
    next: usize,
    pages: Vec<MemPage>,
    ahead: Ahead,
    overlay: Option<Arc<Overlay>>,
    recorder: Option<Recorder>,
}

/// Tells a transaction what its scan really covered (E5).
pub(crate) struct Recorder {
    pub reads: Arc<Mutex<ReadSet>>,
    pub index: usize,
}

impl Scan {
    pub(crate) fn new(
        inner: &Arc<Inner>,
        pin: Pin,
        namespace: NamespaceId,
        range: &KeyRange,
        options: ScanOptions,
    ) -> Result<Self> {
        let checked = inner.check_readable().and_then(|()| inner.catalogue.check_readable(namespace, pin.seq));
        if let Err(error) = checked {
            inner.readers.unpin(&pin);
            return Err(error);
        }
        let (start, end) = range.as_half_open();
        let finished = end.as_ref().is_some_and(|end| *end <= start) || options.limit == Some(0);
        Ok(Self {
            inner: inner.clone(),
            pin,
            namespace,
            start,
            end,
            reverse: options.reverse,
            keys_only: options.keys_only,
            remaining: options.limit.unwrap_or(u64::MAX),
            finished,
            buffer: Rows::default(),
            next: 0,
            pages: Vec::new(),
            ahead: Ahead::default(),
            overlay: None,
            recorder: None,
        })
    }

    pub(crate) fn in_transaction(mut self, overlay: Arc<Overlay>, recorder: Recorder) -> Self {
        self.overlay = Some(overlay);
        self.recorder = Some(recorder);
        self
    }

    /// Moves on to `key`: the next row is the first at or above it (at or below it in reverse).
    /// A key outside what is left of the range ends the scan or changes nothing.
    pub fn seek(&mut self, key: &[u8]) {
        let reverse = self.reverse;
        let is_before = |row: &[u8]| if reverse { row > key } else { row < key };
        while self.next < self.buffer.len() && is_before(self.buffer.row(self.next).key) {
            self.next += 1;
        }
        if self.next < self.buffer.len() {
            return; // what is left of the range begins after the buffered rows
        }
        self.buffer.clear();
        self.next = 0;
        if self.reverse {
            let end = successor(key);
            if self.end.as_ref().is_none_or(|current| end < *current) {
                self.end = Some(end);
            }
        } else if key > self.start.as_slice() {
            self.start = key.to_vec();
        }
        self.finished |= self.end.as_ref().is_some_and(|end| *end <= self.start);
    }

    /// Hands rows to `sink` until a page is full; `false` when the range is exhausted. It reads little more than the
    /// page needs, so a last page may turn out empty.
    ///
    /// # Errors
    /// `CLOSED`, `NAMESPACE_DROPPED`, `CORRUPTION`.
    pub fn next_page(&mut self, max_rows: usize, max_bytes: usize, sink: &mut dyn FnMut(&[u8], &[u8])) -> Result<bool> {
        self.page(max_rows, max_bytes, max_rows, sink)
    }

    /// Hands the next rows to `sink` as they are stored: of a large value that is in chunks, the manifest. `false` when the
    /// range is exhausted.
    pub(crate) fn next_rows(&mut self, sink: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<bool> {
        if self.next == self.buffer.len() {
            let more = self.refill(SOURCE_ROWS);
            self.ahead.clear();
            if !more? {
                return Ok(false);
            }
        }
        while self.next < self.buffer.len() {
            sink(&self.buffer.row(self.next))?;
            self.next += 1;
        }
        Ok(true)
    }

    /// `ahead`: how many rows are read at once, for those who come back soon.
    fn page(
        &mut self,
        max_rows: usize,
        max_bytes: usize,
        ahead: usize,
        sink: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<bool> {
        let more = self.page_ahead(max_rows, max_bytes, ahead, sink);
        self.ahead.clear();
        more
    }

    fn page_ahead(
        &mut self,
        max_rows: usize,
        max_bytes: usize,
        ahead: usize,
        sink: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<bool> {
        let (mut rows, mut bytes) = (0, 0);
        while rows < max_rows && bytes < max_bytes && self.remaining > 0 {
            if self.next == self.buffer.len() && !self.refill(ahead.max(max_rows) - rows)? {
                break;
            }
            let row = self.buffer.row(self.next);
            let large;
            let value = if row.kind == RowKind::Manifest && !self.keys_only {
                let manifest = Manifest::decode(row.value)?;
                match self.inner.read_large_row(self.namespace, row.key, self.pin.moment(), &manifest)? {
                    Some(value) => large = value,
                    None => {
                        self.next += 1;
                        continue;
                    }
                }
                large.as_slice()
            } else {
                row.value
            };
            bytes += row.key.len() + value.len();
            rows += 1;
            sink(row.key, value);
            self.next += 1;
            self.remaining -= 1;
        }
        let more = self.remaining > 0 && (self.next < self.buffer.len() || !self.finished);
        self.record();
        Ok(more)
    }

    /// Counts the rows that are left.
    ///
    /// # Errors
    /// As [`Scan::next_page`].
    pub fn count_rows(&mut self) -> Result<u64> {
        self.keys_only = true;
        let mut count = 0;
        while self.next_page(SOURCE_ROWS, usize::MAX, &mut |_, _| count += 1)? {}
        Ok(count)
    }

    /// Fills the buffer with the next rows, of which some are wanted; `false` when there are none.
    fn refill(&mut self, wanted: usize) -> Result<bool> {
        self.buffer.clear();
        self.next = 0;
        while self.buffer.is_empty() && !self.finished {
            self.inner.check_readable()?;
            self.inner.catalogue.check_readable(self.namespace, self.pin.seq)?;
            let before = (self.start.clone(), self.end.clone());
            self.fill(wanted)?;
            if let Some(overlay) = &self.overlay {
                let covered = if self.reverse {
                    (if self.finished { before.0 } else { self.end.clone().unwrap_or_default() }, before.1)
                } else {
                    (before.0, if self.finished { before.1 } else { Some(self.start.clone()) })
                };
                let (low, high, time_ms) = (&covered.0, covered.1.as_deref(), self.pin.time_ms);
                overlay.merge_into(&mut self.buffer, low, high, self.reverse, time_ms);
            }
        }
        Ok(!self.buffer.is_empty())
    }

    /// Reads one region: what one block covers, or less if the memtables hold much there.
    fn fill(&mut self, wanted: usize) -> Result<()> {
        // E8: memtables before the block. What a checkpoint drains after this is still in `tables`; the other way round
        // it would be in neither.
        let tables = self.ahead.tables(&self.inner);
        let wanted = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(wanted);
        let block = self.region_block(&tables, wanted)?;
        let (low, high) = self.region(block.as_deref());
        let mut horizon: Option<Vec<u8>> = None;
        let (mut from, mut to) = (Vec::new(), Vec::new());
        key::push_internal_key(&mut from, key::SPACE_BASE, self.namespace.get(), &low);
        match &high {
            Some(high) => key::push_internal_key(&mut to, key::SPACE_BASE, self.namespace.get(), high),
            None => to = key::internal_end(key::SPACE_BASE, self.namespace.get()),
        }
        let limit = SOURCE_ROWS.min(wanted.saturating_add(ROWS_AHEAD));
        let mut used = 0;
        let mut cleared: Vec<&Memtable> = Vec::new();
        for table in tables.newest_first().filter(|table| !table.memtable.is_empty()) {
            if self.pages.len() == used {
                self.pages.push(MemPage::default());
            }
            let page = &mut self.pages[used];
            let bounds = (Bound::Included(&from[..]), Bound::Excluded(&to[..]));
            let memtable = &table.memtable;
            let limits = PageLimits { rows: limit, bytes: SOURCE_BYTES };
            memtable.page(bounds.0, bounds.1, self.reverse, self.pin.seq, limits, page);
            if page.more() && !page.is_empty() {
                narrow(&mut horizon, &page.row(page.len() - 1).key[key::KEY_HEAD_BYTES..], self.reverse);
            }
            if memtable.has_range_tombstones() {
                cleared.push(memtable);
            }
            used += usize::from(!page.is_empty());
        }
        for run in tables.runs.iter().rev() {
            if self.pages.len() == used {
                self.pages.push(MemPage::default());
            }
            let limits = PageLimits { rows: limit, bytes: SOURCE_BYTES };
            let page = &mut self.pages[used];
            self.inner.run_page(run, (&from, &to), self.reverse, self.pin.seq, limits, page)?;
            if page.more() && !page.is_empty() {
                narrow(&mut horizon, &page.row(page.len() - 1).key[key::KEY_HEAD_BYTES..], self.reverse);
            }
            used += usize::from(!page.is_empty());
        }
        let history = self.history_rows(&low, high.as_deref())?;
        let mut buffer = std::mem::take(&mut self.buffer);
        let merged = with_optional_block(block.as_deref(), |block| {
            let mut sources: Vec<Source<'_>> = self.pages[..used].iter().map(Source::memory).collect();
            if let Some(block) = block {
                sources.push(Source::block(block, &low, high.as_deref(), self.reverse, self.pin.seq));
            }
            sources.push(Source::rows(&history, self.reverse));
            let (reverse, keys_only, time_ms) = (self.reverse, self.keys_only, self.pin.time_ms);
            let bounds = MergeBounds { reverse, horizon: horizon.as_deref(), keys_only, time_ms };
            merge(&mut sources, &bounds, &mut Cleared::new(&cleared, self.namespace, self.pin.seq), &mut buffer);
        });
        self.buffer = buffer;
        merged?;
        self.advance(horizon, low, high);
        Ok(())
    }

    /// The block at the position: the one of `start`, or in reverse the one of the keys just below `end`.
    fn region_block(&mut self, tables: &Arc<Tables>, wanted: usize) -> Result<Option<Arc<CachedBlock>>> {
        let (inner, namespace) = (&self.inner, self.namespace);
        if !self.reverse {
            return self.ahead.block(inner, tables, (namespace, &self.start), wanted);
        }
        let Some(end) = &self.end else { return inner.block_with_fence(key::SPACE_BASE, namespace, None) };
        for _ in 0..LOOKUPS_MAX {
            match inner.block_for(key::SPACE_BASE, namespace, end, Wanted::Block)? {
                // E14: the left neighbor's fence is this block's low key. It is gone when the neighbor was merged into
                // this block meanwhile; then this block, read again, covers the keys.
                Some(block) if block.low() == end.as_slice() => {
                    if let Some(left) = inner.block_with_fence(key::SPACE_BASE, namespace, Some(end))? {
                        return Ok(Some(left));
                    }
                }
                other => return Ok(other),
            }
        }
        Err(inner.gap(namespace))
    }

    /// The part of what is left that the block covers.
    fn region(&self, block: Option<&CachedBlock>) -> (Vec<u8>, Option<Vec<u8>>) {
        let Some(block) = block else { return (self.start.clone(), self.end.clone()) };
        if self.reverse {
            (self.start.clone().max(block.low().to_vec()), self.end.clone())
        } else {
            let high = match (block.fence(), &self.end) {
                (Some(fence), Some(end)) => Some(fence.min(end.as_slice()).to_vec()),
                (Some(fence), None) => Some(fence.to_vec()),
                (None, end) => end.clone(),
            };
            (self.start.clone(), high)
        }
    }

    fn advance(&mut self, horizon: Option<Vec<u8>>, low: Vec<u8>, high: Option<Vec<u8>>) {
        match (self.reverse, horizon) {
            (false, Some(horizon)) => self.start = successor(&horizon),
            (true, Some(horizon)) => self.end = Some(horizon),
            (false, None) => match high {
                Some(high) => self.start = high,
                None => self.finished = true,
            },
            (true, None) => {
                self.finished |= low.is_empty();
                self.end = Some(low);
            }
        }
        self.finished |= self.end.as_ref().is_some_and(|end| *end <= self.start);
    }

    /// Superseded versions that are current at this seq, by user key.
    fn history_rows(&self, low: &[u8], high: Option<&[u8]>) -> Result<Rows> {
        let mut rows = Rows::default();
        if !self.inner.checkpoint.history_reaches(self.pin.seq) {
            return Ok(rows);
        }
        let mut position = Vec::new();
        key::push_history_key(&mut position, low, u64::MAX);
        loop {
            let Some(cached) = self.inner.block_for(key::SPACE_HISTORY, self.namespace, &position, Wanted::Block)?
            else {
                return Ok(rows);
            };
            let fence = cached.fence().map(<[u8]>::to_vec);
            let ended =
                cached.with_block(|block| collect_history(block, &position, high, self.pin.seq, &mut rows))??;
            match fence {
                Some(fence) if !ended => position = fence,
                _ => return Ok(rows),
            }
        }
    }

    fn record(&self) {
        let Some(recorder) = &self.recorder else { return };
        let consumed = self.next == self.buffer.len();
        let mut reads = recorder.reads.lock();
        let range = &mut reads.ranges[recorder.index];
        if self.reverse {
            let low = if !consumed || self.next > 0 {
                self.buffer.row(self.next.saturating_sub(1)).key.to_vec()
            } else {
                self.start.clone()
            };
            let exhausted = consumed && self.finished;
            range.start = if exhausted { range.asked_start.clone() } else { low };
        } else {
            let high = (self.next > 0).then(|| successor(self.buffer.row(self.next - 1).key));
            let exhausted = consumed && self.finished;
            range.end = if exhausted { range.asked_end.clone() } else { high.or_else(|| Some(self.start.clone())) };
        }
    }
}

impl Inner {
    /// Fills `page` with the rows of a run between two internal keys, `from` inclusive and `to` exclusive, whose seq is at
    /// most `seq`; tombstones are among them. As [`Memtable::page`], it says whether more follow.
    fn run_page(
        &self,
        run: &SortedRun,
        (from, to): (&[u8], &[u8]),
        reverse: bool,
        seq: Seq,
        limits: PageLimits,
        page: &mut MemPage,
    ) -> Result<()> {
        page.clear();
        let mut at = run.block_of(if reverse { to } else { from });
        let mut row_key = Vec::new();
        while let Some(number) = at {
            let Some(cached) = self.run_block(run, number, PageIn::Allowed, Wanted::Block)? else { return Ok(()) };
            let goes_on = cached.with_block(|block| {
                let index = |key: &[u8]| block.search(key).unwrap_or_else(|index| index);
                let range = index(from)..index(to);
                let is_last = if reverse { range.start > 0 } else { range.end < block.len() };
                let mut take = |index: usize| {
                    let row = block.row(index);
                    if row.seq > seq {
                        return true;
                    }
                    row_key.clear();
                    row.key.append_to(&mut row_key);
                    let (seq, kind, expires_at) = (row.seq, row.kind, row.expires_at);
                    page.take(&MemRow { key: &row_key, seq, kind, expires_at, value: row.value }, limits)
                };
                let whole = if reverse { range.rev().all(&mut take) } else { range.into_iter().all(&mut take) };
                whole && !is_last
            })?;
            at = match goes_on {
                false => None,
                true if reverse => number.checked_sub(1),
                true => Some(number + 1).filter(|&next| next < run.blocks()),
            };
        }
        Ok(())
    }
}

/// Gives whether the rows above `high` were reached.
fn collect_history(block: &Block, from: &[u8], high: Option<&[u8]>, seq: u64, rows: &mut Rows) -> Result<bool> {
    let mut user_key = Vec::new();
    let mut row_key = Vec::new();
    for index in block.search(from).unwrap_or_else(|index| index)..block.len() {
        row_key.clear();
        user_key.clear();
        block.key_of(index).append_to(&mut row_key);
        key::read_history_key(&row_key, &mut user_key)?;
        if high.is_some_and(|high| user_key.as_slice() >= high) {
            return Ok(true);
        }
        let row = block.row(index);
        if row.seq <= seq && row.end_seq.is_some_and(|end| end > seq) {
            rows.push(&Row {
                key: &user_key,
                seq: row.seq,
                kind: row.kind,
                expires_at: row.expires_at,
                end_seq: None,
                value: row.value,
            });
        }
    }
    Ok(false)
}

/// Of several sources that were cut short, the one that got least far bounds the merge.
fn narrow(horizon: &mut Option<Vec<u8>>, key: &[u8], reverse: bool) {
    let nearer = match horizon {
        None => true,
        Some(current) if reverse => key > current.as_slice(),
        Some(current) => key < current.as_slice(),
    };
    if nearer {
        *horizon = Some(key.to_vec());
    }
}

fn with_optional_block<R>(block: Option<&CachedBlock>, f: impl FnOnce(Option<&Block>) -> R) -> Result<R> {
    match block {
        Some(block) => block.with_block(|block| f(Some(block))),
        None => Ok(f(None)),
    }
}

impl Iterator for Scan {
    type Item = Result<(Vec<u8>, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut found = None;
        match self.page(1, usize::MAX, SOURCE_ROWS, &mut |key, value| found = Some((key.to_vec(), value.to_vec()))) {
            Ok(_) => found.map(Ok),
            Err(error) => {
                self.finished = true;
                self.remaining = 0;
                Some(Err(error))
            }
        }
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.inner.readers.unpin(&self.pin);
    }
}
