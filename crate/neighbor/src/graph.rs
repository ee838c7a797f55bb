//! The graph: slots, their codes and their links.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::codes::{CodeSource, Codes};
use crate::error::{Error, Result};
use crate::parameters::Parameters;
use crate::quantizer::Quantizer;
use crate::slots::{ADDED, DEAD, DETACHED, FREE, NONE, SLOT_MAX, Slots, TWIN};

/// Locks of lists of links; a slot's is that of its number modulo this.
const LOCKS: usize = 1024;

/// A graph of slots in which near ones are linked; see the crate's documentation.
pub struct Graph {
    pub(crate) parameters: Parameters,
    pub(crate) quantizer: Quantizer,
    pub(crate) codes: Codes,
    pub(crate) slots: Slots,
    pub(crate) free: Vec<u32>,
    /// Where searches begin: a level above, a slot below, or [`NONE`].
    entry: AtomicU64,
    /// Tombstones, of slots that are not detached yet.
    pub(crate) dead: AtomicUsize,
    locks: Box<[Mutex<()>]>,
    /// Held by whoever changes links on a large scale, and by whoever changes the entry.
    pub(crate) maintenance: Mutex<()>,
    pub(crate) top: Mutex<()>,
}

/// How many slots there are, by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Slots in all: the highest number and one.
    pub slots: usize,
    /// Linked and not removed.
    pub live: usize,
    /// Of the live ones, those with the same code as another one.
    pub twins: usize,
    /// Added and not linked yet.
    pub added: usize,
    /// Removed, and still links of others.
    pub dead: usize,
    /// Removed, and no link of others.
    pub detached: usize,
    /// Free to be used again.
    pub free: usize,
}

impl Graph {
    /// An empty one.
    ///
    /// # Errors
    /// [`Error::Argument`] when the parameters are not good.
    pub fn new(parameters: Parameters, quantizer: Quantizer) -> Result<Self> {
        Self::with_source(parameters, quantizer, None)
    }

    pub(crate) fn with_source(
        parameters: Parameters,
        quantizer: Quantizer,
        source: Option<Arc<dyn CodeSource>>,
    ) -> Result<Self> {
        parameters.check()?;
        Ok(Self {
            codes: Codes::new(quantizer.code_bytes(), source),
            slots: Slots::new(&parameters),
            parameters,
            quantizer,
            free: Vec::new(),
            entry: AtomicU64::new(u64::from(NONE)),
            dead: AtomicUsize::new(0),
            locks: (0..LOCKS).map(|_| Mutex::new(())).collect(),
            maintenance: Mutex::new(()),
            top: Mutex::new(()),
        })
    }

    /// What it was made with.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// What made its codes.
    pub fn quantizer(&self) -> &Quantizer {
        &self.quantizer
    }

    /// Takes a slot, one that was freed or a new one, and puts a code into it. Searches do not find it before it is linked.
    ///
    /// # Errors
    /// [`Error::Argument`] when the code is not one of this graph's quantizer, [`Error::Full`], and what the source of
    /// codes fails with; then nothing was added.
    pub fn add(&mut self, code: &[u8]) -> Result<u32> {
        if code.len() != self.codes.code_bytes() {
            return Err(Error::Argument { name: "code", needs: "of the quantizer's length" });
        }
        let slot = match self.free.last() {
            Some(&slot) => slot,
            None => {
                if self.slots.count() > SLOT_MAX as usize {
                    return Err(Error::Full);
                }
                let slot = self.slots.push();
                self.codes.reserve(self.slots.count());
                self.free.push(slot);
                slot
            }
        };
        let slots = &self.slots;
        let is_used = |slot: u32| (slot as usize) < slots.count() && slots.state(slot) != FREE;
        self.codes.write(slot, code, &is_used)?;
        self.free.pop();
        self.slots.set_state(slot, ADDED);
        Ok(slot)
    }

    /// Sets the tombstone of a slot: searches walk over it, and give it only to a caller's `accept` that takes it. `false`
    /// when the slot has one already, or is free.
    pub fn remove(&self, slot: u32) -> bool {
        let is_new = self.slots.bury(slot);
        if is_new {
            self.dead.fetch_add(1, Ordering::AcqRel);
        }
        is_new
    }

