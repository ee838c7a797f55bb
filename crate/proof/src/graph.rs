//! The lane that changes a graph. Nodes and edges carry a number of the lane's own, for the graph's ids run ahead after a
//! crash.

use std::collections::BTreeMap;

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IteratorRandom;
use sledstore_engine::{Durability, Read, Result, Seq, Store, Transaction};
use sledstore_graph::{Direction, Edge, Graph, Index, NeighborFilter, NodeFilter, NodeId, NodeUpdate, PropertyChange};

use crate::lane::Lane;
use crate::progress::Progress;
use crate::work::{Work, contradiction, transact};

const LABELS: [&str; 3] = ["Person", "City", "Thing"];
const TYPES: [&str; 2] = ["KNOWS", "IN"];
/// Nodes from which on steps rather remove than add.
const NODES_MAX: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NodeContent {
    label: usize,
    value: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EdgeContent {
    from: u64,
    to: u64,
    edge_type: usize,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    AddNode { node: u64, content: NodeContent },
    Update { node: u64, content: NodeContent },
    RemoveNode { node: u64 },
    AddEdge { edge: u64, content: EdgeContent },
    RemoveEdge { edge: u64 },
}

#[derive(Clone, Default)]
struct Content {
    nodes: BTreeMap<u64, NodeContent>,
    edges: BTreeMap<u64, EdgeContent>,
}

impl Content {
    fn change(&self, random: &mut SmallRng, number: u64) -> Change {
        let node = self.nodes.keys().copied().choose(random);
        let content = NodeContent { label: random.random_range(0..LABELS.len()), value: random.random_range(0..5) };
        let Some(node) = node else { return Change::AddNode { node: number, content } };
        match random.random_range(0..100) {
            0..35 if self.nodes.len() < NODES_MAX => Change::AddNode { node: number, content },
            0..50 => Change::Update { node, content: NodeContent { label: self.nodes[&node].label, ..content } },
            50..85 => {
                let to = self.nodes.keys().copied().choose(random).unwrap_or(node);
                let edge_type = random.random_range(0..TYPES.len());
                Change::AddEdge { edge: number, content: EdgeContent { from: node, to, edge_type } }
            }
            85..93 => match self.edges.keys().copied().choose(random) {
                Some(edge) => Change::RemoveEdge { edge },
                None => Change::AddNode { node: number, content },
            },
            _ => Change::RemoveNode { node },
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::AddNode { node, content } | Change::Update { node, content } => {
                self.nodes.insert(node, content);
            }
            Change::RemoveNode { node } => {
                self.nodes.remove(&node);
                self.edges.retain(|_, edge| edge.from != node && edge.to != node);
            }
            Change::AddEdge { edge, content } => drop(self.edges.insert(edge, content)),
            Change::RemoveEdge { edge } => drop(self.edges.remove(&edge)),
        }
    }
}

/// The property map `{ u: number, v: value }`.
pub fn properties(number: u64, value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into memory does not fail.
    let _ = rmp::encode::write_map_len(&mut bytes, 2);
    for (name, number) in [("u", number), ("v", value)] {
        let _ = rmp::encode::write_str(&mut bytes, name);
        let _ = rmp::encode::write_uint(&mut bytes, number);
    }
    bytes
}

/// The property map `{ u: number }`.
fn named(number: u64) -> Vec<u8> {
    let mut bytes = vec![0x81, 0xa1, b'u'];
    let _ = rmp::encode::write_uint(&mut bytes, number);
    bytes
}

/// The lane of graph changes.
pub struct GraphLane {
    seed: u64,
    progress: Progress,
    graph: Graph,
    content: Content,
}

impl GraphLane {
    pub fn begin(store: &Store, seed: u64) -> Result<Self> {
        let graph = Graph::open(store, "proof")?;
        let by_number = Index { label: None, property: "u".to_owned(), unique: true };
        let by_value = Index { label: Some(LABELS[0].to_owned()), property: "v".to_owned(), unique: false };
        for index in [by_number, by_value] {
            graph.create_index(&index, store.options().durability, &mut |_, _| true)?;
        }
        Ok(Self { seed, progress: Progress::open(store, Lane::Graph)?, graph, content: Content::default() })
    }

    /// The changes of a step, and the content after it.
    fn step(&self, number: u64) -> (Vec<Change>, Content) {
        let mut random = Lane::Graph.random(self.seed, number);
        let mut after = self.content.clone();
        let count = random.random_range(1..=4);
        let mut changes = Vec::new();
        for at in 0..count {
            let change = after.change(&mut random, number * 4 + at);
            after.apply(change);
            changes.push(change);
        }
        (changes, after)
    }

    fn node(&self, reader: &impl Read, number: u64) -> Result<NodeId> {
        let wanted = named(number);
        let filter = NodeFilter { label: None, properties: Some(&wanted) };
        match self.graph.find(reader, &filter, None)?[..] {
            [id] => Ok(id),
            ref other => Err(contradiction(format_args!("{} nodes have number {number}", other.len()))),
        }
    }

    /// The edges that leave a node.
    fn edges_of(&self, reader: &impl Read, id: NodeId) -> Result<Vec<Edge>> {
        let filter = NeighborFilter { direction: Direction::Out, ..NeighborFilter::default() };
        let mut edges = Vec::new();
        for neighbor in self.graph.neighbors(reader, id, &filter)? {
            let edge = self.graph.edge(reader, neighbor.edge)?;
            let edge = edge.ok_or_else(|| contradiction("an edge that only its end knows"))?;
            edges.push(edge);
        }
        Ok(edges)
    }

    fn write(&self, before: &Content, changes: &[Change], transaction: &mut Transaction, number: u64) -> Result<()> {
        let mut now = before.clone();
        for &change in changes {
            self.write_one(&now, change, transaction)?;
            now.apply(change);
        }
        self.progress.write(transaction, number)
    }

    fn write_one(&self, before: &Content, change: Change, transaction: &mut Transaction) -> Result<()> {
        match change {
            Change::AddNode { node, content } => {
                let labels = [LABELS[content.label]];
                self.graph.add_node(transaction, &labels, &properties(node, content.value)).map(drop)
            }
            Change::Update { node, content } => {
                let id = self.node(transaction, node)?;
                let whole = properties(node, content.value);
                let change = PropertyChange::Replace(&whole);
                let update = NodeUpdate { properties: Some(change), add_labels: &[], remove_labels: &[] };
                self.graph.update_node(transaction, id, &update)
            }
            Change::RemoveNode { node } => {
                let id = self.node(transaction, node)?;
                self.graph.remove_node(transaction, id)
            }
            Change::AddEdge { edge, content } => {
                let (from, to) = (self.node(transaction, content.from)?, self.node(transaction, content.to)?);
                self.graph.add_edge(transaction, TYPES[content.edge_type], from, to, &named(edge)).map(drop)
            }
            Change::RemoveEdge { edge } => {
                let from = self.node(transaction, before.edges[&edge].from)?;
                let wanted = named(edge);
                let found = self.edges_of(transaction, from)?.into_iter().find(|edge| edge.properties == wanted);
                let edge_found = found.ok_or_else(|| contradiction(format_args!("edge {edge} is missing")))?;
                self.graph.remove_edge(transaction, edge_found.id)
            }
        }
    }

    fn compare_node(&self, reader: &impl Read, number: u64, content: NodeContent) -> Result<Option<String>> {
        let id = self.node(reader, number)?;
        let expected = (vec![LABELS[content.label].to_owned()], properties(number, content.value));
        let node = self.graph.node(reader, id)?.map(|node| (node.labels, node.properties));
        if node.as_ref() != Some(&expected) {
            return Ok(Some(format!("node {number}: {node:?} where {expected:?} is")));
        }
        let mut found = Vec::new();
        for edge in self.edges_of(reader, id)? {
            let target = self.graph.node(reader, edge.target)?.map(|node| node.properties);
            found.push((edge.properties, edge.edge_type, target));
        }
        let mut expected: Vec<_> = (self.content.edges.iter())
            .filter(|(_, edge)| edge.from == number)
            .map(|(edge, content)| {
                let to = properties(content.to, self.content.nodes[&content.to].value);
                (named(*edge), TYPES[content.edge_type].to_owned(), Some(to))
            })
            .collect();
        found.sort();
        expected.sort();
        Ok((found != expected).then(|| format!("edges of node {number}: {found:?} where {expected:?} are")))
    }
}

impl Work for GraphLane {
    fn perform(&mut self, store: &Store, number: u64, level: Durability) -> Result<Seq> {
        let (changes, after) = self.step(number);
        let seq = transact(store, level, |transaction| self.write(&self.content, &changes, transaction, number))?;
        self.content = after;
        Ok(seq)
    }

    fn replay(&mut self, number: u64) {
        self.content = self.step(number).1;
    }

    fn differences(&self, store: &Store) -> Result<Vec<String>> {
        let snapshot = store.snapshot()?;
        let mut differences = self.graph.verify(&snapshot)?;
        let counts = (self.graph.count_nodes(&snapshot, None)?, self.graph.count_edges(&snapshot)?);
        let expected = (self.content.nodes.len() as u64, self.content.edges.len() as u64);
        if counts != expected {
            differences.push(format!("the graph has {counts:?} nodes and edges where {expected:?} are"));
        }
        for (&number, &content) in &self.content.nodes {
            differences.extend(self.compare_node(&snapshot, number, content)?);
        }
        Ok(differences)
    }
}
