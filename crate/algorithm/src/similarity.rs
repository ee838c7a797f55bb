//! Node similarity: nodes whose neighbors are the same.
//!
//! Sources: Paul Jaccard, Étude comparative de la distribution florale, 1901; overlap: Dezydery Szymkiewicz, Une contribution
//! statistique à la géographie floristique, 1934; cosine of sets: Akira Ochiai, Zoogeographical studies on the soleoid
//! fishes, 1957. Time is the sum of squared degrees of the shared neighbors; 8 n bytes beside rows of both directions.

use crate::error::{Error, Result};
use crate::progress::{Meter, Proceed};
use crate::view::View;

/// How two sets of neighbors a and b are compared; from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SimilarityMetric {
    /// |a ∩ b| / |a ∪ b|.
    #[default]
    Jaccard,
    /// |a ∩ b| / min(|a|, |b|).
    Overlap,
    /// |a ∩ b| / sqrt(|a| |b|).
    Cosine,
}

impl SimilarityMetric {
    fn of(self, common: u32, a: u32, b: u32) -> f64 {
        let (shared, a, b) = (f64::from(common), f64::from(a), f64::from(b));
        match self {
            Self::Jaccard => shared / (a + b - shared),
            Self::Overlap => shared / a.min(b),
            Self::Cosine => shared / (a * b).sqrt(),
        }
    }
}

/// Which pairs are asked for.
#[derive(Clone, Copy, Debug)]
pub struct SimilarityOptions<'a> {
    /// How neighbors are compared.
    pub metric: SimilarityMetric,
    /// The most pairs a node is first in.
    pub top: usize,
    /// Less similar pairs are left out; pairs without a common neighbor always are.
    pub cutoff: f64,
    /// Nodes of fewer neighbors are left out.
    pub degree_min: u32,
    /// The nodes that are first in a pair; none means all.
    pub of: Option<&'a [u32]>,
}

impl Default for SimilarityOptions<'_> {
    fn default() -> Self {
        Self { metric: SimilarityMetric::Jaccard, top: 10, cutoff: 0.0, degree_min: 1, of: None }
    }
}

/// Two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similar {
    /// The node that was asked for.
    pub node: u32,
    /// The one it is similar to.
    pub other: u32,
    /// How similar they are.
    pub similarity: f64,
}

/// For each node those most similar to it by their distinct neighbors along the view's direction, best first, equally
/// similar ones by number.
///
/// # Errors
/// [`Error::OutsideView`], [`Error::Argument`] for a cutoff that is not a number.
pub fn node_similarity(view: View<'_>, options: &SimilarityOptions<'_>, proceed: Proceed<'_>) -> Result<Vec<Similar>> {
    if options.cutoff.is_nan() {
        return Err(Error::Argument { name: "cutoff", needs: "a number" });
    }
    let mut meter = Meter::start(proceed, None)?;
    let view = view.unweighted();
    // With loops: a node may be its own neighbor.
    let sets = view.adjacency().distinct();
    let back = view.reversed().adjacency().distinct();
    meter.step(sets.nodes.len() + back.nodes.len())?;
    let all: Vec<u32>;
    let asked = match options.of {
        Some(nodes) => nodes,
        None => {
            all = view.nodes().collect();
            &all
        }
    };
    let mut found = Vec::new();
    let mut common = vec![0_u32; view.bound()];
    let mut touched = Vec::new();
    let mut pairs: Vec<Similar> = Vec::new();
    for &node in asked {
        view.check_node(node)?;
        let degree = sets.degree(node) as u32;
        if degree < options.degree_min {
            continue;
        }
        for &shared in sets.row(node) {
            let holders = back.row(shared);
            meter.step(holders.len() + 1)?;
            for &other in holders {
                if common[other as usize] == 0 {
                    touched.push(other);
                }
                common[other as usize] += 1;
            }
        }
        for other in touched.drain(..) {
            let count = std::mem::take(&mut common[other as usize]);
            let others = sets.degree(other) as u32;
            let similarity = options.metric.of(count, degree, others);
            if other != node && others >= options.degree_min && similarity >= options.cutoff {
                pairs.push(Similar { node, other, similarity });
            }
        }
        keep_best(&mut pairs, options.top);
        found.append(&mut pairs);
    }
    Ok(found)
}

fn keep_best(pairs: &mut Vec<Similar>, top: usize) {
    let order = |a: &Similar, b: &Similar| b.similarity.total_cmp(&a.similarity).then(a.other.cmp(&b.other));
    if top == 0 {
        pairs.clear();
    } else if pairs.len() > top {
        pairs.select_nth_unstable_by(top - 1, order);
        pairs.truncate(top);
    }
    pairs.sort_unstable_by(order);
}
