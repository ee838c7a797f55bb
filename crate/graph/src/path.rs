//! Breadth-first search: shortest paths by number of edges, and what lies around a node.

use std::collections::HashMap;
use std::ops::ControlFlow;

use sledstore_engine::{Read, Result};

use crate::graph::Graph;
use crate::model::{Direction, EdgeId, NodeFilter, NodeId};
use crate::neighbor::EdgeTest;

/// Which edges a search follows, and how far.
#[derive(Clone, Copy, Debug, Default)]
pub struct PathFilter<'a> {
    /// Which way the edges are followed.
    pub direction: Direction,
    /// The types of edges that are followed; none means all.
    pub types: &'a [&'a str],
    /// The most edges a path may have.
    pub depth_max: Option<u32>,
}

/// A walk through the graph: one node more than edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The nodes from start to end.
    pub nodes: Vec<NodeId>,
    /// The edges between them.
    pub edges: Vec<EdgeId>,
}

/// A node found by [`Graph::expand`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The node.
    pub node: NodeId,
    /// The edges of the shortest path to it.
    pub depth: u32,
}

/// How a search came to a node; the start has none.
type Step = Option<(NodeId, EdgeId)>;

/// One end of a search: everything it has reached, and the outermost layer.
struct Frontier {
    edges: EdgeTest,
    steps: HashMap<NodeId, Step>,
    layer: Vec<NodeId>,
    depth: u32,
}

impl Frontier {
    fn new(start: NodeId, edges: EdgeTest) -> Self {
        Self { edges, steps: HashMap::from([(start, None)]), layer: vec![start], depth: 0 }
    }

    /// Reaches the next layer, telling `meet` of each new node, until it breaks; gives the node it broke at.
    fn advance(
        &mut self,
        graph: &Graph,
        reader: &impl Read,
        mut meet: impl FnMut(NodeId) -> Result<ControlFlow<()>>,
    ) -> Result<Option<NodeId>> {
        let mut next = Vec::new();
        let mut met = None;
        self.depth += 1;
        for node in std::mem::take(&mut self.layer) {
            let steps = &mut self.steps;
            let flow = graph.visit_adjacent(reader, node, &self.edges, None, |row| {
                if steps.contains_key(&row.neighbor) {
                    return Ok(ControlFlow::Continue(()));
                }
                steps.insert(row.neighbor, Some((node, row.edge)));
                next.push(row.neighbor);
                let flow = meet(row.neighbor)?;
                if flow.is_break() {
                    met = Some(row.neighbor);
                }
                Ok(flow)
            })?;
            if flow.is_break() {
                break;
            }
        }
        self.layer = next;
        Ok(met)
    }

    /// The way from `node` back to the start: nodes after `node`, and the edges to them.
    fn trace(&self, mut node: NodeId) -> (Vec<NodeId>, Vec<EdgeId>) {
        let (mut nodes, mut edges) = (Vec::new(), Vec::new());
        while let Some(Some((earlier, edge))) = self.steps.get(&node) {
            nodes.push(*earlier);
            edges.push(*edge);
            node = *earlier;
        }
        (nodes, edges)
    }

    fn path_to(&self, end: NodeId) -> Path {
        let (mut nodes, mut edges) = self.trace(end);
        nodes.reverse();
        edges.reverse();
        nodes.push(end);
        Path { nodes, edges }
    }
}

impl Graph {
    /// A path with the fewest edges from `from` to `to`; `None` when there is none, or an end does not exist.
    ///
    /// Searched from both ends, a whole layer of the smaller side at a time: before a layer is added no node is known
    /// to both sides, so the first one that is lies on a shortest path.
    pub fn shortest_path(
        &self,
        reader: &impl Read,
        from: NodeId,
        to: NodeId,
        filter: &PathFilter<'_>,
    ) -> Result<Option<Path>> {
        if !self.has_node(reader, from)? || !self.has_node(reader, to)? {
            return Ok(None);
        }
        let edges = self.edge_test(reader, filter.direction, filter.types)?;
        let mut back = Frontier::new(to, edges.reversed());
        let mut ahead = Frontier::new(from, edges);
        if from == to {
            return Ok(Some(ahead.path_to(to)));
        }
        let depth_max = filter.depth_max.unwrap_or(u32::MAX);
        while !ahead.layer.is_empty() && !back.layer.is_empty() && ahead.depth + back.depth < depth_max {
            let (side, other) =
                if ahead.layer.len() <= back.layer.len() { (&mut ahead, &back) } else { (&mut back, &ahead) };
            let met = side.advance(self, reader, |node| {
                let known = other.steps.contains_key(&node);
                Ok(if known { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            if let Some(middle) = met {
                let mut path = ahead.path_to(middle);
                let (nodes, edges) = back.trace(middle);
                path.nodes.extend(nodes);
                path.edges.extend(edges);
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// A path with the fewest edges from `from` to a node that fits `goal`, which may be `from` itself.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for goal properties that are not a MessagePack map.
    pub fn path_to(
        &self,
        reader: &impl Read,
        from: NodeId,
        goal: &NodeFilter<'_>,
        filter: &PathFilter<'_>,
    ) -> Result<Option<Path>> {
        let Some(goal) = self.node_test(reader, goal)? else { return Ok(None) };
        if !self.has_node(reader, from)? {
            return Ok(None);
        }
        let mut search = Frontier::new(from, self.edge_test(reader, filter.direction, filter.types)?);
        if self.node_fits(reader, from, &goal)? {
            return Ok(Some(search.path_to(from)));
        }
        while !search.layer.is_empty() && search.depth < filter.depth_max.unwrap_or(u32::MAX) {
            let met = search.advance(self, reader, |node| {
                let fits = self.node_fits(reader, node, &goal)?;
                Ok(if fits { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            if let Some(end) = met {
                return Ok(Some(search.path_to(end)));
            }
        }
        Ok(None)
    }

    /// The nodes around `from`, nearest first and each once, without `from`, at most `limit`.
    pub fn expand(
        &self,
        reader: &impl Read,
        from: NodeId,
        filter: &PathFilter<'_>,
        limit: Option<usize>,
    ) -> Result<Vec<Reached>> {
        let room = limit.unwrap_or(usize::MAX);
        let mut search = Frontier::new(from, self.edge_test(reader, filter.direction, filter.types)?);
        let mut reached = Vec::new();
        while !search.layer.is_empty() && reached.len() < room && search.depth < filter.depth_max.unwrap_or(u32::MAX) {
            let depth = search.depth + 1;
            search.advance(self, reader, |node| {
                reached.push(Reached { node, depth });
                Ok(if reached.len() >= room { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
        }
        Ok(reached)
    }
}
