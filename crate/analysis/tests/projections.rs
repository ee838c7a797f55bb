//! Projections show the graph at the moment that was asked for, whatever happened before, and are counted.
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use sledstore_algorithm::Csr;
use sledstore_analysis::{Phase, Projection};
use sledstore_engine::{Durability, ErrorCode, Options, Profile, Snapshot, Store};
use sledstore_graph::{EdgeId, Graph, NodeId, NodeUpdate, PropertyChange};

fn open() -> (Store, Graph) {
    let store = Store::memory(&Options { durability: Durability::None, ..Options::default() }).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    (store, graph)
}

fn at(graph: &Graph, snapshot: &Snapshot, weight: Option<&str>) -> Arc<Projection> {
    Projection::at(graph, snapshot, weight, &mut |_, _, _| true).unwrap()
}

fn now(graph: &Graph, weight: Option<&str>) -> Arc<Projection> {
    at(graph, &graph.store().snapshot().unwrap(), weight)
}

/// Nodes, and edges with their ends, in either direction, and weights.
type Shape = (BTreeSet<u64>, BTreeSet<(u64, u64, u64, u64)>, BTreeSet<(u64, u64, u64)>);

fn shape(csr: &Csr) -> Shape {
    let (out, back) = (csr.view(), csr.view().reversed());
    let (mut nodes, mut edges, mut entering) = Default::default();
    for node in out.nodes() {
        BTreeSet::insert(&mut nodes, csr.id_of(node));
        for next in out.neighbors(node) {
            let weight = csr.weight_of(next.edge).to_bits();
            assert!(BTreeSet::insert(
                &mut edges,
                (csr.edge_id_of(next.edge), csr.id_of(node), csr.id_of(next.node), weight)
            ));
        }
        for next in back.neighbors(node) {
            BTreeSet::insert(&mut entering, (csr.edge_id_of(next.edge), csr.id_of(next.node), csr.id_of(node)));
        }
    }
    assert_eq!((csr.node_count(), csr.edge_count()), (nodes.len(), edges.len()));
    (nodes, edges, entering)
}

fn check(graph: &Graph, weight: Option<&str>) {
    let snapshot = graph.store().snapshot().unwrap();
    let kept = at(graph, &snapshot, weight);
    let anew = Projection::of(graph, &snapshot, weight, &mut |_, _, _| true).unwrap();
    assert_eq!(shape(kept.csr()), shape(anew.csr()));
    for label in ["A", "B", "Nobody"] {
        let ids = |projection: &Projection| -> BTreeSet<u64> {
            let members = projection.members(graph, &snapshot, &[label]).unwrap();
            members.iter().map(|node| projection.csr().id_of(node)).collect()
        };
        assert_eq!(ids(&kept), ids(&anew), "{label}");
    }
    let types = |projection: &Projection| {
        let of = projection.types(graph, &snapshot, &["S"]).unwrap();
        projection
            .csr()
            .view()
            .of_types(&of)
            .nodes()
            .map(|node| projection.csr().view().of_types(&of).neighbors(node).count())
            .sum::<usize>()
    };
    assert_eq!(types(&kept), types(&anew));
}

fn weight_of(number: f64) -> Vec<u8> {
    let mut map = b"\x81\xa1w\xcb".to_vec();
    map.extend_from_slice(&number.to_be_bytes());
    map
}

#[test]
fn random_commits_are_taken_in() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| rand::rng().random());
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (store, graph) = open();
    let (mut nodes, mut edges): (Vec<NodeId>, Vec<EdgeId>) = (Vec::new(), Vec::new());
    for step in 0..300 {
        store
            .transact(Durability::None, |tx| {
                for _ in 0..random.random_range(1..6) {
                    match random.random_range(0..10) {
                        0 | 1 => nodes.push(graph.add_node(tx, &[*["A", "B"].choose(&mut random).unwrap()], &[])?),
                        2..6 if !nodes.is_empty() => {
                            let (from, to) = (*nodes.choose(&mut random).unwrap(), *nodes.choose(&mut random).unwrap());
                            let name = *["R", "S", "T"].choose(&mut random).unwrap();
                            edges.push(graph.add_edge(tx, name, from, to, &weight_of(random.random()))?);
                        }
                        6 if !edges.is_empty() => {
                            let at = random.random_range(0..edges.len());
                            let _ = graph.remove_edge(tx, edges.swap_remove(at));
                        }
                        7 if nodes.len() > 10 => {
                            let at = random.random_range(0..nodes.len());
                            graph.remove_node(tx, nodes.swap_remove(at))?;
                        }
                        8 if !edges.is_empty() => {
                            let edge = *edges.choose(&mut random).unwrap();
                            let weight = weight_of(random.random());
                            let _ = graph.update_edge(tx, edge, PropertyChange::Replace(&weight));
                        }
                        _ if !nodes.is_empty() => {
                            let update =
                                NodeUpdate { add_labels: &["A"], remove_labels: &["B"], ..NodeUpdate::default() };
                            graph.update_node(tx, *nodes.choose(&mut random).unwrap(), &update)?;
                        }
                        _ => {}
                    }
                }
                Ok(())
            })
            .unwrap();
        if step % 3 == 0 {
            check(&graph, Some("w"));
        }
        if step % 7 == 0 {
            check(&graph, None);
        }
        if step == 150 {
            // Edges of packed rows go, too.
            graph.pack_edges(&mut |_| true).unwrap();
        }
    }
}

