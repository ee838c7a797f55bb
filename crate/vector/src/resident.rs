//! The graph in memory: what all handles of an index share, and how it is loaded.
//!
//! It is loaded by the first search, links and keys at once, codes as searches meet them and then by the chunk. All of it
//! is lent by the memory budget; where there is no room, every vector is compared instead.

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use sledstore_engine::{
    Derived, Error, ErrorCode, KeyRange, Loan, NamespaceId, Read, Result, ScanOptions, Seq, Snapshot, Store,
};
use sledstore_neighbor::{CodeSource, Graph, Parameters, Quantizer, Scratch};

use crate::declared::Declared;
use crate::index::VectorIndex;
use crate::keys::{RowKind, user_key};
use crate::pending::Queue;
use crate::plan::KeptMatches;
use crate::record::{Fit, SlotRow, State, opened, slot_of};
use crate::results::Results;
use crate::slots::{NEVER, SlotTable};
use crate::worker::Worker;

const PAGE_ROWS: usize = 4_096;
const PAGE_BYTES: usize = 1 << 20;
/// Rows of vectors may have this part of what else could be lent, out of memtables' room, too.
const ROWS_PART: usize = 4;
/// What keeping a row takes besides its bytes.
const ROW_BYTES: usize = 40;

/// Called with the key and the value of a row.
type VisitRow<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<()>;

/// What all handles of an index share.
pub(crate) struct Shared {
    pub queue: Queue,
    pub worker: Worker,
    /// Changes that were noted since the index was opened.
    pub noted: AtomicUsize,
    /// Whether there is a graph, as far as this process knows.
    pub has_graph: AtomicBool,
    /// Held by whoever changes the graph.
    pub folding: Mutex<()>,
    loading: Mutex<()>,
    pub resident: RwLock<Option<Resident>>,
    /// Somebody has to look whether there should be a graph: a process before has left it at that, or counted otherwise.
    pub is_overdue: AtomicBool,
    /// The records are damaged or the graph is in no known state, so that it must be built anew.
    spoiled: AtomicBool,
    /// No records lie there of a graph that no state names.
    pub is_tidy: AtomicBool,
    scratch: Mutex<Vec<Scratch>>,
    pub matches: Mutex<KeptMatches>,
    pub results: Results,
    /// Of the index as it was opened last: attributes are only ever added.
    pub declared: RwLock<Declared>,
}

/// The graph and what its slots stand for.
pub(crate) struct Resident {
    pub generation: u32,
    /// The newest fold it has.
    pub seq: Seq,
    /// Readers behind an older fold miss slots here.
    pub floor: Seq,
    /// Components outside the quantizer's range when the graph was built, of a million.
    pub clamped: u32,
    /// A fold has put slots into the graph that no reader may be given.
    pub is_in_fold: bool,
    pub graph: Graph,
    pub slots: SlotTable,
    pub loan: Loan,
    row_loan: Option<Loan>,
    /// How many rows there were to keep when room for them was last asked for.
    rows_asked_for: usize,
    source: Option<Arc<StoredCodes>>,
}

impl Derived for Shared {
    fn tidy(&self) {}
}

impl Shared {
    pub fn new(queue: Queue) -> Self {
        Self {
            queue,
            worker: Worker::default(),
            noted: AtomicUsize::new(0),
            has_graph: AtomicBool::new(false),
            folding: Mutex::default(),
            loading: Mutex::default(),
            resident: RwLock::default(),
            is_overdue: AtomicBool::new(false),
            spoiled: AtomicBool::new(false),
            is_tidy: AtomicBool::new(false),
            scratch: Mutex::default(),
            matches: Mutex::default(),
            results: Results::default(),
            declared: RwLock::default(),
        }
    }

    /// The graph is not to be used any more, and is to be built anew.
    pub fn spoil(&self) {
        self.spoiled.store(true, Ordering::Release);
        *self.resident.write() = None;
    }

    pub fn is_spoiled(&self) -> bool {
        self.spoiled.load(Ordering::Acquire)
    }

    /// The graph in memory is in no known state; the records are as they were.
    pub fn spoil_memory(&self) {
        *self.resident.write() = None;
    }

    /// The graph is another one, or none.
    pub fn replace(&self, resident: Option<Resident>) {
        let old = std::mem::replace(&mut *self.resident.write(), resident);
        self.spoiled.store(false, Ordering::Release);
        drop(old);
    }

    pub fn take_scratch(&self) -> Scratch {
        self.scratch.lock().pop().unwrap_or_default()
    }

