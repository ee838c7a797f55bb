//! A store whose journal is gone, in whole or at its newest end, is never an empty one, nor one with fewer rows.

use std::fs;
use std::path::Path;

use sledstore_engine::ErrorCode;

use crate::store::{Left, Sample, open_and_read};

#[track_caller]
fn assert_corruption(path: &Path) {
    assert_eq!(open_and_read(path).err().map(|error| error.code()), Some(ErrorCode::Corruption));
}

#[test]
fn the_whole_folder() {
    for left in [Left::Fresh, Left::Killed, Left::Reopened] {
        let sample = Sample::new(left);
        let copy = sample.copy();
        fs::remove_dir_all(copy.path().join("journal")).unwrap();
        assert_corruption(copy.path());
        assert!(!copy.path().join("journal").exists(), "a failed open makes none");
    }
}

#[test]
fn every_segment() {
    let sample = Sample::new(Left::Fresh);
    let copy = sample.copy();
    for entry in fs::read_dir(copy.path().join("journal")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert_corruption(copy.path());
}

#[test]
fn the_newest_segment() {
    for left in [Left::Fresh, Left::Killed, Left::Reopened] {
        let sample = Sample::new(left);
        let copy = sample.copy();
        fs::remove_file(copy.path().join(sample.newest_segment())).unwrap();
        assert_corruption(copy.path());
    }
}

#[test]
fn all_but_the_store_file() {
    let sample = Sample::new(Left::Killed);
    let copy = tempfile::tempdir().unwrap();
    fs::copy(sample.path().join("STORE"), copy.path().join("STORE")).unwrap();
    assert_corruption(copy.path());
}
