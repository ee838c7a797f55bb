//! The walk towards a query, after Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using
//! Hierarchical Navigable Small World graphs", 2018.

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::parameters::Metric;
use crate::query::Query;
use crate::scratch::{Candidate, Scratch};
use crate::simd::prefetch;
use crate::slots::{NODE, NONE, TWIN};
use std::sync::atomic::Ordering;

/// Marks a candidate whose links were followed.
const EXPANDED: u32 = 1 << 31;
/// How many codes ahead memory is asked for.
const AHEAD: usize = 4;
/// A walk ends when the next step is by this part farther than the last one wanted.
const SLACK: f32 = 0.1;
/// The part of the width that a walk goes on from in any case.
const LEAST_PART: usize = 4;
/// Candidates of a search on each level above the lowest.
const DESCENT_WIDTH: usize = 4;
/// The same while links are made, on which searches rely.
pub(crate) const LINKING_DESCENT_WIDTH: usize = 16;
/// Distances computed between two questions whether to go on.
const PROCEED_EVERY: usize = 4096;

/// Whether a search may go on; asked about every 4,096 distances.
pub type Proceed<'a> = &'a mut dyn FnMut() -> bool;

/// What a search looks for.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// How many of the nearest to find; more gives better answers, in about as much more time.
    pub width: usize,
    /// How many of them the caller wants, so that a walk whose next step is much farther than these ends, though not before
    /// it has gone from the nearest quarter of `width`. Where distances are around the query evenly, this takes as much time
    /// for as good answers as a smaller width does; where some queries have many vectors around them and others few, it
    /// takes half the time.
    pub wanted: usize,
    /// How much of the usual patience a walk has before it ends by `wanted`, 0 to 1: with less, it takes less that is farther,
    /// goes on from fewer, and misses more.
    pub patience: f32,
    /// All within this distance are found as well, however many.
    pub radius: Option<f32>,
    /// Which slots may be given; it is asked of those with a tombstone, too, and decides alone. `None` gives all that have
    /// no tombstone.
    pub accept: Option<&'a dyn Fn(u32) -> bool>,
    /// When so many distances were computed the search gives up, [`usize::MAX`] for never. Where few slots are accepted, or
    /// those far from the query, or no slot leads nearer, it is cheaper to [`Graph::scan`] them.
    pub evaluations_max: usize,
    /// The same while fewer are found than a walk goes on from in any case: then what is accepted lies elsewhere.
    pub fruitless_max: usize,
}

impl Request<'_> {
    /// The nearest slots without a tombstone.
    pub fn nearest(width: usize) -> Self {
        let (evaluations_max, fruitless_max) = (usize::MAX, usize::MAX);
        Self { width, wanted: width, patience: 1.0, radius: None, accept: None, evaluations_max, fruitless_max }
    }
}

/// Whether a search went to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Complete,
    /// It computed `evaluations_max` or `fruitless_max` distances before; what it found may not be the nearest.
    GaveUp,
}

impl Graph {
    /// Finds the slots nearest to a query by their codes, sorted, equally near ones in no order. Fewer than `width` are given
    /// where fewer are accepted. `found` is replaced.
    ///
    /// # Errors
    /// [`Error::Stopped`], and what the source of codes fails with.
    pub fn search(
        &self,
        scratch: &mut Scratch,
        query: &Query,
        request: &Request<'_>,
        proceed: Proceed<'_>,
        found: &mut Vec<Candidate>,
    ) -> Result<Outcome> {
        found.clear();
        scratch.evaluations = 0;
        let Some((entry, top)) = self.entry() else { return Ok(Outcome::Complete) };
        if request.width == 0 {
            return Ok(Outcome::Complete);
        }
        let start = self.descend(scratch, query, (entry, top), 0, DESCENT_WIDTH)?;
        let refuses = request.accept.is_some() || request.radius.is_some() || self.dead.load(Ordering::Acquire) > 0;
        if refuses {
            return self.walk_refusing(scratch, query, start, request, proceed, found);
        }
        scratch.evaluations_max = request.evaluations_max;
        let walked = self.beam(scratch, query, start, 0, &self.end(request), proceed);
        scratch.evaluations_max = usize::MAX;
        walked?;
        if scratch.evaluations >= request.evaluations_max {
            return Ok(Outcome::GaveUp);
        }
        let Scratch { pool, .. } = scratch;
        for candidate in pool.iter() {
            let Candidate { slot, distance } = *candidate;
            let slot = slot & !EXPANDED;
            found.push(Candidate { slot, distance });
            let room = request.width.saturating_sub(found.len());
            let twins = self.slots.twins(slot).filter(|&twin| self.slots.is_live(twin)).take(room);
            found.extend(twins.map(|slot| Candidate { slot, distance }));
            if found.len() >= request.width {
                break;
            }
        }
        Ok(Outcome::Complete)
    }

