//! Counts are those of the rows at every snapshot, and writers do not meet over them.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{assert_sound, change, memory_graph};
use sledstore_engine::{Durability, KeyRange, Options, Read, ScanOptions, Store, Write};
use sledstore_graph::{Changes, Counts, Graph, NodeId, NodeUpdate};

fn rows(reader: &impl Read, graph: &Graph, prefix: &[u8]) -> u64 {
    reader.scan(graph.namespace(), &KeyRange::prefix(prefix), ScanOptions::default()).unwrap().count_rows().unwrap()
}

/// What there is, counted one by one.
fn counted(reader: &impl Read, graph: &Graph) -> Counts {
    let mut counts = Counts::default();
    let (mut nodes, mut edges, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    graph.nodes_into(reader, None, None, usize::MAX, &mut nodes).unwrap();
    graph.edges_into(reader, None, None, usize::MAX, &mut edges).unwrap();
    nodes.iter().for_each(|&node| assert!(graph.labels_into(reader, node, &mut labels).unwrap()));
    (counts.nodes, counts.edges) = (nodes.len() as u64, edges.len() as u64);
    labels.iter().for_each(|&label| *counts.labels.entry(label).or_default() += 1);
    edges.iter().for_each(|edge| *counts.edge_types.entry(edge.edge_type).or_default() += 1);
    counts
}

fn add_pair(store: &Store, graph: &Graph, at: u64) -> (NodeId, NodeId) {
    let pair = change(store, |tx| {
        let a = graph.add_node(tx, &["A", "Even"][..if at.is_multiple_of(2) { 2 } else { 1 }], &[])?;
        let b = graph.add_node(tx, &["B"], &[])?;
        graph.add_edge(tx, "T", a, b, &[])?;
        graph.add_edge(tx, "U", b, b, &[])?;
        Ok((a, b))
    });
    pair.unwrap()
}

#[test]
fn snapshots_have_their_counts_while_threads_write() {
    let (store, graph) = memory_graph();
    add_pair(&store, &graph, 0);
    let conflicts = store.stats().conflicts;
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3_u64)
            .map(|thread| {
                let (store, graph) = (&store, &graph);
                scope.spawn(move || {
                    for at in 0..150 {
                        let (a, b) = add_pair(store, graph, at);
                        if at % 3 == thread {
                            change(store, |tx| graph.remove_node(tx, b)).unwrap();
                            let update =
                                NodeUpdate { add_labels: &["C"], remove_labels: &["A"], ..NodeUpdate::default() };
                            change(store, |tx| graph.update_node(tx, a, &update)).unwrap();
                        }
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                let snapshot = store.snapshot().unwrap();
                assert_eq!(graph.counts(&snapshot).unwrap(), counted(&snapshot, &graph));
            }
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        ended.store(true, Ordering::Relaxed);
    });
    // The label "C" is new to each thread, and its name is read by those that introduce it; the rest meets nobody.
    assert!(store.stats().conflicts - conflicts < 20, "{}", store.stats().conflicts - conflicts);
    let counts = graph.counts(&store).unwrap();
    assert_eq!((counts.nodes, counts.edges), (2 + 900 - 150, 2 + 900 - 300));
    assert_eq!(graph.count_nodes(&store, Some("C")).unwrap(), 150);
    assert_eq!(graph.count_edge_type(&store, graph.edge_type_number(&store, "U").unwrap().unwrap()).unwrap(), 301);
    assert_sound(&store, &graph);
}

#[test]
fn open_transactions_that_change_counts_all_commit() {
    let (store, graph) = memory_graph();
    add_pair(&store, &graph, 0);
    let mut open: Vec<_> = (0..5).map(|_| store.begin().unwrap()).collect();
    for tx in &mut open {
        graph.add_node(tx, &["A"], &[]).unwrap();
    }
    // Far more than a fold waits for, before any of those commits.
    (0..200).for_each(|at| _ = add_pair(&store, &graph, at));
    for (at, tx) in open.into_iter().enumerate() {
        assert_eq!(graph.count_nodes(&store, Some("A")).unwrap(), 201 + at as u64);
        tx.commit(Durability::None).unwrap();
    }
    assert_eq!(graph.counts(&store).unwrap(), counted(&store, &graph));
}

#[test]
fn a_transaction_sees_its_own_counts() {
    let (store, graph) = memory_graph();
    for round in 0..60 {
        let mut tx = store.begin().unwrap();
        let before = graph.counts(&tx).unwrap();
        // Others commit, and fold, while it is open.
        (0..4).for_each(|at| _ = add_pair(&store, &graph, at));
        let node = graph.add_node(&mut tx, &["A"], &[]).unwrap();
        assert_eq!(graph.count_nodes(&tx, None).unwrap(), before.nodes + 1);
        graph.remove_node(&mut tx, node).unwrap();
        assert_eq!(graph.counts(&tx).unwrap(), before, "{round}");
        tx.abort();
    }
}

#[test]
fn many_single_changes_of_one_transaction_are_folded() {
    const CHANGES: u64 = 5_000;
    let (store, graph) = memory_graph();
    change(&store, |tx| (0..CHANGES).try_for_each(|_| graph.add_node(tx, &["A"], &[]).map(|_| ()))).unwrap();
    // A fold waits until no transaction from before is open, which ages tell by the millisecond.
    let mut left = rows(&store, &graph, &[0x06]);
    for _ in 0..100 {
        std::thread::sleep(std::time::Duration::from_millis(2));
        (0..70).for_each(|_| _ = change(&store, |tx| graph.add_node(tx, &["A"], &[])).unwrap());
        left = rows(&store, &graph, &[0x06]);
        if left < 500 {
            break;
        }
    }
    assert!(left < 500, "{left} changes are not folded");
    assert_eq!(graph.counts(&store).unwrap(), counted(&store, &graph));
    assert_sound(&store, &graph);
}

#[test]
fn one_writer_leaves_one_row_of_changes() {
    let (store, graph) = memory_graph();
    let before = rows(&store, &graph, &[0x06]);
    change(&store, |tx| {
        let mut changes = Changes::default();
        let mut writer = graph.writer(tx, &mut changes)?;
        let nodes = (0..100).map(|_| writer.add_node(&["A", "B"], &[])).collect::<Result<Vec<_>, _>>()?;
        nodes.windows(2).try_for_each(|pair| writer.add_edge("T", pair[0], pair[1], &[]).map(|_| ()))?;
        graph.finish(tx, changes)
    })
    .unwrap();
    assert_eq!(rows(&store, &graph, &[0x06]), before + 1);
    assert_eq!(graph.counts(&store).unwrap(), counted(&store, &graph));
    let nothing = change(&store, |tx| graph.finish(tx, Changes::default()));
    nothing.unwrap();
    assert_eq!(rows(&store, &graph, &[0x06]), before + 1);
}

#[test]
fn counts_survive_reopening_and_other_handles() {
    let folder = tempfile::tempdir().unwrap();
    for open in 0..4_u64 {
        let store = Store::open(folder.path(), &Options::default()).unwrap();
        let (graph, other) = (Graph::open(&store, "g").unwrap(), Graph::open(&store, "g").unwrap());
        assert_eq!(graph.count_nodes(&store, None).unwrap(), open * 200);
        for at in 0..50 {
            add_pair(&store, &graph, at);
            add_pair(&store, &other, at);
        }
        assert_eq!(graph.counts(&store).unwrap(), counted(&store, &other));
        assert_sound(&store, &graph);
        store.close().unwrap();
    }
}

#[test]
fn a_wrong_count_is_found() {
    let (store, graph) = memory_graph();
    (0..100).for_each(|at| _ = add_pair(&store, &graph, at));
    std::thread::sleep(std::time::Duration::from_millis(5));
    (0..100).for_each(|at| _ = add_pair(&store, &graph, at));
    for kind in [0x05, 0x06] {
        let mut found = Vec::new();
        let mut scan = store.scan(graph.namespace(), &KeyRange::prefix(&[kind]), ScanOptions::default()).unwrap();
        while scan.next_page(8, usize::MAX, &mut |key, value| found.push((key.to_vec(), value.to_vec()))).unwrap() {}
        assert!(!found.is_empty(), "{kind}");
        // Where folding has come to matters with changes below it alone.
        for (key, value) in found.iter().filter(|(key, _)| key[1] != b'<').take(4) {
            for wrong in [None, Some(&b"\xff"[..])] {
                change(&store, |tx| match wrong {
                    None => tx.delete(graph.namespace(), key),
                    Some(value) => tx.put(graph.namespace(), key, value),
                })
                .unwrap();
                let findings = graph.verify(&store.snapshot().unwrap()).unwrap();
                assert!(findings.iter().any(|finding| finding.starts_with("G6")), "{key:?}: {findings:?}");
            }
            change(&store, |tx| tx.put(graph.namespace(), key, value)).unwrap();
            assert_sound(&store, &graph);
        }
    }
}
