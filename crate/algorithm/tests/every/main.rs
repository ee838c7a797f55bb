//! What holds for every algorithm: the smallest and the deepest graphs, the caller's word, weights that are refused.
#![allow(clippy::unwrap_used)]

mod commits_change_nothing_but_the_graph;
mod deep_graphs_need_no_stack;
mod small_graphs_have_answers;
mod stopping_ends_them;
mod wrong_options_are_refused;

use sledstore_algorithm::*;

/// An algorithm whose starts, where it takes some, are the first and the last node.
pub(crate) struct Algorithm {
    pub(crate) name: &'static str,
    /// Whether it needs a node.
    pub(crate) starts: bool,
    /// Whether it refuses weights below zero.
    pub(crate) not_negative: bool,
    /// Gives what it found, as text.
    pub(crate) run: fn(View<'_>, Proceed<'_>) -> Result<String>,
}

fn ends(view: &View<'_>) -> (u32, u32) {
    let last = view.nodes().last().unwrap_or(0);
    (view.nodes().next().unwrap_or(0), last)
}

fn text<T: std::fmt::Debug>(found: T) -> String {
    format!("{found:?}")
}

const fn plain(name: &'static str, run: fn(View<'_>, Proceed<'_>) -> Result<String>) -> Algorithm {
    Algorithm { name, starts: false, not_negative: false, run }
}

const fn weighing(name: &'static str, run: fn(View<'_>, Proceed<'_>) -> Result<String>) -> Algorithm {
    Algorithm { name, starts: false, not_negative: true, run }
}

const fn from(name: &'static str, run: fn(View<'_>, Proceed<'_>) -> Result<String>) -> Algorithm {
    Algorithm { name, starts: true, not_negative: false, run }
}

const fn from_weighing(name: &'static str, run: fn(View<'_>, Proceed<'_>) -> Result<String>) -> Algorithm {
    Algorithm { name, starts: true, not_negative: true, run }
}

pub(crate) const EVERY: &[Algorithm] = &[
    from("breadth_first", |view, go| breadth_first(view, &[ends(&view).0], SearchLimits::default(), go).map(text)),
    from("shortest_path", |view, go| shortest_path(view, ends(&view).0, ends(&view).1, None, go).map(text)),
    from("depth_first", |view, go| depth_first(view, &[ends(&view).0], SearchLimits::default(), go).map(text)),
    from_weighing("dijkstra", |view, go| dijkstra(view, &[ends(&view).0], CostLimits::default(), go).map(text)),
    from_weighing("a_star", |view, go| a_star(view, ends(&view).0, ends(&view).1, &mut |_| 0.0, go).map(text)),
    from("bellman_ford", |view, go| bellman_ford(view, &[ends(&view).0], go).map(text)),
    from_weighing("k_shortest_paths", |view, go| k_shortest_paths(view, ends(&view).0, ends(&view).1, 3, go).map(text)),
    from_weighing("all_shortest_paths", |view, go| {
        let found = all_shortest_paths(view, ends(&view).0, ends(&view).1, go)?;
        Ok(text(found.map(|found| (found.count(), found.iter().next()))))
    }),
    plain("kruskal", |view, go| kruskal(view, go).map(text)),
    plain("prim", |view, go| prim(view, go).map(text)),
    plain("components", |view, go| components(view, go).map(text)),
    plain("strong_components", |view, go| strong_components(view, go).map(text)),
    plain("topological_order", |view, go| match topological_order(view, go) {
        Err(Error::Cycle { nodes }) => Ok(text(nodes)),
        other => other.map(text),
    }),
    weighing("page_rank", |view, go| page_rank(view, &PageRankOptions::default(), go).map(text)),
    weighing("page_rank, threads", |view, go| {
        page_rank(view, &PageRankOptions { threads: 3, ..PageRankOptions::default() }, go).map(text)
    }),
    plain("degrees", |view, go| degrees(view, go).map(|found| text((found.centrality(&view), found)))),
    weighing("closeness", |view, go| {
        let (first, last) = ends(&view);
        let some = [first, last];
        let of = view.contains(first).then_some(&some[..]);
        closeness(view, &ClosenessOptions { of, ..ClosenessOptions::default() }, go).map(text)
    }),
    weighing("betweenness", |view, go| {
        let sample = Some(Sample { starts: 3, seed: 1 });
        betweenness(view, &BetweennessOptions { sample, normalized: true, threads: 1 }, go).map(text)
    }),
    weighing("betweenness, threads", |view, go| {
        let sample = Some(Sample { starts: 3, seed: 1 });
        betweenness(view, &BetweennessOptions { sample, normalized: false, threads: 2 }, go).map(text)
    }),
    plain("triangles", |view, go| triangles(view, 1, go).map(text)),
    plain("triangles, threads", |view, go| triangles(view, 3, go).map(text)),
    plain("clustering", |view, go| clustering(view, 1, go).map(text)),
    plain("core_numbers", |view, go| core_numbers(view, go).map(text)),
    weighing("label_propagation", |view, go| {
        label_propagation(view, &LabelPropagationOptions::default(), go).map(text)
    }),
    weighing("louvain", |view, go| louvain(view, &LouvainOptions::default(), go).map(text)),
    weighing("leiden", |view, go| leiden(view, &LeidenOptions::default(), go).map(text)),
    plain("node_similarity", |view, go| node_similarity(view, &SimilarityOptions::default(), go).map(text)),
    plain("cuts", |view, go| cuts(view, go).map(text)),
    from_weighing("max_flow", |view, go| match max_flow(view, ends(&view).0, ends(&view).1, go) {
        Err(Error::Argument { name: "sink", .. }) => Ok(String::new()), // of one node
        other => other.map(text),
    }),
    weighing("random_walks", |view, go| {
        random_walks(view, &RandomWalkOptions { length: 8, ..RandomWalkOptions::default() }, go).map(text)
    }),
    weighing("random_walks, node2vec", |view, go| {
        let options =
            RandomWalkOptions { return_factor: 0.5, in_out_factor: 3.0, length: 8, ..RandomWalkOptions::default() };
        random_walks(view, &options, go).map(text)
    }),
];

pub(crate) const DIRECTIONS: [Direction; 3] = [Direction::Out, Direction::In, Direction::Both];

/// Nodes from 0 to below `nodes`, and edges by their ends and weights.
pub(crate) fn csr_of(nodes: u64, edges: &[(u64, u64, f64)]) -> Csr {
    let edge =
        |(at, &(from, to, weight)): (usize, &(u64, u64, f64))| Edge { id: at as u64, from, to, edge_type: 0, weight };
    let options = CsrOptions { weights: true, types: false };
    Csr::build((0..nodes).collect(), options, || edges.iter().enumerate().map(edge)).unwrap()
}

/// A path of 100,000 nodes with a ladder beside it, so that it is as deep as it is long and has cycles.
pub(crate) fn long() -> Csr {
    let nodes = 100_000;
    let mut edges: Vec<(u64, u64, f64)> = (1..nodes).map(|node| (node - 1, node, 1.0)).collect();
    edges.extend((0..nodes / 10).map(|at| (at * 10 + 9, at * 10, 2.0)));
    csr_of(nodes, &edges)
}
