//! A row that expires is no conflict by itself: a transaction's time is a part of what it was given, as its arguments are,
//! and what it read stays what it read (E5, E28).

use super::{START_MS, put, timed_store};
use crate::batch::Batch;
use crate::clock::Clock;
use crate::error::ErrorCode;
use crate::namespace::NamespaceId;
use crate::options::Durability;
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Seq, Store, Write};

fn put_for(store: &Store, namespace: NamespaceId, key: &[u8], value: &[u8], ttl_ms: u64) -> Seq {
    let mut batch = Batch::new();
    batch.put_expiring(namespace, key, value, store.expiry_in(ttl_ms)).unwrap();
    store.apply(&batch).unwrap()
}

#[test]
fn neither_when_time_passes_nor_when_the_row_is_reclaimed() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    put_for(&store, namespace, b"lease", b"mine", 1_000);
    let mut transaction = store.begin().unwrap();
    assert_eq!(transaction.get(namespace, b"lease").unwrap(), Some(b"mine".to_vec()));
    assert_eq!(transaction.scan(namespace, &KeyRange::all(), ScanOptions::default()).unwrap().count(), 1);
    clock.set(START_MS + 1_000);
    store.compact(&mut |_| true).unwrap();
    assert_eq!(transaction.get(namespace, b"lease").unwrap(), Some(b"mine".to_vec()));
    transaction.put(namespace, b"work", b"done").unwrap();
    transaction.apply().unwrap();
    assert_eq!(store.get(namespace, b"work").unwrap(), Some(b"done".to_vec()));
}

#[test]
fn but_whoever_takes_its_place_is() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    put_for(&store, namespace, b"lease", b"mine", 1_000);
    let mut transaction = store.begin().unwrap();
    assert_eq!(transaction.get(namespace, b"lease").unwrap(), Some(b"mine".to_vec()));
    transaction.put(namespace, b"work", b"done").unwrap();
    clock.set(START_MS + 1_000);
    assert!(store.compare_and_set(namespace, b"lease", None, Some(b"yours"), Durability::None).unwrap());
    assert_eq!(transaction.apply().unwrap_err().code(), ErrorCode::Conflict);
}

#[test]
fn and_so_is_a_put_of_a_key_that_was_read_as_expired() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    put_for(&store, namespace, b"lease", b"mine", 1_000);
    clock.set(START_MS + 1_000);
    for covered in [false, true] {
        let mut transaction = store.begin().unwrap();
        if covered {
            assert_eq!(transaction.scan(namespace, &KeyRange::all(), ScanOptions::default()).unwrap().count(), 0);
        } else {
            assert_eq!(transaction.get(namespace, b"lease").unwrap(), None);
        }
        transaction.put(namespace, b"other", b"value").unwrap();
        put(&store, namespace, b"lease", b"yours");
        assert_eq!(transaction.apply().unwrap_err().code(), ErrorCode::Conflict);
        drop(transaction);
        let mut batch = Batch::new();
        batch.delete(namespace, b"lease").unwrap();
        store.apply(&batch).unwrap();
    }
}

#[test]
fn a_compare_and_set_takes_an_expired_row_for_missing() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    put_for(&store, namespace, b"lease", b"mine", 1_000);
    let set =
        |expected| store.compare_and_set(namespace, b"lease", expected, Some(b"yours"), Durability::None).unwrap();
    assert!(!set(None));
    clock.set(START_MS + 1_000);
    assert!(!set(Some(&b"mine"[..])));
    assert!(set(None));
}
