//! A removed node takes every edge with it and leaves no row behind.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, code, index, map, memory_graph};
use rmpv::Value;
use sledstore_engine::ErrorCode;
use sledstore_graph::{Direction, NeighborFilter};

#[test]
fn no_row_is_left() {
    let (store, graph) = memory_graph();
    index(&graph, Some("A"), "name", true).unwrap();
    index(&graph, None, "name", false).unwrap();
    let name = |text: &str| map(&[("name", Value::from(text))]);
    let other = change(&store, |tx| {
        // Interns the names, so that only rows of nodes and edges differ below.
        let other = graph.add_node(tx, &["A", "B"], &name("other"))?;
        let edge = graph.add_edge(tx, "T", other, other, &[])?;
        graph.remove_edge(tx, edge)?;
        Ok(other)
    })
    .unwrap();
    let before = graph.count_rows(&store).unwrap();

    let node = change(&store, |tx| {
        let node = graph.add_node(tx, &["A", "B"], &name("node"))?;
        graph.add_edge(tx, "T", node, other, &[])?;
        graph.add_edge(tx, "T", node, other, &name("parallel"))?;
        graph.add_edge(tx, "T", other, node, &[])?;
        graph.add_edge(tx, "T", node, node, &[])?;
        Ok(node)
    })
    .unwrap();
    assert_eq!(graph.count_rows(&store).unwrap(), before + 1 + 2 + 2 + 4 * 3);

    change(&store, |tx| graph.remove_node(tx, node)).unwrap();
    assert_eq!(graph.count_rows(&store).unwrap(), before);
    assert_sound(&store, &graph);
    let all = NeighborFilter { direction: Direction::Both, ..NeighborFilter::default() };
    assert_eq!(graph.neighbors(&store, other, &all).unwrap(), []);
    assert_eq!(graph.node(&store, node).unwrap(), None);
}

#[test]
fn edges_added_in_the_same_transaction_go_too() {
    let (store, graph) = memory_graph();
    let (a, b, edge) = change(&store, |tx| {
        let (a, b) = (graph.add_node(tx, &[], &[])?, graph.add_node(tx, &[], &[])?);
        let edge = graph.add_edge(tx, "T", a, b, &[])?;
        graph.remove_node(tx, b)?;
        assert_eq!(code(graph.add_edge(tx, "T", a, b, &[])), ErrorCode::NotFound);
        Ok((a, b, edge))
    })
    .unwrap();
    assert!(graph.has_node(&store, a).unwrap());
    assert!(!graph.has_node(&store, b).unwrap());
    assert_eq!(graph.edge(&store, edge).unwrap(), None);
    assert_sound(&store, &graph);
}
