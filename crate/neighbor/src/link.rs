//! How a slot gets its links: what a search finds near to it, thinned out so that links lead in all directions
//! (Subramanya et al., "DiskANN: Fast accurate billion-point nearest neighbor search on a single node", 2019).

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::error::{Error, Result};
use crate::graph::{Graph, lock};
use crate::parameters::Metric;
use crate::query::Query;
use crate::scratch::{Candidate, Scratch};
use crate::search::{End, LINKING_DESCENT_WIDTH, slot_of};
use crate::simd::prefetch;
use crate::slots::{ADDED, DEAD, DETACHED, NODE, NONE, TWIN};

/// The part of a slot's links that leads on where no other one does.
const STRICT_PART: usize = 3;
/// The part of a list that is left free when it is chosen anew.
const ROOM_PART: usize = 8;
/// A slot is alone where its nearest one is so many times as far as that one's own neighbor, in squared distances; then it
/// chooses among so many times more candidates.
const ALONE: f32 = 4.0;
const ALONE_WIDTHS: usize = 4;
/// The most threads that are started.
const THREADS_MAX: usize = 64;

/// Asked by every thread before each slot whether to go on.
pub type ProceedAll<'a> = &'a (dyn Fn() -> bool + Sync);

impl Graph {
    /// Links slots that were added, with as many threads; searches find them from then on, and may go on meanwhile. Slots
    /// that are linked or were removed are passed over, so a call that failed can be made again.
    ///
    /// They are taken from all over the given ones in turn, since those that come one after the other may be alike: the first
    /// ones linked are what later ones are found by. One thread gives the same graph each time; several give graphs that
    /// are as good.
    ///
    /// # Errors
    /// [`Error::Slot`] when one has no code, before any is linked; [`Error::Stopped`] and what the source of codes fails
    /// with, when some may be linked.
    pub fn link(&self, slots: &[u32], threads: usize, proceed: ProceedAll<'_>) -> Result<()> {
        let has_code = |slot: u32| (slot as usize) < self.slots.count() && self.slots.state(slot) != 0;
        if let Some(&slot) = slots.iter().find(|&&slot| !has_code(slot)) {
            return Err(Error::Slot { slot, needs: "added" });
        }
        let _maintenance = lock(&self.maintenance);
        let stride = stride_of(slots.len());
        self.each(slots.len(), threads, proceed, &|scratch, at| {
            self.link_one(slots[at * stride % slots.len()], scratch)
        })
    }

