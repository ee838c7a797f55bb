//! The log as read here is what sled reads.

use std::fs;

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
