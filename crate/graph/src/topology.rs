//! How a graph hangs together, without the rest: for whoever keeps it in memory in a form of its own, and current.

use std::collections::VecDeque;
use std::ops::Bound;

use sledstore_engine::{KeyRange, Read, Result, Scan, ScanOptions, Watch};

use crate::graph::Graph;
use crate::keys::{self, Adjacency, RowKind, take_id, trailing_id};
use crate::lookup::EdgeEnds;
use crate::map_bytes::find_property;
use crate::model::{Direction, EdgeId, EdgeRow, NodeId};
use crate::property::{Number, take_value};
use crate::rows::{PAGE_BYTES, PAGE_ROWS};

/// An edge, and what it weighs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeighedEdge {
    /// The edge.
    pub ends: EdgeEnds,
    /// The property that was asked for; `None` where it is no finite number, or is not there.
    pub weight: Option<f64>,
}

/// What a row that was changed is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touched {
    /// A node was added, changed or removed.
    Node(NodeId),
    /// An edge was added, changed or removed.
    Edge(EdgeId),
    /// Edges that leave a node were added, removed or packed.
    Leaving(NodeId),
    /// A node got or lost the label of that number.
    Label(u32),
}

/// The edges of a graph by their ids, at the moment of its reader.
pub struct EdgeScan {
    scan: Scan,
    weight: Option<String>,
    page: VecDeque<Result<WeighedEdge>>,
    more: bool,
}

impl Iterator for EdgeScan {
    type Item = Result<WeighedEdge>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.page.is_empty() && self.more {
            let (page, weight) = (&mut self.page, self.weight.as_deref());
            let read = self.scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |key, value| {
                let id = trailing_id(key, &[RowKind::Edge as u8]).map(EdgeId);
                page.push_back(id.and_then(|id| weighed(id, &EdgeRow::parse(value)?, weight)));
            });
            match read {
                Ok(more) => self.more = more,
                Err(error) => {
                    self.more = false;
                    self.page.push_back(Err(error));
                }
            }
        }
        self.page.pop_front()
    }
}

fn weighed(id: EdgeId, row: &EdgeRow<'_>, weight: Option<&str>) -> Result<WeighedEdge> {
    let ends = EdgeEnds { edge: id, edge_type: row.edge_type, source: row.source, target: row.target };
    let Some(name) = weight else { return Ok(WeighedEdge { ends, weight: None }) };
    let weight = find_property(row.properties, name)?.map(finite).transpose()?.flatten();
    Ok(WeighedEdge { ends, weight })
}

/// The finite number that bytes are, if they are one.
fn finite(mut value: &[u8]) -> Result<Option<f64>> {
    Ok(Number::of(&take_value(&mut value)?).map(Number::as_float).filter(|number| number.is_finite()))
}

impl Graph {
    /// Every edge, with the number that its property `weight` holds.
    pub fn weighed_edges(&self, reader: &impl Read, weight: Option<&str>) -> Result<EdgeScan> {
        let range = KeyRange::prefix(&keys::kind_prefix(RowKind::Edge));
        let scan = reader.scan(self.namespace(), &range, ScanOptions::default())?;
        Ok(EdgeScan { scan, weight: weight.map(str::to_owned), page: VecDeque::new(), more: true })
    }

    /// One edge alike; `None` when there is no such edge.
    pub fn weighed_edge(&self, reader: &impl Read, id: EdgeId, weight: Option<&str>) -> Result<Option<WeighedEdge>> {
        self.with_edge(reader, id, |row| weighed(id, &row, weight))?.transpose()
    }

    /// The finite number that a property of a node holds; `None` where it is none, or there is no such node.
    pub fn node_number(&self, reader: &impl Read, node: NodeId, name: &str) -> Result<Option<f64>> {
        let number = self.with_node_property(reader, node, name, |value| value.map(finite).transpose())?;
        Ok(number.transpose()?.flatten().flatten())
    }

    /// Watches what commits change of nodes, edges and labels.
    ///
    /// # Errors
    /// `CLOSED`.
    pub fn watch(&self, bytes_max: usize) -> Result<Watch> {
        let range = KeyRange {
            start: Bound::Included(keys::kind_prefix(RowKind::Node)),
            end: Bound::Excluded(vec![RowKind::Label as u8 + 1]),
        };
        self.store().watch(self.namespace(), range, bytes_max)
    }

    /// What a key that a [watch](Self::watch) tells of is about; `None` for entering edges, which leave another node.
    ///
    /// # Errors
    /// `CORRUPTION` for a key that is none of a graph.
    pub fn touched(key: &[u8]) -> Result<Option<Touched>> {
        let kind = |kind: RowKind| key.first() == Some(&(kind as u8));
        if kind(RowKind::Node) {
            return trailing_id(key, &[RowKind::Node as u8]).map(|id| Some(Touched::Node(NodeId(id))));
        }
        if kind(RowKind::Edge) {
            return trailing_id(key, &[RowKind::Edge as u8]).map(|id| Some(Touched::Edge(EdgeId(id))));
        }
        if kind(RowKind::Adjacency) {
            let row = Adjacency::parse(key)?;
            return Ok((row.direction == Direction::Out).then_some(Touched::Leaving(row.node)));
        }
        let mut rest = key.strip_prefix(&[RowKind::Label as u8]).unwrap_or_default();
        let label = take_id(&mut rest).and_then(|label| u32::try_from(label).ok());
        label.map(|label| Some(Touched::Label(label))).ok_or_else(|| keys::damaged("the key of a changed row"))
    }
}
