use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use sledstore_engine::{ErrorCode, Options, Store};

use crate::store::{options, refusal, row, sample, tree};

/// What the folder would lead to, to be left as it is.
const OTHER: &[u8] = b"somebody else's";

#[test]
fn of_each_file_and_folder_of_a_store() {
    let (_above, folder) = sample();
    for path in tree(&folder).iter().filter(|path| **path != folder) {
        let (_copy_above, copy) = sample_like(&folder);
        let path = copy.join(path.strip_prefix(&folder).unwrap());
        let elsewhere = copy.with_file_name("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert_eq!(refusal(&copy, &options()), Some(ErrorCode::InsecureFolder), "{}", path.display());
        let allowing = Options { allow_insecure_folder: true, ..options() };
        assert_eq!(refusal(&copy, &allowing), Some(ErrorCode::InsecureFolder), "{}", path.display());
        fs::remove_file(&path).unwrap();
        fs::rename(&elsewhere, &path).unwrap();
        let store = Store::open(&copy, &options()).unwrap();
        assert_eq!(row(&store, 7), Some(vec![1; 100]));
        store.close().unwrap();
    }
}

#[test]
fn where_a_file_would_be_made() {
    for name in ["LOCK", "STORE", "STORE.tmp", "CHECKPOINT.tmp", "journal", "sled"] {
        let above = tempfile::tempdir().unwrap();
        let (folder, other) = (above.path().join("store"), above.path().join("other"));
        fs::create_dir(&folder).unwrap();
        fs::write(&other, OTHER).unwrap();
        symlink(&other, folder.join(name)).unwrap();
        assert_eq!(refusal(&folder, &options()), Some(ErrorCode::InsecureFolder), "{name}");
        // One that leads nowhere would make the file there.
        fs::remove_file(&other).unwrap();
        assert_eq!(refusal(&folder, &options()), Some(ErrorCode::InsecureFolder), "{name}");
        assert!(!other.exists());
    }
}

/// A link that somebody puts there between the check and the open.
#[test]
fn that_come_after_the_check() {
    let above = tempfile::tempdir().unwrap();
    let (link, other) = (above.path().join("link"), above.path().join("other"));
    fs::write(&other, OTHER).unwrap();
    symlink(&other, &link).unwrap();
    assert!(sledstore_sys::private_file().read(true).open(&link).is_err());
    assert!(sledstore_sys::private_file().write(true).create(true).truncate(true).open(&link).is_err());
    assert_eq!(fs::read(&other).unwrap(), OTHER);
}

/// A file that is published replaces a link by itself, and the name it is written under is not taken over.
#[test]
fn of_a_published_file_is_replaced() {
    let (above, folder) = sample();
    let (link, other) = (above.path().join("published"), above.path().join("other"));
    fs::write(&other, OTHER).unwrap();
    symlink(&other, &link).unwrap();
    let store = Store::open(&folder, &options()).unwrap();
    store.publish(&link, &mut |_| true).unwrap();
    store.close().unwrap();
    assert_eq!(fs::read(&other).unwrap(), OTHER);
    assert!(fs::symlink_metadata(&link).unwrap().is_file());
}

/// The path itself may lead to the folder by a link: it is the caller's.
#[test]
fn but_not_on_the_way_to_the_folder() {
    let (above, folder) = sample();
    let link = above.path().join("link");
    symlink(&folder, &link).unwrap();
    let store = Store::open(&link, &options()).unwrap();
    assert_eq!(row(&store, 7), Some(vec![1; 100]));
    store.close().unwrap();
}

fn sample_like(folder: &Path) -> (tempfile::TempDir, std::path::PathBuf) {
    let above = tempfile::tempdir().unwrap();
    let copy = above.path().join("store");
    for path in tree(folder) {
        let to = copy.join(path.strip_prefix(folder).unwrap());
        if path.is_dir() {
            fs::create_dir(to).unwrap();
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
    (above, copy)
}
