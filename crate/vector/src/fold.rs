//! Taking pending changes into the graph, in commits of their own.
//!
//! A fold reads at a snapshot which rows of pending changes there are, and the vectors they name. The graph in memory gets
//! its new slots beside searches, which are not given them: a version of a vector is seen by readers from the fold that
//! took it in to the one that removed it, and which folds a reader knows is what the state's row says at its seq. One
//! commit then writes the records that have changed and the new state, and removes the pending rows. So the records of any
//! seq are one fold's, whenever the process ends.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use sledstore_engine::{Batch, Durability, Error, ErrorCode, KeyRange, Read, Result, Seq, Snapshot, Status};
use sledstore_neighbor::Graph;

use crate::beside::{beside, on_threads, threads};
use crate::index::VectorIndex;
use crate::keys::RowKind;
use crate::pending::key_of_pending;
use crate::record::{Changed, Fit, State, parse_pending, sealed_of, ticket_of};
use crate::resident::{Resident, Shared};
use crate::row::COMPARED_MAX;
use crate::slots::Traits;

/// Without a graph, pending rows are dropped when there are so many, or a part of the vectors that are compared.
const TRIMMED_AFTER: usize = 2_048;
const TRIMMED_AFTER_MIN: usize = 256;
const TRIMMED_PART: usize = 4;
/// Changes that one fold takes in, at most.
const FOLDED_AT_ONCE: usize = 16_384;
/// Vectors that a thread encodes before it looks for the next ones.
const ENCODED_AT_ONCE: usize = 64;
/// A part of the slots that may be dead before they are detached.
const DEAD_PART: usize = 5;

/// Why a fold is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Something is being changed, so that more is to come.
    Changing,
    /// Something has changed.
    Changed,
    /// Somebody wants all to be done whose ticket is below this.
    Asked { until: u64 },
}

/// A vector that was read, as the graph takes it in.
struct Encoded<'k> {
    key: &'k [u8],
    attributes: Option<Vec<u8>>,
    code: Vec<u8>,
    is_exact: bool,
}

impl VectorIndex {
    /// Takes in everything that is pending when it is called, builds the graph if there are enough vectors for one, leads
    /// links away from what was removed and to what no search would find, and makes it all durable. A thread does the most
    /// of it by itself; after this it is done, but for what came meanwhile.
    ///
    /// # Errors
    /// What a write can meet; `CORRUPTION` for a vector that cannot be read.
    pub fn compact(&self) -> Result<()> {
        // Beside steady writers there is always something pending, and something to lead away from.
        let shared = self.shared()?;
        let until = shared.queue.ticket();
        loop {
            let is_last = !shared.queue.has_before(self.store(), until)?;
            if !self.fold_step(Reason::Asked { until })? || is_last {
                break;
            }
        }
        self.store().flush()
    }

    /// Takes in some of what is pending; false when there was nothing to do.
    pub(crate) fn fold_step(&self, reason: Reason) -> Result<bool> {
        let shared = self.shared()?;
        let _one = shared.folding.lock();
        let snapshot = self.store().snapshot()?;
        let state = match self.state(&snapshot) {
            Err(error) if error.code() == ErrorCode::Corruption => {
                shared.spoil();
                State::default()
            }
            state => state?,
        };
        shared.has_graph.store(state.generation != 0, Ordering::Relaxed);
        self.clear_leftovers(&shared, &snapshot, state)?;
        let has_drifted = state.generation != 0 && state.has_drifted(self.dimensions());
        let (mut rows, mut is_unknown) = (Vec::new(), shared.is_spoiled());
        let takes_all = state.generation == 0 || has_drifted;
        shared.queue.rows(&snapshot, &mut |row_key| {
            let comes_later = matches!(reason, Reason::Asked { until } if ticket_of(row_key) >= Some(until));
            if takes_all || !comes_later {
                is_unknown |= parse_pending(row_key) == Changed::All;
                rows.push(row_key.to_vec());
            }
            takes_all || rows.len() < FOLDED_AT_ONCE && !comes_later
        })?;
        let is_overdue = reason != Reason::Changing && shared.is_overdue.swap(false, Ordering::Relaxed);
        let is_due = is_overdue || rows.len() >= self.trimmed_after() || matches!(reason, Reason::Asked { .. });
        if is_unknown || has_drifted {
            return self.build_or_drop(&shared, &snapshot, state, &rows);
        }
        if state.generation == 0 {
            // What is built in the middle of many changes is soon a small part.
            let waits = || {
                Ok::<_, Error>(
                    reason == Reason::Changing
                        && self.has_more_than(&snapshot, self.compared_max())?
                        && !self.has_more_than(&snapshot, COMPARED_MAX)?,
                )
            };
            return if !is_due || waits()? { Ok(false) } else { self.build_or_drop(&shared, &snapshot, state, &rows) };
        }
        if !self.is_loaded(&shared, state)? {
            // It has outgrown the memory there is. Changes must not wait for room without end.
            let waits = rows.len() < self.trimmed_after();
            return if waits { Ok(false) } else { self.build_or_drop(&shared, &snapshot, state, &rows) };
        }
        if rows.is_empty() {
            self.detach_dead(&shared, &snapshot, state, reason)
        } else {
            self.fold(&shared, &snapshot, state, rows)
        }
    }

