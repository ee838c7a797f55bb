//! What the scenarios of the kit leave out: points, map projections, list predicates, labels and patterns in expressions.

use crate::short::{graph, result, rows, sorted};

const FAMILY: &str =
    "CREATE (a:P:Q {n: 'a', x: 1})-[:K {w: 2}]->(b:P {n: 'b', x: 2})-[:K {w: 3}]->(c:R {n: 'c'}), (a)-[:L]->(c)";

#[test]
fn points_are_made_compared_and_measured() {
    let mut graph = graph(
        "CREATE (:City {n: 'Rome', at: point({longitude: 12.4964, latitude: 41.9028})}),
                                  (:City {n: 'Pisa', at: point({longitude: 10.4017, latitude: 43.7228})})",
    );
    let query = "MATCH (a:City {n: 'Rome'}), (b:City {n: 'Pisa'}) RETURN toInteger(point.distance(a.at, b.at) / 1000)";
    assert_eq!(rows(&mut graph, query), ["265"]);
    let query = "RETURN point.distance(point({x: 0, y: 0}), point({x: 3, y: 4})), point({x: 1, y: 2}).y,
                 point({x: 1, y: 2, z: 3}).srid, point({x: 1, y: 2}) = point({x: 1.0, y: 2.0}),
                 point.distance(point({x: 1, y: 2}), point({longitude: 1, latitude: 2}))";
    assert_eq!(rows(&mut graph, query), ["5.0, 2.0, 9157, true, null"]);
    let query = "MATCH (c:City) WHERE point.withinBBox(c.at, point({longitude: 12, latitude: 41}),
                 point({longitude: 13, latitude: 42})) RETURN c.n, c.at.latitude, c.at.crs";
    assert_eq!(rows(&mut graph, query), ["'Rome', 41.9028, 'wgs-84'"]);
    assert!(result(&mut graph, "RETURN point({latitude: 91, longitude: 0})").is_err());
}

#[test]
fn maps_are_projected() {
    let mut graph = graph(FAMILY);
    let query = "MATCH (n:Q) WITH n, 7 AS seven RETURN n {.n, .none, seven, twice: n.x * 2}, n {.*, x: null}";
    let [row] = &rows(&mut graph, query)[..] else { panic!("there is one row") };
    for part in ["n: 'a'", "none: null", "seven: 7", "twice: 2", "x: null"] {
        assert!(row.contains(part), "{row}");
    }
    assert_eq!(rows(&mut graph, "WITH {a: 1, b: 2} AS m RETURN m {.b}"), ["{b: 2}"]);
    assert_eq!(rows(&mut graph, "OPTIONAL MATCH (n:None) RETURN n {.x}"), ["null"]);
    let query = "MATCH (n:P) RETURN n {.n, to: [(n)-[:K]->(m) | m {.n}]}.to[0].n ORDER BY n.n";
    assert_eq!(rows(&mut graph, query), ["'b'", "'c'"]);
}

