//! Times packing and algorithms on a seeded skewed graph.
//!
//! `cargo run --profile fast -p sledstore-algorithm --example speed -- [nodes] [edges] [threads] [skew]`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sledstore_algorithm::*;

/// Edges between nodes drawn as a power of a uniform number: `skew` for those they enter, half of it for those they leave.
fn skewed(nodes: u64, edges: u64, skew: f64, seed: u64) -> Vec<Edge> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut draw = |power: f64| (random.random::<f64>().powf(power) * nodes as f64) as u64;
    let edge = |id| Edge { id, from: draw(skew / 2.0) + 1, to: draw(skew) + 1, edge_type: 0, weight: 1.0 };
    (0..edges).map(edge).collect()
}

/// Milliseconds this thread was on a processor, where the system tells: what a busy machine does not stretch.
fn on_processor() -> Option<f64> {
    std::thread::yield_now(); // so that it is told up to now
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(told.split(' ').next()?.parse::<f64>().ok()? / 1e6)
}

/// Prints medians of some rounds, in milliseconds: by the clock, and of this thread on a processor.
fn time<T>(name: &str, mut run: impl FnMut() -> T) -> T {
    let (mut times, mut on) = (Vec::new(), Vec::new());
    let mut result = None;
    for _ in 0..9 {
        let (start, before) = (Instant::now(), on_processor());
        result = Some(run());
        times.push(start.elapsed().as_secs_f64() * 1e3);
        on.extend(on_processor().zip(before).map(|(after, before)| after - before));
    }
    times.sort_by(f64::total_cmp);
    on.sort_by(f64::total_cmp);
    let on = on.get(4).map_or(String::new(), |median| format!(", {median:.2} on a processor"));
    println!("{name:<32} {:>9.2} ms (from {:.2} to {:.2}){on}", times[4], times[0], times[8]);
    result.unwrap()
}

fn main() {
    let mut given = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap());
    let nodes = given.next().unwrap_or(100_000);
    let edges = given.next().unwrap_or(500_000);
    let threads = given.next().unwrap_or(2) as usize;
    let edges = skewed(nodes, edges, given.next().unwrap_or(3) as f64, 7);
    let go = &mut |_: Progress| true;
    let pack = || Csr::build((1..=nodes).collect(), CsrOptions::default(), || edges.iter().copied()).unwrap();
    let csr = time("pack", pack);
    time("pack, entering edges too", || pack().prepare_incoming());
    csr.prepare_incoming();
    time("1000 commits of one edge", || {
        let mut csr = csr.clone();
        for edge in &edges[..1000] {
            let reader = csr.clone();
            csr.apply(&Changes { edges_added: vec![*edge], ..Changes::default() }).unwrap();
            assert_eq!(reader.edge_count() + 1, csr.edge_count());
        }
    });
    println!("{} nodes, {} edges, {} bytes", csr.node_count(), csr.edge_count(), csr.bytes());
    for threads in [1, threads] {
        let options = PageRankOptions { iterations_max: 20, tolerance: 0.0, threads, ..PageRankOptions::default() };
        time(&format!("PageRank 20 times, {threads} threads"), || page_rank(csr.view(), &options, go).unwrap());
        let found = time(&format!("triangles, {threads} threads"), || triangles(csr.view(), threads, go).unwrap());
        println!("{} triangles", found.total);
    }
    let ends: Vec<(u32, u32)> = (0..100).map(|at| (at * 997 % nodes as u32, at * 7919 % nodes as u32)).collect();
    time("100 shortest paths", || {
        ends.iter().filter(|ends| shortest_path(csr.view(), ends.0, ends.1, Some(8), go).unwrap().is_some()).count()
    });
    let view = csr.view();
    time("breadth first", || breadth_first(view, &[0], SearchLimits::default(), go).unwrap());
    time("Dijkstra", || dijkstra(view, &[0], CostLimits::default(), go).unwrap());
    time("components", || components(view, go).unwrap());
    time("strong components", || strong_components(view, go).unwrap());
    time("cores", || core_numbers(view, go).unwrap());
    time("cuts", || cuts(view, go).unwrap());
    time("minimum spanning forest", || kruskal(view, go).unwrap());
    time("label propagation", || label_propagation(view, &LabelPropagationOptions::default(), go).unwrap());
    let found = time("Louvain", || louvain(view, &LouvainOptions::default(), go).unwrap());
    println!("modularity {:.4}", found.modularity);
    let found = time("Leiden", || leiden(view, &LeidenOptions::default(), go).unwrap());
    println!("modularity {:.4}", found.modularity);
    let sample = Some(Sample { starts: 10, seed: 1 });
    let options = BetweennessOptions { sample, threads, ..BetweennessOptions::default() };
    time("betweenness of 10 starts", || betweenness(view, &options, go).unwrap());
    time("maximum flow", || max_flow(view, 1, nodes as u32 / 2, go).unwrap().value);
    let options = RandomWalkOptions { length: 10, return_factor: 0.5, in_out_factor: 2.0, ..Default::default() };
    time("a node2vec walk of 10 from each", || random_walks(view, &options, go).unwrap());
}
