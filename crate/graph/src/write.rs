//! Changing nodes and edges inside a transaction.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use sledstore_engine::{Error, ErrorCode, Read, Result, Write};

use crate::graph::Graph;
use crate::index::Entry;
use crate::keys::{self, Adjacency, NameClass, parse_number};
use crate::model::{EdgeId, EdgeRow, NodeId, NodeRow};
use crate::property::Properties;
use crate::rows::visit_keys;
use crate::schema::Schema;

/// What an update does to the properties that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyChange<'a> {
    /// Lays the given properties over them; one given as null is removed.
    Merge(&'a [u8]),
    /// Puts the given properties in their place.
    Replace(&'a [u8]),
}

/// What is changed about a node; the default changes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeUpdate<'a> {
    /// The change of its properties.
    pub properties: Option<PropertyChange<'a>>,
    /// Labels it gets; those it has stay.
    pub add_labels: &'a [&'a str],
    /// Labels it loses; those it does not have are passed over.
    pub remove_labels: &'a [&'a str],
}

impl Graph {
    /// Adds a node with `labels` and `properties` (a MessagePack map; no bytes are an empty one).
    ///
    /// # Errors
    /// `UNIQUE_VIOLATION` naming index and value, `INVALID_ARGUMENT` for properties that cannot be stored,
    /// `KEY_TOO_LARGE` for an indexed value that is too long; nothing is written then.
    pub fn add_node(&self, tx: &mut (impl Read + Write), labels: &[&str], properties: &[u8]) -> Result<NodeId> {
        let properties = Properties::parse(properties)?;
        let id = NodeId(self.node_counter().reserve(self.store(), 1)?.start);
        Writer::new(self, tx)?.add_node(id, labels, &properties)?;
        Ok(id)
    }

    /// Adds an edge of type `edge_type` from `source` to `target`. Edges may be parallel, and may be loops.
    ///
    /// # Errors
    /// `NOT_FOUND` when an end does not exist, `INVALID_ARGUMENT`; nothing is written then.
    pub fn add_edge(
        &self,
        tx: &mut (impl Read + Write),
        edge_type: &str,
        source: NodeId,
        target: NodeId,
        properties: &[u8],
    ) -> Result<EdgeId> {
        let properties = Properties::parse(properties)?;
        let id = EdgeId(self.edge_counter().reserve(self.store(), 1)?.start);
        Writer::new(self, tx)?.add_edge(id, edge_type, source, target, &properties)?;
        Ok(id)
    }

    /// Changes the labels and properties of a node.
    ///
    /// # Errors
    /// `NOT_FOUND`, and those of [`add_node`](Self::add_node); nothing is written then.
    pub fn update_node(&self, tx: &mut (impl Read + Write), id: NodeId, update: &NodeUpdate<'_>) -> Result<()> {
        Writer::new(self, tx)?.update_node(id, update)
    }

    /// Changes the properties of an edge.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_ARGUMENT`; nothing is written then.
    pub fn update_edge(&self, tx: &mut (impl Read + Write), id: EdgeId, change: PropertyChange<'_>) -> Result<()> {
        Writer::new(self, tx)?.update_edge(id, change)
    }

    /// Removes a node and every edge that starts or ends at it.
    ///
    /// # Errors
    /// `NOT_FOUND`; nothing is written then.
    pub fn remove_node(&self, tx: &mut (impl Read + Write), id: NodeId) -> Result<()> {
        Writer::new(self, tx)?.remove_node(id)
    }

    /// Removes an edge.
    ///
    /// # Errors
    /// `NOT_FOUND`; nothing is written then.
    pub fn remove_edge(&self, tx: &mut (impl Read + Write), id: EdgeId) -> Result<()> {
        Writer::new(self, tx)?.remove_edge(id)
    }
}

/// Several changes in one transaction. Each method checks everything before it writes its first row.
pub(crate) struct Writer<'a, T> {
    graph: &'a Graph,
    tx: &'a mut T,
    schema: Arc<Schema>,
    /// Nodes this writer has added or looked up, whose rows need not be read again.
    present: HashSet<NodeId>,
}

