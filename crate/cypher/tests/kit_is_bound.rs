//! Every query of the conformance kit is bound, or refused with the type and the detail that its scenario names.

#![allow(clippy::unwrap_used)] // a test may panic

mod feature;

use feature::{Expected, Scenario};
use sledstore_cypher::CypherError;
use sledstore_cypher::bind::{Statement, prepare};
use sledstore_cypher::ir::Bound;
use sledstore_cypher::procedure::Procedures;

fn bind(query: &str, procedures: &dyn Procedures) -> Result<Box<Bound>, CypherError> {
    match prepare(query, procedures)? {
        Statement::Query(bound) => Ok(bound),
        Statement::Command(command) => panic!("{command:?} is no query"),
    }
}

/// What is wrong with how a scenario's queries are bound.
fn complaints(scenario: &Scenario) -> Vec<String> {
    let mut complaints = Vec::new();
    for query in &scenario.others {
        if let Err(error) = bind(query, scenario) {
            complaints.push(format!("{}\n{}", scenario.name, error.render(query)));
        }
    }
    for query in scenario.others.iter().chain([&scenario.query]) {
        let checked = bind(query, scenario).map_or(Ok(()), |bound| feature::slots::check(&bound));
        complaints.extend(checked.err().map(|complaint| format!("{}\n{complaint}\n{query}", scenario.name)));
    }
    let given = |name: &str| scenario.parameters.iter().any(|parameter| parameter == name);
    let bound = bind(&scenario.query, scenario).and_then(|bound| bound.check_parameters(given));
    let found = bound.err().map(|error| {
        (
            Expected {
                kind: format!("{:?}", error.kind),
                phase: "compile time".into(),
                detail: format!("{:?}", error.detail),
            },
            error,
        )
    });
    let fits = match (&scenario.error, &found) {
        (None, None) => true,
        (Some(expected), None) => expected.phase != "compile time",
        (Some(expected), Some((found, _))) if expected.phase == "any time" => expected.kind == found.kind,
        (Some(expected), Some((found, _))) => expected == found,
        (None, Some(_)) => false,
    };
    if !fits {
        let rendered = found.map(|(_, error)| error.render(&scenario.query));
        complaints.push(format!(
            "{}\nexpected {:?}\n{}",
            scenario.name,
            scenario.error,
            rendered.unwrap_or_else(|| format!("bound: {}", scenario.query))
        ));
    }
    complaints
}

#[test]
fn every_query_is_bound_or_refused_as_its_scenario_says() {
    let Some(folder) = feature::kit() else {
        println!("skipped: there is no conformance kit; name its folder in SLEDSTORE_TCK");
        return;
    };
    let (mut scenarios, mut queries, mut refused, mut failed) = (0, 0, 0, Vec::new());
    for path in feature::files(&folder.join("features")) {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        for scenario in feature::scenarios(&std::fs::read_to_string(&path).unwrap(), &file) {
            assert!(!scenario.query.is_empty(), "{} has no query", scenario.name);
            scenarios += 1;
            queries += 1 + scenario.others.len();
            refused += usize::from(scenario.error.as_ref().is_some_and(|error| error.phase == "compile time"));
            failed.extend(complaints(&scenario));
        }
    }
    println!("{scenarios} scenarios, {queries} queries, {refused} of them to be refused; {} complaints", failed.len());
    assert!(scenarios > 0, "the kit at {} holds no scenario", folder.display());
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
