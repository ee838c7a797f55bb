//! Clustering: how many of a node's neighbors are joined to each other, whichever way edges point.
//!
//! Sources: Duncan J. Watts, Steven H. Strogatz, Collective dynamics of small-world networks, 1998 (local and average); R.
//! Duncan Luce, Albert D. Perry, A method of matrix analysis of group structure, 1949 (global, also called transitivity).
//! Costs what counting triangles costs.

use crate::error::{Error, Result};
use crate::progress::Proceed;
use crate::triangles::triangles;
use crate::view::View;

/// Shares from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Clustering {
    /// Of the pairs of a node's neighbors those that are joined, by node; 0 for a node of fewer than two.
    pub local: Vec<f64>,
    /// The mean of the local ones over all nodes; 0 without nodes.
    pub average: f64,
    /// Of all paths of two edges those whose ends are joined; 0 without such paths.
    pub global: f64,
    /// Triangles in the view.
    pub triangles: u64,
}

/// The clustering coefficients of a view; loops and parallel edges do not count.
///
/// # Errors
/// [`Error::Overflow`] when there are more paths of two edges than a `u64` holds.
pub fn clustering(view: View<'_>, threads: usize, proceed: Proceed<'_>) -> Result<Clustering> {
    let found = triangles(view, threads, proceed)?;
    let mut local = vec![0.0; view.bound()];
    let mut pairs_of_all = 0_u64;
    for node in view.nodes() {
        let degree = u64::from(found.degrees[node as usize]);
        let pairs = degree * degree.saturating_sub(1) / 2;
        pairs_of_all =
            pairs_of_all.checked_add(pairs).ok_or(Error::Overflow { what: "number of paths of two edges" })?;
        if pairs > 0 {
            local[node as usize] = found.counts[node as usize] as f64 / pairs as f64;
        }
    }
    let nodes = view.node_count();
    let average = if nodes == 0 { 0.0 } else { local.iter().sum::<f64>() / nodes as f64 };
    let global = if pairs_of_all == 0 { 0.0 } else { 3.0 * found.total as f64 / pairs_of_all as f64 };
    Ok(Clustering { local, average, global, triangles: found.total })
}
