//! From a tree to what it means: every name becomes a slot, every rule of the language that needs no data is checked.
//!
//! | module | holds |
//! |---|---|
//! | `scope` | which names are visible where |
//! | `query` | unions, parts and the order of clauses |
//! | `projection`, `sorting` | WITH and RETURN, implicit grouping, ORDER BY |
//! | `pattern`, `path` | patterns that are found |
//! | `creation`, `update` | patterns that are created, and SET, REMOVE, DELETE, MERGE, FOREACH |
//! | `call` | procedures and subqueries |
//! | `naming` | names that a typed graph does not have |
//! | `expression`, `operator`, `invocation`, `collection`, `literal` | expressions |

mod call;
mod collection;
mod creation;
mod expression;
mod invocation;
mod literal;
mod naming;
mod operator;
mod path;
mod pattern;
mod projection;
mod query;
mod scope;
mod sorting;
mod update;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use open_cypher::ast;

use crate::error::{CypherError, Detail, Kind};
use crate::ir::{Bound, Expr, ExprKind, Mode, Slot, SlotInfo, Span, Type};
use crate::procedure::Procedures;
use crate::syntax::{self, Body, Command, Parsed, Proceed, Source};
use crate::vocabulary::Vocabulary;

use naming::Naming;
use projection::Restriction;
use scope::Layer;
use sorting::Sorting;

type Result<T> = std::result::Result<T, CypherError>;

/// A statement that may be run.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// Reads or changes the graph.
    Query(Box<Bound>),
    /// Creates, drops or lists indexes and constraints.
    Command(Command),
}

/// Makes a statement of a text, with or without a semicolon behind it.
///
/// # Errors
/// What the language refuses before it reads any data: the first that is found, with its place.
///
/// ```
/// use sledstore_cypher::bind::{Statement, prepare};
///
/// let Statement::Query(bound) = prepare("MATCH (n:Person) RETURN n.name", &())? else { panic!() };
/// assert_eq!(bound.query.columns, ["n.name"]);
///
/// let text = "MATCH (n)\nRETURN m";
/// let error = prepare(text, &()).unwrap_err();
/// assert_eq!(error.position(text).map(|place| (place.line, place.column)), Some((2, 8)));
/// # Ok::<(), sledstore_cypher::CypherError>(())
/// ```
pub fn prepare(text: &str, procedures: &dyn Procedures) -> Result<Statement> {
    prepare_typed(text, procedures, None)
}

/// As [`prepare`], of a text over a graph with a schema, which must have the labels, edge types and properties that the
/// text names.
///
/// # Errors
/// As [`prepare`], and behind these the first name that the schema does not have.
pub fn prepare_typed(text: &str, procedures: &dyn Procedures, vocabulary: Option<&Vocabulary>) -> Result<Statement> {
    prepare_within(text, procedures, vocabulary, &|| Ok(()))
}

/// As [`prepare_typed`], as long as `proceed` does not fail.
pub(crate) fn prepare_within(
    text: &str,
    procedures: &dyn Procedures,
    vocabulary: Option<&Vocabulary>,
    proceed: Proceed<'_>,
) -> Result<Statement> {
    let Parsed { source, mode, body } = syntax::parse(text, proceed)?;
    match body {
        Body::Command(command) => {
            vocabulary.map_or(Ok(()), |vocabulary| naming::check_command(&source, &command, vocabulary))?;
            Ok(Statement::Command(command))
        }
        Body::Query(query) => {
            let bound = bind(&source, mode, &query, procedures, vocabulary)?;
            Ok(Statement::Query(Box::new(bound)))
        }
    }
}

fn bind(
    source: &Source<'_>,
    mode: Mode,
    query: &ast::Query,
    procedures: &dyn Procedures,
    vocabulary: Option<&Vocabulary>,
) -> Result<Bound> {
    let mut binder = Binder {
        source,
        procedures,
        slots: Vec::new(),
        parameters: Vec::new(),
        parameter_of: HashMap::new(),
        layers: vec![Layer::default()],
        aggregates: Aggregates::Refused,
        restrictions: Vec::new(),
        sorting: None,
        constant: None,
        captures: Vec::new(),
        naming: vocabulary.map(Naming::new),
        read_only: false,
        writes: false,
        parameter_places: Vec::new(),
        write_place: None,
        clauses: 0,
    };
    let query = binder.query(query, query::Place::Statement)?;
    binder.naming.take().map_or(Ok(()), Naming::check)?;
    let Binder { slots, parameters, parameter_places, write_place, .. } = binder;
    Ok(Bound { mode, query, slots, parameters, parameter_places, write_place })
}

/// What an aggregate is where one is met.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aggregates {
    /// No part of this clause or expression.
    Refused,
    /// One of a projection's.
    Collected,
    /// Inside another one.
    Nested,
}

struct Binder<'a> {
    source: &'a Source<'a>,
    procedures: &'a dyn Procedures,
    slots: Vec<SlotInfo>,
    parameters: Vec<String>,
    parameter_of: HashMap<String, u32>,
    parameter_places: Vec<Span>,
    layers: Vec<Layer>,
    aggregates: Aggregates,
    /// What projections with aggregates allow of the variables before them, innermost last.
    restrictions: Vec<Restriction>,
    /// Set while an ORDER BY sees the items of its projection alone.
    sorting: Option<Sorting>,
    /// Set inside of SKIP and LIMIT: slots below it are not to be read.
    constant: Option<Slot>,
    /// For each subquery that is being bound, the first slot of its own and the outer slots it reads.
    captures: Vec<(Slot, BTreeSet<Slot>)>,
    /// Of a text over a graph with a schema.
    naming: Option<Naming<'a>>,
    /// Whether updating clauses are refused.
    read_only: bool,
    writes: bool,
    /// The first clause that changes the graph.
    write_place: Option<Span>,
    /// How many were bound, those of the parts being bound aside.
    clauses: usize,
}

impl<'a> Binder<'a> {
    fn new_slot(&mut self, name: Option<&str>, ty: Type) -> Slot {
        let slot = self.next_slot();
        self.slots.push(SlotInfo { name: name.map(str::to_owned), ty });
        slot
    }

    /// A text of at most [`BYTES_MAX`](crate::syntax::BYTES_MAX) has far fewer slots than fit.
    fn next_slot(&self) -> Slot {
        Slot(u32::try_from(self.slots.len()).unwrap_or(u32::MAX))
    }

    fn type_of(&self, slot: Slot) -> Type {
        self.slots.get(slot.index()).map_or(Type::Any, |info| info.ty.clone())
    }

    fn span(&self, span: open_cypher::Span) -> Span {
        let place = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Span { start: place(span.start), end: place(span.end) }
    }

    /// Bytes of the text.
    fn place(&self, span: open_cypher::Span) -> Range<usize> {
        span.range()
    }

    /// The text as written.
    fn written(&self, span: open_cypher::Span) -> &'a str {
        self.source.text.get(self.place(span)).unwrap_or_default()
    }

    fn slot_expr(&self, slot: Slot, span: Span) -> Expr {
        Expr { kind: ExprKind::Slot(slot), ty: self.type_of(slot), span }
    }

    fn error(&self, detail: Detail, message: impl Into<String>, span: open_cypher::Span) -> CypherError {
        CypherError::compile(Kind::SyntaxError, detail, message, Some(self.place(span)))
    }

    fn unexpected(&self, message: impl Into<String>, span: open_cypher::Span) -> CypherError {
        self.error(Detail::UnexpectedSyntax, message, span)
    }
}
