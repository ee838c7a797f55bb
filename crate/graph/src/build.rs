//! Creating an index or constraint over what there is, however much, in commits of a bounded size.
//!
//! 1. One commit puts the index among the graph's, as one that is being built. Each writer's transaction reads that row,
//!    so from then on each keeps the entries of what it changes; readers pass the index over.
//! 2. Step after step adds the entries of the nodes or edges that were there before, and checks them.
//! 3. One commit says that it is whole.
//!
//! A build that fails takes its index back. One that a crash ended is known by the epoch it was begun in, which the
//! store has left (E1), and is taken back when the graph is opened. Two that build the same index share it: each goes
//! over all, and what it writes the other may have written; only the last of them that fails takes the index back.

use std::collections::{HashMap, HashSet};
use std::ops::{Bound, ControlFlow};

use parking_lot::Mutex;
use sledstore_engine::{
    Derived, Durability, Error, ErrorCode, KeyRange, Read, Result, ScanOptions, Status, Transaction, Write,
};

use crate::count::{CountChanges, Counted};
use crate::fulltext::{TextDefinition, TextOptions, add_document};
use crate::graph::Graph;
use crate::index::{Entity, IndexDefinition, IndexKind, Subject};
use crate::keys::{self, RowKind, parse_number, trailing_id};
use crate::model::{EdgeId, EdgeRow, NodeId, NodeRow};
use crate::property::{Properties, invalid};
use crate::rows::{visit_keys, visit_range};
use crate::schema::{Index, IndexSpec, Schema};

/// Longest name of an indexed property, in bytes of UTF-8.
const PROPERTY_NAME_BYTES_MAX: usize = 1_024;
/// Longest name of an index, in bytes of UTF-8.
const NAME_BYTES_MAX: usize = 1_024;
/// Most properties of one index.
const PROPERTIES_MAX: usize = 16;
/// Nodes or edges of one step: their entries are well below half of the least memory budget.
const STEP_ROWS: usize = 500;
/// Bytes of the rows of one step, at most, if they are several.
const STEP_BYTES_MAX: usize = 1 << 20;
/// Rows that a scan passes in the time in which one is read by its key.
const IN_A_ROW: u64 = 4;

/// Takes how many nodes or edges are done and how many there are; answers whether to go on.
pub type Progress<'p> = &'p mut dyn FnMut(u64, u64) -> bool;

/// How many build each index of a graph, by its number.
#[derive(Default)]
struct Builders(Mutex<HashMap<u32, usize>>);

impl Derived for Builders {
    fn tidy(&self) {}
}

impl Graph {
    /// Creates an index over the nodes there are and those to come; answers whether it was, for the same index may be
    /// asked for again. It is used once it is whole, while writers come and go. `progress` is called after every step
    /// with the nodes done and how many there are, and ends the work by answering false; then, and when it fails, nothing of the index stays,
    /// unless another builds it, too.
    ///
    /// Reads every node with the label, or every node. While a unique index is being built, it refuses the values it
    /// has met already.
    ///
    /// # Errors
    /// `UNIQUE_VIOLATION` when two nodes share a value, `EXISTS` when the index exists with the other
    /// uniqueness, `KEY_TOO_LARGE` when a value is too long for an index, `ABORTED` when it was ended or dropped.
    pub fn create_index(&self, index: &Index, level: Durability, progress: Progress<'_>) -> Result<bool> {
        self.build_index(&index.into(), level, progress)
    }

    /// As [`create_index`](Self::create_index), for any index or constraint over nodes or edges. Those of a type are
    /// found among all edges.
    ///
    /// # Errors
    /// Those of [`create_index`](Self::create_index); `SCHEMA_INVALID` when a property is missing that must be there,
    /// `EXISTS` when another index has the name, `INVALID_ARGUMENT` when the properties are none, too many or repeated.
    pub fn build_index(&self, spec: &IndexSpec, level: Durability, progress: Progress<'_>) -> Result<bool> {
        if spec.kind == IndexKind::Fulltext {
            return Err(invalid("a full-text index is created by its own call, with its labels"));
        }
        self.build(spec, None, level, progress)
    }

