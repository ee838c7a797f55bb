//! The search through the graph: candidates by their codes, sorted again by the vectors' rows, and what is pending beside.

use sledstore_engine::{ErrorCode, Read, Result, Seq};
use sledstore_neighbor::{Candidate, Request};

use crate::distance::Query;
use crate::index::VectorIndex;
use crate::keys::RowKind;
use crate::nearest::Nearest;
use crate::pending::{Latest, View};
use crate::record::State;
use crate::resident::{Resident, Shared};
use crate::search::{Neighbor, Search};

/// Candidates of a search that asks for no width, for each neighbor, and at least.
const WIDTH_PER_NEIGHBOR: usize = 3;
const WIDTH_MIN: usize = 64;
/// Candidates whose rows are read, for each neighbor, and at least.
const READ_PER_NEIGHBOR: usize = 2;
const READ_MIN: usize = 40;

/// What a search through the graph reads from.
struct Moment<'a, R> {
    index: &'a VectorIndex,
    read: &'a R,
    shared: &'a Shared,
    resident: &'a Resident,
    view: &'a View,
    state: State,
}

impl VectorIndex {
    /// The nearest vectors, through the graph; `None` when all must be compared: there is no graph, or none for this
    /// reader, or the search is of a kind that it does not serve.
    pub(crate) fn search_graph(
        &self,
        read: &impl Read,
        vector: &[f32],
        query: &Query,
        search: &Search<'_>,
    ) -> Result<Option<Vec<Neighbor>>> {
        let is_served = search.keys.is_none() && search.filter.is_none() && search.predicate.is_none();
        // A transaction records what it reads, and must meet whoever changes any vector.
        let Some(seq) = read.seq_seen().filter(|_| is_served && !search.exact && search.after.is_none()) else {
            return Ok(None);
        };
        let shared = self.shared()?;
        let found = self.search_at(read, seq, &shared, (vector, query, search));
        match found {
            // What is damaged is left out until it is built anew. Rows of vectors are the truth: if it was one of them, the
            // search that compares all will say so.
            Err(error) if error.code() == ErrorCode::Corruption => {
                shared.spoil();
                shared.worker.wake(self);
                Ok(None)
            }
            Err(error) if error.code() == ErrorCode::FormatTooNew => Ok(None),
            // A reader of the newest state may have met two of them.
            found => Ok(found?.filter(|_| read.seq_seen() == Some(seq))),
        }
    }

    fn search_at(
        &self,
        read: &impl Read,
        seq: Seq,
        shared: &Shared,
        (vector, query, search): (&[f32], &Query, &Search<'_>),
    ) -> Result<Option<Vec<Neighbor>>> {
        let state = self.state(read)?;
        if state.generation == 0 {
            return Ok(None);
        }
        let guard = self.resident(shared)?;
        let fits = |resident: &&Resident| {
            resident.generation == state.generation && (resident.floor..=resident.seq).contains(&state.seq)
        };
        let Some(resident) = guard.as_ref().filter(fits) else { return Ok(None) };
        let view = shared.queue.at(read, seq, state.seq)?;
        if view.is_unknown {
            return Ok(None);
        }
        Moment { index: self, read, shared, resident, view: &view, state }.nearest(vector, query, search)
    }
}

impl<R: Read> Moment<'_, R> {
    fn nearest(&self, vector: &[f32], query: &Query, search: &Search<'_>) -> Result<Option<Vec<Neighbor>>> {
        let live = self.resident.slots.live();
        let width = search.width.unwrap_or(0).max(search.k.saturating_mul(WIDTH_PER_NEIGHBOR)).max(WIDTH_MIN);
        if width > live / 2 {
            return Ok(None);
        }
        let Some(candidates) = self.candidates(vector, width)? else { return Ok(None) };
        let mut nearest = Nearest::new(search.k, search.max_distance.unwrap_or(f64::INFINITY), None);
        let read = search.k.saturating_mul(READ_PER_NEIGHBOR).max(READ_MIN);
        for candidate in candidates.iter().take(read) {
            self.compare(candidate.slot, query, &mut nearest)?;
        }
        for (key, latest) in &self.view.changed {
            self.compare_changed(key, latest, query, &mut nearest)?;
        }
        let found = nearest.into_sorted().into_iter().map(|candidate| {
            let wants = search.with_attributes && self.may_have_attributes(&candidate.key);
            let attributes = if wants { self.index.attributes(self.read, &candidate.key)? } else { None };
            Ok(Neighbor { key: candidate.key, distance: candidate.distance, attributes })
        });
        found.collect::<Result<_>>().map(Some)
    }

