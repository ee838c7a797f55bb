//! Transactions that would break a graph together do not both commit; those that would not, do.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, code, index, map, memory_graph};
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode};
use sledstore_graph::{NodeUpdate, PropertyChange};

#[test]
fn an_edge_to_a_node_that_is_being_removed_conflicts() {
    for edge_first in [true, false] {
        let (store, graph) = memory_graph();
        let (a, b) = change(&store, |tx| Ok((graph.add_node(tx, &[], &[])?, graph.add_node(tx, &[], &[])?))).unwrap();
        change(&store, |tx| graph.add_edge(tx, "T", a, a, &[])).unwrap();
        let (mut adding, mut removing) = (store.begin().unwrap(), store.begin().unwrap());
        graph.add_edge(&mut adding, "T", a, b, &[]).unwrap();
        graph.remove_node(&mut removing, b).unwrap();
        let (first, second) = if edge_first { (adding, removing) } else { (removing, adding) };
        first.commit(Durability::None).unwrap();
        assert_eq!(code(second.commit(Durability::None)), ErrorCode::Conflict);
        assert_sound(&store, &graph);
    }
}

#[test]
fn a_label_is_not_found_and_then_added_by_two() {
    let (store, graph) = memory_graph();
    let (mut first, mut second) = (store.begin().unwrap(), store.begin().unwrap());
    for tx in [&mut first, &mut second] {
        assert_eq!(graph.nodes_by_label(tx, "Only").unwrap(), []);
        graph.add_node(tx, &["Only"], &[]).unwrap();
    }
    first.commit(Durability::None).unwrap();
    assert_eq!(code(second.commit(Durability::None)), ErrorCode::Conflict);
    assert_eq!(graph.count_nodes(&store, Some("Only")).unwrap(), 1);
}

#[test]
fn what_does_not_touch_commits_side_by_side() {
    let (store, graph) = memory_graph();
    index(&graph, Some("L"), "key", true).unwrap();
    let (a, b) = change(&store, |tx| {
        let (a, b) = (graph.add_node(tx, &["L"], &[])?, graph.add_node(tx, &["L"], &[])?);
        graph.add_edge(tx, "T", a, b, &[])?;
        Ok((a, b))
    })
    .unwrap();
    let key = |n: i64| map(&[("key", Value::from(n))]);
    let mut transactions: Vec<_> = (0..4).map(|_| store.begin().unwrap()).collect();
    graph.add_node(&mut transactions[0], &["L"], &key(1)).unwrap();
    graph.add_node(&mut transactions[1], &["L"], &key(2)).unwrap();
    graph.add_edge(&mut transactions[2], "T", a, b, &[]).unwrap();
    graph.add_edge(&mut transactions[3], "T", a, b, &[]).unwrap();
    for tx in transactions {
        tx.commit(Durability::None).unwrap();
    }
    assert_eq!(graph.count_edges(&store).unwrap(), 3);
    let update = NodeUpdate { properties: Some(PropertyChange::Merge(&key(3))), ..NodeUpdate::default() };
    change(&store, |tx| graph.update_node(tx, a, &update)).unwrap();
    assert_sound(&store, &graph);
}
