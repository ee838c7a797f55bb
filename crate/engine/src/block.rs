//! Blocks: sorted rows packed into one sled entry.
//!
//! Stored form: `checksum(8) ‖ header(26) ‖ low key ‖ payload`, all integers little-endian; the payload is
//! `shared key prefix ‖ rows`, as it is, as one DEFLATE stream, or with LZ4 in groups of rows ([`groups`]). A row is
//! `suffix length ‖ suffix ‖ flags ‖ value length ‖ seq delta? ‖ expires_at? ‖ end_seq − seq? ‖ value`, numbers as
//! varints. No offset table is stored: decoding has to walk the rows anyway, to check every length once, and builds
//! the table (and the heads that searches compare) as it goes. That saves 2 bytes a row at rest.

mod build;
mod compress;
mod decode;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod groups;
mod mend;
mod varint;
mod walk;

#[cfg(test)]
pub(crate) mod tests;

use std::cmp::Ordering;

use crate::error::{Error, Result};
use crate::key;

pub(crate) use crate::row::{Row, RowKind};
pub(crate) use build::BlockBuilder;
pub(crate) use decode::{Scratch, stored_hash, stored_header, verify_stored};
pub(crate) use mend::mended;
pub(crate) use walk::{Visit, Walk};

/// Of a block whose payload is one stream, compressed or not; LZ4 was so once.
const FORMAT: u8 = 1;
/// Of a block whose rows LZ4 compressed in groups.
const FORMAT_GROUPED: u8 = 2;
const CHECKSUM_BYTES: usize = 8;
/// Checksum and fixed part of the header: what precedes the low key.
const HEADER_BYTES: usize = 34;

/// Whether a byte is the format of a block that this code reads.
pub(crate) fn is_format(byte: u8) -> bool {
    (FORMAT..=FORMAT_GROUPED).contains(&byte)
}

const BLOCK_LZ4: u8 = 1;
const BLOCK_HAS_MANIFESTS: u8 = 2;
const BLOCK_DEFLATE: u8 = 4;
/// At most one of them is set.
const BLOCK_CODECS: u8 = BLOCK_LZ4 | BLOCK_DEFLATE;
const BLOCK_FLAGS: u8 = BLOCK_CODECS | BLOCK_HAS_MANIFESTS;

const ROW_MANIFEST: u8 = 1;
const ROW_EXPIRES: u8 = 2;
const ROW_ENDS: u8 = 4;
/// The row's seq is zero (E7: no older version can be asked for), and takes no bytes.
const ROW_SEQ_ZERO: u8 = 8;
/// The key is removed; in sorted runs only.
const ROW_TOMBSTONE: u8 = 16;
const ROW_FLAGS: u8 = ROW_MANIFEST | ROW_EXPIRES | ROW_ENDS | ROW_SEQ_ZERO;

/// Bytes of a row's search head: the first bytes of its suffix, big-endian, zero-padded.
const HEAD_BYTES: usize = 4;
const START_BYTES: usize = 2;

/// What a block knows of its place (E13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockHeader<'a> {
    pub space: u8,
    pub namespace: u32,
    /// Inclusive lower bound: the left neighbor's fence; empty for the first block.
    pub low: &'a [u8],
    /// Exclusive upper bound; `None` for the last block.
    pub fence: Option<&'a [u8]>,
    /// Number of the checkpoint that wrote the block.
    pub checkpoint: u64,
}

/// A row's key in a block: the block's shared prefix and the rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyParts<'a> {
    pub prefix: &'a [u8],
    pub suffix: &'a [u8],
}

impl KeyParts<'_> {
    /// Bytes of the whole key.
    pub fn len(&self) -> usize {
        self.prefix.len() + self.suffix.len()
    }

    /// Appends the whole key.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.prefix);
        out.extend_from_slice(self.suffix);
    }

    /// The whole key.
    pub fn to_vec(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        self.append_to(&mut out);
        out
    }

    /// Order of this key relative to `key`.
    pub fn order(&self, key: &[u8]) -> Ordering {
        match key.split_at_checked(self.prefix.len()) {
            Some((head, rest)) => self.prefix.cmp(head).then_with(|| self.suffix.cmp(rest)),
            None => self.prefix.cmp(key), // a key shorter than the prefix never equals it
        }
    }
}

