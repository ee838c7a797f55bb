//! Which way a search goes, and the slots that a restricted one is about.

use std::ops::Range;
use std::sync::Arc;

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
    /// Vectors whose attributes were read one by one to know whether they match; none of those that are found in the order of
    /// an attribute's values, nor of what is kept of an earlier search.
    pub tested: u64,
}

/// Up to so many matches their codes are compared, and up to so many times the square root of all: among more vectors a walk
/// meets a smaller part of them.
const COMPARED_MIN: usize = 1_000;
const COMPARED_ROOTS: usize = 11;
/// Filters whose matches are kept.
const KEPT: usize = 16;

/// Slots: a list of them, or where they are not few a bit for each.
#[derive(Clone, Default)]
pub(crate) struct Matches {
    /// Ascending; empty where there are bits.
    listed: Vec<u32>,
    bits: Vec<u64>,
    pub count: usize,
}

impl Matches {
    /// None of so many slots.
    pub fn new(slots: usize) -> Self {
        Self { listed: Vec::new(), bits: vec![0; slots.div_ceil(64)], count: 0 }
    }

    /// The slots of runs of an order.
    pub fn of_runs(slots: usize, order: &[u32], runs: &[Range<usize>]) -> Self {
        let runs = runs.iter().map(|run| &order[run.clone()]);
        if runs.clone().map(<[u32]>::len).sum::<usize>() <= listed_max(slots) {
            let mut listed = Vec::new();
            runs.for_each(|run| listed.extend_from_slice(run));
            return Self::of_listed(listed);
        }
        let mut matches = Self::new(slots);
        runs.for_each(|run| run.iter().for_each(|&slot| matches.insert(slot)));
        matches
    }

    fn of_listed(mut listed: Vec<u32>) -> Self {
        // Runs of one value are sorted.
        listed.sort_unstable();
        listed.dedup();
        Self { count: listed.len(), bits: Vec::new(), listed }
    }

    /// Whether they are a list.
    pub fn is_listed(&self) -> bool {
        self.bits.is_empty()
    }

    /// Adds a slot to those that have bits.
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
        match self.bits.get(slot as usize / 64) {
            Some(word) => word >> (slot % 64) & 1 == 1,
            None => self.listed.binary_search(&slot).is_ok(),
        }
    }

    /// The slots, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let with_bits = self.bits.iter().enumerate().flat_map(|(at, &word)| {
            let next = |word: &u64| Some(word & (word - 1)).filter(|&left| left != 0);
            let words = std::iter::successors(Some(word).filter(|&word| word != 0), next);
            words.map(move |word| at as u32 * 64 + word.trailing_zeros())
        });
        self.listed.iter().copied().chain(with_bits)
    }

    /// Those of the slots that a reader behind a fold has.
    pub fn visible(slots: &SlotTable, fold: Seq) -> Self {
        let mut matches = Self::new(slots.len());
        (0..slots.len() as u32).filter(|&slot| slots.is_visible(slot, fold)).for_each(|slot| matches.insert(slot));
        matches
    }

    /// Those of the slots that a reader behind a fold has and whose attributes pass, which are read one by one; `None` when some
    /// are damaged. Versions that were there at an earlier fold are as they were: only what is new since is looked at.
    pub fn of_filter(
        slots: &SlotTable,
        filter: &Filter,
        fold: Seq,
        earlier: Option<&Earlier>,
        tested: &mut u64,
    ) -> Option<Self> {
        let mut matches = Self::new(slots.len());
        for slot in 0..slots.len() as u32 {
            let Some(version) = slots.get(slot).filter(|_| slots.is_visible(slot, fold)) else { continue };
            let passes = match earlier {
                Some((known, matches)) if version.born <= *known => matches.contains(slot),
                _ => {
                    *tested += 1;
                    filter.matches(slots.attributes(slot))?
                }
            };
            if passes {
                matches.insert(slot);
            }
        }
        Some(matches)
    }

    /// Leaves those that it is told to keep.
    pub fn retain(&mut self, keep: &mut dyn FnMut(u32) -> bool) {
        self.listed.retain(|&slot| keep(slot));
        for (at, word) in self.bits.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !keep(at as u32 * 64 + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
        self.recount();
    }

    /// Those in both.
    pub fn and(mut self, other: &Self) -> Self {
        match (self.is_listed(), other.is_listed()) {
            (true, _) => self.retain(&mut |slot| other.contains(slot)),
            (false, true) => {
                let mut listed = other.clone();
                listed.retain(&mut |slot| self.contains(slot));
                return listed;
            }
            (false, false) => {
                self.bits.resize(self.bits.len().min(other.bits.len()), 0);
                self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= other);
                self.recount();
            }
        }
        self
    }

    /// Adds others, of so many slots.
    pub fn add(&mut self, other: &Self, slots: usize) {
        if self.is_listed() {
            let listed = std::mem::take(&mut self.listed);
            if other.is_listed() && listed.len() + other.count <= listed_max(slots) {
                *self = Self::of_listed([&listed[..], &other.listed].concat());
                return;
            }
            *self = Self::new(slots);
            listed.into_iter().for_each(|slot| self.insert(slot));
        }
        other.listed.iter().for_each(|&slot| self.insert(slot));
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word |= other);
        self.recount();
    }

    /// Leaves those that are not among others.
    pub fn remove(&mut self, other: &Self) {
        if self.is_listed() || other.is_listed() {
            return self.retain(&mut |slot| !other.contains(slot));
        }
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= !other);
        self.recount();
    }

    fn recount(&mut self) {
        self.count = self.listed.len() + self.bits.iter().map(|word| word.count_ones() as usize).sum::<usize>();
    }

    /// Whether to compare them all rather than to look for them in the graph.
    pub fn are_few(&self, live: usize) -> bool {
        self.count <= COMPARED_MIN || self.count <= COMPARED_ROOTS * live.isqrt()
    }
}