    /// As [`build_index`](Self::build_index), for a full-text index, which may have several labels or types: `spec` names
    /// none, and its kind is [`IndexKind::Fulltext`].
    ///
    /// # Errors
    /// As [`build_index`](Self::build_index); `INVALID_ARGUMENT` for options that are none, `EXISTS` when there is a
    /// full-text index of the same labels and properties with other options.
    pub fn build_text_index(
        &self,
        spec: &IndexSpec,
        text: &TextOptions,
        level: Durability,
        progress: Progress<'_>,
    ) -> Result<bool> {
        if spec.kind != IndexKind::Fulltext || spec.label.is_some() {
            return Err(invalid("a full-text index has the kind of one, and its labels in its options"));
        }
        text.check()?;
        self.build(spec, Some(text), level, progress)
    }

    fn build(
        &self,
        spec: &IndexSpec,
        text: Option<&TextOptions>,
        level: Durability,
        progress: Progress<'_>,
    ) -> Result<bool> {
        check_spec(spec)?;
        let builders = self.store().derived(self.namespace(), Builders::default)?;
        // Under its lock, so that nobody takes back what another has just found.
        let building = {
            let mut builds = builders.0.lock();
            let begun = self.store().transact(Durability::None, |tx| self.begin_index(tx, spec, text))?;
            let Some(building) = begun else { return Ok(false) };
            *builds.entry(building.id).or_default() += 1;
            building
        };
        let built = self.fill_index(&building, progress).and_then(|()| self.finish_index(&building, level));
        let mut builds = builders.0.lock();
        let others = builds.get(&building.id).map_or(0, |builders| builders.saturating_sub(1));
        if others > 0 {
            builds.insert(building.id, others);
            return built;
        }
        builds.remove(&building.id);
        if built.is_err() {
            // What stopped the build is the error to tell; what stays of it is taken back at the next opening.
            let _ = self.store().transact(Durability::None, |tx| self.take_back(tx, building.id));
        }
        built
    }

    /// The index that is to be filled; `None` when it is there already.
    fn begin_index(
        &self,
        tx: &mut Transaction,
        spec: &IndexSpec,
        text: Option<&TextOptions>,
    ) -> Result<Option<IndexDefinition>> {
        let IndexSpec { entity, kind, ref label, ref properties, .. } = *spec;
        let label = label.as_ref().map(|label| self.intern(tx, entity.name_class(), label)).transpose()?;
        let text = text.map(|text| self.text_definition(tx, entity, text)).transpose()?;
        let mut schema = Schema::clone(&*self.schema(tx)?);
        let existing = match &text {
            Some(text) => schema.find_text(entity, &text.labels, properties),
            None => schema.find(entity, label, properties, kind.has_entries()),
        };
        if let Some(existing) = existing {
            if text.is_some() && existing.text != text {
                let names = properties.join("\", \"");
                return Err(exists(format!(
                    "property \"{names}\" has a full-text index with other options already; drop it first"
                )));
            }
            if existing.kind == kind {
                return Ok(existing.building.is_some().then(|| existing.clone()));
            }
            let have = if existing.kind.is_unique() { "a unique" } else { "an ordinary" };
            let names = properties.join("\", \"");
            return Err(exists(format!("property \"{names}\" has {have} index already; drop it first")));
        }
        schema.next_id += 1;
        let id = schema.next_id;
        let is_taken = |name: &str| schema.indexes.iter().any(|index| index.name == name);
        let name = if spec.name.is_empty() { free_name(id, is_taken) } else { spec.name.clone() };
        if is_taken(&name) {
            return Err(exists(format!("another index has the name \"{name}\"; choose another, or drop it first")));
        }
        let building = Some(self.store().epoch());
        let (properties, holds_others) = (properties.clone(), kind.has_entries());
        let index = IndexDefinition { id, name, entity, label, properties, kind, building, holds_others, text };
        schema.indexes.push(index.clone());
        tx.put(self.namespace(), &keys::schema(), &schema.encode())?;
        Ok(Some(index))
    }

