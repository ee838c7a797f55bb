//! Namespaces keep their names and options, rows the time they expire, and what was dropped stays so.

use sledstore_engine::{Batch, Durability, KeyRange, NamespaceOptions, Read, Store};

use crate::store::{copy_of, options, put, repair};

const FAR: u64 = 4_102_444_800_000;

#[test]
fn of_blocks_and_of_the_journal() {
    let work = tempfile::tempdir().unwrap();
    let store = Store::open(work.path(), &options()).unwrap();
    let asked = NamespaceOptions { key_codec: "string".into(), value_codec: "json".into() };
    for name in ["in blocks", "in the journal"] {
        let namespace = store.namespace(name, &asked).unwrap().id;
        let mut batch = Batch::new();
        batch.put_expiring(namespace, b"later", b"1", FAR).unwrap();
        batch.put_expiring(namespace, b"long ago", b"2", 1).unwrap();
        batch.put(namespace, b"cleared", b"3").unwrap();
        store.commit(&batch, Durability::Os).unwrap();
        let mut batch = Batch::new();
        batch.clear(namespace, &KeyRange::prefix(b"clear")).unwrap();
        store.commit(&batch, Durability::Os).unwrap();
        put(&store, "dropped", 0..10);
        store.drop_namespace("dropped").unwrap();
        if name == "in blocks" {
            store.checkpoint().unwrap();
        }
    }
    store.rename_namespace("in the journal", "renamed").unwrap();
    store.flush().unwrap();
    let killed = copy_of(work.path());
    store.close().unwrap();
    let to = tempfile::tempdir().unwrap();
    let report = repair(killed.path(), to.path()).unwrap();
    assert!(report.is_whole(), "{:?}", report.lost);
    let store = Store::open(to.path(), &options()).unwrap();
    let names: Vec<_> = store.namespaces().iter().map(|namespace| namespace.name.clone()).collect();
    assert_eq!(names, ["in blocks", "renamed"]);
    for namespace in store.namespaces() {
        assert_eq!(namespace.options, asked);
        let get = |key: &[u8]| store.get_with(namespace.id, key, <[u8]>::to_vec).unwrap();
        assert_eq!((get(b"later"), get(b"long ago"), get(b"cleared")), (Some(b"1".to_vec()), None, None));
    }
    store.close().unwrap();
}
