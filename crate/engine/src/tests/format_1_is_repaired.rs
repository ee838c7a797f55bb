//! Stores of older formats are repaired as those of today: of format 1, whose blocks are sled's entries, and of format 2.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::format_1_opens::{FORMATS, unpacked};
use super::small_options;
use crate::range::KeyRange;
use crate::repair::{Effect, RepairReport};
use crate::scan::ScanOptions;
use crate::store::{Read, Store};

type Rows = BTreeMap<(String, Vec<u8>), Vec<u8>>;

fn rows_of(path: &Path) -> Rows {
    let store = Store::open(path, &small_options()).unwrap();
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    let mut rows = Rows::new();
    for namespace in store.namespaces() {
        for row in store.scan(namespace.id, &KeyRange::all(), ScanOptions::default()).unwrap() {
            let (key, value) = row.unwrap();
            rows.insert((namespace.name.clone(), key), value);
        }
    }
    store.close().unwrap();
    rows
}

fn repaired(from: &Path) -> (RepairReport, Rows) {
    let to = tempfile::tempdir().unwrap();
    let report = Store::repair(from, to.path(), &small_options(), &mut |_| true).unwrap();
    (report, rows_of(to.path()))
}

#[test]
fn a_sound_one() {
    for format in FORMATS {
        let (report, rows) = repaired(unpacked(format).path());
        assert!(report.is_whole(), "{format}: {:?}", report.lost);
        assert!(rows == rows_of(unpacked(format).path()));
    }
}

#[test]
fn what_a_damaged_one_lacks_is_named() {
    let right = rows_of(unpacked(1).path());
    let mut lacking = 0;
    let used = fs::read(unpacked(1).path().join("sled/db")).unwrap().iter().rposition(|&byte| byte != 0).unwrap();
    for at in (0..used).step_by(used / 12) {
        let store = unpacked(1);
        let path = store.path().join("sled/db");
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.len().min(at + 4_096);
        bytes[at..end].fill(0);
        fs::write(&path, bytes).unwrap();
        let (report, rows) = repaired(store.path());
        let keys = right.keys().chain(rows.keys()).filter(|key| right.get(*key) != rows.get(*key));
        for (name, key) in keys {
            lacking += 1;
            let is_named = report.lost.iter().any(|lost| {
                lost.effect != Effect::None
                    && lost.namespace.as_ref().is_none_or(|of| of == name)
                    && *key >= lost.keys.0
                    && lost.keys.1.as_ref().is_none_or(|to| key < to)
            });
            assert!(is_named, "at {at}: {name} {}: {:?}", key.escape_ascii(), report.lost);
        }
    }
    assert!(lacking > 0, "no damage took a row");
}
