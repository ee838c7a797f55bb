//! PageRank: where a walker is found who follows edges and now and then jumps.
//!
//! Source: Sergey Brin, Lawrence Page, The anatomy of a large-scale hypertextual web search engine, 1998; jumps to chosen
//! nodes: Taher H. Haveliwala, Topic-sensitive PageRank, 2002. Power iteration that pulls along entering edges: O(n + m)
//! an iteration, 32 n bytes, beside entering edges and their weights.

use crate::adjacency::Adjacency;
use crate::error::{Error, Result};
use crate::parallel::{Step, jobs_for, run};
use crate::progress::{Meter, Proceed};
use crate::view::View;

/// How PageRank is computed.
#[derive(Clone, Copy, Debug)]
pub struct PageRankOptions<'a> {
    /// The share of steps that follow an edge: from 0 to below 1.
    pub damping: f64,
    /// Over after so many iterations.
    pub iterations_max: u32,
    /// Over when the ranks together change by no more; 0 runs all iterations.
    pub tolerance: f64,
    /// Where jumps lead, with weights above zero that need not sum to 1; none means everywhere alike.
    pub targets: Option<&'a [(u32, f64)]>,
    /// Threads that share an iteration; 0 counts as 1.
    pub threads: usize,
}

impl Default for PageRankOptions<'_> {
    fn default() -> Self {
        Self { damping: 0.85, iterations_max: 100, tolerance: 1e-6, targets: None, threads: 1 }
    }
}

/// The ranks, and how they were reached.
#[derive(Clone, Debug)]
pub struct PageRank {
    /// By node; they sum to 1. Zero outside the view.
    pub ranks: Vec<f64>,
    /// Iterations done.
    pub iterations: u32,
    /// Whether the last one changed no more than the tolerance.
    pub converged: bool,
}

/// PageRank along the view's direction. A node whose edges weigh nothing jumps at every step.
///
/// # Errors
/// [`Error::Weight`] for weights below zero, [`Error::Argument`], [`Error::OutsideView`] for a target.
pub fn page_rank(view: View<'_>, options: &PageRankOptions<'_>, proceed: Proceed<'_>) -> Result<PageRank> {
    if !(0.0..1.0).contains(&options.damping) {
        return Err(Error::Argument { name: "damping", needs: "from 0 to below 1" });
    }
    if options.tolerance.is_nan() || options.tolerance < 0.0 {
        return Err(Error::Argument { name: "tolerance", needs: "zero or more" });
    }
    view.check_not_negative()?;
    let jumps = jumps(&view, options.targets)?;
    let into = view.reversed().adjacency();
    let steps = (into.nodes.len() + view.bound()) as u64;
    let mut meter = Meter::start(proceed, Some(steps.saturating_mul(u64::from(options.iterations_max))))?;
    let shares = shares(&view, &into)?;
    let mut walk =
        Walk { ranks: jumps.clone(), given: vec![0.0; view.bound()], jumps, shares, into, damping: options.damping };
    let mut iterations = 0;
    let mut converged = view.node_count() == 0;
    while iterations < options.iterations_max && !converged {
        iterations += 1;
        let change = walk.iterate(options.threads, &mut meter)?;
        converged = change <= options.tolerance && options.tolerance > 0.0;
    }
    Ok(PageRank { ranks: walk.ranks, iterations, converged })
}

/// Where a jump leads, by node; sums to 1.
fn jumps(view: &View<'_>, targets: Option<&[(u32, f64)]>) -> Result<Vec<f64>> {
    let mut jumps = vec![0.0; view.bound()];
    match targets {
        None => {
            let share = 1.0 / view.node_count() as f64;
            view.nodes().for_each(|node| jumps[node as usize] = share);
        }
        Some(targets) => {
            for &(node, weight) in targets {
                view.check_node(node)?;
                if !weight.is_finite() || weight < 0.0 {
                    return Err(Error::Argument { name: "targets", needs: "weighted with finite numbers from zero" });
                }
                jumps[node as usize] += weight;
            }
            let sum: f64 = jumps.iter().sum();
            if !sum.is_finite() || sum <= 0.0 {
                return Err(Error::Argument { name: "targets", needs: "some of a weight above zero" });
            }
            jumps.iter_mut().for_each(|share| *share /= sum);
        }
    }
    Ok(jumps)
}

/// One over the weight of the edges that leave each node, zero where they weigh nothing.
fn shares(view: &View<'_>, into: &Adjacency<'_>) -> Result<Vec<f64>> {
    let mut weights = vec![0.0; view.bound()];
    for (at, &from) in into.nodes.iter().enumerate() {
        weights[from as usize] += into.weight(at);
    }
    if weights.iter().any(|weight| !weight.is_finite()) {
        return Err(Error::Overflow { what: "weight of a node's edges" });
    }
    weights.iter_mut().for_each(|weight| *weight = if *weight > 0.0 { 1.0 / *weight } else { 0.0 });
    Ok(weights)
}

