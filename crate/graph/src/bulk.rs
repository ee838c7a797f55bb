//! Many changes in one buffer, so that a load from another language crosses over once a batch.
//!
//! The buffer is a sequence of MessagePack values: an operation's number and its fields, and so on to the end.
//!
//! | operation | fields |
//! |---|---|
//! | 0 introduce a name | name |
//! | 1 add node | id, labels, properties |
//! | 2 add edge | id, type, source, target, properties |
//! | 3 update node | id, mode, properties, labels added, labels removed |
//! | 4 update edge | id, mode, properties |
//! | 5 remove node | id |
//! | 6 remove edge | id |
//! | 7 say where edges of a type lead | type, labels of which their sources have one, labels of which their targets do |
//!
//! A label or type is a number: how many names the buffer introduced before it. Labels are a list of
//! them, properties are a map, and mode is 0 to leave the properties (which are null then), 1 to merge, 2 to replace. Ids of added nodes and edges come from
//! [`Graph::reserve_nodes`] and [`Graph::reserve_edges`], so that later changes can name them.

use std::ops::Range;

use sledstore_engine::{Error, Read, Result, Write};

use crate::fields::Fields;
use crate::graph::Graph;
use crate::model::{EdgeId, NodeId};
use crate::property::invalid;
use crate::write::{Changes, ENDS, NodeUpdate, PropertyChange, Writer};

const INTRODUCE: u64 = 0;
const WHERE: u64 = 7;

/// What a buffer says of the ends of edges of a type.
struct Ends<'b> {
    edge_type: &'b str,
    /// Of sources, and of targets.
    labels: [Vec<&'b str>; 2],
}

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
    /// Those of the single changes, and `SCHEMA_INVALID` for an edge whose ends the buffer forbids, with the number of the change in the message; `INVALID_ARGUMENT` for a buffer that
    /// cannot be read or adds an id that was not reserved.
    pub fn apply_changes(&self, tx: &mut (impl Read + Write), buffer: &[u8]) -> Result<()> {
        let mut fields = Fields::of(buffer);
        let (mut names, mut ends) = (Vec::new(), Vec::new());
        let mut changes = Changes::default();
        let mut writer = self.writer(tx, &mut changes)?;
        let mut number = 0_u64;
        while !fields.is_done() {
            let operation = fields.number()?;
            if operation == INTRODUCE {
                names.push(fields.text()?);
                continue;
            }
            if operation == WHERE {
                let edge_type = fields.name(&names)?;
                ends.push(Ends { edge_type, labels: [fields.names(&names)?, fields.names(&names)?] });
                continue;
            }
            number += 1;
            let applied = self.apply_change(&mut writer, operation, &mut fields, (&names, &ends));
            applied.map_err(|error| at_change(number, fields.is_done(), error))?;
        }
        self.finish(tx, changes)
    }

    fn apply_change(
        &self,
        writer: &mut Writer<'_, impl Read + Write>,
        operation: u64,
        fields: &mut Fields<'_>,
        (names, ends): (&[&str], &[Ends<'_>]),
    ) -> Result<()> {
        match operation {
            1 => {
                let (id, labels, properties) = (fields.number()?, fields.names(names)?, fields.properties()?);
                let id = NodeId(self.check_reserved(self.node_counter().is_given(id), id)?);
                writer.add_node_as(id, &labels, &properties)
            }
            2 => {
                let (id, edge_type) = (fields.number()?, fields.name(names)?);
                let (source, target) = (NodeId(fields.number()?), NodeId(fields.number()?));
                let properties = fields.properties()?;
                let id = EdgeId(self.check_reserved(self.edge_counter().is_given(id), id)?);
                if let Some(ends) = ends.iter().find(|ends| ends.edge_type == edge_type) {
                    for ((end, allowed), how) in [source, target].into_iter().zip(&ends.labels).zip(ENDS) {
                        writer.check_end(end)?;
                        writer.check_label(edge_type, end, how, allowed)?;
                    }
                }
                writer.add_edge_as(id, edge_type, source, target, &properties)
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
