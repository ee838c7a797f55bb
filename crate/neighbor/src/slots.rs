//! Links and states of all slots, on flat slabs.
//!
//! Everything here may change while searches walk over it. A search that meets a list half changed sees some old and some
//! new links, all of them of slots; that is as good. What a slot number means changes only under `&mut`.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

use crate::parameters::Parameters;
use crate::random::Random;

/// Ends a list of links, and a chain of twins.
pub(crate) const NONE: u32 = u32::MAX;
/// The highest slot number; the bit above marks candidates during a search.
pub(crate) const SLOT_MAX: u32 = (1 << 31) - 2;
/// Levels above the lowest one, at most.
pub(crate) const LEVEL_MAX: usize = 12;

/// What a slot is; [`DEAD`] may be added to all but the first and the last.
pub(crate) const FREE: u8 = 0;
/// It has a code, and no links.
pub(crate) const ADDED: u8 = 1;
/// It is linked.
pub(crate) const NODE: u8 = 2;
/// It has the same code as a node, hangs in that node's chain, and has the node as its only link.
pub(crate) const TWIN: u8 = 3;
/// It is dead, and no link leads to it.
pub(crate) const DETACHED: u8 = 4;
/// The tombstone.
pub(crate) const DEAD: u8 = 8;

const CHUNK_SHIFT: u32 = 9;
const CHUNK_SLOTS: usize = 1 << CHUNK_SHIFT;

struct Chunk {
    links: Box<[AtomicU32]>,
    states: Box<[AtomicU8]>,
    twins: Box<[AtomicU32]>,
    /// Where the rows of the higher levels begin.
    uppers: Box<[u32]>,
    dirty: Box<[AtomicU64]>,
}

pub(crate) struct Slots {
    degree: usize,
    upper_degree: usize,
    seed: u64,
    count: usize,
    chunks: Vec<Chunk>,
    upper_links: Vec<AtomicU32>,
    /// Whether there was ever a twin: in most graphs there is none to look for behind each slot that was found.
    has_twins: AtomicBool,
}

fn unlinked(count: usize) -> impl Iterator<Item = AtomicU32> {
    (0..count).map(|_| AtomicU32::new(NONE))
}

