//! Many changes in one buffer, so that a load from another language crosses over once a batch.
//!
//! The buffer is one MessagePack array: the list of names it uses (labels and edge types, each once), then the
//! changes, each an operation number followed by its fields:
//!
//! | operation | fields |
//! |---|---|
//! | 1 add node | id, labels, properties |
//! | 2 add edge | id, type, source, target, properties |
//! | 3 update node | id, mode, properties, labels added, labels removed |
//! | 4 update edge | id, mode, properties |
//! | 5 remove node | id |
//! | 6 remove edge | id |
//!
//! A label or type is its position in the list of names, labels are a list of them, properties are a map, and mode is
//! 0 to leave the properties (which are null then), 1 to merge, 2 to replace. Ids of added nodes and edges come from
//! [`Graph::reserve_nodes`] and [`Graph::reserve_edges`], so that later changes can name them.

use std::ops::Range;

use rmpv::ValueRef;
use sledstore_engine::{Error, Read, Result, Write};

use crate::graph::Graph;
use crate::model::{EdgeId, NodeId};
use crate::property::{Properties, invalid, take_value};
use crate::write::{NodeUpdate, PropertyChange, Writer};

impl Graph {
    /// Sets `count` node ids aside for changes of [`apply_changes`](Self::apply_changes).
    pub fn reserve_nodes(&self, count: u64) -> Result<Range<u64>> {
        self.node_counter().reserve(self.store(), count)
    }

    /// Sets `count` edge ids aside for changes of [`apply_changes`](Self::apply_changes).
    pub fn reserve_edges(&self, count: u64) -> Result<Range<u64>> {
        self.edge_counter().reserve(self.store(), count)
    }

    /// Applies a buffer of changes in order, each seeing those before it.
    ///
    /// When a change fails, those before it are in `tx` already: a buffer with one change has then written nothing,
    /// and after one with more the transaction must be aborted.
    ///
    /// # Errors
    /// Those of the single changes, with the number of the change in the message; `INVALID_ARGUMENT` for a buffer that
    /// cannot be read or adds an id that was not reserved.
    pub fn apply_changes(&self, tx: &mut (impl Read + Write), buffer: &[u8]) -> Result<()> {
        let mut fields = Fields::open(buffer)?;
        let names = fields.strings()?;
        let mut writer = Writer::new(self, tx)?;
        let mut number = 0_u64;
        while !fields.is_done() {
            number += 1;
            let applied = self.apply_change(&mut writer, &mut fields, &names);
            applied.map_err(|error| at_change(number, fields.is_done(), error))?;
        }
        if fields.bytes.is_empty() { Ok(()) } else { Err(invalid("bytes follow the buffer of changes")) }
    }

    fn apply_change(
        &self,
        writer: &mut Writer<'_, impl Read + Write>,
        fields: &mut Fields<'_>,
        names: &[&str],
    ) -> Result<()> {
        match fields.number()? {
            1 => {
                let (id, labels, properties) = (fields.number()?, fields.names(names)?, fields.properties()?);
                let id = NodeId(self.check_reserved(self.node_counter().is_given(id), id)?);
                writer.add_node(id, &labels, &properties)
            }
            2 => {
                let (id, edge_type) = (fields.number()?, fields.name(names)?);
                let (source, target) = (NodeId(fields.number()?), NodeId(fields.number()?));
                let properties = fields.properties()?;
                let id = EdgeId(self.check_reserved(self.edge_counter().is_given(id), id)?);
                writer.add_edge(id, edge_type, source, target, &properties)
            }
            3 => {
                let (id, properties) = (NodeId(fields.number()?), fields.change()?);
                let (added, removed) = (fields.names(names)?, fields.names(names)?);
                writer.update_node(id, &NodeUpdate { properties, add_labels: &added, remove_labels: &removed })
            }
            4 => {
                let (id, change) = (EdgeId(fields.number()?), fields.change()?);
                writer.update_edge(id, change.unwrap_or(PropertyChange::Merge(&[])))
            }
            5 => writer.remove_node(NodeId(fields.number()?)),
            6 => writer.remove_edge(EdgeId(fields.number()?)),
            other => Err(invalid(format!("{other} is not an operation"))),
        }
    }

