//! Product quantization: a byte for each part of the vector, the number of the nearest of 256 centroids.
//!
//! Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", 2011. A query is compared by a table of its
//! distances from all centroids; two codes by the distance of their centroids.

use crate::random::Random;

/// Centroids of a part.
const CENTROIDS: usize = 256;
/// Vectors the centroids are made of, at most.
const SAMPLE_MAX: usize = 8_192;
const ROUNDS: usize = 8;

/// The centroids: of part 0 first, one centroid after the other.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub dimensions: usize,
    pub parts: usize,
    pub centroids: Vec<f32>,
}

impl Product {
    /// Fits a sample of vectors, one after the other, by k-means in each part.
    pub fn train(sample: &[f32], dimensions: usize, parts: usize, seed: u64) -> Self {
        let mut product = Self { dimensions, parts, centroids: vec![0.0; CENTROIDS * dimensions] };
        let count = (sample.len() / dimensions).min(SAMPLE_MAX);
        if count == 0 {
            return product;
        }
        let mut random = Random::new(seed);
        let mut sums = Vec::new();
        for part in 0..parts {
            let (from, to) = product.bounds(part);
            let width = to - from;
            let vectors: Vec<f32> =
                sample.chunks_exact(dimensions).take(count).flat_map(|vector| &vector[from..to]).copied().collect();
            let table = &mut product.centroids[CENTROIDS * from..CENTROIDS * to];
            for centroid in table.chunks_exact_mut(width) {
                let at = random.below(count as u64) as usize * width;
                centroid.copy_from_slice(&vectors[at..at + width]);
            }
            for _ in 0..ROUNDS {
                sums.clear();
                sums.resize(CENTROIDS * (width + 1), 0.0_f32);
                for vector in vectors.chunks_exact(width) {
                    let sum = &mut sums[nearest(table, vector).0 * (width + 1)..][..=width];
                    sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
                    sum[width] += 1.0;
                }
                for (centroid, sum) in table.chunks_exact_mut(width).zip(sums.chunks_exact(width + 1)) {
                    if sum[width] > 0.0 {
                        centroid.iter_mut().zip(sum).for_each(|(x, sum_of)| *x = sum_of / sum[width]);
                    } else {
                        // Nobody's centroid begins anew elsewhere.
                        let at = random.below(count as u64) as usize * width;
                        centroid.copy_from_slice(&vectors[at..at + width]);
                    }
                }
            }
        }
        product
    }

    /// The dimensions of a part.
    fn bounds(&self, part: usize) -> (usize, usize) {
        (part * self.dimensions / self.parts, (part + 1) * self.dimensions / self.parts)
    }

    fn table(&self, part: usize) -> (&[f32], usize, usize) {
        let (from, to) = self.bounds(part);
        (&self.centroids[CENTROIDS * from..CENTROIDS * to], from, to)
    }

    pub fn encode(&self, vector: &[f32], code: &mut Vec<u8>) {
        code.extend((0..self.parts).map(|part| {
            let (table, from, to) = self.table(part);
            nearest(table, &vector[from..to]).0 as u8
        }));
    }

    /// A table of 256 distances for each part: products negated, or squared distances times `factor`.
    pub fn query(&self, vector: &[f32], is_dot: bool, factor: f32) -> Vec<f32> {
        let mut distances = Vec::with_capacity(self.parts * CENTROIDS);
        for part in 0..self.parts {
            let (table, from, to) = self.table(part);
            let vector = &vector[from..to];
            distances.extend(table.chunks_exact(to - from).map(|centroid| {
                if is_dot {
                    -centroid.iter().zip(vector).map(|(a, b)| a * b).sum::<f32>()
                } else {
                    squared(centroid, vector) * factor
                }
            }));
        }
        distances
    }

    /// The vector that a code stands for.
    pub fn decode(&self, code: &[u8], vector: &mut Vec<f32>) {
        vector.clear();
        for (part, &byte) in (0..self.parts).zip(code) {
            let (table, from, to) = self.table(part);
            let at = usize::from(byte) * (to - from);
            vector.extend_from_slice(&table[at..at + to - from]);
        }
    }

    /// The squared distance of a decoded vector from what a code stands for.
    pub fn distance(&self, decoded: &[f32], code: &[u8]) -> f32 {
        let mut sum = 0.0;
        for (part, &byte) in (0..self.parts).zip(code) {
            let (table, from, to) = self.table(part);
            let at = usize::from(byte) * (to - from);
            sum += squared(&table[at..at + to - from], &decoded[from..to]);
        }
        sum
    }
}

/// The distance of a code from a query, by its table.
#[inline]
pub(crate) fn by_table(distances: &[f32], code: &[u8]) -> f32 {
    let (tables, _) = distances.as_chunks::<CENTROIDS>();
    tables.iter().zip(code).map(|(table, &byte)| table[usize::from(byte)]).sum()
}

fn nearest(table: &[f32], vector: &[f32]) -> (usize, f32) {
    let distances = table.chunks_exact(vector.len()).map(|centroid| squared(centroid, vector)).enumerate();
    distances.fold((0, f32::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
}

fn squared(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
