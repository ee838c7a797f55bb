//! Compressed sparse rows: the adjacency of a graph, packed for walking.
//!
//! Nodes are numbered densely from zero in the order of their ids, edges in the order of the rows they lie in; a row holds
//! the edges that leave one node, in the order they were given. Rows of entering edges are made when they are first asked
//! for. What commits change is kept beside the packed rows, as whole rows that replace packed ones, and is packed again
//! once it has grown to a share of the graph.
//!
//! Packing is a counting sort of two passes over the edges (Harold H. Seward, 1954; see Donald E. Knuth, The Art of
//! Computer Programming 3, 1998, section 5.2). With n nodes and m edges: time O(n + m log n), O(n + m) when ids are
//! dense; memory 12 n + 12 m bytes, 8 m more for weights, 2 m for types, 4 n + 8 m for entering edges.

mod apply;
mod overlay;
mod pack;

use std::sync::{Arc, OnceLock};

pub use apply::{Changes, EdgeKey};
use overlay::Overlay;
pub(crate) use pack::sum_up;

use crate::error::{Error, Result};
use crate::view::{Direction, View};

/// Stands for no node, no edge, not reached.
pub const NONE: u32 = u32::MAX;

/// The most edges: both directions of all of them are still counted by a `u32`.
pub const EDGES_MAX: usize = (1 << 31) - 1;

/// The most nodes.
pub const NODES_MAX: usize = (1 << 31) - 1;

/// An edge as it is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The caller's id.
    pub id: u64,
    /// The id of the node it leaves.
    pub from: u64,
    /// The id of the node it enters.
    pub to: u64,
    /// Its type, as a small number of the caller's.
    pub edge_type: u16,
    /// Its weight: finite.
    pub weight: f64,
}

/// What is kept of edges beside their ends and ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CsrOptions {
    /// Weights; without them every edge weighs 1.
    pub weights: bool,
    /// Types; without them every edge has type 0.
    pub types: bool,
}

/// An edge at a node: its other end and its own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbor {
    /// The other end; the node itself for a loop.
    pub node: u32,
    /// The edge.
    pub edge: u32,
}

/// Rows of nodes: row v is `nodes[offsets[v]..offsets[v + 1]]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub offsets: Box<[u32]>,
    pub nodes: Box<[u32]>,
}

impl Rows {
    #[inline]
    pub fn range(&self, node: u32) -> std::ops::Range<usize> {
        let at = node as usize;
        self.offsets[at] as usize..self.offsets[at + 1] as usize
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.offsets) + size_of_val(&*self.nodes)
    }
}

/// Rows of entering edges, with the edges' numbers, which ascend in a row.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub rows: Rows,
    pub edges: Box<[u32]>,
}

/// What was packed; never changed.
#[derive(Debug)]
pub(crate) struct Packed {
    /// Ids of the nodes, ascending: the number is the place.
    pub ids: Box<[u64]>,
    pub out: Rows,
    pub incoming: OnceLock<Incoming>,
    pub edge_ids: Box<[u64]>,
    pub types: Option<Box<[u16]>>,
    pub weights: Option<Box<[f64]>>,
    /// Edges that weigh less than zero.
    pub negative: usize,
}

/// The adjacency of a directed graph that may have loops and parallel edges.
///
/// A clone shares everything with its original until one of them changes, so that a reader keeps the graph of its moment.
#[derive(Clone, Debug)]
pub struct Csr {
    packed: Arc<Packed>,
    overlay: Arc<Overlay>,
}

impl Csr {
    /// Nodes that are there.
    pub fn node_count(&self) -> usize {
        self.packed.ids.len() + self.overlay.added_ids.len() - self.overlay.dead_count
    }

    /// Edges that are there.
    pub fn edge_count(&self) -> usize {
        self.packed.edge_ids.len() + self.overlay.edges.len() - self.overlay.edges_removed
    }

    /// Every node's number lies below; tables by number have this length.
    pub fn node_bound(&self) -> usize {
        self.packed.ids.len() + self.overlay.added_ids.len()
    }

    /// Every edge's number lies below.
    pub fn edge_bound(&self) -> usize {
        self.packed.edge_ids.len() + self.overlay.edges.len()
    }

    /// Whether a node of this number is there.
    #[inline]
    pub fn has_node(&self, node: u32) -> bool {
        (node as usize) < self.node_bound() && !self.overlay.dead.contains(node)
    }

    /// The number of the node with this id, valid until the next change.
    pub fn number_of(&self, id: u64) -> Option<u32> {
        let packed = self.packed.number_of(id).filter(|&node| !self.overlay.dead.contains(node));
        packed.or_else(|| self.overlay.number_of(id))
    }

    /// As [`Csr::number_of`], with an error when there is none.
    ///
    /// # Errors
    /// [`Error::UnknownNode`].
    pub fn require(&self, id: u64) -> Result<u32> {
        self.number_of(id).ok_or(Error::UnknownNode { id })
    }

