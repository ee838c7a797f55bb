//! A missing, cut or damaged file of blocks or runs is an error that names it, and `verify` names each block that it took.

use std::fs;
use std::path::{Path, PathBuf};

use sledstore_engine::{Error, ErrorCode, Options, Severity, Store};

use crate::store::{Rows, copy_of, options, rows_of, runs, spilled};

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn block_files(store: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(store.join("blocks")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[track_caller]
fn assert_names(error: &Error, file: &Path) {
    assert_eq!(error.code(), ErrorCode::Corruption, "{error}");
    assert!(error.message().contains(file.file_name().unwrap().to_str().unwrap()), "{error}");
}

/// Opens and reads everything; gives how many findings of `verify` say which block cannot be read.
#[track_caller]
fn found(store: &Path, file: &Path, right: &Rows) -> usize {
    let store = match Store::open(store, &Options { create_if_missing: false, ..options() }) {
        Ok(store) => store,
        Err(error) => {
            assert_names(&error, file);
            return usize::MAX;
        }
    };
    match rows_of(&store) {
        Ok(rows) => assert!(rows == *right, "{}", file.display()),
        Err(error) => assert_names(&error, file),
    }
    let report = store.verify(&mut |_| true).unwrap();
    let is_block = |place: &str, what: &str| {
        place.contains("block of space")
            && [place, what].iter().any(|text| text.contains(&*file.file_name().unwrap().to_string_lossy()))
    };
    let damage = report.findings.iter().filter(|finding| finding.severity == Severity::Damage);
    let count = damage.filter(|finding| is_block(&finding.place, &finding.what)).count();
    drop(store.close());
    count
}

#[test]
fn whatever_happens_to_them() {
    let (sample, right) = spilled();
    let folder = |copy: &tempfile::TempDir| copy.path().to_owned();
    let copy = copy_of(sample.path());
    let file = block_files(&folder(&copy))[0].clone();
    let whole = found(&folder(&copy), &file, &right);
    assert_eq!(whole, 0);

    let length = fs::read(&block_files(sample.path())[0]).unwrap().len();
    // Of the file of most blocks: it is gone, it is cut, one block and two of them are damaged.
    let copy = copy_of(sample.path());
    let file = block_files(copy.path())[0].clone();
    fs::remove_file(&file).unwrap();
    let all = found(copy.path(), &file, &right);
    assert!(all > 100, "{all} blocks were in it");
    let copy = copy_of(sample.path());
    let file = block_files(copy.path())[0].clone();
    change(&file, |bytes| bytes.truncate(length / 2));
    let behind = found(copy.path(), &file, &right);
    assert!(behind > 0 && behind < all, "{behind} of {all}");
    let mut damaged = 0;
    for at in (0..40).map(|part| length / 40 * part + 300) {
        let copy = copy_of(sample.path());
        let file = block_files(copy.path())[0].clone();
        change(&file, |bytes| bytes[at] ^= 8);
        let count = found(copy.path(), &file, &right);
        assert!(count <= 1, "{count} at {at}");
        damaged += count;
    }
    assert!(damaged > 0, "nothing but garbage was hit");

    let name = runs(sample.path())[0].clone();
    let length = fs::read(sample.path().join(&name)).unwrap().len();
    let copy = copy_of(sample.path());
    let file = copy.path().join(&name);
    fs::remove_file(&file).unwrap();
    // The folder of what should be there: nothing says what the run was called.
    let opened = Store::open(copy.path(), &options());
    assert_eq!(opened.err().map(|error| error.code()), Some(ErrorCode::Corruption));
    let copy = copy_of(sample.path());
    let file = copy.path().join(&name);
    change(&file, |bytes| bytes.truncate(length / 2));
    assert_eq!(found(copy.path(), &file, &right), usize::MAX);
    let copy = copy_of(sample.path());
    let file = copy.path().join(&name);
    change(&file, |bytes| {
        for at in [300, 8_000, 16_000] {
            bytes[at] ^= 8;
        }
    });
    assert_eq!(found(copy.path(), &file, &right), 3);
}
