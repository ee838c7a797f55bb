//! Graph algorithms over a compressed adjacency in memory.
//!
//! [`Csr`] holds a graph and is kept current with commits; a [`View`] of it chooses a direction and, perhaps, some nodes
//! and types of edges; an algorithm is a function over a view. Nodes and edges are dense numbers here, which
//! [`Csr::id_of`] and [`Csr::edge_id_of`] turn back into the caller's ids; tables in results are indexed by number and
//! have [`View::bound`] entries.
//!
//! Every algorithm asks its `proceed` about every 30,000 steps whether to go on, uses no recursion, and gives the same
//! result for the same graph and options, seeds included.
//!
//! ```
//! use sledstore_algorithm::{Csr, CsrOptions, Edge, PageRankOptions, TypeSet, page_rank};
//!
//! let edge = |id, from, to, edge_type| Edge { id, from, to, edge_type, weight: 1.0 };
//! let edges = [edge(1, 10, 30, 0), edge(2, 20, 30, 0), edge(3, 30, 10, 1)];
//! let options = CsrOptions { types: true, ..CsrOptions::default() };
//! let csr = Csr::build(vec![10, 20, 30], options, || edges.iter().copied())?;
//!
//! // Along edges of type 0 alone, for at most a million steps.
//! let types = TypeSet::from_iter([0]);
//! let view = csr.view().of_types(&types);
//! let found = page_rank(view, &PageRankOptions::default(), &mut |progress| progress.done < 1_000_000)?;
//! let best = view.nodes().max_by(|&a, &b| found.ranks[a as usize].total_cmp(&found.ranks[b as usize]));
//! assert_eq!(best.map(|node| csr.id_of(node)), Some(30));
//! # Ok::<(), sledstore_algorithm::Error>(())
//! ```
#![forbid(unsafe_code)]

mod a_star;
mod adjacency;
mod all_shortest;
mod bellman_ford;
mod betweenness;
mod breadth_first;
mod closeness;
mod clustering;
mod components;
mod csr;
mod cut;
mod degree;
mod depth_first;
mod dijkstra;
mod error;
mod k_core;
mod k_shortest;
mod label_propagation;
mod leiden;
mod louvain;
mod max_flow;
mod modularity;
mod page_rank;
mod parallel;
mod path;
mod progress;
mod random_walk;
mod set;
mod similarity;
mod spanning;
mod strong_components;
mod topological;
mod triangles;
mod view;
mod weighted;

pub use a_star::{Coordinates, a_star, a_star_by_coordinates};
pub use adjacency::Adjacency;
pub use all_shortest::{ShortestPaths, ShortestPathsIter, all_shortest_paths};
pub use bellman_ford::bellman_ford;
pub use betweenness::{BetweennessOptions, Sample, betweenness};
pub use breadth_first::{SearchLimits, Traversal, breadth_first, shortest_path};
pub use closeness::{ClosenessOptions, closeness};
pub use clustering::{Clustering, clustering};
pub use components::{Partition, components};
pub use csr::{Changes, Csr, CsrOptions, EDGES_MAX, Edge, EdgeKey, NODES_MAX, NONE, Neighbor};
pub use cut::{Cuts, cuts};
pub use degree::{Degrees, degrees};
pub use depth_first::{DepthFirst, depth_first};
pub use dijkstra::{CostLimits, Distances, dijkstra};
pub use error::{Error, Result};
pub use k_core::core_numbers;
pub use k_shortest::k_shortest_paths;
pub use label_propagation::{LabelPropagation, LabelPropagationOptions, label_propagation};
pub use leiden::{LeidenOptions, leiden};
pub use louvain::{Communities, LouvainOptions, louvain};
pub use max_flow::{MaxFlow, max_flow};
pub use modularity::modularity;
pub use page_rank::{PageRank, PageRankOptions, page_rank};
pub use path::{Path, SearchTree};
pub use progress::{Proceed, Progress};
pub use random_walk::{RandomWalkOptions, Walks, random_walks};
pub use set::{NodeSet, TypeSet};
pub use similarity::{Similar, SimilarityMetric, SimilarityOptions, node_similarity};
pub use spanning::{SpanningForest, kruskal, prim};
pub use strong_components::strong_components;
pub use topological::topological_order;
pub use triangles::{Triangles, triangles};
pub use view::{Direction, Neighbors, View};
