//! Reading by numbers, for whoever runs queries: names, labels, single properties, and ids in batches.

use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use sledstore_engine::{KeyRange, NamespaceId, Read, Result, ScanOptions};

use crate::graph::Graph;
use crate::keys::{self, NameClass, RowKind, damaged, take_id, trailing_id};
use crate::map_bytes::{find_property, pick, properties};
use crate::model::{EdgeId, EdgeRow, NodeId};
use crate::rows::{visit_range, visit_rows};

/// Nodes that are read by one scan are so many at least, and of so many ids one at least is among them.
const SCANNED_MIN: usize = 32;
const NEAR: u64 = 4;

/// An edge as its row has it, without its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeEnds {
    /// The edge.
    pub edge: EdgeId,
    /// The number of its type.
    pub edge_type: u32,
    /// Where it starts.
    pub source: NodeId,
    /// Where it ends.
    pub target: NodeId,
}

impl EdgeEnds {
    fn of(edge: EdgeId, row: &EdgeRow<'_>) -> Self {
        Self { edge, edge_type: row.edge_type, source: row.source, target: row.target }
    }
}

impl Graph {
    /// The number of a label, if the graph has met it. It never changes.
    pub fn label_number(&self, reader: &impl Read, name: &str) -> Result<Option<u32>> {
        self.find_name(reader, NameClass::Label, name)
    }

    /// The number of an edge type, if the graph has met it. It never changes.
    pub fn edge_type_number(&self, reader: &impl Read, name: &str) -> Result<Option<u32>> {
        self.find_name(reader, NameClass::EdgeType, name)
    }

    /// The name of the label with that number, which stood in a row.
    pub fn label_of(&self, reader: &impl Read, number: u32) -> Result<Arc<str>> {
        self.name_of(reader, NameClass::Label, number)
    }

    /// The name of the edge type with that number, which stood in a row.
    pub fn edge_type_of(&self, reader: &impl Read, number: u32) -> Result<Arc<str>> {
        self.name_of(reader, NameClass::EdgeType, number)
    }

    /// Appends the numbers of a node's labels, ascending; answers whether there is such a node.
    pub fn labels_into(&self, reader: &impl Read, node: NodeId, into: &mut Vec<u32>) -> Result<bool> {
        Ok(self.with_node(reader, node, |row| into.extend_from_slice(&row.labels))?.is_some())
    }

    /// Where an edge starts and ends, and its type; `None` when there is no such edge.
    pub fn edge_ends(&self, reader: &impl Read, edge: EdgeId) -> Result<Option<EdgeEnds>> {
        self.with_edge(reader, edge, |row| EdgeEnds::of(edge, &row))
    }

    /// Calls `f` with the MessagePack of one property of a node, the rest of which is stepped over: `None` when it has none.
    /// Gives `None` when there is no such node.
    pub fn with_node_property<T>(
        &self,
        reader: &impl Read,
        node: NodeId,
        name: &str,
        f: impl FnOnce(Option<&[u8]>) -> T,
    ) -> Result<Option<T>> {
        self.with_node(reader, node, |row| find_property(row.properties, name).map(f))?.transpose()
    }

    /// As [`with_node_property`](Self::with_node_property), of an edge.
    pub fn with_edge_property<T>(
        &self,
        reader: &impl Read,
        edge: EdgeId,
        name: &str,
        f: impl FnOnce(Option<&[u8]>) -> T,
    ) -> Result<Option<T>> {
        self.with_edge(reader, edge, |row| find_property(row.properties, name).map(f))?.transpose()
    }

