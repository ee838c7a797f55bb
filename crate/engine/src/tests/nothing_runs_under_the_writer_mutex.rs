//! No I/O, no sled and no foreign code run under the writer mutex (E2): with the feature `invariants` every test checks it.
#![cfg(feature = "invariants")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use tempfile::TempDir;

use super::{Bed, small_options};
use crate::batch::Batch;
use crate::error::Error;
use crate::namespace::NamespaceOptions;
use crate::options::Durability;
use crate::store::{Read, Store};

/// Whether the call is caught under the mutex, and passes without it.
fn is_caught(store: &Store, call: impl Fn(&Store)) -> bool {
    call(store);
    let inner = &store.inner;
    catch_unwind(AssertUnwindSafe(|| {
        let _writer = inner.lock_writer();
        call(store);
    }))
    .is_err()
}

#[test]
fn whatever_would_is_caught() {
    let folder = TempDir::new().unwrap();
    let (bed, options) = (Bed::new(), small_options());
    for store in
        [Store::open(folder.path(), &options).unwrap(), Store::memory(&options).unwrap(), bed.open(&options).unwrap()]
    {
        assert!(is_caught(&store, |store| drop(store.inner.backend.get(b"key"))));
        assert!(is_caught(&store, |store| drop(store.inner.backend.first_above(b"key"))));
        assert!(is_caught(&store, |store| drop(store.inner.backend.remove(b"key"))));
        assert!(is_caught(&store, |store| drop(store.inner.backend.flush())));
        assert!(is_caught(&store, |store| drop(store.inner.journal.wait(0, Durability::Full))));
        assert!(is_caught(&store, |store| drop(store.inner.journal.flush())));
        assert!(is_caught(&store, |store| drop(store.inner.journal.trim(0))));
        // The mutex is free again, and its holder forgotten.
        store.flush().unwrap();
        store.close().unwrap();
    }
}

#[test]
fn a_readers_function_would_be_caught() {
    let store = Store::memory(&small_options()).unwrap();
    let rows = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let mut batch = Batch::new();
    batch.put(rows, b"key", b"value").unwrap();
    store.commit(&batch, Durability::None).unwrap();
    assert!(is_caught(&store, |store| assert_eq!(store.get_with(rows, b"key", <[u8]>::len).unwrap(), Some(5))));
}

#[test]
fn a_listener_would_be_caught() {
    let store = Store::memory(&small_options()).unwrap();
    store.on_error(|_| ());
    let inner = &store.inner;
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _writer = inner.lock_writer();
        inner.poison(Error::internal("planted"))
    }));
    assert!(caught.is_err());
}
