//! The part of a graph that an algorithm walks.

use crate::adjacency::Adjacency;
use crate::csr::{Csr, Neighbor, Row};
use crate::error::{Error, Result};
use crate::set::{NodeSet, TypeSet};

/// Which way edges are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// As they point.
    #[default]
    Out,
    /// Against it.
    In,
    /// Both ways; each edge at a node once, loops too.
    Both,
}

impl Direction {
    /// The other way.
    pub const fn reversed(self) -> Self {
        match self {
            Self::Out => Self::In,
            Self::In => Self::Out,
            Self::Both => Self::Both,
        }
    }
}

/// A graph with a direction, and perhaps only some of its nodes and types of edges. Filtering costs one test an edge.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    csr: &'a Csr,
    direction: Direction,
    types: Option<&'a TypeSet>,
    members: Option<&'a NodeSet>,
    weighted: bool,
}

impl<'a> View<'a> {
    pub(crate) const fn of(csr: &'a Csr) -> Self {
        Self { csr, direction: Direction::Out, types: None, members: None, weighted: true }
    }

    /// Follows edges in this direction.
    #[must_use]
    pub const fn directed(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Follows edges the other way.
    #[must_use]
    pub const fn reversed(self) -> Self {
        let direction = self.direction.reversed();
        self.directed(direction)
    }

    /// Leaves edges of other types out.
    #[must_use]
    pub const fn of_types(mut self, types: &'a TypeSet) -> Self {
        self.types = Some(types);
        self
    }

    /// Leaves other nodes out, and the edges at them.
    #[must_use]
    pub const fn among(mut self, members: &'a NodeSet) -> Self {
        self.members = Some(members);
        self
    }

    /// Lets every edge weigh 1.
    #[must_use]
    pub const fn unweighted(mut self) -> Self {
        self.weighted = false;
        self
    }

    /// The graph it shows.
    pub const fn csr(&self) -> &'a Csr {
        self.csr
    }

    /// Which way edges are followed.
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Whether edges have weights of their own.
    pub fn is_weighted(&self) -> bool {
        self.weighted && self.csr.options().weights
    }

    /// Every node's number lies below; tables by number have this length.
    pub fn bound(&self) -> usize {
        self.csr.node_bound()
    }

    /// Whether a number is a node of the view.
    #[inline]
    pub fn contains(&self, node: u32) -> bool {
        self.csr.has_node(node) && self.members.is_none_or(|members| members.contains(node))
    }

    /// Its nodes, ascending.
    pub fn nodes(&self) -> impl Iterator<Item = u32> + use<'a> {
        let view = *self;
        (0..self.bound() as u32).filter(move |&node| view.contains(node))
    }

    /// How many nodes it has.
    pub fn node_count(&self) -> usize {
        if self.members.is_none() { self.csr.node_count() } else { self.nodes().count() }
    }

    /// The edges at a node of the view.
    #[inline]
    pub fn neighbors(&self, node: u32) -> Neighbors<'a> {
        let row = |direction| self.csr.row(node, direction);
        let (first, second) = match self.direction {
            Direction::Both => (row(Direction::Out), Some(row(Direction::In))),
            direction => (row(direction), None),
        };
        Neighbors { view: *self, row: first, next: second, at: 0, skip: crate::NONE, node }
    }

    /// The weight of an edge.
    #[inline]
    pub fn weight(&self, edge: u32) -> f64 {
        if self.weighted { self.csr.weight_of(edge) } else { 1.0 }
    }

    /// The rows of the view as plain tables, borrowed where they lie so already.
    pub fn adjacency(&self) -> Adjacency<'a> {
        Adjacency::of(self)
    }

    /// No filter and nothing pending: rows are as they were packed.
    pub(crate) fn is_plain(&self) -> bool {
        self.types.is_none() && self.members.is_none() && self.csr.is_packed()
    }

    pub(crate) fn check_node(&self, node: u32) -> Result<()> {
        if self.contains(node) { Ok(()) } else { Err(Error::OutsideView { node }) }
    }

    /// Refuses a view in which an edge weighs less than zero.
    pub(crate) fn check_not_negative(&self) -> Result<()> {
        if !self.is_weighted() || !self.csr.may_be_negative() {
            return Ok(());
        }
        for node in self.nodes() {
            for next in self.directed(Direction::Out).neighbors(node) {
                let weight = self.weight(next.edge);
                if weight < 0.0 {
                    let edge = self.csr.edge_id_of(next.edge);
                    return Err(Error::Weight { edge, weight, needs: "zero or more" });
                }
            }
        }
        Ok(())
    }
}

/// The edges at one node.
#[derive(Clone, Debug)]
pub struct Neighbors<'a> {
    view: View<'a>,
    row: Row<'a>,
    /// The row of the other direction, when both are followed.
    next: Option<Row<'a>>,
    at: usize,
    /// Loops stand in both rows and are left out of the second.
    skip: u32,
    node: u32,
}

impl Iterator for Neighbors<'_> {
    type Item = Neighbor;

    #[inline]
    fn next(&mut self) -> Option<Neighbor> {
        loop {
            let Some(next) = self.row.get(self.at) else {
                self.row = self.next.take()?;
                self.skip = self.node;
                self.at = 0;
                continue;
            };
            self.at += 1;
            if next.node == self.skip {
                continue;
            }
            if self.view.types.is_some_and(|types| !types.contains(self.view.csr.type_of(next.edge))) {
                continue;
            }
            if self.view.members.is_some_and(|members| !members.contains(next.node)) {
                continue;
            }
            return Some(next);
        }
    }
}
