//! Properties that must be there are, after every commit; indexes and constraints are named, listed and dropped.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_sound, change, code, map, memory_graph};
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode, Options, Result, Store, Write};
use sledstore_graph::{Changes, Entity, Graph, IndexKind, IndexSpec, NodeUpdate, PropertyChange};

fn exists(entity: Entity, label: &str, property: &str) -> IndexSpec {
    IndexSpec {
        name: format!("{label} has {property}"),
        entity,
        label: Some(label.to_owned()),
        properties: vec![property.to_owned()],
        kind: IndexKind::Exists,
    }
}

fn build(graph: &Graph, spec: &IndexSpec) -> Result<bool> {
    graph.build_index(spec, Durability::None, &mut |_, _| true)
}

fn name(text: &str) -> Vec<u8> {
    map(&[("name", Value::from(text))])
}

fn merge(properties: &[u8]) -> NodeUpdate<'_> {
    NodeUpdate { properties: Some(PropertyChange::Merge(properties)), ..NodeUpdate::default() }
}

#[test]
fn a_node_without_its_property_is_refused() {
    let (store, graph) = memory_graph();
    assert!(build(&graph, &exists(Entity::Node, "Person", "name")).unwrap());
    let error = change(&store, |tx| graph.add_node(tx, &["Person"], &[])).unwrap_err();
    assert_eq!(error.code(), ErrorCode::SchemaInvalid);
    assert!(error.message().contains(":Person {name}") && error.message().contains("Person has name"), "{error}");

    let ann = change(&store, |tx| graph.add_node(tx, &["Person"], &name("Ann"))).unwrap();
    let nobody = change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap();
    let gone = map(&[("name", Value::Nil)]);
    assert_eq!(code(change(&store, |tx| graph.update_node(tx, ann, &merge(&gone)))), ErrorCode::SchemaInvalid);
    let become_person = NodeUpdate { add_labels: &["Person"], ..NodeUpdate::default() };
    assert_eq!(code(change(&store, |tx| graph.update_node(tx, nobody, &become_person))), ErrorCode::SchemaInvalid);
    let bo = name("Bo");
    change(&store, |tx| graph.update_node(tx, nobody, &NodeUpdate { add_labels: &["Person"], ..merge(&bo) })).unwrap();
    change(&store, |tx| graph.remove_node(tx, ann)).unwrap();
    assert_eq!(graph.count_nodes(&store, Some("Person")).unwrap(), 1);
    assert_sound(&store, &graph);
}

#[test]
fn an_edge_without_its_property_is_refused() {
    let (store, graph) = memory_graph();
    build(&graph, &exists(Entity::Edge, "KNOWS", "name")).unwrap();
    let node = change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap();
    assert_eq!(code(change(&store, |tx| graph.add_edge(tx, "KNOWS", node, node, &[]))), ErrorCode::SchemaInvalid);
    change(&store, |tx| graph.add_edge(tx, "LIKES", node, node, &[])).unwrap();
    let edge = change(&store, |tx| graph.add_edge(tx, "KNOWS", node, node, &name("x"))).unwrap();
    let replaced = change(&store, |tx| graph.update_edge(tx, edge, PropertyChange::Replace(&[])));
    assert_eq!(code(replaced), ErrorCode::SchemaInvalid);
    assert_sound(&store, &graph);
}

#[test]
fn a_writer_may_be_checked_at_its_end() {
    let (store, graph) = memory_graph();
    build(&graph, &exists(Entity::Node, "Person", "name")).unwrap();
    let run = |complete: bool, remove: bool| {
        change(&store, |tx| {
            let mut changes = Changes::checked_at_end();
            let mut writer = graph.writer(tx, &mut changes)?;
            let id = writer.add_node(&["Person"], &[])?;
            if complete {
                writer.update_node(id, &merge(&name("Ann")))?;
            }
            if remove {
                writer.remove_node(id)?;
            }
            graph.finish(tx, changes)
        })
    };
    run(true, false).unwrap();
    run(false, true).unwrap();
    assert_eq!(code(run(false, false)), ErrorCode::SchemaInvalid);
    assert_eq!(graph.count_nodes(&store, None).unwrap(), 1);
    assert_sound(&store, &graph);
}

#[test]
fn a_constraint_that_does_not_hold_is_not_created() {
    let (store, graph) = memory_graph();
    change(&store, |tx| graph.add_node(tx, &["Person"], &name("Ann"))).unwrap();
    let lacking = change(&store, |tx| graph.add_node(tx, &["Person"], &[])).unwrap();
    for kind in [IndexKind::Exists, IndexKind::Key] {
        let spec = IndexSpec { kind, ..exists(Entity::Node, "Person", "name") };
        assert_eq!(code(build(&graph, &spec)), ErrorCode::SchemaInvalid);
        assert_eq!(graph.all_indexes(&store).unwrap(), []);
    }
    change(&store, |tx| graph.update_node(tx, lacking, &merge(&name("Bo")))).unwrap();
    assert!(build(&graph, &exists(Entity::Node, "Person", "name")).unwrap());
    assert_sound(&store, &graph);
}

