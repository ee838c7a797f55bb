//! Shortest paths, paths that repeat, selectors and modes.

use crate::memory::Memory;
use crate::short::{graph, rows, sorted};

/// a to d by b, by c, and by e and f; d leads back to a.
fn diamond() -> Memory {
    graph(
        "CREATE (a:N {n: 'a'}), (b:N {n: 'b'}), (c:N {n: 'c'}), (d:N {n: 'd'}), (e:N {n: 'e'}), (f:N {n: 'f'}),
         (a)-[:R {w: 1}]->(b), (b)-[:R {w: 1}]->(d), (a)-[:R {w: 5}]->(c), (c)-[:R {w: 1}]->(d),
         (a)-[:R {w: 1}]->(e), (e)-[:R {w: 1}]->(f), (f)-[:R {w: 1}]->(d), (d)-[:S]->(a)",
    )
}

const NAMES: &str = "reduce(s = '', x IN nodes(p) | s + x.n)";

#[test]
fn shortest_path_is_one() {
    let mut graph = diamond();
    let query = format!("MATCH (a {{n: 'a'}}), (d {{n: 'd'}}), p = shortestPath((a)-[:R*]->(d)) RETURN {NAMES} AS x");
    let found = rows(&mut graph, &query);
    assert!(found == ["'abd'"] || found == ["'acd'"], "{found:?}");
    let none = "MATCH (a {n: 'a'}), (d {n: 'd'}), p = shortestPath((d)-[:R*]->(a)) RETURN p";
    assert!(rows(&mut graph, none).is_empty());
}

#[test]
fn all_shortest_paths_are_of_one_length() {
    let mut graph = diamond();
    let query =
        format!("MATCH (a {{n: 'a'}}), (d {{n: 'd'}}), p = allShortestPaths((a)-[:R*]->(d)) RETURN {NAMES} AS x");
    assert_eq!(sorted(&mut graph, &query), ["'abd'", "'acd'"]);
    let query = format!("MATCH p = ALL SHORTEST (a {{n: 'a'}})-[:R]->+(d {{n: 'd'}}) RETURN {NAMES} AS x");
    assert_eq!(sorted(&mut graph, &query), ["'abd'", "'acd'"]);
}

#[test]
fn relationships_of_a_shortest_path_are_tested_on_the_way() {
    let mut graph = diamond();
    let query = format!("MATCH p = ANY SHORTEST (a {{n: 'a'}})-[:R*{{w: 1}}]->(d {{n: 'd'}}) RETURN {NAMES} AS x");
    assert_eq!(rows(&mut graph, &query), ["'abd'"]);
}

#[test]
fn shortest_paths_lead_to_every_end() {
    let mut graph = diamond();
    let query = "MATCH p = ANY SHORTEST (a {n: 'a'})-[:R*0..]->(x) RETURN x.n AS x, length(p) AS l ORDER BY x";
    assert_eq!(rows(&mut graph, query), ["'a', 0", "'b', 1", "'c', 1", "'d', 2", "'e', 1", "'f', 2"]);
}

#[test]
fn a_shortest_path_may_have_no_relationship() {
    let mut graph = diamond();
    for function in ["shortestPath", "allShortestPaths"] {
        let query = format!("MATCH (a {{n: 'a'}}) MATCH p = {function}((a)-[:R*0..]->(a)) RETURN length(p), {NAMES}");
        assert_eq!(rows(&mut graph, &query), ["0, 'a'"]);
        let query = format!("MATCH p = {function}((a {{n: 'a'}})-[:R*0..1]->(x)) RETURN length(p), x.n");
        assert_eq!(sorted(&mut graph, &query), ["0, 'a'", "1, 'b'", "1, 'c'", "1, 'e'"]);
        let query = format!("MATCH p = {function}((a {{n: 'a'}})-[*]->(x {{n: 'a'}})) RETURN DISTINCT length(p)");
        assert_eq!(rows(&mut graph, &query), ["3"]);
    }
}

#[test]
fn a_shortest_path_may_lead_back() {
    let mut graph = diamond();
    let query = format!("MATCH p = ANY SHORTEST (a {{n: 'a'}})-[*1..]->(a) RETURN length(p) AS l, {NAMES} AS x");
    let found = rows(&mut graph, &query);
    assert!(found == ["3, 'abda'"] || found == ["3, 'acda'"], "{found:?}");
}

