//! Breadth-first search: nodes by the number of edges that lead to them, and paths with the fewest edges.
//!
//! Source: Edward F. Moore, The shortest path through a maze, 1959; from both ends: Ira Pohl, Bi-directional search, 1971.
//! O(n + m) time; 16 n bytes.

use crate::csr::NONE;
use crate::error::Result;
use crate::path::{Path, SearchTree};
use crate::progress::{Meter, Proceed};
use crate::view::View;

/// What a search reached.
#[derive(Clone, Debug)]
pub struct Traversal {
    /// The nodes in the order they were reached.
    pub order: Vec<u32>,
    /// Edges from a start, by node; [`NONE`] for what was not reached.
    pub depths: Vec<u32>,
    /// How they were reached.
    pub tree: SearchTree,
}

impl Traversal {
    pub(crate) fn new(bound: usize) -> Self {
        Self { order: Vec::new(), depths: vec![NONE; bound], tree: SearchTree::new(bound) }
    }

    /// The path by which `node` was reached; its cost is its number of edges.
    pub fn path_to(&self, node: u32) -> Option<Path> {
        if *self.depths.get(node as usize)? == NONE {
            return None;
        }
        let (nodes, edges) = self.tree.trace(node);
        let cost = edges.len() as f64;
        Some(Path { nodes, edges, cost })
    }
}

/// Where a search ends early.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchLimits {
    /// The most edges from a start.
    pub depth_max: Option<u32>,
    /// The search is over when this node is reached.
    pub target: Option<u32>,
}

/// Searches from all `starts` at once.
///
/// # Errors
/// [`OutsideView`](crate::Error::OutsideView) for a start or target that is no node of the view.
pub fn breadth_first(view: View<'_>, starts: &[u32], limits: SearchLimits, proceed: Proceed<'_>) -> Result<Traversal> {
    let mut meter = Meter::start(proceed, None)?;
    let mut found = Traversal::new(view.bound());
    if let Some(target) = limits.target {
        view.check_node(target)?;
    }
    for &start in starts {
        view.check_node(start)?;
        if found.depths[start as usize] == NONE {
            found.depths[start as usize] = 0;
            found.order.push(start);
        }
    }
    let reached = |found: &Traversal| limits.target.is_some_and(|target| found.depths[target as usize] != NONE);
    let mut at = 0;
    while at < found.order.len() && !reached(&found) {
        let node = found.order[at];
        at += 1;
        let depth = found.depths[node as usize];
        if limits.depth_max.is_some_and(|max| depth >= max) {
            break;
        }
        let mut steps = 1;
        for next in view.neighbors(node) {
            steps += 1;
            if found.depths[next.node as usize] == NONE {
                found.depths[next.node as usize] = depth + 1;
                found.tree.set(next.node, node, next.edge);
                found.order.push(next.node);
            }
        }
        meter.step(steps)?;
    }
    Ok(found)
}

/// One end of a search from both.
struct Side<'a> {
    view: View<'a>,
    tree: SearchTree,
    layer: Vec<u32>,
    start: u32,
    depth: u32,
}

impl<'a> Side<'a> {
    fn new(view: View<'a>, start: u32) -> Self {
        Self { view, tree: SearchTree::new(view.bound()), layer: vec![start], start, depth: 0 }
    }

    fn knows(&self, node: u32) -> bool {
        node == self.start || self.tree.parents[node as usize] != NONE
    }

    /// Reaches the next layer, or the first node of it that the other side knows.
    fn advance(&mut self, other: &Self, meter: &mut Meter<'_>) -> Result<Option<u32>> {
        let mut layer = Vec::new();
        self.depth += 1;
        for node in std::mem::take(&mut self.layer) {
            let mut steps = 1;
            for next in self.view.neighbors(node) {
                steps += 1;
                if self.knows(next.node) {
                    continue;
                }
                self.tree.set(next.node, node, next.edge);
                if other.knows(next.node) {
                    return Ok(Some(next.node));
                }
                layer.push(next.node);
            }
            meter.step(steps)?;
        }
        self.layer = layer;
        Ok(None)
    }
}

/// A path with the fewest edges, searched from both ends, a layer of the smaller side at a time.
///
/// # Errors
/// [`OutsideView`](crate::Error::OutsideView) for an end that is no node of the view.
pub fn shortest_path(
    view: View<'_>,
    from: u32,
    to: u32,
    depth_max: Option<u32>,
    proceed: Proceed<'_>,
) -> Result<Option<Path>> {
    let mut meter = Meter::start(proceed, None)?;
    view.check_node(from)?;
    view.check_node(to)?;
    let mut ahead = Side::new(view, from);
    if from == to {
        return Ok(Some(Path { nodes: vec![from], ..Path::default() }));
    }
    let mut back = Side::new(view.reversed(), to);
    let depth_max = depth_max.unwrap_or(u32::MAX);
    while !ahead.layer.is_empty() && !back.layer.is_empty() && ahead.depth + back.depth < depth_max {
        // Before a layer is added no node is known to both sides, so the first that is lies on a shortest path.
        let met = if ahead.layer.len() <= back.layer.len() {
            ahead.advance(&back, &mut meter)?
        } else {
            back.advance(&ahead, &mut meter)?
        };
        if let Some(middle) = met {
            let (mut nodes, mut edges) = ahead.tree.trace(middle);
            let (rest, rest_edges) = back.tree.trace(middle);
            nodes.extend(rest.into_iter().rev().skip(1));
            edges.extend(rest_edges.into_iter().rev());
            let cost = edges.len() as f64;
            return Ok(Some(Path { nodes, edges, cost }));
        }
    }
    Ok(None)
}
