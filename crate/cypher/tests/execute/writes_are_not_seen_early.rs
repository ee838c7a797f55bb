//! A clause sees what the clauses before it did to all rows, and nothing of what those behind it do.

use crate::short::{graph, operators, result, rows, sorted};

#[test]
fn a_scan_does_not_find_what_its_rows_create() {
    let mut graph = graph("UNWIND range(1, 3) AS i CREATE (:A {i: i})");
    let effects = result(&mut graph, "MATCH (a:A) CREATE (:A {i: a.i + 10})").unwrap().effects;
    assert_eq!(effects.nodes_created, 3);
    assert_eq!(rows(&mut graph, "UNWIND [1, 2] AS i CREATE (:B) WITH i MATCH (b:B) RETURN count(b)"), ["4"]);
    assert_eq!(rows(&mut graph, "UNWIND [1, 2] AS i MERGE (b:M {i: 1}) WITH b MATCH (c:M) RETURN count(c)"), ["2"]);
}

#[test]
fn expansion_does_not_follow_what_its_rows_create() {
    let mut graph = graph("CREATE (:A)-[:R]->(:B)-[:R]->(:C)");
    let effects = result(&mut graph, "MATCH (x)-[:R]->(y) CREATE (y)-[:R]->(:D)").unwrap().effects;
    assert_eq!((effects.nodes_created, effects.relationships_created), (2, 2));
}

#[test]
fn lists_of_an_unwind_are_read_before_the_write_and_after_it() {
    let mut made = graph("CREATE (:A)-[:R]->(:B)");
    let list = "UNWIND [(x:A)-[:R]->(y) | y] AS y";
    let early = format!("UNWIND range(1, 20) AS i {list} CREATE (:A)-[:R]->(:B) RETURN count(*)");
    assert_eq!(rows(&mut made, &early), ["20"]);
    let mut made = graph("MATCH (n) RETURN n");
    let late = format!("UNWIND range(1, 100) AS i CREATE (:A)-[:R]->(:B) WITH i {list} RETURN count(*)");
    assert_eq!(rows(&mut made, &late), ["10000"]);
}

#[test]
fn every_row_has_an_entity_as_the_last_row_left_it() {
    let mut graph = graph("CREATE (:A {x: 0})");
    let query = "MATCH (a:A) UNWIND [1, 2, 3] AS i SET a.x = a.x + i RETURN a.x, i";
    assert_eq!(rows(&mut graph, query), ["6, 1", "6, 2", "6, 3"]);
    let query = "MATCH p = (a:A) WITH a, p, [a] AS list, {k: a} AS map SET a:L, a.x = 9
                 RETURN list[0].x, map.k.x, nodes(p)[0].x, labels(a)";
    assert_eq!(rows(&mut graph, query), ["9, 9, 9, ['A', 'L']"]);
}

#[test]
fn a_filter_does_not_see_what_its_rows_change() {
    let mut graph = graph("CREATE (h:H), (h)-[:R]->(:A {x: 1})<-[:R]-(:H)");
    let query = "MATCH (:H)-[:R]->(a:A) WHERE a.x = 1 SET a.x = 2 RETURN count(*)";
    assert_eq!(rows(&mut graph, query), ["2"]);
}

#[test]
fn a_limit_does_not_end_a_write() {
    let mut graph = graph("CREATE (:A)");
    assert_eq!(rows(&mut graph, "UNWIND range(1, 5000) AS i CREATE (b:B {i: i}) RETURN b.i LIMIT 1"), ["1"]);
    assert_eq!(rows(&mut graph, "MATCH (b:B) RETURN count(*)"), ["5000"]);
}

#[test]
fn rows_stream_where_no_write_is_seen() {
    let graph = graph("CREATE (:A)");
    assert_eq!(operators(&graph, "UNWIND $rows AS row CREATE (:B {i: row})"), "Unwind Create");
    assert_eq!(operators(&graph, "MATCH (a:A) MATCH (b:B) CREATE (a)-[:R]->(b)"), "LabelScan LabelScan Create");
    assert_eq!(operators(&graph, "MATCH (a:A) CREATE (:B)"), "LabelScan Eager Create");
}

#[test]
fn deleted_entities_are_gone() {
    let mut graph = graph("CREATE (:A {x: 1})-[:R]->(:B)");
    let error = result(&mut graph, "MATCH (a:A) DELETE a").unwrap_err();
    assert_eq!(format!("{:?}", error.detail), "DeleteConnectedNode");
    let error = result(&mut graph, "MATCH (a:A) DETACH DELETE a RETURN a.x").unwrap_err();
    assert_eq!(format!("{:?}", error.detail), "DeletedEntityAccess");
    let error = result(&mut graph, "MATCH (a:A) DETACH DELETE a SET a.x = 2").unwrap_err();
    assert_eq!(format!("{:?}", error.detail), "DeletedEntityAccess");
    let error = result(&mut graph, "MATCH (a:A) DETACH DELETE a CREATE (a)-[:R]->()").unwrap_err();
    assert_eq!(format!("{:?}", error.detail), "DeletedEntityAccess");
    assert_eq!(sorted(&mut graph, "MATCH (a:A)-[r]->(b) DELETE r, a RETURN labels(b)"), ["['B']"]);
    assert_eq!(rows(&mut graph, "MATCH (n) RETURN count(*)"), ["1"]);
}
