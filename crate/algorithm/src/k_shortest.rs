//! Yen: the k cheapest paths without a repeated node.
//!
//! Sources: Jin Y. Yen, Finding the k shortest loopless paths in a network, 1971; Eugene L. Lawler, A procedure for
//! computing the k best solutions to discrete optimization problems, 1972 (a path is varied only behind where it left its
//! own original). O(k n (m + n log n)) time; 20 n bytes and the paths.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashSet};

use crate::csr::NONE;
use crate::error::Result;
use crate::path::{Cost, Path, SearchTree, add_cost};
use crate::progress::{Meter, Proceed};
use crate::set::NodeSet;
use crate::view::View;

/// At most `k` paths, cheapest first and equally cheap ones by their nodes. Paths differ in their nodes: of parallel edges
/// the cheapest is taken.
///
/// # Errors
/// [`Weight`](crate::Error::Weight) for weights below zero, [`OutsideView`](crate::Error::OutsideView) for an end that is no
/// node of the view, [`Overflow`](crate::Error::Overflow) when a cost is not finite.
pub fn k_shortest_paths(view: View<'_>, from: u32, to: u32, k: usize, proceed: Proceed<'_>) -> Result<Vec<Path>> {
    let mut meter = Meter::start(proceed, None)?;
    view.check_node(from)?;
    view.check_node(to)?;
    view.check_not_negative()?;
    let mut found: Vec<Candidate> = Vec::new();
    // By cost, then nodes: what is taken next.
    let mut waiting = BTreeSet::new();
    let mut search = Search::new(view, to);
    if k > 0 {
        let none = HashSet::new();
        let first = search.complete(from, 0.0, &NodeSet::new(), &none, &mut meter)?;
        waiting.extend(first.map(|path| Candidate {
            cost: Cost(path.cost),
            nodes: path.nodes,
            edges: path.edges,
            left_at: 0,
        }));
    }
    while let Some(candidate) = waiting.pop_first() {
        let last = found.len() + 1 == k;
        if !last {
            for spur in vary(&candidate, &found, &mut search, &mut meter)? {
                waiting.insert(spur);
                if waiting.len() + found.len() + 1 > k {
                    waiting.pop_last();
                }
            }
        }
        found.push(candidate);
        if last {
            break;
        }
    }
    let path = |candidate: Candidate| Path { nodes: candidate.nodes, edges: candidate.edges, cost: candidate.cost.0 };
    Ok(found.into_iter().map(path).collect())
}

/// A path, ordered by cost.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    cost: Cost,
    nodes: Vec<u32>,
    edges: Vec<u32>,
    /// Where it left the path it was made from.
    left_at: usize,
}

/// The cheapest paths that follow `path` to some node and leave it there on an edge that no found path with the same
/// beginning takes.
fn vary(
    path: &Candidate,
    found: &[Candidate],
    search: &mut Search<'_>,
    meter: &mut Meter<'_>,
) -> Result<Vec<Candidate>> {
    // How many nodes each found path begins with as this one does, and where it goes on to.
    let branches: Vec<(usize, u32)> = found
        .iter()
        .filter_map(|other| {
            let same = other.nodes.iter().zip(&path.nodes).take_while(|(a, b)| a == b).count();
            other.nodes.get(same).map(|&next| (same, next))
        })
        .collect();
    meter.step(found.len().saturating_mul(path.nodes.len()))?;
    let mut spurs = Vec::new();
    let mut behind: NodeSet = path.nodes[..path.left_at].iter().copied().collect();
    let mut cost = 0.0;
    for (at, steps) in path.nodes.windows(2).enumerate() {
        if at >= path.left_at {
            let others = branches.iter().filter(|branch| branch.0 == at + 1).map(|branch| branch.1);
            let banned: HashSet<u32> = others.chain([steps[1]]).collect();
            if let Some(rest) = search.complete(steps[0], cost, &behind, &banned, meter)? {
                let nodes = path.nodes[..at].iter().chain(&rest.nodes).copied().collect();
                let edges = path.edges[..at].iter().chain(&rest.edges).copied().collect();
                spurs.push(Candidate { cost: Cost(rest.cost), nodes, edges, left_at: at });
            }
            behind.insert(steps[0]);
        }
        cost = add_cost(cost, search.view.weight(path.edges[at]))?;
    }
    Ok(spurs)
}

/// Dijkstra to one target, whose tables are used again.
struct Search<'a> {
    view: View<'a>,
    to: u32,
    costs: Vec<f64>,
    tree: SearchTree,
    /// Nodes whose entries are to be reset.
    met: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(view: View<'a>, to: u32) -> Self {
        let tree = SearchTree::new(view.bound());
        Self { view, to, costs: vec![f64::INFINITY; view.bound()], tree, met: Vec::new() }
    }

    fn meet(&mut self, node: u32, cost: f64, parent: u32, edge: u32) {
        if self.costs[node as usize] == f64::INFINITY {
            self.met.push(node);
        }
        self.costs[node as usize] = cost;
        self.tree.set(node, parent, edge);
    }

    /// The cheapest way from `start`, which costs `cost` already, to the target, which passes no node of `behind` and whose
    /// first step leads to none of `banned`.
    fn complete(
        &mut self,
        start: u32,
        cost: f64,
        behind: &NodeSet,
        banned: &HashSet<u32>,
        meter: &mut Meter<'_>,
    ) -> Result<Option<Path>> {
        for node in std::mem::take(&mut self.met) {
            self.costs[node as usize] = f64::INFINITY;
            self.tree.set(node, NONE, NONE);
        }
        self.meet(start, cost, NONE, NONE);
        let mut heap = BinaryHeap::from([Reverse((Cost(cost), start))]);
        while let Some(Reverse((Cost(cost), node))) = heap.pop() {
            if node == self.to {
                let (nodes, edges) = self.tree.trace(node);
                return Ok(Some(Path { nodes, edges, cost }));
            }
            if cost > self.costs[node as usize] {
                continue;
            }
            let mut steps = 1;
            for next in self.view.neighbors(node) {
                steps += 1;
                if behind.contains(next.node) || (node == start && banned.contains(&next.node)) {
                    continue;
                }
                let through = add_cost(cost, self.view.weight(next.edge))?;
                if through < self.costs[next.node as usize] {
                    self.meet(next.node, through, node, next.edge);
                    heap.push(Reverse((Cost(through), next.node)));
                }
            }
            meter.step(steps)?;
        }
        Ok(None)
    }
}
