//! Groups that come one after the other, about as near to several others, are one each, wherever a search comes from.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_neighbor::*;

use crate::shared::{add, empty, recall, slots_of};

const GROUPS: usize = 15;
const MEMBERS: usize = 100;
const DIMENSIONS: usize = 24;
const SEEDS: u64 = 12;

/// One group after the other; `apart` is how much farther centers are from each other than members from their center.
fn groups(seed: u64, apart: f32) -> Vec<Vec<Vec<f32>>> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut noise = || -> Vec<f32> { (0..DIMENSIONS).map(|_| random.random_range(-1.0..1.0_f32)).collect() };
    let centers: Vec<Vec<f32>> = (0..GROUPS).map(|_| noise()).collect();
    let mut around =
        |center: &[f32]| -> Vec<f32> { center.iter().zip(noise()).map(|(center, x)| center * apart + x).collect() };
    centers.iter().map(|center| (0..MEMBERS).map(|_| around(center)).collect()).collect()
}

/// Two parts of a group without a link between them would each be all that a search sees of it.
#[test]
fn each_linked_after_the_others() {
    for seed in 0..SEEDS {
        for apart in [20.0, 1_000.0] {
            let parts = groups(seed, apart);
            let all = parts.concat();
            let mut graph = empty(&Parameters::new(DIMENSIONS, Metric::L2), &all);
            for part in &parts {
                let slots = add(&mut graph, part);
                graph.link(&slots, 1, &|| true).unwrap();
                graph.reconnect(&|| true).unwrap();
            }
            let queries: Vec<Vec<f32>> = all.iter().step_by(7).cloned().collect();
            let request = Request { wanted: 10, ..Request::nearest(160) };
            let recall = recall(&graph, &queries, &slots_of(&graph), &request);
            assert!(recall >= 0.99, "seed {seed}, {apart} apart: {recall}");
        }
    }
}
