//! Bytes for components.
//!
//! A component `x` of dimension `d` becomes the byte `c = ⌊(x − middle[d]) / step + ½⌋ + 128`. The step is the same in all
//! dimensions, so that squared distances and products are sums over integers: with `ĉ = c − 128`, and `q̂` for the query,
//! `|q − x|² ≈ step² · (|q̂|² + |ĉ|² − 2 q̂·ĉ)`. A code holds its components, padded with 128 (zero) to blocks, then
//! `|ĉ|²`, then `Σ ĉ`, which turns a product with a byte into one with a signed byte.
//!
//! Under the dot product a graph of nearest neighbors has holes, since long vectors are near to everything. So the graph
//! is made by distances in one dimension more, in which every vector has the same length (Bachrach et al., "Speeding up
//! the Xbox recommender system using a Euclidean transformation", 2014). The component there is the last number of a code.

use crate::simd::{BLOCK_BYTES, Kernel};

/// The sample's spread is cut to these parts of itself, and the one of the least error is taken: few outliers should not
/// make all other components coarse.
const SPREADS: [f32; 8] = [1.0, 0.9, 0.8, 0.65, 0.5, 0.35, 0.2, 0.1];

/// What turns vectors into bytes.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub middle: Vec<f32>,
    pub step: f32,
    /// Under the dot product the squared length that all vectors are brought to; else 0.
    pub length_squared: f32,
}

/// A query against codes of bytes: a code's distance is
/// `constant + norm · |ĉ|² + dot · Σ code·(bytes − 128) + last · last component`.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScalarQuery {
    pub bytes: Vec<u8>,
    pub constant: f32,
    pub norm: f32,
    pub dot: f32,
    /// What [`Kernel::dot`] gives too much for every code, for the codes' bytes are not signed.
    pub excess: i32,
    pub last: Option<f32>,
}

impl Scalar {
    /// Fits a sample of vectors, one after the other.
    pub fn train(sample: &[f32], dimensions: usize, is_dot: bool) -> Self {
        let mut low = vec![f32::INFINITY; dimensions];
        let mut high = vec![f32::NEG_INFINITY; dimensions];
        let mut longest = 0.0_f32;
        for vector in sample.chunks_exact(dimensions) {
            for (at, &x) in vector.iter().enumerate() {
                low[at] = low[at].min(x);
                high[at] = high[at].max(x);
            }
            longest = longest.max(vector.iter().map(|x| x * x).sum());
        }
        let spread = low.iter().zip(&high).map(|(low, high)| high - low).fold(0.0_f32, f32::max);
        let spread = if spread.is_finite() && spread > 0.0 { spread } else { 1.0 };
        let length_squared = if is_dot { longest } else { 0.0 };
        if let Some(Grid { middle, step }) = Grid::of(sample, &low, &high, spread) {
            return Self { middle, step, length_squared };
        }
        let of = |part: f32| {
            let step = (spread * part / 255.0).max(f32::MIN_POSITIVE);
            let middle = low.iter().zip(&high).map(|(low, high)| {
                let middle = low / 2.0 + high / 2.0 + step / 2.0;
                if middle.is_finite() { middle } else { 0.0 }
            });
            Self { middle: middle.collect(), step, length_squared }
        };
        let mut best = of(1.0);
        // The first one of the least error is the one that cuts the least.
        let mut least = best.squared_error(sample);
        for part in &SPREADS[1..] {
            if least == 0.0 {
                break;
            }
            let next = of(*part);
            let error = next.squared_error(sample);
            if error < least {
                (best, least) = (next, error);
            }
        }
        best
    }

    /// The squared length of what bytes get wrong.
    pub fn squared_error(&self, sample: &[f32]) -> f64 {
        let mut sum = 0.0;
        for vector in sample.chunks_exact(self.middle.len()) {
            let errors = vector.iter().zip(&self.middle).map(|(&x, middle)| {
                let scaled = (x - middle) / self.step;
                let error = scaled - rounded(scaled) as f32;
                error * error
            });
            sum += f64::from(errors.sum::<f32>());
        }
        sum * f64::from(self.step) * f64::from(self.step)
    }

