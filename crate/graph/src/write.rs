//! Changing nodes and edges inside a transaction.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use sledstore_engine::{Error, ErrorCode, Read, Result, Write};

use crate::adjacency::{encode_tail, row_edges};
use crate::count::{CountChanges, Counted};
use crate::fulltext::update_texts;
use crate::graph::Graph;
use crate::index::{Entity, Entry, Subject};
use crate::keys::{self, Adjacency, NameClass, damaged, parse_number};
use crate::model::{Direction, EdgeId, EdgeRow, NodeId, NodeRow};
use crate::property::Properties;
use crate::rows::visit_rows;
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

/// What several changes of one transaction have in common; ended by [`Graph::finish`].
///
/// Between two changes the transaction may be read, but what it holds of the graph is changed through these alone.
#[derive(Debug, Default)]
pub struct Changes {
    counts: CountChanges,
    /// Nodes that were added or looked up, whose rows need not be read again.
    present: HashSet<NodeId>,
    /// What lacked a property when it was changed; `None` when each change must leave everything complete.
    incomplete: Option<BTreeSet<(Entity, u64)>>,
}

impl Changes {
    /// Changes of which only the last needs to leave everything as constraints ask for: [`Graph::finish`] checks that
    /// each property is there which must be. Values that may not be shared are checked at each change.
    pub fn checked_at_end() -> Self {
        Self { incomplete: Some(BTreeSet::new()), ..Self::default() }
    }
}

impl Graph {
    /// Adds a node with `labels` and `properties` (a MessagePack map; no bytes are an empty one).
    ///
    /// # Errors
    /// `UNIQUE_VIOLATION` and `SCHEMA_INVALID` naming the constraint, `INVALID_ARGUMENT` for properties that cannot be
    /// stored, `KEY_TOO_LARGE` for an indexed value that is too long; nothing is written then.
    pub fn add_node(&self, tx: &mut (impl Read + Write), labels: &[&str], properties: &[u8]) -> Result<NodeId> {
        self.change(tx, |writer| writer.add_node(labels, properties))
    }

    /// Adds an edge of type `edge_type` from `source` to `target`. Edges may be parallel, and may be loops.
    ///
    /// # Errors
    /// `NOT_FOUND` when an end does not exist, and those of [`add_node`](Self::add_node); nothing is written then.
    pub fn add_edge(
        &self,
        tx: &mut (impl Read + Write),
        edge_type: &str,
        source: NodeId,
        target: NodeId,
        properties: &[u8],
    ) -> Result<EdgeId> {
        self.change(tx, |writer| writer.add_edge(edge_type, source, target, properties))
    }

    /// Changes the labels and properties of a node.
    ///
    /// # Errors
    /// `NOT_FOUND`, and those of [`add_node`](Self::add_node); nothing is written then.
    pub fn update_node(&self, tx: &mut (impl Read + Write), id: NodeId, update: &NodeUpdate<'_>) -> Result<()> {
        self.change(tx, |writer| writer.update_node(id, update))
    }

    /// Changes the properties of an edge.
    ///
    /// # Errors
    /// `NOT_FOUND`, and those of [`add_node`](Self::add_node); nothing is written then.
    pub fn update_edge(&self, tx: &mut (impl Read + Write), id: EdgeId, change: PropertyChange<'_>) -> Result<()> {
        self.change(tx, |writer| writer.update_edge(id, change))
    }

    /// Removes a node and every edge that starts or ends at it.
    ///
    /// # Errors
    /// `NOT_FOUND`; nothing is written then.
    pub fn remove_node(&self, tx: &mut (impl Read + Write), id: NodeId) -> Result<()> {
        self.change(tx, |writer| writer.remove_node(id))
    }

    /// Removes an edge.
    ///
    /// # Errors
    /// `NOT_FOUND`; nothing is written then.
    pub fn remove_edge(&self, tx: &mut (impl Read + Write), id: EdgeId) -> Result<()> {
        self.change(tx, |writer| writer.remove_edge(id))
    }

