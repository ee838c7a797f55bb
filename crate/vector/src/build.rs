//! Making the graph of all vectors anew.
//!
//! One pass over the vectors tells what codes have to fit, and where the next one is to be divided. That one encodes them, a
//! piece by each thread; then they are linked while their codes are written.

use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;
use sledstore_engine::{Batch, Durability, Read, Result, ScanOptions, Snapshot};
use sledstore_neighbor::{Drift, Graph, Quantizer};

use crate::attribute_walk::AttributeWalk;
use crate::beside::{beside, on_threads, threads};
use crate::index::VectorIndex;
use crate::keys::{RowKind, user_key};
use crate::record::{Fit, SlotRow, State, sealed_of};
use crate::resident::{Resident, Shared, slot_bytes};
use crate::slots::{SlotTable, Traits};

/// Bytes of records in one commit.
const COMMIT_BYTES: usize = 4 << 20;
/// Components of vectors that a quantizer is made of, at least where there are as many; up to twice as many.
const SAMPLE_COMPONENTS: usize = 1 << 20;
/// Pieces of the pass that encodes, for each thread: one may have more to read than the others.
const PIECES_PER_THREAD: usize = 8;

/// What a pass over all vectors tells.
struct Survey {
    count: usize,
    /// Vectors from everywhere, one after the other, and their keys.
    sample: Vec<f32>,
    keys: Vec<Vec<u8>>,
}

/// Vectors of a piece, by what is kept of them.
#[derive(Default)]
struct Piece {
    codes: Vec<u8>,
    keys: Vec<(Vec<u8>, Traits)>,
}

impl VectorIndex {
    /// Without a usable graph: builds one where there are many vectors, else has none.
    pub(crate) fn build_or_drop(
        &self,
        shared: &Shared,
        snapshot: &Snapshot,
        state: State,
        rows: &[Vec<u8>],
    ) -> Result<bool> {
        let has_many = self.has_more_than(snapshot, self.compared_max())?;
        let built = if has_many { self.build(shared, snapshot, state)? } else { None };
        let mut batch = Batch::new();
        for row_key in rows {
            batch.delete(self.namespace(), row_key)?;
        }
        let generation = built.as_ref().map_or(0, |built| built.generation);
        let built_nothing = built.is_none();
        let has_others = built.is_some() || state.generation != 0 || shared.is_spoiled();
        match &built {
            Some(resident) => self.write_state(&mut batch, resident)?,
            None => batch.delete(self.namespace(), &RowKind::State.row_key(&[])?)?,
        }
        shared.has_graph.store(built.is_some(), Ordering::Relaxed);
        shared.replace(built);
        if built_nothing && rows.is_empty() && !has_others {
            return Ok(false);
        }
        let committed = self.store().commit(&batch, Durability::None);
        if committed.is_err() {
            shared.spoil_memory();
        }
        committed?;
        if has_others {
            self.clear_other_generations(generation)?;
        }
        Ok(has_others || !rows.is_empty())
    }

    /// Whether there are more vectors than that, of which no more are looked at.
    pub(crate) fn has_more_than(&self, read: &impl Read, count: usize) -> Result<bool> {
        let options = ScanOptions { keys_only: true, limit: Some(count as u64 + 1), ..ScanOptions::default() };
        let mut scan = read.scan(self.namespace(), &RowKind::Vector.all(), options)?;
        Ok(scan.count_rows()? > count as u64)
    }

