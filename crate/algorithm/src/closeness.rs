//! Closeness: how few steps lead from a node to all others.
//!
//! Sources: Alex Bavelas, Communication patterns in task-oriented groups, 1950; the share of reached nodes as a factor: Stanley
//! Wasserman, Katherine Faust, Social network analysis, 1994; sums of inverse distances: Massimo Marchiori, Vito Latora,
//! Harmony in the small-world, 2000. O(n m) time without weights, O(n m log m) with them; 24 n bytes.

use crate::breadth_first::{SearchLimits, breadth_first};
use crate::csr::NONE;
use crate::dijkstra::{CostLimits, dijkstra};
use crate::error::{Error, Result};
use crate::progress::{Meter, Proceed, Progress};
use crate::view::View;

/// How closeness is computed.
#[derive(Clone, Copy, Debug)]
pub struct ClosenessOptions<'a> {
    /// Sums of inverse distances rather than the inverse of their sum.
    pub harmonic: bool,
    /// Multiplies by the share of the other nodes that are reached, so that small components do not look close.
    pub by_share: bool,
    /// The nodes that are asked for; none means all.
    pub of: Option<&'a [u32]>,
}

impl Default for ClosenessOptions<'_> {
    fn default() -> Self {
        Self { harmonic: false, by_share: true, of: None }
    }
}

/// Closeness by node, zero where it was not asked for; distances are those from the node along the view's direction, so
/// that incoming distances are those of a reversed view. Harmonic sums are not normalized.
///
/// # Errors
/// [`Error::Weight`] for weights below zero, [`Error::OutsideView`], [`Error::Overflow`] when a sum is not finite, which
/// a harmonic one is not at a distance of zero.
pub fn closeness(view: View<'_>, options: &ClosenessOptions<'_>, proceed: Proceed<'_>) -> Result<Vec<f64>> {
    view.check_not_negative()?;
    let all: Vec<u32>;
    let asked = match options.of {
        Some(nodes) => nodes,
        None => {
            all = view.nodes().collect();
            &all
        }
    };
    let each = (view.csr().node_count() + view.csr().edge_count()) as u64;
    let mut meter = Meter::start(proceed, Some(each.saturating_mul(asked.len() as u64)))?;
    let others = view.node_count().saturating_sub(1) as f64;
    let mut closeness = vec![0.0; view.bound()];
    for &node in asked {
        let (reached, sum, inverse) = sums(view, node, &mut meter)?;
        let value = if options.harmonic {
            inverse
        } else if sum > 0.0 {
            let share = if options.by_share { reached / others } else { 1.0 };
            reached / sum * share
        } else {
            0.0
        };
        if !value.is_finite() {
            return Err(Error::Overflow { what: "sum of distances" });
        }
        closeness[node as usize] = value;
    }
    Ok(closeness)
}

/// Nodes reached from `node` but itself, the sum of their distances, and of the inverses.
fn sums(view: View<'_>, node: u32, meter: &mut Meter<'_>) -> Result<(f64, f64, f64)> {
    let (mut reached, mut sum, mut inverse) = (0.0, 0.0, 0.0);
    let mut add = |distance: f64| {
        reached += 1.0;
        sum += distance;
        inverse += 1.0 / distance;
    };
    let mut forward = |_: Progress| meter.ask().is_ok();
    let mut steps = 0;
    if view.is_weighted() {
        let found = dijkstra(view, &[node], CostLimits::default(), &mut forward)?;
        found.order.iter().filter(|&&other| other != node).for_each(|&other| add(found.costs[other as usize]));
        steps += found.order.len();
    } else {
        let found = breadth_first(view, &[node], SearchLimits::default(), &mut forward)?;
        let depths = found.order.iter().map(|&other| found.depths[other as usize]);
        depths.filter(|&depth| depth > 0 && depth != NONE).for_each(|depth| add(f64::from(depth)));
        steps += found.order.len();
    }
    meter.step(steps)?;
    Ok((reached, sum, inverse))
}