#[test]
fn as_many_paths_as_are_counted() {
    let mut graph = diamond();
    let lengths = |graph: &mut Memory, selector: &str| {
        let query =
            format!("MATCH p = {selector} (a {{n: 'a'}})-[:R*]->(d {{n: 'd'}}) RETURN length(p) AS l ORDER BY l");
        rows(graph, &query)
    };
    assert_eq!(lengths(&mut graph, "SHORTEST 1"), ["2"]);
    assert_eq!(lengths(&mut graph, "SHORTEST 2"), ["2", "2"]);
    assert_eq!(lengths(&mut graph, "SHORTEST 5"), ["2", "2", "3"]);
    assert_eq!(lengths(&mut graph, "SHORTEST 1 GROUPS"), ["2", "2"]);
    assert_eq!(lengths(&mut graph, "SHORTEST 2 GROUPS"), ["2", "2", "3"]);
    assert_eq!(lengths(&mut graph, "ANY 1").len(), 1);
}

#[test]
fn a_choice_is_made_among_paths_of_several_parts() {
    let mut graph = diamond();
    let query = format!(
        "MATCH p = SHORTEST 2 (a {{n: 'a'}})-[:R]->(x)-[:R]->+(d {{n: 'd'}})-[:S]->(y) RETURN {NAMES} AS x, x.n AS m"
    );
    assert_eq!(sorted(&mut graph, &query), ["'abda', 'b'", "'acda', 'c'"]);
}

#[test]
fn parts_in_parentheses_repeat() {
    let mut graph = diamond();
    let query = "MATCH (a {n: 'a'}) ((x)-[r:R]->(y) WHERE r.w = 1){1,2} (z)
                 RETURN [n IN x | n.n] AS x, [n IN y | n.n] AS y, size(r) AS c, z.n AS z";
    assert_eq!(
        sorted(&mut graph, query),
        [
            "['a', 'b'], ['b', 'd'], 2, 'd'",
            "['a', 'e'], ['e', 'f'], 2, 'f'",
            "['a'], ['b'], 1, 'b'",
            "['a'], ['e'], 1, 'e'"
        ]
    );
    let query = format!("MATCH p = (s {{n: 'a'}}) ((x)-[:R]->(y)-[:R]->(z))+ (t) RETURN {NAMES} AS x");
    assert_eq!(sorted(&mut graph, &query), ["'abd'", "'acd'", "'aef'"]);
    let query = format!("MATCH p = (s) ((x)-[:R]->(y)-[:R]->(z))+ (t {{n: 'f'}}) RETURN {NAMES} AS x");
    assert_eq!(sorted(&mut graph, &query), ["'aef'"]);
}

#[test]
fn no_round_uses_a_relationship_again() {
    let mut graph = graph("CREATE (a {n: 'a'})-[:R]->(b {n: 'b'})-[:R]->(a)");
    let query = format!("MATCH p = (s {{n: 'a'}}) ((x)-[:R]-(y))* (t) RETURN {NAMES} AS x");
    assert_eq!(sorted(&mut graph, &query), ["'a'", "'ab'", "'ab'", "'aba'", "'aba'"]);
}

#[test]
fn modes_say_what_may_repeat() {
    let mut graph = graph("CREATE (a {n: 'a'})-[:R]->(b {n: 'b'})-[:R]->(a), (b)-[:R]->(c {n: 'c'})");
    let found = |graph: &mut Memory, mode: &str| {
        let query = format!("MATCH {mode} p = (s {{n: 'a'}})-[:R*1..4]->(t) RETURN {NAMES} AS x");
        sorted(graph, &query)
    };
    assert_eq!(found(&mut graph, ""), ["'ab'", "'aba'", "'abc'"]);
    assert_eq!(found(&mut graph, "TRAIL"), ["'ab'", "'aba'", "'abc'"]);
    assert_eq!(found(&mut graph, "SIMPLE"), ["'ab'", "'aba'", "'abc'"]);
    assert_eq!(found(&mut graph, "ACYCLIC"), ["'ab'", "'abc'"]);
    assert_eq!(found(&mut graph, "WALK"), ["'ab'", "'aba'", "'abab'", "'ababa'", "'ababc'", "'abc'"]);
}
