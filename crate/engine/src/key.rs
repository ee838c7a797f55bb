//! Every byte order the engine relies on: internal keys, sled keys of blocks, row keys of the history and chunk
//! spaces, separators and range ends. Pure functions; byte order of an encoding is the order of what it encodes.

use crate::error::{Error, Result};
use crate::options::{KEY_BYTES_MAX, ROW_KEY_BYTES_MAX};

#[cfg(test)]
pub(crate) mod tests;

/// Space of the newest versions of all rows.
pub(crate) const SPACE_BASE: u8 = b'b';
/// Space of superseded versions (E8); row keys are [`push_history_key`].
pub(crate) const SPACE_HISTORY: u8 = b'h';
/// Space of the chunks of large values (E16); row keys are [`chunk_key`].
pub(crate) const SPACE_CHUNKS: u8 = b'c';
/// Space of the engine's own rows: plain sled entries, not blocks.
pub(crate) const SPACE_META: u8 = b'm';

/// Bytes of `space ‖ namespace`, which every internal key and every sled key of a block begins with.
pub(crate) const KEY_HEAD_BYTES: usize = 5;
/// Longest sled key (E14): an index node of sled gathers 320 separators and must stay below a quarter segment.
pub(crate) const SLED_KEY_BYTES_MAX: usize = 1_600;

/// Follows the head in the sled key of a block that has a fence.
const TAG_FENCE: u8 = 0x00;
/// Follows the head in the sled key of the last block of a namespace: above every fence.
const TAG_LAST: u8 = 0x01;

const ESCAPE_GROUP: usize = 32;
/// Marks a full group that more groups follow; a last group is marked with its number of bytes, 0 to 32.
const ESCAPE_MORE: u8 = 33;
const SEQ_BYTES: usize = 8;
pub(crate) const CHUNK_KEY_BYTES: usize = 16;

// E14: whole sled keys stay within their limit, for user keys and for the longest history key alike.
const _: () = assert!(escaped_bytes(KEY_BYTES_MAX) + SEQ_BYTES == ROW_KEY_BYTES_MAX);
const _: () = assert!(KEY_HEAD_BYTES + 1 + ROW_KEY_BYTES_MAX <= SLED_KEY_BYTES_MAX);

const fn escaped_bytes(key_bytes: usize) -> usize {
    let groups = if key_bytes == 0 { 1 } else { key_bytes.div_ceil(ESCAPE_GROUP) };
    groups * (ESCAPE_GROUP + 1)
}

fn push_head(out: &mut Vec<u8>, space: u8, namespace: u32) {
    out.push(space);
    out.extend_from_slice(&namespace.to_be_bytes());
}

fn split_head(bytes: &[u8]) -> Option<(u8, u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<KEY_HEAD_BYTES>()?;
    let [space, a, b, c, d] = *head;
    Some((space, u32::from_be_bytes([a, b, c, d]), rest))
}

/// Appends the key of a row as memtables order it: `space ‖ namespace ‖ key`.
pub(crate) fn push_internal_key(out: &mut Vec<u8>, space: u8, namespace: u32, key: &[u8]) {
    push_head(out, space, namespace);
    out.extend_from_slice(key);
}

/// The exclusive end of a namespace's internal keys in a space.
pub(crate) fn internal_end(space: u8, namespace: u32) -> Vec<u8> {
    match namespace.checked_add(1) {
        Some(next) => [&[space][..], &next.to_be_bytes()].concat(),
        None => vec![space + 1],
    }
}

/// Takes an internal key apart into space, namespace and key.
pub(crate) fn split_internal_key(internal: &[u8]) -> Option<(u8, u32, &[u8])> {
    split_head(internal)
}

/// Appends the sled key of a block (E14); a fence of `None` is the last block of its namespace.
pub(crate) fn push_block_key(out: &mut Vec<u8>, space: u8, namespace: u32, fence: Option<&[u8]>) {
    push_head(out, space, namespace);
    match fence {
        Some(fence) => {
            out.push(TAG_FENCE);
            out.extend_from_slice(fence);
        }
        None => out.push(TAG_LAST),
    }
}

/// The sled key of a block; see [`push_block_key`].
pub(crate) fn block_key(space: u8, namespace: u32, fence: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(KEY_HEAD_BYTES + 1 + fence.map_or(0, <[u8]>::len));
    push_block_key(&mut out, space, namespace, fence);
    out
}

/// Takes the sled key of a block apart into space, namespace and fence; `None` when it is not one.
pub(crate) fn split_block_key(sled_key: &[u8]) -> Option<(u8, u32, Option<&[u8]>)> {
    let (space, namespace, rest) = split_head(sled_key)?;
    match rest.split_first()? {
        (&TAG_FENCE, fence) if sled_key.len() <= SLED_KEY_BYTES_MAX => Some((space, namespace, Some(fence))),
        (&TAG_LAST, []) => Some((space, namespace, None)),
        _ => None,
    }
}

