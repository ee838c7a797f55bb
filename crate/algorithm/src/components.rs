//! Connected components: which nodes edges join, whichever way these point.
//!
//! Source: Robert Tarjan, Jan van Leeuwen, Worst-case analysis of set union algorithms, 1984 (halving of paths, joined by
//! index). O(n + m log n) time, near linear in practice; 16 n bytes. Entering edges are not asked for.

use crate::csr::NONE;
use crate::error::Result;
use crate::progress::{Meter, Proceed};
use crate::view::{Direction, View};

/// A partition of the nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The part of each node, by node; [`NONE`] outside the view.
    pub parts: Vec<u32>,
    /// How many nodes each part has.
    pub sizes: Vec<u32>,
}

impl Partition {
    /// Numbers parts by their first node; `label` of a node is any number below the bound that its part shares.
    pub(crate) fn number(view: &View<'_>, label: impl Fn(u32) -> u32) -> Self {
        let mut numbers = vec![NONE; view.bound()];
        let mut partition = Self { parts: vec![NONE; view.bound()], sizes: Vec::new() };
        for node in view.nodes() {
            let number = &mut numbers[label(node) as usize];
            if *number == NONE {
                *number = partition.sizes.len() as u32;
                partition.sizes.push(0);
            }
            partition.parts[node as usize] = *number;
            partition.sizes[*number as usize] += 1;
        }
        partition
    }

    /// The nodes of each part, ascending.
    pub fn groups(&self) -> Vec<Vec<u32>> {
        let mut groups: Vec<Vec<u32>> = self.sizes.iter().map(|&size| Vec::with_capacity(size as usize)).collect();
        for (node, &part) in self.parts.iter().enumerate() {
            if part != NONE {
                groups[part as usize].push(node as u32);
            }
        }
        groups
    }
}

/// Disjoint sets of numbers.
pub(crate) struct Sets {
    parents: Vec<u32>,
}

impl Sets {
    pub fn new(bound: usize) -> Self {
        Self { parents: (0..bound as u32).collect() }
    }

    #[inline]
    pub fn find(&mut self, mut number: u32) -> u32 {
        loop {
            let parent = self.parents[number as usize];
            let above = self.parents[parent as usize];
            if parent == above {
                return parent;
            }
            self.parents[number as usize] = above;
            number = above;
        }
    }

    /// Joins two sets under the smaller number; `false` when they were one.
    #[inline]
    pub fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        let (low, high) = (a.min(b), a.max(b));
        self.parents[high as usize] = low;
        low != high
    }
}

/// The connected components.
///
/// # Errors
/// [`Stopped`](crate::Error::Stopped).
pub fn components(view: View<'_>, proceed: Proceed<'_>) -> Result<Partition> {
    let mut meter = Meter::start(proceed, Some((view.csr().node_count() + view.csr().edge_count()) as u64))?;
    let view = view.directed(Direction::Out);
    let mut sets = Sets::new(view.bound());
    for node in view.nodes() {
        let mut steps = 1;
        for next in view.neighbors(node) {
            steps += 1;
            sets.join(node, next.node);
        }
        meter.step(steps)?;
    }
    let roots: Vec<u32> = (0..view.bound() as u32).map(|node| sets.find(node)).collect();
    Ok(Partition::number(&view, |node| roots[node as usize]))
}
