//! Topological sort: every edge leads from an earlier node to a later one.
//!
//! Source: Arthur B. Kahn, Topological sorting of large networks, 1962. O(n + m) time, 8 n bytes.

use crate::csr::NONE;
use crate::error::{Error, Result};
use crate::progress::{Meter, Proceed};
use crate::view::{Direction, View};

/// The nodes in an order that all edges agree with; among those that are free the one that became free first.
///
/// # Errors
/// [`Error::Cycle`] with the nodes of a cycle, when there is one; a loop is one.
pub fn topological_order(view: View<'_>, proceed: Proceed<'_>) -> Result<Vec<u32>> {
    let mut meter = Meter::start(proceed, Some(2 * (view.csr().node_count() + view.csr().edge_count()) as u64))?;
    let view = view.directed(Direction::Out);
    let mut waits = vec![0_u32; view.bound()];
    let mut nodes = 0;
    for node in view.nodes() {
        nodes += 1;
        let mut steps = 1;
        for next in view.neighbors(node) {
            steps += 1;
            waits[next.node as usize] += 1;
        }
        meter.step(steps)?;
    }
    let mut order: Vec<u32> = view.nodes().filter(|&node| waits[node as usize] == 0).collect();
    let mut at = 0;
    while at < order.len() {
        let mut steps = 1;
        for next in view.neighbors(order[at]) {
            steps += 1;
            waits[next.node as usize] -= 1;
            if waits[next.node as usize] == 0 {
                order.push(next.node);
            }
        }
        at += 1;
        meter.step(steps)?;
    }
    if order.len() == nodes { Ok(order) } else { Err(Error::Cycle { nodes: cycle(&view, &waits, &mut meter)? }) }
}

/// A cycle among the nodes that still wait: each of them has an edge from another, so the way back never ends.
fn cycle(view: &View<'_>, waits: &[u32], meter: &mut Meter<'_>) -> Result<Vec<u32>> {
    let mut before = vec![NONE; view.bound()];
    for node in view.nodes().filter(|&node| waits[node as usize] > 0) {
        let mut steps = 1;
        for next in view.neighbors(node) {
            steps += 1;
            before[next.node as usize] = node;
        }
        meter.step(steps)?;
    }
    let waiting = view.nodes().find(|&node| waits[node as usize] > 0);
    Ok(waiting.map(|start| follow(&before, start)).unwrap_or_default())
}

/// The cycle that the way back from `start` ends in, in the direction of the edges.
pub(crate) fn follow(before: &[u32], start: u32) -> Vec<u32> {
    let mut seen = vec![false; before.len()];
    let mut node = start;
    while !seen[node as usize] {
        seen[node as usize] = true;
        node = before[node as usize];
    }
    let mut cycle = vec![node];
    let mut other = before[node as usize];
    while other != node {
        cycle.push(other);
        other = before[other as usize];
    }
    cycle.reverse();
    cycle
}
