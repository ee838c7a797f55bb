//! What is acknowledged in a new store is not lost with the store's folder: the names of the folders that `open` and
//! `restore` create are on disk before either answers (E4).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use sledstore_engine::{Options, Store};

const CHILD_FOLDER: &str = "SLEDSTORE_TEST_CHILD_FOLDER";

/// Runs a test of this file again under strace; gives the folders that were synced.
fn synced(test: &str, folder: &Path) -> Option<String> {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed");
        return None;
    }
    let log = folder.join("strace.log");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-e", "trace=fsync", "-o"]).arg(&log);
    strace.arg(std::env::current_exe().unwrap()).args([test, "--exact"]).env(CHILD_FOLDER, folder);
    let output = strace.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(std::fs::read_to_string(log).unwrap())
}

#[test]
fn when_open_creates_its_folder() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        // It is not closed: what `open` answers for must be durable by then.
        std::mem::forget(Store::open(&Path::new(&folder).join("new/newer/store"), &Options::default()).unwrap());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(log) = synced("when_open_creates_its_folder", folder.path()) else { return };
    for name in ["", "/new", "/new/newer"] {
        assert!(log.contains(&format!("{}{name}>", folder.path().display())), "{name} was not synced");
    }
}

#[test]
fn when_the_folder_is_there_already() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        std::mem::forget(Store::open(&Path::new(&folder).join("store"), &Options::default()).unwrap());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("store")).unwrap();
    let Some(log) = synced("when_the_folder_is_there_already", folder.path()) else { return };
    assert!(log.contains(&format!("{}>", folder.path().display())));
}

#[test]
fn when_restore_creates_the_folders_above() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        let folder = Path::new(&folder);
        let backup = folder.join("backup");
        Store::restore(&backup, &folder.join("new/store"), &Options::default(), &mut |_| true).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = Store::memory(&Options::default()).unwrap();
    store.publish(&folder.path().join("backup"), &mut |_| true).unwrap();
    let Some(log) = synced("when_restore_creates_the_folders_above", folder.path()) else { return };
    for name in ["", "/new"] {
        assert!(log.contains(&format!("{}{name}>", folder.path().display())), "{name} was not synced");
    }
}
