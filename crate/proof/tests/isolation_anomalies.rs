//! The anomalies by name: each is a conflict, and of clients that commit unchecked the checker sees each (E5, E6).
#![allow(clippy::unwrap_used)] // a test may panic

use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Options, Read, Result, ScanOptions, Store,
};
use sledstore_proof::history::{Client, Fault, History, violation};

type Interleave<'i> = dyn Fn(&mut Client<'_>, &mut Client<'_>, NamespaceId, NamespaceId) -> Result<()> + 'i;
type Change = fn(&mut Client<'_>, NamespaceId) -> Result<()>;

fn small_options() -> Options {
    Options {
        durability: Durability::None,
        memtable_bytes: Some(64 << 10),
        block_bytes: Some(512),
        memory_budget: 24 << 20,
        ..Options::default()
    }
}

fn namespace(store: &Store, name: &str) -> NamespaceId {
    store.namespace(name, &NamespaceOptions::default()).unwrap().id
}

/// Whether the second of two interleaved transactions may commit, and what the checker says of them; `drained`: the
/// first one's writes are in blocks by then.
fn outcome(interleave: &Interleave<'_>, fault: Option<Fault>, drained: bool) -> Result<(bool, Option<String>)> {
    let store = Store::memory(&small_options())?;
    let (a, b) = (namespace(&store, "a"), namespace(&store, "b"));
    let history = History::new(&store, fault);
    let mut setup = history.begin()?;
    setup.put(a, b"x", b"first x")?;
    setup.put(b, b"y", b"first y")?;
    assert!(setup.commit()?);
    let (mut one, mut other) = (history.begin()?, history.begin()?);
    interleave(&mut one, &mut other, a, b)?;
    assert!(one.commit()?);
    if drained {
        store.checkpoint()?;
    }
    let committed = other.commit()?;
    // What everybody sees from then on.
    let mut last = history.begin()?;
    last.scan(a, &KeyRange::all(), false, usize::MAX)?;
    last.scan(b, &KeyRange::all(), true, usize::MAX)?;
    last.commit()?;
    Ok((committed, violation(&history.into_records())))
}

fn is_refused(interleave: &Interleave<'_>) {
    for drained in [false, true] {
        assert_eq!(outcome(interleave, None, drained).unwrap(), (false, None));
        let (committed, found) = outcome(interleave, Some(Fault::Unchecked), drained).unwrap();
        assert!(committed && found.is_some(), "the checker sees nothing");
    }
}

#[test]
fn lost_update() {
    is_refused(&|one, other, a, _| {
        assert_eq!(one.get(a, b"x")?, other.get(a, b"x")?);
        one.put(a, b"x", b"of one")?;
        other.put(a, b"x", b"of the other")
    });
}

#[test]
fn write_skew() {
    is_refused(&|one, other, a, b| {
        one.get(a, b"x")?;
        one.get(b, b"y")?;
        other.get(a, b"x")?;
        other.get(b, b"y")?;
        one.put(a, b"x", b"of one")?;
        other.put(b, b"y", b"of the other")
    });
}

#[test]
fn phantom() {
    let insert: Change = |one, a| one.put(a, b"w", b"of one");
    let remove: Change = |one, a| one.delete(a, b"x");
    let clear: Change = |one, a| one.clear(a, &KeyRange::prefix(b"x"));
    for change in [insert, remove, clear] {
        is_refused(&|one, other, a, b| {
            assert_eq!(other.scan(a, &KeyRange::all(), false, usize::MAX)?.len(), 1);
            change(one, a)?;
            other.put(b, b"y", b"of the other")
        });
    }
}

#[test]
fn phantom_of_a_missing_key() {
    is_refused(&|one, other, a, b| {
        assert_eq!(other.get(a, b"missing")?, None);
        one.put(a, b"missing", b"of one")?;
        other.put(b, b"y", b"of the other")
    });
}

#[test]
fn what_does_not_meet_is_no_conflict() {
    for drained in [false, true] {
        let apart: &Interleave<'_> = &|one, other, a, b| {
            one.get(a, b"x")?;
            one.put(a, b"x", b"of one")?;
            other.get(b, b"y")?;
            // Only what was taken of a scan counts as read.
            assert_eq!(other.scan(a, &KeyRange::all(), false, 0)?, []);
            other.put(b, b"y", b"of the other")
        };
        assert_eq!(outcome(apart, None, drained).unwrap(), (true, None));
    }
}

#[test]
fn torn_scan() {
    const ROWS: u32 = 2_000;
    let store = Store::memory(&small_options()).unwrap();
    let namespace = namespace(&store, "rows");
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
            let mut between = Batch::new();
            for row in (0..ROWS).step_by(3) {
                between.put(namespace, format!("{row:05}x").as_bytes(), b"").unwrap();
            }
            store.apply(&between).unwrap();
            store.checkpoint().unwrap();
            let mut cleared = Batch::new();
            cleared.clear(namespace, &KeyRange::all()).unwrap();
            store.apply(&cleared).unwrap();
            store.checkpoint().unwrap();
            rows.extend(scan.map(Result::unwrap));
            assert_eq!(rows.len() as u32, ROWS);
            assert!(rows.iter().all(|(_, value)| *value == rows[0].1), "the scan saw more than one moment");
            store.apply(&all_of(round)).unwrap();
        }
    }
}
