//! What a predicate says of a shortest path decides among which paths it is the shortest.

use crate::distances_agree::{numbers, random};
use crate::memory::Memory;
use crate::short::{graph, planned, rows, sorted};

/// From 1 to 4 by 5, by 3, and by 2 and 3; only the last way has no great weight.
fn weighted() -> Memory {
    graph(
        "CREATE (a:N {i: 1})-[:R {w: 1}]->(b:N {i: 2})-[:R {w: 2}]->(c:N {i: 3})-[:R {w: 1}]->(d:N {i: 4}),
                (a)-[:S {w: 1}]->(c), (a)-[:R {w: 9}]->(e:N {i: 5})-[:R {w: 9}]->(d)",
    )
}

#[test]
fn a_shortest_path_is_the_shortest_that_fits() {
    let mut graph = weighted();
    for function in ["shortestPath", "allShortestPaths"] {
        for (predicate, lengths) in [
            ("all(x IN relationships(p) WHERE x.w < 5)", vec!["3"]),
            ("all(x IN r WHERE x.w < 5)", vec!["3"]),
            ("none(x IN relationships(p) WHERE x.w > 5)", vec!["3"]),
            ("NOT any(x IN r WHERE x.w > 5)", vec!["3"]),
            ("none(x IN nodes(p) WHERE x.i = 5)", vec!["3"]),
            ("all(x IN nodes(p) WHERE x.i <> 5 AND x.i <= d.i)", vec!["3"]),
            ("all(x IN nodes(p) WHERE x.i > 1)", vec![]),
            ("none(x IN nodes(p) WHERE x.i = 4)", vec![]),
            ("none(x IN r WHERE x.none = 1)", vec![]),
            ("any(x IN nodes(p) WHERE x.i = 2)", vec!["3"]),
            ("single(x IN r WHERE x.w = 2)", vec!["3"]),
            ("length(p) > 2", vec!["3"]),
            ("2.5 <= length(p)", vec!["3"]),
            ("length(p) = 2.0", vec!["2"]),
            ("length(p) = 2.5", vec![]),
            ("length(p) <> 2", vec!["3"]),
            ("length(p) > null", vec![]),
            ("length(p) < 2", vec![]),
            ("size(r) = 3", vec!["3"]),
            ("size(relationships(p)) >= d.i - 1", vec!["3"]),
            ("size(nodes(p)) = 4", vec!["3"]),
            ("reduce(s = 0, x IN r | s + x.w) < 10 AND a.i < d.i", vec!["3"]),
            ("a.i > d.i", vec![]),
        ] {
            for (before, ends) in
                [("", "(a:N {i: 1})-[r:R*]->(d:N {i: 4})"), ("MATCH (a {i: 1}), (d {i: 4}) ", "(a)-[r:R*]->(d)")]
            {
                let query = format!("{before}MATCH p = {function}({ends}) WHERE {predicate} RETURN length(p)");
                assert_eq!(rows(&mut graph, &query), lengths, "{query}");
            }
        }
    }
}

#[test]
fn what_is_written_inside_of_a_selector_says_among_which_paths() {
    let mut graph = weighted();
    for (path, found) in [
        ("SHORTEST 1 ((a {i: 1})-[r:R]->+(d {i: 4}) WHERE all(x IN r WHERE x.w < 5))", vec!["3"]),
        ("ANY SHORTEST ((a {i: 1})-[r:R]->+(d {i: 4}) WHERE any(x IN r WHERE x.w < 5))", vec!["3"]),
        ("ANY ((a {i: 1})-[r:R]->+(d {i: 4}) WHERE size(r) > 2)", vec!["3"]),
        ("ALL SHORTEST (a {i: 1})-[r:R WHERE r.w < 5]->+(d {i: 4})", vec!["3"]),
        ("SHORTEST 2 ((a {i: 1})-[:R]->(x)-[r:R]->+(d {i: 4}) WHERE all(y IN r WHERE y.w < 5))", vec!["3"]),
        ("SHORTEST 1 (a {i: 1})-[:R]->(x WHERE x.i <> 5)-[:R]->+(d {i: 4})", vec!["3"]),
        ("SHORTEST 1 ((a {i: 1})-[:R]->(x)-[:R]->+(d {i: 4}) WHERE length(p) > 2)", vec!["3"]),
        ("ANY SHORTEST (a {i: 1})-[r {w: 9}]->(b)", vec!["1"]),
        // Behind it, WHERE is about what was chosen.
        ("SHORTEST 1 (a {i: 1})-[r:R]->+(d {i: 4}) WHERE all(x IN r WHERE x.w < 5)", vec![]),
        ("SHORTEST 1 (a {i: 1})-[:R]->(x)-[:R]->+(d {i: 4}) WHERE x.i <> 5", vec![]),
    ] {
        let query = format!("MATCH p = {path} RETURN length(p)");
        assert_eq!(rows(&mut graph, &query), found, "{query}");
    }
}

