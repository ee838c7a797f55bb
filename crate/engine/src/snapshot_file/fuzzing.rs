//! Makes a changed snapshot file one that its checksums do not refuse, so that what stands behind them is reached.

use super::filter::stamp_records;
use super::format::{FOOTER_BYTES, Footer, HEADER_BYTES, INDEX_ENTRY_BYTES, Part, seal};
use crate::block::{stamp, stored_hash};
use crate::key;

/// Makes right, as far as the file leads there: the checksums of blocks and their sum, of the parts, of header and footer.
pub fn stamp_snapshot(file: &mut [u8]) {
    if file.len() < HEADER_BYTES + FOOTER_BYTES {
        return;
    }
    seal(&mut file[..HEADER_BYTES]);
    let footer_from = file.len() - FOOTER_BYTES;
    let Some(mut footer) = Footer::read(&file[footer_from..]) else { return };
    footer.hash = stamp_blocks(file, &footer);
    if let (Some(fingerprints), Some(table)) = (bytes_of(file, &footer.filters), bytes_of(file, &footer.filter_table)) {
        let (fingerprints, mut table) = (fingerprints.to_vec(), table.to_vec());
        stamp_records(&mut table, &fingerprints);
        file[footer.filter_table.range()].copy_from_slice(&table);
    }
    let parts = [&mut footer.meta, &mut footer.index, &mut footer.keys, &mut footer.filters, &mut footer.filter_table];
    for part in parts {
        if let Some(bytes) = bytes_of(file, part) {
            part.crc = crc32c::crc32c(bytes);
        }
    }
    file[footer_from..].copy_from_slice(&footer.encode());
}

fn bytes_of<'f>(file: &'f [u8], part: &Part) -> Option<&'f [u8]> {
    file.get(part.range())
}

/// Stamps every block that the index leads to; gives the sum of their hashes.
fn stamp_blocks(file: &mut [u8], footer: &Footer) -> u64 {
    let mut sum = 0_u64;
    let (Some(index), Some(keys)) = (bytes_of(file, &footer.index), bytes_of(file, &footer.keys)) else { return sum };
    let (index, keys) = (index.to_vec(), keys.to_vec());
    for pair in index.chunks(INDEX_ENTRY_BYTES).collect::<Vec<_>>().windows(2) {
        let number = |entry: &[u8], at: usize| {
            let bytes = entry.get(at..)?.first_chunk()?;
            usize::try_from(u64::from_le_bytes(*bytes)).ok()
        };
        let range = |at: usize| Some(number(pair[0], at)?..number(pair[1], at)?);
        let Some(sled_key) = range(8).and_then(|range| keys.get(range)) else { continue };
        let is_block = key::split_block_key(sled_key).is_some_and(|(space, ..)| space != key::SPACE_META);
        let stored = range(0).filter(|range| range.end <= footer.index.from).and_then(|range| file.get_mut(range));
        if let Some(stored) = stored.filter(|stored| is_block && stored.len() >= 8) {
            stamp(sled_key, stored);
            sum = sum.wrapping_add(stored_hash(sled_key, stored).unwrap_or(0));
        }
    }
    sum
}
