//! Which operators a plan has, and that they give what the plain ones give.

use sledstore_cypher::storage::{Index, IndexKind};

use crate::memory::Memory;
use crate::short::{graph, operators, planned, rows, sorted};

fn people() -> Memory {
    graph(
        "UNWIND range(0, 99) AS i CREATE (p:Person {id: i, name: 'n' + (i % 10), age: i})
         FOREACH (x IN CASE WHEN i % 20 = 0 THEN [1] ELSE [] END | CREATE (:City {id: i})<-[:IN]-(p))
         WITH collect(p) AS ps UNWIND range(0, 98) AS i WITH ps[i] AS a, ps[i + 1] AS b CREATE (a)-[:KNOWS]->(b)",
    )
}

fn indexed(kind: IndexKind, property: &str) -> Memory {
    let mut graph = people();
    graph.indexes = vec![Index { id: 7, label: "Person".to_owned(), properties: vec![property.to_owned()], kind }];
    graph
}

#[test]
fn an_index_is_sought() {
    let graph = indexed(IndexKind::Unique, "id");
    assert_eq!(operators(&graph, "MATCH (p:Person {id: 3}) RETURN p"), "IndexSeek Filter");
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE $x = p.id RETURN p"), "IndexSeek Filter");
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE 3 < p.id <= 9 RETURN p"), "LabelScan Filter");
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE 3 < p.id AND p.id <= 9 RETURN p"), "IndexRange Filter");
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE p.id = p.age RETURN p"), "LabelScan Filter");
    assert_eq!(operators(&graph, "MATCH (p {id: 3}) RETURN p"), "AllNodesScan Filter");
    assert_eq!(operators(&graph, "UNWIND [1, 2] AS i MATCH (p:Person {id: i}) RETURN p"), "Unwind IndexSeek Filter");
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE p.id IN $ids RETURN p"), "IndexSeek Filter");
    let named = indexed(IndexKind::Range, "name");
    assert_eq!(operators(&named, "MATCH (p:Person) WHERE p.name STARTS WITH 'n' RETURN p"), "IndexPrefix Filter");
    let words = indexed(IndexKind::Fulltext, "name");
    assert_eq!(operators(&words, "MATCH (p:Person {name: 'n1'}) RETURN p"), "LabelScan Filter");
}

#[test]
fn rows_are_the_same_with_an_index() {
    let queries = [
        "MATCH (p:Person {id: 3}) RETURN p.age",
        "MATCH (p:Person) WHERE p.id > 90 AND p.age < 95 RETURN p.id",
        "MATCH (p:Person) WHERE p.id > 'x' RETURN p.id",
        "MATCH (p:Person {id: null}) RETURN p.id",
        "MATCH (p:Person {id: 3.0}) RETURN p.id",
        "MATCH (p:Person) WHERE p.id = 1 OR p.id = 2 RETURN p.id",
        "UNWIND [5, 6, 6] AS i MATCH (p:Person {id: i}) RETURN i, p.id",
        "UNWIND [5, 6] AS i MATCH (p:Person), (c:City) WHERE p.id = i AND c.id > i RETURN i, p.id, c.id",
        "UNWIND [5, 6, 'z', null] AS i MATCH (p:Person {id: i})-[:KNOWS]->(q) RETURN i, q.id",
        "MATCH (a:Person {id: 4}), (b:Person {id: a.id + 1}) RETURN b.id",
        "MATCH (p:Person) WHERE p.id IN [3, 3.0, null, 'x', 4, 3] RETURN p.id",
        "MATCH (p:Person) WHERE p.id IN [] RETURN p.id",
        "MATCH (p:Person) WHERE p.id IN null RETURN p.id",
        "OPTIONAL MATCH (p:Person {id: 1000}) RETURN p",
        "MATCH (p:Person) WHERE p.name STARTS WITH 'n1' RETURN p.id",
    ];
    let mut plain = people();
    for property in ["id", "name"] {
        let mut graph = indexed(IndexKind::Range, property);
        for query in queries {
            assert_eq!(sorted(&mut graph, query), sorted(&mut plain, query), "{query}");
        }
    }
}

#[test]
fn what_reads_a_row_is_found_for_each_row() {
    for mut graph in [people(), indexed(IndexKind::Unique, "id")] {
        let query = "UNWIND [5, 6, 6] AS i MATCH (p:Person {id: i}) RETURN i, p.id";
        assert_eq!(rows(&mut graph, query), ["5, 5", "6, 6", "6, 6"]);
        let query = "UNWIND [1, 98] AS i MATCH (p:Person {id: i}), (c:City) WHERE c.id > i RETURN i, c.id";
        assert_eq!(sorted(&mut graph, query), ["1, 20", "1, 40", "1, 60", "1, 80"]);
        let query = "UNWIND [1, 2] AS i MATCH (a:City), (b:City {id: a.id + i - 1}) RETURN i, count(*)";
        assert_eq!(rows(&mut graph, query), ["1, 5"]);
        let query = "UNWIND ['KNOWS', 'IN'] AS t MATCH (c:City), (p)-[r* {x: t}]->(q) RETURN count(*)";
        assert_eq!(rows(&mut graph, query), ["0"]);
    }
}

