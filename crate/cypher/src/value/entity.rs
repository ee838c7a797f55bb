//! Nodes, relationships and paths as values.

use std::sync::Arc;

use super::{Map, Value};

/// A node, as it was when it was read.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its id, which no other node of the graph ever has.
    pub id: u64,
    /// Its labels, in the order they are shown.
    pub labels: Arc<[Arc<str>]>,
    /// Its properties; none is null.
    pub properties: Map,
}

/// A relationship, as it was when it was read.
#[derive(Clone, Debug)]
pub struct Relationship {
    /// Its id, which no other relationship of the graph ever has.
    pub id: u64,
    /// Its type.
    pub kind: Arc<str>,
    /// The node it leaves.
    pub start: u64,
    /// The node it enters.
    pub end: u64,
    /// Its properties; none is null.
    pub properties: Map,
}

/// A node, and what was walked from it.
#[derive(Clone, Debug)]
pub struct Path {
    /// Where it begins.
    pub start: Arc<Node>,
    /// The relationships in the order they were walked, along or against their direction.
    pub steps: Vec<Step>,
}

/// One relationship of a path, and the node it led to.
#[derive(Clone, Debug)]
pub struct Step {
    /// The relationship.
    pub relationship: Arc<Relationship>,
    /// The node behind it.
    pub node: Arc<Node>,
}

impl Node {
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.labels.len() * size_of::<Arc<str>>() + self.properties.bytes()
    }
}

impl Relationship {
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.properties.bytes()
    }
}

impl Path {
    /// How many relationships it has.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether it is one node alone.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Its nodes, in the order they were walked.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        std::iter::once(&self.start).chain(self.steps.iter().map(|step| &step.node))
    }

    /// Its relationships, in the order they were walked.
    pub fn relationships(&self) -> impl Iterator<Item = &Arc<Relationship>> {
        self.steps.iter().map(|step| &step.relationship)
    }

    /// The ids of nodes and relationships in turn: paths are equal by them.
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.start.id).chain(self.steps.iter().flat_map(|step| [step.relationship.id, step.node.id]))
    }

    pub(super) fn bytes(&self) -> usize {
        let nodes = self.nodes().map(|node| node.bytes());
        nodes.chain(self.relationships().map(|relationship| relationship.bytes())).fold(0, usize::saturating_add)
    }

    pub(super) fn depth(&self) -> u16 {
        let nodes = self.nodes().map(|node| node.properties.depth());
        nodes.chain(self.relationships().map(|relationship| relationship.properties.depth())).max().unwrap_or(0)
    }
}

impl From<Arc<Node>> for Value {
    fn from(node: Arc<Node>) -> Self {
        Self::Node(node)
    }
}

impl From<Arc<Relationship>> for Value {
    fn from(relationship: Arc<Relationship>) -> Self {
        Self::Relationship(relationship)
    }
}
