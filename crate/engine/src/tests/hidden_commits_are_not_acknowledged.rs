//! A commit that a failure hides from readers is not acknowledged, whoever waits for it and however (E3, E11).

use super::{Bed, put, small_options};
use crate::error::{Error, ErrorCode};
use crate::namespace::NamespaceOptions;
use crate::options::{Durability, Options};
use crate::store::{Read, Store};

fn fail(store: &Store) {
    store.poison(Error::new(ErrorCode::IoFailed, "planted"));
}

#[test]
fn it_is_durable_only_after_the_failure() {
    for level in [Durability::Os, Durability::Full] {
        let bed = Bed::new();
        let store = bed.open(&small_options()).unwrap();
        let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        let seq = put(&store, namespace, b"key", b"value");
        fail(&store);
        let answer = store.wait(seq, level).map_err(|error| error.code());
        assert_eq!(store.get(namespace, b"key").unwrap(), None);
        assert_eq!(answer, Err(ErrorCode::StorageFailed));
    }
}

#[test]
fn a_bulk_load_ends_after_the_failure() {
    let bed = Bed::new();
    // No checkpoint makes durable what nobody asked for.
    let store = bed.open(&Options { memtable_bytes: Some(4 << 20), ..small_options() }).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    store.flush().unwrap();
    let before = store.newest_seq();
    let mut load = store.bulk_load(namespace).unwrap();
    // Until a part of it is applied, and nothing waits to be.
    let mut rows = 0_u32..;
    while store.newest_seq() == before {
        load.push(&rows.next().unwrap().to_be_bytes(), &[b'v'; 100]).unwrap();
    }
    fail(&store);
    assert_eq!(load.finish(Durability::Os).map_err(|error| error.code()), Err(ErrorCode::StorageFailed));
}

#[test]
fn the_newest_seq_does_not_go_back() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let seq = put(&store, namespace, b"key", b"value");
    fail(&store);
    assert!(store.visible_seq() < seq);
    assert_eq!(store.newest_seq(), seq);
}
