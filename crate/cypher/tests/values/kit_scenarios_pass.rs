//! Scenarios of expressions that need nothing but values, functions and rows give what the kit expects.

use std::path::Path;

use crate::cells::{Outcome, compared, failed, literal, report};
use crate::evaluator::{Evaluator, Stop};
use crate::kit::{Expected, Scenario, Table, features, scenarios};

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
        expected: Expected::Rows(Table { rows: vec![vec!["x".to_owned()], vec![cell.to_owned()]], ..Table::default() }),
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
        (Err(Stop::Failed(error)), expected) => failed(&error, expected),
        (Ok(rows), Expected::Rows(expected)) => compared(&rows, expected),
    }
}
