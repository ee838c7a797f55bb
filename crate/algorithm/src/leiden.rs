//! Leiden: communities as Louvain finds them, but refined before they placed the nodes of a smaller graph, so that each is
//! connected.
//!
//! Source: Vincent A. Traag, Ludo Waltman, Nees Jan van Eck, From Louvain to Leiden: guaranteeing well-connected communities,
//! 2019. O(m) time for a level, of which there are few; some 60 n + 24 m bytes.

#[cfg(test)]
mod tests;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::components::{Partition, Sets};
use crate::error::{Error, Result};
use crate::louvain::{Communities, move_nodes};
use crate::modularity::{check_resolution, quality};
use crate::progress::{Meter, Proceed};
use crate::view::View;
use crate::weighted::{Scatter, Weighted, renumber};

/// How Leiden runs.
#[derive(Clone, Copy, Debug)]
pub struct LeidenOptions {
    /// Above 1 communities are smaller, below it larger.
    pub resolution: f64,
    /// How often all levels are gone through, each time from the result before; over when one changes nothing.
    pub rounds_max: u32,
    /// How freely parts are merged in the refinement: near 0 nearly always to the best.
    pub randomness: f64,
    /// Orders the nodes and merges parts.
    pub seed: u64,
}

impl Default for LeidenOptions {
    fn default() -> Self {
        Self { resolution: 1.0, rounds_max: 2, randomness: 0.01, seed: 0 }
    }
}

/// Divides a view into communities, whichever way its edges point; loops and parallel edges add their weights. Every
/// community is connected, by edges of a weight above zero.
///
/// # Errors
/// [`Error::Weight`] for weights below zero, [`Error::Argument`] for a resolution below zero or a randomness that is not
/// above it.
pub fn leiden(view: View<'_>, options: &LeidenOptions, proceed: Proceed<'_>) -> Result<Communities> {
    check_resolution(options.resolution)?;
    if !options.randomness.is_finite() || options.randomness <= 0.0 {
        return Err(Error::Argument { name: "randomness", needs: "a finite number above zero" });
    }
    let mut meter = Meter::start(proceed, None)?;
    let whole = Weighted::of(&view)?;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(options.seed);
    let mut communities: Vec<u32> = (0..whole.len() as u32).collect();
    let mut best = quality(&whole, &communities, options.resolution);
    let mut levels = 0;
    for _ in 0..options.rounds_max {
        let mut next = communities.clone();
        let passed = round(&whole, &mut next, options, &mut random, &mut meter)?;
        connect(&whole, &mut next);
        let reached = quality(&whole, &next, options.resolution);
        if reached <= best {
            break;
        }
        (communities, best, levels) = (next, reached, levels.max(passed));
    }
    let partition = Partition::number(&view, |node| communities[node as usize]);
    Ok(Communities { partition, modularity: best, levels })
}

/// Goes through the levels once; gives how many there were.
fn round(
    whole: &Weighted,
    communities: &mut [u32],
    options: &LeidenOptions,
    random: &mut Xoshiro256PlusPlus,
    meter: &mut Meter<'_>,
) -> Result<u32> {
    // The node of the level's graph that each node has placed, and the communities of that graph's nodes.
    let mut placed: Vec<u32> = (0..whole.len() as u32).collect();
    let mut level = communities.to_vec();
    let mut coarse: Option<Weighted> = None;
    let mut levels = 0;
    loop {
        let graph = coarse.as_ref().unwrap_or(whole);
        move_nodes(graph, &mut level, options.resolution, random, meter)?;
        let count = renumber(&mut level);
        communities.iter_mut().zip(&placed).for_each(|(community, &node)| *community = level[node as usize]);
        levels += 1;
        if count == graph.len() {
            return Ok(levels);
        }
        let mut refined = Refinement::new(graph, &level, options).run(random, meter)?;
        let parts = renumber(&mut refined);
        if parts == graph.len() {
            return Ok(levels); // nothing could be merged, and a smaller graph would be the same
        }
        let mut upper = vec![0; parts];
        refined.iter().zip(&level).for_each(|(&part, &community)| upper[part as usize] = community);
        placed.iter_mut().for_each(|node| *node = refined[*node as usize]);
        meter.step(graph.nodes.len())?;
        coarse = Some(graph.coarsen(&refined, parts));
        level = upper;
    }
}

/// Divides communities that nothing holds together, which never lowers modularity.
fn connect(graph: &Weighted, communities: &mut [u32]) {
    let mut sets = Sets::new(graph.len());
    for node in 0..graph.len() as u32 {
        for (next, weight) in graph.row(node) {
            if weight > 0.0 && communities[next as usize] == communities[node as usize] {
                sets.join(node, next);
            }
        }
    }
    for node in 0..graph.len() as u32 {
        communities[node as usize] = sets.find(node);
    }
    renumber(communities);
}

