//! The rows of adjacency of a load, which need nothing but its edges: another thread makes them.
//!
//! A row of several edges may not overlap another, so edges are put together under nodes of the load alone, at which
//! nobody else can have any.

use sledstore_engine::{Batch, Result};

use super::parts::{Parts, Room};
use super::{Load, Loaded};
use crate::adjacency::RowMaker;
use crate::keys::Adjacency;
use crate::model::{Direction, EdgeId, NodeId};

impl Load {
    /// Every edge under both of its ends; `edge_types` has the number of each type.
    pub(super) fn adjacency(&self, loaded: &Loaded, edge_types: &[u32], room: &Room) -> Result<Vec<Batch>> {
        let new = loaded.first_node.0..loaded.first_node.0 + loaded.nodes;
        let (mut parts, mut maker) = (Parts::new(self.graph.namespace(), room), RowMaker::default());
        let mut put = |group: &[Adjacency]| match group.first() {
            Some(first) if new.contains(&first.node.0) => {
                maker.each_row(group, None, &mut |key, value| parts.put(key, value))
            }
            _ => group.iter().try_for_each(|edge| parts.put(&edge.key(), &[])),
        };
        let mut group: Vec<Adjacency> = Vec::new();
        self.each_adjacent(loaded, edge_types, &mut |edge| {
            let together = |last: &Adjacency| {
                (last.node, last.direction, last.edge_type) == (edge.node, edge.direction, edge.edge_type)
            };
            if !group.last().is_none_or(together) {
                put(&group)?;
                group.clear();
            }
            group.push(edge);
            Ok(())
        })?;
        put(&group)?;
        parts.into_batches()
    }

    /// Calls `visit` with each edge under both of its ends, ascending.
    fn each_adjacent(
        &self,
        loaded: &Loaded,
        edge_types: &[u32],
        visit: &mut dyn FnMut(Adjacency) -> Result<()>,
    ) -> Result<()> {
        let outgoing = self.edges.iter().zip(loaded.first_edge.0..).map(|(edge, id)| {
            let [node, neighbor] = [edge.source, edge.target].map(|end| end.id(loaded.first_node));
            let edge_type = edge_types.get(edge.edge_type as usize).copied().unwrap_or_default();
            Adjacency { node, direction: Direction::Out, edge_type, neighbor, edge: EdgeId(id) }
        });
        let both = outgoing.flat_map(|edge| [edge, edge.mirrored()]);
        let Some(packing) = Packing::of(self, loaded, edge_types) else {
            let mut adjacent: Vec<Adjacency> = both.collect();
            adjacent.sort_unstable();
            return adjacent.into_iter().try_for_each(visit);
        };
        let mut packed = Vec::with_capacity(2 * self.edges.len());
        packed.extend(both.map(|edge| packing.pack(&edge)));
        packed.sort_unstable();
        packed.into_iter().map(|edge| packing.unpack(edge)).try_for_each(visit)
    }
}

/// How an edge under one of its ends is one number, whose order is that of the edges: half the bytes to sort, and one
/// comparison where there would be five.
struct Packing {
    node_bits: u32,
    type_bits: u32,
    edge_bits: u32,
    first_edge: u64,
}

impl Packing {
    /// `None` when the numbers of the load have too many bits.
    fn of(load: &Load, loaded: &Loaded, edge_types: &[u32]) -> Option<Self> {
        let bits = |greatest: u64| u64::BITS - greatest.leading_zeros();
        let ends = load.edges.iter().flat_map(|edge| [edge.source, edge.target]);
        let packing = Self {
            node_bits: bits(ends.map(|end| end.id(loaded.first_node).0).max().unwrap_or_default()),
            type_bits: bits(edge_types.iter().copied().max().unwrap_or_default().into()),
            edge_bits: bits(loaded.edges),
            first_edge: loaded.first_edge.0,
        };
        let Self { node_bits, type_bits, edge_bits, .. } = packing;
        (2 * node_bits + 1 + type_bits + edge_bits <= u128::BITS).then_some(packing)
    }

    fn pack(&self, edge: &Adjacency) -> u128 {
        let mut packed = u128::from(edge.node.0);
        for (part, bits) in [
            (u64::from(edge.direction == Direction::In), 1),
            (edge.edge_type.into(), self.type_bits),
            (edge.neighbor.0, self.node_bits),
            (edge.edge.0 - self.first_edge, self.edge_bits),
        ] {
            packed = packed << bits | u128::from(part);
        }
        packed
    }

    fn unpack(&self, mut packed: u128) -> Adjacency {
        let mut take = |bits: u32| {
            let part = packed as u64 & 1_u64.checked_shl(bits).map_or(u64::MAX, |above| above - 1);
            packed >>= bits;
            part
        };
        let edge = EdgeId(self.first_edge + take(self.edge_bits));
        let neighbor = NodeId(take(self.node_bits));
        let edge_type = take(self.type_bits) as u32;
        let direction = if take(1) == 1 { Direction::In } else { Direction::Out };
        Adjacency { node: NodeId(take(self.node_bits)), direction, edge_type, neighbor, edge }
    }
}

#[cfg(test)]
mod tests {
    use sledstore_engine::{Options, Store};

    use super::*;
    use crate::graph::Graph;
    use crate::load::{End, StagedEdge};

    /// The edges of a load under both ends, in the order in which they come.
    fn adjacent(types: &[u32], present: u64) -> Vec<Adjacency> {
        let store = Store::memory(&Options::default()).unwrap();
        let mut load = Graph::open(&store, "test").unwrap().load();
        let end = |at: u64| if at.is_multiple_of(5) { End((present - at) | End::PRESENT) } else { End(at) };
        load.edges.extend((0..300_u64).map(|at| StagedEdge {
            source: end(at * 7 % 31),
            target: end(at * at % 29),
            edge_type: (at % 3) as u32,
            properties_bytes: 0,
        }));
        let loaded = Loaded { first_node: NodeId(90), first_edge: EdgeId(7), nodes: 31, edges: 300 };
        let mut found = Vec::new();
        load.each_adjacent(&loaded, types, &mut |edge| {
            found.push(edge);
            Ok(())
        })
        .unwrap();
        assert_eq!(Packing::of(&load, &loaded, types).is_some(), present < 1 << 50);
        found
    }

    #[test]
    fn edges_come_ascending_under_both_ends_however_many_bits_they_have() {
        for (types, present) in [([1, 2, 1], 80), ([9, 3, 200], 1 << 40), ([1, 2, 1 << 31], 1 << 52)] {
            let found = adjacent(&types, present);
            assert_eq!(found.len(), 600);
            assert!(found.is_sorted_by(|a, b| a < b));
            let outgoing: Vec<_> = found.iter().filter(|edge| edge.direction == Direction::Out).collect();
            for at in 0..300_u64 {
                let id = EdgeId(7 + at);
                let out = outgoing.iter().find(|edge| edge.edge == id).unwrap();
                assert_eq!(out.edge_type, types[(at % 3) as usize]);
                let source = at * 7 % 31;
                let node = if source.is_multiple_of(5) { present - source } else { 90 + source };
                assert_eq!(out.node, NodeId(node));
                assert!(found.contains(&out.mirrored()));
            }
        }
    }
}