    /// Does a piece of work for each number below `count`, in their order but for what threads do at once.
    pub(crate) fn each(
        &self,
        count: usize,
        threads: usize,
        proceed: ProceedAll<'_>,
        work: &(dyn Fn(&mut Scratch, usize) -> Result<()> + Sync),
    ) -> Result<()> {
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let failure = Mutex::new(None);
        let run = || {
            let mut scratch = Scratch::new();
            while !failed.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    break;
                }
                let done = if proceed() { work(&mut scratch, at) } else { Err(Error::Stopped) };
                if let Err(error) = done {
                    failed.store(true, Ordering::Relaxed);
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.clamp(1, THREADS_MAX).min(count.max(1)) {
                // Where no thread can be started, this one does its part.
                let _ = std::thread::Builder::new().spawn_scoped(scope, run);
            }
            run();
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    /// Links one slot.
    pub(crate) fn link_one(&self, slot: u32, scratch: &mut Scratch) -> Result<()> {
        match self.slots.state(slot) {
            ADDED => {}
            state if state == ADDED | DEAD => {
                self.detach(slot);
                return Ok(());
            }
            _ => return Ok(()),
        }
        let mut code = Vec::new();
        code.extend_from_slice(self.codes.read(slot, &mut scratch.cold)?);
        let mut query = std::mem::replace(&mut scratch.query, Query::empty());
        self.quantizer.query_of_code(&code, &mut query);
        let done = self.link_code(slot, &code, &query, scratch);
        scratch.query = query;
        done
    }

    fn link_code(&self, slot: u32, code: &[u8], query: &Query, scratch: &mut Scratch) -> Result<()> {
        let level = self.slots.level(slot);
        let Some((entry, top)) = self.entry_or(slot) else { return Ok(()) };
        let mut start = self.descend(scratch, query, (entry, top), level, LINKING_DESCENT_WIDTH)?;
        let mut links: Vec<Vec<Candidate>> = Vec::new();
        for level in (0..=level.min(top)).rev() {
            let width = self.parameters.build_width;
            let ends_early = level == 0 && self.parameters.metric != Metric::Dot;
            let wanted = if ends_early { self.parameters.degree / 3 } else { width };
            self.beam(scratch, query, start, level, &End::new(width, wanted, 1.0), &mut || true)?;
            if self.is_alone(slot, level, scratch)? {
                scratch.visited.clear(self.slots.count());
                let width = width * ALONE_WIDTHS;
                self.beam(scratch, query, start, level, &End::of_width(width), &mut || true)?;
            }
            let mut near: Vec<Candidate> = Vec::with_capacity(scratch.pool.len());
            near.extend(scratch.pool.iter().map(|candidate| Candidate { slot: slot_of(candidate), ..*candidate }));
            near.retain(|candidate| candidate.slot != slot);
            if self.hang_on(slot, code, &near)? {
                return Ok(());
            }
            let Some(&nearest) = near.first() else { break };
            start = nearest;
            if near.iter().any(|candidate| self.slots.state(candidate.slot) & DEAD == 0) {
                near.retain(|candidate| self.slots.state(candidate.slot) & DEAD == 0);
            }
            self.choose(scratch, &near, self.parameters.degree_at(level))?;
            links.push(scratch.chosen.clone());
        }
        links.reverse();
        // Its own links first, on all levels, so that nobody finds it without.
        for (level, chosen) in links.iter().enumerate() {
            self.slots.write_links(slot, level, chosen.iter().map(|candidate| candidate.slot));
        }
        self.slots.set_kind(slot, NODE);
        for (level, chosen) in links.iter().enumerate() {
            for candidate in chosen {
                self.link_back(candidate.slot, Candidate { slot, ..*candidate }, level, scratch)?;
            }
        }
        if level > top {
            let _top = lock(&self.top);
            if self.entry().is_none_or(|(_, top)| level > top) {
                self.set_entry(Some(slot));
            }
        }
        Ok(())
    }

    /// Whether what the pool has nearest to a slot is much farther from it than from its own neighbor. Then the slot may be
    /// the first one of a group, and the candidates may be of one other group alone: others of its own that come to it from
    /// elsewhere would not find it.
    fn is_alone(&self, slot: u32, level: usize, scratch: &mut Scratch) -> Result<bool> {
        let Some(&nearest) = scratch.pool.iter().find(|candidate| slot_of(candidate) != slot) else { return Ok(false) };
        let Some(next) = self.slots.read_links(slot_of(&nearest), level).next() else { return Ok(false) };
        let Scratch { probes, cold, .. } = scratch;
        if probes.is_empty() {
            probes.push(Query::empty());
        }
        self.quantizer.query_of_code(self.codes.read(slot_of(&nearest), cold)?, &mut probes[0]);
        Ok(nearest.distance > ALONE * self.distance(&probes[0], next, cold)?)
    }

    /// The entry; where there is none, the slot becomes it, and there is nothing more to do.
    fn entry_or(&self, slot: u32) -> Option<(u32, usize)> {
        if self.entry().is_none() {
            let _top = lock(&self.top);
            if self.entry().is_none() {
                self.slots.set_kind(slot, NODE);
                self.set_entry(Some(slot));
                return None;
            }
        }
        self.entry()
    }

    /// Makes the slot a twin of the first of the nearest nodes that has its code. Equal ones would fill each other's lists
    /// and lead nowhere else, so the graph has one of them, and a chain of the others.
    fn hang_on(&self, slot: u32, code: &[u8], near: &[Candidate]) -> Result<bool> {
        let mut cold = Vec::new();
        for candidate in near.iter().take_while(|candidate| candidate.distance <= 0.0) {
            if self.codes.read(candidate.slot, &mut cold)? != code {
                continue;
            }
            let node = candidate.slot;
            let _lock = self.lock(node);
            self.slots.write_links(slot, 0, std::iter::once(node));
            self.slots.set_twin(slot, self.slots.twin(node));
            self.slots.set_kind(slot, TWIN);
            self.slots.set_twin(node, slot);
            return Ok(true);
        }
        Ok(false)
    }

    /// Chooses links out of sorted candidates: each next one, unless one that was chosen is so much nearer to it as `alpha`
    /// says. The last third of the links that there may be is kept for those to which none that was chosen is nearer at all,
    /// so that a list that is full of near ones still has links to what is far away. Leaves them in `chosen`, nearest first.
    pub(crate) fn choose(&self, scratch: &mut Scratch, near: &[Candidate], degree: usize) -> Result<()> {
        let Scratch { chosen, probes, cold, .. } = scratch;
        chosen.clear();
        // Distances are squared lengths.
        let loose = self.parameters.alpha * self.parameters.alpha;
        let loose_max = degree - degree / STRICT_PART;
        for &candidate in near {
            if chosen.len() >= degree {
                break;
            }
            let factor = if chosen.len() < loose_max { loose } else { 1.0 };
            let code = self.codes.read(candidate.slot, cold)?;
            let mut distances = probes[..chosen.len()].iter().map(|probe| probe.distance(&self.quantizer, code));
            if distances.any(|distance| factor * distance < candidate.distance) {
                continue;
            }
            if chosen.len() == probes.len() {
                probes.push(Query::empty());
            }
            self.quantizer.query_of_code(code, &mut probes[chosen.len()]);
            chosen.push(candidate);
        }
        Ok(())
    }

    /// Adds a link from `slot`; a full list is chosen anew, with some room left so that it is not full again at once.
    pub(crate) fn link_back(&self, slot: u32, to: Candidate, level: usize, scratch: &mut Scratch) -> Result<()> {
        let _lock = self.lock(slot);
        let links = self.slots.links(slot, level);
        for link in links {
            let other = link.load(Ordering::Relaxed);
            if other == to.slot {
                return Ok(());
            }
            if other == NONE {
                link.store(to.slot, Ordering::Relaxed);
                self.slots.mark_dirty(slot);
                return Ok(());
            }
        }
        let mut near = vec![to];
        near.extend(self.slots.read_links(slot, level).map(|slot| Candidate { slot, distance: 0.0 }));
        near.iter().filter_map(|other| self.codes.get(other.slot)).for_each(prefetch);
        let mut query = Query::empty();
        self.quantizer.query_of_code(self.codes.read(slot, &mut scratch.cold)?, &mut query);
        for other in &mut near[1..] {
            other.distance = self.distance(&query, other.slot, &mut scratch.cold)?;
        }
        near.sort_unstable_by(Candidate::order);
        self.choose(scratch, &near, links.len() - links.len() / ROOM_PART)?;
        self.slots.write_links(slot, level, scratch.chosen.iter().map(|candidate| candidate.slot));
        Ok(())
    }

    /// Ends a dead slot that nobody links to.
    pub(crate) fn detach(&self, slot: u32) {
        for level in 0..=self.slots.level(slot) {
            self.slots.write_links(slot, level, std::iter::empty());
        }
        self.slots.set_twin(slot, NONE);
        self.slots.set_state(slot, DETACHED);
        self.dead.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Steps of this length, around a circle of so many places, come to each of them once, and nowhere twice near to each other
/// soon: about the golden part of the circle, without a common divisor.
fn stride_of(count: usize) -> usize {
    let is_prime_to = |stride: &usize| {
        let (mut a, mut b) = (count, *stride);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a == 1
    };
    (count * 618 / 1000..count).find(is_prime_to).unwrap_or(1)
}
