//! Nodes and relationships: their properties and labels, those that are gone, and plans that stand in expressions.

use std::cell::RefCell;
use std::sync::Arc;

use sledstore_cypher::evaluate::{Environment, Expression, Graph, Scope};
use sledstore_cypher::ir::{Bound, Clause};
use sledstore_cypher::value::{Map, Node, Relationship, Value};
use sledstore_cypher::{CypherError, Detail, Kind};

use crate::common::context;
use crate::pipeline::{Counted, bound};

fn node() -> Value {
    let properties = Map::new([("name", "Ann".into()), ("age", Value::Integer(42))]).unwrap();
    Value::Node(Arc::new(Node { id: 3, labels: ["Person", "Admin"].map(Arc::from).into(), properties }))
}

fn relationship() -> Value {
    let properties = Map::new([("since", Value::Integer(1999))]).unwrap();
    Value::Relationship(Arc::new(Relationship { id: 5, kind: "KNOWS".into(), start: 3, end: 4, properties }))
}

/// Knows which entities are gone, and shows what plans see.
#[derive(Default)]
struct Asked {
    gone: bool,
    seen: RefCell<Vec<String>>,
}

impl Graph for Asked {
    fn nested(&self, number: usize, scope: Scope<'_>) -> Result<Value, CypherError> {
        let mut row = scope.row().to_vec();
        scope.write_locals(&mut row);
        self.seen.borrow_mut().push(row.iter().map(Value::to_string).collect::<Vec<_>>().join(" "));
        i64::try_from(number).map(Value::Integer).map_err(|_| unreachable!())
    }

    fn check_entity(&self, _: &Value) -> Result<(), CypherError> {
        let gone = || CypherError::runtime(Kind::EntityNotFound, Detail::DeletedEntityAccess, "it is gone");
        if self.gone { Err(gone()) } else { Ok(()) }
    }
}

/// The last item that a query returns, for a row of a node and a relationship.
fn item(bound: &Bound, graph: &dyn Graph) -> Result<Value, CypherError> {
    let Some(Clause::Project(projection)) = bound.query.parts[0].clauses.last() else { panic!() };
    let expression = Expression::compile(&projection.items[0].value, &mut Counted::default())?;
    let context = context();
    let parameters = vec![Value::from("name"); bound.parameters.len()];
    let environment = Environment { parameters: &parameters, context: &context, graph };
    let of = |slot: &sledstore_cypher::ir::SlotInfo| match slot.name.as_deref() {
        Some("n") => node(),
        Some("r") => relationship(),
        _ => Value::Null,
    };
    let row: Vec<_> = bound.slots.iter().map(of).collect();
    expression.value(Scope::new(&row, &environment))
}

fn of_entities(expression: &str, graph: &dyn Graph) -> Result<Value, CypherError> {
    item(&bound(&format!("MATCH (n)-[r]->() RETURN {expression} AS x")).unwrap(), graph)
}

#[test]
fn what_they_hold() {
    for (expression, expected) in [
        ("n.name", "'Ann'"),
        ("n.nothing", "null"),
        ("n[$key]", "'Ann'"),
        ("r['since']", "1999"),
        ("n {.age, .nothing, r: r.since}", "{age: 42, nothing: null, r: 1999}"),
        ("r {.*}", "{since: 1999}"),
        ("n:Person", "true"),
        ("n:Person:Robot", "false"),
        ("n:Person:Admin", "true"),
        ("r:KNOWS", "true"),
        ("r:LIKES", "false"),
        ("[x IN [null] | x:Person][0]", "null"),
        ("[labels(n), type(r), keys(r), id(n)]", "[['Person', 'Admin'], 'KNOWS', ['since'], 3]"),
        ("[startNode(r).id, endNode(r).id]", "[3, 4]"),
        ("n = startNode(r)", "true"),
    ] {
        assert_eq!(of_entities(expression, &()).unwrap().to_string(), expected, "{expression}");
    }
    let error = of_entities("[x IN [$key] | x:Person]", &()).map(|value| value.to_string());
    assert!(error.is_err_and(|error| error.detail == Detail::InvalidArgumentType));
}

#[test]
fn what_is_gone_is_not_read() {
    let gone = Asked { gone: true, ..Asked::default() };
    for expression in
        ["n.name", "n['name']", "r.since", "n {.*}", "n:Person", "labels(n)", "keys(r)", "properties(n)", "[n][0].name"]
    {
        let error = of_entities(expression, &gone).unwrap_err();
        assert_eq!((error.kind, error.detail), (Kind::EntityNotFound, Detail::DeletedEntityAccess), "{expression}");
        assert!(error.span.is_some(), "{expression}");
    }
    for expression in ["id(n)", "type(r)", "n = n", "n IS NULL", "keys({a: n})", "[n][0] = n"] {
        assert!(of_entities(expression, &gone).is_ok(), "{expression}");
    }
}

#[test]
fn plans_see_the_row_and_the_variables_around_them() {
    let asked = Asked::default();
    let expression = "[x IN [1, 2] | reduce(a = 10, y IN [3] | a + x + COUNT { MATCH (m) WHERE m.p = y + a })]";
    // The plan has the number 1.
    assert_eq!(of_entities(expression, &asked).unwrap().to_string(), "[12, 13]");
    let seen = asked.seen.into_inner();
    assert_eq!(seen.len(), 2);
    for (row, x) in seen.iter().zip(["1", "2"]) {
        let words: Vec<_> = row.split(' ').collect();
        for value in [x, "10", "3"] {
            assert!(words.contains(&value), "{value} is not in {row}");
        }
    }
    let pattern = of_entities("size([(n)-->(m) | m.name] + [1])", &Asked::default()).unwrap();
    assert_eq!(pattern.to_string(), "2");
}

#[test]
fn without_a_graph_plans_are_refused() {
    let bound = bound("RETURN COUNT { MATCH (m) } AS x").unwrap();
    let Some(Clause::Project(projection)) = bound.query.parts[0].clauses.last() else { panic!() };
    let error = Expression::compile(&projection.items[0].value, &mut ()).unwrap_err();
    assert!(error.span.is_some_and(|span| span.start == 7));
}
