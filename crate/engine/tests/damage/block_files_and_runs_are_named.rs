//! A missing, cut or damaged file of blocks or runs is an error that names it, and `verify` names each block that it took.

use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use sledstore_engine::{
    Batch, Durability, Error, ErrorCode, KeyRange, NamespaceOptions, Options, Read, ScanOptions, Severity, Store,
};

use crate::store::{Rows, copy_of, open_and_read, options, resting, resting_files, rows_of, runs};

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// The oldest block file.
fn block_file(store: &Path) -> PathBuf {
    let names = fs::read_dir(store.join("blocks")).unwrap().map(|entry| entry.unwrap().file_name());
    Path::new("blocks").join(names.min().unwrap())
}

#[track_caller]
fn assert_names(error: &Error, file: &Path) {
    assert_eq!(error.code(), ErrorCode::Corruption, "{error}");
    assert!(error.message().contains(file.file_name().unwrap().to_str().unwrap()), "{error}");
}

/// A store that is damaged before it is opened says so when it is opened, or when it is read.
#[track_caller]
fn assert_refused(store: &Path, file: &Path) {
    let error = open_and_read(store).unwrap_err();
    assert_names(&error, file);
}

/// Damages a file of a store that is open, and gives how many blocks `verify` names by it.
#[track_caller]
fn named(sample: &Path, name: &Path, right: &Rows, damage: impl Fn(&mut Vec<u8>)) -> usize {
    let copy = copy_of(sample);
    let file = copy.path().join(name);
    let before = resting_files(copy.path());
    let store = Store::open(copy.path(), &Options { create_if_missing: false, ..options() }).unwrap();
    change(&file, damage);
    match rows_of(&store) {
        Ok(rows) => assert!(rows == *right, "{}", file.display()),
        Err(error) => assert_names(&error, &file),
    }
    let report = store.verify(&mut |_| true).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let is_block =
        |place: &str, what: &str| place.contains("block of space") && (place.contains(name) || what.contains(name));
    let damage = report.findings.iter().filter(|finding| finding.severity == Severity::Damage);
    let count = damage.filter(|finding| is_block(&finding.place, &finding.what)).count();
    assert!(resting_files(copy.path()) == before, "nothing has moved what was damaged");
    drop(store.close());
    count
}

#[test]
fn before_and_after_the_store_is_opened() {
    let (sample, right) = resting();
    let sample = sample.path();
    let in_blocks = block_file(sample);
    let length = fs::read(sample.join(&in_blocks)).unwrap().len();
    assert_eq!(named(sample, &in_blocks, &right, |_| {}), 0);
    let all = named(sample, &in_blocks, &right, |bytes| bytes.truncate(16));
    let half = named(sample, &in_blocks, &right, |bytes| bytes.truncate(length / 2));
    assert!(all > 100 && half > 0 && half < all, "{half} of {all}");
    // Much of the file may be blocks that were replaced.
    let flipped = |at: usize| named(sample, &in_blocks, &right, |bytes| bytes[at] ^= 8);
    let counts: Vec<_> = (0..12).map(|part| flipped(length / 12 * part + 300)).collect();
    assert!(counts.iter().all(|&count| count <= 1), "{counts:?}");
    // Where the last one ends that was not.
    let (mut some, mut none) = (length / 2, length);
    while none - some > 1 {
        let middle = some.midpoint(none);
        let is_some = named(sample, &in_blocks, &right, |bytes| bytes.truncate(middle)) > 0;
        *(if is_some { &mut some } else { &mut none }) = middle;
    }
    assert_eq!(flipped(none - 1), 1, "byte {none} of {length}");

    let in_runs = PathBuf::from(&runs(sample)[0]);
    let length = fs::read(sample.join(&in_runs)).unwrap().len();
    let three = |bytes: &mut Vec<u8>| [300, 8_000, 16_000].into_iter().for_each(|at| bytes[at] ^= 8);
    assert_eq!(named(sample, &in_runs, &right, three), 3);
    for file in [&in_blocks, &in_runs] {
        let cut = copy_of(sample);
        change(&cut.path().join(file), |bytes| bytes.truncate(40));
        assert_refused(cut.path(), file);
    }
    let missing = copy_of(sample);
    fs::remove_file(missing.path().join(&in_blocks)).unwrap();
    assert_refused(missing.path(), &in_blocks);
    let flipped = copy_of(sample);
    change(&flipped.path().join(&in_runs), |bytes| bytes[length - 10] ^= 1);
    assert_refused(flipped.path(), &in_runs);
    // Nothing says what a run was called that is gone.
    let missing = copy_of(sample);
    fs::remove_file(missing.path().join(&in_runs)).unwrap();
    assert_eq!(open_and_read(missing.path()).err().map(|error| error.code()), Some(ErrorCode::Corruption));
}

/// A scan reads blocks ahead: those behind its range, and those before the damage, are as good as they were.
#[test]
fn a_range_before_the_damage_is_scanned() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::open(folder.path(), &options()).unwrap();
    let id = store.namespace("one", &NamespaceOptions::default()).unwrap().id;
    let keys: Vec<_> = (0..2_000).map(|row| format!("key-{row:05}")).collect();
    let mut batch = Batch::new();
    keys.iter().for_each(|key| batch.put(id, key.as_bytes(), key.repeat(8).as_bytes()).unwrap());
    store.commit(&batch, Durability::Full).unwrap();
    store.checkpoint().unwrap();
    store.close().unwrap();
    let file = folder.path().join(block_file(folder.path()));
    let length = fs::read(&file).unwrap().len();
    change(&file, |bytes| bytes[length / 2] ^= 8);

    let store = Store::open(folder.path(), &Options { create_if_missing: false, ..options() }).unwrap();
    let damaged = keys.iter().position(|key| store.get(id, key.as_bytes()).is_err()).unwrap();
    assert!(damaged > 500, "the damage is far from the beginning: {damaged}");
    for end in [&keys[damaged - 100], &keys[damaged]] {
        let range = KeyRange { end: Bound::Excluded(end.as_bytes().to_vec()), ..KeyRange::all() };
        let mut scan = store.scan(id, &range, ScanOptions::default()).unwrap();
        let mut count = 0;
        while scan.next_page(1_000, usize::MAX, &mut |_, _| count += 1).unwrap() {}
        assert_eq!(keys[count], *end);
    }
    drop(store.close());
}
