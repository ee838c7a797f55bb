//! Every scenario whose query needs no graph gives the rows or the error that the kit expects.

use std::fs;
use std::path::Path;

use sledstore_cypher::Phase;
use sledstore_cypher::value::Value;

use crate::cells::{Outcome, compared, failed, literal, report};
use crate::kit::{Expected, Scenario, Table, features, scenarios};
use crate::pipeline::{Stop, bound, run, run_bound};

#[test]
fn scenarios_without_a_graph() {
    let Some(features) = features() else { return };
    let (mut covered, mut all) = (0, 0);
    for group in ["clauses", "expressions"] {
        let mut folders: Vec<_> = fs::read_dir(features.join(group)).unwrap().map(|entry| entry.unwrap()).collect();
        folders.sort_by_key(fs::DirEntry::file_name);
        for folder in folders {
            let outcomes = judged(&folder.path());
            let name = format!("{group}/{}", folder.file_name().to_string_lossy());
            covered += outcomes.len() - report(&name, &outcomes);
            all += outcomes.len();
        }
    }
    println!("{covered} of {all} scenarios need no graph");
    assert!(covered > 0, "no scenario was covered");
}

#[test]
fn a_wrong_row_is_noticed() {
    let scenario = |query: &str, rows: &[&[&str]], in_order| {
        let rows = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        let expected = Expected::Rows(Table { rows, in_order, lists_as_bags: false });
        Scenario { query: query.to_owned(), expected, ..Scenario::default() }
    };
    let query = "UNWIND [2, 1, 2] AS x RETURN DISTINCT x ORDER BY x";
    assert_eq!(judge(&scenario(query, &[&["x"], &["1"], &["2"]], true)), Outcome::Passed);
    for wrong in [
        scenario(query, &[&["x"], &["2"], &["1"]], true),
        scenario(query, &[&["x"], &["1"]], true),
        scenario(query, &[&["x"], &["1"], &["2"], &["2"]], false),
        scenario("RETURN 1 AS y", &[&["x"], &["1"]], false),
        scenario("RETURN 1 + $x AS y", &[&["y"], &["1"]], false),
        scenario("RETURN date($x) AS y", &[&["y"], &["1"]], false),
    ] {
        let wrong = Scenario { parameters: vec![vec!["x".to_owned(), "'nonsense'".to_owned()]], ..wrong };
        assert!(matches!(judge(&wrong), Outcome::Failed(_)), "{wrong:?}");
    }
}

fn judged(folder: &Path) -> Vec<(Scenario, Outcome)> {
    scenarios(folder).into_iter().map(|scenario| (scenario.clone(), judge(&scenario))).collect()
}

fn judge(scenario: &Scenario) -> Outcome {
    let uncovered = |why: &str| Outcome::Uncovered(why.to_owned());
    match &scenario.expected {
        Expected::Other => return uncovered("another expectation"),
        Expected::Error { phase, .. } if phase == "compile time" => return uncovered("refused before it runs"),
        _ => {}
    }
    // What is run before makes or changes a graph, which a query without one does not see.
    let mut parameters: Vec<(&str, Value)> = Vec::new();
    for parameter in &scenario.parameters {
        let [name, text] = parameter.as_slice() else { return uncovered("a parameter") };
        let Some(value) = literal(text) else { return uncovered(text) };
        parameters.push((name, value));
    }
    let bound = match bound(&scenario.query) {
        Ok(bound) => bound,
        // Procedures are declared by steps that are not read here.
        Err(error) if error.kind == sledstore_cypher::Kind::ProcedureError => return uncovered("a procedure"),
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    match (run_bound(&bound, &parameters, &()), &scenario.expected) {
        (Err(Stop::NeedsGraph(what)), _) => Outcome::Uncovered(what),
        (Err(Stop::Failed(error)), _) if error.phase == Phase::CompileTime => Outcome::Failed(error.to_string()),
        (Err(Stop::Failed(error)), expected) => failed(&error, expected),
        (Ok(rows), Expected::Rows(expected)) => compared(&rows, expected),
        (Ok(rows), _) => Outcome::Failed(format!("no error, but {rows:?}")),
    }
}

#[test]
fn the_order_of_elements_counts_where_it_is_not_left_open() {
    let scenario = |cell: &str, lists_as_bags| Scenario {
        query: "RETURN [[1, 2], 3] AS x".to_owned(),
        expected: Expected::Rows(Table {
            rows: vec![vec!["x".to_owned()], vec![cell.to_owned()]],
            lists_as_bags,
            ..Table::default()
        }),
        ..Scenario::default()
    };
    assert_eq!(judge(&scenario("[3, [2, 1]]", true)), Outcome::Passed);
    for wrong in [scenario("[3, [2, 1]]", false), scenario("[3, [2, 2]]", true), scenario("[3, [1]]", true)] {
        assert!(matches!(judge(&wrong), Outcome::Failed(_)), "{wrong:?}");
    }
    let empty = Scenario { expected: Expected::Rows(Table::default()), ..scenario("", false) };
    assert!(matches!(judge(&empty), Outcome::Failed(_)));
}

#[test]
fn what_needs_a_graph_is_not_covered() {
    for query in ["MATCH (n) RETURN n", "RETURN COUNT { MATCH (n) } AS x", "CREATE (n) RETURN 1 AS x"] {
        assert!(matches!(run(query, &[]), Err(Stop::NeedsGraph(_))), "{query}");
    }
}
