//! What cannot be read is named by file and by rows: every row that is not there as it was lies in what was named.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sledstore_engine::{Effect, Lost, RepairReport, Store};

use crate::store::{Left, Rows, Sample, newest_segment, options, repair, rows_of_repaired};

type ByKey = BTreeMap<(String, Vec<u8>), Vec<u8>>;

fn by_key(rows: Rows) -> ByKey {
    rows.into_iter()
        .flat_map(|(name, rows)| rows.into_iter().map(move |(key, value)| ((name.clone(), key), value)))
        .collect()
}

/// Rows that are missing, or not as they were; each must be named.
#[track_caller]
fn lost_rows(right: &Rows, there: Rows, report: &RepairReport) -> usize {
    let (right, there) = (by_key(right.clone()), by_key(there));
    let keys = right.keys().chain(there.keys()).filter(|key| right.get(*key) != there.get(*key));
    let mut count = 0;
    for (namespace, key) in keys {
        let is_missing = !there.contains_key(&(namespace.clone(), key.clone()));
        let is_named = report.lost.iter().any(|lost| {
            lost.namespace.as_ref().is_none_or(|name| name == namespace)
                && *key >= lost.keys.0
                && lost.keys.1.as_ref().is_none_or(|to| key < to)
                && (lost.effect == Effect::Older || lost.effect == Effect::Missing && is_missing)
        });
        assert!(is_named, "{namespace} {}: {:?}", key.escape_ascii(), report.lost);
        count += 1;
    }
    count
}

fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn sectors_of_a_block_file() {
    let sample = Sample::new(Left::Closed);
    let names: Vec<_> = sample.files_of("blocks");
    let used = fs::read(sample.path().join(&names[0])).unwrap().len();
    let mut lost = 0;
    for at in (0..used).step_by(4_096 * 24) {
        let copy = sample.copy();
        damage(&copy.path().join(&names[0]), |bytes| {
            let end = bytes.len().min(at + 4_096);
            bytes[at..end].fill(0);
        });
        let to = tempfile::tempdir().unwrap();
        let report = repair(copy.path(), to.path()).unwrap();
        let count = lost_rows(&sample.rows, rows_of_repaired(to.path()), &report);
        let name = names[0].to_str().unwrap();
        let is_named = |lost: &Lost| lost.file == name && lost.bytes.is_some() && lost.namespace.is_some();
        assert!(count == 0 || report.lost.iter().any(is_named), "{:?}", report.lost);
        lost += count;
    }
    assert!(lost > 0, "no sector held a row");
}

#[test]
fn a_block_file_is_gone() {
    let sample = Sample::new(Left::Closed);
    let copy = sample.copy();
    for name in sample.files_of("blocks") {
        fs::remove_file(copy.path().join(name)).unwrap();
    }
    let to = tempfile::tempdir().unwrap();
    let report = repair(copy.path(), to.path()).unwrap();
    assert!(lost_rows(&sample.rows, rows_of_repaired(to.path()), &report) > 0);
}

#[test]
fn a_record_of_the_journal() {
    let sample = Sample::new(Left::Fresh);
    let copy = sample.copy();
    damage(&copy.path().join(sample.newest_segment()), |bytes| bytes[2_048..2_560].fill(0));
    let to = tempfile::tempdir().unwrap();
    let report = repair(copy.path(), to.path()).unwrap();
    let lost = lost_rows(&sample.rows, rows_of_repaired(to.path()), &report);
    assert!(lost > 0 && lost < 30, "{lost}");
    let named = report.lost.iter().find(|lost| lost.bytes.is_some()).unwrap();
    assert!(named.file.starts_with("journal/") && named.effect == Effect::Older, "{named:?}");
    let (offset, length) = named.bytes.unwrap();
    assert!(offset <= 2_048 && offset + length >= 2_560, "{named:?}");
}

#[test]
fn a_segment_before_one_without_commits() {
    let sample = Sample::new(Left::Killed);
    // Each open begins a segment; of this one a killed process left a header.
    let opened = sample.copy();
    Store::open(opened.path(), &options()).unwrap().close().unwrap();
    let next = newest_segment(opened.path());
    let killed = sample.copy();
    let header = fs::read(&next).unwrap()[..64].to_vec();
    fs::write(killed.path().join("journal").join(next.file_name().unwrap()), header).unwrap();
    fs::remove_file(killed.path().join(sample.newest_segment())).unwrap();
    let to = tempfile::tempdir().unwrap();
    let report = repair(killed.path(), to.path()).unwrap();
    assert!(lost_rows(&sample.rows, rows_of_repaired(to.path()), &report) > 0);
}

#[test]
fn a_newest_segment_that_is_cut_into_its_header() {
    for length in [0, 12, 36, 63] {
        let sample = Sample::new(Left::Killed);
        let copy = sample.copy();
        damage(&copy.path().join(sample.newest_segment()), |bytes| bytes.truncate(length));
        let to = tempfile::tempdir().unwrap();
        let report = repair(copy.path(), to.path()).unwrap();
        assert!(lost_rows(&sample.rows, rows_of_repaired(to.path()), &report) > 0);
    }
}

#[test]
fn files_without_rows() {
    let sample = Sample::new(Left::Large);
    let snapshots: Vec<_> =
        fs::read_dir(sample.path().join("sled")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let names = ["STORE", "CHECKPOINT", "LOCK", "sled/conf"].map(|name| sample.path().join(name));
    for path in snapshots.into_iter().filter(|path| path.to_string_lossy().contains("snap.")).chain(names) {
        let copy = sample.copy();
        fs::remove_file(copy.path().join(path.strip_prefix(sample.path()).unwrap())).unwrap();
        let to = tempfile::tempdir().unwrap();
        let report = repair(copy.path(), to.path()).unwrap();
        assert!(report.is_whole(), "{}: {:?}", path.display(), report.lost);
        assert!(rows_of_repaired(to.path()) == sample.rows, "{}", path.display());
    }
}
