//! SledStore's vector layer: vectors of `f32` under keys, with attributes, in the store's own commits and snapshots,
//! and the exact search for the nearest of them.
#![deny(unsafe_code)]

mod attribute_walk;
mod attributes;
mod distance;
mod filter;
mod index;
mod keys;
mod metric;
mod nearest;
mod request;
mod row;
mod search;
#[allow(unsafe_code)]
mod simd;

pub use filter::Filter;
pub use index::{IndexInfo, NAMESPACE_PREFIX, StoredVector, VectorIndex, VectorOptions};
pub use keys::VECTOR_KEY_BYTES_MAX;
pub use metric::Metric;
pub use nearest::Place;
pub use row::DIMENSIONS_MAX;
pub use search::{Neighbor, Predicate, Search};
pub use simd::{Instructions, KERNEL_VARIABLE, Kernel};
