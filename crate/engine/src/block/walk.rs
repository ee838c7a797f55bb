//! Walks over the rows of a block, which decode no more groups than they come to.

use std::ops::ControlFlow;

use super::decode::{StoredHeader, check_row};
use super::groups::Groups;
use super::*;

/// Which way rows are walked, and from where on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Walk<'a> {
    /// Up, from a key on.
    Up(&'a [u8]),
    /// Down, from below a key, or from the last row on.
    Down(Option<&'a [u8]>),
}

/// What is called with each row, until it breaks.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(&RowRef<'_>) -> ControlFlow<()>;

impl Block {
    /// Calls `visit` with one row after the other.
    pub fn walk(&self, from: Walk<'_>, visit: Visit<'_>) {
        let index = |key: &[u8]| self.search(key).unwrap_or_else(|index| index);
        let _ = match from {
            Walk::Up(key) => (index(key)..self.len()).try_for_each(|row| visit(&self.row(row))),
            Walk::Down(key) => (0..key.map_or(self.len(), index)).rev().try_for_each(|row| visit(&self.row(row))),
        };
    }
}

/// What a walk decodes into.
#[derive(Default)]
pub(super) struct WalkBuffer {
    /// Rows of one group.
    pub group: Vec<u8>,
    starts: Vec<u16>,
}

/// [`Block::walk`] over a grouped block whose checksum has been checked; `None` when the block is damaged.
pub(super) fn walk(header: &StoredHeader<'_>, from: Walk<'_>, buffer: &mut WalkBuffer, visit: Visit<'_>) -> Option<()> {
    let groups = header.groups()?;
    match from {
        Walk::Up(key) => match key.strip_prefix(groups.prefix) {
            Some(suffix) => up(header, &groups, suffix, buffer, visit),
            None if key < groups.prefix => up(header, &groups, &[], buffer, visit),
            None => Some(()),
        },
        Walk::Down(None) => down(header, &groups, None, buffer, visit),
        Walk::Down(Some(key)) => match key.strip_prefix(groups.prefix) {
            None if key < groups.prefix => Some(()),
            suffix => down(header, &groups, suffix, buffer, visit),
        },
    }
}

fn up(
    header: &StoredHeader<'_>,
    groups: &Groups<'_>,
    from: &[u8],
    buffer: &mut WalkBuffer,
    visit: Visit<'_>,
) -> Option<()> {
    let allowed = row_flags(header.block.space);
    let first = groups.holding(from);
    for group in first..groups.count() {
        let rows = groups.unpack(group, &mut buffer.group)?;
        let mut at = 0;
        while at < rows.len() {
            let row = check_row(header.base_seq(), allowed, rows, &mut at)?;
            if group == first && row.key.suffix < from {
                continue;
            }
            if visit(&groups.whole(row)).is_break() {
                return Some(());
            }
        }
    }
    Some(())
}

fn down(
    header: &StoredHeader<'_>,
    groups: &Groups<'_>,
    below: Option<&[u8]>,
    WalkBuffer { group: buffer, starts }: &mut WalkBuffer,
    visit: Visit<'_>,
) -> Option<()> {
    let allowed = row_flags(header.block.space);
    let first = below.map_or(groups.count() - 1, |below| groups.holding(below));
    for group in (0..=first).rev() {
        let rows = groups.unpack(group, buffer)?;
        starts.clear();
        let mut at = 0;
        while at < rows.len() {
            let start = u16::try_from(at).ok()?;
            let row = check_row(header.base_seq(), allowed, rows, &mut at)?;
            if group == first && below.is_some_and(|below| row.key.suffix >= below) {
                break;
            }
            starts.push(start);
        }
        for &start in starts.iter().rev() {
            let row = check_row(header.base_seq(), allowed, rows, &mut usize::from(start))?;
            if visit(&groups.whole(row)).is_break() {
                return Some(());
            }
        }
    }
    Some(())
}