/// A ring of `count` nodes.
fn ring(store: &Store, graph: &Graph, count: u64) -> Vec<NodeId> {
    store
        .transact(Durability::None, |tx| {
            let nodes: Vec<NodeId> = (0..count).map(|_| graph.add_node(tx, &["A"], &[])).collect::<Result<_, _>>()?;
            for (at, &node) in nodes.iter().enumerate() {
                graph.add_edge(tx, "R", node, nodes[(at + 1) % nodes.len()], &[])?;
            }
            Ok(nodes)
        })
        .unwrap()
}

#[test]
fn it_is_built_once_and_shared() {
    let (store, graph) = open();
    ring(&store, &graph, 50);
    let mut loads = 0;
    let first = Projection::at(&graph, &store.snapshot().unwrap(), None, &mut |phase, _, _| {
        loads += u32::from(phase == Phase::Load);
        true
    });
    let first = first.unwrap();
    let again = Graph::open(&store, "g").unwrap();
    assert!(Arc::ptr_eq(&first, &now(&again, None)));
    assert!(!Arc::ptr_eq(&first, &now(&graph, Some("w"))));
    // What does not touch the adjacency leaves it as it is, for a snapshot from before that, too.
    let before = store.snapshot().unwrap();
    store
        .transact(Durability::None, |tx| {
            let other = store.namespace("other", &Default::default())?;
            sledstore_engine::Write::put(tx, other.id, b"key", b"value")
        })
        .unwrap();
    assert!(Arc::ptr_eq(&first, &now(&graph, None)));
    assert!(Arc::ptr_eq(&first, &at(&graph, &before, None)));
    assert!(Arc::ptr_eq(&first, &now(&graph, None)));
}

#[test]
fn what_was_taken_in_is_forgotten() {
    let (store, graph) = open();
    let nodes = ring(&store, &graph, 10);
    let first = now(&graph, None);
    // Far more than is told at once, a part of it at a time.
    for _ in 0..40 {
        let add =
            |tx: &mut _| (0..2_000).try_for_each(|at| graph.add_edge(tx, "R", nodes[at % 10], nodes[0], &[]).map(drop));
        store.transact(Durability::None, add).unwrap();
        let mut loads = 0;
        let snapshot = store.snapshot().unwrap();
        Projection::at(&graph, &snapshot, None, &mut |_, _, _| {
            loads += 1;
            true
        })
        .unwrap();
        assert_eq!(loads, 0, "it is not read anew");
    }
    assert_eq!(now(&graph, None).csr().edge_count(), first.csr().edge_count() + 80_000);
}

#[test]
fn what_was_rolled_back_is_not_in_it() {
    let (store, graph) = open();
    let nodes = ring(&store, &graph, 5);
    assert_eq!(now(&graph, None).csr().edge_count(), 5);
    let mut tx = store.begin().unwrap();
    graph.add_edge(&mut tx, "R", nodes[0], nodes[2], &[]).unwrap();
    graph.remove_node(&mut tx, nodes[4]).unwrap();
    // Its own writes are in what a transaction projects, and in nothing else.
    let own = Projection::of(&graph, &tx, None, &mut |_, _, _| true).unwrap();
    assert_eq!((own.csr().node_count(), own.csr().edge_count()), (4, 4));
    assert_eq!(now(&graph, None).csr().edge_count(), 5);
    tx.abort();
    assert_eq!(now(&graph, None).csr().edge_count(), 5);
    check(&graph, None);
}

