//! Rows compressed in groups, so that a read of one row decompresses its group alone.
//!
//! Payload of a block of format 2: `shared key prefix ‖ number of groups − 1 ‖ a record for each group but the first ‖
//! groups`. A record is `head of the first row's suffix (4) ‖ start among the rows before compression (2) ‖ start among
//! the groups (2)`. A group is LZ4's block format, or its rows as they are where that is not smaller: then, and only
//! then, it has as many bytes as they.

use std::ops::Range;

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

use super::compress::decompress;
use super::decode::{StoredHeader, check_row};
use super::*;

/// A group is closed once it has so many bytes before compression: about 0.1 µs to decompress.
pub(super) const GROUP_BYTES: usize = 1 << 10;
pub(super) const GROUPS_MAX: usize = 1 << 8;
const RECORD_BYTES: usize = 8;

/// Where a group but the first begins.
// E13: rows are parted only where heads differ, so the head of a key's suffix alone tells its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Of its first row's suffix.
    pub head: u32,
    /// Offset of that row behind the prefix.
    pub start: u16,
}

/// Writes the payload into `packed`, and gives its length; `None` when it is not smaller than `plain`, which is the
/// prefix and the rows.
pub(super) fn pack(
    plain: &[u8],
    prefix_bytes: usize,
    cuts: &[Cut],
    table: &mut CompressTable,
    packed: &mut Vec<u8>,
) -> Option<usize> {
    let (prefix, rows) = plain.split_at(prefix_bytes);
    let first = prefix_bytes + 1 + cuts.len() * RECORD_BYTES;
    let room = first + get_maximum_output_size(rows.len()) + cuts.len() * get_maximum_output_size(0);
    if packed.len() < room {
        packed.resize(room, 0);
    }
    packed[..prefix_bytes].copy_from_slice(prefix);
    packed[prefix_bytes] = cuts.len() as u8; // below GROUPS_MAX
    let mut at = first;
    for group in 0..=cuts.len() {
        let start = match group {
            0 => 0,
            _ => {
                let Cut { head, start } = cuts[group - 1];
                let record = &mut packed[prefix_bytes + 1 + (group - 1) * RECORD_BYTES..][..RECORD_BYTES];
                record[..4].copy_from_slice(&head.to_le_bytes());
                record[4..6].copy_from_slice(&start.to_le_bytes());
                record[6..].copy_from_slice(&u16::try_from(at - first).ok()?.to_le_bytes());
                usize::from(start)
            }
        };
        let rows = &rows[start..cuts.get(group).map_or(rows.len(), |next| usize::from(next.start))];
        at += match compress_into_with_table(rows, &mut packed[at..], table) {
            Ok(bytes) if bytes < rows.len() => bytes,
            _ => {
                packed.get_mut(at..at + rows.len())?.copy_from_slice(rows);
                rows.len()
            }
        };
    }
    (at < plain.len()).then_some(at)
}

/// The parts of such a payload.
#[derive(Clone, Copy)]
pub(super) struct Groups<'a> {
    pub prefix: &'a [u8],
    records: &'a [[u8; RECORD_BYTES]],
    groups: &'a [u8],
    /// Bytes of all rows before compression.
    row_bytes: usize,
}

impl<'a> Groups<'a> {
    /// `None` when the payload is damaged. What records say is checked where it is used.
    pub fn parse(payload: &'a [u8], prefix_bytes: usize, plain_bytes: usize) -> Option<Self> {
        let (prefix, rest) = payload.split_at_checked(prefix_bytes)?;
        let (&further, rest) = rest.split_first()?;
        let (records, groups) = rest.split_at_checked(usize::from(further) * RECORD_BYTES)?;
        Some(Self { prefix, records: records.as_chunks().0, groups, row_bytes: plain_bytes.checked_sub(prefix_bytes)? })
    }

