//! The anomalies by name: each is a conflict, and without validation the checker sees each (E5, E6).

use std::sync::atomic::Ordering;

use super::isolation_checker::{Record, Recorded, violation};
use super::{put, small_options, small_store};
use crate::batch::Batch;
use crate::namespace::NamespaceId;
use crate::namespace::NamespaceOptions;
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Store};

/// Whether the second of two interleaved transactions may commit, and what the checker says of them; `drained`: the
/// first one's writes are in blocks by then.
fn outcome(
    interleave: &dyn Fn(&mut Recorded, &mut Recorded, NamespaceId, NamespaceId),
    validates_nothing: bool,
    drained: bool,
) -> (bool, Option<String>) {
    let store = Store::memory(&small_options()).unwrap();
    store.inner.validates_nothing.store(validates_nothing, Ordering::SeqCst);
    let [a, b] = ["a", "b"].map(|name| store.namespace(name, &NamespaceOptions::default()).unwrap().id);
    let mut history: Vec<Record> = Vec::new();
    let mut setup = Recorded::begin(&store);
    setup.put(a, b"x", b"first x");
    setup.put(b, b"y", b"first y");
    assert!(setup.commit(&mut history));
    let (mut one, mut other) = (Recorded::begin(&store), Recorded::begin(&store));
    interleave(&mut one, &mut other, a, b);
    assert!(one.commit(&mut history));
    if drained {
        store.checkpoint().unwrap();
    }
    let committed = other.commit(&mut history);
    // What everybody sees from then on.
    let mut last = Recorded::begin(&store);
    last.scan(a, &KeyRange::all(), false, usize::MAX);
    last.scan(b, &KeyRange::all(), true, usize::MAX);
    last.commit(&mut history);
    (committed, violation(&history))
}

fn is_refused(interleave: &dyn Fn(&mut Recorded, &mut Recorded, NamespaceId, NamespaceId)) {
    for drained in [false, true] {
        assert_eq!(outcome(interleave, false, drained), (false, None));
        let (committed, found) = outcome(interleave, true, drained);
        assert!(committed && found.is_some(), "the checker sees nothing");
    }
}

#[test]
fn lost_update() {
    is_refused(&|one, other, a, _| {
        assert_eq!(one.get(a, b"x"), other.get(a, b"x"));
        one.put(a, b"x", b"of one");
        other.put(a, b"x", b"of the other");
    });
}

#[test]
fn write_skew() {
    is_refused(&|one, other, a, b| {
        for transaction in [&mut *one, &mut *other] {
            transaction.get(a, b"x");
            transaction.get(b, b"y");
        }
        one.put(a, b"x", b"of one");
        other.put(b, b"y", b"of the other");
    });
}

#[test]
fn phantom() {
    let insert = |one: &mut Recorded, a| one.put(a, b"w", b"of one");
    let remove = |one: &mut Recorded, a| one.delete(a, b"x");
    let clear = |one: &mut Recorded, a| one.clear(a, &KeyRange::prefix(b"x"));
    for change in [insert, remove, clear] {
        is_refused(&|one, other, a, b| {
            assert_eq!(other.scan(a, &KeyRange::all(), false, usize::MAX).len(), 1);
            change(one, a);
            other.put(b, b"y", b"of the other");
        });
    }
}

#[test]
fn phantom_of_a_missing_key() {
    is_refused(&|one, other, a, b| {
        assert_eq!(other.get(a, b"missing"), None);
        one.put(a, b"missing", b"of one");
        other.put(b, b"y", b"of the other");
    });
}

#[test]
fn what_does_not_meet_is_no_conflict() {
    for drained in [false, true] {
        let apart = outcome(
            &|one, other, a, b| {
                one.get(a, b"x");
                one.put(a, b"x", b"of one");
                other.get(b, b"y");
                // Only what was taken of a scan counts as read.
                assert_eq!(other.scan(a, &KeyRange::all(), false, 0), []);
                other.put(b, b"y", b"of the other");
            },
            false,
            drained,
        );
        assert_eq!(apart, (true, None));
    }
}

#[test]
fn torn_scan() {
    const ROWS: u32 = 2_000;
    let (store, namespace) = small_store();
    let all_of = |round: u8| {
        let mut batch = Batch::new();
        (0..ROWS).for_each(|row| batch.put(namespace, format!("{row:05}").as_bytes(), &[round; 20]).unwrap());
        batch
    };
    store.apply(&all_of(0)).unwrap();
    store.checkpoint().unwrap();
    for round in 1..6 {
        for reverse in [false, true] {
            let options = ScanOptions { reverse, ..ScanOptions::default() };
            let mut scan = store.scan(namespace, &KeyRange::all(), options).unwrap();
            let mut rows = vec![scan.next().unwrap().unwrap()];
            // Every row is written anew, and blocks are split and merged under the scan.
            store.apply(&all_of(round)).unwrap();
            for row in (0..ROWS).step_by(3) {
                put(&store, namespace, format!("{row:05}x").as_bytes(), b"");
            }
            store.checkpoint().unwrap();
            let mut cleared = Batch::new();
            cleared.clear(namespace, &KeyRange::all()).unwrap();
            store.apply(&cleared).unwrap();
            store.checkpoint().unwrap();
            rows.extend(scan.map(crate::Result::unwrap));
            assert_eq!(rows.len() as u32, ROWS);
            assert!(rows.iter().all(|(_, value)| *value == rows[0].1), "the scan saw more than one moment");
            store.apply(&all_of(round)).unwrap();
        }
    }
}
