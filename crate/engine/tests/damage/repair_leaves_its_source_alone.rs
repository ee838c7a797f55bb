//! `repair` changes nothing of what it reads, writes only where nothing is, and leaves nothing when it ends early.

use std::fs;

use sledstore_engine::{ErrorCode, Store};

use crate::store::{Left, Sample, contents, options, repair};

fn code_of<T>(result: sledstore_engine::Result<T>) -> Option<ErrorCode> {
    result.err().map(|error| error.code())
}

#[test]
fn it_is_read_only() {
    let sample = Sample::new(Left::Killed);
    fs::write(sample.path().join("STORE"), b"damaged").unwrap();
    let before = contents(sample.path());
    let lock = fs::read(sample.path().join("LOCK")).unwrap();
    let to = tempfile::tempdir().unwrap();
    repair(sample.path(), &to.path().join("new")).unwrap();
    assert!(contents(sample.path()) == before);
    assert_eq!(fs::read(sample.path().join("LOCK")).unwrap(), lock);
}

#[test]
fn what_cannot_be_repaired_is_refused() {
    let sample = Sample::new(Left::Fresh);
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("notes.txt"), b"notes").unwrap();
    let to = tempfile::tempdir().unwrap();
    let (taken, new) = (other.path(), to.path().join("new"));
    assert_eq!(code_of(repair(sample.path(), taken)), Some(ErrorCode::Exists));
    assert_eq!(code_of(repair(sample.path(), &sample.path().join("inside"))), Some(ErrorCode::InvalidArgument));
    for nothing in [taken.to_path_buf(), taken.join("notes.txt"), taken.join("missing")] {
        assert_eq!(code_of(repair(&nothing, &new)), Some(ErrorCode::NotAStore), "{}", nothing.display());
    }
    let copy = sample.copy();
    let store = Store::open(copy.path(), &options()).unwrap();
    assert_eq!(code_of(repair(copy.path(), &new)), Some(ErrorCode::Locked));
    store.close().unwrap();
    assert_eq!((fs::read_dir(taken).unwrap().count(), fs::read_dir(to.path()).unwrap().count()), (1, 0));
}

#[test]
fn an_early_end_leaves_nothing() {
    let sample = Sample::new(Left::Closed);
    let folder = tempfile::tempdir().unwrap();
    let mut calls = 0;
    let ended = Store::repair(sample.path(), &folder.path().join("new"), &options(), &mut |progress| {
        calls += 1;
        progress.done < 5
    });
    assert_eq!(code_of(ended), Some(ErrorCode::Aborted));
    assert!(calls > 5);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