    /// Without a graph, pending rows are dropped when there are so many.
    pub(crate) fn trimmed_after(&self) -> usize {
        (self.compared_max() / TRIMMED_PART).clamp(TRIMMED_AFTER_MIN, TRIMMED_AFTER)
    }

    /// Whether the graph in memory is the one of a state.
    fn is_loaded(&self, shared: &Shared, state: State) -> Result<bool> {
        let fits = |resident: &Resident| resident.generation == state.generation && resident.seq == state.seq;
        match &*self.resident(shared)? {
            Some(resident) if fits(resident) => return Ok(true),
            None => return Ok(false),
            Some(_) => {}
        }
        shared.replace(None);
        Ok(self.resident(shared)?.as_ref().is_some_and(fits))
    }

    fn fold(&self, shared: &Shared, snapshot: &Snapshot, state: State, rows: Vec<Vec<u8>>) -> Result<bool> {
        let mut changed = Vec::with_capacity(rows.len());
        for row_key in &rows {
            changed.extend(key_of_pending(snapshot, self.namespace(), row_key)?);
        }
        let keys: BTreeSet<&[u8]> = changed.iter().map(|key| &key[..]).collect();
        let seq = snapshot.seq();
        let (read, fit) = self.encode(shared, snapshot, &keys)?;
        // What codes do not tell apart stays pending until there are better ones.
        if (State { fit, ..state }).has_drifted(self.dimensions()) {
            return self.build_or_drop(shared, snapshot, state, &rows);
        }
        let folded = self.add(shared, &keys, read, seq).and_then(|(added, ended)| {
            let mut batch = self.link(shared, &added)?;
            rows.iter().try_for_each(|row_key| batch.delete(self.namespace(), row_key))?;
            self.commit_fold(shared, state.generation, seq, &ended, batch)
        });
        if folded.is_err() {
            shared.spoil_memory();
        }
        folded.map(|()| true)
    }

