use sledstore_algorithm::{Changes, Direction, EdgeKey};

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
