//! A store on disk with a little of everything, and what is asked about it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sledstore_engine::{Batch, Durability, ErrorCode, NamespaceOptions, Options, Read, Store};
use tempfile::TempDir;

pub fn options() -> Options {
    Options {
        memory_budget: 24 << 20,
        memtable_bytes: Some(64 << 10),
        block_bytes: Some(512),
        durability: Durability::Os,
        ..Options::default()
    }
}

/// A closed store in a folder `store` below the one that is given, opened twice, with so much written that sled's log
/// has a snapshot.
pub fn sample() -> (TempDir, PathBuf) {
    let above = TempDir::new().unwrap();
    let folder = above.path().join("store");
    for round in 0..2_u32 {
        let store = Store::open(&folder, &options()).unwrap();
        let rows = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        for from in (0..4_000_u32).step_by(500) {
            let mut batch = Batch::new();
            for number in from..from + 500 {
                batch.put(rows, &number.to_be_bytes(), &[round as u8; 100]).unwrap();
            }
            store.commit(&batch, Durability::Os).unwrap();
        }
        store.checkpoint().unwrap();
        store.close().unwrap();
    }
    (above, folder)
}

/// The code with which a store does not open.
pub fn refusal(folder: &Path, options: &Options) -> Option<ErrorCode> {
    Store::open(folder, options).err().map(|error| error.code())
}

/// A row of [`sample`].
pub fn row(store: &Store, number: u32) -> Option<Vec<u8>> {
    let rows = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    store.get(rows, &number.to_be_bytes()).unwrap()
}

/// Everything in a folder, itself first.
pub fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_path_buf()];
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() { all.extend(tree(&entry.path())) } else { all.push(entry.path()) }
    }
    all
}

pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

pub fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
