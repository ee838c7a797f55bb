//! Loading many nodes and edges at once: staged in memory, checked as they come, and published by one commit.
//!
//! They come in pages, each a sequence of MessagePack values, an operation's number and its fields:
//!
//! | operation | fields |
//! |---|---|
//! | 0 introduce a name | name |
//! | 1 node | labels, properties |
//! | 2 to 5 edge | type, source, target, properties |
//! | 6 say where edges of a type lead from here on | type, labels of which their sources have one, labels of which their targets do |
//!
//! A label or type is a number: how many names the page introduced before it. An end of an edge is a node of the load, by
//! how many came before it, or a node of the graph, by its id: operation 3 has such a source, 4 such a target and 5 both.
//! Ids are given when the load is published: ascending, without a gap, in the order of the load.

mod adjacent;
mod parts;
mod publish;

use std::collections::HashMap;

use sledstore_engine::{Error, ErrorCode, Read, Result, Write};

use crate::fields::Fields;
use crate::graph::Graph;
use crate::keys::NameClass;
use crate::model::{EdgeId, NodeId};
use crate::property::invalid;
use crate::write::{ENDS, wrong_end};

/// What the rows of a node and of an edge take besides their properties, about.
const NODE_BYTES: usize = 48;
const EDGE_BYTES: usize = 56;

/// What a load has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The id of its first node; the others follow it.
    pub first_node: NodeId,
    /// The id of its first edge; the others follow it.
    pub first_edge: EdgeId,
    /// How many nodes it has.
    pub nodes: u64,
    /// How many edges it has.
    pub edges: u64,
}

/// Nodes and edges that nobody sees before [`Load::publish`]; dropped, it leaves nothing.
pub struct Load {
    graph: Graph,
    labels: Names,
    edge_types: Names,
    nodes: Vec<StagedNode>,
    edges: Vec<StagedEdge>,
    /// Of a type the labels of which sources, and targets, have one.
    ends: HashMap<u32, [Vec<String>; 2]>,
    /// Labels of all nodes, one node after the other.
    node_labels: Vec<u32>,
    /// Properties of all nodes, and of all edges, one after the other.
    node_properties: Vec<u8>,
    edge_properties: Vec<u8>,
}

/// Where what belongs to a node ends; it begins where that of the node before ends.
#[derive(Clone, Copy, Default)]
struct StagedNode {
    labels_end: usize,
    properties_end: usize,
}

struct StagedEdge {
    source: End,
    target: End,
    edge_type: u32,
    properties_bytes: u32,
}

/// A node of the load, by its place, or one of the graph.
#[derive(Clone, Copy)]
struct End(u64);

impl End {
    /// Above every id.
    const PRESENT: u64 = 1 << 63;

    fn present(self) -> Option<NodeId> {
        (self.0 & Self::PRESENT != 0).then_some(NodeId(self.0 & !Self::PRESENT))
    }

    /// Its id, when the first node of the load has that one.
    fn id(self, first: NodeId) -> NodeId {
        self.present().unwrap_or(NodeId(first.0 + self.0))
    }
}

/// Names by the order in which they came.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> Result<u32> {
        if let Some(&number) = self.numbers.get(name) {
            return Ok(number);
        }
        let number = u32::try_from(self.names.len()).map_err(|_| invalid("a load has at most 2^32 names"))?;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        Ok(number)
    }

    fn intern(&self, graph: &Graph, tx: &mut (impl Read + Write), class: NameClass) -> Result<Vec<u32>> {
        self.names.iter().map(|name| graph.intern(tx, class, name)).collect()
    }
}

impl Graph {
    /// Begins a load.
    pub fn load(&self) -> Load {
        Load {
            graph: self.clone(),
            labels: Names::default(),
            edge_types: Names::default(),
            nodes: Vec::new(),
            edges: Vec::new(),
            ends: HashMap::new(),
            node_labels: Vec::new(),
            node_properties: Vec::new(),
            edge_properties: Vec::new(),
        }
    }
}

