use std::fs;
use std::ops::Range;
use std::path::Path;

use sledstore_engine::{ENTRY_BYTES_MAX, ErrorCode, Store};
use tempfile::TempDir;

use crate::sample::{change, go_on, options, random};

const FOOTER_BYTES: usize = 128;

fn number(file: &[u8], at: usize) -> usize {
    u64::from_le_bytes(file[at..at + 8].try_into().unwrap()) as usize
}

/// Where the index lies, and where the footer says so.
fn index(file: &[u8]) -> (Range<usize>, usize) {
    let part = file.len() - FOOTER_BYTES + 32;
    (number(file, part)..number(file, part + 8), part)
}

fn seal(bytes: &mut [u8]) {
    let (body, crc) = bytes.split_at_mut(bytes.len() - 4);
    crc.copy_from_slice(&crc32c::crc32c(body).to_le_bytes());
}

fn refusal(path: &Path, file: &[u8]) -> Option<ErrorCode> {
    fs::write(path, file).unwrap();
    Store::open_snapshot(path, &options()).err().map(|error| error.code())
}

/// A fuzzer's finds: entries in another order were walked for ever, a part ended beyond all numbers, and the last
/// seq of all had none after it.
#[test]
fn a_file_whose_checksums_are_right_is_not_trusted() {
    let work = TempDir::new().unwrap();
    let path = work.path().join("published");
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random(), 200);
    store.publish(&path, &mut go_on).unwrap();
    let sound = fs::read(&path).unwrap();
    assert_eq!(refusal(&path, &sound), None);

    let mut entries_swapped = sound.clone();
    let (entries, part) = index(&sound);
    let keys = |entry: usize| entries.start + 16 * entry + 8;
    let (first, second) = (keys(1)..keys(1) + 8, keys(2)..keys(2) + 8);
    entries_swapped[first.clone()].copy_from_slice(&sound[second.clone()]);
    entries_swapped[second].copy_from_slice(&sound[first]);
    let crc = crc32c::crc32c(&entries_swapped[entries]);
    entries_swapped[part + 16..part + 20].copy_from_slice(&crc.to_le_bytes());
    let footer = sound.len() - FOOTER_BYTES;
    seal(&mut entries_swapped[footer..]);
    assert_eq!(refusal(&path, &entries_swapped), Some(ErrorCode::Corruption));

    let mut large_entry = sound.clone();
    let (entries, part) = index(&sound);
    let blocks_end = (entries.start as u64).to_le_bytes();
    entries.clone().skip(2 * 16).step_by(16).for_each(|at| large_entry[at..at + 8].copy_from_slice(&blocks_end));
    assert!(entries.start - number(&sound, entries.start + 16) > ENTRY_BYTES_MAX);
    let crc = crc32c::crc32c(&large_entry[entries]);
    large_entry[part + 16..part + 20].copy_from_slice(&crc.to_le_bytes());
    seal(&mut large_entry[footer..]);
    assert_eq!(refusal(&path, &large_entry), Some(ErrorCode::Corruption));

    let mut endless_part = sound.clone();
    endless_part[footer + 92 + 8..footer + 92 + 16].fill(0xff);
    seal(&mut endless_part[footer..]);
    assert_eq!(refusal(&path, &endless_part), Some(ErrorCode::Corruption));

    let mut last_seq = sound;
    last_seq[36..44].fill(0xff);
    seal(&mut last_seq[..64]);
    assert_eq!(refusal(&path, &last_seq), Some(ErrorCode::Corruption));
}
