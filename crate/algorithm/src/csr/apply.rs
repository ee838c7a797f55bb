//! Keeps the rows current with commits.

use std::collections::HashSet;
use std::sync::Arc;

use super::overlay::{AddedEdge, Overlay};
use super::pack::{Packer, check_weight};
use super::{Csr, EDGES_MAX, Edge, NODES_MAX, Neighbor};
use crate::error::{Error, Result};
use crate::view::Direction;

/// What one commit changes. Applied in the order of the fields; edges of a removed node go with it.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Edges that are gone.
    pub edges_removed: Vec<EdgeKey>,
    /// Nodes that are gone.
    pub nodes_removed: Vec<u64>,
    /// Ids of new nodes.
    pub nodes_added: Vec<u64>,
    /// New edges.
    pub edges_added: Vec<Edge>,
}

/// Which edge is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EdgeKey {
    /// The caller's id.
    pub id: u64,
    /// The id of the node it leaves.
    pub from: u64,
    /// The id of the node it enters.
    pub to: u64,
}

/// Below this many changes nothing is packed again.
const PENDING_MIN: usize = 1024;

/// Changes are packed once they are one in so many of the nodes and edges.
const PENDING_SHARE: usize = 8;

impl Csr {
    /// Applies a commit; a failed one changes nothing.
    ///
    /// Numbers of nodes and edges may be others afterwards. Costs the degrees of the nodes it touches, and now and then a
    /// packing, which is O(n + m) and spread over the changes that called for it.
    ///
    /// # Errors
    /// [`Error::UnknownNode`], [`Error::UnknownEdge`], [`Error::NodeExists`], [`Error::Weight`], [`Error::TooLarge`].
    pub fn apply(&mut self, changes: &Changes) -> Result<()> {
        self.check(changes)?;
        self.packed.incoming();
        for edge in &changes.edges_removed {
            self.remove_edge(edge)?;
        }
        for &id in &changes.nodes_removed {
            self.remove_node(id)?;
        }
        for &id in &changes.nodes_added {
            self.add_node(id);
        }
        for edge in &changes.edges_added {
            self.add_edge(edge)?;
        }
        let pending = self.pending() + self.overlay.added_ids.len() + self.overlay.dead_count;
        let whole = self.packed.ids.len() + self.packed.edge_ids.len();
        if pending > PENDING_MIN && pending > whole / PENDING_SHARE { self.merge() } else { Ok(()) }
    }

