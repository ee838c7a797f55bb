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
//! | 05 total | what is counted | signed number |
//! | 05 folded | `<` | seq below which changes are in the totals |
//! | 06 change of counts | newest seq when it was written, number | what is counted, signed number, … |
//! | 10 node | node | labels, properties |
//! | 11 edge | edge | source, target, type, properties |
//! | 12 adjacency | node, direction, type, neighbor, edge | number and pairs of the edges that follow |
//! | 13 label | label, node | |
//! | 14 index | index, values, node or edge | |
//! | 15 unique index | index, values; node or edge behind them when one is missing | node or edge |
//! | 16 posting | full-text index, word, zero, node or edge | number of its words, places of the word |
//! | 17 document | full-text index, node or edge | number of its words |
//!
//! What is counted is `N` nodes, `E` edges, `l` nodes with a label, `t` edges of a type, `d` documents or `w` words of a
//! full-text index, and the label's, type's or index's id.
//! Signed numbers have their sign in the lowest bit. Properties are MessagePack, with the extensions of `extension.rs`;
//! values in indexes have the forms of `indexed_value.rs`, and rows of several edges are described in `adjacency.rs`.
//!
//! # Invariants
//!
//! - G1 An edge has one row of kind 11, and stands once in the rows of kind 12 of its source, as outgoing, and once in
//!   those of its target, as incoming; both ends exist. So a loop stands twice under one node.
//! - G2 A node has one row of kind 13 for each of its labels, and a node or edge one of kind 14 or 15 in each index that
//!   covers it and whose first property it has, in older indexes with a value that has a form; there are no others. One of kind 17
//!   it has in each full-text index that finds words in it, and one of kind 16 for each of these.
//! - G3 The rows of a change are one commit, and every check is a recorded read of the transaction, so that the engine's
//!   validation makes G1, G2, G7 and uniqueness hold among concurrent writers. Names and counters run ahead harmlessly.
//! - G4 Ids of nodes, edges, names and indexes are never given twice.
//! - G5 A stored property map holds no null and no name twice.
//! - G6 At every seq, each total and what the changes behind the folded ones add to it is the number of rows there are; no
//!   row of a change is written by two commits.
//! - G7 What a constraint covers has its properties, once a commit is whole.
//! - G8 What is gathered in memory is of one seq, and is given to readers of that seq alone: `resident.rs`.
//!
//! An index that is still being built is covered by the second half of G2 alone: `build.rs`.
#![forbid(unsafe_code)]

mod adjacency;
mod build;
mod bulk;
mod column;
mod count;
mod counter;
mod expand;
mod extension;
mod fields;
mod find;
mod fulltext;
mod graph;
mod index;
mod indexed_value;
mod keys;
mod load;
mod lookup;
mod map_bytes;
mod model;
mod name;
mod naming;
mod neighbor;
mod pack;
mod path;
mod property;
mod request;
mod resident;
mod rows;
mod schema;
mod seek;
mod spec;
mod statistics;
mod topology;
mod unchanged;
mod verify;
mod write;

pub use build::Progress;
pub use column::ResidentColumn;
pub use count::Counts;
pub use expand::Adjacent;
pub use extension::Extension;
pub use fulltext::{TextHit, TextOptions, TextPlace, TextSearch};
pub use graph::{Graph, NAMESPACE_PREFIX};
pub use index::{Entity, INDEXED_VALUE_BYTES_MAX, IndexKind};
pub use load::{Load, Loaded};
pub use lookup::EdgeEnds;
pub use model::{Direction, Edge, EdgeId, ID_MAX, NAME_BYTES_MAX, Node, NodeFilter, NodeId};
pub use neighbor::{Neighbor, NeighborFilter};
pub use path::{Path, PathFilter, Reached};
pub use property::NESTING_MAX;
pub use resident::{ResidentEdges, ResidentLabel, Side};
pub use schema::{Index, IndexInfo, IndexSpec};
pub use seek::{IndexCursor, Seek, SeekNext};
pub use topology::{EdgeScan, Touched, WeighedEdge};
pub use write::{Changes, NodeUpdate, PropertyChange, Writer};
