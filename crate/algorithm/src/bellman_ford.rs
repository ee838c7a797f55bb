//! Bellman-Ford: cheapest paths where edges may weigh less than zero.
//!
//! Sources: Richard Bellman, On a routing problem, 1958; Edward F. Moore, The shortest path through a maze, 1959 (only nodes
//! whose cost has changed are looked at again); the search for negative cycles in the tree after every n changes: Boris V.
//! Cherkassky, Andrew V. Goldberg, Negative-cycle detection algorithms, 1999. O(n m) time, 29 n bytes.

use crate::csr::NONE;
use crate::dijkstra::Distances;
use crate::error::{Error, Result};
use crate::path::{SearchTree, add_cost};
use crate::progress::{Meter, Proceed};
use crate::topological::follow;
use crate::view::View;

/// Cheapest paths from all `starts` at once. `order` of the result has the reached nodes by number.
///
/// # Errors
/// [`Error::NegativeCycle`] with the nodes of a cycle that the starts reach and that weighs less than zero,
/// [`Error::OutsideView`] for a start that is no node of the view, [`Error::Overflow`] when a cost is not finite.
pub fn bellman_ford(view: View<'_>, starts: &[u32], proceed: Proceed<'_>) -> Result<Distances> {
    let mut meter = Meter::start(proceed, None)?;
    let mut found = Distances::new(view.bound());
    let mut waiting = Vec::new();
    let mut waits = vec![false; view.bound()];
    for &start in starts {
        view.check_node(start)?;
        if !std::mem::replace(&mut waits[start as usize], true) {
            found.costs[start as usize] = 0.0;
            waiting.push(start);
        }
    }
    let mut changes = 0;
    let mut round = Vec::new();
    while !waiting.is_empty() {
        std::mem::swap(&mut round, &mut waiting);
        for &node in &round {
            waits[node as usize] = false;
            let cost = found.costs[node as usize];
            let mut steps = 1;
            for next in view.neighbors(node) {
                steps += 1;
                let through = add_cost(cost, view.weight(next.edge))?;
                if through >= found.costs[next.node as usize] {
                    continue;
                }
                if next.node == node {
                    return Err(Error::NegativeCycle { nodes: vec![node] });
                }
                found.costs[next.node as usize] = through;
                found.tree.set(next.node, node, next.edge);
                changes += 1;
                if !std::mem::replace(&mut waits[next.node as usize], true) {
                    waiting.push(next.node);
                }
            }
            meter.step(steps)?;
            if changes > view.bound() {
                changes = 0;
                meter.step(view.bound())?;
                check_tree(&found.tree)?;
            }
        }
        round.clear();
    }
    found.order = view.nodes().filter(|&node| found.costs[node as usize] < f64::INFINITY).collect();
    Ok(found)
}

/// Parents make a tree unless a cycle weighs less than zero.
fn check_tree(tree: &SearchTree) -> Result<()> {
    // The walk in which a node was first met.
    let mut walks = vec![NONE; tree.parents.len()];
    for start in 0..tree.parents.len() as u32 {
        let mut node = start;
        while node != NONE && walks[node as usize] == NONE {
            walks[node as usize] = start;
            node = tree.parents[node as usize];
        }
        if node != NONE && walks[node as usize] == start {
            return Err(Error::NegativeCycle { nodes: follow(&tree.parents, node) });
        }
    }
    Ok(())
}
