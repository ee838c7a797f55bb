//! Reads the scenarios of feature files as steps.

use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// The file, the name, and the row of the examples.
    pub id: String,
    pub steps: Vec<Step>,
}

/// A step with what stands below it.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub text: String,
    pub document: String,
    pub table: Vec<Vec<String>>,
}

/// Where the kit lies: named by the environment, or next to the repository.
pub fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/opencypher-tck");
    let kit = std::env::var_os("SLEDSTORE_TCK").map_or(beside, PathBuf::from);
    if kit.join("features").is_dir() {
        return Some(kit);
    }
    println!("skipped: the openCypher TCK is not at {}; SLEDSTORE_TCK names its folder", kit.display());
    None
}

/// Every scenario of the kit.
pub fn scenarios(kit: &Path) -> Vec<Scenario> {
    let mut files = Vec::new();
    let mut waiting = vec![kit.join("features")];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "feature") {
                files.push(path);
            }
        }
    }
    files.sort();
    let of = |file: &PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        read(&std::fs::read_to_string(file).unwrap(), &name)
    };
    files.iter().flat_map(of).collect()
}

/// The scenarios of a feature file.
pub fn read(text: &str, file: &str) -> Vec<Scenario> {
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    let mut background: Vec<Step> = Vec::new();
    let mut current: Option<(String, Vec<Step>)> = None;
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if let Some((word, name)) = trimmed.split_once(':').filter(|(word, _)| is_head(word)) {
            if word == "Examples" {
                tables.push(Vec::new());
                continue;
            }
            finish(&mut found, file, &background, current.take(), &std::mem::take(&mut tables));
            if word.starts_with("Scenario") {
                current = Some((name.trim().to_owned(), Vec::new()));
            }
            continue;
        }
        let steps = current.as_mut().map_or(&mut background, |(_, steps)| steps);
        if trimmed.starts_with('|') {
            let row = cells(trimmed);
            match (tables.last_mut(), steps.last_mut()) {
                (Some(table), _) => table.push(row),
                (None, Some(step)) => step.table.push(row),
                (None, None) => panic!("{file}: a row stands alone"),
            }
        } else if trimmed.starts_with("\"\"\"") {
            let indent = line.len() - line.trim_start().len();
            let inner = lines.by_ref().take_while(|line| !line.trim_start().starts_with("\"\"\""));
            let document: Vec<_> = inner.map(|line| line.get(indent..).unwrap_or(line.trim_start())).collect();
            steps.last_mut().unwrap().document = document.join("\n");
        } else if let Some(text) = step_text(trimmed) {
            steps.push(Step { text: text.to_owned(), ..Step::default() });
        }
    }
    finish(&mut found, file, &background, current, &tables);
    found
}

fn is_head(word: &str) -> bool {
    ["Feature", "Background", "Scenario", "Scenario Outline", "Examples"].contains(&word)
}

fn step_text(line: &str) -> Option<&str> {
    ["Given ", "When ", "Then ", "And ", "But "].iter().find_map(|word| line.strip_prefix(word))
}

/// The cells of a table's row; `\|` is a bar in one.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut characters = line.chars().skip(1).peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'|') => cell.extend(characters.next()),
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
    tables: &[Vec<Vec<String>>],
) {
    let Some((name, steps)) = current else { return };
    let steps: Vec<Step> = background.iter().cloned().chain(steps).collect();
    if tables.is_empty() {
        found.push(Scenario { id: format!("{file} {name}"), steps });
        return;
    }
    let mut number = 0;
    for table in tables {
        let Some((head, rows)) = table.split_first() else { continue };
        for row in rows {
            number += 1;
            let fill = |text: &String| {
                head.iter().zip(row).fold(text.clone(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
            };
            let steps = steps.iter().map(|step| Step {
                text: fill(&step.text),
                document: fill(&step.document),
                table: step.table.iter().map(|row| row.iter().map(fill).collect()).collect(),
            });
            found.push(Scenario { id: format!("{file} {name} #{number}"), steps: steps.collect() });
        }
    }
}