struct Walk<'a> {
    ranks: Vec<f64>,
    /// What each node gives for a unit of weight, this iteration.
    given: Vec<f64>,
    jumps: Vec<f64>,
    shares: Vec<f64>,
    into: Adjacency<'a>,
    damping: f64,
}

impl Walk<'_> {
    /// One step of every walker; gives the sum of changes.
    fn iterate(&mut self, threads: usize, meter: &mut Meter<'_>) -> Result<f64> {
        let mut dangling = 0.0;
        for ((given, &rank), &share) in self.given.iter_mut().zip(&self.ranks).zip(&self.shares) {
            *given = self.damping * rank * share;
            if share == 0.0 {
                dangling += rank;
            }
        }
        let jumping = self.damping * dangling + 1.0 - self.damping;
        let pull = Pull { into: &self.into, given: &self.given, jumps: &self.jumps, jumping };
        let mut rest = &mut self.ranks[..];
        let mut jobs = Vec::new();
        for (start, end) in even_rows(&self.into, jobs_for(threads, self.into.bound())) {
            let (ranks, behind) = rest.split_at_mut(end - start);
            rest = behind;
            let pull = &pull;
            jobs.push(move |step: Step<'_>| pull.rows(start, ranks, step));
        }
        Ok(run(jobs, meter)?.iter().sum())
    }
}

/// Divides the rows so that each part has as many edges and nodes as the others.
fn even_rows(rows: &Adjacency<'_>, parts: usize) -> Vec<(usize, usize)> {
    let nodes = rows.bound();
    let whole = rows.nodes.len() + nodes;
    let cost = |node: usize| rows.offsets[node] as usize + node;
    let mut bounds = Vec::with_capacity(parts);
    let mut start = 0;
    for part in 1..=parts {
        let goal = (whole as u128 * part as u128 / parts as u128) as usize;
        let (mut low, mut high) = (start, nodes);
        while low < high {
            let middle = low + (high - low) / 2;
            if cost(middle) < goal { low = middle + 1 } else { high = middle }
        }
        let end = if part == parts { nodes } else { low };
        bounds.push((start, end));
        start = end;
    }
    bounds
}

/// What an iteration reads.
struct Pull<'a> {
    into: &'a Adjacency<'a>,
    given: &'a [f64],
    jumps: &'a [f64],
    jumping: f64,
}

impl Pull<'_> {
    /// New ranks of the nodes from `first`; `step` is told of the edges of each thousand nodes.
    fn rows(&self, first: usize, ranks: &mut [f64], step: Step<'_>) -> Result<f64> {
        let mut change = 0.0;
        let mut start = first;
        for chunk in ranks.chunks_mut(1 << 10) {
            let end = start + chunk.len();
            let edges = self.into.offsets[end] - self.into.offsets[start];
            change += match &self.into.weights {
                None => self.plain(start, chunk),
                Some(weights) => self.weighted(start, chunk, weights),
            };
            step(edges as usize + chunk.len())?;
            start = end;
        }
        Ok(change)
    }

    fn plain(&self, first: usize, ranks: &mut [f64]) -> f64 {
        let offsets = &self.into.offsets[first..=first + ranks.len()];
        let mut change = 0.0;
        for ((rank, ends), &jump) in ranks.iter_mut().zip(offsets.windows(2)).zip(&self.jumps[first..]) {
            let row = &self.into.nodes[ends[0] as usize..ends[1] as usize];
            let pulled: f64 = row.iter().map(|&from| self.given[from as usize]).sum();
            let new = pulled + self.jumping * jump;
            change += (new - *rank).abs();
            *rank = new;
        }
        change
    }

    fn weighted(&self, first: usize, ranks: &mut [f64], weights: &[f64]) -> f64 {
        let offsets = &self.into.offsets[first..=first + ranks.len()];
        let mut change = 0.0;
        for ((rank, ends), &jump) in ranks.iter_mut().zip(offsets.windows(2)).zip(&self.jumps[first..]) {
            let range = ends[0] as usize..ends[1] as usize;
            let row = self.into.nodes[range.clone()].iter().zip(&weights[range]);
            let pulled: f64 = row.map(|(&from, &weight)| weight * self.given[from as usize]).sum();
            let new = pulled + self.jumping * jump;
            change += (new - *rank).abs();
            *rank = new;
        }
        change
    }
}
