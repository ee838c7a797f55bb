//! The engine's own rows in the backend: plain entries of the meta space, not blocks.
//!
//! `m a` → applied seq and checkpoint number, `m p` → pending seq and number, `m s ‖ namespace` → size, `m b` → bytes of all blocks now and at most,
//! `m v ‖ namespace ‖ value id` → a large value whose chunks are to be removed, `m e ‖ namespace` → when its rows expire,
//! `m f ‖ number` → bytes of the blocks in a block file that are asked for.

use std::collections::BTreeMap;

use crate::backend::Backend;
use crate::checkpoint::Size;
use crate::disk_use::LiveBytes;
use crate::error::{Error, Result};
use crate::expiries::Expiries;
use crate::key;
use crate::large::ValueId;
use crate::namespace::NamespaceId;
use crate::order::{map_of, map_of_each};
use crate::store::{COUNT_MAX, Seq};

pub(crate) const APPLIED: [u8; 2] = [key::SPACE_META, b'a'];
pub(crate) const PENDING: [u8; 2] = [key::SPACE_META, b'p'];
const LIVE_BYTES: [u8; 2] = [key::SPACE_META, b'b'];
const SIZES: [u8; 2] = [key::SPACE_META, b's'];
const DROPPED_VALUES: [u8; 2] = [key::SPACE_META, b'v'];
const EXPIRIES: [u8; 2] = [key::SPACE_META, b'e'];
const FILES: [u8; 2] = [key::SPACE_META, b'f'];

/// How far the blocks are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    pub seq: Seq,
    pub number: u64,
}

fn pair(a: u64, b: u64) -> [u8; 16] {
    let mut value = [0; 16];
    value[..8].copy_from_slice(&a.to_le_bytes());
    value[8..].copy_from_slice(&b.to_le_bytes());
    value
}

fn write_pair(backend: &dyn Backend, key: &[u8], a: u64, b: u64) -> Result<()> {
    backend.insert(key, &pair(a, b))
}

/// Every row that a store has after a completed checkpoint.
pub(crate) fn completed(
    applied: &Applied,
    live_bytes: u64,
    sizes: &BTreeMap<u32, Size>,
    expiries: &BTreeMap<u32, Expiries>,
) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let position = pair(applied.seq, applied.number);
    let fixed = [(APPLIED, position), (LIVE_BYTES, pair(live_bytes, live_bytes)), (PENDING, position)];
    let mut rows = map_of(fixed.iter().map(|(key, value)| (key.to_vec(), value.to_vec())));
    rows.extend(sizes.iter().map(|(&id, size)| (size_key(id), pair(size.rows, size.bytes).to_vec())));
    rows.extend(expiries.iter().map(|(&id, expiries)| (expiries_key(id), expiries.encode())));
    rows
}

pub(crate) fn size_key(namespace: u32) -> Vec<u8> {
    [&SIZES[..], &namespace.to_be_bytes()].concat()
}

fn expiries_key(namespace: u32) -> Vec<u8> {
    [&EXPIRIES[..], &namespace.to_be_bytes()].concat()
}

pub(crate) fn parse_pair(value: &[u8]) -> Result<(u64, u64)> {
    let damaged = || Error::corruption("meta row", "it has a wrong length");
    let (a, b) = value.split_first_chunk::<8>().ok_or_else(damaged)?;
    let (a, b) = (u64::from_le_bytes(*a), u64::from_le_bytes(b.try_into().map_err(|_| damaged())?));
    if a.max(b) > COUNT_MAX {
        return Err(Error::corruption("meta row", "its numbers are too large"));
    }
    Ok((a, b))
}

fn read_pair(backend: &dyn Backend, key: &[u8]) -> Result<Option<(u64, u64)>> {
    backend.get(key)?.map(|value| parse_pair(&value)).transpose()
}

pub(crate) fn write_applied(backend: &dyn Backend, applied: &Applied) -> Result<()> {
    write_pair(backend, &APPLIED, applied.seq, applied.number)
}

pub(crate) fn read_applied(backend: &dyn Backend) -> Result<Option<Applied>> {
    Ok(read_pair(backend, &APPLIED)?.map(|(seq, number)| Applied { seq, number }))
}

pub(crate) fn write_pending(backend: &dyn Backend, seq: Seq, number: u64) -> Result<()> {
    write_pair(backend, &PENDING, seq, number)
}

/// The checkpoint begun last; of the same seq and number as [`read_applied`] once it is complete.
pub(crate) fn read_pending(backend: &dyn Backend) -> Result<Applied> {
    Ok(read_pair(backend, &PENDING)?.map_or_else(Applied::default, |(seq, number)| Applied { seq, number }))
}

pub(crate) fn write_size(backend: &dyn Backend, namespace: u32, size: Size) -> Result<()> {
    write_pair(backend, &size_key(namespace), size.rows, size.bytes)
}

pub(crate) fn write_live_bytes(backend: &dyn Backend, now: u64, most: u64) -> Result<()> {
    write_pair(backend, &LIVE_BYTES, now, most)
}

