//! Degree: how many edges a node has, or what they weigh together.
//!
//! Source: Linton C. Freeman, Centrality in social networks: conceptual clarification, 1978. O(n + m) time, 16 n bytes.

use crate::error::{Error, Result};
use crate::progress::{Meter, Proceed};
use crate::view::{Direction, View};

/// Edges at each node along the view's direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Degrees {
    /// Their number, by node; where both directions are followed a loop counts twice.
    pub counts: Vec<u64>,
    /// The sum of their weights, by node, alike.
    pub weights: Vec<f64>,
}

impl Degrees {
    /// The counts as a share of the other nodes, by node; 1 for a graph of one node, as is usual.
    pub fn centrality(&self, view: &View<'_>) -> Vec<f64> {
        let nodes = view.node_count();
        let share = |&count: &u64| if nodes > 1 { count as f64 / (nodes - 1) as f64 } else { 1.0 };
        let mut shares: Vec<f64> = self.counts.iter().map(share).collect();
        let outside = (0..view.bound() as u32).filter(|&node| !view.contains(node));
        outside.for_each(|node| shares[node as usize] = 0.0);
        shares
    }
}

/// Counts and weighs the edges at each node.
///
/// # Errors
/// [`Error::Overflow`] when a sum of weights is not finite.
pub fn degrees(view: View<'_>, proceed: Proceed<'_>) -> Result<Degrees> {
    let mut meter = Meter::start(proceed, Some((view.csr().node_count() + view.csr().edge_count()) as u64))?;
    let mut degrees = Degrees { counts: vec![0; view.bound()], weights: vec![0.0; view.bound()] };
    for node in view.nodes() {
        let mut count = 0;
        let mut sum = 0.0;
        for next in view.neighbors(node) {
            let times = if view.direction() == Direction::Both && next.node == node { 2 } else { 1 };
            count += times;
            sum += times as f64 * view.weight(next.edge);
        }
        if !sum.is_finite() {
            return Err(Error::Overflow { what: "weight of a node's edges" });
        }
        degrees.counts[node as usize] = count;
        degrees.weights[node as usize] = sum;
        meter.step(1 + count as usize)?;
    }
    Ok(degrees)
}
