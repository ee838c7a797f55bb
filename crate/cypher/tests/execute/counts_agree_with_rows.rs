//! What is counted, intersected or reached without being enumerated is what enumerating gives: with loops, with several
//! relationships between two nodes, and of several types.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::memory::Memory;
use crate::short::{graph, operators, result, rows, sorted};

fn seed() -> u64 {
    let given = std::env::var("SLEDSTORE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| rand::rng().random());
    println!("SLEDSTORE_SEED={seed}");
    seed
}

/// Twelve nodes, of which some are A and some B, and relationships between any two.
fn random_graph(seed: u64) -> Memory {
    let mut random = StdRng::seed_from_u64(seed);
    let mut made = graph(
        "UNWIND range(0, 11) AS i CREATE (n:N {i: i})
         FOREACH (x IN CASE WHEN i % 3 = 0 THEN [] ELSE [1] END | SET n:A)
         FOREACH (x IN CASE WHEN i % 4 = 0 THEN [] ELSE [1] END | SET n:B)",
    );
    for _ in 0..random.random_range(20..60) {
        let (from, to) = (random.random_range(0..12), random.random_range(0..12));
        let kind = ["K", "L"][random.random_range(0..2)];
        let query = format!("MATCH (a {{i: {from}}}), (b {{i: {to}}}) CREATE (a)-[:{kind}]->(b)");
        result(&mut made, &query).unwrap();
    }
    made
}

#[test]
fn paths_of_two() {
    let seed = seed();
    let mut graph = random_graph(seed);
    for (counted, enumerated) in [
        ("(a)-->(b)-->(c)", "MATCH (a)-[x]->(b) MATCH (b)-[y]->(c) WHERE x <> y"),
        ("(a)<--(b)-->(c)", "MATCH (a)<-[x]-(b) MATCH (b)-[y]->(c) WHERE x <> y"),
        ("(a)-->(b)<--(c)", "MATCH (a)-[x]->(b) MATCH (b)<-[y]-(c) WHERE x <> y"),
        ("(a)--(b)-->(c)", "MATCH (a)-[x]-(b) MATCH (b)-[y]->(c) WHERE x <> y"),
        ("(a)--(b)--(c)", "MATCH (a)-[x]-(b) MATCH (b)-[y]-(c) WHERE x <> y"),
        ("(a:A)-[:K]->(b:B)-[:K]->(c:A)", "MATCH (a:A)-[x:K]->(b:B) MATCH (b)-[y:K]->(c:A) WHERE x <> y"),
        ("(a:A)-[:K]->(b)-[:L]->(c:B)", "MATCH (a:A)-[x:K]->(b) MATCH (b)-[y:L]->(c:B)"),
        ("(a:A)-[:K]->(b)-[:K|L]->(c)", "MATCH (a:A)-[x:K]->(b) MATCH (b)-[y:K|L]->(c) WHERE x <> y"),
        ("(a:A:B)-[:!K]->(b:A:B)-[:!L]->(c)", "MATCH (a:A:B)-[x:!K]->(b:A:B) MATCH (b)-[y:!L]->(c) WHERE x <> y"),
    ] {
        let query = format!("MATCH {counted} RETURN count(*)");
        assert_eq!(
            rows(&mut graph, &query),
            rows(&mut graph, &format!("{enumerated} RETURN size(collect([a.i, c.i]))")),
            "seed {seed}: {query}"
        );
    }
    // With more relationships than nodes, whatever the seed.
    let graph = crate::short::graph(
        "UNWIND range(0, 3) AS i CREATE (:N {i: i}) WITH count(*) AS n MATCH (a:N), (b:N) CREATE (a)-[:K]->(b)",
    );
    assert!(operators(&graph, "MATCH (a)-->(b)-->(c) RETURN count(*)").contains("DegreeProduct"));
    assert!(operators(&graph, "MATCH (a:N)-[:K]->(b:N)-[:K]->(c:N) RETURN count(c)").contains("DegreeProduct"));
    assert!(!operators(&graph, "MATCH (a)-->(b)-->(c) RETURN a, count(*)").contains("DegreeProduct"));
}

#[test]
fn triangles_and_squares() {
    let seed = seed();
    let mut graph = random_graph(seed);
    for (pattern, enumerated) in [
        (
            "(a)-[x]->(b)-[y]->(c), (a)-[z]->(c)",
            "MATCH (a)-[x]->(b) MATCH (b)-[y]->(c) MATCH (a)-[z]->(c) WHERE x <> y AND y <> z AND x <> z",
        ),
        (
            "(a)-[x]-(b)-[y]-(c), (a)-[z]-(c)",
            "MATCH (a)-[x]-(b) MATCH (b)-[y]-(c) MATCH (a)-[z]-(c) WHERE x <> y AND y <> z AND x <> z",
        ),
        (
            "(a:A)-[x:K]->(b)-[y:L]->(c:B), (c)-[z:K]->(a)",
            "MATCH (a:A)-[x:K]->(b) MATCH (b)-[y:L]->(c:B) MATCH (c)-[z:K]->(a) WHERE x <> z",
        ),
        (
            "(a:A)-[x:K]->(b:B), (a)-[y:K]->(c)<-[z:!K]-(b)",
            "MATCH (a:A)-[x:K]->(b:B) MATCH (a)-[y:K]->(c) MATCH (b)-[z:!K]->(c) WHERE x <> y",
        ),
    ] {
        let query = format!("MATCH {pattern} RETURN a.i, b.i, c.i");
        assert!(operators(&graph, &query).contains("Intersect"), "{query}");
        let all = format!("{enumerated} RETURN a.i, b.i, c.i");
        assert!(!operators(&graph, &all).contains("Intersect"));
        assert_eq!(sorted(&mut graph, &query), sorted(&mut graph, &all), "seed {seed}: {query}");
        let same = format!("MATCH {pattern} RETURN a.i, b.i, c.i, id(x), id(y), id(z)");
        let all = format!("{enumerated} RETURN a.i, b.i, c.i, id(x), id(y), id(z)");
        assert_eq!(sorted(&mut graph, &same), sorted(&mut graph, &all), "seed {seed}: {same}");
        let counted = format!("MATCH {pattern} RETURN count(*)");
        let all = format!("{enumerated} RETURN size(collect(a.i))");
        assert_eq!(rows(&mut graph, &counted), rows(&mut graph, &all), "seed {seed}: {counted}");
        let grouped = format!("MATCH {pattern} RETURN a.i, count(c)");
        let all = format!("{enumerated} WITH a, collect(c) AS cs RETURN a.i, size(cs)");
        assert_eq!(sorted(&mut graph, &grouped), sorted(&mut graph, &all), "seed {seed}: {grouped}");
    }
    let query = "MATCH (a)-->(b)-->(c)-->(d)-->(a) RETURN count(*)";
    let all = "MATCH (a)-[w]->(b) MATCH (b)-[x]->(c) MATCH (c)-[y]->(d) MATCH (d)-[z]->(a)
               WHERE w <> x AND w <> y AND w <> z AND x <> y AND x <> z AND y <> z RETURN size(collect(a.i))";
    assert!(operators(&graph, query).contains("Intersect"));
    assert_eq!(rows(&mut graph, query), rows(&mut graph, all), "seed {seed}");
}

#[test]
fn ends_of_ways() {
    let seed = seed();
    let mut graph = random_graph(seed);
    for pattern in [
        "(a)-[*1..3]->(b)",
        "(a)-[*..2]->(b:A)",
        "(a:A)<-[:K*0..2]-(b:B)",
        "(a)-[*0..2]-(b)",
        "(a)-[:K|L*1..4]->(b)",
        "(a)-[:L*1..2]->(b)-[:K*1..2]->(c:B)",
        "(b)-[:K]->(c), (a)-[:L*1..3]->(b)",
    ] {
        let query = format!("MATCH {pattern} RETURN DISTINCT a.i, b.i");
        assert!(operators(&graph, &query).contains("ReachableNodes"), "{query}");
        // A path is every relationship of its own.
        let (first, rest) = pattern.split_once(", ").unwrap_or((pattern, ""));
        let between = if rest.is_empty() { "" } else { ", " };
        let all = format!("MATCH p = {first}{between}{rest} WITH a, b, length(p) AS l RETURN DISTINCT a.i, b.i");
        let found = sorted(&mut graph, &query);
        if rest.is_empty() {
            assert!(operators(&graph, &all).contains("VariableExpand"), "{all}");
            assert_eq!(found, sorted(&mut graph, &all), "seed {seed}: {query}");
        }
        let counted = format!("MATCH {pattern} RETURN a.i, count(DISTINCT b.i)");
        assert!(operators(&graph, &counted).contains("ReachableNodes"), "{counted}");
        let collected =
            format!("MATCH {pattern} WITH a, collect(b) AS bs UNWIND bs AS b RETURN a.i, count(DISTINCT b.i)");
        assert!(operators(&graph, &collected).contains("VariableExpand"), "{collected}");
        assert_eq!(sorted(&mut graph, &counted), sorted(&mut graph, &collected), "seed {seed}: {counted}");
    }
    for enumerated in [
        "MATCH (a)-[*1..2]->(b) RETURN a.i, count(b)",
        "MATCH (a)-[*1..2]-(b) RETURN DISTINCT a.i, b.i",
        "MATCH (a)-[*2..3]->(b) RETURN DISTINCT a.i, b.i",
        "MATCH (a)-[r*1..2]->(b) RETURN DISTINCT a.i, r",
        "MATCH (a)-[r*1..2]->(b) RETURN DISTINCT a.i, size(r)",
        "MATCH (a)-[r*1..2]->(b) WITH DISTINCT a, r RETURN a.i",
        "MATCH (a)-[r*1..2]->(b), (b)-[s]->(c) RETURN DISTINCT a.i, c.i",
        "MATCH (a)-[*1..2]->(b) WITH a, b LIMIT 3 RETURN DISTINCT a.i, b.i",
    ] {
        assert!(!operators(&graph, enumerated).contains("ReachableNodes"), "{enumerated}");
    }
}
