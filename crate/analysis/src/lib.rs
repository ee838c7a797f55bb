//! Analysis of a store's graphs: their adjacency in memory, kept current with commits, and a table of algorithms over it
//! that TypeScript and openCypher call by name.
//!
//! | module | holds |
//! |---|---|
//! | `projection` | the adjacency of a graph at a moment, shared and counted in the memory budget |
//! | `table` | what each algorithm is called, takes and gives |
//! | `setting` | what a caller asks for |
//! | `outcome` | what comes of it |
//! | `failure` | errors of algorithms as the store's |
//!
//! ```
//! use sledstore_analysis::{Algorithm, Cell, Reader, Rows, Setting, Settings};
//! use sledstore_engine::{Durability, Options, Store};
//! use sledstore_graph::Graph;
//!
//! let store = Store::memory(&Options::default())?;
//! let graph = Graph::open(&store, "people")?;
//! let ann = store.transact(Durability::None, |tx| {
//!     let (ann, bob) = (graph.add_node(tx, &["Person"], &[])?, graph.add_node(tx, &["Person"], &[])?);
//!     graph.add_edge(tx, "KNOWS", ann, bob, &[])?;
//!     Ok(ann)
//! })?;
//! let settings = Settings::from([("source".to_owned(), Setting::Integer(ann.0 as i64))]);
//! let bfs = Algorithm::find("bfs").ok_or("there is one")?;
//! let outcome = bfs.run(&graph, Reader::Snapshot(&store.snapshot()?), &settings, &mut |_, _, _| true)?;
//! let Rows::Whole(rows) = outcome.rows else { return Err("all at once".into()) };
//! assert_eq!(rows.columns[1].get(1), Some(Cell::Whole(1)), "Bob is one edge away");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod failure;
mod outcome;
mod projection;
mod setting;
mod table;

pub use outcome::{Batch, Cell, Column, ColumnKind, ColumnSpec, Next, Outcome, Rows};
pub use projection::{Phase, Projection, Report};
pub use setting::{Setting, Settings};
pub use table::{ALGORITHMS, Algorithm, Argument, Kind, Reader};
