//! What the steps of a level promise each other.

use super::*;
use crate::csr::{Csr, CsrOptions, Edge};
use crate::progress::Progress;

/// A drawn graph of few hubs and weights from 1 to 4.
fn drawn(nodes: u64, edges: u64, random: &mut Xoshiro256PlusPlus) -> Weighted {
    let mut edge = |id| {
        let mut end = |power| (random.random::<f64>().powi(power) * nodes as f64) as u64;
        let (from, to) = (end(1), end(3));
        Edge { id, from, to, edge_type: 0, weight: f64::from(random.random_range(1..5_u32)) }
    };
    let edges: Vec<Edge> = (0..edges).map(&mut edge).collect();
    let options = CsrOptions { weights: true, types: false };
    Weighted::of(&Csr::build((0..nodes).collect(), options, || edges.iter().copied()).unwrap().view()).unwrap()
}

#[test]
fn refined_parts_lie_in_communities_and_gain_by_every_merge() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for resolution in [0.5, 1.0, 4.0, 12.0] {
        for _ in 0..20 {
            let graph = drawn(60, 150, &mut random);
            let communities: Vec<u32> = (0..60).map(|node| node % 3).collect();
            let options = LeidenOptions { resolution, ..LeidenOptions::default() };
            let go = &mut |_: Progress| true;
            let mut meter = Meter::start(go, None).unwrap();
            let parts = Refinement::new(&graph, &communities, &options).run(&mut random, &mut meter).unwrap();
            for (a, b) in (0..60).flat_map(|a| (0..a).map(move |b| (a, b))) {
                assert!(parts[a] != parts[b] || communities[a] == communities[b]);
            }
            let mut connected = parts.clone();
            connect(&graph, &mut connected);
            let count = |parts: &[u32]| parts.iter().collect::<std::collections::BTreeSet<_>>().len();
            assert_eq!(count(&connected), count(&parts));
            let single: Vec<u32> = (0..60).collect();
            let gained = quality(&graph, &parts, resolution) - quality(&graph, &single, resolution);
            assert!(gained >= -1e-12, "{gained} at {resolution}");
            assert!(resolution >= 1.0 || count(&parts) < 50);
        }
    }
}

#[test]
fn communities_that_nothing_holds_together_are_divided() {
    let edges =
        [(0, 1), (1, 2), (3, 4), (5, 5)].map(|(from, to)| Edge { id: from, from, to, edge_type: 0, weight: 1.0 });
    let csr = Csr::build((0..6).collect(), CsrOptions::default(), || edges.iter().copied()).unwrap();
    let graph = Weighted::of(&csr.view()).unwrap();
    let mut communities = vec![2, 2, 2, 2, 2, 1];
    let before = quality(&graph, &communities, 1.0);
    connect(&graph, &mut communities);
    assert_eq!(communities, [0, 0, 0, 1, 1, 2]);
    assert!(quality(&graph, &communities, 1.0) > before);
}
