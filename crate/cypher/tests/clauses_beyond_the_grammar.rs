//! Subqueries, FOREACH and LOAD CSV, which the parser's grammar leaves out.
#![allow(clippy::unwrap_used)] // a test may panic

#[path = "feature/slots.rs"]
mod slots;

use sledstore_cypher::bind::{Statement, prepare};
use sledstore_cypher::ir::{Bound, Clause, Slot, SubqueryCall};
use sledstore_cypher::{CypherError, Detail};

fn bound(query: &str) -> Bound {
    match prepare(query, &()) {
        Ok(Statement::Query(bound)) => {
            assert_eq!(slots::check(&bound), Ok(()), "{query}");
            *bound
        }
        Ok(command) => panic!("{command:?}"),
        Err(error) => panic!("{}", error.render(query)),
    }
}

#[track_caller]
fn refused(query: &str, detail: Detail, message: &str) -> CypherError {
    let error = prepare(query, &()).expect_err(query);
    assert_eq!(error.detail, detail, "{}", error.render(query));
    assert!(error.message.contains(message), "{}", error.render(query));
    error
}

fn calls(bound: &Bound) -> Vec<&SubqueryCall> {
    let clauses = bound.query.parts[0].clauses.iter();
    clauses.filter_map(|clause| if let Clause::Subquery(call) = clause { Some(call) } else { None }).collect()
}

fn slot(bound: &Bound, name: &str) -> Slot {
    let at = bound.slots.iter().position(|info| info.name.as_deref() == Some(name)).unwrap();
    Slot(u32::try_from(at).unwrap())
}

#[test]
fn a_subquery_gives_columns_to_slots() {
    let bound = bound("CALL { MATCH (n) RETURN n.x AS x UNION RETURN 1 AS x } RETURN x");
    let [call] = calls(&bound)[..] else { panic!() };
    assert_eq!((call.query.query.parts.len(), call.query.imports.len(), call.columns.len()), (2, 0, 1));
    assert_eq!(bound.query.columns, ["x"]);
    assert_eq!(bound.query.parts[0].columns, call.columns);
}

#[test]
fn a_subquery_sees_what_it_imports_and_nothing_else() {
    let scoped = bound("MATCH (a), (b) CALL (a) { MATCH (a)-->(c) RETURN c } RETURN c");
    assert_eq!(calls(&scoped)[0].query.imports, [slot(&scoped, "a")]);
    let by_with = bound("MATCH (a), (b) CALL { WITH a MATCH (a)-->(c) RETURN c UNION WITH b RETURN b AS c } RETURN c");
    assert_eq!(calls(&by_with)[0].query.imports, [slot(&by_with, "a"), slot(&by_with, "b")]);
    let all = bound("MATCH (a), (b) CALL (*) { RETURN a.x + b.x AS x } RETURN x");
    assert_eq!(calls(&all)[0].query.imports.len(), 2);
    let nested = bound("MATCH (a) CALL (a) { CALL (a) { RETURN a.x AS x } RETURN x } RETURN x");
    assert_eq!(calls(&nested)[0].query.imports, [slot(&nested, "a")]);

    refused("MATCH (a) CALL { RETURN a.x AS x } RETURN x", Detail::UndefinedVariable, "`a`");
    refused("MATCH (a) CALL () { RETURN a.x AS x } RETURN x", Detail::UndefinedVariable, "`a`");
    refused("MATCH (a), (b) CALL (a) { RETURN b AS x } RETURN x", Detail::UndefinedVariable, "`b`");
    refused("MATCH (a) CALL (a) { WITH 1 AS y RETURN y AS a } RETURN a", Detail::VariableAlreadyBound, "`a`");
    refused("MATCH (a) CALL (a.x) { RETURN 1 AS y } RETURN y", Detail::UnexpectedSyntax, "imports");
    refused("MATCH (a) CALL (a) { RETURN 1 AS y } YIELD y RETURN y", Detail::UnexpectedSyntax, "YIELD");
}

#[test]
fn a_subquery_may_be_there_for_what_it_changes() {
    let bound = bound("MATCH (a) CALL (a) { CREATE (a)-[:R]->() }");
    assert!(bound.query.writes && calls(&bound)[0].query.query.writes && calls(&bound)[0].columns.is_empty());
    refused("MATCH (a) CALL (a) { MATCH (a)-->(b) } RETURN a", Detail::InvalidClauseComposition, "RETURN");
    refused(
        "MATCH (a) WHERE EXISTS { CALL { CREATE () } RETURN 1 } RETURN a",
        Detail::InvalidClauseComposition,
        "changes",
    );
    refused("CALL { RETURN 1 AS x }", Detail::InvalidClauseComposition, "RETURN");
}

