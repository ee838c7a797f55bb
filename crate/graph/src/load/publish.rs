//! The one commit of a load. Two threads make its rows: this one those of nodes, edges and indexes, another one those of
//! adjacency. Each kind of row is put in the order of its keys, and the kinds follow each other in theirs.

use std::ops::ControlFlow;
use std::panic::resume_unwind;

use sledstore_engine::{Batch, Durability, KeyRange, Result, ScanOptions, Transaction, sort_sometimes};

use super::parts::{Parts, Room};
use super::{Load, Loaded, StagedEdge, at};
use crate::count::Counted;
use crate::index::{Entity, IndexDefinition, Subject};
use crate::keys::{self, NameClass, RowKind, parse_number};
use crate::model::{EdgeId, EdgeRow, NodeId, NodeRow};
use crate::property::Properties;
use crate::rows::visit_range;
use crate::schema::Schema;
use crate::write::{Changes, ENDS, Writer};

impl Load {
    /// Makes everything visible and durable together, at `level`.
    ///
    /// # Errors
    /// `NOT_FOUND` for an edge at a node that the graph does not have, `SCHEMA_INVALID` for one at a node of the graph whose
    /// labels its type forbids there; `UNIQUE_VIOLATION`, `SCHEMA_INVALID` and
    /// `KEY_TOO_LARGE` with the number of the node or edge, from one; `TOO_LARGE`. Nothing is written then.
    pub fn publish(&self, level: Durability) -> Result<Loaded> {
        let (nodes, edges) = (self.nodes.len() as u64, self.edges.len() as u64);
        let loaded = Loaded {
            first_node: NodeId(self.graph.reserve_nodes(nodes)?.start),
            first_edge: EdgeId(self.graph.reserve_edges(edges)?.start),
            nodes,
            edges,
        };
        if nodes + edges > 0 {
            self.graph.store().transact(level, |tx| self.write(tx, &loaded))?;
        }
        Ok(loaded)
    }

    fn write(&self, tx: &mut Transaction, loaded: &Loaded) -> Result<()> {
        let labels = self.labels.intern(&self.graph, tx, NameClass::Label)?;
        let edge_types = self.edge_types.intern(&self.graph, tx, NameClass::EdgeType)?;
        let room = Room::new(self.graph.store().options().batch_bytes_max());
        let mut changes = Changes::default();
        let (rows, adjacency) = std::thread::scope(|scope| {
            let adjacency = || self.adjacency(loaded, &edge_types, &room);
            let thread = std::thread::Builder::new().name("sledstore-load".into()).spawn_scoped(scope, adjacency);
            let rows = self.rows(tx, &mut changes, (loaded, &labels, &edge_types), &room);
            // Where no thread is to be had, this one makes them.
            let adjacency = match thread {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                Err(_) => adjacency(),
            };
            (rows, adjacency)
        });
        let Rows { nodes, edges, labels, entries } = rows?;
        for batch in [nodes, edges, adjacency?, labels].into_iter().flatten().chain(entries) {
            tx.put_unread(batch)?;
        }
        self.graph.finish(tx, changes)
    }

    fn rows(
        &self,
        tx: &mut Transaction,
        changes: &mut Changes,
        (loaded, labels, edge_types): (&Loaded, &[u32], &[u32]),
        room: &Room,
    ) -> Result<Rows> {
        let mut writer = self.graph.writer(tx, changes)?;
        let schema = writer.schema();
        let mut nodes = NodeRows::new(self, writer.transaction(), &schema, labels, room)?;
        let written = (0..).zip(0..self.nodes.len()).try_for_each(|(number, place)| {
            let put = nodes.put(&mut writer, NodeId(loaded.first_node.0 + number), place);
            put.map_err(|error| at("node", number + 1, &error))
        });
        // A node that repeats a value came no later than one that ended the loop.
        nodes.check_repeated(writer.transaction(), loaded.first_node)?;
        written?;
        writer.count(Counted::Nodes, self.nodes.len() as i64);
        let NodeRows { nodes, mut labels, fresh, others, .. } = nodes;
        labels.sort_unstable_by_key(|(number, _)| *number);
        let edges = self.edge_rows(&mut writer, loaded, edge_types, room)?;
        let mut entries = others.into_batches()?;
        for index in fresh {
            entries.extend(index.rows.into_batches()?);
        }
        let labels = labels.into_iter().map(|(_, rows)| rows.into_batches()).collect::<Result<Vec<_>>>()?.concat();
        Ok(Rows { nodes: nodes.into_batches()?, edges, labels, entries })
    }

