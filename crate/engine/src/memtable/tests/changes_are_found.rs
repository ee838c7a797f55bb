use rand::Rng;

use super::super::{Memtable, RowKind};
use super::model::{Model, content, key, random};

#[test]
fn changes_since_any_seq_agree_with_the_model() {
    let mut random = random();
    let table = Memtable::new(0);
    let mut model = Model::default();
    let mut seq = 0;
    for _ in 0..3_000 {
        seq += u64::from(random.random_range(0..3) > 0);
        let name = key(&mut random);
        if random.random_range(0..100) == 0 {
            model.clear(&table, &name, &[name.as_slice(), b"\0\0"].concat(), seq);
        } else {
            let content = content(&mut random);
            model.insert(&table, &name, seq, content);
        }
    }
    for since in (0..=seq + 1).step_by(37).chain([0, seq - 1, seq, u64::MAX]) {
        let (mut rows, mut ranges) = (Vec::new(), Vec::new());
        let whole = table.changed_since(
            since,
            &mut |key| {
                rows.push(key.to_vec());
                true
            },
            &mut |start, end| {
                ranges.push((start.to_vec(), end.to_vec()));
                true
            },
        );
        assert!(whole);
        let expected: Vec<_> =
            model.log.iter().rev().filter(|(_, seq)| *seq > since).map(|(key, _)| key.clone()).collect();
        assert_eq!(rows, expected);
        let expected: Vec<_> = model.ranges.iter().rev().filter(|range| range.2 > since).cloned().collect();
        assert_eq!(ranges, expected.into_iter().map(|range| (range.0, range.1)).collect::<Vec<_>>());
        for _ in 0..20 {
            let (start, end) = (key(&mut random), key(&mut random));
            let touched = start < end
                && (model.rows.keys().any(|(key, seq)| seq.0 > since && (&start..&end).contains(&key))
                    || model.ranges.iter().any(|range| range.2 > since && range.0 < end && start < range.1));
            assert_eq!(table.changed_in_range(&start, &end, since), touched, "{start:?}..{end:?} since {since}");
        }
    }
}

#[test]
fn a_callback_ends_the_walk() {
    let table = Memtable::new(0);
    for seq in 1..=100u64 {
        table.insert(&seq.to_be_bytes(), seq, RowKind::Value, None, b"").expect("fits");
    }
    table.insert_range_tombstone(b"a", b"b", 100);
    let mut seen = Vec::new();
    let mut stop_at_96 = |key: &[u8]| {
        seen.push(key.to_vec());
        key != 96u64.to_be_bytes()
    };
    assert!(!table.changed_since(50, &mut stop_at_96, &mut |_, _| panic!("rows come first")));
    assert_eq!(seen, [100u64, 99, 98, 97, 96].map(|seq| seq.to_be_bytes().to_vec()));
    assert!(!table.changed_since(99, &mut |_| true, &mut |_, _| false));
}