    /// The id of a node.
    ///
    /// # Panics
    /// When the number lies at or above [`Csr::node_bound`].
    pub fn id_of(&self, node: u32) -> u64 {
        let (at, packed) = (node as usize, &self.packed.ids);
        if at < packed.len() { packed[at] } else { *self.overlay.added_ids.get(at - packed.len()) }
    }

    /// The caller's id of an edge.
    ///
    /// # Panics
    /// When the number lies at or above [`Csr::edge_bound`].
    pub fn edge_id_of(&self, edge: u32) -> u64 {
        let (at, packed) = (edge as usize, &self.packed.edge_ids);
        if at < packed.len() { packed[at] } else { self.overlay.edges.get(at - packed.len()).id }
    }

    /// The weight of an edge; 1 when weights are not kept.
    ///
    /// # Panics
    /// As [`Csr::edge_id_of`].
    #[inline]
    pub fn weight_of(&self, edge: u32) -> f64 {
        let Some(weights) = &self.packed.weights else { return 1.0 };
        let at = edge as usize;
        if at < weights.len() { weights[at] } else { self.overlay.edges.get(at - weights.len()).weight }
    }

    /// The type of an edge; 0 when types are not kept.
    ///
    /// # Panics
    /// As [`Csr::edge_id_of`].
    #[inline]
    pub fn type_of(&self, edge: u32) -> u16 {
        let Some(types) = &self.packed.types else { return 0 };
        let at = edge as usize;
        if at < types.len() { types[at] } else { self.overlay.edges.get(at - types.len()).edge_type }
    }

    /// What is kept of edges.
    pub fn options(&self) -> CsrOptions {
        CsrOptions { weights: self.packed.weights.is_some(), types: self.packed.types.is_some() }
    }

    /// The whole graph, edges followed as they point.
    pub fn view(&self) -> View<'_> {
        View::of(self)
    }

    /// Bytes on the heap, exactly; clones that share them count them each. Rows of entering edges count once they are made.
    pub fn bytes(&self) -> usize {
        let counters = 2 * size_of::<usize>(); // of each Arc
        2 * counters + size_of::<Packed>() + self.packed.bytes() + size_of::<Overlay>() + self.overlay.bytes()
    }

    /// Makes the rows of entering edges now rather than when they are first followed backwards.
    pub fn prepare_incoming(&self) {
        self.packed.incoming();
    }

    /// Edges that are kept beside the packed rows: added or removed since they were packed.
    pub fn pending(&self) -> usize {
        self.overlay.edges.len() + self.overlay.edges_removed
    }

    pub(crate) fn packed(&self) -> &Packed {
        &self.packed
    }

    /// Nothing has changed since the rows were packed.
    pub(crate) fn is_packed(&self) -> bool {
        self.overlay.is_empty()
    }

    /// Whether an edge may weigh less than zero.
    pub(crate) fn may_be_negative(&self) -> bool {
        self.packed.negative > 0 || self.overlay.negative > 0
    }

    /// The row of a node in one direction.
    #[inline]
    pub(crate) fn row(&self, node: u32, direction: Direction) -> Row<'_> {
        if !self.overlay.is_empty() {
            if let Some(row) = self.overlay.row(node, direction) {
                return Row::Changed(row);
            }
            if node as usize >= self.packed.ids.len() {
                return Row::Changed(&[]);
            }
        }
        match direction {
            Direction::In => {
                let incoming = self.packed.incoming();
                let range = incoming.rows.range(node);
                Row::In { nodes: &incoming.rows.nodes[range.clone()], edges: &incoming.edges[range] }
            }
            _ => {
                let range = self.packed.out.range(node);
                Row::Out { first: range.start as u32, nodes: &self.packed.out.nodes[range] }
            }
        }
    }
}

/// Edges at a node in one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Row<'a> {
    /// Packed: the edges are numbered from `first`.
    Out { nodes: &'a [u32], first: u32 },
    /// Packed, with their numbers.
    In { nodes: &'a [u32], edges: &'a [u32] },
    /// Changed since.
    Changed(&'a [Neighbor]),
}

impl Row<'_> {
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::Out { nodes, .. } | Self::In { nodes, .. } => nodes.len(),
            Self::Changed(row) => row.len(),
        }
    }

    #[inline]
    pub fn get(&self, at: usize) -> Option<Neighbor> {
        match self {
            Self::Out { nodes, first } => nodes.get(at).map(|&node| Neighbor { node, edge: first + at as u32 }),
            Self::In { nodes, edges } => {
                let (&node, &edge) = (nodes.get(at)?, edges.get(at)?);
                Some(Neighbor { node, edge })
            }
            Self::Changed(row) => row.get(at).copied(),
        }
    }

    pub fn iter(self) -> impl Iterator<Item = Neighbor> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }
}
