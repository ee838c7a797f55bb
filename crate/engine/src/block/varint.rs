//! Little-endian base-128 numbers, at most 10 bytes.

/// Appends a number.
pub(super) fn write(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80); // the low seven bits, and "more follows"
        number >>= 7;
    }
    out.push(number as u8);
}

/// Bytes that [`write`] takes for a number.
pub(super) fn bytes(number: u64) -> usize {
    (64 - (number | 1).leading_zeros()).div_ceil(7) as usize
}

/// Reads a number and moves `at` behind it; `None` when it is cut off or longer than 64 bits.
pub(super) fn read(from: &[u8], at: &mut usize) -> Option<u64> {
    let first = *from.get(*at)?;
    *at += 1;
    if first < 0x80 {
        return Some(u64::from(first));
    }
    let mut number = u64::from(first & 0x7f);
    for shift in (7..64).step_by(7) {
        let byte = *from.get(*at)?;
        *at += 1;
        if shift == 63 && byte > 1 {
            return None;
        }
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Reads a number that decoding has checked.
#[inline]
pub(super) fn read_checked(from: &[u8], at: &mut usize) -> u64 {
    let first = from[*at];
    if first < 0x80 {
        *at += 1;
        return u64::from(first);
    }
    read(from, at).unwrap_or_default()
}