/// A row as it lies in a [`Block`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowRef<'a> {
    pub key: KeyParts<'a>,
    pub seq: u64,
    pub kind: RowKind,
    pub expires_at: Option<u64>,
    pub end_seq: Option<u64>,
    pub value: &'a [u8],
}

/// A decoded block; immutable.
///
/// One buffer holds `heads ‖ starts ‖ sled key ‖ low ‖ prefix ‖ rows`: a head is the first 4 bytes of a row's
/// suffix, a start the offset of the row behind the low key. A search touches the heads and, nearly always, one row.
// E13: built only by `decode`, which checks the checksum and every length, so that no accessor can run out of bounds.
pub(crate) struct Block {
    bytes: Vec<u8>,
    content_hash: u64,
    checkpoint: u64,
    base_seq: u64,
    rows: u16,
    prefix_bytes: u16,
    sled_key_bytes: u16,
    low_bytes: u16,
    has_manifests: bool,
}

impl Block {
    /// Decodes a stored block into a buffer of its own (E13).
    ///
    /// Anything that is not exactly what was stored under this sled key is a `CORRUPTION` error.
    pub fn decode(sled_key: &[u8], stored: &[u8]) -> Result<Self> {
        verify_stored(sled_key, stored)?;
        Self::decode_verified(sled_key, stored)
    }

    /// Decodes into a reusable buffer; otherwise as [`Block::decode`].
    #[cfg(test)]
    pub fn decode_into<'s>(sled_key: &[u8], stored: &[u8], scratch: &'s mut Scratch) -> Result<&'s Self> {
        verify_stored(sled_key, stored)?;
        scratch.decode_verified(sled_key, stored)
    }

    /// Where the block belongs (E13).
    pub fn header(&self) -> BlockHeader<'_> {
        let (space, namespace, fence) = key::split_block_key(self.sled_key()).unwrap_or_default();
        BlockHeader { space, namespace, low: self.low(), fence, checkpoint: self.checkpoint }
    }

    /// The key of the sled entry it came from.
    pub fn sled_key(&self) -> &[u8] {
        let start = self.index_bytes();
        &self.bytes[start..start + usize::from(self.sled_key_bytes)]
    }

    /// Inclusive lower bound of its keys.
    pub fn low(&self) -> &[u8] {
        let start = self.index_bytes() + usize::from(self.sled_key_bytes);
        &self.bytes[start..start + usize::from(self.low_bytes)]
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        usize::from(self.rows)
    }

    /// Whether any row is a manifest, so that rewriting the block may drop chunks (E16).
    pub fn has_manifests(&self) -> bool {
        self.has_manifests
    }

    /// Hash of the stored block and its sled key; the order-independent hash of a checkpoint sums these (E15).
    pub fn content_hash(&self) -> u64 {
        self.content_hash
    }

    /// Bytes this block holds in memory.
    #[cfg(test)]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.bytes.capacity()
    }

    /// Finds a key: its row, or the row before which it would stand.
    pub fn search(&self, key: &[u8]) -> std::result::Result<usize, usize> {
        let prefix = self.prefix();
        let suffix = match key.split_at_checked(prefix.len()) {
            Some((head, suffix)) if head == prefix => suffix,
            _ if key < prefix => return Err(0),
            _ => return Err(self.len()),
        };
        let heads = self.heads();
        let head = head_of(suffix);
        let mut from = heads.partition_point(|other| u32::from_le_bytes(*other) < head);
        let mut to = from;
        if heads.get(from).is_some_and(|other| u32::from_le_bytes(*other) == head) {
            to = match heads.get(from + 1) {
                Some(next) if u32::from_le_bytes(*next) == head => {
                    from + heads[from..].partition_point(|other| u32::from_le_bytes(*other) == head)
                }
                _ => from + 1,
            };
        }
        while from < to {
            let middle = from.midpoint(to);
            match self.suffix(middle).0.cmp(suffix) {
                Ordering::Less => from = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => to = middle,
            }
        }
        Err(from)
    }

    /// The key of row `index`, which must be below [`Block::len`].
    pub fn key_of(&self, index: usize) -> KeyParts<'_> {
        KeyParts { prefix: self.prefix(), suffix: self.suffix(index).0 }
    }

    /// Row `index`, which must be below [`Block::len`].
    pub fn row(&self, index: usize) -> RowRef<'_> {
        let (suffix, mut at) = self.suffix(index);
        let flags = self.bytes[at];
        at += 1;
        let value_bytes = varint::read_checked(&self.bytes, &mut at) as usize;
        let seq = match flags & ROW_SEQ_ZERO {
            0 => self.base_seq + varint::read_checked(&self.bytes, &mut at),
            _ => 0,
        };
        let expires_at = (flags & ROW_EXPIRES != 0).then(|| varint::read_checked(&self.bytes, &mut at));
        let end_seq = (flags & ROW_ENDS != 0).then(|| seq + varint::read_checked(&self.bytes, &mut at));
        RowRef {
            key: KeyParts { prefix: self.prefix(), suffix },
            seq,
            kind: kind_of(flags),
            expires_at,
            end_seq,
            value: &self.bytes[at..at + value_bytes],
        }
    }

    /// A row's key without the shared prefix, and the position behind it.
    fn suffix(&self, index: usize) -> (&[u8], usize) {
        let entry = self.len() * HEAD_BYTES + index * START_BYTES;
        let start = u16::from_le_bytes([self.bytes[entry], self.bytes[entry + 1]]);
        let mut at = self.payload_start() + usize::from(start);
        let suffix_bytes = varint::read_checked(&self.bytes, &mut at) as usize;
        let end = at + suffix_bytes;
        (&self.bytes[at..end], end)
    }

    fn heads(&self) -> &[[u8; HEAD_BYTES]] {
        self.bytes[..self.len() * HEAD_BYTES].as_chunks().0
    }

    fn prefix(&self) -> &[u8] {
        let start = self.payload_start();
        &self.bytes[start..start + usize::from(self.prefix_bytes)]
    }

    fn index_bytes(&self) -> usize {
        self.len() * (HEAD_BYTES + START_BYTES)
    }

    fn payload_start(&self) -> usize {
        self.index_bytes() + usize::from(self.sled_key_bytes) + usize::from(self.low_bytes)
    }
}

