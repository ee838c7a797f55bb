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

/// The number that a half's bits are, by the definition.
fn half(bits: u16) -> f32 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let magnitude = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    };
    (if bits >> 15 == 1 { -magnitude } else { magnitude }) as f32
}

#[test]
fn every_half_is_read_as_what_it_is() {
    for kernel in Kernel::available() {
        for bits in 0..=u16::MAX {
            let found = kernel.dot_halves(&[1.0], &bits.to_le_bytes());
            assert!(
                found == half(bits) || found.is_nan() && half(bits).is_nan(),
                "{} {bits:x}: {found}",
                kernel.name()
            );
        }
    }
}

#[test]
fn sums_over_halves_stay_within_the_bound() {
    let mut random = common::random();
    for dimensions in 1..=300 {
        let query = common::vector(&mut random, dimensions);
        let bits: Vec<u16> =
            (0..dimensions).map(|_| random.random_range(0..0x4400) | random.random_range(0..2) << 15).collect();
        let shift = dimensions % 2;
        let mut bytes = vec![0xff; shift];
        bytes.extend(bits.iter().flat_map(|bits| bits.to_le_bytes()));
        // What follows is not read.
        bytes.extend([0xff; 32]);
        let row = &bytes[shift..shift + 2 * dimensions];
        let terms = || query.iter().zip(&bits).map(|(&x, &y)| (f64::from(x), f64::from(half(y))));
        let dot: f64 = terms().map(|(x, y)| x * y).sum();
        let dot_bound = tolerance(dimensions, terms().map(|(x, y)| (x * y).abs()).sum());
        let squared: f64 = terms().map(|(x, y)| (x - y).powi(2)).sum();
        for kernel in Kernel::available() {
            let found = f64::from(kernel.dot_halves(&query, row));
            assert!((found - dot).abs() <= dot_bound, "{} dot {dimensions}: {found} {dot}", kernel.name());
            let found = f64::from(kernel.squared_l2_halves(&query, row));
            let bound = tolerance(dimensions, squared);
            assert!((found - squared).abs() <= bound, "{} l2 {dimensions}: {found} {squared}", kernel.name());
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