    fn edge_rows(
        &self,
        writer: &mut Writer<'_, Transaction>,
        loaded: &Loaded,
        edge_types: &[u32],
        room: &Room,
    ) -> Result<Vec<Batch>> {
        let mut rows = Parts::new(self.graph.namespace(), room);
        let mut counts = vec![0; edge_types.len()];
        let (mut key, mut value, mut begun) = (Vec::new(), Vec::new(), 0);
        for (number, edge) in (0..).zip(&self.edges) {
            let end = begun + edge.properties_bytes as usize;
            let properties = self.edge_properties.get(begun..end).unwrap_or_default();
            begun = end;
            let id = EdgeId(loaded.first_edge.0 + number);
            let mut put = || {
                let [source, target] = self.checked_ends(writer, edge, loaded.first_node)?;
                let edge_type = edge_types.get(edge.edge_type as usize).copied().unwrap_or_default();
                let row = EdgeRow { source, target, edge_type, properties };
                writer.put_edge_entries(id, &row)?;
                keys::write(&mut key, RowKind::Edge, &[id.0]);
                value.clear();
                row.encode_into(&mut value);
                rows.put(&key, &value)
            };
            put().map_err(|error| at("edge", number + 1, &error))?;
            if let Some(count) = counts.get_mut(edge.edge_type as usize) {
                *count += 1;
            }
        }
        writer.count(Counted::Edges, self.edges.len() as i64);
        for (&edge_type, count) in edge_types.iter().zip(counts) {
            writer.count(Counted::EdgeType(edge_type), count);
        }
        rows.into_batches()
    }

    /// The ends of an edge, those in the graph looked at; those of the load were when they were staged.
    fn checked_ends(
        &self,
        writer: &mut Writer<'_, Transaction>,
        edge: &StagedEdge,
        first: NodeId,
    ) -> Result<[NodeId; 2]> {
        let ends = [edge.source, edge.target];
        for (side, how) in ENDS.into_iter().enumerate() {
            let Some(id) = ends[side].present() else { continue };
            writer.check_end(id)?;
            if let Some(allowed) = self.ends.get(&edge.edge_type) {
                let labels: Vec<&str> = allowed[side].iter().map(String::as_str).collect();
                let name = self.edge_types.names.get(edge.edge_type as usize).map_or("", String::as_str);
                writer.check_label(name, id, how, &labels)?;
            }
        }
        Ok(ends.map(|end| end.id(first)))
    }
}

/// The rows of a commit besides those of adjacency.
struct Rows {
    nodes: Vec<Batch>,
    edges: Vec<Batch>,
    labels: Vec<Batch>,
    entries: Vec<Batch>,
}

/// The rows of nodes, of their labels and of indexes over them.
struct NodeRows<'a> {
    load: &'a Load,
    schema: &'a Schema,
    nodes: Parts<'a>,
    /// Of each label of the load, with its number in the graph.
    labels: Vec<(u32, Parts<'a>)>,
    fresh: Vec<Fresh<'a>>,
    /// Entries of indexes that are not fresh.
    others: Parts<'a>,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// An index that allows a value once and has none in the graph: the load alone can repeat one.
struct Fresh<'a> {
    index: &'a IndexDefinition,
    rows: Parts<'a>,
    last: Vec<u8>,
    /// Whether each key came behind a lower one.
    ascends: bool,
}

