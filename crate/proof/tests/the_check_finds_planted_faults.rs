//! The check finds what a broken store would show: missing and additional rows, half a step, changed values, missing edges and
//! vectors, a step that nobody began, and a hole in the order of the commits.

use std::path::Path;

use sledstore_engine::{Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Read, Result, ScanOptions, Store};
use sledstore_graph::{Graph, NodeFilter, NodeUpdate, PropertyChange};
use sledstore_proof::{Found, Lane, Oracle, Report, Survives, Workload, check};
use sledstore_vector::{Metric, VectorIndex, VectorOptions};

const SEED: u64 = 11;

fn namespace(store: &Store, name: &str) -> NamespaceId {
    store.namespace(name, &NamespaceOptions::default()).expect("namespace").id
}

fn first_key(store: &Store, namespace: NamespaceId) -> Vec<u8> {
    let mut scan = store.scan(namespace, &KeyRange::all(), ScanOptions::default()).expect("scan");
    scan.next().expect("a row").expect("a row").0
}

/// A store that a workload has filled, after a fault that was planted in it.
fn found_after(fault: impl FnOnce(&Store, &mut Oracle) -> Result<()>) -> Found {
    let folder = tempfile::tempdir().expect("a folder");
    let workload = Workload { in_threads: false, steps_max: 400, ..Workload::new(SEED) };
    let path = folder.path().join("store");
    let lines = folder.path().join("lines");
    workload.live(&path, &Report::new(std::fs::File::create(&lines).expect("a file")));
    let mut oracle = Oracle::default();
    oracle.hear_all(&std::fs::read_to_string(lines).expect("lines"));
    let store = Store::open(Path::new(&path), &workload.options()).expect("open");
    fault(&store, &mut oracle).expect("the fault");
    check(&store, SEED, &oracle, Survives::PowerCut)
}

fn commit(store: &Store, write: impl FnOnce(&mut Batch) -> Result<()>) -> Result<()> {
    let mut batch = Batch::new();
    write(&mut batch)?;
    store.commit(&batch, Durability::Os).map(drop)
}

#[test]
fn nothing_in_a_sound_store() {
    let found = found_after(|_, _| Ok(()));
    assert!(found.is_clean(), "{:?}", found.notes);
}

#[test]
fn a_row_that_is_missing() {
    for name in ["line 0", "batch 1", "count 0", "large 0"] {
        let found = found_after(|store, _| {
            let namespace = namespace(store, name);
            let key = first_key(store, namespace);
            commit(store, |batch| batch.delete(namespace, &key))
        });
        assert!(found.wrong > 0 && found.lost == 0, "{name}");
    }
}

#[test]
fn a_row_that_has_another_value() {
    let found = found_after(|store, _| {
        let namespace = namespace(store, "count 0");
        let key = first_key(store, namespace);
        let mut value = store.get(namespace, &key)?.expect("a value");
        value[7] ^= 1;
        commit(store, |batch| batch.put(namespace, &key, &value))
    });
    assert!(found.wrong > 0);
}

#[test]
fn a_row_that_nobody_wrote() {
    let found = found_after(|store, _| {
        let namespace = namespace(store, "batch 2");
        commit(store, |batch| batch.put(namespace, b"zzz", b""))
    });
    assert_eq!(found.wrong, 1, "{:?}", found.notes);
}

#[test]
fn steps_that_were_acknowledged_and_are_missing() {
    let found = found_after(|_, oracle| {
        let most = oracle.most(Lane::Vector);
        oracle.hear(&format!("begin vector {most}"));
        oracle.hear(&format!("done vector {most} full 1000000"));
        Ok(())
    });
    assert_eq!((found.lost, found.wrong), (1, 0), "{:?}", found.notes);
}

#[test]
fn a_step_that_nobody_began() {
    let found = found_after(|store, oracle| {
        let count = oracle.most(Lane::Line);
        let namespace = namespace(store, "progress");
        commit(store, |batch| batch.put(namespace, b"line", &(count + 1).to_be_bytes()))
    });
    assert!(found.wrong > 0);
}

