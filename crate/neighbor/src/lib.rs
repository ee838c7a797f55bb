//! Nearest neighbors, approximately, in memory: a graph over short codes of vectors.
//!
//! This crate knows no store, no keys and no files. A vector is a *slot*, a number; what is kept of it is its *code*, made
//! by a [`Quantizer`]. A [`Graph`] links near slots, and a search walks along links towards a [`Query`]. What it finds is
//! sorted by the distance of codes; the caller, who has the vectors, sorts the first of them again by the true one.
//!
//! # Who may do what at once
//!
//! A graph is meant to be held in a read-write lock. Under `&Graph`, so beside any number of searches, slots are linked
//! ([`Graph::link`]), removed ([`Graph::remove`]), repaired ([`Graph::repair`]) and codes filled in ([`Graph::fill`]).
//! Only [`Graph::add`] and [`Graph::free`], which change what a slot's number means, need `&mut Graph`; they take
//! microseconds.
//!
//! # A slot's life
//!
//! [`Graph::add`] takes a slot for a code; [`Graph::link`] puts it into the graph, and searches find it. An update is a new
//! slot. [`Graph::remove`] sets a tombstone: searches walk over the slot and do not give it, unless the caller's `accept`
//! takes it, for a reader of an older moment. When nobody can ask for it any more, [`Graph::repair`] leads the links to it
//! elsewhere, and then [`Graph::free`] lets [`Graph::add`] use its number again. Slots with equal codes hang in a chain
//! behind one of them, so that thousands of equal vectors cost a search nothing.
//!
//! # On disk
//!
//! A graph is written as its parameters, its [`Quantizer::to_bytes`], and for each slot a code ([`Graph::code`]) and a
//! record ([`Graph::record`]); [`Graph::drain_dirty`] tells which records have changed. An [`Assembly`] makes a graph of
//! them and refuses records that do not fit together. Codes may come later, by chunks ([`Graph::fill`]) or one by one as
//! a search meets them ([`CodeSource`]).
//!
//! ```
//! use sledstore_neighbor::{Graph, Metric, Parameters, Quantizer, Request, Scratch};
//!
//! let vectors: Vec<[f32; 2]> = (0..100).map(|at| [at as f32, 0.0]).collect();
//! let parameters = Parameters::new(2, Metric::L2);
//! let quantizer = Quantizer::train(&parameters, &mut vectors.iter().map(|vector| &vector[..]))?;
//! let mut graph = Graph::new(parameters, quantizer)?;
//! let mut slots = Vec::new();
//! for vector in &vectors {
//!     let mut code = Vec::new();
//!     graph.quantizer().encode(vector, &mut code)?;
//!     slots.push(graph.add(&code)?);
//! }
//! graph.link(&slots, 2, &|| true)?;
//!
//! let query = graph.quantizer().query(&[41.8, 0.0])?;
//! let mut found = Vec::new();
//! graph.search(&mut Scratch::new(), &query, &Request::nearest(10), &mut || true, &mut found)?;
//! assert_eq!(found[0].slot, slots[42]);
//! # Ok::<(), sledstore_neighbor::Error>(())
//! ```
#![deny(unsafe_code)]

mod codes;
mod error;
mod fineness;
mod graph;
mod link;
mod parameters;
mod product;
mod quantizer;
mod query;
mod random;
mod record;
mod repair;
mod scalar;
mod scratch;
mod search;
#[allow(unsafe_code)]
mod simd;
mod slots;

pub use codes::CodeSource;
pub use error::{Error, Result};
pub use graph::{Counts, Graph};
pub use link::ProceedAll;
pub use parameters::{Coding, DEGREE_MAX, DIMENSIONS_MAX, Metric, Parameters};
pub use quantizer::{Drift, Quantizer};
pub use query::Query;
pub use record::Assembly;
pub use scratch::{Candidate, Scratch};
pub use search::{Outcome, Proceed, Request};
pub use simd::{Instructions, KERNEL_VARIABLE, Kernel};
