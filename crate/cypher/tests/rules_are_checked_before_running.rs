//! What the language refuses before it reads any data: one query for each rule, beyond those of the conformance kit.

#[path = "feature/slots.rs"]
mod slots;

use std::sync::Arc;

use sledstore_cypher::bind::{Statement, prepare};
use sledstore_cypher::procedure::{Invocation, Procedure, Procedures, Signature, held};
use sledstore_cypher::value::Value;
use sledstore_cypher::{Detail, Kind, Phase};

struct Registered;

impl Procedures for Registered {
    fn find(&self, name: &str) -> Option<Arc<Procedure>> {
        let signature = match name {
            "get" => "get(at :: FLOAT, most = 5 :: INTEGER) :: (a :: INTEGER, b :: STRING)",
            "run" => "run() :: ()",
            "change" => "change() :: (a :: INTEGER)",
            _ => return None,
        };
        let signature = Signature::parse(signature).ok()?;
        let signature = if name == "change" { signature.writing() } else { signature };
        let nothing = |_: &[Value], run: &mut Invocation<'_>| held(Vec::new(), run);
        Some(Arc::new(Procedure::of(signature, "", nothing)))
    }

    fn all(&self) -> Vec<Arc<Procedure>> {
        Vec::new()
    }
}

/// The part of the text that an error is about, and its detail.
#[track_caller]
fn refused(query: &str, detail: Detail, place: &str) {
    match prepare(query, &Registered) {
        Ok(_) => panic!("bound: {query}"),
        Err(error) => {
            assert_eq!(error.phase, Phase::CompileTime);
            let shown = error.span.clone().and_then(|span| query.get(span));
            assert_eq!((error.detail, shown), (detail, Some(place)), "{}", error.render(query));
        }
    }
}

#[track_caller]
fn bound(query: &str) {
    match prepare(query, &Registered) {
        Ok(Statement::Query(bound)) => assert_eq!(slots::check(&bound), Ok(()), "{query}"),
        Ok(command) => panic!("{command:?}"),
        Err(error) => panic!("{}", error.render(query)),
    }
}

#[test]
fn names() {
    refused("RETURN a", Detail::UndefinedVariable, "a");
    refused("MATCH (a) WITH a.x AS x RETURN a", Detail::UndefinedVariable, "a");
    refused("MATCH (n) RETURN [x IN [1] | x] + x", Detail::UndefinedVariable, "x");
    refused("MATCH (n) WHERE (n)-->(m) RETURN n", Detail::UndefinedVariable, "m");
    refused("MATCH (n) SET m.x = 1", Detail::UndefinedVariable, "m");
    refused("MATCH (n) REMOVE m:A", Detail::UndefinedVariable, "m");
    refused("MATCH (n) DELETE m", Detail::UndefinedVariable, "m");
    refused("MATCH (n) UNWIND [1] AS n RETURN n", Detail::VariableAlreadyBound, "n");
    refused("WITH 1 AS p MATCH p = ()-->() RETURN p", Detail::VariableAlreadyBound, "p");
    refused("MATCH (a) CREATE (a {x: 1})-[:R]->()", Detail::VariableAlreadyBound, "a");
    refused("RETURN reduce(a = 0, a IN [1] | a)", Detail::VariableAlreadyBound, "a");
    refused("RETURN 1 AS a, 2 AS b, 3 AS a", Detail::ColumnNameConflict, "3 AS a");
    refused("WITH 1 AS a RETURN *, 2 AS a", Detail::ColumnNameConflict, "2 AS a");
    refused("WITH 1 + 1 RETURN 1", Detail::NoExpressionAlias, "1 + 1");
    bound("MATCH (n) RETURN [n IN [1] | n]");
    bound("MATCH (n) WITH n AS m, 1 AS n RETURN m, n");
    bound("MATCH (n {x: m.x}), (m) RETURN n");
    bound("MATCH (a) WITH a.x AS y WHERE a.z = 1 RETURN y");
}

