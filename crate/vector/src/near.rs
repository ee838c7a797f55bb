//! The search through the graph: candidates by their codes, sorted again by the vectors' rows, and what is pending beside.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use sledstore_engine::{Error, ErrorCode, Read, Result, Seq};
use sledstore_neighbor::{Candidate, Outcome, Request};

use crate::attribute_sets::Sets;
use crate::distance::Query;
use crate::filter::Filter;
use crate::index::VectorIndex;
use crate::keys::RowKind;
use crate::nearest::Nearest;
use crate::pending::{Latest, View};
use crate::plan::{Matches, Plan, Way};
use crate::record::State;
use crate::resident::{Resident, Shared};
use crate::results;
use crate::search::{Neighbor, Search, sorted};

/// Candidates of a search, for each neighbor, and at least.
const WIDTH_PER_NEIGHBOR: usize = 3;
const WIDTH_MIN: usize = 40;
/// Candidates of a search that asks for no width, at least. Most walks end long before.
const WIDTH: usize = 160;
/// A walk for fewer ends by the distance of so many: that of one alone tells little.
const WANTED_MIN: usize = 10;
/// What a search for all within a distance looks wider by, each time the farthest candidates were still within.
const WIDER: usize = 4;
/// A walk that has computed the distances of this part of all vectors leads nowhere, as where all are about equally far from
/// each other. All codes in their order then take hardly longer, and none is missed.
const WALKED_PART: usize = 8;
/// A walk among matches that has computed this part of as many distances as comparing them takes, and found hardly any, is
/// where the matches are not.
const FRUITLESS_PART: usize = 8;
/// Of codes that tell little so many times more candidates are looked for, and the rows of all are read.
const COARSE: usize = 4;

/// How patient a search for so many neighbors is that asks for a width: one below the least width is less patient instead,
/// down to 0.4 times as patient. With still less, a walk misses much more and is done hardly sooner.
fn patience(width: Option<usize>, k: usize) -> f32 {
    let least = k.saturating_mul(WIDTH_PER_NEIGHBOR).max(WIDTH_MIN);
    width.map_or(1.0, |width| 0.4 + 0.6 * (width as f32 / least as f32).min(1.0))
}

/// How many distances by codes must be known with the true ones before they tell anything of others.
const ERRORS_MIN: usize = 8;

/// How much the true distances of a search's candidates differ from those by their codes, as far as they are known.
struct CodeErrors {
    known: usize,
    least: f64,
    most: f64,
}

impl Default for CodeErrors {
    fn default() -> Self {
        Self { known: 0, least: f64::INFINITY, most: f64::NEG_INFINITY }
    }
}

impl CodeErrors {
    fn note(&mut self, error: f64) {
        if !error.is_finite() {
            return;
        }
        self.known += 1;
        self.least = self.least.min(error);
        self.most = self.most.max(error);
    }

    /// Whether a candidate, and with it all that are farther by codes, cannot be nearer than `farthest`. Errors of many codes
    /// are spread as sums of many small ones are, so one that is below the least known one by all their spread, some five
    /// standard deviations from the middle, is not to be expected.
    fn rule_out(&self, by_code: f64, farthest: f64) -> bool {
        self.known >= ERRORS_MIN && by_code + self.least - (self.most - self.least) > farthest
    }
}

/// What a search through the graph reads from.
struct Moment<'a, R> {
    index: &'a VectorIndex,
    read: &'a R,
    shared: &'a Shared,
    resident: &'a Resident,
    view: &'a View,
    state: State,
    /// Rows that were in memory, and those that were read.
    rows: Cell<(u64, u64)>,
    restored: RefCell<Restored>,
}

