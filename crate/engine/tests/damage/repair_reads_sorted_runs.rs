//! What runs hold is repaired as what blocks hold: their journal is gone.

use std::fs;
use std::path::Path;

use sledstore_engine::{Effect, Lost, RepairReport};

use crate::store::{Rows, repair, rows_of_repaired, runs, spilled};

fn repaired(store: &Path) -> (RepairReport, Rows) {
    let to = tempfile::tempdir().unwrap();
    let report = repair(store, to.path()).unwrap();
    (report, rows_of_repaired(to.path()))
}

/// Keys whose rows differ; each must be named.
#[track_caller]
fn assert_named(right: &Rows, there: &Rows, report: &RepairReport) -> usize {
    let mut count = 0;
    for (name, rows) in right {
        let found = there.iter().find(|(other, _)| other == name).map(|(_, rows)| &rows[..]).unwrap_or_default();
        let differing =
            rows.iter().filter(|row| !found.contains(row)).chain(found.iter().filter(|row| !rows.contains(row)));
        for (key, _) in differing {
            count += 1;
            let names_it = |lost: &Lost| {
                lost.effect == Effect::Older
                    && lost.namespace.as_ref().is_none_or(|of| of == name)
                    && *key >= lost.keys.0
                    && lost.keys.1.as_ref().is_none_or(|to| key < to)
            };
            assert!(report.lost.iter().any(names_it), "{name} {}: {:?}", key.escape_ascii(), report.lost);
        }
    }
    count
}

#[test]
fn whole_and_damaged() {
    let (store, right) = spilled();
    let (report, rows) = repaired(store.path());
    assert!(report.is_whole(), "{:?}", report.lost);
    assert!(rows == right);
    let oldest = &runs(store.path())[0];
    let path = store.path().join(oldest);
    let whole = fs::read(&path).unwrap();

    // One wrong bit: in the header, a block, the index, the footer.
    for at in [30, 200, whole.len() / 2, whole.len() - 60, whole.len() - 40, whole.len() - 2] {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        fs::write(&path, bytes).unwrap();
        let (report, rows) = repaired(store.path());
        assert!(report.is_whole(), "at {at}: {:?}", report.lost);
        assert!(rows == right, "at {at}");
    }
    // Without the index each block tells where the one before it ends.
    let mut bytes = whole.clone();
    let end = bytes.len();
    bytes[end - 1_000..].fill(0);
    fs::write(&path, bytes).unwrap();
    let (report, rows) = repaired(store.path());
    assert!(report.is_whole(), "{:?}", report.lost);
    assert!(rows == right);
    // A sector of blocks: their rows are named.
    let mut bytes = whole.clone();
    bytes[8_192..12_288].fill(0);
    fs::write(&path, bytes).unwrap();
    let (report, rows) = repaired(store.path());
    let count = assert_named(&right, &rows, &report);
    let named = report.lost.iter().find(|lost| lost.effect == Effect::Older).unwrap();
    assert_eq!(&named.file, oldest);
    let (from, length) = named.bytes.unwrap();
    assert!(from <= 8_192 && from + length >= 12_288 && length < 12_000, "{named:?}");
    assert!(count > 0 && named.namespace.is_some() && named.keys != (Vec::new(), None), "{count}: {named:?}");
    // The whole file.
    fs::remove_file(&path).unwrap();
    let (report, rows) = repaired(store.path());
    assert!(assert_named(&right, &rows, &report) > 0);
    assert!(report.lost.iter().any(|lost| lost.file == "runs"), "{:?}", report.lost);
}