    /// Builds a graph of all vectors and writes its records, but for the state; `None` when there is no room for it.
    fn build(&self, shared: &Shared, snapshot: &Snapshot, state: State) -> Result<Option<Resident>> {
        let failed = |error| self.graph_error(&error);
        let parameters = self.parameters();
        let Survey { count, sample, keys } = self.survey(snapshot)?;
        let quantizer = Quantizer::train(&parameters, &mut sample.chunks_exact(self.dimensions())).map_err(failed)?;
        drop(sample);
        let bytes = slot_bytes(&parameters, quantizer.code_bytes()) * count;
        let mut loan = self.borrow(bytes);
        if loan.is_none() {
            shared.replace(None);
            loan = self.borrow(bytes);
        }
        let Some(loan) = loan else { return Ok(None) };
        let generation = self.last_generation(snapshot)?.max(state.generation) + 1;
        shared.is_tidy.store(false, Ordering::Relaxed);
        let graph = Graph::new(parameters, quantizer).map_err(failed)?;
        let mut resident = Resident::new(generation, snapshot.seq(), graph, SlotTable::with_capacity(count), loan);
        self.add_all(snapshot, &mut resident, &keys)?;
        let all: Vec<u32> = (0..resident.graph.slots() as u32).collect();
        // What slots stand for is written while they are linked.
        let write = || {
            let mut batch = Batch::new();
            let key = RowKind::Quantizer.record_key(generation, 0);
            batch.put(self.namespace(), &key, &sealed_of(&resident.graph.quantizer().to_bytes()))?;
            let mut slots = Batch::new();
            self.write_slots(&resident, &all, &mut batch, &mut slots)?;
            self.send(&mut batch, 0)?;
            Ok(slots)
        };
        let ((), mut batch) = beside(|| self.link_in(&resident.graph, &all), write)?;
        resident.clamped = Fit::clamped(resident.graph.quantizer().drift());
        resident.graph.quantizer().count_from(Drift::default());
        let mut record = Vec::new();
        resident.graph.drain_dirty(&mut record);
        for slot in all {
            self.write_links(&mut batch, &resident, slot, &mut record)?;
            self.send(&mut batch, COMMIT_BYTES)?;
        }
        self.send(&mut batch, 0)?;
        if !resident.settle() {
            return Ok(None);
        }
        resident.borrow_for_rows(self.store(), self.shape().row_bytes());
        Ok(Some(resident))
    }

    /// Counts the vectors, and takes a sample of them.
    fn survey(&self, snapshot: &Snapshot) -> Result<Survey> {
        let shape = self.shape();
        let wanted = (SAMPLE_COMPONENTS / shape.dimensions).clamp(128, 5_000);
        let mut every = 1;
        let mut survey = Survey { count: 0, sample: Vec::new(), keys: Vec::new() };
        self.rows(snapshot, &RowKind::Vector.all(), &mut |row_key, row| {
            if survey.count.is_multiple_of(every) {
                shape.split(row).ok_or_else(|| shape.damaged(&self.place(), row))?.append_to(&mut survey.sample);
                survey.keys.push(user_key(row_key).to_vec());
            }
            survey.count += 1;
            if survey.keys.len() > 2 * wanted {
                every *= 2;
                survey.thin_out(shape.dimensions);
            }
            Ok(())
        })?;
        Ok(survey)
    }