    /// Fills `plain` with prefix and rows.
    pub fn decompress(&self, plain: &mut [u8]) -> Option<()> {
        let (prefix, rows) = plain.split_at_mut_checked(self.prefix.len())?;
        prefix.copy_from_slice(self.prefix);
        (0..=self.records.len()).try_for_each(|group| {
            let (stored, range) = self.group(group)?;
            unpack(stored, rows.get_mut(range)?)
        })
    }

    /// Whether each group begins with a row that its record tells, and that no head before it equals.
    pub fn agree_with(&self, heads: &[[u8; HEAD_BYTES]], starts: &[[u8; START_BYTES]]) -> bool {
        self.records.iter().all(|record| {
            let start = self.prefix.len() + start_of(record);
            let row = starts.binary_search_by_key(&start, |start| usize::from(u16::from_le_bytes(*start)));
            row.is_ok_and(|row| {
                let head = |row: usize| heads.get(row).map(|head| u32::from_le_bytes(*head));
                let before = row.checked_sub(1).and_then(head);
                head(row) == Some(head_in(record)) && before.is_some_and(|before| before < head_in(record))
            })
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.records.len() + 1
    }

    /// The group that a suffix belongs to.
    pub fn holding(&self, suffix: &[u8]) -> usize {
        let head = head_of(suffix);
        self.records.partition_point(|record| head_in(record) <= head)
    }

    /// The rows of a group; `None` when the block is damaged.
    pub fn unpack<'b>(&self, group: usize, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        let (stored, range) = self.group(group)?;
        if buffer.len() < range.len() {
            buffer.resize(range.len(), 0);
        }
        let rows = &mut buffer[..range.len()];
        unpack(stored, rows)?;
        Some(rows)
    }

    /// A row of a group with the prefix of its key.
    pub fn whole<'r>(&self, row: RowRef<'r>) -> RowRef<'r>
    where
        'a: 'r,
    {
        RowRef { key: KeyParts { prefix: self.prefix, suffix: row.key.suffix }, ..row }
    }

    /// A group as it is stored, and the range of its rows.
    fn group(&self, group: usize) -> Option<(&'a [u8], Range<usize>)> {
        let (start, stored) = match group.checked_sub(1) {
            Some(at) => (start_of(&self.records[at]), stored_start_of(&self.records[at])),
            None => (0, 0),
        };
        let (end, stored_end) = match self.records.get(group) {
            Some(next) => (start_of(next), stored_start_of(next)),
            None => (self.row_bytes, self.groups.len()),
        };
        (start <= end).then_some((self.groups.get(stored..stored_end)?, start..end))
    }
}

/// The row of a key in a block whose checksum has been checked; `None` when the block is damaged.
pub(super) fn find<'a>(header: &StoredHeader<'a>, key: &[u8], buffer: &'a mut Vec<u8>) -> Option<Option<RowRef<'a>>> {
    let groups = header.groups()?;
    let Some(suffix) = key.strip_prefix(groups.prefix) else { return Some(None) };
    let rows = groups.unpack(groups.holding(suffix), buffer)?;
    let mut at = 0;
    while at < rows.len() {
        let row = check_row(header.base_seq(), row_flags(header.block.space), rows, &mut at)?;
        match row.key.suffix.cmp(suffix) {
            Ordering::Less => {}
            Ordering::Equal => return Some(Some(groups.whole(row))),
            Ordering::Greater => break,
        }
    }
    Some(None)
}

fn unpack(stored: &[u8], rows: &mut [u8]) -> Option<()> {
    decompress(stored, if stored.len() == rows.len() { 0 } else { BLOCK_LZ4 }, rows)
}

fn head_in(record: &[u8; RECORD_BYTES]) -> u32 {
    u32::from_le_bytes([record[0], record[1], record[2], record[3]])
}

fn start_of(record: &[u8; RECORD_BYTES]) -> usize {
    usize::from(u16::from_le_bytes([record[4], record[5]]))
}

fn stored_start_of(record: &[u8; RECORD_BYTES]) -> usize {
    usize::from(u16::from_le_bytes([record[6], record[7]]))
}
