//! CALL of subqueries, subqueries in expressions, and FOREACH.

use crate::short::{graph, result, rows, sorted};

const FAMILY: &str =
    "CREATE (a:P {n: 'a'})-[:HAS {w: 2}]->(:C {n: 'x'}), (a)-[:HAS {w: 3}]->(:C {n: 'y'}), (:P {n: 'b'})";

#[test]
fn each_row_has_the_rows_of_its_subquery() {
    let mut graph = graph(FAMILY);
    let query =
        "MATCH (p:P) CALL { WITH p MATCH (p)-[:HAS]->(c) RETURN c.n AS c ORDER BY c DESC LIMIT 1 } RETURN p.n, c";
    assert_eq!(rows(&mut graph, query), ["'a', 'y'"]);
    let query = "MATCH (p:P) OPTIONAL CALL (p) { MATCH (p)-[:HAS]->(c) RETURN c.n AS c } RETURN p.n, c";
    assert_eq!(sorted(&mut graph, query), ["'a', 'x'", "'a', 'y'", "'b', null"]);
    let query = "MATCH (p:P) CALL { WITH p MATCH (p)-[:HAS]->(c) RETURN count(c) AS c } RETURN p.n, c";
    assert_eq!(sorted(&mut graph, query), ["'a', 2", "'b', 0"]);
    let query = "UNWIND [1, 2] AS i CALL { WITH i RETURN i AS j UNION ALL WITH i RETURN i * 10 AS j } RETURN i, j";
    assert_eq!(rows(&mut graph, query), ["1, 1", "1, 10", "2, 2", "2, 20"]);
}

#[test]
fn a_subquery_that_only_writes_keeps_the_rows() {
    let mut graph = graph(FAMILY);
    let query = "MATCH (p:P) CALL { WITH p SET p.seen = true CREATE (:Log {of: p.n}) } RETURN p.n, p.seen";
    assert_eq!(sorted(&mut graph, query), ["'a', true", "'b', true"]);
    assert_eq!(sorted(&mut graph, "MATCH (l:Log) RETURN l.of"), ["'a'", "'b'"]);
}

#[test]
fn subqueries_in_expressions_are_values() {
    let mut graph = graph(FAMILY);
    let query = "MATCH (p:P) RETURN p.n, EXISTS { (p)-[:HAS]->() }, COUNT { (p)-[:HAS]->(c) WHERE c.n = 'x' },
                 COLLECT { MATCH (p)-[:HAS]->(c) RETURN c.n ORDER BY c.n }, [(p)-[r:HAS]->(c) | c.n + r.w]";
    assert_eq!(
        sorted(&mut graph, query),
        ["'a', true, 1, ['x', 'y'], ['y3', 'x2']", "'b', false, 0, [], []"].map(|row| row.to_owned()).map(|row| {
            // The order of a comprehension's elements is that of the storage.
            if row.contains("y3") { row.replace("['y3', 'x2']", "['x2', 'y3']") } else { row }
        })
    );
    let query = "MATCH (p:P) WHERE NOT (p)-[:HAS]->() RETURN p.n";
    assert_eq!(rows(&mut graph, query), ["'b'"]);
    let query = "MATCH (p:P) WHERE all(w IN [2, 3] WHERE EXISTS { MATCH (p)-[r:HAS]->() WHERE r.w = w }) RETURN p.n";
    assert_eq!(rows(&mut graph, query), ["'a'"]);
}

#[test]
fn foreach_changes_for_each_element() {
    let mut graph = graph(FAMILY);
    let query = "MATCH (p:P {n: 'b'}) FOREACH (i IN range(1, 3) | MERGE (p)-[:HAS]->(:T {i: i % 2}) SET p.last = i)
                 RETURN p.last";
    assert_eq!(rows(&mut graph, query), ["3"]);
    assert_eq!(sorted(&mut graph, "MATCH (:P {n: 'b'})-[:HAS]->(t:T) RETURN t.i"), ["0", "1"]);
    let effects = result(&mut graph, "MATCH (p:P) FOREACH (x IN [p] | DETACH DELETE x)").unwrap().effects;
    assert_eq!((effects.nodes_deleted, effects.relationships_deleted), (2, 4));
    assert!(result(&mut graph, "FOREACH (x IN null | CREATE ())").unwrap().rows.is_empty());
}
