//! Short ways to make graphs and to run queries over them.

use sledstore_cypher::execute::{Execution, Limits, Prepared, Settings, prepare};
use sledstore_cypher::function::Clock;
use sledstore_cypher::plan::Plan;
use sledstore_cypher::procedure::Registry;
use sledstore_cypher::storage::Failure;
use sledstore_cypher::value::Value;
use sledstore_cypher::value::temporal::{Offset, Zone};
use sledstore_cypher::{CypherError, Detail};

use crate::memory::Memory;
use crate::scenario::{Rows, run};

/// A graph that a query makes.
pub fn graph(query: &str) -> Memory {
    let mut graph = Memory::default();
    result(&mut graph, query).unwrap();
    graph
}

pub fn result(graph: &mut Memory, query: &str) -> Result<Rows, CypherError> {
    run(graph, query, &[], &Registry::default(), None)
}

/// The rows as text, each with a comma between its values.
pub fn rows(graph: &mut Memory, query: &str) -> Vec<String> {
    let rows = result(graph, query).unwrap_or_else(|error| panic!("{}", error.render(query)));
    rows.rows.iter().map(|row| row.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")).collect()
}

/// The rows in their order as text.
pub fn sorted(graph: &mut Memory, query: &str) -> Vec<String> {
    let mut rows = rows(graph, query);
    rows.sort();
    rows
}

pub fn planned(graph: &Memory, query: &str) -> Plan {
    match prepare(query, &(), graph).unwrap() {
        Prepared::Query(plan) => plan,
        Prepared::Command(command) => panic!("{command:?} is no query"),
    }
}

/// Runs a query to its end, whose every parameter is a long text: the number of rows, or why there is none.
pub fn ended(graph: &mut Memory, query: &str, limits: Limits) -> Result<usize, Detail> {
    let plan = planned(graph, query);
    let clock = Clock::starting_now().unwrap();
    let settings = Settings { procedures: &(), clock, zone: Zone::from(Offset::UTC), limits, profile: false };
    let detail = |failure| match failure {
        Failure::Cypher(error) => error.detail,
        Failure::Storage(error) => panic!("{error}"),
    };
    let parameter = |_: &str| Some(Value::string("a text, of words".repeat(20_000)));
    let mut execution = Execution::start(&plan, parameter, graph, settings).map_err(detail)?;
    let mut rows = 0;
    while let Some(batch) = execution.next_batch().map_err(detail)? {
        rows += batch.len();
    }
    Ok(rows)
}

/// The names of a plan's operators; those that are nested stand in parentheses behind the one they are nested in.
pub fn operators(graph: &Memory, query: &str) -> String {
    let mut shown = String::new();
    let mut depth = 0;
    for step in planned(graph, query).describe() {
        if step.depth > depth {
            shown.push('(');
        } else {
            (step.depth..depth).for_each(|_| shown.push(')'));
            if !shown.is_empty() {
                shown.push(' ');
            }
        }
        depth = step.depth;
        shown.push_str(step.name);
    }
    (0..depth).for_each(|_| shown.push(')'));
    shown
}
