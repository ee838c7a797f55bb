//! The rows of adjacency of a load, which need nothing but its edges: another thread makes them.
//!
//! A row of several edges may not overlap another, so edges are put together under nodes of the load alone, at which
//! nobody else can have any.

use sledstore_engine::{Batch, Result};

use super::parts::{Parts, Room};
use super::{Load, Loaded};
use crate::adjacency::each_row;
use crate::keys::Adjacency;
use crate::model::{Direction, EdgeId};

impl Load {
    /// Every edge under both of its ends; `edge_types` has the number of each type.
    pub(super) fn adjacency(&self, loaded: &Loaded, edge_types: &[u32], room: &Room) -> Result<Vec<Batch>> {
        let mut adjacent = Vec::with_capacity(2 * self.edges.len());
        for (edge, id) in self.edges.iter().zip(loaded.first_edge.0..) {
            let [node, neighbor] = [edge.source, edge.target].map(|end| end.id(loaded.first_node));
            let edge_type = edge_types.get(edge.edge_type as usize).copied().unwrap_or_default();
            let out = Adjacency { node, direction: Direction::Out, edge_type, neighbor, edge: EdgeId(id) };
            adjacent.extend([out, out.mirrored()]);
        }
        adjacent.sort_unstable();
        let new = loaded.first_node.0..loaded.first_node.0 + loaded.nodes;
        let together =
            |a: &Adjacency, b: &Adjacency| (a.node, a.direction, a.edge_type) == (b.node, b.direction, b.edge_type);
        let mut parts = Parts::new(self.graph.namespace(), room);
        for group in adjacent.chunk_by(together) {
            let is_new = group.first().is_some_and(|edge| new.contains(&edge.node.0));
            if is_new {
                each_row(group, None, &mut |key, value| parts.put(key, value))?;
            } else {
                group.iter().try_for_each(|edge| parts.put(&edge.key(), &[]))?;
            }
        }
        parts.into_batches()
    }
}
