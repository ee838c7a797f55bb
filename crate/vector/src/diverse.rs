//! Choosing among the nearest those that differ from each other: maximal marginal relevance, by Carbonell and Goldstein, "The
//! Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing Summaries", 1998.

use sledstore_engine::{Read, Result};

use crate::distance::Query;
use crate::index::VectorIndex;
use crate::keys::RowKind;
use crate::plan::Plan;
use crate::row::invalid;
use crate::search::{Neighbor, Search};

/// How much neighbors of an answer differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Diversity {
    /// The weight of being near to the query, 0 to 1; the rest is that of being far from what was chosen before. 1 gives the
    /// nearest.
    pub lambda: f64,
    /// Among how many of the nearest to choose; at least `k` are taken.
    pub fetch: usize,
}

struct Considered {
    neighbor: Neighbor,
    vector: Vec<f32>,
    row: Vec<u8>,
    /// Distance from the nearest that was chosen.
    from_chosen: f64,
}

impl VectorIndex {
    /// Chooses one neighbor after the other: the one of the largest λ × similarity to the query − (1 − λ) × similarity to the
    /// most similar one chosen before, where similarity is the distance negated.
    pub(crate) fn search_diverse(
        &self,
        read: &impl Read,
        query: &[f32],
        search: &Search<'_>,
        Diversity { lambda, fetch }: Diversity,
    ) -> Result<(Vec<Neighbor>, Plan)> {
        if !(0.0..=1.0).contains(&lambda) {
            return Err(invalid("lambda, the weight of nearness, is 0 to 1"));
        }
        let among = Search { k: fetch.max(search.k), diversity: None, ..search.clone() };
        let (found, plan) = self.search_explained(read, query, &among)?;
        let shape = self.shape();
        let mut left = Vec::with_capacity(found.len());
        for neighbor in found {
            let mut vector = Vec::new();
            // One that a reader of the newest state does not find any more is none.
            let Some(row) = read.get(self.namespace(), &RowKind::Vector.row_key(&neighbor.key)?)? else { continue };
            shape.split(&row).ok_or_else(|| shape.damaged(&self.place(), &row))?.append_to(&mut vector);
            left.push(Considered { neighbor, vector, row, from_chosen: f64::INFINITY });
        }
        let mut chosen = Vec::new();
        while chosen.len() < search.k && !left.is_empty() {
            let worth = |one: &Considered| (1.0 - lambda) * one.from_chosen - lambda * one.neighbor.distance;
            // All are infinitely far from nothing: the first one is the nearest.
            let best = if chosen.is_empty() { 0 } else { first_largest(left.iter().map(worth)) };
            let Considered { neighbor, vector, .. } = left.remove(best);
            let query = Query::new(shape, self.kernel(), &vector)?;
            for other in &mut left {
                if let Some(row) = shape.split(&other.row) {
                    other.from_chosen = other.from_chosen.min(query.distance(&row));
                }
            }
            chosen.push(neighbor);
        }
        Ok((chosen, plan))
    }
}

/// Where the largest number stands, the first one of several.
fn first_largest(numbers: impl Iterator<Item = f64>) -> usize {
    let (mut best, mut largest) = (0, f64::NEG_INFINITY);
    for (at, number) in numbers.enumerate() {
        if number > largest {
            (best, largest) = (at, number);
        }
    }
    best
}