    /// Puts every vector into a slot, a piece between some of the given keys by each thread.
    fn add_all(&self, snapshot: &Snapshot, resident: &mut Resident, keys: &[Vec<u8>]) -> Result<()> {
        let step = keys.len() / (threads() * PIECES_PER_THREAD) + 1;
        let ends: Vec<&[u8]> = keys.iter().skip(step).step_by(step).map(|key| &key[..]).collect();
        let resident = RwLock::new(resident);
        let next = AtomicUsize::new(0);
        on_threads(&|| {
            let mut piece = Piece::default();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at > ends.len() {
                    return Ok(());
                }
                let after = at.checked_sub(1).map(|before| ends[before]);
                self.encode_piece(snapshot, &resident, after, ends.get(at).copied(), &mut piece)?;
                let mut resident = resident.write();
                let code_bytes = resident.graph.quantizer().code_bytes();
                for ((key, traits), code) in piece.keys.drain(..).zip(piece.codes.chunks_exact(code_bytes)) {
                    let slot = resident.graph.add(code).map_err(|error| self.graph_error(&error))?;
                    let born = resident.seq;
                    resident.slots.set(slot, &key, traits, born);
                }
            }
        })
    }

    /// Encodes the vectors whose keys are above `after`, up to `until`.
    fn encode_piece(
        &self,
        snapshot: &Snapshot,
        resident: &RwLock<&mut Resident>,
        after: Option<&[u8]>,
        until: Option<&[u8]>,
        piece: &mut Piece,
    ) -> Result<()> {
        let shape = self.shape();
        piece.codes.clear();
        let mut range = RowKind::Vector.all();
        if let Some(after) = after {
            range.start = Bound::Excluded(RowKind::Vector.row_key(after)?);
        }
        if let Some(until) = until {
            range.end = Bound::Included(RowKind::Vector.row_key(until)?);
        }
        let mut attributes = AttributeWalk::begin(self, snapshot, after.unwrap_or_default())?;
        let mut vector = Vec::new();
        self.rows(snapshot, &range, &mut |row_key, row| {
            let row = shape.split(row).ok_or_else(|| shape.damaged(&self.place(), row))?;
            vector.clear();
            row.append_to(&mut vector);
            let start = piece.codes.len();
            let is_exact = {
                let resident = resident.read();
                let quantizer = resident.graph.quantizer();
                quantizer.encode(&vector, &mut piece.codes).map_err(|error| self.graph_error(&error))?;
                quantizer.is_exact(&vector, &piece.codes[start..])
            };
            let key = user_key(row_key);
            // The walk begins behind the empty key.
            let has_attributes = key.is_empty() || !attributes.advance_to(key)?.is_empty();
            piece.keys.push((key.to_vec(), Traits { has_attributes, is_exact }));
            Ok(())
        })
    }

    /// Writes what slots stand for and their codes, each kind into a batch of its own; that of codes is sent as it grows.
    pub(crate) fn write_slots(
        &self,
        resident: &Resident,
        numbers: &[u32],
        codes: &mut Batch,
        slots: &mut Batch,
    ) -> Result<()> {
        let generation = resident.generation;
        for &number in numbers {
            let (Some(slot), Some(code)) = (resident.slots.get(number), resident.graph.code(number)) else { continue };
            let row = SlotRow { traits: slot.traits, key: &slot.key };
            slots.put(self.namespace(), &RowKind::Slot.record_key(generation, number), &row.encode())?;
            codes.put(self.namespace(), &RowKind::Code.record_key(generation, number), &sealed_of(code))?;
            self.send(codes, COMMIT_BYTES)?;
        }
        Ok(())
    }

    /// Commits a batch that has become as large as that.
    pub(crate) fn send(&self, batch: &mut Batch, bytes: usize) -> Result<()> {
        if batch.as_bytes().len() > bytes {
            self.store().commit(batch, Durability::None)?;
            batch.reset();
        }
        Ok(())
    }

    /// The highest generation that has records, those of a build that was cut short included.
    pub(crate) fn last_generation(&self, read: &impl Read) -> Result<u32> {
        let options = ScanOptions { reverse: true, keys_only: true, limit: Some(1) };
        let mut last = 0;
        for kind in [RowKind::Quantizer, RowKind::Slot, RowKind::Links, RowKind::Code] {
            read.scan(self.namespace(), &kind.all(), options)?.next_page(1, usize::MAX, &mut |row_key, _| {
                let generation = row_key.get(1..5).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
                last = last.max(generation.unwrap_or(0));
            })?;
        }
        Ok(last)
    }
}

impl Survey {
    /// Leaves every second vector.
    fn thin_out(&mut self, dimensions: usize) {
        let mut at = 0;
        self.keys.retain(|_| {
            at += 1;
            at % 2 == 1
        });
        for at in 1..self.keys.len() {
            self.sample.copy_within(2 * at * dimensions..(2 * at + 1) * dimensions, at * dimensions);
        }
        self.sample.truncate(self.keys.len() * dimensions);
    }
}
