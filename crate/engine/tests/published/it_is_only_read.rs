use sledstore_engine::{Batch, Durability, ErrorCode, NamespaceOptions, Read, Store};
use tempfile::TempDir;

use crate::sample::{change, everything, go_on, namespace, options, random};

#[test]
fn every_write_is_refused_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("published");
    let store = Store::memory(&options()).unwrap();
    change(&store, &mut random(), 60);
    let id = namespace(&store, "known");
    store.publish(&file, &mut go_on).unwrap();
    let before = std::fs::read(&file).unwrap();

    let snapshot = Store::open_snapshot(&file, &options()).unwrap();
    let mut batch = Batch::new();
    batch.put(id, b"key", b"value").unwrap();
    let refused = [
        snapshot.commit(&batch, Durability::Full).err(),
        snapshot.apply(&batch).err(),
        snapshot.begin().err(),
        snapshot.compare_and_set(id, b"key", None, Some(b"value"), Durability::Os).err(),
        snapshot.large_writer(id).err(),
        snapshot.rename_namespace("known", "other").err(),
        snapshot.drop_namespace("known").err(),
        snapshot.compact(&mut go_on).err(),
        snapshot.checkpoint().err(),
    ];
    for error in refused {
        assert_eq!(error.map(|error| error.code()), Some(ErrorCode::ReadOnly));
    }
    let missing = snapshot.namespace("new", &NamespaceOptions::default()).map(|_| ());
    assert_eq!(missing.map_err(|error| error.code()), Err(ErrorCode::NotFound));
    assert!(!snapshot.drop_namespace("new").unwrap());
    assert_eq!(everything(&snapshot), everything(&store));
    assert_eq!(snapshot.snapshot().unwrap().get(id, b"key").unwrap(), None);
    snapshot.close().unwrap();
    assert_eq!(snapshot.get(id, b"key").map_err(|error| error.code()), Err(ErrorCode::Closed));
    assert!(std::fs::read(&file).unwrap() == before);
}
