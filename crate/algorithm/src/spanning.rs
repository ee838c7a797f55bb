//! Minimum spanning forest: for each component a tree of the least weight, whichever way edges point.
//!
//! Sources: Joseph B. Kruskal, On the shortest spanning subtree of a graph and the traveling salesman problem, 1956; Robert C.
//! Prim, Shortest connection networks and some generalizations, 1957. Kruskal: O(m log m) time, 24 m + 4 n bytes; Prim:
//! O(m log m) time, up to 24 m bytes for the heap. Weights may be below zero.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::components::Sets;
use crate::error::{Error, Result};
use crate::path::Cost;
use crate::progress::{Meter, Proceed};
use crate::set::NodeSet;
use crate::view::{Direction, View};

/// A forest that spans the view.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanningForest {
    /// Its edges, in the order they were chosen.
    pub edges: Vec<u32>,
    /// The sum of their weights.
    pub weight: f64,
    /// Trees, those of one node too.
    pub trees: usize,
}

impl SpanningForest {
    fn of(view: &View<'_>, edges: Vec<u32>) -> Result<Self> {
        let weight: f64 = edges.iter().map(|&edge| view.weight(edge)).sum();
        if !weight.is_finite() {
            return Err(Error::Overflow { what: "weight of a tree" });
        }
        let trees = view.node_count() - edges.len();
        Ok(Self { edges, weight, trees })
    }
}

/// The forest by Kruskal's way: edges by weight, those of equal weight by number.
///
/// # Errors
/// [`Error::Overflow`] when the sum of weights is not finite.
pub fn kruskal(view: View<'_>, proceed: Proceed<'_>) -> Result<SpanningForest> {
    let mut meter = Meter::start(proceed, None)?;
    let out = view.directed(Direction::Out);
    let mut edges = Vec::new();
    for node in out.nodes() {
        let before = edges.len();
        let others = out.neighbors(node).filter(|next| next.node != node);
        edges.extend(others.map(|next| (Cost(out.weight(next.edge)), next.edge, node, next.node)));
        meter.step(1 + edges.len() - before)?;
    }
    edges.sort_unstable();
    meter.ask()?;
    let mut sets = Sets::new(view.bound());
    let mut chosen = Vec::new();
    for (_, edge, from, to) in edges {
        meter.step(1)?;
        if sets.join(from, to) {
            chosen.push(edge);
        }
    }
    SpanningForest::of(&view, chosen)
}

/// The forest by Prim's way: each tree grows from its first node by the lightest edge that leaves it.
///
/// # Errors
/// [`Error::Overflow`] when the sum of weights is not finite.
pub fn prim(view: View<'_>, proceed: Proceed<'_>) -> Result<SpanningForest> {
    let mut meter = Meter::start(proceed, None)?;
    let both = view.directed(Direction::Both);
    let mut inside = NodeSet::with_bound(view.bound());
    let mut chosen = Vec::new();
    let mut heap = BinaryHeap::new();
    for start in both.nodes() {
        if !inside.insert(start) {
            continue;
        }
        let mut grown = Some(start);
        while let Some(node) = grown {
            let mut steps = 1;
            for next in both.neighbors(node) {
                steps += 1;
                if !inside.contains(next.node) {
                    heap.push(Reverse((Cost(both.weight(next.edge)), next.edge, next.node)));
                }
            }
            meter.step(steps)?;
            grown = None;
            while let Some(Reverse((_, edge, node))) = heap.pop() {
                meter.step(1)?;
                if inside.insert(node) {
                    chosen.push(edge);
                    grown = Some(node);
                    break;
                }
            }
        }
    }
    SpanningForest::of(&view, chosen)
}
