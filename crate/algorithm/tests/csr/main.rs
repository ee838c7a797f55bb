//! What the packed rows hold, how they follow commits, and what they take.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod bytes_are_exact;
mod clones_keep_their_moment;
mod commits_equal_packing_anew;
mod rows_hold_the_edges;
mod views_leave_out;
mod wrong_input_is_refused;

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sledstore_algorithm::{Csr, CsrOptions, Direction, Edge, View};

pub(crate) const ALL: CsrOptions = CsrOptions { weights: true, types: true };

pub(crate) fn csr_of(nodes: &[u64], edges: &[Edge]) -> Csr {
    Csr::build(nodes.to_vec(), ALL, || edges.iter().copied()).unwrap()
}

/// A seed, from the environment where it names one.
pub(crate) fn random(own: u64) -> Xoshiro256PlusPlus {
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(own);
    println!("seed {seed}");
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// Nodes of ids with gaps, and edges among them: loops and parallel ones too.
pub(crate) fn drawn(random: &mut Xoshiro256PlusPlus, nodes: u64, edges: u64) -> (Vec<u64>, Vec<Edge>) {
    let ids: Vec<u64> = (0..nodes).map(|node| node * 5 + random.random_range(0..5)).collect();
    let edges = (0..edges).map(|edge| draw_edge(random, edge + 1000, &ids)).collect();
    (ids, edges)
}

pub(crate) fn draw_edge(random: &mut Xoshiro256PlusPlus, id: u64, ids: &[u64]) -> Edge {
    let mut end = || ids[random.random_range(0..ids.len())];
    let (from, to) = (end(), end());
    Edge {
        id,
        from,
        to,
        edge_type: random.random_range(0..4),
        weight: f64::from(random.random_range(-20..20_i32)) / 4.0,
    }
}

/// By node id, the edges at it: id, other end, type and weight in quarters, sorted.
pub(crate) type Rows = BTreeMap<u64, Vec<(u64, u64, u16, i64)>>;

pub(crate) fn rows(view: View<'_>) -> Rows {
    let csr = view.csr();
    let row = |node| {
        let mut row: Vec<_> = view
            .neighbors(node)
            .map(|next| {
                let weight = (view.weight(next.edge) * 4.0) as i64;
                (csr.edge_id_of(next.edge), csr.id_of(next.node), csr.type_of(next.edge), weight)
            })
            .collect();
        row.sort_unstable();
        (csr.id_of(node), row)
    };
    view.nodes().map(row).collect()
}

/// What [`rows`] must give.
pub(crate) fn rows_of(nodes: &[u64], edges: &[Edge], direction: Direction) -> Rows {
    let mut rows: Rows = nodes.iter().map(|&node| (node, Vec::new())).collect();
    for edge in edges {
        let end = |other| (edge.id, other, edge.edge_type, (edge.weight * 4.0) as i64);
        if direction != Direction::In {
            rows.get_mut(&edge.from).unwrap().push(end(edge.to));
        }
        if direction == Direction::In || (direction == Direction::Both && edge.from != edge.to) {
            rows.get_mut(&edge.to).unwrap().push(end(edge.from));
        }
    }
    rows.values_mut().for_each(|row| row.sort_unstable());
    rows
}

pub(crate) const DIRECTIONS: [Direction; 3] = [Direction::Out, Direction::In, Direction::Both];
