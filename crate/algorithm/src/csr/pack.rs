//! Packs edges into rows.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use super::overlay::Overlay;
use super::{Csr, CsrOptions, EDGES_MAX, Edge, Incoming, NODES_MAX, Packed, Rows};
use crate::error::{Error, Result};

impl Csr {
    /// Packs a graph whose edges can be iterated twice.
    ///
    /// Beside the result it takes one `u32` a node. Ids of nodes may come in any order, and twice.
    ///
    /// # Errors
    /// [`Error::UnknownNode`] for an end that is not among the nodes, [`Error::Weight`] for a weight that is not finite,
    /// [`Error::SourceChanged`] when the second iteration differs, [`Error::TooLarge`].
    ///
    /// ```
    /// use sledstore_algorithm::{Csr, CsrOptions, Edge};
    ///
    /// let edges = [Edge { id: 7, from: 10, to: 20, edge_type: 0, weight: 1.0 }];
    /// let csr = Csr::build(vec![10, 20], CsrOptions::default(), || edges.iter().copied())?;
    /// let node = csr.require(10)?;
    /// assert_eq!(csr.view().neighbors(node).map(|next| csr.id_of(next.node)).collect::<Vec<_>>(), [20]);
    /// # Ok::<(), sledstore_algorithm::Error>(())
    /// ```
    pub fn build<I: Iterator<Item = Edge>>(
        nodes: Vec<u64>,
        options: CsrOptions,
        mut edges: impl FnMut() -> I,
    ) -> Result<Self> {
        match Self::try_build(nodes, options, || edges().map(Ok::<_, Infallible>)) {
            Ok(built) => built,
            Err(never) => match never {},
        }
    }

    /// As [`Csr::build`], from edges whose reading may fail: the outer error is the reader's.
    ///
    /// # Errors
    /// The first error of the iterator; the inner result is that of [`Csr::build`].
    pub fn try_build<I: Iterator<Item = Result<Edge, E>>, E>(
        nodes: Vec<u64>,
        options: CsrOptions,
        mut edges: impl FnMut() -> I,
    ) -> Result<Result<Self>, E> {
        let mut packer = match Packer::new(nodes) {
            Ok(packer) => packer,
            Err(error) => return Ok(Err(error)),
        };
        for edge in edges() {
            if let Err(error) = packer.count(&edge?) {
                return Ok(Err(error));
            }
        }
        let mut filler = packer.filler(options);
        for edge in edges() {
            if let Err(error) = filler.place(&edge?) {
                return Ok(Err(error));
            }
        }
        Ok(filler.finish().map(|packed| Self { packed: Arc::new(packed), overlay: Arc::new(Overlay::default()) }))
    }
}

/// The first pass: how many edges leave each node.
pub(super) struct Packer {
    ids: Box<[u64]>,
    /// One more than nodes; entry v + 1 counts the edges of v.
    offsets: Box<[u32]>,
    edges: usize,
}

impl Packer {
    pub fn new(mut ids: Vec<u64>) -> Result<Self> {
        if !ids.is_sorted_by(|a, b| a < b) {
            ids.sort_unstable();
            ids.dedup();
        }
        if ids.len() > NODES_MAX {
            return Err(Error::TooLarge { what: "nodes", max: NODES_MAX as u64 });
        }
        let offsets = vec![0; ids.len() + 1].into_boxed_slice();
        Ok(Self { ids: ids.into_boxed_slice(), offsets, edges: 0 })
    }

    pub fn count(&mut self, edge: &Edge) -> Result<()> {
        if self.edges == EDGES_MAX {
            return Err(Error::TooLarge { what: "edges", max: EDGES_MAX as u64 });
        }
        let from = find(&self.ids, edge.from).ok_or(Error::UnknownNode { id: edge.from })?;
        self.edges += 1;
        self.offsets[from as usize + 1] += 1;
        Ok(())
    }

    pub fn filler(mut self, options: CsrOptions) -> Filler {
        sum_up(&mut self.offsets);
        let cursors = self.offsets[..self.ids.len()].into();
        Filler {
            cursors,
            left: self.edges,
            packed: Packed {
                out: Rows { offsets: self.offsets, nodes: vec![0; self.edges].into_boxed_slice() },
                incoming: OnceLock::new(),
                edge_ids: vec![0; self.edges].into_boxed_slice(),
                types: options.types.then(|| vec![0; self.edges].into_boxed_slice()),
                weights: options.weights.then(|| vec![0.0; self.edges].into_boxed_slice()),
                negative: 0,
                ids: self.ids,
            },
        }
    }
}

