//! Following edges by numbers, for whoever runs queries: into a caller's list, without names and without order.

use std::ops::ControlFlow;

use sledstore_engine::{Read, Result};

use crate::adjacency::Tail;
use crate::graph::Graph;
use crate::keys::Adjacency;
use crate::model::{Direction, EdgeId, NodeId};
use crate::neighbor::EdgeTest;
use crate::rows::visit_rows;

/// An edge of a node, seen from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Adjacent {
    /// The edge.
    pub edge: EdgeId,
    /// The node at the other end.
    pub neighbor: NodeId,
    /// The number of its type.
    pub edge_type: u32,
    /// Which way it goes: `Out` or `In`.
    pub direction: Direction,
}

impl Adjacent {
    fn of(row: &Adjacency) -> Self {
        let Adjacency { direction, edge_type, neighbor, edge, .. } = *row;
        Self { edge, neighbor, edge_type, direction }
    }
}

impl Graph {
    /// Appends the edges of a node that have one of `types` (`None`: any) to `into`; a loop is one of them, also both
    /// ways. They come by direction and type, and nearly by neighbor.
    pub fn adjacent(
        &self,
        reader: &impl Read,
        node: NodeId,
        direction: Direction,
        types: Option<&[u32]>,
        into: &mut Vec<Adjacent>,
    ) -> Result<()> {
        if let Some(edges) = self.resident_edges(reader)? {
            let _ = edges.visit(node, direction, types, |adjacent| {
                into.push(adjacent);
                ControlFlow::Continue(())
            });
            return Ok(());
        }
        let test = EdgeTest::of_types(direction, types);
        self.visit_adjacency(reader, node, &test, |head, tail| {
            if !test.repeats(&head) {
                into.push(Adjacent::of(&head));
            }
            for row in tail {
                let row = row?;
                if !test.repeats(&row) {
                    into.push(Adjacent::of(&row));
                }
            }
            Ok(())
        })
    }

    /// How many edges [`adjacent`](Self::adjacent) would append; of packed ones that go one way only their number is read.
    pub fn degree(&self, reader: &impl Read, node: NodeId, direction: Direction, types: Option<&[u32]>) -> Result<u64> {
        if let Some(edges) = self.resident_edges(reader)? {
            return Ok(edges.degree(node, direction, types));
        }
        let test = EdgeTest::of_types(direction, types);
        let mut degree = 0;
        self.visit_adjacency(reader, node, &test, |head, tail| {
            if direction == Direction::Both && head.direction == Direction::In {
                degree += u64::from(!test.repeats(&head));
                for row in tail {
                    degree += u64::from(!test.repeats(&row?));
                }
            } else {
                degree += 1 + tail.len();
            }
            Ok(())
        })?;
        Ok(degree)
    }

    /// Appends the edges of a node that lead to `neighbor`, as [`adjacent`](Self::adjacent) does. Reads the edges of `node`,
    /// so it is best asked of the end with the lower degree.
    pub fn adjacent_to(
        &self,
        reader: &impl Read,
        node: NodeId,
        neighbor: NodeId,
        direction: Direction,
        types: Option<&[u32]>,
        into: &mut Vec<Adjacent>,
    ) -> Result<()> {
        let test = EdgeTest::of_types(direction, types);
        self.visit_adjacency(reader, node, &test, |head, tail| {
            let mut keep = |row: &Adjacency| {
                if row.neighbor == neighbor && !test.repeats(row) {
                    into.push(Adjacent::of(row));
                }
            };
            keep(&head);
            for row in tail {
                let row = row?;
                if row.neighbor > neighbor {
                    break;
                }
                keep(&row);
            }
            Ok(())
        })
    }

    /// `visit` must not read the store.
    fn visit_adjacency(
        &self,
        reader: &impl Read,
        node: NodeId,
        test: &EdgeTest,
        mut visit: impl FnMut(Adjacency, Tail<'_>) -> Result<()>,
    ) -> Result<()> {
        for prefix in test.prefixes(node) {
            visit_rows(reader, self.namespace(), &prefix, |key, value| {
                let head = Adjacency::parse(key)?;
                visit(head, Tail::parse(head, value)?)
            })?;
        }
        Ok(())
    }
}
