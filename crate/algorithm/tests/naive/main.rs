//! Every algorithm against one that is too simple to be wrong, on drawn graphs.
#![allow(clippy::unwrap_used)]

mod centralities;
mod communities;
mod cuts_and_flows;
mod paths;
mod structure;
mod walks;

use proptest::prelude::*;
use sledstore_algorithm::{Csr, CsrOptions, Direction, Edge, Progress, View};

/// A graph as a list: node v has the number v.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) nodes: usize,
    /// From, to, weight.
    pub(crate) edges: Vec<(u32, u32, i32)>,
}

impl List {
    pub(crate) fn csr(&self) -> Csr {
        let edge = |(at, &(from, to, weight)): (usize, &(u32, u32, i32))| Edge {
            id: at as u64,
            from: u64::from(from),
            to: u64::from(to),
            edge_type: 0,
            weight: f64::from(weight),
        };
        let options = CsrOptions { weights: true, types: false };
        Csr::build((0..self.nodes as u64).collect(), options, || self.edges.iter().enumerate().map(edge)).unwrap()
    }

    /// The edges as they are followed.
    pub(crate) fn steps(&self, direction: Direction) -> Vec<(u32, u32, i32)> {
        let back = |&(from, to, weight): &(u32, u32, i32)| (to, from, weight);
        match direction {
            Direction::Out => self.edges.clone(),
            Direction::In => self.edges.iter().map(back).collect(),
            Direction::Both => self.edges.iter().copied().chain(self.edges.iter().map(back)).collect(),
        }
    }

    /// Whether two nodes are joined, whichever way, by node and node.
    pub(crate) fn joined(&self) -> Vec<Vec<bool>> {
        let mut joined = vec![vec![false; self.nodes]; self.nodes];
        for &(a, b, _) in self.edges.iter().filter(|edge| edge.0 != edge.1) {
            joined[a as usize][b as usize] = true;
            joined[b as usize][a as usize] = true;
        }
        joined
    }

    /// Cheapest costs between all nodes (Floyd and Warshall), none where there is no way; the costs of a cycle stay on the
    /// diagonal when they are below zero.
    pub(crate) fn all_costs(&self, direction: Direction) -> Vec<Vec<Option<i64>>> {
        let mut costs = vec![vec![None; self.nodes]; self.nodes];
        let lower = |cost: &mut Option<i64>, new: i64| *cost = Some(cost.map_or(new, |old| old.min(new)));
        for (node, row) in costs.iter_mut().enumerate() {
            row[node] = Some(0);
        }
        for (from, to, weight) in self.steps(direction) {
            lower(&mut costs[from as usize][to as usize], i64::from(weight));
        }
        for middle in 0..self.nodes {
            for from in 0..self.nodes {
                for to in 0..self.nodes {
                    if let (Some(first), Some(second)) = (costs[from][middle], costs[middle][to]) {
                        // Negative cycles would double costs again and again.
                        lower(&mut costs[from][to], (first + second).max(-1_000_000));
                    }
                }
            }
        }
        costs
    }

    /// Every path without a repeated node, as edges, with its cost; between two different nodes.
    pub(crate) fn simple_paths(&self, from: u32, to: u32) -> Vec<(Vec<u32>, i64)> {
        let mut found = Vec::new();
        let mut waiting = vec![(vec![from], 0_i64)];
        while let Some((nodes, cost)) = waiting.pop() {
            let end = *nodes.last().unwrap();
            if end == to {
                found.push((nodes, cost));
                continue;
            }
            for &(start, next, weight) in &self.edges {
                if start == end && !nodes.contains(&next) {
                    let mut longer = nodes.clone();
                    longer.push(next);
                    waiting.push((longer, cost + i64::from(weight)));
                }
            }
        }
        found
    }
}

/// Up to `nodes` nodes and `edges` edges, loops and parallel ones too.
pub(crate) fn lists(nodes: usize, edges: usize, weights: std::ops::Range<i32>) -> impl Strategy<Value = List> {
    (1..=nodes).prop_flat_map(move |nodes| {
        let edge = (0..nodes as u32, 0..nodes as u32, weights.clone());
        proptest::collection::vec(edge, 0..=edges).prop_map(move |edges| List { nodes, edges })
    })
}

pub(crate) const DIRECTIONS: [Direction; 3] = [Direction::Out, Direction::In, Direction::Both];

pub(crate) fn go(_: Progress) -> bool {
    true
}

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

pub(crate) fn all_nodes(view: View<'_>) -> Vec<u32> {
    view.nodes().collect()
}
