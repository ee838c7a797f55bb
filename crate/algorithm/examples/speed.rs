//! Times packing, PageRank and triangle counting on a seeded skewed graph.
//!
//! `cargo run --profile fast -p sledstore-algorithm --example speed -- [nodes] [edges] [threads]`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sledstore_algorithm::{
    Csr, CsrOptions, Edge, PageRankOptions, Progress, components, page_rank, shortest_path, triangles,
};

/// Edges between nodes drawn with a density that falls as the square root of the rank.
fn skewed(nodes: u64, edges: u64, seed: u64) -> Vec<Edge> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut draw = |power: f64| (random.random::<f64>().powf(power) * nodes as f64) as u64;
    let edge = |id| Edge { id, from: draw(1.5) + 1, to: draw(3.0) + 1, edge_type: 0, weight: 1.0 };
    (0..edges).map(edge).collect()
}

/// The median of some rounds, in milliseconds.
fn time<T>(name: &str, mut run: impl FnMut() -> T) -> T {
    let mut times = Vec::new();
    let mut result = None;
    for _ in 0..9 {
        let start = Instant::now();
        result = Some(run());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{name:<32} {:>9.2} ms (from {:.2} to {:.2})", times[4], times[0], times[8]);
    result.unwrap()
}

fn main() {
    let mut given = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap());
    let nodes = given.next().unwrap_or(100_000);
    let edges = skewed(nodes, given.next().unwrap_or(500_000), 7);
    let threads = given.next().unwrap_or(2) as usize;
    let go = &mut |_: Progress| true;
    let pack = || Csr::build((1..=nodes).collect(), CsrOptions::default(), || edges.iter().copied()).unwrap();
    let csr = time("pack", pack);
    time("pack, entering edges too", || pack().prepare_incoming());
    csr.prepare_incoming();
    println!("{} nodes, {} edges, {} bytes", csr.node_count(), csr.edge_count(), csr.bytes());
    for threads in [1, threads] {
        let options = PageRankOptions { iterations_max: 20, tolerance: 0.0, threads, ..PageRankOptions::default() };
        time(&format!("PageRank, 20 × , {threads} threads"), || page_rank(csr.view(), &options, go).unwrap());
        let found = time(&format!("triangles, {threads} threads"), || triangles(csr.view(), threads, go).unwrap());
        println!("{} triangles", found.total);
    }
    time("components", || components(csr.view(), go).unwrap());
    let ends: Vec<(u32, u32)> = (0..100).map(|at| (at * 997 % nodes as u32, at * 7919 % nodes as u32)).collect();
    time("100 shortest paths", || {
        ends.iter().filter(|ends| shortest_path(csr.view(), ends.0, ends.1, Some(8), go).unwrap().is_some()).count()
    });
}
