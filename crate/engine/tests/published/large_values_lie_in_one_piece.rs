use std::fs;
use std::path::Path;

use sledstore_engine::{Compression, Located, NamespaceId, PublishOptions, Read, Store};
use tempfile::TempDir;

use crate::sample::{change, everything, go_on, namespace, options, random};

const WHOLE: PublishOptions = PublishOptions { compression: Some(Compression::None) };

/// Where a value is in the file, or what it is.
fn locate(store: &Store, id: NamespaceId, key: &[u8]) -> Option<Located<Vec<u8>>> {
    store.get_or_locate(id, key, <[u8]>::to_vec).unwrap()
}

/// A store with values of many lengths, in memtables and in blocks, published.
fn published(file: &Path, how: &PublishOptions) -> (Store, NamespaceId) {
    let store = Store::memory(&options()).unwrap();
    let id = namespace(&store, "values");
    for (round, length) in [0, 3, 4_096, 4_097, 15_999, 16_000, 16_001, 64_000, 300_000].into_iter().enumerate() {
        let mut batch = sledstore_engine::Batch::new();
        batch.put(id, length.to_string().as_bytes(), &vec![round as u8 + 1; length]).unwrap();
        store.commit(&batch, sledstore_engine::Durability::None).unwrap();
        if round % 4 == 3 {
            store.checkpoint().unwrap();
        }
    }
    store.publish_with(file, how, &mut go_on).unwrap();
    (store, id)
}

#[test]
fn they_are_found_where_they_lie() {
    let work = TempDir::new().unwrap();
    let file = work.path().join("published");
    let (store, id) = published(&file, &WHOLE);
    let snapshot = Store::open_snapshot(&file, &options()).unwrap();
    let bytes = fs::read(&file).unwrap();
    let mut located = 0;
    for (key, value) in &everything(&store)[0].1 {
        match locate(&snapshot, id, key) {
            Some(Located::InFile(place)) => {
                assert!(bytes[place] == value[..]);
                located += 1;
            }
            found => assert_eq!(found, Some(Located::Value(value.clone()))),
        }
        assert_eq!(locate(&store, id, key), Some(Located::Value(value.clone())));
    }
    assert_eq!(located, 6);
    assert_eq!(locate(&snapshot, id, b"none"), None);
}

#[test]
fn a_compressed_file_has_none() {
    let work = TempDir::new().unwrap();
    let file = work.path().join("published");
    let (_, id) = published(&file, &PublishOptions { compression: Some(Compression::Lz4) });
    let snapshot = Store::open_snapshot(&file, &options()).unwrap();
    assert_eq!(locate(&snapshot, id, b"64000"), Some(Located::Value(vec![8; 64_000])));
}

#[test]
fn the_file_answers_as_the_store_and_restores_to_the_same() {
    let mut random = random();
    let work = TempDir::new().unwrap();
    let (file, folder) = (work.path().join("published"), work.path().join("restored"));
    let store = Store::open(&work.path().join("store"), &options()).unwrap();
    change(&store, &mut random, 300);
    store.publish_with(&file, &WHOLE, &mut go_on).unwrap();
    let expected = everything(&store);
    let snapshot = Store::open_snapshot(&file, &options()).unwrap();
    assert!(everything(&snapshot) == expected);
    let report = snapshot.verify(&mut go_on).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
    for namespace in snapshot.namespaces() {
        for (key, value) in &expected.iter().find(|(name, _)| *name == namespace.name).unwrap().1 {
            assert!(snapshot.get(namespace.id, key).unwrap().as_ref() == Some(value));
        }
    }

    Store::restore(&file, &folder, &options(), &mut go_on).unwrap();
    let restored = Store::open(&folder, &options()).unwrap();
    assert!(everything(&restored) == expected);
    change(&restored, &mut random, 100);
    restored.checkpoint().unwrap();
    let report = restored.verify(&mut go_on).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}

#[test]
fn a_stream_reads_them() {
    let work = TempDir::new().unwrap();
    let file = work.path().join("published");
    let (_, id) = published(&file, &WHOLE);
    let snapshot = Store::open_snapshot(&file, &options()).unwrap();
    let mut reader = snapshot.large_reader(id, b"300000").unwrap().unwrap();
    let mut bytes = Vec::new();
    while reader.next_chunk(&mut bytes).unwrap() {}
    assert!(bytes == vec![9; 300_000]);
}

#[test]
fn what_a_private_map_is_given_stays_there() {
    let work = TempDir::new().unwrap();
    let file = work.path().join("published");
    let (store, id) = published(&file, &WHOLE);
    assert!(store.map_privately().unwrap().is_none());
    let before = fs::read(&file).unwrap();
    let snapshot = Store::open_snapshot(&file, &options()).unwrap();
    let map = snapshot.map_privately().unwrap().unwrap();
    assert_eq!(map.bytes(), before.len());
    assert_eq!(snapshot.get(id, b"16000").unwrap(), Some(vec![6; 16_000]));
    // The same name for another file does not change what was opened.
    published(&file, &PublishOptions::default());
    assert_eq!(snapshot.map_privately().unwrap().unwrap().bytes(), before.len());
    snapshot.close().unwrap();
    assert!(snapshot.map_privately().is_err());
}