impl Slots {
    pub fn new(parameters: &Parameters) -> Self {
        Self {
            degree: parameters.degree_at(0),
            upper_degree: parameters.degree_at(1),
            seed: parameters.seed,
            count: 0,
            chunks: Vec::new(),
            upper_links: Vec::new(),
            has_twins: AtomicBool::new(false),
        }
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// The highest level of a slot, by its number alone: each level has half the degree times fewer slots than the one
    /// below.
    pub fn level(&self, slot: u32) -> usize {
        let mut draw = Random::new(self.seed ^ (u64::from(slot) << 20)).next();
        let mut level = 0;
        let parts = self.upper_degree as u64;
        while level < LEVEL_MAX && draw.is_multiple_of(parts) {
            (draw, level) = (draw / parts, level + 1);
        }
        level
    }

    /// Makes a new slot, which is free.
    pub fn push(&mut self) -> u32 {
        if self.count == self.chunks.len() * CHUNK_SLOTS {
            self.chunks.push(Chunk {
                links: unlinked(CHUNK_SLOTS * self.degree).collect(),
                states: (0..CHUNK_SLOTS).map(|_| AtomicU8::new(FREE)).collect(),
                twins: unlinked(CHUNK_SLOTS).collect(),
                uppers: vec![0; CHUNK_SLOTS].into(),
                dirty: (0..CHUNK_SLOTS / 64).map(|_| AtomicU64::new(0)).collect(),
            });
        }
        let slot = self.count as u32;
        let level = self.level(slot);
        if level > 0
            && let Some(chunk) = self.chunks.last_mut()
        {
            chunk.uppers[slot as usize % CHUNK_SLOTS] = (self.upper_links.len() / self.upper_degree) as u32;
            self.upper_links.extend(unlinked(level * self.upper_degree));
        }
        self.count += 1;
        slot
    }

    #[inline]
    fn chunk(&self, slot: u32) -> (&Chunk, usize) {
        (&self.chunks[slot as usize >> CHUNK_SHIFT], slot as usize & (CHUNK_SLOTS - 1))
    }

    /// The links on a level that the slot has.
    #[inline]
    pub fn links(&self, slot: u32, level: usize) -> &[AtomicU32] {
        let (chunk, at) = self.chunk(slot);
        if level == 0 {
            return &chunk.links[at * self.degree..][..self.degree];
        }
        let row = chunk.uppers[at] as usize + level - 1;
        &self.upper_links[row * self.upper_degree..][..self.upper_degree]
    }

    /// The links on a level as numbers, behind one another.
    pub fn read_links(&self, slot: u32, level: usize) -> impl Iterator<Item = u32> {
        self.links(slot, level).iter().map(|link| link.load(Ordering::Relaxed)).take_while(|&link| link != NONE)
    }

    /// Replaces the links on a level.
    pub fn write_links(&self, slot: u32, level: usize, links: impl Iterator<Item = u32>) {
        let rest = std::iter::repeat(NONE);
        self.links(slot, level).iter().zip(links.chain(rest)).for_each(|(to, link)| to.store(link, Ordering::Relaxed));
        self.mark_dirty(slot);
    }

    #[inline]
    pub fn state(&self, slot: u32) -> u8 {
        let (chunk, at) = self.chunk(slot);
        chunk.states[at].load(Ordering::Acquire)
    }

    /// Whether the slot is a node or a twin without a tombstone.
    #[inline]
    pub fn is_live(&self, slot: u32) -> bool {
        matches!(self.state(slot), NODE | TWIN)
    }

    pub fn set_state(&self, slot: u32, state: u8) {
        let (chunk, at) = self.chunk(slot);
        chunk.states[at].store(state, Ordering::Release);
        self.mark_dirty(slot);
    }

    /// Sets what the slot is, and keeps its tombstone.
    pub fn set_kind(&self, slot: u32, kind: u8) {
        let (chunk, at) = self.chunk(slot);
        // The tombstone may come at any time; no other bit does while links are changed.
        chunk.states[at].fetch_and(DEAD, Ordering::AcqRel);
        chunk.states[at].fetch_or(kind, Ordering::AcqRel);
        self.mark_dirty(slot);
    }

    /// Sets the tombstone; `false` when the slot had it, or is none that can have it.
    pub fn bury(&self, slot: u32) -> bool {
        if slot as usize >= self.count || !matches!(self.state(slot), ADDED | NODE | TWIN) {
            return false;
        }
        let (chunk, at) = self.chunk(slot);
        self.mark_dirty(slot);
        chunk.states[at].fetch_or(DEAD, Ordering::AcqRel) & DEAD == 0
    }

    #[inline]
    pub fn twin(&self, slot: u32) -> u32 {
        let (chunk, at) = self.chunk(slot);
        chunk.twins[at].load(Ordering::Acquire)
    }

    pub fn set_twin(&self, slot: u32, twin: u32) {
        if twin != NONE {
            self.has_twins.store(true, Ordering::Release);
        }
        let (chunk, at) = self.chunk(slot);
        chunk.twins[at].store(twin, Ordering::Release);
        self.mark_dirty(slot);
    }

    /// The chain of twins behind a slot. It ends even where a change under way makes it look like a ring.
    pub fn twins(&self, slot: u32) -> impl Iterator<Item = u32> {
        let next = |slot: u32| Some(self.twin(slot)).filter(|&twin| twin != NONE);
        let first = if self.has_twins.load(Ordering::Acquire) { next(slot) } else { None };
        std::iter::successors(first, move |&slot| next(slot)).take(self.count)
    }

    pub fn mark_dirty(&self, slot: u32) {
        let (chunk, at) = self.chunk(slot);
        chunk.dirty[at / 64].fetch_or(1 << (at % 64), Ordering::AcqRel);
    }

    /// Gives the slots that are marked, in order, and unmarks them.
    pub fn drain_dirty(&self, slots: &mut Vec<u32>) {
        for (chunk, first) in self.chunks.iter().zip((0..).step_by(CHUNK_SLOTS)) {
            for (word, first) in chunk.dirty.iter().zip((first..).step_by(64)) {
                let mut bits = word.swap(0, Ordering::AcqRel);
                while bits != 0 {
                    slots.push(first + bits.trailing_zeros());
                    bits &= bits - 1;
                }
            }
        }
    }

    pub fn memory_bytes(&self) -> usize {
        let slot = self.degree * 4 + 1 + 4 + 4;
        self.chunks.len() * (CHUNK_SLOTS * slot + CHUNK_SLOTS / 8) + self.upper_links.capacity() * 4
    }
}
