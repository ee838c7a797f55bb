//! One wrong bit, in whichever file of a store, takes nothing with it: checksums tell which one it is.

use std::fs;
use std::path::Path;

use crate::store::{Left, Sample, contents, repair, rows_of_repaired};

#[track_caller]
fn assert_whole(sample: &Sample, file: &Path, at: usize) {
    let copy = sample.copy();
    let mut bytes = fs::read(copy.path().join(file)).unwrap();
    bytes[at] ^= 1 << (at % 8);
    fs::write(copy.path().join(file), bytes).unwrap();
    let to = tempfile::tempdir().unwrap();
    let report = repair(copy.path(), to.path()).unwrap();
    assert!(report.is_whole(), "{} at {at}: {:?}", file.display(), report.lost);
    assert!(rows_of_repaired(to.path()) == sample.rows, "{} at {at}", file.display());
}

#[test]
fn in_every_file_of_a_killed_store() {
    let sample = Sample::new(Left::Killed);
    for (file, bytes) in contents(sample.path()) {
        let Some(used) = bytes.iter().rposition(|&byte| byte != 0) else { continue };
        // Heads of files, of messages and of records, and what they hold.
        for at in [4, 21, 60, 80, used / 2, used].into_iter().filter(|&at| at <= used) {
            assert_whole(&sample, &file, at);
        }
    }
}
