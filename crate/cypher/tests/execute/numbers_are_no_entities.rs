//! An id stands for a node or relationship inside of a plan; a number that a query computes never does.

use crate::short::{graph, result, rows};

#[test]
fn a_number_is_refused_where_an_entity_is_needed() {
    let mut graph = graph("CREATE (:A {x: 1})-[:R]->(:B {x: 2})");
    for query in [
        "UNWIND [0, 'x'] AS n MATCH (n)-->(m) RETURN count(*)",
        "UNWIND [0, 'x'] AS n MATCH (m)-->(n) RETURN count(*)",
        "UNWIND [0, 'x'] AS n MATCH (n) RETURN count(*)",
        "UNWIND [2, 'x'] AS r MATCH (a)-[r]->(b) RETURN count(*)",
        "UNWIND [[2], 'x'] AS r MATCH (a)-[r*]->(b) RETURN count(*)",
        "UNWIND [0, 'x'] AS n CREATE (n)-[:R]->()",
        "UNWIND [0, 'x'] AS n MERGE (n)-[:R]->()",
        "UNWIND [0, 'x'] AS n RETURN COUNT { (n)-->() }",
        "UNWIND [0, 'x'] AS n RETURN [(n)-->(m) | 1]",
        "UNWIND [0, 'x'] AS n OPTIONAL MATCH (n)-->(m) RETURN count(*)",
        "UNWIND [0, 'x'] AS n SET n.x = 1",
        "UNWIND [0, 'x'] AS n DELETE n",
    ] {
        let error = result(&mut graph, query).expect_err(query);
        assert_eq!(format!("{:?}", error.kind), "TypeError", "{query}");
    }
}

#[test]
fn entities_are_found_again_however_they_are_held() {
    let mut graph = graph("CREATE (:A {x: 1})-[:R]->(:B {x: 2})");
    for query in [
        "MATCH (a:A) WITH a MATCH (a)-->(b) RETURN count(*)",
        "MATCH (a:A) WITH a AS c MATCH (c)-->(b) RETURN count(*)",
        "MATCH ()-[r]->() WITH r MATCH (a)-[r]->(b) RETURN count(*)",
        "MATCH ()-[r*]->() WITH r MATCH (a)-[r*]->(b) RETURN count(*)",
        "MATCH (a:A) WITH collect(a) AS list UNWIND list AS a MATCH (a)-->(b) RETURN count(*)",
        "CREATE (a:A), (b:B) WITH a, b CREATE (a)-[:S]->(b) WITH a MATCH (a)-->(b) RETURN count(*)",
    ] {
        assert_eq!(rows(&mut graph, query), ["1"], "{query}");
    }
}