    /// The candidates nearest to a vector that this reader has, sorted; `None` when some may be missing.
    fn candidates(&self, vector: &[f32], width: usize) -> Result<Option<Vec<Candidate>>> {
        let Self { resident, view, state, .. } = self;
        let failed = |error| self.index.graph_error(&error);
        let query = resident.graph.quantizer().query(vector).map_err(failed)?;
        let has = |slot: u32| {
            resident.slots.is_visible(slot, state.seq)
                && (view.changed.is_empty()
                    || resident.slots.get(slot).is_some_and(|slot| !view.changed.contains_key(&*slot.key)))
        };
        let is_plain = !resident.is_in_fold && resident.seq == state.seq && view.changed.is_empty();
        let request = Request { accept: if is_plain { None } else { Some(&has) }, ..Request::nearest(width) };
        let mut found = Vec::with_capacity(width);
        let mut scratch = self.shared.take_scratch();
        let outcome = resident.graph.search(&mut scratch, &query, &request, &mut || true, &mut found);
        self.shared.give_scratch(scratch);
        outcome.map_err(failed)?;
        if is_plain {
            // A slot that was linked meanwhile is nobody's yet.
            found.retain(|candidate| has(candidate.slot));
        }
        let expected = width.min(resident.slots.live().saturating_sub(view.changed.len()));
        Ok((found.len() * 2 >= expected).then_some(found))
    }

    fn compare(&self, slot: u32, query: &Query, nearest: &mut Nearest<'_>) -> Result<()> {
        let slots = &self.resident.slots;
        let Some(version) = slots.get(slot) else { return Ok(()) };
        if let Some(row) = slots.row(slot) {
            return self.take(&version.key, row, query, nearest);
        }
        let row_key = RowKind::Vector.row_key(&version.key)?;
        let compared = self.read.get_with(self.index.namespace(), &row_key, |row| {
            slots.keep_row(slot, row);
            self.take(&version.key, row, query, nearest)
        })?;
        compared.unwrap_or(Ok(()))
    }

    fn compare_changed(&self, key: &[u8], latest: &Latest, query: &Query, nearest: &mut Nearest<'_>) -> Result<()> {
        match latest {
            Latest::Missing => Ok(()),
            Latest::Row(row) => self.take(key, row, query, nearest),
            Latest::Stored => {
                let take = |row: &[u8]| self.take(key, row, query, nearest);
                let row_key = RowKind::Vector.row_key(key)?;
                self.read.get_with(self.index.namespace(), &row_key, take)?.unwrap_or(Ok(()))
            }
        }
    }

    fn take(&self, key: &[u8], row: &[u8], query: &Query, nearest: &mut Nearest<'_>) -> Result<()> {
        let shape = self.index.shape();
        let row = shape.split(row).ok_or_else(|| shape.damaged(&self.index.place(), row))?;
        let distance = query.distance(&row);
        if nearest.accepts(distance, key) {
            nearest.insert(distance, key);
        }
        Ok(())
    }

    /// Whether there may be attributes to read.
    fn may_have_attributes(&self, key: &[u8]) -> bool {
        let slots = &self.resident.slots;
        let version = slots.of_key(key).filter(|&slot| slots.is_visible(slot, self.state.seq));
        let known = version.and_then(|slot| slots.get(slot)).filter(|_| !self.view.changed.contains_key(key));
        known.is_none_or(|slot| slot.has_attributes)
    }
}