impl<'a, T: Read + Write> Writer<'a, T> {
    pub fn new(graph: &'a Graph, tx: &'a mut T) -> Result<Self> {
        let schema = graph.schema(tx)?;
        Ok(Self { graph, tx, schema, present: HashSet::new() })
    }

    /// `id` must be fresh: no row of it is looked for.
    pub fn add_node(&mut self, id: NodeId, labels: &[&str], properties: &Properties<'_>) -> Result<()> {
        let labels = self.intern_labels(labels)?;
        let value = NodeRow::encode(&labels, &properties.encode()?);
        let schema = self.schema.clone();
        let entries = schema.entries(id, &labels, properties)?;
        self.check_unique(id, &entries, properties)?;
        self.put(&keys::node(id), &value)?;
        for &label in &labels {
            self.put(&keys::label(label, id), &[])?;
        }
        for entry in &entries {
            self.put(&entry.key, &entry.row_value(id))?;
        }
        self.present.insert(id);
        Ok(())
    }

    /// `id` must be fresh: no row of it is looked for.
    pub fn add_edge(
        &mut self,
        id: EdgeId,
        edge_type: &str,
        source: NodeId,
        target: NodeId,
        properties: &Properties<'_>,
    ) -> Result<()> {
        for end in [source, target] {
            if !self.present.contains(&end) {
                if !self.graph.has_node(self.tx, end)? {
                    return Err(self.node_not_found(end));
                }
                self.present.insert(end);
            }
        }
        let properties = properties.encode()?;
        let edge_type = self.graph.intern(self.tx, NameClass::EdgeType, edge_type)?;
        let row = EdgeRow { source, target, edge_type, properties: &properties };
        self.put(&keys::edge(id), &row.encode())?;
        let out = row.outgoing(id);
        self.put(&out.key(), &[])?;
        self.put(&out.mirrored().key(), &[])
    }

    pub fn update_node(&mut self, id: NodeId, update: &NodeUpdate<'_>) -> Result<()> {
        let old = self.graph.with_node(self.tx, id, |row| (row.labels, row.properties.to_vec()))?;
        let Some((old_labels, old_bytes)) = old else { return Err(self.node_not_found(id)) };
        let old_properties = Properties::stored(&old_bytes)?;
        let new_properties = changed(&old_properties, update.properties)?;
        let new_labels = self.changed_labels(&old_labels, update)?;
        let value = NodeRow::encode(&new_labels, &new_properties.encode()?);

        let schema = self.schema.clone();
        let old_entries = schema.entries(id, &old_labels, &old_properties)?;
        let new_entries = schema.entries(id, &new_labels, &new_properties)?;
        self.check_unique(id, &new_entries, &new_properties)?;

        self.put(&keys::node(id), &value)?;
        for &label in old_labels.iter().filter(|label| !new_labels.contains(label)) {
            self.delete(&keys::label(label, id))?;
        }
        for &label in new_labels.iter().filter(|label| !old_labels.contains(label)) {
            self.put(&keys::label(label, id), &[])?;
        }
        for entry in old_entries.iter().filter(|old| new_entries.iter().all(|new| new.key != old.key)) {
            self.delete(&entry.key)?;
        }
        for entry in new_entries.iter().filter(|new| old_entries.iter().all(|old| old.key != new.key)) {
            self.put(&entry.key, &entry.row_value(id))?;
        }
        Ok(())
    }

    pub fn update_edge(&mut self, id: EdgeId, change: PropertyChange<'_>) -> Result<()> {
        let old = self
            .graph
            .with_edge(self.tx, id, |row| (row.source, row.target, row.edge_type, row.properties.to_vec()))?;
        let Some((source, target, edge_type, old_bytes)) = old else { return Err(self.edge_not_found(id)) };
        let properties = changed(&Properties::stored(&old_bytes)?, Some(change))?.encode()?;
        let row = EdgeRow { source, target, edge_type, properties: &properties };
        self.put(&keys::edge(id), &row.encode())
    }

