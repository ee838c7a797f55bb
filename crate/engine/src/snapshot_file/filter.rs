//! Which keys a snapshot file may hold: binary fuse filters (Graf, Lemire: "Binary Fuse Filters: Fast and Smaller Than
//! Xor Filters", 2022) of 9 bits a row and one false answer in 256, each over the rows of some neighboring blocks, so that
//! building one takes little memory.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use twox_hash::XxHash3_64;
use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable, Filter, FilterRef};

use super::format::Part;
use crate::error::{Error, Result};
use crate::namespace::NamespaceId;

/// Rows after which a filter ends, with the block at hand.
pub(super) const FILTER_ROWS: usize = 1 << 16;

const DESCRIPTOR_BYTES: usize = BinaryFuse8::DESCRIPTOR_LEN;
/// First entry (8), end of the fingerprints (8), their CRC32C (4), descriptor.
const RECORD_BYTES: usize = 20 + DESCRIPTOR_BYTES;

/// What stands for a row in a filter.
pub(super) fn hash(namespace: NamespaceId, key: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(u64::from(namespace.get()), key)
}

/// A filter's record in the table and its fingerprints; `from` is where those will lie among all fingerprints.
pub(super) fn build(first_entry: usize, from: usize, hashes: &mut Vec<u64>) -> ([u8; RECORD_BYTES], Box<[u8]>) {
    hashes.sort_unstable();
    hashes.dedup();
    let mut record = [0; RECORD_BYTES];
    // No filter is better than none at all: without fingerprints the answer is "perhaps".
    let filter = BinaryFuse8::try_from(hashes.as_slice()).ok();
    if let Some(filter) = &filter {
        filter.dma_copy_descriptor_to(&mut record[20..]);
    }
    let fingerprints: Box<[u8]> = filter.map_or_else(Box::default, |filter| filter.dma_fingerprints().into());
    record[..8].copy_from_slice(&(first_entry as u64).to_le_bytes());
    record[8..16].copy_from_slice(&((from + fingerprints.len()) as u64).to_le_bytes());
    record[16..20].copy_from_slice(&crc32c::crc32c(&fingerprints).to_le_bytes());
    hashes.clear();
    (record, fingerprints)
}

/// Gives the records of a table the checksums of their fingerprints.
#[cfg(feature = "fuzzing")]
pub(super) fn stamp_records(table: &mut [u8], fingerprints: &[u8]) {
    let mut from = 0;
    for record in table.as_chunks_mut::<RECORD_BYTES>().0 {
        let to = record[8..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)) as usize;
        if let Some(own) = fingerprints.get(from..to) {
            record[16..20].copy_from_slice(&crc32c::crc32c(own).to_le_bytes());
        }
        from = to;
    }
}

struct Record {
    first_entry: usize,
    fingerprints: Range<usize>,
    crc: u32,
    descriptor: [u8; DESCRIPTOR_BYTES],
    /// Whether the fingerprints were compared with their checksum, and what came of it.
    state: AtomicU8,
}

const UNKNOWN: u8 = 0;
const SOUND: u8 = 1;
const DAMAGED: u8 = 2;

/// The filters of a file, by their first entry.
pub(super) struct Filters(Vec<Record>);

impl Filters {
    pub fn parse(path: &Path, table: &[u8], fingerprints: &Part) -> Result<Self> {
        let damaged = || Error::corruption(path.display(), "its table of filters cannot be read");
        let (records, rest) = table.as_chunks::<RECORD_BYTES>();
        if !rest.is_empty() {
            return Err(damaged());
        }
        let mut from = 0;
        let parse = |bytes: &[u8; RECORD_BYTES]| {
            let number = |at: usize| usize::try_from(u64::from_le_bytes(*bytes[at..].first_chunk()?)).ok();
            let (first_entry, to) = (number(0)?, number(8)?);
            let range = std::mem::replace(&mut from, to)..to;
            let is_within = range.start <= to && to <= fingerprints.range().len();
            let crc = u32::from_le_bytes(*bytes[16..].first_chunk()?);
            let descriptor = *bytes[20..].first_chunk()?;
            let record = Record { first_entry, fingerprints: range, crc, descriptor, state: AtomicU8::new(UNKNOWN) };
            (is_within && record.is_consistent()).then_some(record)
        };
        let records: Option<Vec<Record>> = records.iter().map(parse).collect();
        records.map(Self).ok_or_else(damaged)
    }

    /// Whether a row of the block at `entry` may have this hash.
    pub fn may_hold(&self, fingerprints: &[u8], entry: usize, hash: u64) -> bool {
        let above = self.0.partition_point(|record| record.first_entry <= entry);
        let Some(record) = above.checked_sub(1).and_then(|index| self.0.get(index)) else { return true };
        let own = &fingerprints[record.fingerprints.clone()];
        own.is_empty() || !record.is_sound(own) || BinaryFuse8Ref::from_dma(&record.descriptor, own).contains(&hash)
    }
}

impl Record {
    /// Whether the descriptor leads to fingerprints that are there, whatever the hash.
    fn is_consistent(&self) -> bool {
        let number = |at: usize| {
            let bytes = self.descriptor[at..].first_chunk();
            bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)))
        };
        let (segment, mask, count) = (number(8), number(12), number(16));
        let is_empty = self.fingerprints.is_empty();
        is_empty
            || (segment.is_power_of_two()
                && mask == segment - 1
                && count + 2 * segment <= self.fingerprints.len() as u64)
    }

    /// Fingerprints are compared with their checksum when they are used first; damaged ones are not used, for they would
    /// deny rows that are there.
    fn is_sound(&self, fingerprints: &[u8]) -> bool {
        match self.state.load(Ordering::Relaxed) {
            UNKNOWN => {
                let sound = crc32c::crc32c(fingerprints) == self.crc;
                self.state.store(if sound { SOUND } else { DAMAGED }, Ordering::Relaxed);
                sound
            }
            state => state == SOUND,
        }
    }
}