fn kind_of(flags: u8) -> RowKind {
    match flags & (ROW_MANIFEST | ROW_TOMBSTONE) {
        0 => RowKind::Value,
        ROW_MANIFEST => RowKind::Manifest,
        _ => RowKind::Tombstone,
    }
}

/// The flags that rows of a space may have.
fn row_flags(space: u8) -> u8 {
    if space == key::SPACE_RUNS { ROW_FLAGS | ROW_TOMBSTONE } else { ROW_FLAGS }
}

/// The first bytes of a suffix as a number: a smaller head is a smaller suffix; equal heads say nothing.
fn head_of(suffix: &[u8]) -> u32 {
    match suffix.first_chunk::<HEAD_BYTES>() {
        Some(head) => u32::from_be_bytes(*head),
        None => {
            let mut head = [0; HEAD_BYTES];
            head[..suffix.len()].copy_from_slice(suffix);
            u32::from_be_bytes(head)
        }
    }
}

/// Gives a stored block the checksum it would have under another sled key.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn stamp(sled_key: &[u8], stored: &mut [u8]) {
    let sum = decode::checksum(sled_key, &stored[CHECKSUM_BYTES..]);
    stored[..CHECKSUM_BYTES].copy_from_slice(&sum.to_le_bytes());
}

/// A block of LZ4 as one stream, as stores of format 2 have it, of one whose rows are in groups.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn ungrouped(sled_key: &[u8], stored: &[u8]) -> Option<Vec<u8>> {
    let block = Block::decode(sled_key, stored).ok()?;
    let header = stored_header(sled_key, stored).ok().filter(|header| header.is_grouped())?;
    let payload = lz4_flex::block::compress(&block.bytes[block.payload_start()..]);
    let mut old = [&stored[..HEADER_BYTES + header.block.low.len()], &payload].concat();
    old[CHECKSUM_BYTES] = FORMAT;
    stamp(sled_key, &mut old);
    Some(old)
}

fn damaged(sled_key: &[u8], what: &str) -> Error {
    Error::corruption(format_args!("block {}", sled_key.escape_ascii()), what)
}