    pub fn give_scratch(&self, scratch: Scratch) {
        let mut kept = self.scratch.lock();
        if kept.len() < 16 {
            kept.push(scratch);
        }
    }
}

impl Resident {
    pub fn new(generation: u32, seq: Seq, graph: Graph, slots: SlotTable, loan: Loan) -> Self {
        Self {
            generation,
            seq,
            floor: seq,
            clamped: 0,
            is_in_fold: false,
            graph,
            slots,
            loan,
            row_loan: None,
            rows_asked_for: 0,
            source: None,
        }
    }

    /// How well its codes fit.
    pub fn fit(&self) -> Fit {
        Fit { at_build: self.clamped, since: self.graph.quantizer().drift() }
    }

    /// Whether the slot stands for a version that has ended.
    pub fn is_dead(&self, slot: u32) -> bool {
        self.slots.get(slot).is_some_and(|slot| slot.born != NEVER && !slot.is_live())
    }

    /// Asks for room for as many rows of vectors as there is, at most for all of them that searches read.
    pub fn borrow_for_rows(&mut self, store: &Store, row_bytes: usize) {
        let bytes = self.room_for_rows(store, row_bytes);
        let max = store.needed_bytes_max();
        self.row_loan = None;
        self.row_loan = store.lend_needed(bytes, max).or_else(|| store.lend_needed(0, max));
        self.note_room_for_rows();
    }

    /// Asks for more room where folds have brought many more rows to keep. It waits for nobody's memory.
    pub fn follow_rows(&mut self, store: &Store, row_bytes: usize) {
        if self.slots.inexact() <= self.rows_asked_for + self.rows_asked_for / 2 {
            return;
        }
        let bytes = self.room_for_rows(store, row_bytes);
        if let Some(loan) = self.row_loan.as_mut().filter(|loan| loan.bytes() < bytes) {
            loan.resize(bytes);
        }
        self.note_room_for_rows();
    }

    fn room_for_rows(&self, store: &Store, row_bytes: usize) -> usize {
        let all = self.slots.inexact() * (row_bytes + ROW_BYTES);
        // The rest is for others, and for what is still to come: rows are the last that others should find no room for.
        let others = store.lent_bytes().saturating_sub(self.row_loan.as_ref().map_or(0, Loan::bytes));
        let free = |max: usize| max.saturating_sub(others);
        let most = all.min((free(store.lent_bytes_max()) / 8 * 7).max(free(store.needed_bytes_max()) / ROWS_PART));
        if most < row_bytes { 0 } else { most }
    }

    fn note_room_for_rows(&mut self) {
        self.rows_asked_for = self.slots.inexact();
        self.slots.set_row_bytes_max(self.row_loan.as_ref().map_or(0, Loan::bytes));
    }

    /// What it takes is what is lent; false when there is no room.
    pub fn settle(&mut self) -> bool {
        let bytes = self.graph.memory_bytes() + self.slots.memory_bytes();
        if self.loan.resize(bytes) {
            return true;
        }
        // Rows give way.
        if let Some(loan) = &mut self.row_loan {
            loan.resize(0);
        }
        self.note_room_for_rows();
        self.loan.resize(bytes)
    }
}

/// Bytes of memory of a slot, about: those of the graph, of [`Slot`](crate::slots::Slot), and of the table of keys.
pub(crate) fn slot_bytes(parameters: &Parameters, code_bytes: usize) -> usize {
    parameters.slot_bytes(code_bytes) + size_of::<crate::slots::Slot>() + 10
}

impl VectorIndex {
    /// What graphs of this index are made with.
    pub(crate) fn parameters(&self) -> Parameters {
        self.shape().parameters()
    }

    /// Memory that searches would be many times slower without.
    pub(crate) fn borrow(&self, bytes: usize) -> Option<Loan> {
        self.store().lend_needed(bytes, self.store().needed_bytes_max())
    }

    /// How far the approximate index is, as a reader sees it.
    pub(crate) fn state(&self, read: &impl Read) -> Result<State> {
        let key = RowKind::State.row_key(&[])?;
        let state = read.get_with(self.namespace(), &key, |value| State::decode(value, &self.place()))?;
        Ok(state.transpose()?.unwrap_or_default())
    }

