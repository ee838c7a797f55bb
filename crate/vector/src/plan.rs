//! Which way a search goes, and the slots that a restricted one is about.

use sledstore_engine::Seq;

use crate::filter::Filter;
use crate::slots::SlotTable;

/// How a search found its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Way {
    /// It compared all vectors, or all of the given keys.
    #[default]
    All = 0,
    /// It walked through the graph.
    Graph = 1,
    /// It compared the codes of those that match.
    Matches = 2,
}

/// What a search did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Its way.
    pub way: Way,
    /// Vectors in the graph.
    pub vectors: u64,
    /// Those of them that match what the search is restricted to; all, where it is not.
    pub matching: u64,
    /// Changes that the graph has not taken in; their vectors were all compared.
    pub pending: u64,
    /// Candidates that the graph was searched for.
    pub width: u64,
    /// Distances of codes that were computed.
    pub evaluations: u64,
}

/// Up to so many matches their codes are compared, and up to this part of all.
const COMPARED_MIN: usize = 1_000;
const COMPARED_PART: usize = 8;
/// Filters whose matches are kept.
const KEPT: usize = 16;

/// Slots, a bit each.
pub(crate) struct Matches {
    bits: Vec<u64>,
    pub count: usize,
}

impl Matches {
    pub fn new(slots: usize) -> Self {
        Self { bits: vec![0; slots.div_ceil(64)], count: 0 }
    }

    pub fn insert(&mut self, slot: u32) {
        if let Some(word) = self.bits.get_mut(slot as usize / 64)
            && *word >> (slot % 64) & 1 == 0
        {
            *word |= 1 << (slot % 64);
            self.count += 1;
        }
    }

    #[inline]
    pub fn contains(&self, slot: u32) -> bool {
        self.bits.get(slot as usize / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
    }

    /// The slots, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.bits.iter().enumerate().flat_map(|(at, &word)| {
            let next = |word: &u64| Some(word & (word - 1)).filter(|&left| left != 0);
            let words = std::iter::successors(Some(word).filter(|&word| word != 0), next);
            words.map(move |word| at as u32 * 64 + word.trailing_zeros())
        })
    }

    /// Those of the slots that a reader behind a fold has and whose attributes pass; `None` when some are damaged. Versions that
    /// were there at an earlier fold are as they were: only what is new since is looked at.
    pub fn of_filter(slots: &SlotTable, filter: &Filter, fold: Seq, earlier: Option<&Earlier>) -> Option<Self> {
        let mut matches = Self::new(slots.len());
        for slot in 0..slots.len() as u32 {
            let Some(version) = slots.get(slot).filter(|_| slots.is_visible(slot, fold)) else { continue };
            let passes = match earlier {
                Some((known, matches)) if version.born <= *known => matches.contains(slot),
                _ => filter.matches(slots.attributes(slot))?,
            };
            if passes {
                matches.insert(slot);
            }
        }
        Some(matches)
    }

    /// Those in both.
    pub fn and(mut self, other: &Self) -> Self {
        self.bits.resize(self.bits.len().min(other.bits.len()), 0);
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= other);
        self.count = self.bits.iter().map(|word| word.count_ones() as usize).sum();
        self
    }

    /// Whether to compare them all rather than to look for them in the graph.
    pub fn are_few(&self, live: usize) -> bool {
        self.count <= COMPARED_MIN || self.count * COMPARED_PART <= live
    }
}

/// Matches at an earlier fold.
pub(crate) type Earlier = (Seq, std::sync::Arc<Matches>);

/// Matches of filters that were asked for lately, the last one last.
#[derive(Default)]
pub(crate) struct KeptMatches(Vec<((u32, Seq), Filter, std::sync::Arc<Matches>)>);

impl KeptMatches {
    /// Of a graph, by its generation and the fold.
    pub fn get(&mut self, graph: (u32, Seq), filter: &Filter) -> Option<std::sync::Arc<Matches>> {
        let at = self.0.iter().position(|(of, known, _)| *of == graph && known == filter)?;
        let kept = self.0.remove(at);
        let matches = kept.2.clone();
        self.0.push(kept);
        Some(matches)
    }

    /// The latest there is of a filter at a fold from `floor` on and before that of a graph.
    pub fn earlier(&self, (generation, fold): (u32, Seq), floor: Seq, filter: &Filter) -> Option<Earlier> {
        let of = |((of, known), filtered, matches): &((u32, Seq), Filter, std::sync::Arc<Matches>)| {
            let is_earlier = *of == generation && (floor..fold).contains(known) && filtered == filter;
            is_earlier.then(|| (*known, matches.clone()))
        };
        self.0.iter().filter_map(of).max_by_key(|(known, _)| *known)
    }

    /// Keeps matches, instead of those of the same filter at an earlier fold.
    pub fn insert(&mut self, graph: (u32, Seq), filter: &Filter, matches: std::sync::Arc<Matches>) {
        self.0.retain(|(of, known, _)| *of > graph || known != filter);
        if self.0.len() == KEPT {
            self.0.remove(0);
        }
        self.0.push((graph, filter.clone(), matches));
    }
}
