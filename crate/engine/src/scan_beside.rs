//! What a scan finds beside the blocks: rows of memtables and sorted runs, copied out.
//!
//! The first region of a page takes no more of them than lie in it, since many scans end there. From the second one on they
//! are read farther ahead, so that a run with few rows is not asked again for each block.

use std::cell::Cell;
use std::ops::{Bound, ControlFlow};

use crate::block::{RowRef, Walk};
use crate::cache::Wanted;
use crate::error::Result;
use crate::key;
use crate::memtable::{MemPage, MemRow, PageLimits};
use crate::namespace::NamespaceId;
use crate::read::PageIn;
use crate::row::Row;
use crate::sorted_run::SortedRun;
use crate::store::{Inner, Seq};
use crate::tables::Tables;

/// Rows taken from one place at a time.
const ROWS_MAX: usize = 1_024;
const BYTES_MAX: usize = 256 << 10;
/// Rows taken from each place beyond those wanted, for some may be deleted ones.
const ROWS_AHEAD: usize = 8;
/// Rows first read beyond a region; then this many times more each time.
const ROWS_BEYOND: usize = 32;
const GROWTH: usize = 4;

/// What is left to read of a namespace's keys, inclusive start and exclusive end, and at which seq.
pub(crate) struct Reach<'a> {
    pub namespace: NamespaceId,
    pub start: &'a [u8],
    pub end: Option<&'a [u8]>,
    pub reverse: bool,
    pub seq: Seq,
}

/// Rows of one memtable or run, in the scan's direction.
#[derive(Default)]
pub(crate) struct Place {
    page: MemPage,
    /// The next row that was not taken.
    next: Cell<usize>,
}

impl Place {
    /// The next row, with the key of its user.
    pub fn row(&self) -> Option<Row<'_>> {
        if self.next.get() == self.page.len() {
            return None;
        }
        let row = self.page.row(self.next.get()).as_row();
        Some(Row { key: &row.key[key::KEY_HEAD_BYTES..], ..row })
    }

    /// Passes the next row by.
    pub fn advance(&self) {
        self.next.set(self.next.get() + 1);
    }

    /// The key up to which it is known, where more follow.
    fn last_key(&self) -> Option<&[u8]> {
        let last = self.page.len().checked_sub(1).filter(|_| self.page.more())?;
        Some(&self.page.row(last).key[key::KEY_HEAD_BYTES..])
    }
}

/// All places beside the blocks, within one page of a scan.
#[derive(Default)]
pub(crate) struct Beside {
    places: Vec<Place>,
    /// Places of the tables that are read.
    used: usize,
    /// Regions of this page so far: the first one's rows are of it alone.
    regions: usize,
    /// Rows to read next time.
    beyond: usize,
    from: Vec<u8>,
    to: Vec<u8>,
}

impl Beside {
    /// Forgets what was read: nothing is held between two pages (N3).
    pub fn clear(&mut self) {
        self.regions = 0;
        self.used = 0;
    }

    /// Bytes held.
    pub fn capacity_bytes(&self) -> usize {
        self.places.iter().map(|place| size_of::<Place>() + place.page.memory_bytes()).sum()
    }

    /// The places in the order of [`Beside::read`]: the newest memtable first, then the newest run.
    pub fn places(&self) -> &[Place] {
        &self.places[..self.used]
    }

    /// Reads what a region needs, `low` inclusive and `high` exclusive, of what is left to read. Gives the last key of
    /// the region up to which all places are known, if that is not all of it. Within a page `tables` are the same.
    pub fn read(
        &mut self,
        inner: &Inner,
        tables: &Tables,
        reach: &Reach<'_>,
        (low, high): (&[u8], Option<&[u8]>),
        wanted: usize,
    ) -> Result<Option<Vec<u8>>> {
        let is_first = self.regions == 0;
        let (start, end) = match reach.reverse {
            _ if is_first => (low, high),
            true => (reach.start, high),
            false => (low, reach.end),
        };
        self.set_bounds(reach.namespace, start, end);
        self.beyond = match self.regions {
            0 => wanted.saturating_add(ROWS_AHEAD).min(ROWS_MAX),
            1 => ROWS_BEYOND,
            _ => self.beyond,
        };
        self.used = 0;
        let mut was_read = false;
        for table in tables.newest_first() {
            was_read |= self.read_place(|page, (from, to), limits| {
                table.memtable.page(Bound::Included(from), Bound::Excluded(to), reach.reverse, reach.seq, limits, page);
                Ok(())
            })?;
        }
        for run in tables.runs.iter().rev() {
            was_read |= self.read_place(|page, bounds, limits| inner.run_page(run, bounds, reach, limits, page))?;
        }
        if was_read && self.regions > 0 {
            self.beyond = (self.beyond * GROWTH).min(ROWS_MAX);
        }
        self.regions += 1;
        Ok(self.horizon(reach.reverse, low, high))
    }