    /// Packs everything that is pending. Needs the memory of a second graph while it runs.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn merge(&mut self) -> Result<()> {
        if self.is_packed() {
            return Ok(());
        }
        let nodes: Vec<u32> = self.view().nodes().collect();
        let mut packer = Packer::new(nodes.iter().map(|&node| self.id_of(node)).collect())?;
        self.visit_edges(&nodes, |edge| packer.count(edge))?;
        let mut filler = packer.filler(self.options());
        self.visit_edges(&nodes, |edge| filler.place(edge))?;
        let packed = filler.finish()?;
        *self = Self { packed: Arc::new(packed), overlay: Arc::new(Overlay::default()) };
        Ok(())
    }

    fn visit_edges(&self, nodes: &[u32], mut visit: impl FnMut(&Edge) -> Result<()>) -> Result<()> {
        for &node in nodes {
            for next in self.row(node, Direction::Out).iter() {
                visit(&Edge {
                    id: self.edge_id_of(next.edge),
                    from: self.id_of(node),
                    to: self.id_of(next.node),
                    edge_type: self.type_of(next.edge),
                    weight: self.weight_of(next.edge),
                })?;
            }
        }
        Ok(())
    }

    /// Everything that could fail later.
    fn check(&self, changes: &Changes) -> Result<()> {
        let mut seen = HashSet::new();
        for edge in &changes.edges_removed {
            if !seen.insert(edge) || self.find_edge(edge).is_none() {
                return Err(Error::UnknownEdge { id: edge.id });
            }
        }
        let mut removed = HashSet::new();
        for &id in &changes.nodes_removed {
            if !removed.insert(id) || self.number_of(id).is_none() {
                return Err(Error::UnknownNode { id });
            }
        }
        let mut added = HashSet::new();
        for &id in &changes.nodes_added {
            let there = self.number_of(id).is_some() && !removed.contains(&id);
            if there || !added.insert(id) {
                return Err(Error::NodeExists { id });
            }
        }
        for edge in &changes.edges_added {
            if self.options().weights {
                check_weight(edge)?;
            }
            for id in [edge.from, edge.to] {
                let there = self.number_of(id).is_some() && !removed.contains(&id);
                if !there && !added.contains(&id) {
                    return Err(Error::UnknownNode { id });
                }
            }
        }
        if changes.nodes_added.len() > NODES_MAX - self.node_bound() {
            return Err(Error::TooLarge { what: "nodes", max: NODES_MAX as u64 });
        }
        if changes.edges_added.len() > EDGES_MAX - self.edge_bound() {
            return Err(Error::TooLarge { what: "edges", max: EDGES_MAX as u64 });
        }
        Ok(())
    }

    /// The ends of an edge, and the edge as it stands in the row of the first.
    /// The number of an edge, valid until the next change; looked for among those that leave its first node.
    pub fn number_of_edge(&self, edge: &EdgeKey) -> Option<u32> {
        self.find_edge(edge).map(|(_, next)| next.edge)
    }

    fn find_edge(&self, edge: &EdgeKey) -> Option<(u32, Neighbor)> {
        let (from, to) = (self.number_of(edge.from)?, self.number_of(edge.to)?);
        let mut row = self.row(from, Direction::Out).iter();
        row.find(|next| next.node == to && self.edge_id_of(next.edge) == edge.id).map(|next| (from, next))
    }

    fn remove_edge(&mut self, edge: &EdgeKey) -> Result<()> {
        let (from, next) = self.find_edge(edge).ok_or(Error::UnknownEdge { id: edge.id })?;
        self.change(from, Direction::Out).retain(|other| other.edge != next.edge);
        self.change(next.node, Direction::In).retain(|other| other.edge != next.edge);
        Arc::make_mut(&mut self.overlay).edges_removed += 1;
        Ok(())
    }

    fn remove_node(&mut self, id: u64) -> Result<()> {
        let node = self.number_of(id).ok_or(Error::UnknownNode { id })?;
        let leaving = std::mem::take(self.change(node, Direction::Out));
        for next in &leaving {
            self.change(next.node, Direction::In).retain(|other| other.edge != next.edge);
        }
        let entering = std::mem::take(self.change(node, Direction::In)); // without loops, which have just left
        for next in &entering {
            self.change(next.node, Direction::Out).retain(|other| other.edge != next.edge);
        }
        let overlay = Arc::make_mut(&mut self.overlay);
        overlay.edges_removed += leaving.len() + entering.len();
        Arc::make_mut(&mut overlay.dead).insert(node);
        overlay.dead_count += 1;
        if let Ok(at) = overlay.added_numbers.binary_search_by_key(&id, |entry| entry.0) {
            Arc::make_mut(&mut overlay.added_numbers).remove(at);
        }
        Ok(())
    }

    fn add_node(&mut self, id: u64) {
        let node = self.node_bound() as u32;
        let overlay = Arc::make_mut(&mut self.overlay);
        overlay.added_ids.push(id);
        let at = overlay.added_numbers.partition_point(|entry| entry.0 < id);
        Arc::make_mut(&mut overlay.added_numbers).insert(at, (id, node));
    }

    fn add_edge(&mut self, edge: &Edge) -> Result<()> {
        let (from, to) = (self.require(edge.from)?, self.require(edge.to)?);
        let number = self.edge_bound() as u32;
        self.change(from, Direction::Out).push(Neighbor { node: to, edge: number });
        self.change(to, Direction::In).push(Neighbor { node: from, edge: number });
        let weighted = self.options().weights;
        let overlay = Arc::make_mut(&mut self.overlay);
        overlay.edges.push(AddedEdge { id: edge.id, weight: edge.weight, edge_type: edge.edge_type });
        overlay.negative += usize::from(weighted && edge.weight < 0.0);
        Ok(())
    }

    /// The row of a node, to be changed.
    fn change(&mut self, node: u32, direction: Direction) -> &mut Vec<Neighbor> {
        let packed = &self.packed;
        let begin = || {
            if node as usize >= packed.ids.len() {
                return Vec::new();
            }
            match direction {
                Direction::In => {
                    let incoming = packed.incoming();
                    let range = incoming.rows.range(node);
                    let nodes = &incoming.rows.nodes[range.clone()];
                    nodes.iter().zip(&incoming.edges[range]).map(|(&node, &edge)| Neighbor { node, edge }).collect()
                }
                _ => packed
                    .out
                    .range(node)
                    .map(|edge| Neighbor { node: packed.out.nodes[edge], edge: edge as u32 })
                    .collect(),
            }
        };
        let overlay = Arc::make_mut(&mut self.overlay);
        match direction {
            Direction::In => overlay.incoming.change(node, begin),
            _ => overlay.out.change(node, begin),
        }
    }
}
