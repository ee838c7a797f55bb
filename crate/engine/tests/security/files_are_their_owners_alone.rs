use std::path::Path;

use sledstore_engine::Store;

use crate::store::{mode, options, sample, set_mode, tree};

#[track_caller]
fn assert_private(folder: &Path) {
    let all = tree(folder);
    assert!(all.len() > 7, "{all:?}");
    for path in all {
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
}

#[test]
fn of_a_store_that_is_open_or_closed() {
    let (_above, folder) = sample();
    let has_snapshot = tree(&folder).iter().any(|path| path.to_string_lossy().contains("snap."));
    assert!(has_snapshot, "sled has written no snapshot");
    assert_private(&folder);
    let store = Store::open(&folder, &options()).unwrap();
    assert_private(&folder);
    store.close().unwrap();
    assert_private(&folder);
}

#[test]
fn of_published_files_and_of_restored_stores() {
    let (above, folder) = sample();
    let (file, backup, restored) =
        (above.path().join("published"), above.path().join("backup"), above.path().join("new").join("restored"));
    let store = Store::open(&folder, &options()).unwrap();
    store.publish(&file, &mut |_| true).unwrap();
    store.backup(&backup, &mut |_| true).unwrap();
    assert_eq!((mode(&file), mode(&backup)), (0o600, 0o600));
    // What replaces a file that others may read is not theirs to read because of that.
    set_mode(&file, 0o666);
    store.publish(&file, &mut |_| true).unwrap();
    assert_eq!(mode(&file), 0o600);
    store.close().unwrap();
    Store::restore(&backup, &restored, &options(), &mut |_| true).unwrap();
    assert_private(&restored);
}

#[test]
fn also_what_an_older_version_left_readable() {
    let (_above, folder) = sample();
    for path in tree(&folder.join("sled")).iter().filter(|path| path.is_file()) {
        set_mode(path, 0o644);
    }
    Store::open(&folder, &options()).unwrap().close().unwrap();
    assert_private(&folder);
}
