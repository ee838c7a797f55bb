//! Files of sled's that are cut off are a coded error, and nothing is written to stderr. Whether sled panics over one
//! depends on where its log ended; `backend_tests.rs` plants a panic.

use std::fs;
use std::path::Path;
use std::process::Command;

use sledstore_engine::{ErrorCode, Store};

use crate::store::{Left, Sample, copy_of, options};

const FOLDER: &str = "SLEDSTORE_TEST_CHILD_FOLDER";

/// Lengths at which a file of sled may end, each with another kind of loss.
fn lengths(whole: usize) -> impl Iterator<Item = usize> {
    [0, 1, 100, 4_096].into_iter().chain((1..16).map(move |part| whole / 16 * part)).chain([whole - 1])
}

#[test]
fn child_opens_cut_files() {
    let Some(sample) = std::env::var_os(FOLDER) else { return };
    let sample = Path::new(&sample);
    let db = fs::read(sample.join("sled/db")).unwrap();
    for length in lengths(db.len()) {
        let copy = copy_of(sample);
        fs::write(copy.path().join("sled/db"), &db[..length]).unwrap();
        if let Err(error) = Store::open(copy.path(), &options()) {
            assert_eq!(error.code(), ErrorCode::Corruption, "{length}: {error}");
        }
    }
}

#[test]
fn while_cut_files_are_opened() {
    let sample = Sample::new(Left::Large);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["sleds_panics_are_not_printed::child_opens_cut_files", "--exact", "--nocapture"])
        .env(FOLDER, sample.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert!(printed.is_empty(), "{} bytes, {:?} …", printed.len(), printed.lines().nth(1));
}
