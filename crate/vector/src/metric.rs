//! How near two vectors are.

use std::fmt;

/// What "near" means in an index; fixed when it is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Metric {
    /// The angle. Distance is one minus the cosine similarity: 0 for the same direction, 2 for the opposite one.
    Cosine = 1,
    /// The dot product. Distance is the product negated, so that nearest means largest.
    Dot = 2,
    /// The straight line. Distance is its length, not the length squared.
    L2 = 3,
    /// The number of bits that differ; of vectors of bits, and their only metric.
    Hamming = 4,
}

impl Metric {
    /// Every metric of vectors of numbers.
    pub const OF_NUMBERS: [Self; 3] = [Self::Cosine, Self::Dot, Self::L2];
    /// Every metric.
    pub const ALL: [Self; 4] = [Self::Cosine, Self::Dot, Self::L2, Self::Hamming];

    /// Its name: `cosine`, `dot`, `l2` or `hamming`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::Dot => "dot",
            Self::L2 => "l2",
            Self::Hamming => "hamming",
        }
    }

    /// The metric of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&metric| metric as u8 == byte)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