    pub fn remove_node(&mut self, id: NodeId) -> Result<()> {
        let old = self.graph.with_node(self.tx, id, |row| (row.labels, row.properties.to_vec()))?;
        let Some((labels, properties)) = old else { return Err(self.node_not_found(id)) };
        let schema = self.schema.clone();
        let entries = schema.entries(id, &labels, &Properties::stored(&properties)?)?;
        let mut adjacent = Vec::new();
        let prefix = keys::adjacency_prefix(id, None);
        let _ = visit_keys(self.tx, self.graph.namespace(), &prefix, None, Adjacency::parse, |row| {
            adjacent.push(row);
            Ok(ControlFlow::Continue(()))
        })?;

        self.present.remove(&id);
        for row in &adjacent {
            self.remove_edge_rows(row)?;
        }
        for entry in &entries {
            self.delete(&entry.key)?;
        }
        for &label in &labels {
            self.delete(&keys::label(label, id))?;
        }
        self.delete(&keys::node(id))
    }

    pub fn remove_edge(&mut self, id: EdgeId) -> Result<()> {
        match self.graph.with_edge(self.tx, id, |row| row.outgoing(id))? {
            Some(row) => self.remove_edge_rows(&row),
            None => Err(self.edge_not_found(id)),
        }
    }

    fn remove_edge_rows(&mut self, row: &Adjacency) -> Result<()> {
        self.delete(&row.key())?;
        self.delete(&row.mirrored().key())?;
        self.delete(&keys::edge(row.edge))
    }

    fn intern_labels(&mut self, labels: &[&str]) -> Result<Vec<u32>> {
        let mut numbers = Vec::with_capacity(labels.len());
        for label in labels {
            numbers.push(self.graph.intern(self.tx, NameClass::Label, label)?);
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    fn changed_labels(&mut self, old: &[u32], update: &NodeUpdate<'_>) -> Result<Vec<u32>> {
        let mut labels = old.to_vec();
        labels.extend(self.intern_labels(update.add_labels)?);
        for label in update.remove_labels {
            if let Some(removed) = self.graph.find_name(self.tx, NameClass::Label, label)? {
                labels.retain(|&label| label != removed);
            }
        }
        labels.sort_unstable();
        labels.dedup();
        Ok(labels)
    }

    fn check_unique(&self, id: NodeId, entries: &[Entry<'_>], properties: &Properties<'_>) -> Result<()> {
        for entry in entries.iter().filter(|entry| entry.index.unique) {
            let holder =
                self.tx.get_with(self.graph.namespace(), &entry.key, |value| parse_number(value, "a unique entry"))?;
            if holder.transpose()?.is_some_and(|holder| holder != id.0) {
                return Err(self.graph.unique_violation(self.tx, entry.index, properties));
            }
        }
        Ok(())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.tx.put(self.graph.namespace(), key, value)
    }

    fn delete(&mut self, key: &[u8]) -> Result<()> {
        self.tx.delete(self.graph.namespace(), key)
    }

    fn node_not_found(&self, id: NodeId) -> Error {
        not_found(self.graph, "node", id.0)
    }

    fn edge_not_found(&self, id: EdgeId) -> Error {
        not_found(self.graph, "edge", id.0)
    }
}

fn changed<'a>(old: &Properties<'a>, change: Option<PropertyChange<'a>>) -> Result<Properties<'a>> {
    match change {
        None => Ok(old.clone()),
        Some(PropertyChange::Merge(bytes)) => Ok(old.merged(&Properties::parse(bytes)?)),
        Some(PropertyChange::Replace(bytes)) => Properties::parse(bytes),
    }
}

fn not_found(graph: &Graph, what: &str, id: u64) -> Error {
    Error::new(
        ErrorCode::NotFound,
        format!("graph \"{}\" has no {what} {id}; it was removed, or never added", graph.name()),
    )
}
