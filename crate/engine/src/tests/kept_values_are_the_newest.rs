//! What was read behind an even stamp is what a read finds, for as long as the stamp stays that number.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Bed, put, small_options};
use crate::batch::Batch;
use crate::clock::Clock;
use crate::error::{Error, ErrorCode};
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::Durability;
use crate::range::KeyRange;
use crate::stamps::Stamps;
use crate::store::{Read, Store, Write};

fn open() -> (Store, NamespaceId) {
    let store = Store::memory(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    (store, namespace)
}

/// Whether a change of a namespace changed the stamp of a key, to an even number.
fn changes(stamps: &Stamps, key: &[u8], change: impl FnOnce()) -> bool {
    let (hash, before) = stamps.of(key);
    change();
    let (again, after) = stamps.of(key);
    assert_eq!((again, after & 1), (hash, 0));
    assert_eq!(stamps.words()[hash as usize % stamps.words().len()].load(Ordering::SeqCst), after);
    after != before
}

#[test]
fn a_commit_changes_the_stamps_of_its_keys() {
    let (store, namespace) = open();
    let other = store.namespace("other", &NamespaceOptions::default()).unwrap().id;
    put(&store, namespace, b"key", b"1");
    let stamps = store.stamps(namespace).unwrap();
    let seen = |change: &dyn Fn()| changes(&stamps, b"key", change);
    assert!(seen(&|| _ = put(&store, namespace, b"key", b"2")));
    assert!(seen(&|| _ = put(&store, namespace, b"key", &vec![7; 100_000])));
    assert!(seen(&|| store.transact(Durability::None, |tx| tx.delete(namespace, b"key")).unwrap()));
    assert!(seen(&|| store.transact(Durability::None, |tx| tx.clear(namespace, &KeyRange::all())).unwrap()));
    let twice = || {
        let mut batch = Batch::new();
        batch.put(namespace, b"key", b"3").unwrap();
        batch.put(namespace, b"key", b"4").unwrap();
        store.commit(&batch, Durability::None).unwrap();
    };
    assert!(seen(&twice));
    assert!(!seen(&|| _ = put(&store, other, b"key", b"")));
    assert!(!seen(&|| _ = put(&store, namespace, b"another key", b"")));
    assert!(!seen(&|| store.begin().unwrap().put(namespace, b"key", b"undone").unwrap()));
    assert!(!seen(&|| store.compact(&mut |_| true).unwrap()));
}

#[test]
fn nothing_is_the_newest_when_commits_are_hidden_or_the_namespace_is_gone() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let dropped = store.namespace("dropped", &NamespaceOptions::default()).unwrap().id;
    let (kept, gone) = (store.stamps(namespace).unwrap(), store.stamps(dropped).unwrap());
    assert!(!changes(&kept, b"key", || assert!(store.drop_namespace("dropped").unwrap())));
    assert!(gone.words().iter().all(|stamp| stamp.load(Ordering::SeqCst) & 1 == 1));
    assert_eq!(store.stamps(dropped).err().unwrap().code(), ErrorCode::NamespaceDropped);
    put(&store, namespace, b"key", b"hidden");
    assert!(changes(&kept, b"key", || store.poison(Error::new(ErrorCode::IoFailed, "planted"))));
    assert_eq!(store.get(namespace, b"key").unwrap(), None);
}

#[test]
fn a_value_lasts_unless_it_expires() {
    let clock = Clock::manual(1_000);
    let store = Store::memory(&crate::options::Options { clock: clock.clone(), ..small_options() }).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    put(&store, namespace, b"lasts", b"1");
    let mut batch = Batch::new();
    batch.put_expiring(namespace, b"expires", b"2", store.expiry_in(50)).unwrap();
    store.commit(&batch, Durability::None).unwrap();
    let lasts = |key: &[u8]| {
        let mut found = None;
        let lasts = store.get_lasting(namespace, key, &mut |value| found = Some(value.to_vec())).unwrap();
        found.map(|value| (value, lasts))
    };
    let all = || [lasts(b"lasts"), lasts(b"expires"), lasts(b"missing")];
    let there = [Some((b"1".to_vec(), true)), Some((b"2".to_vec(), false)), None];
    assert_eq!(all(), there);
    store.compact(&mut |_| true).unwrap();
    assert_eq!(all(), there);
    clock.set(1_050);
    assert_eq!(all(), [there[0].clone(), None, None]);
}

#[test]
fn who_keeps_values_beside_writers_is_never_behind_a_read() {
    let (store, namespace) = open();
    put(&store, namespace, b"key", &0_u32.to_be_bytes());
    let ended = AtomicBool::new(false);
    let number = |value: &[u8]| u32::from_be_bytes(value.try_into().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            (1..20_000_u32).for_each(|n| _ = put(&store, namespace, b"key", &n.to_be_bytes()));
            ended.store(true, Ordering::Release);
        });
        let reader = || {
            let stamps = store.stamps(namespace).unwrap();
            let (mut kept, mut hits) = (None, 0_u32);
            while !ended.load(Ordering::Acquire) || hits < 100 {
                let read = number(&store.get(namespace, b"key").unwrap().unwrap());
                let (_, stamp) = stamps.of(b"key");
                match kept {
                    Some((of, value)) if of == stamp => {
                        hits += 1;
                        assert!(value >= read, "kept {value} behind {read}");
                    }
                    _ if stamp & 1 == 0 => {
                        kept = Some((stamp, number(&store.get(namespace, b"key").unwrap().unwrap())))
                    }
                    _ => std::thread::sleep(Duration::ZERO),
                }
            }
        };
        scope.spawn(reader);
        scope.spawn(reader);
    });
}
