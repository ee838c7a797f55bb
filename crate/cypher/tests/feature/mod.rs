//! Reads the scenarios of feature files, as far as binding needs them.

pub mod slots;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sledstore_cypher::procedure::{Invocation, Procedure, Procedures, held};
use sledstore_cypher::value::Value;

/// One scenario; of an outline, one row of its examples.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    pub name: String,
    /// What is run to make the graph, and to look at it afterwards.
    pub others: Vec<String>,
    /// What is tried.
    pub query: String,
    pub parameters: Vec<String>,
    pub procedures: Vec<Arc<Procedure>>,
    pub error: Option<Expected>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub kind: String,
    pub phase: String,
    pub detail: String,
}

impl Procedures for Scenario {
    fn find(&self, name: &str) -> Option<Arc<Procedure>> {
        self.procedures.iter().find(|procedure| procedure.signature.name == name).cloned()
    }

    fn all(&self) -> Vec<Arc<Procedure>> {
        self.procedures.clone()
    }
}

/// Where the kit lies: named by the environment, or next to the repository.
pub fn kit() -> Option<PathBuf> {
    let folder = std::env::var_os("SLEDSTORE_TCK").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/opencypher-tck"),
        PathBuf::from,
    );
    folder.join("features").is_dir().then_some(folder)
}

/// Every feature file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "feature") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A step with what stands below it.
#[derive(Clone, Debug, Default)]
struct Step {
    text: String,
    docstring: Option<String>,
    table: Vec<Vec<String>>,
}

/// The scenarios of a feature file.
pub fn scenarios(text: &str, file: &str) -> Vec<Scenario> {
    let mut lines = text.lines().peekable();
    let mut found = Vec::new();
    let mut background: Vec<Step> = Vec::new();
    let mut current: Option<(String, Vec<Step>)> = None;
    let mut examples: Vec<Vec<String>> = Vec::new();
    let mut in_examples = false;
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with('@') {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix("Scenario Outline:").or(trimmed.strip_prefix("Scenario:")) {
            finish(&mut found, file, &background, current.take(), &mut examples);
            current = Some((name.trim().to_owned(), Vec::new()));
            in_examples = false;
        } else if trimmed.starts_with("Background:") || trimmed.starts_with("Feature:") {
            in_examples = false;
        } else if trimmed.starts_with("Examples:") {
            in_examples = true;
            examples.push(Vec::new());
        } else if trimmed.starts_with('|') {
            let row = cells(trimmed);
            if in_examples {
                if let Some(table) = examples.last_mut() {
                    table.push(row.join("\u{1f}"));
                }
            } else if let Some(step) = steps(&mut background, &mut current).last_mut() {
                step.table.push(row);
            }
        } else if trimmed.starts_with("\"\"\"") {
            let indent = line.len() - line.trim_start().len();
            let mut docstring = Vec::new();
            for line in lines.by_ref().take_while(|line| !line.trim_start().starts_with("\"\"\"")) {
                docstring.push(line.get(indent..).unwrap_or(line.trim_start()));
            }
            if let Some(step) = steps(&mut background, &mut current).last_mut() {
                step.docstring = Some(docstring.join("\n"));
            }
        } else if let Some(text) = step_text(trimmed) {
            steps(&mut background, &mut current).push(Step { text: text.to_owned(), ..Step::default() });
        }
    }
    finish(&mut found, file, &background, current, &mut examples);
    found
}

fn steps<'s>(background: &'s mut Vec<Step>, current: &'s mut Option<(String, Vec<Step>)>) -> &'s mut Vec<Step> {
    current.as_mut().map_or(background, |(_, steps)| steps)
}

fn step_text(line: &str) -> Option<&str> {
    ["Given ", "When ", "Then ", "And ", "But "].iter().find_map(|word| line.strip_prefix(word))
}

/// The cells of a table's row; `\|` is a bar in one.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut characters = line.chars().skip(1);
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => cell.push('\n'),
                Some(escaped @ ('|' | '\\')) => cell.push(escaped),
                Some(other) => cell.extend(['\\', other]),
                None => cell.push('\\'),
            },
            '|' => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            other => cell.push(other),
        }
    }
    cells
}

fn finish(
    found: &mut Vec<Scenario>,
    file: &str,
    background: &[Step],
    current: Option<(String, Vec<Step>)>,
    examples: &mut Vec<Vec<String>>,
) {
    let tables = std::mem::take(examples);
    let Some((name, steps)) = current else { return };
    let steps: Vec<Step> = background.iter().cloned().chain(steps).collect();
    if tables.is_empty() {
        found.push(scenario(format!("{file} {name}"), &steps, &[]));
    }
    for table in tables {
        let mut rows = table.iter().map(|row| row.split('\u{1f}').collect::<Vec<_>>());
        let head = rows.next().unwrap_or_default();
        for (number, row) in rows.enumerate() {
            let values: Vec<(&str, &str)> = head.iter().copied().zip(row).collect();
            found.push(scenario(format!("{file} {name} #{}", number + 1), &steps, &values));
        }
    }
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
}

fn scenario(name: String, steps: &[Step], values: &[(&str, &str)]) -> Scenario {
    let mut scenario = Scenario { name, ..Scenario::default() };
    for step in steps {
        let text = fill(&step.text, values);
        let (head, tail) = text.split_once(':').unwrap_or((&text, ""));
        let written = step.docstring.as_deref().map_or_else(|| tail.trim().to_owned(), |doc| fill(doc, values));
        match head {
            "executing query" => scenario.query = written,
            "having executed" | "after having executed" | "executing control query" => scenario.others.push(written),
            "parameters are" => scenario.parameters.extend(step.table.iter().filter_map(|row| row.first().cloned())),
            _ if text.starts_with("there exists a procedure ") => {
                scenario.procedures.push(procedure(text.trim_start_matches("there exists a procedure ")));
            }
            _ => {
                if let Some((before, detail)) = text.rsplit_once(": ")
                    && let Some((article, phase)) = before.split_once(" should be raised at ")
                {
                    let kind = article.split(' ').next_back().unwrap_or_default().to_owned();
                    scenario.error = Some(Expected { kind, phase: phase.to_owned(), detail: detail.trim().to_owned() });
                }
            }
        }
    }
    scenario
}

/// `name(a :: TYPE?, …) :: (b :: TYPE?, …):`, without what it does.
fn procedure(text: &str) -> Arc<Procedure> {
    let nothing = |_: &[Value], run: &mut Invocation<'_>| held(Vec::new(), run);
    Arc::new(Procedure::new(text.trim_end().trim_end_matches(':'), "", nothing).unwrap())
}
