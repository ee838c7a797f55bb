//! Runs the steps of a scenario over a graph in memory.

use std::path::Path;

use sledstore_cypher::execute::{Batch, Effects, Execution, Limits, Prepared, Settings, prepare};
use sledstore_cypher::function::Clock;
use sledstore_cypher::procedure::{Invocation, Procedure, Registry, held};
use sledstore_cypher::storage::{Failure, Result, Storage};
use sledstore_cypher::value::Value;
use sledstore_cypher::value::order::equivalent;
use sledstore_cypher::value::temporal::{Offset, Zone};
use sledstore_cypher::{CypherError, Phase};

use crate::cell::Cell;
use crate::kit::{Scenario, Step};
use crate::memory::{Contents, Memory};
use crate::skewed::Skewed;

/// What a query gave.
#[derive(Debug)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub effects: Effects,
}

/// A graph that scenarios are run over.
pub trait Graph {
    /// Runs a query; nothing stays of one that fails. With a seed the plan is made of wrong numbers.
    fn run(
        &mut self,
        text: &str,
        parameters: &[(String, Value)],
        procedures: &Registry,
        seed: Option<u64>,
    ) -> Result<Rows>;

    fn contents(&self) -> Contents;
}

impl Graph for Memory {
    fn run(
        &mut self,
        text: &str,
        parameters: &[(String, Value)],
        procedures: &Registry,
        seed: Option<u64>,
    ) -> Result<Rows> {
        let before = self.clone();
        let result = try_run(self, text, parameters, procedures, seed);
        if result.is_err() {
            *self = before;
        }
        result
    }

    fn contents(&self) -> Contents {
        Self::contents(self)
    }
}

/// Runs a query over a graph that does not fail.
pub fn run(
    graph: &mut impl Graph,
    text: &str,
    parameters: &[(String, Value)],
    procedures: &Registry,
    seed: Option<u64>,
) -> std::result::Result<Rows, CypherError> {
    graph.run(text, parameters, procedures, seed).map_err(|failure| match failure {
        Failure::Cypher(error) => error,
        Failure::Storage(error) => panic!("the graph failed: {error}"),
    })
}

pub fn try_run(
    graph: &mut dyn Storage,
    text: &str,
    parameters: &[(String, Value)],
    procedures: &Registry,
    seed: Option<u64>,
) -> Result<Rows> {
    let prepared = match seed {
        None => prepare(text, procedures, graph)?,
        Some(seed) => prepare(text, procedures, &Skewed { graph, seed })?,
    };
    let plan = match prepared {
        Prepared::Query(plan) => plan,
        Prepared::Command(command) => panic!("{command:?} is no query"),
    };
    let settings = Settings {
        procedures,
        clock: Clock::starting_now()?,
        zone: Zone::from(Offset::UTC),
        limits: Limits::default(),
        profile: false,
    };
    let given = |name: &str| parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
    let mut execution = Execution::start(&plan, given, graph, settings)?;
    let mut rows = Vec::new();
    while let Some(batch) = execution.next_batch()? {
        rows.extend(Batch::rows(&batch).map(<[Value]>::to_vec));
    }
    Ok(Rows { columns: execution.columns().to_vec(), rows, effects: execution.effects() })
}

/// What is the state of a scenario between its steps.
struct State<'k, G> {
    kit: &'k Path,
    seed: Option<u64>,
    graph: G,
    parameters: Vec<(String, Value)>,
    procedures: Registry,
    before: Contents,
    outcome: Option<std::result::Result<Rows, CypherError>>,
}

/// Why a scenario does not pass.
pub fn judge(scenario: &Scenario, kit: &Path, graph: impl Graph, seed: Option<u64>) -> std::result::Result<(), String> {
    let mut state = State {
        kit,
        seed,
        graph,
        parameters: Vec::new(),
        procedures: Registry::default(),
        before: Contents::default(),
        outcome: None,
    };
    let mut judged = 0;
    for step in &scenario.steps {
        judged += usize::from(state.step(step)?);
    }
    if judged == 0 { Err("nothing was judged".to_owned()) } else { Ok(()) }
}

