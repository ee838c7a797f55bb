use sledstore_engine::{ErrorCode, Store};
use tempfile::TempDir;

use crate::sample::{change, go_on, names, options, random};

#[test]
fn work_that_is_ended_leaves_nothing() {
    let work = TempDir::new().unwrap();
    let folder = work.path().join("files");
    std::fs::create_dir(&folder).unwrap();
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random(), 300);
    let (file, restored) = (folder.join("published"), folder.join("restored"));
    for calls in [0, 1, 3] {
        let mut left = calls;
        let mut end_soon = |_| {
            left -= 1;
            left >= 0
        };
        let ended = store.publish(&file, &mut end_soon);
        assert_eq!(ended.map_err(|error| error.code()), Err(ErrorCode::Aborted));
        assert!(names(&folder).is_empty());
    }
    store.publish(&file, &mut go_on).unwrap();
    let mut calls = 0;
    Store::restore(&file, &restored, &options(), &mut |_| {
        calls += 1;
        true
    })
    .unwrap();
    std::fs::remove_dir_all(&restored).unwrap();
    for last in [1, calls / 2 + 1, calls - 1] {
        let mut left = last;
        let ended = Store::restore(&file, &restored, &options(), &mut |_| {
            left -= 1;
            left > 0
        });
        assert_eq!(ended.map_err(|error| error.code()), Err(ErrorCode::Aborted));
        assert_eq!(names(&folder), ["published"]);
    }
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing() {
    let work = TempDir::new().unwrap();
    let store = Store::memory(&options()).unwrap();
    let missing = store.publish(&work.path().join("no/such/folder"), &mut go_on);
    assert_eq!(missing.map_err(|error| error.code()), Err(ErrorCode::IoFailed));
    let folder = work.path().join("taken");
    std::fs::create_dir(&folder).unwrap();
    assert!(store.publish(&folder, &mut go_on).is_err());
    assert_eq!(names(work.path()), ["taken"]);
}
