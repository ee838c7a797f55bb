//! What is fixed when a graph is made.

use crate::codes::stride;
use crate::error::{Error, Result};

/// The most dimensions of a vector; sums over more would not fit 32 bits.
pub const DIMENSIONS_MAX: usize = 32_768;

/// The most links of a slot on the lowest level.
pub const DEGREE_MAX: usize = 128;

/// What "near" means. Distances are given so that smaller is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Metric {
    /// One minus the cosine of the angle; vectors are brought to length 1 before they are coded.
    Cosine = 1,
    /// The dot product, negated.
    Dot = 2,
    /// The squared length of the difference.
    L2 = 3,
    /// The number of bits that differ; a bit is set where a component is above ½.
    Hamming = 4,
}

/// How a vector is kept in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// One byte a component. Where bytes do not tell near vectors of the sample apart, vectors are kept as they are, with
    /// four bytes a component; so are those of at most eight dimensions.
    Scalar8,
    /// One bit a component: whether it is above the sample's mean.
    Binary,
    /// One byte for each of so many parts of the vector: the nearest of 256 centroids of the part.
    Product {
        /// The number of parts, at most the dimensions.
        parts: usize,
    },
}

/// What a graph is made with. The same parameters and the same seed, linked by one thread, give the same graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// Components of a vector, 1 to [`DIMENSIONS_MAX`].
    pub dimensions: usize,
    /// What "near" means.
    pub metric: Metric,
    /// How vectors are kept; [`Coding::Binary`] where the metric is [`Metric::Hamming`].
    pub coding: Coding,
    /// The most links of a slot on the lowest level, 4 to [`DEGREE_MAX`]; half as many on the others.
    pub degree: usize,
    /// Candidates among which a new slot's links are chosen, 4 to 10,000.
    pub build_width: usize,
    /// How much nearer than the new slot itself a chosen neighbor must be to a candidate to make a link to it
    /// needless, 1 to 4, as a factor of plain (not squared) distance.
    pub alpha: f32,
    /// Draws the levels of slots, and the first centroids of product codes.
    pub seed: u64,
}

impl Parameters {
    /// What was measured to be good on many kinds of data: bytes, 32 links, a width of 100 and α = 1.12.
    pub fn new(dimensions: usize, metric: Metric) -> Self {
        let coding = if metric == Metric::Hamming { Coding::Binary } else { Coding::Scalar8 };
        Self { dimensions, metric, coding, degree: 32, build_width: 100, alpha: 1.12, seed: 0x5eed }
    }

    /// # Errors
    /// [`Error::Argument`] for the first one that is outside what is taken.
    pub fn check(&self) -> Result<()> {
        let argument = |name, needs| Err(Error::Argument { name, needs });
        if !(1..=DIMENSIONS_MAX).contains(&self.dimensions) {
            return argument("dimensions", "1 to 32768");
        }
        if !(4..=DEGREE_MAX).contains(&self.degree) {
            return argument("degree", "4 to 128");
        }
        if !(4..=10_000).contains(&self.build_width) {
            return argument("buildWidth", "4 to 10000");
        }
        if !(1.0..=4.0).contains(&self.alpha) {
            return argument("alpha", "1 to 4");
        }
        match self.coding {
            Coding::Product { parts } if parts == 0 || parts > self.dimensions => {
                argument("parts", "1 to the number of dimensions")
            }
            Coding::Scalar8 | Coding::Product { .. } if self.metric == Metric::Hamming => {
                argument("coding", "binary, for Hamming distances are of bits")
            }
            _ => Ok(()),
        }
    }

    /// Bytes of memory of a slot, about, where a code has so many.
    pub fn slot_bytes(&self, code_bytes: usize) -> usize {
        // On the lowest level links, state, twin and place of the links on others, of which a slot has one list in half as many.
        stride(code_bytes) + self.degree * 4 + 10 + 8
    }

    /// Links of a slot on a level, at most.
    pub(crate) fn degree_at(&self, level: usize) -> usize {
        if level == 0 { self.degree } else { self.degree / 2 }
    }
}
