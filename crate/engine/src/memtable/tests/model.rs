//! The reference: every version in a `BTreeMap`, every range tombstone in a list.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::super::{Found, MemRow, Memtable, RowKind};

/// Kind, expiry and value of a version.
pub(super) type Content = (RowKind, Option<u64>, Vec<u8>);
/// A row by value: key, seq, content.
pub(super) type OwnedRow = (Vec<u8>, u64, Content);

#[derive(Default)]
pub(super) struct Model {
    pub(super) rows: BTreeMap<(Vec<u8>, Reverse<u64>), Content>,
    pub(super) ranges: Vec<(Vec<u8>, Vec<u8>, u64)>,
    /// Keys in the order of the inserts.
    pub(super) log: Vec<(Vec<u8>, u64)>,
}

impl Model {
    pub(super) fn insert(&mut self, table: &Memtable, key: &[u8], seq: u64, content: Content) {
        table.insert(key, seq, content.0, content.1, &content.2).expect("a small row fits");
        self.rows.insert((key.to_vec(), Reverse(seq)), content);
        self.log.push((key.to_vec(), seq));
    }

    pub(super) fn clear(&mut self, table: &Memtable, start: &[u8], end: &[u8], seq: u64) {
        table.insert_range_tombstone(start, end, seq);
        if start < end {
            self.ranges.push((start.to_vec(), end.to_vec(), seq));
        }
    }

    pub(super) fn version(&self, key: &[u8], at: u64) -> Option<(u64, &Content)> {
        let ((found, Reverse(seq)), content) = self.rows.range((key.to_vec(), Reverse(at))..).next()?;
        (found == key).then_some((*seq, content))
    }

    pub(super) fn covering(&self, key: &[u8], at: u64) -> Option<u64> {
        let covers = |range: &&(Vec<u8>, Vec<u8>, u64)| *range.0 <= *key && *key < *range.1 && range.2 <= at;
        self.ranges.iter().filter(covers).map(|range| range.2).max()
    }

    /// What a read sees: `Err(seq)` is deleted, `Ok(None)` absent.
    pub(super) fn get(&self, key: &[u8], at: u64) -> Result<Option<OwnedRow>, u64> {
        match (self.version(key, at), self.covering(key, at)) {
            (Some((row, _)), Some(range)) if range > row => Err(range),
            (Some((row, (RowKind::Tombstone, _, _))), _) => Err(row),
            (Some((row, content)), _) => Ok(Some((key.to_vec(), row, content.clone()))),
            (None, Some(range)) => Err(range),
            (None, None) => Ok(None),
        }
    }

    /// Newest version of at most `at` of every key in the range, keys ascending.
    pub(super) fn visible(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, at: u64) -> Vec<OwnedRow> {
        let mut rows: Vec<OwnedRow> = Vec::new();
        for ((key, Reverse(seq)), content) in &self.rows {
            let inside = std::ops::RangeBounds::<[u8]>::contains(&(from, to), key.as_slice());
            if inside && *seq <= at && rows.last().is_none_or(|last| last.0 != *key) {
                rows.push((key.clone(), *seq, content.clone()));
            }
        }
        rows
    }
}

pub(super) fn owned(row: MemRow<'_>) -> OwnedRow {
    (row.key.to_vec(), row.seq, (row.kind, row.expires_at, row.value.to_vec()))
}

/// The memtable's answer in the model's form.
pub(super) fn get(table: &Memtable, key: &[u8], at: u64) -> Result<Option<OwnedRow>, u64> {
    table.get(key, at, |found| match found {
        Found::Row(row) => Ok(Some(owned(row))),
        Found::Deleted { seq } => Err(seq),
        Found::Absent => Ok(None),
    })
}

/// A generator whose seed is printed, and taken from `SLEDSTORE_SEED` when that is set.
pub(super) fn random() -> SmallRng {
    let seed = match std::env::var("SLEDSTORE_SEED") {
        Ok(seed) => seed.parse().expect("SLEDSTORE_SEED is a number"),
        Err(_) => std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0),
    };
    eprintln!("SLEDSTORE_SEED={seed}");
    SmallRng::seed_from_u64(seed)
}

/// A key of one of the shapes that strain heads and prefixes.
pub(super) fn key(random: &mut SmallRng) -> Vec<u8> {
    let mut key = vec![b'b', 0, 0, 0, random.random_range(0..3)];
    match random.random_range(0..8) {
        0 => key.truncate(random.random_range(0..=5)),
        1 => key.extend(format!("user:profile:of-a-long-shared-prefix:{:06}", random.random_range(0..400)).bytes()),
        2 => key.extend(std::iter::repeat_n(0x00, random.random_range(0..12))),
        3 => key.extend(std::iter::repeat_n(0xff, random.random_range(0..12))),
        4 => key.extend((0..random.random_range(0..6)).map(|_| if random.random() { 0xff } else { 0x00 })),
        5 => key.extend(format!("{:016}", random.random_range(0..500)).bytes()),
        6 => key.extend(random.random_range(0..300u64).to_be_bytes()),
        _ => key.extend(random.random::<[u8; 16]>()),
    }
    key
}

pub(super) fn content(random: &mut SmallRng) -> Content {
    let expires_at = random.random_bool(0.2).then(|| random.random());
    match random.random_range(0..10) {
        0..2 => (RowKind::Tombstone, None, Vec::new()),
        2 => (RowKind::Manifest, expires_at, vec![7; 20]),
        3 => (RowKind::Value, expires_at, vec![8; random.random_range(0..9_000)]),
        _ => (RowKind::Value, expires_at, (0..random.random_range(0..100)).map(|_| random.random()).collect()),
    }
}
