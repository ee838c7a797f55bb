use std::sync::atomic::{AtomicBool, Ordering};

use sledstore_engine::{Batch, Clock, Durability, Options, Read, ScanOptions, Store};
use tempfile::TempDir;

use crate::sample::{change, everything, go_on, namespace, options, random, rows_of};

#[test]
fn every_read_answers_as_the_store_did() {
    let mut random = random();
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("store"), &options()).unwrap();
    let file = folder.path().join("published");
    for _ in 0..4 {
        change(&store, &mut random, 150);
        let expected = everything(&store);
        // The same name again: the new file takes the place of the old one.
        let published = store.publish(&file, &mut go_on).unwrap();
        assert!(published.seq <= store.visible_seq()); // the store forgets dropped namespaces by commits of its own
        assert_eq!(published.bytes, std::fs::metadata(&file).unwrap().len());

        let snapshot = Store::open_snapshot(&file, &options()).unwrap();
        assert_eq!(everything(&snapshot), expected);
        for (name, rows) in &expected {
            let id = namespace(&snapshot, name);
            let reverse = rows_of(&snapshot, id, ScanOptions { reverse: true, ..ScanOptions::default() });
            assert!(reverse.iter().rev().eq(rows));
            for (key, value) in rows {
                assert_eq!(snapshot.get(id, key).unwrap().as_ref(), Some(value));
                assert!(snapshot.contains(id, key).unwrap());
                assert_eq!(snapshot.get(id, &[key, &b"!"[..]].concat()).unwrap(), None);
            }
        }
        let report = snapshot.verify(&mut go_on).unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
        let rows: usize = expected.iter().map(|(_, rows)| rows.len()).sum();
        assert!(published.rows >= rows as u64);
    }
    store.close().unwrap();
}

#[test]
fn writers_that_go_on_are_not_in_it() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("store"), &options()).unwrap();
    let id = namespace(&store, "pairs");
    let ended = AtomicBool::new(false);
    // Each commit moves every row at once: rows of different commits in one file would show.
    let write = |round: u64| {
        let mut batch = Batch::new();
        for key in 0..200_u64 {
            batch.put(id, &key.to_be_bytes(), &round.to_be_bytes().repeat(8)).unwrap();
        }
        store.commit(&batch, Durability::None).unwrap();
    };
    write(0);
    std::thread::scope(|scope| {
        scope.spawn(|| (1..).take_while(|_| !ended.load(Ordering::Relaxed)).for_each(write));
        for number in 0..20 {
            let file = folder.path().join(format!("published-{number}"));
            store.publish(&file, &mut go_on).unwrap();
            let snapshot = Store::open_snapshot(&file, &options()).unwrap();
            let rows = rows_of(&snapshot, id, ScanOptions::default());
            assert_eq!(rows.len(), 200);
            assert!(rows.iter().all(|(_, value)| *value == rows[0].1));
        }
        ended.store(true, Ordering::Relaxed);
    });
    store.close().unwrap();
}

#[test]
fn a_reader_keeps_the_file_it_opened() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("store"), &options()).unwrap();
    let (id, file) = (namespace(&store, "n"), folder.path().join("published"));
    let put = |value: &[u8]| {
        let mut batch = Batch::new();
        batch.put(id, b"key", value).unwrap();
        store.commit(&batch, Durability::None).unwrap();
        store.publish(&file, &mut go_on).unwrap();
    };
    put(b"first");
    let first = Store::open_snapshot(&file, &options()).unwrap();
    put(b"second");
    let second = Store::open_snapshot(&file, &options()).unwrap();
    assert_eq!(first.get(id, b"key").unwrap().as_deref(), Some(&b"first"[..]));
    assert_eq!(second.get(id, b"key").unwrap().as_deref(), Some(&b"second"[..]));
    store.close().unwrap();
}

#[test]
fn a_store_in_memory_and_an_empty_one_can_be_published() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("published");
    let store = Store::memory(&options()).unwrap();
    store.publish(&file, &mut go_on).unwrap();
    assert!(everything(&Store::open_snapshot(&file, &options()).unwrap()).is_empty());
    change(&store, &mut random(), 50);
    store.publish(&file, &mut go_on).unwrap();
    let snapshot = Store::open_snapshot(&file, &options()).unwrap();
    assert_eq!(everything(&snapshot), everything(&store));
    // A snapshot can be published, too.
    let copy = folder.path().join("copy");
    snapshot.publish(&copy, &mut go_on).unwrap();
    assert_eq!(everything(&Store::open_snapshot(&copy, &options()).unwrap()), everything(&store));
}

#[test]
fn what_had_not_expired_at_that_moment_stays_in_it() {
    let folder = TempDir::new().unwrap();
    let clock = Clock::manual(1_000_000);
    let options = Options { clock: clock.clone(), ..options() };
    let store = Store::open(&folder.path().join("store"), &options).unwrap();
    let (id, file) = (namespace(&store, "n"), folder.path().join("published"));
    let mut batch = Batch::new();
    batch.put_expiring(id, b"gone", b"value", 1_000_500).unwrap();
    batch.put_expiring(id, b"soon", &[7; 20_000], 1_002_000).unwrap();
    batch.put(id, b"stays", b"value").unwrap();
    store.commit(&batch, Durability::None).unwrap();
    clock.set(1_001_000);
    store.backup(&file, &mut go_on).unwrap();
    clock.set(1_900_000);
    store.close().unwrap();

    let keys = |store: &Store| rows_of(store, id, ScanOptions::default()).into_iter().map(|(key, _)| key);
    let snapshot = Store::open_snapshot(&file, &options).unwrap();
    assert!(keys(&snapshot).eq([&b"soon"[..], b"stays"]));
    assert_eq!(snapshot.get(id, b"soon").unwrap().as_deref(), Some(&[7; 20_000][..]));
    assert_eq!(snapshot.get(id, b"gone").unwrap(), None);
    assert!(snapshot.verify(&mut go_on).unwrap().is_clean());

    // A restored store lives on: what has expired meanwhile is gone, and gives its space back.
    let restored = folder.path().join("restored");
    Store::restore(&file, &restored, &options, &mut go_on).unwrap();
    let store = Store::open(&restored, &options).unwrap();
    assert!(keys(&store).eq([&b"stays"[..]]));
    let before = store.verify(&mut go_on).unwrap();
    store.compact(&mut go_on).unwrap();
    let after = store.verify(&mut go_on).unwrap();
    assert!(before.is_clean() && after.is_clean());
    assert_eq!(before.rows, after.rows + 3, "the row and its two chunks");
    store.close().unwrap();
}
