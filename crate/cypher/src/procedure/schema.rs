//! Procedures that tell what a graph holds, and what queries may call.

use std::collections::BTreeSet;
use std::sync::Arc;

use sledstore_engine::{Error, ErrorCode, sort_sometimes};
use sledstore_graph::{EdgeEnds, IndexInfo, IndexKind, NodeId};

use super::signature::Mode;
use super::{Called, Invocation, held};
use crate::storage::{Failure, Result, Stored};
use crate::store::describe_index;
use crate::value::Value;

pub(super) const INDEXES: &str = "db.indexes() :: (name :: STRING, type :: STRING, entityType :: STRING, \
                                  labelsOrTypes :: LIST<STRING>, properties :: LIST<STRING>, state :: STRING)";
pub(super) const CONSTRAINTS: &str = "db.constraints() :: (name :: STRING, type :: STRING, entityType :: STRING, \
                                      labelsOrTypes :: LIST<STRING>, properties :: LIST<STRING>, state :: STRING)";
pub(super) const PROCEDURES: &str =
    "db.procedures() :: (name :: STRING, description :: STRING, mode :: STRING, signature :: STRING)";
pub(super) const FUNCTIONS: &str = "db.functions() :: (name :: STRING, aggregating :: BOOLEAN, \
                                    minArguments :: INTEGER, maxArguments :: INTEGER)";
pub(super) const STATISTICS: &str = "db.stats() :: (kind :: STRING, name :: STRING?, number :: INTEGER)";

/// Ids that are read at once.
const IDS: usize = 1_024;

pub(super) fn labels(_: &[Value], run: &mut Invocation<'_>) -> Called {
    let names = with(run, |Stored { graph, reader }| {
        let counts = graph.counts(&reader)?;
        let known = graph.all_labels(&reader)?;
        Ok(known.into_iter().filter(|(number, _)| counts.labels.contains_key(number)).map(|(_, name)| name).collect())
    })?;
    names_of(names, run)
}

pub(super) fn relationship_types(_: &[Value], run: &mut Invocation<'_>) -> Called {
    let names = with(run, |Stored { graph, reader }| {
        let counts = graph.counts(&reader)?;
        let known = graph.all_edge_types(&reader)?;
        let used = known.into_iter().filter(|(number, _)| counts.edge_types.contains_key(number));
        Ok(used.map(|(_, name)| name).collect())
    })?;
    names_of(names, run)
}

/// Rows hold the names of their properties, so that all of them are read.
pub(super) fn property_keys(_: &[Value], run: &mut Invocation<'_>) -> Called {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let (mut nodes, mut edges) = (Vec::<NodeId>::new(), Vec::<EdgeEnds>::new());
    loop {
        let after = nodes.last().copied();
        nodes.clear();
        with(run, |Stored { graph, reader }| graph.nodes_into(&reader, None, after, IDS, &mut nodes).map(drop))?;
        for &node in &nodes {
            run.proceed()?;
            with(run, |Stored { graph, reader }| {
                graph.with_whole_node(&reader, node, |_, properties| note(properties, &mut names)).map(drop)
            })?;
        }
        if nodes.is_empty() {
            break;
        }
    }
    loop {
        let after = edges.last().map(|edge| edge.edge);
        edges.clear();
        with(run, |Stored { graph, reader }| graph.edges_into(&reader, None, after, IDS, &mut edges).map(drop))?;
        for &EdgeEnds { edge, .. } in &edges {
            run.proceed()?;
            with(run, |Stored { graph, reader }| {
                graph.with_whole_edge(&reader, edge, |_, properties| note(properties, &mut names)).map(drop)
            })?;
        }
        if edges.is_empty() {
            break;
        }
    }
    names_of(names, run)
}

fn note(properties: &[(&str, &[u8])], names: &mut BTreeSet<String>) {
    for (name, _) in properties {
        if !names.contains(*name) {
            names.insert((*name).to_owned());
        }
    }
}

pub(super) fn indexes(_: &[Value], run: &mut Invocation<'_>) -> Called {
    described(run, |kind| kind != IndexKind::Exists)
}

pub(super) fn constraints(_: &[Value], run: &mut Invocation<'_>) -> Called {
    described(run, |kind| kind.is_unique() || kind.is_required())
}

fn described(run: &mut Invocation<'_>, shown: impl Fn(IndexKind) -> bool) -> Called {
    let infos: Vec<IndexInfo> = with(run, |Stored { graph, reader }| graph.all_indexes(&reader))?;
    let rows = infos.iter().filter(|info| shown(info.spec.kind)).map(|info| describe_index(info).map(Vec::from));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    held(rows, run)
}

pub(super) fn statistics(_: &[Value], run: &mut Invocation<'_>) -> Called {
    let rows = with(run, |Stored { graph, reader }| {
        let counts = graph.counts(&reader)?;
        let mut rows = vec![row("nodes", Value::Null, counts.nodes), row("relationships", Value::Null, counts.edges)];
        for (kind, known, counts) in [
            ("label", graph.all_labels(&reader)?, &counts.labels),
            ("type", graph.all_edge_types(&reader)?, &counts.edge_types),
        ] {
            let mut named: Vec<(String, u64)> =
                known.into_iter().filter_map(|(number, name)| Some((name, *counts.get(&number)?))).collect();
            sort_sometimes(&mut named, Ord::cmp);
            rows.extend(named.into_iter().map(|(name, count)| row(kind, name.into(), count)));
        }
        Ok(rows)
    })?;
    held(rows, run)
}

fn row(kind: &str, name: Value, count: u64) -> Vec<Value> {
    vec![kind.into(), name, Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))]
}

pub(super) fn procedures(_: &[Value], run: &mut Invocation<'_>) -> Called {
    let all = run.procedures().all();
    let row = |procedure: &Arc<super::Procedure>| {
        let mode = if procedure.signature.mode == Mode::Write { "WRITE" } else { "READ" };
        let (name, signature) = (procedure.signature.name.as_str(), procedure.signature.to_string());
        vec![name.into(), procedure.description.as_str().into(), mode.into(), signature.into()]
    };
    held(all.iter().map(row).collect(), run)
}

pub(super) fn functions(_: &[Value], run: &mut Invocation<'_>) -> Called {
    let number = |count: usize| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
    let row = |name: &str, aggregating: bool, least, most| vec![name.into(), Value::Boolean(aggregating), least, most];
    let scalars = crate::signature::functions().iter();
    let scalars = scalars.map(|function| row(function.name, false, number(function.min), number(function.max)));
    let aggregates = crate::signature::aggregates().iter();
    let aggregates =
        aggregates.map(|(name, function)| row(name, true, number(function.arguments), number(function.arguments)));
    held(scalars.chain(aggregates).collect(), run)
}

fn names_of(names: BTreeSet<String>, run: &mut Invocation<'_>) -> Called {
    held(names.into_iter().map(|name| vec![name.into()]).collect(), run)
}

/// Reads the graph of the store; for other graphs there is nothing that could be told.
fn with<T>(run: &Invocation<'_>, read: impl FnOnce(Stored<'_>) -> sledstore_engine::Result<T>) -> Result<T> {
    let storage = run.storage();
    let Some(stored) = storage.stored() else {
        let message = "this procedure is for graphs of a store";
        return Err(Failure::Storage(Box::new(Error::new(ErrorCode::Unsupported, message))));
    };
    read(stored).map_err(|error| Failure::Storage(Box::new(error)))
}
