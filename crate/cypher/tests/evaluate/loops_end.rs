//! Loops end by the caller's will and by the limits of values, trees by their depth.

use std::cell::Cell;

use sledstore_cypher::evaluate::{Environment, Expression, Graph, Scope};
use sledstore_cypher::ir::{Bound, Clause};
use sledstore_cypher::value::Value;
use sledstore_cypher::{CypherError, Detail, Kind};

use crate::common::context;
use crate::pipeline::{Stop, bound, refused, run_bound, shown};

/// Lets a number of elements pass.
struct Patience(Cell<u32>);

impl Graph for Patience {
    fn nested(&self, _: usize, _: Scope<'_>) -> Result<Value, CypherError> {
        unreachable!()
    }

    fn proceed(&self) -> Result<(), CypherError> {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.ok_or_else(|| CypherError::runtime(Kind::Ended, Detail::TimeLimit, "it took too long"))?);
        Ok(())
    }
}

#[test]
fn every_loop_asks_before_each_element() {
    for expression in [
        "[x IN range(1, 10) | x]",
        "[x IN range(1, 10) WHERE false]",
        "all(x IN range(1, 10) WHERE true)",
        "none(x IN range(1, 10) WHERE false)",
        "reduce(a = 0, x IN range(1, 10) | a + x)",
        "[x IN [1, 2] | [y IN range(1, 4) | x]]",
    ] {
        let bound = bound(&format!("RETURN {expression} AS x")).unwrap();
        assert!(run_bound(&bound, &[], &Patience(Cell::new(10))).is_ok(), "{expression}");
        match run_bound(&bound, &[], &Patience(Cell::new(9))) {
            Err(Stop::Failed(error)) => assert_eq!(error.detail, Detail::TimeLimit, "{expression}"),
            other => panic!("{expression}: {other:?}"),
        }
    }
}

#[test]
fn values_end_while_they_grow() {
    let large = [("large", Value::string("x".repeat(1 << 20)))];
    for expression in [
        "[x IN range(1, 100000) | $large]",
        "reduce(a = $large, x IN range(1, 100) | a + a)",
        "reduce(a = [1], x IN range(1, 100000) | [a, a])",
    ] {
        let (error, place) = refused(expression, if expression.contains("large") { &large } else { &[] });
        assert!(
            [(Kind::Ended, Detail::MemoryLimit), (Kind::ArgumentError, Detail::InvalidArgumentValue)]
                .contains(&(error.kind, error.detail)),
            "{error}"
        );
        assert!(!place.is_empty(), "{expression}");
    }
}

#[test]
fn lists_that_no_value_holds_fail_when_they_are_asked_for() {
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    // The text may nest less deep than values may: reduce goes further.
    let further = "size(reduce(a = [], x IN range(1, 127) | [a]))";
    assert_eq!(shown(further, &[]), "1");
    let (error, place) = refused("reduce(a = [], x IN range(1, 128) | [a])", &[]);
    assert_eq!((error.detail, &*place), (Detail::InvalidArgumentValue, "[a]"));
    assert_eq!(shown(&format!("size({})", deep(60)), &[]), "1");
}

/// What opens a level, the innermost expression, and what closes a level.
const SHAPES: [(&str, &str, &str); 11] = [
    ("NOT ", "true", ""),
    ("- ", "x", ""),
    ("1 + ", "x", ""),
    ("(1 - ", "x", ")"),
    ("coalesce(null, ", "x", ")"),
    ("abs(", "x", ")"),
    ("[", "x", "][0]"),
    ("{a: ", "x", "}.a"),
    ("CASE WHEN true THEN ", "x", " END"),
    ("[y IN [1] | ", "x", "][0]"),
    ("reduce(a = 1, y IN [1] | ", "x", ")"),
];

#[test]
fn the_deepest_expressions_fit_a_small_stack() {
    for (open, inner, close) in SHAPES {
        let query = |levels| format!("WITH 1 AS x RETURN {}{inner}{} AS y", open.repeat(levels), close.repeat(levels));
        let (mut taken, mut refused) = (1, 1_000);
        while refused - taken > 1 {
            let levels = usize::midpoint(taken, refused);
            match bound(&query(levels)) {
                Ok(_) => taken = levels,
                Err(error) => {
                    assert_eq!(error.detail, Detail::QueryTooDeep, "{open}");
                    refused = levels;
                }
            }
        }
        assert!(taken > 10, "{open} {taken}");
        let bound = bound(&query(taken)).unwrap();
        let evaluate = move || {
            let value = last_item(&bound);
            assert!(matches!(value, Value::Integer(_) | Value::Boolean(_)), "{value}");
        };
        std::thread::Builder::new().stack_size(256 << 10).spawn(evaluate).unwrap().join().unwrap();
    }
}

/// Compiles and evaluates what a query returns, for a row of ones, and drops it.
fn last_item(bound: &Bound) -> Value {
    let Some(Clause::Project(projection)) = bound.query.parts[0].clauses.last() else { panic!() };
    let expression = Expression::compile(&projection.items[0].value, &mut ()).unwrap();
    let context = context();
    let environment = Environment { parameters: &[], context: &context, graph: &() };
    let row = vec![Value::Integer(1); bound.slots.len()];
    expression.value(Scope::new(&row, &environment)).unwrap()
}

#[test]
fn long_chains_are_lists() {
    for (operator, operand, expected) in
        [(" AND ", "true", "true"), (" OR ", "false", "false"), (" XOR ", "true", "true")]
    {
        let chain = vec![operand; 1_401].join(operator);
        assert_eq!(shown(&chain, &[]), expected);
    }
}