#[test]
fn components_are_joined_by_equality() {
    let mut graph = people();
    let query = "MATCH (p:Person), (c:City) WHERE p.id = c.id RETURN p.id";
    assert_eq!(operators(&graph, query), "LabelScan Properties HashJoin(LabelScan Properties) Filter Projection");
    assert_eq!(sorted(&mut graph, query), ["0", "20", "40", "60", "80"]);
    let query = "MATCH (p:Person), (c:City) RETURN count(*)";
    assert_eq!(operators(&graph, query), "LabelScan CartesianProduct(LabelScan) Aggregation Projection");
    assert_eq!(rows(&mut graph, query), ["500"]);
    let query = "MATCH (a:City)<-[:IN]-(p), (b:City)<-[:IN]-(q) WHERE p.name = q.name RETURN count(*)";
    assert_eq!(rows(&mut graph, query), ["20"]);
}

#[test]
fn counts_are_known_without_counting() {
    let mut graph = people();
    for (query, operator, count) in [
        ("MATCH (n) RETURN count(*)", "CountOfStore Projection", "105"),
        ("MATCH (n:City) RETURN count(n)", "CountOfStore Projection", "5"),
        ("MATCH (n:Nothing) RETURN count(n)", "CountOfStore Projection", "0"),
        ("MATCH ()-[r:KNOWS]->() RETURN count(r)", "CountOfStore Projection", "99"),
        ("MATCH ()-[r:KNOWS|IN|KNOWS]->() RETURN count(*)", "CountOfStore Projection", "104"),
        ("MATCH ()-->() RETURN count(*) + 1", "CountOfStore Projection", "105"),
        ("MATCH (n:City:Person) RETURN count(n)", "LabelScan Aggregation Projection", "0"),
        ("MATCH (a)-[r:KNOWS]-(b) RETURN count(r)", "AllNodesScan Degree Aggregation Projection", "198"),
        ("MATCH (a:City)-->(b) RETURN count(*)", "LabelScan Degree Aggregation Projection", "0"),
        ("MATCH (a)-->(b)-->(c) RETURN count(*)", "AllNodesScan ExpandAll Degree Aggregation Projection", "102"),
        (
            "MATCH (a)-[:KNOWS]->(b)-[:IN]->(c) RETURN count(*)",
            "AllNodesScan ExpandAll Degree Aggregation Projection",
            "4",
        ),
        ("MATCH (n:City) RETURN count(DISTINCT n)", "CountOfStore Projection", "5"),
        ("MATCH (n:City) RETURN count(n.id)", "LabelScan Properties Aggregation Projection", "5"),
    ] {
        assert_eq!(operators(&graph, query), operator, "{query}");
        assert_eq!(rows(&mut graph, query), [count], "{query}");
    }
}

#[test]
fn a_pattern_starts_where_there_is_least() {
    let graph = people();
    let start = |query: &str| planned(&graph, query).describe()[0].details.clone();
    assert_eq!(start("MATCH (p:Person)-[:IN]->(c:City) RETURN p"), "(c:City)");
    assert_eq!(start("MATCH (c:City)<-[:IN]-(p:Person) RETURN p"), "(c:City)");
    assert_eq!(start("MATCH (p:Person {id: 1})-[:KNOWS]->(q:Person) RETURN q"), "(p:Person)");
    assert_eq!(start("MATCH (p:Person)-[:KNOWS]->(q:Person {id: 1}) RETURN p"), "(q:Person)");
}

#[test]
fn order_with_limit_keeps_the_first() {
    let mut graph = people();
    let query = "MATCH (p:Person) RETURN p.id ORDER BY p.id DESC SKIP 2 LIMIT 3";
    assert_eq!(operators(&graph, query), "LabelScan Properties Projection TopN Skip Limit");
    assert_eq!(rows(&mut graph, query), ["97", "96", "95"]);
    let many = "UNWIND range(1, 10000) AS i RETURN i % 7919 AS x ORDER BY x DESC LIMIT 2";
    assert_eq!(rows(&mut graph, many), ["7918", "7917"]);
}

#[test]
fn degrees_are_counts() {
    let mut graph = people();
    let query = "MATCH (c:City)<-[:IN]-(p) RETURN c.id AS x, count(p) AS y ORDER BY x LIMIT 2";
    assert_eq!(rows(&mut graph, query), ["0, 1", "20, 1"]);
    let query = "MATCH (p:Person) WHERE p.id < 2 RETURN p.id AS x, COUNT { (p)-[:KNOWS]-() } AS y ORDER BY x";
    assert_eq!(operators(&graph, query), "LabelScan Properties Filter Projection Sort(CheckNode Degree)");
    assert_eq!(rows(&mut graph, query), ["0, 1", "1, 2"]);
}

#[test]
fn what_is_not_asked_for_is_not_read() {
    let mut graph = people();
    for (query, count, read) in [
        ("MATCH (p:Person)-[r:KNOWS]->(q) WHERE p.age > 50 RETURN count(r.x) + max(q.age)", "99", 0),
        ("MATCH (p:Person)-[:KNOWS*2]->(q)-[:IN]->(c) RETURN count(c.id)", "4", 0),
        ("MATCH (p:Person {id: 0})-[:KNOWS]->(q) RETURN size(labels(q))", "1", 1),
    ] {
        graph.entities_read.set(0);
        assert_eq!(rows(&mut graph, query), [count], "{query}");
        assert_eq!(graph.entities_read.get(), read, "{query}");
    }
}
