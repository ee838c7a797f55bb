//! Algorithms of graphs as procedures: each takes a map of options, and gives a row for each of what it finds.

use std::sync::Arc;

use sledstore_analysis::{
    ALGORITHMS, Algorithm, Batch, Cell, ColumnKind, ColumnSpec, Outcome, Reader, Rows as Found, Settings,
};
use sledstore_engine::{Error, ErrorCode};

use super::signature::{Signature, refused};
use super::{Invocation, Output, Procedure, Rows, streamed};
use crate::analysis::settings_of;
use crate::storage::{Failure, Result, Stored};
use crate::store::View;
use crate::value::Value;

/// Rows that are made at once of those that are made one after the other.
const ROWS_AT_ONCE: usize = 256;

/// A procedure for each algorithm.
pub(super) fn all() -> impl Iterator<Item = Arc<Procedure>> {
    ALGORITHMS.iter().filter_map(|algorithm| {
        let column = |column: &ColumnSpec| format!("{} :: {}", column.name, type_of(column.kind));
        let columns: Vec<String> = algorithm.columns.iter().map(column).collect();
        let text = format!("{}(options = {{}} :: MAP) :: ({})", algorithm.procedure, columns.join(", "));
        let signature = Signature::parse(&text).ok()?;
        let body = move |arguments: &[Value], run: &mut Invocation<'_>| call(algorithm, arguments, run);
        Some(Arc::new(Procedure::of(signature, algorithm.about, body)))
    })
}

const fn type_of(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Node => "NODE",
        ColumnKind::Edge => "RELATIONSHIP",
        ColumnKind::Integer => "INTEGER",
        ColumnKind::Float => "FLOAT",
        ColumnKind::Nodes => "LIST<NODE>",
        ColumnKind::Edges => "LIST<RELATIONSHIP>",
    }
}

fn failed(error: Error) -> Failure {
    Failure::Storage(Box::new(error))
}

fn call(algorithm: &'static Algorithm, arguments: &[Value], run: &mut Invocation<'_>) -> Result<Box<dyn Rows>> {
    let settings = match arguments.first() {
        Some(Value::Map(options)) => settings_of(options).map_err(|name| {
            refused(format!("{name} of `{}` is no boolean, number, text, node or list of such", algorithm.procedure))
        })?,
        _ => Settings::default(),
    };
    let Outcome { rows, .. } = found(algorithm, &settings, run)?;
    let (mut batch, mut next) = match rows {
        Found::Whole(batch) => (Some(batch), None),
        Found::Lazy(next) => (None, Some(next)),
    };
    run.hold(batch.as_ref().map_or(0, Batch::bytes))?;
    let mut at = 0;
    Ok(streamed(move |run, out| {
        while !out.is_full() {
            let Some(whole) = batch.as_ref().filter(|batch| at < batch.rows()) else {
                at = 0;
                batch = next.as_mut().and_then(|next| next(ROWS_AT_ONCE));
                if batch.is_none() {
                    return Ok(true);
                }
                continue;
            };
            run.proceed()?;
            push(algorithm, whole, at, run, out)?;
            at += 1;
        }
        Ok(false)
    }))
}

fn found(algorithm: &'static Algorithm, settings: &Settings, run: &Invocation<'_>) -> Result<Outcome> {
    let storage = run.storage();
    let Some(Stored { graph, reader }) = storage.stored() else {
        return Err(failed(Error::new(ErrorCode::Unsupported, "algorithms are for graphs of a store")));
    };
    let mut ended = None;
    let mut report = |_, _, _| match run.check() {
        Ok(()) => true,
        Err(failure) => {
            ended = Some(failure);
            false
        }
    };
    let outcome = match reader {
        View::Store(store) => {
            let snapshot = store.snapshot().map_err(failed)?;
            algorithm.run(graph, Reader::Snapshot(&snapshot), settings, &mut report)
        }
        View::Snapshot(snapshot) => algorithm.run(graph, Reader::Snapshot(snapshot), settings, &mut report),
        View::Transaction(tx) => algorithm.run(graph, Reader::Transaction(tx), settings, &mut report),
    };
    match ended {
        Some(failure) => Err(failure),
        None => outcome.map_err(failed),
    }
}

fn push(algorithm: &Algorithm, batch: &Batch, row: usize, run: &Invocation<'_>, out: &mut Output) -> Result<()> {
    let mut values = Vec::with_capacity(algorithm.columns.len());
    for (column, spec) in batch.columns.iter().zip(algorithm.columns) {
        values.push(match column.get(row) {
            Some(Cell::Whole(number)) => Value::Integer(number.cast_signed()),
            Some(Cell::Float(number)) => Value::Float(number),
            Some(Cell::List(ids)) => entities(spec.kind, ids, run)?,
            None => Value::Null,
        });
    }
    out.push(values);
    Ok(())
}

/// The nodes or relationships of some ids; those that are gone, by the query itself, are null.
fn entities(kind: ColumnKind, ids: &[u64], run: &Invocation<'_>) -> Result<Value> {
    let storage = run.storage();
    let read = |&id: &u64| -> Result<Value> {
        Ok(match kind {
            ColumnKind::Edges => storage.relationship(id)?.map_or(Value::Null, Value::Relationship),
            _ => storage.node(id)?.map_or(Value::Null, Value::Node),
        })
    };
    Ok(Value::list(ids.iter().map(read).collect::<Result<_>>()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_a_procedure() {
        let names: Vec<String> = all().map(|procedure| procedure.signature.name.clone()).collect();
        assert_eq!(names, ALGORITHMS.iter().map(|algorithm| algorithm.procedure).collect::<Vec<_>>());
    }
}
