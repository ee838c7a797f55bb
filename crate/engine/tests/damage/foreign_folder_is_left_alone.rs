//! A folder that is no store, and may not become one, is left exactly as it is.

use std::fs;
use std::path::Path;

use sledstore_engine::{ErrorCode, Options, Store};

use crate::store::{Left, Sample, open_and_read, options};

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
fn assert_refused(path: &Path, options: &Options) {
    let before = names(path);
    assert_eq!(Store::open(path, options).err().map(|error| error.code()), Some(ErrorCode::NotAStore));
    assert_eq!(names(path), before);
}

#[test]
fn with_other_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), b"notes").unwrap();
    assert_refused(folder.path(), &options());
}

#[test]
fn empty_and_not_to_be_created() {
    let folder = tempfile::tempdir().unwrap();
    assert_refused(folder.path(), &Options { create_if_missing: false, ..options() });
}

#[test]
fn data_without_a_store_file() {
    for left in [Left::Fresh, Left::Closed] {
        let sample = Sample::new(left);
        for kept in ["sled", "journal", "CHECKPOINT"] {
            let copy = sample.copy();
            for name in names(copy.path()).iter().filter(|name| *name != kept) {
                let path = copy.path().join(name);
                if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
            }
            if !names(copy.path()).is_empty() {
                assert_refused(copy.path(), &options());
            }
        }
    }
}

#[test]
fn what_a_cut_off_creation_left_becomes_a_store() {
    let sample = tempfile::tempdir().unwrap();
    Store::open(sample.path(), &options()).unwrap().close().unwrap();
    let first = "journal/00000001-0000000000000001.journal";
    let header = fs::read(sample.path().join(first)).unwrap()[..64].to_vec();
    for (name, bytes) in [(first.to_owned(), &header[..]), (format!("{first}.new"), &header[..30])] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("journal")).unwrap();
        fs::write(folder.path().join(name), bytes).unwrap();
        fs::write(folder.path().join("STORE.tmp"), b"format 1").unwrap();
        fs::write(folder.path().join("LOCK"), b"1").unwrap();
        Store::open(folder.path(), &options()).unwrap().close().unwrap();
        assert_eq!(open_and_read(folder.path()).unwrap(), []);
    }
}
