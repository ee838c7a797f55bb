//! The engine's own keys from any bytes: what is taken apart is put together as it was, and order is that of the parts.
//!
//! Input: `length of the first u16 ‖ two byte strings`.

use super::*;

/// Takes keys apart and compares them; panics when an encoding is not its inverse, or out of order.
pub fn keys(input: &[u8]) {
    let Some((&[low, high], bytes)) = input.split_first_chunk() else { return };
    let (a, b) = bytes.split_at(usize::from(u16::from_le_bytes([low, high])).min(bytes.len()));
    for one in [a, b] {
        taken_apart(one);
    }
    in_order(a, b);
}

fn taken_apart(bytes: &[u8]) {
    if let Some((space, namespace, fence)) = split_block_key(bytes) {
        assert_eq!(block_key(space, namespace, fence), bytes);
        assert!(bytes.len() <= SLED_KEY_BYTES_MAX, "E14");
    }
    if let Some((space, namespace, key)) = split_internal_key(bytes) {
        let mut again = Vec::new();
        push_internal_key(&mut again, space, namespace, key);
        assert_eq!(again, bytes);
        if space < u8::MAX {
            assert!(again < internal_end(space, namespace));
        }
    }
    let mut key = Vec::new();
    if let Ok(seq) = read_history_key(bytes, &mut key) {
        let mut again = Vec::new();
        push_history_key(&mut again, &key, seq);
        assert_eq!(again, bytes);
    }
    if let Some((seq, operation, chunk)) = split_chunk_key(bytes) {
        assert_eq!(chunk_key(seq, operation, chunk), bytes);
    }
    if let Some(end) = prefix_end(bytes) {
        assert!(*bytes < *end && !end.starts_with(bytes));
    }
}

fn in_order(a: &[u8], b: &[u8]) {
    let history = |key: &[u8], seq| {
        let mut row_key = Vec::new();
        push_history_key(&mut row_key, key, seq);
        row_key
    };
    assert_eq!(history(a, 3).cmp(&history(b, 5)), a.cmp(b).then(5.cmp(&3)), "versions stand newest first");
    assert_eq!(common_prefix(a, b), common_prefix(b, a));
    if a < b {
        let fence = separator(a, b);
        assert!(a < fence && fence <= b, "E14");
    }
}

/// Keys of each kind.
pub fn key_seeds() -> Vec<Vec<u8>> {
    let mut history = Vec::new();
    push_history_key(&mut history, &[b'k'; 40], 7);
    let parts = [
        (block_key(SPACE_BASE, 7, Some(b"fence")), block_key(SPACE_BASE, 7, None)),
        (history, chunk_key(1 << 63, 2, 3).to_vec()),
        (b"abc\xff".to_vec(), b"abd".to_vec()),
    ];
    let seed = |(a, b): (Vec<u8>, Vec<u8>)| [&(a.len() as u16).to_le_bytes()[..], &a, &b].concat();
    parts.into_iter().map(seed).collect()
}