    /// Makes several changes in `tx`, which are complete once they are [finished](Self::finish).
    pub fn writer<'a, T: Read + Write>(&'a self, tx: &'a mut T, changes: &'a mut Changes) -> Result<Writer<'a, T>> {
        let schema = self.schema(tx)?;
        Ok(Writer { graph: self, tx, changes, schema })
    }

    /// Checks what [`Changes::checked_at_end`] has put off, and writes what the changes add to the counts.
    ///
    /// # Errors
    /// `SCHEMA_INVALID`; the transaction must be aborted then.
    pub fn finish(&self, tx: &mut (impl Read + Write), changes: Changes) -> Result<()> {
        let schema = self.schema(tx)?;
        for &(entity, id) in changes.incomplete.iter().flatten() {
            self.check_complete(tx, &schema, entity, id)?;
        }
        self.write_count_changes(tx, &changes.counts)
    }

    fn change<T, X: Read + Write>(&self, tx: &mut X, f: impl FnOnce(&mut Writer<'_, X>) -> Result<T>) -> Result<T> {
        let mut changes = Changes::default();
        let changed = f(&mut self.writer(tx, &mut changes)?)?;
        self.write_count_changes(tx, &changes.counts)?;
        Ok(changed)
    }

    fn check_complete(&self, tx: &impl Read, schema: &Schema, entity: Entity, id: u64) -> Result<()> {
        let row = match entity {
            Entity::Node => self.with_node(tx, NodeId(id), |row| (row.labels, row.properties.to_vec()))?,
            Entity::Edge => self.with_edge(tx, EdgeId(id), |row| (vec![row.edge_type], row.properties.to_vec()))?,
        };
        // Removed since.
        let Some((labels, stored)) = row else { return Ok(()) };
        let properties = Properties::stored(&stored)?;
        let subject = Subject { entity, id, labels: &labels, properties: &properties };
        match schema.missing(&subject) {
            Some((index, property)) => Err(self.missing_violation(tx, &subject, index, property)),
            None => Ok(()),
        }
    }
}

/// Changes a graph in a transaction. Each method checks everything before it writes its first row.
pub struct Writer<'a, T> {
    graph: &'a Graph,
    tx: &'a mut T,
    changes: &'a mut Changes,
    schema: Arc<Schema>,
}

