//! Betweenness: the share of shortest paths between others that lead through a node.
//!
//! Sources: Ulrik Brandes, A faster algorithm for betweenness centrality, 2001; from some starts only: Ulrik Brandes,
//! Christian Pich, Centrality estimation in large networks, 2007. O(n m) time without weights, O(n m log m) with them; 36 n
//! bytes a thread, beside rows of distinct neighbors.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::adjacency::Adjacency;
use crate::error::{Error, Result};
use crate::parallel::{Step, jobs_for, run};
use crate::path::Cost;
use crate::progress::{Meter, Proceed};
use crate::view::{Direction, View};

/// How betweenness is computed.
#[derive(Clone, Copy, Debug, Default)]
pub struct BetweennessOptions {
    /// Divides by the number of pairs of others.
    pub normalized: bool,
    /// Looks at paths from some nodes only, and scales up.
    pub sample: Option<Sample>,
    /// Threads that share the starts; 0 counts as 1.
    pub threads: usize,
}

/// A random choice of starts.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How many; all when there are no more.
    pub starts: u32,
    /// Chooses them.
    pub seed: u64,
}

/// Betweenness by node, along the view's direction; where both directions are followed a pair counts once. Parallel edges
/// are one, of the least weight.
///
/// Sums are added up in an order that depends on the number of threads, so that their last digits do.
///
/// # Errors
/// [`Error::Weight`] for weights that are not above zero, [`Error::Overflow`] when there are more shortest paths than an
/// `f64` holds.
pub fn betweenness(view: View<'_>, options: &BetweennessOptions, proceed: Proceed<'_>) -> Result<Vec<f64>> {
    check_positive(&view)?;
    let rows = view.adjacency().simple(f64::min);
    let nodes = view.node_count();
    let mut starts: Vec<u32> = view.nodes().collect();
    if let Some(sample) = options.sample {
        let count = (sample.starts as usize).min(nodes);
        let chosen = starts.partial_shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(sample.seed), count).0;
        starts = chosen.to_vec();
    }
    let steps = (rows.nodes.len() + nodes) as u64;
    let mut meter = Meter::start(proceed, Some(steps.saturating_mul(starts.len() as u64)))?;
    let mut sums = shared(&rows, &starts, options.threads, &mut meter)?;
    let others = nodes as f64 - 1.0;
    let pairs = others * (others - 1.0);
    let halves = if view.direction() == Direction::Both { 0.5 } else { 1.0 };
    let scale = match options.normalized {
        true if pairs > 0.0 => 1.0 / pairs,
        true => 0.0,
        false => halves,
    };
    let scale = if starts.is_empty() { 0.0 } else { scale * nodes as f64 / starts.len() as f64 };
    sums.iter_mut().for_each(|sum| *sum *= scale);
    if sums.iter().all(|sum| sum.is_finite()) { Ok(sums) } else { Err(Error::Overflow { what: "number of paths" }) }
}

fn check_positive(view: &View<'_>) -> Result<()> {
    if !view.is_weighted() {
        return Ok(());
    }
    for node in view.nodes() {
        for next in view.directed(Direction::Out).neighbors(node).filter(|next| next.node != node) {
            let weight = view.weight(next.edge);
            if weight <= 0.0 {
                let edge = view.csr().edge_id_of(next.edge);
                return Err(Error::Weight { edge, weight, needs: "above zero" });
            }
        }
    }
    Ok(())
}

/// The sums over all starts, dealt out to the threads in turn.
fn shared(rows: &Adjacency<'_>, starts: &[u32], threads: usize, meter: &mut Meter<'_>) -> Result<Vec<f64>> {
    let parts = jobs_for(threads, starts.len());
    let job = |part: usize| {
        move |step: Step<'_>| Search::new(rows).sum(starts.iter().copied().skip(part).step_by(parts), step)
    };
    let mut sums = vec![0.0; rows.bound()];
    for theirs in run((0..parts).map(job).collect(), meter)? {
        sums.iter_mut().zip(theirs).for_each(|(sum, other)| *sum += other);
    }
    Ok(sums)
}

/// Shortest paths from one start, with tables that are used again.
struct Search<'a> {
    rows: &'a Adjacency<'a>,
    distances: Vec<f64>,
    /// How many shortest paths lead to each node.
    paths: Vec<f64>,
    /// What the pairs of this start add to each node.
    shares: Vec<f64>,
    /// Nodes by distance.
    order: Vec<u32>,
    sums: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(rows: &'a Adjacency<'a>) -> Self {
        let bound = rows.bound();
        let zeros = vec![0.0; bound];
        let distances = vec![f64::INFINITY; bound];
        Self { rows, distances, paths: zeros.clone(), shares: zeros.clone(), order: Vec::new(), sums: zeros }
    }

    fn sum(mut self, starts: impl Iterator<Item = u32>, step: Step<'_>) -> Result<Vec<f64>> {
        for start in starts {
            self.distances[start as usize] = 0.0;
            self.paths[start as usize] = 1.0;
            match self.rows.weights {
                None => self.by_edges(start, step)?,
                Some(_) => self.by_weight(start, step)?,
            }
            self.gather(start);
            step(self.order.len())?;
            for node in self.order.drain(..) {
                self.distances[node as usize] = f64::INFINITY;
                self.paths[node as usize] = 0.0;
                self.shares[node as usize] = 0.0;
            }
        }
        Ok(self.sums)
    }

    fn by_edges(&mut self, start: u32, step: Step<'_>) -> Result<()> {
        self.order.push(start);
        let mut at = 0;
        while let Some(&node) = self.order.get(at) {
            at += 1;
            let distance = self.distances[node as usize] + 1.0;
            let row = self.rows.row(node);
            for &next in row {
                if self.distances[next as usize] == f64::INFINITY {
                    self.distances[next as usize] = distance;
                    self.order.push(next);
                }
                if self.distances[next as usize] == distance {
                    self.paths[next as usize] += self.paths[node as usize];
                }
            }
            step(row.len() + 1)?;
        }
        Ok(())
    }

    fn by_weight(&mut self, start: u32, step: Step<'_>) -> Result<()> {
        let mut heap = BinaryHeap::from([Reverse((Cost(0.0), start))]);
        while let Some(Reverse((Cost(distance), node))) = heap.pop() {
            if distance > self.distances[node as usize] {
                continue; // a cheaper way was found since
            }
            self.order.push(node);
            let range = self.rows.range(node);
            step(range.len() + 1)?;
            for at in range {
                let next = self.rows.nodes[at];
                let through = distance + self.rows.weight(at);
                if through < self.distances[next as usize] {
                    self.distances[next as usize] = through;
                    self.paths[next as usize] = 0.0;
                    heap.push(Reverse((Cost(through), next)));
                }
                if through == self.distances[next as usize] && next != start {
                    self.paths[next as usize] += self.paths[node as usize];
                }
            }
        }
        Ok(())
    }

    /// Adds the shares from the farthest node to the nearest.
    fn gather(&mut self, start: u32) {
        for &node in self.order.iter().rev() {
            let distance = self.distances[node as usize];
            let mut share = 0.0;
            for at in self.rows.range(node) {
                let next = self.rows.nodes[at] as usize;
                if distance + self.rows.weight(at) == self.distances[next] && self.paths[next] > 0.0 {
                    share += self.paths[node as usize] / self.paths[next] * (1.0 + self.shares[next]);
                }
            }
            self.shares[node as usize] = share;
            if node != start {
                self.sums[node as usize] += share;
            }
        }
    }
}