    /// The graph, loaded if it is not there; nothing in it when there is none, or no room for it.
    pub(crate) fn resident<'a>(&self, shared: &'a Shared) -> Result<RwLockReadGuard<'a, Option<Resident>>> {
        let guard = shared.resident.read();
        if guard.is_some() || shared.is_spoiled() {
            return Ok(guard);
        }
        drop(guard);
        let _one = shared.loading.lock();
        if shared.resident.read().is_none() && !shared.is_spoiled() {
            match self.load() {
                Ok(Some(resident)) => {
                    *shared.resident.write() = Some(resident);
                    self.fill_codes_beside();
                }
                Ok(None) => {}
                Err(error) if error.code() == ErrorCode::Corruption => shared.spoil(),
                Err(error) => return Err(error),
            }
        }
        Ok(shared.resident.read())
    }

    fn load(&self) -> Result<Option<Resident>> {
        let snapshot = self.store().snapshot()?;
        let state = self.state(&snapshot)?;
        if state.generation == 0 {
            return Ok(None);
        }
        let parameters = self.parameters();
        let code_bytes = self.quantizer(&snapshot, state.generation, &parameters)?.code_bytes();
        let bytes = slot_bytes(&parameters, code_bytes) * state.slots as usize;
        let Some(loan) = self.borrow(bytes) else { return Ok(None) };
        let snapshot = Arc::new(snapshot);
        let source = Arc::new(StoredCodes {
            snapshot: Mutex::new(Some(snapshot.clone())),
            namespace: self.namespace(),
            generation: state.generation,
            place: self.place(),
        });
        let (graph, slots) = self.assemble(&snapshot, state, Some(source.clone()))?;
        let mut resident = Resident::new(state.generation, state.seq, graph, slots, loan);
        if !resident.loan.resize(bytes + resident.slots.long_key_bytes()) {
            return Ok(None);
        }
        resident.clamped = state.fit.at_build;
        resident.graph.quantizer().count_from(state.fit.since);
        resident.source = Some(source);
        resident.borrow_for_rows(self.store(), self.shape().row_bytes());
        Ok(Some(resident))
    }

    pub(crate) fn quantizer(&self, read: &impl Read, generation: u32, parameters: &Parameters) -> Result<Quantizer> {
        let key = RowKind::Quantizer.record_key(generation, 0);
        let value = read.get(self.namespace(), &key)?;
        let content = value.as_deref().and_then(opened);
        let damaged = || Error::corruption(self.place(), "the quantizer of the approximate index is damaged");
        Quantizer::from_bytes(parameters, content.ok_or_else(damaged)?).map_err(|error| self.graph_error(&error))
    }

    /// Calls `visit` with every slot of live vectors.
    pub(crate) fn slot_rows(
        &self,
        read: &impl Read,
        generation: u32,
        visit: &mut dyn FnMut(u32, SlotRow<'_>) -> Result<()>,
    ) -> Result<()> {
        self.rows(read, &RowKind::Slot.generation(generation), &mut |row_key, value| {
            let slot = slot_of(row_key).unwrap_or(u32::MAX);
            visit(slot, SlotRow::decode(value).ok_or_else(|| self.damaged_record(slot))?)
        })
    }

    /// Calls `visit` with the slot and the content of every record of a kind.
    pub(crate) fn records(
        &self,
        read: &impl Read,
        kind: RowKind,
        generation: u32,
        visit: &mut dyn FnMut(u32, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.rows(read, &kind.generation(generation), &mut |row_key, value| {
            let slot = slot_of(row_key).unwrap_or(u32::MAX);
            visit(slot, opened(value).ok_or_else(|| self.damaged_record(slot))?)
        })
    }

    /// Calls `visit` with every row of a range, until it fails.
    pub(crate) fn rows(&self, read: &impl Read, range: &KeyRange, visit: VisitRow<'_>) -> Result<()> {
        let mut scan = read.scan(self.namespace(), range, ScanOptions::default())?;
        let mut failed = Ok(());
        loop {
            let more = scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |row_key, value| {
                if failed.is_ok() {
                    failed = visit(row_key, value);
                }
            })?;
            std::mem::replace(&mut failed, Ok(()))?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Sees to it that the slots' attributes are in memory, where there is room for them.
    pub(crate) fn load_attributes(&self, shared: &Shared) -> Result<()> {
        let is_there = |resident: &Option<Resident>| {
            resident.as_ref().is_none_or(|resident| resident.slots.attributes_from().is_some())
        };
        if is_there(&*self.resident(shared)?) {
            return Ok(());
        }
        // No fold gives slots to other versions meanwhile. While there is one, all vectors are compared.
        let Some(_alone) = shared.folding.try_lock() else { return Ok(()) };
        let snapshot = self.store().snapshot()?;
        let guard = shared.resident.read();
        let Some(resident) = guard.as_ref().filter(|_| !is_there(&guard)) else { return Ok(()) };
        let mut of_slot: Vec<Box<[u8]>> = vec![Box::default(); resident.slots.len()];
        let mut bytes = of_slot.len() * size_of::<Box<[u8]>>();
        self.rows(&snapshot, &RowKind::Attributes.all(), &mut |row_key, value| {
            if let Some(slot) = resident.slots.of_key(user_key(row_key)) {
                bytes += value.len();
                of_slot[slot as usize] = value.into();
            }
            Ok(())
        })?;
        drop(guard);
        let Some(loan) = self.borrow(bytes) else { return Ok(()) };
        if let Some(resident) = &mut *shared.resident.write() {
            resident.slots.load_attributes(snapshot.seq(), of_slot, loan);
        }
        Ok(())
    }

    /// Fills in codes on a thread of its own. Without one, searches read them where they are stored.
    fn fill_codes_beside(&self) {
        let index = self.clone();
        let fill = move || {
            let Ok(shared) = index.shared() else { return };
            if let Err(error) = index.fill_codes(&shared)
                && error.code() == ErrorCode::Corruption
            {
                shared.spoil();
            }
        };
        // Nobody waits for it.
        drop(std::thread::Builder::new().name("sledstore-codes".into()).spawn(fill));
    }

    /// Fills in the codes that are not in memory yet, a chunk at a time.
    fn fill_codes(&self, shared: &Shared) -> Result<()> {
        let mut chunk = 0;
        loop {
            let guard = shared.resident.read();
            let Some(resident) = &*guard else { return Ok(()) };
            let Some(missing) = resident.graph.missing_chunks().find(|&missing| missing >= chunk) else {
                if let Some(source) = &resident.source {
                    *source.snapshot.lock() = None;
                }
                return Ok(());
            };
            let slots = resident.graph.chunk_slots();
            let code_bytes = resident.graph.quantizer().code_bytes();
            let first = missing * slots;
            let mut codes = vec![0; slots * code_bytes];
            let snapshot = self.store().snapshot()?;
            let key = |slot: usize| RowKind::Code.record_key(resident.generation, slot as u32);
            let range = KeyRange {
                start: Bound::Included(key(first).to_vec()),
                end: Bound::Excluded(key(first + slots).to_vec()),
            };
            self.rows(&snapshot, &range, &mut |row_key, value| {
                let slot = slot_of(row_key).unwrap_or(u32::MAX);
                let content = opened(value).filter(|content| content.len() == code_bytes);
                let content = content.ok_or_else(|| self.damaged_record(slot))?;
                let at = (slot as usize - first) * code_bytes;
                codes[at..at + code_bytes].copy_from_slice(content);
                Ok(())
            })?;
            resident.graph.fill(missing, &codes).map_err(|error| self.graph_error(&error))?;
            chunk = missing + 1;
        }
    }

    pub(crate) fn damaged_record(&self, slot: u32) -> Error {
        Error::corruption(self.place(), format!("a record of slot {slot} of the approximate index is damaged"))
    }

    /// What a failure of the graph is to a caller.
    pub(crate) fn graph_error(&self, error: &sledstore_neighbor::Error) -> Error {
        use sledstore_neighbor::Error as Failure;
        match error {
            Failure::Source(source) => match source.downcast_ref::<Error>() {
                Some(error) => error.clone(),
                None => Error::corruption(self.place(), error.to_string()),
            },
            Failure::Stopped => crate::search::ended(),
            Failure::Full => Error::new(ErrorCode::TooLarge, format!("{} has no slot left", self.place())),
            Failure::Argument { .. } => crate::row::invalid(error.to_string()),
            _ => Error::corruption(self.place(), error.to_string()),
        }
    }
}

/// Codes where they are stored, until all are in memory. Until then it holds a snapshot: what is freed later is still there.
struct StoredCodes {
    snapshot: Mutex<Option<Arc<Snapshot>>>,
    namespace: NamespaceId,
    generation: u32,
    place: String,
}

impl CodeSource for StoredCodes {
    fn read(&self, slot: u32, code: &mut [u8]) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let key = RowKind::Code.record_key(self.generation, slot);
        let snapshot = self.snapshot.lock().clone();
        let copied = snapshot.map_or(Ok(None), |snapshot| {
            snapshot.get_with(self.namespace, &key, |value| {
                let content = opened(value).filter(|content| content.len() == code.len())?;
                code.copy_from_slice(content);
                Some(())
            })
        })?;
        let damaged = || Error::corruption(&self.place, format!("the code of slot {slot} is damaged"));
        copied.flatten().ok_or_else(|| damaged().into())
    }
}
