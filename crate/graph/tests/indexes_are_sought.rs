//! Seeking in indexes of one or several properties, over nodes and edges, finds what going over everything finds.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::ops::Bound;

use common::{assert_sound, change, code, map, memory_graph, pack, random};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use rmpv::Value;
use sledstore_engine::{Durability, ErrorCode, Read, Result, Store};
use sledstore_graph::{
    EdgeId, Entity, Graph, IndexKind, IndexSpec, NodeFilter, NodeId, NodeUpdate, PropertyChange, Seek, SeekNext,
};

type Row = BTreeMap<&'static str, Value>;

fn spec(entity: Entity, label: &str, properties: &[&str], kind: IndexKind) -> IndexSpec {
    let properties = properties.iter().map(|&property| property.to_owned()).collect();
    IndexSpec { entity, label: Some(label.to_owned()), properties, kind, ..IndexSpec::default() }
}

fn build(graph: &Graph, spec: &IndexSpec) -> Result<bool> {
    graph.build_index(spec, Durability::None, &mut |_, _| true)
}

fn some_value(random: &mut StdRng) -> Value {
    match random.random_range(0..8) {
        0 => Value::from(*["", "a", "ab", "abc", "b\0", "b"].choose(random).unwrap()),
        1 => Value::from(random.random_bool(0.5)),
        2 => Value::F64(f64::from(random.random_range(-3..4)) / 2.0),
        3 => Value::Map(vec![]),
        4 => Value::Array(vec![Value::from(random.random_range(0..2))]),
        _ => Value::from(random.random_range(-2..3)),
    }
}

fn some_row(random: &mut StdRng) -> Row {
    let count = random.random_range(0..=3);
    let names = ["a", "b", "c"].into_iter().choose_multiple(random, count);
    names.into_iter().map(|name| (name, some_value(random))).collect()
}

fn encode(row: &Row) -> Vec<u8> {
    map(&row.iter().map(|(&name, value)| (name, value.clone())).collect::<Vec<_>>())
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|_| value.is_number())
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}

fn less(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Boolean(a), Value::Boolean(b)) => !a & b,
        (Value::String(a), Value::String(b)) => a.as_str() < b.as_str(),
        _ => matches!((number(a), number(b)), (Some(a), Some(b)) if a < b),
    }
}

#[derive(Clone, Debug)]
enum Next {
    Any,
    Range(Bound<Value>, Bound<Value>),
    StartsWith(String),
    Formed,
    Other,
    Missing,
}

impl Next {
    fn some(random: &mut StdRng) -> Self {
        let bound = |random: &mut StdRng| match random.random_range(0..3) {
            0 => Bound::Unbounded,
            1 => Bound::Included(some_value(random)),
            _ => Bound::Excluded(some_value(random)),
        };
        match random.random_range(0..7) {
            0 => Self::Any,
            4 => Self::Formed,
            5 => Self::Other,
            6 => Self::Missing,
            1 => Self::StartsWith((*["", "a", "ab", "b\0"].choose(random).unwrap()).to_owned()),
            _ => Self::Range(bound(random), bound(random)),
        }
    }

    fn fits(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return matches!(self, Self::Any | Self::Missing) };
        match self {
            Self::Any => true,
            Self::Formed => !value.is_map(),
            Self::Other => value.is_map(),
            Self::Missing => false,
            Self::StartsWith(text) => value.as_str().is_some_and(|value| value.starts_with(text.as_str())),
            Self::Range(lower, upper) => {
                let above = match lower {
                    Bound::Included(bound) => less(bound, value) || same(bound, value),
                    Bound::Excluded(bound) => less(bound, value),
                    Bound::Unbounded => true,
                };
                let below = match upper {
                    Bound::Included(bound) => less(value, bound) || same(bound, value),
                    Bound::Excluded(bound) => less(value, bound),
                    Bound::Unbounded => true,
                };
                above && below
            }
        }
    }
}

