//! The storage that queries run on, over a graph of the store.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use sledstore_engine::{Error, ErrorCode, Read};
use sledstore_graph::{
    Adjacent, Direction as GraphDirection, EdgeId, Entity as GraphEntity, Graph, IndexInfo,
    IndexKind as GraphIndexKind, NodeId, NodeUpdate, PropertyChange, ResidentColumn, ResidentEdges, ResidentLabel,
    Seek as GraphSeek, SeekNext, Side as GraphSide, Writer,
};

use super::access::{Access, Viewed};
use super::decode::{self, Decoder};
use super::encode::{encode, push_map_head, push_text};
use super::error::{damaged, failure};
use crate::storage::{
    At, Check, Covers, Direction, Edge, Encoded, Entity, Index, IndexKind, NameKind, Next, Place, Result, Seek, Side,
    Storage, Stored, TakeEncoded,
};
use crate::value::{Map, Node, Relationship, Value};

/// How many entries of an index are read at once.
const SEEK_ENTRIES: usize = 1_024;

/// Rows that are read in a row in the time of one that is read by itself, and how many at least are.
const IN_A_ROW: u64 = 8;
const IN_A_ROW_MIN: usize = 32;

/// A graph as one statement sees it.
pub struct GraphStorage<'g, A> {
    graph: &'g Graph,
    access: A,
    keys: RefCell<Keys>,
    adjacent: RefCell<Vec<Adjacent>>,
    edges: RefCell<Option<Arc<ResidentEdges>>>,
    labels: RefCell<Vec<(u32, Arc<ResidentLabel>)>>,
    columns: RefCell<Vec<(u32, Arc<ResidentColumn>)>>,
    /// What was written, where that is asked for.
    pub(super) written: Option<Vec<Entity>>,
}

/// Names of properties by number. Rows hold the names themselves, so that the numbers are this storage's own.
#[derive(Default)]
struct Keys {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Keys {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name: Arc<str> = name.into();
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    fn name(&self, number: u32) -> Arc<str> {
        usize::try_from(number).ok().and_then(|number| self.names.get(number)).cloned().unwrap_or_default()
    }

    fn texts(&self, numbers: &[u32]) -> Vec<&str> {
        let text = |number: &u32| self.names.get(*number as usize).map(AsRef::as_ref).unwrap_or_default();
        numbers.iter().map(text).collect()
    }
}

impl<'g, A: Access> GraphStorage<'g, A> {
    /// A graph seen by `access`.
    pub fn new(graph: &'g Graph, access: A) -> Self {
        Self {
            graph,
            access,
            keys: RefCell::default(),
            adjacent: RefCell::default(),
            edges: RefCell::default(),
            labels: RefCell::default(),
            columns: RefCell::default(),
            written: None,
        }
    }

    /// Who reads or writes, back again.
    pub fn into_access(self) -> A {
        self.access
    }

    fn key(&self, number: u32) -> Arc<str> {
        self.keys.borrow().name(number)
    }

    /// Calls `read` with the edges in memory, if they are there by now.
    fn with_resident<T>(&self, read: impl FnOnce(&ResidentEdges) -> T) -> Result<Option<T>> {
        let mut edges = self.edges.borrow_mut();
        if edges.is_none() {
            *edges = self.graph.resident_edges(self.access.reader()).map_err(failure)?;
        }
        Ok(edges.as_deref().map(read))
    }

    fn property(&self, of: Entity, key: u32) -> Result<Value> {
        let (key, reader) = (self.key(key), self.access.reader());
        let read = |bytes: Option<&[u8]>| bytes.map(Decoder::only);
        let found = match of {
            Entity::Node(id) => self.graph.with_node_property(reader, NodeId(id), &key, read),
            Entity::Relationship(id) => self.graph.with_edge_property(reader, EdgeId(id), &key, read),
        };
        match found.map_err(failure)?.flatten() {
            Some(value) => self.value(value),
            None => Ok(Value::Null),
        }
    }

    fn value(&self, bytes: decode::Result<Value>) -> Result<Value> {
        bytes.map_err(|undecodable| damaged(self.graph.name(), undecodable))
    }

