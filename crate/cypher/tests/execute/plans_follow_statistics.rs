//! Which operators a plan has, and that they give what the plain ones give.

use sledstore_cypher::storage::{Covers, Index, IndexKind};

use crate::memory::Memory;
use crate::short::{graph, operators, planned, rows, sorted};

fn people() -> Memory {
    graph(
        "UNWIND range(0, 99) AS i CREATE (p:Person {id: i, name: 'n' + (i % 10), age: i})
         FOREACH (x IN CASE WHEN i % 20 = 0 THEN [1] ELSE [] END | CREATE (:City {id: i})<-[:IN]-(p))
         WITH collect(p) AS ps UNWIND range(0, 98) AS i WITH ps[i] AS a, ps[i + 1] AS b CREATE (a)-[:KNOWS]->(b)",
    )
}

fn index(kind: IndexKind, covers: Covers, label: &str, properties: &[&str]) -> Index {
    let properties = properties.iter().map(|&property| property.to_owned()).collect();
    Index { id: 7, covers, label: Some(label.to_owned()), properties, kind, is_complete: true, texts: None }
}

fn indexed(kind: IndexKind, property: &str) -> Memory {
    let mut graph = people();
    graph.indexes = vec![index(kind, Covers::Nodes, "Person", &[property])];
    graph
}

#[test]
fn an_index_is_sought() {
    let graph = indexed(IndexKind::Unique, "id");
    assert_eq!(operators(&graph, "MATCH (p:Person {id: 3}) RETURN p"), "NodeUniqueIndexSeek Filter");
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE $x = p.id RETURN p"), "NodeUniqueIndexSeek Filter");
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE 3 < p.id <= 9 RETURN p"), "NodeIndexRangeSeek Filter");
    assert_eq!(
        operators(&graph, "MATCH (p:Person) WHERE 3 < p.id AND p.id <= 9 RETURN p"),
        "NodeIndexRangeSeek Filter"
    );
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE p.id = p.age RETURN p"), "LabelScan Filter");
    assert_eq!(operators(&graph, "MATCH (p {id: 3}) RETURN p"), "AllNodesScan Filter");
    assert_eq!(
        operators(&graph, "UNWIND [1, 2] AS i MATCH (p:Person {id: i}) RETURN p"),
        "Unwind NodeUniqueIndexSeek Filter"
    );
    for several in ["p.id IN $ids", "p.id = 1 OR p.id = $x OR 3 = p.id", "p.id IN [1, 2]"] {
        let query = format!("MATCH (p:Person) WHERE {several} RETURN p");
        assert_eq!(operators(&graph, &query), "NodeIndexSeek Filter", "{query}");
    }
    assert_eq!(operators(&graph, "MATCH (p:Person) WHERE p.id = 1 OR p.age = 2 RETURN p"), "LabelScan Filter");
    let named = indexed(IndexKind::Range, "name");
    assert_eq!(
        operators(&named, "MATCH (p:Person) WHERE p.name STARTS WITH 'n' RETURN p"),
        "NodeIndexPrefixSeek Filter"
    );
    for not_sought in [IndexKind::Fulltext, IndexKind::Exists] {
        let graph = indexed(not_sought, "name");
        assert_eq!(operators(&graph, "MATCH (p:Person {name: 'n1'}) RETURN p"), "LabelScan Filter");
    }
    let mut of_all = people();
    of_all.indexes = vec![Index { label: None, ..index(IndexKind::Range, Covers::Nodes, "", &["id"]) }];
    assert_eq!(operators(&of_all, "MATCH (p {id: 3}) RETURN p"), "NodeIndexSeek Filter");
    assert_eq!(operators(&of_all, "MATCH (p:Person {id: 3}) RETURN p"), "NodeIndexSeek Filter");
}