/// Bytes of all blocks (E21). A store that has blocks and not this was written before it was kept.
pub(crate) fn read_live_bytes(backend: &dyn Backend) -> Result<LiveBytes> {
    let stored = read_pair(backend, &LIVE_BYTES)?;
    Ok(stored.map_or_else(LiveBytes::default, |(now, most)| LiveBytes { now: Some(now), most }))
}

pub(crate) fn read_sizes(backend: &dyn Backend) -> Result<BTreeMap<u32, Size>> {
    let mut sizes = BTreeMap::new();
    for (key, value) in entries(backend, &SIZES)? {
        let (rows, bytes) = parse_pair(&value)?;
        sizes.insert(parse_namespace(&key)?, Size { rows, bytes });
    }
    Ok(sizes)
}

fn parse_namespace(key: &[u8]) -> Result<u32> {
    let damaged = |_| Error::corruption("meta row", "it names no namespace");
    Ok(u32::from_be_bytes(key[2..].try_into().map_err(damaged)?))
}

/// E28: replaces what is known of a namespace's rows that expire.
pub(crate) fn write_expiries(backend: &dyn Backend, namespace: u32, expiries: &Expiries) -> Result<()> {
    let key = expiries_key(namespace);
    if expiries.is_empty() { backend.remove(&key) } else { backend.insert(&key, &expiries.encode()) }
}

pub(crate) fn read_expiries(backend: &dyn Backend) -> Result<BTreeMap<u32, Expiries>> {
    let parse = |(key, value): (Vec<u8>, Vec<u8>)| Ok((parse_namespace(&key)?, Expiries::decode(&value)?));
    map_of_each(entries(backend, &EXPIRIES)?.into_iter().map(parse))
}

pub(crate) fn write_dropped_value(backend: &dyn Backend, namespace: NamespaceId, id: ValueId) -> Result<()> {
    let key = [&DROPPED_VALUES[..], &namespace.get().to_be_bytes(), &id.to_bytes()].concat();
    backend.insert(&key, &[1])
}

/// A dropped value's meta key, namespace and id.
pub(crate) type DroppedValue = (Vec<u8>, NamespaceId, ValueId);

pub(crate) fn dropped_values(backend: &dyn Backend) -> Result<Vec<DroppedValue>> {
    let parse = |key: Vec<u8>| {
        let (namespace, id) = key[2..].split_first_chunk::<4>()?;
        let (namespace, id) = (NamespaceId::new(u32::from_be_bytes(*namespace)), ValueId::from_bytes(id)?);
        Some((key, namespace, id))
    };
    let damaged = || Error::corruption("meta row", "a dropped value's id cannot be read");
    entries(backend, &DROPPED_VALUES)?.into_iter().map(|(key, _)| parse(key).ok_or_else(damaged)).collect()
}

/// Removes what the meta space knows of a reclaimed namespace.
pub(crate) fn remove_namespace(backend: &dyn Backend, namespace: NamespaceId) -> Result<()> {
    backend.remove(&size_key(namespace.get()))?;
    backend.remove(&expiries_key(namespace.get()))?;
    for (key, of, _) in dropped_values(backend)? {
        if of == namespace {
            backend.remove(&key)?;
        }
    }
    Ok(())
}

fn file_key(number: u64) -> Vec<u8> {
    [&FILES[..], &number.to_be_bytes()].concat()
}

/// Bytes of the records in a block file that sled has places of, by the number of the file.
pub(crate) fn read_files(backend: &dyn Backend) -> Result<BTreeMap<u64, u64>> {
    let damaged = || Error::corruption("meta row", "the use of a block file cannot be read");
    let parse = |(key, value): (Vec<u8>, Vec<u8>)| {
        let number = key[2..].try_into().map_err(|_| damaged())?;
        let live = value[..].try_into().map_err(|_| damaged())?;
        Ok((u64::from_be_bytes(number), u64::from_le_bytes(live)))
    };
    map_of_each(entries(backend, &FILES)?.into_iter().map(parse))
}

pub(crate) fn write_file(backend: &dyn Backend, number: u64, live: u64) -> Result<()> {
    backend.insert(&file_key(number), &live.to_le_bytes())
}

pub(crate) fn remove_file(backend: &dyn Backend, number: u64) -> Result<()> {
    backend.remove(&file_key(number))
}

fn entries(backend: &dyn Backend, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut found = Vec::new();
    let mut position = prefix.to_vec();
    while let Some((key, value)) = backend.first_above(&position)? {
        if !key.starts_with(prefix) {
            break;
        }
        position = key.to_vec();
        found.push((key.to_vec(), value.to_vec()));
    }
    Ok(found)
}

/// The namespaces that have blocks in a space, found by one seek each.
pub(crate) fn namespaces_with_blocks(backend: &dyn Backend, space: u8) -> Result<Vec<NamespaceId>> {
    let mut found = Vec::new();
    let mut position = vec![space];
    while let Some((sled_key, _)) = backend.first_above(&position)? {
        let Some((in_space, namespace, _)) = key::split_block_key(&sled_key) else { break };
        if in_space != space {
            break;
        }
        found.push(NamespaceId::new(namespace));
        // Nothing of this namespace lies above the key of its last block.
        position = key::block_key(space, namespace, None);
    }
    Ok(found)
}