#[test]
fn types() {
    refused("MATCH (n) RETURN type(n)", Detail::InvalidArgumentType, "n");
    refused("MATCH p = ()-->() RETURN size(p)", Detail::InvalidArgumentType, "p");
    refused("MATCH (n) RETURN length(n)", Detail::InvalidArgumentType, "n");
    refused("MATCH ()-[r]->() RETURN labels(r)", Detail::InvalidArgumentType, "r");
    refused("RETURN 1 IN 'abc'", Detail::InvalidArgumentType, "'abc'");
    refused("RETURN [x IN 1 | x]", Detail::InvalidArgumentType, "1");
    refused("RETURN 1 - 'a'", Detail::InvalidArgumentType, "'a'");
    refused("RETURN -'a'", Detail::InvalidArgumentType, "'a'");
    refused("MATCH (n) WHERE n.x AND 1 RETURN n", Detail::InvalidArgumentType, "1");
    refused("MATCH (n) WHERE 'a' RETURN n", Detail::InvalidArgumentType, "'a'");
    refused("WITH 1 AS x SET x.y = 1", Detail::InvalidArgumentType, "x");
    refused("MATCH ()-[r]->() SET r:A", Detail::InvalidArgumentType, "r");
    refused("MATCH (n) SET n = 1", Detail::InvalidArgumentType, "1");
    refused("MATCH (n) DELETE size(n.x)", Detail::InvalidArgumentType, "size(n.x)");
    refused("RETURN 1 LIMIT 'a'", Detail::InvalidArgumentType, "'a'");
    refused("MATCH (a)-[r*]->() MATCH (b)-[r]->() RETURN b", Detail::VariableTypeConflict, "r");
    refused("MATCH ()-[r]->() CREATE (r)-[:R]->()", Detail::VariableTypeConflict, "r");
    refused("MATCH p = ()-->() MATCH (p)-->() RETURN 1", Detail::VariableTypeConflict, "p");
    bound("MATCH p = ()-->() UNWIND nodes(p) AS n MATCH (n)-->() RETURN n");
    bound("WITH null AS n MATCH (n) RETURN n");
    bound("MATCH ()-[r*]->() WITH r MATCH ()-[r*]->() RETURN r");
    bound("RETURN 'a' + 1, [1] + 2, date() + duration({days: 1}), duration({days: 1}) * 2");
    bound("WITH $list AS list RETURN [x IN list WHERE x | -x]");
    let error = prepare("WITH [1] AS x RETURN x.y", &()).unwrap_err();
    assert_eq!((error.kind, error.detail), (Kind::TypeError, Detail::InvalidArgumentType));
}

#[test]
fn aggregates() {
    refused("UNWIND collect(1) AS x RETURN x", Detail::InvalidAggregation, "collect(1)");
    refused("MATCH (n) SET n.x = count(*)", Detail::InvalidAggregation, "count(*)");
    refused("MATCH (n) RETURN n.x ORDER BY count(n)", Detail::InvalidAggregation, "count(n)");
    refused("MATCH (n) RETURN DISTINCT n.x ORDER BY count(*)", Detail::InvalidAggregation, "count(*)");
    refused("MATCH (n) RETURN n.x AS x, count(*) AS c ORDER BY max(c)", Detail::InvalidAggregation, "max(c)");
    refused("MATCH (n) WITH n, count(*) AS c WHERE count(*) > 1 RETURN n", Detail::InvalidAggregation, "count(*)");
    refused("RETURN all(x IN [1] WHERE count(*) = x)", Detail::InvalidAggregation, "count(*)");
    refused("RETURN reduce(a = 0, x IN [1] | a + sum(x))", Detail::InvalidAggregation, "sum(x)");
    refused("RETURN sum(1 + count(*))", Detail::NestedAggregation, "count(*)");
    refused("RETURN count(rand())", Detail::NonConstantExpression, "rand()");
    refused("MATCH (n) RETURN n.x + n.y, n.x + count(*)", Detail::AmbiguousAggregationExpression, "n");
    refused(
        "MATCH (n) RETURN n.x AS x, count(*) + COUNT { (n)-->() } AS c",
        Detail::AmbiguousAggregationExpression,
        "n",
    );
    refused("RETURN toUpper(DISTINCT 'a')", Detail::UnexpectedSyntax, "DISTINCT");
    refused("RETURN sum(*)", Detail::UnexpectedSyntax, "*");
    bound("MATCH (n) RETURN n, n.x + count(*) AS c ORDER BY n.y");
    bound("MATCH (n) RETURN n.x, {sum: sum(n.y) + n.x}");
    bound("MATCH (n) RETURN [x IN collect(n.x) | x + 1]");
    bound("MATCH (n) RETURN n, count(*) + COUNT { (n)-->() } AS c");
    bound("MATCH (n) RETURN n.x AS x, count(*) AS c ORDER BY count(*) DESC, n.x");
    bound("MATCH (n) WITH DISTINCT n.x + 1 AS y WHERE n.x + 1 > 2 RETURN y");
    bound("MATCH (n) WHERE EXISTS { MATCH (n)-->(m) WITH n, count(m) AS c WHERE c > 3 RETURN 1 } RETURN n");
}