    fn map(&self, properties: decode::Result<Map>) -> Result<Map> {
        properties.map_err(|undecodable| damaged(self.graph.name(), undecodable))
    }

    fn write<T>(&mut self, write: impl FnOnce(&mut Writer<'_, A::Writer>) -> sledstore_engine::Result<T>) -> Result<T> {
        let Some((tx, changes)) = self.access.writer() else { return Err(failure(read_only())) };
        let mut writer = self.graph.writer(tx, changes).map_err(failure)?;
        write(&mut writer).map_err(failure)
    }

    /// A map of properties as they are stored.
    fn encoded(&self, properties: &[(u32, Value)]) -> Vec<u8> {
        let keys = self.keys.borrow();
        let mut bytes = Vec::new();
        push_map_head(properties.len(), &mut bytes);
        for (key, value) in properties {
            push_text(&keys.name(*key), &mut bytes);
            encode(value, &mut bytes);
        }
        bytes
    }

    fn label(&self, number: u32) -> Result<Arc<str>> {
        self.graph.label_of(self.access.reader(), number).map_err(failure)
    }

    fn labels_of(&self, node: u64) -> Result<Vec<u32>> {
        let mut labels = Vec::new();
        self.graph.labels_into(self.access.reader(), NodeId(node), &mut labels).map_err(failure)?;
        Ok(labels)
    }
}

fn read_only() -> Error {
    Error::new(ErrorCode::ReadOnly, "a query that changes the graph was run where it can only be read")
}

fn read_map(properties: &[(&str, &[u8])]) -> decode::Result<Map> {
    let entry = |(key, bytes): &(&str, &[u8])| Ok((Arc::from(*key), Decoder::only(bytes)?));
    let entries = properties.iter().map(entry).collect::<decode::Result<Vec<(Arc<str>, Value)>>>()?;
    Ok(Map::new(entries)?)
}

/// The columns of some properties.
fn wanted<'c>(columns: &'c [(u32, Arc<ResidentColumn>)], keys: &[u32]) -> Vec<&'c ResidentColumn> {
    let find = |key: &u32| columns.iter().find(|(known, _)| known == key).map(|(_, column)| &**column);
    keys.iter().filter_map(find).collect()
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(value, &mut bytes);
    bytes
}

fn encoded_bound(bound: Bound<&Value>) -> Bound<Vec<u8>> {
    bound.map(encoded)
}

const fn direction(direction: Direction) -> GraphDirection {
    match direction {
        Direction::Out => GraphDirection::Out,
        Direction::In => GraphDirection::In,
        Direction::Both => GraphDirection::Both,
    }
}

