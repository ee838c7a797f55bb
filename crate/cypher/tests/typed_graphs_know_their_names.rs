//! A text over a graph with a schema names nothing that the schema does not have.
#![allow(clippy::unwrap_used)] // a test's panic is its report

use sledstore_cypher::bind::prepare_typed;
use sledstore_cypher::procedure::Registry;
use sledstore_cypher::store::encode;
use sledstore_cypher::value::{Map, Value};
use sledstore_cypher::{CypherError, Detail, Phase, Vocabulary};

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(Map::new(entries.iter().map(|(key, value)| (*key, value.clone()))).unwrap())
}

fn described(properties: &[(&str, &str)]) -> Value {
    let kinds: Vec<_> = properties.iter().map(|(name, kind)| (*name, Value::string(*kind))).collect();
    map(&[("properties", map(&kinds))])
}

fn vocabulary() -> Vocabulary {
    let nodes = map(&[
        ("Person", described(&[("name", "string"), ("age", "integer?")])),
        ("Company", described(&[("name", "string"), ("founded", "localdate?")])),
    ]);
    let edges = map(&[("KNOWS", described(&[("since", "integer?")])), ("WORKS_AT", described(&[("role", "string?")]))]);
    let mut bytes = Vec::new();
    encode(&map(&[("nodes", nodes), ("edges", edges)]), &mut bytes);
    Vocabulary::parse(&bytes).unwrap()
}

fn refused(text: &str) -> Option<CypherError> {
    prepare_typed(text, &Registry::default(), Some(&vocabulary())).err()
}

#[test]
fn what_the_schema_has_may_be_named() {
    for text in [
        "MATCH (p:Person {name: 'A'})-[k:KNOWS {since: 1}]->(q) WHERE q.age > p.age AND k.since < 3 RETURN q.name",
        "MATCH (n) WHERE n.founded IS NULL RETURN n.age",
        "MATCH (n:Person|Company) RETURN n.age, n.founded",
        "MATCH (n:Person) WHERE n.founded > date() OR n:Company RETURN n {.name, .age, .*}",
        "MATCH (n:Person) WITH n AS m RETURN m.age ORDER BY m.name",
        "MATCH (n:!Person) RETURN n.age",
        "MATCH ()-[r]->() WHERE r:KNOWS RETURN r.role, type(r)",
        "MATCH (:Person)-[r:KNOWS|WORKS_AT*1..2 {since: 1}]->() RETURN r",
        "CREATE (p:Person {name: 'A'})-[:WORKS_AT {role: 'x'}]->(:Company {name: 'B'}) SET p:Company, p.founded = date()",
        "MERGE (p:Person {name: 'A'}) ON CREATE SET p.age = 1 ON MATCH SET p += {age: 2} REMOVE p.age",
        "MATCH (n:Person) RETURN n['nonsense'], keys(n)",
        "UNWIND $rows AS row CREATE (:Person {name: row.anything}) RETURN row.more",
        "MATCH (n:Person) RETURN [(n)-[k:KNOWS]->(m:Company) | m.founded] AS x, EXISTS { (n)-[:KNOWS]->(:Person {age: 1}) }",
        "MATCH (n:Person) RETURN count { (n:Company) }, n.founded",
        "WITH {any: 1} AS m RETURN m.other, date().year",
        "CREATE INDEX FOR (n:Person) ON (n.name, n.age)",
        "CREATE FULLTEXT INDEX words FOR (n:Person|Company) ON EACH [n.name] OPTIONS {k1: 1.5, stopWords: ['x']}",
        "CREATE CONSTRAINT FOR ()-[r:KNOWS]-() REQUIRE r.since IS NOT NULL",
        "DROP INDEX whatever IF EXISTS",
        "CALL algo.pageRank({labels: 'Person', types: ['KNOWS', 'WORKS_AT'], weight: 'since'}) YIELD node RETURN node",
        "CALL algo.degree({labels: $labels, types: [$type]}) YIELD node RETURN node",
    ] {
        if let Some(error) = refused(text) {
            panic!("{}", error.render(text));
        }
    }
}

