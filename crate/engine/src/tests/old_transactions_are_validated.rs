//! A transaction that outlives memtables is validated against what they held, as far as that is kept; then it conflicts (E5).

use super::{put, small_options, small_store};
use crate::batch::Batch;
use crate::error::ErrorCode;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::Durability;
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Store, Write};
use crate::transaction::Transaction;

/// Writes other rows until the memtable at hand was full and is drained.
fn drain_a_full_memtable(store: &Store, namespace: NamespaceId) {
    let (mut row, drained) = (0, store.stats().checkpoints);
    while store.inner.tables.load().frozen.is_empty() && store.stats().checkpoints == drained {
        put(store, namespace, format!("other-{row:05}").as_bytes(), &[7; 100]);
        row += 1;
    }
    store.checkpoint().unwrap();
    let tables = store.inner.tables.load();
    assert!(tables.frozen.is_empty() && tables.active.memtable.is_empty());
}

/// A transaction that has read a key, a missing one and two ranges.
fn begin(store: &Store, namespace: NamespaceId) -> Transaction {
    let mut transaction = store.begin().unwrap();
    assert!(transaction.get(namespace, b"key").unwrap().is_some());
    assert!(transaction.get(namespace, b"missing").unwrap().is_none());
    for reverse in [false, true] {
        let options = ScanOptions { reverse, ..ScanOptions::default() };
        let found = transaction.scan(namespace, &KeyRange::prefix(b"range-"), options).unwrap();
        assert_eq!(found.count(), 2);
    }
    transaction.put(namespace, b"written", b"value").unwrap();
    transaction
}

/// The code of committing after `change` and a full memtable, drained.
fn outcome(change: impl Fn(&mut Batch, NamespaceId)) -> Option<ErrorCode> {
    let (store, namespace) = small_store();
    for key in [&b"key"[..], b"range-1", b"range-3"] {
        put(&store, namespace, key, b"value");
    }
    let transaction = begin(&store, namespace);
    let mut batch = Batch::new();
    change(&mut batch, namespace);
    store.apply(&batch).unwrap();
    drain_a_full_memtable(&store, namespace);
    let retained = store.stats().memory.retained_memtables;
    assert!(retained > 0 && retained <= store.inner.plan.validation_bytes as u64, "{retained}");
    let outcome = transaction.commit(Durability::None).err().map(|error| error.code());
    assert_eq!(outcome.is_none(), store.get(namespace, b"written").unwrap().is_some());
    outcome
}

#[test]
fn what_it_did_not_read_is_no_conflict() {
    assert_eq!(outcome(|batch, namespace| batch.put(namespace, b"unread", b"new").unwrap()), None);
    let beside = KeyRange::prefix(b"other-");
    assert_eq!(outcome(|batch, namespace| batch.clear(namespace, &beside).unwrap()), None);
}

#[test]
fn what_it_read_is_a_conflict() {
    let conflict = Some(ErrorCode::Conflict);
    for key in [&b"key"[..], b"missing", b"range-1", b"range-2", b"range-3"] {
        assert_eq!(outcome(|batch, namespace| batch.put(namespace, key, b"new").unwrap()), conflict);
        assert_eq!(outcome(|batch, namespace| batch.delete(namespace, key).unwrap()), conflict);
        let around = KeyRange::prefix(&key[..key.len() - 1]);
        assert_eq!(outcome(|batch, namespace| batch.clear(namespace, &around).unwrap()), conflict);
    }
}

#[test]
fn beyond_what_is_kept_it_is_too_old() {
    let (store, namespace) = small_store();
    for key in [&b"key"[..], b"range-1", b"range-3"] {
        put(&store, namespace, key, b"value");
    }
    let transaction = begin(&store, namespace);
    let (mut rounds, mut kept) = (0, 0);
    while store.inner.checkpoint.validation_floor.load(std::sync::atomic::Ordering::SeqCst) <= transaction.seq() {
        assert!(rounds < 100, "nothing was let go");
        drain_a_full_memtable(&store, namespace);
        let retained = store.stats().memory.retained_memtables;
        assert!(retained <= store.inner.plan.validation_bytes as u64);
        kept = kept.max(store.inner.tables.load().retained.len());
        rounds += 1;
    }
    assert!(kept >= 2 && rounds == kept + 1, "{kept} of {rounds} memtables were kept");
    assert_eq!(transaction.commit(Durability::None).unwrap_err().code(), ErrorCode::Conflict);
    // A younger one is none the worse.
    begin(&store, namespace).commit(Durability::None).unwrap();
}

#[test]
fn nothing_is_kept_for_nobody() {
    let (store, namespace) = small_store();
    drain_a_full_memtable(&store, namespace);
    assert_eq!(store.stats().memory.retained_memtables, 0);
    let transaction = store.begin().unwrap();
    // Chunks and rows of the catalogue are nothing that it could have read.
    let mut writer = store.large_writer(namespace).unwrap();
    writer.write(&vec![1; 300_000]).unwrap();
    store.checkpoint().unwrap();
    assert_eq!(store.stats().memory.retained_memtables, 0);
    drop(transaction);
}

#[test]
fn a_dropped_namespace_that_it_read_refuses_the_commit() {
    let store = Store::memory(&small_options()).unwrap();
    let [read, written] =
        ["read", "written"].map(|name| store.namespace(name, &NamespaceOptions::default()).unwrap().id);
    put(&store, read, b"key", b"value");
    for scan in [false, true] {
        let mut transaction = store.begin().unwrap();
        if scan {
            assert_eq!(transaction.scan(written, &KeyRange::all(), ScanOptions::default()).unwrap().count(), 0);
        } else {
            transaction.get(read, b"key").unwrap();
        }
        transaction.put(written, b"key", b"value").unwrap();
        store.drop_namespace("read").unwrap();
        let outcome = transaction.commit(Durability::None).map(drop).map_err(|error| error.code());
        assert_eq!(outcome, if scan { Ok(()) } else { Err(ErrorCode::NamespaceDropped) });
    }
}
