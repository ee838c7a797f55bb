use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::Rng;
use sledstore_engine::{Compression, ErrorCode, KeyRange, PublishOptions, Read, Result, ScanOptions, Store};
use tempfile::TempDir;

use crate::sample::{Rows, change, everything, go_on, names, options, random};

/// Reads every row both ways; an error is an answer, too.
fn read_all(file: &std::path::Path) -> Result<Vec<(String, Rows)>> {
    let snapshot = Store::open_snapshot(file, &options())?;
    let mut all = Vec::new();
    for namespace in snapshot.namespaces() {
        let scan = snapshot.scan(namespace.id, &KeyRange::all(), ScanOptions::default())?;
        let rows = scan.collect::<Result<Rows>>()?;
        for (key, value) in &rows {
            assert_eq!(snapshot.get(namespace.id, key)?.as_ref(), Some(value));
        }
        all.push((namespace.name.clone(), rows));
    }
    Ok(all)
}

#[test]
fn a_damaged_file_answers_rightly_or_not_at_all() {
    answers_rightly_or_not_at_all(&PublishOptions::default());
}

#[test]
fn nor_does_one_with_large_values_in_one_piece() {
    answers_rightly_or_not_at_all(&PublishOptions { compression: Some(Compression::None) });
}

fn answers_rightly_or_not_at_all(how: &PublishOptions) {
    let mut random = random();
    let work = TempDir::new().unwrap();
    let (file, damaged) = (work.path().join("published"), work.path().join("damaged"));
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random, 120);
    let expected = everything(&store);
    store.publish_with(&file, how, &mut go_on).unwrap();
    let sound = fs::read(&file).unwrap();
    let mut named = 0;
    for trial in 0..600 {
        let mut bytes = sound.clone();
        // Half of the damage goes to header, index, filters and footer, which are small.
        let at = match trial % 4 {
            0 => random.random_range(0..64),
            1 => bytes.len() - 1 - random.random_range(0..20_000.min(bytes.len())),
            _ => random.random_range(0..bytes.len()),
        };
        match trial % 3 {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => {
                let end = bytes.len().min(at + 512);
                bytes[at..end].fill(0);
            }
            _ => bytes.truncate(at),
        }
        fs::write(&damaged, &bytes).unwrap();
        match catch_unwind(AssertUnwindSafe(|| read_all(&damaged))).unwrap() {
            Ok(rows) => assert!(rows == expected, "wrong rows, damage at {at} of {}", sound.len()),
            Err(error) => {
                named += 1;
                let code = error.code();
                assert!(
                    matches!(code, ErrorCode::Corruption | ErrorCode::NotAStore | ErrorCode::FormatTooNew),
                    "{error}"
                );
            }
        }
        fs::remove_file(&damaged).unwrap();
    }
    assert!(named > 300, "{named} of 600 damaged files were found so");
}

#[test]
fn every_byte_of_the_stores_own_entries_is_checked() {
    let mut random = random();
    let work = TempDir::new().unwrap();
    let file = work.path().join("published");
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random, 20);
    store.publish(&file, &mut go_on).unwrap();
    let sound = fs::read(&file).unwrap();
    let number = |at: usize| u64::from_le_bytes(*sound[sound.len() - at..].first_chunk().unwrap()) as usize;
    let (from, to) = (number(16), number(96));
    assert!(to - from >= 48, "{from} to {to}");
    for at in from..to {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << random.random_range(0..8);
        fs::write(&file, bytes).unwrap();
        let opened = Store::open_snapshot(&file, &options());
        assert_eq!(opened.err().map(|error| error.code()), Some(ErrorCode::Corruption), "byte {at}");
    }
}

#[test]
fn a_damaged_file_is_not_restored() {
    let mut random = random();
    let work = TempDir::new().unwrap();
    let (file, folder) = (work.path().join("published"), work.path().join("restored"));
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random, 60);
    store.publish(&file, &mut go_on).unwrap();
    let sound = fs::read(&file).unwrap();
    for _ in 0..40 {
        let mut bytes = sound.clone();
        let at = random.random_range(0..bytes.len());
        bytes[at] ^= 0x40;
        fs::write(&file, &bytes).unwrap();
        let refused = Store::restore(&file, &folder, &options(), &mut go_on).unwrap_err();
        assert!(matches!(refused.code(), ErrorCode::Corruption | ErrorCode::NotAStore | ErrorCode::FormatTooNew));
        assert_eq!(names(work.path()), ["published"]);
    }
}

#[test]
fn another_file_is_no_snapshot() {
    let work = TempDir::new().unwrap();
    let file = work.path().join("file");
    for bytes in [&b""[..], b"short", &[7; 4_096]] {
        fs::write(&file, bytes).unwrap();
        let refused = Store::open_snapshot(&file, &options()).map(|_| ()).map_err(|error| error.code());
        assert_eq!(refused, Err(ErrorCode::NotAStore));
    }
    let missing = Store::open_snapshot(&work.path().join("missing"), &options()).map(|_| ());
    assert_eq!(missing.map_err(|error| error.code()), Err(ErrorCode::IoFailed));
}
