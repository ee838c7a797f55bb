//! Adjacency rows: the edges of a node, in the order of direction, type, neighbor and edge.
//!
//! A row's key is an edge, and its value those that follow it: `number ‖ (neighbor − the one before, edge) …`, nothing for
//! none. A writer puts each edge as a row of its own, so that two may add edges to one node; [`Graph::pack_edges`] moves
//! rows of one node, direction and type together. Of two rows with more than one edge, the first ends before the second
//! begins; a row of one edge may stand between the edges of another.

use std::ops::ControlFlow;

use sledstore_engine::{KeyRange, Read, Result, ScanOptions};

use crate::graph::Graph;
use crate::keys::{self, Adjacency, damaged, push_id, take_id};
use crate::model::{EdgeId, NodeId};

/// Bytes of a value after which no edge is added to it: well inside a block, and little to write anew when an edge goes.
pub(crate) const VALUE_BYTES_FULL: usize = 1_024;

/// The edges behind the first of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail<'a> {
    last: Adjacency,
    left: u64,
    bytes: &'a [u8],
}

impl<'a> Tail<'a> {
    pub fn parse(head: Adjacency, mut value: &'a [u8]) -> Result<Self> {
        let left = if value.is_empty() { 0 } else { take_id(&mut value).ok_or_else(damaged_row)? };
        Ok(Self { last: head, left, bytes: value })
    }

    /// How many edges are left.
    pub fn len(&self) -> u64 {
        self.left
    }

    fn take(&mut self) -> Option<Adjacency> {
        let neighbor = NodeId(self.last.neighbor.0.checked_add(take_id(&mut self.bytes)?)?);
        let next = Adjacency { neighbor, edge: EdgeId(take_id(&mut self.bytes)?), ..self.last };
        if next <= self.last {
            return None;
        }
        self.last = next;
        Some(next)
    }
}

impl Iterator for Tail<'_> {
    type Item = Result<Adjacency>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return (!std::mem::take(&mut self.bytes).is_empty()).then(|| Err(damaged_row()));
        }
        self.left -= 1;
        let next = self.take();
        if next.is_none() {
            (self.left, self.bytes) = (0, &[]);
        }
        Some(next.ok_or_else(damaged_row))
    }
}

fn damaged_row() -> sledstore_engine::Error {
    damaged("an adjacency row")
}

/// The edges of a row.
pub(crate) fn row_edges(key: &[u8], value: &[u8]) -> Result<Vec<Adjacency>> {
    let head = Adjacency::parse(key)?;
    let tail = Tail::parse(head, value)?;
    std::iter::once(Ok(head)).chain(tail).collect()
}

/// The value of the row of `edges`, which are ascending and share node, direction and type.
pub(crate) fn encode_tail(edges: &[Adjacency]) -> Vec<u8> {
    let mut value = Vec::new();
    if edges.len() < 2 {
        return value;
    }
    push_id(&mut value, edges.len() as u64 - 1);
    for pair in edges.windows(2) {
        push_next(&mut value, &pair[0], &pair[1]);
    }
    value
}

fn push_next(value: &mut Vec<u8>, last: &Adjacency, next: &Adjacency) {
    push_id(value, next.neighbor.0 - last.neighbor.0);
    push_id(value, next.edge.0);
}

/// `edges` by the rows that they fill; a row ends before `boundary`, when that is inside.
pub(crate) fn rows_of(edges: &[Adjacency], boundary: Option<&Adjacency>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    let whole = RowMaker::default().each_row(edges, boundary, &mut |key, value| {
        rows.push((key.to_vec(), value.to_vec()));
        Ok(())
    });
    debug_assert!(whole.is_ok(), "keeping a row cannot fail");
    rows
}

/// Takes the key and the value of a row.
type PutRow<'p> = &'p mut dyn FnMut(&[u8], &[u8]) -> Result<()>;

/// Makes rows one after the other in the same memory.
#[derive(Default)]
pub(crate) struct RowMaker {
    key: Vec<u8>,
    value: Vec<u8>,
    tail: Vec<u8>,
}

impl RowMaker {
    /// Hands the rows of [`rows_of`] on.
    pub fn each_row(&mut self, edges: &[Adjacency], boundary: Option<&Adjacency>, put: PutRow<'_>) -> Result<()> {
        let mut begun = 0;
        for at in 1..=edges.len() {
            let ended = at == edges.len()
                || self.tail.len() >= VALUE_BYTES_FULL
                || boundary.is_some_and(|boundary| edges[at - 1] < *boundary && edges[at] >= *boundary);
            if !ended {
                push_next(&mut self.tail, &edges[at - 1], &edges[at]);
                continue;
            }
            edges[begun].write_key(&mut self.key);
            self.value.clear();
            if at - begun > 1 {
                push_id(&mut self.value, (at - begun) as u64 - 1);
                self.value.append(&mut self.tail);
            }
            put(&self.key, &self.value)?;
            begun = at;
        }
        Ok(())
    }
}

