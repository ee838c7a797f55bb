//! Encoding of blocks.

use super::compress::Compressor;
use super::decode::checksum;
use super::groups::{Cut, GROUP_BYTES, GROUPS_MAX};
use super::*;
use crate::options::{Compression, ENTRY_BYTES_MAX, ROW_KEY_BYTES_MAX};

/// Packs ascending rows into blocks; one builder serves any number of them, and keeps its buffers.
pub(crate) struct BlockBuilder {
    /// Key and value of each row, back to back.
    bytes: Vec<u8>,
    rows: Vec<PendingRow>,
    /// Bytes that all keys begin with.
    prefix_bytes: usize,
    /// Plain bytes of all rows without seq deltas, as if there were no shared prefix.
    row_bytes: usize,
    /// Smallest and largest seq but zero.
    base_seq: u64,
    last_seq: u64,
    has_manifests: bool,
    has_tombstones: bool,
    plain: Vec<u8>,
    /// Where the rows in `plain` are parted.
    cuts: Vec<Cut>,
    compressor: Compressor,
}

struct PendingRow {
    key_bytes: usize,
    value_bytes: usize,
    seq: u64,
    expires_at: Option<u64>,
    end_seq: Option<u64>,
    flags: u8,
}

impl BlockBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self {
            bytes: Vec::new(),
            rows: Vec::new(),
            prefix_bytes: 0,
            row_bytes: 0,
            base_seq: u64::MAX,
            last_seq: 0,
            has_manifests: false,
            has_tombstones: false,
            plain: Vec::new(),
            cuts: Vec::new(),
            compressor: Compressor::default(),
        }
    }

    /// Number of rows pushed.
    #[cfg(test)]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Bytes of the rows before compression, as if the block were finished now; a few bytes too many when seqs
    /// are spread.
    #[cfg(test)]
    pub fn plain_bytes(&self) -> usize {
        let repeated = self.prefix_bytes * self.rows.len().saturating_sub(1);
        let delta_bytes = varint::bytes(self.last_seq.saturating_sub(self.base_seq));
        self.row_bytes + self.rows.len() * delta_bytes - repeated
    }

    /// The key pushed last.
    pub fn last_key(&self) -> Option<&[u8]> {
        self.rows.last().map(|row| {
            let start = self.bytes.len() - row.value_bytes - row.key_bytes;
            &self.bytes[start..start + row.key_bytes]
        })
    }

    /// Adds a row; its key must be above the one before it.
    pub fn push(&mut self, row: &Row<'_>) -> Result<()> {
        let last = self.last_key();
        if last.is_some_and(|last| last >= row.key) {
            return Err(Error::internal("a row was pushed into a block out of order"));
        }
        if row.end_seq.is_some_and(|end| end <= row.seq) {
            return Err(Error::internal("a block cannot hold a version that ends before it begins"));
        }
        if row.key.len() > ROW_KEY_BYTES_MAX || row.value.len() > ENTRY_BYTES_MAX {
            return Err(Error::internal(format_args!(
                "a row of {} and {} bytes is too large for a block",
                row.key.len(),
                row.value.len()
            )));
        }
        let prefix_bytes = match last {
            Some(last) => key::common_prefix(&last[..self.prefix_bytes], row.key),
            None => row.key.len(),
        };
        let pending = PendingRow::new(row);
        // Starts are 16 bits wide; the keys count whole, for a later row may end the shared prefix.
        let row_bytes = self.row_bytes + pending.bytes_but_delta();
        if row_bytes + (self.rows.len() + 1) * 10 > usize::from(u16::MAX) {
            return Err(Error::internal("a block overflows; it must be finished before"));
        }
        self.row_bytes = row_bytes;
        self.prefix_bytes = prefix_bytes;
        self.bytes.extend_from_slice(row.key);
        self.bytes.extend_from_slice(row.value);
        self.has_manifests |= row.kind == RowKind::Manifest;
        self.has_tombstones |= row.kind == RowKind::Tombstone;
        if row.seq != 0 {
            self.base_seq = self.base_seq.min(row.seq);
            self.last_seq = self.last_seq.max(row.seq);
        }
        self.rows.push(pending);
        Ok(())
    }

    /// Encodes the pushed rows as one block and clears the builder. The result is what sled stores under the
    /// header's sled key; both together stay within [`ENTRY_BYTES_MAX`] (E16) or it is an error.
    pub fn finish(&mut self, header: &BlockHeader<'_>, compression: Compression) -> Result<Vec<u8>> {
        let sled_key = key::block_key(header.space, header.namespace, header.fence);
        self.check_bounds(header, &sled_key)?;
        if self.has_tombstones && header.space != key::SPACE_RUNS {
            return Err(Error::internal("only a sorted run can hold a tombstone"));
        }
        self.encode_rows();
        let packed = self.compressor.compress(&self.plain, self.prefix_bytes, &self.cuts, compression);
        let (payload, mut flags, format) = packed.unwrap_or((&self.plain, 0, FORMAT));
        let total = HEADER_BYTES + header.low.len() + payload.len();
        if sled_key.len() + total > ENTRY_BYTES_MAX {
            return Err(Error::internal(format_args!("a block of {total} bytes is too large for one sled entry")));
        }
        if self.has_manifests {
            flags |= BLOCK_HAS_MANIFESTS;
        }
        let mut stored = Vec::with_capacity(total);
        stored.extend_from_slice(&[0; CHECKSUM_BYTES]);
        stored.extend_from_slice(&[format, flags]);
        // Each fits 16 bits: `push` bounds rows and plain bytes, `check_bounds` the low key.
        for number in [header.low.len(), self.rows.len(), self.prefix_bytes, self.plain.len()] {
            stored.extend_from_slice(&(number as u16).to_le_bytes());
        }
        stored.extend_from_slice(&header.checkpoint.to_le_bytes());
        stored.extend_from_slice(&self.base_seq.to_le_bytes());
        debug_assert_eq!(stored.len(), HEADER_BYTES);
        stored.extend_from_slice(header.low);
        stored.extend_from_slice(payload);
        let sum = checksum(&sled_key, &stored[CHECKSUM_BYTES..]);
        stored[..CHECKSUM_BYTES].copy_from_slice(&sum.to_le_bytes());
        self.clear();
        Ok(stored)
    }

    /// Forgets the pushed rows; keeps the buffers.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
        self.prefix_bytes = 0;
        self.row_bytes = 0;
        self.base_seq = u64::MAX;
        self.last_seq = 0;
        self.has_manifests = false;
        self.has_tombstones = false;
    }

    /// E13, E14: every row lies in `[low, fence)`, and the sled key within its limit.
    fn check_bounds(&self, header: &BlockHeader<'_>, sled_key: &[u8]) -> Result<()> {
        let first = self.rows.first().map(|row| &self.bytes[..row.key_bytes]);
        let above_low = first.is_none_or(|first| first >= header.low);
        let below_fence = header.fence.is_none_or(|fence| fence > header.low && self.last_key() < Some(fence));
        if !above_low || !below_fence {
            return Err(Error::internal("a block's rows lie outside its bounds"));
        }
        if header.low.len() > ROW_KEY_BYTES_MAX || key::split_block_key(sled_key).is_none() {
            return Err(Error::internal("a block's bounds are longer than any key"));
        }
        Ok(())
    }

    fn encode_rows(&mut self) {
        let plain = &mut self.plain;
        plain.clear();
        self.cuts.clear();
        let (mut group_start, mut last_head) = (self.prefix_bytes, None);
        let mut rest = self.bytes.as_slice();
        plain.extend_from_slice(&rest[..self.prefix_bytes]);
        if self.last_seq == 0 {
            self.base_seq = 0;
        }
        for row in &self.rows {
            let (key, tail) = rest.split_at(row.key_bytes);
            let (value, tail) = tail.split_at(row.value_bytes);
            rest = tail;
            let suffix = &key[self.prefix_bytes..];
            let head = Some(head_of(suffix));
            if plain.len() - group_start >= GROUP_BYTES && head != last_head && self.cuts.len() + 1 < GROUPS_MAX {
                group_start = plain.len();
                // `push` bounds all plain bytes.
                self.cuts.push(Cut { head: head_of(suffix), start: (group_start - self.prefix_bytes) as u16 });
            }
            last_head = head;
            varint::write(plain, suffix.len() as u64);
            plain.extend_from_slice(suffix);
            plain.push(row.flags);
            varint::write(plain, value.len() as u64);
            if row.seq != 0 {
                varint::write(plain, row.seq - self.base_seq);
            }
            if let Some(expires_at) = row.expires_at {
                varint::write(plain, expires_at);
            }
            if let Some(end_seq) = row.end_seq {
                varint::write(plain, end_seq - row.seq);
            }
            plain.extend_from_slice(value);
        }
    }
}

impl PendingRow {
    fn new(row: &Row<'_>) -> Self {
        let mut flags = 0;
        for (holds, flag) in [
            (row.kind == RowKind::Manifest, ROW_MANIFEST),
            (row.kind == RowKind::Tombstone, ROW_TOMBSTONE),
            (row.expires_at.is_some(), ROW_EXPIRES),
            (row.end_seq.is_some(), ROW_ENDS),
            (row.seq == 0, ROW_SEQ_ZERO),
        ] {
            if holds {
                flags |= flag;
            }
        }
        let (seq, expires_at, end_seq) = (row.seq, row.expires_at, row.end_seq);
        Self { key_bytes: row.key.len(), value_bytes: row.value.len(), seq, expires_at, end_seq, flags }
    }

    fn bytes_but_delta(&self) -> usize {
        let lengths = varint::bytes(self.key_bytes as u64) + varint::bytes(self.value_bytes as u64);
        let expiry = self.expires_at.map_or(0, varint::bytes);
        let end = self.end_seq.map_or(0, |end| varint::bytes(end - self.seq));
        1 + lengths + expiry + end + self.key_bytes + self.value_bytes
    }
}
