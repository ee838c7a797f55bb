//! Modularity: the share of edges inside communities, less what chance would put there.
//!
//! Sources: M. E. J. Newman, Michelle Girvan, Finding and evaluating community structure in networks, 2004; resolution: Jörg
//! Reichardt, Stefan Bornholdt, Statistical mechanics of community detection, 2006. O(n + m) time.

use crate::error::{Error, Result};
use crate::view::View;
use crate::weighted::Weighted;

/// The modularity of a division of the view, whichever way its edges point; from -1/2 to 1 at a resolution of 1, and 0
/// without edges. `communities` is by node, with any numbers.
///
/// # Errors
/// [`Error::Argument`] when `communities` has not as many entries as the view's bound or the resolution is not a number
/// from zero, [`Error::Weight`] for weights below zero.
pub fn modularity(view: View<'_>, communities: &[u32], resolution: f64) -> Result<f64> {
    check_resolution(resolution)?;
    if communities.len() != view.bound() {
        return Err(Error::Argument { name: "communities", needs: "one number for each node" });
    }
    let mut numbers = communities.to_vec();
    // Nodes outside the view weigh nothing, wherever they are put.
    (0..view.bound() as u32).filter(|&node| !view.contains(node)).for_each(|node| numbers[node as usize] = 0);
    crate::weighted::renumber_any(&mut numbers);
    Ok(quality(&Weighted::of(&view)?, &numbers, resolution))
}

pub(crate) fn check_resolution(resolution: f64) -> Result<()> {
    if resolution.is_finite() && resolution >= 0.0 {
        Ok(())
    } else {
        Err(Error::Argument { name: "resolution", needs: "a finite number from zero" })
    }
}

/// Modularity of communities that are numbered from zero.
pub(crate) fn quality(graph: &Weighted, communities: &[u32], resolution: f64) -> f64 {
    if graph.doubled == 0.0 {
        return 0.0;
    }
    let count = communities.iter().max().map_or(0, |&most| most as usize + 1);
    let (mut inside, mut strengths) = (0.0, vec![0.0; count]);
    for node in 0..graph.len() as u32 {
        let community = communities[node as usize];
        strengths[community as usize] += graph.strengths[node as usize];
        let own = graph.row(node).filter(|next| communities[next.0 as usize] == community);
        inside += 2.0 * graph.loops[node as usize] + own.map(|next| next.1).sum::<f64>();
    }
    let by_chance: f64 = strengths.iter().map(|strength| (strength / graph.doubled).powi(2)).sum();
    inside / graph.doubled - resolution * by_chance
}
