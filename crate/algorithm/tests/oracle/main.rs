//! What networkx finds, on the karate club, Les Misérables and drawn graphs: `expected.py` writes `expected.json`.
#![allow(clippy::unwrap_used)]

mod centralities_agree;
mod communities_are_as_good;
mod flows_agree;
mod orders_agree;
mod paths_agree;
mod similarity_agrees;
mod structure_agrees;
mod walks_agree;

use serde_json::Value;
use sledstore_algorithm::{Csr, CsrOptions, Direction, Edge, Progress, View};

/// A graph and what is expected of it. Node v has the id 3 v + 7, so that ids and numbers differ; numbers agree.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) csr: Csr,
    pub(crate) directed: bool,
    pub(crate) expected: Value,
}

impl Case {
    fn of(name: &str, expected: Value) -> Self {
        let nodes = expected["nodes"].as_u64().unwrap();
        let edges: Vec<Edge> = expected["edges"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(at, edge)| {
                let id = |end: usize| edge[end].as_u64().unwrap() * 3 + 7;
                Edge { id: at as u64, from: id(0), to: id(1), edge_type: 0, weight: edge[2].as_f64().unwrap() }
            })
            .collect();
        let ids = (0..nodes).map(|node| node * 3 + 7).collect();
        let options = CsrOptions { weights: true, types: false };
        let csr = Csr::build(ids, options, || edges.iter().copied()).unwrap();
        Self { name: name.into(), csr, directed: expected["directed"].as_bool().unwrap(), expected }
    }

    /// The graph as networkx has it: with directions or without.
    pub(crate) fn view(&self) -> View<'_> {
        self.csr.view().directed(if self.directed { Direction::Out } else { Direction::Both })
    }

    /// The ends of an edge, as the script numbers them.
    pub(crate) fn ends(&self, edge: u32) -> (u32, u32) {
        let ends = &self.expected["edges"][self.csr.edge_id_of(edge) as usize];
        (ends[0].as_u64().unwrap() as u32, ends[1].as_u64().unwrap() as u32)
    }
}

fn all() -> Value {
    serde_json::from_str(include_str!("expected.json")).unwrap()
}

/// The graphs with weights above zero.
pub(crate) fn cases() -> Vec<Case> {
    let names = ["karate", "les_miserables", "directed", "undirected", "dense"];
    let all = all();
    names.iter().map(|name| Case::of(name, all[*name].clone())).collect()
}

/// Graphs with weights below zero, but no cycle that weighs less.
pub(crate) fn cases_below_zero() -> Vec<Case> {
    ["sparse", "tight"].iter().map(|name| Case::of(name, all()["below_zero"][*name].clone())).collect()
}

/// Graphs without a cycle, of which one has a single order.
pub(crate) fn cases_onward() -> Vec<Case> {
    ["sparse", "wide", "chained"].iter().map(|name| Case::of(name, all()["acyclic"][*name].clone())).collect()
}

pub(crate) fn go(_: Progress) -> bool {
    true
}

pub(crate) fn numbers(expected: &Value) -> Vec<u32> {
    expected.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as u32).collect()
}

pub(crate) fn lists(expected: &Value) -> Vec<Vec<u32>> {
    expected.as_array().unwrap().iter().map(numbers).collect()
}

/// Values by node, infinite where there is none.
#[track_caller]
pub(crate) fn assert_close(case: &Case, what: &str, found: &[f64], expected: &Value, tolerance: f64) {
    let expected = expected.as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{} {what}", case.name);
    for (node, (found, expected)) in found.iter().zip(expected).enumerate() {
        let expected = expected.as_f64().unwrap_or(f64::INFINITY);
        let close = *found == expected || (found - expected).abs() <= tolerance * expected.abs().max(1.0);
        assert!(close, "{} {what} of node {node}: {found}, expected {expected}", case.name);
    }
}