#[test]
fn a_choice_waits_for_what_it_reads() {
    let mut graph = weighted();
    let query = "MATCH p = shortestPath((a {i: 1})-[:R*]->(d {i: 4})), (z:N {i: 5})-[k]->()
                 WHERE all(x IN relationships(p) WHERE x.w < k.w) RETURN length(p)";
    assert_eq!(rows(&mut graph, query), ["3"]);
    let query = "MATCH p = shortestPath((a {i: 1})-[:R*]->(d {i: 4})), q = shortestPath((a)-[:R*]->(d))
                 WHERE length(p) < length(q) RETURN length(p), length(q)";
    assert_eq!(rows(&mut graph, query), ["2, 3"]);
}

#[test]
fn plans_show_where_a_predicate_is_tested() {
    let graph = weighted();
    let shown = |predicate: &str| {
        let query = format!("MATCH p = shortestPath((a {{i: 1}})-[r:R*]->(d {{i: 4}})) WHERE {predicate} RETURN p");
        let steps = planned(&graph, &query).describe();
        assert!(!steps.iter().any(|step| step.name == "Filter" && step.details.contains('p')), "{steps:?}");
        steps.into_iter().find(|step| step.name == "ShortestPath").unwrap().details
    };
    let each = "all(x IN r WHERE x.w < 5)";
    assert_eq!(shown(each), format!("(a)-[r:R*1..]->(d) where each step: {each}"));
    let whole = "length(p) > 2";
    assert_eq!(
        shown(&format!("{whole} AND {each}")),
        format!("(a)-[r:R*1..]->(d) where each step: {each} where the path: {whole}")
    );
}

#[test]
fn the_least_of_all_fitting_ways_is_found() {
    let first = std::env::var("SLEDSTORE_SEED").ok().map_or(1, |seed| seed.parse().unwrap());
    for seed in first..first + 6 {
        let mut graph = random(seed);
        let mut next = numbers(seed);
        rows(&mut graph, "MATCH ()-[r]->() SET r.w = id(r) * 7 % 5");
        for arrow in ["-[r:R*..5]->", "<-[r:R*..5]-", "-[r:R*..4]-", "-[r:R*0..4]->"] {
            let weight = next(5);
            for predicate in [
                format!("all(x IN relationships(p) WHERE x.w <> {weight})"),
                format!("none(x IN nodes(p) WHERE x.i % 5 = {weight})"),
                format!("length(p) >= {}", next(4)),
                format!("any(x IN r WHERE x.w = {weight})"),
                format!("size(r) < 4 AND all(x IN r WHERE x.w > 0) AND any(x IN nodes(p) WHERE x.i = {weight})"),
            ] {
                for (ends, within) in [("a.i < 4 AND b.i > 7", "(a:N), (b:N)"), ("a.i = 3 AND b.i < 6", "(a:N), (b:N)")]
                {
                    let all = format!("MATCH {within} WHERE {ends} MATCH p = (a){arrow}(b) WHERE {predicate}");
                    let ways = "a.i, b.i, [x IN relationships(p) | id(x)]";
                    let least = format!(
                        "{all} WITH a, b, min(length(p)) AS least MATCH p = (a){arrow}(b)
                         WHERE length(p) = least AND {predicate} RETURN {ways}"
                    );
                    let expected = sorted(&mut graph, &least);
                    let context = format!("SLEDSTORE_SEED={seed} {arrow} {predicate} {ends}");
                    for query in [
                        format!(
                            "MATCH p = allShortestPaths((a:N){arrow}(b:N)) WHERE {predicate} AND {ends} RETURN {ways}"
                        ),
                        format!(
                            "MATCH {within} WHERE {ends} MATCH p = allShortestPaths((a){arrow}(b))
                             WHERE {predicate} RETURN {ways}"
                        ),
                        format!(
                            "MATCH p = ALL SHORTEST ((a:N){arrow}(b:N) WHERE {predicate}) WHERE {ends} RETURN {ways}"
                        ),
                    ] {
                        assert_eq!(sorted(&mut graph, &query), expected, "{context}: {query}");
                    }
                    let one = format!("MATCH p = shortestPath((a:N){arrow}(b:N)) WHERE {predicate} AND {ends}");
                    assert_eq!(
                        sorted(&mut graph, &format!("{one} RETURN a.i, b.i, length(p)")),
                        sorted(&mut graph, &format!("{all} RETURN a.i, b.i, min(length(p))")),
                        "{context}"
                    );
                }
            }
        }
    }
}