impl<'a> NodeRows<'a> {
    fn new(load: &'a Load, tx: &Transaction, schema: &'a Schema, labels: &[u32], room: &'a Room) -> Result<Self> {
        let namespace = load.graph.namespace();
        let mut fresh = Vec::new();
        let is_kept = |index: &&IndexDefinition| index.entity == Entity::Node && index.kind.is_unique();
        for index in schema.whole().filter(is_kept) {
            // Whoever adds one meanwhile is a conflict.
            let range = KeyRange::prefix(&keys::index_prefix(index.id, true));
            let options = ScanOptions { limit: Some(1), keys_only: true, ..ScanOptions::default() };
            let mut is_empty = true;
            visit_range(tx, namespace, &range, options, |_, _| {
                is_empty = false;
                Ok(ControlFlow::Break(()))
            })?;
            if is_empty {
                fresh.push(Fresh { index, rows: Parts::new(namespace, room), last: Vec::new(), ascends: true });
            }
        }
        let (key, value) = Default::default();
        let [nodes, others] = std::array::from_fn(|_| Parts::new(namespace, room));
        let labels = labels.iter().map(|&label| (label, Parts::new(namespace, room))).collect();
        Ok(Self { load, schema, nodes, labels, fresh, others, key, value })
    }

    fn put(&mut self, writer: &mut Writer<'_, Transaction>, id: NodeId, place: usize) -> Result<()> {
        let of_load = self.load.labels_of(place);
        let mut labels: Vec<u32> = of_load.iter().filter_map(|&at| Some(self.labels.get(at as usize)?.0)).collect();
        labels.sort_unstable();
        labels.dedup();
        let properties = self.load.properties_of(place);
        if self.schema.covers_nodes() {
            let properties = Properties::stored(properties)?;
            let subject = Subject { entity: Entity::Node, id: id.0, labels: &labels, properties: &properties };
            self.put_entries(writer, &subject)?;
        }
        let Self { key, value, .. } = self;
        keys::write(key, RowKind::Node, &[id.0]);
        value.clear();
        NodeRow::encode_into(value, &labels, properties);
        self.nodes.put(key, value)?;
        // A label that the node has twice is found once.
        for label in labels {
            let rows = self.labels.iter_mut().find(|(number, _)| *number == label);
            keys::write(key, RowKind::Label, &[label.into(), id.0]);
            rows.map_or(Ok(()), |(_, rows)| rows.put(key, &[]))?;
            writer.count(Counted::Label(label), 1);
        }
        Ok(())
    }

    fn put_entries(&mut self, writer: &mut Writer<'_, Transaction>, subject: &Subject<'_>) -> Result<()> {
        let entries = self.schema.entries(subject)?;
        let (fresh, others): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| self.fresh.iter().any(|fresh| fresh.index.id == entry.index.id));
        for entry in &fresh {
            if let Some(fresh) = self.fresh.iter_mut().find(|fresh| fresh.index.id == entry.index.id) {
                fresh.put(&entry.key, &entry.row_value(subject.id))?;
            }
        }
        writer.check_entries(self.schema, subject, &others)?;
        for entry in &others {
            // Only one that may not be repeated is looked at again.
            if entry.unique {
                writer.put_entries(std::slice::from_ref(entry), subject.id)?;
            } else {
                self.others.put(&entry.key, &entry.row_value(subject.id))?;
            }
        }
        writer.update_texts(self.schema, None, Some(subject))
    }

    /// Refuses the first node that repeats a value of a fresh index.
    fn check_repeated(&self, tx: &Transaction, first: NodeId) -> Result<()> {
        let mut repeated = None;
        for fresh in &self.fresh {
            let at = fresh.first_repeated()?;
            repeated = repeated.into_iter().chain(at.map(|id| (id, fresh.index))).min_by_key(|(id, _)| *id);
        }
        let Some((id, index)) = repeated else { return Ok(()) };
        let place = id - first.0;
        let properties = Properties::stored(self.load.properties_of(place as usize))?;
        let error = self.load.graph.unique_violation(tx, index, &properties);
        Err(at("node", place + 1, &error))
    }
}

impl Fresh<'_> {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.ascends &= self.last.as_slice() < key;
        self.last.clear();
        self.last.extend_from_slice(key);
        self.rows.put(key, value)
    }

    /// The first node whose value one before it has.
    fn first_repeated(&self) -> Result<Option<u64>> {
        if self.ascends {
            return Ok(None);
        }
        let mut rows: Vec<(&[u8], &[u8])> = self.rows.rows().collect();
        // Stable: of equal keys the first node's comes first.
        sort_sometimes(&mut rows, |left, right| left.0.cmp(right.0));
        let repeated = rows.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        let ids = repeated.map(|pair| parse_number(pair[1].1, "a unique entry")).collect::<Result<Vec<u64>>>()?;
        Ok(ids.into_iter().min())
    }
}
