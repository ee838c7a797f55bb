//! An expired row is gone from every read at once, wherever it lies, and hides what is older than itself (E28).

use super::{START_MS, put, timed_options};
use crate::batch::Batch;
use crate::clock::Clock;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::Durability;
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Store};

struct Place {
    clock: Clock,
    folder: tempfile::TempDir,
    store: Store,
    namespace: NamespaceId,
}

/// Where the rows lie when their time has come.
const PLACES: [&str; 4] = ["memtable", "frozen", "blocks", "reopened"];

impl Place {
    fn new() -> Self {
        let (clock, folder) = (Clock::manual(START_MS), tempfile::tempdir().unwrap());
        let store = Store::open(folder.path(), &timed_options(&clock)).unwrap();
        let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        Self { clock, folder, store, namespace }
    }

    fn put_for(&self, key: &[u8], value: &[u8], ttl_ms: u64) {
        let mut batch = Batch::new();
        batch.put_expiring(self.namespace, key, value, START_MS + ttl_ms).unwrap();
        self.store.apply(&batch).unwrap();
    }

    fn bring_to(&mut self, place: &str) {
        match place {
            "memtable" => {}
            "frozen" => {
                let hold = self.store.inner.checkpoint.hold();
                self.store.inner.freeze(&self.store.inner.lock_writer()).unwrap();
                drop(hold);
            }
            "blocks" => self.store.checkpoint().unwrap(),
            _ => {
                self.store.close().unwrap();
                self.store = Store::open(self.folder.path(), &timed_options(&self.clock)).unwrap();
            }
        }
    }

    fn keys(&self, options: ScanOptions) -> Vec<Vec<u8>> {
        let scan = self.store.scan(self.namespace, &KeyRange::all(), options).unwrap();
        scan.map(|row| row.unwrap().0).collect()
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.store.get(self.namespace, key).unwrap()
    }
}

/// Runs `check` with rows `a` to `j`, of which every other one has expired, in each of the places.
fn each(check: impl Fn(&Place)) {
    for place in PLACES {
        let mut at = Place::new();
        for (number, key) in (b'a'..=b'j').enumerate() {
            at.put_for(&[key], b"value", if number % 2 == 0 { 1_000 } else { 5_000 });
        }
        at.bring_to(place);
        assert_eq!(at.keys(ScanOptions::default()).len(), 10, "in {place}, in time");
        at.clock.set(START_MS + 999);
        assert_eq!(at.get(b"a"), Some(b"value".to_vec()), "in {place}, a moment before");
        at.clock.set(START_MS + 1_000);
        check(&at);
    }
}

#[test]
fn from_gets() {
    each(|at| {
        assert_eq!((at.get(b"a"), at.get(b"b")), (None, Some(b"value".to_vec())));
        let cached = at.store.get_cached(at.namespace, b"a", <[u8]>::to_vec).unwrap();
        assert!(matches!(cached, None | Some(None)), "{cached:?}");
        assert!(!at.store.contains(at.namespace, b"c").unwrap());
        assert!(at.store.contains(at.namespace, b"d").unwrap());
    });
}

#[test]
fn from_scans_both_ways() {
    each(|at| {
        let live: Vec<Vec<u8>> = b"bdfhj".iter().map(|&key| vec![key]).collect();
        assert_eq!(at.keys(ScanOptions::default()), live);
        let backwards = at.keys(ScanOptions { reverse: true, ..ScanOptions::default() });
        assert_eq!(backwards, live.iter().rev().cloned().collect::<Vec<_>>());
    });
}

#[test]
fn from_limits_and_counts() {
    each(|at| {
        let first = ScanOptions { limit: Some(3), ..ScanOptions::default() };
        assert_eq!(at.keys(first), [b"b", b"d", b"f"]);
        assert_eq!(at.keys(ScanOptions { reverse: true, ..first }), [b"j", b"h", b"f"]);
        let mut scan = at.store.scan(at.namespace, &KeyRange::all(), ScanOptions::default()).unwrap();
        assert_eq!(scan.count_rows().unwrap(), 5);
    });
}

#[test]
fn with_what_is_older_than_they_are() {
    for place in PLACES {
        let mut at = Place::new();
        put(&at.store, at.namespace, b"key", b"old");
        at.store.checkpoint().unwrap();
        at.put_for(b"key", b"new", 1_000);
        at.bring_to(place);
        at.clock.set(START_MS + 1_000);
        assert_eq!((at.get(b"key"), at.keys(ScanOptions::default()).len()), (None, 0), "in {place}");
        at.store.checkpoint().unwrap();
        assert_eq!((at.get(b"key"), at.keys(ScanOptions::default()).len()), (None, 0), "drained from {place}");
    }
}