    fn check_reserved(&self, given: bool, id: u64) -> Result<u64> {
        if given { Ok(id) } else { Err(invalid(format!("id {id} was not reserved"))) }
    }
}

/// A lone change needs no number.
fn at_change(number: u64, last: bool, error: Error) -> Error {
    if number == 1 && last {
        return error;
    }
    Error::new(error.code(), format!("change {number} of the batch: {}", error.message()))
}

/// The elements of the outer array that are not read yet.
struct Fields<'a> {
    bytes: &'a [u8],
    left: u32,
}

impl<'a> Fields<'a> {
    fn open(mut bytes: &'a [u8]) -> Result<Self> {
        let left = rmp::decode::read_array_len(&mut bytes)
            .map_err(|_| invalid("a buffer of changes is one MessagePack array"))?;
        Ok(Self { bytes, left })
    }

    fn is_done(&self) -> bool {
        self.left == 0
    }

    fn step(&mut self) -> Result<()> {
        self.left = self.left.checked_sub(1).ok_or_else(|| invalid("the buffer ends inside a change"))?;
        Ok(())
    }

    fn value(&mut self) -> Result<ValueRef<'a>> {
        self.step()?;
        take_value(&mut self.bytes)
    }

    fn number(&mut self) -> Result<u64> {
        number(&self.value()?)
    }

    fn strings(&mut self) -> Result<Vec<&'a str>> {
        let ValueRef::Array(items) = self.value()? else { return Err(invalid("the names are not a list")) };
        let texts = items.into_iter().map(|item| match item {
            ValueRef::String(text) => text.into_str().ok_or_else(|| invalid("a name is not UTF-8")),
            _ => Err(invalid("a name is not a string")),
        });
        texts.collect()
    }

    fn name<'n>(&mut self, names: &[&'n str]) -> Result<&'n str> {
        name_at(names, &self.value()?)
    }

    fn names<'n>(&mut self, names: &[&'n str]) -> Result<Vec<&'n str>> {
        let ValueRef::Array(items) = self.value()? else { return Err(invalid("labels are not a list")) };
        items.iter().map(|item| name_at(names, item)).collect()
    }

    fn properties(&mut self) -> Result<Properties<'a>> {
        self.step()?;
        Properties::take(&mut self.bytes)
    }

    /// Mode and properties of an update.
    fn change(&mut self) -> Result<Option<PropertyChange<'a>>> {
        let mode = self.number()?;
        let before = self.bytes;
        self.value()?;
        let properties = &before[..before.len() - self.bytes.len()];
        match mode {
            0 => Ok(None),
            1 => Ok(Some(PropertyChange::Merge(properties))),
            2 => Ok(Some(PropertyChange::Replace(properties))),
            _ => Err(invalid(format!("{mode} is not a mode of update"))),
        }
    }
}

/// JavaScript packs numbers above 2^32 as floats.
fn number(value: &ValueRef<'_>) -> Result<u64> {
    match value {
        ValueRef::Integer(number) => number.as_u64(),
        ValueRef::F64(float) if float.trunc() == *float && (0.0..=9_007_199_254_740_991.0).contains(float) => {
            Some(*float as u64)
        }
        _ => None,
    }
    .ok_or_else(|| invalid(format!("{value} is not an id")))
}

fn name_at<'n>(names: &[&'n str], position: &ValueRef<'_>) -> Result<&'n str> {
    let position = usize::try_from(number(position)?).unwrap_or(usize::MAX);
    names.get(position).copied().ok_or_else(|| invalid("a label or type is not in the buffer's list of names"))
}
