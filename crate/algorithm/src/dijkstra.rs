//! Dijkstra: cheapest paths where no edge weighs less than zero.
//!
//! Source: Edsger W. Dijkstra, A note on two problems in connexion with graphs, 1959; with a binary heap that keeps
//! outdated entries. O((n + m) log m) time, 20 n bytes and up to 16 m for the heap. Costs are in the units of the weights.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::{Error, Result};
use crate::path::{Cost, Path, SearchTree, add_cost};
use crate::progress::{Meter, Proceed};
use crate::view::View;

/// Cheapest paths from the starts.
#[derive(Clone, Debug)]
pub struct Distances {
    /// The cost to each node, by node; infinite for what was not reached.
    pub costs: Vec<f64>,
    /// The nodes whose cost is final, cheapest first.
    pub order: Vec<u32>,
    /// How they were reached.
    pub tree: SearchTree,
}

impl Distances {
    pub(crate) fn new(bound: usize) -> Self {
        Self { costs: vec![f64::INFINITY; bound], order: Vec::new(), tree: SearchTree::new(bound) }
    }

    /// The cheapest path to `node`, when it was reached.
    pub fn path_to(&self, node: u32) -> Option<Path> {
        let cost = *self.costs.get(node as usize)?;
        if cost == f64::INFINITY {
            return None;
        }
        let (nodes, edges) = self.tree.trace(node);
        Some(Path { nodes, edges, cost })
    }
}

/// Where a search for cheap paths ends early.
#[derive(Clone, Copy, Debug, Default)]
pub struct CostLimits {
    /// Costlier nodes are not reached.
    pub cost_max: Option<f64>,
    /// The search is over when the cost of this node is final.
    pub target: Option<u32>,
}

/// Cheapest paths from all `starts` at once.
///
/// A search that ends early leaves in `costs` what it has seen; those of nodes in `order` are final.
///
/// # Errors
/// [`Error::Weight`] for weights below zero, [`Error::OutsideView`] for a start or target that is no node of the view,
/// [`Error::Overflow`] when a cost is not finite.
pub fn dijkstra(view: View<'_>, starts: &[u32], limits: CostLimits, proceed: Proceed<'_>) -> Result<Distances> {
    let mut meter = Meter::start(proceed, None)?;
    if let Some(target) = limits.target {
        view.check_node(target)?;
    }
    if limits.cost_max.is_some_and(f64::is_nan) {
        return Err(Error::Argument { name: "cost_max", needs: "a number" });
    }
    view.check_not_negative()?;
    let mut found = Distances::new(view.bound());
    let mut heap = BinaryHeap::new();
    for &start in starts {
        view.check_node(start)?;
        found.costs[start as usize] = 0.0;
        heap.push(Reverse((Cost(0.0), start)));
    }
    let mut closed = crate::NodeSet::with_bound(view.bound());
    while let Some(Reverse((Cost(cost), node))) = heap.pop() {
        if !closed.insert(node) {
            continue;
        }
        found.order.push(node);
        if limits.target == Some(node) {
            break;
        }
        let mut steps = 1;
        for next in view.neighbors(node) {
            steps += 1;
            let through = add_cost(cost, view.weight(next.edge))?;
            if through < found.costs[next.node as usize] && limits.cost_max.is_none_or(|max| through <= max) {
                found.costs[next.node as usize] = through;
                found.tree.set(next.node, node, next.edge);
                heap.push(Reverse((Cost(through), next.node)));
            }
        }
        meter.step(steps)?;
    }
    Ok(found)
}