/// Up to so many of all slots a list takes no more than bits do, about.
fn listed_max(slots: usize) -> usize {
    (slots / 64).max(64)
}

/// Matches at an earlier fold.
pub(crate) type Earlier = (Seq, Arc<Matches>);

/// Matches of filters that were asked for lately, the last one last.
#[derive(Default)]
pub(crate) struct KeptMatches {
    of_filter: Vec<((u32, Seq), Filter, Arc<Matches>)>,
    /// All that readers have.
    visible: Option<((u32, Seq), Arc<Matches>)>,
}

impl KeptMatches {
    /// All slots that readers behind a fold of a graph have.
    pub fn visible(&mut self, graph: (u32, Seq), slots: &SlotTable) -> Arc<Matches> {
        if let Some((of, visible)) = &self.visible
            && *of == graph
        {
            return visible.clone();
        }
        let visible = Arc::new(Matches::visible(slots, graph.1));
        self.visible = Some((graph, visible.clone()));
        visible
    }

    /// Of a graph, by its generation and the fold.
    pub fn get(&mut self, graph: (u32, Seq), filter: &Filter) -> Option<Arc<Matches>> {
        let at = self.of_filter.iter().position(|(of, known, _)| *of == graph && known == filter)?;
        let kept = self.of_filter.remove(at);
        let matches = kept.2.clone();
        self.of_filter.push(kept);
        Some(matches)
    }

    /// The latest there is of a filter at a fold from `floor` on and before that of a graph.
    pub fn earlier(&self, (generation, fold): (u32, Seq), floor: Seq, filter: &Filter) -> Option<Earlier> {
        let of = |((of, known), filtered, matches): &((u32, Seq), Filter, Arc<Matches>)| {
            let is_earlier = *of == generation && (floor..fold).contains(known) && filtered == filter;
            is_earlier.then(|| (*known, matches.clone()))
        };
        self.of_filter.iter().filter_map(of).max_by_key(|(known, _)| *known)
    }

    /// Keeps matches, instead of those of the same filter at an earlier fold.
    pub fn insert(&mut self, graph: (u32, Seq), filter: &Filter, matches: Arc<Matches>) {
        self.of_filter.retain(|(of, known, _)| *of > graph || known != filter);
        if self.of_filter.len() == KEPT {
            self.of_filter.remove(0);
        }
        self.of_filter.push((graph, filter.clone(), matches));
    }
}
