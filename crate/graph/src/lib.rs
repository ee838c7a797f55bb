//! SledStore's graph layer: nodes with labels and properties, typed directed edges with properties, indexes and
//! unique constraints, neighbors and breadth-first paths, all of it rows of the engine.
//!
//! # Rows
//!
//! A graph is one namespace, `graph:<name>`, so that it is created, renamed and dropped by one commit, and its kinds
//! of rows stand in ranges of their own. Keys begin with the kind; ids in keys and values are ordered numbers of one to nine bytes (`keys.rs`).
//!
//! | kind | key | value |
//! |---|---|---|
//! | 01 counter | which | next free id |
//! | 02 name | class, name | id |
//! | 03 id of a name | class, id | name |
//! | 04 indexes | | next id, definitions |
//! | 10 node | node | labels, properties |
//! | 11 edge | edge | source, target, type, properties |
//! | 12 adjacency | node, direction, type, neighbor, edge | |
//! | 13 label | label, node | |
//! | 14 index | index, value, node | |
//! | 15 unique index | index, value | node |
//!
//! # Invariants
//!
//! - G1 An edge has exactly three rows: kind 11, an outgoing 12 under its source and an incoming 12 under its target;
//!   both ends exist. So a loop has both adjacency rows under one node.
//! - G2 A node has one row of kind 13 for each of its labels, and one of kind 14 or 15 in each index that covers it and
//!   whose property it has with a value that can be indexed; there are no others.
//! - G3 The rows of a change are one commit, and every check is a recorded read of the transaction, so that the engine's
//!   validation makes G1, G2 and uniqueness hold among concurrent writers. Names and counters run ahead harmlessly.
//! - G4 Ids of nodes, edges, names and indexes are never given twice.
//! - G5 A stored property map holds no null and no name twice.
//!
//! An index that is still being built is covered by the second half of G2 alone: `build.rs`.
//!
//! Counts are scans; no row of totals is kept that concurrent writers would meet at.
#![forbid(unsafe_code)]

mod build;
mod bulk;
mod counter;
mod fields;
mod find;
mod graph;
mod index;
mod keys;
mod model;
mod name;
mod neighbor;
mod path;
mod property;
mod request;
mod rows;
mod schema;
mod verify;
mod write;

pub use graph::{Graph, NAMESPACE_PREFIX};
pub use index::INDEXED_VALUE_BYTES_MAX;
pub use model::{Direction, Edge, EdgeId, ID_MAX, NAME_BYTES_MAX, Node, NodeFilter, NodeId};
pub use neighbor::{Neighbor, NeighborFilter};
pub use path::{Path, PathFilter, Reached};
pub use property::NESTING_MAX;
pub use schema::Index;
pub use write::{NodeUpdate, PropertyChange};
