//! SledStore's vector layer: vectors of `f32`, halves, bytes or bits under keys, with attributes, in the store's own commits and snapshots,
//! and the search for the nearest of them: exact among few, among many through a graph (`crate/neighbor`) whose records
//! are rows beside the vectors (`record`), folded from what is pending (`fold`) and never the truth.
//!
//! - V1 A vector and its attributes are written and removed in one commit; neither outlives the other.
//! - V2 A stored vector has the index's dimensions and components of its element, all finite, and under cosine a length above zero.
//! - V3 A search sees one moment and gives the nearest there are, equally near ones by key; through a graph it may miss some,
//!   and gives none that is not there.
//! - V4 Every kernel stays within the rounding bound of a sum in f64.
//! - V5 Dimensions, metric, element, coding, model and key codec are those of the creation; declared attributes are added to.
//! - V6 A row of a wrong length or damaged attributes are an error, never an answer.
//! - V7 At every seq the approximate index and the pending changes beside it are all vectors there are, each as it is.
//! - V8 Every slot of the graph is reached by a walk from where searches begin.
#![deny(unsafe_code)]

mod attribute_order;
mod attribute_rank;
mod attribute_sets;
mod attribute_walk;
mod attributes;
mod beside;
mod build;
mod count;
mod declared;
mod distance;
mod diverse;
mod element;
mod filter;
mod fold;
mod index;
mod keys;
mod meta;
mod metric;
mod near;
mod nearest;
mod pending;
mod plan;
mod record;
mod request;
mod resident;
mod results;
mod row;
mod search;
#[allow(unsafe_code)]
mod simd;
mod slots;
#[cfg(test)]
mod tests;
mod verify;
mod worker;

pub use declared::AttributeKind;
pub use diverse::Diversity;
pub use element::Element;
pub use filter::Filter;
pub use index::{IndexInfo, NAMESPACE_PREFIX, StoredVector, VectorIndex, VectorOptions};
pub use keys::VECTOR_KEY_BYTES_MAX;
pub use metric::Metric;
pub use nearest::Place;
pub use plan::{Plan, Way};
pub use results::CacheCounts;
pub use row::{COMPARED_MAX, DIMENSIONS_MAX};
pub use search::{Neighbor, Predicate, Search};
pub use simd::{Instructions, KERNEL_VARIABLE, Kernel};
pub use sledstore_neighbor::Coding;
