//! Before the first journal segment goes, the files of blocks and of sled, their names and `CHECKPOINT` are on disk (E15, E19).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use sledstore_engine::{Batch, Durability, NamespaceOptions, Options, Store};

const CHILD_FOLDER: &str = "SLEDSTORE_TEST_CHILD_FOLDER";

/// Opens a new store and writes until segments are trimmed.
fn write(folder: &Path) {
    let options = Options { durability: Durability::Os, memtable_bytes: Some(64 << 10), ..Options::default() };
    let store = Store::open(folder, &options).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    for round in 0..4_u32 {
        let mut batch = Batch::new();
        (0..200_u32).for_each(|row| batch.put(namespace, &row.to_be_bytes(), &round.to_be_bytes()).unwrap());
        store.commit(&batch, Durability::Os).unwrap();
        store.checkpoint().unwrap();
    }
    store.close().unwrap();
}

#[test]
fn in_a_new_store() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        write(Path::new(&folder));
        return;
    }
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (store, log) = (folder.path().join("store"), folder.path().join("strace.log"));
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-e", "trace=fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2", "-o"]).arg(&log);
    strace.arg(std::env::current_exe().unwrap()).args(["in_a_new_store", "--exact"]).env(CHILD_FOLDER, &store);
    let output = strace.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let log = std::fs::read_to_string(log).unwrap();
    let calls: Vec<&str> = log.lines().collect();
    let trim = calls.iter().position(|call| call.contains("unlink") && call.contains(".journal\"")).unwrap();
    let synced = |name: &str| {
        let ends = format!("{}>", store.join(name).display()).replace("/>", ">");
        calls[..trim].iter().position(|call| call.contains("sync(") && call.contains(&ends))
    };
    for name in ["sled/db", "sled/conf", "sled", "blocks/0000000000000001.blocks", "blocks", "journal", ""] {
        assert!(synced(name).is_some(), "\"{name}\" was not synced before the first trim");
    }
    let renamed = calls.iter().position(|call| call.contains("rename") && call.contains("/CHECKPOINT\"")).unwrap();
    assert!(synced("CHECKPOINT.tmp").unwrap() < renamed && renamed < trim);
    // The name is durable, too.
    let ends = format!("{}>", store.display());
    assert!(calls[renamed..trim].iter().any(|call| call.contains("fsync(") && call.contains(&ends)));
    // So is that of the folder of blocks: the thread that syncs it does that next, before it lets sled lead to one. Sled syncs
    // its own file now and then, from a thread of its own, also in between.
    let behind = &calls[synced("blocks").unwrap()..trim];
    let thread = behind[0].split_whitespace().next().unwrap();
    let is_begun = |call: &&&str| call.split_whitespace().next() == Some(thread) && call.contains("sync(");
    let next = behind[1..].iter().find(is_begun).unwrap();
    assert!(next.contains(&ends), "{next}");
}
