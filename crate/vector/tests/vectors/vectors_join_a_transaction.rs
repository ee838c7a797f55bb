use sledstore_engine::{Durability, ErrorCode, NamespaceOptions, Read, Write};
use sledstore_vector::{Metric, Search};

use crate::common;

#[test]
fn a_transaction_finds_its_own_vectors_and_leaves_none_when_it_is_aborted() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    common::put(&index, &[(b"a".to_vec(), vec![5.0]), (b"b".to_vec(), vec![6.0])]);
    let mut transaction = store.begin().unwrap();
    index.put(&mut transaction, b"c", &[1.0], Some(&common::map(&[("x", "y")]))).unwrap();
    index.delete(&mut transaction, b"a").unwrap();
    let search = Search { with_attributes: true, ..Search::nearest(9) };
    let found = index.search(&transaction, &[0.0], &search).unwrap();
    assert_eq!(common::keys(&found), ["c", "b"]);
    assert_eq!(found[0].attributes, Some(common::map(&[("x", "y")])));
    assert_eq!(index.count(&transaction).unwrap(), 2);
    transaction.abort();
    assert_eq!(common::keys(&index.search(&store, &[0.0], &search).unwrap()), ["a", "b"]);
}

#[test]
fn vectors_and_other_rows_are_one_commit() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    let notes = store.namespace("notes", &NamespaceOptions::default()).unwrap().id;
    let refused = store.transact(Durability::None, |transaction| {
        transaction.put(notes, b"n", b"text")?;
        index.put(transaction, b"n", &[1.0], None)?;
        index.put(transaction, b"m", &[f32::NAN], None)
    });
    assert_eq!(common::code(refused), Some(ErrorCode::InvalidArgument));
    assert!(!store.contains(notes, b"n").unwrap() && !index.contains(&store, b"n").unwrap());
    store
        .transact(Durability::None, |transaction| {
            transaction.put(notes, b"n", b"text")?;
            index.put(transaction, b"n", &[1.0], None)
        })
        .unwrap();
    assert!(store.contains(notes, b"n").unwrap() && index.contains(&store, b"n").unwrap());
}

#[test]
fn a_search_conflicts_with_any_later_vector() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    let notes = store.namespace("notes", &NamespaceOptions::default()).unwrap().id;
    common::put(&index, &[(b"a".to_vec(), vec![5.0])]);
    let mut searched = store.begin().unwrap();
    index.search(&searched, &[0.0], &Search::nearest(1)).unwrap();
    searched.put(notes, b"nearest", b"a").unwrap();
    let mut blind = store.begin().unwrap();
    index.put(&mut blind, b"other", &[5.0], None).unwrap();
    common::put(&index, &[(b"z".to_vec(), vec![1.0])]);
    assert_eq!(common::code(searched.commit(Durability::None)), Some(ErrorCode::Conflict));
    blind.commit(Durability::None).unwrap();
    assert_eq!(index.count(&store).unwrap(), 3);
}
