use sledstore_algorithm::{Direction, RandomWalkOptions, random_walks};

use crate::{List, go};

fn drawn() -> List {
    let edges = vec![
        (0, 1, 1),
        (0, 2, 3),
        (1, 0, 2),
        (1, 2, 1),
        (2, 0, 1),
        (2, 3, 4),
        (2, 1, 1),
        (3, 2, 1),
        (3, 0, 1),
        (0, 2, 2),
    ];
    List { nodes: 5, edges }
}

/// How often each node follows two others in walks, as shares.
fn shares(walks: impl Iterator<Item = Vec<u32>>) -> std::collections::BTreeMap<(u32, u32), [f64; 5]> {
    let mut counts = std::collections::BTreeMap::<_, [f64; 5]>::new();
    for walk in walks {
        for three in walk.windows(3) {
            counts.entry((three[0], three[1])).or_default()[three[2] as usize] += 1.0;
        }
    }
    for row in counts.values_mut() {
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|count| *count /= sum);
    }
    counts
}

#[test]
fn steps_are_drawn_as_node2vec_says() {
    let list = drawn();
    let csr = list.csr();
    // The last two make rejection fail so often that the row is scanned.
    for (p, q) in [(1.0, 1.0), (0.25, 4.0), (4.0, 0.5), (500.0, 900.0), (0.001, 900.0)] {
        for weighted in [true, false] {
            let view = if weighted { csr.view() } else { csr.view().unweighted() };
            let options = RandomWalkOptions {
                walks: 2_000,
                length: 60,
                return_factor: p,
                in_out_factor: q,
                seed: 9,
                ..RandomWalkOptions::default()
            };
            let found = random_walks(view, &options, &mut go).unwrap();
            assert_eq!(found.ends.len(), 2_000 * 5);
            for ((before, node), row) in shares(found.iter().map(<[u32]>::to_vec)) {
                let mut expected = [0.0; 5];
                for next in view.neighbors(node) {
                    let near = view.neighbors(before).any(|other| other.node == next.node);
                    let factor = if next.node == before {
                        1.0 / p
                    } else if near {
                        1.0
                    } else {
                        1.0 / q
                    };
                    expected[next.node as usize] += view.weight(next.edge) * factor;
                }
                let sum: f64 = expected.iter().sum();
                for (found, expected) in row.iter().zip(expected) {
                    assert!((found - expected / sum).abs() < 0.02, "{p} {q} {before} {node}: {row:?} {expected:?}");
                }
            }
        }
    }
}

#[test]
fn walks_follow_edges_and_depend_on_their_seed_alone() {
    let list = drawn();
    let csr = list.csr();
    for direction in [Direction::Out, Direction::In, Direction::Both] {
        let view = csr.view().directed(direction);
        let options = RandomWalkOptions { walks: 3, length: 20, seed: 5, ..RandomWalkOptions::default() };
        let found = random_walks(view, &options, &mut go).unwrap();
        for walk in found.iter() {
            assert!(walk.windows(2).all(|two| view.neighbors(two[0]).any(|next| next.node == two[1])));
            assert!(walk.len() == if walk[0] == 4 { 1 } else { 21 }); // nothing leads away from node 4
        }
        let alone = random_walks(view, &RandomWalkOptions { starts: Some(&[2]), ..options }, &mut go).unwrap();
        assert!(alone.iter().eq(found.iter().skip(6).take(3)));
        let other = random_walks(view, &RandomWalkOptions { seed: 6, ..options }, &mut go).unwrap();
        assert_ne!(found, other);
    }
}