#[test]
fn lists_are_tested_with_labels_and_patterns() {
    let mut graph = graph(FAMILY);
    for (query, expected) in [
        ("MATCH (n WHERE n:Q) RETURN n.n", "'a'"),
        ("MATCH (n:P WHERE n:Q AND n.x = 1)-[k:K WHERE k.w = 2]->(m WHERE m:P|R) RETURN m.n", "'b'"),
        ("MATCH (n WHERE n:R&!P) RETURN n.n", "'c'"),
        ("MATCH (n:Q) WHERE all(x IN [n] WHERE EXISTS { (x)-[:K]->(:P) }) RETURN n.n", "'a'"),
        ("MATCH (n:Q) RETURN all(x IN [n] WHERE EXISTS { (x)-[:K]->(:R) })", "false"),
        ("MATCH (n) WITH collect(n) AS all_of RETURN size([x IN all_of WHERE COUNT { (x)-->(:R) } = 1])", "2"),
        (
            "MATCH (n) WITH collect(n) AS ns RETURN single(x IN ns WHERE EXISTS { (x)-[k:K]->(y:R) WHERE k.w = 3 })",
            "true",
        ),
        ("MATCH (n) WITH collect(n) AS ns RETURN none(x IN ns WHERE NOT EXISTS { (x)--(:P) })", "true"),
        ("MATCH (n:Q) RETURN EXISTS { (n)-->(m:P) WHERE EXISTS { (m)-->(:R) } }", "true"),
        ("MATCH (n:Q) RETURN CASE WHEN COUNT { (n)-->(:P|R) } > 1 THEN n:Q ELSE n:R END", "true"),
        ("MATCH (n) WITH collect(n) AS ns RETURN any(x IN ns WHERE x:R), [x IN ns WHERE x:P&Q | x.n][0]", "true, 'a'"),
        ("MATCH (n:Q) RETURN {is: n:Q, has: EXISTS { (n)-[:L]->(:R) }}", "{has: true, is: true}"),
        ("MATCH (n:Q) RETURN size(COLLECT { MATCH (n)-->(m:P|R) RETURN m.n })", "2"),
        ("MATCH (all) WHERE all.n = 'c' RETURN all.n", "'c'"),
        ("WITH 1 AS all RETURN all", "1"),
        ("WITH 1 AS all RETURN `all` + 1", "2"),
        ("WITH [1, 2] AS all RETURN all(x IN `all` WHERE x > 0), `all`[1]", "true, 2"),
        ("WITH 1 AS any, 2 AS none, 3 AS single RETURN any + none + single", "6"),
        (
            "MATCH (n) WITH collect(n) AS ns, 7 AS P, 8 AS x RETURN [n IN ns WHERE n:R | P], [n IN ns WHERE n:R|Q | x]",
            "[7], [8, 8]",
        ),
        ("WITH 1 AS count RETURN count + 1", "2"),
        ("WITH 1 AS exists RETURN exists + 1", "2"),
        ("MATCH (n:P|R)-[:K|L]->(m:P&!Q) RETURN m.n", "'b'"),
        ("MATCH (n:P|Q {n: 'a'}), (m:R) RETURN m.n", "'c'"),
        ("MATCH (m:R), p = (n:Q|None)-[:L]->(m) RETURN length(p)", "1"),
        ("MATCH (n) WHERE (n:Q|R) AND (n:P|None)-->(:P) RETURN n.n", "'a'"),
        ("MATCH (n {n: 'a'}) RETURN (n:Q|R), (n:R|None) AS r, EXISTS { (n:Q|None) }", "true, false, true"),
        ("MATCH ((a:P|None)-[:K]->(b) WHERE a.x = 1)+(c:P) RETURN c.n", "'b'"),
        ("WITH {x: 1} AS count RETURN count {.x}", "{x: 1}"),
    ] {
        assert_eq!(rows(&mut graph, query), [expected], "{query}");
    }
}

#[test]
fn shortest_paths_are_found_in_clauses_and_expressions() {
    let mut graph = graph(FAMILY);
    let query =
        "MATCH p = shortestPath((a {n: 'a'})-[*]->(c {n: 'c'})) RETURN length(p), [r IN relationships(p) | type(r)]";
    assert_eq!(rows(&mut graph, query), ["1, ['L']"]);
    let query = "MATCH p = allShortestPaths((a {n: 'a'})-[:K*]-(c {n: 'c'})) RETURN [n IN nodes(p) | n.n]";
    assert_eq!(rows(&mut graph, query), ["['a', 'b', 'c']"]);
    let query =
        "MATCH (a {n: 'a'}), (c {n: 'c'}) RETURN length(shortestPath((a)-[:K*]->(c))), shortestPath((c)-[:K*]->(a))";
    assert_eq!(rows(&mut graph, query), ["2, null"]);
    let query = "MATCH (a:P), (b:P) WHERE a <> b AND shortestPath((a)-[*..1]->(b)) IS NOT NULL RETURN a.n, b.n";
    assert_eq!(rows(&mut graph, query), ["'a', 'b'"]);
}

#[test]
fn subqueries_are_correlated_united_and_nested() {
    let mut graph = graph(FAMILY);
    let query = "MATCH (p:P) CALL { WITH p MATCH (p)-[:K]->(x) RETURN x.n AS x UNION WITH p MATCH (p)-[:L]->(x) RETURN x.n AS x }
                 RETURN p.n, x";
    assert_eq!(sorted(&mut graph, query), ["'a', 'b'", "'a', 'c'", "'b', 'c'"]);
    let query = "MATCH (p:P) CALL (p) { CALL (p) { MATCH (p)-->(y) RETURN y } RETURN count(y) AS c } RETURN p.n, c";
    assert_eq!(sorted(&mut graph, query), ["'a', 2", "'b', 1"]);
    let query = "MATCH (p:P) WHERE COUNT { MATCH (p)-->(y) RETURN DISTINCT y } > 1 RETURN p.n";
    assert_eq!(rows(&mut graph, query), ["'a'"]);
    let effects = result(&mut graph, "UNWIND [1, 2] AS i CALL { WITH i CREATE (:T {i: i}) } RETURN i").unwrap().effects;
    assert_eq!(effects.nodes_created, 2);
    assert_eq!(rows(&mut graph, "FOREACH (i IN [1, 2, 3] | MERGE (:T {i: i}))").len(), 0);
    assert_eq!(rows(&mut graph, "MATCH (t:T) RETURN sum(t.i)"), ["6"]);
}
