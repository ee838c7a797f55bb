//! Louvain: communities by moving nodes to where modularity rises most, then making communities the nodes of a smaller graph.
//!
//! Source: Vincent D. Blondel, Jean-Loup Guillaume, Renaud Lambiotte, Etienne Lefebvre, Fast unfolding of communities in
//! large networks, 2008. O(m) time for a pass, of which there are few; some 40 n + 24 m bytes. A community may fall into
//! parts that nothing joins; [`leiden`](crate::leiden) prevents that.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::components::Partition;
use crate::error::Result;
use crate::modularity::{check_resolution, quality};
use crate::progress::{Meter, Proceed};
use crate::view::View;
use crate::weighted::{Scatter, Weighted, renumber};

/// How Louvain runs.
#[derive(Clone, Copy, Debug)]
pub struct LouvainOptions {
    /// Above 1 communities are smaller, below it larger.
    pub resolution: f64,
    /// Over when a level raises modularity by no more.
    pub tolerance: f64,
    /// Over after so many levels.
    pub levels_max: u32,
    /// Orders the nodes.
    pub seed: u64,
}

impl Default for LouvainOptions {
    fn default() -> Self {
        Self { resolution: 1.0, tolerance: 1e-7, levels_max: 64, seed: 0 }
    }
}

/// A division into communities.
#[derive(Clone, Debug, PartialEq)]
pub struct Communities {
    /// Which community each node is in.
    pub partition: Partition,
    /// Its modularity.
    pub modularity: f64,
    /// Levels of smaller and smaller graphs.
    pub levels: u32,
}

/// Divides a view into communities, whichever way its edges point; loops and parallel edges add their weights.
///
/// # Errors
/// [`Weight`](crate::Error::Weight) for weights below zero, [`Argument`](crate::Error::Argument) for a resolution or
/// tolerance below zero.
pub fn louvain(view: View<'_>, options: &LouvainOptions, proceed: Proceed<'_>) -> Result<Communities> {
    check_resolution(options.resolution)?;
    if options.tolerance.is_nan() || options.tolerance < 0.0 {
        return Err(crate::Error::Argument { name: "tolerance", needs: "zero or more" });
    }
    let mut meter = Meter::start(proceed, None)?;
    let whole = Weighted::of(&view)?;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(options.seed);
    let mut communities: Vec<u32> = (0..whole.len() as u32).collect();
    let mut best = quality(&whole, &communities, options.resolution);
    let mut levels = 0;
    let mut coarse: Option<Weighted> = None;
    while levels < options.levels_max {
        let graph = coarse.as_ref().unwrap_or(&whole);
        let mut level: Vec<u32> = (0..graph.len() as u32).collect();
        move_nodes(graph, &mut level, options.resolution, &mut random, &mut meter)?;
        let count = renumber(&mut level);
        let reached = quality(graph, &level, options.resolution);
        if count == graph.len() || reached - best <= options.tolerance {
            break;
        }
        best = reached;
        levels += 1;
        communities.iter_mut().for_each(|community| *community = level[*community as usize]);
        meter.step(graph.nodes.len())?;
        coarse = Some(graph.coarsen(&level, count));
    }
    let partition = Partition::number(&view, |node| communities[node as usize]);
    Ok(Communities { partition, modularity: best, levels })
}

/// Moves that each node has, on average.
const MOVES_MAX: usize = 256;

/// Moves nodes to the community where modularity rises most until none can rise; nodes wait in a queue, which the neighbors
/// of a moved one enter again (Vincent A. Traag, Ludo Waltman, Nees Jan van Eck, From Louvain to Leiden, 2019). Communities
/// are numbered below the number of nodes.
pub(crate) fn move_nodes(
    graph: &Weighted,
    communities: &mut [u32],
    resolution: f64,
    random: &mut Xoshiro256PlusPlus,
    meter: &mut Meter<'_>,
) -> Result<()> {
    if graph.doubled == 0.0 {
        return Ok(());
    }
    let mut strengths = vec![0.0; graph.len()];
    let mut sizes = vec![0_u32; graph.len()];
    for (node, &community) in communities.iter().enumerate() {
        strengths[community as usize] += graph.strengths[node];
        sizes[community as usize] += 1;
    }
    let mut free: Vec<u32> = (0..graph.len() as u32).filter(|&number| sizes[number as usize] == 0).collect();
    let mut order: Vec<u32> = (0..graph.len() as u32).collect();
    order.shuffle(random);
    let mut queue = std::collections::VecDeque::from(order);
    let mut waits = vec![true; graph.len()];
    let mut scatter = Scatter::new(graph.len());
    let mut moves = 0;
    // Few nodes move more than some times; that rounding lets them move forever is not excluded otherwise.
    let moves_max = graph.len().saturating_mul(MOVES_MAX);
    while let Some(node) = queue.pop_front().filter(|_| moves < moves_max) {
        waits[node as usize] = false;
        meter.step(graph.degree(node) + 1)?;
        let own = communities[node as usize];
        let strength = graph.strengths[node as usize];
        graph.row(node).for_each(|(next, weight)| scatter.add(communities[next as usize], weight));
        strengths[own as usize] -= strength;
        sizes[own as usize] -= 1;
        // What a community gains by the node, but for what is the same for all: its weight less what chance would give.
        let per_strength = resolution * strength / graph.doubled;
        let gain = |community: u32, weight: f64| weight - per_strength * strengths[community as usize];
        let stay = gain(own, scatter.get(own));
        let least = stay + 1e-12 * (strength + stay.abs()); // what rounding cannot feign
        let (mut best, mut most) = (own, least);
        scatter.drain(|community, weight| {
            let gain = gain(community, weight);
            if gain > most {
                (best, most) = (community, gain);
            }
        });
        if 0.0 > most && sizes[own as usize] > 0 {
            best = free.pop().unwrap_or(own); // alone it is better off
        }
        strengths[best as usize] += strength;
        sizes[best as usize] += 1;
        if best == own {
            continue;
        }
        if sizes[own as usize] == 0 {
            strengths[own as usize] = 0.0; // without the rest that rounding leaves
            free.push(own);
        }
        communities[node as usize] = best;
        moves += 1;
        for (next, _) in graph.row(node) {
            if communities[next as usize] != best && !std::mem::replace(&mut waits[next as usize], true) {
                queue.push_back(next);
            }
        }
    }
    Ok(())
}
