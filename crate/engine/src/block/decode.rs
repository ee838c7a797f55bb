//! Decoding of blocks, and what can be told of a stored block without decompressing it.

use twox_hash::XxHash3_64;

use super::compress::decompress;
use super::groups::{self, Groups};
use super::walk::{self, WalkBuffer};
use super::*;

/// A stored block's header, read without decompressing the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredHeader<'a> {
    pub block: BlockHeader<'a>,
    pub rows: usize,
    /// Bytes of the rows before compression.
    pub plain_bytes: usize,
    /// The flag of its codec; zero for rows as they are.
    codec: u8,
    is_grouped: bool,
    pub has_manifests: bool,
    /// See [`Block::content_hash`].
    pub content_hash: u64,
    prefix_bytes: u16,
    base_seq: u64,
    payload: &'a [u8],
}

impl<'a> StoredHeader<'a> {
    /// Bytes that [`Block::memory_bytes`] will give once it is decoded.
    pub fn decoded_bytes(&self, sled_key: &[u8]) -> usize {
        size_of::<Block>() + self.buffer_bytes(sled_key)
    }

    /// Whether its rows are compressed.
    pub fn is_compressed(&self) -> bool {
        self.codec != 0
    }

    /// Whether a read of one row decodes a part of it.
    pub fn is_grouped(&self) -> bool {
        self.is_grouped
    }

    /// The seq that those of its rows are counted from.
    pub(super) fn base_seq(&self) -> u64 {
        self.base_seq
    }

    /// The parts of a grouped block's payload.
    pub(super) fn groups(&self) -> Option<Groups<'a>> {
        Groups::parse(self.payload, usize::from(self.prefix_bytes), self.plain_bytes)
    }

    fn buffer_bytes(&self, sled_key: &[u8]) -> usize {
        self.rows * (HEAD_BYTES + START_BYTES) + sled_key.len() + self.block.low.len() + self.plain_bytes
    }
}

/// Reads a stored block's header. Lengths are checked, the checksum is not: see [`verify_stored`].
pub(crate) fn stored_header<'a>(sled_key: &'a [u8], stored: &'a [u8]) -> Result<StoredHeader<'a>> {
    parse(sled_key, stored).ok_or_else(|| match stored.get(CHECKSUM_BYTES) {
        Some(&format) if format > FORMAT_GROUPED => damaged(sled_key, "its format is unknown"),
        _ => damaged(sled_key, "its header is damaged"),
    })
}

/// The content hash of a stored block (E15), without decompressing or checking it; see [`Block::content_hash`].
pub(crate) fn stored_hash(sled_key: &[u8], stored: &[u8]) -> Result<u64> {
    let sum = stored.first_chunk::<CHECKSUM_BYTES>().ok_or_else(|| damaged(sled_key, "it is cut off"))?;
    Ok(u64::from_le_bytes(*sum))
}

/// Checks a stored block's checksum over sled key, header and stored rows (E13).
pub(crate) fn verify_stored(sled_key: &[u8], stored: &[u8]) -> Result<()> {
    let sum = stored_hash(sled_key, stored)?;
    if checksum(sled_key, &stored[CHECKSUM_BYTES..]) == sum {
        Ok(())
    } else {
        Err(damaged(sled_key, "its checksum is wrong, or it belongs elsewhere"))
    }
}

/// E13: one sum over the sled key and all that follows the sum.
pub(super) fn checksum(sled_key: &[u8], body: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(XxHash3_64::oneshot(sled_key), body)
}

