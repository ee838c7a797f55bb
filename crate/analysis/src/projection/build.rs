//! A projection from its graph's rows.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use sledstore_algorithm::{Csr, CsrOptions, Edge};
use sledstore_engine::{Error, ErrorCode, Read, Result};
use sledstore_graph::{EdgeScan, Graph, NodeId, WeighedEdge};

use crate::failure::of_algorithm;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The graph is read into memory; steps are edges read.
    Load,
    /// The algorithm runs; steps are edges looked at, about.
    Run,
}

/// Told what was done, and of how much if that is known; answers whether to go on.
pub type Report<'a> = &'a mut dyn FnMut(Phase, u64, Option<u64>) -> bool;

/// Nodes that are read at once.
const NODES_PAGE: usize = 8_192;
/// Edges between two reports.
const STEPS: u64 = 1 << 13;

/// The graph's types of edges as the small numbers that a projection has for them.
#[derive(Clone, Debug, Default)]
pub(super) struct TypeNumbers(Arc<HashMap<u32, u16>>);

impl TypeNumbers {
    pub fn get(&self, edge_type: u32) -> Option<u16> {
        self.0.get(&edge_type).copied()
    }

    /// The number of a type, which gets one where it has none.
    pub fn number(&mut self, edge_type: u32) -> Result<u16> {
        if let Some(number) = self.get(edge_type) {
            return Ok(number);
        }
        let number = u16::try_from(self.0.len()).map_err(|_| {
            Error::new(ErrorCode::TooLarge, "algorithms take graphs of at most 65,536 types of edges; use properties")
        })?;
        Arc::make_mut(&mut self.0).insert(edge_type, number);
        Ok(number)
    }

    /// An edge as the adjacency takes it.
    pub fn edge(&mut self, edge: &WeighedEdge) -> Result<Edge> {
        let WeighedEdge { ends, weight } = edge;
        Ok(Edge {
            id: ends.edge.0,
            from: ends.source.0,
            to: ends.target.0,
            edge_type: self.number(ends.edge_type)?,
            weight: weight.unwrap_or(1.0),
        })
    }
}

pub(crate) fn aborted() -> Error {
    Error::new(ErrorCode::Aborted, "the algorithm was ended by its caller")
}

/// Bytes that a graph of that size takes, with rows of both directions.
pub(super) fn bytes_of(nodes: u64, edges: u64, weighted: bool) -> usize {
    let an_edge = if weighted { 30 } else { 22 };
    usize::try_from(nodes.saturating_mul(16).saturating_add(edges.saturating_mul(an_edge))).unwrap_or(usize::MAX)
}

/// Reads a graph.
pub(super) fn build(
    graph: &Graph,
    reader: &impl Read,
    weight: Option<&str>,
    edges: u64,
    report: Report<'_>,
) -> Result<(Csr, TypeNumbers)> {
    let mut nodes: Vec<NodeId> = Vec::new();
    while graph.nodes_into(reader, None, nodes.last().copied(), NODES_PAGE, &mut nodes)? {
        if !report(Phase::Load, 0, None) {
            return Err(aborted());
        }
    }
    let nodes = nodes.into_iter().map(|node| node.0).collect();
    let reading =
        RefCell::new(Reading { types: TypeNumbers::default(), report, done: 0, total: edges.saturating_mul(2) });
    let options = CsrOptions { weights: weight.is_some(), types: true };
    let built = Csr::try_build(nodes, options, || match graph.weighed_edges(reader, weight) {
        Ok(scan) => Edges { scan: Some(scan), failed: None, reading: &reading },
        Err(error) => Edges { scan: None, failed: Some(error), reading: &reading },
    })?;
    let csr = built.map_err(|error| of_algorithm(&error, None))?;
    csr.prepare_incoming();
    Ok((csr, reading.into_inner().types))
}

/// What both passes over the edges have in common.
struct Reading<'a> {
    types: TypeNumbers,
    report: Report<'a>,
    done: u64,
    total: u64,
}

/// One pass over the edges.
struct Edges<'a, 'r> {
    scan: Option<EdgeScan>,
    failed: Option<Error>,
    reading: &'a RefCell<Reading<'r>>,
}

impl Iterator for Edges<'_, '_> {
    type Item = Result<Edge>;

    fn next(&mut self) -> Option<Result<Edge>> {
        if let Some(error) = self.failed.take() {
            return Some(Err(error));
        }
        let edge = self.scan.as_mut()?.next()?;
        let mut reading = self.reading.borrow_mut();
        let Reading { types, report, done, total } = &mut *reading;
        *done += 1;
        if done.is_multiple_of(STEPS) && !report(Phase::Load, *done, Some(*total)) {
            return Some(Err(aborted()));
        }
        Some(edge.and_then(|edge| types.edge(&edge)))
    }
}