    /// Calls `take` with the MessagePack of those of `names` that nodes have: place of the node, place of the name. Nodes in
    /// ascending order that lie near each other are read by one scan; `take` must not read the store.
    pub fn node_properties(
        &self,
        reader: &impl Read,
        nodes: &[u64],
        names: &[&str],
        mut take: impl FnMut(usize, usize, &[u8]),
    ) -> Result<()> {
        let mut of_row = |at: usize, value: &[u8]| {
            let properties = properties_of_node(value).ok_or_else(|| damaged("a node's row"))?;
            pick(properties, names, |name, value| take(at, name, value))
        };
        let (Some(&first), Some(&last)) = (nodes.first(), nodes.last()) else { return Ok(()) };
        let near = (nodes.len() as u64).saturating_mul(NEAR);
        if nodes.len() < SCANNED_MIN || last.saturating_sub(first) > near || !nodes.is_sorted() {
            return nodes.iter().enumerate().try_for_each(|(at, &node)| {
                reader.get_with(self.namespace(), &keys::node(NodeId(node)), |value| of_row(at, value))?.transpose()?;
                Ok(())
            });
        }
        let (start, end) = (Bound::Included(keys::node(NodeId(first))), Bound::Included(keys::node(NodeId(last))));
        let mut at = 0;
        let prefix = [RowKind::Node as u8];
        visit_range(reader, self.namespace(), &KeyRange { start, end }, ScanOptions::default(), |key, value| {
            let id = trailing_id(key, &prefix)?;
            while nodes.get(at).is_some_and(|&node| node < id) {
                at += 1;
            }
            while nodes.get(at) == Some(&id) {
                of_row(at, value)?;
                at += 1;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// As [`node_properties`](Self::node_properties), of one edge.
    pub fn edge_properties(
        &self,
        reader: &impl Read,
        edge: EdgeId,
        names: &[&str],
        mut take: impl FnMut(usize, &[u8]),
    ) -> Result<()> {
        self.with_edge(reader, edge, |row| pick(row.properties, names, &mut take))?.transpose()?;
        Ok(())
    }

    /// Calls `f` with a node's labels, by number and ascending, and the names and MessagePack of its properties; gives `None`
    /// when there is no such node.
    pub fn with_whole_node<T>(
        &self,
        reader: &impl Read,
        node: NodeId,
        f: impl FnOnce(&[u32], &[(&str, &[u8])]) -> T,
    ) -> Result<Option<T>> {
        self.with_node(reader, node, |row| Ok(f(&row.labels, &properties(row.properties)?)))?.transpose()
    }

    /// As [`with_whole_node`](Self::with_whole_node), of an edge.
    pub fn with_whole_edge<T>(
        &self,
        reader: &impl Read,
        edge: EdgeId,
        f: impl FnOnce(&EdgeEnds, &[(&str, &[u8])]) -> T,
    ) -> Result<Option<T>> {
        self.with_edge(reader, edge, |row| Ok(f(&EdgeEnds::of(edge, &row), &properties(row.properties)?)))?.transpose()
    }

    /// Appends the next `limit` nodes with the label of that number, or of all nodes, in ascending order and behind `after`;
    /// answers whether more may follow.
    pub fn nodes_into(
        &self,
        reader: &impl Read,
        label: Option<u32>,
        after: Option<NodeId>,
        limit: usize,
        into: &mut Vec<NodeId>,
    ) -> Result<bool> {
        let prefix = label.map_or_else(|| keys::kind_prefix(RowKind::Node), keys::label_prefix);
        let before = into.len();
        let after = after.map(|node| node.0);
        visit_behind(reader, self.namespace(), &prefix, after, Some(limit), |id, _| {
            into.push(NodeId(id));
            Ok(true)
        })?;
        Ok(into.len() - before >= limit)
    }

    /// Appends the next `limit` edges with the type of that number, or of all edges, in ascending order and behind `after`;
    /// answers whether more may follow. There is no list of edges by type: all are gone over.
    pub fn edges_into(
        &self,
        reader: &impl Read,
        edge_type: Option<u32>,
        after: Option<EdgeId>,
        limit: usize,
        into: &mut Vec<EdgeEnds>,
    ) -> Result<bool> {
        let before = into.len();
        let row_limit = edge_type.is_none().then_some(limit);
        let after = after.map(|edge| edge.0);
        visit_behind(reader, self.namespace(), &keys::kind_prefix(RowKind::Edge), after, row_limit, |id, value| {
            let row = EdgeRow::parse(value)?;
            if edge_type.is_none_or(|edge_type| edge_type == row.edge_type) {
                into.push(EdgeEnds::of(EdgeId(id), &row));
            }
            Ok(into.len() - before < limit)
        })?;
        Ok(into.len() - before >= limit)
    }

    /// The numbers and names of every label that the graph has met.
    pub fn all_labels(&self, reader: &impl Read) -> Result<Vec<(u32, String)>> {
        self.all_names(reader, NameClass::Label)
    }

    /// As [`all_labels`](Self::all_labels), of edge types.
    pub fn all_edge_types(&self, reader: &impl Read) -> Result<Vec<(u32, String)>> {
        self.all_names(reader, NameClass::EdgeType)
    }

    fn all_names(&self, reader: &impl Read, class: NameClass) -> Result<Vec<(u32, String)>> {
        let prefix = keys::names_prefix(class);
        let mut names = Vec::new();
        visit_rows(reader, self.namespace(), &prefix, |key, value| {
            let mut rest = key.get(prefix.len()..).unwrap_or_default();
            let number = take_id(&mut rest).and_then(|number| u32::try_from(number).ok());
            let name = str::from_utf8(value).ok();
            names.push(number.zip(name.map(str::to_owned)).ok_or_else(|| damaged("a name's row"))?);
            Ok(())
        })?;
        Ok(names)
    }
}

/// What stands behind the labels of a node's row.
pub(crate) fn properties_of_node(mut value: &[u8]) -> Option<&[u8]> {
    for _ in 0..take_id(&mut value)? {
        take_id(&mut value)?;
    }
    Some(value)
}

/// Calls `visit` with ids and values of the rows behind `after`, until it answers false; it must not read the store.
fn visit_behind(
    reader: &impl Read,
    namespace: NamespaceId,
    prefix: &[u8],
    after: Option<u64>,
    limit: Option<usize>,
    mut visit: impl FnMut(u64, &[u8]) -> Result<bool>,
) -> Result<()> {
    let mut range = KeyRange::prefix(prefix);
    if let Some(after) = after {
        let mut key = prefix.to_vec();
        keys::push_id(&mut key, after);
        range.start = Bound::Excluded(key);
    }
    let options = ScanOptions { limit: limit.map(|limit| limit as u64), ..ScanOptions::default() };
    visit_range(reader, namespace, &range, options, |key, value| {
        let goes_on = visit(trailing_id(key, prefix)?, value)?;
        Ok(if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })
}
