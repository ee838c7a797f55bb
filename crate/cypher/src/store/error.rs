//! Errors of the engine, as the language has them.

use sledstore_engine::{Error, ErrorCode};

use super::decode::Undecodable;
use crate::error::{CypherError, Detail, Kind};
use crate::storage::Failure;

/// A constraint that is broken is the language's own error; the rest are the storage's.
pub(super) fn failure(error: Error) -> Failure {
    let detail = match error.code() {
        ErrorCode::UniqueViolation => Detail::UniqueViolation,
        ErrorCode::SchemaInvalid => Detail::PropertyRequired,
        _ => return Failure::Storage(Box::new(error)),
    };
    CypherError::runtime(Kind::ConstraintVerificationFailed, detail, error.message()).into()
}

/// A stored property that cannot be read.
pub(super) fn damaged(graph: &str, undecodable: Undecodable) -> Failure {
    match undecodable {
        Undecodable::Value(error) => error.into(),
        Undecodable::Bytes => {
            let place = format!("graph \"{graph}\"");
            Failure::Storage(Box::new(Error::corruption(place, "a property is no value")))
        }
    }
}
