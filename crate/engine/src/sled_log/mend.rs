//! One wrong bit is found by its checksum.

/// CRC-32, as shifts to the right have it.
pub(crate) const CRC32: u32 = 0xedb8_8320;
/// CRC32C, in the same way.
pub(crate) const CRC32C: u32 = 0x82f6_3b78;

/// What is wrong with bytes and their checksum when one bit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongBit {
    /// It is in the checksum.
    Checksum,
    /// This one of the bytes that the checksum covers.
    At { byte: usize, mask: u8 },
}

/// The wrong bit of `length` bytes whose checksum is `found` and should be `stated`; none where more are wrong.
pub(crate) fn wrong_bit(polynomial: u32, length: usize, stated: u32, found: u32) -> Option<WrongBit> {
    let difference = stated ^ found;
    if difference.is_power_of_two() {
        return Some(WrongBit::Checksum);
    }
    // What a bit changes in the checksum depends on how many follow it, so this goes back from the last.
    let mut effect = polynomial;
    for bit in (0..length * 8).rev() {
        if effect == difference {
            return Some(WrongBit::At { byte: bit / 8, mask: 1 << (bit % 8) });
        }
        effect = if effect & 1 == 0 { effect >> 1 } else { (effect >> 1) ^ polynomial };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_one_bit_is_found() {
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(777).collect();
        let stated = crc32fast::hash(&bytes);
        for bit in (0..bytes.len() * 8).step_by(13) {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let found = wrong_bit(CRC32, bytes.len(), stated, crc32fast::hash(&damaged));
            assert_eq!(found, Some(WrongBit::At { byte: bit / 8, mask: 1 << (bit % 8) }));
        }
        assert_eq!(wrong_bit(CRC32, bytes.len(), stated ^ 64, stated), Some(WrongBit::Checksum));
    }

    #[test]
    fn many_are_not() {
        let bytes = vec![7; 777];
        let mut damaged = bytes.clone();
        damaged[100..300].fill(0);
        assert_eq!(wrong_bit(CRC32, bytes.len(), crc32fast::hash(&bytes), crc32fast::hash(&damaged)), None);
    }
}