fn parse<'a>(sled_key: &'a [u8], stored: &'a [u8]) -> Option<StoredHeader<'a>> {
    let (space, namespace, fence) = key::split_block_key(sled_key)?;
    let (header, rest) = stored.split_first_chunk::<HEADER_BYTES>()?;
    let number = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let wide = |at: usize| header[at..].first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let (format, flags) = (header[8], header[9]);
    let is_grouped = format == FORMAT_GROUPED;
    if !is_format(format) || flags & !BLOCK_FLAGS != 0 || flags & BLOCK_CODECS == BLOCK_CODECS {
        return None;
    }
    if is_grouped && flags & BLOCK_LZ4 == 0 {
        return None;
    }
    let (low, payload) = rest.split_at_checked(usize::from(number(10)))?;
    if fence.is_some_and(|fence| fence <= low) {
        return None;
    }
    Some(StoredHeader {
        block: BlockHeader { space, namespace, low, fence, checkpoint: wide(18)? },
        rows: usize::from(number(12)),
        plain_bytes: usize::from(number(16)),
        codec: flags & BLOCK_CODECS,
        is_grouped,
        has_manifests: flags & BLOCK_HAS_MANIFESTS != 0,
        content_hash: wide(0)?,
        prefix_bytes: number(14),
        base_seq: wide(26)?,
        payload,
    })
}

/// A reusable buffer for decoding (E17: one a thread).
#[derive(Default)]
pub(crate) struct Scratch {
    block: Block,
    parts: WalkBuffer,
}

impl Scratch {
    /// Decodes a stored block whose checksum has been checked already.
    ///
    /// The block that the buffer holds from the call before is kept when it is the same one.
    pub fn decode_verified(&mut self, sled_key: &[u8], stored: &[u8]) -> Result<&Block> {
        let hash = stored_hash(sled_key, stored)?;
        let same = !self.block.bytes.is_empty() && self.block.content_hash == hash && self.block.sled_key() == sled_key;
        if !same {
            self.block.fill(sled_key, stored)?;
        }
        Ok(&self.block)
    }

    /// The row of a key in a stored block whose checksum has been checked already; of a grouped one no more than the
    /// row's group is decoded.
    pub fn find<'a>(&'a mut self, sled_key: &'a [u8], stored: &'a [u8], key: &[u8]) -> Result<Option<RowRef<'a>>> {
        let header = stored_header(sled_key, stored)?;
        if header.is_grouped {
            return groups::find(&header, key, &mut self.parts.group)
                .ok_or_else(|| damaged(sled_key, "its rows are damaged"));
        }
        let block = self.decode_verified(sled_key, stored)?;
        Ok(block.search(key).ok().map(|index| block.row(index)))
    }

    /// [`Block::walk`] over a stored block whose checksum has been checked already; of a grouped one no more than the
    /// groups it comes to are decoded. After an error some rows were visited.
    pub fn walk(&mut self, sled_key: &[u8], stored: &[u8], from: Walk<'_>, visit: Visit<'_>) -> Result<()> {
        let header = stored_header(sled_key, stored)?;
        if header.is_grouped {
            return walk::walk(&header, from, &mut self.parts, visit)
                .ok_or_else(|| damaged(sled_key, "its rows are damaged"));
        }
        self.decode_verified(sled_key, stored)?.walk(from, visit);
        Ok(())
    }
}

impl Default for Block {
    /// A block of no place and no rows.
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            content_hash: 0,
            checkpoint: 0,
            base_seq: 0,
            rows: 0,
            prefix_bytes: 0,
            sled_key_bytes: 0,
            low_bytes: 0,
            has_manifests: false,
        }
    }
}

impl Block {
    /// Decodes a stored block whose checksum has been checked already.
    pub fn decode_verified(sled_key: &[u8], stored: &[u8]) -> Result<Self> {
        let mut block = Self::default();
        block.fill(sled_key, stored)?;
        Ok(block)
    }

