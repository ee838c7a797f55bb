//! Errors of algorithms as the store's.

use sledstore_algorithm::{Csr, Error as AlgorithmError};
use sledstore_engine::{Error, ErrorCode};

/// Nodes of a cycle that a message names.
const NODES_NAMED: usize = 20;

/// The error of an algorithm over a graph, whose nodes it names by their ids.
pub(crate) fn of_algorithm(error: &AlgorithmError, csr: Option<&Csr>) -> Error {
    let id = |node: u32| match csr {
        Some(csr) if (node as usize) < csr.node_bound() => csr.id_of(node),
        _ => u64::from(node),
    };
    let cycle = |nodes: &[u32]| {
        let names: Vec<String> = nodes.iter().take(NODES_NAMED).map(|&node| id(node).to_string()).collect();
        let rest = if nodes.len() > NODES_NAMED { ", …" } else { "" };
        format!("{}{rest}", names.join(", "))
    };
    match error {
        AlgorithmError::Stopped => super::projection::aborted(),
        AlgorithmError::TooLarge { .. } => Error::new(ErrorCode::TooLarge, error.to_string()),
        AlgorithmError::UnknownNode { id } => not_found(*id),
        AlgorithmError::OutsideView { node } => Error::new(
            ErrorCode::NotFound,
            format!("node {} has none of the labels that were asked for; ask for one it has", id(*node)),
        ),
        AlgorithmError::Heuristic { node, estimate } => invalid(format!(
            "the estimate for node {} is {estimate}; its coordinates must be finite numbers",
            id(*node)
        )),
        AlgorithmError::NegativeCycle { nodes } => invalid(format!(
            "the weights along the cycle of nodes {} sum to less than zero, so no path is the cheapest",
            cycle(nodes)
        )),
        AlgorithmError::Cycle { nodes } => {
            invalid(format!("nodes {} form a cycle, so no order has every edge lead onward", cycle(nodes)))
        }
        AlgorithmError::Weight { .. } | AlgorithmError::Argument { .. } | AlgorithmError::Overflow { .. } => {
            invalid(error.to_string())
        }
        _ => Error::internal(error.to_string()),
    }
}

pub(crate) fn not_found(id: u64) -> Error {
    Error::new(ErrorCode::NotFound, format!("the graph has no node {id}; it was removed, or never added"))
}

pub(crate) fn invalid(what: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, what)
}