/// Puts the edges of rows that come in the order of their keys into the order of the edges.
#[derive(Default)]
pub(crate) struct InOrder {
    /// Ascending, all behind what was given out.
    waiting: Vec<Adjacency>,
    next: usize,
}

impl InOrder {
    /// Gives out what precedes the row, and its first edge.
    pub fn row(
        &mut self,
        edges: &[Adjacency],
        mut visit: impl FnMut(Adjacency) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        let Some((&head, tail)) = edges.split_first() else { return Ok(ControlFlow::Continue(())) };
        while let Some(&waiting) = self.waiting.get(self.next).filter(|waiting| **waiting < head) {
            self.next += 1;
            if visit(waiting)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if self.next == self.waiting.len() {
            self.waiting.clear();
        } else if !tail.is_empty() {
            self.waiting.drain(..self.next);
        }
        if !tail.is_empty() || self.waiting.is_empty() {
            self.next = 0;
            let alone = self.waiting.is_empty();
            self.waiting.extend_from_slice(tail);
            if !alone {
                self.waiting.sort_unstable();
            }
        }
        visit(head)
    }

    /// Gives out the rest.
    pub fn end(&mut self, mut visit: impl FnMut(Adjacency) -> Result<ControlFlow<()>>) -> Result<ControlFlow<()>> {
        for waiting in self.waiting.drain(..).skip(self.next) {
            if visit(waiting)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Graph {
    /// The row that holds an edge of a node: its key and its edges.
    pub(crate) fn adjacency_row(
        &self,
        reader: &impl Read,
        wanted: &Adjacency,
    ) -> Result<Option<(Vec<u8>, Vec<Adjacency>)>> {
        let key = wanted.key();
        if let Some(edges) = reader.get_with(self.namespace(), &key, |value| row_edges(&key, value))? {
            return Ok(Some((key, edges?)));
        }
        let group = keys::adjacency_prefix(wanted.node, Some((wanted.direction, Some(wanted.edge_type))));
        let range = KeyRange { end: std::ops::Bound::Excluded(key), ..KeyRange::prefix(&group) };
        let mut scan =
            reader.scan(self.namespace(), &range, ScanOptions { reverse: true, ..ScanOptions::default() })?;
        let mut row = None;
        // The nearest row of several edges is the only one that may hold it.
        loop {
            let more = scan.next_page(16, usize::MAX, &mut |key, value| {
                if row.is_none() && !value.is_empty() {
                    row = Some((key.to_vec(), value.to_vec()));
                }
            })?;
            if row.is_some() || !more {
                break;
            }
        }
        let Some((key, value)) = row else { return Ok(None) };
        let edges = row_edges(&key, &value)?;
        Ok(edges.contains(wanted).then_some((key, edges)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Direction;

    fn edge(neighbor: u64, edge: u64) -> Adjacency {
        Adjacency {
            node: NodeId(1),
            direction: Direction::Out,
            edge_type: 1,
            neighbor: NodeId(neighbor),
            edge: EdgeId(edge),
        }
    }

    #[test]
    fn rows_hold_their_edges_and_end_at_the_boundary() {
        let edges: Vec<_> = (0..500).map(|at| edge(at / 3, 1_000 + at)).collect();
        let rows = rows_of(&edges, Some(&edge(100, 0)));
        assert!(rows.len() > 2 && rows.iter().all(|(_, value)| value.len() <= VALUE_BYTES_FULL + 24));
        assert!(rows.iter().any(|(key, _)| *key == edges[300].key()), "a row begins behind the boundary");
        let read: Vec<_> = rows.iter().flat_map(|(key, value)| row_edges(key, value).unwrap()).collect();
        assert_eq!(read, edges);
    }

    #[test]
    fn damaged_values_are_refused() {
        let edges = [edge(1, 1), edge(1, 2), edge(5, 1)];
        let (key, value) = (edges[0].key(), encode_tail(&edges));
        assert_eq!(row_edges(&key, &value).unwrap(), edges);
        for length in 1..value.len() {
            assert!(row_edges(&key, &value[..length]).is_err(), "{length}");
        }
        assert!(row_edges(&key, &[&value[..], &[0]].concat()).is_err());
        assert!(row_edges(&key, &encode_tail(&[edge(1, 1), edge(1, 1)])).is_err(), "an edge twice");
    }

    #[test]
    fn edges_of_overlapping_rows_come_in_order() {
        let rows = [vec![edge(1, 1), edge(4, 1), edge(9, 1)], vec![edge(2, 1)], vec![edge(9, 0)], vec![edge(9, 2)]];
        let (mut order, mut seen) = (InOrder::default(), Vec::new());
        for row in &rows {
            let _ = order
                .row(row, |edge| {
                    Ok({
                        seen.push(edge);
                        ControlFlow::Continue(())
                    })
                })
                .unwrap();
        }
        let _ = order
            .end(|edge| {
                Ok({
                    seen.push(edge);
                    ControlFlow::Continue(())
                })
            })
            .unwrap();
        let mut expected = rows.concat();
        expected.sort_unstable();
        assert_eq!(seen, expected);
    }
}
