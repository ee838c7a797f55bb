//! Measures build, recall and queries a second, over vectors of files or seeded ones.
//!
//! `cargo run --profile fast -p sledstore-neighbor --example speed -- DATA [name=value]…`
//!
//! DATA is a path prefix, of `PREFIX.base.f32` and `PREFIX.query.f32` (little-endian, one vector after the other, `dimensions=784`)
//! or `.fvecs`; or `uniform`, `clustered`, `sorted` or `duplicates`, which are drawn (`count=60000 dimensions=16`). Other
//! names: `metric=l2|cosine|dot|hamming coding=scalar|binary|PARTS degree= build= alpha= threads= rerank= churn=0.3
//! filters=1 rounds=3`. Rates are of the time this thread was on a processor, which a busy machine does not stretch.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::HashMap;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_neighbor::*;

const K: usize = 10;
const WIDTHS: [usize; 12] = [10, 16, 20, 24, 32, 40, 50, 64, 80, 120, 200, 400];

/// Whether a query, by number, may have a vector.
type Accept<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

struct Set {
    dimensions: usize,
    base: Vec<f32>,
    queries: Vec<f32>,
}

struct Options(HashMap<String, String>);

impl Options {
    fn get<T: std::str::FromStr>(&self, name: &str, otherwise: T) -> T {
        self.0.get(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    }
}

fn read(path: &str, dimensions: &mut usize) -> Vec<f32> {
    let floats = |bytes: &[u8]| bytes.as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x)).collect::<Vec<f32>>();
    if let Ok(bytes) = std::fs::read(format!("{path}.f32")) {
        return floats(&bytes);
    }
    let bytes = std::fs::read(format!("{path}.fvecs")).unwrap();
    *dimensions = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
    bytes.chunks_exact(4 + *dimensions * 4).flat_map(|vector| floats(&vector[4..])).collect()
}

fn normal(random: &mut StdRng) -> f32 {
    let (u, v): (f32, f32) = (random.random_range(1e-7..1.0), random.random());
    (-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * v).cos()
}

fn draw(kind: &str, count: usize, dimensions: usize) -> Set {
    let mut random = StdRng::seed_from_u64(11);
    let clusters = if kind == "uniform" { 1 } else { 200 };
    let centers: Vec<f32> = (0..clusters * dimensions).map(|_| normal(&mut random) * 4.0).collect();
    let mut vectors: Vec<Vec<f32>> = (0..count + 1000)
        .map(|at| {
            if kind == "uniform" {
                return (0..dimensions).map(|_| random.random()).collect();
            }
            // Half of the duplicates are of twenty vectors.
            let cluster = random.random_range(0..clusters);
            let spread = if kind == "duplicates" && at % 2 == 0 { 0.0 } else { 1.0 };
            let cluster = if spread == 0.0 { cluster % 20 } else { cluster };
            let center = &centers[cluster * dimensions..][..dimensions];
            center.iter().map(|x| x + spread * normal(&mut random)).collect()
        })
        .collect();
    let queries = vectors.split_off(count).concat();
    if kind == "sorted" {
        vectors.sort_by(|a, b| a[0].total_cmp(&b[0]));
    }
    Set { dimensions, base: vectors.concat(), queries }
}

fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; 16];
    let (chunks_a, rest_a) = a.as_chunks::<16>();
    let (chunks_b, rest_b) = b.as_chunks::<16>();
    for (a, b) in chunks_a.iter().zip(chunks_b) {
        for lane in 0..16 {
            lanes[lane] += term(a[lane], b[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest_a.iter().zip(rest_b).map(|(&a, &b)| term(a, b)).sum::<f32>()
}

fn distance(metric: Metric, a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| sum(a, b, |a, b| a * b);
    match metric {
        Metric::L2 => sum(a, b, |a, b| (a - b) * (a - b)),
        Metric::Dot => -dot(a, b),
        Metric::Cosine => 1.0 - dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-30),
        Metric::Hamming => sum(a, b, |a, b| if (a > 0.5) == (b > 0.5) { 0.0 } else { 1.0 }),
    }
}

/// The distance of the K-th nearest accepted vector, for each query.
fn truth(set: &Set, metric: Metric, accept: &(dyn Fn(usize, usize) -> bool + Sync)) -> Vec<f32> {
    let of = |at: usize, query: &[f32]| {
        let vectors = set.base.chunks_exact(set.dimensions).enumerate().filter(|&(id, _)| accept(at, id));
        let mut distances: Vec<f32> = vectors.map(|(_, vector)| distance(metric, query, vector)).collect();
        let last = K.min(distances.len()).saturating_sub(1);
        if distances.is_empty() { -1.0 } else { *distances.select_nth_unstable_by(last, f32::total_cmp).1 }
    };
    let queries: Vec<&[f32]> = set.queries.chunks_exact(set.dimensions).collect();
    let (first, second) = queries.split_at(queries.len() / 2);
    std::thread::scope(|scope| {
        let other =
            scope.spawn(|| second.iter().enumerate().map(|(at, q)| of(at + first.len(), q)).collect::<Vec<_>>());
        let mut all: Vec<f32> = first.iter().enumerate().map(|(at, query)| of(at, query)).collect();
        all.extend(other.join().unwrap());
        all
    })
}

/// The truth over the whole set, kept beside files.
fn kept_truth(set: &Set, data: &str, metric: Metric) -> Vec<f32> {
    let path = format!("{data}.{metric:?}.truth");
    if let Ok(bytes) = std::fs::read(&path) {
        return bytes.as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x)).collect();
    }
    let truth = truth(set, metric, &|_, _| true);
    if data.contains('/') {
        std::fs::write(path, truth.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
    }
    truth
}

fn on_processor() -> f64 {
    std::thread::yield_now(); // so that it is told up to now
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|told| told.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

struct Bench<'a> {
    set: &'a Set,
    metric: Metric,
    graph: &'a Graph,
    ids: &'a [u32],
    rerank: usize,
}

impl Bench<'_> {
    /// Sorts what was found by the true distance, and gives how many of the first K are as near as the K-th nearest.
    fn hits(&self, query: &[f32], found: &[Candidate], kth: f32, exact: &mut Vec<f32>) -> usize {
        let vector = |found: &Candidate| &self.set.base[self.ids[found.slot as usize] as usize * self.set.dimensions..];
        exact.clear();
        exact.extend(
            found
                .iter()
                .take(self.rerank.max(K))
                .map(|found| distance(self.metric, query, &vector(found)[..self.set.dimensions])),
        );
        exact.sort_unstable_by(f32::total_cmp);
        let bound = kth + kth.abs() * 1e-5 + 1e-6;
        exact.iter().take(K).filter(|&&distance| distance <= bound).count()
    }

    /// Recall, queries a second, and distances a query.
    fn run(&self, truth: &[f32], width: usize, accept: &dyn Fn(usize, u32) -> bool, refuses: bool) -> (f64, f64, f64) {
        let mut scratch = Scratch::new();
        let (mut found, mut exact) = (Vec::new(), Vec::new());
        let (mut hits, mut evaluations) = (0, 0);
        let start = on_processor();
        for (at, (query, &kth)) in self.set.queries.chunks_exact(self.set.dimensions).zip(truth).enumerate() {
            let ready = self.graph.quantizer().query(query).unwrap();
            let by_slot = |slot: u32| accept(at, self.ids[slot as usize]);
            let request = Request { accept: refuses.then_some(&by_slot), wanted: K, ..Request::nearest(width) };
            self.graph.search(&mut scratch, &ready, &request, &mut || true, &mut found).unwrap();
            evaluations += scratch.evaluations();
            hits += self.hits(query, &found, kth, &mut exact);
        }
        let count = truth.len() as f64;
        let seconds = on_processor() - start;
        (hits as f64 / (count * K as f64), count / seconds, evaluations as f64 / count)
    }

    fn curve(&self, truth: &[f32], rounds: usize) {
        for width in WIDTHS {
            let runs: Vec<_> = (0..rounds).map(|_| self.run(truth, width, &|_, _| true, false)).collect();
            let best = runs.iter().map(|run| run.1).fold(0.0, f64::max);
            println!("  width {width:>4}  recall {:.4}  {best:>8.0} q/s  {:>6.0} distances", runs[0].0, runs[0].2);
        }
    }
}

