use std::cell::Cell;

use sledstore_algorithm::{Changes, Csr, Edge, EdgeKey, Error};

use crate::{ALL, DIRECTIONS, csr_of, rows};

fn edge(id: u64, from: u64, to: u64) -> Edge {
    Edge { id, from, to, edge_type: 0, weight: 1.0 }
}

#[test]
fn an_end_must_be_a_node() {
    for ends in [(1, 9), (9, 1)] {
        let built = Csr::build(vec![1, 2], ALL, || [edge(5, ends.0, ends.1)].into_iter());
        assert_eq!(built.unwrap_err(), Error::UnknownNode { id: 9 });
    }
}

#[test]
fn weights_must_be_finite() {
    for weight in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let wrong = Edge { weight, ..edge(5, 1, 2) };
        let built = Csr::build(vec![1, 2], ALL, || [wrong].into_iter());
        assert!(matches!(built.unwrap_err(), Error::Weight { edge: 5, .. }));
        let mut csr = csr_of(&[1, 2], &[]);
        let applied = csr.apply(&Changes { edges_added: vec![wrong], ..Changes::default() });
        assert!(matches!(applied.unwrap_err(), Error::Weight { edge: 5, .. }));
    }
}

#[test]
fn both_passes_must_give_the_same_edges() {
    let all = [edge(1, 1, 2), edge(2, 2, 1), edge(3, 1, 1)];
    for (first, second) in [(3, 2), (2, 3), (0, 1)] {
        let pass = Cell::new(0);
        let built = Csr::build(vec![1, 2], ALL, || {
            pass.set(pass.get() + 1);
            all.iter().copied().take(if pass.get() == 1 { first } else { second })
        });
        assert_eq!(built.unwrap_err(), Error::SourceChanged);
    }
}

#[test]
fn an_error_of_the_reader_is_its_own() {
    let failing = || [Ok(edge(1, 1, 2)), Err("torn")].into_iter();
    assert_eq!(Csr::try_build(vec![1, 2], ALL, failing).unwrap_err(), "torn");
}

#[test]
fn a_refused_commit_changes_nothing() {
    let edges = [edge(1, 1, 2), edge(2, 2, 3), edge(3, 3, 3)];
    let mut csr = csr_of(&[1, 2, 3], &edges);
    let key = |id, from, to| EdgeKey { id, from, to };
    let gone = vec![key(1, 1, 2)];
    let change = Changes { edges_removed: gone.clone(), nodes_added: vec![4], ..Changes::default() };
    let refused = [
        (Changes { edges_removed: vec![key(1, 1, 2), key(1, 1, 2)], ..change.clone() }, Error::UnknownEdge { id: 1 }),
        (Changes { edges_removed: vec![key(2, 1, 2)], ..change.clone() }, Error::UnknownEdge { id: 2 }),
        (Changes { nodes_removed: vec![9], ..change.clone() }, Error::UnknownNode { id: 9 }),
        (Changes { nodes_removed: vec![3, 3], ..change.clone() }, Error::UnknownNode { id: 3 }),
        (Changes { nodes_added: vec![4, 4], ..change.clone() }, Error::NodeExists { id: 4 }),
        (Changes { nodes_added: vec![2], ..change.clone() }, Error::NodeExists { id: 2 }),
        (Changes { edges_added: vec![edge(7, 1, 5)], ..change.clone() }, Error::UnknownNode { id: 5 }),
        (
            Changes { nodes_removed: vec![3], edges_added: vec![edge(7, 1, 3)], ..change.clone() },
            Error::UnknownNode { id: 3 },
        ),
    ];
    let before = DIRECTIONS.map(|direction| rows(csr.view().directed(direction)));
    for (changes, error) in refused {
        assert_eq!(csr.apply(&changes).unwrap_err(), error);
        assert_eq!(DIRECTIONS.map(|direction| rows(csr.view().directed(direction))), before);
    }
    csr.apply(&change).unwrap();
    assert_eq!((csr.node_count(), csr.edge_count()), (4, 2));
}