#[test]
fn large_values_too() {
    for (bytes, place) in [5_000, 20_000, 200_000].into_iter().flat_map(|bytes| PLACES.map(|place| (bytes, place))) {
        let mut at = Place::new();
        at.put_for(b"key", &vec![7; bytes], 1_000);
        at.bring_to(place);
        assert_eq!(at.get(b"key"), Some(vec![7; bytes]), "{bytes} in {place}");
        at.clock.set(START_MS + 1_000);
        assert_eq!((at.get(b"key"), at.keys(ScanOptions::default()).len()), (None, 0), "{bytes} in {place}");
        assert!(at.store.large_reader(at.namespace, b"key").unwrap().is_none(), "{bytes} in {place}");
    }
}

#[test]
fn a_streamed_value_too() {
    let at = Place::new();
    let mut writer = at.store.large_writer(at.namespace).unwrap();
    writer.write(&[7; 100_000]).unwrap();
    at.store.finish_large(writer, b"key", Some(START_MS + 1_000), Durability::None).unwrap();
    assert_eq!(at.store.large_reader(at.namespace, b"key").unwrap().unwrap().length(), 100_000);
    at.clock.set(START_MS + 1_000);
    assert!(at.store.large_reader(at.namespace, b"key").unwrap().is_none());
    at.store.checkpoint().unwrap();
    assert_eq!(at.store.verify(&mut |_| true).unwrap().findings, []);
}

#[test]
fn and_a_put_without_expiry_takes_it_away() {
    for place in PLACES {
        let mut at = Place::new();
        at.put_for(b"key", b"short", 1_000);
        at.bring_to(place);
        put(&at.store, at.namespace, b"key", b"long");
        at.clock.set(START_MS + 9_000);
        assert_eq!(at.get(b"key"), Some(b"long".to_vec()), "in {place}");
        at.store.checkpoint().unwrap();
        assert_eq!(at.get(b"key"), Some(b"long".to_vec()), "drained from {place}");
    }
}

#[test]
fn and_can_be_deleted_cleared_and_put_again() {
    let at = Place::new();
    at.put_for(b"key", b"value", 1_000);
    at.clock.set(START_MS + 1_000);
    let mut batch = Batch::new();
    batch.delete(at.namespace, b"key").unwrap();
    batch.clear(at.namespace, &KeyRange::all()).unwrap();
    at.store.apply(&batch).unwrap();
    assert_eq!(at.get(b"key"), None);
    at.put_for(b"key", b"again", 5_000);
    assert_eq!(at.get(b"key"), Some(b"again".to_vec()));
    at.store.checkpoint().unwrap();
    assert_eq!(at.get(b"key"), Some(b"again".to_vec()));
}

#[test]
fn a_clear_takes_back_what_its_batch_put_before() {
    let at = Place::new();
    let mut batch = Batch::new();
    for key in [b"a", b"b", b"c"] {
        batch.put_expiring(at.namespace, key, b"value", START_MS + 1_000).unwrap();
        batch.put(at.namespace, &[key[0], 1], b"value").unwrap();
    }
    batch.clear(at.namespace, &KeyRange::prefix(b"b")).unwrap();
    at.store.apply(&batch).unwrap();
    assert_eq!(at.keys(ScanOptions::default()), [&b"a"[..], b"a\x01", b"c", b"c\x01"]);
}

#[test]
fn an_encoded_batch_says_how_long_values_live() {
    let at = Place::new();
    let mut sent = Batch::new();
    sent.put_expiring(at.namespace, b"short", b"value", 1_000).unwrap();
    sent.put(at.namespace, b"long", b"value").unwrap();
    sent.put_expiring(at.namespace, b"for ever", b"value", u64::MAX).unwrap();
    let batch = Batch::from_encoded(sent.as_bytes(), || START_MS).unwrap();
    at.store.apply(&batch).unwrap();
    assert_eq!(at.keys(ScanOptions::default()).len(), 3);
    at.clock.set(START_MS + 1_000);
    assert_eq!(at.keys(ScanOptions::default()), [&b"for ever"[..], b"long"]);
}