#[test]
fn a_subquery_may_be_optional_and_stand_in_others() {
    let bound = bound("OPTIONAL CALL { MATCH (n) RETURN n } RETURN EXISTS { CALL { RETURN 1 AS x } RETURN x } AS y, n");
    assert!(calls(&bound)[0].optional);
}

#[test]
fn what_is_not_taken_is_refused_by_its_name() {
    refused("CALL { CREATE () } IN TRANSACTIONS OF 10 ROWS", Detail::UnexpectedSyntax, "IN TRANSACTIONS");
    refused("USE other MATCH (n) RETURN n", Detail::UnexpectedSyntax, "USE");
    refused("CALL { RETURN 1 AS x; } RETURN x", Detail::UnexpectedSyntax, "semicolon");
    refused("CALL { } RETURN 1", Detail::UnexpectedSyntax, "missing");
    refused("CALL { RETURN 1 AS x", Detail::UnexpectedSyntax, "not closed");
}

#[test]
fn foreach_runs_updating_clauses() {
    let bound = bound(
        "MATCH p = (a)-->(b) FOREACH (n IN [x IN nodes(p) WHERE x:A|B | x] | SET n.seen = true
         FOREACH (`my i` IN range(1, 2) | CREATE (n)-[:R {i: `my i`}]->(m) SET m.i = 1)) RETURN count(*)",
    );
    let [_, Clause::Foreach(outer), _] = bound.query.parts[0].clauses.as_slice() else { panic!() };
    assert_eq!(outer.slot, slot(&bound, "n"));
    let [Clause::Set(_), Clause::Foreach(inner)] = outer.clauses.as_slice() else { panic!() };
    assert_eq!(inner.slot, slot(&bound, "my i"));
    assert!(matches!(inner.clauses.as_slice(), [Clause::Create(_), Clause::Set(_)]));
    assert!(bound.query.writes);

    refused("FOREACH (x IN [1] | CREATE (n)) RETURN n", Detail::UndefinedVariable, "`n`");
    refused("MATCH (x) FOREACH (x IN [1] | CREATE (n))", Detail::VariableAlreadyBound, "`x`");
    refused("FOREACH (x IN [1] | CREATE (n) WITH n SET n.x = 1)", Detail::InvalidClauseComposition, "FOREACH");
    refused("FOREACH (x IN [1] | MATCH (n) SET n.x = 1)", Detail::UnexpectedSyntax, "updating");
    refused("FOREACH (x IN [1])", Detail::UnexpectedSyntax, "updating");
    refused("MATCH (n) WHERE EXISTS { FOREACH (x IN [1] | CREATE ()) } RETURN n", Detail::InvalidClauseComposition, "");
}

#[test]
fn load_csv_names_its_lines() {
    let plain = bound("LOAD CSV FROM 'a.csv' AS line RETURN line[0]");
    let [Clause::LoadCsv(load), _] = plain.query.parts[0].clauses.as_slice() else { panic!() };
    assert_eq!((load.headers, load.separator, load.slot), (false, None, slot(&plain, "line")));
    let headers = bound(
        "UNWIND $files AS f LOAD CSV WITH HEADERS FROM f + '.csv' AS line FIELDTERMINATOR '\\t' CREATE ({x: line.x})",
    );
    let [_, Clause::LoadCsv(load), _] = headers.query.parts[0].clauses.as_slice() else { panic!() };
    assert_eq!((load.headers, load.separator), (true, Some('\t')));
    for terminator in ["', '", "''", "'\"'", "'\\n'", "'\\r'"] {
        let query = format!("LOAD CSV FROM 'a' AS l FIELDTERMINATOR {terminator} RETURN l");
        refused(&query, Detail::InvalidArgumentValue, "one character");
    }
    refused("LOAD CSV 'a' AS l RETURN l", Detail::UnexpectedSyntax, "LOAD CSV");
    refused("LOAD CSV FROM 1 AS l RETURN l", Detail::InvalidArgumentType, "INTEGER");
    refused("MATCH (l) LOAD CSV FROM 'a' AS l RETURN l", Detail::VariableAlreadyBound, "`l`");
    refused("LOAD CSV FROM 'a' AS l", Detail::InvalidClauseComposition, "RETURN");
}

#[test]
fn their_words_are_names_elsewhere() {
    for query in [
        "WITH {x: 1} AS call RETURN call {.x}",
        "WITH 1 AS load, 2 AS csv, 3 AS foreach RETURN load + csv + foreach",
        "MATCH (call)-[load:CALL]->(foreach) RETURN call, load, foreach.use",
    ] {
        bound(query);
    }
}