    /// Products say nothing of how much farther something is.
    fn end(&self, request: &Request<'_>) -> End {
        let Request { width, patience, .. } = *request;
        let wanted = if self.parameters.metric == Metric::Dot { width } else { request.wanted };
        End::new(width, wanted, patience)
    }

    /// Goes from the entry to the nearest slot of the level above `level`, with so many candidates on each level: where
    /// vectors lie in groups, the nearest one of a level alone may be in a group from which no link leads to the right one.
    pub(crate) fn descend(
        &self,
        scratch: &mut Scratch,
        query: &Query,
        (slot, top): (u32, usize),
        level: usize,
        width: usize,
    ) -> Result<Candidate> {
        scratch.visited.clear(self.slots.count());
        scratch.evaluations += 1;
        let mut nearest = Candidate { slot, distance: self.distance(query, slot, &mut scratch.cold)? };
        for level in (level + 1..=top).rev() {
            self.beam(scratch, query, nearest, level, &End::of_width(width), &mut || true)?;
            if let Some(first) = scratch.pool.first() {
                nearest = Candidate { slot: slot_of(first), ..*first };
            }
        }
        Ok(nearest)
    }

    pub(crate) fn distance(&self, query: &Query, slot: u32, cold: &mut Vec<u8>) -> Result<f32> {
        Ok(query.distance(&self.quantizer, self.codes.read(slot, cold)?))
    }

    /// Computes the distances of those neighbors of a slot that were not visited, into the batch. Links of those that are the
    /// nearest so far are asked for, since they are followed next.
    fn expand(&self, scratch: &mut Scratch, query: &Query, slot: u32, level: usize, next: f32) -> Result<()> {
        let Scratch { visited, batch, cold, evaluations, .. } = scratch;
        batch.clear();
        for link in self.slots.links(slot, level) {
            let slot = link.load(Ordering::Relaxed);
            if slot == NONE {
                break;
            }
            if visited.insert(slot) {
                batch.push(Candidate { slot, distance: 0.0 });
            }
        }
        *evaluations += batch.len();
        let mut nearest = next;
        let ask = |candidate: Option<&Candidate>| {
            if let Some(code) = candidate.and_then(|candidate| self.codes.get(candidate.slot)) {
                prefetch(code);
            }
        };
        for at in 0..AHEAD {
            ask(batch.get(at));
        }
        for at in 0..batch.len() {
            ask(batch.get(at + AHEAD));
            let Candidate { slot, distance } = &mut batch[at];
            *distance = self.distance(query, *slot, cold)?;
            if *distance < nearest {
                nearest = *distance;
                prefetch(self.slots.links(*slot, level));
            }
        }
        Ok(())
    }

