//! Judges what a scenario gave: rows against cells, errors against their names.

use sledstore_cypher::CypherError;
use sledstore_cypher::value::Value;
use sledstore_cypher::value::order::{equivalent, order};

use crate::evaluator::{Evaluator, Row};
use crate::kit::{Expected, Scenario, Table};

/// What became of a scenario.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Passed,
    Failed(String),
    /// It needs more of the language, or expects an error from before it runs.
    Uncovered(String),
}

/// Prints the counts and fails for a failed scenario; gives how many were not covered.
pub fn report(folder: &str, outcomes: &[(Scenario, Outcome)]) -> usize {
    let uncovered = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Uncovered(_))).count();
    let failed: Vec<_> = outcomes
        .iter()
        .filter_map(|(scenario, outcome)| match outcome {
            Outcome::Failed(why) => Some(format!("{}\n  {}\n  {why}", scenario.name, scenario.query)),
            _ => None,
        })
        .collect();
    let covered = outcomes.len() - uncovered;
    println!("{folder}: {} of {covered} covered scenarios pass, {} in all", covered - failed.len(), outcomes.len());
    if std::env::var_os("SLEDSTORE_TCK_UNCOVERED").is_some() {
        for (scenario, outcome) in outcomes {
            if let Outcome::Uncovered(why) = outcome {
                println!("  not covered: {}: {why}", scenario.name);
            }
        }
    }
    assert!(failed.is_empty(), "{folder}: {} fail\n{}", failed.len(), failed.join("\n"));
    uncovered
}

/// Whether an error is the one that is expected.
pub fn failed(error: &CypherError, expected: &Expected) -> Outcome {
    let (found_kind, found_detail) = (format!("{:?}", error.kind), format!("{:?}", error.detail));
    match expected {
        Expected::Error { kind, detail, .. } if found_kind == *kind && (detail == "*" || found_detail == *detail) => {
            Outcome::Passed
        }
        _ => Outcome::Failed(error.to_string()),
    }
}

pub fn compared(rows: &[Vec<(String, Value)>], expected: &Table) -> Outcome {
    let (header, cells_of_rows) = expected.rows.split_first().map_or((&[][..], &[][..]), |(head, rest)| (head, rest));
    let mut left: Vec<_> = rows.iter().collect();
    // Columns go by their names: the order of those that `*` stands for is not the kit's concern.
    let fits = |row: &[(String, Value)], cells: &[String]| {
        row.len() == header.len()
            && header.iter().zip(cells).all(|(column, cell)| {
                row.iter()
                    .find(|(name, _)| name == column)
                    .is_some_and(|(_, value)| matches_cell(value, cell, expected))
            })
    };
    for cells in cells_of_rows {
        let found = left.iter().position(|row| fits(row, cells)).filter(|place| !expected.in_order || *place == 0);
        match found {
            Some(place) => drop(left.remove(place)),
            None => return Outcome::Failed(format!("no row {cells:?} in {}", shown(rows))),
        }
    }
    if left.is_empty() { Outcome::Passed } else { Outcome::Failed(format!("more rows than expected: {}", shown(rows))) }
}

fn shown(rows: &[Vec<(String, Value)>]) -> String {
    let row = |row: &Vec<(String, Value)>| {
        let cells: Vec<_> = row.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("({})", cells.join(", "))
    };
    rows.iter().map(row).collect::<Vec<_>>().join(", ")
}

/// By the text; numbers and containers of them also by value, for which there are several texts.
fn matches_cell(value: &Value, cell: &str, table: &Table) -> bool {
    let open = |value: &Value| if table.lists_as_bags { sorted(value) } else { value.clone() };
    let same_type = |expected: &Value| expected.type_name() == value.type_name();
    value.to_string() == cell
        || literal(cell).is_some_and(|expected| same_type(&expected) && equivalent(&open(value), &open(&expected)))
}

/// The value with the elements of its lists in order.
fn sorted(value: &Value) -> Value {
    let Value::List(list) = value else { return value.clone() };
    let mut values: Vec<_> = list.values().iter().map(sorted).collect();
    values.sort_by(order);
    Value::list(values).unwrap()
}

/// The value of a cell that is a literal.
pub fn literal(cell: &str) -> Option<Value> {
    let rows = Evaluator::default().run(&format!("RETURN {cell}")).ok()?;
    let row: Row = rows.first()?.iter().cloned().collect();
    row.into_values().next()
}
