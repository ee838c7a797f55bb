//! An index is created over any number of nodes, while others write, and is seen whole or not at all.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{assert_sound, change, code, index, map, memory_graph, random};
use rand::Rng;
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode, KeyRange, Options, Profile, Read, ScanOptions, Store};
use sledstore_graph::{Graph, Index, NodeFilter, NodeId, NodeUpdate, PropertyChange};

const NODES: i64 = 3_000;

fn number(n: i64) -> Vec<u8> {
    map(&[("n", Value::from(n))])
}

/// Adds nodes with the label `L` and the numbers `0..count`; gives their ids.
fn fill(store: &Store, graph: &Graph, count: i64) -> Vec<NodeId> {
    let mut ids = Vec::new();
    for first in (0..count).step_by(1_000) {
        let add = |n| (first + n < count).then_some(first + n);
        ids.extend(
            change(store, |tx| {
                (0..1_000)
                    .filter_map(add)
                    .map(|n| graph.add_node(tx, &["L"], &number(n)))
                    .collect::<Result<Vec<_>, _>>()
            })
            .unwrap(),
        );
    }
    ids
}

fn on_n(unique: bool) -> Index {
    Index { label: Some("L".into()), property: "n".into(), unique }
}

fn find(store: &Store, graph: &Graph, n: i64) -> Vec<NodeId> {
    graph.find(store, &NodeFilter { label: Some("L"), properties: Some(&number(n)) }, None).unwrap()
}

/// Rows of both kinds of index.
fn entries(store: &Store, graph: &Graph) -> u64 {
    let count = |kind: u8| {
        let range = KeyRange::prefix(&[kind]);
        store.scan(graph.namespace(), &range, ScanOptions::default()).unwrap().count_rows().unwrap()
    };
    count(0x14) + count(0x15)
}

fn assert_nothing_stays(store: &Store, graph: &Graph) {
    assert_eq!(graph.indexes(store).unwrap(), []);
    assert_eq!(entries(store, graph), 0);
    assert_sound(store, graph);
}

/// Until it is whole, several may share a value of which the index holds one entry: only its holder takes that out.
#[test]
fn a_twin_that_goes_during_the_build_leaves_the_others_entry() {
    let (store, graph) = memory_graph();
    let ids = fill(&store, &graph, NODES);
    let twin = change(&store, |tx| graph.add_node(tx, &["L"], &number(0))).unwrap();
    let mut is_gone = false;
    let made = graph.create_index(&on_n(true), Durability::None, &mut |_, _| {
        if !std::mem::replace(&mut is_gone, true) {
            change(&store, |tx| graph.remove_node(tx, twin)).unwrap();
        }
        true
    });
    assert!(made.unwrap());
    assert_eq!(find(&store, &graph, 0), [ids[0]]);
    let again = change(&store, |tx| graph.add_node(tx, &["L"], &number(0)));
    assert_eq!(code(again), ErrorCode::UniqueViolation);
    assert_sound(&store, &graph);
}

#[test]
fn more_entries_than_a_commit_may_hold() {
    let options = Options { memory_budget: Profile::Embedded.memory_budget(), ..Options::default() };
    let store = Store::memory(&options).unwrap();
    let graph = Graph::open(&store, "large").unwrap();
    let long = |n: i64| map(&[("text", Value::from(format!("{n:01400}")))]);
    // 14 MB of entries, where a commit may have 12.
    for first in (0..10_000).step_by(1_000) {
        change(&store, |tx| (first..first + 1_000).try_for_each(|n| graph.add_node(tx, &["L"], &long(n)).map(|_| ())))
            .unwrap();
    }
    assert!(index(&graph, Some("L"), "text", true).unwrap());
    let wanted = long(9_999);
    let filter = NodeFilter { label: Some("L"), properties: Some(&wanted) };
    assert_eq!(graph.find(&store, &filter, None).unwrap().len(), 1);
    assert_eq!(entries(&store, &graph), 10_000);
    assert!(!index(&graph, Some("L"), "text", true).unwrap());
}

