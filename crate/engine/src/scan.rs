//! Scans: one seq, key order, page by page; position is kept by key (N3), so a scan pins nothing but its seq.

use std::cell::Cell;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::block::Block;
use crate::cache::{CachedBlock, Wanted};
use crate::error::Result;
use crate::key;
use crate::large::Manifest;
use crate::memtable::Memtable;
use crate::namespace::NamespaceId;
use crate::range::{KeyRange, successor};
use crate::row::{Row, RowKind};
use crate::rows::Rows;
use crate::scan_ahead::Ahead;
use crate::scan_beside::{Beside, Reach};
use crate::scan_merge::{Cleared, Merge, MergeBounds, Source};
use crate::snapshot::{Moment, Pin};
use crate::store::Inner;
use crate::transaction::{Overlay, ReadSet};

/// Rows read at once by those who ask for no page.
const SOURCE_ROWS: usize = 1_024;

/// Buffers that are kept for the thread's next scan.
const SPARE_BYTES_MAX: usize = 64 << 10;

thread_local! {
    static SPARE: Cell<(Rows, Beside)> = Cell::default();
}

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
    /// In reverse: whether `end` is where a block begins.
    is_between_blocks: bool,
    buffer: Rows,
    next: usize,
    beside: Beside,
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
        let (buffer, beside) = SPARE.try_with(Cell::take).unwrap_or_default();
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
            is_between_blocks: false,
            buffer,
            next: 0,
            beside,
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
                self.is_between_blocks = false;
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
            self.forget();
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
        self.forget();
        more
    }

    /// Lets go of what was read for one page.
    fn forget(&mut self) {
        self.ahead.clear();
        self.beside.clear();
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
        let wanted = usize::try_from(self.remaining).unwrap_or(usize::MAX).clamp(1, wanted.max(1));
        let block = self.region_block(wanted)?;
        let (low, high) = self.region(block.as_deref());
        let (reverse, keys_only, Moment { seq, time_ms }) = (self.reverse, self.keys_only, self.pin.moment());
        let (namespace, start, end) = (self.namespace, &self.start, self.end.as_deref());
        let reach = Reach { namespace, start, end, reverse, seq };
        let mut horizon = self.beside.read(&self.inner, &tables, &reach, (&low, high.as_deref()), wanted)?;
        let cleared: Vec<&Memtable> = tables
            .newest_first()
            .map(|table| &table.memtable)
            .filter(|memtable| memtable.has_range_tombstones())
            .collect();
        let history = self.history_rows(&low, high.as_deref())?;
        let mut others: Vec<Source<'_>> = self.beside.places().iter().map(Source::Beside).collect();
        others.push(Source::rows(&history, reverse));
        let bounds = MergeBounds { reverse, horizon: horizon.as_deref(), wanted, keys_only, seq, time_ms };
        let cleared = Cleared::new(&cleared, self.namespace, seq);
        let mut merge = Merge::new(others, bounds, cleared, &mut self.buffer);
        let region = (low.as_slice(), high.as_deref());
        if let Some(block) = &block
            && let Err(error) = merge.take_block(block, region)
        {
            self.buffer.clear();
            return Err(error);
        }
        if merge.finish(region) {
            // Rows enough: what is left begins behind the last one.
            horizon = self.buffer.len().checked_sub(1).map(|last| self.buffer.row(last).key.to_vec());
        }
        self.advance(horizon, low, high);
        Ok(())
    }

    /// The block at the position: the one of `start`, or in reverse the one of the keys just below `end`.
    fn region_block(&mut self, wanted: usize) -> Result<Option<Arc<CachedBlock>>> {
        if self.reverse {
            return self.ahead.block_below(&self.inner, self.namespace, self.end.as_deref(), self.is_between_blocks);
        }
        self.ahead.block(&self.inner, (self.namespace, &self.start), wanted)
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
        self.is_between_blocks = false;
        match (self.reverse, horizon) {
            (false, Some(horizon)) => self.start = successor(&horizon),
            (true, Some(horizon)) => self.end = Some(horizon),
            (false, None) => match high {
                Some(high) => self.start = high,
                None => self.finished = true,
            },
            (true, None) => {
                self.is_between_blocks = true;
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
        self.buffer.clear();
        if self.buffer.capacity_bytes() + self.beside.capacity_bytes() <= SPARE_BYTES_MAX {
            // While the thread ends there is no slot to give them back to.
            let spare = (std::mem::take(&mut self.buffer), std::mem::take(&mut self.beside));
            let _ = SPARE.try_with(|slot| slot.set(spare));
        }
    }
}
