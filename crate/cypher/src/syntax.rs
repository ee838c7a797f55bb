//! From text to a tree: caps, prefixes, commands of the schema, and what the grammar of `open-cypher` leaves out.
//!
//! The text is cut into tokens once. Before it is parsed its length, depth and chains are capped: a tree deeper than
//! the stack would end the process when it is dropped, and no error could be given (S4).
//!
//! `open-cypher` takes no `CALL { … }`, `FOREACH`, `LOAD CSV` and `OPTIONAL CALL`. Each such clause is parsed by itself
//! as a `Fragment`; in the text around it a call of the same length stands in for it, so that every position
//! stays what it was. The binder finds it again by its position (`Fragment::extensions`). So are patterns in `EXISTS { … }`,
//! WHERE in patterns and `:A|B` of nodes, behind which the parser takes the colon of a label for a test of labels.

mod cap;
mod clause;
mod command;
mod position;
mod report;
mod source;

pub use cap::{BYTES_MAX, CLAUSES_MAX, DEPTH_MAX, TREE_MAX, UNIONS_MAX};
pub(crate) use clause::{Extension, Fragment, Scope, clauses, labels_of, predicate};
pub use command::{Command, ConstraintKind, Entity, IndexKind, TextOptions};
pub use position::Position;
pub(crate) use source::{Proceed, Source};

use crate::error::{CypherError, Detail, Kind};
use crate::ir::Mode;

/// A statement, parsed.
pub(crate) struct Parsed<'t> {
    pub source: Source<'t>,
    pub mode: Mode,
    pub body: Body,
}

/// The two kinds of statements.
#[derive(Debug)]
pub(crate) enum Body {
    /// Reads or changes the graph.
    Query(Fragment),
    /// Of the schema.
    Command(Command),
}

/// Parses one statement, with or without a semicolon behind it.
pub(crate) fn parse<'t>(text: &'t str, proceed: Proceed<'t>) -> Result<Parsed<'t>, CypherError> {
    let source = Source::of(text, proceed)?;
    cap::check(&source)?;
    let (mode, first) = prefix(&source);
    if source.tokens.len() == first {
        return Err(unexpected("the text holds no statement; write a query", text.len()..text.len()));
    }
    let body = match command::parse(&source, first)? {
        Some(command) => Body::Command(command),
        None => Body::Query(clause::parse(&source, first..source.tokens.len())?),
    };
    Ok(Parsed { source, mode, body })
}

/// `EXPLAIN` or `PROFILE`, and the index of the token behind it.
fn prefix(source: &Source<'_>) -> (Mode, usize) {
    if source.is_word(0, "EXPLAIN") {
        (Mode::Explain, 1)
    } else if source.is_word(0, "PROFILE") {
        (Mode::Profile, 1)
    } else {
        (Mode::Run, 0)
    }
}

fn unexpected(message: impl Into<String>, span: std::ops::Range<usize>) -> CypherError {
    CypherError::compile(Kind::SyntaxError, Detail::UnexpectedSyntax, message, Some(span))
}
