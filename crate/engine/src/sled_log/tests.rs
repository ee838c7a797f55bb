//! The log as read here is what sled reads.

use std::collections::BTreeMap;
use std::fs;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::pages::Entries;
use crate::backend::{Backend, SledBackend, SledOptions};

fn options() -> SledOptions {
    SledOptions::new(1 << 20)
}

/// Entries that are no blocks, over many segments, overwritten and removed.
fn write(folder: &std::path::Path) {
    let backend = SledBackend::open(folder, options()).unwrap();
    let key = |number: u32| format!("m{:05}", number.wrapping_mul(7_919) % 20_000).into_bytes();
    for number in 0..30_000_u32 {
        backend.insert(&key(number), &vec![number as u8; 100 + number as usize % 700]).unwrap();
        if number % 3 == 0 {
            backend.remove(&key(number / 2)).unwrap();
        }
        if number % 5_000 == 0 {
            backend.flush().unwrap();
        }
    }
    backend.close().unwrap();
}

#[test]
fn every_entry_is_the_one_sled_has() {
    let work = tempfile::tempdir().unwrap();
    write(work.path());
    for _ in 0..2 {
        let file = fs::read(work.path().join("db")).unwrap();
        let entries = Entries::read(&file, &[], &|_| None);
        assert!(!entries.has_unknown && entries.damage.is_empty(), "{:?}", entries.damage);
        let backend = SledBackend::open(work.path(), options()).unwrap();
        let mut count = 0;
        backend
            .for_each(&[], None, &mut |key, value| {
                let place = entries.places.get(key).unwrap();
                assert!(file[place.value.clone()] == *value && !place.may_be_old);
                count += 1;
                Ok(true)
            })
            .unwrap();
        assert_eq!(entries.places.len(), count);
        backend.close().unwrap();
    }
}

/// Values that say whose they are, and of which time: the keys of two pages, one of which is left alone while the other is
/// overwritten, and is given new keys.
fn write_told(folder: &std::path::Path, random: &mut SmallRng) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut right = BTreeMap::new();
    let quiet = random.random_range(100..600);
    for opening in 0..2 {
        let backend = SledBackend::open(folder, options()).unwrap();
        for number in 0..600_u32 {
            let is_quiet = opening == 0 && number < quiet && random.random_ratio(1, 3);
            let name = if is_quiet { "meta" } else { "block" };
            let key = format!("{name}{:03}", random.random_range(0..number / 4 + 10)).into_bytes();
            if random.random_ratio(1, 11) {
                backend.remove(&key).unwrap();
                right.remove(&key);
            } else {
                let value = [&key[..], b"@", (number + 1_000 * opening).to_string().as_bytes()].concat();
                backend.insert(&key, &value).unwrap();
                right.insert(key, value);
            }
        }
        backend.close().unwrap();
    }
    right
}

/// The key that a value says, if it is one of [`write_told`].
fn told(value: &[u8]) -> Option<Vec<u8>> {
    let (key, number) = value.split_at(value.iter().position(|&byte| byte == b'@')?);
    let is_key = (4..=10).contains(&key.len()) && key.iter().all(u8::is_ascii_alphanumeric);
    (is_key && number[1..].iter().all(u8::is_ascii_digit)).then(|| key.to_vec())
}

#[test]
fn what_is_left_of_damaged_sectors_is_trusted_only_if_nothing_replaced_it() {
    let mut found = 0;
    for seed in 0..40 {
        let work = tempfile::tempdir().unwrap();
        let right = write_told(work.path(), &mut SmallRng::seed_from_u64(seed));
        let file = fs::read(work.path().join("db")).unwrap();
        let names = fs::read_dir(work.path()).unwrap().map(|entry| entry.unwrap().path());
        let snapshots =
            names.filter(|path| path.to_string_lossy().contains("snap.")).map(|path| fs::read(path).unwrap());
        let snapshots: Vec<_> = snapshots.collect();
        let used = file.iter().rposition(|&byte| byte != 0).unwrap();
        // Of the last ones nothing says that they were written; the blocks do, by the sum of their checksums.
        for at in (0..used - 4_096).step_by(4_096) {
            let mut file = file.clone();
            let end = file.len().min(at + 4_096);
            file[at..end].fill(0);
            let entries = Entries::read(&file, &snapshots, &told);
            found += usize::from(!entries.damage.is_empty());
            for (key, place) in entries.places.iter().filter(|(_, place)| !place.may_be_old && !entries.has_unknown) {
                let value = entries.log.bytes(&file, place.value.clone());
                let words = [key, &value[..]].map(|bytes| bytes.escape_ascii().to_string());
                let is_right = right.get(key).is_some_and(|right| right[..] == value[..]);
                assert!(is_right, "{words:?} with sector {at} of {used} damaged, seed {seed}");
            }
        }
    }
    assert!(found > 20, "{found} sectors held a page");
}
