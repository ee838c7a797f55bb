//! When the rows of a namespace's blocks expire, roughly: enough to know when a walk through them is worth it (E28).

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// Steps are at least so long.
const STEP_MS_MIN: u64 = 1_024;
/// And at most this part of the time from the count to the expiry, so that a row is taken for expired at most so much later.
const STEP_PART: u64 = 8;
/// More steps than there are to come, whatever the times to live: some have passed.
const STEPS_MAX: usize = 640;

/// Bytes of rows by the time at which they expire, in steps that are the longer the later they are: some hundred of them
/// hold any number of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expiries {
    steps: BTreeMap<u64, u64>,
}

impl Expiries {
    /// Counts a row. What has expired already counts as expiring now.
    pub fn add(&mut self, expires_at: u64, bytes: u64, now_ms: u64) {
        let left = expires_at.saturating_sub(now_ms);
        // The greatest power of two that is no longer: long steps end where short ones do, too.
        let step = (left / STEP_PART).max(STEP_MS_MIN);
        let step = 1 << step.ilog2();
        let until = if left == 0 { now_ms } else { expires_at.div_ceil(step).saturating_mul(step) };
        self.count(until, bytes);
        if self.steps.len() > STEPS_MAX {
            self.join_expired(now_ms);
        }
    }

    /// What was decoded may say anything.
    fn count(&mut self, until: u64, bytes: u64) {
        let counted = self.steps.entry(until).or_default();
        *counted = counted.saturating_add(bytes);
    }

    /// Of what has expired, only the first time and the sum count.
    fn join_expired(&mut self, now_ms: u64) {
        let expired = self.expired_bytes(now_ms);
        if let Some(first) = self.first().filter(|_| expired > 0) {
            self.steps.retain(|&until, _| until > now_ms);
            self.steps.insert(first, expired);
        }
    }

    /// Adds what another has counted.
    pub fn add_all(&mut self, other: &Self) {
        other.steps.iter().for_each(|(&until, &bytes)| self.count(until, bytes));
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// When the first of them have expired.
    pub fn first(&self) -> Option<u64> {
        self.steps.first_key_value().map(|(&until, _)| until)
    }

    /// Bytes of those that have expired.
    pub fn expired_bytes(&self, now_ms: u64) -> u64 {
        self.steps.range(..=now_ms).fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }

    pub fn encode(&self) -> Vec<u8> {
        self.steps.iter().flat_map(|(until, bytes)| [until.to_le_bytes(), bytes.to_le_bytes()]).flatten().collect()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let (pairs, rest) = bytes.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(Error::corruption("meta row", "expiries have a wrong length"));
        }
        let mut steps = BTreeMap::new();
        for pair in pairs {
            let [a, b, c, d, e, f, g, h, bytes @ ..] = *pair;
            steps.insert(u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(bytes));
        }
        Ok(Self { steps })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;
    const NOW: u64 = 1_700_000_000_000;

    #[test]
    fn a_row_counts_as_expired_at_most_an_eighth_of_its_time_late() {
        for left in [1, 900, 1_024, 5_000, 60_000, HOUR_MS, 24 * HOUR_MS, 365 * 24 * HOUR_MS] {
            let mut expiries = Expiries::default();
            expiries.add(NOW + left, 7, NOW);
            let first = expiries.first().unwrap() - NOW;
            assert!(left <= first && first <= left + (left / 8).max(STEP_MS_MIN), "{left}: {first}");
            assert_eq!((expiries.expired_bytes(NOW + first - 1), expiries.expired_bytes(NOW + first)), (0, 7));
        }
    }

    #[test]
    fn any_number_of_rows_takes_few_steps() {
        let mut expiries = Expiries::default();
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        for row in 0..200_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            // Times to live of all magnitudes, while the clock goes on.
            expiries.add(NOW + 10 * row + (random >> (12 + row % 52)), 1, NOW + 10 * row);
        }
        assert!(expiries.steps.len() <= STEPS_MAX, "{}", expiries.steps.len());
        assert_eq!(expiries.expired_bytes(u64::MAX), 200_000);
    }

    #[test]
    fn the_greatest_times_are_counted_too() {
        let mut expiries = Expiries::default();
        expiries.add(u64::MAX, 1, NOW);
        expiries.add(NOW - 5, 2, NOW);
        assert_eq!((expiries.first(), expiries.expired_bytes(NOW)), (Some(NOW), 2));
        assert_eq!(expiries.expired_bytes(u64::MAX), 3);
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let mut expiries = Expiries::default();
        (0..50).for_each(|row| expiries.add(NOW + row * row * HOUR_MS, row + 1, NOW));
        let bytes = expiries.encode();
        assert_eq!(Expiries::decode(&bytes).unwrap(), expiries);
        assert!(Expiries::decode(&bytes[1..]).is_err());
    }
}