#[test]
fn a_transaction_that_projected_conflicts_with_new_edges() {
    let (store, graph) = open();
    let nodes = ring(&store, &graph, 5);
    let mut tx = store.begin().unwrap();
    Projection::of(&graph, &tx, None, &mut |_, _, _| true).unwrap();
    graph.add_node(&mut tx, &[], &[]).unwrap();
    store.transact(Durability::None, |tx| graph.add_edge(tx, "R", nodes[0], nodes[3], &[])).unwrap();
    assert_eq!(tx.commit(Durability::None).unwrap_err().code(), ErrorCode::Conflict);
}

#[test]
fn an_older_snapshot_has_its_own() {
    let (store, graph) = open();
    let nodes = ring(&store, &graph, 5);
    let before = store.snapshot().unwrap();
    assert_eq!(at(&graph, &before, None).csr().edge_count(), 5);
    store.transact(Durability::None, |tx| graph.remove_node(tx, nodes[0])).unwrap();
    let held = now(&graph, None);
    assert_eq!(held.csr().edge_count(), 3);
    assert_eq!(at(&graph, &before, None).csr().edge_count(), 5);
    assert!(Arc::ptr_eq(&held, &now(&graph, None)), "the newer one stays");
}

#[test]
fn more_changes_than_are_told_are_read_anew() {
    let (store, graph) = open();
    let nodes = ring(&store, &graph, 10);
    assert_eq!(now(&graph, None).csr().edge_count(), 10);
    for _ in 0..40 {
        store
            .transact(Durability::None, |tx| {
                (0..1_000)
                    .try_for_each(|at| graph.add_edge(tx, "R", nodes[at % 10], nodes[at / 10 % 10], &[]).map(|_| ()))
            })
            .unwrap();
    }
    check(&graph, None);
    assert_eq!(now(&graph, None).csr().edge_count(), 40_010);
}

#[test]
fn its_memory_is_counted_and_given_back() {
    let (store, graph) = open();
    let derived = || store.stats().memory.derived as usize;
    assert_eq!(derived(), 0);
    ring(&store, &graph, 2_000);
    let projection = now(&graph, None);
    assert_eq!(derived(), projection.bytes());
    let weighed = now(&graph, Some("w"));
    assert_eq!(derived(), projection.bytes() + weighed.bytes());
    ring(&store, &graph, 500);
    let later = now(&graph, None);
    assert!(later.bytes() > projection.bytes());
    assert_eq!(derived(), later.bytes() + weighed.bytes());
    drop((projection, weighed, later));
    assert!(Graph::drop(&store, "g").unwrap());
    let snapshot = store.snapshot().unwrap();
    let refused = Projection::at(&graph, &snapshot, None, &mut |_, _, _| true).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::NamespaceDropped);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while derived() > 0 {
        assert!(std::time::Instant::now() < end, "it goes with the graph");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn others_give_way_and_what_never_fits_is_refused() {
    let options = Options { memory_budget: Profile::Embedded.memory_budget(), ..Options::default() };
    let store = Store::memory(&Options { durability: Durability::None, ..options }).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    for _ in 0..10 {
        ring(&store, &graph, 2_000);
    }
    let first = now(&graph, None);
    let bytes = first.bytes();
    let held = store.lend(store.lent_bytes_max() - bytes - bytes / 2).unwrap();
    drop(first);
    now(&graph, Some("w"));
    assert!(store.stats().memory.derived as usize <= store.lent_bytes_max(), "the first gave way");
    drop(held);
    let _held = store.lend(store.lent_bytes_max() - store.stats().memory.derived as usize).unwrap();
    let other = Graph::open(&store, "other").unwrap();
    for _ in 0..20 {
        ring(&store, &other, 2_000);
    }
    let snapshot = store.snapshot().unwrap();
    let refused = Projection::at(&other, &snapshot, None, &mut |_, _, _| true).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::TooLarge);
}

#[test]
fn reading_can_be_ended() {
    let (store, graph) = open();
    for _ in 0..5 {
        ring(&store, &graph, 4_000);
    }
    let ended =
        Projection::at(&graph, &store.snapshot().unwrap(), None, &mut |_, done, _| done < 10_000).err().unwrap();
    assert_eq!(ended.code(), ErrorCode::Aborted);
    assert_eq!(now(&graph, None).csr().edge_count(), 20_000);
}