impl<A: Access> Storage for GraphStorage<'_, A> {
    fn number(&self, kind: NameKind, name: &str) -> Result<Option<u32>> {
        match kind {
            NameKind::Label => self.graph.label_number(self.access.reader(), name).map_err(failure),
            NameKind::Type => self.graph.edge_type_number(self.access.reader(), name).map_err(failure),
            NameKind::Key => Ok(Some(self.keys.borrow_mut().number(name))),
        }
    }

    fn intern(&mut self, kind: NameKind, name: &str) -> Result<u32> {
        if kind == NameKind::Key {
            return Ok(self.keys.borrow_mut().number(name));
        }
        let Some((tx, _)) = self.access.writer() else { return Err(failure(read_only())) };
        let number = match kind {
            NameKind::Label => self.graph.intern_label(tx, name),
            _ => self.graph.intern_edge_type(tx, name),
        };
        number.map_err(failure)
    }

    fn node_count(&self, label: Option<u32>) -> Result<u64> {
        let reader = self.access.reader();
        let count = match label {
            None => self.graph.count_nodes(reader, None),
            Some(label) => self.graph.count_label(reader, label),
        };
        count.map_err(failure)
    }

    fn relationship_count(&self, kind: Option<u32>) -> Result<u64> {
        let reader = self.access.reader();
        let count = match kind {
            None => self.graph.count_edges(reader),
            Some(kind) => self.graph.count_edge_type(reader, kind),
        };
        count.map_err(failure)
    }

    fn indexes(&self) -> Result<Vec<Index>> {
        let found = self.graph.all_indexes(self.access.reader()).map_err(failure)?;
        let index = |info: IndexInfo| {
            let kind = match info.spec.kind {
                GraphIndexKind::Unique => IndexKind::Unique,
                GraphIndexKind::Key => IndexKind::Key,
                GraphIndexKind::Range => IndexKind::Range,
                GraphIndexKind::Exists => IndexKind::Exists,
                GraphIndexKind::Fulltext => IndexKind::Fulltext,
            };
            let covers = match info.spec.entity {
                GraphEntity::Node => Covers::Nodes,
                GraphEntity::Edge => Covers::Relationships,
            };
            let spec = info.spec;
            let texts = info.text.map(|text| (spec.name, text.labels));
            let (label, properties) = (spec.label, spec.properties);
            Index { id: info.id, covers, label, properties, kind, is_complete: info.is_complete, texts }
        };
        Ok(found.into_iter().filter(|info| !info.is_building).map(index).collect())
    }

    /// Looked at in the newest state, so that a transaction does not meet whoever changes what only helps to choose.
    fn entries_per_value(&self, index: u32, properties: usize) -> Result<Option<f64>> {
        self.graph.entries_per_value(self.graph.store(), index, properties).map_err(failure)
    }

    fn entries(&self, index: u32) -> Result<Option<f64>> {
        let newest = self.graph.store();
        match self.graph.entries(newest, index).map_err(failure)? {
            None => self.graph.documents(newest, index).map(|documents| Some(documents as f64)).map_err(failure),
            known => Ok(known),
        }
    }

    fn nodes(&self, label: Option<u32>, after: Option<u64>, limit: usize, into: &mut Vec<u64>) -> Result<()> {
        let reader = self.access.reader();
        if let Some(label) = label {
            let reads = limit as u64 / IN_A_ROW;
            if let Some(nodes) = self.graph.resident_label(reader, label, reads).map_err(failure)? {
                nodes.append(after.map(NodeId), limit, into);
                return Ok(());
            }
        }
        let mut nodes = Vec::with_capacity(limit.min(SEEK_ENTRIES));
        self.graph.nodes_into(reader, label, after.map(NodeId), limit, &mut nodes).map_err(failure)?;
        into.extend(nodes.into_iter().map(|node| node.0));
        Ok(())
    }

    fn seek(&self, index: u32, seek: Seek<'_>, check: Check<'_>) -> Result<Option<Place>> {
        let reader = self.access.reader();
        let values: Vec<Vec<u8>> = seek.equal.iter().map(encoded).collect();
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        let bounds;
        let next = match seek.next {
            Next::Any => SeekNext::Any,
            Next::Formed => SeekNext::Formed,
            Next::Other => SeekNext::Other,
            Next::Missing => SeekNext::Missing,
            Next::Prefix(text) => SeekNext::StartsWith(text),
            Next::Range(low, high) => {
                bounds = (encoded_bound(low), encoded_bound(high));
                SeekNext::Range(bounds.0.as_ref().map(Vec::as_slice), bounds.1.as_ref().map(Vec::as_slice))
            }
            Next::Text(place, text, most) => {
                let mut stopped = None;
                let mut go_on = || {
                    stopped = check().err();
                    stopped.is_none()
                };
                let found = self.graph.texts_with(&reader.view(), index, (text, place), most, &mut go_on);
                return match (found, stopped) {
                    (_, Some(failure)) => Err(failure),
                    (found, None) => Ok(found.map_err(failure)?.map(Place::of)),
                };
            }
        };
        let sought = GraphSeek { equal: &values, next, reverse: seek.reverse };
        match self.graph.seek(reader, index, &sought) {
            Ok(cursor) => Ok(cursor.map(|cursor| Place(At::Index(cursor)))),
            // No property holds such a value, so none is equal to it or beside it.
            Err(error) if error.code() == ErrorCode::InvalidArgument => Ok(Some(Place::of(Vec::new()))),
            Err(error) => Err(failure(error)),
        }
    }

    fn advance(&self, place: &mut Place, limit: usize, into: &mut Vec<u64>) -> Result<bool> {
        let reader = self.access.reader();
        match &mut place.0 {
            At::Index(cursor) => cursor.next_batch(self.graph, reader, limit, into).map_err(failure),
            At::Every { covers: Covers::Relationships, label, after } => {
                let mut edges = Vec::new();
                let more = self.graph.edges_into(reader, *label, after.map(EdgeId), limit, &mut edges);
                into.extend(edges.iter().map(|found| found.edge.0));
                *after = into.last().copied().or(*after);
                more.map_err(failure)
            }
            _ => place.step(limit, into, &|label, after, into| self.nodes(label, after, limit, into)),
        }
    }

    fn edges(&self, node: u64, towards: Direction, kinds: Option<&[u32]>, into: &mut Vec<Edge>) -> Result<()> {
        let push = |into: &mut Vec<Edge>, found: &Adjacent| {
            into.push(Edge { id: found.edge.0, node: found.neighbor.0, kind: found.edge_type });
        };
        let read = |edges: &ResidentEdges| {
            let _ = edges.visit(NodeId(node), direction(towards), kinds, |found| {
                push(into, &found);
                ControlFlow::Continue(())
            });
        };
        if self.with_resident(read)?.is_some() {
            return Ok(());
        }
        let mut adjacent = self.adjacent.borrow_mut();
        adjacent.clear();
        let reader = self.access.reader();
        self.graph.adjacent(reader, NodeId(node), direction(towards), kinds, &mut adjacent).map_err(failure)?;
        adjacent.iter().for_each(|found| push(into, found));
        Ok(())
    }

    fn degree(&self, node: u64, towards: Direction, kinds: Option<&[u32]>) -> Result<u64> {
        let towards = direction(towards);
        if let Some(degree) = self.with_resident(|edges| edges.degree(NodeId(node), towards, kinds))? {
            return Ok(degree);
        }
        self.graph.degree(self.access.reader(), NodeId(node), towards, kinds).map_err(failure)
    }

    fn pairs(&self, nodes: &[u64], left: Side<'_>, right: Side<'_>, distinct: bool) -> Result<Option<u64>> {
        let [left, right] =
            [left, right].map(|side| GraphSide { direction: direction(side.direction), types: side.types });
        self.with_resident(|edges| edges.pairs(nodes, left, right, distinct))
    }

    fn has_label(&self, node: u64, label: u32) -> Result<bool> {
        let mut known = self.labels.borrow_mut();
        if let Some((_, nodes)) = known.iter().find(|(other, _)| *other == label) {
            return Ok(nodes.contains(NodeId(node)));
        }
        if let Some(nodes) = self.graph.resident_label(self.access.reader(), label, 1).map_err(failure)? {
            let has = nodes.contains(NodeId(node));
            known.push((label, nodes));
            return Ok(has);
        }
        Ok(self.labels_of(node)?.contains(&label))
    }

    fn has_node(&self, node: u64) -> Result<bool> {
        self.graph.has_node(self.access.reader(), NodeId(node)).map_err(failure)
    }

    fn has_labels(&self, node: u64) -> Result<bool> {
        Ok(!self.labels_of(node)?.is_empty())
    }

    fn properties(&self, of: Entity, keys: &[u32], into: &mut Vec<Value>) -> Result<()> {
        if let [key] = keys {
            into.push(self.property(of, *key)?);
            return Ok(());
        }
        match of {
            Entity::Node(node) => self.properties_of_nodes(&[node], keys, into),
            Entity::Relationship(edge) => self.picked(1, keys, into, |names, take| {
                self.graph.edge_properties(self.access.reader(), EdgeId(edge), names, |at, bytes| take(0, at, bytes))
            }),
        }
    }

    fn properties_of_nodes(&self, nodes: &[u64], keys: &[u32], into: &mut Vec<Value>) -> Result<()> {
        if self.read_columns(nodes, keys, into)? {
            return Ok(());
        }
        let reader = self.access.reader();
        self.picked(nodes.len(), keys, into, |names, take| self.graph.node_properties(reader, nodes, names, take))
    }

    fn encoded_of_nodes(&self, nodes: &[u64], keys: &[u32], take: TakeEncoded<'_>) -> Result<()> {
        if self.gather_columns(nodes.len(), keys)? {
            let columns = self.columns.borrow();
            let wanted = wanted(&columns, keys);
            for (at, node) in nodes.iter().enumerate() {
                for (key, column) in wanted.iter().enumerate() {
                    if let Some((bytes, code)) = column.value(NodeId(*node)) {
                        take(at, key, Encoded { bytes, code })?;
                    }
                }
            }
            return Ok(());
        }
        let known = self.keys.borrow();
        let names = known.texts(keys);
        let mut outcome = Ok(());
        let reader = self.access.reader();
        let mut pass = |node: usize, key: usize, bytes: &[u8]| {
            if outcome.is_ok() {
                outcome = take(node, key, Encoded { bytes, code: None });
            }
        };
        self.graph.node_properties(reader, nodes, &names, &mut pass).map_err(failure)?;
        outcome
    }

    fn decoded(&self, bytes: &[u8]) -> Result<Value> {
        self.value(Decoder::only(bytes))
    }

    fn is_on_every_node(&self, label: u32) -> Result<bool> {
        // A transaction would be one that has read how many nodes there are.
        let reader = self.access.reader();
        if reader.seq_seen().is_none() {
            return Ok(false);
        }
        let count = |count: sledstore_engine::Result<u64>| count.map_err(failure);
        Ok(count(self.graph.count_label(reader, label))? == count(self.graph.count_nodes(reader, None))?)
    }

    fn node(&self, id: u64) -> Result<Option<Arc<Node>>> {
        let read = |labels: &[u32], properties: &[(&str, &[u8])]| (labels.to_vec(), read_map(properties));
        let found = self.graph.with_whole_node(self.access.reader(), NodeId(id), read).map_err(failure)?;
        let Some((labels, properties)) = found else { return Ok(None) };
        let labels = labels.into_iter().map(|label| self.label(label)).collect::<Result<_>>()?;
        Ok(Some(Arc::new(Node { id, labels, properties: self.map(properties)? })))
    }

    fn relationship(&self, id: u64) -> Result<Option<Arc<Relationship>>> {
        let reader = self.access.reader();
        let found = self.graph.with_whole_edge(reader, EdgeId(id), |ends, properties| (*ends, read_map(properties)));
        let Some((ends, properties)) = found.map_err(failure)? else { return Ok(None) };
        let kind = self.graph.edge_type_of(reader, ends.edge_type).map_err(failure)?;
        let (start, end) = (ends.source.0, ends.target.0);
        Ok(Some(Arc::new(Relationship { id, kind, start, end, properties: self.map(properties)? })))
    }

    fn create_node(&mut self, labels: &[u32], properties: &[(u32, Value)]) -> Result<u64> {
        let bytes = self.encoded(properties);
        let labels = labels.iter().map(|label| self.label(*label)).collect::<Result<Vec<_>>>()?;
        let labels: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
        let id = self.write(|writer| writer.add_node(&labels, &bytes))?.0;
        self.note(Entity::Node(id));
        Ok(id)
    }

    fn create_relationship(&mut self, kind: u32, start: u64, end: u64, properties: &[(u32, Value)]) -> Result<u64> {
        let bytes = self.encoded(properties);
        let kind = self.graph.edge_type_of(self.access.reader(), kind).map_err(failure)?;
        let id = self.write(|writer| writer.add_edge(&kind, NodeId(start), NodeId(end), &bytes))?.0;
        self.note(Entity::Relationship(id));
        Ok(id)
    }

    fn set_property(&mut self, of: Entity, key: u32, value: &Value) -> Result<bool> {
        self.note(of);
        let before = self.property(of, key)?;
        let bytes = self.encoded(&[(key, value.clone())]);
        let change = PropertyChange::Merge(&bytes);
        match of {
            Entity::Node(id) => {
                let update = NodeUpdate { properties: Some(change), ..NodeUpdate::default() };
                self.write(|writer| writer.update_node(NodeId(id), &update))?;
            }
            Entity::Relationship(id) => self.write(|writer| writer.update_edge(EdgeId(id), change))?,
        }
        Ok(!before.is_null())
    }

    fn add_label(&mut self, node: u64, label: u32) -> Result<bool> {
        if self.has_label(node, label)? {
            return Ok(false);
        }
        let name = self.label(label)?;
        self.note(Entity::Node(node));
        let update = NodeUpdate { add_labels: &[&name], ..NodeUpdate::default() };
        self.write(|writer| writer.update_node(NodeId(node), &update)).map(|()| true)
    }

    fn remove_label(&mut self, node: u64, label: u32) -> Result<bool> {
        if !self.has_label(node, label)? {
            return Ok(false);
        }
        let name = self.label(label)?;
        self.note(Entity::Node(node));
        let update = NodeUpdate { remove_labels: &[&name], ..NodeUpdate::default() };
        self.write(|writer| writer.update_node(NodeId(node), &update)).map(|()| true)
    }

    fn delete_node(&mut self, node: u64) -> Result<()> {
        self.write(|writer| writer.remove_node(NodeId(node)))
    }

    fn delete_relationship(&mut self, relationship: u64) -> Result<()> {
        self.write(|writer| writer.remove_edge(EdgeId(relationship)))
    }

    fn stored(&self) -> Option<Stored<'_>> {
        Some(Stored { graph: self.graph, reader: self.access.reader().view() })
    }
}

