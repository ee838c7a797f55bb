//! Creating an index over the nodes there are, however many, in commits of a bounded size.
//!
//! 1. One commit puts the index among the graph's, as one that is being built. Each writer's transaction reads that row,
//!    so from then on each keeps the entries of what it changes; readers pass the index over.
//! 2. Step after step adds the entries of the nodes that were there before.
//! 3. One commit says that it is whole.
//!
//! A build that fails takes its index back. One that a crash ended is known by the epoch it was begun in, which the
//! store has left (E1), and is taken back when the graph is opened. Two that build the same index share it: each goes
//! over all nodes, and what it writes the other may have written.

use std::ops::ControlFlow;

use sledstore_engine::{Durability, Error, ErrorCode, KeyRange, Read, Result, Status, Transaction, Write};

use crate::graph::Graph;
use crate::index::IndexDefinition;
use crate::keys::{self, NameClass, RowKind, parse_number, trailing_id};
use crate::model::NodeId;
use crate::property::{Properties, invalid};
use crate::rows::visit_keys;
use crate::schema::{Index, Schema};

/// Longest name of an indexed property, in bytes of UTF-8.
const PROPERTY_NAME_BYTES_MAX: usize = 1_024;
/// Nodes of one step: their entries are well below half of the least memory budget.
const STEP_NODES: usize = 500;

impl Graph {
    /// Creates an index over the nodes there are and those to come; answers whether it was, for the same index may be
    /// asked for again. It is used once it is whole, while writers come and go. `progress` is called after every step
    /// with the nodes done, and ends the work by answering false; then, and when it fails, nothing of the index stays.
    ///
    /// Reads every node with the label, or every node. While a unique index is being built, it refuses the values it
    /// has met already.
    ///
    /// # Errors
    /// `UNIQUE_VIOLATION` when two nodes share a value, `INVALID_ARGUMENT` when the index exists with the other
    /// uniqueness, `KEY_TOO_LARGE` when a value is too long for an index, `ABORTED` when it was ended or dropped.
    pub fn create_index(
        &self,
        index: &Index,
        level: Durability,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<bool> {
        if index.property.len() > PROPERTY_NAME_BYTES_MAX {
            return Err(invalid(format!("an indexed property's name has at most {PROPERTY_NAME_BYTES_MAX} bytes")));
        }
        let Some(building) = self.store().transact(Durability::None, |tx| self.begin_index(tx, index))? else {
            return Ok(false);
        };
        let built = self.fill_index(&building, progress).and_then(|()| self.finish_index(&building, level));
        if built.is_err() {
            // What stopped the build is the error to tell; what stays of it is taken back at the next opening.
            let _ = self.store().transact(Durability::None, |tx| self.take_back(tx, building.id));
        }
        built
    }

    /// The index that is to be filled; `None` when it is there already.
    fn begin_index(&self, tx: &mut Transaction, index: &Index) -> Result<Option<IndexDefinition>> {
        let Index { label, property, unique } = index;
        let label = label.as_ref().map(|label| self.intern(tx, NameClass::Label, label)).transpose()?;
        let mut schema = Schema::clone(&*self.schema(tx)?);
        if let Some(existing) = schema.find(label, property) {
            if existing.unique == *unique {
                return Ok(existing.building.is_some().then(|| existing.clone()));
            }
            let have = if existing.unique { "a unique" } else { "an ordinary" };
            return Err(invalid(format!("property \"{property}\" has {have} index already; drop it first")));
        }
        schema.next_id += 1;
        let building = Some(self.store().epoch());
        let index =
            IndexDefinition { id: schema.next_id, label, property: property.clone(), unique: *unique, building };
        schema.indexes.push(index.clone());
        tx.put(self.namespace(), &keys::schema(), &schema.encode())?;
        Ok(Some(index))
    }

    fn fill_index(&self, building: &IndexDefinition, progress: &mut dyn FnMut(u64) -> bool) -> Result<()> {
        // What was there when the index was begun; what came later has its entry from its writer.
        let before = self.store().snapshot()?;
        let prefix = building.label.map_or_else(|| keys::kind_prefix(RowKind::Node), keys::label_prefix);
        let parse = |key: &[u8]| trailing_id(key, &prefix).map(NodeId);
        let (mut step, mut done) = (Vec::with_capacity(STEP_NODES), 0);
        let mut add = |step: &mut Vec<NodeId>| {
            self.add_entries(building.id, step)?;
            done += step.len() as u64;
            step.clear();
            if progress(done) { Ok(ControlFlow::Continue(())) } else { Err(ended("was ended")) }
        };
        let _ = visit_keys(&before, self.namespace(), &prefix, None, parse, |id| {
            step.push(id);
            if step.len() == STEP_NODES { add(&mut step) } else { Ok(ControlFlow::Continue(())) }
        })?;
        add(&mut step).map(|_| ())
    }

    /// One step. Where writers keep changing its nodes, smaller ones come through.
    fn add_entries(&self, index: u32, nodes: &[NodeId]) -> Result<()> {
        let added = self.store().transact(Durability::None, |tx| {
            let schema = self.schema(tx)?;
            let index = schema.by_id(index)?;
            nodes.iter().try_for_each(|&id| self.add_entry(tx, index, id))
        });
        match added {
            Err(error) if error.code() == ErrorCode::Conflict && nodes.len() > 1 => {
                let (left, right) = nodes.split_at(nodes.len() / 2);
                self.add_entries(index, left)?;
                self.add_entries(index, right)
            }
            added => added,
        }
    }

    fn add_entry(&self, tx: &mut Transaction, index: &IndexDefinition, id: NodeId) -> Result<()> {
        let row = self.with_node(tx, id, |row| {
            let covered = index.label.is_none_or(|label| row.has_label(label));
            covered.then(|| row.properties.to_vec())
        })?;
        // Removed, or without the label by now.
        let Some(stored) = row.flatten() else { return Ok(()) };
        let properties = Properties::stored(&stored)?;
        let Some(entry) = index.entry(id, &properties)? else { return Ok(()) };
        if index.unique {
            let holder = tx
                .get_with(self.namespace(), &entry.key, |value| parse_number(value, "a unique entry"))?
                .transpose()?;
            if holder.is_some_and(|holder| holder != id.0) {
                return Err(self.unique_violation(tx, index, &properties));
            }
        }
        tx.put(self.namespace(), &entry.key, &entry.row_value(id))
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
        let mut schema = Schema::clone(&*self.schema(tx)?);
        let Ok(IndexDefinition { building: Some(_), unique, .. }) = schema.by_id(id) else { return Ok(()) };
        let entries = keys::index_prefix(id, *unique);
        schema.indexes.retain(|other| other.id != id);
        tx.put(self.namespace(), &keys::schema(), &schema.encode())?;
        tx.clear(self.namespace(), &KeyRange::prefix(&entries))
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

/// The end of a build by somebody's wish.
pub(crate) fn ended(how: &str) -> Error {
    Error::new(ErrorCode::Aborted, format!("the creation of the index {how}, and nothing of it stays; create it again"))
}
