use allocation_counter::measure;
use sledstore_algorithm::{Changes, Direction, Edge, EdgeKey};

use crate::{csr_of, drawn, random, rows, rows_of};

#[test]
fn clones_keep_their_moment() {
    let (nodes, edges) = drawn(&mut random(7), 20, 100);
    let mut csr = csr_of(&nodes, &edges);
    let mut moments = Vec::new();
    for edge in &edges[..50] {
        moments.push(csr.clone());
        let gone = EdgeKey { id: edge.id, from: edge.from, to: edge.to };
        csr.apply(&Changes { edges_removed: vec![gone], ..Changes::default() }).unwrap();
    }
    csr.merge().unwrap();
    for (at, moment) in moments.iter().enumerate() {
        for direction in [Direction::Out, Direction::In] {
            assert_eq!(rows(moment.view().directed(direction)), rows_of(&nodes, &edges[at..], direction));
        }
    }
}

#[test]
fn a_commit_beside_a_reader_copies_what_it_changes() {
    let (nodes, edges) = drawn(&mut random(9), 20_000, 60_000);
    let mut csr = csr_of(&nodes, &edges);
    let mut most = 0;
    for at in 0..5_000 {
        let reader = csr.clone();
        let edge = Edge { id: at as u64, from: nodes[at * 7 % 20_000], to: nodes[at * 13 % 20_000], ..edges[at] };
        let changes = Changes { edges_added: vec![edge], ..Changes::default() };
        most = most.max(measure(|| csr.apply(&changes).unwrap()).bytes_total);
        assert_eq!(reader.edge_count() + 1, csr.edge_count());
        if at == 0 {
            most = 0; // the first makes the rows of entering edges
        }
    }
    assert_eq!(csr.pending(), 5_000);
    // Far below the 500,000 bytes that are pending by now.
    assert!(most < 60_000, "{most} bytes for one edge");
}
