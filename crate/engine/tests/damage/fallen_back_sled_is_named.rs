//! When sled's files lost what a checkpoint wrote and the journal cannot give it back, they are to blame.

use std::fs;

use sledstore_engine::{ErrorCode, Store};

use crate::store::{Left, Sample, copy_of, open_and_read, options, put, rows_of};

#[test]
fn with_an_empty_file() {
    let sample = Sample::new(Left::Closed);
    let copy = sample.copy();
    for entry in fs::read_dir(copy.path().join("sled")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != "conf" {
            fs::remove_file(&path).unwrap();
        }
    }
    fs::write(copy.path().join("sled/db"), b"").unwrap();
    let error = open_and_read(copy.path()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Corruption, "{error}");
    let sled = copy.path().canonicalize().unwrap().join("sled");
    assert!(error.message().starts_with(&sled.display().to_string()), "{error}");
}

#[test]
fn and_is_refilled_from_the_journal_where_that_is_kept() {
    let work = tempfile::tempdir().unwrap();
    let store = Store::open(work.path(), &options()).unwrap();
    put(&store, "one", 0..1_000);
    store.checkpoint().unwrap();
    let before = copy_of(&work.path().join("sled"));
    put(&store, "one", 900..1_100);
    store.checkpoint().unwrap();
    put(&store, "one", 1_100..1_150);
    store.flush().unwrap();
    let right = rows_of(&store).unwrap();
    let killed = copy_of(work.path());
    store.close().unwrap();
    fs::remove_dir_all(killed.path().join("sled")).unwrap();
    fs::rename(before.path(), killed.path().join("sled")).unwrap();
    let store = Store::open(killed.path(), &options()).unwrap();
    assert!(store.stats().recovery.fell_back);
    assert!(rows_of(&store).unwrap() == right);
    store.close().unwrap();
    assert!(open_and_read(killed.path()).unwrap() == right);
}