fn build(set: &Set, parameters: &Parameters, count: usize, threads: usize) -> Graph {
    let vectors = || set.base.chunks_exact(set.dimensions);
    let start = Instant::now();
    let all = vectors().count();
    let mut sample = vectors().step_by((all / 10_000).max(1));
    let quantizer = Quantizer::train(parameters, &mut sample).unwrap();
    let trained = start.elapsed().as_secs_f64();
    let mut graph = Graph::new(parameters.clone(), quantizer).unwrap();
    let mut code = Vec::new();
    let mut slots = Vec::new();
    for vector in vectors().take(count) {
        code.clear();
        graph.quantizer().encode(vector, &mut code).unwrap();
        slots.push(graph.add(&code).unwrap());
    }
    let coded = start.elapsed().as_secs_f64();
    let before = on_processor();
    graph.link(&slots, threads, &|| true).unwrap();
    let on = on_processor() - before;
    let linked = start.elapsed().as_secs_f64();
    let lost = graph.reconnect(&|| true).unwrap();
    println!(
        "{threads} threads: trained {trained:.2} s, coded {:.2}, linked {:.2} ({on:.2} on a processor), {lost} reconnected in {:.2}; {:?}; {:.1} MB of {:.1}; drift {:?}",
        coded - trained,
        linked - coded,
        start.elapsed().as_secs_f64() - linked,
        graph.counts(),
        graph.memory_bytes() as f64 / 1e6,
        (count * set.dimensions * 4) as f64 / 1e6,
        graph.quantizer().drift(),
    );
    graph
}

/// Removes a part, repairs, and inserts as many others.
fn churn(set: &Set, graph: &mut Graph, ids: &mut [u32], part: f64, threads: usize) {
    let count = set.base.len() / set.dimensions;
    let gone = (count as f64 * part) as usize;
    let dead: Vec<u32> = (0..gone as u32).map(|at| (u64::from(at) * 7919 % count as u64) as u32).collect();
    let start = Instant::now();
    for &slot in &dead {
        assert!(graph.remove(slot));
    }
    graph.repair(&dead, threads, &|| true).unwrap();
    let repaired = start.elapsed().as_secs_f64();
    graph.free(&dead).unwrap();
    let mut code = Vec::new();
    let mut slots = Vec::new();
    for &old in &dead {
        code.clear();
        let id = ids[old as usize] as usize;
        graph.quantizer().encode(&set.base[id * set.dimensions..][..set.dimensions], &mut code).unwrap();
        slots.push((graph.add(&code).unwrap(), id as u32));
    }
    for &(slot, id) in &slots {
        ids[slot as usize] = id;
    }
    let slots: Vec<u32> = slots.iter().map(|slot| slot.0).collect();
    graph.link(&slots, threads, &|| true).unwrap();
    let lost = graph.reconnect(&|| true).unwrap();
    println!(
        "{gone} repaired in {repaired:.2} s, inserted again in {:.2} s, {lost} reconnected, {:?}",
        start.elapsed().as_secs_f64() - repaired,
        graph.counts()
    );
}

