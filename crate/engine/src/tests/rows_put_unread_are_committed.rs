//! Rows that a transaction puts and never looks at again are part of its one commit, or of nothing.

use super::{Bed, small_options};
use crate::batch::Batch;
use crate::error::ErrorCode;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::Durability;
use crate::store::{Read, Write};

fn puts(namespace: NamespaceId, keys: &[&[u8]], value: &[u8]) -> Batch {
    let mut batch = Batch::new();
    keys.iter().for_each(|key| batch.put(namespace, key, value).unwrap());
    batch
}

#[test]
fn with_the_others_or_not_at_all() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let get = |store: &crate::store::Store, key: &[u8]| store.get_with(namespace, key, <[u8]>::to_vec).unwrap();

    let mut aborted = store.begin().unwrap();
    aborted.put_unread(puts(namespace, &[b"aborted"], b"1")).unwrap();
    aborted.abort();
    let mut late = store.begin().unwrap();
    assert_eq!(late.get_with(namespace, b"read", |_| ()).unwrap(), None);
    late.put_unread(puts(namespace, &[b"late"], b"1")).unwrap();

    let seq = store.visible_seq();
    let mut kept = store.begin().unwrap();
    kept.put(namespace, b"read", b"1").unwrap();
    let keys: Vec<[u8; 4]> = (0..500_u32).map(u32::to_be_bytes).collect();
    for keys in keys.chunks(90) {
        let keys: Vec<&[u8]> = keys.iter().map(<[u8; 4]>::as_slice).collect();
        kept.put_unread(puts(namespace, &keys, &[7; 20])).unwrap();
    }
    assert_eq!(kept.commit(Durability::Os).unwrap(), seq + 1, "one commit");
    assert_eq!(late.commit(Durability::Os).unwrap_err().code(), ErrorCode::Conflict);

    let limit = small_options().batch_bytes_max();
    let mut large = store.begin().unwrap();
    let of_eighth = |at: u32| puts(namespace, &[&at.to_be_bytes()], &vec![1; limit / 8]);
    let refused = (0..).find_map(|at| large.put_unread(of_eighth(at)).err());
    assert_eq!(refused.unwrap().code(), ErrorCode::TooLarge);
    assert_eq!(large.commit(Durability::Os).unwrap_err().code(), ErrorCode::TooLarge);

    let store = bed.open_killed(&small_options(), |_| ()).unwrap();
    assert_eq!(get(&store, b"read"), Some(b"1".to_vec()));
    for at in 0..500_u32 {
        assert_eq!(get(&store, &at.to_be_bytes()), Some(vec![7; 20]));
    }
    assert_eq!((get(&store, b"aborted"), get(&store, b"late")), (None, None));
}

#[cfg(feature = "invariants")]
#[test]
fn doing_more_to_one_is_noticed() {
    use crate::range::KeyRange;
    use crate::transaction::Transaction;

    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let more: [fn(&mut Transaction, NamespaceId); 4] = [
        |tx, namespace| tx.put(namespace, b"other", b"2").unwrap(),
        |tx, namespace| tx.put(namespace, b"key", b"2").unwrap(),
        |tx, namespace| tx.delete(namespace, b"key").unwrap(),
        |tx, namespace| tx.clear(namespace, &KeyRange::all()).unwrap(),
    ];
    let is_noticed = more.map(|more| {
        let mut tx = store.begin().unwrap();
        tx.put_unread(puts(namespace, &[b"key"], b"1")).unwrap();
        more(&mut tx, namespace);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tx.apply().unwrap())).is_err()
    });
    assert_eq!(is_noticed, [false, true, true, true]);
}
