//! How errors reach JavaScript: hot calls leave them in the environment, cold calls throw them.

use napi::Status;
use napi_derive::napi;
use sledstore_engine::{Error, ErrorCode};

use crate::binding_query::QueryError;

/// An error's code as the `code` property of the thrown JavaScript error.
pub struct Code(&'static str);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl From<Status> for Code {
    fn from(_: Status) -> Self {
        Self(ErrorCode::InvalidArgument.as_str())
    }
}

/// Why a call failed, as JavaScript asks for it afterwards.
#[napi(object)]
pub struct ErrorDetails {
    /// Stable code.
    pub code: String,
    /// For people.
    pub message: String,
    /// What caused it, the nearest first.
    pub causes: Vec<ErrorCause>,
    /// What the language calls it; of queries alone.
    pub query: Option<ErrorOfQuery>,
}

/// An error as openCypher names it.
#[napi(object)]
pub struct ErrorOfQuery {
    /// `compile time` or `runtime`.
    pub phase: String,
    /// Its class.
    pub kind: String,
    /// What exactly is wrong.
    pub detail: String,
    /// From one; zero where no place is known.
    pub line: u32,
    /// In characters, from one; zero where no place is known.
    pub column: u32,
    /// What a procedure threw, by its number.
    pub thrown: Option<u32>,
}

impl ErrorOfQuery {
    fn of(error: &Error) -> Option<Self> {
        let QueryError { phase, kind, detail, line, column, thrown } =
            std::error::Error::source(error)?.downcast_ref::<QueryError>()?.clone();
        Some(Self { phase: phase.to_owned(), kind, detail, line, column, thrown })
    }
}

/// One cause of an error.
#[napi(object)]
pub struct ErrorCause {
    /// Stable code; none for an error that is not the engine's own.
    pub code: Option<String>,
    /// For people.
    pub message: String,
}

impl ErrorDetails {
    pub fn of(error: &Error) -> Self {
        let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
        let cause = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<Error>() {
            Some(own) => ErrorCause { code: Some(own.code().as_str().to_owned()), message: own.message().to_owned() },
            None => ErrorCause { code: None, message: cause.to_string() },
        };
        let query = ErrorOfQuery::of(error);
        Self {
            code: error.code().as_str().to_owned(),
            message: error.message().to_owned(),
            // What the language says is no cause of its own.
            causes: if query.is_some() { Vec::new() } else { causes.map(cause).collect() },
            query,
        }
    }
}

/// What a cold call throws for an engine error; `lib/internal/native.ts` asks for its details.
pub(crate) fn throw(error: &Error) -> napi::Error<Code> {
    napi::Error::new(Code(error.code().as_str()), error.message().to_owned())
}

/// Runs `body` where no store is at hand, and turns a panic into an `INTERNAL` error; elsewhere it is
/// `Environment::guarded` that runs it.
pub(crate) fn caught<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or_else(|payload| Err(of_panic(&*payload)))
}

/// A caught panic as an error.
pub(crate) fn of_panic(payload: &(dyn std::any::Any + Send)) -> Error {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned());
    Error::internal(text)
}

/// A handle that names nothing, or something of another kind.
pub(crate) fn stale(what: &str) -> Error {
    Error::new(
        ErrorCode::StaleHandle,
        format!("this {what} was released, or belongs to another thread; open it again from its store"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_error() {
        let text: Result<(), Error> = caught(|| panic!("on purpose"));
        let formatted: Result<(), Error> = caught(|| panic!("row {}", 7));
        let other: Result<(), Error> = caught(|| std::panic::panic_any(7));
        for (result, says) in [(text, "on purpose"), (formatted, "row 7"), (other, "without a message")] {
            let error = result.expect_err("it panicked");
            assert_eq!(error.code(), ErrorCode::Internal);
            assert!(error.message().contains(says), "{}", error.message());
        }
    }
}