/// A vector that was made of its code.
#[derive(Default)]
struct Restored {
    floats: Vec<u8>,
    row: Vec<u8>,
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
        plan: &mut Plan,
    ) -> Result<Option<Vec<Neighbor>>> {
        let is_served = search.predicate.is_none();
        // A transaction records what it reads, and must meet whoever changes any vector.
        let Some(seq) = read.seq_seen().filter(|_| is_served && !search.exact && search.after.is_none()) else {
            return Ok(None);
        };
        let shared = self.shared()?;
        let found = self.search_at(read, seq, &shared, (vector, query, search), plan);
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
        plan: &mut Plan,
    ) -> Result<Option<Vec<Neighbor>>> {
        let state = self.state(read)?;
        if state.generation == 0 {
            return Ok(None);
        }
        let filter = search.filter.filter(|filter| !filter.is_empty());
        if filter.is_some() {
            self.load_attributes(shared)?;
        }
        let guard = self.resident(shared)?;
        let fits = |resident: &&Resident| {
            resident.generation == state.generation && (resident.floor..=resident.seq).contains(&state.seq)
        };
        let Some(resident) = guard.as_ref().filter(fits) else { return Ok(None) };
        let view = shared.queue.at(read, seq, state.seq)?;
        let is_filtered_here = filter.is_none() || resident.slots.attributes_from().is_some_and(|from| from <= seq);
        if view.is_unknown || !is_filtered_here {
            return Ok(None);
        }
        if !view.changed.is_empty() {
            shared.worker.wake(self);
        }
        let (rows, restored) = (Cell::default(), RefCell::default());
        let moment = Moment { index: self, read, shared, resident, view: &view, state, rows, restored };
        let found = moment.nearest(vector, query, search, plan);
        let (hits, misses) = moment.rows.get();
        shared.results.count_rows(hits, misses);
        found
    }

    /// What vectors a reader has; `None` where answers are not kept: without a graph, and for a transaction.
    pub(crate) fn moment(&self, read: &impl Read, shared: &Shared) -> Result<Option<results::Moment>> {
        let state = match self.state(read) {
            Ok(state) if state.generation != 0 => state,
            _ => return Ok(None),
        };
        let Some(seq) = read.seq_seen() else { return Ok(None) };
        let view = shared.queue.at(read, seq, state.seq)?;
        let moment = results::Moment { generation: state.generation, fold: state.seq, from: view.from() };
        Ok(Some(moment).filter(|_| !view.is_unknown))
    }
}

