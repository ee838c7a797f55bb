#![allow(clippy::unwrap_used)] // a panic is how a test fails

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::error::ErrorCode;

/// Property tests print their seed and take it back from `SLEDSTORE_SEED`.
pub(crate) fn config() -> ProptestConfig {
    let seed = seed();
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Default::default()
    }
}

/// The seed of a random test, printed (a failing test shows it).
pub(crate) fn seed() -> u64 {
    let given = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(fresh_seed);
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

/// Keys that share prefixes, end in zeros and sit around the group size: where an escape could go wrong.
fn any_key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(prop_oneof![Just(0u8), Just(1), Just(0xfe), Just(0xff)], 0..70),
        vec(any::<u8>(), 0..100),
        (28usize..37, any::<u8>()).prop_map(|(len, byte)| std::vec![byte; len]),
        Just(std::vec![0xff; KEY_BYTES_MAX]),
    ]
}

fn history(key: &[u8], seq: u64) -> Vec<u8> {
    let mut out = Vec::new();
    push_history_key(&mut out, key, seq);
    out
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn history_keys_order_by_key_then_newest_first(a in any_key(), b in any_key(), s in any::<u64>(), t in any::<u64>()) {
        prop_assert_eq!(history(&a, s).cmp(&history(&b, t)), a.cmp(&b).then(t.cmp(&s)));
        prop_assert_eq!(history(&a, s).cmp(&history(&a, t)), t.cmp(&s));
    }

    #[test]
    fn history_keys_round_trip_within_their_limit(key in any_key(), seq in any::<u64>()) {
        let row_key = history(&key, seq);
        prop_assert!(row_key.len() <= ROW_KEY_BYTES_MAX);
        let mut read = b"kept".to_vec();
        prop_assert_eq!(read_history_key(&row_key, &mut read).unwrap(), seq);
        prop_assert_eq!(&read[..4], b"kept");
        prop_assert_eq!(&read[4..], &key[..]);
    }

    #[test]
    fn history_prefix_holds_exactly_one_key(a in any_key(), b in any_key(), seq in any::<u64>()) {
        let mut prefix = Vec::new();
        push_history_prefix(&mut prefix, &a);
        prop_assert!(history(&a, seq).starts_with(&prefix));
        prop_assert_eq!(history(&b, seq).starts_with(&prefix), a == b);
    }

    #[test]
    fn damaged_history_keys_are_errors_or_another_key(key in any_key(), seq in any::<u64>(), at in any::<prop::sample::Index>()) {
        let mut row_key = history(&key, seq);
        let at = at.index(row_key.len());
        row_key[at] ^= 0x40;
        let mut read = Vec::new();
        match read_history_key(&row_key, &mut read) {
            Ok(read_seq) => prop_assert_eq!(&history(&read, read_seq), &row_key),
            Err(error) => prop_assert_eq!(error.code(), ErrorCode::Corruption),
        }
        row_key.truncate(at);
        prop_assert!(read_history_key(&row_key, &mut read).is_err() || row_key.len() % 33 == 8);
    }

    #[test]
    fn separator_is_the_shortest(a in any_key(), b in any_key()) {
        prop_assume!(a != b);
        let (left, right) = if a < b { (a, b) } else { (b, a) };
        let fence = separator(&left, &right);
        prop_assert!(left.as_slice() < fence && fence <= right.as_slice());
        // Whatever is shorter and not above the right key is a prefix of it, hence not above the left one.
        let shorter = &fence[..fence.len() - 1];
        prop_assert!(shorter <= left.as_slice());
    }

    #[test]
    fn prefix_end_bounds_the_prefix(prefix in any_key(), key in any_key()) {
        let end = prefix_end(&prefix);
        let inside = key >= prefix && end.as_ref().is_none_or(|end| &key < end);
        prop_assert_eq!(inside, key.starts_with(&prefix));
        let mut longer = prefix.clone();
        longer.extend_from_slice(&key);
        prop_assert!(end.is_none_or(|end| longer < end));
    }

    #[test]
    fn block_keys_order_by_space_namespace_fence(
        a in any_key(), b in any_key(), n in 0u32..3, m in 0u32..3, last_a in any::<bool>(), last_b in any::<bool>(),
    ) {
        let fence_a = (!last_a).then_some(a.as_slice());
        let fence_b = (!last_b).then_some(b.as_slice());
        let key_a = block_key(SPACE_BASE, n, fence_a);
        let key_b = block_key(SPACE_BASE, m, fence_b);
        let order = (n, last_a, fence_a).cmp(&(m, last_b, fence_b));
        prop_assert_eq!(key_a.cmp(&key_b), order);
        prop_assert!(key_a.len() <= SLED_KEY_BYTES_MAX);
        prop_assert_eq!(split_block_key(&key_a), Some((SPACE_BASE, n, fence_a)));
        let (first, last) = block_key_range(SPACE_BASE, n);
        prop_assert!(first <= key_a && key_a <= last);
        // The block of a key is the first strictly above the seek key.
        prop_assert_eq!(block_seek_key(SPACE_BASE, n, &b) < key_a, last_a || b < a);
    }

    #[test]
    fn internal_keys_order_by_space_namespace_key(a in any_key(), b in any_key(), n in any::<u32>(), m in any::<u32>()) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        push_internal_key(&mut left, SPACE_BASE, n, &a);
        push_internal_key(&mut right, SPACE_BASE, m, &b);
        prop_assert_eq!(left.cmp(&right), (n, &a).cmp(&(m, &b)));
        prop_assert_eq!(split_internal_key(&left), Some((SPACE_BASE, n, a.as_slice())));
    }

    #[test]
    fn chunk_keys_order_and_round_trip(a in any::<(u64, u32, u32)>(), b in any::<(u64, u32, u32)>()) {
        let (left, right) = (chunk_key(a.0, a.1, a.2), chunk_key(b.0, b.1, b.2));
        prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        prop_assert_eq!(split_chunk_key(&left), Some(a));
        prop_assert_eq!(split_chunk_key(&left[..15]), None);
    }
}

#[test]
fn longest_history_key_makes_the_longest_sled_key() {
    let row_key = history(&[0xff; KEY_BYTES_MAX], 0);
    assert_eq!(row_key.len(), ROW_KEY_BYTES_MAX);
    assert_eq!(block_key(SPACE_HISTORY, u32::MAX, Some(&row_key)).len(), 1_598);
}

#[test]
fn foreign_sled_keys_are_no_block_keys() {
    for key in [&b""[..], b"b", b"b\0\0\0\0", b"b\0\0\0\0\x02", b"b\0\0\0\0\x01x"] {
        assert_eq!(split_block_key(key), None, "{key:?}");
    }
    assert_eq!(split_block_key(&block_key(SPACE_BASE, 1, Some(&[0; SLED_KEY_BYTES_MAX]))), None);
}

/// A fuzzer's find: 32 bytes had a second encoding, with an empty group behind the full one.
#[test]
fn an_empty_group_behind_another_is_no_history_key() {
    let (mut row_key, mut read) = (vec![b'k'; 32], Vec::new());
    row_key.push(33);
    row_key.resize(row_key.len() + 33, 0);
    row_key.extend((!7_u64).to_be_bytes());
    assert!(read_history_key(&row_key, &mut read).is_err());
    read.clear();
    assert_eq!(read_history_key(&history(&[b'k'; 32], 7), &mut read).ok(), Some(7));
}
