//! Blocks tell what they are: without what sled says of them, those that the last checkpoint left are found all the same.

use std::fs;

use crate::store::{ALL, Left, Sample, repair, rows_of_repaired};

#[test]
fn with_sleds_file_gone() {
    for left in ALL {
        let sample = Sample::new(left);
        let copy = sample.copy();
        fs::remove_dir_all(copy.path().join("sled")).unwrap();
        let to = tempfile::tempdir().unwrap();
        let report = repair(copy.path(), to.path()).unwrap();
        assert!(report.is_whole(), "{left:?}: {:?}", report.lost);
        assert!(rows_of_repaired(to.path()) == sample.rows, "{left:?}");
    }
}

#[test]
fn with_sectors_of_it_zeroed() {
    let sample = Sample::new(Left::Closed);
    let whole = fs::read(sample.path().join("sled/db")).unwrap();
    let used = whole.iter().rposition(|&byte| byte != 0).unwrap();
    for at in (0..used).step_by(4_096 * 4) {
        let copy = sample.copy();
        let mut bytes = whole.clone();
        let end = bytes.len().min(at + 4_096);
        bytes[at..end].fill(0);
        fs::write(copy.path().join("sled/db"), bytes).unwrap();
        let to = tempfile::tempdir().unwrap();
        let report = repair(copy.path(), to.path()).unwrap();
        assert!(report.is_whole(), "at {at}: {:?}", report.lost);
        assert!(rows_of_repaired(to.path()) == sample.rows, "at {at}");
    }
}

#[test]
fn an_older_block_in_place_of_a_lost_one_is_named() {
    let sample = Sample::new(Left::Closed);
    let copy = sample.copy();
    fs::remove_dir_all(copy.path().join("sled")).unwrap();
    fs::remove_file(copy.path().join("CHECKPOINT")).unwrap();
    let to = tempfile::tempdir().unwrap();
    let report = repair(copy.path(), to.path()).unwrap();
    // Nothing says any more whether the blocks are the newest there were.
    assert!(!report.is_whole());
    drop(rows_of_repaired(to.path()));
}
