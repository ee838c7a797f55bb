//! Where the walk goes on behind entries that sled cannot read: a damaged page of it takes some 16 blocks with it.

use crate::backend::{Backend, Bytes};

/// Steps at one digit of a key.
const STEPS_MAX: usize = 256;
/// Halvings between the last key that cannot be read and the first one found that can: 16 bytes of key, enough to meet
/// the fence that divides them, which is the shortest there is.
const HALVINGS: usize = 128;

/// What reading on from a key gives.
pub(super) enum Next {
    /// The next entry.
    Entry(Vec<u8>, Bytes),
    /// Nothing that can be read.
    End,
}

/// The first entry above `position` that can be read, as far as that is found: entries between two damaged pages that
/// lie close together may be passed over. The entry right above `position` cannot be read.
pub(super) fn resume(backend: &dyn Backend, position: &[u8]) -> Next {
    let is_readable = |key: &[u8]| backend.first_above(key).is_ok();
    let mut low = position.to_vec();
    let mut high = None;
    // In steps that grow, from the last one that failed in small steps again.
    for _ in 0..STEPS_MAX {
        let mut is_first = true;
        let from = low.clone();
        let mut successors = (1..=from.len()).rev().filter_map(|length| successor(&from[..length]));
        let found = successors.find(|candidate| {
            if is_readable(candidate) {
                return true;
            }
            is_first = false;
            low.clone_from(candidate);
            false
        });
        high = found.or(high);
        if is_first || high.is_none() {
            break;
        }
    }
    let Some(mut high) = high else { return Next::End };
    for _ in 0..HALVINGS {
        let middle = between(&low, &high);
        if middle <= low {
            break;
        }
        if is_readable(&middle) { high = middle } else { low = middle }
    }
    // It may be an entry's own key, which is not above itself.
    if let Ok(Some(value)) = backend.get(&high) {
        return Next::Entry(high, value);
    }
    match backend.first_above(&high) {
        Ok(Some((key, value))) => Next::Entry(key.to_vec(), value),
        _ => Next::End,
    }
}

/// The key with its last byte one higher; `None` where that is the highest.
fn successor(key: &[u8]) -> Option<Vec<u8>> {
    let (last, rest) = key.split_last()?;
    Some([rest, &[last.checked_add(1)?]].concat())
}

/// The key halfway between two, as fractions in base 256, without zeros at its end.
fn between(low: &[u8], high: &[u8]) -> Vec<u8> {
    let length = low.len().max(high.len()) + 1;
    let digit = |key: &[u8], at: usize| u16::from(key.get(at).copied().unwrap_or(0));
    let mut sum: Vec<u16> = (0..length).map(|at| digit(low, at) + digit(high, at)).collect();
    let mut carry = 0;
    for digit in sum.iter_mut().rev() {
        let total = *digit + carry;
        (*digit, carry) = (total & 0xff, total >> 8);
    }
    let mut rest = carry;
    let halves = sum.into_iter().map(|digit| {
        let total = (rest << 8) + digit;
        rest = total & 1;
        (total >> 1) as u8
    });
    let mut middle: Vec<u8> = halves.collect();
    middle.truncate(middle.iter().rposition(|&digit| digit != 0).map_or(0, |last| last + 1));
    middle
}