    /// Reads and encodes the vectors of changed keys; tells how well codes fit, too.
    fn encode<'k>(
        &self,
        shared: &Shared,
        snapshot: &Snapshot,
        keys: &BTreeSet<&'k [u8]>,
    ) -> Result<(Vec<Encoded<'k>>, Fit)> {
        let guard = shared.resident.read();
        let resident = guard.as_ref().ok_or_else(gone)?;
        let keys: Vec<&'k [u8]> = keys.iter().copied().collect();
        let read = Mutex::new(Vec::with_capacity(keys.len()));
        let next = AtomicUsize::new(0);
        on_threads(&|| {
            let mut vector = Vec::new();
            while let Some(keys) = keys.chunks(ENCODED_AT_ONCE).nth(next.fetch_add(1, Ordering::Relaxed)) {
                let mut encoded = Vec::with_capacity(keys.len());
                for &key in keys {
                    if self.read_vector(snapshot, key, &mut vector)? {
                        let mut code = Vec::new();
                        let quantizer = resident.graph.quantizer();
                        quantizer.encode(&vector, &mut code).map_err(|error| self.graph_error(&error))?;
                        let is_exact = quantizer.is_exact(&vector, &code);
                        encoded.push(Encoded { key, attributes: self.attributes(snapshot, key)?, code, is_exact });
                    }
                }
                read.lock().append(&mut encoded);
            }
            Ok(())
        })?;
        Ok((read.into_inner(), resident.fit()))
    }

    /// Puts the vectors of changed keys into slots. Gives the new slots, and those that are to end.
    fn add(
        &self,
        shared: &Shared,
        keys: &BTreeSet<&[u8]>,
        read: Vec<Encoded<'_>>,
        seq: Seq,
    ) -> Result<(Vec<u32>, Vec<u32>)> {
        let (mut added, mut ended) = (Vec::new(), Vec::new());
        let mut guard = shared.resident.write();
        let resident = guard.as_mut().ok_or_else(gone)?;
        ended.extend(keys.iter().filter_map(|key| resident.slots.of_key(key)));
        resident.is_in_fold = true;
        for Encoded { key, attributes, code, is_exact } in read {
            let slot = resident.graph.add(&code).map_err(|error| self.graph_error(&error))?;
            resident.slots.set(slot, key, Traits { has_attributes: attributes.is_some(), is_exact }, seq);
            resident.slots.set_attributes(slot, attributes.as_deref().unwrap_or_default());
            added.push(slot);
        }
        Ok((added, ended))
    }

    /// Links new slots. Their codes are written meanwhile, where the newest state knows of no slot and nobody reads any; what
    /// they stand for is in the batch that this gives.
    fn link(&self, shared: &Shared, slots: &[u32]) -> Result<Batch> {
        let guard = shared.resident.read();
        let resident = guard.as_ref().ok_or_else(gone)?;
        let write = || {
            let (mut codes, mut batch) = (Batch::new(), Batch::new());
            self.write_slots(resident, slots, &mut codes, &mut batch)?;
            self.send(&mut codes, 0)?;
            Ok(batch)
        };
        let ((), batch) = beside(|| self.link_in(&resident.graph, slots), write)?;
        Ok(batch)
    }

    pub(crate) fn link_in(&self, graph: &Graph, slots: &[u32]) -> Result<()> {
        let proceed = || self.store().status() == Status::Open;
        let failed = |error| self.link_error(&error);
        graph.link(slots, threads(), &proceed).map_err(failed)?;
        graph.reconnect(&proceed).map_err(failed).map(|_| ())
    }

    /// What a failure of linking is to a caller: nothing stops it but the end of the store, which says why it ended.
    fn link_error(&self, error: &sledstore_neighbor::Error) -> Error {
        match (error, self.store().flush()) {
            (sledstore_neighbor::Error::Stopped, Err(ended)) => ended,
            _ => self.graph_error(error),
        }
    }

    /// Ends versions, and writes what a fold has changed.
    fn commit_fold(&self, shared: &Shared, generation: u32, seq: Seq, ended: &[u32], mut batch: Batch) -> Result<()> {
        let has_room = {
            let mut guard = shared.resident.write();
            let resident = guard.as_mut().ok_or_else(gone)?;
            for &slot in ended {
                resident.graph.remove(slot);
                resident.slots.end(slot, seq);
                batch.delete(self.namespace(), &RowKind::Slot.record_key(generation, slot))?;
            }
            (resident.seq, resident.is_in_fold) = (seq, false);
            let has_room = resident.settle();
            resident.follow_rows(self.store(), self.shape().row_bytes());
            has_room
        };
        {
            let guard = shared.resident.read();
            let resident = guard.as_ref().ok_or_else(gone)?;
            self.write_changed(&mut batch, resident)?;
            self.write_state(&mut batch, resident)?;
        }
        self.store().commit(&batch, Durability::None)?;
        if !has_room {
            // It goes on without a graph in memory, and says so to nobody: exact search answers.
            shared.replace(None);
        }
        Ok(())
    }

    /// Writes the links that have changed since they were last written.
    fn write_changed(&self, batch: &mut Batch, resident: &Resident) -> Result<()> {
        let mut changed = Vec::new();
        resident.graph.drain_dirty(&mut changed);
        let mut record = Vec::new();
        changed.into_iter().try_for_each(|slot| self.write_links(batch, resident, slot, &mut record))
    }

    pub(crate) fn write_links(
        &self,
        batch: &mut Batch,
        resident: &Resident,
        slot: u32,
        record: &mut Vec<u32>,
    ) -> Result<()> {
        record.clear();
        resident.graph.record(slot, record).map_err(|error| self.graph_error(&error))?;
        let bytes: Vec<u8> = record.iter().flat_map(|number| number.to_le_bytes()).collect();
        batch.put(self.namespace(), &RowKind::Links.record_key(resident.generation, slot), &sealed_of(&bytes))
    }

    pub(crate) fn write_state(&self, batch: &mut Batch, resident: &Resident) -> Result<()> {
        let (slots, live) = (resident.graph.slots() as u32, resident.slots.live() as u32);
        let state = State { seq: resident.seq, generation: resident.generation, slots, live, fit: resident.fit() };
        batch.put(self.namespace(), &RowKind::State.row_key(&[])?, &state.encode())
    }

    /// Reads a vector's row; false when there is none.
    pub(crate) fn read_vector(&self, read: &impl Read, key: &[u8], vector: &mut Vec<f32>) -> Result<bool> {
        let shape = self.shape();
        vector.clear();
        let read = read.get_with(self.namespace(), &RowKind::Vector.row_key(key)?, |row| match shape.split(row) {
            Some(row) => {
                row.append_to(vector);
                Ok(())
            }
            None => Err(shape.damaged(&self.place(), row)),
        })?;
        read.transpose().map(|found| found.is_some())
    }

    /// Leads links away from slots that ended, once they are many, and frees those that no reader can ask for.
    fn detach_dead(&self, shared: &Shared, snapshot: &Snapshot, state: State, reason: Reason) -> Result<bool> {
        {
            let guard = shared.resident.read();
            let Some(resident) = &*guard else { return Ok(false) };
            let counts = resident.graph.counts();
            let is_due = match reason {
                Reason::Changing | Reason::Changed => counts.dead * DEAD_PART > counts.live,
                Reason::Asked { .. } => counts.dead > 0 || !resident.graph.unreachable().is_empty(),
            };
            if !is_due {
                return Ok(false);
            }
        }
        let done = self.try_detach(shared, snapshot.seq(), state);
        if done.is_err() {
            shared.spoil_memory();
        }
        done.map(|()| true)
    }

    fn try_detach(&self, shared: &Shared, seq: Seq, state: State) -> Result<()> {
        let failed = |error| self.link_error(&error);
        let mut batch = Batch::new();
        let proceed = || self.store().status() == Status::Open;
        {
            let guard = shared.resident.read();
            let resident = guard.as_ref().ok_or_else(gone)?;
            let dead: Vec<u32> = (0..resident.graph.slots() as u32).filter(|&slot| resident.is_dead(slot)).collect();
            resident.graph.repair(&dead, threads(), &proceed).map_err(failed)?;
            resident.graph.reconnect(&proceed).map_err(failed)?;
        }
        let mut guard = shared.resident.write();
        let resident = guard.as_mut().ok_or_else(gone)?;
        // Readers from before are given no graph: their versions may be among those that are freed.
        let freed = resident.graph.detached();
        resident.graph.free(&freed).map_err(failed)?;
        (resident.seq, resident.floor) = (seq, seq);
        self.write_changed(&mut batch, resident)?;
        for slot in freed {
            resident.slots.free(slot);
            batch.delete(self.namespace(), &RowKind::Links.record_key(state.generation, slot))?;
            batch.delete(self.namespace(), &RowKind::Code.record_key(state.generation, slot))?;
        }
        self.write_state(&mut batch, resident)?;
        drop(guard);
        self.store().commit(&batch, Durability::None).map(|_| ())
    }

    /// Removes the records of a graph whose building was cut short, which no state names.
    fn clear_leftovers(&self, shared: &Shared, snapshot: &Snapshot, state: State) -> Result<()> {
        if shared.is_tidy.load(Ordering::Relaxed) {
            return Ok(());
        }
        if self.last_generation(snapshot)? > state.generation {
            self.clear_other_generations(state.generation)?;
        }
        shared.is_tidy.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn clear_other_generations(&self, kept: u32) -> Result<()> {
        let mut batch = Batch::new();
        for kind in [RowKind::Quantizer, RowKind::Slot, RowKind::Links, RowKind::Code] {
            let (all, (start, end)) = (kind.all(), kind.generation(kept).as_half_open());
            batch.clear(self.namespace(), &KeyRange { start: all.start, end: Bound::Excluded(start) })?;
            let above = end.map_or(Bound::Unbounded, Bound::Included);
            batch.clear(self.namespace(), &KeyRange { start: above, end: all.end })?;
        }
        self.store().commit(&batch, Durability::None).map(|_| ())
    }
}

fn gone() -> Error {
    Error::new(ErrorCode::Closed, "the graph is gone")
}