/// Divides each community into well connected parts: begun with single nodes, which join parts they are drawn to.
struct Refinement<'a> {
    graph: &'a Weighted,
    communities: &'a [u32],
    options: &'a LeidenOptions,
    /// The part of each node.
    parts: Vec<u32>,
    /// By part: the weight at its nodes, how many there are, and the weight from it to the rest of its community.
    strengths: Vec<f64>,
    sizes: Vec<u32>,
    outward: Vec<f64>,
    /// By community.
    totals: Vec<f64>,
}

impl<'a> Refinement<'a> {
    fn new(graph: &'a Weighted, communities: &'a [u32], options: &'a LeidenOptions) -> Self {
        let mut totals = vec![0.0; graph.len()];
        let mut outward = vec![0.0; graph.len()];
        for node in 0..graph.len() as u32 {
            let community = communities[node as usize];
            totals[community as usize] += graph.strengths[node as usize];
            let inside = graph.row(node).filter(|next| communities[next.0 as usize] == community);
            outward[node as usize] = inside.map(|next| next.1).sum();
        }
        let parts = (0..graph.len() as u32).collect();
        let (strengths, sizes) = (graph.strengths.clone(), vec![1; graph.len()]);
        Self { graph, communities, options, parts, strengths, sizes, outward, totals }
    }

    /// Whether a part is tied to the rest of its community by more than chance.
    fn is_well_connected(&self, part: u32, community: u32) -> bool {
        let strength = self.strengths[part as usize];
        let rest = self.totals[community as usize] - strength;
        self.outward[part as usize] >= self.options.resolution * strength * rest / self.graph.doubled
    }

    fn run(mut self, random: &mut Xoshiro256PlusPlus, meter: &mut Meter<'_>) -> Result<Vec<u32>> {
        let mut order: Vec<u32> = (0..self.graph.len() as u32).collect();
        order.shuffle(random);
        let mut scatter = Scatter::new(self.graph.len());
        let mut choices = Vec::new();
        for node in order {
            meter.step(self.graph.degree(node) + 1)?;
            let community = self.communities[node as usize];
            let own = self.parts[node as usize];
            if self.sizes[own as usize] > 1 || !self.is_well_connected(own, community) {
                continue;
            }
            for (next, weight) in self.graph.row(node) {
                if self.communities[next as usize] == community {
                    scatter.add(self.parts[next as usize], weight);
                }
            }
            let strength = self.graph.strengths[node as usize];
            choices.clear();
            scatter.drain(|part, weight| {
                let chance = self.options.resolution * strength * self.strengths[part as usize] / self.graph.doubled;
                if weight > 0.0 && weight >= chance && self.is_well_connected(part, community) {
                    choices.push((part, weight, weight - chance));
                }
            });
            if let Some((part, weight)) = self.choose(&choices, random) {
                self.join(node, part, weight);
            }
        }
        Ok(self.parts)
    }

    /// A part, drawn by the exponential of what modularity gains, so that better ones are likelier.
    fn choose(&self, choices: &[(u32, f64, f64)], random: &mut Xoshiro256PlusPlus) -> Option<(u32, f64)> {
        let most = choices.iter().map(|choice| choice.2).fold(f64::NEG_INFINITY, f64::max);
        // Relative to the best, so that no exponential leaves its range; gains in units of one mean edge end.
        let unit = self.options.randomness * self.graph.doubled / self.graph.nodes.len().max(1) as f64;
        let share = |gain: f64| ((gain - most) / unit).exp();
        let mut left = random.random::<f64>() * choices.iter().map(|choice| share(choice.2)).sum::<f64>();
        for choice in choices {
            left -= share(choice.2);
            if left <= 0.0 {
                return Some((choice.0, choice.1));
            }
        }
        choices.last().map(|choice| (choice.0, choice.1))
    }

    /// Moves a node that is alone in its part; `weight` is what ties it to the other.
    fn join(&mut self, node: u32, part: u32, weight: f64) {
        let own = self.parts[node as usize];
        if own == part {
            return;
        }
        self.parts[node as usize] = part;
        self.sizes[own as usize] = 0;
        self.sizes[part as usize] += 1;
        self.strengths[part as usize] += self.strengths[own as usize];
        self.outward[part as usize] += self.outward[own as usize] - 2.0 * weight;
        self.strengths[own as usize] = 0.0;
        self.outward[own as usize] = 0.0;
    }
}