#[test]
fn it_is_not_seen_before_it_is_whole() {
    let (store, graph) = memory_graph();
    let ids = fill(&store, &graph, NODES);
    let mut told = Vec::new();
    let created = graph.create_index(&on_n(false), Durability::None, &mut |done, total| {
        told.push(done);
        assert_eq!(total, NODES as u64);
        assert_eq!(graph.indexes(&store).unwrap(), []);
        // Entries of the last nodes are still missing, which an index in use would not find.
        assert_eq!(find(&store, &graph, NODES - 1), [ids[NODES as usize - 1]]);
        assert_sound(&store, &graph);
        true
    });
    assert!(created.unwrap());
    assert!(told.len() > 3 && told.is_sorted() && told.last() == Some(&(NODES as u64)), "{told:?}");
    assert_eq!(graph.indexes(&store).unwrap(), [on_n(false)]);
    assert_eq!(entries(&store, &graph), NODES as u64);
    assert_sound(&store, &graph);
}

#[test]
fn a_failure_or_an_end_leaves_nothing() {
    let (store, graph) = memory_graph();
    fill(&store, &graph, NODES);
    let ended = graph.create_index(&on_n(true), Durability::None, &mut |done, _| done < 1_000);
    assert_eq!(code(ended), ErrorCode::Aborted);
    assert_nothing_stays(&store, &graph);

    let twin = change(&store, |tx| graph.add_node(tx, &["L"], &number(NODES - 1))).unwrap();
    assert_eq!(code(index(&graph, Some("L"), "n", true)), ErrorCode::UniqueViolation);
    assert_nothing_stays(&store, &graph);

    let long = map(&[("n", Value::from("x".repeat(2_000)))]);
    let update = NodeUpdate { properties: Some(PropertyChange::Merge(&long)), ..NodeUpdate::default() };
    change(&store, |tx| graph.update_node(tx, twin, &update)).unwrap();
    assert_eq!(code(index(&graph, Some("L"), "n", false)), ErrorCode::KeyTooLarge);
    assert_nothing_stays(&store, &graph);

    change(&store, |tx| graph.remove_node(tx, twin)).unwrap();
    assert!(index(&graph, Some("L"), "n", true).unwrap());
    assert_sound(&store, &graph);
}

#[test]
fn dropped_while_it_is_built() {
    let (store, graph) = memory_graph();
    fill(&store, &graph, NODES);
    let ended = graph.create_index(&on_n(false), Durability::None, &mut |done, _| {
        if done == 1_000 {
            assert!(change(&store, |tx| graph.drop_index(tx, Some("L"), "n")).unwrap());
        }
        true
    });
    assert_eq!(code(ended), ErrorCode::Aborted);
    assert_nothing_stays(&store, &graph);
}

#[test]
fn writers_beside_it_keep_it_right() {
    let mut random = random();
    for unique in [false, true] {
        let (store, graph) = memory_graph();
        let ids = fill(&store, &graph, NODES);
        let built = AtomicBool::new(false);
        let mut fresh = NODES;
        let mut changes = 0;
        std::thread::scope(|scope| {
            let building = scope.spawn(|| {
                let created = graph.create_index(&on_n(unique), Durability::None, &mut |_, _| {
                    std::thread::yield_now();
                    true
                });
                built.store(true, Ordering::Release);
                created.unwrap()
            });
            while !built.load(Ordering::Acquire) || changes < 50 {
                let id = ids[random.random_range(0..ids.len())];
                fresh += 1;
                changes += 1;
                let done = change(&store, |tx| match fresh % 4 {
                    0 => graph.remove_node(tx, id),
                    1 => graph.add_node(tx, &["L"], &number(fresh)).map(|_| ()),
                    2 => {
                        let update = NodeUpdate { remove_labels: &["L"], ..NodeUpdate::default() };
                        graph.update_node(tx, id, &update)
                    }
                    _ => {
                        let new = number(fresh);
                        let properties = Some(PropertyChange::Merge(&new));
                        let update = NodeUpdate { properties, add_labels: &["L"], ..NodeUpdate::default() };
                        graph.update_node(tx, id, &update)
                    }
                });
                assert!(done.is_ok() || code(done) == ErrorCode::NotFound);
            }
            assert!(building.join().unwrap());
        });
        // Every node with the label has its entry, and no entry is left of another value.
        assert_sound(&store, &graph);
        assert_eq!(entries(&store, &graph), graph.count_nodes(&store, Some("L")).unwrap());
    }
}

#[test]
fn two_that_ask_for_one_index_share_the_work() {
    let (store, graph) = memory_graph();
    fill(&store, &graph, NODES);
    let created: usize = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..3).map(|_| scope.spawn(|| index(&graph, Some("L"), "n", true).unwrap())).collect();
        asked.into_iter().map(|asked| usize::from(asked.join().unwrap())).sum()
    });
    assert_eq!(created, 1);
    assert_eq!(entries(&store, &graph), NODES as u64);
    assert_sound(&store, &graph);
}

