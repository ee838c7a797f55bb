//! Which keys a run may hold: a binary fuse filter (Graf, Lemire: "Binary Fuse Filters: Fast and Smaller Than Xor
//! Filters", 2022) of 9 bits a row, with one false answer in 256.

use twox_hash::XxHash3_64;
use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable, Filter, FilterRef};

const DESCRIPTOR_BYTES: usize = BinaryFuse8::DESCRIPTOR_LEN;

/// What stands for a row in a filter.
pub(super) fn hash(internal_key: &[u8]) -> u64 {
    XxHash3_64::oneshot(internal_key)
}

/// A filter as it lies in the file: descriptor, then fingerprints; without these it answers "perhaps".
pub(super) struct RunFilter(Vec<u8>);

impl RunFilter {
    pub fn build(hashes: &mut Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        let mut bytes = vec![0; DESCRIPTOR_BYTES];
        if let Ok(filter) = BinaryFuse8::try_from(hashes.as_slice()) {
            filter.dma_copy_descriptor_to(&mut bytes);
            bytes.extend_from_slice(filter.dma_fingerprints());
        }
        Self(bytes)
    }

    /// The filter in some bytes; `None` for what is none, whose answers could lead beyond its end.
    pub fn parse(bytes: Vec<u8>) -> Option<Self> {
        let (descriptor, fingerprints) = bytes.split_first_chunk::<DESCRIPTOR_BYTES>()?;
        let number = |at: usize| Some(u64::from(u32::from_le_bytes(*descriptor[at..].first_chunk()?)));
        let (segment, mask, count) = (number(8)?, number(12)?, number(16)?);
        let is_sound =
            segment.is_power_of_two() && mask == segment - 1 && count + 2 * segment <= fingerprints.len() as u64;
        (fingerprints.is_empty() || is_sound).then_some(Self(bytes))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn may_hold(&self, hash: u64) -> bool {
        match self.0.split_first_chunk::<DESCRIPTOR_BYTES>() {
            Some((descriptor, fingerprints)) if !fingerprints.is_empty() => {
                BinaryFuse8Ref::from_dma(descriptor, fingerprints).contains(&hash)
            }
            _ => true,
        }
    }
}