    fn fill_index(&self, building: &IndexDefinition, progress: Progress<'_>) -> Result<()> {
        // What was there when the index was begun; what came later has its entry from its writer.
        let before = self.store().snapshot()?;
        let counted = match (building.entity, building.label, &building.text) {
            (Entity::Node, _, Some(text)) => text.labels.iter().map(|&label| Counted::Label(label)).collect(),
            (Entity::Node, Some(label), None) => vec![Counted::Label(label)],
            (Entity::Node, None, None) => vec![Counted::Nodes],
            (Entity::Edge, ..) => vec![Counted::Edges],
        };
        let (mut step, mut done, mut total) = (Vec::with_capacity(STEP_ROWS), 0, 0);
        for &rows in &counted {
            total += self.count(&before, rows)?;
        }
        let mut add = |step: &mut Vec<u64>| {
            self.add_entries(building.id, step)?;
            done += step.len() as u64;
            step.clear();
            if progress(done, total) { Ok(ControlFlow::Continue(())) } else { Err(ended("was ended")) }
        };
        for rows in counted {
            let prefix = match rows {
                Counted::Label(label) => keys::label_prefix(label),
                Counted::Edges => keys::kind_prefix(RowKind::Edge),
                _ => keys::kind_prefix(RowKind::Node),
            };
            let parse = |key: &[u8]| trailing_id(key, &prefix);
            let _ = visit_keys(&before, self.namespace(), &prefix, None, parse, |id| {
                step.push(id);
                if step.len() == STEP_ROWS { add(&mut step) } else { Ok(ControlFlow::Continue(())) }
            })?;
        }
        add(&mut step).map(|_| ())
    }

    /// One step. Where writers keep changing what it goes over, or texts are long, smaller ones come through.
    fn add_entries(&self, index: u32, ids: &[u64]) -> Result<()> {
        let added = self.store().transact(Durability::None, |tx| {
            let schema = self.schema(tx)?;
            let index = schema.by_id(index)?;
            let mut counts = CountChanges::default();
            for (id, row) in self.rows_of_step(tx, index.entity, ids)? {
                self.add_entry(tx, index, (id, &row), &mut counts)?;
            }
            self.write_count_changes(tx, &counts)
        });
        let is_divided = |error: &Error| matches!(error.code(), ErrorCode::Conflict | ErrorCode::TooLarge);
        match added {
            Err(error) if is_divided(&error) && ids.len() > 1 => {
                let (left, right) = ids.split_at(ids.len() / 2);
                self.add_entries(index, left)?;
                self.add_entries(index, right)
            }
            added => added,
        }
    }