    /// Fills the next place if it has nothing left of what it may have; true when it was.
    fn read_place(
        &mut self,
        fill: impl FnOnce(&mut MemPage, (&[u8], &[u8]), PageLimits) -> Result<()>,
    ) -> Result<bool> {
        if self.places.len() == self.used {
            self.places.push(Place::default());
        }
        let place = &mut self.places[self.used];
        self.used += 1;
        let is_known = self.regions > 1 && (place.next.get() < place.page.len() || !place.page.more());
        if !is_known {
            place.next.set(0);
            fill(&mut place.page, (&self.from, &self.to), PageLimits { rows: self.beyond, bytes: BYTES_MAX })?;
        }
        Ok(!is_known)
    }

    /// Of several places that were cut short within a region, the one that got least far bounds it.
    fn horizon(&self, reverse: bool, low: &[u8], high: Option<&[u8]>) -> Option<Vec<u8>> {
        let inside = |key: &&[u8]| if reverse { *key >= low } else { high.is_none_or(|high| *key < high) };
        let keys = self.places().iter().filter_map(Place::last_key).filter(inside);
        let nearest = if reverse { keys.max() } else { keys.min() };
        nearest.map(<[u8]>::to_vec)
    }

    fn set_bounds(&mut self, namespace: NamespaceId, start: &[u8], end: Option<&[u8]>) {
        self.from.clear();
        self.to.clear();
        key::push_internal_key(&mut self.from, key::SPACE_BASE, namespace.get(), start);
        match end {
            Some(end) => key::push_internal_key(&mut self.to, key::SPACE_BASE, namespace.get(), end),
            None => self.to.extend_from_slice(&key::internal_end(key::SPACE_BASE, namespace.get())),
        }
    }
}

impl Inner {
    /// Fills `page` with the rows of a run between two internal keys, `from` inclusive and `to` exclusive, at the seq of
    /// `reach`; tombstones are among them. As [`crate::memtable::Memtable::page`], it says whether more follow.
    fn run_page(
        &self,
        run: &SortedRun,
        (from, to): (&[u8], &[u8]),
        reach: &Reach<'_>,
        limits: PageLimits,
        page: &mut MemPage,
    ) -> Result<()> {
        page.clear();
        let reverse = reach.reverse;
        let mut at = run.block_of(if reverse { to } else { from });
        let mut row_key = Vec::new();
        while let Some(number) = at {
            let Some(cached) = self.run_block(run, number, PageIn::Allowed, Wanted::Row)? else { return Ok(()) };
            let mut goes_on = true;
            let walk = if reverse { Walk::Down(Some(to)) } else { Walk::Up(from) };
            cached.walk(walk, &mut |row| {
                let is_out = if reverse { row.key.order(from).is_lt() } else { row.key.order(to).is_ge() };
                goes_on = !is_out && (row.seq > reach.seq || take(row, limits, &mut row_key, page));
                if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
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

/// Adds a row whose key is put together in `key`; false when the page is full.
fn take(row: &RowRef<'_>, limits: PageLimits, key: &mut Vec<u8>, page: &mut MemPage) -> bool {
    key.clear();
    row.key.append_to(key);
    let (seq, kind, expires_at) = (row.seq, row.kind, row.expires_at);
    page.take(&MemRow { key, seq, kind, expires_at, value: row.value }, limits)
}
