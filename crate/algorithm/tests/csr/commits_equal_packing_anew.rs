use std::collections::BTreeMap;

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use sledstore_algorithm::{
    Changes, Csr, Edge, EdgeKey, PageRankOptions, Progress, TypeSet, components, page_rank, triangles,
};

use crate::{DIRECTIONS, csr_of, draw_edge, drawn, random, rows, rows_of};

/// A graph as a list.
struct Model {
    nodes: Vec<u64>,
    edges: Vec<Edge>,
    next: u64,
}

impl Model {
    /// A commit of some of each kind of change, done to the list.
    fn commit(&mut self, random: &mut Xoshiro256PlusPlus, size: usize) -> Changes {
        let mut changes = Changes::default();
        for _ in 0..random.random_range(0..=size.min(self.edges.len())) {
            let edge = self.edges.swap_remove(random.random_range(0..self.edges.len()));
            changes.edges_removed.push(EdgeKey { id: edge.id, from: edge.from, to: edge.to });
        }
        for _ in 0..random.random_range(0..=(size / 8).min(self.nodes.len() - 1)) {
            let id = self.nodes.swap_remove(random.random_range(0..self.nodes.len()));
            self.edges.retain(|edge| edge.from != id && edge.to != id);
            changes.nodes_removed.push(id);
        }
        for at in 0..random.random_range(0..=size / 8) {
            // Mostly new ids, now and then one that was just removed, or one below others.
            self.next += 1;
            let id = match changes.nodes_removed.get(at) {
                Some(&id) if random.random() => id,
                _ if random.random_range(0..4) == 0 => u64::MAX / 2 - self.next,
                _ => 1_000_000 + self.next,
            };
            self.nodes.push(id);
            changes.nodes_added.push(id);
        }
        for _ in 0..random.random_range(0..=size) {
            self.next += 1;
            let edge = draw_edge(random, 1_000_000 + self.next, &self.nodes);
            self.edges.push(edge);
            changes.edges_added.push(edge);
        }
        changes
    }
}

fn assert_same(csr: &Csr, model: &Model) {
    assert_eq!((csr.node_count(), csr.edge_count()), (model.nodes.len(), model.edges.len()));
    for direction in DIRECTIONS {
        assert_eq!(rows(csr.view().directed(direction)), rows_of(&model.nodes, &model.edges, direction));
    }
    for &id in &model.nodes {
        assert_eq!(csr.number_of(id).map(|node| csr.id_of(node)), Some(id));
    }
}

/// Triangles by id, ranks by id, and the sizes of components.
type Results = (Vec<(u64, u64)>, BTreeMap<u64, f64>, Vec<u32>);

/// Results of algorithms by id, so that they compare whatever the numbers are.
fn results(csr: &Csr) -> Results {
    let go = &mut |_: Progress| true;
    let types = TypeSet::from_iter([0, 2]);
    let view = csr.view().of_types(&types).unweighted();
    let counts = triangles(view, 1, go).unwrap().counts;
    let mut triangles: Vec<(u64, u64)> = view.nodes().map(|node| (csr.id_of(node), counts[node as usize])).collect();
    triangles.sort_unstable();
    let ranks =
        page_rank(view, &PageRankOptions { iterations_max: 30, ..PageRankOptions::default() }, go).unwrap().ranks;
    let mut sizes = components(view, go).unwrap().sizes;
    sizes.sort_unstable();
    (triangles, view.nodes().map(|node| (csr.id_of(node), ranks[node as usize])).collect(), sizes)
}

#[test]
fn small_commits_equal_packing_anew() {
    let mut random = random(5);
    for size in [1, 4, 30] {
        let (nodes, edges) = drawn(&mut random, 40, 200);
        let mut csr = csr_of(&nodes, &edges);
        let mut model = Model { nodes, edges, next: 0 };
        for round in 0..60 {
            csr.apply(&model.commit(&mut random, size)).unwrap();
            assert_same(&csr, &model);
            if round % 10 == 0 {
                let (anew, kept) = (results(&csr_of(&model.nodes, &model.edges)), results(&csr));
                assert_eq!((anew.0, anew.2), (kept.0, kept.2));
                assert!(anew.1.iter().zip(&kept.1).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-12));
            }
            if round % 17 == 0 {
                csr.merge().unwrap();
                assert_eq!(csr.pending(), 0);
                assert_eq!(csr.node_bound(), csr.node_count());
                assert_same(&csr, &model);
            }
        }
    }
}

#[test]
fn what_is_pending_stays_a_share_of_the_graph() {
    let mut random = random(6);
    let (nodes, edges) = drawn(&mut random, 500, 16_000);
    let mut csr = csr_of(&nodes, &edges);
    let mut model = Model { nodes, edges, next: 0 };
    let (mut packed, mut packings) = (model.nodes.len() + model.edges.len(), 0);
    for _ in 0..80 {
        let before = csr.pending();
        csr.apply(&model.commit(&mut random, 200)).unwrap();
        if csr.pending() < before {
            packings += 1;
            packed = model.nodes.len() + model.edges.len();
        }
        assert!(csr.pending() <= 1024.max(packed / 8), "{} pending of {packed}", csr.pending());
    }
    assert!(packings >= 2, "packed {packings} times");
    assert_same(&csr, &model);
}