#[test]
fn calls() {
    refused("RETURN nothing(1)", Detail::UnknownFunction, "nothing");
    refused("RETURN a.b.c(1)", Detail::UnknownFunction, "a.b.c");
    refused("RETURN size()", Detail::InvalidNumberOfArguments, "size");
    refused("RETURN substring('a', 1, 2, 3)", Detail::InvalidNumberOfArguments, "substring");
    refused("RETURN count(1, 2)", Detail::InvalidNumberOfArguments, "count");
    refused("CALL nothing() YIELD x RETURN x", Detail::ProcedureNotFound, "nothing");
    refused("CALL get(1, 2, 3)", Detail::InvalidNumberOfArguments, "get");
    refused("CALL get()", Detail::InvalidNumberOfArguments, "get");
    refused("RETURN EXISTS { CALL change() YIELD a RETURN a } AS e", Detail::InvalidClauseComposition, "change");
    refused("CALL get('a')", Detail::InvalidArgumentType, "'a'");
    refused("CALL get(1) YIELD c", Detail::UndefinedVariable, "c");
    refused("CALL get(1) YIELD a, b AS a", Detail::VariableAlreadyBound, "a");
    refused("MATCH (a) CALL get(1) YIELD a RETURN a", Detail::VariableAlreadyBound, "a");
    refused("CALL get YIELD a RETURN a", Detail::InvalidArgumentPassingMode, "YIELD");
    refused("MATCH (n) CALL get(1) YIELD a", Detail::InvalidClauseComposition, "CALL get(1) YIELD a");
    bound("CALL get(1)");
    bound("CALL get(1, 2)");
    bound("CALL change() YIELD a");
    bound("CALL get YIELD b AS c");
    bound("MATCH (n) CALL run()");
    bound("OPTIONAL CALL get(1) YIELD a RETURN a");
    let error = prepare("CALL nothing()", &()).unwrap_err();
    assert_eq!(error.kind, Kind::ProcedureError);
}

#[test]
fn patterns() {
    refused("MATCH ()-[r]->()-[r]->() RETURN r", Detail::RelationshipUniquenessViolation, "r");
    refused("MATCH (n $map) RETURN n", Detail::InvalidParameterUse, "$map");
    refused("MERGE ()-[:R $map]->()", Detail::InvalidParameterUse, "$map");
    refused("CREATE ()-[:R*1..2]->()", Detail::CreatingVarLength, "-[:R*1..2]->");
    refused("CREATE ()-[:R]->{2}()", Detail::CreatingVarLength, "-[:R]->{2}");
    refused("CREATE ()-[:A|B]->()", Detail::NoSingleRelationshipType, "-[:A|B]->");
    refused("MERGE ()-[:!A]->()", Detail::NoSingleRelationshipType, "-[:!A]->");
    refused("CREATE ()-[:A]-()", Detail::RequiresDirectedRelationship, "-[:A]-");
    refused("MATCH ()-[:R*-1]->() RETURN 1", Detail::InvalidRelationshipPattern, "-");
    refused("MATCH ()-[:R*2..-1]->() RETURN 1", Detail::InvalidRelationshipPattern, "-");
    refused("MATCH ()-[:R*1]->{2}() RETURN 1", Detail::InvalidRelationshipPattern, "{2}");
    refused("MATCH ()-[*99999999999999999999]-() RETURN 1", Detail::IntegerOverflow, "*99999999999999999999");
    refused("RETURN (:A)-->(:B)", Detail::UnexpectedSyntax, "(:A)-->(:B)");
    refused("MATCH (a), (b) RETURN size((a)-->(b))", Detail::UnexpectedSyntax, "(a)-->(b)");
    refused("MATCH (a)(b) RETURN a", Detail::UnexpectedSyntax, "(b)");
    refused("MERGE (n {x: null})", Detail::MergeReadOwnWrites, "x: null");
    refused("CREATE (:A|B)", Detail::UnexpectedSyntax, "A|B");
    refused("MATCH (n) SET n:A|B", Detail::UnexpectedSyntax, "A|B");
    refused("CREATE shortestPath((a)-[:R]->(b))", Detail::UnexpectedSyntax, "shortestPath((a)-[:R]->(b))");
    bound("MATCH (a), (b) RETURN exists((a)-->(b)), shortestPath((a)-[*]-(b))");
    bound("MATCH (a) WHERE NOT (a)-->() AND (a)<--() OR false RETURN a");
    bound("MATCH (a) RETURN CASE WHEN (a)-->() THEN 1 END");
    bound("MERGE (a)-[:R]-(b) ON CREATE SET a.x = 1 ON MATCH SET b:B");
    bound("CREATE (n $map)-[:R $map]->()");
}