#[test]
fn what_it_does_not_have_is_refused_with_its_place() {
    for (text, name, near) in [
        ("MATCH (p:Persn) RETURN p", "Persn", "`Person`"),
        ("MATCH (p:Person|Compny) RETURN p", "Compny", "`Company`"),
        ("MATCH (p)-[:KNWS]->() RETURN p", "KNWS", "`KNOWS`"),
        ("MATCH (p:Person)\nWHERE p.nmae = 'A' RETURN p", "nmae", "`name`"),
        ("MATCH (p:Person) RETURN p.founded", "founded", "`age`, `name`"),
        ("MATCH (p) RETURN p.foundd", "foundd", "`founded`"),
        ("MATCH (p:Person {agee: 1}) RETURN p", "agee", "`age`"),
        ("MATCH (p:Person)-[k:KNOWS]->() RETURN k.role", "role", "`since`"),
        ("MATCH (p:Person)-[k:KNOWS*1..2 {role: 1}]->() RETURN k", "role", "`since`"),
        ("MATCH (p) WHERE p:Persno RETURN p", "Persno", "`Person`"),
        ("MATCH (n:Person) RETURN n {.nam}", "nam", "`name`"),
        ("MATCH (n:Person) WITH n AS m RETURN m.founded", "founded", "`age`"),
        ("CREATE (:Person {nam: 'A'})", "nam", "`name`"),
        ("MERGE (p:Person {name: 'A'}) ON CREATE SET p.agee = 1", "agee", "`age`"),
        ("MATCH (p:Person) SET p.agee = 1", "agee", "`age`"),
        ("MATCH (p:Person) SET p += {agee: 1}", "agee", "`age`"),
        ("MATCH (p:Person) SET p = {agee: 1}", "agee", "`age`"),
        ("MATCH (p:Person) SET p:Compny", "Compny", "`Company`"),
        ("MATCH (p:Person) REMOVE p.agee", "agee", "`age`"),
        ("MATCH (p:Person) REMOVE p:Compny", "Compny", "`Company`"),
        ("MATCH (p:Person) WHERE EXISTS { (p)-[:KNOWS]->(q:Company {agee: 1}) } RETURN p", "agee", "`founded`"),
        ("CALL { MATCH (p:Person) RETURN p.agee AS x } RETURN x", "agee", "`age`"),
        ("CREATE INDEX FOR (n:Persn) ON (n.name)", "Persn", "`Person`"),
        ("CREATE INDEX FOR (n:Person) ON (n.nam)", "nam", "`name`"),
        ("CREATE CONSTRAINT FOR (n:Person) REQUIRE n.`na m` IS UNIQUE", "`na m`", "`name`"),
        ("EXPLAIN MATCH (n:Persn) RETURN n", "Persn", "`Person`"),
        ("CALL algo.pageRank({labels: 'Persn'}) YIELD node RETURN node", "'Persn'", "`Person`"),
        ("CALL algo.degree({labels: 'Person', types: ['KNOWS', 'KNWS']})", "'KNWS'", "`KNOWS`"),
        ("CALL algo.pageRank({weight: 'sinc'}) YIELD node RETURN node", "'sinc'", "`since`"),
    ] {
        let error = refused(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((error.detail, error.phase), (Detail::NotInSchema, Phase::CompileTime), "{text}: {error}");
        assert_eq!(&text[error.span.clone().unwrap()], name, "{text}");
        assert!(error.message.contains(near), "{text}: {}", error.message);
    }
    let text = "MATCH (p:Person)\nWHERE p.nmae = 'A' RETURN p";
    let place = refused(text).unwrap().position(text).unwrap();
    assert_eq!((place.line, place.column), (2, 9));
}

#[test]
fn the_language_comes_first_and_a_graph_without_a_schema_takes_any_name() {
    assert_eq!(refused("MATCH (n:Nothing) RETURN m").unwrap().detail, Detail::UndefinedVariable);
    assert!(prepare_typed("MATCH (n:Nothing {at: 1}) RETURN n.all", &(), None).is_ok());
}
