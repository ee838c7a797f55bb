//! A request's answer says what the call it stands for says.
#![allow(clippy::unwrap_used)]

mod common;

use common::{change, code, index, map, memory_graph, pack};
use rmpv::Value;
use sledstore_engine::{ErrorCode, Store};
use sledstore_graph::{EdgeId, Graph, NodeId};

fn ask(store: &Store, graph: &Graph, request: &[Value]) -> Value {
    let bytes: Vec<u8> = request.iter().flat_map(pack).collect();
    let answer = graph.answer(&store.snapshot().unwrap(), &bytes).unwrap();
    let mut rest = &answer[..];
    let value = rmpv::decode::read_value(&mut rest).unwrap();
    assert!(rest.is_empty(), "one value");
    value
}

fn list(items: &[Value]) -> Value {
    Value::Array(items.to_vec())
}

fn property(value: i64) -> Value {
    Value::Map(vec![("n".into(), value.into())])
}

struct Three {
    store: Store,
    graph: Graph,
    nodes: Vec<u64>,
    edges: Vec<u64>,
}

/// Three nodes in a row, the second with a label.
fn three() -> Three {
    let (store, graph) = memory_graph();
    let (nodes, edges): (Vec<NodeId>, Vec<EdgeId>) = change(&store, |tx| {
        let labels: [&[&str]; 3] = [&["A"], &["A", "B"], &["A"]];
        let mut nodes = Vec::new();
        for (n, labels) in labels.into_iter().enumerate() {
            nodes.push(graph.add_node(tx, labels, &map(&[("n", Value::from(n as u64))]))?);
        }
        let first = graph.add_edge(tx, "T", nodes[0], nodes[1], &map(&[("n", Value::from(7))]))?;
        Ok((nodes.clone(), vec![first, graph.add_edge(tx, "U", nodes[1], nodes[2], &[])?]))
    })
    .unwrap();
    let (nodes, edges) = (nodes.iter().map(|id| id.0).collect(), edges.iter().map(|id| id.0).collect());
    Three { store, graph, nodes, edges }
}

#[test]
fn requests_answer_as_calls_do() {
    let Three { store, graph, nodes, edges } = three();
    let ask = |request: &[Value]| ask(&store, &graph, request);
    let null = Value::Nil;
    let (a, b, c) = (Value::from(nodes[0]), Value::from(nodes[1]), Value::from(nodes[2]));
    let (e, f) = (Value::from(edges[0]), Value::from(edges[1]));
    let node_a = list(&[a.clone(), list(&["A".into()]), property(0)]);
    let node_b = list(&[b.clone(), list(&["A".into(), "B".into()]), property(1)]);
    let node_c = list(&[c.clone(), list(&["A".into()]), property(2)]);
    let edge_e = list(&[e.clone(), "T".into(), a.clone(), b.clone(), property(7)]);
    let edge_f = list(&[f.clone(), "U".into(), b.clone(), c.clone(), Value::Map(vec![])]);

    assert_eq!(ask(&[1.into(), a.clone()]), node_a);
    assert_eq!(ask(&[1.into(), 999.into()]), null);
    assert_eq!(ask(&[2.into(), e.clone()]), edge_e);
    assert_eq!(ask(&[2.into(), 999.into()]), null);
    assert_eq!(ask(&[3.into(), "A".into(), property(2), null.clone(), 0.into()]), list(std::slice::from_ref(&c)));
    let found = ask(&[3.into(), null.clone(), null.clone(), 2.into(), 1.into()]);
    assert_eq!(found, list(&[node_a.clone(), node_b.clone()]));

    let both = |label: Value, form: i32| {
        let types = list(&[]);
        ask(&[4.into(), b.clone(), 2.into(), types, label, null.clone(), null.clone(), form.into()])
    };
    let ids = [c.clone(), f.clone(), 0.into(), a.clone(), e.clone(), 1.into()];
    assert_eq!(both(null.clone(), 0), list(&ids));
    assert_eq!(both(null.clone(), 1), list(&[edge_f.clone(), node_c.clone(), edge_e.clone(), node_a.clone()]));
    assert_eq!(both("B".into(), 1), list(&[]));

    let path = list(&[list(&[node_a, node_b.clone(), node_c]), list(&[edge_e.clone(), edge_f])]);
    let types = list(&["T".into(), "U".into()]);
    let to = |depth: Value| ask(&[5.into(), a.clone(), c.clone(), 0.into(), types.clone(), depth]);
    assert_eq!(to(null.clone()), path);
    assert_eq!(to(1.into()), null);
    let goal = ask(&[6.into(), c.clone(), "B".into(), null.clone(), 1.into(), types.clone(), null.clone()]);
    let Value::Array(parts) = &goal else { panic!("no path: {goal}") };
    assert_eq!((parts[0].as_array().unwrap().len(), &parts[0][1]), (2, &node_b));

    let around = ask(&[7.into(), a.clone(), 0.into(), list(&[]), null.clone(), null.clone()]);
    assert_eq!(around, list(&[b, 1.into(), c, 2.into()]));
    assert_eq!(ask(&[8.into(), "A".into()]), 3.into());
    assert_eq!(ask(&[8.into(), null.clone()]), 3.into());
    assert_eq!(ask(&[9.into()]), 2.into());
    index(&graph, Some("A"), "n", true).unwrap();
    index(&graph, None, "n", false).unwrap();
    assert_eq!(ask(&[10.into()]), list(&["A".into(), "n".into(), true.into(), null, "n".into(), false.into()]));
    assert_eq!(ask(&[11.into()]), list(&[]));
}

