//! The search for the nearest vectors of the store's vector indexes.

use std::cell::RefCell;

use sledstore_engine::{Error, ErrorCode};
use sledstore_vector::{Diversity, Filter, Metric, Search, VectorIndex};

use super::{Called, Invocation, held};
use crate::error::{CypherError, Detail, Kind};
use crate::storage::{Failure, Result, Storage, Stored};
use crate::store::{View, encode};
use crate::value::{Map, Value};

pub(super) const SEARCH: &str = "vector.search(index :: STRING, vector :: ANY, k = 10 :: INTEGER, options = {} :: MAP) :: \
                                 (key :: ANY, node :: NODE?, distance :: FLOAT, score :: FLOAT, attributes :: MAP?)";

/// Numbers that are exact as integers and as floats.
const EXACT_MAX: f64 = 9_007_199_254_740_991.0;
/// Among how many of the nearest diverse ones are chosen where nothing is said, for each.
const FETCH_PER_NEIGHBOR: usize = 4;

fn failed(error: Error) -> Failure {
    Failure::Storage(Box::new(error))
}

/// The nearest first.
pub(super) fn search(arguments: &[Value], run: &mut Invocation<'_>) -> Called {
    let [Value::String(name), vector, Value::Integer(k), options] = arguments else {
        return Err(refused("the name of a vector index, a vector and how many neighbors are needed").into());
    };
    let vector = components(vector)?;
    let k = usize::try_from(*k).map_err(|_| refused("k, the number of neighbors, is at least 1"))?;
    let mut wanted = Search { with_attributes: true, ..Search::nearest(k) };
    let filter = if let Value::Map(options) = options { take(options, &mut wanted)? } else { None };
    wanted.filter = filter.as_ref();
    let rows = {
        let storage = run.storage();
        let Some(Stored { graph, reader }) = storage.stored() else {
            return Err(failed(Error::new(ErrorCode::Unsupported, "this procedure is for graphs of a store")));
        };
        let index = VectorIndex::stored(graph.store(), name).map_err(failed)?;
        let missing = || format!("there is no vector index \"{name}\"; store.vectors makes one");
        let index = index.ok_or_else(|| failed(Error::new(ErrorCode::NotFound, missing())))?;
        let own;
        let reader = if let View::Store(store) = reader {
            own = store.snapshot().map_err(failed)?;
            View::Snapshot(&own)
        } else {
            reader
        };
        let ended = RefCell::new(None);
        let proceed = || match run.check() {
            Ok(()) => true,
            Err(failure) => {
                *ended.borrow_mut() = Some(failure);
                false
            }
        };
        let found = index.search(&reader, &vector, &Search { proceed: Some(&proceed), ..wanted });
        if let Some(failure) = ended.take() {
            return Err(failure);
        }
        let mut rows = Vec::new();
        for neighbor in found.map_err(failed)? {
            let key = key_of(index.key_codec(), &neighbor.key);
            let attributes = match neighbor.attributes {
                Some(attributes) => storage.decoded(&attributes)?,
                None => Value::Null,
            };
            let node = node_of(&key, &*storage)?;
            let (distance, score) = (neighbor.distance, score_of(index.metric(), neighbor.distance));
            rows.push(vec![key, node, Value::Float(distance), Value::Float(score), attributes]);
        }
        rows
    };
    held(rows, run)
}

