//! Vectors: questions and changes cross over as buffers, whose form `crate/vector` documents.

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_engine::{Batch, Error, ErrorCode};
use sledstore_vector::{AttributeKind, Coding, Element, Metric, VectorIndex, VectorOptions};

use crate::binding_store::{job, with};
use crate::error::Code;
use crate::hot::{self, Mode};
use crate::task::{Answer, answer};

/// A vector index as a store's catalogue has it.
#[napi(object)]
pub struct VectorsRow {
    /// Its name.
    pub name: String,
    /// Components of each vector.
    pub dimensions: u32,
    /// `cosine`, `dot`, `l2` or `hamming`.
    pub metric: String,
    /// `f32`, `f16`, `i8` or `binary`.
    pub element: String,
    /// `scalar8`, `binary` or `product`.
    pub coding: String,
    /// Of a product.
    pub parts: Option<u32>,
    /// What the codes are for the data there is.
    pub codes: Option<String>,
    /// What makes the vectors, if that was told.
    pub model: Option<String>,
    /// The declared attributes: a name and what its values are, in turn.
    pub attributes: Option<Vec<String>>,
}

/// Opens or creates a vector index; the same index has the same handle.
#[napi]
pub fn vectors(env: Env, store: i32, row: VectorsRow, key: String) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.clone();
        let unknown = |what: &str| Error::new(ErrorCode::InvalidArgument, format!("there is no {what}"));
        let metric = Metric::from_name(&row.metric).ok_or_else(|| unknown(&row.metric))?;
        let element = Element::from_name(&row.element).ok_or_else(|| unknown(&row.element))?;
        let coding = match &*row.coding {
            "scalar8" => Coding::Scalar8,
            "binary" => Coding::Binary,
            "product" => Coding::Product { parts: row.parts.unwrap_or(0) as usize },
            other => return Err(unknown(other)),
        };
        let (dimensions, model, mut attributes) = (row.dimensions as usize, row.model, Vec::new());
        for pair in row.attributes.unwrap_or_default().chunks_exact(2) {
            let kind = AttributeKind::from_name(&pair[1]).ok_or_else(|| unknown(&pair[1]))?;
            attributes.push((pair[0].clone(), kind));
        }
        let usual = VectorOptions::new(dimensions, metric);
        let options = VectorOptions { key_codec: key, element, coding, model, attributes, ..usual };
        let index = VectorIndex::open(&store.engine, &row.name, &options)?;
        hot::note(&store, store.engine.newest_seq());
        environment.layer_handle(&store, index)
    })
}

/// The vector indexes of a store.
#[napi]
pub fn vector_indexes(env: Env, store: i32) -> napi::Result<Vec<VectorsRow>, Code> {
    with(env, |environment| {
        let infos = VectorIndex::list(&environment.store(store)?.engine)?;
        let row = |info: sledstore_vector::IndexInfo| {
            let (coding, parts) = match info.coding {
                Coding::Scalar8 => ("scalar8", None),
                Coding::Binary => ("binary", None),
                Coding::Product { parts } => ("product", Some(parts as u32)),
            };
            VectorsRow {
                name: info.name,
                dimensions: info.dimensions as u32,
                metric: info.metric.name().to_owned(),
                element: info.element.name().to_owned(),
                coding: coding.to_owned(),
                parts,
                codes: info.codes.map(str::to_owned),
                model: info.model,
                attributes: (!info.attributes.is_empty()).then(|| {
                    info.attributes.into_iter().flat_map(|(name, kind)| [name, kind.name().to_owned()]).collect()
                }),
            }
        };
        Ok(infos.into_iter().map(row).collect())
    })
}

/// Drops a vector index; gives whether there was one.
#[napi]
pub fn drop_vectors(env: Env, store: i32, name: String) -> napi::Result<bool, Code> {
    with(env, |environment| {
        let store = environment.store(store)?;
        let dropped = VectorIndex::drop(&store.engine, &name)?;
        hot::note(store, store.engine.newest_seq());
        Ok(dropped)
    })
}

/// Answers a question; the answer is parked, and its length given. `reader` is as for the hot reads, and the newest
/// state is one state for the whole answer.
#[napi]
pub fn ask_vectors(env: Env, vectors: i32, reader: i32, question: Uint8ArraySlice<'_>) -> napi::Result<f64, Code> {
    with(env, |environment| environment.ask::<VectorIndex>(vectors, reader, &question))
}

/// As [`ask_vectors`] for the newest state or a snapshot, away from the JavaScript thread.
#[napi]
pub fn ask_vectors_async(
    env: Env,
    vectors: i32,
    reader: i32,
    question: Uint8ArraySlice<'_>,
) -> napi::Result<u32, Code> {
    job(env, |environment| environment.ask_async::<VectorIndex>(vectors, reader, &question))
}

/// Takes everything that is pending into the approximate index, away from the JavaScript thread; durable when answered.
#[napi]
pub fn compact_vectors(env: Env, vectors: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (_, index) = environment.layer::<VectorIndex>(vectors)?;
        environment.submit(move || index.compact().map(|()| answer(Answer::Nothing)))
    })
}

/// Checks every row of an index, away from the JavaScript thread; the answer is what is broken, each behind a NUL.
#[napi]
pub fn verify_vectors(env: Env, vectors: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (store, index) = environment.layer::<VectorIndex>(vectors)?;
        let snapshot = store.engine.snapshot()?;
        environment.submit(move || {
            let findings = index.verify(&snapshot)?;
            Ok(answer(Answer::Bytes(findings.join("\0").into_bytes())))
        })
    })
}

/// Applies a buffer of changes as one commit; `mode` and answer as for the hot writes. In a transaction only a single
/// change is atomic, so a buffer for one holds no more than one.
#[napi]
pub fn change_vectors(env: Env, vectors: i32, changes: Uint8ArraySlice<'_>, mode: i32) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let (store, index) = environment.layer::<VectorIndex>(vectors)?;
        match Mode::of(mode)? {
            Mode::Transaction(handle) => {
                index.apply_changes(hot::transaction(environment, handle, &store)?, &changes)?;
                Ok(hot::DONE)
            }
            mode => {
                let mut batch = Batch::new();
                index.apply_changes(&mut batch, &changes)?;
                hot::apply(&store, &batch, mode)
            }
        }
    })
}