    fn block_bytes(&self) -> usize {
        self.middle.len().next_multiple_of(BLOCK_BYTES)
    }

    pub fn code_bytes(&self) -> usize {
        self.block_bytes() + if self.length_squared > 0.0 { 12 } else { 8 }
    }

    /// Adds the code and gives how many components were outside the range; all of them where those are so far outside that
    /// the vector's distances are off by more than a step in every component would make them.
    pub fn encode(&self, vector: &[f32], code: &mut Vec<u8>) -> u64 {
        let start = code.len();
        let (mut clamped, mut beyond, mut norm, mut sum) = (0, 0.0_f32, 0_i64, 0_i32);
        code.extend(vector.iter().zip(&self.middle).map(|(x, middle)| {
            let scaled = (x - middle) / self.step;
            let signed = rounded(scaled);
            if !(-128.0..128.0).contains(&(scaled + 0.5)) {
                clamped += 1;
                beyond += (scaled - signed as f32).powi(2);
            }
            norm += i64::from(signed * signed);
            sum += signed;
            (signed + 128) as u8
        }));
        code.resize(start + self.block_bytes(), 128);
        let mut norm = norm as f32;
        if self.length_squared > 0.0 {
            let squared: f32 = vector.iter().map(|x| x * x).sum();
            let last = (self.length_squared - squared).max(0.0).sqrt() / self.step;
            norm += last * last;
            code.extend_from_slice(&norm.to_le_bytes());
            code.extend_from_slice(&sum.to_le_bytes());
            code.extend_from_slice(&last.to_le_bytes());
        } else {
            code.extend_from_slice(&norm.to_le_bytes());
            code.extend_from_slice(&sum.to_le_bytes());
        }
        if beyond > vector.len() as f32 { vector.len() as u64 } else { clamped }
    }

    /// Appends what a code stands for, as little-endian floats.
    pub fn restore(&self, code: &[u8], floats: &mut Vec<u8>) {
        let start = floats.len();
        floats.resize(start + self.middle.len() * 4, 0);
        Kernel::chosen().restore(&code[..self.middle.len()], &self.middle, self.step, &mut floats[start..]);
    }

    /// The query of a vector by squared distance, times `factor`.
    pub fn by_distance(&self, vector: &[f32], factor: f32) -> ScalarQuery {
        let scaled: Vec<f32> = vector.iter().zip(&self.middle).map(|(x, middle)| (x - middle) / self.step).collect();
        let reach = scaled.iter().fold(0.0_f32, |reach, x| reach.max(x.abs()));
        let unit = self.step * self.step * factor;
        // Inside the range the query is coded as the vectors are, so that what is equal has no distance. Outside it gets a
        // scale of its own.
        if reach <= 128.0 {
            let mut norm = 0_i64;
            let signed = scaled.iter().map(|&x| {
                let signed = rounded(x);
                norm += i64::from(signed * signed);
                signed
            });
            let query = self.query(signed, 0.0, unit, -2.0 * unit);
            return ScalarQuery { constant: unit * norm as f32, ..query };
        }
        let scale = reach / 127.0;
        let norm: f32 = scaled.iter().map(|x| x * x).sum();
        self.query(scaled.iter().map(|x| rounded(x / scale)), unit * norm, unit, -2.0 * scale * unit)
    }

    /// The query of a vector by its product, negated.
    pub fn by_dot(&self, vector: &[f32]) -> ScalarQuery {
        let reach = vector.iter().fold(0.0_f32, |reach, x| reach.max(x.abs()));
        let scale = if reach > 0.0 { reach / 127.0 } else { 1.0 };
        let signed = vector.iter().map(|x| rounded(x / scale));
        let constant: f32 = vector.iter().zip(&self.middle).map(|(x, middle)| x * middle).sum();
        self.query(signed, -constant, 0.0, -scale * self.step)
    }