#[test]
fn a_new_constraint_conflicts_with_a_writer_that_did_not_know_it() {
    let (store, graph) = memory_graph();
    let mut writing = store.begin().unwrap();
    graph.add_node(&mut writing, &["Person"], &[]).unwrap();
    build(&graph, &exists(Entity::Node, "Person", "name")).unwrap();
    assert_eq!(code(writing.commit(Durability::None)), ErrorCode::Conflict);
    assert_sound(&store, &graph);
}

#[test]
fn indexes_are_named_listed_and_dropped() {
    let (store, graph) = memory_graph();
    let spec = |name: &str, properties: &[&str], kind| IndexSpec {
        name: name.into(),
        label: Some("L".into()),
        properties: properties.iter().map(|&property| property.into()).collect(),
        kind,
        ..IndexSpec::default()
    };
    let pair = spec("pair", &["a", "b"], IndexKind::Range);
    assert!(build(&graph, &pair).unwrap());
    assert!(!build(&graph, &pair).unwrap(), "there is one already");
    assert_eq!(code(build(&graph, &spec("pair", &["b"], IndexKind::Range))), ErrorCode::Exists);
    assert_eq!(code(build(&graph, &spec("other", &["a", "b"], IndexKind::Unique))), ErrorCode::Exists);
    assert_eq!(code(build(&graph, &spec("none", &[], IndexKind::Range))), ErrorCode::InvalidArgument);
    assert_eq!(code(build(&graph, &spec("twice", &["a", "a"], IndexKind::Range))), ErrorCode::InvalidArgument);
    assert_eq!(code(build(&graph, &spec("many", &["x"; 17], IndexKind::Range))), ErrorCode::InvalidArgument);
    assert!(build(&graph, &spec("", &["b", "a"], IndexKind::Key)).unwrap());
    assert!(build(&graph, &spec("must", &["a", "b"], IndexKind::Exists)).unwrap());

    let infos = graph.all_indexes(&store).unwrap();
    let names: Vec<_> = infos.iter().map(|info| info.spec.name.as_str()).collect();
    assert_eq!(names, ["pair", "index_2", "must"]);
    assert_eq!(graph.indexes(&store).unwrap(), [], "of one property there is none");
    assert_eq!(graph.indexes_to_seek(&store).unwrap().len(), 2);

    let both = map(&[("a", 1.into()), ("b", 2.into())]);
    change(&store, |tx| graph.add_node(tx, &["L"], &both)).unwrap();
    let rows = graph.count_rows(&store).unwrap();
    for (name, entries) in [("must", 0), ("index_2", 1), ("pair", 1)] {
        assert!(change(&store, |tx| graph.drop_named_index(tx, name)).unwrap());
        assert!(!change(&store, |tx| graph.drop_named_index(tx, name)).unwrap());
        assert!(graph.count_rows(&store).unwrap() >= rows - 2 && entries < 2);
    }
    assert_eq!(graph.count_rows(&store).unwrap(), rows - 2);
    change(&store, |tx| graph.add_node(tx, &["L"], &[])).unwrap();
    assert_sound(&store, &graph);
}

#[test]
fn what_a_build_met_a_crash_at_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    change(&store, |tx| graph.add_node(tx, &["Person"], &[])).unwrap();
    // A build that panics neither ends nor is taken back by itself.
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let spec = IndexSpec { kind: IndexKind::Range, ..exists(Entity::Node, "Person", "name") };
        graph.build_index(&spec, Durability::None, &mut |_, _| panic!("in the middle"))
    }));
    assert!(panicked.is_err());
    assert!(graph.all_indexes(&store).unwrap()[0].is_building);
    assert_eq!(graph.indexes_to_seek(&store).unwrap(), []);
    store.close().unwrap();
    let store = Store::open(folder.path(), &Options::default()).unwrap();
    assert_eq!(Graph::open(&store, "g").unwrap().all_indexes(&store).unwrap(), []);
}

#[test]
fn verify_finds_what_a_constraint_forbids() {
    let (store, graph) = memory_graph();
    build(&graph, &exists(Entity::Node, "Person", "name")).unwrap();
    let id = change(&store, |tx| graph.add_node(tx, &["Person"], &name("Ann"))).unwrap();
    let mut key = vec![0x10];
    key.extend_from_slice(&[1, u8::try_from(id.0).unwrap()]);
    // One label of number one, and no properties.
    change(&store, |tx| tx.put(graph.namespace(), &key, &[1, 1, 1, 1, 0x80])).unwrap();
    let findings = graph.verify(&store.snapshot().unwrap()).unwrap();
    assert!(findings.len() == 1 && findings[0].starts_with("G7"), "{findings:?}");
}
