use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::{Found, MemPage, Memtable, PageLimits, RowKind};

const KEYS: u64 = 500;
const COMMITS: u64 = 12_000;

/// Scattered over the key space, so that every node splits while it is read.
fn key(number: u64) -> [u8; 8] {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()
}

/// A value that tells which key and commit wrote it.
fn value(key: &[u8], seq: u64) -> Vec<u8> {
    let mut value = key.to_vec();
    value.extend(seq.to_le_bytes());
    value.resize(16 + (seq % 90) as usize, seq as u8);
    value
}

/// Key `n` is written by the commits `n`, `n + KEYS`, …: what a read at `at` must find.
fn expected_seq(number: u64, at: u64) -> Option<u64> {
    at.checked_sub(number).map(|behind| number + behind / KEYS * KEYS)
}

#[test]
fn readers_see_exactly_one_seq_while_rows_are_inserted() {
    let table = Memtable::new(1 << 20);
    let visible = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for seq in 1..=COMMITS {
                let key = key((seq - 1) % KEYS + 1);
                table.insert(&key, seq, RowKind::Value, None, &value(&key, seq)).expect("fits");
                visible.store(seq, Ordering::Release);
            }
        });
        for reader in 0..3u64 {
            let (table, visible) = (&table, &visible);
            scope.spawn(move || {
                let mut page = MemPage::default();
                let mut round = reader;
                while visible.load(Ordering::Acquire) < COMMITS {
                    let at = visible.load(Ordering::Acquire);
                    round += 1;
                    let number = round * 31 % KEYS + 1;
                    table.get(&key(number), at, |found| match (found, expected_seq(number, at)) {
                        (Found::Row(row), Some(seq)) => assert_eq!((row.seq, row.value), (seq, &*value(row.key, seq))),
                        (found, seq) => assert_eq!((found, seq), (Found::Absent, None)),
                    });
                    if round % 16 == 0 {
                        let limits = PageLimits { rows: usize::MAX, bytes: usize::MAX };
                        table.page(Bound::Unbounded, Bound::Unbounded, round % 32 == 0, at, limits, &mut page);
                        assert_eq!(page.len() as u64, at.min(KEYS));
                        for row in page.iter() {
                            assert!(row.seq <= at && row.seq + KEYS > at);
                            assert_eq!(row.value, value(row.key, row.seq));
                        }
                    }
                }
            });
        }
    });
    table.check();
    assert_eq!(table.len() as u64, COMMITS);
}
