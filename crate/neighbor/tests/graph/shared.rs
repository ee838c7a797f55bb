//! Seeded vectors, graphs of them, and recall.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_neighbor::*;

pub struct Set {
    pub vectors: Vec<Vec<f32>>,
    pub queries: Vec<Vec<f32>>,
}

/// Vectors around some centers; one center is uniform noise.
pub fn clustered(count: usize, dimensions: usize, centers: usize, seed: u64) -> Set {
    let mut random = StdRng::seed_from_u64(seed);
    let mut vector = |spread: f32| (0..dimensions).map(|_| random.random_range(-spread..spread)).collect::<Vec<f32>>();
    let centers: Vec<Vec<f32>> = (0..centers).map(|_| vector(4.0)).collect();
    let mut vectors: Vec<Vec<f32>> = (0..count + 50)
        .map(|at| vector(1.0).iter().zip(&centers[at % centers.len()]).map(|(x, center)| x + center).collect())
        .collect();
    let queries = vectors.split_off(count);
    Set { vectors, queries }
}

pub fn empty(parameters: &Parameters, vectors: &[Vec<f32>]) -> Graph {
    let quantizer = Quantizer::train(parameters, &mut vectors.iter().map(|vector| &vector[..])).unwrap();
    Graph::new(parameters.clone(), quantizer).unwrap()
}

pub fn add(graph: &mut Graph, vectors: &[Vec<f32>]) -> Vec<u32> {
    let mut slots = Vec::new();
    for vector in vectors {
        let mut code = Vec::new();
        graph.quantizer().encode(vector, &mut code).unwrap();
        slots.push(graph.add(&code).unwrap());
    }
    slots
}

pub fn built(parameters: &Parameters, vectors: &[Vec<f32>]) -> Graph {
    let mut graph = empty(parameters, vectors);
    let slots = add(&mut graph, vectors);
    graph.link(&slots, 1, &|| true).unwrap();
    graph.reconnect(&|| true).unwrap();
    graph
}

pub fn search(graph: &Graph, vector: &[f32], request: &Request<'_>) -> Vec<Candidate> {
    let query = graph.quantizer().query(vector).unwrap();
    let mut found = Vec::new();
    graph.search(&mut Scratch::new(), &query, request, &mut || true, &mut found).unwrap();
    assert!(found.is_sorted_by(|a, b| a.distance <= b.distance));
    found
}

pub fn scan(graph: &Graph, vector: &[f32], slots: &[u32], width: usize) -> Vec<Candidate> {
    let query = graph.quantizer().query(vector).unwrap();
    let mut found = Vec::new();
    graph.scan(&query, &mut slots.iter().copied(), width, None, &mut || true, &mut found).unwrap();
    found
}

/// How much of the ten nearest by codes a search of this width gives; what is equally near counts.
pub fn recall(graph: &Graph, queries: &[Vec<f32>], slots: &[u32], request: &Request<'_>) -> f64 {
    let (mut hits, mut all) = (0, 0);
    for query in queries {
        let exact = scan(graph, query, slots, 10);
        let found = search(graph, query, request);
        let Some(last) = exact.last() else { continue };
        hits += found.iter().take(exact.len()).filter(|found| found.distance <= last.distance).count();
        all += exact.len();
    }
    hits as f64 / f64::from(all.max(1) as u32)
}

pub fn slots_of(graph: &Graph) -> Vec<u32> {
    (0..graph.slots() as u32).collect()
}