#[test]
fn clauses() {
    refused("MATCH (n)", Detail::InvalidClauseComposition, "MATCH (n)");
    refused("MATCH (n) WITH n", Detail::InvalidClauseComposition, "WITH n");
    refused("UNWIND [1] AS x", Detail::InvalidClauseComposition, "UNWIND [1] AS x");
    refused("MATCH () RETURN *", Detail::NoVariablesInScope, "*");
    refused("RETURN 1 AS a UNION RETURN 1 AS a, 2 AS b", Detail::DifferentColumnsInUnion, "RETURN 1 AS a, 2 AS b");
    refused("MATCH (n) RETURN n SKIP n.x", Detail::NonConstantExpression, "n");
    refused("MATCH (n) RETURN n LIMIT COUNT { (n) }", Detail::NonConstantExpression, "COUNT { (n) }");
    refused("MATCH (n) RETURN n LIMIT -1", Detail::NegativeIntegerArgument, "-1");
    refused("MATCH (n) WHERE EXISTS { CREATE (m) } RETURN n", Detail::InvalidClauseComposition, "CREATE (m)");
    refused(
        "RETURN COLLECT { MATCH (n) RETURN n, 1 AS x }",
        Detail::InvalidClauseComposition,
        "COLLECT { MATCH (n) RETURN n, 1 AS x }",
    );
    refused("MATCH (n) DELETE n:A", Detail::InvalidDelete, "n:A");
    refused("RETURN 1 RETURN 2", Detail::UnexpectedSyntax, "RETURN");
    refused("RETURN 1; RETURN 2", Detail::UnexpectedSyntax, "RETURN");
    bound("RETURN 1 AS a, 2 AS b UNION RETURN 3 AS b, 4 AS a;");
    bound("CREATE (n) WITH n MATCH (m) RETURN m LIMIT toInteger($x) + 1");
    bound("MATCH (n) RETURN n LIMIT size([x IN [1, 2] | x])");
    bound("MATCH (n) SET n.x = n:A RETURN [n:A], [n:A|B, 1]");
    bound("MATCH (n) WITH n, n:A AS a SET n.x = a RETURN [(n:A)], {x: n:A}, count(n:A)");
}

#[test]
fn constants() {
    refused("RETURN 9223372036854775808", Detail::IntegerOverflow, "9223372036854775808");
    refused("RETURN -(9223372036854775808)", Detail::IntegerOverflow, "9223372036854775808");
    refused("RETURN 0o1000000000000000000000", Detail::IntegerOverflow, "0o1000000000000000000000");
    refused("RETURN 1.34E999", Detail::FloatingPointOverflow, "1.34E999");
    refused("RETURN 'a\\uH'", Detail::InvalidUnicodeLiteral, "\\u");
    refused("RETURN 'a\\uD800'", Detail::InvalidUnicodeLiteral, "\\uD800");
    refused("RETURN 'a\\q'", Detail::UnexpectedSyntax, "\\q");
    refused("RETURN 12abc", Detail::InvalidNumberLiteral, "abc");
    refused("RETURN 0o9", Detail::InvalidNumberLiteral, "o9");
    refused("RETURN 1 — 2", Detail::InvalidUnicodeCharacter, "—");
    refused("RETURN 'a", Detail::UnexpectedSyntax, "'a");
    bound("RETURN -9223372036854775808, -0x8000000000000000, 1_000, .5e-3, 1e-999, 1.5f, Infinity, NaN");
}