/// The bound for sled: the block of `key` is the first entry strictly above it (E14).
pub(crate) fn block_seek_key(space: u8, namespace: u32, key: &[u8]) -> Vec<u8> {
    block_key(space, namespace, Some(key))
}

/// First and last possible sled key of a namespace's blocks, both inclusive.
#[cfg(test)]
pub(crate) fn block_key_range(space: u8, namespace: u32) -> (Vec<u8>, Vec<u8>) {
    (block_key(space, namespace, Some(&[])), block_key(space, namespace, None))
}

/// Appends the row key of one superseded version: `escape32(key) ‖ BE(!seq)`, so that versions stand newest first.
pub(crate) fn push_history_key(out: &mut Vec<u8>, key: &[u8], seq: u64) {
    push_escaped(out, key);
    out.extend_from_slice(&(!seq).to_be_bytes());
}

/// Appends `escape32(key)`: the common start of all history row keys of one key, and of no other key's.
#[cfg(test)]
pub(crate) fn push_history_prefix(out: &mut Vec<u8>, key: &[u8]) {
    push_escaped(out, key);
}

/// Reads a history row key: appends the key to `out` and returns the seq.
pub(crate) fn read_history_key(row_key: &[u8], out: &mut Vec<u8>) -> Result<u64> {
    let damaged = || Error::corruption("history row", "its key is not one");
    let (mut groups, seq) = row_key.split_last_chunk::<SEQ_BYTES>().ok_or_else(damaged)?;
    loop {
        let (group, rest) = groups.split_first_chunk::<{ ESCAPE_GROUP + 1 }>().ok_or_else(damaged)?;
        let (marker, bytes) = group.split_last().ok_or_else(damaged)?;
        match (*marker, rest.is_empty()) {
            (ESCAPE_MORE, false) => out.extend_from_slice(bytes),
            (marker, true) if marker < ESCAPE_MORE => {
                let (bytes, padding) = bytes.split_at(usize::from(marker));
                if padding.iter().any(|&byte| byte != 0) {
                    return Err(damaged());
                }
                out.extend_from_slice(bytes);
                return Ok(!u64::from_be_bytes(*seq));
            }
            _ => return Err(damaged()),
        }
        groups = rest;
    }
}

/// Groups of 32 bytes, zero-padded, each followed by its marker: no encoding is a prefix of another, and the order
/// of encodings is the order of keys, whatever follows them.
fn push_escaped(out: &mut Vec<u8>, key: &[u8]) {
    let mut rest = key;
    while rest.len() > ESCAPE_GROUP {
        let (group, tail) = rest.split_at(ESCAPE_GROUP);
        out.extend_from_slice(group);
        out.push(ESCAPE_MORE);
        rest = tail;
    }
    out.extend_from_slice(rest);
    out.resize(out.len() + ESCAPE_GROUP - rest.len(), 0);
    out.push(rest.len() as u8); // at most ESCAPE_GROUP
}

/// The row key of one chunk of a large value (E16): commit seq, operation within it, number of the chunk.
pub(crate) fn chunk_key(seq: u64, operation: u32, chunk: u32) -> [u8; CHUNK_KEY_BYTES] {
    let mut key = [0; CHUNK_KEY_BYTES];
    key[..8].copy_from_slice(&seq.to_be_bytes());
    key[8..12].copy_from_slice(&operation.to_be_bytes());
    key[12..].copy_from_slice(&chunk.to_be_bytes());
    key
}

/// Takes the row key of a chunk apart into commit seq, operation and number of the chunk.
pub(crate) fn split_chunk_key(row_key: &[u8]) -> Option<(u64, u32, u32)> {
    let (seq, rest) = row_key.split_first_chunk::<8>()?;
    let (operation, rest) = rest.split_first_chunk::<4>()?;
    let chunk: &[u8; 4] = rest.try_into().ok()?;
    Some((u64::from_be_bytes(*seq), u32::from_be_bytes(*operation), u32::from_be_bytes(*chunk)))
}

/// Number of leading bytes that both have in common.
pub(crate) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// The shortest `s` with `left_last < s ≤ right_first` (E14): the fence between two blocks. It is a prefix of
/// `right_first`; `left_last` must be below `right_first`.
pub(crate) fn separator<'a>(left_last: &[u8], right_first: &'a [u8]) -> &'a [u8] {
    debug_assert!(left_last < right_first, "blocks are cut between ascending keys");
    let bytes = common_prefix(left_last, right_first) + 1;
    &right_first[..bytes.min(right_first.len())]
}

/// The smallest key above every key that begins with `prefix`; `None` when no key is (the prefix is empty or all
/// `0xff`).
///
/// ```
/// use sledstore_engine::key::prefix_end;
/// assert_eq!(prefix_end(b"ab"), Some(b"ac".to_vec()));
/// assert_eq!(prefix_end(b"a\xff"), Some(b"b".to_vec()));
/// assert_eq!(prefix_end(b"\xff"), None);
/// ```
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}
