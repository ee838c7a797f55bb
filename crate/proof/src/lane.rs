//! The writers of a workload.

use rand::SeedableRng;
use rand::rngs::SmallRng;

/// One writer, whose steps come one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Single puts, deletions and cleared ranges.
    Line,
    /// Batches across three namespaces.
    Batch,
    /// Transactions that read what they build on.
    Count,
    /// Values in one piece, in chunks and streamed, that replace each other.
    Large,
    /// Namespaces that are made, filled and dropped.
    Space,
    /// Nodes and edges, under a unique index.
    Graph,
    /// Vectors with attributes.
    Vector,
    /// A graph that queries change, under indexes that come and go.
    Query,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 8] =
        [Self::Line, Self::Batch, Self::Count, Self::Large, Self::Space, Self::Graph, Self::Vector, Self::Query];

    /// Its name, which is also its key in the namespace `progress`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Batch => "batch",
            Self::Count => "count",
            Self::Large => "large",
            Self::Space => "space",
            Self::Graph => "graph",
            Self::Vector => "vector",
            Self::Query => "query",
        }
    }

    /// The lane of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.name() == name)
    }

    /// What step `number` draws from.
    pub(crate) fn random(self, seed: u64, number: u64) -> SmallRng {
        let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93);
        SmallRng::seed_from_u64(mixed ^ ((self as u64 + 1) << 56))
    }
}