impl<R: Read> Moment<'_, R> {
    fn nearest(
        &self,
        vector: &[f32],
        query: &Query,
        search: &Search<'_>,
        plan: &mut Plan,
    ) -> Result<Option<Vec<Neighbor>>> {
        let live = self.resident.slots.live();
        let is_coarse = self.index.shape().has_coarse_codes();
        let times = if is_coarse { COARSE } else { 1 };
        let Some(matches) = self.matches(search, plan)? else { return Ok(None) };
        let is_scanned = matches.as_ref().is_some_and(|matches| matches.are_few(live));
        let matching = matches.as_ref().map_or(live, |matches| matches.count) as u64;
        let way = if is_scanned { Way::Matches } else { Way::Graph };
        let pending = self.view.changed.len() as u64;
        let max_distance = search.max_distance.unwrap_or(f64::INFINITY);
        let enough = search.k.saturating_mul(WIDTH_PER_NEIGHBOR);
        let unasked = if search.width.is_none() { (WIDTH * times).min(live / 2) } else { 0 };
        let mut width = search.width.unwrap_or(0).max(WIDTH_MIN);
        if search.max_distance.is_none() {
            width = width.max(enough);
        }
        width = width.saturating_mul(times).max(unasked);
        let mut nearest = loop {
            if width > live / 2 && !is_scanned {
                return Ok(None);
            }
            let (vectors, width_now) = (live as u64, width as u64);
            *plan = Plan { way, vectors, matching, pending, width: width_now, ..*plan };
            let Some(candidates) = self.candidates(vector, width, matches.as_deref(), search, plan)? else {
                return Ok(None);
            };
            let is_last = width >= enough || candidates.len() < width;
            let mut nearest = Nearest::new(search.k, max_distance, None);
            // Codes tell distances roughly, so a candidate by itself tells not yet that the rest is farther.
            let (mut is_open, farthest) = (false, candidates.len() - candidates.len() / 4);
            let mut errors = CodeErrors::default();
            for (at, candidate) in candidates.iter().enumerate() {
                let by_code = query.of_graph(candidate.distance);
                // Distances by coarse codes need not be in the unit of true ones.
                let is_ruled_out = |kept| errors.rule_out(by_code, kept);
                if is_last && !is_coarse && nearest.farthest().is_some_and(is_ruled_out) {
                    break;
                }
                let distance = self.compare(candidate.slot, query, &mut nearest)?;
                errors.note(distance - by_code);
                is_open |= at >= farthest && distance <= max_distance;
            }
            if is_last || !is_open {
                break nearest;
            }
            width = width.saturating_mul(WIDER);
        };
        let keys = search.keys.filter(|_| !self.view.changed.is_empty()).map(sorted);
        for (key, latest) in &self.view.changed {
            if self.changed_matches(key, keys.as_deref(), search)? {
                self.compare_changed(key, latest, query, &mut nearest)?;
            }
        }
        let found = nearest.into_sorted().into_iter().map(|candidate| {
            let wants = search.with_attributes && self.may_have_attributes(&candidate.key);
            let attributes = if wants { self.index.attributes(self.read, &candidate.key)? } else { None };
            Ok(Neighbor { key: candidate.key, distance: candidate.distance, attributes })
        });
        found.collect::<Result<_>>().map(Some)
    }

    /// What a search is restricted to: nothing in it when it is not; `None` when only comparing all can tell.
    fn matches(&self, search: &Search<'_>, plan: &mut Plan) -> Result<Option<Option<Arc<Matches>>>> {
        let Self { resident, state, shared, .. } = self;
        let mut matches = None;
        if let Some(filter) = search.filter.filter(|filter| !filter.is_empty()) {
            let graph = (resident.generation, state.seq);
            matches = shared.matches.lock().get(graph, filter);
            if matches.is_none() {
                let Some(found) = self.matches_of(graph, filter, search, plan)? else { return Ok(None) };
                matches = Some(found);
            }
        }
        let Some(keys) = search.keys else { return Ok(Some(matches)) };
        if resident.is_in_fold || resident.seq != state.seq {
            return Ok(None);
        }
        let mut of_keys = Matches::new(resident.slots.len());
        keys.iter().filter_map(|key| resident.slots.of_key(key)).for_each(|slot| of_keys.insert(slot));
        Ok(Some(Some(Arc::new(match matches {
            Some(matches) => of_keys.and(&matches),
            None => of_keys,
        }))))
    }

    /// The slots that a filter lets pass, by the orders of attributes where there is room for them; `None` for damage. What
    /// is found again as fast is not kept.
    fn matches_of(
        &self,
        graph: (u32, Seq),
        filter: &Filter,
        search: &Search<'_>,
        plan: &mut Plan,
    ) -> Result<Option<Arc<Matches>>> {
        let Self { resident: Resident { slots, floor, .. }, shared, .. } = self;
        let proceed = || if search.proceeds() { Ok(()) } else { Err(crate::search::ended()) };
        let mut found = None;
        if let Some((of_slot, orders)) = slots.ordered_attributes()
            && let Some(orders) = orders.current(of_slot, &filter.names(), self.index.store(), &proceed)?
        {
            let visible = || shared.matches.lock().visible(graph, slots);
            let (orders, tested) = (&*orders, Cell::new(0));
            let sets = Sets { slots, of_slot, orders, fold: graph.1, visible: &visible, tested };
            found = sets.matches(filter.condition());
            plan.tested = sets.tested.get();
        }
        let is_kept = found.as_ref().is_none_or(|found| !found.is_listed());
        if found.is_none() {
            // What was loaded is born before any fold, so matches from before are none of its.
            let earlier = shared.matches.lock().earlier(graph, *floor, filter);
            found = Matches::of_filter(slots, filter, graph.1, earlier.as_ref(), &mut plan.tested);
        }
        let found = found.map(Arc::new);
        if let Some(found) = found.as_ref().filter(|_| is_kept) {
            shared.matches.lock().insert(graph, filter, found.clone());
        }
        Ok(found)
    }

    /// The candidates nearest to a vector that this reader has, sorted; `None` when some may be missing.
    fn candidates(
        &self,
        vector: &[f32],
        width: usize,
        matches: Option<&Matches>,
        search: &Search<'_>,
        plan: &mut Plan,
    ) -> Result<Option<Vec<Candidate>>> {
        let Self { resident, view, state, .. } = self;
        let graph = &resident.graph;
        let failed = |error| self.index.graph_error(&error);
        let query = graph.quantizer().query(vector).map_err(failed)?;
        let is_unchanged = |slot: u32| {
            view.changed.is_empty()
                || resident.slots.get(slot).is_some_and(|slot| !view.changed.contains_key(&*slot.key))
        };
        let has = |slot: u32| {
            // What matches is visible.
            matches.map_or_else(|| resident.slots.is_visible(slot, state.seq), |matches| matches.contains(slot))
                && is_unchanged(slot)
        };
        let mut found = Vec::with_capacity(width);
        if plan.way == Way::Graph {
            let is_plain =
                matches.is_none() && !resident.is_in_fold && resident.seq == state.seq && view.changed.is_empty();
            let accept: Option<&dyn Fn(u32) -> bool> = if is_plain { None } else { Some(&has) };
            // What walks farther than the matches are many goes a longer way than comparing them.
            let evaluations_max = matches.map_or(resident.slots.live() / WALKED_PART, |matches| matches.count);
            // Where the matches are somewhere else, that shows soon.
            let fruitless_max = matches.map_or(usize::MAX, |matches| matches.count / FRUITLESS_PART);
            // A walk must not end by distances that tell little.
            let is_coarse = self.index.shape().has_coarse_codes();
            let wanted = if is_coarse { width } else { search.k.max(WANTED_MIN).min(width) };
            let patience = if search.max_distance.is_none() { patience(search.width, search.k) } else { 1.0 };
            let rest = Request { accept, evaluations_max, fruitless_max, ..Request::nearest(width) };
            let request = Request { wanted, patience, ..rest };
            let mut scratch = self.shared.take_scratch();
            let outcome = graph.search(&mut scratch, &query, &request, &mut || search.proceeds(), &mut found);
            plan.evaluations += scratch.evaluations() as u64;
            self.shared.give_scratch(scratch);
            if outcome.map_err(failed)? == Outcome::GaveUp {
                if matches.is_none() {
                    let mut slots = (0..resident.slots.len() as u32).filter(|&slot| has(slot));
                    graph
                        .scan(&query, &mut slots, width, None, &mut || search.proceeds(), &mut found)
                        .map_err(failed)?;
                    plan.evaluations += plan.vectors;
                    return Ok(Some(found));
                }
                plan.way = Way::Matches;
            }
        }
        if let (Way::Matches, Some(matches)) = (plan.way, matches) {
            let mut slots = matches.iter().filter(|&slot| is_unchanged(slot));
            graph.scan(&query, &mut slots, width, None, &mut || search.proceeds(), &mut found).map_err(failed)?;
            plan.evaluations += matches.count as u64;
            return Ok(Some(found));
        }
        // A walk may end with a quarter of the width.
        let least = (width / 4).max(search.k.min(width / 2));
        let expected = least.min((plan.matching as usize).saturating_sub(view.changed.len()));
        Ok((found.len() * 2 >= expected).then_some(found))
    }

    /// Whether a search is about a changed vector; of its keys, sorted.
    fn changed_matches(&self, key: &[u8], keys: Option<&[&[u8]]>, search: &Search<'_>) -> Result<bool> {
        if keys.is_some_and(|keys| keys.binary_search(&key).is_err()) {
            return Ok(false);
        }
        let Some(filter) = search.filter.filter(|filter| !filter.is_empty()) else { return Ok(true) };
        let attributes = self.index.attributes(self.read, key)?;
        let matches = filter.matches(attributes.as_deref().unwrap_or_default());
        matches.ok_or_else(|| Error::corruption(self.index.place(), "the attributes of a vector are damaged"))
    }

    /// Compares a slot's vector; gives its distance.
    fn compare(&self, slot: u32, query: &Query, nearest: &mut Nearest<'_>) -> Result<f64> {
        let slots = &self.resident.slots;
        // A slot that was linked meanwhile is nobody's yet.
        let Some(version) = slots.visible(slot, self.state.seq) else { return Ok(f64::INFINITY) };
        let (hits, misses) = self.rows.get();
        let restored = &mut *self.restored.borrow_mut();
        let is_restored = version.traits.is_exact && self.restore(slot, restored);
        if let Some(row) = if is_restored { Some(&restored.row[..]) } else { slots.row(slot) } {
            self.rows.set((hits + 1, misses));
            return self.take(&version.key, row, query, nearest);
        }
        self.rows.set((hits, misses + 1));
        let row_key = RowKind::Vector.row_key(&version.key)?;
        let compared = self.read.get_with(self.index.namespace(), &row_key, |row| {
            slots.keep_row(slot, row);
            self.take(&version.key, row, query, nearest)
        })?;
        compared.unwrap_or(Ok(f64::INFINITY))
    }

    /// Makes the row of a slot's vector of its code; false while the code is not in memory.
    fn restore(&self, slot: u32, restored: &mut Restored) -> bool {
        let graph = &self.resident.graph;
        restored.floats.clear();
        restored.row.clear();
        let has_components = graph.code(slot).is_some_and(|code| graph.quantizer().restore(code, &mut restored.floats));
        if has_components {
            self.index.shape().append_floats(&restored.floats, &mut restored.row);
        }
        has_components
    }

    fn compare_changed(&self, key: &[u8], latest: &Latest, query: &Query, nearest: &mut Nearest<'_>) -> Result<f64> {
        match latest {
            Latest::Missing => Ok(f64::INFINITY),
            Latest::Row(row) => self.take(key, row, query, nearest),
            Latest::Stored => {
                let take = |row: &[u8]| self.take(key, row, query, nearest);
                let row_key = RowKind::Vector.row_key(key)?;
                self.read.get_with(self.index.namespace(), &row_key, take)?.unwrap_or(Ok(f64::INFINITY))
            }
        }
    }

    fn take(&self, key: &[u8], row: &[u8], query: &Query, nearest: &mut Nearest<'_>) -> Result<f64> {
        let shape = self.index.shape();
        let row = shape.split(row).ok_or_else(|| shape.damaged(&self.index.place(), row))?;
        let distance = query.distance(&row);
        if nearest.accepts(distance, key) {
            nearest.insert(distance, key);
        }
        Ok(distance)
    }

    /// Whether there may be attributes to read.
    fn may_have_attributes(&self, key: &[u8]) -> bool {
        let slots = &self.resident.slots;
        let version = slots.of_key(key).filter(|&slot| slots.is_visible(slot, self.state.seq));
        let known = version.and_then(|slot| slots.get(slot)).filter(|_| !self.view.changed.contains_key(key));
        known.is_none_or(|slot| slot.traits.has_attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::CodeErrors;

    fn of(errors: &[f64]) -> CodeErrors {
        let mut known = CodeErrors::default();
        errors.iter().for_each(|&error| known.note(error));
        known
    }

    #[test]
    fn few_errors_rule_out_nothing() {
        assert!(!of(&[]).rule_out(100.0, 1.0));
        assert!(!of(&[0.0; 7]).rule_out(100.0, 1.0));
        // A row that is gone has no error.
        assert!(!of(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, f64::INFINITY]).rule_out(100.0, 1.0));
    }

    #[test]
    fn codes_without_error_decide_alone() {
        let exact = of(&[0.0; 8]);
        assert!(exact.rule_out(1.01, 1.0));
        // Of equally near ones the lower key comes first.
        assert!(!exact.rule_out(1.0, 1.0));
    }

    #[test]
    fn wrong_codes_leave_more_open() {
        let mut errors = [0.1; 8];
        errors[3] = -0.2;
        let wrong = of(&errors);
        assert!(!wrong.rule_out(1.45, 1.0));
        assert!(wrong.rule_out(1.55, 1.0));
    }
}
