//! A*: a cheapest path, led by an estimate of what remains.
//!
//! Source: Peter E. Hart, Nils J. Nilsson, Bertram Raphael, A formal basis for the heuristic determination of minimum cost
//! paths, 1968; great circles: R. W. Sinnott, Virtues of the haversine, 1984. With an estimate that never exceeds the true
//! cost the path is a cheapest one; nodes are opened again when a cheaper way to them is found, which an estimate that
//! falls no faster than edges cost never asks for: then O((n + m) log m) time. 24 n bytes and the heap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::dijkstra::Distances;
use crate::error::{Error, Result};
use crate::path::{Cost, Path, add_cost};
use crate::progress::{Meter, Proceed};
use crate::view::View;

/// What a step of one unit of distance costs at least, from coordinates of the nodes.
#[derive(Clone, Copy, Debug)]
pub enum Coordinates<'a> {
    /// Straight lines between points (x, y), by node.
    Plane {
        /// A point for each node, in any unit.
        points: &'a [(f64, f64)],
        /// The least cost of one unit.
        cost_of_unit: f64,
    },
    /// Great circles between points (longitude, latitude) in degrees on a sphere of Earth's mean radius, by node.
    Earth {
        /// A point for each node.
        points: &'a [(f64, f64)],
        /// The least cost of one meter.
        cost_of_meter: f64,
    },
}

/// Mean radius of the Earth, in meters (IUGG).
const EARTH_RADIUS: f64 = 6_371_008.8;

impl Coordinates<'_> {
    /// The least cost between two nodes; not a number when one has no point.
    pub fn estimate(&self, from: u32, to: u32) -> f64 {
        let (Self::Plane { points, .. } | Self::Earth { points, .. }) = *self;
        let (Some(a), Some(b)) = (points.get(from as usize), points.get(to as usize)) else { return f64::NAN };
        match *self {
            Self::Plane { cost_of_unit, .. } => (a.0 - b.0).hypot(a.1 - b.1) * cost_of_unit,
            Self::Earth { cost_of_meter, .. } => {
                let (latitude_a, latitude_b) = (a.1.to_radians(), b.1.to_radians());
                let across = ((a.0 - b.0).to_radians() / 2.0).sin();
                let up = ((latitude_a - latitude_b) / 2.0).sin();
                let chord = up * up + latitude_a.cos() * latitude_b.cos() * across * across;
                2.0 * EARTH_RADIUS * chord.min(1.0).sqrt().asin() * cost_of_meter
            }
        }
    }
}

/// A cheapest path from one node to another, led by coordinates.
///
/// # Errors
/// As [`a_star`].
pub fn a_star_by_coordinates(
    view: View<'_>,
    from: u32,
    to: u32,
    coordinates: Coordinates<'_>,
    proceed: Proceed<'_>,
) -> Result<Option<Path>> {
    a_star(view, from, to, &mut |node| coordinates.estimate(node, to), proceed)
}

/// A cheapest path from one node to another, led by `estimate`, which is asked once for each node that is met.
///
/// # Errors
/// [`Error::Heuristic`] for an estimate that is not a number from zero, [`Error::Weight`] for weights below zero,
/// [`Error::OutsideView`] for an end that is no node of the view, [`Error::Overflow`] when a cost is not finite.
pub fn a_star(
    view: View<'_>,
    from: u32,
    to: u32,
    estimate: &mut dyn FnMut(u32) -> f64,
    proceed: Proceed<'_>,
) -> Result<Option<Path>> {
    let mut meter = Meter::start(proceed, None)?;
    view.check_node(from)?;
    view.check_node(to)?;
    view.check_not_negative()?;
    let mut ask = |node: u32| {
        let estimate = estimate(node);
        if estimate >= 0.0 { Ok(estimate) } else { Err(Error::Heuristic { node, estimate }) }
    };
    let mut found = Distances::new(view.bound());
    let mut remaining = vec![f64::NAN; view.bound()];
    let mut heap = BinaryHeap::new();
    found.costs[from as usize] = 0.0;
    remaining[from as usize] = ask(from)?;
    heap.push(Reverse((Cost(remaining[from as usize]), Cost(0.0), from)));
    while let Some(Reverse((_, Cost(cost), node))) = heap.pop() {
        if node == to {
            return Ok(found.path_to(to));
        }
        if cost > found.costs[node as usize] {
            continue;
        }
        let mut steps = 1;
        for next in view.neighbors(node) {
            steps += 1;
            let through = add_cost(cost, view.weight(next.edge))?;
            if through >= found.costs[next.node as usize] {
                continue;
            }
            found.costs[next.node as usize] = through;
            found.tree.set(next.node, node, next.edge);
            let left = &mut remaining[next.node as usize];
            if left.is_nan() {
                *left = ask(next.node)?;
            }
            // Infinite where the target cannot be reached from.
            if left.is_finite() {
                heap.push(Reverse((Cost(through + *left), Cost(through), next.node)));
            }
        }
        meter.step(steps)?;
    }
    Ok(None)
}
