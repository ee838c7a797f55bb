//! How links are led away from dead slots, after Singh et al., "FreshDiskANN: A fast and accurate graph-based ANN index for
//! streaming similarity search", 2021; and how slots are found to which no links lead.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::graph::{Graph, lock};
use crate::link::ProceedAll;
use crate::query::Query;
use crate::scratch::{Candidate, Scratch, Visited};
use crate::search::{End, LINKING_DESCENT_WIDTH, slot_of};
use crate::slots::{ADDED, DEAD, DETACHED, NODE, NONE, TWIN};

/// Slots that one piece of work looks at.
const PIECE: usize = 256;

impl Graph {
    /// Detaches dead slots: whoever links to one is linked to its neighbors instead, as far as those are needed. The whole
    /// graph is looked at, so many slots should be given at once; thousands take no longer than tens. Searches may go on
    /// meanwhile. Slots that were detached already are passed over, so a call that failed can be made again.
    ///
    /// # Errors
    /// [`Error::Slot`] when one was not removed, before anything is changed; [`Error::Stopped`] and what the source of codes
    /// fails with, when none is detached, and some links are led elsewhere.
    pub fn repair(&self, dead: &[u32], threads: usize, proceed: ProceedAll<'_>) -> Result<()> {
        let _maintenance = lock(&self.maintenance);
        let count = self.slots.count();
        let mut leaving = Visited::default();
        leaving.clear(count);
        for &slot in dead {
            let state = if (slot as usize) < count { self.slots.state(slot) } else { 0 };
            if state & DEAD == 0 && state != DETACHED {
                return Err(Error::Slot { slot, needs: "removed" });
            }
            if state != DETACHED {
                leaving.insert(slot);
            }
        }
        let heirs = self.promote(dead, &leaving);
        self.each(count.div_ceil(PIECE), threads, proceed, &|scratch, piece| {
            for slot in piece * PIECE..count.min((piece + 1) * PIECE) {
                self.lead_away(slot as u32, &leaving, &heirs, scratch)?;
            }
            Ok(())
        })?;
        if let Some((entry, _)) = self.entry()
            && leaving.contains(entry)
        {
            let _top = lock(&self.top);
            let stays = |&slot: &u32| self.slots.state(slot) & !DEAD == NODE && !leaving.contains(slot);
            self.set_entry((0..count as u32).filter(stays).max_by_key(|&slot| self.slots.level(slot)));
        }
        for &slot in dead.iter().filter(|&&slot| self.slots.state(slot) != DETACHED) {
            self.detach(slot);
        }
        Ok(())
    }

    /// Takes the leaving slots out of chains of twins. Where the chain's node leaves, its first twin that stays becomes a
    /// node with the same links. Gives these by the nodes they stand for.
    fn promote(&self, dead: &[u32], leaving: &Visited) -> HashMap<u32, u32> {
        let mut heirs = HashMap::new();
        for &slot in dead {
            let node = match self.slots.state(slot) & !DEAD {
                TWIN => self.slots.read_links(slot, 0).next().unwrap_or(slot),
                NODE => slot,
                _ => continue,
            };
            if self.slots.twin(node) == NONE {
                continue;
            }
            let _lock = self.lock(node);
            let staying: Vec<u32> = self.slots.twins(node).filter(|&twin| !leaving.contains(twin)).collect();
            let leaves = leaving.contains(node);
            let head = if leaves { staying.first().copied().unwrap_or(node) } else { node };
            let mut last = head;
            for &twin in staying.iter().filter(|&&twin| twin != head) {
                self.slots.set_twin(last, twin);
                self.slots.write_links(twin, 0, std::iter::once(head));
                last = twin;
            }
            self.slots.set_twin(last, NONE);
            if head != node {
                let shared = self.slots.level(head).min(self.slots.level(node));
                for level in 0..=shared {
                    self.slots.write_links(head, level, self.slots.read_links(node, level));
                }
                self.slots.set_kind(head, NODE);
                self.slots.set_twin(node, NONE);
                heirs.insert(node, head);
            }
        }
        heirs
    }