#[test]
fn who_shares_a_build_may_end_it_for_itself_alone() {
    for first_ends in [true, false] {
        let (store, graph) = memory_graph();
        fill(&store, &graph, NODES);
        let (begun, second_ended) = (Barrier::new(2), Barrier::new(2));
        std::thread::scope(|scope| {
            let building = scope.spawn(|| {
                let mut is_shared = false;
                graph.create_index(&on_n(true), Durability::None, &mut |_, _| {
                    if !std::mem::replace(&mut is_shared, true) {
                        begun.wait(); // the second may begin
                        begun.wait(); // it has
                        if !first_ends {
                            second_ended.wait();
                        }
                    }
                    !first_ends
                })
            });
            let (mut first, mut first_ended) = (Some(building), None);
            begun.wait();
            let second = graph.create_index(&on_n(true), Durability::None, &mut |_, _| {
                if let Some(building) = first.take() {
                    begun.wait();
                    if first_ends {
                        first_ended = Some(building.join().unwrap());
                    } else {
                        first = Some(building);
                    }
                }
                first_ends
            });
            if first_ends {
                assert_eq!(code(first_ended.unwrap()), ErrorCode::Aborted);
                assert!(second.unwrap());
            } else {
                assert_eq!(code(second), ErrorCode::Aborted);
                second_ended.wait();
                assert!(first.unwrap().join().unwrap().unwrap());
            }
        });
        assert_eq!(graph.indexes(&store).unwrap(), [on_n(true)]);
        assert_eq!(entries(&store, &graph), NODES as u64);
        assert_sound(&store, &graph);
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_crash_in_the_middle_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (own, crashed) = (folder.path().join("own"), folder.path().join("crashed"));
    let store = Store::open(&own, &Options::default()).unwrap();
    let graph = Graph::open(&store, "test").unwrap();
    fill(&store, &graph, NODES);
    graph
        .create_index(&on_n(true), Durability::None, &mut |done, _| {
            if done == 1_500 {
                // What a process that ends here would leave.
                store.flush().unwrap();
                copy_folder(&own, &crashed);
            }
            true
        })
        .unwrap();

    let after = Store::open(&crashed, &Options::default()).unwrap();
    let graph_after = Graph::open(&after, "test").unwrap();
    assert_nothing_stays(&after, &graph_after);
    // The unfinished index refuses nothing any more.
    change(&after, |tx| graph_after.add_node(tx, &["L"], &number(0))).unwrap();
    assert_eq!(code(index(&graph_after, Some("L"), "n", true)), ErrorCode::UniqueViolation);
    assert!(index(&graph_after, Some("L"), "n", false).unwrap());
    assert_sound(&after, &graph_after);
    after.close().unwrap();

    assert_eq!(graph.indexes(&store).unwrap(), [on_n(true)]);
    store.close().unwrap();
    let store = Store::open(&own, &Options::default()).unwrap();
    let graph = Graph::open(&store, "test").unwrap();
    assert_eq!(graph.indexes(&store).unwrap(), [on_n(true)]);
    assert_sound(&store, &graph);
    store.close().unwrap();
}

#[test]
fn a_repaired_store_takes_back_what_its_source_was_building() {
    let folder = tempfile::tempdir().unwrap();
    let [own, crashed, repaired] = ["own", "crashed", "repaired"].map(|name| folder.path().join(name));
    let store = Store::open(&own, &Options::default()).unwrap();
    fill(&store, &Graph::open(&store, "test").unwrap(), NODES);
    store.close().unwrap();
    // The second open of the source: that of the repaired store which follows is the second, too.
    let store = Store::open(&own, &Options::default()).unwrap();
    let build = |done, _| {
        if done == 1_500 {
            store.flush().unwrap();
            copy_folder(&own, &crashed);
        }
        true
    };
    Graph::open(&store, "test").unwrap().create_index(&on_n(true), Durability::None, &mut { build }).unwrap();
    Store::repair(&crashed, &repaired, &Options::default(), &mut |_| true).unwrap();
    let after = Store::open(&repaired, &Options::default()).unwrap();
    assert_nothing_stays(&after, &Graph::open(&after, "test").unwrap());
}
