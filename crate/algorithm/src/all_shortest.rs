//! All shortest paths between two nodes, kept as the edges that lie on some of them.
//!
//! Sources: Edward F. Moore, The shortest path through a maze, 1959; Edsger W. Dijkstra, A note on two problems in connexion
//! with graphs, 1959. O((n + m) log m) time and 16 n bytes to find them, 8 bytes for each of their edges; then O(length) for
//! each path, of which there may be exponentially many.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::breadth_first::{SearchLimits, breadth_first};
use crate::csr::{NONE, Neighbor};
use crate::dijkstra::{CostLimits, dijkstra};
use crate::error::Result;
use crate::path::{Path, add_cost};
use crate::progress::{Meter, Proceed};
use crate::set::NodeSet;
use crate::view::View;

/// All cheapest paths from one node to another.
#[derive(Clone, Debug)]
pub struct ShortestPaths {
    from: u32,
    to: u32,
    cost: f64,
    /// By node on such a path, how such paths go on.
    onward: HashMap<u32, Vec<Neighbor>>,
    /// Their number, unless edges that cost nothing make it depend on which nodes repeat.
    count: Option<u64>,
}

/// All cheapest paths: those with the fewest edges when the view is unweighted. Paths that take different ones of parallel
/// edges are different. Sums of weights are compared exactly.
///
/// # Errors
/// [`Weight`](crate::Error::Weight) for weights below zero, [`OutsideView`](crate::Error::OutsideView) for an end that is no
/// node of the view, [`Overflow`](crate::Error::Overflow) when a cost is not finite.
pub fn all_shortest_paths(view: View<'_>, from: u32, to: u32, proceed: Proceed<'_>) -> Result<Option<ShortestPaths>> {
    view.check_node(to)?;
    let costs = costs(view, from, to, &mut *proceed)?;
    let cost = costs[to as usize];
    if cost == f64::INFINITY {
        return Ok(None);
    }
    let mut meter = Meter::start(proceed, None)?;
    let back = view.reversed();
    let mut onward: HashMap<u32, Vec<Neighbor>> = HashMap::from([(to, Vec::new())]);
    let mut order = vec![to];
    let mut at = 0;
    while let Some(&node) = order.get(at) {
        at += 1;
        let mut steps = 1;
        for before in back.neighbors(node) {
            steps += 1;
            let reached = costs[before.node as usize];
            if reached == f64::INFINITY || before.node == node {
                continue;
            }
            if add_cost(reached, view.weight(before.edge))? != costs[node as usize] {
                continue;
            }
            let known = onward.entry(before.node).or_insert_with(|| {
                order.push(before.node);
                Vec::new()
            });
            known.push(Neighbor { node, edge: before.edge });
        }
        meter.step(steps)?;
    }
    let mut paths = ShortestPaths { from, to, cost, onward, count: None };
    if order.iter().all(|&node| paths.onward[&node].iter().all(|next| view.weight(next.edge) > 0.0)) {
        // A node comes before all that are farther from the target.
        order.sort_by(|&a, &b| costs[b as usize].total_cmp(&costs[a as usize]));
        paths.count = paths.count_in(&order);
    }
    Ok(Some(paths))
}

/// The costs of all nodes that may lie on a cheapest path; those of farther nodes may be too high or infinite.
fn costs(view: View<'_>, from: u32, to: u32, proceed: Proceed<'_>) -> Result<Vec<f64>> {
    if !view.is_weighted() {
        let limits = SearchLimits { target: Some(to), depth_max: None };
        let cost = |depth| if depth == NONE { f64::INFINITY } else { f64::from(depth) };
        return Ok(breadth_first(view, &[from], limits, proceed)?.depths.into_iter().map(cost).collect());
    }
    let limits = CostLimits { target: Some(to), cost_max: None };
    let cost = dijkstra(view, &[from], limits, &mut *proceed)?.costs[to as usize];
    // Nodes as far as the target matter too, since edges may cost nothing.
    let limits = CostLimits { target: None, cost_max: Some(cost) };
    if cost == f64::INFINITY {
        Ok(vec![cost; view.bound()])
    } else {
        Ok(dijkstra(view, &[from], limits, proceed)?.costs)
    }
}

impl ShortestPaths {
    /// What each of them costs.
    pub const fn cost(&self) -> f64 {
        self.cost
    }

    /// How many there are; none when edges on them cost nothing, or more than a `u64` holds.
    pub const fn count(&self) -> Option<u64> {
        self.count
    }

    /// The paths, made one after the other; no node repeats in one. Where edges cost nothing, ways that come back to a path
    /// are tried in between.
    pub fn iter(&self) -> ShortestPathsIter<'_> {
        ShortestPathsIter::over(Cow::Borrowed(self))
    }

    fn count_in(&self, order: &[u32]) -> Option<u64> {
        let mut counts: HashMap<u32, u64> = HashMap::from([(self.to, 1)]);
        for node in order {
            if *node == self.to {
                continue;
            }
            let mut count = 0_u64;
            for next in &self.onward[node] {
                count = count.checked_add(*counts.get(&next.node)?)?;
            }
            counts.insert(*node, count);
        }
        counts.get(&self.from).copied()
    }
}

impl IntoIterator for ShortestPaths {
    type Item = Path;
    type IntoIter = ShortestPathsIter<'static>;

    fn into_iter(self) -> ShortestPathsIter<'static> {
        ShortestPathsIter::over(Cow::Owned(self))
    }
}

impl<'a> IntoIterator for &'a ShortestPaths {
    type Item = Path;
    type IntoIter = ShortestPathsIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Goes through the paths, keeping one.
#[derive(Clone, Debug)]
pub struct ShortestPathsIter<'a> {
    paths: Cow<'a, ShortestPaths>,
    /// The nodes of the path so far, each with how many of its ways on were taken.
    open: Vec<(u32, usize)>,
    edges: Vec<u32>,
    on_path: NodeSet,
}

impl<'a> ShortestPathsIter<'a> {
    fn over(paths: Cow<'a, ShortestPaths>) -> Self {
        let from = paths.from;
        Self { paths, open: vec![(from, 0)], edges: Vec::new(), on_path: NodeSet::from_iter([from]) }
    }
}

impl Iterator for ShortestPathsIter<'_> {
    type Item = Path;

    fn next(&mut self) -> Option<Path> {
        loop {
            let (node, taken) = self.open.last_mut()?;
            let ways = self.paths.onward.get(node).map_or(&[][..], Vec::as_slice);
            let ended = *node == self.paths.to;
            let way = if ended { None } else { ways.get(*taken).copied() };
            *taken += 1;
            if ended && *taken == 1 {
                let nodes = self.open.iter().map(|open| open.0).collect();
                return Some(Path { nodes, edges: self.edges.clone(), cost: self.paths.cost });
            }
            match way {
                Some(next) => {
                    if self.on_path.insert(next.node) {
                        self.open.push((next.node, 0));
                        self.edges.push(next.edge);
                    }
                }
                None => {
                    let left = *node;
                    self.on_path.remove(left);
                    self.open.pop();
                    self.edges.pop();
                }
            }
        }
    }
}
