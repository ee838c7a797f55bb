//! Walks every row of an index and names what is wrong.

use sledstore_engine::{Error, ErrorCode, Read, Result, Snapshot};
use sledstore_neighbor::{Assembly, Graph};

use crate::attributes;
use crate::beside::beside;
use crate::index::VectorIndex;
use crate::keys::{RowKind, user_key};
use crate::pending::View;
use crate::record::State;
use crate::slots::{Slot, SlotTable};

/// After this many, a list of findings says no more.
const FINDINGS_MAX: usize = 1_000;

impl VectorIndex {
    /// Checks V1, V2 and V6 to V8 over the whole index; answers what is broken, one sentence a finding, and nothing for a
    /// sound index. An approximate index that is broken is not used from then on, and built anew of the vectors.
    ///
    /// # Errors
    /// Only those of reading: a row that cannot be read is a finding.
    pub fn verify(&self, snapshot: &Snapshot) -> Result<Vec<String>> {
        let mut findings = Vec::new();
        self.verify_rows(snapshot, &mut findings)?;
        let before = findings.len();
        let checked = self.state(snapshot).and_then(|state| self.verify_graph(snapshot, state, &mut findings));
        match checked {
            Err(error) if error.code() == ErrorCode::Corruption => findings.push(format!("V7: {}", error.message())),
            checked => checked?,
        }
        if findings.len() > before {
            let shared = self.shared()?;
            shared.spoil();
            shared.worker.wake(self);
        }
        findings.truncate(FINDINGS_MAX);
        Ok(findings)
    }

    fn verify_rows(&self, snapshot: &Snapshot, findings: &mut Vec<String>) -> Result<()> {
        let shape = self.shape();
        let mut vector = Vec::new();
        self.rows(snapshot, &RowKind::Vector.all(), &mut |row_key, row| {
            let key = user_key(row_key);
            let Some(row) = shape.split(row) else {
                findings.push(format!("V6: the row of vector {} has a wrong length", shown(key)));
                return Ok(());
            };
            vector.clear();
            row.append_to(&mut vector);
            if let Err(error) = shape.check(&vector) {
                findings.push(format!("V2: vector {}: {}", shown(key), error.message()));
            }
            Ok(())
        })?;
        self.rows(snapshot, &RowKind::Attributes.all(), &mut |row_key, value| {
            let key = user_key(row_key);
            if !snapshot.contains(self.namespace(), &RowKind::Vector.row_key(key)?)? {
                findings.push(format!("V1: {} has attributes and no vector", shown(key)));
            }
            if attributes::check(value, &|_, _| Ok(())).is_err() {
                findings.push(format!("V6: the attributes of {} are damaged", shown(key)));
            }
            Ok(())
        })
    }

    fn verify_graph(&self, snapshot: &Snapshot, state: State, findings: &mut Vec<String>) -> Result<()> {
        if state.generation == 0 {
            return Ok(());
        }
        let (graph, slots) = self.assemble(snapshot, state, None)?;
        let shared = self.shared()?;
        let view = shared.queue.at(snapshot, snapshot.seq(), state.seq)?;
        if view.is_unknown {
            return Ok(());
        }
        self.verify_codes(snapshot, state, (&graph, &slots, &view), findings)?;
        self.rows(snapshot, &RowKind::Vector.all(), &mut |row_key, _| {
            let key = user_key(row_key);
            if slots.of_key(key).is_none() && !view.changed.contains_key(key) {
                findings.push(format!("V7: the approximate index lacks {}", shown(key)));
            }
            Ok(())
        })?;
        let unreachable = graph.unreachable().len();
        if unreachable > 0 {
            findings.push(format!("V8: no search through the graph comes to {unreachable} of its slots"));
        }
        Ok(())
    }

    /// That each slot has the code of its key's vector.
    fn verify_codes(
        &self,
        snapshot: &Snapshot,
        state: State,
        (graph, slots, view): (&Graph, &SlotTable, &View),
        findings: &mut Vec<String>,
    ) -> Result<()> {
        let (mut vector, mut code, mut codes) = (Vec::new(), Vec::new(), 0);
        self.records(snapshot, RowKind::Code, state.generation, &mut |slot, stored| {
            let Some(version) = slots.get(slot).filter(|version| version.is_live()) else { return Ok(()) };
            codes += 1;
            if view.changed.contains_key(&*version.key) {
                return Ok(());
            }
            code.clear();
            if self.read_vector(snapshot, &version.key, &mut vector)? {
                graph.quantizer().encode(&vector, &mut code).map_err(|error| self.graph_error(&error))?;
            }
            let is_lossy = || version.traits.is_exact && !graph.quantizer().is_exact(&vector, &code);
            if code != stored || is_lossy() {
                findings.push(format!("V7: the approximate index has another vector under {}", shown(&version.key)));
            }
            Ok(())
        })?;
        if codes != slots.live() {
            findings.push(format!("V7: the approximate index has {codes} codes for {} vectors", slots.live()));
        }
        Ok(())
    }

    /// The graph of a state, and what its slots stand for, out of the records.
    pub(crate) fn assemble(
        &self,
        snapshot: &Snapshot,
        state: State,
        source: Option<std::sync::Arc<dyn sledstore_neighbor::CodeSource>>,
    ) -> Result<(Graph, SlotTable)> {
        let failed = |error| self.graph_error(&error);
        let parameters = self.parameters();
        let quantizer = self.quantizer(snapshot, state.generation, &parameters)?;
        let links = || {
            let mut assembly = Assembly::new(parameters, quantizer, state.slots as usize, source).map_err(failed)?;
            let (mut record, mut linked) = (Vec::new(), Vec::new());
            self.records(snapshot, RowKind::Links, state.generation, &mut |slot, content| {
                record.clear();
                record.extend(content.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)));
                assembly.record(slot, &record).map_err(failed)?;
                linked.push(slot);
                Ok(())
            })?;
            Ok((assembly.finish().map_err(failed)?, linked))
        };
        let keys = || {
            let mut slots = SlotTable::with_capacity(state.slots as usize);
            self.slot_rows(snapshot, state.generation, &mut |slot, row| {
                if slot >= state.slots {
                    return Err(self.damaged_record(slot));
                }
                slots.set(slot, row.key, row.traits, 0);
                Ok(())
            })?;
            Ok(slots)
        };
        let ((graph, linked), mut slots) = beside(links, keys)?;
        // Dead, unless there is a row that says what it stands for.
        for slot in linked {
            if !slots.get(slot).is_some_and(Slot::is_live) {
                slots.set_ended(slot);
            }
        }
        if slots.live() != state.live as usize || graph.counts().live != slots.live() {
            return Err(Error::corruption(self.place(), "records of the approximate index are missing"));
        }
        Ok((graph, slots))
    }
}

/// A key as a message shows it.
fn shown(key: &[u8]) -> String {
    key.escape_ascii().to_string()
}
