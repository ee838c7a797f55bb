use std::ops::Bound;

use rand::Rng;
use rand::rngs::SmallRng;

use super::super::{MemPage, Memtable, PageLimits};
use super::model::{Model, OwnedRow, content, get, key, owned, random};

/// Pages through the whole range and checks every page against its limits.
fn scan(
    table: &Memtable,
    bounds: (Bound<&[u8]>, Bound<&[u8]>),
    reverse: bool,
    at: u64,
    limits: PageLimits,
) -> Vec<OwnedRow> {
    let mut page = MemPage::default();
    let mut rows: Vec<OwnedRow> = Vec::new();
    loop {
        let last = rows.last().map(|row| row.0.clone());
        let (from, to) = match &last {
            Some(key) if reverse => (bounds.0, Bound::Excluded(key.as_slice())),
            Some(key) => (Bound::Excluded(key.as_slice()), bounds.1),
            None => bounds,
        };
        table.page(from, to, reverse, at, limits, &mut page);
        assert!(page.len() <= limits.rows.max(1));
        let before_last: usize =
            page.iter().take(page.len().saturating_sub(1)).map(|row| row.key.len() + row.value.len()).sum();
        assert!(page.len() <= 1 || before_last < limits.bytes);
        rows.extend(page.iter().map(owned));
        if !page.more() {
            return rows;
        }
        assert!(!page.is_empty());
    }
}

fn versions(table: &Memtable, from: Bound<(&[u8], u64)>, to: Bound<&[u8]>, limits: PageLimits) -> Vec<OwnedRow> {
    let mut page = MemPage::default();
    let mut rows: Vec<OwnedRow> = Vec::new();
    loop {
        let last = rows.last().cloned();
        let from = last.as_ref().map_or(from, |row| Bound::Excluded((row.0.as_slice(), row.1)));
        table.page_versions(from, to, limits, &mut page);
        rows.extend(page.iter().map(owned));
        if !page.more() {
            return rows;
        }
    }
}

fn bound<'a>(random: &mut SmallRng, key: &'a [u8]) -> Bound<&'a [u8]> {
    match random.random_range(0..3) {
        0 => Bound::Included(key),
        1 => Bound::Excluded(key),
        _ => Bound::Unbounded,
    }
}

fn compare(table: &Memtable, model: &Model, random: &mut SmallRng, seq: u64) {
    table.check();
    assert_eq!(table.len(), model.rows.len());
    let known: Vec<&Vec<u8>> = model.rows.keys().map(|(key, _)| key).collect();
    for _ in 0..200 {
        let key = match known.is_empty() || random.random() {
            true => key(random),
            false => known[random.random_range(0..known.len())].clone(),
        };
        let at = if random.random() { u64::MAX } else { random.random_range(0..=seq) };
        assert_eq!(get(table, &key, at), model.get(&key, at), "key {key:?} at {at}");
        assert_eq!(table.range_tombstone_over(&key, at), model.covering(&key, at));
        let newest = model.version(&key, u64::MAX).map(|(seq, _)| seq).max(model.covering(&key, u64::MAX));
        assert_eq!(table.newest_seq(&key), newest);
    }
    for _ in 0..8 {
        let (low, high) = (key(random), key(random));
        let bounds = (bound(random, &low), bound(random, &high));
        let at = if random.random() { u64::MAX } else { random.random_range(0..=seq) };
        let limits = PageLimits { rows: random.random_range(1..300), bytes: random.random_range(1..20_000) };
        let mut expected = model.visible(bounds.0, bounds.1, at);
        assert_eq!(scan(table, bounds, false, at, limits), expected, "{bounds:?} at {at}");
        expected.reverse();
        assert_eq!(scan(table, bounds, true, at, limits), expected, "{bounds:?} at {at}, reverse");
        let from = (low.as_slice(), if random.random() { u64::MAX } else { random.random_range(0..=seq) });
        let expected: Vec<OwnedRow> = model
            .rows
            .iter()
            .filter(|((key, seq), _)| {
                (key.as_slice(), !seq.0) >= (from.0, !from.1)
                    && std::ops::RangeBounds::<[u8]>::contains(&(Bound::Unbounded, bounds.1), key.as_slice())
            })
            .map(|((key, seq), content)| (key.clone(), seq.0, content.clone()))
            .collect();
        assert_eq!(versions(table, Bound::Included(from), bounds.1, limits), expected);
    }
}

#[test]
fn random_operations_agree_with_the_model() {
    let mut random = random();
    for rows in [0, 1, 65, 700, 6_000] {
        let table = Memtable::new(random.random_range(0..(1 << 20)));
        let mut model = Model::default();
        let mut seq = random.random_range(0..3);
        for row in 0..rows {
            // Some commits hold several rows, now and then the same key twice.
            seq += u64::from(random.random_range(0..4) > 0);
            let key = match model.log.last() {
                Some((last, _)) if random.random_range(0..6) == 0 => last.clone(),
                _ => key(&mut random),
            };
            if random.random_range(0..60) == 0 {
                let (start, end) = (key, super::model::key(&mut random));
                model.clear(&table, &start, &end, seq);
            } else {
                let content = content(&mut random);
                model.insert(&table, &key, seq, content);
            }
            if row % 2_500 == 2_499 {
                compare(&table, &model, &mut random, seq);
            }
        }
        compare(&table, &model, &mut random, seq);
    }
}

#[test]
fn a_key_of_many_versions_is_read_at_any_seq() {
    let table = Memtable::new(0);
    let mut model = Model::default();
    let keys: [&[u8]; 3] = [b"b\0\0\0\x01counter", b"b\0\0\0\x01counter\0", b"b\0\0\0\x01counters"];
    for seq in 1..=4_000u64 {
        let content = (super::super::RowKind::Value, None, seq.to_le_bytes().to_vec());
        model.insert(&table, keys[seq as usize % 3], seq, content);
    }
    table.check();
    for at in [0, 1, 2, 3, 4, 500, 3_998, 4_000, u64::MAX] {
        for key in keys {
            assert_eq!(get(&table, key, at), model.get(key, at));
        }
        let all = (Bound::Unbounded, Bound::Unbounded);
        let limits = PageLimits { rows: 2, bytes: usize::MAX };
        let mut expected = model.visible(all.0, all.1, at);
        assert_eq!(scan(&table, all, false, at, limits), expected);
        expected.reverse();
        assert_eq!(scan(&table, all, true, at, limits), expected);
    }
    assert_eq!(versions(&table, Bound::Unbounded, Bound::Unbounded, PageLimits { rows: 7, bytes: 100 }).len(), 4_000);
}

#[test]
fn load_in_any_order_reads_back_sorted() {
    let mut random = random();
    let name = |number: usize| format!("b\0\0\0\x01{number:016}").into_bytes();
    let orders: [Box<dyn Fn(usize) -> usize>; 4] = [
        Box::new(|row| row),
        Box::new(|row| 9_999 - row),
        Box::new(|row| if row % 2 == 0 { row / 2 } else { 5_000 + row / 2 }),
        Box::new(|row| row * 7_919 % 10_000),
    ];
    for order in orders {
        let table = Memtable::new(4 << 20);
        let mut model = Model::default();
        for row in 0..10_000usize {
            let value = row.to_le_bytes().to_vec();
            model.insert(&table, &name(order(row)), row as u64 + 1, (super::super::RowKind::Value, None, value));
        }
        compare(&table, &model, &mut random, 10_000);
    }
}