impl<T: Read + Write> Writer<'_, T> {
    pub(crate) fn schema(&self) -> Arc<Schema> {
        self.schema.clone()
    }

    pub(crate) fn transaction(&self) -> &T {
        self.tx
    }

    pub(crate) fn count(&mut self, counted: Counted, change: i64) {
        self.changes.counts.add(counted, change);
    }

    /// As [`Graph::add_node`].
    pub fn add_node(&mut self, labels: &[&str], properties: &[u8]) -> Result<NodeId> {
        let properties = Properties::parse(properties)?;
        let id = NodeId(self.graph.node_counter().reserve(self.graph.store(), 1)?.start);
        self.add_node_as(id, labels, &properties)?;
        Ok(id)
    }

    /// As [`Graph::add_edge`].
    pub fn add_edge(&mut self, edge_type: &str, source: NodeId, target: NodeId, properties: &[u8]) -> Result<EdgeId> {
        let properties = Properties::parse(properties)?;
        let id = EdgeId(self.graph.edge_counter().reserve(self.graph.store(), 1)?.start);
        self.add_edge_as(id, edge_type, source, target, &properties)?;
        Ok(id)
    }

    /// `id` must be fresh: no row of it is looked for.
    pub(crate) fn add_node_as(&mut self, id: NodeId, labels: &[&str], properties: &Properties<'_>) -> Result<()> {
        let labels = self.intern_labels(labels)?;
        self.put_node(id, &labels, properties)
    }

    /// As [`add_node_as`](Self::add_node_as), with the numbers of its labels, ascending.
    fn put_node(&mut self, id: NodeId, labels: &[u32], properties: &Properties<'_>) -> Result<()> {
        let schema = self.schema.clone();
        let subject = Subject { entity: Entity::Node, id: id.0, labels, properties };
        let entries = self.checked_entries(&schema, &subject)?;
        self.put(&keys::node(id), &NodeRow::encode(labels, &properties.encode()?))?;
        for &label in labels {
            self.put(&keys::label(label, id), &[])?;
            self.count(Counted::Label(label), 1);
        }
        self.count(Counted::Nodes, 1);
        self.changes.present.insert(id);
        self.put_entries(&entries, id.0)?;
        self.update_texts(&schema, None, Some(&subject))
    }

    /// `id` must be fresh: no row of it is looked for.
    pub(crate) fn add_edge_as(
        &mut self,
        id: EdgeId,
        edge_type: &str,
        source: NodeId,
        target: NodeId,
        properties: &Properties<'_>,
    ) -> Result<()> {
        self.check_end(source)?;
        self.check_end(target)?;
        let stored = properties.encode()?;
        let edge_type = self.graph.intern(self.tx, NameClass::EdgeType, edge_type)?;
        let row = EdgeRow { source, target, edge_type, properties: &stored };
        self.put_edge_entries(id, &row)?;
        self.put(&keys::edge(id), &row.encode())?;
        self.count(Counted::Edges, 1);
        self.count(Counted::EdgeType(edge_type), 1);
        let out = row.outgoing(id);
        self.put(&out.key(), &[])?;
        self.put(&out.mirrored().key(), &[])
    }

    /// Refuses an end of an edge that is no node.
    pub(crate) fn check_end(&mut self, end: NodeId) -> Result<()> {
        if !self.changes.present.contains(&end) {
            if !self.graph.has_node(self.tx, end)? {
                return Err(self.node_not_found(end));
            }
            self.changes.present.insert(end);
        }
        Ok(())
    }

    /// Refuses an end of an edge, which is a node, that has none of the labels that are allowed there.
    pub(crate) fn check_label(&mut self, edge_type: &str, end: NodeId, how: &str, allowed: &[&str]) -> Result<()> {
        let mut labels = Vec::new();
        self.graph.labels_into(self.tx, end, &mut labels)?;
        for label in allowed {
            if self.graph.label_number(self.tx, label)?.is_some_and(|label| labels.contains(&label)) {
                return Ok(());
            }
        }
        Err(wrong_end(edge_type, how, allowed, &format!("node {}", end.0)))
    }

    /// Puts what indexes have of a new edge, when no constraint stands against it.
    pub(crate) fn put_edge_entries(&mut self, id: EdgeId, row: &EdgeRow<'_>) -> Result<()> {
        if !self.schema.covers_edges() {
            return Ok(());
        }
        let schema = self.schema.clone();
        let properties = Properties::stored(row.properties)?;
        let labels = [row.edge_type];
        let subject = Subject { entity: Entity::Edge, id: id.0, labels: &labels, properties: &properties };
        let entries = self.checked_entries(&schema, &subject)?;
        self.put_entries(&entries, id.0)?;
        self.update_texts(&schema, None, Some(&subject))
    }

    /// As [`Graph::update_node`].
    pub fn update_node(&mut self, id: NodeId, update: &NodeUpdate<'_>) -> Result<()> {
        let old = self.graph.with_node(self.tx, id, |row| (row.labels, row.properties.to_vec()))?;
        let Some((old_labels, old_bytes)) = old else { return Err(self.node_not_found(id)) };
        let old_properties = Properties::stored(&old_bytes)?;
        let new_properties = changed(&old_properties, update.properties)?;
        let new_labels = self.changed_labels(&old_labels, update)?;
        let value = NodeRow::encode(&new_labels, &new_properties.encode()?);

        let schema = self.schema.clone();
        let entity = Entity::Node;
        let old_subject = Subject { entity, id: id.0, labels: &old_labels, properties: &old_properties };
        let subject = Subject { labels: &new_labels, properties: &new_properties, ..old_subject };
        let old_entries = schema.entries(&old_subject)?;
        let new_entries = self.checked_entries(&schema, &subject)?;

        self.put(&keys::node(id), &value)?;
        for &label in old_labels.iter().filter(|label| !new_labels.contains(label)) {
            self.delete(&keys::label(label, id))?;
            self.changes.counts.add(Counted::Label(label), -1);
        }
        for &label in new_labels.iter().filter(|label| !old_labels.contains(label)) {
            self.put(&keys::label(label, id), &[])?;
            self.changes.counts.add(Counted::Label(label), 1);
        }
        self.replace_entries(&old_entries, &new_entries, id.0)?;
        self.update_texts(&schema, Some(&old_subject), Some(&subject))
    }

    /// As [`Graph::update_edge`].
    pub fn update_edge(&mut self, id: EdgeId, change: PropertyChange<'_>) -> Result<()> {
        let old = self
            .graph
            .with_edge(self.tx, id, |row| (row.source, row.target, row.edge_type, row.properties.to_vec()))?;
        let Some((source, target, edge_type, old_bytes)) = old else { return Err(self.edge_not_found(id)) };
        let old_properties = Properties::stored(&old_bytes)?;
        let properties = changed(&old_properties, Some(change))?;
        let stored = properties.encode()?;

        let schema = self.schema.clone();
        let labels = [edge_type];
        let old_subject = Subject { entity: Entity::Edge, id: id.0, labels: &labels, properties: &old_properties };
        let old_entries = schema.entries(&old_subject)?;
        let subject = Subject { properties: &properties, ..old_subject };
        let new_entries = self.checked_entries(&schema, &subject)?;
        let row = EdgeRow { source, target, edge_type, properties: &stored };
        self.put(&keys::edge(id), &row.encode())?;
        self.replace_entries(&old_entries, &new_entries, id.0)?;
        self.update_texts(&schema, Some(&old_subject), Some(&subject))
    }

    /// As [`Graph::remove_node`].
    pub fn remove_node(&mut self, id: NodeId) -> Result<()> {
        let old = self.graph.with_node(self.tx, id, |row| (row.labels, row.properties.to_vec()))?;
        let Some((labels, stored)) = old else { return Err(self.node_not_found(id)) };
        let schema = self.schema.clone();
        let properties = Properties::stored(&stored)?;
        let subject = Subject { entity: Entity::Node, id: id.0, labels: &labels, properties: &properties };
        let entries = schema.entries(&subject)?;
        let (mut rows, mut edges) = (Vec::new(), Vec::new());
        visit_rows(self.tx, self.graph.namespace(), &keys::adjacency_prefix(id, None), |key, value| {
            rows.push(key.to_vec());
            edges.extend(row_edges(key, value)?);
            Ok(())
        })?;

        self.changes.present.remove(&id);
        for edge in &edges {
            // A loop is met in both directions.
            if edge.neighbor != id {
                self.remove_adjacent(&edge.mirrored())?;
            } else if edge.direction == Direction::In {
                continue;
            }
            self.remove_edge_row(edge)?;
        }
        for row in &rows {
            self.delete(row)?;
        }
        for entry in &entries {
            self.delete_entry(entry, id.0)?;
        }
        self.update_texts(&schema, Some(&subject), None)?;
        for &label in &labels {
            self.delete(&keys::label(label, id))?;
            self.changes.counts.add(Counted::Label(label), -1);
        }
        self.changes.counts.add(Counted::Nodes, -1);
        self.delete(&keys::node(id))
    }

    /// As [`Graph::remove_edge`].
    pub fn remove_edge(&mut self, id: EdgeId) -> Result<()> {
        let row = self.graph.with_edge(self.tx, id, |row| row.outgoing(id))?;
        let row = row.ok_or_else(|| self.edge_not_found(id))?;
        self.remove_adjacent(&row)?;
        self.remove_adjacent(&row.mirrored())?;
        self.remove_edge_row(&row)
    }

    /// Takes an edge out of the rows of one of its ends.
    fn remove_adjacent(&mut self, edge: &Adjacency) -> Result<()> {
        let Some((key, mut edges)) = self.graph.adjacency_row(self.tx, edge)? else {
            return Err(damaged("the adjacency row of an edge"));
        };
        edges.retain(|other| other != edge);
        let first = edges.first().map(Adjacency::key);
        if first.as_ref() != Some(&key) {
            self.delete(&key)?;
        }
        first.map_or(Ok(()), |first| self.put(&first, &encode_tail(&edges)))
    }

    /// Takes an edge itself out, and its entries.
    fn remove_edge_row(&mut self, row: &Adjacency) -> Result<()> {
        let schema = self.schema.clone();
        if schema.covers_edges() {
            let stored = self.graph.with_edge(self.tx, row.edge, |edge| edge.properties.to_vec())?.unwrap_or_default();
            let properties = Properties::stored(&stored)?;
            let labels = [row.edge_type];
            let subject = Subject { entity: Entity::Edge, id: row.edge.0, labels: &labels, properties: &properties };
            for entry in schema.entries(&subject)? {
                self.delete_entry(&entry, row.edge.0)?;
            }
            self.update_texts(&schema, Some(&subject), None)?;
        }
        self.changes.counts.add(Counted::Edges, -1);
        self.changes.counts.add(Counted::EdgeType(row.edge_type), -1);
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

    /// The entries of what is about to be written, when no constraint stands against it.
    fn checked_entries<'s>(&mut self, schema: &'s Schema, subject: &Subject<'_>) -> Result<Vec<Entry<'s>>> {
        let entries = schema.entries(subject)?;
        self.check_entries(schema, subject, &entries)?;
        Ok(entries)
    }

    /// Looks for what stands against a subject: who has the values of its entries, and what it must have.
    pub(crate) fn check_entries(
        &mut self,
        schema: &Schema,
        subject: &Subject<'_>,
        entries: &[Entry<'_>],
    ) -> Result<()> {
        for entry in entries.iter().filter(|entry| entry.unique) {
            let holder =
                self.tx.get_with(self.graph.namespace(), &entry.key, |value| parse_number(value, "a unique entry"))?;
            if holder.transpose()?.is_some_and(|holder| holder != subject.id) {
                return Err(self.graph.unique_violation(self.tx, entry.index, subject.properties));
            }
        }
        if let Some((index, property)) = schema.missing(subject) {
            let Some(incomplete) = &mut self.changes.incomplete else {
                return Err(self.graph.missing_violation(self.tx, subject, index, property));
            };
            incomplete.insert((subject.entity, subject.id));
        }
        Ok(())
    }

    pub(crate) fn put_entries(&mut self, entries: &[Entry<'_>], id: u64) -> Result<()> {
        entries.iter().try_for_each(|entry| self.put(&entry.key, &entry.row_value(id)))
    }

    /// Takes an entry out. While a unique index is built, several may have a value of which it holds one: another's stays.
    fn delete_entry(&mut self, entry: &Entry<'_>, id: u64) -> Result<()> {
        if entry.unique && entry.index.building.is_some() {
            let read = |value: &[u8]| parse_number(value, "a unique entry");
            let holder = self.tx.get_with(self.graph.namespace(), &entry.key, read)?.transpose()?;
            if holder != Some(id) {
                return Ok(());
            }
        }
        self.delete(&entry.key)
    }

    fn replace_entries(&mut self, old: &[Entry<'_>], new: &[Entry<'_>], id: u64) -> Result<()> {
        for entry in old.iter().filter(|old| new.iter().all(|new| new.key != old.key)) {
            self.delete_entry(entry, id)?;
        }
        for entry in new.iter().filter(|new| old.iter().all(|old| old.key != new.key)) {
            self.put(&entry.key, &entry.row_value(id))?;
        }
        Ok(())
    }

    pub(crate) fn update_texts(
        &mut self,
        schema: &Schema,
        old: Option<&Subject<'_>>,
        new: Option<&Subject<'_>>,
    ) -> Result<()> {
        update_texts(self.graph, self.tx, schema, old, new, &mut self.changes.counts)
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

/// What an edge does at its source, and at its target.
pub(crate) const ENDS: [&str; 2] = ["starts", "ends"];

/// An edge at a node that has none of the labels that are allowed there.
pub(crate) fn wrong_end(edge_type: &str, how: &str, allowed: &[&str], which: &str) -> Error {
    let allowed = allowed.join("\" or \"");
    let message = format!(
        "an edge of type \"{edge_type}\" {how} at a node with label \"{allowed}\", and {which} has none; name another node, \
         or change the schema"
    );
    Error::new(ErrorCode::SchemaInvalid, message)
}

fn not_found(graph: &Graph, what: &str, id: u64) -> Error {
    Error::new(
        ErrorCode::NotFound,
        format!("graph \"{}\" has no {what} {id}; it was removed, or never added", graph.name()),
    )
}