/// Takes the options of a search; gives the one that is no plain number.
fn take(options: &Map, wanted: &mut Search<'_>) -> Result<Option<Filter>> {
    let mut filter = None;
    for (option, value) in options.entries().iter().filter(|(_, value)| !value.is_null()) {
        match (&**option, value) {
            ("where", Value::Map(_)) => {
                let mut bytes = Vec::new();
                encode(value, &mut bytes);
                filter = Some(Filter::parse(&bytes).map_err(failed)?);
            }
            ("ef", _) => wanted.width = Some(count("ef", value)?),
            ("maxDistance", _) => wanted.max_distance = Some(number("maxDistance", value)?),
            ("exact", &Value::Boolean(exact)) => wanted.exact = exact,
            ("mmr", Value::Map(mmr)) => wanted.diversity = Some(diversity(mmr, wanted.k)?),
            ("where" | "exact" | "mmr", _) => {
                let message = format!("{option} of a search cannot be of type {}", value.type_name());
                return Err(refused(message).into());
            }
            _ => {
                let message = format!("`{option}` is no option; there are where, ef, maxDistance, exact and mmr");
                return Err(refused(message).into());
            }
        }
    }
    Ok(filter)
}

/// The larger, the nearer: the cosine, the dot product, or 1 / (1 + distance).
fn score_of(metric: Metric, distance: f64) -> f64 {
    match metric {
        Metric::Cosine => 1.0 - distance,
        Metric::Dot => -distance,
        _ => 1.0 / (1.0 + distance),
    }
}

/// The node whose id a key is, as a number or in digits; null where there is none.
fn node_of(key: &Value, storage: &dyn Storage) -> Result<Value> {
    let id = match key {
        Value::Integer(id) => u64::try_from(*id).ok(),
        Value::String(text) => text.parse().ok().filter(|id: &u64| id.to_string() == **text),
        _ => None,
    };
    Ok(match id {
        Some(id) if storage.has_node(id)? => Value::Integer(id.cast_signed()),
        _ => Value::Null,
    })
}

/// A key as the codec of its index has written it; its bytes where the language has no such value.
fn key_of(codec: &str, key: &[u8]) -> Value {
    let known = match codec {
        "string" => std::str::from_utf8(key).ok().map(Value::from),
        // A float with its sign turned, and of negative ones all other bits, too.
        "number" => key.try_into().ok().map(u64::from_be_bytes).map(|bits| {
            let number = f64::from_bits(if bits >> 63 == 1 { bits ^ 1 << 63 } else { !bits });
            let is_integer = number.fract() == 0.0 && number.abs() <= EXACT_MAX;
            if is_integer { Value::Integer(number as i64) } else { Value::Float(number) }
        }),
        _ => None,
    };
    known.unwrap_or_else(|| Value::Bytes(key.into()))
}

/// The components of a vector, or of a list of numbers.
fn components(vector: &Value) -> Result<Vec<f32>> {
    match vector {
        Value::Vector(vector) => Ok(vector.to_vec()),
        Value::List(list) => list.values().iter().map(|value| Ok(number("a component", value)? as f32)).collect(),
        other => Err(refused(format!(
            "a vector is one of a property or a parameter, or a list of numbers, not {}",
            other.type_name()
        ))
        .into()),
    }
}

fn diversity(options: &Map, k: usize) -> Result<Diversity> {
    let mut diversity = Diversity { lambda: 0.5, fetch: k.saturating_mul(FETCH_PER_NEIGHBOR) };
    for (option, value) in options.entries() {
        match &**option {
            "lambda" => diversity.lambda = number("lambda", value)?,
            "fetch" => diversity.fetch = count("fetch", value)?,
            other => return Err(refused(format!("`{other}` is no option of mmr; there are lambda and fetch")).into()),
        }
    }
    Ok(diversity)
}

fn number(name: &str, value: &Value) -> Result<f64> {
    match value {
        Value::Integer(number) => Ok(*number as f64),
        Value::Float(number) => Ok(*number),
        other => Err(refused(format!("{name} of a search is a number, not {}", other.type_name())).into()),
    }
}

fn count(name: &str, value: &Value) -> Result<usize> {
    let count = if let Value::Integer(count) = value { usize::try_from(*count).ok() } else { None };
    count.ok_or_else(|| refused(format!("{name} of a search is an integer, not below 0")).into())
}

fn refused(message: impl Into<String>) -> CypherError {
    CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message)
}
