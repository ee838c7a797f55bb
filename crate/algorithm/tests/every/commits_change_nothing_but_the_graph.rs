use sledstore_algorithm::{Changes, Csr, CsrOptions, Edge, EdgeKey, NodeSet, Progress, TypeSet};

use crate::{DIRECTIONS, EVERY};

fn edge(id: u64, from: u64, to: u64) -> Edge {
    Edge { id, from, to, edge_type: (id % 3) as u16, weight: (id % 5) as f64 + 1.0 }
}

fn csr_of(edges: &[Edge]) -> Csr {
    let options = CsrOptions { weights: true, types: true };
    Csr::build((0..30).collect(), options, || edges.iter().copied()).unwrap()
}

/// New edges leave later nodes, so that they are last in every row whether pending or packed: sums are rounded alike.
#[test]
fn pending_changes_give_the_results_of_packed_ones() {
    let before: Vec<Edge> = (0..90).map(|at| edge(at, at * at % 20, at * 7 % 29)).collect();
    let new: Vec<Edge> = (90..120).map(|at| edge(at, 20 + at * at % 10, at * at * at % 30)).collect();
    let gone: Vec<EdgeKey> =
        before.iter().skip(4).step_by(5).map(|edge| EdgeKey { id: edge.id, from: edge.from, to: edge.to }).collect();
    let mut pending = csr_of(&before);
    pending.apply(&Changes { edges_removed: gone.clone(), edges_added: new.clone(), ..Changes::default() }).unwrap();
    assert!(pending.pending() > 0);
    let left: Vec<Edge> =
        before.iter().filter(|edge| gone.iter().all(|gone| gone.id != edge.id)).chain(&new).copied().collect();
    let packed = csr_of(&left);
    let types = TypeSet::from_iter([0, 1]);
    let members: NodeSet = (0..30).filter(|node| node % 4 != 1).collect();
    for algorithm in EVERY {
        // Edges have other numbers, so that results which tell them cannot be compared as text.
        let by_edge = ["path", "first", "dijkstra", "a_star", "bellman", "kruskal", "prim", "cuts", "flow"];
        if by_edge.iter().any(|part| algorithm.name.contains(part)) {
            continue;
        }
        for direction in DIRECTIONS {
            let run = |csr: &Csr, filtered: bool| {
                let view = csr.view().directed(direction);
                let view = if filtered { view.of_types(&types).among(&members) } else { view };
                (algorithm.run)(view, &mut |_: Progress| true).unwrap()
            };
            assert_eq!(run(&pending, false), run(&packed, false), "{}", algorithm.name);
            assert_eq!(run(&pending, true), run(&packed, true), "{}", algorithm.name);
        }
    }
}
