//! Of a damaged published file the blocks are copied that it still has, also where its index or its end is gone.

use std::fs;
use std::ops::Range;

use sledstore_engine::{Effect, Lost, Store};
use tempfile::TempDir;

use crate::store::{Rows, options, put, repair, rows_of, rows_of_repaired};

const HEADER_BYTES: usize = 64;

fn published() -> (TempDir, Vec<u8>, Rows) {
    let work = tempfile::tempdir().unwrap();
    let store = Store::open(&work.path().join("store"), &options()).unwrap();
    put(&store, "one", 0..600);
    put(&store, "two", 0..900);
    let rows = rows_of(&store).unwrap();
    store.publish(&work.path().join("file"), &mut |_| true).unwrap();
    store.close().unwrap();
    let bytes = fs::read(work.path().join("file")).unwrap();
    (work, bytes, rows)
}

/// Where the footer says that the parts behind the blocks begin and end.
fn parts(bytes: &[u8]) -> Vec<Range<usize>> {
    let footer = &bytes[bytes.len() - 128..];
    let number = |at: usize| u64::from_le_bytes(*footer[at..].first_chunk().unwrap()) as usize;
    (0..4).map(|part| number(32 + part * 20)..number(40 + part * 20)).collect()
}

#[test]
fn nothing_is_lost_with_what_leads_to_the_blocks() {
    let (work, bytes, rows) = published();
    let end = bytes.len();
    let mut damaged: Vec<Range<usize>> = parts(&bytes);
    damaged.extend([0..64, end - 128..end, end / 2..end - 128]);
    damaged[6].start = damaged[0].start;
    for range in damaged {
        let mut bytes = bytes.clone();
        bytes[range.clone()].fill(0);
        fs::write(work.path().join("damaged"), bytes).unwrap();
        let to = tempfile::tempdir().unwrap();
        let report = repair(&work.path().join("damaged"), to.path()).unwrap();
        assert!(rows_of_repaired(to.path()) == rows, "{range:?}: {:?}", report.lost);
    }
}

#[test]
fn a_damaged_block_is_named() {
    let (work, mut bytes, rows) = published();
    bytes[9_000..9_600].fill(0);
    fs::write(work.path().join("damaged"), bytes).unwrap();
    let to = tempfile::tempdir().unwrap();
    let report = repair(&work.path().join("damaged"), to.path()).unwrap();
    let there = rows_of_repaired(to.path());
    let count = |rows: &Rows| rows.iter().map(|(_, rows)| rows.len()).sum::<usize>();
    assert!(count(&there) < count(&rows) && count(&there) + 60 > count(&rows), "{}", count(&there));
    for (name, right) in &rows {
        let (_, there) = there.iter().find(|(other, _)| other == name).unwrap();
        for row in right.iter().filter(|row| !there.contains(row)) {
            let is_named = report.lost.iter().any(|lost| {
                lost.effect == Effect::Missing
                    && lost.namespace.as_ref() == Some(name)
                    && row.0 >= lost.keys.0
                    && lost.keys.1.as_ref().is_none_or(|to| row.0 < *to)
            });
            assert!(is_named, "{name} {}: {:?}", row.0.escape_ascii(), report.lost);
        }
    }
}

#[test]
fn what_the_store_itself_wrote_is_not_believed_when_it_is_damaged() {
    let (work, bytes, _) = published();
    let from = u64::from_le_bytes(*bytes[bytes.len() - 16..].first_chunk().unwrap()) as usize;
    let index = parts(&bytes)[0].clone();
    // A namespace's last block, the number of its rows, and the beginning of what leads to both.
    for block in [200, 2_000, from - HEADER_BYTES] {
        let mut damaged = bytes.clone();
        damaged[from - block..index.start + 16].fill(0);
        fs::write(work.path().join("damaged"), damaged).unwrap();
        let to = tempfile::tempdir().unwrap();
        let report = repair(&work.path().join("damaged"), to.path()).unwrap();
        let is_named = |lost: &Lost| lost.effect == Effect::Missing;
        assert!(report.lost.iter().any(is_named), "{block}: {:?}", report.lost);
    }
}

#[test]
fn of_one_with_no_more_than_a_header_all_is_missing() {
    let (work, bytes, _) = published();
    for length in [64, 73, 153, 191, 192, 193] {
        fs::write(work.path().join("damaged"), &bytes[..length]).unwrap();
        let to = tempfile::tempdir().unwrap();
        let report = repair(&work.path().join("damaged"), to.path()).unwrap();
        assert!(report.lost.iter().any(|lost| lost.effect == Effect::Missing && lost.namespace.is_none()), "{length}");
        assert_eq!(rows_of_repaired(to.path()), []);
    }
}
