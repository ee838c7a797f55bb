//! Shortest paths by every way of finding them, over random graphs.

use crate::memory::Memory;
use crate::short::{graph, sorted};

/// Numbers that look random, the same ones for a seed.
pub fn numbers(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

pub fn random(seed: u64) -> Memory {
    let mut next = numbers(seed);
    let mut query = "UNWIND range(0, 11) AS i CREATE (:N {i: i}) WITH collect(1) AS x".to_owned();
    query.push_str(" UNWIND [");
    let pairs: Vec<_> = (0..10 + next(12)).map(|_| format!("[{}, {}]", next(12), next(12))).collect();
    query.push_str(&pairs.join(", "));
    query.push_str("] AS e MATCH (a:N {i: e[0]}), (b:N {i: e[1]}) CREATE (a)-[:R]->(b)");
    graph(&query)
}

#[test]
fn shortest_ways_are_the_least_of_all_ways() {
    let first = std::env::var("SLEDSTORE_SEED").ok().map_or(1, |seed| seed.parse().unwrap());
    for seed in first..first + 8 {
        let mut graph = random(seed);
        for arrow in ["-[:R*..6]->", "<-[:R*..6]-", "-[:R*..4]-"] {
            let ends = "(a:N), (b:N) WHERE a.i < 4 AND b.i > 7";
            let all = format!(
                "MATCH {ends} MATCH p = (a){arrow}(b) WITH a, b, min(length(p)) AS least
                 MATCH p = (a){arrow}(b) WHERE length(p) = least RETURN a.i, b.i, [r IN relationships(p) | id(r)]"
            );
            let expected = sorted(&mut graph, &all);
            let shortest = format!(
                "MATCH {ends} MATCH p = allShortestPaths((a){arrow}(b)) RETURN a.i, b.i, [r IN relationships(p) | id(r)]"
            );
            assert_eq!(sorted(&mut graph, &shortest), expected, "SLEDSTORE_SEED={seed} {arrow}");
            let open = format!(
                "MATCH p = ALL SHORTEST (a:N){arrow}(b:N) WHERE a.i < 4 AND b.i > 7
                 RETURN a.i, b.i, [r IN relationships(p) | id(r)]"
            );
            assert_eq!(sorted(&mut graph, &open), expected, "SLEDSTORE_SEED={seed} {arrow}");
            let one = format!("MATCH {ends} MATCH p = shortestPath((a){arrow}(b)) RETURN a.i, b.i, length(p)");
            let least = format!("MATCH {ends} MATCH p = (a){arrow}(b) RETURN a.i, b.i, min(length(p))");
            assert_eq!(sorted(&mut graph, &one), sorted(&mut graph, &least), "SLEDSTORE_SEED={seed} {arrow}");
        }
    }
}
