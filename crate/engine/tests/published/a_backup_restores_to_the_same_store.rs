use std::fs;

use sledstore_engine::{ErrorCode, Store};
use tempfile::TempDir;

use crate::sample::{change, everything, go_on, options, random};

#[test]
fn a_restored_store_answers_the_same_and_goes_on() {
    let mut random = random();
    let work = TempDir::new().unwrap();
    let (file, folder) = (work.path().join("backup"), work.path().join("deep/er/restored"));
    let store = Store::open(&work.path().join("store"), &options()).unwrap();
    change(&store, &mut random, 400);
    let expected = everything(&store);
    store.backup(&file, &mut go_on).unwrap();
    change(&store, &mut random, 20); // not in it
    store.close().unwrap();

    Store::restore(&file, &folder, &options(), &mut go_on).unwrap();
    let mut expected = expected;
    for _ in 0..3 {
        let restored = Store::open(&folder, &options()).unwrap();
        assert_eq!(everything(&restored), expected);
        assert_clean(&restored);
        // New large values get ids that none in the file has.
        change(&restored, &mut random, 200);
        expected = everything(&restored);
        assert_clean(&restored);
        restored.close().unwrap();
    }
}

fn assert_clean(store: &Store) {
    store.checkpoint().unwrap();
    let report = store.verify(&mut go_on).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}

#[test]
fn an_empty_folder_is_taken_and_no_other() {
    let work = TempDir::new().unwrap();
    let file = work.path().join("backup");
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random(), 20);
    store.backup(&file, &mut go_on).unwrap();
    assert_eq!(store.backup(&file, &mut go_on).map_err(|error| error.code()), Err(ErrorCode::Exists));

    let empty = work.path().join("empty");
    fs::create_dir(&empty).unwrap();
    Store::restore(&file, &empty, &options(), &mut go_on).unwrap();
    let restored = Store::open(&empty, &options()).unwrap();
    assert_eq!(everything(&restored), everything(&store));
    restored.close().unwrap();

    for taken in [&empty, &file] {
        let refused = Store::restore(&file, taken, &options(), &mut go_on);
        assert_eq!(refused.map_err(|error| error.code()), Err(ErrorCode::Exists));
    }
}