fn filters(bench: &Bench<'_>, set: &Set) {
    let metric = bench.metric;
    let count = set.base.len() / set.dimensions;
    let scattered = |id: usize| (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    // Correlated: which vectors are near to a point. Adverse: which are far from the query.
    let point: Vec<f32> = set.base[..set.dimensions].to_vec();
    let mut by_point: Vec<(f32, usize)> =
        set.base.chunks_exact(set.dimensions).enumerate().map(|(id, v)| (distance(metric, &point, v), id)).collect();
    by_point.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut rank = vec![0; count];
    by_point.iter().enumerate().for_each(|(at, &(_, id))| rank[id] = at);
    for part in [0.5, 0.1, 0.01, 0.001] {
        let limit = (part * count as f64) as usize;
        let random = |_: usize, id: usize| scattered(id) as f64 / (1 << 24) as f64 <= part;
        let near = |_: usize, id: usize| rank[id] < limit;
        let far = |_: usize, id: usize| rank[id] >= count - limit;
        let kinds: [(&str, Accept<'_>); 3] = [("random", &random), ("near", &near), ("far", &far)];
        for (name, accept) in kinds {
            let truth = truth(set, metric, accept);
            for width in [20, 40, 80, 160] {
                let (recall, rate, distances) = bench.run(&truth, width, &|at, id| accept(at, id as usize), true);
                println!(
                    "  {name} {part} width {width:>4}  recall {recall:.4}  {rate:>8.0} q/s  {distances:>6.0} distances"
                );
            }
            let slots: Vec<u32> =
                (0..count as u32).filter(|&slot| accept(0, bench.ids[slot as usize] as usize)).collect();
            let (mut found, mut exact, mut hits) = (Vec::new(), Vec::new(), 0);
            let start = on_processor();
            for (query, &kth) in set.queries.chunks_exact(set.dimensions).zip(&truth) {
                let ready = bench.graph.quantizer().query(query).unwrap();
                bench.graph.scan(&ready, &mut slots.iter().copied(), 40, None, &mut || true, &mut found).unwrap();
                hits += bench.hits(query, &found, kth, &mut exact);
            }
            let (count, seconds) = (truth.len() as f64, on_processor() - start);
            println!(
                "  {name} {part} scan        recall {:.4}  {:>8.0} q/s",
                hits as f64 / count / 10.0,
                count / seconds
            );
        }
    }
}

fn main() {
    let mut given = std::env::args().skip(1);
    let data = given.next().unwrap_or_else(|| "clustered".to_owned());
    let pairs = given.filter_map(|pair| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
    let options = Options(pairs.collect());
    let mut dimensions = options.get("dimensions", if data.contains('/') { 784 } else { 16 });
    let set = if data.contains('/') {
        let base = read(&format!("{data}.base"), &mut dimensions);
        let queries = read(&format!("{data}.query"), &mut dimensions);
        Set { dimensions, base, queries }
    } else {
        draw(&data, options.get("count", 60_000), dimensions)
    };
    let metric = match options.get("metric", String::new()).as_str() {
        "cosine" => Metric::Cosine,
        "dot" => Metric::Dot,
        "hamming" => Metric::Hamming,
        _ => Metric::L2,
    };
    let mut parameters = Parameters::new(set.dimensions, metric);
    match options.get("coding", String::new()).as_str() {
        "binary" => parameters.coding = Coding::Binary,
        parts => parameters.coding = parts.parse().map_or(parameters.coding, |parts| Coding::Product { parts }),
    }
    parameters.degree = options.get("degree", parameters.degree);
    parameters.build_width = options.get("build", parameters.build_width);
    parameters.alpha = options.get("alpha", parameters.alpha);
    let count = set.base.len() / set.dimensions;
    println!("{data}: {count} vectors, kernel {:?}, {parameters:?}", Kernel::chosen().instructions());
    let truth = kept_truth(&set, &data, metric);
    let threads = options.get("threads", 1);
    let mut graph = build(&set, &parameters, count, threads);
    let mut ids: Vec<u32> = (0..count as u32).collect();
    let (rerank, rounds) = (options.get("rerank", 40), options.get("rounds", 2));
    Bench { set: &set, metric, graph: &graph, ids: &ids, rerank }.curve(&truth, rounds);
    if options.get("filters", 0) == 1 {
        filters(&Bench { set: &set, metric, graph: &graph, ids: &ids, rerank }, &set);
    }
    let part = options.get("churn", 0.0);
    if part > 0.0 {
        churn(&set, &mut graph, &mut ids, part, threads);
        Bench { set: &set, metric, graph: &graph, ids: &ids, rerank }.curve(&truth, rounds);
    }
}
