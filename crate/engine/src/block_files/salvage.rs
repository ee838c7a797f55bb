//! What can be read of block files without sled, or with what is left of it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::files::{FILE_HEAD_BYTES, RECORD_MAGIC, file_name, parse_name};
use super::ledger::RECORD_HEAD_BYTES;
use super::place::Place;
use super::{BLOCKS_FOLDER, place_in};
use crate::backend::SLED_KEY_BYTES_MAX;
use crate::block::{stored_header, verify_stored};
use crate::options::ENTRY_BYTES_MAX;

/// Where a block lies: number of its file, and bytes in that.
pub(crate) type BlockAt = (u64, Range<usize>);

/// A sound block of a file, wherever places lead.
pub(crate) struct Record {
    pub key: Vec<u8>,
    pub at: BlockAt,
}

/// The files of a `blocks` folder, by number.
pub(crate) struct SalvagedFiles<F>(BTreeMap<u64, F>);

impl<F> Default for SalvagedFiles<F> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<F: std::ops::Deref<Target = [u8]>> SalvagedFiles<F> {
    /// Adds a file by its name; any other name is no block file's.
    pub fn add(&mut self, name: &str, open: impl FnOnce() -> crate::Result<Option<F>>) -> crate::Result<()> {
        if let Some(number) = parse_name(name)
            && let Some(file) = open()?
        {
            self.0.insert(number, file);
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Name of a file inside the store's folder.
    pub fn name(number: u64) -> String {
        format!("{BLOCKS_FOLDER}/{}", file_name(number))
    }

    /// Where a value of sled's leads, if it is a place; the file may not be there.
    pub fn place(key: &[u8], stored: &[u8]) -> Option<BlockAt> {
        place_in(key, stored).map(range)
    }

    /// Bytes that a file has; none where it ends before them.
    pub fn bytes(&self, (number, range): &BlockAt) -> Option<&[u8]> {
        self.0.get(number)?.get(range.clone())
    }

    /// The key of the sound block that a place leads to: it stands before the block.
    pub fn key_of(&self, stored: &[u8]) -> Option<Vec<u8>> {
        let (number, range) = Place::decode(stored).map(range)?;
        let file: &[u8] = self.0.get(&number)?;
        let record_of = |key_bytes: usize| {
            let from = range.start.checked_sub(key_bytes + RECORD_HEAD_BYTES)?;
            record_at(file, from).filter(|(_, block)| *block == range)
        };
        let (key, block) = (1..=SLED_KEY_BYTES_MAX).find_map(record_of)?;
        verify_stored(key, &file[block]).is_ok().then(|| key.to_vec())
    }

    /// Every sound block, in the order in which they were written.
    pub fn records(&self) -> Vec<Record> {
        let mut found = Vec::new();
        for (&number, file) in &self.0 {
            let mut at = FILE_HEAD_BYTES as usize;
            while at < file.len() {
                match record_at(file, at).filter(|(key, block)| verify_stored(key, &file[block.clone()]).is_ok()) {
                    Some((key, block)) => {
                        at = block.end;
                        found.push(Record { key: key.to_vec(), at: (number, block) });
                    }
                    None => at = next_magic(file, at + 1),
                }
            }
        }
        found
    }
}

fn range(place: Place) -> BlockAt {
    let from = place.offset as usize;
    (place.file, from..from.saturating_add(place.bytes as usize))
}

/// Key and block of the record that may begin at a place.
fn record_at(file: &[u8], at: usize) -> Option<(&[u8], Range<usize>)> {
    let (head, rest) = file.get(at..)?.split_first_chunk::<RECORD_HEAD_BYTES>()?;
    let [m0, m1, m2, m3, k0, k1, k2, k3, b0, b1, b2, b3] = *head;
    let key_bytes = u32::from_le_bytes([k0, k1, k2, k3]) as usize;
    let block_bytes = u32::from_le_bytes([b0, b1, b2, b3]) as usize;
    let is_possible = [m0, m1, m2, m3] == RECORD_MAGIC
        && key_bytes <= SLED_KEY_BYTES_MAX
        && block_bytes <= ENTRY_BYTES_MAX
        && key_bytes + block_bytes <= rest.len();
    let (key, behind) = is_possible.then(|| rest.split_at(key_bytes))?;
    stored_header(key, &behind[..block_bytes]).ok()?;
    let from = at + RECORD_HEAD_BYTES + key_bytes;
    Some((key, from..from + block_bytes))
}

/// Where the next record may begin; the file's end where none does.
fn next_magic(file: &[u8], from: usize) -> usize {
    let found =
        file.get(from..).and_then(|rest| rest.windows(RECORD_MAGIC.len()).position(|bytes| bytes == RECORD_MAGIC));
    found.map_or(file.len(), |at| from + at)
}