#[test]
fn an_index_of_several_properties_is_sought() {
    let mut graph = people();
    graph.indexes = vec![index(IndexKind::Key, Covers::Nodes, "Person", &["name", "age", "id"])];
    let mut plain = people();
    for (predicate, operator) in [
        ("p.name = 'n1' AND p.age = 11 AND p.id = 11", "NodeUniqueIndexSeek"),
        ("p.name = 'n1' AND p.age = 11", "NodeIndexSeek"),
        ("p.name = 'n1'", "NodeIndexSeek"),
        ("p.name = 'n1' AND p.id = 11", "NodeIndexSeek"),
        ("p.name = 'n1' AND 20 < p.age AND p.age < 70", "NodeIndexRangeSeek"),
        ("p.name = 'n1' AND p.age > 20 AND p.id = 31", "NodeIndexRangeSeek"),
        ("p.name IN ['n1', 'n2', 'n1', null] AND p.age >= 90", "NodeIndexRangeSeek"),
        ("(p.name = 'n1' OR p.name = 'n2') AND p.age IN [1, 2, 11, 'x'] AND p.id > 1", "NodeIndexRangeSeek"),
        ("p.name IN [] AND p.age = 1", "NodeIndexSeek"),
        ("p.name = 'n1' AND p.age < null", "NodeIndexRangeSeek"),
        ("p.name STARTS WITH 'n1' AND p.age = 11", "NodeIndexPrefixSeek"),
        ("p.age = 11", "LabelScan"),
    ] {
        let query = format!("MATCH (p:Person) WHERE {predicate} RETURN p.id");
        assert_eq!(operators(&graph, &query), format!("{operator} Properties Filter Projection"), "{query}");
        assert_eq!(sorted(&mut graph, &query), sorted(&mut plain, &query), "{query}");
    }
}

#[test]
fn relationships_are_sought() {
    let made = || {
        graph(
            "UNWIND range(0, 99) AS i CREATE (:A {id: i})-[:R {x: i, y: i % 7, z: 'z' + i}]->(:B {id: i})
             CREATE (:Loop)-[:R {x: 1}]->(), (l:Own {id: 1}) CREATE (l)-[:R {x: 2}]->(l), (l)-[:S {x: 2}]->(l)",
        )
    };
    let mut plain = made();
    let mut graph = made();
    graph.indexes = vec![
        index(IndexKind::Range, Covers::Relationships, "R", &["y", "x"]),
        Index { id: 8, ..index(IndexKind::Range, Covers::Relationships, "R", &["x"]) },
        Index { id: 9, ..index(IndexKind::Unique, Covers::Relationships, "R", &["z"]) },
    ];
    for (query, operator) in [
        ("MATCH ()-[r:R {x: 2}]->() RETURN r.y", "RelationshipIndexSeek"),
        ("MATCH (a)-[r:R {x: 2}]->(b) RETURN a.id, b.id, r.y", "RelationshipIndexSeek"),
        ("MATCH (a)<-[r:R]-(b) WHERE r.x = 2 RETURN a.id, b.id", "RelationshipIndexSeek"),
        ("MATCH (a)-[r:R {x: 2}]-(b) RETURN a.id, b.id, r", "RelationshipIndexSeek"),
        ("MATCH (a)-[r:R {x: 2}]->(a) RETURN a.id", "RelationshipIndexSeek"),
        ("MATCH (a:A)-[r:R {x: 2}]->(b:B) RETURN a.id, type(r)", "RelationshipIndexSeek"),
        ("MATCH (a:A)-[r:R {z: 'z3'}]->(b:B) RETURN a.id, r", "RelationshipUniqueIndexSeek"),
        ("MATCH (a)-[r:R]->(b) WHERE r.y = 3 AND r.x > 90 RETURN a.id", "RelationshipIndexRangeSeek"),
        ("MATCH (a)-[r:R]->(b) WHERE r.z STARTS WITH 'z1' AND r.x IN [1, 11] RETURN a.id", "RelationshipIndexSeek"),
        ("MATCH (a)-[r:R {x: 2}]->(b), (c)-[s:R {x: 2}]->(d) RETURN a.id, c.id", "RelationshipIndexSeek"),
        ("MATCH (a)-[r:R {z: 'z5'}]->(b)<-[s]-(c) RETURN a.id, c.id", "RelationshipUniqueIndexSeek"),
        ("MATCH (a)-[r:R|S {x: 2}]->(b) RETURN a.id", "AllNodesScan"),
        ("MATCH (a)-[r {x: 2}]->(b) RETURN a.id", "AllNodesScan"),
        ("MATCH (a)-[r:R* {x: 2}]->(b) RETURN a.id", "AllNodesScan"),
        ("UNWIND [1, 2, null] AS i MATCH (a)-[r:R {x: i}]->(b) RETURN i, a.id", "Unwind"),
    ] {
        assert_eq!(planned(&graph, query).describe()[0].name, operator, "{query}");
        assert_eq!(sorted(&mut graph, query), sorted(&mut plain, query), "{query}");
    }
    let query = "UNWIND [1, 2] AS i MATCH (a)-[r:R {x: i}]->(b) RETURN b.id";
    assert!(operators(&graph, query).starts_with("Unwind RelationshipIndexSeek EndsOfRelationship"));
    // From a node that is found by less, the relationship is met on the way.
    graph.indexes.push(Index { id: 10, ..index(IndexKind::Unique, Covers::Nodes, "A", &["id"]) });
    let query = "MATCH (a:A {id: 2})-[r:R {x: 2}]->(b) RETURN b.id";
    assert_eq!(planned(&graph, query).describe()[0].name, "NodeUniqueIndexSeek");
    assert_eq!(sorted(&mut graph, query), ["2"]);
    // What a query writes is not sought by it.
    let query = "MATCH (a)-[r:R {x: 2}]->(b) CREATE (a)-[:R {x: 2}]->(b) RETURN count(*)";
    assert_eq!(sorted(&mut graph, query), sorted(&mut plain, query));
}

