//! What of a slot is written down beside its code, and how a graph is made of it again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::codes::CodeSource;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::parameters::Parameters;
use crate::quantizer::Quantizer;
use crate::scratch::Visited;
use crate::slots::{ADDED, DEAD, DETACHED, FREE, NODE, NONE, SLOT_MAX, TWIN};

impl Graph {
    /// Adds a slot's record: what it is, its twin, and for each of its levels the number of links and the links, as slot
    /// numbers. All of it is numbers below 2³¹, or 2³² − 1 for no twin.
    ///
    /// # Errors
    /// [`Error::Slot`] when there is no such slot.
    pub fn record(&self, slot: u32, record: &mut Vec<u32>) -> Result<()> {
        if slot as usize >= self.slots.count() {
            return Err(Error::Slot { slot, needs: "one the graph has" });
        }
        let state = self.slots.state(slot);
        record.push(u32::from(state));
        if !matches!(state & !DEAD, NODE | TWIN) {
            return Ok(());
        }
        record.push(self.slots.twin(slot));
        let levels = if state & !DEAD == TWIN { 0 } else { self.slots.level(slot) };
        for level in 0..=levels {
            let at = record.len();
            record.push(0);
            record.extend(self.slots.read_links(slot, level));
            record[at] = (record.len() - at - 1) as u32;
        }
        Ok(())
    }
}

/// A graph that is put together out of records.
pub struct Assembly {
    graph: Graph,
}

impl Assembly {
    /// A graph of so many slots, all of them free. Codes are read from the source as searches meet them, until the chunk
    /// they are in was filled; without one, all chunks must be filled before the first search.
    ///
    /// # Errors
    /// [`Error::Argument`] when the parameters are not good, [`Error::Full`].
    pub fn new(
        parameters: Parameters,
        quantizer: Quantizer,
        slots: usize,
        source: Option<Arc<dyn CodeSource>>,
    ) -> Result<Self> {
        if slots > SLOT_MAX as usize + 1 {
            return Err(Error::Full);
        }
        let mut graph = Graph::with_source(parameters, quantizer, source)?;
        for _ in 0..slots {
            graph.slots.push();
        }
        graph.codes.reserve(slots);
        Ok(Self { graph })
    }

    /// Takes a slot's record, as [`Graph::record`] gave it.
    ///
    /// # Errors
    /// [`Error::Slot`] for a slot that is not there, [`Error::Damaged`] for a record that is not one of that slot.
    pub fn record(&mut self, slot: u32, record: &[u32]) -> Result<()> {
        let slots = &self.graph.slots;
        let count = slots.count();
        if slot as usize >= count {
            return Err(Error::Slot { slot, needs: "one the graph has" });
        }
        let damaged = |what| Err(Error::Damaged { slot, what });
        let is_slot = |&link: &u32| (link as usize) < count && link != slot;
        let Some((&state, rest)) = record.split_first() else { return damaged("it is empty") };
        let state = u8::try_from(state).unwrap_or(u8::MAX);
        let kind = state & !DEAD;
        match kind {
            NODE | TWIN => {}
            ADDED if rest.is_empty() => {}
            FREE | DETACHED if rest.is_empty() && state & DEAD == 0 => {}
            _ => return damaged("it is no state"),
        }
        if let (NODE | TWIN, Some((&twin, mut rest))) = (kind, rest.split_first()) {
            if twin != NONE && !is_slot(&twin) {
                return damaged("its twin is no slot");
            }
            let levels = if kind == TWIN { 0 } else { slots.level(slot) };
            for level in 0..=levels {
                let Some((&count, behind)) = rest.split_first() else { return damaged("levels are missing") };
                let links = slots.links(slot, level);
                if count as usize > links.len().min(behind.len()) || (kind == TWIN && count != 1) {
                    return damaged("its number of links cannot be");
                }
                let (numbers, behind) = behind.split_at(count as usize);
                if !numbers.iter().all(is_slot) {
                    return damaged("a link is no slot");
                }
                links.iter().zip(numbers).for_each(|(to, &link)| to.store(link, Ordering::Relaxed));
                rest = behind;
            }
            if !rest.is_empty() {
                return damaged("it is too long");
            }
            slots.set_twin(slot, twin);
        } else if matches!(kind, NODE | TWIN) {
            return damaged("its twin is missing");
        }
        slots.set_state(slot, state);
        Ok(())
    }

    /// The whole graph, after every record was taken; slots without one are free.
    ///
    /// # Errors
    /// [`Error::Damaged`] when records do not fit together: a link to a slot that is no node, or has not the level; a chain
    /// of twins that belongs to no node or to two, or is a ring.
    pub fn finish(mut self) -> Result<Graph> {
        let count = self.graph.slots.count() as u32;
        let mut chained = Visited::default();
        chained.clear(count as usize);
        let slots = &self.graph.slots;
        let mut dead = 0;
        let mut highest: Option<(usize, u32)> = None;
        for slot in 0..count {
            let state = slots.state(slot);
            dead += usize::from(state & DEAD != 0);
            if state & !DEAD != NODE {
                continue;
            }
            let damaged = |what| Err(Error::Damaged { slot, what });
            let top = slots.level(slot);
            if highest.is_none_or(|(level, _)| top > level) {
                highest = Some((top, slot));
            }
            for level in 0..=top {
                let is_good =
                    |link: u32| slots.state(link) & !DEAD == NODE && (level == 0 || slots.level(link) >= level);
                if !slots.read_links(slot, level).all(is_good) {
                    return damaged("a link is to no node of the level");
                }
            }
            for twin in slots.twins(slot) {
                if slots.state(twin) & !DEAD != TWIN || slots.links(twin, 0)[0].load(Ordering::Relaxed) != slot {
                    return damaged("a twin of it is none");
                }
                if !chained.insert(twin) {
                    return damaged("its twins are a ring");
                }
            }
        }
        if let Some(slot) = (0..count).find(|&slot| slots.state(slot) & !DEAD == TWIN && !chained.contains(slot)) {
            return Err(Error::Damaged { slot, what: "it is the twin of none" });
        }
        self.graph.free.extend((0..count).rev().filter(|&slot| slots.state(slot) == FREE));
        self.graph.dead.store(dead, Ordering::Release);
        self.graph.set_entry(highest.map(|(_, slot)| slot));
        self.graph.drain_dirty(&mut Vec::new());
        Ok(self.graph)
    }
}
