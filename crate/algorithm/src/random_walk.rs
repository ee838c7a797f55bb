//! Random walks: uniform ones, and those of node2vec that like to return or to go far.
//!
//! Sources: Bryan Perozzi, Rami Al-Rfou, Steven Skiena, DeepWalk: online learning of social representations, 2014; Aditya
//! Grover, Jure Leskovec, node2vec: scalable feature learning for networks, 2016; draws by rejection: Ke Yang, MingXing Zhang,
//! Kang Chen and others, KnightKing: a fast distributed graph random walk engine, 2019. O(log degree) time a step, O(degree) for
//! steps that rejection draws badly; 4 n + 4 m bytes, 16 m more with weights.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::adjacency::Adjacency;
use crate::error::{Error, Result};
use crate::progress::{Meter, Proceed};
use crate::view::View;

/// How walks go.
#[derive(Clone, Copy, Debug)]
pub struct RandomWalkOptions<'a> {
    /// Where walks start; none means at every node.
    pub starts: Option<&'a [u32]>,
    /// Walks from each start.
    pub walks: u32,
    /// The most steps of a walk, each a node of the result and a step of progress; it ends before at a node without edges.
    pub length: u32,
    /// p: the higher, the less a walk returns to where it just was.
    pub return_factor: f64,
    /// q: the higher, the closer a walk stays to where it just was.
    pub in_out_factor: f64,
    /// A walk depends on it, its start and its number alone.
    pub seed: u64,
}

impl Default for RandomWalkOptions<'_> {
    fn default() -> Self {
        Self { starts: None, walks: 1, length: 80, return_factor: 1.0, in_out_factor: 1.0, seed: 0 }
    }
}

/// Walks, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walks {
    /// All their nodes.
    pub nodes: Vec<u32>,
    /// Where each walk ends in them.
    pub ends: Vec<usize>,
}

impl Walks {
    /// The walks, in the order of their starts.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.nodes[start..end])
    }
}

/// Walks along the view's direction; edges are taken in proportion to their weights.
///
/// # Errors
/// [`Error::Argument`] for factors that are not above zero, [`Error::Weight`] for weights below zero,
/// [`Error::OutsideView`] for a start, [`Error::Overflow`] when the weights at a node have no finite sum.
pub fn random_walks(view: View<'_>, options: &RandomWalkOptions<'_>, proceed: Proceed<'_>) -> Result<Walks> {
    for (name, factor) in [("return_factor", options.return_factor), ("in_out_factor", options.in_out_factor)] {
        if !factor.is_finite() || factor <= 0.0 {
            return Err(Error::Argument { name, needs: "a finite number above zero" });
        }
    }
    view.check_not_negative()?;
    let all: Vec<u32>;
    let starts = match options.starts {
        Some(nodes) => nodes,
        None => {
            all = view.nodes().collect();
            &all
        }
    };
    let steps =
        (starts.len() as u64).saturating_mul(u64::from(options.walks)).saturating_mul(u64::from(options.length));
    let mut meter = Meter::start(proceed, Some(steps))?;
    let walker = Walker::of(&view, options)?;
    let mut walks = Walks { nodes: Vec::new(), ends: Vec::new() };
    for &start in starts {
        view.check_node(start)?;
        for number in 0..options.walks {
            let seed = options.seed ^ (view.csr().id_of(start).rotate_left(32)).wrapping_add(u64::from(number));
            walker.walk(start, &mut Xoshiro256PlusPlus::seed_from_u64(seed), &mut walks.nodes, &mut meter)?;
            walks.ends.push(walks.nodes.len());
        }
    }
    Ok(walks)
}

struct Walker<'a> {
    /// Rows, ascending by the other end.
    rows: Adjacency<'static>,
    /// Sums of the weights of a row up to each place.
    sums: Option<Vec<f64>>,
    options: &'a RandomWalkOptions<'a>,
    /// Whether a step depends on the one before.
    second_order: bool,
}

/// Draws that rejection may take for a step.
const DRAWS_MAX: u32 = 32;

impl<'a> Walker<'a> {
    fn of(view: &View<'_>, options: &'a RandomWalkOptions<'a>) -> Result<Self> {
        let rows = view.adjacency().sorted();
        let mut sums = rows.weights.as_deref().map(<[f64]>::to_vec);
        if let Some(sums) = &mut sums {
            for node in 0..rows.bound() as u32 {
                let mut sum = 0.0;
                for weight in &mut sums[rows.range(node)] {
                    sum += *weight;
                    *weight = sum;
                }
                if !sum.is_finite() {
                    return Err(Error::Overflow { what: "weight of a node's edges" });
                }
            }
        }
        let second_order = options.return_factor != 1.0 || options.in_out_factor != 1.0;
        Ok(Self { rows, sums, options, second_order })
    }

    fn walk(
        &self,
        start: u32,
        random: &mut Xoshiro256PlusPlus,
        nodes: &mut Vec<u32>,
        meter: &mut Meter<'_>,
    ) -> Result<()> {
        nodes.push(start);
        let (mut before, mut node) = (None, start);
        for _ in 0..self.options.length {
            let next = match before {
                Some(before) if self.second_order => self.step_from(before, node, random, meter)?,
                _ => self.draw(node, random),
            };
            meter.step(1)?;
            let Some(next) = next else { break };
            (before, node) = (Some(node), next);
            nodes.push(node);
        }
        Ok(())
    }

    /// A neighbor by weight; none when there is no weight.
    fn draw(&self, node: u32, random: &mut Xoshiro256PlusPlus) -> Option<u32> {
        let row = self.rows.row(node);
        let Some(sums) = &self.sums else {
            return (!row.is_empty()).then(|| row[random.random_range(0..row.len() as u32) as usize]);
        };
        pick(row, &sums[self.rows.range(node)], random)
    }

    /// How much likelier than its weight a step makes it that `next` follows `before`.
    fn factor(&self, before: u32, next: u32) -> f64 {
        if next == before {
            1.0 / self.options.return_factor
        } else if self.rows.row(before).binary_search(&next).is_ok() {
            1.0
        } else {
            1.0 / self.options.in_out_factor
        }
    }

    fn step_from(
        &self,
        before: u32,
        node: u32,
        random: &mut Xoshiro256PlusPlus,
        meter: &mut Meter<'_>,
    ) -> Result<Option<u32>> {
        let most = 1_f64.max(1.0 / self.options.return_factor).max(1.0 / self.options.in_out_factor);
        for _ in 0..DRAWS_MAX {
            let Some(next) = self.draw(node, random) else { return Ok(None) };
            if random.random::<f64>() * most < self.factor(before, next) {
                return Ok(Some(next));
            }
        }
        let range = self.rows.range(node);
        meter.step(range.len())?;
        let mut sum = 0.0;
        let sums: Vec<f64> = range
            .map(|at| {
                sum += self.rows.weight(at) * self.factor(before, self.rows.nodes[at]);
                sum
            })
            .collect();
        Ok(pick(self.rows.row(node), &sums, random))
    }
}

/// One of a row in proportion to what it adds to the sums.
fn pick(row: &[u32], sums: &[f64], random: &mut Xoshiro256PlusPlus) -> Option<u32> {
    let &whole = sums.last()?;
    if whole <= 0.0 {
        return None;
    }
    let drawn = random.random::<f64>() * whole;
    let at = sums.partition_point(|&sum| sum <= drawn);
    row.get(at).or(row.last()).copied()
}
