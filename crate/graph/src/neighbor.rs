//! Following the edges of a node.

use std::ops::ControlFlow;

use sledstore_engine::{Read, Result, ScanOptions};

use crate::adjacency::{InOrder, row_edges};
use crate::expand::Adjacent;
use crate::graph::Graph;
use crate::keys::{self, Adjacency, NameClass};
use crate::model::{Direction, EdgeId, NodeFilter, NodeId};
use crate::resident::ResidentEdges;
use crate::rows::visit_pages;

/// Which edges of a node are followed, and which neighbors they must lead to.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeighborFilter<'a> {
    /// Which way the edges are followed.
    pub direction: Direction,
    /// The types of edges that are followed; none means all.
    pub types: &'a [&'a str],
    /// What the neighbor must look like.
    pub node: NodeFilter<'a>,
    /// The most neighbors that are answered.
    pub limit: Option<usize>,
}

/// One edge of a node and the node at its other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Neighbor {
    /// The node at the other end.
    pub node: NodeId,
    /// The edge.
    pub edge: EdgeId,
    /// Which way the edge goes, seen from the node that was asked: `Out` or `In`.
    pub direction: Direction,
}

/// The parts of a node's adjacency rows that a filter asks for, looked up once for many nodes.
#[derive(Clone, Debug)]
pub(crate) struct EdgeTest {
    direction: Direction,
    /// `None` follows every type; ascending.
    types: Option<Vec<u32>>,
}

impl EdgeTest {
    pub fn reversed(&self) -> Self {
        let direction = match self.direction {
            Direction::Out => Direction::In,
            Direction::In => Direction::Out,
            Direction::Both => Direction::Both,
        };
        Self { direction, types: self.types.clone() }
    }

    pub fn prefixes(&self, node: NodeId) -> Vec<Vec<u8>> {
        let directions: &[Direction] = match (self.direction, &self.types) {
            (Direction::Both, None) => return vec![keys::adjacency_prefix(node, None)],
            (Direction::Both, Some(_)) => &[Direction::Out, Direction::In],
            (Direction::Out, _) => &[Direction::Out],
            (Direction::In, _) => &[Direction::In],
        };
        let mut prefixes = Vec::new();
        for &direction in directions {
            match &self.types {
                None => prefixes.push(keys::adjacency_prefix(node, Some((direction, None)))),
                Some(types) => {
                    prefixes.extend(types.iter().map(|&t| keys::adjacency_prefix(node, Some((direction, Some(t))))));
                }
            }
        }
        prefixes
    }

    /// The types that are followed, by their numbers.
    pub fn of_types(direction: Direction, types: Option<&[u32]>) -> Self {
        let types = types.map(|types| {
            let mut types = types.to_vec();
            types.sort_unstable();
            types.dedup();
            types
        });
        Self { direction, types }
    }

    /// A loop stands under its node in both directions and counts once.
    pub fn repeats(&self, row: &Adjacency) -> bool {
        self.direction == Direction::Both && row.direction == Direction::In && row.neighbor == row.node
    }
}

impl Graph {
    /// The neighbors of a node: one answer an edge, ordered by direction, type, neighbor and edge. A node that does
    /// not exist has none.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for filter properties that are not a MessagePack map.
    pub fn neighbors(&self, reader: &impl Read, id: NodeId, filter: &NeighborFilter<'_>) -> Result<Vec<Neighbor>> {
        let mut found = Vec::new();
        let room = filter.limit.unwrap_or(usize::MAX);
        let Some(test) = self.node_test(reader, &filter.node)? else { return Ok(found) };
        if room == 0 {
            return Ok(found);
        }
        let edges = self.edge_test(reader, filter.direction, filter.types)?;
        // With nothing to reject, a page need not read past the limit.
        let row_limit = filter.limit.filter(|_| test.fits_all() && filter.direction != Direction::Both);
        let _ = self.visit_adjacent(reader, id, &edges, row_limit, |row| {
            if self.node_fits(reader, row.neighbor, &test)? {
                found.push(Neighbor { node: row.neighbor, edge: row.edge, direction: row.direction });
            }
            Ok(if found.len() >= room { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(found)
    }

    /// Looks the types up; those the graph has never met lead nowhere.
    pub(crate) fn edge_test(&self, reader: &impl Read, direction: Direction, types: &[&str]) -> Result<EdgeTest> {
        if types.is_empty() {
            return Ok(EdgeTest { direction, types: None });
        }
        let mut numbers = Vec::with_capacity(types.len());
        for name in types {
            numbers.extend(self.find_name(reader, NameClass::EdgeType, name)?);
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(EdgeTest { direction, types: Some(numbers) })
    }

    /// Calls `visit` with the edges of a node, in the order of direction, type, neighbor and edge. `visit` may read the
    /// store. Without `limit` edges all are met; with it, at least so many.
    pub(crate) fn visit_adjacent(
        &self,
        reader: &impl Read,
        id: NodeId,
        edges: &EdgeTest,
        limit: Option<usize>,
        mut visit: impl FnMut(Adjacency) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        if let Some(resident) = self.resident_edges(reader)? {
            return visit_resident(&resident, id, edges, visit);
        }
        let mut visit = |row: Adjacency| if edges.repeats(&row) { Ok(ControlFlow::Continue(())) } else { visit(row) };
        // Each row has an edge, and those of the rows after it come after its first.
        let options = ScanOptions { limit: limit.map(|limit| limit as u64), ..ScanOptions::default() };
        for prefix in edges.prefixes(id) {
            let mut order = InOrder::default();
            let flow =
                visit_pages(reader, self.namespace(), &prefix, options, row_edges, |row| order.row(&row, &mut visit))?;
            if flow.is_break() || order.end(&mut visit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// As [`Graph::visit_adjacent`], of edges in memory.
fn visit_resident(
    resident: &ResidentEdges,
    node: NodeId,
    edges: &EdgeTest,
    mut visit: impl FnMut(Adjacency) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let mut outcome = Ok(());
    let flow = resident.visit(node, edges.direction, edges.types.as_deref(), |found| {
        let Adjacent { edge, neighbor, edge_type, direction } = found;
        visit(Adjacency { node, direction, edge_type, neighbor, edge }).unwrap_or_else(|error| {
            outcome = Err(error);
            ControlFlow::Break(())
        })
    });
    outcome.map(|()| flow)
}