    /// The query of a code, by squared distance in steps; what it held is replaced.
    pub fn by_code(&self, code: &[u8], query: &mut ScalarQuery) {
        let bytes = self.block_bytes();
        query.bytes.clear();
        query.bytes.extend_from_slice(&code[..bytes]);
        query.constant = f32_at(code, bytes);
        query.norm = 1.0;
        query.dot = -2.0;
        query.excess = i32::from_le_bytes(four_at(code, bytes + 4)).wrapping_mul(128);
        query.last = (self.length_squared > 0.0).then(|| -2.0 * f32_at(code, bytes + 8));
    }

    fn query(&self, signed: impl Iterator<Item = i32>, constant: f32, norm: f32, dot: f32) -> ScalarQuery {
        let mut sum = 0;
        let mut bytes: Vec<u8> = Vec::with_capacity(self.block_bytes());
        bytes.extend(signed.map(|signed| {
            sum += signed;
            (signed + 128) as u8
        }));
        bytes.resize(self.block_bytes(), 128);
        ScalarQuery { bytes, constant, norm, dot, excess: sum * 128, last: None }
    }
}

impl ScalarQuery {
    #[inline]
    pub fn distance(&self, kernel: Kernel, code: &[u8]) -> f32 {
        let bytes = self.bytes.len();
        let dot = kernel.dot(&code[..bytes], &self.bytes).wrapping_sub(self.excess);
        let distance = self.constant + self.norm * f32_at(code, bytes) + self.dot * dot as f32;
        match self.last {
            Some(last) => distance + last * f32_at(code, bytes + 8),
            None => distance,
        }
    }
}

/// Steps of which every component is a multiple, as whole numbers of a byte are: bytes lose nothing of them.
struct Grid {
    middle: Vec<f32>,
    step: f32,
}

impl Grid {
    /// The one of a sample, if it has one; `spread` is the largest of a dimension.
    fn of(sample: &[f32], low: &[f32], high: &[f32], spread: f32) -> Option<Self> {
        let least = low.iter().copied().fold(f32::INFINITY, f32::min);
        let most = high.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        // One range for all dimensions has what those of the sample happen to lack.
        Self::shared(sample, low.len(), least, most).or_else(|| {
            let step = step_of_grid(sample, spread)?;
            let middle = low.iter().zip(high).map(|(&low, &high)| between(low, high, step));
            Some(Self { middle: middle.collect(), step })
        })
    }

    fn shared(sample: &[f32], dimensions: usize, least: f32, most: f32) -> Option<Self> {
        let step = step_of_grid(sample, most - least)?;
        // From zero on, or around it, as numbers of a byte are.
        let covers = |middle: &f32| least >= middle - 128.0 * step && most <= middle + 127.0 * step;
        let middle = [128.0 * step, 0.0, between(least, most, step)].into_iter().find(covers)?;
        Some(Self { middle: vec![middle; dimensions], step })
    }
}

/// The middle of a range, on a grid that its ends are on.
fn between(low: f32, high: f32, step: f32) -> f32 {
    low + step * ((high - low) / (2.0 * step)).round()
}

/// The least power of two of which so large a spread has no more than 255, if every component is a multiple of it.
fn step_of_grid(sample: &[f32], spread: f32) -> Option<f32> {
    let step = 2.0_f32.powi((spread / 255.0).log2().ceil() as i32);
    let holds = spread > 0.0 && step.is_normal() && spread / step <= 255.0;
    (holds && sample.iter().all(|x| (x / step).fract() == 0.0)).then_some(step)
}

/// The nearest integer, halves up, of those that a signed byte holds. Where processors are not asked what they have, rounding
/// down is a call.
#[inline]
fn rounded(x: f32) -> i32 {
    let moved = (x + 0.5).clamp(-128.0, 127.0);
    let cut = moved as i32;
    cut - i32::from(cut as f32 > moved)
}

#[inline]
pub(crate) fn four_at(bytes: &[u8], at: usize) -> [u8; 4] {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or_default()
}

#[inline]
pub(crate) fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_le_bytes(four_at(bytes, at))
}
