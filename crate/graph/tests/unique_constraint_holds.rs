//! Two nodes never share a value under a unique index, whoever writes.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, code, index, map, memory_graph};
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode};
use sledstore_graph::{NodeFilter, NodeUpdate, PropertyChange};

fn email(text: &str) -> Vec<u8> {
    map(&[("email", Value::from(text))])
}

#[test]
fn a_taken_value_is_refused_and_names_index_and_value() {
    let (store, graph) = memory_graph();
    index(&graph, Some("User"), "email", true).unwrap();
    let ann = change(&store, |tx| graph.add_node(tx, &["User"], &email("ann@x"))).unwrap();
    let rows = graph.count_rows(&store).unwrap();

    let error = change(&store, |tx| graph.add_node(tx, &["User"], &email("ann@x"))).unwrap_err();
    assert_eq!(error.code(), ErrorCode::UniqueViolation);
    assert!(error.message().contains(":User") && error.message().contains("{email}"), "{error}");
    assert!(error.message().contains("ann@x"), "{error}");

    let guest = change(&store, |tx| graph.add_node(tx, &["Guest"], &email("ann@x"))).unwrap();
    let become_user = NodeUpdate { add_labels: &["User"], ..NodeUpdate::default() };
    assert_eq!(code(change(&store, |tx| graph.update_node(tx, guest, &become_user))), ErrorCode::UniqueViolation);
    let same = NodeUpdate { properties: Some(PropertyChange::Merge(&email("ann@x"))), ..NodeUpdate::default() };
    change(&store, |tx| graph.update_node(tx, ann, &same)).unwrap();
    change(&store, |tx| graph.remove_node(tx, guest)).unwrap();
    // "Guest" itself takes two rows.
    assert_eq!(graph.count_rows(&store).unwrap(), rows + 2);
    assert_sound(&store, &graph);
}

#[test]
fn a_freed_value_can_be_taken_in_the_same_transaction() {
    let (store, graph) = memory_graph();
    index(&graph, None, "email", true).unwrap();
    let old = change(&store, |tx| graph.add_node(tx, &[], &email("x"))).unwrap();
    let new = change(&store, |tx| {
        graph.remove_node(tx, old)?;
        graph.add_node(tx, &[], &email("x"))
    })
    .unwrap();
    let wanted = email("x");
    let filter = NodeFilter { label: None, properties: Some(&wanted) };
    assert_eq!(graph.find(&store, &filter, None).unwrap(), [new]);
    assert_sound(&store, &graph);
}

#[test]
fn numbers_that_are_equal_are_the_same_value() {
    let (store, graph) = memory_graph();
    index(&graph, None, "n", true).unwrap();
    change(&store, |tx| graph.add_node(tx, &[], &map(&[("n", Value::from(3))]))).unwrap();
    let float = map(&[("n", Value::F64(3.0))]);
    assert_eq!(code(change(&store, |tx| graph.add_node(tx, &[], &float))), ErrorCode::UniqueViolation);
    change(&store, |tx| graph.add_node(tx, &[], &map(&[("n", Value::from("3"))]))).unwrap();
    // NaN equals nothing, and what is missing is not compared.
    for _ in 0..2 {
        change(&store, |tx| graph.add_node(tx, &[], &map(&[("n", Value::F64(f64::NAN))]))).unwrap();
        change(&store, |tx| graph.add_node(tx, &[], &map(&[("n", Value::Nil)]))).unwrap();
    }
}

#[test]
fn an_index_over_equal_values_is_refused() {
    let (store, graph) = memory_graph();
    for _ in 0..2 {
        change(&store, |tx| graph.add_node(tx, &["User"], &email("same"))).unwrap();
    }
    let rows = graph.count_rows(&store).unwrap();
    let refused = index(&graph, Some("User"), "email", true);
    assert_eq!(code(refused), ErrorCode::UniqueViolation);
    // The row of indexes stays, for their numbers are never given twice.
    assert_eq!(graph.count_rows(&store).unwrap(), rows + 1);
    assert_eq!(graph.indexes(&store).unwrap(), []);
}

#[test]
fn the_second_of_two_transactions_conflicts() {
    let (store, graph) = memory_graph();
    index(&graph, Some("User"), "email", true).unwrap();
    change(&store, |tx| graph.add_node(tx, &["User"], &[])).unwrap();
    let (mut first, mut second) = (store.begin().unwrap(), store.begin().unwrap());
    graph.add_node(&mut first, &["User"], &email("x")).unwrap();
    graph.add_node(&mut second, &["User"], &email("x")).unwrap();
    first.commit(Durability::None).unwrap();
    assert_eq!(code(second.commit(Durability::None)), ErrorCode::Conflict);
}

#[test]
fn a_new_index_conflicts_with_a_writer_that_did_not_know_it() {
    let (store, graph) = memory_graph();
    change(&store, |tx| graph.add_node(tx, &["User"], &email("x"))).unwrap();
    let mut writing = store.begin().unwrap();
    graph.add_node(&mut writing, &["User"], &email("x")).unwrap();
    index(&graph, Some("User"), "email", true).unwrap();
    assert_eq!(code(writing.commit(Durability::None)), ErrorCode::Conflict);
    assert_sound(&store, &graph);
}

#[test]
fn racing_threads_leave_one_node_a_value() {
    const VALUES: i64 = 40;
    let (store, graph) = memory_graph();
    index(&graph, Some("User"), "n", true).unwrap();
    let added: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let add = |n| change(&store, |tx| graph.add_node(tx, &["User"], &map(&[("n", Value::from(n))])));
                    let outcomes = (0..VALUES).map(add);
                    outcomes
                        .filter(|outcome| match outcome {
                            Ok(_) => true,
                            Err(error) => {
                                assert_eq!(error.code(), ErrorCode::UniqueViolation);
                                false
                            }
                        })
                        .count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(added as i64, VALUES);
    assert_eq!(graph.count_nodes(&store, Some("User")).unwrap() as i64, VALUES);
    assert_sound(&store, &graph);
}