    /// Makes this the decoded form of a stored block; the empty block after an error.
    fn fill(&mut self, sled_key: &[u8], stored: &[u8]) -> Result<()> {
        let mut bytes = std::mem::take(self).bytes;
        let header = stored_header(sled_key, stored)?;
        let total = header.buffer_bytes(sled_key);
        if bytes.capacity() == 0 {
            bytes = vec![0; total];
        } else {
            bytes.resize(total, 0);
        }
        let payload_start = total - header.plain_bytes;
        let sled_key_start = payload_start - header.block.low.len() - sled_key.len();
        bytes[sled_key_start..][..sled_key.len()].copy_from_slice(sled_key);
        bytes[payload_start - header.block.low.len()..payload_start].copy_from_slice(header.block.low);
        let (index, rows) = bytes.split_at_mut(payload_start);
        let groups = if header.is_grouped { header.groups() } else { None };
        let decompressed = match &groups {
            Some(groups) => groups.decompress(rows),
            None if header.is_grouped => None,
            None => decompress(header.payload, header.codec, rows),
        };
        decompressed.ok_or_else(|| damaged(sled_key, "its rows do not decompress"))?;
        index_rows(&header, groups.as_ref(), index, rows).ok_or_else(|| damaged(sled_key, "its rows are damaged"))?;
        *self = Self {
            bytes,
            content_hash: header.content_hash,
            checkpoint: header.block.checkpoint,
            base_seq: header.base_seq,
            rows: header.rows as u16,                 // read from 16 bits
            sled_key_bytes: sled_key.len() as u16,    // `split_block_key` bounds it
            low_bytes: header.block.low.len() as u16, // read from 16 bits
            prefix_bytes: header.prefix_bytes,
            has_manifests: header.has_manifests,
        };
        Ok(())
    }
}

/// Walks the rows once: checks every length and the order of keys, and writes heads and starts.
fn index_rows(header: &StoredHeader<'_>, groups: Option<&Groups<'_>>, index: &mut [u8], payload: &[u8]) -> Option<()> {
    let (heads, rest) = index.split_at_mut_checked(header.rows * HEAD_BYTES)?;
    let starts = rest.get_mut(..header.rows * START_BYTES)?;
    let heads = heads.as_chunks_mut::<HEAD_BYTES>().0;
    let starts = starts.as_chunks_mut::<START_BYTES>().0;
    let mut at = usize::from(header.prefix_bytes);
    if at > payload.len() {
        return None;
    }
    let allowed = row_flags(header.block.space);
    let mut last: Option<(u32, &[u8])> = None;
    for (head_slot, start_slot) in heads.iter_mut().zip(&mut *starts) {
        *start_slot = u16::try_from(at).ok()?.to_le_bytes();
        let suffix = check_row(header.base_seq, allowed, payload, &mut at)?.key.suffix;
        let head = head_of(suffix);
        if last.is_some_and(|(last_head, last)| last_head > head || (last_head == head && last >= suffix)) {
            return None;
        }
        *head_slot = head.to_le_bytes();
        last = Some((head, suffix));
    }
    (at == payload.len() && groups.is_none_or(|groups| groups.agree_with(heads, starts))).then_some(())
}

/// Checks the row at `at` and moves behind it; its key is without the shared prefix.
#[inline]
pub(super) fn check_row<'p>(base_seq: u64, allowed: u8, payload: &'p [u8], at: &mut usize) -> Option<RowRef<'p>> {
    let suffix_bytes = usize::try_from(varint::read(payload, at)?).ok()?;
    let suffix = payload.get(*at..)?.get(..suffix_bytes)?;
    *at += suffix_bytes;
    let flags = *payload.get(*at)?;
    *at += 1;
    if flags & !allowed != 0 {
        return None;
    }
    let value_bytes = usize::try_from(varint::read(payload, at)?).ok()?;
    let seq = match flags & ROW_SEQ_ZERO {
        0 => base_seq.checked_add(varint::read(payload, at)?)?,
        _ => 0,
    };
    let expires_at = match flags & ROW_EXPIRES {
        0 => None,
        _ => Some(varint::read(payload, at)?),
    };
    let end_seq = match flags & ROW_ENDS {
        0 => None,
        _ => Some(seq.checked_add(varint::read(payload, at)?)?),
    };
    let value = payload.get(*at..)?.get(..value_bytes)?;
    *at += value_bytes;
    Some(RowRef { key: KeyParts { prefix: &[], suffix }, seq, kind: kind_of(flags), expires_at, end_seq, value })
}