/// Takes the place of an entity, the place of a name, and the bytes of a value.
type Take<'t> = &'t mut dyn FnMut(usize, usize, &[u8]);

impl<A: Access> GraphStorage<'_, A> {
    /// Whether properties are all in memory, for so many nodes to be read.
    fn gather_columns(&self, nodes: usize, keys: &[u32]) -> Result<bool> {
        let mut columns = self.columns.borrow_mut();
        for key in keys {
            if columns.iter().any(|(known, _)| known == key) {
                continue;
            }
            let reads = if nodes < IN_A_ROW_MIN { nodes as u64 } else { nodes as u64 / IN_A_ROW };
            let reader = self.access.reader();
            match self.graph.resident_column(reader, &self.key(*key), reads).map_err(failure)? {
                Some(column) => columns.push((*key, column)),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Appends the values of properties that are all in memory; answers whether they are.
    fn read_columns(&self, nodes: &[u64], keys: &[u32], into: &mut Vec<Value>) -> Result<bool> {
        if !self.gather_columns(nodes.len(), keys)? {
            return Ok(false);
        }
        let columns = self.columns.borrow();
        let wanted = wanted(&columns, keys);
        into.reserve(nodes.len().saturating_mul(wanted.len()));
        for node in nodes {
            for column in &wanted {
                into.push(match column.value(NodeId(*node)) {
                    Some((bytes, _)) => self.value(Decoder::only(bytes))?,
                    None => Value::Null,
                });
            }
        }
        Ok(true)
    }

    /// Appends the values that `read` finds of so many entities; null where it finds none.
    fn picked(
        &self,
        entities: usize,
        keys: &[u32],
        into: &mut Vec<Value>,
        read: impl FnOnce(&[&str], Take<'_>) -> sledstore_engine::Result<()>,
    ) -> Result<()> {
        let known = self.keys.borrow();
        let names = known.texts(keys);
        let start = into.len();
        into.resize(start.saturating_add(entities.saturating_mul(keys.len())), Value::Null);
        let places = into.get_mut(start..).unwrap_or_default();
        let mut outcome = Ok(());
        let mut take = |entity: usize, name: usize, bytes: &[u8]| {
            let place = entity.saturating_mul(names.len()).saturating_add(name);
            match (places.get_mut(place), Decoder::only(bytes)) {
                (Some(place), Ok(value)) => *place = value,
                (_, Err(undecodable)) => outcome = Err(undecodable),
                (None, Ok(_)) => {}
            }
        };
        read(&names, &mut take).map_err(failure)?;
        outcome.map_err(|undecodable| damaged(self.graph.name(), undecodable))
    }
}