/// What is sought, by going over all rows; sorted by id.
fn expected(rows: &BTreeMap<u64, Row>, names: &[&str], equal: &[Value], next: &Next) -> Vec<u64> {
    let fits = |row: &Row| {
        let firsts = names.iter().zip(equal).all(|(name, value)| row.get(name).is_some_and(|have| same(have, value)));
        // An index has what has its first property.
        firsts && row.contains_key(names[0]) && names.get(equal.len()).is_none_or(|name| next.fits(row.get(name)))
    };
    rows.iter().filter(|(_, row)| fits(row)).map(|(&id, _)| id).collect()
}

fn assert_sought(
    graph: &Graph,
    reader: &impl Read,
    index: u32,
    names: &[&str],
    rows: &BTreeMap<u64, Row>,
    random: &mut StdRng,
) {
    let equal: Vec<Value> = (0..random.random_range(0..=names.len())).map(|_| some_value(random)).collect();
    let next = if equal.len() == names.len() { Next::Any } else { Next::some(random) };
    let packed: Vec<Vec<u8>> = equal.iter().map(pack).collect();
    let slices: Vec<&[u8]> = packed.iter().map(Vec::as_slice).collect();
    let pack_bound = |bound: &Bound<Value>| bound.as_ref().map(pack);
    let (lower, upper) = match &next {
        Next::Range(lower, upper) => (pack_bound(lower), pack_bound(upper)),
        _ => (Bound::Unbounded, Bound::Unbounded),
    };
    let next_bytes = match &next {
        Next::Any => SeekNext::Any,
        Next::Formed => SeekNext::Formed,
        Next::Other => SeekNext::Other,
        Next::Missing => SeekNext::Missing,
        Next::StartsWith(text) => SeekNext::StartsWith(text),
        Next::Range(..) => SeekNext::Range(lower.as_ref().map(Vec::as_slice), upper.as_ref().map(Vec::as_slice)),
    };
    let seek = Seek { equal: &slices, next: next_bytes, reverse: random.random_bool(0.3) };
    let Some(mut cursor) = graph.seek(reader, index, &seek).unwrap() else {
        let has_no_form = |value: &Value| value.is_map();
        let has_no_range = |bound: &Bound<Value>| match bound {
            Bound::Included(value) | Bound::Excluded(value) => value.is_map() || value.is_array(),
            Bound::Unbounded => false,
        };
        let ranges = matches!(&next, Next::Range(lower, upper) if has_no_range(lower) || has_no_range(upper)
            || (matches!(lower, Bound::Unbounded) && matches!(upper, Bound::Unbounded)));
        assert!(equal.iter().any(has_no_form) || ranges, "{equal:?} {next:?}");
        return;
    };
    let (mut found, batch) = (Vec::new(), random.random_range(1..5));
    while cursor.next_batch(graph, reader, batch, &mut found).unwrap() {}
    found.sort_unstable();
    assert_eq!(found, expected(rows, names, &equal, &next), "{names:?} {equal:?} {next:?}");
}

struct World {
    nodes: BTreeMap<u64, Row>,
    edges: BTreeMap<u64, Row>,
    end: NodeId,
}

fn step(store: &Store, graph: &Graph, world: &mut World, random: &mut StdRng) {
    let row = some_row(random);
    let bytes = encode(&row);
    match random.random_range(0..6) {
        0 | 1 => {
            let id = change(store, |tx| graph.add_node(tx, &["L"], &bytes)).unwrap();
            world.nodes.insert(id.0, row);
        }
        2 => {
            let edge = change(store, |tx| graph.add_edge(tx, "T", world.end, world.end, &bytes)).unwrap();
            world.edges.insert(edge.0, row);
        }
        3 => {
            let Some((&id, old)) = world.nodes.iter_mut().choose(random) else { return };
            let update = NodeUpdate { properties: Some(PropertyChange::Replace(&bytes)), ..NodeUpdate::default() };
            change(store, |tx| graph.update_node(tx, NodeId(id), &update)).unwrap();
            *old = row;
        }
        4 => {
            let Some((&id, old)) = world.edges.iter_mut().choose(random) else { return };
            change(store, |tx| graph.update_edge(tx, EdgeId(id), PropertyChange::Replace(&bytes))).unwrap();
            *old = row;
        }
        _ => {
            if let Some(&id) = world.nodes.keys().choose(random) {
                change(store, |tx| graph.remove_node(tx, NodeId(id))).unwrap();
                world.nodes.remove(&id);
            }
            if let Some(&id) = world.edges.keys().choose(random) {
                change(store, |tx| graph.remove_edge(tx, EdgeId(id))).unwrap();
                world.edges.remove(&id);
            }
        }
    }
}

