//! Algorithms over graphs: a name and options cross over, and columns come back.
//!
//! An answer is the length of a header, the header as JSON, padding to eight bytes, and numbers of eight bytes: for each
//! column its values, or where its lists end and their ids.

use std::fmt::Write;

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_analysis::{ALGORITHMS, Algorithm, Argument, Batch, Column, Kind, Outcome, Phase, Reader, Rows};
use sledstore_cypher::analysis::settings;
use sledstore_cypher::store::Decoder;
use sledstore_engine::{Error, ErrorCode, Result};
use sledstore_graph::Graph;

use crate::binding_query::{Reading, give_back, reading};
use crate::binding_store::job;
use crate::error::Code;
use crate::lifecycle::{Environment, Object};
use crate::task::{Answer, Finish};

/// Rows that are asked for at once of an outcome that makes them one after the other.
const ROWS_AT_ONCE: usize = 1_024;

/// The table of algorithms as JSON: names, and what each takes.
#[napi]
pub fn graph_algorithms() -> String {
    let mut table = String::new();
    for algorithm in ALGORITHMS {
        let separator = if table.is_empty() { "[" } else { "," };
        let _ = write!(table, "{separator}{{\"name\":\"{}\",\"arguments\":[", algorithm.name);
        let arguments: Vec<String> = algorithm.arguments().map(described).collect();
        let columns: Vec<String> = algorithm.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let _ = write!(table, "{}],\"columns\":[{}]}}", arguments.join(","), columns.join(","));
    }
    table.push(']');
    table
}

fn described(argument: &Argument) -> String {
    let (kind, choices) = match argument.kind {
        Kind::Node => ("node", &[][..]),
        Kind::Nodes => ("nodes", &[][..]),
        Kind::Count => ("count", &[][..]),
        Kind::Number => ("number", &[][..]),
        Kind::Seed => ("seed", &[][..]),
        Kind::Boolean => ("boolean", &[][..]),
        Kind::Text => ("text", &[][..]),
        Kind::Texts => ("texts", &[][..]),
        Kind::OneOf(choices) => ("choice", choices),
    };
    let choices: Vec<String> = choices.iter().map(|choice| format!("\"{choice}\"")).collect();
    format!(
        "{{\"name\":\"{}\",\"kind\":\"{kind}\",\"required\":{},\"choices\":[{}]}}",
        argument.name,
        argument.required,
        choices.join(",")
    )
}

/// Runs an algorithm over a graph away from the JavaScript thread; `reader` is 0 for the newest state, a snapshot, or a
/// transaction, which is away meanwhile. The job can be cancelled, and reports steps: of loading with their number below zero.
#[napi]
pub fn run_graph_algorithm(
    env: Env,
    graph: i32,
    reader: i32,
    name: String,
    options: Uint8ArraySlice<'_>,
) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (store, graph) = environment.layer::<Graph>(graph)?;
        let algorithm = Algorithm::find(&name)
            .ok_or_else(|| Error::new(ErrorCode::InvalidArgument, format!("there is no algorithm \"{name}\"")))?;
        let unreadable = || Error::new(ErrorCode::InvalidArgument, "the options of the algorithm cannot be read");
        let options = Decoder::only(&options).ok().as_ref().and_then(settings).ok_or_else(unreadable)?;
        let reading = reading(environment, &store, reader)?;
        let engine = store.engine.clone();
        let job = environment.submit_reporting_with(move |report| {
            let mut told = |phase, done: u64, total: Option<u64>| {
                let total = total.unwrap_or(0) as f64;
                report(done as f64, if phase == Phase::Load { -total } else { total })
            };
            let mut run = |reader: Reader<'_>| {
                let outcome = algorithm.run(&graph, reader, &options, &mut told)?;
                encoded(algorithm, outcome).map(Answer::Bytes)
            };
            let ran = match &reading {
                Reading::Newest => run(Reader::Snapshot(&engine.snapshot()?)),
                Reading::Snapshot(snapshot) => run(Reader::Snapshot(snapshot)),
                Reading::Transaction(tx, _) => run(Reader::Transaction(tx)),
            };
            Ok(Box::new(move |environment: &mut Environment| {
                if let Reading::Transaction(tx, spoilt) = reading {
                    give_back(environment, reader, tx, spoilt);
                }
                ran
            }) as Finish)
        });
        if job.is_err() && matches!(environment.handles.get(reader), Some(Object::Away(_))) {
            drop(environment.handles.remove(reader));
        }
        environment.ends_with(store.id, job)
    })
}

fn encoded(algorithm: &Algorithm, outcome: Outcome) -> Result<Vec<u8>> {
    let Outcome { rows, summary } = outcome;
    let batches = match rows {
        Rows::Whole(batch) => vec![batch],
        Rows::Lazy(mut next) => std::iter::from_fn(|| next(ROWS_AT_ONCE)).collect(),
    };
    let summary: Vec<String> = summary.iter().map(|&(name, value)| format!("\"{name}\":{}", json(value))).collect();
    let columns = (0..algorithm.columns.len()).map(|at| Merged::of(&batches, at)).collect::<Vec<_>>();
    let kinds: Vec<String> =
        columns.iter().map(|column| column.ids.as_ref().map_or(-1, |ids| ids.len() as i64).to_string()).collect();
    let rows: usize = batches.iter().map(Batch::rows).sum();
    let header = format!("{{\"rows\":{rows},\"summary\":{{{}}},\"lists\":[{}]}}", summary.join(","), kinds.join(","));
    let mut bytes = Vec::with_capacity(header.len() + 16 + columns.iter().map(Merged::len).sum::<usize>() * 8);
    let length = u32::try_from(header.len()).map_err(Error::internal)?;
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    for column in &columns {
        column
            .values
            .iter()
            .chain(column.ids.iter().flatten())
            .for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
    }
    Ok(bytes)
}

/// A column of all batches, as JavaScript's numbers.
struct Merged {
    values: Vec<f64>,
    /// What lists hold, whose ends are the values.
    ids: Option<Vec<f64>>,
}

impl Merged {
    fn of(batches: &[Batch], at: usize) -> Self {
        let mut merged = Self { values: Vec::new(), ids: None };
        for column in batches.iter().filter_map(|batch| batch.columns.get(at)) {
            match column {
                // Ids are below 2^53, and so are counts of what fits in memory.
                Column::Whole(values) => merged.values.extend(values.iter().map(|&value| value as f64)),
                Column::Floats(values) => merged.values.extend_from_slice(values),
                Column::Lists { ends, ids } => {
                    let all = merged.ids.get_or_insert_default();
                    let before = all.len();
                    merged.values.extend(ends.iter().map(|&end| (before + end) as f64));
                    all.extend(ids.iter().map(|&id| id as f64));
                }
            }
        }
        merged
    }

    fn len(&self) -> usize {
        self.values.len() + self.ids.as_ref().map_or(0, Vec::len)
    }
}

fn json(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { "null".to_owned() }
}
