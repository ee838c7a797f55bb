//! Neighbors by direction, type, label, properties and limit; parallel edges and loops.
#![allow(clippy::unwrap_used)]

mod common;

use common::{change, code, map, memory_graph};
use rmpv::Value;
use sledstore_engine::ErrorCode;
use sledstore_graph::{Direction, Neighbor, NeighborFilter, NodeFilter, NodeId};

#[test]
fn parallel_edges_count_each_and_a_loop_once() {
    let (store, graph) = memory_graph();
    let (a, b, first, second, round) = change(&store, |tx| {
        let (a, b) = (graph.add_node(tx, &[], &[])?, graph.add_node(tx, &[], &[])?);
        let first = graph.add_edge(tx, "T", a, b, &[])?;
        let second = graph.add_edge(tx, "T", a, b, &[])?;
        Ok((a, b, first, second, graph.add_edge(tx, "T", a, a, &[])?))
    })
    .unwrap();
    let of = |node, direction, types: &[&str]| {
        graph.neighbors(&store, node, &NeighborFilter { direction, types, ..NeighborFilter::default() }).unwrap()
    };
    let (out, back) = (Direction::Out, Direction::In);
    let around = Neighbor { node: a, edge: round, direction: out };
    let ahead = [first, second].map(|edge| Neighbor { node: b, edge, direction: out });
    assert_eq!(of(a, out, &[]), [around, ahead[0], ahead[1]]);
    assert_eq!(of(a, Direction::Both, &[]), [around, ahead[0], ahead[1]]);
    assert_eq!(of(a, Direction::Both, &["T"]), [around, ahead[0], ahead[1]]);
    assert_eq!(of(a, back, &[]), [Neighbor { node: a, edge: round, direction: back }]);
    assert_eq!(of(b, back, &["T", "T"]), [first, second].map(|edge| Neighbor { node: a, edge, direction: back }));
    change(&store, |tx| graph.remove_edge(tx, first)).unwrap();
    assert_eq!(of(a, out, &["T"]), [around, ahead[1]]);
}

#[test]
fn neighbors_fit_their_filter() {
    let (store, graph) = memory_graph();
    let hub = change(&store, |tx| {
        let hub = graph.add_node(tx, &["Hub"], &[])?;
        for n in 0..3_000_i64 {
            let label = if n % 3 == 0 { "Third" } else { "Other" };
            let node = graph.add_node(tx, &[label], &map(&[("n", Value::from(n % 10))]))?;
            graph.add_edge(tx, if n % 2 == 0 { "EVEN" } else { "ODD" }, hub, node, &[])?;
        }
        Ok(hub)
    })
    .unwrap();
    let count = |filter: &NeighborFilter<'_>| graph.neighbors(&store, hub, filter).unwrap().len();
    let five = map(&[("n", Value::from(5))]);
    let third = NodeFilter { label: Some("Third"), properties: None };
    let all = NeighborFilter::default();
    assert_eq!(count(&all), 3_000);
    assert_eq!(count(&NeighborFilter { direction: Direction::In, ..all }), 0);
    assert_eq!(count(&NeighborFilter { types: &["EVEN"], ..all }), 1_500);
    assert_eq!(count(&NeighborFilter { types: &["EVEN", "ODD"], ..all }), 3_000);
    assert_eq!(count(&NeighborFilter { types: &["NEVER"], ..all }), 0);
    assert_eq!(count(&NeighborFilter { node: third, ..all }), 1_000);
    assert_eq!(count(&NeighborFilter { types: &["ODD"], node: third, ..all }), 500);
    let both = NodeFilter { label: Some("Third"), properties: Some(&five) };
    assert_eq!(count(&NeighborFilter { node: both, ..all }), 100);
    assert_eq!(count(&NeighborFilter { node: both, limit: Some(7), ..all }), 7);
    assert_eq!(count(&NeighborFilter { limit: Some(0), ..all }), 0);
    assert_eq!(count(&NeighborFilter { types: &["ODD"], limit: Some(1_499), ..all }), 1_499);
    assert_eq!(count(&NeighborFilter { direction: Direction::Both, limit: Some(10_000), ..all }), 3_000);
    let unknown = NodeFilter { label: Some("Never"), properties: None };
    assert_eq!(count(&NeighborFilter { node: unknown, ..all }), 0);
    assert_eq!(graph.neighbors(&store, NodeId(987_654), &all).unwrap(), []);
    let bad = NodeFilter { label: None, properties: Some(b"\x01") };
    let refused = graph.neighbors(&store, hub, &NeighborFilter { node: bad, ..all });
    assert_eq!(code(refused), ErrorCode::InvalidArgument);
}