#[test]
fn what_there_is_is_told_and_walked_in_pages() {
    let Three { store, graph, nodes, edges } = three();
    let ask = |request: &[Value]| ask(&store, &graph, request);
    let labels = list(&["A".into(), 3.into(), "B".into(), 1.into()]);
    let types = list(&["T".into(), 1.into(), "U".into(), 1.into()]);
    assert_eq!(ask(&[13.into()]), list(&[3.into(), 2.into(), labels, types]));
    index(&graph, Some("A"), "n", true).unwrap();
    let Value::Array(indexes) = ask(&[14.into()]) else { panic!("no list of indexes") };
    let index = indexes[0].as_array().unwrap();
    let expected = [false.into(), "A".into(), list(&["n".into()]), 1.into(), false.into()];
    assert_eq!((indexes.len(), &index[1..]), (1, &expected[..]));

    let ids = |answer: Value| -> Vec<u64> {
        let rows = answer.as_array().unwrap().iter();
        rows.map(|row| row.as_array().unwrap()[0].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(ask(&[15.into(), Value::Nil, 2.into()])), nodes[..2]);
    assert_eq!(ids(ask(&[15.into(), nodes[1].into(), 2.into()])), nodes[2..]);
    assert_eq!(ids(ask(&[16.into(), Value::Nil, 9.into()])), edges);
    assert_eq!(ids(ask(&[16.into(), edges[1].into(), 9.into()])), Vec::<u64>::new());
}

#[test]
fn requests_that_cannot_be_read_are_refused() {
    let Three { store, graph, .. } = three();
    let requests: [&[Value]; 9] = [
        &[],
        &[0.into()],
        &[17.into()],
        &[15.into(), "1".into()],
        &[1.into()],
        &[1.into(), "1".into()],
        &[9.into(), 1.into()],
        &[5.into(), 1.into(), 2.into(), 3.into(), list(&[]), Value::Nil],
        &[3.into(), 7.into(), Value::Nil, Value::Nil, 0.into()],
    ];
    for request in requests {
        let bytes: Vec<u8> = request.iter().flat_map(pack).collect();
        assert_eq!(code(graph.answer(&store, &bytes)), ErrorCode::InvalidArgument, "{request:?}");
    }
}