    /// Makes slots free to be used again. That needs `&mut`, so that no search is under way that still knows them.
    ///
    /// # Errors
    /// [`Error::Slot`] when one was not detached by [`Graph::repair`]; then none was freed.
    pub fn free(&mut self, slots: &[u32]) -> Result<()> {
        let detached = |slot: u32| (slot as usize) < self.slots.count() && self.slots.state(slot) == DETACHED;
        if let Some(&slot) = slots.iter().find(|&&slot| !detached(slot)) {
            return Err(Error::Slot { slot, needs: "detached" });
        }
        for &slot in slots {
            if self.slots.state(slot) == DETACHED {
                self.slots.set_state(slot, FREE);
                self.free.push(slot);
            }
        }
        Ok(())
    }

    /// The code of a slot, when it is in memory.
    pub fn code(&self, slot: u32) -> Option<&[u8]> {
        ((slot as usize) < self.slots.count()).then(|| self.codes.get(slot))?
    }

    /// How many slots have their codes in one chunk: chunk `c` has those of slots `c · n` to `(c + 1) · n − 1`.
    pub fn chunk_slots(&self) -> usize {
        self.codes.chunk_slots()
    }

    /// The chunks whose codes are not in memory.
    pub fn missing_chunks(&self) -> impl Iterator<Item = usize> {
        (0..self.codes.chunks()).filter(|&chunk| !self.codes.has(chunk))
    }

    /// Puts the codes of a chunk into memory: those of its slots in order, each of the quantizer's length, anything for free
    /// slots; what is left out behind is anything, too. Searches may go on meanwhile. Nothing happens when they are there.
    ///
    /// # Errors
    /// [`Error::Argument`] for a chunk that is not there, or codes that do not fit.
    pub fn fill(&self, chunk: usize, codes: &[u8]) -> Result<()> {
        self.codes.fill(chunk, codes)
    }

    /// Adds the slots whose record ([`Graph::record`]) has changed since this was last asked, in order.
    pub fn drain_dirty(&self, slots: &mut Vec<u32>) {
        self.slots.drain_dirty(slots);
    }

    /// Marks a slot as changed, for one whose record could not be written after all.
    pub fn mark_dirty(&self, slot: u32) {
        if (slot as usize) < self.slots.count() {
            self.slots.mark_dirty(slot);
        }
    }

    /// Counts the slots; takes time with their number.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { slots: self.slots.count(), ..Counts::default() };
        for slot in 0..self.slots.count() as u32 {
            match self.slots.state(slot) {
                FREE => counts.free += 1,
                ADDED => counts.added += 1,
                DETACHED => counts.detached += 1,
                state if state & DEAD != 0 => counts.dead += 1,
                state => {
                    counts.live += 1;
                    counts.twins += usize::from(state == TWIN);
                }
            }
        }
        counts
    }

    /// How many slots there are: the highest number and one.
    pub fn slots(&self) -> usize {
        self.slots.count()
    }

    /// The slots that are detached, and so may be freed.
    pub fn detached(&self) -> Vec<u32> {
        (0..self.slots.count() as u32).filter(|&slot| self.slots.state(slot) == DETACHED).collect()
    }

    /// Bytes it holds.
    pub fn memory_bytes(&self) -> usize {
        let locks = self.locks.len() * size_of::<Mutex<()>>();
        self.codes.memory_bytes() + self.slots.memory_bytes() + self.free.capacity() * 4 + locks
    }

    /// The slot where searches begin, and its level.
    pub(crate) fn entry(&self) -> Option<(u32, usize)> {
        let entry = self.entry.load(Ordering::Acquire);
        (entry as u32 != NONE).then_some((entry as u32, (entry >> 32) as usize))
    }

    pub(crate) fn set_entry(&self, entry: Option<u32>) {
        let level = entry.map_or(0, |slot| self.slots.level(slot)) as u64;
        self.entry.store(level << 32 | u64::from(entry.unwrap_or(NONE)), Ordering::Release);
    }

    /// The lock of a slot's links.
    pub(crate) fn lock(&self, slot: u32) -> MutexGuard<'_, ()> {
        lock(&self.locks[slot as usize % LOCKS])
    }
}

/// Guards no data that a panic could leave half changed.
pub(crate) fn lock(mutex: &Mutex<()>) -> MutexGuard<'_, ()> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
