//! A function of a caller's that the engine calls finds no lock held that it needs itself (E2).

use std::sync::mpsc::channel;

use tempfile::TempDir;

use super::small_options;
use crate::batch::Batch;
use crate::namespace::NamespaceId;
use crate::namespace::NamespaceOptions;
use crate::options::Durability;
use crate::progress::Progress;
use crate::store::{Read, Store};

/// Writes and reads, as a caller might from anywhere.
fn use_store(store: &Store, rows: NamespaceId) -> bool {
    let mut batch = Batch::new();
    batch.put(rows, b"inside", b"value").unwrap();
    store.commit(&batch, Durability::Os).unwrap();
    let mut transaction = store.begin().unwrap();
    let was = transaction.get(rows, b"count").unwrap();
    crate::store::Write::put(&mut transaction, rows, b"count", &[was.map_or(1, |was| was[0].wrapping_add(1))]).unwrap();
    drop(transaction.commit(Durability::Os));
    store.get(rows, b"inside").unwrap().as_deref() == Some(b"value")
}

#[test]
fn wherever_it_is_called() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("store"), &small_options()).unwrap();
    let rows = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let mut batch = Batch::new();
    for number in 0..500_u32 {
        batch.put(rows, &number.to_be_bytes(), &[7; 100]).unwrap();
    }
    let seq = store.commit(&batch, Durability::Os).unwrap();

    assert_eq!(store.get_with(rows, &7_u32.to_be_bytes(), |_| use_store(&store, rows)).unwrap(), Some(true));
    store.checkpoint().unwrap();
    assert_eq!(store.get_with(rows, &7_u32.to_be_bytes(), |_| use_store(&store, rows)).unwrap(), Some(true));

    let mut calls = 0;
    let mut progress = |_: Progress| {
        calls += 1;
        use_store(&store, rows)
    };
    store.publish(&folder.path().join("published"), &mut progress).unwrap();
    assert!(store.verify(&mut progress).unwrap().findings.is_empty());
    store.compact(&mut progress).unwrap();
    assert!(calls >= 6, "{calls}");

    let (tell, told) = channel();
    let other = store.clone();
    store.request(seq, Durability::Full, move |result| {
        tell.send(result.is_ok() && use_store(&other, rows)).unwrap();
    });
    assert_eq!(told.recv(), Ok(true));
    store.close().unwrap();
}