#[test]
fn the_index_that_gives_least_is_sought() {
    let mut graph = people();
    graph.indexes = vec![
        index(IndexKind::Range, Covers::Nodes, "Person", &["name"]),
        Index { id: 8, ..index(IndexKind::Unique, Covers::Nodes, "Person", &["id"]) },
        Index { id: 9, ..index(IndexKind::Range, Covers::Nodes, "Person", &["age"]) },
    ];
    let details = |query: &str| planned(&graph, query).describe()[0].details.clone();
    assert_eq!(details("MATCH (p:Person {name: 'n1', id: 1, age: 1}) RETURN p"), "(p:Person) by id");
    assert_eq!(details("MATCH (p:Person) WHERE p.age > 1 AND p.name = 'n1' RETURN p"), "(p:Person) by name");
    assert_eq!(details("MATCH (p:Person) WHERE p.id > 1 AND p.age > 1 AND p.age < 9 RETURN p"), "(p:Person) by age");
}

#[test]
fn what_a_constraint_says_is_not_asked() {
    let query = "MATCH (p:Person) WHERE p.id IS NOT NULL RETURN count(*)";
    for kind in [IndexKind::Exists, IndexKind::Key] {
        let mut graph = indexed(kind, "id");
        assert_eq!(operators(&graph, query), "CountOfStore Projection");
        assert_eq!(rows(&mut graph, query), ["100"]);
        let other = "MATCH (p) WHERE p.id IS NOT NULL RETURN count(*)";
        assert!(operators(&graph, other).contains("Filter"));
        let null = "MATCH (p:Person) WHERE p.id IS NULL RETURN count(*)";
        assert!(operators(&graph, null).contains("Filter"));
        // In the middle of a query that writes, the property may be missing.
        let writes = "MATCH (q:Person) REMOVE q.id WITH count(*) AS c MATCH (p:Person) WHERE p.id IS NOT NULL RETURN p";
        assert!(operators(&graph, writes).contains("Filter"));
    }
    assert!(operators(&indexed(IndexKind::Range, "id"), query).contains("Filter"));
    let mut graph = people();
    graph.indexes = vec![index(IndexKind::Exists, Covers::Relationships, "KNOWS", &["since"])];
    let query = "MATCH ()-[r:KNOWS]->() WHERE r.since IS NOT NULL RETURN count(r)";
    assert_eq!(operators(&graph, query), "CountOfStore Projection");
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
    assert_eq!(operators(&graph, query), "LabelScan Properties Filter Projection(CheckNode Degree) Sort");
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

#[test]
fn what_stands_inside_of_an_expression_is_shown_below_its_step() {
    let graph = people();
    assert_eq!(
        operators(&graph, "MATCH (p:Person) WHERE EXISTS { (p)-->(:City) } OR p.id = 1 RETURN p.name ORDER BY p.name"),
        "LabelScan Properties Filter(CheckNode ExpandAll) Projection Sort"
    );
    assert_eq!(
        operators(&graph, "MATCH (p:Person) RETURN [(p)-->(x:City) | COUNT { (x)<--() }] AS c, p.id LIMIT 1"),
        "LabelScan Properties Projection(CheckNode ExpandAll CheckNode Degree) Limit"
    );
    assert_eq!(
        operators(
            &graph,
            "MATCH (p:City) WHERE COUNT { MATCH (p)-->(x) WHERE EXISTS { (x)-->() } RETURN x } > 1 RETURN p"
        ),
        "LabelScan Filter(CheckNode ExpandAll Filter(CheckNode ExpandAll))"
    );
}

#[test]
fn parts_that_are_put_together_are_shown_below_a_union() {
    let graph = people();
    let query = "MATCH (c:City) RETURN c.id AS x UNION ALL RETURN 1 AS x";
    assert_eq!(operators(&graph, query), "Union(LabelScan Properties Projection Projection)");
    let query = "CALL { MATCH (c:City) RETURN c.id AS x UNION RETURN 1 AS x } RETURN x";
    assert_eq!(operators(&graph, query), "Apply(Union(LabelScan Properties Projection Projection) Distinct)");
}

#[test]
fn one_relationship_between_known_nodes_is_expanded_into() {
    let mut graph = people();
    let query = "MATCH (a:Person {id: 3}), (b:Person {id: 4}) WITH a, b MATCH (a)-[r:KNOWS]->(b) RETURN type(r)";
    assert!(operators(&graph, query).contains("ExpandInto"), "{}", operators(&graph, query));
    assert_eq!(rows(&mut graph, query), ["'KNOWS'"]);
}

#[test]
fn a_range_is_never_a_list() {
    let mut graph = people();
    for (query, found) in [
        ("UNWIND range(1, 9000000000000000000) AS x RETURN x LIMIT 2", vec!["1", "2"]),
        ("UNWIND range(5, -9223372036854775807, -3) AS x RETURN x SKIP 1 LIMIT 2", vec!["2", "-1"]),
        ("UNWIND range(9223372036854775806, 9223372036854775807) AS x RETURN x % 10", vec!["6", "7"]),
        ("UNWIND range(1, 3000) AS x RETURN sum(x)", vec!["4501500"]),
        ("UNWIND range(3, 1) AS x RETURN x", vec![]),
        ("UNWIND range(1, null) AS x RETURN x", vec![]),
        ("UNWIND [1, 3] AS a UNWIND range(a, 5, 2) AS x RETURN a * x", vec!["1", "3", "5", "9", "15"]),
    ] {
        assert_eq!(rows(&mut graph, query), found, "{query}");
    }
    for wrong in ["UNWIND range(1, 2, 0) AS x RETURN x", "UNWIND [1.5] AS a UNWIND range(1, a) AS x RETURN x"] {
        let error = crate::short::result(&mut graph, wrong).unwrap_err();
        assert!(error.span.is_some(), "{error:?}");
    }
}
