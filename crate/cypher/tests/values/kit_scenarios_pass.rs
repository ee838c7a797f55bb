//! Scenarios of expressions that need nothing but values, functions and rows give what the kit expects.

use std::path::Path;

use sledstore_cypher::value::Value;
use sledstore_cypher::value::order::equivalent;

use crate::evaluator::{Evaluator, Row, Stop};
use crate::kit::{Expected, Scenario, features, scenarios};

/// What became of a scenario.
#[derive(Debug, PartialEq)]
enum Outcome {
    Passed,
    Failed(String),
    /// It needs more of the language, or expects an error from before it runs.
    Uncovered(String),
}

#[test]
fn temporal_scenarios() {
    let Some(features) = features() else { return };
    let outcomes = judged(&features.join("expressions/temporal"));
    let uncovered = report("expressions/temporal", &outcomes);
    assert_eq!(uncovered, 0, "every temporal scenario is of values and functions");
}

#[test]
fn scenarios_of_other_expressions() {
    let Some(features) = features() else { return };
    let folders = ["aggregation", "comparison", "graph", "list", "literals", "map", "mathematical", "null", "path"];
    let more = ["precedence", "string", "typeConversion", "boolean"];
    let mut covered = 0;
    for folder in folders.iter().chain(&more).map(|folder| format!("expressions/{folder}")) {
        let outcomes = judged(&features.join(&folder));
        covered += outcomes.len() - report(&folder, &outcomes);
    }
    for folder in ["clauses/return-orderby", "clauses/with-orderBy"] {
        let outcomes = judged(&features.join(folder));
        covered += outcomes.len() - report(folder, &outcomes);
    }
    assert!(covered > 0, "no scenario was covered");
}

#[test]
fn a_wrong_cell_is_noticed() {
    let scenario = |query: &str, cell: &str| Scenario {
        query: query.to_owned(),
        expected: Expected::Rows { rows: vec![vec!["x".to_owned()], vec![cell.to_owned()]], in_order: false },
        ..Scenario::default()
    };
    assert_eq!(judge(&scenario("RETURN date('2015-07-21') AS x", "'2015-07-21'")), Outcome::Passed);
    for (query, cell) in [
        ("RETURN date('2015-07-21') AS x", "'2015-07-22'"),
        ("RETURN 1 AS x", "1.0"),
        ("RETURN '1' AS x", "1"),
        ("RETURN [1, 2] AS x", "[2, 1]"),
        ("RETURN 1 AS y", "1"),
        ("RETURN date('nonsense') AS x", "null"),
        ("UNWIND [1, 1] AS x RETURN x", "1"),
    ] {
        let outcome = judge(&scenario(query, cell));
        assert!(matches!(outcome, Outcome::Failed(_)), "{query} {cell}: {outcome:?}");
    }
    let wrong_detail = Scenario {
        query: "RETURN range(1, 2, 0)".to_owned(),
        expected: Expected::Error {
            kind: "ArgumentError".to_owned(),
            phase: "runtime".to_owned(),
            detail: "InvalidArgumentType".to_owned(),
        },
        ..Scenario::default()
    };
    assert!(matches!(judge(&wrong_detail), Outcome::Failed(_)));
}

fn judged(folder: &Path) -> Vec<(Scenario, Outcome)> {
    scenarios(folder).into_iter().map(|scenario| (scenario.clone(), judge(&scenario))).collect()
}

/// Prints the counts and fails for a failed scenario; gives how many were not covered.
fn report(folder: &str, outcomes: &[(Scenario, Outcome)]) -> usize {
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

fn judge(scenario: &Scenario) -> Outcome {
    let mut evaluator = Evaluator::default();
    for parameter in &scenario.parameters {
        let [name, text] = parameter.as_slice() else { return Outcome::Uncovered("a parameter".to_owned()) };
        let Some(value) = literal(text) else { return Outcome::Uncovered(text.clone()) };
        evaluator.parameters.insert(name.clone(), value);
    }
    for query in &scenario.setup {
        if let Err(stop) = evaluator.run(query) {
            return Outcome::Uncovered(format!("{stop:?}"));
        }
    }
    match (evaluator.run(&scenario.query), &scenario.expected) {
        (Err(Stop::Unsupported(what)), _) => Outcome::Uncovered(what),
        (_, Expected::Other) => Outcome::Uncovered("another expectation".to_owned()),
        (_, Expected::Error { phase, .. }) if phase == "compile time" => Outcome::Uncovered("compile time".to_owned()),
        (Ok(rows), Expected::Error { .. }) => Outcome::Failed(format!("no error, but {rows:?}")),
        (Err(Stop::Failed(error)), Expected::Rows { .. }) => Outcome::Failed(error.to_string()),
        (Err(Stop::Failed(error)), Expected::Error { kind, detail, .. }) => {
            let (found_kind, found_detail) = (format!("{:?}", error.kind), format!("{:?}", error.detail));
            let as_expected = found_kind == *kind && (detail == "*" || found_detail == *detail);
            if as_expected { Outcome::Passed } else { Outcome::Failed(error.to_string()) }
        }
        (Ok(rows), Expected::Rows { rows: expected, in_order }) => compared(&rows, expected, *in_order),
    }
}

fn compared(rows: &[Vec<(String, Value)>], expected: &[Vec<String>], in_order: bool) -> Outcome {
    let [header, expected @ ..] = expected else { return Outcome::Uncovered("no table".to_owned()) };
    let mut left: Vec<_> = rows.iter().collect();
    let fits = |row: &[(String, Value)], cells: &[String]| {
        let names = row.iter().map(|(name, _)| name).eq(header);
        names && row.iter().zip(cells).all(|((_, value), cell)| matches_cell(value, cell))
    };
    for cells in expected {
        let found = left.iter().position(|row| fits(row, cells)).filter(|place| !in_order || *place == 0);
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
fn matches_cell(value: &Value, cell: &str) -> bool {
    let same_type = |expected: &Value| expected.type_name() == value.type_name();
    value.to_string() == cell
        || literal(cell).is_some_and(|expected| same_type(&expected) && equivalent(value, &expected))
}

/// The value of a cell that is a literal.
fn literal(cell: &str) -> Option<Value> {
    let rows = Evaluator::default().run(&format!("RETURN {cell}")).ok()?;
    let row: Row = rows.first()?.iter().cloned().collect();
    row.into_values().next()
}
