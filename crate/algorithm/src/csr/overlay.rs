//! What has changed since the rows were packed.

use std::sync::Arc;

use super::Neighbor;
use crate::set::NodeSet;
use crate::view::Direction;

/// Whole rows that replace packed ones, nodes and edges behind the packed ones, and nodes that are gone.
///
/// Everything that grows lies in pieces that clones share, so that a commit beside a reader copies the pieces it changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlay {
    pub out: ChangedRows,
    pub incoming: ChangedRows,
    /// Nodes that were removed; their rows are empty.
    pub dead: Arc<NodeSet>,
    pub dead_count: usize,
    /// Ids of added nodes; numbered behind the packed ones.
    pub added_ids: Pieces<u64>,
    /// Those of them that are there, by id.
    pub added_numbers: Arc<Vec<(u64, u32)>>,
    /// Added edges; numbered behind the packed ones.
    pub edges: Pieces<AddedEdge>,
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

/// Items of a piece.
const PIECE: usize = 512;

/// A list that only grows.
#[derive(Clone, Debug)]
pub(crate) struct Pieces<T> {
    /// All full but the last.
    pieces: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self { pieces: Vec::new(), len: 0 }
    }
}

impl<T: Clone> Pieces<T> {
    pub const fn len(&self) -> usize {
        self.len
    }

    /// # Panics
    /// When there are no more than `at`.
    #[inline]
    pub fn get(&self, at: usize) -> &T {
        &self.pieces[at / PIECE][at % PIECE]
    }

    pub fn push(&mut self, item: T) {
        match self.pieces.last_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => Arc::make_mut(piece).push(item),
            None => self.pieces.push(Arc::new(vec![item])),
        }
        self.len += 1;
    }

    fn bytes(&self) -> usize {
        heap(&self.pieces) + self.pieces.iter().map(|piece| shared(piece) + heap(piece)).sum::<usize>()
    }
}

/// Nodes whose changed rows lie together.
const PAGE: u32 = 256;

/// Changed rows of neighboring nodes, by node.
type Page = Vec<(u32, Arc<Vec<Neighbor>>)>;

/// The changed rows of one direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangedRows {
    pages: Vec<Option<Arc<Page>>>,
}

impl ChangedRows {
    #[inline]
    pub fn get(&self, node: u32) -> Option<&[Neighbor]> {
        let page = self.pages.get((node / PAGE) as usize)?.as_ref()?;
        let at = page.binary_search_by_key(&node, |row| row.0).ok()?;
        Some(&page[at].1)
    }

    /// The row to change, begun with what `packed` holds.
    pub fn change(&mut self, node: u32, packed: impl FnOnce() -> Vec<Neighbor>) -> &mut Vec<Neighbor> {
        let place = (node / PAGE) as usize;
        if place >= self.pages.len() {
            self.pages.resize(place + 1, None);
        }
        let page = Arc::make_mut(self.pages[place].get_or_insert_default());
        let at = match page.binary_search_by_key(&node, |row| row.0) {
            Ok(at) => at,
            Err(at) => {
                page.insert(at, (node, Arc::new(packed())));
                at
            }
        };
        Arc::make_mut(&mut page[at].1)
    }

    fn bytes(&self) -> usize {
        let row = |row: &(u32, Arc<Vec<Neighbor>>)| shared(&row.1) + heap(&row.1);
        let page = |page: &Arc<Page>| shared(page) + heap(page) + page.iter().map(row).sum::<usize>();
        heap(&self.pages) + self.pages.iter().flatten().map(page).sum::<usize>()
    }
}

/// What an [`Arc`] holds itself: two counters and the value.
fn shared<T>(_: &Arc<T>) -> usize {
    2 * size_of::<usize>() + size_of::<T>()
}

fn heap<T>(items: &Vec<T>) -> usize {
    items.capacity() * size_of::<T>()
}

impl Overlay {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.added_ids.len() == 0 && self.dead_count == 0 && self.edges.len() == 0 && self.edges_removed == 0
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
            + shared(&self.dead)
            + self.dead.bytes()
            + self.added_ids.bytes()
            + shared(&self.added_numbers)
            + heap(&self.added_numbers)
            + self.edges.bytes()
    }
}