    /// Finds the `width` nearest nodes on a level, into the pool: follows the links of the nearest candidate whose links were
    /// not followed yet, until there is none among the nearest that the width takes, or the walk ends before. No slot
    /// may be marked as visited before; on levels above the lowest none is afterwards.
    pub(crate) fn beam(
        &self,
        scratch: &mut Scratch,
        query: &Query,
        start: Candidate,
        level: usize,
        end: &End,
        proceed: Proceed<'_>,
    ) -> Result<()> {
        let width = end.width;
        scratch.visited.insert(start.slot);
        scratch.touched.clear();
        scratch.touched.push(start.slot);
        scratch.pool.clear();
        scratch.pool.push(start);
        let mut asked = scratch.evaluations;
        let mut at = 0;
        while let Some(candidate) = scratch.pool.get_mut(at) {
            if scratch.evaluations >= scratch.evaluations_max {
                break;
            }
            let slot = candidate.slot;
            if slot & EXPANDED != 0 {
                at += 1;
                continue;
            }
            candidate.slot |= EXPANDED;
            let distance = candidate.distance;
            if at >= end.least && distance > end.distance(&scratch.pool) {
                break;
            }
            at += 1;
            let next = scratch.pool[at..].iter().find(|next| next.slot & EXPANDED == 0);
            if let Some(next) = next {
                prefetch(self.slots.links(next.slot, level));
            }
            let next = next.map_or(f32::INFINITY, |next| next.distance);
            self.expand(scratch, query, slot, level, next)?;
            let Scratch { pool, batch, touched, .. } = scratch;
            if level > 0 {
                touched.extend(batch.iter().map(|candidate| candidate.slot));
            }
            for &candidate in batch.iter() {
                let is_full = pool.len() >= width;
                if is_full && pool.last().is_some_and(|last| last.distance <= candidate.distance) {
                    continue;
                }
                if is_full {
                    pool.pop();
                }
                let place = pool.partition_point(|other| other.distance <= candidate.distance);
                pool.insert(place, candidate);
                at = at.min(place);
            }
            check(scratch.evaluations, &mut asked, proceed)?;
        }
        if level > 0 {
            let Scratch { visited, touched, .. } = scratch;
            touched.iter().for_each(|&slot| visited.remove(slot));
        }
        Ok(())
    }

    /// As [`Graph::beam`], with slots that are walked over and not given: candidates stay apart from what is found, and the
    /// walk ends when the nearest candidate is farther than all that is found.
    fn walk_refusing(
        &self,
        scratch: &mut Scratch,
        query: &Query,
        start: Candidate,
        request: &Request<'_>,
        proceed: Proceed<'_>,
        found: &mut Vec<Candidate>,
    ) -> Result<Outcome> {
        let radius = request.radius.unwrap_or(f32::NEG_INFINITY);
        let end = self.end(request);
        // What is farther than this is of no use.
        let reach = |found: &Vec<Candidate>| {
            let last = if found.len() < request.width { None } else { found.last() };
            let by_width = last.map_or(f32::INFINITY, |last| last.distance);
            let by_wanted = found.get(end.least).map_or(f32::INFINITY, |last| last.distance.max(end.distance(found)));
            by_width.min(by_wanted).max(radius)
        };
        let accept = |slot: u32| match request.accept {
            None => self.slots.is_live(slot),
            Some(accept) => accept(slot),
        };
        let give = |found: &mut Vec<Candidate>, node: Candidate| {
            for slot in std::iter::once(node.slot).chain(self.slots.twins(node.slot)) {
                let is_full = found.len() >= request.width;
                if is_full && node.distance > radius && found.last().is_some_and(|last| last.distance <= node.distance)
                {
                    break;
                }
                if accept(slot) {
                    let place = found.partition_point(|other| other.distance <= node.distance);
                    found.insert(place, Candidate { slot, ..node });
                    if found.len() > request.width && found.last().is_some_and(|last| last.distance > radius) {
                        found.pop();
                    }
                }
            }
        };
        scratch.visited.insert(start.slot);
        scratch.pool.clear();
        scratch.pool.push(start);
        give(found, start);
        let mut asked = scratch.evaluations;
        while let Some(candidate) = scratch.pool.pop() {
            if candidate.distance > reach(found) {
                break;
            }
            let is_fruitless = found.len() < end.least && scratch.evaluations >= request.fruitless_max;
            if is_fruitless || scratch.evaluations >= request.evaluations_max {
                return Ok(Outcome::GaveUp);
            }
            let next = scratch.pool.last().map_or(f32::INFINITY, |next| {
                prefetch(self.slots.links(next.slot, 0));
                next.distance
            });
            self.expand(scratch, query, candidate.slot, 0, next)?;
            let Scratch { pool, batch, .. } = scratch;
            for &candidate in batch.iter() {
                if candidate.distance > reach(found) {
                    continue;
                }
                let place = pool.partition_point(|other| other.distance > candidate.distance);
                pool.insert(place, candidate);
                give(found, candidate);
            }
            check(scratch.evaluations, &mut asked, proceed)?;
        }
        Ok(Outcome::Complete)
    }

