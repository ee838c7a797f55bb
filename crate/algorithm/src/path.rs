//! Paths, and the trees that searches leave.

use crate::csr::NONE;
use crate::error::{Error, Result};

/// A walk: one node more than edges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// The nodes from start to end.
    pub nodes: Vec<u32>,
    /// The edges between them.
    pub edges: Vec<u32>,
    /// The sum of the edges' weights.
    pub cost: f64,
}

/// How each node was reached; 8 n bytes.
#[derive(Clone, Debug)]
pub struct SearchTree {
    /// The node it was reached from; [`NONE`] for starts and what was not reached.
    pub parents: Vec<u32>,
    /// The edge it was reached by; [`NONE`] alike.
    pub parent_edges: Vec<u32>,
}

impl SearchTree {
    pub(crate) fn new(bound: usize) -> Self {
        Self { parents: vec![NONE; bound], parent_edges: vec![NONE; bound] }
    }

    #[inline]
    pub(crate) fn set(&mut self, node: u32, parent: u32, edge: u32) {
        self.parents[node as usize] = parent;
        self.parent_edges[node as usize] = edge;
    }

    /// The nodes and edges from a start to `node`; only meaningful when it was reached.
    pub(crate) fn trace(&self, mut node: u32) -> (Vec<u32>, Vec<u32>) {
        let (mut nodes, mut edges) = (vec![node], Vec::new());
        while self.parents[node as usize] != NONE {
            edges.push(self.parent_edges[node as usize]);
            node = self.parents[node as usize];
            nodes.push(node);
        }
        nodes.reverse();
        edges.reverse();
        (nodes, edges)
    }
}

/// A cost in an ordering; never NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost(pub f64);

impl Eq for Cost {}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The sum of a path's cost and a weight, both finite.
#[inline]
pub(crate) fn add_cost(cost: f64, weight: f64) -> Result<f64> {
    let sum = cost + weight;
    if sum.is_finite() { Ok(sum) } else { Err(Error::Overflow { what: "cost of a path" }) }
}
