//! Depth-first search: orders of entering and leaving.
//!
//! Source: Robert Tarjan, Depth-first search and linear graph algorithms, 1972. O(n + m) time, 20 n bytes and one
//! iterator for each node of the deepest path.

use crate::breadth_first::{SearchLimits, Traversal};
use crate::csr::NONE;
use crate::error::Result;
use crate::progress::{Meter, Proceed};
use crate::view::View;

/// What a depth-first search reached: depths are those of its tree, not shortest.
#[derive(Clone, Debug)]
pub struct DepthFirst {
    /// Nodes in the order they were entered, and how.
    pub entered: Traversal,
    /// Nodes in the order they were left; without those that were still open when the target was reached.
    pub left: Vec<u32>,
}

/// Searches from each start in turn that no earlier one has reached; edges are followed in the order of the rows.
///
/// With `depth_max` a node first met at that depth is not expanded later, though a shorter way to it may exist.
///
/// # Errors
/// [`OutsideView`](crate::Error::OutsideView) for a start or target that is no node of the view.
pub fn depth_first(view: View<'_>, starts: &[u32], limits: SearchLimits, proceed: Proceed<'_>) -> Result<DepthFirst> {
    let mut meter = Meter::start(proceed, None)?;
    let mut found = DepthFirst { entered: Traversal::new(view.bound()), left: Vec::new() };
    if let Some(target) = limits.target {
        view.check_node(target)?;
    }
    for &start in starts {
        view.check_node(start)?;
    }
    let mut open = Vec::new();
    for &start in starts {
        if found.entered.depths[start as usize] != NONE {
            continue;
        }
        found.entered.depths[start as usize] = 0;
        found.entered.order.push(start);
        if limits.target == Some(start) {
            return Ok(found);
        }
        open.push((start, view.neighbors(start)));
        while let Some((node, neighbors)) = open.last_mut() {
            let node = *node;
            let depth = found.entered.depths[node as usize];
            let deeper = limits.depth_max.is_none_or(|max| depth < max);
            meter.step(1)?;
            let Some(next) = neighbors.next().filter(|_| deeper) else {
                found.left.push(node);
                open.pop();
                continue;
            };
            if found.entered.depths[next.node as usize] != NONE {
                continue;
            }
            found.entered.depths[next.node as usize] = depth + 1;
            found.entered.tree.set(next.node, node, next.edge);
            found.entered.order.push(next.node);
            if limits.target == Some(next.node) {
                return Ok(found);
            }
            open.push((next.node, view.neighbors(next.node)));
        }
    }
    Ok(found)
}
