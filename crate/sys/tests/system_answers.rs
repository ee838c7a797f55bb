//! What the operating system is asked about disks and processes.
#![allow(clippy::unwrap_used)] // a test fails by panicking

use sledstore_sys::{free_disk_bytes, full_sync, process_exists, sync_folder};

#[test]
fn free_space_of_a_folder_is_known() {
    let folder = tempfile::tempdir().unwrap();
    assert!(free_disk_bytes(folder.path()).unwrap() > 0);
    assert!(free_disk_bytes(&folder.path().join("missing")).is_err());
}

#[test]
fn files_and_folders_are_synced() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("file")).unwrap();
    full_sync(&file).unwrap();
    sync_folder(folder.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn own_process_exists_and_an_impossible_one_does_not() {
    assert!(process_exists(std::process::id()));
    assert!(process_exists(1)); // not ours, but there
    assert!(!process_exists(u32::MAX));
    assert!(!process_exists(0));
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    assert!(!process_exists(child.id()));
}
