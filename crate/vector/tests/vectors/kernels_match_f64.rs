use rand::Rng;
use sledstore_vector::Kernel;

use crate::common;

/// The bound that the kernels promise.
fn tolerance(dimensions: usize, terms: f64) -> f64 {
    (dimensions as f64 / 16.0 + 12.0) * f64::from(f32::EPSILON) * terms
}

#[test]
fn every_kernel_stays_within_its_bound_at_every_dimension_and_alignment() {
    let mut random = common::random();
    let kernels: Vec<Kernel> = Kernel::available().collect();
    println!("kernels: {:?}", kernels.iter().map(|kernel| kernel.name()).collect::<Vec<_>>());
    for dimensions in 1..=1_024 {
        let scale = 10.0_f32.powi(random.random_range(-6..6));
        let a: Vec<f32> = common::vector(&mut random, dimensions).iter().map(|x| x * scale).collect();
        let b = common::vector(&mut random, dimensions);
        let shift = dimensions % 4;
        let mut bytes = vec![0xff; shift];
        bytes.extend(b.iter().flat_map(|x| x.to_le_bytes()));
        let terms = || a.iter().zip(&b).map(|(&x, &y)| (f64::from(x), f64::from(y)));
        let dot: f64 = terms().map(|(x, y)| x * y).sum();
        let dot_bound = tolerance(dimensions, terms().map(|(x, y)| (x * y).abs()).sum());
        let squared: f64 = terms().map(|(x, y)| (x - y).powi(2)).sum();
        let squared_bound = tolerance(dimensions, squared);
        for &kernel in &kernels {
            let found = f64::from(kernel.dot(&a, &bytes[shift..]));
            assert!((found - dot).abs() <= dot_bound, "{} dot {dimensions}: {found} {dot}", kernel.name());
            let found = f64::from(kernel.squared_l2(&a, &bytes[shift..]));
            assert!((found - squared).abs() <= squared_bound, "{} l2 {dimensions}: {found} {squared}", kernel.name());
        }
    }
}

#[test]
fn small_integers_are_summed_exactly() {
    let mut random = common::random();
    for dimensions in (1..=1_024).step_by(7) {
        let mut numbers = || (0..dimensions).map(|_| random.random_range(-9..=9)).collect::<Vec<i32>>();
        let (a, b) = (numbers(), numbers());
        let query: Vec<f32> = a.iter().map(|&x| x as f32).collect();
        let row: Vec<u8> = b.iter().flat_map(|&x| (x as f32).to_le_bytes()).collect();
        let dot: i32 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
        let squared: i32 = a.iter().zip(&b).map(|(x, y)| (x - y).pow(2)).sum();
        for kernel in Kernel::available() {
            assert_eq!(kernel.dot(&query, &row), dot as f32, "{} {dimensions}", kernel.name());
            assert_eq!(kernel.squared_l2(&query, &row), squared as f32, "{} {dimensions}", kernel.name());
        }
    }
}

#[test]
fn no_component_beyond_the_last_is_read() {
    for dimensions in 1..=70 {
        let query = vec![1.0; dimensions];
        let mut bytes = vec![0; 4 * dimensions];
        // What follows would make every sum NaN.
        bytes.extend([0xff; 64]);
        for kernel in Kernel::available() {
            assert_eq!(kernel.dot(&query, &bytes[..4 * dimensions]), 0.0);
            assert_eq!(kernel.squared_l2(&query, &bytes[..4 * dimensions]), dimensions as f32);
        }
    }
}