#[test]
fn a_commit_that_is_missing_before_one_that_is_there() {
    let found = found_after(|_, oracle| {
        let most = oracle.most(Lane::Line);
        oracle.hear(&format!("begin line {most}"));
        oracle.hear(&format!("done line {most} none 1"));
        Ok(())
    });
    assert_eq!((found.lost, found.wrong), (0, 1), "{:?}", found.notes);
}

#[test]
fn a_namespace_that_was_dropped() {
    let found = found_after(|store, oracle| {
        let newest = oracle.most(Lane::Space) - 1;
        store.drop_namespace(&format!("space {newest}")).map(drop)
    });
    assert_eq!(found.wrong, 1, "{:?}", found.notes);
}

#[test]
fn a_node_that_is_missing() {
    let found = found_after(|store, _| {
        let graph = Graph::open(store, "proof")?;
        store.transact(Durability::Os, |transaction| {
            let nodes = graph.find(transaction, &NodeFilter::default(), Some(1))?;
            graph.remove_node(transaction, nodes[0])
        })
    });
    assert!(found.wrong > 0);
}

#[test]
fn a_row_of_the_graph_that_is_missing() {
    let found = found_after(|store, _| {
        let namespace = Graph::open(store, "proof")?.namespace();
        let row = store.scan(namespace, &KeyRange::prefix(&[0x12]), ScanOptions::default())?.next();
        let (key, _) = row.expect("an edge under its end")?;
        commit(store, |batch| batch.delete(namespace, &key))
    });
    assert!(found.wrong > 0);
}

/// Deletes the first row of that kind of the graph that queries change.
fn delete_queried(store: &Store, kind: u8) -> Result<()> {
    let namespace = Graph::open(store, "queried")?.namespace();
    let row = store.scan(namespace, &KeyRange::prefix(&[kind]), ScanOptions::default())?.next();
    let (key, _) = row.expect("a row of that kind")?;
    commit(store, |batch| batch.delete(namespace, &key))
}

#[test]
fn a_row_of_what_queries_wrote_that_is_missing() {
    // Nodes, edges, labels, entries of indexes, unique ones, words and documents of full-text indexes.
    for kind in [0x10, 0x11, 0x13, 0x14, 0x15, 0x16, 0x17] {
        let found = found_after(|store, _| delete_queried(store, kind));
        assert!(found.wrong > 0, "{kind:02x}");
    }
}

#[test]
fn an_index_that_is_missing() {
    let kept = ["item_u", "item_group", "item_title", "link_u", "link_w"];
    for name in kept.into_iter().chain(["item_value", "vip_u", "vip_title", "link_note"]) {
        let found = found_after(|store, _| {
            let graph = Graph::open(store, "queried")?;
            store.transact(Durability::Os, |transaction| graph.drop_named_index(transaction, name)).map(drop)
        });
        assert_eq!(found.wrong, 1, "{name}: {:?}", found.notes);
    }
}

#[test]
fn a_row_beside_a_query_that_is_missing() {
    let found = found_after(|store, _| {
        let namespace = namespace(store, "query rows");
        let key = first_key(store, namespace);
        commit(store, |batch| batch.delete(namespace, &key))
    });
    assert_eq!(found.wrong, 1, "{:?}", found.notes);
}

#[test]
fn an_item_that_has_another_value() {
    let found = found_after(|store, _| {
        let graph = Graph::open(store, "queried")?;
        store.transact(Durability::Os, |transaction| {
            let item = graph.find(transaction, &NodeFilter::default(), Some(1))?[0];
            let change = PropertyChange::Merge(b"\x81\xa5value\x63");
            let update = NodeUpdate { properties: Some(change), add_labels: &[], remove_labels: &[] };
            graph.update_node(transaction, item, &update)
        })
    });
    assert!(found.wrong > 0);
}

#[test]
fn a_vector_that_is_missing() {
    let found = found_after(|store, _| {
        let index = VectorIndex::open(store, "proof", &VectorOptions::new(8, Metric::L2))?;
        let nearest = index.search(store, &[0.5; 8], &sledstore_vector::Search::nearest(1))?;
        commit(store, |batch| index.delete(batch, &nearest[0].key))
    });
    assert!(found.wrong >= 2, "{:?}", found.notes);
}