#[test]
fn random_seeks_find_what_fits() {
    let mut random = random();
    let (store, graph) = memory_graph();
    let end = change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap();
    let mut world = World { nodes: BTreeMap::new(), edges: BTreeMap::new(), end };
    let sets: [&[&str]; 3] = [&["a"], &["a", "b"], &["b", "a", "c"]];
    let begin = |graph: &Graph| {
        for names in sets {
            assert!(build(graph, &spec(Entity::Node, "L", names, IndexKind::Range)).unwrap());
            assert!(build(graph, &spec(Entity::Edge, "T", names, IndexKind::Range)).unwrap());
        }
    };
    for round in 0..300 {
        step(&store, &graph, &mut world, &mut random);
        if round == 60 {
            begin(&graph);
        }
        if round >= 60 && round % 3 == 0 {
            for (at, info) in graph.indexes_to_seek(&store).unwrap().iter().enumerate() {
                let rows = if info.spec.entity == Entity::Node { &world.nodes } else { &world.edges };
                assert_sought(&graph, &store, info.id, sets[at / 2], rows, &mut random);
            }
        }
    }
    assert_sound(&store, &graph);
}

#[test]
fn several_properties_are_unique_together() {
    for kind in [IndexKind::Unique, IndexKind::Key] {
        let (store, graph) = memory_graph();
        let composite = spec(Entity::Node, "L", &["a", "b"], kind);
        assert!(build(&graph, &composite).unwrap());
        let pair = |a: i64, b: i64| map(&[("a", a.into()), ("b", b.into())]);
        let first = change(&store, |tx| graph.add_node(tx, &["L"], &pair(1, 2))).unwrap();
        change(&store, |tx| graph.add_node(tx, &["L"], &pair(1, 3))).unwrap();
        let float = map(&[("a", 1.0.into()), ("b", 2.into())]);
        let error = change(&store, |tx| graph.add_node(tx, &["L"], &float)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::UniqueViolation);
        assert!(error.message().contains(":L {a, b}"), "{error}");
        change(&store, |tx| graph.add_node(tx, &["Other"], &pair(1, 2))).unwrap();
        // What lacks one of them is not compared.
        let lone = map(&[("a", 1.into())]);
        for _ in 0..2 {
            let added = change(&store, |tx| graph.add_node(tx, &["L"], &lone));
            assert_eq!(
                added.err().map(|error| error.code()),
                (kind == IndexKind::Key).then_some(ErrorCode::SchemaInvalid)
            );
        }
        let wanted = pair(1, 2);
        let filter = NodeFilter { label: Some("L"), properties: Some(&wanted) };
        assert_eq!(graph.find(&store, &filter, None).unwrap(), [first]);
        let by_first = map(&[("a", 1.into())]);
        let filter = NodeFilter { label: Some("L"), properties: Some(&by_first) };
        let found = graph.find(&store, &filter, None).unwrap();
        assert!(found.is_sorted() && found.len() == if kind == IndexKind::Key { 2 } else { 4 });
        assert_eq!(graph.find(&store, &filter, Some(1)).unwrap(), [first]);
        assert_sound(&store, &graph);
    }
}

