//! A watch tells the keys that commits changed, or that it does not know.

use super::{put, small_options};
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::Durability;
use crate::range::KeyRange;
use crate::store::{Store, Write};
use crate::watch::Watch;
use crate::{Batch, ErrorCode};

fn open() -> (Store, NamespaceId) {
    let store = Store::memory(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    (store, namespace)
}

fn told(watch: &Watch, after: u64, up_to: u64) -> Option<Vec<Vec<u8>>> {
    watch.between(after, up_to).map(|keys| keys.iter().map(<[u8]>::to_vec).collect())
}

#[test]
fn keys_come_by_the_seq_of_their_commit() {
    let (store, namespace) = open();
    put(&store, namespace, b"before", b"");
    let watch = store.watch(namespace, KeyRange::prefix(b"b"), 1_000).unwrap();
    let start = store.visible_seq();
    assert_eq!(told(&watch, start - 1, start), None, "from before the watch");
    assert_eq!(told(&watch, start, start), Some(vec![]));

    put(&store, namespace, b"b1", b"");
    put(&store, namespace, b"other", b"");
    let elsewhere = store.namespace("elsewhere", &NamespaceOptions::default()).unwrap().id;
    put(&store, elsewhere, b"b2", b"");
    let middle = store.visible_seq();
    let mut batch = Batch::new();
    batch.delete(namespace, b"b1").unwrap();
    batch.put(namespace, b"b3", &vec![7; 100_000]).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    let end = store.visible_seq();

    assert_eq!(told(&watch, start, middle), Some(vec![b"b1".to_vec()]));
    let rest = told(&watch, middle, end).unwrap();
    assert!(rest.contains(&b"b1".to_vec()) && rest.contains(&b"b3".to_vec()), "{rest:?}");
    assert_eq!(told(&watch, end, end), Some(vec![]));
    watch.forget(middle);
    assert_eq!(told(&watch, start, end), None);
    assert_eq!(told(&watch, middle, end), Some(rest));
}

#[test]
fn what_was_not_committed_is_not_told() {
    let (store, namespace) = open();
    let watch = store.watch(namespace, KeyRange::all(), 1_000).unwrap();
    let start = store.visible_seq();
    let mut transaction = store.begin().unwrap();
    transaction.put(namespace, b"undone", b"").unwrap();
    transaction.abort();
    store
        .transact(Durability::None, |tx| {
            tx.put(namespace, b"refused", b"")?;
            Err::<(), _>(crate::Error::new(ErrorCode::Aborted, "no"))
        })
        .unwrap_err();
    assert_eq!(told(&watch, start, store.visible_seq()), Some(vec![]));
    store.transact(Durability::None, |tx| tx.put(namespace, b"done", b"")).unwrap();
    assert_eq!(told(&watch, start, store.visible_seq()), Some(vec![b"done".to_vec()]));
}

#[test]
fn what_is_too_much_is_said_to_be_unknown() {
    let (store, namespace) = open();
    let watch = store.watch(namespace, KeyRange::all(), 200).unwrap();
    let start = store.visible_seq();
    for number in 0..50_u32 {
        put(&store, namespace, &number.to_be_bytes(), b"");
    }
    assert_eq!(told(&watch, start, store.visible_seq()), None);
    assert!(!watch.knows_after(start) && watch.bytes() < 2_000);
    let later = store.visible_seq();
    put(&store, namespace, b"later", b"");
    assert_eq!(told(&watch, later, store.visible_seq()), Some(vec![b"later".to_vec()]));

    let before = store.visible_seq();
    store.transact(Durability::None, |tx| tx.clear(namespace, &KeyRange::prefix(b"l"))).unwrap();
    assert_eq!(told(&watch, before, store.visible_seq()), None, "a cleared range names no keys");
}
