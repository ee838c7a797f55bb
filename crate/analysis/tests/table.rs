//! The table of algorithms: what each entry says holds, settings are checked against it, and rows come as it says.
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::collections::HashSet;

use sledstore_analysis::{ALGORITHMS, Algorithm, Cell, ColumnKind, Kind, Outcome, Reader, Rows, Setting, Settings};
use sledstore_engine::{Durability, Error, ErrorCode, Options, Store};
use sledstore_graph::{Graph, NodeId};

fn open() -> (Store, Graph, Vec<NodeId>) {
    let store = Store::memory(&Options { durability: Durability::None, ..Options::default() }).unwrap();
    let graph = Graph::open(&store, "g").unwrap();
    let nodes = store.transact(Durability::None, |tx| {
        let nodes: Vec<NodeId> =
            (0..6).map(|_| graph.add_node(tx, &["A"], b"\x82\xa1x\x00\xa1y\x00")).collect::<Result<_, _>>()?;
        for (from, to) in [(0, 1), (1, 2), (0, 3), (3, 2), (2, 4)] {
            graph.add_edge(tx, "R", nodes[from], nodes[to], b"\x81\xa1w\x02")?;
        }
        Ok(nodes)
    });
    (store, graph, nodes.unwrap())
}

fn settings(list: &[(&str, Setting)]) -> Settings {
    list.iter().map(|(name, setting)| ((*name).to_owned(), setting.clone())).collect()
}

fn run(name: &str, graph: &Graph, list: &[(&str, Setting)]) -> Result<Outcome, Error> {
    let snapshot = graph.store().snapshot()?;
    Algorithm::find(name).unwrap().run(graph, Reader::Snapshot(&snapshot), &settings(list), &mut |_, _, _| true)
}

fn id(node: NodeId) -> Setting {
    Setting::Integer(node.0.cast_signed())
}

#[test]
fn names_are_of_one_algorithm_and_arguments_of_one_meaning() {
    let mut names = HashSet::new();
    for algorithm in ALGORITHMS {
        assert!(names.insert(algorithm.name) && names.insert(algorithm.procedure), "{}", algorithm.name);
        assert!(algorithm.procedure.starts_with("algo."), "{}", algorithm.procedure);
        let mut arguments = HashSet::new();
        for argument in algorithm.arguments() {
            assert!(arguments.insert(argument.name), "{} of {}", argument.name, algorithm.name);
            assert!(!argument.required || argument.default.is_empty(), "{} of {}", argument.name, algorithm.name);
        }
    }
}

/// Every algorithm runs with nothing but what it must be given, in a snapshot and in a transaction alike, and gives the
/// columns it declares.
#[test]
fn rows_are_as_the_table_says() {
    let (store, graph, nodes) = open();
    for algorithm in ALGORITHMS {
        let mut given = Settings::new();
        for argument in algorithm.arguments().filter(|argument| argument.required) {
            let node = if argument.name == "target" { nodes[2] } else { nodes[0] };
            assert!(matches!(argument.kind, Kind::Node | Kind::Nodes));
            given.insert(argument.name.to_owned(), id(node));
        }
        if algorithm.name == "aStar" {
            given.extend(["x", "y"].map(|name| (name.to_owned(), Setting::Text(name.to_owned()))));
        }
        let snapshot = store.snapshot().unwrap();
        let tx = store.begin().unwrap();
        let [a, b] = [Reader::Snapshot(&snapshot), Reader::Transaction(&tx)].map(|reader| {
            let outcome = algorithm.run(&graph, reader, &given, &mut |_, _, _| true).unwrap();
            match outcome.rows {
                Rows::Whole(batch) => batch,
                Rows::Lazy(mut next) => next(100).unwrap(),
            }
        });
        assert_eq!(a, b, "{}", algorithm.name);
        assert_eq!(a.columns.len(), algorithm.columns.len(), "{}", algorithm.name);
        if !["articulationPoints", "bridges"].contains(&algorithm.name) {
            assert!(a.rows() > 0, "{}", algorithm.name);
        }
        for (column, spec) in a.columns.iter().zip(algorithm.columns) {
            assert_eq!(column.len(), a.rows(), "{} of {}", spec.name, algorithm.name);
            for cell in (0..column.len()).map(|row| column.get(row).unwrap()) {
                let fits = match spec.kind {
                    ColumnKind::Node => matches!(cell, Cell::Whole(node) if nodes.contains(&NodeId(node))),
                    ColumnKind::Edge | ColumnKind::Integer => matches!(cell, Cell::Whole(_)),
                    ColumnKind::Float => matches!(cell, Cell::Float(_)),
                    ColumnKind::Nodes => {
                        matches!(cell, Cell::List(list) if list.iter().all(|&node| nodes.contains(&NodeId(node))))
                    }
                    ColumnKind::Edges => matches!(cell, Cell::List(_)),
                };
                assert!(fits, "{} of {} has {cell:?}", spec.name, algorithm.name);
            }
            assert_eq!(column.get(column.len()), None);
        }
    }
}

