//! Pages: how the rows of a scan lie in a buffer of JavaScript's (N3), and the ranges scans are asked for.

use sledstore_engine::{KeyRange, Result, Scan};

/// Bits of a scan's flags.
pub(crate) mod scan_flag {
    pub const START_EXCLUDED: i32 = 1;
    pub const END_INCLUDED: i32 = 2;
    pub const NO_END: i32 = 4;
    pub const REVERSE: i32 = 8;
    pub const NO_VALUES: i32 = 16;
}

/// The range that a scan's key bytes and flags describe.
pub(crate) fn range_of(start: &[u8], end: &[u8], flags: i32) -> KeyRange {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    let start =
        if flags & scan_flag::START_EXCLUDED != 0 { Excluded(start.to_vec()) } else { Included(start.to_vec()) };
    let end = if flags & scan_flag::NO_END != 0 {
        Unbounded
    } else if flags & scan_flag::END_INCLUDED != 0 {
        Included(end.to_vec())
    } else {
        Excluded(end.to_vec())
    };
    KeyRange { start, end }
}

/// A page of rows as JavaScript finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub rows: usize,
    pub bytes: usize,
    /// Bytes a page must have for its first row, when that row did not fit.
    pub needed: usize,
    pub finished: bool,
    /// Whether every key and value is ASCII.
    pub is_ascii: bool,
}

/// Bytes before the key of a row in a page: key length (u16), value length (u32), both little-endian.
const ROW_HEADER_BYTES: usize = 6;

/// A scan's position, and the rows that did not fit their page.
pub(crate) struct ScanParts {
    scan: Scan,
    spill: Vec<u8>,
    spilled_rows: usize,
    finished: bool,
    flags: i32,
}

impl ScanParts {
    pub fn new(scan: Scan, flags: i32) -> Self {
        Self { scan, spill: Vec::new(), spilled_rows: 0, finished: false, flags }
    }

    /// The scan itself, when nothing was read from it yet.
    pub fn into_scan(self) -> Scan {
        self.scan
    }

    /// Moves forward: rows before `key` are left out from now on.
    pub fn seek(&mut self, key: &[u8]) {
        let reverse = self.flags & scan_flag::REVERSE != 0;
        let mut at = 0;
        while at < self.spill.len() {
            let length = first_row_bytes(&self.spill[at..]);
            let order = first_row_key(&self.spill[at..]).cmp(key);
            if if reverse { order.is_le() } else { order.is_ge() } {
                break;
            }
            at += length;
            self.spilled_rows -= 1;
        }
        self.spill.drain(..at);
        if self.spilled_rows == 0 {
            self.scan.seek(key);
        }
    }

    /// Fills `page` with up to `max_rows` rows. A row that does not fit waits for the next page.
    pub fn fill(&mut self, page: &mut [u8], max_rows: usize) -> Result<Page> {
        let mut writer = PageWriter { page, rows: 0, bytes: 0, is_ascii: true, flags: self.flags };
        let mut needed = 0;
        if self.spilled_rows > 0 && !self.take_spilled(&mut writer, &mut needed) {
            return Ok(writer.done(needed, false));
        }
        let room = writer.page.len() - writer.bytes;
        if !self.finished && writer.rows < max_rows && room > ROW_HEADER_BYTES {
            let (spill, spilled_rows) = (&mut self.spill, &mut self.spilled_rows);
            let more = self.scan.next_page(max_rows - writer.rows, room, &mut |key, value| {
                // Order is kept: once a row has spilled, all later ones of this page do.
                if *spilled_rows > 0 || !writer.push(key, value) {
                    push_row(spill, key, value, writer.flags);
                    *spilled_rows += 1;
                }
            })?;
            self.finished = !more;
        }
        if writer.rows == 0 && self.spilled_rows > 0 {
            needed = first_row_bytes(&self.spill);
        }
        Ok(writer.done(needed, self.finished && self.spilled_rows == 0))
    }

    /// Moves spilled rows into the page; false when one of them does not fit.
    fn take_spilled(&mut self, writer: &mut PageWriter<'_>, needed: &mut usize) -> bool {
        let mut at = 0;
        while self.spilled_rows > 0 {
            let length = first_row_bytes(&self.spill[at..]);
            let row = &self.spill[at..at + length];
            if !writer.push_encoded(row) {
                *needed = if writer.rows == 0 { length } else { 0 };
                break;
            }
            at += length;
            self.spilled_rows -= 1;
        }
        self.spill.drain(..at);
        self.spilled_rows == 0
    }
}

struct PageWriter<'a> {
    page: &'a mut [u8],
    rows: usize,
    bytes: usize,
    is_ascii: bool,
    flags: i32,
}

impl PageWriter<'_> {
    fn done(&self, needed: usize, finished: bool) -> Page {
        Page { rows: self.rows, bytes: self.bytes, needed, finished, is_ascii: self.is_ascii }
    }

    #[inline]
    fn push(&mut self, key: &[u8], value: &[u8]) -> bool {
        let value = if self.flags & scan_flag::NO_VALUES != 0 { &[] } else { value };
        let length = ROW_HEADER_BYTES + key.len() + value.len();
        let Some(target) = self.page.get_mut(self.bytes..self.bytes + length) else { return false };
        let (header, rest) = target.split_at_mut(ROW_HEADER_BYTES);
        header[..2].copy_from_slice(&(key.len() as u16).to_le_bytes());
        header[2..].copy_from_slice(&(value.len() as u32).to_le_bytes());
        rest[..key.len()].copy_from_slice(key);
        rest[key.len()..].copy_from_slice(value);
        self.is_ascii = self.is_ascii && rest.is_ascii();
        self.bytes += length;
        self.rows += 1;
        true
    }

    fn push_encoded(&mut self, row: &[u8]) -> bool {
        let Some(target) = self.page.get_mut(self.bytes..self.bytes + row.len()) else { return false };
        target.copy_from_slice(row);
        self.is_ascii = self.is_ascii && row.get(ROW_HEADER_BYTES..).is_some_and(<[u8]>::is_ascii);
        self.bytes += row.len();
        self.rows += 1;
        true
    }
}

fn push_row(rows: &mut Vec<u8>, key: &[u8], value: &[u8], flags: i32) {
    let value = if flags & scan_flag::NO_VALUES != 0 { &[] } else { value };
    rows.extend_from_slice(&(key.len() as u16).to_le_bytes());
    rows.extend_from_slice(&(value.len() as u32).to_le_bytes());
    rows.extend_from_slice(key);
    rows.extend_from_slice(value);
}

fn first_row_bytes(rows: &[u8]) -> usize {
    match rows {
        [k0, k1, v0, v1, v2, v3, ..] => {
            let key = usize::from(u16::from_le_bytes([*k0, *k1]));
            ROW_HEADER_BYTES + key + u32::from_le_bytes([*v0, *v1, *v2, *v3]) as usize
        }
        _ => 0,
    }
}

fn first_row_key(rows: &[u8]) -> &[u8] {
    match rows {
        [k0, k1, ..] => rows.get(ROW_HEADER_BYTES..ROW_HEADER_BYTES + usize::from(u16::from_le_bytes([*k0, *k1]))),
        _ => None,
    }
    .unwrap_or_default()
}
