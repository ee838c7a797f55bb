//! Commands of the schema: indexes and constraints.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use sledstore_engine::{Durability, Error, ErrorCode};
use sledstore_graph::{Entity, Graph, IndexInfo, IndexKind, IndexSpec, Progress, TextOptions};

use super::error::failure;
use super::request::Request;
use super::rows::Part;
use crate::error::{CypherError, Detail, Kind};
use crate::execute::Effects;
use crate::storage::{Failure, Result};
use crate::syntax::{self, Command, ConstraintKind};
use crate::value::Value;

const COLUMNS: [&str; 6] = ["name", "type", "entityType", "labelsOrTypes", "properties", "state"];

/// What ends a command before it is done.
pub(super) struct Ends<'r> {
    abort: &'r AtomicBool,
    deadline: Option<Instant>,
}

impl<'r> Ends<'r> {
    pub fn of(request: &Request<'_>, abort: &'r AtomicBool) -> Self {
        Self { abort, deadline: request.limits.time.and_then(|time| Instant::now().checked_add(time)) }
    }

    fn check(&self) -> Result<()> {
        let (detail, message) = if self.abort.load(Ordering::Relaxed) {
            (Detail::Aborted, "the command was aborted, and nothing of it stays")
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            (Detail::TimeLimit, "the command took longer than it may, and nothing of it stays")
        } else {
            return Ok(());
        };
        Err(CypherError::runtime(Kind::Ended, detail, message).into())
    }

    /// What `build` answers, which asks whether to go on.
    fn built(&self, build: impl FnOnce(Progress<'_>) -> sledstore_engine::Result<bool>) -> Result<bool> {
        self.check()?;
        let mut stopped = None;
        let built = build(&mut |_, _| {
            stopped = self.check().err();
            stopped.is_none()
        });
        built.map_err(|error| stopped.unwrap_or_else(|| failure(error)))
    }
}

/// Runs a command in commits of its own, in between which `ends` is looked at. Gives its whole result.
pub(super) fn run(graph: &Graph, command: &Command, level: Durability, ends: &Ends<'_>) -> Result<Vec<u8>> {
    match command {
        Command::CreateIndex { kind, name, if_not_exists, entity, properties, options } => {
            let kind = match kind {
                syntax::IndexKind::Range => IndexKind::Range,
                syntax::IndexKind::FullText => IndexKind::Fulltext,
            };
            let (spec, labels) = spec(name.as_deref(), entity, properties, kind);
            let created = ends.built(|progress| match kind {
                IndexKind::Fulltext => graph.build_text_index(&spec, &text_options(labels, options), level, progress),
                _ => graph.build_index(&spec, level, progress),
            });
            check_created(graph, &spec, created, *if_not_exists)?;
        }
        Command::CreateConstraint { kind, name, if_not_exists, entity, properties } => {
            let kind = match kind {
                ConstraintKind::Unique => IndexKind::Unique,
                ConstraintKind::Exists => IndexKind::Exists,
                ConstraintKind::Key => IndexKind::Key,
            };
            let (spec, _) = spec(name.as_deref(), entity, properties, kind);
            let created = ends.built(|progress| graph.build_index(&spec, level, progress));
            check_created(graph, &spec, created, *if_not_exists)?;
        }
        Command::DropIndex { name, if_exists } => drop_named(graph, name, *if_exists, false, level)?,
        Command::DropConstraint { name, if_exists } => drop_named(graph, name, *if_exists, true, level)?,
        Command::ShowIndexes => return show(graph, |kind| kind != IndexKind::Exists),
        Command::ShowConstraints => return show(graph, is_constraint),
    }
    Ok(Part::new(Some(&[])).last(&Effects::default(), None))
}

/// Whether a command changes something.
pub(super) const fn changes(command: &Command) -> bool {
    !matches!(command, Command::ShowIndexes | Command::ShowConstraints)
}

const fn is_constraint(kind: IndexKind) -> bool {
    !matches!(kind, IndexKind::Range | IndexKind::Fulltext)
}

/// What is to be created; of a full-text index without its labels, which stand beside it.
fn spec<'l>(
    name: Option<&str>,
    entity: &'l syntax::Entity,
    properties: &[String],
    kind: IndexKind,
) -> (IndexSpec, &'l [String]) {
    let (entity, labels) = match entity {
        syntax::Entity::Node(labels) => (Entity::Node, labels.as_slice()),
        syntax::Entity::Relationship(types) => (Entity::Edge, types.as_slice()),
    };
    let label = labels.first().filter(|_| kind != IndexKind::Fulltext).cloned();
    let name = name.unwrap_or_default().to_owned();
    (IndexSpec { name, entity, label, properties: properties.to_vec(), kind }, labels)
}

