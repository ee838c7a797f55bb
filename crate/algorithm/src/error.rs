//! Why an algorithm gives no result.

use std::fmt;

/// What the caller got wrong, what the graph does not have, or who ended it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The caller's `proceed` said no.
    Stopped,
    /// More than the numbers of this crate hold.
    TooLarge {
        /// Nodes, edges or bytes.
        what: &'static str,
        /// The most there may be.
        max: u64,
    },
    /// No node has this id.
    UnknownNode {
        /// The caller's id.
        id: u64,
    },
    /// No edge between these ends has this id.
    UnknownEdge {
        /// The caller's id.
        id: u64,
    },
    /// A node of this id is there already.
    NodeExists {
        /// The caller's id.
        id: u64,
    },
    /// The second pass over the edges gave others than the first.
    SourceChanged,
    /// A number that is no node of the view.
    OutsideView {
        /// The number.
        node: u32,
    },
    /// A weight that the algorithm cannot take.
    Weight {
        /// The caller's id of the edge.
        edge: u64,
        /// Its weight.
        weight: f64,
        /// What it has to be.
        needs: &'static str,
    },
    /// An estimate of the remaining cost that is no number or below zero.
    Heuristic {
        /// The node's number.
        node: u32,
        /// The estimate.
        estimate: f64,
    },
    /// An option outside what the algorithm takes.
    Argument {
        /// The option.
        name: &'static str,
        /// What it has to be.
        needs: &'static str,
    },
    /// A sum left the range of its type.
    Overflow {
        /// The sum.
        what: &'static str,
    },
    /// A cycle whose weights sum to less than zero: its nodes in order, the first not repeated.
    NegativeCycle {
        /// Numbers of the nodes.
        nodes: Vec<u32>,
    },
    /// A directed cycle: its nodes in order, the first not repeated.
    Cycle {
        /// Numbers of the nodes.
        nodes: Vec<u32>,
    },
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => write!(f, "ended by the caller"),
            Self::TooLarge { what, max } => write!(f, "too many {what}: at most {max} fit"),
            Self::UnknownNode { id } => write!(f, "there is no node {id}"),
            Self::UnknownEdge { id } => write!(f, "there is no edge {id} between the ends that were given"),
            Self::NodeExists { id } => write!(f, "node {id} is there already"),
            Self::SourceChanged => write!(f, "the edges changed between two passes; read them at one snapshot"),
            Self::OutsideView { node } => write!(f, "number {node} is no node of the view"),
            Self::Weight { edge, weight, needs } => {
                write!(f, "edge {edge} has the weight {weight}; weights must be {needs}")
            }
            Self::Heuristic { node, estimate } => {
                write!(f, "the estimate for node {node} is {estimate}; it must be a number from zero")
            }
            Self::Argument { name, needs } => write!(f, "{name} must be {needs}"),
            Self::Overflow { what } => write!(f, "the {what} is too large for its type"),
            Self::NegativeCycle { nodes } => write!(f, "a cycle of {} nodes has a negative weight", nodes.len()),
            Self::Cycle { nodes } => write!(f, "a cycle of {} nodes allows no order", nodes.len()),
        }
    }
}

impl std::error::Error for Error {}
