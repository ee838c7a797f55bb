//! Expressions over scalars and over what is in the row take no memory.

use std::sync::Arc;

use sledstore_cypher::evaluate::{Environment, Expression, Scope};
use sledstore_cypher::ir::Clause;
use sledstore_cypher::value::{Map, Node, Value};

use crate::common::context;
use crate::pipeline::bound;

/// How often memory is taken for the last projection of a query whose first slot holds a node.
fn allocations(expression: &str) -> u64 {
    let bound = bound(&format!("MATCH (n) RETURN {expression} AS x")).unwrap();
    let Some(Clause::Project(projection)) = bound.query.parts[0].clauses.last() else { panic!() };
    let expression = Expression::compile(&projection.items[0].value, &mut ()).unwrap();
    let context = context();
    let parameters = vec![Value::Integer(7); bound.parameters.len()];
    let environment = Environment { parameters: &parameters, context: &context, graph: &() };
    let properties = Map::new([("age", Value::Integer(42)), ("name", "Ann".into())]).unwrap();
    let node = Arc::new(Node { id: 1, labels: [Arc::from("Person")].into(), properties });
    let row = vec![Value::Node(node); bound.slots.len()];
    let run = || drop(expression.value(Scope::new(&row, &environment)).unwrap());
    run();
    allocation_counter::measure(run).count_total
}

#[test]
fn scalars() {
    for expression in [
        "n.age",
        "n.name",
        "n.age > 18 AND n.age < 65 AND n.name <> 'Bob'",
        "n.age * 2 + $p % 5 - 1.5",
        "n.name STARTS WITH 'A' OR n.name IN ['Bob', 'Ann', 'Cid']",
        "n:Person",
        "n.name IS NULL",
        "n['age']",
        "coalesce(n.nickname, n.name)",
        "CASE n.age WHEN 42 THEN 'answer' ELSE n.name END",
        "abs(n.age)",
        "atan2(n.age, 2)",
        "size(n.name)",
        "any(x IN [1, 2, 3] WHERE x = n.age)",
        "reduce(a = 0, x IN [1, 2, 3] | a + x)",
        "{a: 1, b: [2]}.b[0]",
    ] {
        assert_eq!(allocations(expression), 0, "{expression}");
    }
}

#[test]
fn allocations_are_noticed() {
    for expression in ["[n.age]", "n.name + '!'", "{a: n.age}", "toUpper(n.name)"] {
        assert!(allocations(expression) > 0, "{expression}");
    }
}
