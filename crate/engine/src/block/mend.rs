//! A stored block with one wrong bit.

use super::decode::{stored_hash, verify_stored};

/// The block as it was before one of its bits changed; none where more are wrong. XXH3 does not tell which bit it is, so
/// each is tried: some 20 ms for a block of 4 KiB.
pub(crate) fn mended(sled_key: &[u8], stored: &[u8]) -> Option<Vec<u8>> {
    stored_hash(sled_key, stored).ok()?;
    let mut bytes = stored.to_vec();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        if verify_stored(sled_key, &bytes).is_ok() {
            return Some(bytes);
        }
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    None
}
