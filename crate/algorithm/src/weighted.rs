//! Undirected graphs with weights, as the methods that look for communities coarsen them.

use crate::csr::NONE;
use crate::error::{Error, Result};
use crate::view::{Direction, View};

/// Rows of distinct neighbors; each edge at both ends, loops apart.
pub(crate) struct Weighted {
    pub offsets: Vec<u32>,
    pub nodes: Vec<u32>,
    pub weights: Vec<f64>,
    /// The weight of the loops at each node.
    pub loops: Vec<f64>,
    /// The weight at each node, loops twice.
    pub strengths: Vec<f64>,
    /// The weight of all edges, twice.
    pub doubled: f64,
}

impl Weighted {
    /// A view, whichever way its edges point; nodes outside it are alone and weigh nothing.
    pub fn of(view: &View<'_>) -> Result<Self> {
        view.check_not_negative()?;
        let rows = view.directed(Direction::Both).adjacency();
        let mut graph = Self::with_room(rows.bound(), rows.nodes.len());
        let mut scatter = Scatter::new(rows.bound());
        for node in 0..rows.bound() as u32 {
            let ends = rows.range(node).map(|at| (rows.nodes[at], rows.weight(at)));
            ends.for_each(|(next, weight)| scatter.add(next, weight));
            graph.push(&mut scatter, node, 0.0);
        }
        if graph.doubled.is_finite() { Ok(graph) } else { Err(Error::Overflow { what: "weight of all edges" }) }
    }

    fn with_room(nodes: usize, ends: usize) -> Self {
        let mut offsets = Vec::with_capacity(nodes + 1);
        offsets.push(0);
        Self {
            offsets,
            nodes: Vec::with_capacity(ends),
            weights: Vec::with_capacity(ends),
            loops: Vec::with_capacity(nodes),
            strengths: Vec::with_capacity(nodes),
            doubled: 0.0,
        }
    }

    /// Ends the row of `node` with what was scattered.
    fn push(&mut self, scatter: &mut Scatter, node: u32, loops: f64) {
        let mut own = loops;
        let mut strength = 0.0;
        scatter.drain(|next, weight| {
            if next == node {
                own += weight;
            } else {
                self.nodes.push(next);
                self.weights.push(weight);
                strength += weight;
            }
        });
        self.offsets.push(self.nodes.len() as u32);
        self.loops.push(own);
        self.strengths.push(strength + 2.0 * own);
        self.doubled += strength + 2.0 * own;
    }

    pub fn len(&self) -> usize {
        self.loops.len()
    }

    #[inline]
    pub fn row(&self, node: u32) -> impl Iterator<Item = (u32, f64)> + '_ {
        let range = self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize;
        self.nodes[range.clone()].iter().copied().zip(self.weights[range].iter().copied())
    }

    #[inline]
    pub fn degree(&self, node: u32) -> usize {
        (self.offsets[node as usize + 1] - self.offsets[node as usize]) as usize
    }

    /// One node for each of `count` communities.
    pub fn coarsen(&self, communities: &[u32], count: usize) -> Self {
        let mut begins = vec![0_u32; count + 1];
        communities.iter().for_each(|&community| begins[community as usize + 1] += 1);
        crate::csr::sum_up(&mut begins);
        let mut members = vec![0_u32; communities.len()];
        let mut cursors = begins.clone();
        for (node, &community) in communities.iter().enumerate() {
            let cursor = &mut cursors[community as usize];
            members[*cursor as usize] = node as u32;
            *cursor += 1;
        }
        let mut coarse = Self::with_room(count, 0);
        let mut scatter = Scatter::new(count);
        for community in 0..count as u32 {
            let range = begins[community as usize] as usize..begins[community as usize + 1] as usize;
            let (mut loops, mut inside) = (0.0, 0.0);
            for &node in &members[range] {
                loops += self.loops[node as usize];
                for (next, weight) in self.row(node) {
                    let other = communities[next as usize];
                    if other == community { inside += weight } else { scatter.add(other, weight) }
                }
            }
            coarse.push(&mut scatter, community, loops + inside / 2.0);
        }
        coarse
    }
}

/// Sums by small number, for few numbers at a time.
pub(crate) struct Scatter {
    sums: Vec<f64>,
    seen: Vec<bool>,
    touched: Vec<u32>,
}

impl Scatter {
    pub fn new(bound: usize) -> Self {
        Self { sums: vec![0.0; bound], seen: vec![false; bound], touched: Vec::new() }
    }

    #[inline]
    pub fn add(&mut self, number: u32, weight: f64) {
        if !std::mem::replace(&mut self.seen[number as usize], true) {
            self.touched.push(number);
        }
        self.sums[number as usize] += weight;
    }

    #[inline]
    pub fn get(&self, number: u32) -> f64 {
        self.sums[number as usize]
    }

    /// Gives each number and its sum in the order they were first added, and forgets them.
    pub fn drain(&mut self, mut visit: impl FnMut(u32, f64)) {
        for number in self.touched.drain(..) {
            visit(number, self.sums[number as usize]);
            self.sums[number as usize] = 0.0;
            self.seen[number as usize] = false;
        }
    }
}

/// Renumbers labels from zero in the order they first occur; gives how many there are.
pub(crate) fn renumber(labels: &mut [u32]) -> usize {
    let mut numbers = vec![NONE; labels.iter().max().map_or(0, |&most| most as usize + 1)];
    let mut count = 0;
    for label in labels {
        let number = &mut numbers[*label as usize];
        if *number == NONE {
            *number = count;
            count += 1;
        }
        *label = *number;
    }
    count as usize
}

/// As [`renumber`], for labels of any size.
pub(crate) fn renumber_any(labels: &mut [u32]) -> usize {
    let mut numbers = std::collections::HashMap::new();
    for label in labels {
        let count = numbers.len() as u32;
        *label = *numbers.entry(*label).or_insert(count);
    }
    numbers.len()
}