#[test]
fn edges_of_a_type_have_unique_values() {
    let (store, graph) = memory_graph();
    let node = change(&store, |tx| graph.add_node(tx, &[], &[])).unwrap();
    build(&graph, &spec(Entity::Edge, "T", &["n"], IndexKind::Unique)).unwrap();
    let one = map(&[("n", 1.into())]);
    let edge = change(&store, |tx| graph.add_edge(tx, "T", node, node, &one)).unwrap();
    assert_eq!(code(change(&store, |tx| graph.add_edge(tx, "T", node, node, &one))), ErrorCode::UniqueViolation);
    let other = change(&store, |tx| graph.add_edge(tx, "U", node, node, &one)).unwrap();
    change(&store, |tx| graph.update_edge(tx, other, PropertyChange::Merge(&one))).unwrap();
    change(&store, |tx| graph.remove_edge(tx, edge)).unwrap();
    change(&store, |tx| graph.add_edge(tx, "T", node, node, &one)).unwrap();
    assert_eq!(code(build(&graph, &spec(Entity::Edge, "T", &["n"], IndexKind::Range))), ErrorCode::Exists);
    assert_sound(&store, &graph);
    change(&store, |tx| graph.remove_node(tx, node)).unwrap();
    assert_sound(&store, &graph);
}

#[test]
fn wrong_seeks_are_refused() {
    let (store, graph) = memory_graph();
    build(&graph, &spec(Entity::Node, "L", &["a"], IndexKind::Range)).unwrap();
    build(&graph, &spec(Entity::Node, "L", &["a"], IndexKind::Exists)).unwrap();
    let infos = graph.all_indexes(&store).unwrap();
    let one = pack(&1.into());
    let two: [&[u8]; 2] = [&one, &one];
    let seek = |index, equal: &[&[u8]]| graph.seek(&store, index, &Seek { equal, ..Seek::default() });
    assert_eq!(code(seek(infos[0].id, &two)), ErrorCode::InvalidArgument);
    assert_eq!(code(seek(infos[0].id, &[&[]])), ErrorCode::InvalidArgument);
    assert_eq!(code(seek(infos[0].id, &[&[1, 1]])), ErrorCode::InvalidArgument);
    assert_eq!(code(seek(infos[0].id, &[&[0xC7, 0, 99]])), ErrorCode::InvalidArgument);
    assert_eq!(code(seek(infos[1].id, &[])), ErrorCode::NotFound);
    assert_eq!(code(seek(99, &[])), ErrorCode::NotFound);
}

#[test]
fn entries_of_a_value_are_estimated() {
    let (store, graph) = memory_graph();
    let spec = |properties: &[&str], kind| IndexSpec {
        label: Some("N".into()),
        properties: properties.iter().map(|&property| property.to_owned()).collect(),
        kind,
        ..IndexSpec::default()
    };
    for (properties, kind) in [
        (&["few"][..], IndexKind::Range),
        (&["many"], IndexKind::Range),
        (&["few", "id"], IndexKind::Range),
        (&["id"], IndexKind::Unique),
        (&["nothing"], IndexKind::Range),
        (&["few"], IndexKind::Exists),
    ] {
        graph.build_index(&spec(properties, kind), Durability::None, &mut |_, _| true).unwrap();
    }
    change(&store, |tx| {
        (0..2_000_i64).try_for_each(|n| {
            let properties = map(&[("few", (n % 4).into()), ("many", (n / 10).into()), ("id", n.into())]);
            graph.add_node(tx, &["N"], &properties).map(|_| ())
        })
    })
    .unwrap();
    let per_value = |index: u32, properties| graph.entries_per_value(&store, index, properties).unwrap();
    assert_eq!(per_value(1, 1), Some(500.0));
    let many = per_value(2, 1).unwrap();
    assert!((9.0..11.0).contains(&many), "{many}");
    assert_eq!((per_value(3, 1), per_value(3, 2)), (Some(500.0), Some(1.0)));
    assert_eq!(per_value(4, 1), Some(1.0));
    assert_eq!((per_value(5, 1), per_value(6, 1), per_value(99, 1)), (None, None, None));
    let entries = |index| graph.entries(&store, index).unwrap();
    assert_eq!((entries(1), entries(5), entries(6), entries(99)), (Some(2_000.0), Some(0.0), None, None));
}