    /// Finds the nearest of the given slots by computing all their distances, the exact answer as far as codes tell. `found`
    /// is replaced, sorted, with `width` at most, and all within the radius. Slots without a code are passed over.
    ///
    /// # Errors
    /// As [`Graph::search`].
    pub fn scan(
        &self,
        query: &Query,
        slots: &mut dyn Iterator<Item = u32>,
        width: usize,
        radius: Option<f32>,
        proceed: Proceed<'_>,
        found: &mut Vec<Candidate>,
    ) -> Result<()> {
        found.clear();
        let radius = radius.unwrap_or(f32::NEG_INFINITY);
        let mut cold = Vec::new();
        let (mut evaluations, mut asked) = (0, 0);
        let mut slots = slots.fuse();
        let mut next = [NONE; AHEAD];
        for at in 0.. {
            // Codes that lie anywhere are asked for before they are compared.
            let coming = slots.next();
            let slot = std::mem::replace(&mut next[at % AHEAD], coming.unwrap_or(NONE));
            if let Some(code) = coming.and_then(|slot| self.codes.get(slot)) {
                prefetch(code);
            } else if slot == NONE && next.iter().all(|&slot| slot == NONE) {
                break;
            }
            if slot as usize >= self.slots.count() || self.slots.state(slot) & (NODE | TWIN) == 0 {
                continue;
            }
            evaluations += 1;
            check(evaluations, &mut asked, proceed)?;
            let distance = self.distance(query, slot, &mut cold)?;
            let is_full = found.len() >= width;
            if is_full && distance > radius && found.last().is_none_or(|last| last.distance <= distance) {
                continue;
            }
            let place = found.partition_point(|other| other.distance <= distance);
            found.insert(place, Candidate { slot, distance });
            if is_full && found.last().is_some_and(|last| last.distance > radius) {
                found.pop();
            }
        }
        Ok(())
    }
}

/// When a walk ends.
#[derive(Clone, Copy)]
pub(crate) struct End {
    /// It goes on from no more than so many of the nearest.
    width: usize,
    /// How many the caller wants of them.
    wanted: usize,
    /// It goes on from so many in any case.
    least: usize,
    /// A step that is so many times as far as the last one wanted ends it, in squared distances.
    farther: f32,
}

impl End {
    /// With the width alone.
    pub fn of_width(width: usize) -> Self {
        Self::new(width, width, 1.0)
    }

    pub fn new(width: usize, wanted: usize, patience: f32) -> Self {
        let least = (wanted as f32 * (1.0 + patience)).round() as usize;
        let farther = (1.0 + SLACK * patience).powi(2);
        Self { width, wanted, least: least.max(width / LEAST_PART), farther }
    }

    /// From which distance on a walk that has gone on from enough does not go on, as in Al-Jazzazi et al., "Distance adaptive
    /// beam search for provably accurate graph-based nearest neighbor search", 2025.
    fn distance(&self, found: &[Candidate]) -> f32 {
        let last = self.wanted.checked_sub(1).and_then(|last| found.get(last));
        let last = last.map_or(f32::INFINITY, |last| last.distance);
        if last > 0.0 { last * self.farther } else { f32::INFINITY }
    }
}

/// Asks whether to go on, once enough was done since it was last asked.
fn check(evaluations: usize, asked: &mut usize, proceed: Proceed<'_>) -> Result<()> {
    if evaluations - *asked < PROCEED_EVERY {
        return Ok(());
    }
    *asked = evaluations;
    if proceed() { Ok(()) } else { Err(Error::Stopped) }
}

/// The slot of a candidate of the pool.
pub(crate) fn slot_of(candidate: &Candidate) -> u32 {
    candidate.slot & !EXPANDED
}
