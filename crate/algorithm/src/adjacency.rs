//! The rows of a view as plain tables, for algorithms that visit every edge many times.

use std::borrow::Cow;

use crate::csr::sum_up;
use crate::view::{Direction, View};

/// Row v is `nodes[offsets[v]..offsets[v + 1]]`; weights lie beside the nodes. Nodes outside the view have empty rows.
///
/// Owned tables take 4 n + 4 m bytes, 8 m more with weights; twice the m when both directions are followed.
#[derive(Clone, Debug)]
pub struct Adjacency<'a> {
    /// One more than nodes.
    pub offsets: Cow<'a, [u32]>,
    /// The other ends.
    pub nodes: Cow<'a, [u32]>,
    /// Their edges' weights, when the view is weighted.
    pub weights: Option<Cow<'a, [f64]>>,
}

impl<'a> Adjacency<'a> {
    pub(crate) fn of(view: &View<'a>) -> Self {
        let packed = view.csr().packed();
        if view.is_plain() {
            match view.direction() {
                Direction::Out => {
                    let weights = packed.weights.as_deref().filter(|_| view.is_weighted());
                    return Self {
                        offsets: Cow::Borrowed(&packed.out.offsets),
                        nodes: Cow::Borrowed(&packed.out.nodes),
                        weights: weights.map(Cow::Borrowed),
                    };
                }
                Direction::In => {
                    let incoming = packed.incoming();
                    let weights = view.is_weighted();
                    let gather = || incoming.edges.iter().map(|&edge| view.weight(edge)).collect();
                    return Self {
                        offsets: Cow::Borrowed(&incoming.rows.offsets),
                        nodes: Cow::Borrowed(&incoming.rows.nodes),
                        weights: weights.then(|| Cow::Owned(gather())),
                    };
                }
                Direction::Both => {}
            }
        }
        Self::copy(view)
    }

    fn copy(view: &View<'_>) -> Self {
        let mut offsets = vec![0; view.bound() + 1];
        for node in view.nodes() {
            offsets[node as usize + 1] = view.neighbors(node).count() as u32;
        }
        sum_up(&mut offsets);
        let edges = offsets[view.bound()] as usize;
        let mut nodes = Vec::with_capacity(edges);
        let mut weights = view.is_weighted().then(|| Vec::with_capacity(edges));
        for node in view.nodes() {
            for next in view.neighbors(node) {
                nodes.push(next.node);
                if let Some(weights) = &mut weights {
                    weights.push(view.weight(next.edge));
                }
            }
        }
        Self { offsets: Cow::Owned(offsets), nodes: Cow::Owned(nodes), weights: weights.map(Cow::Owned) }
    }

    /// Every node's number lies below.
    pub fn bound(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The places of a row in the tables.
    #[inline]
    pub fn range(&self, node: u32) -> std::ops::Range<usize> {
        let at = node as usize;
        self.offsets[at] as usize..self.offsets[at + 1] as usize
    }

    /// The other ends of the edges at a node.
    #[inline]
    pub fn row(&self, node: u32) -> &[u32] {
        &self.nodes[self.range(node)]
    }

    /// How many edges there are at a node.
    #[inline]
    pub fn degree(&self, node: u32) -> usize {
        self.range(node).len()
    }

    /// The weight at a place of the tables.
    #[inline]
    pub fn weight(&self, at: usize) -> f64 {
        self.weights.as_deref().map_or(1.0, |weights| weights[at])
    }

    /// Bytes on the heap that are its own and not the graph's.
    pub fn bytes(&self) -> usize {
        let own = |table: &Cow<'_, [u32]>| if let Cow::Owned(table) = table { table.capacity() * 4 } else { 0 };
        let weights = if let Some(Cow::Owned(table)) = &self.weights { table.capacity() * 8 } else { 0 };
        own(&self.offsets) + own(&self.nodes) + weights
    }

    /// The same rows without loops, ascending, with parallel edges made one whose weight `join` gives.
    pub(crate) fn simple(&self, join: fn(f64, f64) -> f64) -> Adjacency<'static> {
        self.rearranged(false, Some(join))
    }

    /// The same rows, ascending.
    pub(crate) fn sorted(&self) -> Adjacency<'static> {
        self.rearranged(true, None)
    }

    /// The same rows, ascending, with parallel edges made one.
    pub(crate) fn distinct(&self) -> Adjacency<'static> {
        self.rearranged(true, Some(f64::max))
    }

    fn rearranged(&self, loops: bool, join: Option<fn(f64, f64) -> f64>) -> Adjacency<'static> {
        let mut offsets = Vec::with_capacity(self.offsets.len());
        offsets.push(0);
        let mut nodes: Vec<u32> = Vec::with_capacity(self.nodes.len());
        let mut weights: Vec<f64> = Vec::with_capacity(self.weights.as_ref().map_or(0, |table| table.len()));
        let mut row: Vec<(u32, f64)> = Vec::new();
        for node in 0..self.bound() as u32 {
            let ends = self.range(node).map(|at| (self.nodes[at], self.weight(at)));
            row.extend(ends.filter(|next| loops || next.0 != node));
            row.sort_by_key(|next| next.0);
            let start = nodes.len();
            for (next, weight) in row.drain(..) {
                let again = nodes.len() > start && nodes.last() == Some(&next);
                if let (true, Some(join)) = (again, join) {
                    weights.last_mut().into_iter().for_each(|last| *last = join(*last, weight));
                    continue;
                }
                nodes.push(next);
                if self.weights.is_some() {
                    weights.push(weight);
                }
            }
            offsets.push(nodes.len() as u32);
        }
        let weights = self.weights.as_ref().map(|_| Cow::Owned(weights));
        Adjacency { offsets: Cow::Owned(offsets), nodes: Cow::Owned(nodes), weights }
    }
}
