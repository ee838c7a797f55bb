//! Indexes and constraints are created, dropped and listed by commands of their own.

use sledstore_cypher::bind::{Statement, prepare};
use sledstore_cypher::ir::Mode;
use sledstore_cypher::syntax::{Command, ConstraintKind, Entity, IndexKind, TextOptions};
use sledstore_cypher::{CypherError, Detail};

fn command(text: &str) -> Command {
    match prepare(text, &()) {
        Ok(Statement::Command(command)) => command,
        other => panic!("{text}: {other:?}"),
    }
}

fn refused(text: &str) -> CypherError {
    let error = prepare(text, &()).expect_err(text);
    assert_eq!(error.detail, Detail::UnexpectedSyntax, "{}", error.render(text));
    error
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn node(labels: &[&str]) -> Entity {
    Entity::Node(names(labels))
}

fn index(kind: IndexKind, name: Option<&str>, entity: Entity, properties: &[&str]) -> Command {
    let name = name.map(str::to_owned);
    let options = TextOptions::default();
    Command::CreateIndex { kind, name, if_not_exists: false, entity, properties: names(properties), options }
}

fn constraint(kind: ConstraintKind, name: Option<&str>, entity: Entity, properties: &[&str]) -> Command {
    let name = name.map(str::to_owned);
    Command::CreateConstraint { kind, name, if_not_exists: false, entity, properties: names(properties) }
}

#[test]
fn indexes_are_created() {
    let range = IndexKind::Range;
    assert_eq!(command("CREATE INDEX FOR (n:Person) ON (n.name)"), index(range, None, node(&["Person"]), &["name"]));
    assert_eq!(
        command("create range index byName for (n:Person) on (n.name, n.`birth day`);"),
        index(range, Some("byName"), node(&["Person"]), &["name", "birth day"])
    );
    assert_eq!(command("CREATE INDEX for FOR (n:A) ON (n.x)"), index(range, Some("for"), node(&["A"]), &["x"]));
    assert_eq!(
        command("CREATE INDEX FOR ()-[r:KNOWS]-() ON (r.since)"),
        index(range, None, Entity::Relationship(names(&["KNOWS"])), &["since"])
    );
    assert_eq!(
        command("CREATE FULLTEXT INDEX texts FOR (n:Article|Note) ON EACH [n.title, n.body]"),
        index(IndexKind::FullText, Some("texts"), node(&["Article", "Note"]), &["title", "body"])
    );
    let conditional = command("CREATE INDEX `a``b` IF NOT EXISTS FOR (n:A) ON (n.x)");
    assert!(matches!(conditional, Command::CreateIndex { if_not_exists: true, name: Some(name), .. } if name == "a`b"));
    assert!(matches!(
        command("CREATE INDEX IF NOT EXISTS FOR (n:A) ON (n.x)"),
        Command::CreateIndex { if_not_exists: true, name: None, .. }
    ));
}

#[test]
fn full_text_indexes_have_options() {
    let options = |text: &str| match command(&format!("CREATE FULLTEXT INDEX t FOR (n:A) ON EACH [n.a] {text}")) {
        Command::CreateIndex { options, .. } => options,
        other => panic!("{other:?}"),
    };
    assert_eq!(options(""), TextOptions::default());
    assert_eq!(options("OPTIONS {}"), TextOptions::default());
    let all = TextOptions { k1: Some(2.0), b: Some(0.5), stop_words: names(&["the", "of"]) };
    assert_eq!(options("OPTIONS {k1: 2, b: 0.5, stopWords: ['the', \"of\"],}"), all);
    for text in ["OPTIONS", "OPTIONS {k2: 1}", "OPTIONS {k1: 'x'}", "OPTIONS {stopWords: [the]}", "OPTIONS {k1: 1"] {
        refused(&format!("CREATE FULLTEXT INDEX t FOR (n:A) ON EACH [n.a] {text}"));
    }
    refused("CREATE INDEX t FOR (n:A) ON (n.a) OPTIONS {k1: 1}");
}

#[test]
fn constraints_are_created() {
    assert_eq!(
        command("CREATE CONSTRAINT FOR (n:Person) REQUIRE n.email IS UNIQUE"),
        constraint(ConstraintKind::Unique, None, node(&["Person"]), &["email"])
    );
    assert_eq!(
        command("CREATE CONSTRAINT c FOR (n:Person) REQUIRE n.email IS NOT NULL"),
        constraint(ConstraintKind::Exists, Some("c"), node(&["Person"]), &["email"])
    );
    assert_eq!(
        command("CREATE CONSTRAINT c FOR (n:Person) REQUIRE (n.a, n.b) IS NODE KEY"),
        constraint(ConstraintKind::Key, Some("c"), node(&["Person"]), &["a", "b"])
    );
    assert_eq!(
        command("CREATE CONSTRAINT FOR ()-[r:R]->() REQUIRE r.id IS UNIQUE"),
        constraint(ConstraintKind::Unique, None, Entity::Relationship(names(&["R"])), &["id"])
    );
}

#[test]
fn they_are_dropped_and_listed() {
    assert_eq!(command("DROP INDEX a"), Command::DropIndex { name: "a".into(), if_exists: false });
    assert_eq!(command("DROP CONSTRAINT a IF EXISTS"), Command::DropConstraint { name: "a".into(), if_exists: true });
    assert_eq!(command("SHOW INDEXES"), Command::ShowIndexes);
    assert_eq!(command("show constraints ;"), Command::ShowConstraints);
}

#[test]
fn what_is_wrong_is_named() {
    for (text, at) in [
        ("CREATE INDEX FOR (n:Person) ON (m.name)", 32),
        ("CREATE INDEX FOR (n:Person) ON (n.name, n.name)", 40),
        ("CREATE INDEX FOR (n) ON (n.name)", 19),
        ("CREATE INDEX FOR (n:A|B) ON (n.name)", 21),
        ("CREATE INDEX FOR (n:A)", 22),
        ("CREATE FULLTEXT INDEX FOR (n:A) ON (n.x)", 35),
        ("CREATE VECTOR INDEX FOR (n:A) ON (n.x)", 7),
        ("CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS HUGE", 43),
        ("DROP INDEX", 10),
        ("DROP a", 5),
        ("SHOW FUNCTIONS", 5),
        ("SHOW INDEXES RETURN 1", 13),
    ] {
        assert_eq!(refused(text).span.map(|span| span.start), Some(at), "{text}");
    }
}

#[test]
fn words_of_commands_are_names_elsewhere() {
    for text in [
        "CREATE index = (:Index)-[:FOR]->(:Constraint)",
        "MATCH (show:Drop) RETURN show.index AS fulltext",
        "CREATE (index)",
    ] {
        assert!(matches!(prepare(text, &()), Ok(Statement::Query(_))), "{text}");
    }
}

#[test]
fn a_prefix_asks_for_the_plan() {
    let mode = |text: &str| match prepare(text, &()) {
        Ok(Statement::Query(bound)) => bound.mode,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(mode("RETURN 1"), Mode::Run);
    assert_eq!(mode("explain MATCH (n) RETURN n"), Mode::Explain);
    assert_eq!(mode("PROFILE\nCREATE (n)"), Mode::Profile);
    assert_eq!(refused("EXPLAIN").span.map(|span| span.start), Some(7));
}