impl Load {
    /// Stages a page.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a page that cannot be read, properties that cannot be stored and an edge at a node that has
    /// not come yet; `SCHEMA_INVALID` for one at a node of the load whose labels its type forbids there; `TOO_LARGE` above
    /// half the memory budget. The load can only be dropped then.
    pub fn page(&mut self, page: &[u8]) -> Result<()> {
        let mut fields = Fields::of(page);
        let mut names = Vec::new();
        while !fields.is_done() {
            match fields.number()? {
                0 => names.push(fields.text()?),
                1 => self.stage_node(&mut fields, &names)?,
                operation @ 2..=5 => self.stage_edge(&mut fields, &names, operation)?,
                6 => {
                    let edge_type = self.edge_types.number(fields.name(&names)?)?;
                    let mut labels =
                        || fields.names(&names).map(|labels| labels.into_iter().map(str::to_owned).collect());
                    self.ends.insert(edge_type, [labels()?, labels()?]);
                }
                other => return Err(invalid(format!("{other} is not an operation of a load"))),
            }
        }
        let bytes = self.node_properties.len()
            + self.edge_properties.len()
            + NODE_BYTES * self.nodes.len()
            + EDGE_BYTES * self.edges.len()
            + size_of::<u32>() * self.node_labels.len();
        let limit = self.graph.store().options().batch_bytes_max();
        if bytes > limit {
            return Err(too_large(limit));
        }
        Ok(())
    }

    fn stage_node(&mut self, fields: &mut Fields<'_>, names: &[&str]) -> Result<()> {
        for label in fields.names(names)? {
            let number = self.labels.number(label)?;
            self.node_labels.push(number);
        }
        fields.properties()?.encode_into(&mut self.node_properties)?;
        let (labels_end, properties_end) = (self.node_labels.len(), self.node_properties.len());
        self.nodes.push(StagedNode { labels_end, properties_end });
        Ok(())
    }

    fn stage_edge(&mut self, fields: &mut Fields<'_>, names: &[&str], operation: u64) -> Result<()> {
        let edge_type = self.edge_types.number(fields.name(names)?)?;
        let source = self.end(fields.number()?, operation & 1 == 1)?;
        let target = self.end(fields.number()?, operation & 4 == 4)?;
        if let Some(allowed) = self.ends.get(&edge_type) {
            let checked = self.check_staged(edge_type, [source, target], allowed);
            checked.map_err(|error| at("edge", self.edges.len() as u64 + 1, &error))?;
        }
        let before = self.edge_properties.len();
        fields.properties()?.encode_into(&mut self.edge_properties)?;
        let properties_bytes = u32::try_from(self.edge_properties.len() - before)
            .map_err(|_| too_large(self.graph.store().options().batch_bytes_max()))?;
        self.edges.push(StagedEdge { source, target, edge_type, properties_bytes });
        Ok(())
    }

    fn end(&self, number: u64, is_present: bool) -> Result<End> {
        match is_present {
            // No node has an id above the flag, so that one stands for all of these.
            true => Ok(End(number.min(End::PRESENT - 1) | End::PRESENT)),
            false if number < self.nodes.len() as u64 => Ok(End(number)),
            false => Err(invalid(format!("an edge of the load names its node {number}, which has not come yet"))),
        }
    }

    /// Refuses ends of an edge that are nodes of the load without any of the labels that are allowed there.
    fn check_staged(&self, edge_type: u32, ends: [End; 2], allowed: &[Vec<String>; 2]) -> Result<()> {
        for ((end, allowed), how) in ends.into_iter().zip(allowed).zip(ENDS) {
            if end.present().is_some() {
                continue;
            }
            let mut names =
                self.labels_of(end.0 as usize).iter().filter_map(|&label| self.labels.names.get(label as usize));
            if !names.any(|name| allowed.contains(name)) {
                let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
                let name = self.edge_types.names.get(edge_type as usize).map_or("", String::as_str);
                return Err(wrong_end(name, how, &allowed, &format!("node {} of the load", end.0 + 1)));
            }
        }
        Ok(())
    }

    /// The node before a place; one that ends where all begins before the first.
    fn node_before(&self, place: usize) -> StagedNode {
        place.checked_sub(1).and_then(|before| self.nodes.get(before)).copied().unwrap_or_default()
    }

    fn labels_of(&self, place: usize) -> &[u32] {
        let end = self.nodes.get(place).map_or(0, |node| node.labels_end);
        self.node_labels.get(self.node_before(place).labels_end..end).unwrap_or_default()
    }

    fn properties_of(&self, place: usize) -> &[u8] {
        let end = self.nodes.get(place).map_or(0, |node| node.properties_end);
        self.node_properties.get(self.node_before(place).properties_end..end).unwrap_or_default()
    }
}

/// Says which one it was.
fn at(what: &str, number: u64, error: &Error) -> Error {
    Error::new(error.code(), format!("{what} {number} of the load: {}", error.message()))
}

fn too_large(limit: usize) -> Error {
    Error::new(
        ErrorCode::TooLarge,
        format!(
            "the load has more than {limit} bytes, half the memory budget, and is one commit; load it in parts, or open the \
             store with a larger memoryBudget"
        ),
    )
}