fn text_options(labels: &[String], options: &syntax::TextOptions) -> TextOptions {
    let usual = TextOptions::default();
    TextOptions {
        labels: labels.to_vec(),
        k1: options.k1.unwrap_or(usual.k1),
        b: options.b.unwrap_or(usual.b),
        stop_words: options.stop_words.clone(),
    }
}

/// Refuses what was not created, unless what is there already is left as it is: the same, or another of the name.
fn check_created(graph: &Graph, spec: &IndexSpec, created: Result<bool>, if_not_exists: bool) -> Result<()> {
    let is_taken = |error: &Failure| match error {
        Failure::Storage(error) => error.downcast_ref::<Error>().is_some_and(|error| error.code() == ErrorCode::Exists),
        Failure::Cypher(_) => false,
    };
    match created {
        Err(error) if if_not_exists && is_taken(&error) => {
            let known = graph.all_indexes(&graph.store().snapshot().map_err(failure)?).map_err(failure)?;
            let has_name = known.iter().any(|info| is_named(info, &spec.name, is_constraint(spec.kind)));
            if has_name { Ok(()) } else { Err(error) }
        }
        Ok(false) if !if_not_exists => {
            let message = "there is such an index or constraint already; write IF NOT EXISTS to leave it as it is";
            Err(failure(Error::new(ErrorCode::Exists, message)))
        }
        created => created.map(drop),
    }
}

fn is_named(info: &IndexInfo, name: &str, constraint: bool) -> bool {
    info.spec.name == name && is_constraint(info.spec.kind) == constraint
}

fn drop_named(graph: &Graph, name: &str, if_exists: bool, constraint: bool, level: Durability) -> Result<()> {
    let dropped = graph.store().transact(level, |tx| {
        let known = graph.all_indexes(tx)?;
        if known.iter().any(|info| is_named(info, name, constraint)) {
            graph.drop_named_index(tx, name)
        } else {
            Ok(false)
        }
    });
    if dropped.map_err(failure)? || if_exists {
        return Ok(());
    }
    let what = if constraint { "constraint" } else { "index" };
    Err(failure(Error::new(ErrorCode::NotFound, format!("graph \"{}\" has no {what} \"{name}\"", graph.name()))))
}

fn show(graph: &Graph, shown: impl Fn(IndexKind) -> bool) -> Result<Vec<u8>> {
    let infos = graph.all_indexes(&graph.store().snapshot().map_err(failure)?).map_err(failure)?;
    let mut part = Part::new(Some(&COLUMNS.map(str::to_owned)));
    for info in infos.iter().filter(|info| shown(info.spec.kind)) {
        part.push_row(&describe(info)?);
    }
    Ok(part.last(&Effects::default(), None))
}

/// An index or constraint as `COLUMNS` has it.
pub(crate) fn describe(info: &IndexInfo) -> Result<[Value; 6]> {
    let texts = |texts: &[String]| Value::list(texts.iter().map(|text| Value::from(text.as_str())).collect());
    let kind = match info.spec.kind {
        IndexKind::Range => "RANGE",
        IndexKind::Unique => "UNIQUENESS",
        IndexKind::Exists => "EXISTENCE",
        IndexKind::Key => "KEY",
        IndexKind::Fulltext => "FULLTEXT",
    };
    let entity = if info.spec.entity == Entity::Node { "NODE" } else { "RELATIONSHIP" };
    let labels: Vec<String> = match &info.text {
        Some(text) => text.labels.clone(),
        None => info.spec.label.iter().cloned().collect(),
    };
    let state = if info.is_building { "POPULATING" } else { "ONLINE" };
    let name = Value::from(info.spec.name.as_str());
    Ok([name, kind.into(), entity.into(), texts(&labels)?, texts(&info.spec.properties)?, state.into()])
}