#[test]
fn paths_are_made_as_they_are_asked_for() {
    let (_store, graph, nodes) = open();
    let ends = [("source", id(nodes[0])), ("target", id(nodes[4]))];
    let outcome = run("allShortestPaths", &graph, &ends).unwrap();
    assert_eq!(outcome.summary, [("count", 2.0)]);
    let Rows::Lazy(mut next) = outcome.rows else { panic!("all at once") };
    for _ in 0..2 {
        let batch = next(1).unwrap();
        assert_eq!(batch.rows(), 1);
        assert_eq!(batch.columns[2].get(0), Some(Cell::Float(3.0)));
    }
    assert!(next(1).is_none());
}

#[test]
fn wrong_settings_are_refused_by_code() {
    let (_store, graph, nodes) = open();
    let source = ("source", id(nodes[0]));
    let text = |text: &str| Setting::Text(text.to_owned());
    type Case<'c> = (&'c str, &'c [(&'c str, Setting)], ErrorCode);
    let refused: &[Case<'_>] = &[
        ("bfs", &[], ErrorCode::InvalidArgument),
        ("bfs", &[("source", text("a"))], ErrorCode::InvalidArgument),
        ("bfs", &[("source", Setting::Integer(-1))], ErrorCode::InvalidArgument),
        ("bfs", &[("source", Setting::Integer(12_345))], ErrorCode::NotFound),
        ("bfs", &[source.clone(), ("labels", text("B"))], ErrorCode::NotFound),
        ("bfs", &[source.clone(), ("weight", text("w"))], ErrorCode::InvalidArgument),
        ("bfs", &[source.clone(), ("depth", Setting::Float(1.5))], ErrorCode::InvalidArgument),
        ("bfs", &[source.clone(), ("direction", text("up"))], ErrorCode::InvalidArgument),
        ("components", &[("direction", text("out"))], ErrorCode::InvalidArgument),
        ("pageRank", &[("types", Setting::List(vec![Setting::Integer(1)]))], ErrorCode::InvalidArgument),
        ("pageRank", &[("damping", Setting::Float(f64::NAN))], ErrorCode::InvalidArgument),
        ("pageRank", &[("damping", Setting::Integer(2))], ErrorCode::InvalidArgument),
        ("aStar", &[source.clone(), ("target", id(nodes[2]))], ErrorCode::InvalidArgument),
        ("maxFlow", &[source.clone(), ("target", id(nodes[0]))], ErrorCode::InvalidArgument),
    ];
    for (name, list, code) in refused {
        let error = run(name, &graph, list).err().unwrap();
        assert_eq!(error.code(), *code, "{name} {list:?}: {error}");
    }
    // Null is as good as left out.
    assert!(run("pageRank", &graph, &[("labels", Setting::Null)]).is_ok());
}

#[test]
fn a_cycle_is_named_by_ids() {
    let (store, graph, nodes) = open();
    store.transact(Durability::None, |tx| graph.add_edge(tx, "R", nodes[4], nodes[2], &[])).unwrap();
    let error = run("topologicalSort", &graph, &[]).err().unwrap();
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
    let named = [nodes[2], nodes[4]].map(|node| node.0.to_string());
    assert!(named.iter().all(|node| error.message().contains(node)), "{error}");
}