    /// The rows of nodes or edges that are there by now, with their ids, which ascend.
    fn rows_of_step(&self, tx: &Transaction, entity: Entity, ids: &[u64]) -> Result<Vec<(u64, Vec<u8>)>> {
        let key = |id: u64| match entity {
            Entity::Node => keys::node(NodeId(id)),
            Entity::Edge => keys::edge(EdgeId(id)),
        };
        // Those of a text index come label by label.
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut rows = Vec::with_capacity(ids.len());
        let (Some(&first), Some(&last)) = (ids.first(), ids.last()) else { return Ok(rows) };
        if last - first >= IN_A_ROW * ids.len() as u64 {
            let mut bytes = 0;
            for &id in &ids {
                let row = tx.get_with(self.namespace(), &key(id), <[u8]>::to_vec)?;
                bytes += row.as_ref().map_or(0, Vec::len);
                if bytes > STEP_BYTES_MAX && ids.len() > 1 {
                    return Err(divided());
                }
                rows.extend(row.map(|row| (id, row)));
            }
            return Ok(rows);
        }
        let mut bytes = 0;
        let prefix = keys::kind_prefix(if entity == Entity::Node { RowKind::Node } else { RowKind::Edge });
        let range = KeyRange { start: Bound::Included(key(first)), end: Bound::Included(key(last)) };
        visit_range(tx, self.namespace(), &range, ScanOptions::default(), |key, row| {
            let id = trailing_id(key, &prefix)?;
            if ids.binary_search(&id).is_ok() {
                bytes += row.len();
                if bytes > STEP_BYTES_MAX && ids.len() > 1 {
                    return Err(divided());
                }
                rows.push((id, row.to_vec()));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    fn add_entry(
        &self,
        tx: &mut Transaction,
        index: &IndexDefinition,
        (id, row): (u64, &[u8]),
        counts: &mut CountChanges,
    ) -> Result<()> {
        let (labels, stored) = match index.entity {
            Entity::Node => NodeRow::parse(row).map(|row| (row.labels, row.properties))?,
            Entity::Edge => EdgeRow::parse(row).map(|row| (vec![row.edge_type], row.properties))?,
        };
        let properties = Properties::stored(stored)?;
        let subject = Subject { entity: index.entity, id, labels: &labels, properties: &properties };
        // Of another type, or without the label by now.
        if !index.covers(&subject) {
            return Ok(());
        }
        if let Some(text) = &index.text {
            return add_document(self, tx, (index, text), &subject, counts);
        }
        if let Some(property) = index.missing(&properties) {
            return Err(self.missing_violation(tx, &subject, index, property));
        }
        let Some(entry) = index.entry(&subject)? else { return Ok(()) };
        if entry.unique {
            let holder = tx
                .get_with(self.namespace(), &entry.key, |value| parse_number(value, "a unique entry"))?
                .transpose()?;
            if holder.is_some_and(|holder| holder != id) {
                return Err(self.unique_violation(tx, index, &properties));
            }
        }
        tx.put(self.namespace(), &entry.key, &entry.row_value(id))
    }

    fn text_definition(&self, tx: &mut Transaction, entity: Entity, text: &TextOptions) -> Result<TextDefinition> {
        let labels = text.labels.iter().map(|label| self.intern(tx, entity.name_class(), label));
        Ok(text.definition(labels.collect::<Result<_>>()?))
    }

    fn finish_index(&self, building: &IndexDefinition, level: Durability) -> Result<bool> {
        self.store().transact(level, |tx| {
            let mut schema = Schema::clone(&*self.schema(tx)?);
            // Whoever shared the work may have been first.
            let first = schema.by_id_mut(building.id)?.building.take().is_some();
            if first {
                tx.put(self.namespace(), &keys::schema(), &schema.encode())?;
            }
            Ok(first)
        })
    }

    /// Takes an index that is not whole out of the graph, with its entries.
    fn take_back(&self, tx: &mut Transaction, id: u32) -> Result<()> {
        let schema = self.schema(tx)?;
        match schema.by_id(id) {
            Ok(index) if index.building.is_some() => self.remove_index(tx, &schema, index),
            _ => Ok(()),
        }
    }

    /// Takes back what a crash left of indexes that were being built.
    pub(crate) fn take_back_abandoned(&self) -> Result<()> {
        let epoch = self.store().epoch();
        let schema = self.schema(self.store())?;
        let abandoned = schema.indexes.iter().filter(|index| index.building.is_some_and(|begun| begun != epoch));
        for index in abandoned {
            // A poisoned store can still be read, and so can a published snapshot; there the index is passed over.
            if self.store().status() == Status::Open && !self.store().is_read_only() {
                self.store().transact(Durability::None, |tx| self.take_back(tx, index.id))?;
            }
        }
        Ok(())
    }
}

fn exists(message: String) -> Error {
    Error::new(ErrorCode::Exists, message)
}

/// The end of a build by somebody's wish.
pub(crate) fn ended(how: &str) -> Error {
    Error::new(ErrorCode::Aborted, format!("the creation of the index {how}, and nothing of it stays; create it again"))
}

fn free_name(id: u32, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = format!("index_{id}");
    while is_taken(&name) {
        name.push('_');
    }
    name
}

fn check_spec(spec: &IndexSpec) -> Result<()> {
    let properties = &spec.properties;
    if properties.is_empty() || properties.len() > PROPERTIES_MAX {
        return Err(invalid(format!(
            "an index has 1 to {PROPERTIES_MAX} properties; this one has {}",
            properties.len()
        )));
    }
    if properties.iter().any(|property| property.len() > PROPERTY_NAME_BYTES_MAX) {
        return Err(invalid(format!("an indexed property's name has at most {PROPERTY_NAME_BYTES_MAX} bytes")));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = properties.iter().find(|property| !seen.insert(property.as_str())) {
        return Err(invalid(format!("an index has property \"{twice}\" twice")));
    }
    if spec.name.len() > NAME_BYTES_MAX {
        return Err(invalid(format!("the name of an index has at most {NAME_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// Why a step is made in two.
fn divided() -> Error {
    Error::new(ErrorCode::TooLarge, "the rows of a step are large")
}
