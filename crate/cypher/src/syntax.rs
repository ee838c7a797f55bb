//! From text to a tree: caps, prefixes, commands of the schema, and queries.
//!
//! The text is cut into tokens once. Before it is parsed its length, depth and chains are capped: a tree deeper than
//! the stack would end the process when it is dropped, and no error could be given (S4).
//!
//! The lexer and the types of the tree are those of the crate `open-cypher`; the parser (`parse`) is our own.

mod cap;
mod command;
mod parse;
mod position;
mod report;
mod source;

pub use cap::{BYTES_MAX, CLAUSES_MAX, DEPTH_MAX, TREE_MAX, UNIONS_MAX};
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
    Query(open_cypher::ast::Query),
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
        None => Body::Query(parse::query(&source, first)?),
    };
    Ok(Parsed { source, mode, body })
}

/// The tree of a query, without what binding it finds out.
///
/// # Errors
/// [`CypherError`] with its place in the text.
pub fn tree(text: &str) -> Result<open_cypher::ast::Query, CypherError> {
    let source = Source::of(text, &|| Ok(()))?;
    cap::check(&source)?;
    parse::query(&source, 0)
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
