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
//!
//! A row of several edges may not overlap another, so edges are put together under nodes of the load alone, at which
//! nobody else can have any.

use std::collections::HashMap;

use sledstore_engine::{Durability, Error, ErrorCode, Read, Result, Write};

use crate::adjacency::rows_of;
use crate::fields::Fields;
use crate::graph::Graph;
use crate::keys::{Adjacency, NameClass};
use crate::model::{EdgeId, EdgeRow, NodeId};
use crate::property::{Properties, invalid};
use crate::write::{Changes, ENDS, Writer, wrong_end};

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
    /// Properties of all, one after the other.
    properties: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Span {
    start: usize,
    length: usize,
}

struct StagedNode {
    labels: Span,
    properties: Span,
}

#[derive(Clone, Copy)]
enum End {
    /// A node of the load, by its place.
    Staged(u64),
    /// A node of the graph.
    Present(NodeId),
}

struct StagedEdge {
    edge_type: u32,
    source: End,
    target: End,
    properties: Span,
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
            properties: Vec::new(),
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
        let bytes = self.properties.len()
            + NODE_BYTES * self.nodes.len()
            + EDGE_BYTES * self.edges.len()
            + size_of::<u32>() * self.node_labels.len();
        let limit = self.graph.store().options().batch_bytes_max();
        if bytes > limit {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!(
                    "the load has more than {limit} bytes, half the memory budget, and is one commit; load it in parts, \
                     or open the store with a larger memoryBudget"
                ),
            ));
        }
        Ok(())
    }

    fn stage_node(&mut self, fields: &mut Fields<'_>, names: &[&str]) -> Result<()> {
        let start = self.node_labels.len();
        for label in fields.names(names)? {
            let number = self.labels.number(label)?;
            self.node_labels.push(number);
        }
        let labels = Span { start, length: self.node_labels.len() - start };
        let properties = self.stage_properties(&fields.properties()?)?;
        self.nodes.push(StagedNode { labels, properties });
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
        let properties = self.stage_properties(&fields.properties()?)?;
        self.edges.push(StagedEdge { edge_type, source, target, properties });
        Ok(())
    }

    fn end(&self, number: u64, is_present: bool) -> Result<End> {
        match is_present {
            true => Ok(End::Present(NodeId(number))),
            false if number < self.nodes.len() as u64 => Ok(End::Staged(number)),
            false => Err(invalid(format!("an edge of the load names its node {number}, which has not come yet"))),
        }
    }

    /// Refuses ends of an edge that are nodes of the load without any of the labels that are allowed there.
    fn check_staged(&self, edge_type: u32, ends: [End; 2], allowed: &[Vec<String>; 2]) -> Result<()> {
        for ((end, allowed), how) in ends.into_iter().zip(allowed).zip(ENDS) {
            let End::Staged(place) = end else { continue };
            let node = usize::try_from(place).ok().and_then(|place| self.nodes.get(place));
            let labels = node.map_or(&[][..], |node| self.labels_of(node));
            let mut names = labels.iter().filter_map(|&label| self.labels.names.get(label as usize));
            if !names.any(|name| allowed.contains(name)) {
                let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
                let name = self.edge_types.names.get(edge_type as usize).map_or("", String::as_str);
                return Err(wrong_end(name, how, &allowed, &format!("node {} of the load", place + 1)));
            }
        }
        Ok(())
    }

    fn labels_of(&self, node: &StagedNode) -> &[u32] {
        self.node_labels.get(node.labels.start..node.labels.start + node.labels.length).unwrap_or_default()
    }

    fn stage_properties(&mut self, properties: &Properties<'_>) -> Result<Span> {
        let (start, encoded) = (self.properties.len(), properties.encode()?);
        self.properties.extend_from_slice(&encoded);
        Ok(Span { start, length: encoded.len() })
    }

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

    fn write(&self, tx: &mut (impl Read + Write), loaded: &Loaded) -> Result<()> {
        let labels = self.labels.intern(&self.graph, tx, NameClass::Label)?;
        let edge_types = self.edge_types.intern(&self.graph, tx, NameClass::EdgeType)?;
        let mut changes = Changes::default();
        let mut writer = self.graph.writer(tx, &mut changes)?;
        writer.forget_new();
        for (node, id) in self.nodes.iter().zip(loaded.first_node.0..) {
            self.write_node(&mut writer, NodeId(id), node, &labels)
                .map_err(|error| at("node", id - loaded.first_node.0 + 1, &error))?;
        }
        let mut adjacent = Vec::with_capacity(2 * self.edges.len());
        for (edge, id) in self.edges.iter().zip(loaded.first_edge.0..) {
            let row = self
                .write_edge(&mut writer, EdgeId(id), edge, loaded.first_node, &edge_types)
                .map_err(|error| at("edge", id - loaded.first_edge.0 + 1, &error))?;
            adjacent.extend([row, row.mirrored()]);
        }
        adjacent.sort_unstable();
        let new = loaded.first_node.0..loaded.first_node.0 + loaded.nodes;
        let together =
            |a: &Adjacency, b: &Adjacency| (a.node, a.direction, a.edge_type) == (b.node, b.direction, b.edge_type);
        for group in adjacent.chunk_by(together) {
            let is_new = group.first().is_some_and(|edge| new.contains(&edge.node.0));
            if is_new {
                rows_of(group, None).iter().try_for_each(|(key, value)| writer.put_new(key, value))?;
            } else {
                group.iter().try_for_each(|edge| writer.put_new(&edge.key(), &[]))?;
            }
        }
        self.graph.finish(tx, changes)
    }

    fn write_node<T: Read + Write>(
        &self,
        writer: &mut Writer<'_, T>,
        id: NodeId,
        node: &StagedNode,
        labels: &[u32],
    ) -> Result<()> {
        let staged = self.labels_of(node).iter();
        let mut numbers: Vec<u32> = staged.filter_map(|&label| labels.get(label as usize).copied()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        writer.put_stored_node(id, &numbers, self.bytes(node.properties))
    }

    fn write_edge<T: Read + Write>(
        &self,
        writer: &mut Writer<'_, T>,
        id: EdgeId,
        edge: &StagedEdge,
        first: NodeId,
        edge_types: &[u32],
    ) -> Result<Adjacency> {
        let allowed = self.ends.get(&edge.edge_type);
        let name = self.edge_types.names.get(edge.edge_type as usize).map_or("", String::as_str);
        let mut id_of = |end: End, how, of: fn(&[Vec<String>; 2]) -> &Vec<String>| match end {
            End::Staged(place) => Ok(NodeId(first.0 + place)),
            End::Present(id) => {
                writer.check_end(id)?;
                if let Some(allowed) = allowed {
                    let labels: Vec<&str> = of(allowed).iter().map(String::as_str).collect();
                    writer.check_label(name, id, how, &labels)?;
                }
                Ok(id)
            }
        };
        let [starts, ends] = ENDS;
        let source = id_of(edge.source, starts, |[sources, _]| sources)?;
        let target = id_of(edge.target, ends, |[_, targets]| targets)?;
        let edge_type = edge_types.get(edge.edge_type as usize).copied().unwrap_or_default();
        let row = EdgeRow { source, target, edge_type, properties: self.bytes(edge.properties) };
        writer.put_edge(id, &row)?;
        Ok(row.outgoing(id))
    }

    fn bytes(&self, span: Span) -> &[u8] {
        self.properties.get(span.start..span.start + span.length).unwrap_or_default()
    }
}

/// Says which one it was.
fn at(what: &str, number: u64, error: &Error) -> Error {
    Error::new(error.code(), format!("{what} {number} of the load: {}", error.message()))
}
