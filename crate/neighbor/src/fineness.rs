//! Whether bytes tell near vectors apart.
//!
//! A byte's step is a part of the spread of the whole sample. Where vectors lie in groups that are far from each other, or
//! one component is large beside the others, near vectors differ by less than a step or two, and their distances by codes
//! come in another order than the true ones. How much another is measured on the sample itself: how far distances by codes
//! are off among a vector's neighbors, and how many more vectors than the nearest few are no farther than these by so much.

use crate::parameters::Metric;
use crate::scalar::Scalar;
use crate::simd::Kernel;

/// Vectors of the sample whose neighbors are looked at.
const PROBES: usize = 128;
/// A smaller sample says nothing.
const SAMPLE_MIN: usize = 32;
/// Neighbors of a probe among which errors are measured.
const NEIGHBORS: usize = 40;
/// Of so many nearest ones the farthest is compared with those behind it.
const RANKS: [usize; 4] = [1, 2, 5, 10];
/// It may be followed by so many times more, within so many standard deviations of the error.
const FOLLOWERS: usize = 7;
const DEVIATIONS: f32 = 3.0;
/// One probe of so many may have more.
const EXCEPTIONS: usize = 8;

/// Whether distances by the codes are near enough to those of vectors, which follow each other in `sample`.
pub(crate) fn is_fine(scalar: &Scalar, sample: &[f32], metric: Metric) -> bool {
    let dimensions = scalar.middle.len();
    let count = sample.len() / dimensions;
    if count < SAMPLE_MIN || scalar.squared_error(sample) == 0.0 {
        return true;
    }
    let kernel = Kernel::chosen();
    let is_dot = metric == Metric::Dot;
    let (mut codes, mut vectors) = (Vec::new(), Vec::with_capacity(sample.len() * 4));
    for vector in sample.chunks_exact(dimensions) {
        scalar.encode(vector, &mut codes);
        vectors.extend(vector.iter().flat_map(|x| x.to_le_bytes()));
    }
    let step = (count / PROBES).max(1);
    let (mut probes, mut coarse) = (0, 0);
    for at in (0..count).step_by(step) {
        let probe = &sample[at * dimensions..][..dimensions];
        let by_code = if is_dot { scalar.by_dot(probe) } else { scalar.by_distance(probe, 1.0) };
        // Pairs of a true distance and what the code has too much.
        let mut near: Vec<(f32, f32)> = Vec::with_capacity(count);
        for (vector, code) in vectors.chunks_exact(dimensions * 4).zip(codes.chunks_exact(scalar.code_bytes())) {
            let distance = if is_dot { -kernel.products(vector, probe) } else { kernel.squares(vector, probe) };
            near.push((distance, by_code.distance(kernel, code) - distance));
        }
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        // Itself, and what equals it, no code has to tell apart.
        let equal = if is_dot { 0 } else { near.partition_point(|near| near.0 <= 0.0) };
        let near = &near[equal..];
        probes += 1;
        coarse += usize::from(has_many_followers(near));
    }
    coarse * EXCEPTIONS <= probes
}

/// Whether vectors, sorted, cannot be told from those before them.
fn has_many_followers(near: &[(f32, f32)]) -> bool {
    let errors = &near[..near.len().min(NEIGHBORS)];
    let count = errors.len().max(1) as f32;
    let mean = errors.iter().map(|near| near.1).sum::<f32>() / count;
    let variance = errors.iter().map(|near| (near.1 - mean).powi(2)).sum::<f32>() / count;
    let reach = DEVIATIONS * variance.sqrt();
    RANKS.iter().any(|&rank| {
        let Some(&(distance, _)) = near.get(rank - 1) else { return false };
        let first = near.partition_point(|near| near.0 <= distance);
        near.partition_point(|near| near.0 <= distance + reach) - first > rank * FOLLOWERS
    })
}
