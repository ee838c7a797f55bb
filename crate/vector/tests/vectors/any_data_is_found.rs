//! What is nearest is found on data of many kinds and in many orders, by true distances.

use rand::Rng;
use rand::rngs::StdRng;
use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions, Way};

use crate::common;

const COUNT: usize = 1_500;
const DIMENSIONS: usize = 24;

/// About normal.
fn normal(random: &mut StdRng) -> f32 {
    (0..6).map(|_| random.random_range(-1.0..1.0_f32)).sum::<f32>() / 1.41
}

fn noise(random: &mut StdRng) -> Vec<f32> {
    (0..DIMENSIONS).map(|_| normal(random)).collect()
}

/// Vectors around centers this far apart, one center after the other.
fn groups(random: &mut StdRng, count: usize, spread: f32) -> Vec<Vec<f32>> {
    let centers: Vec<Vec<f32>> = (0..count).map(|_| noise(random)).collect();
    let of = |at: usize, random: &mut StdRng| {
        centers[at * count / COUNT].iter().map(|center| center * spread + normal(random)).collect()
    };
    (0..COUNT).map(|at| of(at, random)).collect()
}

/// Puts vectors in so many commits, each of which is taken in before the next one.
fn check(name: &str, metric: Metric, vectors: &[Vec<f32>], parts: usize, least: f64) {
    let store = common::memory();
    let options = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, metric) };
    let index = VectorIndex::open(&store, "test", &options).unwrap();
    let rows: Vec<(Vec<u8>, Vec<f32>)> =
        vectors.iter().zip(0_u32..).map(|(vector, key)| (key.to_be_bytes().to_vec(), vector.clone())).collect();
    for part in rows.chunks(rows.len().div_ceil(parts)) {
        common::put(&index, part);
        index.compact().unwrap();
    }
    let (mut hits, mut all, mut own) = (0, 0, 0);
    let read = store.snapshot().unwrap();
    for (key, query) in rows.iter().step_by(11) {
        let (found, plan) = index.search_explained(&read, query, &Search::nearest(10)).unwrap();
        assert_eq!(plan.way, Way::Graph, "{name}");
        let mut exact: Vec<f64> = vectors.iter().map(|vector| common::distance(metric, query, vector)).collect();
        exact.sort_by(f64::total_cmp);
        let last = exact[9] + 1e-6 * exact[9].abs().max(1e-3);
        let distance = |key: &[u8]| {
            let at = u32::from_be_bytes(key.try_into().unwrap());
            common::distance(metric, query, &vectors[at as usize])
        };
        hits += found.iter().filter(|found| distance(&found.key) <= last).count();
        all += found.len();
        own += usize::from(metric == Metric::Dot || found.iter().any(|found| found.key == *key));
    }
    let recall = hits as f64 / f64::from(all as u32);
    assert!(recall >= least, "{name}, in {parts} parts: {recall}");
    assert!(own * 100 >= rows.iter().step_by(11).len() * 99, "{name}: {own} are found");
}

#[test]
fn in_groups_near_and_far() {
    let mut random = common::random();
    for spread in [3.0, 20.0, 1_000.0] {
        let mut vectors = groups(&mut random, 15, spread);
        check(&format!("groups {spread} apart, one after the other"), Metric::L2, &vectors, 1, 0.99);
        check(&format!("groups {spread} apart, each for itself"), Metric::L2, &vectors, 15, 0.98);
        vectors.sort_by(|a, b| a[0].total_cmp(&b[0]));
        check(&format!("groups {spread} apart, sorted"), Metric::L2, &vectors, 3, 0.98);
    }
}

#[test]
fn with_a_component_that_is_large() {
    let mut random = common::random();
    let of = |first: &dyn Fn(usize) -> f32, random: &mut StdRng| -> Vec<Vec<f32>> {
        let mut vectors: Vec<Vec<f32>> = (0..COUNT).map(|_| noise(random)).collect();
        vectors.iter_mut().enumerate().for_each(|(at, vector)| vector[0] += first(at));
        vectors
    };
    let two = of(&|at| if at % 2 == 0 { -1_000.0 } else { 1_000.0 }, &mut random);
    check("two groups", Metric::L2, &two, 1, 0.99);
    let times = of(&|at| 1.7e9 + (at % 10) as f32 * 1e5, &mut random);
    check("times", Metric::L2, &times, 2, 0.99);
    // The second half lies where none was when codes were made.
    let later = of(&|at| if at < COUNT / 2 { 0.0 } else { 500.0 }, &mut random);
    check("a second half far away", Metric::L2, &later, 2, 0.98);
}

#[test]
fn where_all_are_about_as_far() {
    let mut random = common::random();
    for (metric, middle, spread) in [(Metric::Cosine, 1.0, 0.01), (Metric::L2, 0.0, 1.0), (Metric::Cosine, 0.0, 1.0)] {
        let vector = |random: &mut StdRng| noise(random).iter().map(|x| middle + x * spread).collect();
        let vectors: Vec<Vec<f32>> = (0..COUNT).map(|_| vector(&mut random)).collect();
        // Sums of 32-bit floats tell cosines of so near directions apart only roughly.
        let least = if spread < 1.0 { 0.97 } else { 0.99 };
        check(&format!("{metric} around {middle}"), metric, &vectors, 1, least);
    }
}
