//! What a search needs besides the graph, kept from one to the next.

use std::cmp::Ordering;

use crate::query::Query;

/// A slot and its distance by codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The slot.
    pub slot: u32,
    /// Its distance; smaller is nearer.
    pub distance: f32,
}

impl Candidate {
    /// The order of what is near, ties by slot.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.slot.cmp(&other.slot))
    }
}

/// Buffers of a search. One for each thread, for any graph.
pub struct Scratch {
    pub(crate) visited: Visited,
    /// The nearest candidates, sorted, those whose links were followed marked; in a search that refuses slots those whose
    /// links were not, the nearest last.
    pub(crate) pool: Vec<Candidate>,
    /// Neighbors of the slot that was last expanded, not seen before.
    pub(crate) batch: Vec<Candidate>,
    /// Slots that were visited on a level above the lowest.
    pub(crate) touched: Vec<u32>,
    pub(crate) cold: Vec<u8>,
    pub(crate) evaluations: usize,
    /// Where a walk on the lowest level ends at the latest.
    pub(crate) evaluations_max: usize,
    pub(crate) query: Query,
    pub(crate) probes: Vec<Query>,
    pub(crate) chosen: Vec<Candidate>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            visited: Visited::default(),
            pool: Vec::new(),
            batch: Vec::new(),
            touched: Vec::new(),
            cold: Vec::new(),
            evaluations: 0,
            evaluations_max: usize::MAX,
            query: Query::empty(),
            probes: Vec::new(),
            chosen: Vec::new(),
        }
    }
}

impl Scratch {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many distances the last search computed.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// Bytes it holds.
    pub fn memory_bytes(&self) -> usize {
        self.visited.0.capacity() * 8
            + (self.pool.capacity() + self.batch.capacity()) * size_of::<Candidate>()
            + self.cold.capacity()
    }
}

/// A bit for each slot.
#[derive(Default)]
pub(crate) struct Visited(Vec<u64>);

impl Visited {
    pub fn clear(&mut self, slots: usize) {
        self.0.clear();
        self.0.resize(slots.div_ceil(64), 0);
    }

    /// Marks a slot; `false` when it was, or is none.
    #[inline]
    pub fn insert(&mut self, slot: u32) -> bool {
        let Some(word) = self.0.get_mut(slot as usize / 64) else { return false };
        let bit = 1 << (slot % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    pub fn remove(&mut self, slot: u32) {
        if let Some(word) = self.0.get_mut(slot as usize / 64) {
            *word &= !(1 << (slot % 64));
        }
    }

    #[inline]
    pub fn contains(&self, slot: u32) -> bool {
        self.0.get(slot as usize / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
    }
}
