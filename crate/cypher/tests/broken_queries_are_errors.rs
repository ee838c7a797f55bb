//! Queries of the conformance kit with tokens dropped, doubled, exchanged or taken from other queries: each is bound or
//! refused, never a panic, and what is bound keeps the promises of the intermediate representation.
#![allow(clippy::unwrap_used)] // a test may panic

mod feature;

use feature::Scenario;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use sledstore_cypher::bind::{Statement, prepare};

/// Of how many changed texts each query is tried as.
const CHANGES: usize = 4;

/// What the kit has no query for.
const BEYOND_THE_KIT: &[&str] = &[
    "MATCH (a), (b) CALL (a, b) { MATCH (a)-->(c) RETURN c, count(*) AS n } RETURN a, n ORDER BY n",
    "MATCH (a) CALL { WITH a RETURN a.x AS x UNION WITH a RETURN a.y AS x } RETURN DISTINCT x",
    "MATCH p = (a)-->() FOREACH (n IN nodes(p) | SET n.x = 1 FOREACH (i IN [1] | CREATE (n)-[:R]->(:B {i: i})))",
    "LOAD CSV WITH HEADERS FROM $file AS line FIELDTERMINATOR ';' MERGE (a:A {x: line.x}) ON CREATE SET a.y = 1",
    "MATCH p = ANY SHORTEST (a) ((x)-[r:R WHERE r.w > 1]->(y) WHERE x.v = y.v){1,3} (b) RETURN x, r, length(p)",
    "MATCH (a) RETURN a.x AS x, count(*) + COUNT { (a)-->() WHERE a.x = 1 } AS c ORDER BY x, count(*)",
    "MATCH (a), (b) RETURN shortestPath((a)-[*]-(b)) AS p, [q = (a)-->(c) WHERE c.x > 1 | [q, c]] AS l, a {.*, b}",
    "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:A) REQUIRE (n.x, n.y) IS UNIQUE",
    "CREATE FULLTEXT INDEX i FOR (n:A|B) ON EACH [n.x, n.y]",
];

fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let kind = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            0
        } else if c.is_whitespace() {
            1
        } else {
            2
        }
    };
    for (at, pair) in
        text.char_indices().zip(text.chars().skip(1)).map(|((at, left), right)| (at + left.len_utf8(), (left, right)))
    {
        if kind(pair.0) != kind(pair.1) || kind(pair.0) == 2 {
            pieces.push(&text[start..at]);
            start = at;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn changed(rng: &mut StdRng, query: &str, other: &str) -> String {
    let mut pieces = pieces(query);
    let foreign = self::pieces(other);
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..pieces.len());
        match rng.random_range(0..4) {
            0 if pieces.len() > 1 => drop(pieces.remove(at)),
            1 => pieces.insert(at, pieces[at]),
            2 => {
                let with = rng.random_range(0..pieces.len());
                pieces.swap(at, with);
            }
            _ => pieces.insert(at, foreign.choose(rng).unwrap()),
        }
    }
    pieces.concat()
}

#[test]
fn broken_queries_are_bound_or_refused() {
    let Some(folder) = feature::kit() else {
        println!("skipped: there is no conformance kit; name its folder in SLEDSTORE_TCK");
        return;
    };
    let seed =
        std::env::var("SLEDSTORE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| rand::rng().random());
    println!("SLEDSTORE_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut scenarios: Vec<Scenario> = BEYOND_THE_KIT
        .iter()
        .flat_map(|&query| vec![Scenario { query: query.to_owned(), ..Scenario::default() }; 50])
        .collect();
    for path in feature::files(&folder.join("features")) {
        scenarios.extend(feature::scenarios(&std::fs::read_to_string(&path).unwrap(), ""));
    }
    let mut bound = 0;
    for scenario in &scenarios {
        for _ in 0..CHANGES {
            let other = scenarios.choose(&mut rng).unwrap();
            let text = changed(&mut rng, &scenario.query, &other.query);
            match prepare(&text, scenario) {
                Ok(Statement::Query(query)) => {
                    bound += 1;
                    let name = &scenario.name;
                    feature::slots::check(&query).unwrap_or_else(|complaint| panic!("{name}: {complaint}\n{text}"));
                }
                Ok(Statement::Command(_)) => {}
                Err(error) => assert!(error.render(&text).contains(&error.message), "{text}"),
            }
        }
    }
    println!("{bound} of {} changed queries are bound", scenarios.len() * CHANGES);
    assert!(bound > 100, "changes leave next to nothing that is a query");
}
