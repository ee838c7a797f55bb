//! Procedures that search full-text indexes.

use sledstore_engine::{Error, ErrorCode};
use sledstore_graph::{Entity, TextHit, TextSearch};

use super::{Invocation, Rows, streamed};
use crate::error::{CypherError, Detail, Kind};
use crate::storage::{Failure, Result, Stored};
use crate::value::Value;

pub(super) const QUERY_NODES: &str = "db.index.fulltext.queryNodes(indexName :: STRING, queryString :: STRING, \
                                      options = {} :: MAP) :: (node :: NODE, score :: FLOAT)";
pub(super) const QUERY_RELATIONSHIPS: &str = "db.index.fulltext.queryRelationships(indexName :: STRING, queryString :: STRING, options = {} :: MAP) :: \
     (relationship :: RELATIONSHIP, score :: FLOAT)";

type Called = Result<Box<dyn Rows>>;

pub(super) fn query_nodes(arguments: &[Value], run: &mut Invocation<'_>) -> Called {
    query(arguments, run, Entity::Node)
}

pub(super) fn query_relationships(arguments: &[Value], run: &mut Invocation<'_>) -> Called {
    query(arguments, run, Entity::Edge)
}

/// The best matches first, as ids.
fn query(arguments: &[Value], run: &mut Invocation<'_>, wanted: Entity) -> Called {
    let [Value::String(index), Value::String(query), options] = arguments else {
        return Err(refused("the name of a full-text index and a query are needed, both strings").into());
    };
    let (skip, limit) = (option(options, "skip")?.unwrap_or(0), option(options, "limit")?);
    let search = TextSearch { query, skip, limit };
    let (mut stopped, mut counted) = (None, 0_usize);
    let found = {
        let storage = run.storage();
        let Some(Stored { graph, reader }) = storage.stored() else {
            let message = "this procedure is for graphs of a store";
            return Err(Failure::Storage(Box::new(Error::new(ErrorCode::Unsupported, message))));
        };
        graph.search_text(&reader, index, &search, &mut |bytes| {
            let more = bytes.saturating_sub(counted);
            counted = counted.max(bytes);
            match run.check().and_then(|()| run.hold(more)) {
                Ok(()) => true,
                Err(failure) => {
                    stopped = Some(failure);
                    false
                }
            }
        })
    };
    run.release(counted);
    let (entity, hits) = match (found, stopped) {
        (_, Some(failure)) => return Err(failure),
        (Ok(found), None) => found,
        (Err(error), None) => return Err(Failure::Storage(Box::new(error))),
    };
    if entity != wanted {
        let of = if entity == Entity::Node { "nodes" } else { "relationships" };
        return Err(refused(&format!("full-text index \"{index}\" is over {of}")).into());
    }
    run.hold(hits.len().saturating_mul(size_of::<TextHit>()))?;
    let mut hits = hits.into_iter();
    Ok(streamed(move |_, out| {
        while !out.is_full() {
            let Some(TextHit { id, score }) = hits.next() else { return Ok(true) };
            out.push([Value::Integer(id.cast_signed()), Value::Float(score)]);
        }
        Ok(false)
    }))
}

/// A number of the options, which know `skip` and `limit`.
fn option(options: &Value, name: &str) -> Result<Option<usize>> {
    let Value::Map(options) = options else { return Ok(None) };
    if let Some((other, _)) = options.entries().iter().find(|(other, _)| !matches!(&**other, "skip" | "limit")) {
        return Err(refused(&format!("`{other}` is no option of a search; there are skip and limit")).into());
    }
    match options.entries().iter().find(|(other, _)| **other == *name).map(|(_, value)| value) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Integer(number)) => match usize::try_from(*number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(refused(&format!("{name} of a search is not below 0")).into()),
        },
        Some(other) => Err(refused(&format!("{name} of a search is an integer, not {}", other.type_name())).into()),
    }
}

fn refused(message: &str) -> CypherError {
    CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message)
}