impl<G: Graph> State<'_, G> {
    /// Takes a step; gives whether it judged something.
    fn step(&mut self, step: &Step) -> std::result::Result<bool, String> {
        let text = step.text.trim().trim_end_matches(':').trim();
        match text {
            "an empty graph" | "any graph" => {}
            "having executed" | "after having executed" => {
                self.set_up(&step.document)?;
            }
            "parameters are" => {
                self.parameters = step.table.iter().map(|row| (row[0].clone(), Cell::read(&row[1]).value())).collect();
            }
            "executing query" | "executing control query" => {
                self.before = self.graph.contents();
                self.outcome =
                    Some(run(&mut self.graph, &step.document, &self.parameters, &self.procedures, self.seed));
            }
            "the result should be empty" => return self.rows(&[], false, false),
            "the result should be, in any order" => return self.rows(&step.table, false, false),
            "the result should be, in order" => return self.rows(&step.table, true, false),
            "the result should be (ignoring element order for lists)" => return self.rows(&step.table, false, true),
            "no side effects" => return self.side_effects(&[]),
            "the side effects should be" => return self.side_effects(&step.table),
            _ => return self.other(text, step),
        }
        Ok(false)
    }

    fn other(&mut self, text: &str, step: &Step) -> std::result::Result<bool, String> {
        if let Some((kind, rest)) = text.split_once(" should be raised at ") {
            let (phase, detail) = rest.split_once(": ").unwrap();
            return self.error(kind.split(' ').next_back().unwrap(), phase, detail);
        }
        if let Some(declared) = text.strip_prefix("there exists a procedure ") {
            self.procedures.add(procedure(declared, &step.table)).unwrap();
            return Ok(false);
        }
        if let Some(name) = text.strip_prefix("the ").and_then(|rest| rest.strip_suffix(" graph")) {
            let file = self.kit.join(format!("graphs/{name}/{name}.cypher"));
            self.set_up(&std::fs::read_to_string(file).unwrap())?;
            return Ok(false);
        }
        panic!("the kit has a new step: {text}")
    }

    fn set_up(&mut self, query: &str) -> std::result::Result<(), String> {
        let ran = run(&mut self.graph, query, &self.parameters, &self.procedures, self.seed);
        ran.map(drop).map_err(|error| format!("set-up: {}", error.render(query)))
    }

    fn rows(&self, table: &[Vec<String>], in_order: bool, bags: bool) -> std::result::Result<bool, String> {
        let given = match self.outcome.as_ref().unwrap() {
            Ok(given) => given,
            Err(error) => return Err(error.to_string()),
        };
        let (head, expected) = table.split_first().map_or((&[][..], &[][..]), |(head, rest)| (head, rest));
        let shown = || {
            let row = |row: &Vec<Value>| row.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
            format!("{:?}\n    {}", given.columns, given.rows.iter().map(row).collect::<Vec<_>>().join("\n    "))
        };
        let places: Option<Vec<usize>> =
            head.iter().map(|name| given.columns.iter().position(|column| column == name)).collect();
        let Some(places) = places.filter(|places| head.is_empty() || places.len() == given.columns.len()) else {
            return Err(format!("columns {head:?} are not those of {}", shown()));
        };
        let mut left: Vec<&Vec<Value>> = given.rows.iter().collect();
        for row in expected {
            let cells: Vec<Cell> = row.iter().map(|cell| Cell::read(cell)).collect();
            let fits =
                |given: &&Vec<Value>| cells.iter().zip(&places).all(|(cell, place)| cell.fits(&given[*place], bags));
            match left.iter().position(fits).filter(|at| !in_order || *at == 0) {
                Some(at) => drop(left.remove(at)),
                None => return Err(format!("no row {row:?} in {}", shown())),
            }
        }
        if left.is_empty() { Ok(true) } else { Err(format!("more rows than expected: {}", shown())) }
    }

    fn error(&self, kind: &str, phase: &str, detail: &str) -> std::result::Result<bool, String> {
        let error = match self.outcome.as_ref().unwrap() {
            Ok(given) => return Err(format!("no error, but {given:?}")),
            Err(error) => error,
        };
        let found = match error.phase {
            Phase::CompileTime => "compile time",
            Phase::Runtime => "runtime",
        };
        let fits = format!("{:?}", error.kind) == kind
            && (phase == "any time" || phase == found)
            && (detail == "*" || format!("{:?}", error.detail) == detail);
        if fits { Ok(true) } else { Err(format!("{kind} at {phase}: {detail} expected, found at {found}: {error}")) }
    }

    fn side_effects(&self, table: &[Vec<String>]) -> std::result::Result<bool, String> {
        let (before, after) = (&self.before, self.graph.contents());
        let found = [
            ("+nodes", after.nodes.difference(&before.nodes).count()),
            ("-nodes", before.nodes.difference(&after.nodes).count()),
            ("+relationships", after.relationships.difference(&before.relationships).count()),
            ("-relationships", before.relationships.difference(&after.relationships).count()),
            ("+labels", after.labels.difference(&before.labels).count()),
            ("-labels", before.labels.difference(&after.labels).count()),
            ("+properties", after.properties.difference(&before.properties).count()),
            ("-properties", before.properties.difference(&after.properties).count()),
        ];
        for (name, count) in found {
            let expected = table.iter().find(|row| row[0] == name).map_or(0, |row| row[1].parse().unwrap());
            if count != expected {
                return Err(format!("{expected} {name} expected, found {count}"));
            }
        }
        if let Some(Ok(Rows { effects, .. })) = &self.outcome {
            let made = |created: u64, deleted: u64| i128::from(created) - i128::from(deleted);
            let grown = |before: usize, after: usize| after as i128 - before as i128;
            if made(effects.nodes_created, effects.nodes_deleted) != grown(before.nodes.len(), after.nodes.len())
                || made(effects.relationships_created, effects.relationships_deleted)
                    != grown(before.relationships.len(), after.relationships.len())
            {
                return Err(format!("{effects:?} is not what became of the graph"));
            }
        }
        Ok(true)
    }
}

/// A procedure that gives the rows of a table that begin with its arguments.
fn procedure(signature: &str, table: &[Vec<String>]) -> Procedure {
    let row = |row: &Vec<String>| row.iter().map(|cell| Cell::read(cell).value()).collect();
    let table: Vec<Vec<String>> = table.to_vec();
    let body = move |arguments: &[Value], run: &mut Invocation<'_>| {
        let rows = table.iter().skip(1).map(row);
        let fits = |row: &Vec<Value>| row.iter().zip(arguments).all(|(cell, given)| equivalent(cell, given));
        held(rows.filter(fits).map(|row| row[arguments.len()..].to_vec()).collect(), run)
    };
    Procedure::new(signature, "Of the kit.", body).unwrap()
}
