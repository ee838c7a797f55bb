//! What a process that was ended has left beside a file or a store to come goes when the next one is made there.

use std::fs::{self, File};

use sledstore_engine::Store;
use tempfile::TempDir;

use crate::sample::{change, go_on, names, options, random};

#[test]
fn of_published_files_unless_somebody_writes_them() {
    let work = TempDir::new().unwrap();
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random(), 20);
    let others = ["file", "file.blocks.tmp", "file.1-x.keys.tmp", "file.1-2.tmp", "other.1-2.blocks.tmp"];
    let left = ["file.1-2.blocks.tmp", "file.1-2.index.tmp", "file.34-0.keys.tmp", "file.34-0.filters.tmp"];
    for name in others.iter().chain(&left) {
        fs::write(work.path().join(name), b"left").unwrap();
    }
    let written = File::create(work.path().join("file.5-6.blocks.tmp")).unwrap();
    written.try_lock().unwrap();
    store.publish(&work.path().join("file"), &mut go_on).unwrap();
    let mut expected = others.to_vec();
    expected.push("file.5-6.blocks.tmp");
    expected.sort_unstable();
    assert_eq!(names(work.path()), expected);
}

#[test]
fn of_restored_stores() {
    let work = TempDir::new().unwrap();
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random(), 20);
    let (file, folder) = (work.path().join("file"), work.path().join("restored"));
    store.backup(&file, &mut go_on).unwrap();
    fs::create_dir_all(work.path().join("restored.1-2.restoring/sled")).unwrap();
    fs::create_dir_all(work.path().join("restored.mine.restoring")).unwrap();
    Store::restore(&file, &folder, &options(), &mut go_on).unwrap();
    assert_eq!(names(work.path()), ["file", "restored", "restored.mine.restoring"]);
}