    /// Chooses a node's links anew on levels where one leads to a leaving slot.
    fn lead_away(&self, slot: u32, leaving: &Visited, heirs: &HashMap<u32, u32>, scratch: &mut Scratch) -> Result<()> {
        if self.slots.state(slot) & !DEAD != NODE || leaving.contains(slot) {
            return Ok(());
        }
        for level in 0..=self.slots.level(slot) {
            if !self.slots.read_links(slot, level).any(|link| leaving.contains(link)) {
                continue;
            }
            let _lock = self.lock(slot);
            let mut targets: Vec<u32> = Vec::new();
            for link in self.slots.read_links(slot, level) {
                match heirs.get(&link) {
                    _ if !leaving.contains(link) => targets.push(link),
                    Some(&heir) if self.slots.level(heir) >= level => targets.push(heir),
                    _ => targets
                        .extend(self.slots.read_links(link, level).map(|next| *heirs.get(&next).unwrap_or(&next))),
                }
            }
            targets.retain(|&target| target != slot && !leaving.contains(target) && self.slots.level(target) >= level);
            targets.sort_unstable();
            targets.dedup();
            let mut query = Query::empty();
            self.quantizer.query_of_code(self.codes.read(slot, &mut scratch.cold)?, &mut query);
            let mut near = Vec::with_capacity(targets.len());
            for target in targets {
                near.push(Candidate { slot: target, distance: self.distance(&query, target, &mut scratch.cold)? });
            }
            near.sort_unstable_by(Candidate::order);
            self.choose(scratch, &near, self.parameters.degree_at(level))?;
            self.slots.write_links(slot, level, scratch.chosen.iter().map(|candidate| candidate.slot));
        }
        Ok(())
    }

    /// The linked slots without a tombstone that no walk from the entry comes to, in order. They are found by no search
    /// until [`Graph::reconnect`].
    pub fn unreachable(&self) -> Vec<u32> {
        let reached = self.reached();
        let count = self.slots.count() as u32;
        let is_lost = |slot: u32| match self.slots.state(slot) {
            NODE => !reached.contains(slot),
            TWIN => self.slots.read_links(slot, 0).next().is_none_or(|node| !reached.contains(node)),
            _ => false,
        };
        (0..count).filter(|&slot| is_lost(slot)).collect()
    }

    /// The nodes that walks from the entry come to.
    fn reached(&self) -> Visited {
        let mut reached = Visited::default();
        reached.clear(self.slots.count());
        if let Some((entry, _)) = self.entry() {
            reached.insert(entry);
            self.reach_from(entry, &mut reached);
        }
        reached
    }

    fn reach_from(&self, slot: u32, reached: &mut Visited) {
        let mut waiting = vec![slot];
        while let Some(slot) = waiting.pop() {
            // On the lowest level alone: that is where searches end, and all they need.
            waiting.extend(self.slots.read_links(slot, 0).filter(|&link| reached.insert(link)));
        }
    }

    /// Leads links to all nodes that no walk comes to, and gives how many there were. Nothing that was reached before is
    /// lost: the link that makes room goes on over the newly linked slot.
    ///
    /// # Errors
    /// [`Error::Stopped`] and what the source of codes fails with, when some may be reached again.
    pub fn reconnect(&self, proceed: ProceedAll<'_>) -> Result<usize> {
        let _maintenance = lock(&self.maintenance);
        let mut reached = self.reached();
        let mut scratch = Scratch::new();
        let mut found = 0;
        for slot in 0..self.slots.count() as u32 {
            if self.slots.state(slot) & !DEAD != NODE || reached.contains(slot) {
                continue;
            }
            if !proceed() {
                return Err(Error::Stopped);
            }
            let Some(entry) = self.entry() else { break };
            let mut query = Query::empty();
            self.quantizer.query_of_code(self.codes.read(slot, &mut scratch.cold)?, &mut query);
            let start = self.descend(&mut scratch, &query, entry, 0, LINKING_DESCENT_WIDTH)?;
            let width = self.parameters.build_width;
            self.beam(&mut scratch, &query, start, 0, &End::of_width(width), &mut || true)?;
            let mut near: Vec<u32> = scratch.pool.iter().map(slot_of).filter(|&near| reached.contains(near)).collect();
            // The upper levels may lead to where only the lost ones are.
            if near.is_empty() {
                near.push(entry.0);
            }
            self.lead_to(slot, &near);
            reached.insert(slot);
            self.reach_from(slot, &mut reached);
            found += 1;
        }
        Ok(found)
    }

    /// Links the nearest slot that has room to `slot`; where none has, the nearest one's farthest link is handed over.
    fn lead_to(&self, slot: u32, near: &[u32]) {
        let degree = self.parameters.degree_at(0);
        let Some(&nearest) = near.first() else { return };
        let with_room = near.iter().copied().find(|&near| self.slots.read_links(near, 0).count() < degree);
        let from = with_room.unwrap_or(nearest);
        let mut links: Vec<u32> = self.slots.read_links(from, 0).collect();
        if links.len() == degree
            && let Some(handed) = links.pop()
            && handed != slot
        {
            let mut own: Vec<u32> = self.slots.read_links(slot, 0).filter(|&link| link != handed).collect();
            own.truncate(degree - 1);
            own.push(handed);
            let _lock = self.lock(slot);
            self.slots.write_links(slot, 0, own.into_iter());
        }
        links.push(slot);
        let _lock = self.lock(from);
        self.slots.write_links(from, 0, links.into_iter());
    }

    /// Whether the slot has a code and no links yet.
    pub fn is_added(&self, slot: u32) -> bool {
        (slot as usize) < self.slots.count() && self.slots.state(slot) == ADDED
    }
}
