//! Reads the scenarios of the openCypher TCK where they lie.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One scenario, or one row of the examples of an outline.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    pub name: String,
    /// Queries before the one that is judged.
    pub setup: Vec<String>,
    pub parameters: Vec<Vec<String>>,
    pub query: String,
    pub expected: Expected,
}

#[derive(Clone, Debug, Default)]
pub enum Expected {
    /// Something that is not judged here.
    #[default]
    Other,
    /// A header and rows.
    Rows(Table),
    /// `TypeError`, `runtime`, `InvalidArgumentValue`.
    Error { kind: String, phase: String, detail: String },
}

/// The rows of a result.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The header first; no row at all for a result without rows.
    pub rows: Vec<Vec<String>>,
    pub in_order: bool,
    /// Whether the order of the elements of lists is left open.
    pub lists_as_bags: bool,
}

/// The folder of the features; `None`, with the reason printed, where there is none.
pub fn features() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/opencypher-tck");
    let kit = std::env::var_os("SLEDSTORE_TCK").map_or(beside, PathBuf::from).join("features");
    if kit.is_dir() {
        return Some(kit);
    }
    println!("skipped: the openCypher TCK is not at {}; SLEDSTORE_TCK names its folder", kit.display());
    None
}

/// Every scenario in the files of a folder.
pub fn scenarios(folder: &Path) -> Vec<Scenario> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| parse(&fs::read_to_string(file).unwrap())).collect()
}

/// What a step is followed by.
struct Step {
    text: String,
    document: String,
    table: Vec<Vec<String>>,
}

fn parse(text: &str) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        let Some((_, name)) = line.split_once(':').filter(|(word, _)| word.starts_with("Scenario")) else { continue };
        let mut steps: Vec<Step> = Vec::new();
        let mut examples: Option<Vec<Vec<String>>> = None;
        while let Some(line) = lines.next_if(|line| !line.starts_with("Scenario")) {
            if line.starts_with("Examples") {
                examples.get_or_insert_default();
            } else if line.starts_with('|') {
                let table = examples.as_mut().or(steps.last_mut().map(|step| &mut step.table));
                table.unwrap().push(cells(line));
            } else if line == "\"\"\"" {
                let document: Vec<_> = lines.by_ref().take_while(|line| *line != "\"\"\"").collect();
                steps.last_mut().unwrap().document = document.join("\n");
            } else if let Some((_, step)) = line.split_once(' ').filter(|(word, _)| is_step(word)) {
                steps.push(Step { text: step.to_owned(), document: String::new(), table: Vec::new() });
            }
        }
        let outline = scenario(name.trim(), &steps);
        match examples.as_deref() {
            Some([header, rows @ ..]) => scenarios.extend(rows.iter().map(|row| filled(&outline, header, row))),
            _ => scenarios.push(outline),
        }
    }
    scenarios
}

fn is_step(word: &str) -> bool {
    ["Given", "And", "When", "Then", "But"].contains(&word)
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim_start_matches('|').strip_suffix('|').unwrap_or(line);
    inner.replace("\\|", "\u{0}").split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

fn scenario(name: &str, steps: &[Step]) -> Scenario {
    let mut scenario = Scenario { name: name.to_owned(), ..Scenario::default() };
    for step in steps {
        let text = step.text.trim_end_matches(':');
        match text {
            "having executed" => scenario.setup.push(step.document.clone()),
            "parameters are" => scenario.parameters = step.table.clone(),
            "executing query" | "executing control query" => {
                if !scenario.query.is_empty() {
                    scenario.setup.push(std::mem::take(&mut scenario.query));
                }
                scenario.query = step.document.clone();
            }
            "the result should be, in any order"
            | "the result should be, in order"
            | "the result should be empty"
            | "the result should be (ignoring element order for lists)" => {
                scenario.expected = Expected::Rows(Table {
                    rows: step.table.clone(),
                    in_order: text.ends_with(", in order"),
                    lists_as_bags: text.ends_with("for lists)"),
                });
            }
            _ => {}
        }
        if let Some((kind, rest)) = text.split_once(" should be raised at ") {
            let (phase, detail) = rest.split_once(": ").unwrap();
            let kind = kind.split(' ').next_back().unwrap_or_default();
            let [kind, phase, detail] = [kind, phase, detail].map(str::to_owned);
            scenario.expected = Expected::Error { kind, phase, detail };
        }
    }
    scenario
}

/// An outline with the values of a row of its examples.
fn filled(outline: &Scenario, header: &[String], row: &[String]) -> Scenario {
    let values: BTreeMap<_, _> = header.iter().zip(row).collect();
    let fill = |text: &String| {
        values.iter().fold(text.clone(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    };
    let table = |table: &Vec<Vec<String>>| table.iter().map(|row| row.iter().map(fill).collect()).collect();
    Scenario {
        name: format!("{} {}", outline.name, row.join(" | ")),
        setup: outline.setup.iter().map(fill).collect(),
        parameters: table(&outline.parameters),
        query: fill(&outline.query),
        expected: match &outline.expected {
            Expected::Rows(expected) => Expected::Rows(Table { rows: table(&expected.rows), ..expected.clone() }),
            other => other.clone(),
        },
    }
}

#[test]
fn an_outline_is_one_scenario_a_row() {
    let text = "Feature: F\n  Scenario Outline: [1] Add\n    Given any graph\n    When executing query:\n      \"\"\"\n\
                RETURN <a> AS x\n      \"\"\"\n    Then the result should be, in order:\n      | x |\n      | <b> |\n\
                Examples:\n      | a | b |\n      | 1 | 'p\\|q' |\n      | 2 | 3 |\n  Scenario: [2] Fails\n\
                When executing query:\n      \"\"\"\n      RETURN 1\n      \"\"\"\n\
                Then a TypeError should be raised at runtime: InvalidArgumentValue\n";
    let [first, second, failing] = parse(text).try_into().unwrap();
    assert_eq!([&*first.query, &*second.query], ["RETURN 1 AS x", "RETURN 2 AS x"]);
    let Expected::Rows(Table { rows, in_order: true, lists_as_bags: false }) = first.expected else {
        panic!("{:?}", first.expected)
    };
    assert_eq!(rows, [["x"], ["'p|q'"]]);
    let Expected::Error { kind, phase, detail } = failing.expected else { panic!("{:?}", failing.expected) };
    assert_eq!([&*kind, &*phase, &*detail], ["TypeError", "runtime", "InvalidArgumentValue"]);
}