/// The second pass: puts each edge into its row.
pub(super) struct Filler {
    /// Where the next edge of each node goes.
    cursors: Box<[u32]>,
    /// Edges that are still to come.
    left: usize,
    packed: Packed,
}

impl Filler {
    pub fn place(&mut self, edge: &Edge) -> Result<()> {
        let packed = &mut self.packed;
        let from = packed.number_of(edge.from).ok_or(Error::UnknownNode { id: edge.from })? as usize;
        let to = packed.number_of(edge.to).ok_or(Error::UnknownNode { id: edge.to })?;
        let at = self.cursors[from];
        if at == packed.out.offsets[from + 1] {
            return Err(Error::SourceChanged);
        }
        self.cursors[from] += 1;
        self.left -= 1;
        let at = at as usize;
        packed.out.nodes[at] = to;
        packed.edge_ids[at] = edge.id;
        if let Some(types) = &mut packed.types {
            types[at] = edge.edge_type;
        }
        if let Some(weights) = &mut packed.weights {
            check_weight(edge)?;
            weights[at] = edge.weight;
            packed.negative += usize::from(edge.weight < 0.0);
        }
        Ok(())
    }

    pub fn finish(self) -> Result<Packed> {
        if self.left == 0 { Ok(self.packed) } else { Err(Error::SourceChanged) }
    }
}

pub(super) fn check_weight(edge: &Edge) -> Result<()> {
    if edge.weight.is_finite() {
        Ok(())
    } else {
        Err(Error::Weight { edge: edge.id, weight: edge.weight, needs: "finite" })
    }
}

/// Turns counts into offsets.
pub(crate) fn sum_up(counts: &mut [u32]) {
    let mut sum = 0;
    for count in counts {
        sum += *count;
        *count = sum;
    }
}

/// The place of `id` among ascending distinct ids: at once where they are dense, else by halving.
fn find(ids: &[u64], id: u64) -> Option<u32> {
    let (&first, &last) = (ids.first()?, ids.last()?);
    if id < first || id > last {
        return None;
    }
    // Of distinct ascending ids no more than `id - first` stand before it and `last - id` behind it.
    let high = usize::try_from(id - first).unwrap_or(usize::MAX).min(ids.len() - 1);
    let low = ids.len() - 1 - usize::try_from(last - id).unwrap_or(usize::MAX).min(ids.len() - 1);
    ids[low..=high].binary_search(&id).ok().map(|at| (low + at) as u32)
}

impl Packed {
    pub fn number_of(&self, id: u64) -> Option<u32> {
        find(&self.ids, id)
    }

    /// The rows of entering edges, made when they are first asked for.
    pub fn incoming(&self) -> &Incoming {
        self.incoming.get_or_init(|| {
            let out = &self.out;
            let mut offsets = vec![0; self.ids.len() + 1].into_boxed_slice();
            for &to in &out.nodes {
                offsets[to as usize + 1] += 1;
            }
            sum_up(&mut offsets);
            let mut cursors: Box<[u32]> = offsets[..self.ids.len()].into();
            let mut nodes = vec![0; out.nodes.len()].into_boxed_slice();
            let mut edges = vec![0; out.nodes.len()].into_boxed_slice();
            for from in 0..self.ids.len() as u32 {
                for edge in out.range(from) {
                    let cursor = &mut cursors[out.nodes[edge] as usize];
                    nodes[*cursor as usize] = from;
                    edges[*cursor as usize] = edge as u32;
                    *cursor += 1;
                }
            }
            Incoming { rows: Rows { offsets, nodes }, edges }
        })
    }

    pub fn bytes(&self) -> usize {
        let incoming = self.incoming.get().map_or(0, |incoming| incoming.rows.bytes() + size_of_val(&*incoming.edges));
        size_of_val(&*self.ids)
            + self.out.bytes()
            + incoming
            + size_of_val(&*self.edge_ids)
            + self.types.as_deref().map_or(0, size_of_val)
            + self.weights.as_deref().map_or(0, size_of_val)
    }
}
