//! What a graph is made of, and the rows nodes and edges are stored as.

use crate::keys::{Adjacency, damaged, push_id, take_id};
use sledstore_engine::Result;

/// Largest id: ids are exact as JavaScript numbers.
pub const ID_MAX: u64 = (1 << 53) - 1;

/// Longest label or edge type, in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 1_024;

/// The number of a node; never used again after the node is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u64);

/// The number of an edge; never used again after the edge is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(pub u64);

/// Which way edges are followed from a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From source to target.
    #[default]
    Out,
    /// From target to source.
    In,
    /// Both ways; a loop counts once.
    Both,
}

/// A node as it was at one sequence number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number.
    pub id: NodeId,
    /// Its labels, in the order in which the graph first met them.
    pub labels: Vec<String>,
    /// Its properties: a MessagePack map.
    pub properties: Vec<u8>,
}

/// An edge as it was at one sequence number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Its number.
    pub id: EdgeId,
    /// Its type.
    pub edge_type: String,
    /// Where it starts.
    pub source: NodeId,
    /// Where it ends.
    pub target: NodeId,
    /// Its properties: a MessagePack map.
    pub properties: Vec<u8>,
}

/// What a node must look like to be found; an empty filter fits every node.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeFilter<'a> {
    /// A label it has.
    pub label: Option<&'a str>,
    /// A MessagePack map of properties it has with equal values; `null` asks that the property be missing.
    pub properties: Option<&'a [u8]>,
}

/// Stored value of a node: `number of labels ‖ labels, ascending ‖ properties`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NodeRow<'a> {
    pub labels: Vec<u32>,
    pub properties: &'a [u8],
}

impl<'a> NodeRow<'a> {
    pub fn encode(labels: &[u32], properties: &[u8]) -> Vec<u8> {
        let mut value = Vec::with_capacity(2 + 3 * labels.len() + properties.len());
        Self::encode_into(&mut value, labels, properties);
        value
    }

    /// Appends what [`encode`](Self::encode) gives.
    pub fn encode_into(value: &mut Vec<u8>, labels: &[u32], properties: &[u8]) {
        debug_assert!(labels.is_sorted_by(|a, b| a < b), "labels are a sorted set");
        push_id(value, labels.len() as u64);
        for &label in labels {
            push_id(value, u64::from(label));
        }
        value.extend_from_slice(properties);
    }

    pub fn parse(value: &'a [u8]) -> Result<Self> {
        Self::parse_parts(value).ok_or_else(|| damaged("a node's row"))
    }

    fn parse_parts(mut value: &'a [u8]) -> Option<Self> {
        let count = take_id(&mut value)?;
        let mut labels = Vec::with_capacity(count.min(16) as usize);
        for _ in 0..count {
            labels.push(u32::try_from(take_id(&mut value)?).ok()?);
        }
        Some(Self { labels, properties: value })
    }

    pub fn has_label(&self, label: u32) -> bool {
        self.labels.binary_search(&label).is_ok()
    }
}

/// Stored value of an edge: `source ‖ target ‖ type ‖ properties`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EdgeRow<'a> {
    pub source: NodeId,
    pub target: NodeId,
    pub edge_type: u32,
    pub properties: &'a [u8],
}

impl<'a> EdgeRow<'a> {
    /// The adjacency row under the source.
    pub fn outgoing(&self, id: EdgeId) -> Adjacency {
        let Self { source, target, edge_type, .. } = *self;
        Adjacency { node: source, direction: Direction::Out, edge_type, neighbor: target, edge: id }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut value = Vec::with_capacity(16 + self.properties.len());
        self.encode_into(&mut value);
        value
    }

    /// Appends what [`encode`](Self::encode) gives.
    pub fn encode_into(&self, value: &mut Vec<u8>) {
        push_id(value, self.source.0);
        push_id(value, self.target.0);
        push_id(value, u64::from(self.edge_type));
        value.extend_from_slice(self.properties);
    }

    pub fn parse(value: &'a [u8]) -> Result<Self> {
        Self::parse_parts(value).ok_or_else(|| damaged("an edge's row"))
    }

    fn parse_parts(mut value: &'a [u8]) -> Option<Self> {
        let source = NodeId(take_id(&mut value)?);
        let target = NodeId(take_id(&mut value)?);
        let edge_type = u32::try_from(take_id(&mut value)?).ok()?;
        Some(Self { source, target, edge_type, properties: value })
    }
}
