//! What has changed since the rows were packed.

use std::sync::Arc;

use super::Neighbor;
use crate::set::NodeSet;
use crate::view::Direction;

/// Whole rows that replace packed ones, nodes and edges behind the packed ones, and nodes that are gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlay {
    pub out: ChangedRows,
    pub incoming: ChangedRows,
    /// Nodes that were removed; their rows are empty.
    pub dead: NodeSet,
    pub dead_count: usize,
    /// Ids of added nodes; numbered behind the packed ones.
    pub added_ids: Vec<u64>,
    /// Those of them that are there, by id.
    pub added_numbers: Vec<(u64, u32)>,
    /// Added edges; numbered behind the packed ones.
    pub edges: Vec<AddedEdge>,
    /// Edges, packed or added, that are gone.
    pub edges_removed: usize,
    /// Added edges that weigh less than zero.
    pub negative: usize,
}

/// What is known of an added edge beside its ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AddedEdge {
    pub id: u64,
    pub weight: f64,
    pub edge_type: u16,
}

/// The changed rows of one direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangedRows {
    /// Which nodes have one.
    changed: NodeSet,
    /// By node, ascending. Shared with clones, so that a change copies no rows but its own.
    rows: Vec<(u32, Arc<Vec<Neighbor>>)>,
}

impl ChangedRows {
    #[inline]
    pub fn get(&self, node: u32) -> Option<&[Neighbor]> {
        if !self.changed.contains(node) {
            return None;
        }
        let at = self.rows.binary_search_by_key(&node, |row| row.0).ok()?;
        Some(&self.rows[at].1)
    }

    /// The row to change, begun with what `packed` holds.
    pub fn change(&mut self, node: u32, packed: impl FnOnce() -> Vec<Neighbor>) -> &mut Vec<Neighbor> {
        let at = match self.rows.binary_search_by_key(&node, |row| row.0) {
            Ok(at) => at,
            Err(at) => {
                self.changed.insert(node);
                self.rows.insert(at, (node, Arc::new(packed())));
                at
            }
        };
        Arc::make_mut(&mut self.rows[at].1)
    }

    fn bytes(&self) -> usize {
        let row = |row: &Arc<Vec<Neighbor>>| 2 * size_of::<usize>() + size_of::<Vec<Neighbor>>() + heap(row);
        self.changed.bytes() + heap(&self.rows) + self.rows.iter().map(|(_, shared)| row(shared)).sum::<usize>()
    }
}

fn heap<T>(items: &Vec<T>) -> usize {
    items.capacity() * size_of::<T>()
}

impl Overlay {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.added_ids.is_empty() && self.dead_count == 0 && self.edges.is_empty() && self.edges_removed == 0
    }

    #[inline]
    pub fn row(&self, node: u32, direction: Direction) -> Option<&[Neighbor]> {
        match direction {
            Direction::In => self.incoming.get(node),
            _ => self.out.get(node),
        }
    }

    pub fn number_of(&self, id: u64) -> Option<u32> {
        let at = self.added_numbers.binary_search_by_key(&id, |entry| entry.0).ok()?;
        Some(self.added_numbers[at].1)
    }

    pub fn bytes(&self) -> usize {
        self.out.bytes()
            + self.incoming.bytes()
            + self.dead.bytes()
            + heap(&self.added_ids)
            + heap(&self.added_numbers)
            + heap(&self.edges)
    }
}
